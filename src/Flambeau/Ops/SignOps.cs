using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

/// <summary>Whether the sign bit is set: also that of −0 and of NaN</summary>
internal readonly record struct SignBit : IUnaryOp
{
    public static string Name => "signbit";
    public static Traits Traits => Traits.Real | Traits.Predicate;
    public T Forward<T>(T x) where T : IReal<T> => T.Less(T.CopySign(T.One, x), T.Zero);
    public T Integer<T>(T x) where T : IInteger<T> => T.Less(x, T.Const(0));
}

/// <summary>Whether x is +∞</summary>
internal readonly record struct IsPosInf : IUnaryOp
{
    public static string Name => "isposinf";
    public static Traits Traits => Traits.Real | Traits.Predicate;
    public T Forward<T>(T x) where T : IReal<T> => T.Equal(x, T.Const(double.PositiveInfinity));
    public T Integer<T>(T x) where T : IInteger<T> => T.Const(0);
}

/// <summary>Whether x is −∞</summary>
internal readonly record struct IsNegInf : IUnaryOp
{
    public static string Name => "isneginf";
    public static Traits Traits => Traits.Real | Traits.Predicate;
    public T Forward<T>(T x) where T : IReal<T> => T.Equal(x, T.Const(double.NegativeInfinity));
    public T Integer<T>(T x) where T : IInteger<T> => T.Const(0);
}

/// <summary>x, and a number instead of NaN, of +∞ and of −∞, which have no slope</summary>
internal readonly record struct NanToNum(double Nan, double PosInf, double NegInf) : IUnaryOp
{
    public static string Name => "nan_to_num";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : IReal<T> => T.Where(T.Equal(x, x),
        T.Where(T.Equal(x, T.Const(double.PositiveInfinity)), T.Const(PosInf), T.Where(T.Equal(x, T.Const(double.NegativeInfinity)), T.Const(NegInf), x)), T.Const(Nan));
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.Equal(x - x, T.Zero), grad, T.Zero);
}

/// <summary>The angle of a real number: 0, or π where it is negative</summary>
internal readonly record struct RealAngle : IUnaryOp
{
    public static string Name => "angle";
    public T Forward<T>(T x) where T : IReal<T> => T.Where(T.Less(x, T.Zero), T.Const(Math.PI), T.Where(T.Equal(x, x), T.Zero, x));
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Zero * grad;
}

/// <summary>0, whatever x is: what depends on x without moving with it</summary>
internal readonly record struct NoSlope : IUnaryOp
{
    public static string Name => "zeros_like";
    public T Forward<T>(T x) where T : IReal<T> => T.Zero;
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Zero * grad;
}
