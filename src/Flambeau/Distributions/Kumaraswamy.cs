using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>Kumaraswamy's distribution on [0, 1], with the distribution function 1 − (1 − xᵃ)ᵇ, a = <c>concentration1</c>, b = <c>concentration0</c>.</summary>
public class Kumaraswamy : TransformedDistribution
{
    Kumaraswamy((Tensor A, Tensor B) p, bool? validateArgs)
        : base(new Uniform(Tensor.ZerosLike(p.A), Tensor.OnesLike(p.A), validateArgs), [new PowerTransform(p.B.Reciprocal()), new AffineTransform(1, -Tensor.OnesLike(p.A)), new PowerTransform(p.A.Reciprocal())], validateArgs)
    {
        (Concentration1, Concentration0) = p;
        CheckArguments();
    }

    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">A concentration is not positive.</exception>
    public Kumaraswamy(Tensor concentration1, Tensor concentration0, bool? validateArgs = null) : this(Broadcast(concentration1, concentration0), validateArgs) { }

    /// <summary>a</summary>
    public Tensor Concentration1 { get; }

    /// <summary>b</summary>
    public Tensor Concentration0 { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("concentration1", Concentration1, Constraints.Positive), new("concentration0", Concentration0, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.UnitInterval;

    // E[xⁿ] = b B(1 + n/a, b)
    Tensor Moment(int n)
    {
        Tensor t = 1 + n / Concentration1;
        return (t.Lgamma() + Concentration0.Lgamma() - (t + Concentration0).Lgamma()).Exp() * Concentration0;
    }

    /// <inheritdoc/>
    public override Tensor Mean => Moment(1);

    /// <inheritdoc/>
    public override Tensor Variance => Moment(2) - Sq(Mean);

    /// <summary>NaN, as PyTorch answers, whose formula takes logarithms of negative numbers. The density is largest at ((a − 1)/(ab − 1))^(1/a) for a, b ≥ 1.</summary>
    public override Tensor Mode => Tensor.FullLike(Concentration1, double.NaN);

    /// <inheritdoc/>
    public override Tensor Entropy() =>
        1 - Concentration0.Reciprocal() + (1 - Concentration1.Reciprocal()) * ((Concentration0 + 1).Digamma() + EulerGamma) - Concentration1.Log() - Concentration0.Log();

    /// <inheritdoc/>
    public override Kumaraswamy Expand(params ReadOnlySpan<long> batchShape) => new(Concentration1.Expand(batchShape), Concentration0.Expand(batchShape), ValidateArgs);
}
