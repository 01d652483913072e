using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

/// <summary>x − λ or x + λ toward 0, 0 within λ of it</summary>
internal readonly record struct Softshrink(Coefficient Lambda) : IUnaryOp
{
    public static string Name => "softshrink";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : IReal<T> =>
        T.Where(T.Less(T.Const(Lambda), x), x - T.Const(Lambda), T.Where(T.Less(x, -T.Const(Lambda)), x + T.Const(Lambda), x * T.Zero));
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.LessEqual(T.Abs(x), T.Const(Lambda)), T.Zero, grad);
}

/// <summary>x, 0 within λ of 0</summary>
internal readonly record struct Hardshrink(Coefficient Lambda) : IUnaryOp
{
    public static string Name => "hardshrink";
    public T Forward<T>(T x) where T : IReal<T> => T.Where(T.LessEqual(T.Abs(x), T.Const(Lambda)), T.Zero, x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.LessEqual(T.Abs(x), T.Const(Lambda)), T.Zero, grad);
}

/// <summary>a where a > 0, else b · a</summary>
internal readonly record struct Prelu : IBinaryOp
{
    public static string Name => "prelu";
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Where(T.Less(T.Zero, a), a, b * a);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.Less(T.Zero, a), grad, b * grad);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.Less(T.Zero, a), T.Zero, a * grad);
}

/// <summary>a · σ(b)</summary>
internal readonly record struct Glu : IBinaryOp
{
    public static string Name => "glu";
    public T Forward<T>(T a, T b) where T : IReal<T> => a * T.Map(new Sigmoid(), b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Map(new Sigmoid(), b);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * y * (T.One - T.Map(new Sigmoid(), b));
}
