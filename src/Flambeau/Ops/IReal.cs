namespace Flambeau.Ops;

/// <summary>
/// The algebra in which the bodies of elementwise operations are written: what real and complex numbers have in common.
/// A body is one generic method; its instantiations are the SIMD loop (<typeparamref name="T"/> = a vector lane), the reference
/// (a double), the compiler's text (an expression that prints itself) and a differentiable composition (a <see cref="Tensor"/>).
/// </summary>
/// <typeparam name="T">The type that implements the algebra.</typeparam>
public interface IField<T> where T : IField<T>
{
    /// <summary>The constant <paramref name="value"/>, in every lane.</summary>
    static abstract T Const(double value);

    /// <summary>The same of a constant that is there in both types.</summary>
    static virtual T Const(Coefficient value) => T.Const(value.Double);

    /// <summary>0.</summary>
    static virtual T Zero => T.Const(0);

    /// <summary>1.</summary>
    static virtual T One => T.Const(1);

    /// <summary>a + b</summary>
    static abstract T operator +(T a, T b);

    /// <summary>a − b</summary>
    static abstract T operator -(T a, T b);

    /// <summary>a · b</summary>
    static abstract T operator *(T a, T b);

    /// <summary>a / b</summary>
    static abstract T operator /(T a, T b);

    /// <summary>−a</summary>
    static abstract T operator -(T a);

    /// <summary>eˣ</summary>
    static abstract T Exp(T x);

    /// <summary>The natural logarithm.</summary>
    static abstract T Log(T x);

    /// <summary>√x</summary>
    static abstract T Sqrt(T x);

    /// <summary>The sine of x radians.</summary>
    static abstract T Sin(T x);

    /// <summary>The cosine of x radians.</summary>
    static abstract T Cos(T x);

    /// <summary>The tangent of x radians.</summary>
    static abstract T Tan(T x);

    /// <summary>The inverse sine, in radians.</summary>
    static abstract T Asin(T x);

    /// <summary>The inverse cosine, in radians.</summary>
    static abstract T Acos(T x);

    /// <summary>The inverse tangent, in radians.</summary>
    static abstract T Atan(T x);

    /// <summary>The hyperbolic sine.</summary>
    static abstract T Sinh(T x);

    /// <summary>The hyperbolic cosine.</summary>
    static abstract T Cosh(T x);

    /// <summary>The hyperbolic tangent.</summary>
    static abstract T Tanh(T x);

    /// <summary>The inverse hyperbolic sine of complex numbers; the reals have formulas of their own.</summary>
    static virtual T Asinh(T x) => throw new NotSupportedException();

    /// <summary>The inverse hyperbolic cosine of complex numbers.</summary>
    static virtual T Acosh(T x) => throw new NotSupportedException();

    /// <summary>The inverse hyperbolic tangent of complex numbers.</summary>
    static virtual T Atanh(T x) => throw new NotSupportedException();

    /// <summary>aᵇ</summary>
    static abstract T Pow(T a, T b);

    /// <summary>|x|; of a complex number, its modulus with imaginary part 0.</summary>
    static abstract T Abs(T x);

    /// <summary>The complex conjugate; x itself in the reals.</summary>
    static abstract T Conj(T x);

    /// <summary>The mask a = b.</summary>
    static abstract T Equal(T a, T b);

    /// <summary><paramref name="yes"/> where the mask is set, else <paramref name="no"/>; both sides are computed.</summary>
    static abstract T Where(T mask, T yes, T no);

    /// <summary>Applies another operation's body inside this one: <c>T.Map(new Sigmoid(), x)</c>.</summary>
    static virtual T Map<TOp>(TOp op, T x) where TOp : struct, IUnaryOp => throw new NotSupportedException($"{TOp.Name}: no such operation on {typeof(T).Name}.");

    /// <summary>As <see cref="Map{TOp}(TOp, T)"/>, of two arguments.</summary>
    static virtual T Map<TOp>(TOp op, T a, T b) where TOp : struct, IBinaryOp => throw new NotSupportedException($"{TOp.Name}: no such operation on {typeof(T).Name}.");
}

/// <summary>The real numbers: <see cref="IField{T}"/> with an order. Comparisons give masks, which <see cref="Where"/> consumes.</summary>
/// <typeparam name="T">The type that implements the algebra.</typeparam>
public interface IReal<T> : IField<T> where T : IReal<T>
{
    /// <summary>a · b + c, rounded once.</summary>
    static abstract T Fma(T a, T b, T c);

    /// <summary>The smaller of a and b; NaN if either is.</summary>
    static abstract T Min(T a, T b);

    /// <summary>The larger of a and b; NaN if either is.</summary>
    static abstract T Max(T a, T b);

    /// <summary>The largest integer ≤ x.</summary>
    static abstract T Floor(T x);

    /// <summary>The smallest integer ≥ x.</summary>
    static abstract T Ceil(T x);

    /// <summary>The nearest integer, halves to even.</summary>
    static abstract T Round(T x);

    /// <summary>The integer part, toward zero.</summary>
    static abstract T Trunc(T x);

    /// <summary>The magnitude of the first with the sign of the second.</summary>
    static abstract T CopySign(T magnitude, T sign);

    /// <summary>The remainder of a / b rounded toward zero, exactly.</summary>
    static abstract T Fmod(T a, T b);

    /// <summary>The mask a &lt; b.</summary>
    static abstract T Less(T a, T b);

    /// <summary>The mask a ≤ b.</summary>
    static abstract T LessEqual(T a, T b);

    /// <summary>The mask that is set where both are.</summary>
    static abstract T And(T a, T b);

    /// <summary>The mask that is set where either is.</summary>
    static abstract T Or(T a, T b);

    /// <summary>The mask that is set where <paramref name="mask"/> is not.</summary>
    static abstract T Not(T mask);

    /// <summary>eˣ − 1, accurate near 0.</summary>
    static abstract T Expm1(T x);

    /// <summary>log(1 + x), accurate near 0.</summary>
    static abstract T Log1p(T x);

    /// <summary>The error function.</summary>
    static abstract T Erf(T x);

    /// <summary>Φ(x), the normal distribution's share below x; to 2⁻²⁵ of 1.</summary>
    static virtual T NormalCdf(T x) => T.Const(0.5) * (T.One + T.Erf(x * T.Const(0.70710678118654752440)));

    /// <summary>1 − erf(x), accurate for large x.</summary>
    static abstract T Erfc(T x);

    /// <summary>log |Γ(x)|</summary>
    static abstract T Lgamma(T x);

    /// <summary>ψ(x) = Γ′(x)/Γ(x)</summary>
    static abstract T Digamma(T x);

    /// <summary>The angle of the point (x, y) in radians, in (−π, π].</summary>
    static abstract T Atan2(T y, T x);

    /// <summary>f(a, b) number by number, in double precision: for what has no useful form over lanes.</summary>
    static virtual T Each<TFunction>(TFunction f, T a, T b) where TFunction : struct, IScalarFunction =>
        throw new NotSupportedException($"{typeof(TFunction).Name}: {typeof(T).Name} cannot be taken apart into numbers.");
}

/// <summary>
/// A function of one or two numbers without a useful form over lanes: an iteration, or many cases. An operation that is one implements this
/// beside <see cref="IUnaryOp"/> or <see cref="IBinaryOp"/>, and its body is <c>T.Each(this, a, b)</c>.
/// </summary>
public interface IScalarFunction
{
    /// <summary>The value, to about 1e-15. A function of one number ignores <paramref name="b"/>.</summary>
    double Value(double a, double b);

    /// <summary>The value as the definition gives it, by a sum or an integral: what the reference computes. Where that is not feasible, <see cref="Value"/>.</summary>
    double Definition(double a, double b) => Value(a, b);
}

/// <summary>Whole numbers: the algebra of the integral dtypes and of bool.</summary>
/// <typeparam name="T">The type that implements the algebra.</typeparam>
public interface IInteger<T> where T : IInteger<T>
{
    /// <summary>The constant, truncated to the type.</summary>
    static abstract T Const(long value);

    /// <summary>a + b, wrapping around; of bools, or.</summary>
    static abstract T operator +(T a, T b);

    /// <summary>a − b, wrapping around.</summary>
    static abstract T operator -(T a, T b);

    /// <summary>a · b, wrapping around; of bools, and.</summary>
    static abstract T operator *(T a, T b);

    /// <summary>−a, wrapping around.</summary>
    static abstract T operator -(T a);

    /// <summary>Bitwise and.</summary>
    static abstract T operator &(T a, T b);

    /// <summary>Bitwise or.</summary>
    static abstract T operator |(T a, T b);

    /// <summary>Bitwise exclusive or.</summary>
    static abstract T operator ^(T a, T b);

    /// <summary>Bitwise complement; of a bool, not.</summary>
    static abstract T operator ~(T a);

    /// <summary>a · 2ᵇ; 0 if b is not in [0, bits).</summary>
    static abstract T ShiftLeft(T a, T b);

    /// <summary>a / 2ᵇ, toward −∞.</summary>
    static abstract T ShiftRight(T a, T b);

    /// <summary>a / b toward zero; <see cref="DivideByZeroException"/> for b = 0.</summary>
    static abstract T Divide(T a, T b);

    /// <summary>a / b toward −∞; <see cref="DivideByZeroException"/> for b = 0.</summary>
    static abstract T FloorDivide(T a, T b);

    /// <summary>a − ⌊a/b⌋·b, with b's sign; <see cref="DivideByZeroException"/> for b = 0.</summary>
    static abstract T Remainder(T a, T b);

    /// <summary>aᵇ, wrapping around; for b &lt; 0: 0 unless |a| is 1.</summary>
    static abstract T Pow(T a, T b);

    /// <summary>The smaller.</summary>
    static abstract T Min(T a, T b);

    /// <summary>The larger.</summary>
    static abstract T Max(T a, T b);

    /// <summary>|a|, wrapping around.</summary>
    static abstract T Abs(T a);

    /// <summary>The greatest common divisor, not negative.</summary>
    static abstract T Gcd(T a, T b);

    /// <summary>1 where a &lt; b, else 0.</summary>
    static abstract T Less(T a, T b);

    /// <summary>1 where a = b, else 0.</summary>
    static abstract T Equal(T a, T b);

    /// <summary><paramref name="yes"/> where <paramref name="condition"/> is not 0.</summary>
    static abstract T Where(T condition, T yes, T no);
}
