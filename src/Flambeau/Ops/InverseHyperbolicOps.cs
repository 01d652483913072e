using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

/// <summary>arsinh x = sign(x) · log1p(|x| + x²/(1 + √(x² + 1))); for large |x| ln |x| + ln 2</summary>
internal readonly record struct Asinh : IUnaryOp
{
    public static string Name => "asinh";
    public static Traits Traits => Traits.Float | Traits.Complex;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : IReal<T>
    {
        T s = T.Abs(x), near = T.Log1p(s + s * s / (T.One + T.Sqrt(s * s + T.One)));
        return T.CopySign(T.Where(T.Less(T.Const(1e9), s), T.Log(s) + T.Const(0.69314718055994530942), near), x);
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad / T.Sqrt(x * x + T.One);
    public T Complex<T>(T x) where T : IField<T> => T.Asinh(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Conj(T.One / T.Sqrt(x * x + T.One));
}

/// <summary>arcosh x = log1p(t + √(2t + t²)), t = x − 1; NaN below 1</summary>
internal readonly record struct Acosh : IUnaryOp
{
    public static string Name => "acosh";
    public static Traits Traits => Traits.Float | Traits.Complex;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : IReal<T>
    {
        T t = x - T.One, near = T.Log1p(t + T.Sqrt(T.Const(2) * t + t * t));
        T y = T.Where(T.Less(T.Const(1e9), x), T.Log(x) + T.Const(0.69314718055994530942), near);
        return T.Where(T.Less(x, T.One), T.Const(double.NaN), y);
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad / T.Sqrt(x * x - T.One);
    public T Complex<T>(T x) where T : IField<T> => T.Acosh(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Conj(T.One / (T.Sqrt(x - T.One) * T.Sqrt(x + T.One)));
}

/// <summary>artanh x = ½ sign(x) · log1p(2|x|/(1 − |x|))</summary>
internal readonly record struct Atanh : IUnaryOp
{
    public static string Name => "atanh";
    public static Traits Traits => Traits.Float | Traits.Complex;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : IReal<T>
    {
        T s = T.Abs(x);
        return T.CopySign(T.Const(0.5) * T.Log1p(T.Const(2) * s / (T.One - s)), x);
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad / (T.One - x * x);
    public T Complex<T>(T x) where T : IField<T> => T.Atanh(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Conj(T.One / (T.One - x * x));
}
