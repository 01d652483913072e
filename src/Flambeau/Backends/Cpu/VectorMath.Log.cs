using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

internal static unsafe partial class VectorMath
{
    /// <summary>The natural logarithm.</summary>
    [MethodImpl(Inline)]
    public static T Log<T>(T x) where T : struct, ILane<T>
    {
        T m = T.Frexp(x, out T e);
        T y = LogReduced(m - T.One, e);
        y = T.Where(T.Less(x, T.Const(double.PositiveInfinity)), y, x);
        T pole = T.Where(T.Equal(x, T.Zero), T.Const(double.NegativeInfinity), T.Const(double.NaN));
        return T.Where(T.Less(T.Zero, x), y, pole);
    }

    /// <summary>log(1 + x)</summary>
    [MethodImpl(Inline)]
    public static T Log1p<T>(T x) where T : struct, ILane<T>
    {
        // 1 + x rounds, so it only chooses e; f = 2⁻ᵉ(1 + x) − 1 is x itself for e = 0 and rounds once for other e.
        T.Frexp(T.One + x, out T e);
        T scale = T.Ldexp(T.One, -e);
        T f = T.Fma(x, scale, scale - T.One);
        T y = T.CopySign(LogReduced(f, e), x);
        y = T.Where(T.Less(x, T.Const(double.PositiveInfinity)), y, x);
        T pole = T.Where(T.Equal(x, -T.One), T.Const(double.NegativeInfinity), T.Const(double.NaN));
        return T.Where(T.Less(-T.One, x), y, pole);
    }

    /// <summary>log(1 + f) + e log 2 for 1 + f in [√½, √2).</summary>
    [MethodImpl(Inline)]
    static T LogReduced<T>(T f, T e) where T : struct, ILane<T>
    {
        T y;
        if (!T.IsDouble)
        {
            // log(1 + f) = f − f²/2 + f³p(f), to 2⁻²⁷·³
            T p = Horner(T.Const(-0.076415054500103), f, 0.1276586353778839, -0.1315944790840149, 0.1420101523399353);
            p = Horner(p, f, -0.16623340547084808, 0.20001260936260223, -0.250008225440979, 0.3333333134651184);
            T z = f * f;
            y = T.Fma(e, T.Const(1.428606765330187e-06), f * z * p);
            y = f + T.Fma(z, T.Const(-0.5), y);
            return T.Fma(e, T.Const(0.693145751953125), y);
        }
        // With s = f/(2 + f): log(1 + f) = f − s(f − R), R = s²(2/3 + 2/5 s² + …); s(f − R) = f²/2 − s(f²/2 + R) loses nothing.
        T s = f / (T.Const(2) + f);
        T w = s * s;
        T r = Horner(T.Const(0.13236122652711294), w, 0.1325200701880852, 0.15386994717807362, 0.18181778232893092);       // to 2⁻⁶⁶
        r = w * Horner(r, w, 0.2222222260830186, 0.2857142856940411, 0.40000000000004937, 0.6666666666666666);
        T h = T.Const(0.5) * f * f;
        y = h - T.Fma(s, h + r, e * T.Const(5.497923018708371e-14));
        return T.Fma(e, T.Const(0.6931471805598903), f - y);
    }
}
