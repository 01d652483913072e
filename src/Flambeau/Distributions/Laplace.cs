using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>Laplace's distribution, of density e^(−|x − μ|/b)/2b, with μ = <c>loc</c>, b = <c>scale</c>.</summary>
public class Laplace : Distribution
{
    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">scale is not positive.</exception>
    public Laplace(Tensor loc, Tensor scale, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (Loc, Scale) = Broadcast(loc, scale);
        BatchShape = Loc.Shape;
        CheckArguments();
    }

    /// <summary>The mean.</summary>
    public Tensor Loc { get; }

    /// <summary>The mean distance from it.</summary>
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
    public override Tensor StdDev => Math.Sqrt(2) * Scale;

    /// <inheritdoc/>
    public override Tensor Variance => 2 * Sq(Scale);

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor u = Tensor.Empty(ExtendedShape(sampleShape), Loc.DType).UniformInPlace(Loc.DType.Epsilon - 1, 1, generator);
        return Loc - Scale * u.Sign() * (-u.Abs()).Log1p();
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => -(2 * Scale).Log() - (value - Loc).Abs() / Scale;

    /// <inheritdoc/>
    protected internal override Tensor Cumulative(Tensor value) => 0.5 - 0.5 * (value - Loc).Sign() * (-(value - Loc).Abs() / Scale).Expm1();

    /// <inheritdoc/>
    public override Tensor Icdf(Tensor value)
    {
        Tensor t = value - 0.5;
        return Loc - Scale * t.Sign() * (-2 * t.Abs()).Log1p();
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => 1 + (2 * Scale).Log();

    /// <inheritdoc/>
    public override Laplace Expand(params ReadOnlySpan<long> batchShape) => new(Loc.Expand(batchShape), Scale.Expand(batchShape), ValidateArgs);
}
