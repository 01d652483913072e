using Flambeau.Ops;

namespace Flambeau.Nn;

public static partial class F
{
    static Dims Leading(string op, Tensor x, int rank) => x.Rank == rank + 1 || x.Rank == rank + 2 ? x.Shape[..^rank]
        : throw new ArgumentException($"{op}: the input must have {rank + 2} axes (batch, channels, {rank} spatial), or {rank + 1} without the batch; its shape is {x.Shape}.");

    // Places that only the derivative wants take half the bytes.
    static MaxPool Largest(PoolAxes axes, Tensor input) => new(axes, !input.IsTracked ? null : axes.Input <= int.MaxValue ? DType.Int32 : DType.Int64);

    static PoolAxes Sliding(string op, int rank, Tensor x, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, bool ceilMode)
    {
        Leading(op, x, rank);
        if (x.Shape[(x.Rank - rank - 1)..].Count == 0) throw new ArgumentException($"{op}: the input of shape {x.Shape} has an empty axis other than the batch.");
        if (kernelSize.IsEmpty) throw new ArgumentException($"{op}: kernelSize has no numbers.");
        Dims k = Each(op, "kernelSize", kernelSize, rank, 1), s = stride.IsEmpty ? k : Each(op, "stride", stride, rank, 1);
        Dims p = Each(op, "padding", padding, rank, 0), d = Each(op, "dilation", dilation, rank, 1);
        var axes = new PoolAxis[rank];
        for (int i = 0; i < rank; i++) axes[i] = PoolAxis.Sliding(op, x.Shape[i - rank + x.Rank], k[i], s[i], p[i], d[i], ceilMode);
        return PoolAxes.Of(axes);
    }

    static PoolAxes Adaptive(string op, int rank, Tensor x, ReadOnlySpan<long> outputSize, bool needsChannels = true)
    {
        Leading(op, x, rank);
        if (needsChannels && x.Shape[1..].Count == 0) throw new ArgumentException($"{op}: the input of shape {x.Shape} has an empty axis other than the batch.");
        Dims o = Each(op, "outputSize", outputSize, rank, -1);
        var axes = new PoolAxis[rank];
        for (int i = 0; i < rank; i++)
        {
            long n = x.Shape[i - rank + x.Rank];
            if (o[i] < -1 || n == 0) throw new ArgumentException($"{op}: an input of shape {x.Shape} cannot be pooled to {o}.");
            axes[i] = PoolAxis.Adaptive(n, o[i] == -1 ? n : o[i]);                // −1 keeps the size
        }
        return PoolAxes.Of(axes);
    }

    static Tensor AvgPool(PoolAxes axes, Tensor input, bool countIncludePad, long divisor) =>
        input.DType.IsInteger ? AvgPoolOfIntegers(axes, input, countIncludePad, divisor) : Op.Apply(new AvgPool(axes, countIncludePad, divisor), input);

    // Sums of windows over their sizes, toward zero.
    static Tensor AvgPoolOfIntegers(PoolAxes axes, Tensor input, bool countIncludePad, long divisor)
    {
        PoolAxis[] each = [.. new[] { axes.D, axes.H, axes.W }.Skip(3 - axes.Rank)];
        int first = input.Rank - axes.Rank;
        Tensor x = input.Long(), sizes = Tensor.Ones([], DType.Int64);
        for (int d = 0; d < axes.Rank; d++)
        {
            PoolAxis a = each[d];
            long[] before = new long[x.Rank], after = new long[x.Rank];
            before[first + d] = a.Padding;
            after[first + d] = Math.Max(0, (a.Output - 1) * a.Stride + a.Kernel - a.Padding - a.Input);
            x = Op.Apply(new ConstantPad(new Dims(before), new Dims(after), 0), x).Unfold(first + d, a.Kernel, a.Stride).Narrow(first + d, 0, a.Output).Sum(-1);
            Tensor size = Tensor.From([.. Range(a.Output).Select(o => countIncludePad ? a.End(o) - a.Start(o) : Math.Min(a.End(o), a.Input) - Math.Max(a.Start(o), 0))]);
            sizes = sizes * size.Reshape([a.Output, .. Enumerable.Repeat(1L, axes.Rank - 1 - d)]);
        }
        return x.Div(divisor == 0 ? sizes : divisor, "trunc").To(input.DType);
    }

    /// <summary>The largest element of each window. PyTorch's <c>max_pool1d</c>.</summary>
    /// <param name="input">(N, C, …) or (C, …) with 1 spatial axis.</param>
    /// <param name="kernelSize">The size of a window; one number, or one for each axis.</param>
    /// <param name="stride">How far windows move; by default the kernel size.</param>
    /// <param name="padding">−∞ added on both sides, at most half the kernel size.</param>
    /// <param name="dilation">The distance between a window's elements.</param>
    /// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
    /// <exception cref="ArgumentException">Windows do not fit the input.</exception>
    public static Tensor MaxPool1d(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> dilation = default, bool ceilMode = false) => Op.ApplyAll(Largest(Sliding("MaxPool1d", 1, input, kernelSize, stride, padding, dilation, ceilMode), input), input)[0];

    /// <summary>As <see cref="MaxPool1d"/>, with the position in its plane of each largest element.</summary>
    public static (Tensor Values, Tensor Indices) MaxPool1dWithIndices(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> dilation = default, bool ceilMode = false) => Op.ApplyAll(new MaxPool(Sliding("MaxPool1d", 1, input, kernelSize, stride, padding, dilation, ceilMode), DType.Int64), input) is [var v, var i] ? (v, i) : default;

    /// <summary>The mean of each window. PyTorch's <c>avg_pool1d</c>.</summary>
    /// <param name="input">(N, C, …) or (C, …) with 1 spatial axis.</param>
    /// <param name="kernelSize">The size of a window; one number, or one for each axis.</param>
    /// <param name="stride">How far windows move; by default the kernel size.</param>
    /// <param name="padding">Zeros added on both sides, at most half the kernel size.</param>
    /// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
    /// <param name="countIncludePad">Whether padding counts as elements of the mean.</param>
    /// <param name="divisorOverride">By what sums are divided, instead of the number of elements.</param>
    /// <exception cref="ArgumentException">Windows do not fit the input.</exception>
    public static Tensor AvgPool1d(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        bool ceilMode = false, bool countIncludePad = true, long? divisorOverride = null)
    {
        if (divisorOverride == 0) throw new ArgumentException("AvgPool1d: divisorOverride must not be 0.");
        return AvgPool(Sliding("AvgPool1d", 1, input, kernelSize, stride, padding, default, ceilMode), input, countIncludePad, divisorOverride ?? 0);
    }

    /// <summary>The means of as many windows as <paramref name="outputSize"/> says, which part the input evenly. PyTorch's <c>adaptive_avg_pool1d</c>.</summary>
    public static Tensor AdaptiveAvgPool1d(Tensor input, params ReadOnlySpan<long> outputSize) =>
        Op.Apply(new AvgPool(Adaptive("AdaptiveAvgPool1d", 1, input, outputSize, false), false, 0), input);

    /// <summary>The largest elements of as many windows as <paramref name="outputSize"/> says. PyTorch's <c>adaptive_max_pool1d</c>.</summary>
    public static Tensor AdaptiveMaxPool1d(Tensor input, params ReadOnlySpan<long> outputSize) =>
        Op.ApplyAll(Largest(Adaptive("AdaptiveMaxPool1d", 1, input, outputSize), input), input)[0];

    /// <summary>As <see cref="AdaptiveMaxPool1d"/>, with the position in its plane of each largest element.</summary>
    public static (Tensor Values, Tensor Indices) AdaptiveMaxPool1dWithIndices(Tensor input, params ReadOnlySpan<long> outputSize) =>
        Op.ApplyAll(new MaxPool(Adaptive("AdaptiveMaxPool1d", 1, input, outputSize), DType.Int64), input) is [var v, var i] ? (v, i) : default;

    /// <summary>The largest element of each window. PyTorch's <c>max_pool2d</c>.</summary>
    /// <param name="input">(N, C, …) or (C, …) with 2 spatial axes.</param>
    /// <param name="kernelSize">The size of a window; one number, or one for each axis.</param>
    /// <param name="stride">How far windows move; by default the kernel size.</param>
    /// <param name="padding">−∞ added on both sides, at most half the kernel size.</param>
    /// <param name="dilation">The distance between a window's elements.</param>
    /// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
    /// <exception cref="ArgumentException">Windows do not fit the input.</exception>
    public static Tensor MaxPool2d(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> dilation = default, bool ceilMode = false) => Op.ApplyAll(Largest(Sliding("MaxPool2d", 2, input, kernelSize, stride, padding, dilation, ceilMode), input), input)[0];

    /// <summary>As <see cref="MaxPool2d"/>, with the position in its plane of each largest element.</summary>
    public static (Tensor Values, Tensor Indices) MaxPool2dWithIndices(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> dilation = default, bool ceilMode = false) => Op.ApplyAll(new MaxPool(Sliding("MaxPool2d", 2, input, kernelSize, stride, padding, dilation, ceilMode), DType.Int64), input) is [var v, var i] ? (v, i) : default;

    /// <summary>The mean of each window. PyTorch's <c>avg_pool2d</c>.</summary>
    /// <param name="input">(N, C, …) or (C, …) with 2 spatial axes.</param>
    /// <param name="kernelSize">The size of a window; one number, or one for each axis.</param>
    /// <param name="stride">How far windows move; by default the kernel size.</param>
    /// <param name="padding">Zeros added on both sides, at most half the kernel size.</param>
    /// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
    /// <param name="countIncludePad">Whether padding counts as elements of the mean.</param>
    /// <param name="divisorOverride">By what sums are divided, instead of the number of elements.</param>
    /// <exception cref="ArgumentException">Windows do not fit the input.</exception>
    public static Tensor AvgPool2d(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        bool ceilMode = false, bool countIncludePad = true, long? divisorOverride = null)
    {
        if (divisorOverride == 0) throw new ArgumentException("AvgPool2d: divisorOverride must not be 0.");
        return AvgPool(Sliding("AvgPool2d", 2, input, kernelSize, stride, padding, default, ceilMode), input, countIncludePad, divisorOverride ?? 0);
    }

    /// <summary>The means of as many windows as <paramref name="outputSize"/> says, which part the input evenly. PyTorch's <c>adaptive_avg_pool2d</c>.</summary>
    public static Tensor AdaptiveAvgPool2d(Tensor input, params ReadOnlySpan<long> outputSize) =>
        Op.Apply(new AvgPool(Adaptive("AdaptiveAvgPool2d", 2, input, outputSize, false), false, 0), input);

    /// <summary>The largest elements of as many windows as <paramref name="outputSize"/> says. PyTorch's <c>adaptive_max_pool2d</c>.</summary>
    public static Tensor AdaptiveMaxPool2d(Tensor input, params ReadOnlySpan<long> outputSize) =>
        Op.ApplyAll(Largest(Adaptive("AdaptiveMaxPool2d", 2, input, outputSize), input), input)[0];

    /// <summary>As <see cref="AdaptiveMaxPool2d"/>, with the position in its plane of each largest element.</summary>
    public static (Tensor Values, Tensor Indices) AdaptiveMaxPool2dWithIndices(Tensor input, params ReadOnlySpan<long> outputSize) =>
        Op.ApplyAll(new MaxPool(Adaptive("AdaptiveMaxPool2d", 2, input, outputSize), DType.Int64), input) is [var v, var i] ? (v, i) : default;

    /// <summary>The largest element of each window. PyTorch's <c>max_pool3d</c>.</summary>
    /// <param name="input">(N, C, …) or (C, …) with 3 spatial axes.</param>
    /// <param name="kernelSize">The size of a window; one number, or one for each axis.</param>
    /// <param name="stride">How far windows move; by default the kernel size.</param>
    /// <param name="padding">−∞ added on both sides, at most half the kernel size.</param>
    /// <param name="dilation">The distance between a window's elements.</param>
    /// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
    /// <exception cref="ArgumentException">Windows do not fit the input.</exception>
    public static Tensor MaxPool3d(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> dilation = default, bool ceilMode = false) => Op.ApplyAll(Largest(Sliding("MaxPool3d", 3, input, kernelSize, stride, padding, dilation, ceilMode), input), input)[0];

    /// <summary>As <see cref="MaxPool3d"/>, with the position in its plane of each largest element.</summary>
    public static (Tensor Values, Tensor Indices) MaxPool3dWithIndices(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> dilation = default, bool ceilMode = false) => Op.ApplyAll(new MaxPool(Sliding("MaxPool3d", 3, input, kernelSize, stride, padding, dilation, ceilMode), DType.Int64), input) is [var v, var i] ? (v, i) : default;

    /// <summary>The mean of each window. PyTorch's <c>avg_pool3d</c>.</summary>
    /// <param name="input">(N, C, …) or (C, …) with 3 spatial axes.</param>
    /// <param name="kernelSize">The size of a window; one number, or one for each axis.</param>
    /// <param name="stride">How far windows move; by default the kernel size.</param>
    /// <param name="padding">Zeros added on both sides, at most half the kernel size.</param>
    /// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
    /// <param name="countIncludePad">Whether padding counts as elements of the mean.</param>
    /// <param name="divisorOverride">By what sums are divided, instead of the number of elements.</param>
    /// <exception cref="ArgumentException">Windows do not fit the input.</exception>
    public static Tensor AvgPool3d(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        bool ceilMode = false, bool countIncludePad = true, long? divisorOverride = null)
    {
        if (divisorOverride == 0) throw new ArgumentException("AvgPool3d: divisorOverride must not be 0.");
        return AvgPool(Sliding("AvgPool3d", 3, input, kernelSize, stride, padding, default, ceilMode), input, countIncludePad, divisorOverride ?? 0);
    }

    /// <summary>The means of as many windows as <paramref name="outputSize"/> says, which part the input evenly. PyTorch's <c>adaptive_avg_pool3d</c>.</summary>
    public static Tensor AdaptiveAvgPool3d(Tensor input, params ReadOnlySpan<long> outputSize) =>
        Op.Apply(new AvgPool(Adaptive("AdaptiveAvgPool3d", 3, input, outputSize), false, 0), input);

    /// <summary>The largest elements of as many windows as <paramref name="outputSize"/> says. PyTorch's <c>adaptive_max_pool3d</c>.</summary>
    public static Tensor AdaptiveMaxPool3d(Tensor input, params ReadOnlySpan<long> outputSize) =>
        Op.ApplyAll(Largest(Adaptive("AdaptiveMaxPool3d", 3, input, outputSize), input), input)[0];

    /// <summary>As <see cref="AdaptiveMaxPool3d"/>, with the position in its plane of each largest element.</summary>
    public static (Tensor Values, Tensor Indices) AdaptiveMaxPool3dWithIndices(Tensor input, params ReadOnlySpan<long> outputSize) =>
        Op.ApplyAll(new MaxPool(Adaptive("AdaptiveMaxPool3d", 3, input, outputSize), DType.Int64), input) is [var v, var i] ? (v, i) : default;
}
