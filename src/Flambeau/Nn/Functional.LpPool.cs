namespace Flambeau.Nn;

public static partial class F
{
    /// <summary>(Σ xᵖ)^(1/p) over windows of 1 spatial axis. PyTorch's <c>lp_pool1d</c>.</summary>
    /// <param name="input">(N, C, L) or (C, L).</param>
    /// <param name="normType">p.</param>
    /// <param name="kernelSize">The size of a window.</param>
    /// <param name="stride">How far windows move; by default the kernel size.</param>
    /// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
    public static Tensor LpPool1d(Tensor input, double normType, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, bool ceilMode = false) =>
        LpRoot(AvgPool1d(input.Pow(normType), kernelSize, stride, [0], ceilMode), normType, Each("LpPool1d", "kernelSize", kernelSize, 1, 1));

    /// <summary>(Σ xᵖ)^(1/p) over windows of 2 spatial axes. PyTorch's <c>lp_pool2d</c>.</summary>
    /// <param name="input">(N, C, H, W) or (C, H, W).</param>
    /// <param name="normType">p.</param>
    /// <param name="kernelSize">The size of a window; one number, or one for each axis.</param>
    /// <param name="stride">How far windows move; by default the kernel size.</param>
    /// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
    public static Tensor LpPool2d(Tensor input, double normType, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, bool ceilMode = false) =>
        LpRoot(AvgPool2d(input.Pow(normType), kernelSize, stride, [0], ceilMode), normType, Each("LpPool2d", "kernelSize", kernelSize, 2, 1));

    // As PyTorch has it, so that windows of zeros get its gradient.
    static Tensor LpRoot(Tensor mean, double p, Dims kernel) => (mean.Sign() * mean.Abs().Relu() * kernel.Count).Pow(1 / p);
}
