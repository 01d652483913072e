using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The modulus of a number that is distributed symmetrically around 0.</summary>
public abstract class HalfDistribution : TransformedDistribution
{
    private protected HalfDistribution(Distribution whole, bool? validateArgs) : base(whole, new AbsTransform(), validateArgs) { }

    /// <summary>The scale of the symmetric distribution.</summary>
    public abstract Tensor Scale { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("scale", Scale, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.NonNegative;

    /// <inheritdoc/>
    public override Tensor Mode => Tensor.ZerosLike(Scale);

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => Tensor.Where(value >= 0, BaseDist.LogDensity(value) + Math.Log(2), double.NegativeInfinity);

    private protected override bool ChecksCdf => true;

    /// <inheritdoc/>
    protected internal override Tensor Cumulative(Tensor value) => 2 * BaseDist.Cumulative(value) - 1;

    /// <inheritdoc/>
    public override Tensor Icdf(Tensor value) => BaseDist.Icdf((value + 1) / 2);

    /// <inheritdoc/>
    public override Tensor Entropy() => BaseDist.Entropy() - Math.Log(2);
}

/// <summary>|x| of a normal number with mean 0 and standard deviation <c>scale</c>.</summary>
public class HalfNormal : HalfDistribution
{
    /// <summary>By the scale.</summary>
    /// <exception cref="ArgumentException">scale is not positive.</exception>
    public HalfNormal(Tensor scale, bool? validateArgs = null) : base(new Normal(0.0, scale, validateArgs: false), validateArgs) => CheckArguments();

    /// <inheritdoc/>
    public override Tensor Scale => ((Normal)BaseDist).Scale;

    /// <inheritdoc/>
    public override Tensor Mean => Scale * Math.Sqrt(2 / Math.PI);

    /// <inheritdoc/>
    public override Tensor Variance => Sq(Scale) * (1 - 2 / Math.PI);

    /// <inheritdoc/>
    public override HalfNormal Expand(params ReadOnlySpan<long> batchShape) => new(Scale.Expand(batchShape), ValidateArgs);
}

/// <summary>|x| of a number that has Cauchy's distribution with median 0 and <c>scale</c>.</summary>
public class HalfCauchy : HalfDistribution
{
    /// <summary>By the scale.</summary>
    /// <exception cref="ArgumentException">scale is not positive.</exception>
    public HalfCauchy(Tensor scale, bool? validateArgs = null) : base(new Cauchy(0.0, scale, validateArgs: false), validateArgs) => CheckArguments();

    /// <inheritdoc/>
    public override Tensor Scale => ((Cauchy)BaseDist).Scale;

    /// <summary>Infinite.</summary>
    public override Tensor Mean => Tensor.FullLike(Scale, double.PositiveInfinity);

    /// <summary>Infinite.</summary>
    public override Tensor Variance => BaseDist.Variance;

    /// <inheritdoc/>
    public override HalfCauchy Expand(params ReadOnlySpan<long> batchShape) => new(Scale.Expand(batchShape), ValidateArgs);
}
