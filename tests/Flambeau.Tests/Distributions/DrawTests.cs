using System.Text.Json.Nodes;
using Flambeau.Distributions;
using Xunit;

namespace Flambeau.Tests.Distributions;

/// <summary>Draws of which more is known than what the laws say.</summary>
public class DrawTests
{
    static JsonObject Recorded => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "draws.json")))!.AsObject();

    public static TheoryData<string> Names => new(DistributionTable.Rows.Select(r => r.Name));

    /// <summary>From the same seed, to 1e-12: logarithms and sines differ in their last bits.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Draws_are_those_of_PyTorch(string name)
    {
        // PyTorch 1.13 has no InverseGamma, redraws Wishart's matrices because they are not singular, and draws LKJ's from another distribution.
        if (name is "InverseGamma" or "Wishart" or "LkjCholesky") return;
        DistributionRow r = DistributionTable.Find(name);
        Tensor x = r.Of(r.P).Sample([12], new Generator(7));
        JsonNode expected = Recorded[name]!;
        Assert.Equal(expected["shape"]!.AsArray().Select(n => (long)n!), x.Shape);
        double[] e = [.. expected["values"]!.AsArray().Select(v => (double)v!)], a = x.To(DType.Float64).ToArray<double>();
        for (int i = 0; i < e.Length; i++) Assert.True(Math.Abs(a[i] - e[i]) <= 1e-12 * Math.Max(1, Math.Abs(e[i])), $"{name}, number {i}: {e[i]} expected, {a[i]} came");
    }

    /// <summary>E cos(x − μ) = 1 − circular variance, E sin(x − μ) = 0, within 5 standard errors.</summary>
    [Fact]
    public void Von_Mises_has_its_circular_moments()
    {
        DistributionRow r = DistributionTable.Find("VonMises");
        Distribution d = r.Of(r.P);
        Tensor x = d.Sample([40_000], new Generator(1)) - d.Mean;
        Assert.True(((x.Cos().Mean(0) - (1 - d.Variance)).Abs() < 5 * x.Cos().Std([0]) / 200).All().Item<bool>());
        Assert.True((x.Sin().Mean(0).Abs() < 5 * x.Sin().Std([0]) / 200).All().Item<bool>());
    }

    /// <summary>The mean correlation matrix is the identity; an entry has the variance 1/(2η + d − 1) (D. Lewandowski et al., 2009), within 6 standard errors.</summary>
    [Fact]
    public void Lkj_has_its_moments()
    {
        const double eta = 2.5;
        Tensor l = new LkjCholesky(3, Tensor.FromScalar(eta, DType.Float64)).Sample([40_000], new Generator(1)), m = l.MatMul(l.MT);
        Assert.True(((m.Mean(0) - Tensor.Eye(3, dtype: DType.Float64)).Abs() <= 6 * m.Std([0]) / 200 + 1e-12).All().Item<bool>());
        foreach ((int i, int j) in ((int, int)[])[(0, 1), (0, 2), (1, 2)])
        {
            Tensor square = m.Select(-1, i).Select(-1, j).Square();
            Assert.True(Math.Abs(square.Mean().Item<double>() - 1 / (2 * eta + 2)) < 6 * square.Std().Item<double>() / 200, $"{i}, {j}: {square.Mean()}");
        }
    }

    /// <summary>Chi-squared with the counts of 100,000 draws: p = 1e-4 for the number of cells. Every branch of the algorithms.</summary>
    [Theory]
    [InlineData(0.5), InlineData(9.9), InlineData(10), InlineData(60)]
    public void Poisson_counts_are_as_likely_as_they_should(double rate) => Frequencies(new Poisson(Tensor.FromScalar(rate, DType.Float64)), 200);

    /// <inheritdoc cref="Poisson_counts_are_as_likely_as_they_should"/>
    [Theory]
    [InlineData(5, 0.3), InlineData(40, 0.2), InlineData(100, 0.3), InlineData(100, 0.9), InlineData(1000, 0.5)]
    public void Binomial_counts_are_as_likely_as_they_should(double n, double p) => Frequencies(new Binomial(n, Tensor.FromScalar(p, DType.Float64)), (int)n);

    static void Frequencies(Distribution d, int most)
    {
        const int n = 100_000;
        double[] p = d.LogProb(Tensor.Arange(most + 1, DType.Float64)).Exp().ToArray<double>(), counts = new double[most + 1];
        foreach (double x in d.Sample([n], new Generator(1)).ToArray<double>()) counts[(int)x]++;
        double sum = 0, rest = 0, restCount = 0;
        int cells = 0;
        for (int k = 0; k <= most; k++)
        {
            if (p[k] * n < 10)
            {
                rest += p[k] * n;
                restCount += counts[k];
                continue;
            }
            sum += Math.Pow(counts[k] - p[k] * n, 2) / (p[k] * n);
            cells++;
        }
        if (rest > 1)
        {
            sum += Math.Pow(restCount - rest, 2) / rest;
            cells++;
        }
        // E. B. Wilson and M. M. Hilferty's cube root: the quantile 3.72 of the normal distribution is p = 1e-4.
        double f = Math.Max(1, cells - 1), limit = f * Math.Pow(1 - 2 / (9 * f) + 3.72 * Math.Sqrt(2 / (9 * f)), 3);
        Assert.True(sum < limit, $"χ² = {sum} with {f} degrees of freedom");
    }

    [Fact]
    public void Impossible_counts_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Tensor.Full([2], -1.0).Poisson());
        Assert.Throws<ArgumentException>(() => Tensor.Full([2], 3, DType.Int64).Poisson());
        Assert.Throws<ArgumentException>(() => Tensor.Ones(2).Binomial(Tensor.Ones(3)));
        Assert.Throws<ArgumentException>(() => Tensor.FromScalar(1.0).SampleDirichlet());
    }

    [Fact]
    public void Second_derivatives_of_rejected_samples_are_refused()
    {
        Tensor a = Tensor.From([0.5, 2.0]).SetRequiresGrad();
        Tensor g = Autograd.Grad([a.StandardGamma(new Generator(1)).Sum()], [a], createGraph: true)[0]!;
        Assert.Contains("first derivatives only", Assert.Throws<NotSupportedException>(() => g.Sum().Backward()).Message);
    }

    [Fact]
    public void Certain_counts_are_certain()
    {
        Assert.Equal([0, 7, 0, 0], Tensor.From([7.0, 7, 0, -1]).Binomial(Tensor.From([0.0, 1, 0.5, 0.5])).ToArray<double>());
        Assert.Equal([0.0], Tensor.From([0.0]).Poisson().ToArray<double>());
    }
}
