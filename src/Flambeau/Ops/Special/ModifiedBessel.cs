namespace Flambeau.Ops;

// Up to 8, I₀(x) and I₁(x)/x are polynomials in x²/64 whose terms are all positive; above, eˣ/√x times polynomials in 16/x − 1.

/// <summary>The modified Bessel function of the first kind of order 0</summary>
internal readonly record struct I0 : IUnaryOp
{
    public static string Name => "i0";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T a = T.Abs(x);
        return T.Where(T.LessEqual(a, T.Const(8)), Small(a), T.Exp(a) * Large(a));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Map(new I1(), x);

    public static T Small<T>(T a) where T : IReal<T> => Series.Horner(a * a * T.Const(1 / 64.0), SmallCoefficients);

    public static T Large<T>(T a) where T : IReal<T> => Series.Horner(T.Const(16) / a - T.One, LargeCoefficients) / T.Sqrt(a);

    static ReadOnlySpan<double> SmallCoefficients =>
    [
        1.0, 16.0, 64.00000000000003, 113.7777777777769, 113.77777777779527, 72.81777777756619, 32.36345679181142, 10.567659350685679,
        2.641914877279706, 0.5218596123987362, 0.083497792831347, 0.011040613612716828, 0.0012272420944860261, 0.00011573616439279102,
        9.734997549064576e-06, 5.695329606162454e-07, 6.725742072411059e-08
    ];

    static ReadOnlySpan<double> LargeCoefficients =>
    [
        0.4021765094450081, 0.0033605519836678614, 0.0001362160743919305, 1.1143033790932038e-05, 1.4838475658279249e-06,
        2.9735985885673923e-07, 8.872219737904054e-08, 3.932584334552952e-08, 2.1548377974791598e-08, 7.554691881248808e-09,
        -6.747657956107524e-09, -1.340891754008974e-08, -5.404771567579958e-09, 7.552583062123384e-09, 7.430464650325426e-09,
        -3.505966530879332e-09, -5.95356943826489e-09, 1.5200816953924232e-09, 3.6379546359011143e-09, -5.715843864202709e-10,
        -1.618980683624682e-09, 1.5279202694981569e-10, 4.577087631643623e-10, -2.0260604287413626e-11, -6.067631570603006e-11
    ];
}

/// <summary>e^{−|x|} I₀(x)</summary>
internal readonly record struct I0e : IUnaryOp
{
    public static string Name => "special_i0e";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T a = T.Abs(x);
        return T.Where(T.LessEqual(a, T.Const(8)), T.Exp(-a) * I0.Small(a), I0.Large(a));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * (T.Map(new I1e(), x) - T.Map(new Sign(), x) * y);
}

/// <summary>The modified Bessel function of the first kind of order 1</summary>
internal readonly record struct I1 : IUnaryOp
{
    public static string Name => "special_i1";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T a = T.Abs(x);
        return T.Where(T.LessEqual(a, T.Const(8)), Small(x), T.CopySign(T.Exp(a) * Large(a), x));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * (T.Map(new I0(), x) - Quotient(x, y));

    /// <summary>y/x, ½ at 0.</summary>
    public static T Quotient<T>(T x, T y) where T : IReal<T>
    {
        T isZero = T.Equal(x, T.Zero);
        return T.Where(isZero, T.Const(0.5), y / T.Where(isZero, T.One, x));
    }

    public static T Small<T>(T x) where T : IReal<T> => x * Series.Horner(x * x * T.Const(1 / 64.0), SmallCoefficients);

    public static T Large<T>(T a) where T : IReal<T> => Series.Horner(T.Const(16) / a - T.One, LargeCoefficients) / T.Sqrt(a);

    static ReadOnlySpan<double> SmallCoefficients =>
    [
        0.5, 4.000000000000001, 10.666666666666629, 14.222222222223511, 11.377777777755087, 6.068148148389495, 2.3116754833250175,
        0.660478718111503, 0.1467730188272614, 0.026093055523606808, 0.003795216489082557, 0.00046021131154359005, 4.702014543750919e-05,
        4.2583740607253695e-06, 2.670429081612229e-07, 3.3634868403857223e-08
    ];

    static ReadOnlySpan<double> LargeCoefficients =>
    [
        0.38939845902587233, -0.009749577193235737, -0.00021923576383388928, -1.5038547200567216e-05, -1.8349101326980946e-06,
        -3.483855761044295e-07, -1.0001288294864884e-07, -4.312917729178349e-08, -2.337392820814264e-08, -8.427766093735185e-09,
        6.734464815301592e-09, 1.4034238782067183e-08, 5.974437608040264e-09, -7.64239413436356e-09, -7.888351507862078e-09,
        3.4262341490077958e-09, 6.242741219786445e-09, -1.4387250533041013e-09, -3.794670896208339e-09, 5.295625441161261e-10,
        1.6848984479705146e-09, -1.4011625179770627e-10, -4.758818838703853e-10, 1.8515118828852956e-11, 6.305965197150057e-11
    ];
}

/// <summary>e^{−|x|} I₁(x)</summary>
internal readonly record struct I1e : IUnaryOp
{
    public static string Name => "special_i1e";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T a = T.Abs(x);
        return T.Where(T.LessEqual(a, T.Const(8)), T.Exp(-a) * I1.Small(x), T.CopySign(I1.Large(a), x));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * (T.Map(new I0e(), x) - T.Map(new Sign(), x) * y - I1.Quotient(x, y));
}
