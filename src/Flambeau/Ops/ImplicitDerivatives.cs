using static System.Math;

namespace Flambeau.Ops;

/// <summary>
/// dx/dα at a fixed value F(x; α) of a distribution function: −(∂F/∂α)/(∂F/∂x). The functions are those of continued fractions and series
/// that converge where they are used, and their derivatives by α those of the same recurrences.
/// </summary>
internal static class ImplicitDerivatives
{
    const double Precision = 1e-15, Tiny = 1e-290;
    const int MaxTerms = 100_000;

    /// <summary>A number and its derivative by α.</summary>
    readonly record struct Dual(double V, double D)
    {
        public static implicit operator Dual(double v) => new(v, 0);
        public static Dual operator +(Dual a, Dual b) => new(a.V + b.V, a.D + b.D);
        public static Dual operator -(Dual a, Dual b) => new(a.V - b.V, a.D - b.D);
        public static Dual operator *(Dual a, Dual b) => new(a.V * b.V, a.V * b.D + a.D * b.V);
        public static Dual operator /(Dual a, Dual b) => new(a.V / b.V, (a.D - a.V / b.V * b.D) / b.V);
    }

    /// <summary>Of the gamma distribution of rate 1.</summary>
    public static double Gamma(double alpha, double x)
    {
        if (!(alpha > 0) || !(x > 0) || double.IsInfinity(alpha) || double.IsInfinity(x)) return double.NaN;
        if (alpha > 1e6)
        {
            // The quantile z of the normal distribution stays fixed in E. A. Cornish and R. A. Fisher's x = α + √α z + (z² − 1)/3 + (z³ − 7z)/36√α + …
            double root = Sqrt(alpha), w = (x - alpha) / root, z = w - (w * w - 1) / (3 * root);
            return 1 + z / (2 * root) - (z * z * z - 7 * z) / (72 * alpha * root);
        }
        return x <= alpha + 1 ? BySeries(alpha, x) : ByFraction(alpha, x);
    }

    // P/p = Σ tₙ with tₙ = x^(n + 1) Γ(α)/Γ(α + n + 1), and ∂tₙp/∂α = tₙp (log x − ψ(α + n + 1)).
    static double BySeries(double alpha, double x)
    {
        double term = x / alpha, psi = Digamma(alpha) + 1 / alpha, log = Log(x), sum = 0;
        for (int n = 1; n < MaxTerms; n++)
        {
            double add = term * (psi - log);
            sum += add;
            if (n > 3 && Abs(add) <= Precision * Abs(sum)) break;
            term *= x / (alpha + n);
            psi += 1 / (alpha + n);
        }
        return sum;
    }

    // (1 − P)/p = x · K, K = 1/(x + 1 − α − 1(1 − α)/(x + 3 − α − 2(2 − α)/(…))), by W. J. Lentz's method.
    static double ByFraction(double alpha, double x)
    {
        Dual a = new(alpha, 1), b = x + 1 - a, c = 1 / Tiny, d = 1 / b, h = d;
        for (int i = 1; i < MaxTerms; i++)
        {
            Dual an = i * (a - i);
            b += 2;
            d = 1 / Away(b + an * d);
            c = Away(b + an / c);
            Dual step = c * d;
            h *= step;
            if (Abs(step.V - 1) <= Precision && Abs(step.D) <= Precision) break;
        }
        return x * (h.V * (Log(x) - Digamma(alpha)) + h.D);
    }

    /// <summary>Of the Beta distribution of parameters α and β.</summary>
    public static double Beta(double alpha, double beta, double x)
    {
        if (!(alpha > 0) || !(beta > 0) || !(x > 0) || !(x < 1)) return double.NaN;
        double change = Digamma(alpha + beta) - Digamma(alpha);
        if (x <= (alpha + 1) / (alpha + beta + 2))
        {
            // I/p = x(1 − x)/α · K, and the factor xᵅ(1 − x)ᵝ/B of both changes with log x − ψ(α) + ψ(α + β).
            Dual a = new(alpha, 1), h = x * (1 - x) * Fraction(a, beta, x) / a;
            return -(h.V * (Log(x) + change) + h.D);
        }
        Dual k = x * (1 - x) / beta * Fraction(beta, new(alpha, 1), 1 - x);                                   // 1 − I, turned around
        return k.V * (Log(x) + change) + k.D;
    }

    // The continued fraction of the incomplete beta function, even and odd steps together.
    static Dual Fraction(Dual a, Dual b, double x)
    {
        Dual ab = a + b, c = 1, d = 1 / Away(1 - ab * x / (a + 1)), h = d;
        for (int m = 1; m < MaxTerms; m++)
        {
            Dual even = m * (b - m) * x / ((a + (2 * m - 1)) * (a + 2 * m));
            d = 1 / Away(1 + even * d);
            c = Away(1 + even / c);
            h *= d * c;
            Dual odd = -1 * (a + m) * (ab + m) * x / ((a + 2 * m) * (a + (2 * m + 1)));
            d = 1 / Away(1 + odd * d);
            c = Away(1 + odd / c);
            Dual step = c * d;
            h *= step;
            if (Abs(step.V - 1) <= Precision && Abs(step.D) <= Precision) break;
        }
        return h;
    }

    static Dual Away(Dual x) => Abs(x.V) < Tiny ? x with { V = Tiny } : x;

    // ψ(x), x > 0: its asymptotic series from 10 on, reached by ψ(x + 1) = ψ(x) + 1/x.
    static double Digamma(double x)
    {
        double y = 0;
        for (; x < 10; x++) y -= 1 / x;
        double q = 1 / (x * x);
        return y + Log(x) - 0.5 / x - q * (1 / 12.0 - q * (1 / 120.0 - q * (1 / 252.0 - q * (1 / 240.0 - q * (1 / 132.0 - q * (691 / 32760.0 - q / 12))))));
    }
}
