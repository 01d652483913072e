using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

internal static unsafe partial class VectorMath
{
    /// <summary>eˣ</summary>
    [MethodImpl(Inline)]
    public static T Exp<T>(T x) where T : struct, ILane<T> => ExpClamped(ClampToExpRange(x));

    /// <summary>eˣ − 1</summary>
    [MethodImpl(Inline)]
    public static T Expm1<T>(T x) where T : struct, ILane<T>
    {
        T y = ClampToExpRange(x);
        T p = ExpReduced(y, T.Zero, out T n);
        // 2ⁿp + (2ⁿ − 1), from half of everything lest 2ⁿ overflow before the result does.
        T half = T.Ldexp(T.Const(0.5), n);
        T r = T.Fma(half, p, half - T.Const(0.5));
        r = T.Where(T.Equal(n, T.Zero), p, r + r);
        return T.CopySign(r, x);
    }

    /// <summary>x, or where eˣ would be 0 or ∞ already, a nearer x for which it still is. NaN stays NaN.</summary>
    [MethodImpl(Inline)]
    static T ClampToExpRange<T>(T x) where T : struct, ILane<T> =>
        T.MinNative(Const<T>(89, 710), T.MaxNative(Const<T>(-104, -746), x));

    /// <summary>eˣ for |x| ≤ 1400.</summary>
    [MethodImpl(Inline)]
    static T ExpClamped<T>(T x) where T : struct, ILane<T>
    {
        T p = ExpReduced(x, out T n);
        return T.Ldexp(T.One + p, n);
    }

    /// <summary>p and n with eˣ = 2ⁿ(1 + p), n = ⌊x/log 2⌉.</summary>
    [MethodImpl(Inline)]
    static T ExpReduced<T>(T x, out T n) where T : struct, ILane<T>
    {
        n = T.Round(x * T.Const(1.4426950408889634));
        T r = T.Fma(n, Const<T>(-0.6931471824645996, -0.6931471805599453), x);                 // exact
        r = T.Fma(n, Const<T>(1.9046542121259336e-09, -2.3190468138462996e-17), r);
        return T.Fma(r * r, ExpTail(r), r);
    }

    /// <summary>The same for x + <paramref name="low"/>, and with the rounding of the reduction made good.</summary>
    [MethodImpl(Inline)]
    static T ExpReduced<T>(T x, T low, out T n) where T : struct, ILane<T>
    {
        n = T.Round(x * T.Const(1.4426950408889634));
        T exact = T.Fma(n, Const<T>(-0.6931471824645996, -0.6931471805599453), x);
        T ln2Low = Const<T>(1.9046542121259336e-09, -2.3190468138462996e-17);
        T r = T.Fma(n, ln2Low, exact + low);
        T rest = T.Fma(n, ln2Low, exact - r) + low;
        return r + T.Fma(r * r, ExpTail(r), rest);
    }

    /// <summary>q with eʳ = 1 + r + r²q for |r| ≤ ½ log 2; to 2⁻²⁸ in float, 2⁻⁶³ in double, relative to eʳ.</summary>
    [MethodImpl(Inline)]
    static T ExpTail<T>(T r) where T : struct, ILane<T>
    {
        if (!T.IsDouble)
        {
            T f = Horner(T.Const(0.0013838838785886765), r, 0.00836929865181446, 0.041668083518743515);
            return Horner(f, r, 0.16666515171527863, 0.4999999403953552);
        }
        T q = Horner(T.Const(2.0961486669885118e-09), r, 2.5113659402714674e-08, 2.7557110192116654e-07);
        q = Horner(q, r, 2.7557229381825243e-06, 2.480158752368074e-05, 0.00019841269902827385, 0.0013888888888788106);
        return Horner(q, r, 0.008333333333314012, 0.04166666666666682, 0.16666666666666688, 0.5);
    }
}
