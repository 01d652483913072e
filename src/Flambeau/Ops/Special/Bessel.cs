namespace Flambeau.Ops;

// Bessel functions. Up to 8 polynomials in x², of J without its zeros there; above, with χ = x − (2n + 1)π/4, √(2/πx) times P cos χ − Q sin χ and
// P sin χ + Q cos χ, where P and xQ are polynomials in (8/x)². PyTorch has no derivatives of these.

/// <summary>The Bessel function of the first kind of order 0</summary>
internal readonly record struct BesselJ0 : IUnaryOp
{
    public static string Name => "special_bessel_j0";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T a = T.Abs(x);
        return T.Where(T.LessEqual(a, T.Const(8)), Small(a), Bessel.Wave(a, T.Cos(a) + T.Sin(a), T.Sin(a) - T.Cos(a), P, Q));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");

    public static T Small<T>(T a) where T : IReal<T> => Bessel.Root(a, 2.404825557695773, -1.176691651530894e-16)
        * Bessel.Root(a, 5.520078110286311, 8.088597146146722e-17) * Series.Horner(a * a * T.Const(1 / 32.0) - T.One, SmallCoefficients);

    static ReadOnlySpan<double> SmallCoefficients =>
    [
        0.0011434937743762545, -0.002119794289479692, 0.0015636431645931661, -0.0006415390646406123, 0.00016977200713997844,
        -3.157342540223544e-05, 4.3669323246406834e-06, -4.677128021300745e-07, 3.998839345472477e-08, -2.7948629678329127e-09,
        1.62764894918064e-10, -8.023472601933258e-12, 3.3923298937104677e-13, -1.2482967042743655e-14, 4.0068948013720515e-16
    ];

    public static ReadOnlySpan<double> P =>
    [
        0.9994572757882519, -0.0005363673192129672, 6.137416081283524e-06, -2.0527448261170675e-07, 1.2803747743828764e-08,
        -1.2121098178951377e-09, 1.550640953808597e-10, -2.491146535471666e-11, 4.674289307624388e-12, -1.0157485021065676e-12,
        3.455012974455743e-13, -1.0251790052831013e-13
    ];

    public static ReadOnlySpan<double> Q =>
    [
        -0.015555113879513518, 6.833149099344083e-05, -1.477138832650122e-06, 7.106214852192226e-08, -5.668716046704292e-09,
        6.432789503382007e-10, -9.4704131236215e-11, 1.7029372022291316e-11, -3.5884013838881433e-12, 8.689732394690306e-13,
        -2.34205092942912e-13, 5.756325587995953e-14, -1.642189437353317e-14, 1.2731367623367943e-14, -5.071762053003792e-15
    ];
}

/// <summary>The Bessel function of the first kind of order 1</summary>
internal readonly record struct BesselJ1 : IUnaryOp
{
    public static string Name => "special_bessel_j1";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T a = T.Abs(x), large = Bessel.Wave(a, T.Sin(a) - T.Cos(a), -(T.Sin(a) + T.Cos(a)), P, Q);
        return T.Where(T.LessEqual(a, T.Const(8)), Small(x), T.Where(T.Less(x, T.Zero), -large, large));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");

    public static T Small<T>(T x) where T : IReal<T> => x * Bessel.Root(x, 3.8317059702075125, -1.5269184090088067e-16)
        * Bessel.Root(x, 7.015586669815619, -9.414165653410389e-17) * Series.Horner(x * x * T.Const(1 / 32.0) - T.One, SmallCoefficients);

    static ReadOnlySpan<double> SmallCoefficients =>
    [
        0.00019498936985895625, -0.0002697522746716368, 0.00015860016799369874, -5.408003239085506e-05, 1.224217365301561e-05,
        -1.989093515914257e-06, 2.442522260752042e-07, -2.352192254577852e-08, 1.8268547695321333e-09, -1.1696932521783476e-10,
        6.284733827929608e-12, -2.875530868558852e-13, 1.1343125416873433e-14, -3.9104228826133377e-16, 1.181146462725329e-17
    ];

    public static ReadOnlySpan<double> P =>
    [
        1.0009070262780821, 0.0008988049416705183, -7.9596946984383e-06, 2.453676633366693e-07, -1.4708512991275258e-08,
        1.3602969253877949e-09, -1.713107485294131e-10, 2.72345126828134e-11, -5.191158004646548e-12, 1.0954826479277623e-12,
        -2.6335760672461096e-13, 1.0923713653079462e-13, -3.5455617466606254e-14
    ];

    public static ReadOnlySpan<double> Q =>
    [
        0.04677687402744898, -9.621458822054632e-05, 1.8212018511674905e-06, -8.291960701313517e-08, 6.420133519314915e-09,
        -7.151113611051071e-10, 1.0394482901993273e-10, -1.8520736145988993e-11, 3.8929927766683146e-12, -9.33138059712287e-13,
        2.2462055932168237e-13, -6.144675787095688e-14, 3.620117603894229e-14, -1.3449019339973269e-14
    ];
}

/// <summary>The Bessel function of the second kind of order 0; −∞ at 0, NaN below</summary>
internal readonly record struct BesselY0 : IUnaryOp
{
    public static string Name => "special_bessel_y0";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T small = Series.Horner(x * x * T.Const(1 / 32.0) - T.One, SmallCoefficients) + T.Const(2 / Math.PI) * T.Log(x) * BesselJ0.Small(x);
        T large = Bessel.Wave(x, T.Sin(x) - T.Cos(x), -(T.Cos(x) + T.Sin(x)), BesselJ0.P, BesselJ0.Q);
        return T.Where(T.LessEqual(x, T.Const(8)), small, large);
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");

    static ReadOnlySpan<double> SmallCoefficients =>
    [
        -0.382250654459425, -0.8284358903604587, 1.6470964788745466, 0.14412632369302475, -1.0775477338215995, 0.6721770783431679,
        -0.21895747096171628, 0.046367047681375125, -0.00702574105727097, 0.000806158605961636, -7.279541882454115e-05,
        5.3213188103997145e-06, -3.2185078445935923e-07, 1.6390875014077404e-08, -7.13046146536789e-10, 2.6926938054524057e-11,
        -8.840112096073101e-13
    ];
}

/// <summary>The Bessel function of the second kind of order 1; −∞ at 0, NaN below</summary>
internal readonly record struct BesselY1 : IUnaryOp
{
    public static string Name => "special_bessel_y1";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T>
    {
        T small = x * Series.Horner(x * x * T.Const(1 / 32.0) - T.One, SmallCoefficients) + T.Const(2 / Math.PI) * (T.Log(x) * BesselJ1.Small(x) - T.One / x);
        T large = Bessel.Wave(x, -(T.Sin(x) + T.Cos(x)), T.Cos(x) - T.Sin(x), BesselJ1.P, BesselJ1.Q);
        return T.Where(T.Equal(x, T.Zero), T.Const(double.NegativeInfinity), T.Where(T.LessEqual(x, T.Const(8)), small, large));
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");

    static ReadOnlySpan<double> SmallCoefficients =>
    [
        0.07075985882118005, -0.24337743079193114, 0.02336757172099348, 0.23507209206669755, -0.19639839859930203, 0.07854786922242532,
        -0.01962875683311711, 0.0034224907399188495, -0.0004438173434420147, 4.467433012646365e-05, -3.601000022590458e-06,
        2.3804930420514178e-07, -1.3153147367094951e-08, 6.169688029066965e-10, -2.499531546171249e-11, 8.760001143977853e-13
    ];
}

/// <summary>The spherical Bessel function of the first kind of order 0: sin x / x</summary>
internal readonly record struct SphericalBesselJ0 : IUnaryOp
{
    public static string Name => "special_spherical_bessel_j0";
    public static Traits Traits => Traits.Float | Traits.InDouble;

    public T Forward<T>(T x) where T : IReal<T> =>
        T.Where(T.Equal(x, T.Zero), T.One, T.Where(T.Equal(T.Abs(x), T.Const(double.PositiveInfinity)), T.Zero, T.Sin(x) / x));

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");
}

internal static class Bessel
{
    /// <summary>x² − z² for a root z = high + low, exact near it.</summary>
    public static T Root<T>(T x, double high, double low) where T : IReal<T>
    {
        T a = T.Abs(x);
        return (a - T.Const(high) - T.Const(low)) * (a + T.Const(high));
    }

    /// <summary>√(2/πx) (P c − Q s) with c = cosine/√2 and s = sine/√2, of an angle whose cosine and sine are sums of x's.</summary>
    public static T Wave<T>(T x, T cosine, T sine, ReadOnlySpan<double> p, ReadOnlySpan<double> q) where T : IReal<T>
    {
        T w = T.Const(8) / x, t = T.Const(2) * w * w - T.One;
        return (Series.Horner(t, p) * cosine - w * Series.Horner(t, q) * sine) / (T.Sqrt(x) * T.Const(1.7724538509055160273));
    }
}
