using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The Poisson distribution, of the number of independent events whose expected number is <c>rate</c>.</summary>
public class Poisson : ExponentialFamily
{
    /// <summary>By the expected number.</summary>
    /// <exception cref="ArgumentException">A rate is negative.</exception>
    public Poisson(Tensor rate, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        Rate = ToFloat(rate);
        BatchShape = Rate.Shape;
        CheckArguments();
    }

    /// <summary>The expected number.</summary>
    public Tensor Rate { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("rate", Rate, Constraints.NonNegative)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.NonNegativeInteger;

    /// <inheritdoc/>
    public override Tensor Mean => Rate;

    /// <inheritdoc/>
    public override Tensor Mode => Rate.Floor();

    /// <inheritdoc/>
    public override Tensor Variance => Rate;

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => Rate.Expand(ExtendedShape(sampleShape)).Poisson(generator);

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => value.Xlogy(Rate) - Rate - (value + 1).Lgamma();

    /// <inheritdoc/>
    protected internal override Tensor[] NaturalParams => [Rate.Log()];

    /// <inheritdoc/>
    protected internal override Tensor LogNormalizer(Tensor[] naturalParams) => naturalParams[0].Exp();

    /// <inheritdoc/>
    public override Poisson Expand(params ReadOnlySpan<long> batchShape) => new(Rate.Expand(batchShape), ValidateArgs);
}
