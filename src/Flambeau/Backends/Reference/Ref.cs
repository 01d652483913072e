using Flambeau.Ops;

namespace Flambeau.Backends.Reference;

/// <summary>The algebra in double precision through the scalar library: what the lanes are tested against. A mask is 1 or 0.</summary>
internal readonly struct Ref(double value) : IReal<Ref>
{
    public readonly double Value = value;

    static Ref If(bool b) => new(b ? 1 : 0);

    public static Ref Const(double value) => new(value);
    public static Ref operator -(Ref a) => new(-a.Value);
    public static Ref operator +(Ref a, Ref b) => new(a.Value + b.Value);
    public static Ref operator -(Ref a, Ref b) => new(a.Value - b.Value);
    public static Ref operator *(Ref a, Ref b) => new(a.Value * b.Value);
    public static Ref operator /(Ref a, Ref b) => new(a.Value / b.Value);
    public static Ref Exp(Ref x) => new(Math.Exp(x.Value));
    public static Ref Log(Ref x) => new(Math.Log(x.Value));
    public static Ref Sqrt(Ref x) => new(Math.Sqrt(x.Value));
    public static Ref Sin(Ref x) => new(Math.Sin(x.Value));
    public static Ref Cos(Ref x) => new(Math.Cos(x.Value));
    public static Ref Tan(Ref x) => new(Math.Tan(x.Value));
    public static Ref Asin(Ref x) => new(Math.Asin(x.Value));
    public static Ref Acos(Ref x) => new(Math.Acos(x.Value));
    public static Ref Atan(Ref x) => new(Math.Atan(x.Value));
    public static Ref Sinh(Ref x) => new(Math.Sinh(x.Value));
    public static Ref Cosh(Ref x) => new(Math.Cosh(x.Value));
    public static Ref Tanh(Ref x) => new(Math.Tanh(x.Value));
    public static Ref Abs(Ref x) => new(Math.Abs(x.Value));
    public static Ref Floor(Ref x) => new(Math.Floor(x.Value));
    public static Ref Round(Ref x) => new(Math.Round(x.Value));
    public static Ref Ceil(Ref x) => new(Math.Ceiling(x.Value));
    public static Ref Trunc(Ref x) => new(Math.Truncate(x.Value));
    public static Ref Conj(Ref x) => x;
    public static Ref Pow(Ref a, Ref b) => new(Math.Pow(a.Value, b.Value));
    public static Ref Atan2(Ref y, Ref x) => new(Math.Atan2(y.Value, x.Value));
    public static Ref CopySign(Ref m, Ref s) => new(Math.CopySign(m.Value, s.Value));
    public static Ref Fmod(Ref a, Ref b) => new(a.Value % b.Value);
    public static Ref Min(Ref a, Ref b) => new(Math.Min(a.Value, b.Value));
    public static Ref Max(Ref a, Ref b) => new(Math.Max(a.Value, b.Value));
    public static Ref Fma(Ref a, Ref b, Ref c) => new(Math.FusedMultiplyAdd(a.Value, b.Value, c.Value));
    public static Ref Equal(Ref a, Ref b) => If(a.Value == b.Value);
    public static Ref Less(Ref a, Ref b) => If(a.Value < b.Value);
    public static Ref LessEqual(Ref a, Ref b) => If(a.Value <= b.Value);
    public static Ref And(Ref a, Ref b) => If(a.Value != 0 && b.Value != 0);
    public static Ref Or(Ref a, Ref b) => If(a.Value != 0 || b.Value != 0);
    public static Ref Not(Ref a) => If(a.Value == 0);
    public static Ref Where(Ref mask, Ref yes, Ref no) => mask.Value != 0 ? yes : no;
    public static Ref Map<TOp>(TOp op, Ref x) where TOp : struct, IUnaryOp => op.Forward(x);
    public static Ref Map<TOp>(TOp op, Ref a, Ref b) where TOp : struct, IBinaryOp => op.Forward(a, b);
    public static Ref Each<TFunction>(TFunction f, Ref a, Ref b) where TFunction : struct, IScalarFunction => new(f.Definition(a.Value, b.Value));
    public static Ref Expm1(Ref x) => new(SpecialFunctions.Expm1(x.Value));
    public static Ref Log1p(Ref x) => new(SpecialFunctions.Log1p(x.Value));
    public static Ref Erf(Ref x) => new(SpecialFunctions.Erf(x.Value));
    public static Ref Erfc(Ref x) => new(SpecialFunctions.Erfc(x.Value));
    public static Ref Lgamma(Ref x) => new(SpecialFunctions.Lgamma(x.Value));
    public static Ref Digamma(Ref x) => new(SpecialFunctions.Digamma(x.Value));
}
