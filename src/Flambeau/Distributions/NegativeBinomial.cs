using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The number of successes, each of probability <c>probs</c> or log odds <c>logits</c>, before <c>totalCount</c> failures; the count may be any real number ≥ 0.</summary>
public class NegativeBinomial : Distribution
{
    readonly Chances _p;

    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">Neither or both of probs and logits are given, or parameters are out of range.</exception>
    public NegativeBinomial(Tensor totalCount, Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (_p, TotalCount) = Chances.Binary(nameof(NegativeBinomial), probs, logits, totalCount);
        BatchShape = TotalCount.Shape;
        CheckArguments();
    }

    /// <summary>The number of failures at which one stops.</summary>
    public Tensor TotalCount { get; }

    /// <inheritdoc cref="Geometric.Probs"/>
    public Tensor Probs => _p.Probs;

    /// <inheritdoc cref="Geometric.Logits"/>
    public Tensor Logits => _p.Logits;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("totalCount", TotalCount, Constraints.NonNegative), _p.Argument(Constraints.HalfOpenInterval(0.0, 1.0))];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.NonNegativeInteger;

    /// <inheritdoc/>
    public override Tensor Mean => TotalCount * Logits.Exp();

    /// <inheritdoc/>
    public override Tensor Mode => ((TotalCount - 1) * Logits.Exp()).Floor().Clamp(min: 0);

    /// <inheritdoc/>
    public override Tensor Variance => Mean / (-Logits).Sigmoid();

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) =>
        new Gamma(TotalCount, (-Logits).Exp(), validateArgs: false).Draw(sampleShape, generator).Poisson(generator);

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        Tensor n = TotalCount + value, ways = n.Lgamma() - (1 + value).Lgamma() - TotalCount.Lgamma();
        return TotalCount * (-Logits).LogSigmoid() + value * Logits.LogSigmoid() + Tensor.Where(n.Eq(0), 0.0, ways);
    }

    /// <inheritdoc/>
    public override NegativeBinomial Expand(params ReadOnlySpan<long> batchShape)
    {
        Tensor p = _p.Given.Expand(batchShape);
        return new(TotalCount.Expand(batchShape), _p.IsProbs ? p : null, _p.IsProbs ? null : p, ValidateArgs);
    }
}
