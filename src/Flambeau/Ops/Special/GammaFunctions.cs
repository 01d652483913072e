namespace Flambeau.Ops;

/// <summary>Γ and its companions of positive numbers, as scalar functions need them.</summary>
internal static class GammaFunctions
{
    // B₂ₖ / (2k(2k − 1))
    static ReadOnlySpan<double> Stirling => [1 / 12.0, -1 / 360.0, 1 / 1260.0, -1 / 1680.0, 1 / 1188.0, -691 / 360360.0, 1 / 156.0, -3617 / 122400.0];

    /// <summary>Γ*(a) = Γ(a) / (√(2π/a) (a/e)ᵃ) for a ≥ 10, by Stirling's series.</summary>
    public static double Star(double a) => Math.Exp(Series.Horner(1 / (a * a), Stirling) / a);

    /// <summary>Γ(a) for 0 &lt; a &lt; 20.</summary>
    public static double Gamma(double a)
    {
        double product = 1;
        for (; a < 10; a++) product *= a;
        return Math.Sqrt(2 * Math.PI / a) * Math.Pow(a, a) * Math.Exp(-a) * Star(a) / product;
    }

    /// <summary>ln Γ(1 + a) for −½ ≤ a ≤ 1.6, accurate near its root at 0.</summary>
    public static double LogGammaOfOnePlus(double a) => a < 0.5 ? LogGammaOfTwoPlus(a) - Log1p(a) : LogGammaOfTwoPlus(a - 1);

    static double LogGammaOfTwoPlus(double h) => h * Series.Horner((h - 0.05) / 0.55, LogGammaCoefficients);

    /// <summary>u − ln(1 + u) for u > −1, without their cancellation.</summary>
    public static double LessLog1p(double u)
    {
        if (Math.Abs(u) > 0.4) return u - Math.Log(1 + u);
        double r = u / (2 + u), r2 = r * r, p = r, sum = 0;                    // ln(1 + u) = 2 artanh r
        for (int k = 3; k < 60; k += 2)
        {
            double term = (p *= r2) / k;
            sum += term;
            if (Math.Abs(term) < 1e-18 * Math.Abs(sum)) break;
        }
        return r * u - 2 * sum;
    }

    /// <summary>ln(1 + u).</summary>
    public static double Log1p(double u) => u - LessLog1p(u);

    /// <summary>eᵘ − 1.</summary>
    public static double Expm1(double u)
    {
        double e = Math.Exp(u);
        // The rounding of e is made good by asking which number it is the exponential of.
        return e == 1 || Math.Abs(u) < 1e-16 ? u : e - 1 == -1 || double.IsInfinity(e) ? e - 1 : (e - 1) * u / Math.Log(e);
    }

    static ReadOnlySpan<double> LogGammaCoefficients =>
    [
        0.4387418333434367, 0.17373540511409843, -0.01947266869244758, 0.0031899223175114702, -0.0006135966024157974,
        0.0001287378608290318, -2.8483441306938727e-05, 6.527059798516546e-06, -1.5328136852367793e-06, 3.6646361189441966e-07,
        -8.880652079148417e-08, 2.174545490124265e-08, -5.370222918139871e-09, 1.3405110953294296e-09, -3.355714983836514e-10,
        7.972422318604102e-11, -1.9964439480469828e-11, 7.36500412050244e-12, -1.906469494679295e-12
    ];
}
