using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>Pareto's distribution, of density ∝ x^−(α + 1) from <c>scale</c> on, with α = <c>alpha</c>.</summary>
public class Pareto : TransformedDistribution
{
    Pareto((Tensor Scale, Tensor Alpha) p, bool? validateArgs)
        : base(new Exponential(p.Alpha, validateArgs: false), [new ExpTransform(), new AffineTransform(0, p.Scale)], validateArgs)
    {
        (Scale, Alpha) = p;
        CheckArguments();
    }

    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">A parameter is not positive.</exception>
    public Pareto(Tensor scale, Tensor alpha, bool? validateArgs = null) : this(Broadcast(scale, alpha), validateArgs) { }

    /// <summary>The smallest value.</summary>
    public Tensor Scale { get; }

    /// <summary>α</summary>
    public Tensor Alpha { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("scale", Scale, Constraints.Positive), new("alpha", Alpha, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.GreaterThanEq(Scale);

    /// <summary>∞ where α ≤ 1.</summary>
    public override Tensor Mean
    {
        get
        {
            Tensor a = Alpha.Clamp(min: 1);
            return a * Scale / (a - 1);
        }
    }

    /// <inheritdoc/>
    public override Tensor Mode => Scale;

    /// <summary>∞ where α ≤ 2.</summary>
    public override Tensor Variance
    {
        get
        {
            Tensor a = Alpha.Clamp(min: 2);
            return Sq(Scale) * a / (Sq(a - 1) * (a - 2));
        }
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => (Scale / Alpha).Log() + (1 + Alpha.Reciprocal());

    /// <inheritdoc/>
    public override Pareto Expand(params ReadOnlySpan<long> batchShape) => new(Scale.Expand(batchShape), Alpha.Expand(batchShape), ValidateArgs);
}
