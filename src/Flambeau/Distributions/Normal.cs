using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The normal distribution with mean <c>loc</c> and standard deviation <c>scale</c>.</summary>
public class Normal : ExponentialFamily
{
    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">scale is not positive.</exception>
    public Normal(Tensor loc, Tensor scale, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (Loc, Scale) = Broadcast(loc, scale);
        BatchShape = Loc.Shape;
        CheckArguments();
    }

    /// <summary>The mean.</summary>
    public Tensor Loc { get; }

    /// <summary>The standard deviation.</summary>
    public Tensor Scale { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("loc", Loc, Constraints.Real), new("scale", Scale, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Real;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    public override Tensor Mean => Loc;

    /// <inheritdoc/>
    public override Tensor Mode => Loc;

    /// <inheritdoc/>
    public override Tensor StdDev => Scale;

    /// <inheritdoc/>
    public override Tensor Variance => Sq(Scale);

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => Loc + Tensor.Randn(ExtendedShape(sampleShape), Loc.DType, generator) * Scale;

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => -0.5 * Sq((value - Loc) / Scale) - Scale.Log() - 0.5 * LogTwoPi;

    /// <inheritdoc/>
    protected internal override Tensor Cumulative(Tensor value) => 0.5 * (1 + ((value - Loc) / Scale * Math.Sqrt(0.5)).Erf());

    /// <inheritdoc/>
    public override Tensor Icdf(Tensor value) => Loc + Scale * (2 * value - 1).Erfinv() * Math.Sqrt(2);

    /// <inheritdoc/>
    public override Tensor Entropy() => 0.5 + 0.5 * LogTwoPi + Scale.Log();

    /// <inheritdoc/>
    protected internal override Tensor[] NaturalParams => [Loc / Sq(Scale), -0.5 * Sq(Scale).Reciprocal()];

    /// <inheritdoc/>
    protected internal override Tensor LogNormalizer(Tensor[] naturalParams) => naturalParams is [var a, var b] ? -0.25 * Sq(a) / b + 0.5 * (-Math.PI / b).Log() : throw new ArgumentException("Normal has two natural parameters.");

    /// <inheritdoc/>
    public override Normal Expand(params ReadOnlySpan<long> batchShape) => new(Loc.Expand(batchShape), Scale.Expand(batchShape), ValidateArgs);
}
