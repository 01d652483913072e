using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

internal static unsafe partial class VectorMath
{
    /// <summary>The sine of x radians.</summary>
    [MethodImpl(Inline)]
    public static T Sin<T>(T x) where T : struct, ILane<T>
    {
        T y = Sine(x, T.Zero);
        if (IsAnyBeyondReduction(x)) y = HugeSin(x, y);
        return T.Where(T.Equal(x, T.Zero), x, y);
    }

    /// <summary>The cosine of x radians.</summary>
    [MethodImpl(Inline)]
    public static T Cos<T>(T x) where T : struct, ILane<T>
    {
        T y = Sine(x, T.One);
        if (IsAnyBeyondReduction(x)) y = HugeCos(x, y);
        return y;
    }

    /// <summary>The sine and the cosine of x radians, |x| up to <see cref="ReductionLimit"/>, for little more than either.</summary>
    [MethodImpl(Inline)]
    public static void SinCos<T>(T x, out T sin, out T cos) where T : struct, ILane<T>
    {
        T r = ReduceByHalfPi(x, out T low, out T q);
        SinCosReduced(r, low, out T s, out T c);
        T isOdd = T.BitMask(q, 0), minus = T.Const(-0.0);
        sin = T.Xor(T.Where(isOdd, c, s), T.And(T.BitMask(q, 1), minus));
        cos = T.Xor(T.Where(isOdd, s, c), T.And(T.BitMask(q + T.One, 1), minus));
    }

    /// <summary>The tangent of x radians.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static T Tan<T>(T x) where T : struct, ILane<T>
    {
        T r = ReduceByHalfPi(x, out T low, out T q);
        // tan(r + low) = t + rest
        T z = r * r;
        T correction = T.Fma(r * z, TanTail(z), T.Fma(low, z, low));
        T t = r + correction;
        T rest = correction - (t - r);
        // In odd quadrants −1/(t + rest), its rounding made good.
        T u = T.Const(-1) / t;
        T reciprocal = T.Fma(u, T.Fma(u, t, T.One) + u * rest, u);
        T y = T.Where(T.BitMask(q, 0), reciprocal, t);
        if (IsAnyBeyondReduction(x)) y = T.Where(T.Less(ReductionLimit<T>(), T.Abs(x)), Each(x, &Math.Tan), y);
        return T.Where(T.Equal(x, T.Zero), x, y);
    }

    /// <summary>sin(x + <paramref name="quadrants"/> · π/2)</summary>
    [MethodImpl(Inline)]
    static T Sine<T>(T x, T quadrants) where T : struct, ILane<T>
    {
        T r = ReduceByHalfPi(x, out T low, out T q);
        q += quadrants;
        SinCosReduced(r, low, out T s, out T c);
        T y = T.Where(T.BitMask(q, 0), c, s);
        return T.Xor(y, T.And(T.BitMask(q, 1), T.Const(-0.0)));
    }

    /// <summary>sin and cos of r + <paramref name="low"/> in [−π/4, π/4].</summary>
    [MethodImpl(Inline)]
    static void SinCosReduced<T>(T r, T low, out T s, out T c) where T : struct, ILane<T>
    {
        T z = r * r;
        s = r + T.Fma(r * z, SinTail(z), low);
        c = T.Fma(z, T.Fma(z, CosTail(z), T.Const(-0.5)), T.One);
    }

    /// <summary>
    /// r + <paramref name="low"/> = x − ⌊x/(π/2)⌉ π/2 for |x| up to <see cref="ReductionLimit"/>. The lowest bits of <paramref name="q"/>'s
    /// representation are those of the quotient; q + 1 is the next quadrant.
    /// </summary>
    [MethodImpl(Inline)]
    static T ReduceByHalfPi<T>(T x, out T low, out T q) where T : struct, ILane<T>
    {
        T magic = Const<T>(12582912, 6755399441055744);                                        // 1.5 · 2²³ and 1.5 · 2⁵²: ulp 1
        q = T.Fma(x, T.Const(0.6366197723675814), magic);
        T n = q - magic;
        T r = T.Fma(n, Const<T>(-1.5707963705062866, -1.5707963267948966), x);                 // exact: a multiple of ulp(1), below 2
        // Near a multiple of π/2 the next product may cancel all of r, so both it and the difference are taken without error.
        T p = n * Const<T>(-4.371138828673793e-08, 6.123233995736766e-17);
        T pLow = T.Fma(n, Const<T>(-4.371138828673793e-08, 6.123233995736766e-17), -p);
        T d = r - p;
        T t = d - r;
        T error = (r - (d - t)) - (p + t);
        T rest = T.Fma(n, Const<T>(1.7151245100058819e-15, 1.4973849048591815e-33), error - pLow);
        r = d + rest;
        low = rest - (r - d);
        return r;
    }

    /// <summary>To here n · π/2 in three parts is good to an ulp of the smallest remainder there is.</summary>
    [MethodImpl(Inline)]
    static T ReductionLimit<T>() where T : struct, ILane<T> => Const<T>(1e5, 1e9);

    [MethodImpl(Inline)]
    static bool IsAnyBeyondReduction<T>(T x) where T : struct, ILane<T> => T.MaskBits(T.Less(ReductionLimit<T>(), T.Abs(x))) != 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    static T HugeSin<T>(T x, T y) where T : struct, ILane<T> => T.Where(T.Less(ReductionLimit<T>(), T.Abs(x)), Each(x, &Math.Sin), y);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static T HugeCos<T>(T x, T y) where T : struct, ILane<T> => T.Where(T.Less(ReductionLimit<T>(), T.Abs(x)), Each(x, &Math.Cos), y);

    /// <summary>(sin r − r)/r³ as a function of z = r² for |r| ≤ π/4; to 2⁻²⁸ and 2⁻⁶³ of sin r.</summary>
    [MethodImpl(Inline)]
    static T SinTail<T>(T z) where T : struct, ILane<T>
    {
        if (!T.IsDouble) return Horner(T.Const(-0.00019507894467096776), z, 0.008332106284797192, -0.16666653752326965);
        T p = Horner(T.Const(-7.409471462284319e-13), z, 1.605467351586271e-10, -2.5052073378577606e-08);
        return Horner(p, z, 2.755731908166001e-06, -0.00019841269840973244, 0.008333333333333047, -0.16666666666666666);
    }

    /// <summary>(cos r − 1 + r²/2)/r⁴ as a function of z = r² for |r| ≤ π/4; to 2⁻³³ and 2⁻⁶⁴ of cos r.</summary>
    [MethodImpl(Inline)]
    static T CosTail<T>(T z) where T : struct, ILane<T>
    {
        if (!T.IsDouble) return Horner(T.Const(2.443008816044312e-05), z, -0.0013887297827750444, 0.04166664555668831);
        T p = Horner(T.Const(-1.1355744161199233e-11), z, 2.087564749126215e-09, -2.7557313791566207e-07);
        return Horner(p, z, 2.4801587287527954e-05, -0.001388888888887097, 0.04166666666666658);
    }

    /// <summary>(tan r − r)/r³ as a function of z = r² for |r| ≤ π/4; to 2⁻²⁹ and 2⁻⁵⁹ of tan r.</summary>
    [MethodImpl(Inline)]
    static T TanTail<T>(T z) where T : struct, ILane<T>
    {
        if (!T.IsDouble)
        {
            T f = Horner(T.Const(0.0044251480139791965), z, 1.064150819729548e-05, 0.010877949185669422, 0.021276166662573814);
            return Horner(f, z, 0.054058294743299484, 0.1333271563053131, 0.33333346247673035);
        }
        T p = Horner(T.Const(1.0060803837390312e-05), z, -2.540316183952144e-05, 5.0806369807658665e-05, -2.8081686021450937e-05);
        p = Horner(p, z, 6.901658441622904e-05, 8.266471757915615e-05, 0.00024405784533717266, 0.0005887931278185164);
        p = Horner(p, z, 0.001456056233429469, 0.003592100030357056, 0.008863237921099295, 0.021869488406459414);
        return Horner(p, z, 0.05396825397226449, 0.13333333333327627, 0.33333333333333354);
    }
}
