using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>eˣ of a normal number x with mean <c>loc</c> and standard deviation <c>scale</c>.</summary>
public class LogNormal : TransformedDistribution
{
    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">scale is not positive.</exception>
    public LogNormal(Tensor loc, Tensor scale, bool? validateArgs = null) : base(new Normal(loc, scale, validateArgs), new ExpTransform(), validateArgs) { }

    Normal Base => (Normal)BaseDist;

    /// <summary>The mean of the logarithm.</summary>
    public Tensor Loc => Base.Loc;

    /// <summary>The standard deviation of the logarithm.</summary>
    public Tensor Scale => Base.Scale;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("loc", Loc, Constraints.Real), new("scale", Scale, Constraints.Positive)];

    /// <inheritdoc/>
    public override Tensor Mean => (Loc + Sq(Scale) / 2).Exp();

    /// <inheritdoc/>
    public override Tensor Mode => (Loc - Sq(Scale)).Exp();

    /// <inheritdoc/>
    public override Tensor Variance => Sq(Scale).Expm1() * (2 * Loc + Sq(Scale)).Exp();

    /// <inheritdoc/>
    public override Tensor Entropy() => Base.Entropy() + Loc;

    /// <inheritdoc/>
    public override LogNormal Expand(params ReadOnlySpan<long> batchShape) => new(Loc.Expand(batchShape), Scale.Expand(batchShape), ValidateArgs);
}

/// <summary>A point of the simplex of K numbers that <see cref="StickBreakingTransform"/> makes of K − 1 normal numbers with means <c>loc</c> and standard deviations <c>scale</c>.</summary>
public class LogisticNormal : TransformedDistribution
{
    /// <summary>Parameters broadcast against each other; their last axis is that of the normal numbers.</summary>
    /// <exception cref="ArgumentException">scale is not positive.</exception>
    public LogisticNormal(Tensor loc, Tensor scale, bool? validateArgs = null) : base(AtLeastOne(new Normal(loc, scale, validateArgs)), new StickBreakingTransform(), validateArgs) { }

    static Normal AtLeastOne(Normal n) => n.BatchShape.Length == 0 ? n.Expand(1) : n;

    Normal Base => (Normal)((Independent)BaseDist).BaseDist;

    /// <summary>The means. (batch, K − 1)</summary>
    public Tensor Loc => Base.Loc;

    /// <summary>The standard deviations. (batch, K − 1)</summary>
    public Tensor Scale => Base.Scale;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("loc", Loc, Constraints.Real), new("scale", Scale, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Simplex;

    /// <inheritdoc/>
    public override LogisticNormal Expand(params ReadOnlySpan<long> batchShape)
    {
        Dims shape = Plus(batchShape, EventShape[0] - 1);
        return new(Loc.Expand(shape), Scale.Expand(shape), ValidateArgs);
    }
}
