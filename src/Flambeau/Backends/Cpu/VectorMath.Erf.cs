using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

internal static unsafe partial class VectorMath
{
    /// <summary>The error function.</summary>
    [MethodImpl(Inline)]
    public static T Erf<T>(T x) where T : struct, ILane<T>
    {
        T a = T.Abs(x);
        if (T.IsDouble)
            return T.CopySign(T.Where(T.Less(a, T.Const(ErfcCut)), T.Fma(a, ErfTail(a * a), a), T.One - ErfcOfLarge(a)), x);
        // erfc is e to the power of a polynomial, to 2⁻²⁶·⁷ of erf; from 3.92 on erf rounds to 1.
        T c = T.MinNative(T.Const(3.95), a);
        T q = Horner(T.Const(0.00019593558681663126), c, -0.0030432024504989386, 0.022226864472031593);
        q = Horner(q, c, -0.1039314866065979, -0.637182354927063, -1.1276755332946777, -0.00019569035794120282);
        T large = T.One - ExpClamped(q);
        return T.CopySign(T.Where(T.Less(a, T.Const(0.925)), T.Fma(a, ErfTail(a * a), a), large), x);
    }

    /// <summary>Φ(x), to 2⁻²⁵ of 1: that e^(−a²) need not be told from 1 near 0 saves the other polynomial of erf.</summary>
    [MethodImpl(Inline)]
    public static T NormalCdf<T>(T x) where T : struct, ILane<T>
    {
        if (T.IsDouble) return NormalCdfOfDoubles(x);
        // Φ(−a) = ½ · 2^(p(a) − a²/log 4), where 2^p = erfcx(a/√2): to 2⁻²⁶·⁹ of 1 up to a = 5.66, where Φ is 8e-9, and constant from there on; from 14.3 on Φ rounds to 0.
        // In powers of 2 the exponent needs no reduction by a rounded log 2.
        T a = T.MinNative(T.Const(14.3), T.Abs(x)), c = T.MinNative(T.Const(5.66), a);
        T p = T.Fma(T.Const(-2.8444612780731404e-06), c, T.Const(3.949011443182826e-05));
        p = Horner(p, c, -0.00018670516146812588, -0.00013569073053076863, 0.0070618218742311, -0.052495092153549194);
        p = Horner(p, c, 0.2621389627456665, -1.1511051654815674);
        T q = T.Fma(p, c, a * (a * T.Const(-0.7213475108146667))), n = T.Round(q);
        return T.Signed(x, T.Ldexp(HalfExp2(q - n), n));
    }

    /// <summary>½ · 2ᶠ for |f| ≤ ½, to 2⁻²⁸·³, as floats need it.</summary>
    [MethodImpl(Inline)]
    static T HalfExp2<T>(T f) where T : struct, ILane<T>
    {
        T p = Horner(T.Const(7.664443546673283e-05), f, 0.0006695485790260136, 0.004809250123798847);
        return Horner(p, f, 0.027751797810196877, 0.12011323869228363, 0.3465735912322998, 0.5);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static T NormalCdfOfDoubles<T>(T x) where T : struct, ILane<T> => T.Const(0.5) * (T.One + Erf(x * T.Const(0.70710678118654752440)));

    /// <summary>1 − erf(x)</summary>
    [MethodImpl(Inline)]
    public static T Erfc<T>(T x) where T : struct, ILane<T> => T.InDouble<ErfcFunction>(x);

    readonly struct ErfcFunction : ILaneFunction
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static T Apply<T>(T x) where T : struct, ILane<T>
        {
            T a = T.Abs(x);
            T tail = ErfcOfLarge(a);
            T large = T.Where(T.Less(x, T.Zero), T.Const(2) - tail, tail);
            return T.Where(T.Less(a, T.Const(ErfcCut)), T.One - x - x * ErfTail(x * x), large);
        }
    }

    /// <summary>Below it erf is a polynomial, above it 1 − erfc.</summary>
    const double ErfcCut = 0.84;

    /// <summary>
    /// erfc(a) for a ≥ 0.83, in doubles: e^(−a²)/(1 + 2a) times a polynomial in (a − 3)/(a + 3), to 2⁻⁵⁴; after M. M. Shepherd and
    /// J. G. Laframboise, «Chebyshev approximation of (1 + 2x)exp(x²)erfc x in 0 ≤ x &lt; ∞» (1981).
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static T ErfcOfLarge<T>(T a) where T : struct, ILane<T>
    {
        a = T.MinNative(T.Const(28), a);                                                       // erfc(28) is 0
        T t = (a - T.Const(3)) / (a + T.Const(3));
        T p = Horner(T.Const(8.004202331026772e-08), t, -5.910431627431217e-08, -6.160657186812524e-07, 2.837068238541306e-07);
        p = Horner(p, t, 3.4874365296062186e-06, -6.966403786778278e-07, -2.011143295100949e-05, 4.939714459184798e-06);
        p = Horner(p, t, 0.00012510295499679915, -0.00010515813622092969, -0.0007798329278884803, 0.0018886901877797591);
        p = Horner(p, t, 0.002529391882934043, -0.02377051490840045, 0.06830802734038227, -0.11927366341562885);
        p = Horner(p, t, 0.1296451587028471, -0.04756229435344668, -0.13562110612458178, 1.2530080582697296);
        T square = a * a;
        T e = ExpReduced(-square, T.Fma(a, -a, square), out T n);
        return T.Ldexp((T.One + e) * (p / T.Fma(T.Const(2), a, T.One)), n);
    }

    /// <summary>(erf a − a)/a as a function of z = a² for a ≤ 0.925 in float (2⁻²⁵·⁸ of erf a), 0.86 in double (2⁻⁵⁵·⁹).</summary>
    [MethodImpl(Inline)]
    static T ErfTail<T>(T z) where T : struct, ILane<T>
    {
        if (!T.IsDouble)
        {
            T f = Horner(T.Const(-0.0005978929693810642), z, 0.0049911485984921455, -0.02676553837954998);
            return Horner(f, z, 0.11281800270080566, -0.37612494826316833, 0.12837915122509003);
        }
        T p = Horner(T.Const(1.0581262911842952e-08), z, -1.5664040163724843e-07, 1.6394209520874556e-06);
        p = Horner(p, z, -1.4921518432571193e-05, 0.00012055170395849667, -0.0008548322898344801, 0.005223977560021388);
        return Horner(p, z, -0.02686617063906871, 0.11283791670926309, -0.3761263890318322, 0.12837916709551256);
    }
}
