using Flambeau.Ops;

namespace Flambeau;

// One line an operation: its name, PyTorch's in .NET casing, and the body that computes it.
public partial class Tensor
{
    internal Tensor Map<TOp>(TOp op) where TOp : struct, IUnaryOp => Op.Apply(new Unary<TOp>(op), this);

    Tensor Map<TOp>() where TOp : struct, IUnaryOp => Op.Apply(Unary<TOp>.Default, this);

    internal Tensor MapInPlace<TOp>(TOp op) where TOp : struct, IUnaryOp => Op.ApplyInPlace(new Unary<TOp>(op), this, this);

    internal Tensor Zip<TOp>(TOp op, Tensor other) where TOp : struct, IBinaryOp => Op.Apply(new Binary<TOp>(op), this, other);

    Tensor Zip<TOp>(Tensor other) where TOp : struct, IBinaryOp => Op.Apply(Binary<TOp>.Default, this, other);

    Tensor ZipInPlace<TOp>(TOp op, Tensor other) where TOp : struct, IBinaryOp => Op.ApplyInPlace(new Binary<TOp>(op), this, this, other);

    // ---- one argument ----

    /// <summary>−x.</summary>
    public Tensor Neg() => Map<Neg>();

    /// <summary>eˣ.</summary>
    public Tensor Exp() => Map<Exp>();

    /// <summary>eˣ − 1, accurate near 0.</summary>
    public Tensor Expm1() => Map<Expm1>();

    /// <summary>2ˣ.</summary>
    public Tensor Exp2() => Map<Exp2>();

    /// <summary>The natural logarithm.</summary>
    public Tensor Log() => Map<Log>();

    /// <summary>The logarithm to base 2.</summary>
    public Tensor Log2() => Map<Log2>();

    /// <summary>The logarithm to base 10.</summary>
    public Tensor Log10() => Map<Log10>();

    /// <summary>ln(1 + x), accurate near 0.</summary>
    public Tensor Log1p() => Map<Log1p>();

    /// <summary>√x.</summary>
    public Tensor Sqrt() => Map<Sqrt>();

    /// <summary>1/√x.</summary>
    public Tensor Rsqrt() => Map<Rsqrt>();

    /// <summary>1/x.</summary>
    public Tensor Reciprocal() => Map<Reciprocal>();

    /// <summary>x²; of bools as int64.</summary>
    public Tensor Square() => DType == DType.Bool ? Long() : Map<Square>();

    /// <summary>The sine of radians.</summary>
    public Tensor Sin() => Map<Sin>();

    /// <summary>The cosine of radians.</summary>
    public Tensor Cos() => Map<Cos>();

    /// <summary>The tangent of radians.</summary>
    public Tensor Tan() => Map<Tan>();

    /// <summary>The inverse sine.</summary>
    public Tensor Asin() => Map<Asin>();

    /// <summary>The inverse cosine.</summary>
    public Tensor Acos() => Map<Acos>();

    /// <summary>The inverse tangent.</summary>
    public Tensor Atan() => Map<Atan>();

    /// <summary>The hyperbolic sine.</summary>
    public Tensor Sinh() => Map<Sinh>();

    /// <summary>The hyperbolic cosine.</summary>
    public Tensor Cosh() => Map<Cosh>();

    /// <summary>The hyperbolic tangent.</summary>
    public Tensor Tanh() => Map<Tanh>();

    /// <summary>The inverse hyperbolic sine.</summary>
    public Tensor Asinh() => Map<Asinh>();

    /// <summary>The inverse hyperbolic cosine; NaN for real numbers below 1.</summary>
    public Tensor Acosh() => Map<Acosh>();

    /// <summary>The inverse hyperbolic tangent; NaN for real numbers beyond ±1.</summary>
    public Tensor Atanh() => Map<Atanh>();

    /// <summary>1/(1 + e⁻ˣ).</summary>
    public Tensor Sigmoid() => Map<Sigmoid>();

    /// <summary>The error function.</summary>
    public Tensor Erf() => Map<Erf>();

    /// <summary>1 − erf(x).</summary>
    public Tensor Erfc() => Map<Erfc>();

    /// <summary>ln |Γ(x)|.</summary>
    public Tensor Lgamma() => Map<Lgamma>();

    /// <summary>The logarithmic derivative of Γ.</summary>
    public Tensor Digamma() => Map<Digamma>();

    /// <summary>The n-th derivative of <see cref="Digamma"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">n is negative.</exception>
    public Tensor Polygamma(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        return n == 0 ? Digamma() : Map(new Polygamma(n));
    }

    /// <summary>|x|.</summary>
    public Tensor Abs() => Map<Abs>();

    /// <summary>−1, 0 or 1; PyTorch's <c>sgn</c> for complex numbers.</summary>
    public Tensor Sign() => Map<Sign>();

    /// <summary>The largest integer ≤ x.</summary>
    public Tensor Floor() => Map<Floor>();

    /// <summary>The smallest integer ≥ x.</summary>
    public Tensor Ceil() => Map<Ceil>();

    /// <summary>The nearest integer, halves to even.</summary>
    public Tensor Round() => Map<Round>();

    /// <summary>The integer part.</summary>
    public Tensor Trunc() => Map<Trunc>();

    /// <summary>x − trunc(x).</summary>
    public Tensor Frac() => Map<Frac>();

    /// <summary>max(x, 0).</summary>
    public Tensor Relu() => Map<Relu>();

    /// <summary>Whether x is 0.</summary>
    public Tensor LogicalNot() => Map<LogicalNot>();

    /// <summary>Bit by bit; of bools, not.</summary>
    public Tensor BitwiseNot() => Map<BitwiseNot>();

    /// <summary>Whether x is not a number.</summary>
    public Tensor IsNan() => Map<IsNan>();

    /// <summary>Whether x is infinite; of complex numbers, whether either part is.</summary>
    public Tensor IsInf() => DType.IsComplex ? Real().IsInf().LogicalOr(Imag().IsInf()) : Map<IsInf>();

    /// <summary>Whether x is neither infinite nor NaN; of complex numbers, whether neither part is.</summary>
    public Tensor IsFinite() => DType.IsComplex ? Real().IsFinite().LogicalAnd(Imag().IsFinite()) : Map<IsFinite>();

    /// <summary>Whether x is +∞.</summary>
    public Tensor IsPosInf() => Map<IsPosInf>();

    /// <summary>Whether x is −∞.</summary>
    public Tensor IsNegInf() => Map<IsNegInf>();

    /// <summary>Whether the sign bit is set, also that of −0 and of NaN.</summary>
    public Tensor SignBit() => Map<SignBit>();

    /// <summary>The complex conjugate; the tensor itself if it is real.</summary>
    public Tensor Conj() => DType.IsComplex ? Map<Conj>() : this;

    /// <summary>The tensor itself.</summary>
    /// <exception cref="ArgumentException">It holds bools.</exception>
    public Tensor Positive() => DType == DType.Bool ? throw new ArgumentException("Positive: bools have no sign.") : this;

    /// <summary>Degrees as radians.</summary>
    public Tensor Deg2Rad() => DType.IsComplex ? throw new ArgumentException("Deg2Rad: angles are real.") : this * (Math.PI / 180);

    /// <summary>Radians as degrees.</summary>
    public Tensor Rad2Deg() => DType.IsComplex ? throw new ArgumentException("Rad2Deg: angles are real.") : this * (180 / Math.PI);

    /// <summary>Rounded to so many places after the decimal point; negative numbers round to tens, hundreds …; halves to even.</summary>
    public Tensor Round(int decimals)
    {
        if (!DType.IsFloatingPoint) return decimals == 0 ? Round() : throw new ArgumentException($"Round: {DType} numbers have no decimals; only floating-point tensors are rounded to {decimals} of them.");
        double ten = Math.Pow(10, Math.Abs(decimals));
        return decimals == 0 ? Round() : decimals > 0 ? (this * ten).Round() / ten : (this / ten).Round() * ten;
    }

    /// <summary>Other numbers for what is none: NaN becomes <paramref name="nan"/>, ∞ the largest number of the type or <paramref name="posInf"/>, −∞ the smallest or <paramref name="negInf"/>.</summary>
    public Tensor NanToNum(double nan = 0, double? posInf = null, double? negInf = null)
    {
        if (!DType.IsFloatingPoint) return DType.IsComplex ? Complex(Real().NanToNum(nan, posInf, negInf), Imag().NanToNum(nan, posInf, negInf)) : Clone();
        return Map(new NanToNum(nan, posInf ?? DType.MaxValue, negInf ?? -DType.MaxValue));
    }

    // ---- two arguments, which broadcast ----

    /// <summary>this + other; of bools, or.</summary>
    public Tensor Add(Tensor other) => Zip<Add>(other);

    /// <summary>this + α · other.</summary>
    /// <exception cref="ArgumentException">α does not fit the type: a fraction for integers, a complex number for real ones.</exception>
    public Tensor Add(Tensor other, Scalar alpha) => alpha.Value.Imaginary != 0 ? Add(other * Factor("Add", alpha, other)) : Zip(new AddScaled(Factor("Add", alpha, other).Real), other);

    /// <summary>this − other.</summary>
    public Tensor Sub(Tensor other) => Zip<Sub>(other);

    /// <summary>this − α · other.</summary>
    /// <exception cref="ArgumentException">α does not fit the type: a fraction for integers, a complex number for real ones.</exception>
    public Tensor Sub(Tensor other, Scalar alpha) => DType == DType.Bool || other.DType == DType.Bool
        ? throw new ArgumentException("Sub: bools cannot be subtracted. Use LogicalXor, or LogicalNot of one.")
        : alpha.Value.Imaginary != 0 ? Sub(other * Factor("Sub", alpha, other)) : Zip(new AddScaled(-Factor("Sub", alpha, other).Real), other);

    /// <summary>other − α · this. PyTorch's <c>rsub</c>.</summary>
    public Tensor Rsub(Tensor other, Scalar? alpha = null) => other.Sub(this, alpha ?? 1);

    System.Numerics.Complex Factor(string op, Scalar factor, Tensor other)
    {
        DType type = Shapes.ResultType([this, other]);
        if (!type.IsDifferentiable && !factor.IsInteger && factor.DefaultDType != DType.Bool || !type.IsComplex && factor.DefaultDType.IsComplex)
            throw new ArgumentException($"{op}: the factor {factor} is no number that {type} can hold. Convert a tensor with To(dtype) first.");
        return factor.Value;
    }

    /// <summary>this · other.</summary>
    public Tensor Mul(Tensor other) => Zip<Mul>(other);

    /// <summary>this to the power of <paramref name="other"/>.</summary>
    public Tensor Pow(Tensor other)
    {
        // The commonest exponents have operations of their own, exact to the last place, whose derivatives need no logarithm.
        if (other.IsWrappedNumber && DType.IsFloatingPoint && Modes.Current is null)
        {
            double n = other.DType == DType.Int64 ? other.Item<long>() : other.DType == DType.Float64 ? other.Item<double>() : double.NaN;
            if (n == 2) return Square();
            if (n == 3) return Map<Cube>();
            if (n == 0.5) return Sqrt();
            if (n == -0.5) return Rsqrt();
            if (n == -1) return Reciprocal();
        }
        return Zip<Pow>(other);
    }

    /// <summary>The remainder with the divisor's sign.</summary>
    public Tensor Remainder(Tensor other) => Zip<Remainder>(other);

    /// <summary>The remainder with the dividend's sign.</summary>
    public Tensor Fmod(Tensor other) => Zip<Fmod>(other);

    /// <summary>⌊this / other⌋.</summary>
    public Tensor FloorDivide(Tensor other) => Zip<FloorDivide>(other);

    /// <summary>The larger; NaN if either is.</summary>
    public Tensor Maximum(Tensor other) => Zip<Maximum>(other);

    /// <summary>The smaller; NaN if either is.</summary>
    public Tensor Minimum(Tensor other) => Zip<Minimum>(other);

    /// <summary>The larger; a number rather than NaN.</summary>
    public Tensor Fmax(Tensor other) => Zip<Fmax>(other);

    /// <summary>The smaller; a number rather than NaN.</summary>
    public Tensor Fmin(Tensor other) => Zip<Fmin>(other);

    /// <summary>0 where this is negative, <paramref name="values"/> where it is 0, 1 where it is positive.</summary>
    /// <exception cref="ArgumentException">The types differ, or are complex.</exception>
    public Tensor Heaviside(Tensor values) => DType == values.DType ? Zip<Heaviside>(values)
        : throw new ArgumentException($"Heaviside: this is {DType}, the values are {values.DType}; one type is wanted. Convert with To(dtype) first.");

    /// <summary>The greatest common divisor of integers, not negative.</summary>
    public Tensor Gcd(Tensor other) => Zip<Gcd>(other);

    /// <summary>The least common multiple of integers, not negative.</summary>
    public Tensor Lcm(Tensor other) => Zip<Lcm>(other);

    /// <summary>this to the power of <paramref name="exponent"/>, in float64 or complex128. PyTorch's <c>float_power</c>.</summary>
    public Tensor FloatPower(Tensor exponent)
    {
        DType type = DType.IsComplex || exponent.DType.IsComplex ? DType.Complex128 : DType.Float64;
        return To(type).Pow(exponent.To(type));
    }

    /// <summary>As <see cref="Div(Tensor, string?)"/>. PyTorch's <c>true_divide</c>.</summary>
    public Tensor TrueDivide(Tensor other) => Zip<Div>(other);

    /// <summary>The angle of the point (other, this).</summary>
    public Tensor Atan2(Tensor other) => Zip<Atan2>(other);

    /// <summary>The magnitude of this with the sign of other.</summary>
    public Tensor CopySign(Tensor other) => Zip<CopySign>(other);

    /// <summary>Where equal.</summary>
    public Tensor Eq(Tensor other) => Zip<Eq>(other);

    /// <summary>Where different.</summary>
    public Tensor Ne(Tensor other) => Zip<Ne>(other);

    /// <summary>Where less.</summary>
    public Tensor Lt(Tensor other) => Zip<Lt>(other);

    /// <summary>Where less or equal.</summary>
    public Tensor Le(Tensor other) => Zip<Le>(other);

    /// <summary>Where greater.</summary>
    public Tensor Gt(Tensor other) => Zip<Gt>(other);

    /// <summary>Where greater or equal.</summary>
    public Tensor Ge(Tensor other) => Zip<Ge>(other);

    /// <summary>Where both are not 0.</summary>
    public Tensor LogicalAnd(Tensor other) => Zip<LogicalAnd>(other);

    /// <summary>Where either is not 0.</summary>
    public Tensor LogicalOr(Tensor other) => Zip<LogicalOr>(other);

    /// <summary>Where exactly one is not 0.</summary>
    public Tensor LogicalXor(Tensor other) => Zip<LogicalXor>(other);

    /// <summary>Bit by bit.</summary>
    public Tensor BitwiseAnd(Tensor other) => Zip<BitwiseAnd>(other);

    /// <summary>Bit by bit.</summary>
    public Tensor BitwiseOr(Tensor other) => Zip<BitwiseOr>(other);

    /// <summary>Bit by bit.</summary>
    public Tensor BitwiseXor(Tensor other) => Zip<BitwiseXor>(other);

    /// <summary>this · 2^other.</summary>
    public Tensor BitwiseLeftShift(Tensor other) => Zip<ShiftLeft>(other);

    /// <summary>⌊this / 2^other⌋.</summary>
    public Tensor BitwiseRightShift(Tensor other) => Zip<ShiftRight>(other);

    /// <summary>this / other: of integers too in floating point, unless <paramref name="roundingMode"/> is <c>floor</c> or <c>trunc</c>.</summary>
    /// <exception cref="ArgumentException">Another rounding mode.</exception>
    public Tensor Div(Tensor other, string? roundingMode = null) => roundingMode switch
    {
        null => Zip<Div>(other), "floor" => Zip<FloorDivide>(other), "trunc" => Zip<TruncDivide>(other),
        _ => throw new ArgumentException($"Div: roundingMode is \"floor\", \"trunc\" or null, not \"{roundingMode}\"."),
    };

    // ---- three arguments ----

    /// <summary>this + weight · (end − this).</summary>
    public Tensor Lerp(Tensor end, Tensor weight) => Op.Apply(Ternary<Lerp>.Default, this, end, weight);

    /// <summary>this + value · tensor1 · tensor2.</summary>
    public Tensor AddCMul(Tensor tensor1, Tensor tensor2, Scalar? value = null) => value is { Value.Imaginary: not 0 } v ? this + v.Value * tensor1 * tensor2
        : Op.Apply(new Ternary<AddCMul>(new(value?.Value.Real ?? 1)), this, tensor1, tensor2);

    /// <summary>this + value · tensor1 / tensor2.</summary>
    public Tensor AddCDiv(Tensor tensor1, Tensor tensor2, Scalar? value = null) => value is { Value.Imaginary: not 0 } v ? this + v.Value * tensor1 / tensor2
        : DType.IsDifferentiable || tensor1.DType.IsDifferentiable || tensor2.DType.IsDifferentiable ? Op.Apply(new Ternary<AddCDiv>(new(value?.Value.Real ?? 1)), this, tensor1, tensor2)
        : throw new ArgumentException("AddCDiv: integers divide with a remainder. Use this + value · a.Div(b, roundingMode), or convert with To(dtype).");

    /// <summary><paramref name="a"/> where the condition holds, else <paramref name="b"/>.</summary>
    /// <exception cref="ArgumentException">The condition is not bool, or shapes do not broadcast.</exception>
    public static Tensor Where(Tensor condition, Tensor a, Tensor b) => Op.Apply(Ops.Where.Instance, condition, a, b);

    /// <summary>The value, a scalar, where the mask is set, else this.</summary>
    /// <exception cref="ArgumentException">The value has axes, or is complex while this is not. Use <see cref="Where(Tensor, Tensor, Tensor)"/>.</exception>
    public Tensor MaskedFill(Tensor mask, Tensor value) => Where(mask, OneValue(value), this);

    Tensor OneValue(Tensor value) => value.Rank == 0 && (DType.IsComplex || !value.DType.IsComplex) ? value.Cast(DType)
        : throw new ArgumentException($"MaskedFill: the value must be a scalar that {DType} can hold, not a {value.DType} tensor of shape {value.Shape}. Use Where(mask, value, tensor).");

    /// <summary>As <see cref="MaskedFill"/>, in place.</summary>
    public Tensor MaskedFillInPlace(Tensor mask, Tensor value) => Op.ApplyInPlace(Ops.Where.Instance, this, mask, OneValue(value), this);

    /// <summary>Bounds from below and above; null leaves a side open. Where they cross, the upper one; where one is NaN, so is the result.</summary>
    public Tensor Clamp(double? min = null, double? max = null) =>
        Ops.Clamp.IsNan(min ?? 0, max ?? 0) ? Map(Ops.Clamp.Nan) : Map(new Clamp(min ?? double.NegativeInfinity, max ?? double.PositiveInfinity));

    /// <summary>Bounds for each element, broadcast; null leaves a side open. Where the bounds cross, the upper one.</summary>
    /// <exception cref="ArgumentException">Both are null.</exception>
    public Tensor Clamp(Tensor? min, Tensor? max = null) => (min, max) switch
    {
        (not null, not null) => Op.Apply(Ternary<ClampBetween>.Default, this, min, max),
        (not null, null) => ClampMin(min), (null, not null) => ClampMax(max), _ => throw new ArgumentException("Clamp: at least one of min and max must be given."),
    };

    /// <summary>Not below these bounds. PyTorch's <c>clamp_min</c>.</summary>
    public Tensor ClampMin(Tensor min) => Zip<ClampMin>(min);

    /// <summary>Not above these bounds. PyTorch's <c>clamp_max</c>.</summary>
    public Tensor ClampMax(Tensor max) => Zip<ClampMax>(max);

    /// <summary>As <see cref="Clamp(double?, double?)"/>, in place.</summary>
    public Tensor ClampInPlace(double? min = null, double? max = null) =>
        Ops.Clamp.IsNan(min ?? 0, max ?? 0) ? MapInPlace(Ops.Clamp.Nan) : MapInPlace(new Clamp(min ?? double.NegativeInfinity, max ?? double.PositiveInfinity));

    // ---- in place ----

    /// <summary>As <see cref="Neg()"/>, in place.</summary>
    public Tensor NegInPlace() => MapInPlace(default(Neg));

    /// <summary>As <see cref="Exp()"/>, in place.</summary>
    public Tensor ExpInPlace() => MapInPlace(default(Exp));

    /// <summary>As <see cref="Log()"/>, in place.</summary>
    public Tensor LogInPlace() => MapInPlace(default(Log));

    /// <summary>As <see cref="Sqrt()"/>, in place.</summary>
    public Tensor SqrtInPlace() => MapInPlace(default(Sqrt));

    /// <summary>As <see cref="Sin()"/>, in place.</summary>
    public Tensor SinInPlace() => MapInPlace(default(Sin));

    /// <summary>As <see cref="Cos()"/>, in place.</summary>
    public Tensor CosInPlace() => MapInPlace(default(Cos));

    /// <summary>As <see cref="Tanh()"/>, in place.</summary>
    public Tensor TanhInPlace() => MapInPlace(default(Tanh));

    /// <summary>As <see cref="Sigmoid()"/>, in place.</summary>
    public Tensor SigmoidInPlace() => MapInPlace(default(Sigmoid));

    /// <summary>As <see cref="Abs()"/>, in place.</summary>
    public Tensor AbsInPlace() => MapInPlace(default(Abs));

    /// <summary>As <see cref="Relu()"/>, in place.</summary>
    public Tensor ReluInPlace() => MapInPlace(default(Relu));

    /// <summary>As <see cref="Floor()"/>, in place.</summary>
    public Tensor FloorInPlace() => MapInPlace(default(Floor));

    /// <summary>As <see cref="Ceil()"/>, in place.</summary>
    public Tensor CeilInPlace() => MapInPlace(default(Ceil));

    /// <summary>As <see cref="Round()"/>, in place.</summary>
    public Tensor RoundInPlace() => MapInPlace(default(Round));

    /// <summary>As <see cref="Square()"/>, in place.</summary>
    public Tensor SquareInPlace() => MapInPlace(default(Square));

    /// <summary>As <see cref="Reciprocal()"/>, in place.</summary>
    public Tensor ReciprocalInPlace() => MapInPlace(default(Reciprocal));

    /// <summary>As <see cref="Rsqrt()"/>, in place.</summary>
    public Tensor RsqrtInPlace() => MapInPlace(default(Rsqrt));

    /// <summary>Adds, in place.</summary>
    public Tensor AddInPlace(Tensor other) => ZipInPlace(default(Add), other);

    /// <summary>Adds α · other, in place.</summary>
    public Tensor AddInPlace(Tensor other, Scalar alpha) => alpha.Value.Imaginary != 0 ? AddInPlace(other * Factor("AddInPlace", alpha, other)) : ZipInPlace(new AddScaled(Factor("AddInPlace", alpha, other).Real), other);

    /// <summary>Subtracts, in place.</summary>
    public Tensor SubInPlace(Tensor other) => ZipInPlace(default(Sub), other);

    /// <summary>Subtracts α · other, in place.</summary>
    public Tensor SubInPlace(Tensor other, Scalar alpha) => alpha.Value.Imaginary != 0 ? SubInPlace(other * Factor("SubInPlace", alpha, other)) : ZipInPlace(new AddScaled(-Factor("SubInPlace", alpha, other).Real), other);

    /// <summary>Multiplies, in place.</summary>
    public Tensor MulInPlace(Tensor other) => ZipInPlace(default(Mul), other);

    /// <summary>Divides, in place.</summary>
    public Tensor DivInPlace(Tensor other) => ZipInPlace(default(Div), other);

    /// <summary>Raises to a power, in place.</summary>
    public Tensor PowInPlace(Tensor other) => ZipInPlace(default(Pow), other);

    /// <summary>Moves toward <paramref name="end"/>, in place.</summary>
    public Tensor LerpInPlace(Tensor end, Tensor weight) => Op.ApplyInPlace(Ternary<Lerp>.Default, this, this, end, weight);

    /// <summary>Adds value · a · b, in place.</summary>
    public Tensor AddCMulInPlace(Tensor a, Tensor b, double value = 1) => Op.ApplyInPlace(new Ternary<AddCMul>(new(value)), this, this, a, b);

    /// <summary>Adds value · a / b, in place.</summary>
    public Tensor AddCDivInPlace(Tensor a, Tensor b, double value = 1) => Op.ApplyInPlace(new Ternary<AddCDiv>(new(value)), this, this, a, b);

    /// <summary>Takes another tensor's values, broadcast and converted.</summary>
    /// <exception cref="ArgumentException">The source does not broadcast to this shape.</exception>
    public Tensor CopyInPlace(Tensor source) => Op.ApplyInPlace(Assign.Instance, this, this, source);

    /// <summary>One value everywhere.</summary>
    public Tensor FillInPlace(Scalar value) => Op.ApplyInPlace(new FillOp(value.Value), this, this);

    /// <summary>Zero everywhere.</summary>
    public Tensor ZeroInPlace() => FillInPlace(0);

    /// <summary>A tensor of this shape and type with one value everywhere.</summary>
    public Tensor Fill(Scalar value) => Op.Apply(new FillOp(value.Value), this);

    /// <summary>As <see cref="Fill(Scalar)"/>, of a scalar through which gradients flow.</summary>
    /// <exception cref="ArgumentException">The value has axes.</exception>
    public Tensor Fill(Tensor value) => Op.Apply(Assign.Instance, this, OneValue(value));
}
