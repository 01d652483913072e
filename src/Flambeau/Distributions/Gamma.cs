using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The gamma distribution, of density ∝ x^(α − 1) e^(−βx), with α = <c>concentration</c>, β = <c>rate</c>.</summary>
public class Gamma : ExponentialFamily
{
    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">A parameter is not positive.</exception>
    public Gamma(Tensor concentration, Tensor rate, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (Concentration, Rate) = Broadcast(concentration, rate);
        BatchShape = Rate.Shape;
        CheckArguments();
    }

    /// <summary>α</summary>
    public Tensor Concentration { get; }

    /// <summary>β</summary>
    public Tensor Rate { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("concentration", Concentration, Constraints.Positive), new("rate", Rate, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.NonNegative;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    public override Tensor Mean => Concentration / Rate;

    /// <inheritdoc/>
    public override Tensor Mode => ((Concentration - 1) / Rate).Clamp(min: 0);

    /// <inheritdoc/>
    public override Tensor Variance => Concentration / Sq(Rate);

    /// <summary>Gradients are those of the distribution function (M. Figurnov, S. Mohamed and A. Mnih, 2018, arXiv:1805.08498).</summary>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) =>
        (Concentration.Expand(ExtendedShape(sampleShape)).StandardGamma(generator) / Rate).Clamp(min: Tiny(Rate.DType));

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) =>
        Concentration.Xlogy(Rate) + (Concentration - 1).Xlogy(value) - Rate * value - Concentration.Lgamma();

    /// <inheritdoc/>
    protected internal override Tensor Cumulative(Tensor value) => Concentration.Igamma(Rate * value);

    /// <inheritdoc/>
    public override Tensor Entropy() => Concentration - Rate.Log() + Concentration.Lgamma() + (1 - Concentration) * Concentration.Digamma();

    /// <inheritdoc/>
    protected internal override Tensor[] NaturalParams => [Concentration - 1, -Rate];

    /// <inheritdoc/>
    protected internal override Tensor LogNormalizer(Tensor[] naturalParams) => naturalParams is [var a, var b] ? (a + 1).Lgamma() - (a + 1) * (-b).Log() : throw new ArgumentException("Gamma has two natural parameters.");

    /// <inheritdoc/>
    public override Gamma Expand(params ReadOnlySpan<long> batchShape) => new(Concentration.Expand(batchShape), Rate.Expand(batchShape), ValidateArgs);
}

/// <summary>χ² with <c>df</c> degrees of freedom: the gamma distribution with concentration df/2 and rate ½.</summary>
public class Chi2 : Gamma
{
    /// <summary>By degrees of freedom.</summary>
    /// <exception cref="ArgumentException">They are not positive.</exception>
    public Chi2(Tensor df, bool? validateArgs = null) : base(0.5 * ToFloat(df), 0.5, validateArgs) { }

    /// <summary>The degrees of freedom.</summary>
    public Tensor Df => Concentration * 2;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("df", Df, Constraints.Positive)];

    /// <inheritdoc/>
    public override Chi2 Expand(params ReadOnlySpan<long> batchShape) => new(Df.Expand(batchShape), ValidateArgs);
}

/// <summary>The inverse of a number that has the gamma distribution with <c>concentration</c> and <c>rate</c>.</summary>
public class InverseGamma : TransformedDistribution
{
    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">A parameter is not positive.</exception>
    public InverseGamma(Tensor concentration, Tensor rate, bool? validateArgs = null)
        : base(new Gamma(concentration, rate, validateArgs), [new PowerTransform(Tensor.FromScalar(-1, ToFloat(concentration, rate)[0].DType))], validateArgs) { }

    Gamma Inverse => (Gamma)BaseDist;

    /// <summary>α</summary>
    public Tensor Concentration => Inverse.Concentration;

    /// <summary>β</summary>
    public Tensor Rate => Inverse.Rate;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("concentration", Concentration, Constraints.Positive), new("rate", Rate, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Positive;

    /// <summary>∞ where the concentration is not above 1.</summary>
    public override Tensor Mean => Tensor.Where(Concentration > 1, Rate / (Concentration - 1), double.PositiveInfinity);

    /// <inheritdoc/>
    public override Tensor Mode => Rate / (Concentration + 1);

    /// <summary>∞ where the concentration is not above 2.</summary>
    public override Tensor Variance => Tensor.Where(Concentration > 2, Sq(Rate) / (Sq(Concentration - 1) * (Concentration - 2)), double.PositiveInfinity);

    /// <inheritdoc/>
    public override Tensor Entropy() => Concentration + Rate.Log() + Concentration.Lgamma() - (1 + Concentration) * Concentration.Digamma();

    /// <inheritdoc/>
    public override InverseGamma Expand(params ReadOnlySpan<long> batchShape) => new(Concentration.Expand(batchShape), Rate.Expand(batchShape), ValidateArgs);
}
