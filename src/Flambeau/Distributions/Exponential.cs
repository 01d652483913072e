using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The exponential distribution, of density λe^(−λx), with λ = <c>rate</c>.</summary>
public class Exponential : ExponentialFamily
{
    /// <summary>By the rate.</summary>
    /// <exception cref="ArgumentException">A rate is not positive.</exception>
    public Exponential(Tensor rate, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        Rate = ToFloat(rate);
        BatchShape = Rate.Shape;
        CheckArguments();
    }

    /// <summary>λ, the inverse of the mean.</summary>
    public Tensor Rate { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("rate", Rate, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.NonNegative;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    public override Tensor Mean => Rate.Reciprocal();

    /// <inheritdoc/>
    public override Tensor Mode => Tensor.ZerosLike(Rate);

    /// <inheritdoc/>
    public override Tensor StdDev => Rate.Reciprocal();

    /// <inheritdoc/>
    public override Tensor Variance => Sq(Rate).Reciprocal();

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => Tensor.Empty(ExtendedShape(sampleShape), Rate.DType).ExponentialInPlace(1, generator) / Rate;

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => Rate.Log() - Rate * value;

    /// <inheritdoc/>
    protected internal override Tensor Cumulative(Tensor value) => -(-Rate * value).Expm1();

    /// <inheritdoc/>
    public override Tensor Icdf(Tensor value) => -(-value).Log1p() / Rate;

    /// <inheritdoc/>
    public override Tensor Entropy() => 1 - Rate.Log();

    /// <inheritdoc/>
    protected internal override Tensor[] NaturalParams => [-Rate];

    /// <inheritdoc/>
    protected internal override Tensor LogNormalizer(Tensor[] naturalParams) => -(-naturalParams[0]).Log();

    /// <inheritdoc/>
    public override Exponential Expand(params ReadOnlySpan<long> batchShape) => new(Rate.Expand(batchShape), ValidateArgs);
}
