namespace Flambeau.Nn;

/// <summary>What batch and instance normalization share: a factor and a summand for each channel, and running statistics.</summary>
public abstract class RunningNorm : UnaryModule, ILazy
{
    private protected RunningNorm(long numFeatures, double eps, double? momentum, bool affine, bool trackRunningStats, DType? dtype)
    {
        (Eps, Momentum, Affine, TrackRunningStats, _dtype) = (eps, momentum, affine, trackRunningStats, dtype);
        Begin(numFeatures);
    }

    readonly DType? _dtype;

    private protected bool IsReady => NumFeatures > 0;

    bool ILazy.IsReady => IsReady;

    void ILazy.Infer(string name, Dims shape)
    {
        if (shape.Length == 1) Begin(shape[0]);
    }

    void ILazy.Forget() => NumFeatures = 0;

    /// <summary>Makes the tensors; those of a lazy norm are made anew when it knows its features, as the same objects.</summary>
    private protected void Begin(long numFeatures)
    {
        NumFeatures = numFeatures;
        DType? dtype = Weight?.DType ?? RunningMean?.DType ?? _dtype;
        if (Weight is not null || RunningMean is not null)
        {
            foreach (Tensor? t in (Tensor?[])[Weight, RunningVar]) t?.SetData(Tensor.Ones([numFeatures], dtype, t.Device));
            foreach (Tensor? t in (Tensor?[])[Bias, RunningMean]) t?.SetData(Tensor.Zeros([numFeatures], dtype, t.Device));
            return;
        }
        (bool affine, bool trackRunningStats) = (Affine, TrackRunningStats);
        if (affine)
        {
            Weight = new(Tensor.Ones([numFeatures], dtype));
            Bias = new(Tensor.Zeros([numFeatures], dtype));
        }
        if (!trackRunningStats) return;
        RunningMean = new(Tensor.Zeros([numFeatures], dtype));
        RunningVar = new(Tensor.Ones([numFeatures], dtype));
        NumBatchesTracked = new(Tensor.Zeros([], DType.Int64));
    }

    /// <summary>A factor for each channel, or null.</summary>
    public Parameter? Weight { get; set; }

    /// <summary>A summand for each channel, or null.</summary>
    public Parameter? Bias { get; set; }

    /// <summary>The running means, or null.</summary>
    public Buffer? RunningMean { get; set; }

    /// <summary>The running unbiased variances, or null.</summary>
    public Buffer? RunningVar { get; set; }

    /// <summary>How many batches the running statistics have seen, or null.</summary>
    public Buffer? NumBatchesTracked { get; set; }

    private protected long NumFeatures { get; private set; }
    internal double Eps { get; }
    internal double? Momentum { get; set; }
    private protected bool Affine { get; }
    private protected bool TrackRunningStats { get; }

    /// <summary>Forgets all batches: means 0, variances 1. PyTorch's <c>reset_running_stats</c>.</summary>
    public void ResetRunningStats()
    {
        using var _ = Autograd.NoGrad();
        RunningMean?.ZeroInPlace();
        RunningVar?.FillInPlace(1);
        NumBatchesTracked?.ZeroInPlace();
    }

    private protected abstract (int Least, int Most) Ranks { get; }

    private protected void Check(Tensor input)
    {
        if (input.Rank < Ranks.Least || input.Rank > Ranks.Most)
            throw new ArgumentException($"{GetType().Name}: the input has shape {input.Shape}; it must have {(Ranks.Least == Ranks.Most ? $"{Ranks.Least}" : $"{Ranks.Least} or {Ranks.Most}")} axes.");
    }

    /// <summary>Counts a batch; answers how far running statistics move: the momentum, or all batches weighing alike.</summary>
    private protected double Advance()
    {
        if (!IsTraining || NumBatchesTracked is null) return Momentum ?? 0;
        using var _ = Autograd.NoGrad();
        NumBatchesTracked.AddInPlace(1);
        return Momentum ?? 1.0 / NumBatchesTracked.Item<long>();
    }

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"{NumFeatures}, eps={Eps}, momentum={Momentum}, affine={Affine}, track_running_stats={TrackRunningStats}");
}

/// <summary>Each channel centered and scaled over the batch: (N, C) or (N, C, L). PyTorch's <c>nn.BatchNorm1d</c> (Ioffe, Szegedy 2015).</summary>
/// <param name="numFeatures">C.</param>
/// <param name="eps">Added to variances.</param>
/// <param name="momentum">How far running statistics move with a batch; null weighs all batches alike.</param>
/// <param name="affine">Whether a factor and a summand for each channel are learned.</param>
/// <param name="trackRunningStats">Whether running statistics are kept and used in evaluation.</param>
/// <param name="dtype">The type of the parameters.</param>
public class BatchNorm1d(long numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true, DType? dtype = null)
    : RunningNorm(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
{
    private protected override (int Least, int Most) Ranks => (2, 3);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Check(input);
        double moves = Advance();
        bool byBatch = IsTraining || RunningMean is null;
        return F.BatchNorm(input, RunningMean, RunningVar, Weight, Bias, byBatch, moves, Eps);
    }
}

/// <summary>Each channel of each sample centered and scaled by itself: (C, …) or (N, C, …) with 1 spatial axis. PyTorch's <c>nn.InstanceNorm1d</c> (Ulyanov, Vedaldi, Lempitsky 2016).</summary>
/// <param name="numFeatures">C.</param>
/// <param name="eps">Added to variances.</param>
/// <param name="momentum">How far running statistics move with a batch.</param>
/// <param name="affine">Whether a factor and a summand for each channel are learned.</param>
/// <param name="trackRunningStats">Whether running statistics are kept and used in evaluation.</param>
/// <param name="dtype">The type of the parameters.</param>
public class InstanceNorm1d(long numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStats = false, DType? dtype = null)
    : RunningNorm(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
{
    private protected override (int Least, int Most) Ranks => (2, 3);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Check(input);
        if (input.Rank == 2) return Forward(input.Unsqueeze(0)).Squeeze(0);
        return F.InstanceNorm(input, RunningMean, RunningVar, Weight, Bias, IsTraining || !TrackRunningStats, Momentum ?? 0, Eps);
    }
}

/// <summary>Each channel centered and scaled over the batch: (N, C, H, W). PyTorch's <c>nn.BatchNorm2d</c> (Ioffe, Szegedy 2015).</summary>
/// <param name="numFeatures">C.</param>
/// <param name="eps">Added to variances.</param>
/// <param name="momentum">How far running statistics move with a batch; null weighs all batches alike.</param>
/// <param name="affine">Whether a factor and a summand for each channel are learned.</param>
/// <param name="trackRunningStats">Whether running statistics are kept and used in evaluation.</param>
/// <param name="dtype">The type of the parameters.</param>
public class BatchNorm2d(long numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true, DType? dtype = null)
    : RunningNorm(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
{
    private protected override (int Least, int Most) Ranks => (4, 4);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Check(input);
        double moves = Advance();
        bool byBatch = IsTraining || RunningMean is null;
        return F.BatchNorm(input, RunningMean, RunningVar, Weight, Bias, byBatch, moves, Eps);
    }
}

/// <summary>Each channel of each sample centered and scaled by itself: (C, …) or (N, C, …) with 2 spatial axes. PyTorch's <c>nn.InstanceNorm2d</c> (Ulyanov, Vedaldi, Lempitsky 2016).</summary>
/// <param name="numFeatures">C.</param>
/// <param name="eps">Added to variances.</param>
/// <param name="momentum">How far running statistics move with a batch.</param>
/// <param name="affine">Whether a factor and a summand for each channel are learned.</param>
/// <param name="trackRunningStats">Whether running statistics are kept and used in evaluation.</param>
/// <param name="dtype">The type of the parameters.</param>
public class InstanceNorm2d(long numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStats = false, DType? dtype = null)
    : RunningNorm(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
{
    private protected override (int Least, int Most) Ranks => (3, 4);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Check(input);
        if (input.Rank == 3) return Forward(input.Unsqueeze(0)).Squeeze(0);
        return F.InstanceNorm(input, RunningMean, RunningVar, Weight, Bias, IsTraining || !TrackRunningStats, Momentum ?? 0, Eps);
    }
}

/// <summary>Each channel centered and scaled over the batch: (N, C, D, H, W). PyTorch's <c>nn.BatchNorm3d</c> (Ioffe, Szegedy 2015).</summary>
/// <param name="numFeatures">C.</param>
/// <param name="eps">Added to variances.</param>
/// <param name="momentum">How far running statistics move with a batch; null weighs all batches alike.</param>
/// <param name="affine">Whether a factor and a summand for each channel are learned.</param>
/// <param name="trackRunningStats">Whether running statistics are kept and used in evaluation.</param>
/// <param name="dtype">The type of the parameters.</param>
public class BatchNorm3d(long numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true, DType? dtype = null)
    : RunningNorm(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
{
    private protected override (int Least, int Most) Ranks => (5, 5);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Check(input);
        double moves = Advance();
        bool byBatch = IsTraining || RunningMean is null;
        return F.BatchNorm(input, RunningMean, RunningVar, Weight, Bias, byBatch, moves, Eps);
    }
}

/// <summary>Each channel of each sample centered and scaled by itself: (C, …) or (N, C, …) with 3 spatial axes. PyTorch's <c>nn.InstanceNorm3d</c> (Ulyanov, Vedaldi, Lempitsky 2016).</summary>
/// <param name="numFeatures">C.</param>
/// <param name="eps">Added to variances.</param>
/// <param name="momentum">How far running statistics move with a batch.</param>
/// <param name="affine">Whether a factor and a summand for each channel are learned.</param>
/// <param name="trackRunningStats">Whether running statistics are kept and used in evaluation.</param>
/// <param name="dtype">The type of the parameters.</param>
public class InstanceNorm3d(long numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStats = false, DType? dtype = null)
    : RunningNorm(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
{
    private protected override (int Least, int Most) Ranks => (4, 5);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Check(input);
        if (input.Rank == 4) return Forward(input.Unsqueeze(0)).Squeeze(0);
        return F.InstanceNorm(input, RunningMean, RunningVar, Weight, Bias, IsTraining || !TrackRunningStats, Momentum ?? 0, Eps);
    }
}

/// <summary>The last axes centered and scaled together. PyTorch's <c>nn.LayerNorm</c> (Ba, Kiros, Hinton 2016).</summary>
public class LayerNorm : UnaryModule
{
    readonly double _eps;
    readonly Dims _shape;

    /// <summary>Starts as plain centering and scaling.</summary>
    /// <param name="normalizedShape">The sizes of the last axes.</param>
    /// <param name="eps">Added to variances.</param>
    /// <param name="elementwiseAffine">Whether factors and summands are learned.</param>
    /// <param name="bias">Whether summands are, too.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public LayerNorm(Sizes normalizedShape, double eps = 1e-5, bool elementwiseAffine = true, bool bias = true, DType? dtype = null)
    {
        (_shape, _eps) = (normalizedShape.Values, eps);
        if (!elementwiseAffine) return;
        Weight = new(Tensor.Ones(_shape, dtype));
        if (bias) Bias = new(Tensor.Zeros(_shape, dtype));
    }

    /// <summary>Factors, or null.</summary>
    public Parameter? Weight { get; set; }

    /// <summary>Summands, or null.</summary>
    public Parameter? Bias { get; set; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.LayerNorm(input, _shape, Weight, Bias, _eps);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"{_shape}, eps={_eps}, elementwise_affine={Weight is not null}");
}

/// <summary>The last axes divided by their root mean square. PyTorch's <c>nn.RMSNorm</c> (Zhang, Sennrich 2019).</summary>
public class RmsNorm : UnaryModule
{
    readonly double? _eps;
    readonly Dims _shape;

    /// <summary>Starts with factors of 1.</summary>
    /// <param name="normalizedShape">The sizes of the last axes.</param>
    /// <param name="eps">Added to the mean square; by default the type's own.</param>
    /// <param name="elementwiseAffine">Whether factors are learned.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public RmsNorm(Sizes normalizedShape, double? eps = null, bool elementwiseAffine = true, DType? dtype = null)
    {
        (_shape, _eps) = (normalizedShape.Values, eps);
        if (elementwiseAffine) Weight = new(Tensor.Ones(_shape, dtype));
    }

    /// <summary>Factors, or null.</summary>
    public Parameter? Weight { get; set; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.RmsNorm(input, _shape, Weight, _eps);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"{_shape}, eps={_eps}, elementwise_affine={Weight is not null}");
}

/// <summary>Groups of channels of each sample centered and scaled together: (N, C, …). PyTorch's <c>nn.GroupNorm</c> (Wu, He 2018).</summary>
public class GroupNorm : UnaryModule
{
    readonly long _groups, _channels;
    readonly double _eps;

    /// <summary>Starts as plain centering and scaling.</summary>
    /// <param name="numGroups">How many groups.</param>
    /// <param name="numChannels">C, a multiple of the number of groups.</param>
    /// <param name="eps">Added to variances.</param>
    /// <param name="affine">Whether a factor and a summand for each channel are learned.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public GroupNorm(long numGroups, long numChannels, double eps = 1e-5, bool affine = true, DType? dtype = null)
    {
        if (numGroups <= 0 || numChannels % numGroups != 0) throw new ArgumentException($"GroupNorm: {numChannels} channels do not make {numGroups} groups of equal size.");
        (_groups, _channels, _eps) = (numGroups, numChannels, eps);
        if (!affine) return;
        Weight = new(Tensor.Ones([numChannels], dtype));
        Bias = new(Tensor.Zeros([numChannels], dtype));
    }

    /// <summary>A factor for each channel, or null.</summary>
    public Parameter? Weight { get; set; }

    /// <summary>A summand for each channel, or null.</summary>
    public Parameter? Bias { get; set; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.GroupNorm(input, _groups, Weight, Bias, _eps);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"{_groups}, {_channels}, eps={_eps}, affine={Weight is not null}");
}

/// <summary>Each element divided by a power of its neighbours' squares in the channel axis. PyTorch's <c>nn.LocalResponseNorm</c>.</summary>
/// <param name="size">How many neighbouring channels.</param>
/// <param name="alpha">The factor of the sum of squares.</param>
/// <param name="beta">The power.</param>
/// <param name="k">Added to the sum.</param>
public class LocalResponseNorm(long size, double alpha = 1e-4, double beta = 0.75, double k = 1) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.LocalResponseNorm(input, size, alpha, beta, k);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"{size}, alpha={alpha}, beta={beta}, k={k}");
}

/// <summary>As <see cref="LocalResponseNorm"/>, with the words of an older library. PyTorch's <c>nn.CrossMapLRN2d</c>.</summary>
/// <param name="size">How many neighbouring channels.</param>
/// <param name="alpha">The factor of the sum of squares.</param>
/// <param name="beta">The power.</param>
/// <param name="k">Added to the sum.</param>
public class CrossMapLrn2d(long size, double alpha = 1e-4, double beta = 0.75, double k = 1) : LocalResponseNorm(size, alpha, beta, k);
