using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    // Not compared with differences: a count jumps, and what a rejection loop draws is another function of the parameters than the one whose
    // derivative is taken, that at a fixed value of the distribution function. ImplicitDerivativeTests hold these against differences of quantiles.
    // Those derivatives have none themselves, as in PyTorch.
    static IEnumerable<Row> Distributions()
    {
        yield return One("poisson", x => (4 * x).Poisson(new Generator(1)), [[Positive(5, 7)], [Positive()]]) with { Differentiable = false };
        yield return Two("binomial", (n, p) => (20 * n).Floor().Binomial(p / 3, new Generator(1)), [[Positive(5, 7), Positive(5, 7)], [Positive(3, 1), Positive(4)]]) with { Differentiable = false };
        yield return One("standard_gamma", x => x.StandardGamma(new Generator(1)), [[Positive(5, 7)], [Positive()]]) with { Differentiable = false, TwiceDifferentiable = false };
        yield return One("sample_dirichlet", x => x.SampleDirichlet(new Generator(1)), [[Positive(5, 7)], [Positive(3)]]) with { Differentiable = false, TwiceDifferentiable = false };
    }
}
