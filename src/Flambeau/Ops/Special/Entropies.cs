using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

/// <summary>−x ln x; 0 at 0, −∞ below</summary>
internal readonly record struct Entr : IUnaryOp
{
    public static string Name => "special_entr";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : IReal<T> => T.Where(T.Less(x, T.Zero), T.Const(double.NegativeInfinity), T.Where(T.Equal(x, T.Zero), T.Zero, -x * T.Log(x)));
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * (-T.One - T.Log(x));
}

/// <summary>a ln b; 0 where a is 0, whatever number b is</summary>
internal readonly record struct Xlogy : IBinaryOp
{
    public static string Name => "xlogy";
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Where(T.And(T.Equal(a, T.Zero), T.Equal(b, b)), T.Zero, a * T.Log(b));
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.And(T.Equal(a, T.Zero), T.LessEqual(b, T.Zero)), T.Zero, grad * T.Log(b));
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * a / b;
}

/// <summary>a ln(1 + b); 0 where a is 0, whatever number b is</summary>
internal readonly record struct Xlog1py : IBinaryOp
{
    public static string Name => "special_xlog1py";
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Where(T.And(T.Equal(a, T.Zero), T.Equal(b, b)), T.Zero, a * T.Log1p(b));
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.And(T.Equal(a, T.Zero), T.LessEqual(b, T.Const(-1))), T.Zero, grad * T.Log1p(b));
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * a / (b + T.One);
}
