using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>How often each of K categories comes up in <c>totalCount</c> draws; see <see cref="Categorical"/> for <c>probs</c> and <c>logits</c>.</summary>
/// <remarks><see cref="Distribution.LogProb"/> takes the number of draws from the value.</remarks>
public class Multinomial : Distribution
{
    readonly Categorical _categorical;

    /// <inheritdoc cref="Categorical(Tensor?, Tensor?, bool?)"/>
    public Multinomial(long totalCount = 1, Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null) : this(totalCount, new Categorical(probs, logits, validateArgs)) { }

    Multinomial(long totalCount, Categorical categorical) : base(categorical.BatchShape, [categorical.Count], categorical.ValidateArgs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(totalCount);
        (TotalCount, _categorical) = (totalCount, categorical);
    }

    /// <summary>The number of draws.</summary>
    public long TotalCount { get; }

    /// <inheritdoc cref="Categorical.Probs"/>
    public Tensor Probs => _categorical.Probs;

    /// <inheritdoc cref="Categorical.Logits"/>
    public Tensor Logits => _categorical.Logits;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [_categorical.Argument];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Multinomial(TotalCount);

    /// <inheritdoc/>
    public override Tensor Mean => Probs * TotalCount;

    /// <inheritdoc/>
    public override Tensor Variance => TotalCount * Probs * (1 - Probs);

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor drawn = _categorical.Draw([TotalCount, .. sampleShape], generator).MoveDim(0, -1);            // (sample, batch, totalCount)
        Tensor counts = Tensor.Zeros(ExtendedShape(sampleShape), DType.Int64);
        return counts.ScatterAdd(-1, drawn, Tensor.OnesLike(drawn)).To(Probs.DType);
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        Tensor logits = Tensor.Where(value.Eq(0) & Logits.Eq(double.NegativeInfinity), 0.0, Logits);         // 0 · −∞ = 0
        return (value.Sum(-1) + 1).Lgamma() - (value + 1).Lgamma().Sum(-1) + (logits * value).Sum(-1);
    }

    /// <summary>Sums over the binomial distributions of single categories.</summary>
    public override Tensor Entropy()
    {
        Tensor n = Tensor.FromScalar((double)TotalCount, Probs.DType);
        Binomial each = new(n, Probs, validateArgs: false);
        Tensor k = each.EnumerateSupport(false).Narrow(0, 1, TotalCount);
        Tensor expected = (each.LogDensity(k).Exp() * (k + 1).Lgamma()).Sum([0, -1]);
        return n * _categorical.Entropy() - (n + 1).Lgamma() + expected;
    }

    /// <inheritdoc/>
    public override Multinomial Expand(params ReadOnlySpan<long> batchShape) => new(TotalCount, _categorical.Expand(batchShape));
}
