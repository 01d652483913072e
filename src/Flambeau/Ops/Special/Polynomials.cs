namespace Flambeau.Ops;

/// <summary>The orthogonal polynomials of PyTorch.</summary>
internal enum PolynomialFamily
{
    /// <summary>Chebyshev's: cos nθ for x = cos θ.</summary>
    ChebyshevT,
    /// <summary>sin((n + 1)θ)/sin θ.</summary>
    ChebyshevU,
    /// <summary>cos((n + ½)θ)/cos ½θ.</summary>
    ChebyshevV,
    /// <summary>sin((n + ½)θ)/sin ½θ.</summary>
    ChebyshevW,
    /// <summary>Hermite's, of the physicists.</summary>
    HermiteH,
    /// <summary>Hermite's, of probability.</summary>
    HermiteHe,
    /// <summary>Laguerre's.</summary>
    LaguerreL,
    /// <summary>Legendre's.</summary>
    LegendreP,
}

/// <summary>The polynomial of degree b (its integer part; 0 for negative ones, NaN beyond 10⁷) of a family at a, or where shifted at 2a − 1. PyTorch has no derivatives of these</summary>
internal readonly record struct OrthogonalPolynomial(PolynomialFamily Family, bool Shifted) : IBinaryOp, IScalarFunction
{
    const double HighestDegree = 1e7;

    public static string Name => "special_polynomial";
    public static Traits Traits => Traits.Float | Traits.InDouble;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Each(this, a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => NoDerivative.Of<T>(Family.ToString(), "input");
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => NoDerivative.Of<T>(Family.ToString(), "n");

    public double Value(double a, double b)
    {
        double x = Shifted ? a + a - 1 : a, n = Math.Truncate(b);
        if (double.IsNaN(b) || n > HighestDegree) return double.NaN;
        if (n < 0) return 0;
        if (Family <= PolynomialFamily.ChebyshevW && Math.Abs(x) <= 1 && n > 8) return Angular(x, n);
        return Recurrence(x, (int)n);
    }

    /// <summary>By the recurrence alone, whatever the degree.</summary>
    public double Definition(double a, double b) =>
        double.IsNaN(b) || b > HighestDegree ? double.NaN : b <= -1 ? 0 : Recurrence(Shifted ? a + a - 1 : a, (int)b);

    /// <summary>p₀ = 1, p₁, and pₖ₊₁ from the last two.</summary>
    double Recurrence(double x, int n)
    {
        if (n == 0) return 1;
        double p = 1, q = Family switch
        {
            PolynomialFamily.ChebyshevU or PolynomialFamily.HermiteH => x + x,
            PolynomialFamily.ChebyshevV => x + x - 1,
            PolynomialFamily.ChebyshevW => x + x + 1,
            PolynomialFamily.LaguerreL => 1 - x,
            _ => x,
        };
        for (int k = 1; k < n && double.IsFinite(q); k++)
            (p, q) = (q, Family switch
            {
                PolynomialFamily.HermiteH => 2 * (x * q - k * p),
                PolynomialFamily.HermiteHe => x * q - k * p,
                PolynomialFamily.LaguerreL => ((2 * k + 1 - x) * q - k * p) / (k + 1),
                PolynomialFamily.LegendreP => ((2 * k + 1) * x * q - k * p) / (k + 1),
                _ => (x + x) * q - p,
            });
        return q;
    }

    // Chebyshev's by the angle, and their values at ±1.
    double Angular(double x, double n)
    {
        double alternating = x > 0 || n % 2 == 0 ? 1 : -1, angle = Math.Acos(x);
        if (Math.Abs(x) == 1)
            return Family switch
            {
                PolynomialFamily.ChebyshevT => alternating,
                PolynomialFamily.ChebyshevU => alternating * (n + 1),
                PolynomialFamily.ChebyshevV => x > 0 ? 1 : alternating * (2 * n + 1),
                _ => x > 0 ? 2 * n + 1 : alternating,
            };
        return Family switch
        {
            PolynomialFamily.ChebyshevT => Math.Cos(n * angle),
            PolynomialFamily.ChebyshevU => Math.Sin((n + 1) * angle) / Math.Sin(angle),
            PolynomialFamily.ChebyshevV => Math.Cos((n + 0.5) * angle) / Math.Cos(angle / 2),
            _ => Math.Sin((n + 0.5) * angle) / Math.Sin(angle / 2),
        };
    }
}
