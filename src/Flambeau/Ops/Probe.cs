namespace Flambeau.Ops;

/// <summary>
/// The algebra that computes nothing and remembers which arguments a body used, one bit each, and whether it did anything with them:
/// what need not be saved or loaded, and where the result is an argument itself.
/// </summary>
internal readonly struct Probe(uint mask, bool computed = false) : IReal<Probe>
{
    public readonly uint Mask = mask;
    public readonly bool Computed = computed;

    static Probe Of(Probe a, Probe b) => new(a.Mask | b.Mask, true);

    public static Probe Const(double value) => new(0, true);
    public static Probe operator -(Probe a) => new(a.Mask, true);
    public static Probe operator +(Probe a, Probe b) => Of(a, b);
    public static Probe operator -(Probe a, Probe b) => Of(a, b);
    public static Probe operator *(Probe a, Probe b) => Of(a, b);
    public static Probe operator /(Probe a, Probe b) => Of(a, b);
    public static Probe Exp(Probe x) => new(x.Mask, true);
    public static Probe Log(Probe x) => new(x.Mask, true);
    public static Probe Sqrt(Probe x) => new(x.Mask, true);
    public static Probe Sin(Probe x) => new(x.Mask, true);
    public static Probe Cos(Probe x) => new(x.Mask, true);
    public static Probe Tan(Probe x) => new(x.Mask, true);
    public static Probe Asin(Probe x) => new(x.Mask, true);
    public static Probe Acos(Probe x) => new(x.Mask, true);
    public static Probe Atan(Probe x) => new(x.Mask, true);
    public static Probe Sinh(Probe x) => new(x.Mask, true);
    public static Probe Cosh(Probe x) => new(x.Mask, true);
    public static Probe Tanh(Probe x) => new(x.Mask, true);
    public static Probe Asinh(Probe x) => new(x.Mask, true);
    public static Probe Acosh(Probe x) => new(x.Mask, true);
    public static Probe Atanh(Probe x) => new(x.Mask, true);
    public static Probe Abs(Probe x) => new(x.Mask, true);
    public static Probe Conj(Probe x) => new(x.Mask, true);
    public static Probe Floor(Probe x) => new(x.Mask, true);
    public static Probe Ceil(Probe x) => new(x.Mask, true);
    public static Probe Round(Probe x) => new(x.Mask, true);
    public static Probe Trunc(Probe x) => new(x.Mask, true);
    public static Probe Not(Probe x) => new(x.Mask, true);
    public static Probe Expm1(Probe x) => new(x.Mask, true);
    public static Probe Log1p(Probe x) => new(x.Mask, true);
    public static Probe Erf(Probe x) => new(x.Mask, true);
    public static Probe Erfc(Probe x) => new(x.Mask, true);
    public static Probe Lgamma(Probe x) => new(x.Mask, true);
    public static Probe Digamma(Probe x) => new(x.Mask, true);
    public static Probe Pow(Probe a, Probe b) => Of(a, b);
    public static Probe Equal(Probe a, Probe b) => Of(a, b);
    public static Probe Fmod(Probe a, Probe b) => Of(a, b);
    public static Probe Min(Probe a, Probe b) => Of(a, b);
    public static Probe Max(Probe a, Probe b) => Of(a, b);
    public static Probe CopySign(Probe a, Probe b) => Of(a, b);
    public static Probe Less(Probe a, Probe b) => Of(a, b);
    public static Probe LessEqual(Probe a, Probe b) => Of(a, b);
    public static Probe And(Probe a, Probe b) => Of(a, b);
    public static Probe Or(Probe a, Probe b) => Of(a, b);
    public static Probe Atan2(Probe a, Probe b) => Of(a, b);
    public static Probe Fma(Probe a, Probe b, Probe c) => Of(Of(a, b), c);
    public static Probe Where(Probe mask, Probe yes, Probe no) => Of(Of(mask, yes), no);
    public static Probe Map<TOp>(TOp op, Probe x) where TOp : struct, IUnaryOp => new(x.Mask, true);
    public static Probe Map<TOp>(TOp op, Probe a, Probe b) where TOp : struct, IBinaryOp => Of(a, b);
    public static Probe Each<TFunction>(TFunction f, Probe a, Probe b) where TFunction : struct, IScalarFunction => Of(a, b);
}
