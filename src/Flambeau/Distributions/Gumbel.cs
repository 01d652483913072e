using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>Gumbel's distribution of extremes, with the distribution function e^−e^−(x − μ)/β, μ = <c>loc</c>, β = <c>scale</c>.</summary>
public class Gumbel : TransformedDistribution
{
    Gumbel((Tensor Loc, Tensor Scale) p, bool? validateArgs)
        : base(Base(p.Loc), [new ExpTransform().Inv, new AffineTransform(0, -Tensor.OnesLike(p.Scale)), new ExpTransform().Inv, new AffineTransform(p.Loc, -p.Scale)], validateArgs)
    {
        (Loc, Scale) = p;
        CheckArguments();
    }

    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">scale is not positive.</exception>
    public Gumbel(Tensor loc, Tensor scale, bool? validateArgs = null) : this(Broadcast(loc, scale), validateArgs) { }

    static Uniform Base(Tensor like) => new(Tensor.FullLike(like, Tiny(like.DType)), Tensor.FullLike(like, 1 - like.DType.Epsilon), validateArgs: false);

    /// <summary>μ, the mode.</summary>
    public Tensor Loc { get; }

    /// <summary>β</summary>
    public Tensor Scale { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("loc", Loc, Constraints.Real), new("scale", Scale, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Real;

    /// <inheritdoc/>
    public override Tensor Mean => Loc + Scale * EulerGamma;

    /// <inheritdoc/>
    public override Tensor Mode => Loc;

    /// <inheritdoc/>
    public override Tensor StdDev => Math.PI / Math.Sqrt(6) * Scale;

    /// <inheritdoc/>
    public override Tensor Variance => Sq(StdDev);

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        Tensor y = (Loc - value) / Scale;
        return y - y.Exp() - Scale.Log();
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => Scale.Log() + (1 + EulerGamma);

    /// <inheritdoc/>
    public override Gumbel Expand(params ReadOnlySpan<long> batchShape) => new(Loc.Expand(batchShape), Scale.Expand(batchShape), ValidateArgs);
}
