using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

internal static unsafe partial class VectorMath
{
    /// <summary>aᵇ = exp(b log |a|) with the product in twice the precision, then IEEE 754's rules for signs and infinities.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static T Pow<T>(T a, T b) where T : struct, ILane<T>
    {
        T infinity = T.Const(double.PositiveInfinity);
        T size = T.Abs(a);
        T isFinite = T.Less(size, infinity);
        LogExtended(size, out T log, out T logLow);
        log = T.Where(T.Equal(size, T.Zero), T.Const(double.NegativeInfinity), T.Where(isFinite, log, infinity));

        T product = b * log;
        T low = T.Fma(b, log, -product) + b * logLow;
        low = T.Where(T.Less(T.Abs(product), T.Const(1000)), low, T.Zero);
        T p = ExpReduced(ClampToExpRange(product), low, out T n);
        T y = T.Ldexp(T.One + p, n);

        T isInteger = T.Equal(T.Floor(b), b);
        T half = T.Const(0.5) * b;
        T isOdd = T.And(isInteger, T.Not(T.Equal(T.Floor(half), half)));
        T isSigned = T.Less(T.CopySign(T.One, a), T.Zero);
        y = T.Where(T.And(isSigned, isOdd), -y, y);
        T isReal = T.Or(T.Or(T.LessEqual(T.Zero, a), isInteger), T.Not(isFinite));
        y = T.Where(isReal, y, T.Const(double.NaN));
        y = T.Where(T.And(T.Equal(a, a), T.Equal(b, b)), y, a + b);
        T isOne = T.Or(T.Equal(a, T.One), T.Equal(b, T.Zero));
        isOne = T.Or(isOne, T.And(T.Equal(size, T.One), T.Equal(T.Abs(b), infinity)));
        return T.Where(isOne, T.One, y);
    }

    /// <summary>
    /// log x as high + low, to 2⁻³⁷ in float and 2⁻⁶⁵ in double relative, for finite positive x. With s = (m − 1)/(m + 1),
    /// log m = 2s + s³(2/3 + s²(2/5 + …)); each letter below is a sum of two, except the terms beyond 2/3.
    /// </summary>
    [MethodImpl(Inline)]
    static void LogExtended<T>(T x, out T high, out T low) where T : struct, ILane<T>
    {
        T m = T.Frexp(x, out T e);
        T f = m - T.One, d = m + T.One;
        T dLow = m - (d - T.One);
        T inverse = T.One / d;
        T s = f * inverse;
        T sLow = T.Fma(-s, dLow, T.Fma(-s, d, f)) * inverse;
        T z = s * s;
        T zLow = T.Fma(s, s, -z) + (s + s) * sLow;

        T tail = z * LogExtendedTail(z);
        T twoThirds = Const<T>(0.6666666865348816, 0.6666666666666666);
        T t = twoThirds + tail;
        T tLow = (twoThirds - t) + tail + Const<T>(-1.9868215517249155e-08, 3.700743415417188e-17);

        T cube = s * z;
        T cubeLow = T.Fma(s, z, -cube) + T.Fma(s, zLow, sLow * z);
        T v = cube * t;
        T vLow = T.Fma(cube, t, -v) + T.Fma(cube, tLow, cubeLow * t);

        T twice = s + s;
        T y = twice + v;
        T yLow = (twice - y) + v + (vLow + (sLow + sLow));
        T whole = e * Const<T>(0.693145751953125, 0.6931471805598903);                         // exact
        high = whole + y;
        low = (whole - high) + y + T.Fma(e, Const<T>(1.428606765330187e-06, 5.497923018708371e-14), yLow);
    }

    /// <summary>2/5 + 2/7 z + … for z ≤ 0.0295.</summary>
    [MethodImpl(Inline)]
    static T LogExtendedTail<T>(T z) where T : struct, ILane<T>
    {
        if (!T.IsDouble) return Horner(T.Const(0.23313075304031372), z, 0.28552213311195374, 0.4000009298324585);
        T p = Horner(T.Const(0.11982891117175877), z, 0.11675651642388227, 0.1333627040308144, 0.15384558289897493);
        return Horner(p, z, 0.18181818845743478, 0.22222222217778573, 0.2857142857144387, 0.3999999999999998);
    }
}
