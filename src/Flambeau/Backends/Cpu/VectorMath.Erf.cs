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

    /// <summary>Φ(x), to 2⁻²⁵ of 1.</summary>
    [MethodImpl(Inline)]
    public static T NormalCdf<T>(T x) where T : struct, ILane<T>
    {
        if (T.IsDouble) return NormalCdfOfDoubles(x);
        // 1.5 · 2²³ has its last place at 1: what is added to it is rounded to the interval's number, which becomes its lowest bits.
        T a = T.MinNative(T.Const(5.75), T.Abs(x)), magic = T.Const(12582912), interval = T.MulAdd(a, T.Const(2.625), magic);
        return T.Const(0.5) + T.CopySign(Polynomial(Tables.NormalCdf, 5, interval, 0, T.MulAdd(a, T.Const(2.625), magic - interval)), x);
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
