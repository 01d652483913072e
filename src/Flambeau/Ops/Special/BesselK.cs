namespace Flambeau.Ops;

// Up to 2, Kₙ(x) is In(x) times a logarithm and a polynomial in x²; above, e⁻ˣ/√x times a polynomial in 4/x − 1. PyTorch has no derivatives of these.

/// <summary>The modified Bessel function of the second kind of order 0, times eˣ where scaled; ∞ at 0, NaN below</summary>
internal readonly record struct BesselK0(bool Scaled) : IUnaryOp
{
    public static string Name => "special_modified_bessel_k0";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T small = Series.Horner(x * x * T.Const(0.5) - T.One, SmallCoefficients) - T.Log(x * T.Const(0.5)) * I0.Small(x);
        T large = Series.Horner(T.Const(4) / x - T.One, LargeCoefficients) / T.Sqrt(x);
        if (Scaled) small *= T.Exp(x);
        else large *= T.Exp(-x);
        return T.Where(T.LessEqual(x, T.Const(2)), small, large);
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");

    static ReadOnlySpan<double> SmallCoefficients =>
    [
        -0.30362077291575545, 0.3404973210133806, 0.07177701034240509, 0.005053392643196092, 0.0001828055582791554,
        4.054506619949891e-06, 6.093361894172114e-08, 6.623013272794453e-10, 5.452564662772586e-12, 3.518631515854722e-14
    ];

    static ReadOnlySpan<double> LargeCoefficients =>
    [
        1.2185953385133905, -0.03107146182488952, 0.0030328918102753206, -0.0004797690567662314, 9.95605474202942e-05,
        -2.4735204561466906e-05, 7.002245645755651e-06, -2.191177788015528e-06, 7.427801232190096e-07, -2.6890662472901614e-07,
        1.02954317593912e-07, -4.133923052104385e-08, 1.7047535884249698e-08, -7.286380907337665e-09, 3.808399859919043e-09,
        -1.9309444875845705e-09, 4.757544705776374e-11, 1.7887095838476482e-10, 8.133913205464114e-10, -5.541051446065683e-10,
        -3.119936129682105e-10, 2.213758097591008e-10, 1.0926983537268735e-10, -6.910453875670571e-11
    ];
}

/// <summary>The modified Bessel function of the second kind of order 1, times eˣ where scaled; ∞ at 0, NaN below</summary>
internal readonly record struct BesselK1(bool Scaled) : IUnaryOp
{
    public static string Name => "special_modified_bessel_k1";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T small = Series.Horner(x * x * T.Const(0.5) - T.One, SmallCoefficients) / x + T.Log(x * T.Const(0.5)) * I1.Small(x);
        T large = Series.Horner(T.Const(4) / x - T.One, LargeCoefficients) / T.Sqrt(x);
        if (Scaled) small *= T.Exp(x);
        else large *= T.Exp(-x);
        return T.Where(T.Equal(x, T.Zero), T.Const(double.PositiveInfinity), T.Where(T.LessEqual(x, T.Const(2)), small, large));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");

    static ReadOnlySpan<double> SmallCoefficients =>
    [
        0.8850882877295894, -0.3322409552403131, -0.2438385288677433, -0.02785423521977184, -0.001383168846618116,
        -3.891869064371633e-05, -7.081133691517408e-07, -9.032127501740678e-09, -8.533634168575142e-11, -6.214271617329577e-13
    ];

    static ReadOnlySpan<double> LargeCoefficients =>
    [
        1.363151890371342, 0.10334973775386523, -0.005566729880074588, 0.0007357241549081501, -0.00013959021956272223,
        3.284386555825453e-05, -8.961207387750025e-06, 2.730041433569803e-06, -9.067087633371393e-07, 3.2298119177151824e-07,
        -1.2203186351938403e-07, 4.8461952200091865e-08, -1.9817577141591116e-08, 8.40938756536177e-09, -4.331939985658629e-09,
        2.1757782025837176e-09, -8.336227195991456e-11, -1.7982138496175016e-10, -8.908596710923906e-10, 6.042482293782838e-10,
        3.3867804167808003e-10, -2.399376595899464e-10, -1.1931668393112158e-10, 7.52479548635394e-11
    ];
}
