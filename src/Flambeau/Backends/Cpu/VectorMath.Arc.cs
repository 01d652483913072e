using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

internal static unsafe partial class VectorMath
{
    /// <summary>The inverse sine, in radians; NaN outside [−1, 1].</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static T Asin<T>(T x) where T : struct, ILane<T>
    {
        // |x| ≤ ½: the series. Else π/2 − 2 asin √((1 − |x|)/2).
        T a = T.Abs(x);
        T isLarge = T.Less(T.Const(0.5), a);
        T w = T.Where(isLarge, T.Const(0.5) * (T.One - a), x * x);
        T s = T.Where(isLarge, T.Sqrt(w), a);
        T correction = s * w * AsinTail(w);
        T twice = s + s;
        T complement = HalfPi<T>() - twice;
        T error = (HalfPi<T>() - complement) - twice;
        T large = complement - T.Fma(T.Const(2), correction, -(HalfPiLow<T>() + error));
        return T.CopySign(T.Where(isLarge, large, s + correction), x);
    }

    /// <summary>The inverse cosine, in radians; NaN outside [−1, 1].</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static T Acos<T>(T x) where T : struct, ILane<T>
    {
        T a = T.Abs(x);
        T isLarge = T.Less(T.Const(0.5), a);
        T w = T.Where(isLarge, T.Const(0.5) * (T.One - a), x * x);
        T s = T.Where(isLarge, T.Sqrt(w), x);
        T correction = s * w * AsinTail(w);
        T small = HalfPi<T>() - (s - (HalfPiLow<T>() - correction));
        T twice = T.Const(2) * (s + correction);
        T negative = T.Const(2) * (HalfPi<T>() - (s - (HalfPiLow<T>() - correction)));
        return T.Where(isLarge, T.Where(T.Less(x, T.Zero), negative, twice), small);
    }

    /// <summary>The inverse tangent, in radians.</summary>
    [MethodImpl(Inline)]
    public static T Atan<T>(T x) where T : struct, ILane<T> => T.CopySign(AtanOfRatio(T.Abs(x), T.One), x);

    /// <summary>The angle of the point (x, y), in radians.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static T Atan2<T>(T y, T x) where T : struct, ILane<T>
    {
        T a = T.Abs(y), b = T.Abs(x), infinity = T.Const(double.PositiveInfinity);
        // The angle depends on the ratio only: of equal infinities it is 1, and sums of huge numbers must not overflow.
        T isBothInfinite = T.And(T.Equal(a, infinity), T.Equal(b, infinity));
        T shrink = T.Where(T.Less(Const<T>(1e30, 1e300), T.Max(a, b)), T.Const(0.125), T.One);
        a = T.Where(isBothInfinite, T.One, a * shrink);
        b = T.Where(isBothInfinite, T.One, b * shrink);
        T r = T.Where(T.Equal(a, T.Zero), T.Where(T.Equal(b, b), T.Zero, b), AtanOfRatio(a, b));
        T isLeft = T.Less(T.CopySign(T.One, x), T.Zero);
        T left = T.Const(2) * HalfPi<T>() - (r - T.Const(2) * HalfPiLow<T>());
        return T.CopySign(T.Where(isLeft, left, r), y);
    }

    /// <summary>atan(a/b) for a, b ≥ 0, not both 0, a + b finite or one of them ∞.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static T AtanOfRatio<T>(T a, T b) where T : struct, ILane<T>
    {
        // By the addition theorem with 0, π/4 or π/2, cut at ½ and π/2 − ½ so that a rounded quotient is never the larger summand.
        T isSmall = T.LessEqual(a, b * T.Const(0.5463024898437905));
        T isLarge = T.LessEqual(b, a * T.Const(0.5463024898437905));
        T numerator = T.Where(isSmall, a, T.Where(isLarge, -b, a - b));
        T denominator = T.Where(isSmall, b, T.Where(isLarge, a, a + b));
        T quarters = T.Where(isSmall, T.Zero, T.Where(isLarge, T.One, T.Const(0.5)));
        T t = numerator / denominator;
        T z = t * t;
        T correction = T.Fma(t * z, AtanTail(z), quarters * HalfPiLow<T>());
        T angle = quarters * HalfPi<T>();
        return T.Where(isSmall, t + correction, angle + (t + correction));
    }

    [MethodImpl(Inline)]
    static T HalfPi<T>() where T : struct, ILane<T> => Const<T>(1.5707963705062866, 1.5707963267948966);

    /// <summary>π/2 less what <see cref="HalfPi"/> holds of it.</summary>
    [MethodImpl(Inline)]
    static T HalfPiLow<T>() where T : struct, ILane<T> => Const<T>(-4.371138828673793e-08, 6.123233995736766e-17);

    /// <summary>(asin s − s)/s³ as a function of w = s² for |s| ≤ ½; to 2⁻³⁰ and 2⁻⁵⁹·⁷ of asin s.</summary>
    [MethodImpl(Inline)]
    static T AsinTail<T>(T w) where T : struct, ILane<T>
    {
        if (!T.IsDouble)
        {
            T f = Horner(T.Const(0.037682805210351944), w, 0.01433764398097992, 0.03183310106396675);
            return Horner(f, w, 0.04451371729373932, 0.07500521838665009, 0.16666659712791443);
        }
        T p = Horner(T.Const(0.032221401721748755), w, -0.020313040137423247, 0.021194479792598496, 0.003930660851978441);
        p = Horner(p, w, 0.01071671303670343, 0.011411135601704852, 0.013979194908667421, 0.01735176129216288);
        p = Horner(p, w, 0.022372205700092563, 0.030381943083889536);
        return Horner(p, w, 0.04464285716539465, 0.07499999999982712, 0.16666666666666702);
    }

    /// <summary>(atan t − t)/t³ as a function of z = t² for |t| ≤ 0.547; to 2⁻³⁰ and 2⁻⁵⁷·⁶ of atan t.</summary>
    [MethodImpl(Inline)]
    static T AtanTail<T>(T z) where T : struct, ILane<T>
    {
        if (!T.IsDouble)
        {
            T f = Horner(T.Const(0.03415354713797569), z, -0.07645111531019211, 0.10847999155521393);
            return Horner(f, z, -0.14260590076446533, 0.19998876750469208, -0.33333316445350647);
        }
        T p = Horner(T.Const(-0.006547676519885692), z, 0.020607270184613502, -0.03486481325486261, 0.04492764971533158);
        p = Horner(p, z, -0.05203408839870057, 0.05872903755879915, -0.06665609953883175, 0.07692225752663112);
        p = Horner(p, z, -0.09090904839947331, 0.111111109721123);
        return Horner(p, z, -0.14285714283123102, 0.19999999999976975, -0.33333333333333265);
    }
}
