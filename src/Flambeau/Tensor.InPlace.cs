using Flambeau.Ops;

namespace Flambeau;

// The in-place forms of operations that are rarely wanted so. Those of hot loops stand beside the operations themselves (Tensor.Ops.cs).
public partial class Tensor
{
    /// <inheritdoc cref="Acos()"/>
    public Tensor AcosInPlace() => MapInPlace(default(Acos));

    /// <inheritdoc cref="Acosh()"/>
    public Tensor AcoshInPlace() => MapInPlace(default(Acosh));

    /// <inheritdoc cref="Asin()"/>
    public Tensor AsinInPlace() => MapInPlace(default(Asin));

    /// <inheritdoc cref="Asinh()"/>
    public Tensor AsinhInPlace() => MapInPlace(default(Asinh));

    /// <inheritdoc cref="Atan()"/>
    public Tensor AtanInPlace() => MapInPlace(default(Atan));

    /// <inheritdoc cref="Atanh()"/>
    public Tensor AtanhInPlace() => MapInPlace(default(Atanh));

    /// <inheritdoc cref="Cosh()"/>
    public Tensor CoshInPlace() => MapInPlace(default(Cosh));

    /// <inheritdoc cref="Digamma()"/>
    public Tensor DigammaInPlace() => MapInPlace(default(Digamma));

    /// <inheritdoc cref="Erf()"/>
    public Tensor ErfInPlace() => MapInPlace(default(Erf));

    /// <inheritdoc cref="Erfc()"/>
    public Tensor ErfcInPlace() => MapInPlace(default(Erfc));

    /// <inheritdoc cref="Exp2()"/>
    public Tensor Exp2InPlace() => MapInPlace(default(Exp2));

    /// <inheritdoc cref="Expm1()"/>
    public Tensor Expm1InPlace() => MapInPlace(default(Expm1));

    /// <inheritdoc cref="Frac()"/>
    public Tensor FracInPlace() => MapInPlace(default(Frac));

    /// <inheritdoc cref="Lgamma()"/>
    public Tensor LgammaInPlace() => MapInPlace(default(Lgamma));

    /// <inheritdoc cref="Log10()"/>
    public Tensor Log10InPlace() => MapInPlace(default(Log10));

    /// <inheritdoc cref="Log1p()"/>
    public Tensor Log1pInPlace() => MapInPlace(default(Log1p));

    /// <inheritdoc cref="Log2()"/>
    public Tensor Log2InPlace() => MapInPlace(default(Log2));

    /// <inheritdoc cref="Sign()"/>
    public Tensor SignInPlace() => MapInPlace(default(Sign));

    /// <inheritdoc cref="Sinh()"/>
    public Tensor SinhInPlace() => MapInPlace(default(Sinh));

    /// <inheritdoc cref="Tan()"/>
    public Tensor TanInPlace() => MapInPlace(default(Tan));

    /// <inheritdoc cref="Trunc()"/>
    public Tensor TruncInPlace() => MapInPlace(default(Trunc));

    /// <inheritdoc cref="BitwiseNot()"/>
    public Tensor BitwiseNotInPlace() => MapInPlace(default(BitwiseNot));

    /// <inheritdoc cref="Deg2Rad()"/>
    public Tensor Deg2RadInPlace() => Become(Deg2Rad());

    /// <inheritdoc cref="Rad2Deg()"/>
    public Tensor Rad2DegInPlace() => Become(Rad2Deg());

    /// <inheritdoc cref="Erfinv()"/>
    public Tensor ErfinvInPlace() => Become(Erfinv());

    /// <inheritdoc cref="I0()"/>
    public Tensor I0InPlace() => Become(I0());

    /// <inheritdoc cref="Sgn()"/>
    public Tensor SgnInPlace() => Become(Sgn());

    /// <inheritdoc cref="ConjPhysical()"/>
    public Tensor ConjPhysicalInPlace() => Become(ConjPhysical());

    /// <inheritdoc cref="LogicalNot()"/>
    public Tensor LogicalNotInPlace() => Become(LogicalNot());

    /// <inheritdoc cref="Polygamma(int)"/>
    public Tensor PolygammaInPlace(int n) => Become(Polygamma(n));

    /// <inheritdoc cref="Round(int)"/>
    public Tensor RoundInPlace(int decimals) => Become(Round(decimals));

    /// <inheritdoc cref="NanToNum"/>
    public Tensor NanToNumInPlace(double nan = 0, double? posInf = null, double? negInf = null) => Become(NanToNum(nan, posInf, negInf));

    /// <inheritdoc cref="Atan2(Tensor)"/>
    public Tensor Atan2InPlace(Tensor other) => ZipInPlace(default(Atan2), other);

    /// <inheritdoc cref="CopySign(Tensor)"/>
    public Tensor CopySignInPlace(Tensor other) => ZipInPlace(default(CopySign), other);

    /// <inheritdoc cref="BitwiseAnd(Tensor)"/>
    public Tensor BitwiseAndInPlace(Tensor other) => ZipInPlace(default(BitwiseAnd), other);

    /// <inheritdoc cref="BitwiseOr(Tensor)"/>
    public Tensor BitwiseOrInPlace(Tensor other) => ZipInPlace(default(BitwiseOr), other);

    /// <inheritdoc cref="BitwiseXor(Tensor)"/>
    public Tensor BitwiseXorInPlace(Tensor other) => ZipInPlace(default(BitwiseXor), other);

    /// <inheritdoc cref="ClampMin(Tensor)"/>
    public Tensor ClampMinInPlace(Tensor other) => ZipInPlace(default(ClampMin), other);

    /// <inheritdoc cref="ClampMax(Tensor)"/>
    public Tensor ClampMaxInPlace(Tensor other) => ZipInPlace(default(ClampMax), other);

    /// <inheritdoc cref="FloorDivide(Tensor)"/>
    public Tensor FloorDivideInPlace(Tensor other) => ZipInPlace(default(FloorDivide), other);

    /// <inheritdoc cref="Fmod(Tensor)"/>
    public Tensor FmodInPlace(Tensor other) => ZipInPlace(default(Fmod), other);

    /// <inheritdoc cref="Remainder(Tensor)"/>
    public Tensor RemainderInPlace(Tensor other) => ZipInPlace(default(Remainder), other);

    /// <inheritdoc cref="Fmax(Tensor)"/>
    public Tensor FmaxInPlace(Tensor other) => ZipInPlace(default(Fmax), other);

    /// <inheritdoc cref="Fmin(Tensor)"/>
    public Tensor FminInPlace(Tensor other) => ZipInPlace(default(Fmin), other);

    /// <inheritdoc cref="Gcd(Tensor)"/>
    public Tensor GcdInPlace(Tensor other) => ZipInPlace(default(Gcd), other);

    /// <inheritdoc cref="Lcm(Tensor)"/>
    public Tensor LcmInPlace(Tensor other) => ZipInPlace(default(Lcm), other);

    /// <inheritdoc cref="Heaviside(Tensor)"/>
    public Tensor HeavisideInPlace(Tensor other) => ZipInPlace(default(Heaviside), other);

    /// <inheritdoc cref="BitwiseLeftShift(Tensor)"/>
    public Tensor BitwiseLeftShiftInPlace(Tensor other) => ZipInPlace(default(ShiftLeft), other);

    /// <inheritdoc cref="BitwiseRightShift(Tensor)"/>
    public Tensor BitwiseRightShiftInPlace(Tensor other) => ZipInPlace(default(ShiftRight), other);

    /// <inheritdoc cref="FloatPower(Tensor)"/>
    public Tensor FloatPowerInPlace(Tensor other) => Become(FloatPower(other));

    /// <inheritdoc cref="Igamma(Tensor)"/>
    public Tensor IgammaInPlace(Tensor other) => Become(Igamma(other));

    /// <inheritdoc cref="Igammac(Tensor)"/>
    public Tensor IgammacInPlace(Tensor other) => Become(Igammac(other));

    /// <inheritdoc cref="Eq(Tensor)"/>
    public Tensor EqInPlace(Tensor other) => Become(Eq(other));

    /// <inheritdoc cref="Ne(Tensor)"/>
    public Tensor NeInPlace(Tensor other) => Become(Ne(other));

    /// <inheritdoc cref="Lt(Tensor)"/>
    public Tensor LtInPlace(Tensor other) => Become(Lt(other));

    /// <inheritdoc cref="Le(Tensor)"/>
    public Tensor LeInPlace(Tensor other) => Become(Le(other));

    /// <inheritdoc cref="Gt(Tensor)"/>
    public Tensor GtInPlace(Tensor other) => Become(Gt(other));

    /// <inheritdoc cref="Ge(Tensor)"/>
    public Tensor GeInPlace(Tensor other) => Become(Ge(other));

    /// <inheritdoc cref="LogicalAnd(Tensor)"/>
    public Tensor LogicalAndInPlace(Tensor other) => Become(LogicalAnd(other));

    /// <inheritdoc cref="LogicalOr(Tensor)"/>
    public Tensor LogicalOrInPlace(Tensor other) => Become(LogicalOr(other));

    /// <inheritdoc cref="LogicalXor(Tensor)"/>
    public Tensor LogicalXorInPlace(Tensor other) => Become(LogicalXor(other));

    /// <summary>Divides, in place; <paramref name="roundingMode"/> is <c>floor</c>, <c>trunc</c> or null.</summary>
    public Tensor DivInPlace(Tensor other, string? roundingMode) => Become(Div(other, roundingMode));

    /// <inheritdoc cref="AddMm"/>
    public Tensor AddMmInPlace(Tensor mat1, Tensor mat2, Scalar? beta = null, Scalar? alpha = null) => Become(AddMm(mat1, mat2, beta, alpha));

    /// <inheritdoc cref="AddMv"/>
    public Tensor AddMvInPlace(Tensor mat, Tensor vec, Scalar? beta = null, Scalar? alpha = null) => Become(AddMv(mat, vec, beta, alpha));

    /// <inheritdoc cref="AddR"/>
    public Tensor AddRInPlace(Tensor vec1, Tensor vec2, Scalar? beta = null, Scalar? alpha = null) => Become(AddR(vec1, vec2, beta, alpha));

    /// <inheritdoc cref="AddBmm"/>
    public Tensor AddBmmInPlace(Tensor batch1, Tensor batch2, Scalar? beta = null, Scalar? alpha = null) => Become(AddBmm(batch1, batch2, beta, alpha));

    /// <inheritdoc cref="BaddBmm"/>
    public Tensor BaddBmmInPlace(Tensor batch1, Tensor batch2, Scalar? beta = null, Scalar? alpha = null) => Become(BaddBmm(batch1, batch2, beta, alpha));

    /// <inheritdoc cref="CumSum(int, DType?)"/>
    public Tensor CumSumInPlace(int dim) => Become(CumSum(dim));

    /// <inheritdoc cref="CumProd"/>
    public Tensor CumProdInPlace(int dim) => Become(CumProd(dim));

    /// <inheritdoc cref="Clamp(Tensor, Tensor)"/>
    public Tensor ClampInPlace(Tensor? min, Tensor? max = null) => Become(Clamp(min, max));

    /// <summary>A value on the main diagonal, from corner to corner of all axes. PyTorch's <c>fill_diagonal_</c>.</summary>
    /// <param name="fillValue">The value.</param>
    /// <param name="wrap">Whether the diagonal of a tall matrix begins anew below its end.</param>
    /// <exception cref="ArgumentException">Fewer than two axes, or more than two of different sizes.</exception>
    public Tensor FillDiagonalInPlace(Scalar fillValue, bool wrap = false)
    {
        if (Rank < 2) throw new ArgumentException($"FillDiagonalInPlace: {Shape} has fewer than two axes.");
        for (int d = 1; Rank > 2 && d < Rank; d++) if (Shape[d] != Shape[0]) throw new ArgumentException($"FillDiagonalInPlace: with more than two axes all must have one size, not {Shape}.");
        long n = Shape.Span.ToArray().Min(), step = 0;
        foreach (long s in Strides) step += s;
        AsStrided([n], [step]).FillInPlace(fillValue);
        // Below the square at the top, an empty row, then the next diagonal.
        for (long row = Shape[1] + 1; wrap && Rank == 2 && row < Shape[0]; row += Shape[1] + 1) Narrow(0, row, Math.Min(Shape[1], Shape[0] - row)).Diagonal().FillInPlace(fillValue);
        return this;
    }

    /// <summary>Each element replaced by what the function makes of it: slow, element by element. PyTorch's <c>apply_</c>.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the tensor's element type.</exception>
    /// <exception cref="InvalidOperationException">The tensor requires grad.</exception>
    public Tensor ApplyInPlace<T>(Func<T, T> function) where T : unmanaged
    {
        if (RequiresGrad) throw new InvalidOperationException("ApplyInPlace: no derivative is known of a function of numbers. Use Detach() first, or tensor operations.");
        if (DType.Of<T>() != DType) throw new ArgumentException($"ApplyInPlace<{typeof(T).Name}>: the tensor holds {DType}. Convert with To(DType.{DType.Of<T>()}) first.");
        T[] values = ToArray<T>();
        for (int i = 0; i < values.Length; i++) values[i] = function(values[i]);
        return CopyInPlace(From<T>(values, Shape).Reshape(Shape));
    }

    /// <summary>Takes a result's values, if it has this shape and fits this type.</summary>
    Tensor Become(Tensor y, [System.Runtime.CompilerServices.CallerMemberName] string op = "")
    {
        if (y.Shape != Shape) throw new ArgumentException($"{op}: the result has shape {y.Shape}, the tensor it is to replace {Shape}. Use the form that returns a new tensor.");
        if (y.DType.Category > DType.Category) throw new ArgumentException($"{op}: the result is {y.DType} and does not fit a {DType} tensor. Convert the tensor first, or use the form that returns a new one.");
        return CopyInPlace(y);
    }
}
