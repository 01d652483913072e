using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

internal static unsafe partial class VectorMath
{
    /// <summary>The hyperbolic sine.</summary>
    [MethodImpl(Inline)]
    public static T Sinh<T>(T x) where T : struct, ILane<T>
    {
        T a = T.Abs(x);
        T h = HalfExp(a);
        T large = h - T.Const(0.25) / h;
        T z = a * a;
        T small = T.Fma(a * z, SinhTail(z), a);
        return T.CopySign(T.Where(T.Less(a, T.One), small, large), x);
    }

    /// <summary>The hyperbolic cosine.</summary>
    [MethodImpl(Inline)]
    public static T Cosh<T>(T x) where T : struct, ILane<T>
    {
        T h = HalfExp(T.Abs(x));
        return h + T.Const(0.25) / h;
    }

    /// <summary>The hyperbolic tangent.</summary>
    [MethodImpl(Inline)]
    public static T Tanh<T>(T x) where T : struct, ILane<T>
    {
        T a = T.Abs(x);
        if (T.IsDouble)
        {
            T z = a * a;
            T small = T.Fma(a * z, TanhTail(z), a);
            T large = T.One - T.One / (T.Const(0.5) + T.Const(0.5) * ExpClamped(T.Const(2) * T.MinNative(T.Const(20), a)));      // from there on it rounds to 1
            return T.CopySign(T.Where(T.Less(a, T.Const(0.55)), small, large), x);
        }
        a = T.MinNative(T.Const(9.2), a);                                                                                        // it rounds to 1
        T interval = T.MaxNative(T.Const(0.1875), a);                                                                            // all up to ¼ are one
        return T.CopySign(Polynomial(Tables.Tanh, 6, interval, 22, a - T.Lookup(Tables.Tanh + 7 * Tables.Row, interval, 22)), x);
    }

    /// <summary>eᵃ/2 for a ≥ 0, which overflows later than eᵃ does.</summary>
    [MethodImpl(Inline)]
    static T HalfExp<T>(T a) where T : struct, ILane<T>
    {
        T p = ExpReduced(T.MinNative(Const<T>(90, 711), a), T.Zero, out T n);
        return T.Ldexp(T.One + p, n - T.One);
    }

    /// <summary>(sinh a − a)/a³ as a function of z = a² for a ≤ 1; to 2⁻³¹ and 2⁻⁶² of sinh a.</summary>
    [MethodImpl(Inline)]
    static T SinhTail<T>(T z) where T : struct, ILane<T>
    {
        if (!T.IsDouble)
            return Horner(T.Const(2.7760586363001494e-06), z, 0.00019843873451463878, 0.008333306759595871, 0.1666666716337204);
        T p = Horner(T.Const(7.776801464323214e-13), z, 1.6056654752209184e-10, 2.5052131030041774e-08);
        return Horner(p, z, 2.7557319106684492e-06, 0.00019841269841593416, 0.008333333333332912, 0.16666666666666669);
    }

    /// <summary>(tanh a − a)/a³ as a function of z = a² for a ≤ 0.55, for doubles; to 2⁻⁶⁰ of tanh a.</summary>
    [MethodImpl(Inline)]
    static T TanhTail<T>(T z) where T : struct, ILane<T>
    {
        T p = Horner(T.Const(-1.960368335364336e-05), z, 8.350422927514183e-05, -0.00023352192880478418, 0.0005885041188354391);
        p = Horner(p, z, -0.00145555868882756, 0.003592094758389911, -0.008863232906493101, 0.02186948840742562);
        return Horner(p, z, -0.053968253964665855, 0.133333333333286, -0.33333333333333315);
    }
}
