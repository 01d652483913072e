namespace Flambeau.Ops;

/// <summary>P(a, x) = γ(a, x)/Γ(a), the regularized lower incomplete gamma function</summary>
internal readonly record struct Igamma : IBinaryOp, IScalarFunction
{
    public static string Name => "igamma";
    public static Traits Traits => Traits.Float | Traits.InDouble;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Each(this, a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * Density(a, b);

    /// <summary>∂P/∂x = x^{a − 1} e⁻ˣ / Γ(a).</summary>
    public static T Density<T>(T a, T x) where T : IReal<T> => T.Exp((a - T.One) * T.Log(x) - x - T.Lgamma(a));

    public double Value(double a, double b) => IncompleteGamma.Lower(a, b);
}

/// <summary>Q(a, x) = 1 − P(a, x), the regularized upper incomplete gamma function</summary>
internal readonly record struct Igammac : IBinaryOp, IScalarFunction
{
    public static string Name => "igammac";
    public static Traits Traits => Traits.Float | Traits.InDouble;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Each(this, a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => -grad * Igamma.Density(a, b);

    public double Value(double a, double b) => IncompleteGamma.Upper(a, b);
}

/// <summary>
/// The incomplete gamma functions of doubles: a power series, a continued fraction, and for large a near x Temme's uniform expansion
/// (NIST Digital Library of Mathematical Functions, 8.7.1, 8.9.2, 8.12). What is small of P and Q is computed, the other is its complement.
/// </summary>
internal static class IncompleteGamma
{
    /// <summary>P(a, x).</summary>
    public static double Lower(double a, double x)
    {
        if (Trivial(a, x) is { } y) return y;
        if (IsUniform(a, x)) return Uniform(a, x, lower: true);
        return x <= 1 || x < a ? LowerSeries(a, x) : 1 - UpperFraction(a, x);
    }

    /// <summary>Q(a, x).</summary>
    public static double Upper(double a, double x)
    {
        if (Trivial(a, x) is { } y) return 1 - y;
        if (IsUniform(a, x)) return Uniform(a, x, lower: false);
        if (x > 1.1) return x < a ? 1 - LowerSeries(a, x) : UpperFraction(a, x);
        // Near 0 one of the two is small; which, these bounds tell.
        return x <= 0.5 ? -0.4 / Math.Log(x) < a ? 1 - LowerSeries(a, x) : UpperSeries(a, x) : 1.1 * x < a ? 1 - LowerSeries(a, x) : UpperSeries(a, x);
    }

    /// <summary>P at the edges.</summary>
    static double? Trivial(double a, double x) =>
        x < 0 || a < 0 ? double.NaN
        : a == 0 ? x > 0 ? 1 : double.NaN
        : x == 0 ? 0
        : double.IsPositiveInfinity(a) ? double.IsPositiveInfinity(x) ? double.NaN : 0
        : double.IsPositiveInfinity(x) ? 1
        : double.IsNaN(a) || double.IsNaN(x) ? double.NaN : null;

    /// <summary>xᵃ e⁻ˣ / Γ(a + 1).</summary>
    static double Power(double a, double x)
    {
        if (a < 10) return x > 1500 ? 0 : Math.Exp(-x / 2) * Math.Pow(x, a) * Math.Exp(-x / 2) / GammaFunctions.Gamma(a + 1);
        double u = (x - a) / a, exponent = u < -0.5 ? x - a - a * Math.Log(x / a) : a * GammaFunctions.LessLog1p(u);
        return Math.Exp(-exponent) / (Math.Sqrt(2 * Math.PI * a) * GammaFunctions.Star(a));
    }

    // P = xᵃ e⁻ˣ / Γ(a + 1) · (1 + x/(a + 1) + x²/((a + 1)(a + 2)) + …)
    static double LowerSeries(double a, double x)
    {
        double power = Power(a, x), term = 1, sum = 1;
        if (power == 0) return 0;
        for (double k = a + 1; term > 1e-17 * sum; k++) sum += term *= x / k;
        return power * sum;
    }

    // Q = 1 − xᵃ/Γ(a + 1) − xᵃ/Γ(a) Σ_{k ≥ 1} (−x)ᵏ/(k!(a + k)), for a and x up to about 1
    static double UpperSeries(double a, double x)
    {
        double term = 1, sum = 0;
        for (int k = 1; k < 40; k++)
        {
            term *= -x / k;
            sum += term / (a + k);
        }
        double log = a * Math.Log(x), logGamma = GammaFunctions.LogGammaOfOnePlus(a);
        return -GammaFunctions.Expm1(log - logGamma) - a * Math.Exp(log - logGamma) * sum;
    }

    // Q = xᵃ e⁻ˣ / Γ(a) / (x + 1 − a − 1(1 − a)/(x + 3 − a − 2(2 − a)/(x + 5 − a − …))), by Lentz's method
    static double UpperFraction(double a, double x)
    {
        double power = a * Power(a, x);
        if (power == 0) return 0;
        double b = x + 1 - a, c = 1e300, d = 1 / b, f = d;
        for (int k = 1; k < 10000; k++)
        {
            double n = -k * (k - a);
            b += 2;
            d = n * d + b;
            c = b + n / c;
            d = 1 / (d == 0 ? 1e-300 : d);
            if (c == 0) c = 1e-300;
            double step = c * d;
            f *= step;
            if (Math.Abs(step - 1) < 1e-16) break;
        }
        return power * f;
    }

    static bool IsUniform(double a, double x) => a > 64 && Math.Abs(x - a) < 0.3 * a;

    // With η²/2 = u − ln(1 + u), u = x/a − 1, η of u's sign: Q = ½ erfc(η√(a/2)) + e^{−aη²/2}/√(2πa) Σ Cₖ(η)/aᵏ; P has erfc(−…) and −Σ.
    static double Uniform(double a, double x, bool lower)
    {
        double u = (x - a) / a, half = GammaFunctions.LessLog1p(u), eta = Math.CopySign(Math.Sqrt(2 * half), u), sum = 0;
        sum = Series.Horner(eta, C7);
        sum = sum / a + Series.Horner(eta, C6);
        sum = sum / a + Series.Horner(eta, C5);
        sum = sum / a + Series.Horner(eta, C4);
        sum = sum / a + Series.Horner(eta, C3);
        sum = sum / a + Series.Horner(eta, C2);
        sum = sum / a + Series.Horner(eta, C1);
        sum = sum / a + Series.Horner(eta, C0);
        double e = Math.Exp(-a * half), tail = Erfcx.OfPositive(Math.Sqrt(a * half)) / 2, rest = sum / Math.Sqrt(2 * Math.PI * a);
        bool isLower = u < 0;                                                  // which of the two is computed
        double y = e * (isLower ? tail - rest : tail + rest);
        return isLower == lower ? y : 1 - y;
    }

    // Cₖ(η) in powers of η, as far as a > 64 and |η| < 0.35 can see them
    static ReadOnlySpan<double> C0 =>
    [
        -0.3333333333333333, 0.08333333333333333, -0.014814814814814815, 0.0011574074074074073, 0.0003527336860670194,
        -0.0001787551440329218, 3.919263178522438e-05, -2.185448510679992e-06, -1.85406221071516e-06, 8.296711340953087e-07,
        -1.7665952736826078e-07, 6.707853543401498e-09, 1.0261809784240309e-08, -4.382036018453353e-09, 9.14769958223679e-10,
        -2.5514193994946248e-11, -5.830772132550426e-11
    ];

    static ReadOnlySpan<double> C1 =>
    [
        -0.001851851851851852, -0.003472222222222222, 0.0026455026455026454, -0.0009902263374485596, 0.00020576131687242798,
        -4.018775720164609e-07, -1.8098550334489977e-05, 7.64916091608111e-06, -1.6120900894563446e-06, 4.647127802807434e-09,
        1.378633446915721e-07, -5.752545603517705e-08, 1.1951628599778148e-08
    ];

    static ReadOnlySpan<double> C2 =>
    [
        0.004133597883597883, -0.0026813271604938273, 0.0007716049382716049, 2.0093878600823047e-06, -0.0001073665322636516,
        5.2923448829120125e-05, -1.2760635188618728e-05, 3.423578734096138e-08, 1.3721957309062934e-06, -6.298992138380055e-07,
        1.4280614206064242e-07
    ];

    static ReadOnlySpan<double> C3 =>
    [
        0.0006494341563786008, 0.00022947209362139917, -0.0004691894943952557, 0.00026772063206283885, -7.561801671883977e-05,
        -2.396505113867297e-07, 1.1082654115347302e-05, -5.6749528269915965e-06, 1.4230900732435883e-06
    ];

    static ReadOnlySpan<double> C4 =>
    [
        -0.0008618882909167117, 0.0007840392217200666, -0.0002990724803031902, -1.4638452578843418e-06, 6.641498215465122e-05,
        -3.968365047179435e-05, 1.1375726970678419e-05
    ];

    static ReadOnlySpan<double> C5 =>
    [
        -0.00033679855336635813, -6.972813758365857e-05, 0.0002772753244959392, -0.00019932570516188847, 6.797780477937208e-05
    ];

    static ReadOnlySpan<double> C6 =>
    [
        0.0005313079364639922, -0.0005921664373536939, 0.0002708782096718045
    ];

    static ReadOnlySpan<double> C7 =>
    [
        0.00034436760689237765, 5.171790908260592e-05, -0.00033493161081142234, 0.0002812695154763237
    ];
}
