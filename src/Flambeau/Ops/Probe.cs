namespace Flambeau.Ops;

/// <summary>
/// The algebra that computes nothing and remembers which arguments a body used, one bit each, and roughly how many steps it took:
/// what need not be saved or loaded, where the result is an argument itself, and which bodies are long.
/// </summary>
internal readonly struct Probe(uint mask, int steps = 0) : IReal<Probe>
{
    const int Function = 16;

    public readonly uint Mask = mask;
    public readonly int Steps = Math.Min(steps, 1 << 20);

    static Probe Of(Probe a) => new(a.Mask, a.Steps + 1);
    static Probe Of(Probe a, Probe b) => new(a.Mask | b.Mask, a.Steps + b.Steps + 1);
    static Probe Far(Probe a) => new(a.Mask, a.Steps + Function);
    static Probe Far(Probe a, Probe b) => new(a.Mask | b.Mask, a.Steps + b.Steps + Function);

    public static Probe Const(double value) => new(0, 1);
    public static Probe operator -(Probe a) => Of(a);
    public static Probe operator +(Probe a, Probe b) => Of(a, b);
    public static Probe operator -(Probe a, Probe b) => Of(a, b);
    public static Probe operator *(Probe a, Probe b) => Of(a, b);
    public static Probe operator /(Probe a, Probe b) => Of(a, b);
    public static Probe Exp(Probe x) => Far(x);
    public static Probe Log(Probe x) => Far(x);
    public static Probe Sqrt(Probe x) => Of(x);
    public static Probe Sin(Probe x) => Far(x);
    public static Probe Cos(Probe x) => Far(x);
    public static Probe Tan(Probe x) => Far(x);
    public static Probe Asin(Probe x) => Far(x);
    public static Probe Acos(Probe x) => Far(x);
    public static Probe Atan(Probe x) => Far(x);
    public static Probe Sinh(Probe x) => Far(x);
    public static Probe Cosh(Probe x) => Far(x);
    public static Probe Tanh(Probe x) => Far(x);
    public static Probe Asinh(Probe x) => Far(x);
    public static Probe Acosh(Probe x) => Far(x);
    public static Probe Atanh(Probe x) => Far(x);
    public static Probe Abs(Probe x) => Of(x);
    public static Probe Conj(Probe x) => Of(x);
    public static Probe Floor(Probe x) => Of(x);
    public static Probe Ceil(Probe x) => Of(x);
    public static Probe Round(Probe x) => Of(x);
    public static Probe Trunc(Probe x) => Of(x);
    public static Probe Not(Probe x) => Of(x);
    public static Probe Expm1(Probe x) => Far(x);
    public static Probe Log1p(Probe x) => Far(x);
    public static Probe Erf(Probe x) => Far(x);
    public static Probe Erfc(Probe x) => Far(x);
    public static Probe Lgamma(Probe x) => Far(x);
    public static Probe Digamma(Probe x) => Far(x);
    public static Probe Pow(Probe a, Probe b) => Far(a, b);
    public static Probe Equal(Probe a, Probe b) => Of(a, b);
    public static Probe Fmod(Probe a, Probe b) => Far(a, b);
    public static Probe Min(Probe a, Probe b) => Of(a, b);
    public static Probe Max(Probe a, Probe b) => Of(a, b);
    public static Probe CopySign(Probe a, Probe b) => Of(a, b);
    public static Probe Less(Probe a, Probe b) => Of(a, b);
    public static Probe LessEqual(Probe a, Probe b) => Of(a, b);
    public static Probe And(Probe a, Probe b) => Of(a, b);
    public static Probe Or(Probe a, Probe b) => Of(a, b);
    public static Probe Atan2(Probe a, Probe b) => Far(a, b);
    public static Probe Fma(Probe a, Probe b, Probe c) => Of(Of(a, b), c);
    public static Probe Where(Probe mask, Probe yes, Probe no) => Of(Of(mask, yes), no);
    public static Probe Map<TOp>(TOp op, Probe x) where TOp : struct, IUnaryOp => Far(x);
    public static Probe Map<TOp>(TOp op, Probe a, Probe b) where TOp : struct, IBinaryOp => Far(a, b);
    public static Probe Each<TFunction>(TFunction f, Probe a, Probe b) where TFunction : struct, IScalarFunction => Far(a, b);
}
