using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>Another distribution whose last <c>reinterpretedBatchNDims</c> batch axes count as axes of the event: log-probabilities are summed over them.</summary>
public class Independent : Distribution
{
    /// <summary>Reinterprets axes.</summary>
    /// <exception cref="ArgumentException">There are not so many batch axes.</exception>
    public Independent(Distribution baseDistribution, int reinterpretedBatchNDims, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        Dims batch = baseDistribution.BatchShape;
        if (reinterpretedBatchNDims < 0 || reinterpretedBatchNDims > batch.Length)
            throw new ArgumentException($"Independent: {reinterpretedBatchNDims} batch axes cannot become event axes, because the base distribution has the batch shape {batch}.", nameof(reinterpretedBatchNDims));
        (BaseDist, ReinterpretedBatchNDims) = (baseDistribution, reinterpretedBatchNDims);
        (BatchShape, EventShape) = (batch[..^reinterpretedBatchNDims], [.. batch[^reinterpretedBatchNDims..], .. baseDistribution.EventShape]);
    }

    /// <summary>The other distribution.</summary>
    public Distribution BaseDist { get; }

    /// <summary>How many batch axes became event axes.</summary>
    public int ReinterpretedBatchNDims { get; }

    /// <inheritdoc/>
    public override Constraint Support => ReinterpretedBatchNDims == 0 ? BaseDist.Support : Constraints.Independent(BaseDist.Support, ReinterpretedBatchNDims);

    /// <inheritdoc/>
    public override bool HasRSample => BaseDist.HasRSample;

    /// <summary>Only if no axes were reinterpreted: else the values of all entries would combine.</summary>
    public override bool HasEnumerateSupport => ReinterpretedBatchNDims == 0 && BaseDist.HasEnumerateSupport;

    /// <inheritdoc/>
    public override Tensor Mean => BaseDist.Mean;

    /// <inheritdoc/>
    public override Tensor Mode => BaseDist.Mode;

    /// <inheritdoc/>
    public override Tensor Variance => BaseDist.Variance;

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => BaseDist.Draw(sampleShape, generator);

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => SumRightmost(BaseDist.LogProb(value), ReinterpretedBatchNDims);

    /// <inheritdoc/>
    public override Tensor Entropy() => SumRightmost(BaseDist.Entropy(), ReinterpretedBatchNDims);

    /// <inheritdoc/>
    public override Tensor EnumerateSupport(bool expand = true) => HasEnumerateSupport ? BaseDist.EnumerateSupport(expand)
        : throw new NotSupportedException("Independent: the values of several entries combine to too many to enumerate.");

    /// <inheritdoc/>
    public override Independent Expand(params ReadOnlySpan<long> batchShape) =>
        new(BaseDist.Expand([.. batchShape, .. EventShape[..ReinterpretedBatchNDims]]), ReinterpretedBatchNDims, ValidateArgs);

    /// <inheritdoc/>
    public override string ToString() => $"Independent({BaseDist}, {ReinterpretedBatchNDims})";
}
