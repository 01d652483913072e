using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The number of successes in <c>totalCount</c> trials, each of probability <c>probs</c> or log odds <c>logits</c>.</summary>
public class Binomial : Distribution
{
    readonly Chances _p;

    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">Neither or both of probs and logits are given, or parameters are out of range.</exception>
    public Binomial(Tensor? totalCount = null, Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (_p, TotalCount) = Chances.Binary(nameof(Binomial), probs, logits, totalCount ?? 1);
        BatchShape = TotalCount.Shape;
        CheckArguments();
    }

    /// <summary>The number of trials.</summary>
    public Tensor TotalCount { get; }

    /// <inheritdoc cref="Bernoulli.Probs"/>
    public Tensor Probs => _p.Probs;

    /// <inheritdoc cref="Bernoulli.Logits"/>
    public Tensor Logits => _p.Logits;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("totalCount", TotalCount, Constraints.NonNegativeInteger), _p.Argument()];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.IntegerInterval(0, TotalCount);

    /// <inheritdoc/>
    public override bool HasEnumerateSupport => true;

    /// <inheritdoc/>
    public override Tensor Mean => TotalCount * Probs;

    /// <inheritdoc/>
    public override Tensor Mode => ((TotalCount + 1) * Probs).Floor().Minimum(TotalCount);

    /// <inheritdoc/>
    public override Tensor Variance => TotalCount * Probs * (1 - Probs);

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Dims shape = ExtendedShape(sampleShape);
        return TotalCount.Expand(shape).Binomial(Probs.Expand(shape), generator);
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) =>
        (TotalCount + 1).Lgamma() - (value + 1).Lgamma() - (TotalCount - value + 1).Lgamma() + value * Logits + TotalCount * (-Logits).LogSigmoid();

    /// <summary>A sum over the support.</summary>
    /// <exception cref="NotSupportedException">The numbers of trials differ.</exception>
    public override Tensor Entropy()
    {
        Tensor log = LogDensity(EnumerateSupport(false));
        return -(log.Exp() * log).Sum(0);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The numbers of trials differ.</exception>
    public override Tensor EnumerateSupport(bool expand = true)
    {
        double n = TotalCount.Max().Item<double>();
        if (TotalCount.Min().Item<double>() != n) throw new NotSupportedException("Binomial: the support cannot be enumerated, because the numbers of trials in the batch differ.");
        return Bernoulli.Enumerated((long)n + 1, TotalCount.DType, BatchShape, expand);
    }

    /// <inheritdoc/>
    public override Binomial Expand(params ReadOnlySpan<long> batchShape)
    {
        Tensor p = _p.Given.Expand(batchShape);
        return new(TotalCount.Expand(batchShape), _p.IsProbs ? p : null, _p.IsProbs ? null : p, ValidateArgs);
    }
}
