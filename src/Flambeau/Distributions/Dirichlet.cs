using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The Dirichlet distribution, of K numbers ≥ 0 with the sum 1, with the concentrations <c>concentration</c> along the last axis.</summary>
public class Dirichlet : ExponentialFamily
{
    /// <summary>By concentrations: (batch, K).</summary>
    /// <exception cref="ArgumentException">There is no axis, or a concentration is not positive.</exception>
    public Dirichlet(Tensor concentration, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        if (concentration.Rank < 1) throw new ArgumentException("Dirichlet: concentration must have at least one axis.", nameof(concentration));
        Concentration = ToFloat(concentration);
        (BatchShape, EventShape) = (Concentration.Shape[..^1], Concentration.Shape[^1..]);
        CheckArguments();
    }

    /// <summary>α. (batch, K)</summary>
    public Tensor Concentration { get; }

    Tensor Total => Concentration.Sum(-1, keepDim: true);

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("concentration", Concentration, Constraints.Independent(Constraints.Positive, 1))];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Simplex;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    public override Tensor Mean => Concentration / Total;

    /// <summary>(α − 1)/Σ(α − 1), concentrations below 1 counting as 1; where all are, a corner.</summary>
    public override Tensor Mode
    {
        get
        {
            Tensor above = (Concentration - 1).Clamp(min: 0), mode = above / above.Sum(-1, keepDim: true);
            Tensor corner = Tensor.OneHot(mode.ArgMax(-1), Concentration.Shape[^1]).To(mode.DType);
            return Tensor.Where((Concentration < 1).All([-1], true), corner, mode);
        }
    }

    /// <inheritdoc/>
    public override Tensor Variance => Concentration * (Total - Concentration) / (Sq(Total) * (Total + 1));

    /// <summary>Gradients are those of each component's marginal Beta distribution function (M. Jankowiak and F. Obermeyer, 2018, arXiv:1806.01851).</summary>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => Concentration.Expand(ExtendedShape(sampleShape)).SampleDirichlet(generator);

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) =>
        (Concentration - 1).Xlogy(value).Sum(-1) + Concentration.Sum(-1).Lgamma() - Concentration.Lgamma().Sum(-1);

    /// <inheritdoc/>
    public override Tensor Entropy()
    {
        long k = Concentration.Shape[^1];
        Tensor total = Concentration.Sum(-1);
        return Concentration.Lgamma().Sum(-1) - total.Lgamma() - (k - total) * total.Digamma() - ((Concentration - 1) * Concentration.Digamma()).Sum(-1);
    }

    /// <inheritdoc/>
    protected internal override Tensor[] NaturalParams => [Concentration];

    /// <inheritdoc/>
    protected internal override Tensor LogNormalizer(Tensor[] naturalParams) => naturalParams[0].Lgamma().Sum(-1) - naturalParams[0].Sum(-1).Lgamma();

    /// <inheritdoc/>
    public override Dirichlet Expand(params ReadOnlySpan<long> batchShape) => new(Concentration.Expand(Plus(batchShape, EventShape)), ValidateArgs);
}
