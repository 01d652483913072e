using Flambeau.Nn;

namespace Flambeau;

// Normalizations with the statistics they took, which torch.nn.functional keeps for itself.
public partial class Tensor
{
    /// <summary><see cref="F.BatchNorm"/> with the batch's statistics. PyTorch's <c>native_batch_norm</c>.</summary>
    /// <param name="input">(N, C) or (N, C, …).</param>
    /// <param name="weight">A factor for each channel, (C,).</param>
    /// <param name="bias">A summand for each channel, (C,).</param>
    /// <param name="runningMean">The channels' running means, (C,): moved toward the batch's in training, used otherwise.</param>
    /// <param name="runningVar">The channels' running variances, (C,), unbiased.</param>
    /// <param name="training">Whether the batch's own statistics serve.</param>
    /// <param name="momentum">How far running statistics move.</param>
    /// <param name="eps">Added to variances.</param>
    /// <returns>The result; in training, mean and 1/√(var + ε) of each channel, which have no derivative and are otherwise empty.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit, or running statistics are missing where needed.</exception>
    public static (Tensor Output, Tensor SaveMean, Tensor SaveInvStd) NativeBatchNorm(Tensor input, Tensor? weight, Tensor? bias, Tensor? runningMean, Tensor? runningVar, bool training,
        double momentum, double eps)
    {
        if (input.Rank < 2) throw new ArgumentException($"NativeBatchNorm: the input has shape {input.Shape}; it must be (N, C) or (N, C, …).");
        F.CheckChannels("NativeBatchNorm", input, [runningMean, runningVar, weight, bias]);
        if (!training) return (F.ByRunning("NativeBatchNorm", input, runningMean, runningVar, weight, bias, eps), Empty([0], input.DType), Empty([0], input.DType));
        Tensor[] y = F.ByBatch(input, runningMean, runningVar, weight, bias, momentum, eps, input.Shape[0] * input.Shape[2..].Count);
        return (y[0], y[1].To(input.DType), (y[2] + eps).Rsqrt().To(input.DType));
    }

    /// <summary><see cref="F.LayerNorm"/> with the rows' statistics. PyTorch's <c>native_layer_norm</c>.</summary>
    /// <param name="input">(…, normalizedShape).</param>
    /// <param name="normalizedShape">The sizes of the last axes, which are normalized.</param>
    /// <param name="weight">A factor for each element: normalizedShape.</param>
    /// <param name="bias">A summand for each element: normalizedShape.</param>
    /// <param name="eps">Added to variances.</param>
    /// <returns>The result, mean and 1/√(var + ε) of each row, (…, 1 …), which have no derivative.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public static (Tensor Output, Tensor Mean, Tensor Rstd) NativeLayerNorm(Tensor input, ReadOnlySpan<long> normalizedShape, Tensor? weight, Tensor? bias, double eps)
    {
        Tensor[] y = F.ByLastAxes("NativeLayerNorm", input, normalizedShape, weight, bias, eps);
        Dims each = [.. input.Shape.Span[..^normalizedShape.Length], .. Enumerable.Repeat(1L, normalizedShape.Length)];
        return (y[0], y[1].Reshape(each).To(input.DType), y[2].Reshape(each).To(input.DType));
    }
}
