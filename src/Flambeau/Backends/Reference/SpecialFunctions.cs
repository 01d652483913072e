namespace Flambeau.Backends.Reference;

/// <summary>
/// Functions that System.Math lacks, by their defining series and integrals' asymptotics: slow and obvious, independent of the
/// polynomials in the CPU's VectorMath.
/// </summary>
internal static class SpecialFunctions
{
    public static double Expm1(double x)
    {
        if (Math.Abs(x) > 0.5) return Math.Exp(x) - 1;
        double term = x, sum = x;                                              // Σ xᵏ/k!
        for (int k = 2; Math.Abs(term) > 1e-19 * Math.Abs(sum) && k < 60; k++) sum += term *= x / k;
        return sum;
    }

    public static double Log1p(double x)
    {
        if (x is > 0.5 or < -0.5 || double.IsNaN(x)) return Math.Log(1 + x);
        double t = x / (2 + x), t2 = t * t, p = t, sum = t;                    // 2·atanh(x/(2+x))
        for (int k = 3; k < 120; k += 2) sum += (p *= t2) / k;
        return x == 0 ? x : 2 * sum;
    }

    public static double Erf(double x)
    {
        if (double.IsNaN(x)) return x;
        if (Math.Abs(x) > 3) return x > 0 ? 1 - Erfc(x) : Erfc(-x) - 1;
        double term = x, sum = x;                                              // 2/√π Σ (−1)ᵏ x²ᵏ⁺¹ / (k!(2k+1))
        for (int k = 1; k < 200; k++)
        {
            term *= -x * x / k;
            sum += term / (2 * k + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    public static double Erfc(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x < 2) return 1 - Erf(x);
        if (double.IsPositiveInfinity(x)) return 0;
        double f = 0;                                                          // continued fraction x + ½/(x + 1/(x + 3⁄2/(x + …)))
        for (int k = 200; k >= 1; k--) f = k / 2.0 / (x + f);
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (x + f);
    }

    public static double Lgamma(double x)
    {
        if (double.IsNaN(x)) return x;
        if (double.IsInfinity(x) || x <= 0 && x == Math.Floor(x)) return double.PositiveInfinity;
        if (x < 0.5) return Math.Log(Math.PI / Math.Abs(Math.Sin(Math.PI * x))) - Lgamma(1 - x);
        double shift = 0, product = 1;
        for (; x < 15; x++)
        {
            product *= x;
            if (product > 1e200) (shift, product) = (shift + Math.Log(product), 1);
        }
        double i = 1 / x, i2 = i * i;                                          // Stirling's series
        double series = i * (1 / 12.0 - i2 * (1 / 360.0 - i2 * (1 / 1260.0 - i2 * (1 / 1680.0 - i2 * (1 / 1188.0 - i2 * 691 / 360360.0)))));
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + series - shift - Math.Log(product);
    }

    public static double Digamma(double x)
    {
        if (double.IsNaN(x) || double.IsNegativeInfinity(x)) return double.NaN;
        if (double.IsPositiveInfinity(x)) return x;
        if (x == 0) return double.IsNegative(x) ? double.PositiveInfinity : double.NegativeInfinity;
        if (x < 0 && x == Math.Floor(x)) return double.NaN;
        if (x < 0) return Digamma(1 - x) - Math.PI / Math.Tan(Math.PI * (x - Math.Round(x)));
        double sum = 0;
        for (; x < 15; x++) sum -= 1 / x;
        double i2 = 1 / (x * x);
        return sum + Math.Log(x) - 0.5 / x - i2 * (1 / 12.0 - i2 * (1 / 120.0 - i2 * (1 / 252.0 - i2 * (1 / 240.0 - i2 * (1 / 132.0 - i2 * 691 / 32760.0)))));
    }
}
