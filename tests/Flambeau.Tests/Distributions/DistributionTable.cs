using Flambeau.Distributions;

namespace Flambeau.Tests.Distributions;

/// <summary>A distribution as the laws see it.</summary>
/// <param name="Name">The class.</param>
/// <param name="Make">Makes one from parameters.</param>
/// <param name="P">The parameters to try; most make a batch of two.</param>
/// <param name="Q">Others, such that the divergence from those is finite.</param>
public sealed record DistributionRow(string Name, Func<Tensor[], Distribution> Make, double[][] P, double[][] Q)
{
    /// <summary>Shapes of the parameters; a vector each if null.</summary>
    public long[][]? Shapes { get; init; }

    /// <summary>Whether mean and variance of samples can be compared; a reason must stand beside it where not.</summary>
    public bool HasMoments { get; init; } = true;

    /// <summary>Whether samples are an explicit function of noise: differences with the same noise are derivatives then.</summary>
    public bool IsExplicit { get; init; } = true;

    public Tensor[] Parameters(double[][] values, bool requiresGrad = false) =>
        [.. values.Select((v, i) => Tensor.From<double>(v, Shapes is null ? [v.Length] : Shapes[i]).Reshape(Shapes is null ? [v.Length] : Shapes[i]).SetRequiresGrad(requiresGrad))];

    public Distribution Of(double[][] values) => Make(Parameters(values));

    public override string ToString() => Name;
}

/// <summary>One row a distribution.</summary>
public static class DistributionTable
{
    static DistributionRow Row(string name, Func<Tensor[], Distribution> make, double[][] p, double[][] q) => new(name, make, p, q);

    static Tensor Covariance(Tensor root) => root.MatMul(root.MT) + Tensor.Eye(root.Shape[^1], dtype: root.DType);

    static readonly double[] s_root = [1, 0.2, -0.3, 0.4, 0.8, 0.1, -0.2, 0.3, 0.9], s_other = [0.5, 0.1, 0.4, -0.3, 1.2, 0.2, 0.1, -0.4, 0.7];

    public static IReadOnlyList<DistributionRow> Rows { get; } =
    [
        Row("Bernoulli", p => new Bernoulli(p[0]), [[0.2, 0.7]], [[0.4, 0.5]]),
        Row("Beta", p => new Beta(p[0], p[1]), [[1.5, 2], [3, 1.3]], [[2, 1.2], [1.5, 2]]) with { IsExplicit = false },
        Row("Binomial", p => new Binomial(12, p[0]), [[0.2, 0.9]], [[0.3, 0.8]]),
        Row("Categorical", p => new Categorical(p[0]), [[0.2, 0.3, 0.5, 0.1, 0.1, 0.8]], [[0.3, 0.3, 0.4, 0.2, 0.2, 0.6]]) with { Shapes = [[2, 3]], HasMoments = false },   // names, not numbers
        Row("Cauchy", p => new Cauchy(p[0], p[1]), [[0.5, -1], [1, 2]], [[0, 0], [2, 1]]) with { HasMoments = false },                              // it has none
        Row("Chi2", p => new Chi2(p[0]), [[3, 7]], [[5, 4]]) with { IsExplicit = false },
        Row("ContinuousBernoulli", p => new ContinuousBernoulli(p[0]), [[0.2, 0.7]], [[0.4, 0.9]]),
        Row("Dirichlet", p => new Dirichlet(p[0]), [[1.5, 2, 3]], [[2, 1, 4]]) with { IsExplicit = false },
        Row("Exponential", p => new Exponential(p[0]), [[0.5, 2]], [[1, 1.5]]),
        Row("FisherSnedecor", p => new FisherSnedecor(p[0], p[1]), [[5, 8], [20, 24]], [[4, 9], [15, 30]]) with { IsExplicit = false },
        Row("Gamma", p => new Gamma(p[0], p[1]), [[0.7, 5], [1, 2]], [[1.5, 3], [2, 1]]) with { IsExplicit = false },
        Row("Geometric", p => new Geometric(p[0]), [[0.3, 0.7]], [[0.5, 0.4]]),
        Row("Gumbel", p => new Gumbel(p[0], p[1]), [[0.5, -1], [1, 2]], [[0, 1], [2, 3]]),
        Row("HalfCauchy", p => new HalfCauchy(p[0]), [[1, 2]], [[2, 1.5]]) with { HasMoments = false },                                              // it has none
        Row("HalfNormal", p => new HalfNormal(p[0]), [[1, 2]], [[2, 1.5]]),
        Row("Independent", p => new Independent(new Normal(p[0], p[1]), 1), [[0.5, -1], [1, 2]], [[0, 1], [2, 3]]),
        Row("InverseGamma", p => new InverseGamma(p[0], p[1]), [[9, 12], [1, 2]], [[8, 10], [2, 1]]) with { IsExplicit = false },
        Row("Kumaraswamy", p => new Kumaraswamy(p[0], p[1]), [[1.5, 2], [3, 1.3]], [[1.5, 2], [3, 1.3]]),
        Row("LkjCholesky", p => new LkjCholesky(3, p[0]), [[1, 2.5]], [[1, 2]]),
        Row("Laplace", p => new Laplace(p[0], p[1]), [[0.5, -1], [1, 2]], [[0, 1], [2, 3]]),
        Row("LogNormal", p => new LogNormal(p[0], p[1]), [[0.5, -1], [0.3, 0.5]], [[0, -0.5], [0.6, 0.5]]),
        Row("LogisticNormal", p => new LogisticNormal(p[0], p[1]), [[0.5, -1], [0.3, 0.5]], [[0, -0.5], [0.6, 0.5]]),
        Row("LogitRelaxedBernoulli", p => new LogitRelaxedBernoulli(0.7, p[0]), [[0.2, 0.7]], [[0.4, 0.5]]),
        Row("LowRankMultivariateNormal", p => new LowRankMultivariateNormal(p[0], p[1], p[2]), [[0.5, -1, 0], [1, 0.2, -0.5], [1, 0.5, 2]], [[0, 1, 0], [0.5, 0.4, 1], [2, 1, 1]]) with { Shapes = [[3], [3, 1], [3]] },
        Row("MixtureSameFamily", p => new MixtureSameFamily(new Categorical(p[0]), new Normal(p[1], p[2])), [[0.3, 0.7], [-1, 2], [0.5, 1]], [[0.5, 0.5], [0, 1], [1, 1]]),
        Row("Multinomial", p => new Multinomial(6, p[0]), [[0.2, 0.3, 0.5]], [[0.3, 0.3, 0.4]]),
        Row("MultivariateNormal", p => new MultivariateNormal(p[0], Covariance(p[1])), [[0.5, -1, 0], s_root], [[0, 1, 0], s_other]) with { Shapes = [[3], [3, 3]] },
        Row("NegativeBinomial", p => new NegativeBinomial(p[0], p[1]), [[3, 4.5], [0.3, 0.6]], [[3, 4.5], [0.4, 0.5]]),
        Row("Normal", p => new Normal(p[0], p[1]), [[0.5, -1], [1, 2]], [[0, 1], [2, 3]]),
        Row("OneHotCategorical", p => new OneHotCategorical(p[0]), [[0.2, 0.3, 0.5]], [[0.3, 0.3, 0.4]]),
        Row("OneHotCategoricalStraightThrough", p => new OneHotCategoricalStraightThrough(p[0]), [[0.2, 0.3, 0.5]], [[0.3, 0.3, 0.4]]) with { IsExplicit = false },   // a jump, differentiated as if it were none
        Row("Pareto", p => new Pareto(p[0], p[1]), [[1, 2], [9, 12]], [[0.8, 1.5], [8, 9]]),
        Row("Poisson", p => new Poisson(p[0]), [[2.5, 20]], [[3, 18]]),
        Row("RelaxedBernoulli", p => new RelaxedBernoulli(1.5, p[0]), [[0.2, 0.7]], [[0.4, 0.5]]),
        Row("ExpRelaxedCategorical", p => new ExpRelaxedCategorical(0.7, p[0]), [[0.2, 0.3, 0.5]], [[0.3, 0.3, 0.4]]),
        Row("RelaxedOneHotCategorical", p => new RelaxedOneHotCategorical(0.7, p[0]), [[0.2, 0.3, 0.5]], [[0.3, 0.3, 0.4]]),
        Row("StudentT", p => new StudentT(p[0], p[1], p[2]), [[9, 12], [0.5, -1], [1, 2]], [[5, 8], [0, 0], [1, 1]]) with { IsExplicit = false },
        Row("TransformedDistribution", p => new TransformedDistribution(new Normal(p[0], p[1]), [new AffineTransform(1.5, -2.0), new TanhTransform()]), [[0.5, 0.8], [0.2, 0.3]], [[0.6, 0.7], [0.3, 0.2]]),
        Row("Uniform", p => new Uniform(p[0], p[1]), [[0.1, 0.2], [0.8, 0.9]], [[0, -1], [1, 2]]),
        Row("VonMises", p => new VonMises(p[0], p[1]), [[0.5, -1], [1, 4]], [[0, 1], [2, 3]]) with { HasMoments = false },                          // circular ones: tested by themselves
        Row("Weibull", p => new Weibull(p[0], p[1]), [[1, 2], [1.5, 3]], [[1, 2], [1.5, 3]]),
        Row("Wishart", p => new Wishart(p[0], Covariance(p[1])), [[5.5], s_root], [[4.5], s_other]) with { Shapes = [[], [3, 3]], IsExplicit = false },
    ];

    public static DistributionRow Find(string name) => Rows.Single(r => r.Name == name);
}
