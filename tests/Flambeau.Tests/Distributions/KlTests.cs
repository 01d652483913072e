using Flambeau.Distributions;
using Xunit;

namespace Flambeau.Tests.Distributions;

/// <summary>Divergences against the means of differences of log-probabilities.</summary>
public class KlTests
{
    // A family stands for those in it.
    static string Representative(Type t) => t == typeof(ExponentialFamily) ? "Wishart" : t.Name;

    public static TheoryData<string, string> Pairs => new(Kl.Registered.Where(k => k.P != typeof(Mine)).Select(k => (Representative(k.P), Representative(k.Q))).Distinct());

    public static TheoryData<string> Same => new(DistributionTable.Rows.Select(r => r.Name));

    /// <summary>40,000 draws, 5 standard errors. Infinite where p has draws that q excludes.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public void A_divergence_is_a_mean(string first, string second)
    {
        DistributionRow a = DistributionTable.Find(first), b = DistributionTable.Find(second);
        (Distribution p, Distribution q) = (a.Of(a.P), b.Of(b.Q));
        Tensor kl = Kl.KlDivergence(p, q);
        Assert.Equal(p.BatchShape, kl.Shape);
        Tensor x = p.Sample([40_000], new Generator(11));
        Tensor inside = q.Support.Check(x);
        if (inside.Rank > kl.Rank + 1) inside = inside.Flatten(1).All([-1]);
        if (!inside.All().Item<bool>())
        {
            Assert.True(kl.Eq(double.PositiveInfinity).Any().Item<bool>(), $"{first} {second}: {kl}, but q excludes draws of p");
            return;
        }
        Assert.True(kl.IsFinite().All().Item<bool>(), $"{first} {second}: {kl}");
        Tensor d = p.LogProb(x) - q.LogProb(x);
        Assert.True(((d.Mean(0) - kl).Abs() <= 5 * d.Std([0]) / 200 + 1e-9).All().Item<bool>(), $"{first} {second}: {kl}, of draws {d.Mean(0)}");
    }

    [Theory, MemberData(nameof(Same))]
    public void Nothing_diverges_from_itself(string name)
    {
        DistributionRow r = DistributionTable.Find(name);
        Tensor kl;
        try { kl = Kl.KlDivergence(r.Of(r.P), r.Of(r.P)); }
        catch (NotSupportedException)
        {
            Assert.Contains(name, (string[])["FisherSnedecor", "StudentT", "VonMises", "NegativeBinomial", "Multinomial", "MixtureSameFamily", "LkjCholesky", "LogitRelaxedBernoulli", "ExpRelaxedCategorical", "RelaxedBernoulli", "RelaxedOneHotCategorical", "Kumaraswamy", "Weibull", "Gumbel"]);
            return;
        }
        Assert.True((kl.Abs() < 1e-9).All().Item<bool>(), $"{name}: {kl}");
    }

    [Fact]
    public void Divergences_have_derivatives()
    {
        DistributionRow normal = DistributionTable.Find("Normal"), wishart = DistributionTable.Find("Wishart");
        Assert.Null(GradCheck.Run(p => [Kl.KlDivergence(normal.Make(p), normal.Of(normal.Q))], normal.Parameters(normal.P, requiresGrad: true)));
        Assert.Null(GradCheck.Run(p => [Kl.KlDivergence(wishart.Make(p), wishart.Of(wishart.Q))], wishart.Parameters(wishart.P, requiresGrad: true)));
    }

    [Fact]
    public void What_is_not_known_is_said_and_can_be_registered()
    {
        Distribution p = new VonMises(0, 1.0), q = new StudentT(3.0);
        Assert.Contains("RegisterKl", Assert.Throws<NotSupportedException>(() => Kl.KlDivergence(p, q)).Message);
        Kl.RegisterKl<Mine, Mine>((_, _) => 42.0);
        Assert.Equal(42, Kl.KlDivergence(new Mine(), new Mine()).Item<double>());
        Assert.Equal(0, Kl.KlDivergence(new Mine(), new Normal(0.0, 1.0)).Item<double>(), 1e-6);               // the nearest class's formula
        Assert.Throws<ArgumentException>(() => Kl.KlDivergence(new MultivariateNormal(Tensor.Zeros(2), Tensor.Eye(2)), new MultivariateNormal(Tensor.Zeros(3), Tensor.Eye(3))));
    }

    sealed class Mine() : Normal(0.0, 1.0);
}
