using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

/// <summary>√(a² + b²) without overflow; ∞ if either is, whatever the other</summary>
internal readonly record struct Hypot : IBinaryOp
{
    public static string Name => "hypot";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T a, T b) where T : IReal<T>
    {
        T x = T.Abs(a), y = T.Abs(b), infinity = T.Const(double.PositiveInfinity), large = T.Max(x, y), r = T.Min(x, y) / large;
        T size = T.Where(T.Equal(large, T.Zero), T.Zero, large * T.Sqrt(T.One + r * r));
        return T.Where(T.Or(T.Equal(x, infinity), T.Equal(y, infinity)), infinity, size);
    }

    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * (a / y);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * (b / y);
}

/// <summary>ln(eᵃ + eᵇ)</summary>
internal readonly record struct LogAddExp : IBinaryOp
{
    public static string Name => "logaddexp";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Where(T.And(T.Equal(a, b), T.Equal(T.Abs(a), T.Const(double.PositiveInfinity))), a, T.Max(a, b) + T.Log1p(T.Exp(-T.Abs(a - b))));
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad / (T.One + T.Exp(b - a));
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad / (T.One + T.Exp(a - b));
}

/// <summary>log₂(2ᵃ + 2ᵇ)</summary>
internal readonly record struct LogAddExp2 : IBinaryOp
{
    const double Ln2 = 0.69314718055994530942;

    public static string Name => "logaddexp2";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Where(T.And(T.Equal(a, b), T.Equal(T.Abs(a), T.Const(double.PositiveInfinity))), a,
        T.Max(a, b) + T.Log1p(T.Exp(T.Abs(a - b) * T.Const(-Ln2))) * T.Const(1 / Ln2));
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad / (T.One + T.Exp((b - a) * T.Const(Ln2)));
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad / (T.One + T.Exp((a - b) * T.Const(Ln2)));
}

/// <summary>sin πx / πx; 1 at 0</summary>
internal readonly record struct Sinc : IUnaryOp
{
    public static string Name => "sinc";
    public static Traits Traits => Traits.Float | Traits.Complex | Traits.InDouble;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Complex<T>(T x) where T : IField<T> => T.Where(T.Equal(x, T.Zero), T.One, T.Sin(T.Const(Math.PI) * x) / (T.Const(Math.PI) * Safe(x)));

    // (cos πx − y)/x; near 0 the first terms of −π²x/3 + π⁴x³/30 − …, for these cancel.
    public T Backward<T>(T grad, T x, T y) where T : IReal<T>
    {
        T z = T.Const(Math.PI * Math.PI) * x * x;
        T near = T.Const(-Math.PI * Math.PI / 3) * x * (T.One - z * T.Const(0.1) * (T.One - z * T.Const(1 / 28.0)));
        T small = T.Less(T.Abs(x), T.Const(1e-3));
        return grad * T.Where(small, near, (T.Cos(T.Const(Math.PI) * x) - y) / T.Where(small, T.One, x));
    }

    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> =>
        grad * T.Conj(T.Where(T.Equal(x, T.Zero), T.Zero, (T.Cos(T.Const(Math.PI) * x) - y) / Safe(x)));

    static T Safe<T>(T x) where T : IField<T> => T.Where(T.Equal(x, T.Zero), T.One, x);
}

/// <summary>m of x = m · 2ᵉ, ½ ≤ |m| &lt; 1; x itself where it is 0, infinite or NaN</summary>
internal readonly record struct Mantissa : IUnaryOp, IScalarFunction
{
    public static string Name => "frexp";
    public T Forward<T>(T x) where T : IReal<T> => T.Each(this, x, x);

    public T Backward<T>(T grad, T x, T y) where T : IReal<T>
    {
        T isZero = T.Equal(x, T.Zero);
        return grad * T.Where(isZero, T.One, y / T.Where(isZero, T.One, x));   // exactly 2⁻ᵉ
    }

    public double Value(double a, double b) => a == 0 || !double.IsFinite(a) ? a : Math.ScaleB(a, -Exponent.Of(a));
}

/// <summary>e of x = m · 2ᵉ, ½ ≤ |m| &lt; 1; 0 where x is 0, infinite or NaN</summary>
internal readonly record struct Exponent : IUnaryOp, IScalarFunction
{
    public static string Name => "frexp";
    public static Traits Traits => Traits.Float | Traits.NotDifferentiable;
    public T Forward<T>(T x) where T : IReal<T> => T.Each(this, x, x);
    public double Value(double a, double b) => a == 0 || !double.IsFinite(a) ? 0 : Of(a);
    public static int Of(double x) => Math.ILogB(x) + 1;
}
