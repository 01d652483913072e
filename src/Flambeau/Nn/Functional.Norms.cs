using Flambeau.Ops;

namespace Flambeau.Nn;

// Normalization. Means and variances are taken in two passes over a row that is in the cache, and added up in double.
public static partial class F
{
    /// <summary>Each channel (axis 1) centered and scaled: over the batch in training, by running statistics otherwise. PyTorch's <c>batch_norm</c>.</summary>
    /// <param name="input">(N, C) or (N, C, …).</param>
    /// <param name="runningMean">The channels' running means, (C,): moved toward the batch's in training, used otherwise.</param>
    /// <param name="runningVar">The channels' running variances, (C,), unbiased.</param>
    /// <param name="weight">A factor for each channel, (C,).</param>
    /// <param name="bias">A summand for each channel, (C,).</param>
    /// <param name="training">Whether the batch's own statistics serve.</param>
    /// <param name="momentum">How far running statistics move.</param>
    /// <param name="eps">Added to variances.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, running statistics are missing where needed, or training on one value per channel.</exception>
    public static Tensor BatchNorm(Tensor input, Tensor? runningMean, Tensor? runningVar, Tensor? weight = null, Tensor? bias = null, bool training = false,
        double momentum = 0.1, double eps = 1e-5)
    {
        if (input.Count == 0 && (input.Rank == 1 || !training && runningMean is null && runningVar is null)) return input.Clone();      // of nothing, nothing is asked
        if (input.Rank < 2) throw new ArgumentException($"BatchNorm: the input has shape {input.Shape}; it must be (N, C) or (N, C, …).");
        CheckChannels("BatchNorm", input, [runningMean, runningVar, weight, bias]);
        if (!training) return ByRunning("BatchNorm", input, runningMean, runningVar, weight, bias, eps);
        long each = input.Shape[0] * input.Shape[2..].Count;
        if (each == 1)
            throw new ArgumentException($"BatchNorm: in training, an input of shape {input.Shape} has one value for each channel, and one value has no variance. Use larger batches, or call Eval().");
        return ByBatch(input, runningMean, runningVar, weight, bias, momentum, eps, each)[0];
    }

    // y, mean and variance
    internal static Tensor[] ByBatch(Tensor input, Tensor? runningMean, Tensor? runningVar, Tensor? weight, Tensor? bias, double momentum, double eps, long each)
    {
        Tensor[] y = Normal(new BatchNorm(eps), input, weight, bias);
        if (each > 0)
            using (Autograd.NoGrad())
            {
                Track(runningMean, y[1], momentum);
                Track(runningVar, y[2] * ((double)each / (each - 1)), momentum);
            }
        if (weight is null && bias is not null) y[0] = y[0] + Channelwise(bias, input);
        return y;
    }

    internal static void CheckChannels(string op, Tensor input, ReadOnlySpan<Tensor?> each)
    {
        foreach (Tensor? t in each)
            if (t is not null && t.Shape != input.Shape[1..2])
                throw new ArgumentException($"{op}: an input of shape {input.Shape} has {input.Shape[1]} channels (axis 1); a weight, bias or statistic of shape {t.Shape} does not fit.");
    }

    static Tensor Channelwise(Tensor t, Tensor input) => t.Reshape([t.Count, .. Enumerable.Repeat(1L, input.Rank - 2)]);

    static Tensor[] Normal(MultiOp op, Tensor input, Tensor? weight, Tensor? bias)
    {
        if (!input.DType.IsLowPrecision || weight?.DType != DType.Float32)
            return weight is null ? Op.ApplyAll(op, input) : bias is null ? Op.ApplyAll(op, input, weight) : Op.ApplyAll(op, input, weight, bias);
        // 16-bit numbers with float32 weights, as under autocast: computed in float32, rounded once.
        Tensor[] y = Normal(op, input.Float(), weight, bias);
        y[0] = y[0].To(input.DType);
        return y;
    }

    static void Track(Tensor? running, Tensor now, double momentum) => running?.MulInPlace(1 - momentum).AddInPlace(now.To(running.DType), momentum);

    // x · k + (bias − mean · k), one pass over x
    internal static Tensor ByRunning(string op, Tensor input, Tensor? mean, Tensor? var, Tensor? weight, Tensor? bias, double eps)
    {
        if (mean is null || var is null) throw new ArgumentException($"{op}: outside training, runningMean and runningVar are needed.");
        if (input.DType.IsLowPrecision) return ByRunning(op, input.Float(), mean.Float(), var.Float(), weight?.Float(), bias?.Float(), eps).To(input.DType);      // rounded once
        Tensor k = (var + eps).Rsqrt();
        if (weight is not null) k = k * weight;
        Tensor shift = bias is null ? -(mean * k) : bias - mean * k;
        return Channelwise(shift.To(input.DType), input).AddCMul(input, Channelwise(k.To(input.DType), input));
    }

    /// <summary>The last axes centered and scaled together. PyTorch's <c>layer_norm</c> (Ba, Kiros, Hinton 2016).</summary>
    /// <param name="input">(…, normalizedShape).</param>
    /// <param name="normalizedShape">The sizes of the last axes, which are normalized.</param>
    /// <param name="weight">A factor for each element: normalizedShape.</param>
    /// <param name="bias">A summand for each element: normalizedShape.</param>
    /// <param name="eps">Added to variances.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public static Tensor LayerNorm(Tensor input, ReadOnlySpan<long> normalizedShape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5)
    {
        return ByLastAxes("LayerNorm", input, normalizedShape, weight, bias, eps)[0];
    }

    // y, mean and 1/√(var + ε)
    internal static Tensor[] ByLastAxes(string op, Tensor input, ReadOnlySpan<long> normalizedShape, Tensor? weight, Tensor? bias, double eps)
    {
        NormRows rows = LastAxes(op, input, normalizedShape, weight, bias);
        Tensor[] y = Normal(new RowNorm(rows, eps, true), input, weight, bias);
        if (weight is null && bias is not null) y[0] = y[0] + bias;
        return y;
    }

    /// <summary>x/√(mean of x² + ε) over the last axes. PyTorch's <c>rms_norm</c> (Zhang, Sennrich 2019).</summary>
    /// <param name="input">(…, normalizedShape).</param>
    /// <param name="normalizedShape">The sizes of the last axes, which are normalized.</param>
    /// <param name="weight">A factor for each element: normalizedShape.</param>
    /// <param name="eps">Added to the mean of squares; by default the type's epsilon.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public static Tensor RmsNorm(Tensor input, ReadOnlySpan<long> normalizedShape, Tensor? weight = null, double? eps = null)
    {
        NormRows rows = LastAxes("RmsNorm", input, normalizedShape, weight, null);
        return Normal(new RowNorm(rows, eps ?? input.DType.Epsilon, false), input, weight, null)[0];
    }

    static NormRows LastAxes(string op, Tensor input, ReadOnlySpan<long> normalizedShape, Tensor? weight, Tensor? bias)
    {
        Dims shape = Dims.Create(normalizedShape);
        if (shape.Length == 0 || input.Rank < shape.Length || input.Shape[^shape.Length..] != shape)
            throw new ArgumentException($"{op}: an input of shape {input.Shape} does not end in the normalized shape {shape}.");
        foreach (Tensor? t in (Tensor?[])[weight, bias])
            if (t is not null && t.Shape != shape)
                throw new ArgumentException($"{op}: a weight or bias of shape {t.Shape} does not fit the normalized shape {shape}; they must be equal.");
        return new(input.Shape[..^shape.Length].Count, 1, shape.Count, 1);
    }

    /// <summary>The channels (axis 1) of each sample centered and scaled in groups. PyTorch's <c>group_norm</c> (Wu, He 2018).</summary>
    /// <param name="input">(N, C, …).</param>
    /// <param name="numGroups">How many groups; divides C.</param>
    /// <param name="weight">A factor for each channel, (C,).</param>
    /// <param name="bias">A summand for each channel, (C,).</param>
    /// <param name="eps">Added to variances.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or numGroups does not divide C.</exception>
    public static Tensor GroupNorm(Tensor input, long numGroups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5)
    {
        if (input.Rank < 2) throw new ArgumentException($"GroupNorm: the input has shape {input.Shape}; it must be (N, C, …).");
        if (numGroups <= 0 || input.Shape[1] % numGroups != 0)
            throw new ArgumentException($"GroupNorm: {input.Shape[1]} channels (axis 1 of {input.Shape}) do not make {numGroups} groups of equal size.");
        CheckChannels("GroupNorm", input, [weight, bias]);
        Tensor y = Normal(new RowNorm(new(input.Shape[0] * numGroups, numGroups, input.Shape[1] / numGroups, input.Shape[2..].Count), eps, true),
            input, weight, bias)[0];
        return weight is null && bias is not null ? y + Channelwise(bias, input) : y;
    }

    /// <summary>Each channel of each sample centered and scaled by itself. PyTorch's <c>instance_norm</c> (Ulyanov et al. 2016).</summary>
    /// <param name="input">(N, C, …) with more than one element in a channel.</param>
    /// <param name="runningMean">The channels' running means, (C,): moved where input statistics serve, used otherwise.</param>
    /// <param name="runningVar">The channels' running variances, (C,).</param>
    /// <param name="weight">A factor for each channel, (C,).</param>
    /// <param name="bias">A summand for each channel, (C,).</param>
    /// <param name="useInputStats">Whether each instance's own statistics serve.</param>
    /// <param name="momentum">How far running statistics move.</param>
    /// <param name="eps">Added to variances.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or there is one element in a channel.</exception>
    public static Tensor InstanceNorm(Tensor input, Tensor? runningMean = null, Tensor? runningVar = null, Tensor? weight = null, Tensor? bias = null,
        bool useInputStats = true, double momentum = 0.1, double eps = 1e-5)
    {
        if (input.Rank < 3) throw new ArgumentException($"InstanceNorm: the input has shape {input.Shape}; it must be (N, C, …).");
        CheckChannels("InstanceNorm", input, [runningMean, runningVar, weight, bias]);
        if (!useInputStats) return ByRunning("InstanceNorm", input, runningMean, runningVar, weight, bias, eps);
        (long n, long c, long each) = (input.Shape[0], input.Shape[1], input.Shape[2..].Count);
        if (each == 1)
            throw new ArgumentException($"InstanceNorm: an input of shape {input.Shape} has one value in each channel, and one value has no variance.");
        Tensor[] y = Normal(new RowNorm(new(n * c, c, 1, each), eps, true), input, weight, bias);
        using (Autograd.NoGrad())
        {
            if (runningMean is not null) Track(runningMean, y[1].Reshape(n, c).Mean(0), momentum);
            if (runningVar is not null) Track(runningVar, ((y[2].Square().Reciprocal() - eps) * ((double)each / (each - 1))).Reshape(n, c).Mean(0), momentum);
        }
        return weight is null && bias is not null ? y[0] + Channelwise(bias, input) : y[0];
    }

    /// <summary>x/(k + α · mean of x² over neighbouring channels)^β. PyTorch's <c>local_response_norm</c> (Krizhevsky et al. 2012).</summary>
    /// <param name="input">(N, C, …).</param>
    /// <param name="size">How many channels count as neighbours.</param>
    /// <param name="alpha">α.</param>
    /// <param name="beta">β.</param>
    /// <param name="k">k.</param>
    /// <exception cref="ArgumentException">Fewer than three axes, or size is not positive.</exception>
    public static Tensor LocalResponseNorm(Tensor input, long size, double alpha = 1e-4, double beta = 0.75, double k = 1)
    {
        if (input.Rank < 3) throw new ArgumentException($"LocalResponseNorm: the input has shape {input.Shape}; it must be (N, C, …).");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        if (input.Count == 0) return input.Clone();
        Tensor Zeros(long channels) => Tensor.Zeros([input.Shape[0], channels, .. input.Shape.Span[2..]], input.DType);
        Tensor square = Tensor.Cat([Zeros(size / 2), input.Square(), Zeros((size - 1) / 2)], 1);
        Tensor windows = square.Unfold(1, size, 1), mean = input.DType.IsInteger ? windows.Sum(-1).Div(size, "trunc") : windows.Mean(-1);      // of integers an integer, as in PyTorch
        return input / (mean * alpha + k).Pow(beta);
    }
}
