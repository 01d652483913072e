using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

internal static unsafe partial class VectorMath
{
    /// <summary>log |Γ(x)|</summary>
    [MethodImpl(Inline)]
    public static T Lgamma<T>(T x) where T : struct, ILane<T> => T.InDouble<LgammaFunction>(x);

    /// <summary>ψ(x) = Γ′(x)/Γ(x): ∓∞ at ±0 and NaN at the negative integers, as PyTorch has it.</summary>
    [MethodImpl(Inline)]
    public static T Digamma<T>(T x) where T : struct, ILane<T> => T.InDouble<DigammaFunction>(x);

    readonly struct LgammaFunction : ILaneFunction
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static T Apply<T>(T x) where T : struct, ILane<T>
        {
            T a = T.Abs(x), infinity = T.Const(double.PositiveInfinity);
            T y = T.Where(T.Less(a, T.Const(8.5)), LgammaOfSmall(a), LgammaOfLarge(a));
            // log |Γ(−a)| = log(π / |a sin πa|) − log Γ(a); for tiny a both are −log a.
            T f = a - T.Round(a);
            T mirrored = T.Const(1.1447298858494002) - Log(a * T.Abs(SinPi(f))) - y;
            mirrored = T.Where(T.Less(a, T.Const(1e-20)), y, mirrored);
            y = T.Where(T.Less(x, T.Zero), T.Where(T.Equal(f, T.Zero), infinity, mirrored), y);
            y = T.Where(T.Equal(a, T.Zero), infinity, y);
            return T.Where(T.Equal(a, infinity), infinity, y);
        }

        // Γ(x + 1) = xΓ(x) moves a into [1.5, 2.5), where log Γ(2 + h) = h p(h), to 2⁻⁵⁵·².
        [MethodImpl(MethodImplOptions.NoInlining)]
        static T LgammaOfSmall<T>(T a) where T : struct, ILane<T>
        {
            T r = a, factor = T.One;
            for (int k = 0; k < 6; k++)
            {
                T isAbove = T.LessEqual(T.Const(2.5), r);
                r = T.Where(isAbove, r - T.One, r);
                factor = T.Where(isAbove, factor * r, factor);
            }
            T isTiny = T.Less(a, T.Const(0.5)), isBelow = T.Less(a, T.Const(1.5));
            factor = T.Where(isTiny, T.Fma(a, a, a), T.Where(isBelow, a, factor));
            T h = T.Where(isTiny, a, T.Where(isBelow, a - T.One, r - T.Const(2)));             // exact
            T p = Horner(T.Const(6.916037556440601e-08), h, -1.340075074474052e-07, 1.9667199559639464e-07, -4.3049169158829734e-07);
            p = Horner(p, h, 9.610539810789376e-07, -2.044856463196068e-06, 4.373503415802588e-06, -9.438474819521285e-06);
            p = Horner(p, h, 2.0507409012294843e-05, -4.4926348730589195e-05, 9.945749519470549e-05, -0.00022315475095066462);
            p = Horner(p, h, 0.0005096695256873006, -0.0011927539119910304, 0.002890510330713681, -0.007385551028668397);
            p = Horner(p, h, 0.020580808427784925, -0.06735230105319814, 0.3224670334241132, 0.42278433509846713);
            T log = Log(factor);
            return T.Fma(h, p, T.Where(isBelow, -log, log));
        }

        // Stirling's series; the first term left out is below 2⁻⁵³ of the result from 8 on.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static T LgammaOfLarge<T>(T a) where T : struct, ILane<T>
        {
            T w = T.One / a, z = w * w;
            T p = Horner(T.Const(0.17964437236883057), z, -0.029550653594771242, 0.00641025641025641);
            p = Horner(p, z, -0.0019175269175269176, 0.0008417508417508417, -0.0005952380952380953);
            p = Horner(p, z, 0.0007936507936507937, -0.002777777777777778, 0.08333333333333333);
            // (a − ½)(log a − 1) + ½ log 2π − ½ + p/a, whose terms do not cancel
            return T.Fma(a - T.Const(0.5), Log(a) - T.One, T.Fma(w, p, T.Const(0.4189385332046728)));
        }
    }

    readonly struct DigammaFunction : ILaneFunction
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static T Apply<T>(T x) where T : struct, ILane<T>
        {
            // ψ(x) = ψ(1 − x) − π cot πx
            T isNegative = T.Less(x, T.Zero);
            T a = T.Where(isNegative, T.One - x, x);
            // ψ(a) = ψ(a + 1) − 1/a moves a to 10 and beyond; the reciprocals are summed as one fraction.
            T numerator = T.Zero, denominator = T.One;
            for (int k = 0; k < 10; k++)
            {
                T isBelow = T.Less(a, T.Const(10));
                numerator = T.Where(isBelow, T.Fma(numerator, a, denominator), numerator);
                denominator = T.Where(isBelow, denominator * a, denominator);
                a = T.Where(isBelow, a + T.One, a);
            }
            T w = T.One / a, z = w * w;
            T p = Horner(T.Const(-0.4432598039215686), z, 0.08333333333333333, -0.021092796092796094, 0.007575757575757576);
            p = Horner(p, z, -0.004166666666666667, 0.003968253968253968, -0.008333333333333333, 0.08333333333333333);
            T y = Log(a) - T.Fma(z, p, T.Const(0.5) * w) - numerator / denominator;

            T f = x - T.Round(x);
            T cotangent = T.Const(Math.PI) * CosPi(f) / SinPi(f);
            T mirrored = T.Where(T.Equal(f, T.Zero), T.Const(double.NaN), y - cotangent);
            y = T.Where(isNegative, mirrored, y);
            return T.Where(T.Equal(x, T.Zero), T.CopySign(T.Const(double.PositiveInfinity), -x), y);
        }
    }

    /// <summary>sin πf for |f| ≤ ½, in doubles.</summary>
    [MethodImpl(Inline)]
    static T SinPi<T>(T f) where T : struct, ILane<T>
    {
        T a = T.Abs(f);
        T isSteep = T.Less(a, T.Const(0.25));
        return T.CopySign(T.Where(isSteep, SinPiPolynomial(a), CosPiPolynomial(T.Const(0.5) - a)), f);
    }

    /// <summary>cos πf for |f| ≤ ½, in doubles.</summary>
    [MethodImpl(Inline)]
    static T CosPi<T>(T f) where T : struct, ILane<T>
    {
        T a = T.Abs(f);
        return T.Where(T.Less(a, T.Const(0.25)), CosPiPolynomial(a), SinPiPolynomial(T.Const(0.5) - a));
    }

    // Both to 2⁻⁶¹ for f ≤ ¼.
    [MethodImpl(Inline)]
    static T SinPiPolynomial<T>(T f) where T : struct, ILane<T>
    {
        T z = f * f;
        T p = Horner(T.Const(-2.2162557817671264e-05), z, 0.00046637962536138144, -0.007370438140687181);
        p = Horner(p, z, 0.08214588692662074, -0.5992645293276689, 2.550164039877414, -5.16771278004997);
        return T.Fma(f, T.Const(Math.PI), f * T.Fma(z, p, T.Const(1.2246467991473532e-16)));
    }

    [MethodImpl(Inline)]
    static T CosPiPolynomial<T>(T f) where T : struct, ILane<T>
    {
        T z = f * f;
        T p = Horner(T.Const(-0.0001030480690874315), z, 0.001929353265390938, -0.02580687613037368);
        p = Horner(p, z, 0.23533062979450242, -1.3352627688435874, 4.058712126416667, -4.934802200544679);
        return T.Fma(z, p, T.One);
    }
}
