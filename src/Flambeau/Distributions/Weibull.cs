using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>Weibull's distribution, with the distribution function 1 − e^−(x/λ)ᵏ, λ = <c>scale</c>, k = <c>concentration</c>.</summary>
public class Weibull : TransformedDistribution
{
    Weibull((Tensor Scale, Tensor K) p, bool? validateArgs)
        : base(new Exponential(Tensor.OnesLike(p.Scale), validateArgs: false), [new PowerTransform(p.K.Reciprocal()), new AffineTransform(0, p.Scale)], validateArgs)
    {
        (Scale, Concentration) = p;
        CheckArguments();
    }

    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">A parameter is not positive.</exception>
    public Weibull(Tensor scale, Tensor concentration, bool? validateArgs = null) : this(Broadcast(scale, concentration), validateArgs) { }

    /// <summary>λ</summary>
    public Tensor Scale { get; }

    /// <summary>k</summary>
    public Tensor Concentration { get; }

    Tensor Inverse => Concentration.Reciprocal();

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("scale", Scale, Constraints.Positive), new("concentration", Concentration, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Positive;

    /// <inheritdoc/>
    public override Tensor Mean => Scale * (1 + Inverse).Lgamma().Exp();

    /// <inheritdoc/>
    public override Tensor Mode => Scale * ((Concentration - 1) / Concentration).Pow(Inverse);

    /// <inheritdoc/>
    public override Tensor Variance => Sq(Scale) * ((1 + 2 * Inverse).Lgamma().Exp() - (2 * (1 + Inverse).Lgamma()).Exp());

    /// <inheritdoc/>
    public override Tensor Entropy() => EulerGamma * (1 - Inverse) + (Scale * Inverse).Log() + 1;

    /// <inheritdoc/>
    public override Weibull Expand(params ReadOnlySpan<long> batchShape) => new(Scale.Expand(batchShape), Concentration.Expand(batchShape), ValidateArgs);
}
