namespace Flambeau.Ops;

/// <summary>e^{x²} · erfc x: of large x ~ 1/(x√π), where erfc is 0 already</summary>
internal readonly record struct Erfcx : IUnaryOp
{
    public static string Name => "special_erfcx";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T a = T.Abs(x), c = T.Min(a, T.Const(27.5)), square = c * c;           // e^{27.5²} is infinite
        T tail = Tail(a), mirrored = T.Const(2) * T.Exp(square) * (T.One + T.Fma(c, c, -square)) - tail;
        return T.Where(T.Less(x, T.Zero), mirrored, tail);
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * (T.Const(2) * x * y - T.Const(1.1283791670955125739));

    /// <summary>Of a ≥ 0: (1 + 2a) erfcx a is a polynomial in (a − 3)/(a + 3); after M. M. Shepherd and J. G. Laframboise (1981).</summary>
    static T Tail<T>(T a) where T : IReal<T> => Series.Horner(T.One - T.Const(6) / (a + T.Const(3)), Coefficients) / (T.One + T.Const(2) * a);

    public static double OfPositive(double a) => Series.Horner(1 - 6 / (a + 3), Coefficients) / (1 + 2 * a);

    static ReadOnlySpan<double> Coefficients =>
    [
        1.2530080582697296, -0.13562110612458117, -0.0475622943534492, 0.1296451587027594, -0.11927366341538638, 0.0683080273440099,
        -0.02377051491717134, 0.0025293918156939696, 0.0018886903449991718, -0.0007798322696543306, -0.00010515971958448065,
        0.0001250993424583729, 4.949196649968345e-06, -2.0100542268525612e-05, -7.308281468783614e-07, 3.472370944977168e-06,
        3.5576086684080595e-07, -6.166011460398726e-07, -1.4047654315428462e-07, 1.0183620603842736e-07, 4.1064013667940355e-08,
        -1.3312919661038687e-08, -8.217595058711455e-09, 9.862533510345587e-10, 8.393734858690877e-10
    ];
}

/// <summary>Φ(x), the area under the normal distribution's density to the left of x</summary>
internal readonly record struct Ndtr : IUnaryOp
{
    internal const double RootHalf = 0.70710678118654752440;

    public static string Name => "special_ndtr";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T left = T.Max(x, T.Const(-40)), square = left * left;                 // e^{−x²/2} with the rounding of x² made good
        T tail = T.Map(new Erfcx(), left * T.Const(-RootHalf)) * T.Exp(square * T.Const(-0.5)) * (T.Const(0.5) - T.Const(0.25) * T.Fma(left, left, -square));
        return T.Where(T.Less(x, T.Const(-1)), tail, T.Const(0.5) * T.Erfc(x * T.Const(-RootHalf)));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Const(0.39894228040143267794) * T.Exp(x * x * T.Const(-0.5));
}

/// <summary>ln Φ(x)</summary>
internal readonly record struct LogNdtr : IUnaryOp
{
    public static string Name => "special_log_ndtr";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T tail = T.Log(T.Map(new Erfcx(), x * T.Const(-Ndtr.RootHalf)) * T.Const(0.5)) - x * x * T.Const(0.5);
        return T.Where(T.Less(x, T.Const(-1)), tail, T.Log1p(T.Erfc(x * T.Const(Ndtr.RootHalf)) * T.Const(-0.5)));
    }

    // φ(x)/Φ(x), to the left as √(2/π)/erfcx(−x/√2), which does not underflow, to the right as it stands, which does not overflow.
    public T Backward<T>(T grad, T x, T y) where T : IReal<T>
    {
        T left = T.Const(0.79788456080286535588) / T.Map(new Erfcx(), T.Min(x, T.One) * T.Const(-Ndtr.RootHalf));
        T right = T.Map(new Ndtr(), T.Max(x, T.One));
        return grad * T.Where(T.Less(x, T.One), left, T.Const(0.39894228040143267794) * T.Exp(x * x * T.Const(-0.5)) / right);
    }
}

/// <summary>The x with Φ(x) = p</summary>
internal readonly record struct Ndtri : IUnaryOp
{
    public static string Name => "special_ndtri";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T y = x + x - T.One, tail = Tail(T.Min(x, T.One - x));
        return T.Where(T.Less(T.Const(0.5), T.Abs(y)), T.CopySign(tail, y), T.Const(1.4142135623730950488) * Centre(y));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Const(2.5066282746310005024) * T.Exp(y * y * T.Const(0.5));

    /// <summary>erf⁻¹ y for |y| ≤ ½.</summary>
    public static T Centre<T>(T y) where T : IReal<T> => y * Series.Horner(T.Const(8) * y * y - T.One, CentreCoefficients);

    /// <summary>−Φ⁻¹(p) for 0 ≤ p ≤ ¼: z + g(z) for z = √(−2 ln p), with g a polynomial in a fraction of z.</summary>
    public static T Tail<T>(T p) where T : IReal<T>
    {
        T z = T.Sqrt(T.Const(-2) * T.Log(p));
        return z + Series.Horner(T.Const(1.40625) - T.Const(18.453125) / (z + T.Const(6)), TailCoefficients);
    }

    static ReadOnlySpan<double> CentreCoefficients =>
    [
        0.9174083670522701, 0.03356743029704948, 0.0026140273452602476, 0.0002522747551744835, 2.697700101543171e-05,
        3.063743625042923e-06, 3.6198638117747397e-07, 4.398277107297447e-08, 5.45663287400155e-09, 6.87947841959413e-10,
        8.772059005647083e-11, 1.1316232483758686e-11, 1.5684593709957392e-12, 2.0671742197483168e-13
    ];

    static ReadOnlySpan<double> TailCoefficients =>
    [
        -0.4111508214359451, 0.36503400446246864, -0.11204018770784331, 0.05548543602757745, -0.022757807710376443, 0.011885787480603151,
        -0.005241008104572866, 0.002903788932818739, -0.0013375175905189851, 0.000784989997395795, -0.0003686322772853993,
        0.00022677519823321302, -0.00010611710081489993, 6.837629201305223e-05, -3.1521514732861916e-05, 2.0948241459960685e-05,
        -8.766021047264992e-06, 7.816613149345866e-06, -4.648021963476965e-06, -4.872858527110004e-07, 2.85859326742262e-06,
        6.002242321181624e-06, -5.911527250761425e-06, -7.3568630554611935e-06, 6.194649238850328e-06, 8.174484968856847e-06,
        -4.96240323460211e-06, -6.119021379806881e-06, 2.628150418500483e-06, 3.1977100333294558e-06, -8.569696093499061e-07,
        -1.01177618060572e-06, 1.2991543348838198e-07, 1.5567818789261223e-07
    ];
}

/// <summary>The x with erf x = y</summary>
internal readonly record struct Erfinv : IUnaryOp
{
    public static string Name => "erfinv";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T a = T.Abs(x), tail = T.Const(Ndtr.RootHalf) * Ndtri.Tail((T.One - a) * T.Const(0.5));
        return T.Where(T.Less(T.Const(0.5), a), T.CopySign(tail, x), Ndtri.Centre(x));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Const(0.88622692545275801365) * T.Exp(y * y);
}
