using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The Beta distribution on [0, 1], of density ∝ x^(α − 1) (1 − x)^(β − 1), with α = <c>concentration1</c>, β = <c>concentration0</c>.</summary>
public class Beta : ExponentialFamily
{
    readonly Dirichlet _pair;                                                                               // of x and 1 − x

    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">A concentration is not positive.</exception>
    public Beta(Tensor concentration1, Tensor concentration0, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (Concentration1, Concentration0) = Broadcast(concentration1, concentration0);
        BatchShape = Concentration1.Shape;
        CheckArguments();
        _pair = new(Tensor.Stack([Concentration1, Concentration0], -1), validateArgs: false);
    }

    /// <summary>α</summary>
    public Tensor Concentration1 { get; }

    /// <summary>β</summary>
    public Tensor Concentration0 { get; }

    Tensor Total => Concentration1 + Concentration0;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("concentration1", Concentration1, Constraints.Positive), new("concentration0", Concentration0, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.UnitInterval;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    public override Tensor Mean => Concentration1 / Total;

    /// <inheritdoc/>
    public override Tensor Mode => _pair.Mode.Select(-1, 0);

    /// <inheritdoc/>
    public override Tensor Variance => Concentration1 * Concentration0 / (Sq(Total) * (Total + 1));

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => _pair.Draw(sampleShape, generator).Select(-1, 0);

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => _pair.LogDensity(Tensor.Stack([value, 1 - value], -1));

    /// <inheritdoc/>
    public override Tensor Entropy() => _pair.Entropy();

    /// <inheritdoc/>
    protected internal override Tensor[] NaturalParams => [Concentration1, Concentration0];

    /// <inheritdoc/>
    protected internal override Tensor LogNormalizer(Tensor[] naturalParams) => naturalParams is [var a, var b] ? a.Lgamma() + b.Lgamma() - (a + b).Lgamma() : throw new ArgumentException("Beta has two natural parameters.");

    /// <inheritdoc/>
    public override Beta Expand(params ReadOnlySpan<long> batchShape) => new(Concentration1.Expand(batchShape), Concentration0.Expand(batchShape), ValidateArgs);
}
