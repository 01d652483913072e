using Flambeau.Ops;
using Xunit;

namespace Flambeau.Tests.Distributions;

/// <summary>Derivatives of gamma and Beta numbers at a fixed value of the distribution function, against differences of quantiles.</summary>
public class ImplicitDerivativeTests
{
    // The density's integral by Simpson's rule in t with x = t⁴/(…): enough to differentiate quantiles of it.
    static double Integral(Func<double, double> density, double x)
    {
        const int n = 20_000;
        double h = Math.Pow(x, 1 / 8.0) / n, sum = 0;
        for (int i = 1; i <= n; i++)
        {
            double t = i * h;
            sum += (i == n ? 1 : i % 2 == 1 ? 4 : 2) * density(Math.Pow(t, 8)) * 8 * Math.Pow(t, 7);
        }
        return sum * h / 3;
    }

    static double LogGamma(double x) => Tensor.FromScalar(x, DType.Float64).Lgamma().Item<double>();

    // At fixed F: dx/dα = −(∂F/∂α)/f.
    static double Expected(Func<double, double, double> density, double alpha, double x)
    {
        double h = 1e-4 * alpha;
        double F(double a) => Integral(t => density(a, t), x);
        double slope = (8 * (F(alpha + h) - F(alpha - h)) - (F(alpha + 2 * h) - F(alpha - 2 * h))) / (12 * h);
        return -slope / density(alpha, x);
    }

    [Theory]
    [InlineData(0.3, 0.01), InlineData(0.3, 0.5), InlineData(0.3, 3), InlineData(1, 0.7), InlineData(2.5, 0.4), InlineData(2.5, 2.5), InlineData(2.5, 9), InlineData(30, 20), InlineData(30, 31), InlineData(30, 45)]
    public void Of_the_gamma_distribution(double alpha, double x)
    {
        double e = Expected((a, t) => Math.Exp((a - 1) * Math.Log(t) - t - LogGamma(a)), alpha, x);
        Assert.Equal(1, ImplicitDerivatives.Gamma(alpha, x) / e, 1e-6);
    }

    [Theory]
    [InlineData(0.4, 0.6, 0.01), InlineData(0.4, 0.6, 0.3), InlineData(2, 3, 0.1), InlineData(2, 3, 0.5), InlineData(2, 3, 0.9), InlineData(20, 5, 0.7), InlineData(20, 5, 0.95), InlineData(1, 40, 0.02)]
    public void Of_the_beta_distribution(double alpha, double beta, double x)
    {
        double e = Expected((a, t) => Math.Exp((a - 1) * Math.Log(t) + (beta - 1) * Math.Log(1 - t) + LogGamma(a + beta) - LogGamma(a) - LogGamma(beta)), alpha, x);
        Assert.Equal(1, ImplicitDerivatives.Beta(alpha, beta, x) / e, 1e-6);
    }

    /// <summary>The series, the fraction and the expansion for large α must meet.</summary>
    [Theory]
    [InlineData(9.999e5, 9.99e5), InlineData(9.999e5, 1.001e6)]
    public void Of_a_large_gamma_number(double alpha, double x) =>
        Assert.Equal(ImplicitDerivatives.Gamma(alpha, x), ImplicitDerivatives.Gamma(1.0000001e6, x + 1.0000001e6 - alpha), 1e-6);

    [Fact]
    public void What_has_no_derivative_is_NaN()
    {
        Assert.Equal(double.NaN, ImplicitDerivatives.Gamma(0, 1));
        Assert.Equal(double.NaN, ImplicitDerivatives.Gamma(1, double.NaN));
        Assert.Equal(double.NaN, ImplicitDerivatives.Beta(1, 1, 1));
    }
}
