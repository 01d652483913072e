using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>Cauchy's distribution with median <c>loc</c> and half width at half maximum <c>scale</c>. It has no mean.</summary>
public class Cauchy : Distribution
{
    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">scale is not positive.</exception>
    public Cauchy(Tensor loc, Tensor scale, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (Loc, Scale) = Broadcast(loc, scale);
        BatchShape = Loc.Shape;
        CheckArguments();
    }

    /// <summary>The median.</summary>
    public Tensor Loc { get; }

    /// <summary>The half width at half maximum.</summary>
    public Tensor Scale { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("loc", Loc, Constraints.Real), new("scale", Scale, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Real;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <summary>NaN: there is none.</summary>
    public override Tensor Mean => Tensor.FullLike(Loc, double.NaN);

    /// <inheritdoc/>
    public override Tensor Mode => Loc;

    /// <summary>Infinite.</summary>
    public override Tensor Variance => Tensor.FullLike(Loc, double.PositiveInfinity);

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => Loc + Tensor.Empty(ExtendedShape(sampleShape), Loc.DType).CauchyInPlace(0, 1, generator) * Scale;

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => -Math.Log(Math.PI) - Scale.Log() - Sq((value - Loc) / Scale).Log1p();

    /// <inheritdoc/>
    protected internal override Tensor Cumulative(Tensor value) => ((value - Loc) / Scale).Atan() / Math.PI + 0.5;

    /// <inheritdoc/>
    public override Tensor Icdf(Tensor value) => (Math.PI * (value - 0.5)).Tan() * Scale + Loc;

    /// <inheritdoc/>
    public override Tensor Entropy() => Math.Log(4 * Math.PI) + Scale.Log();

    /// <inheritdoc/>
    public override Cauchy Expand(params ReadOnlySpan<long> batchShape) => new(Loc.Expand(batchShape), Scale.Expand(batchShape), ValidateArgs);
}
