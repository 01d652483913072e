using Flambeau.Ops;

namespace Flambeau.Nn;

// What largest elements came from, put back: MaxUnpool is to MaxPool…WithIndices what a partial inverse can be.
public static partial class F
{
    /// <summary>Elements put where their indices say, zeros elsewhere: a partial inverse of <see cref="MaxPool1dWithIndices"/>. PyTorch's <c>max_unpool1d</c>.</summary>
    /// <param name="input">(N, C, L) or (C, L): floating point.</param>
    /// <param name="indices">Of the input's shape, int64: the place of each element in its plane. Of elements that meet, the last stays.</param>
    /// <param name="kernelSize">The size of a window of the pooling that is undone; one number, or one for each axis.</param>
    /// <param name="stride">How far its windows moved; by default the kernel size.</param>
    /// <param name="padding">Its padding.</param>
    /// <param name="outputSize">The size of the result, which a pooling leaves open by less than a stride: the spatial sizes, or the whole shape.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit, an index lies outside the plane, or the size is no size that could have been pooled so.</exception>
    public static Tensor MaxUnpool1d(Tensor input, Tensor indices, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> outputSize = default) => MaxUnpool("MaxUnpool1d", 1, input, indices, kernelSize, stride, padding, outputSize);

    /// <summary>As <see cref="MaxUnpool1d"/> with 2 spatial axes: (N, C, H, W) or (C, H, W). PyTorch's <c>max_unpool2d</c>.</summary>
    /// <inheritdoc cref="MaxUnpool1d"/>
    public static Tensor MaxUnpool2d(Tensor input, Tensor indices, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> outputSize = default) => MaxUnpool("MaxUnpool2d", 2, input, indices, kernelSize, stride, padding, outputSize);

    /// <summary>As <see cref="MaxUnpool1d"/> with 3 spatial axes: (N, C, D, H, W) or (C, D, H, W). PyTorch's <c>max_unpool3d</c>.</summary>
    /// <inheritdoc cref="MaxUnpool1d"/>
    public static Tensor MaxUnpool3d(Tensor input, Tensor indices, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> outputSize = default) => MaxUnpool("MaxUnpool3d", 3, input, indices, kernelSize, stride, padding, outputSize);

    static Tensor MaxUnpool(string op, int rank, Tensor input, Tensor indices, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> outputSize)
    {
        using var autocast = Amp.Enter(rank switch { 2 => "max_unpool2d", 3 => "max_unpool3d", _ => "" }, ref input);
        Dims leading = Leading(op, input, rank);
        if (!input.DType.IsFloatingPoint) throw new ArgumentException($"{op}: the input is {input.DType}; it must be floating point.");
        if (indices.DType != DType.Int64 || indices.Shape != input.Shape)
            throw new ArgumentException($"{op}: indices are {indices.DType} {indices.Shape}; an input of shape {input.Shape} wants as many of int64.");
        if (kernelSize.IsEmpty) throw new ArgumentException($"{op}: kernelSize has no numbers.");
        Dims k = Each(op, "kernelSize", kernelSize, rank, 1), s = stride.IsEmpty ? k : Each(op, "stride", stride, rank, 1), p = Each(op, "padding", padding, rank, 0);
        Dims size = Dims.Create(outputSize);
        if (size.Length == rank + 2 || size.Length == input.Rank) size = size[^rank..];
        if (size.Length != 0 && size.Length != rank)
            throw new ArgumentException($"{op}: outputSize {size} has {size.Length} numbers; {rank}, or the {input.Rank} of the whole shape, are wanted.");
        long[] to = new long[rank];
        for (int d = 0; d < rank; d++)
        {
            if (s[d] <= 0) throw new ArgumentException($"{op}: strides must be positive, not {s}.");
            if (input.Shape[d - rank + input.Rank] == 0) throw new ArgumentException($"{op}: an input of shape {input.Shape} has an empty axis.");
            long usual = (input.Shape[d - rank + input.Rank] - 1) * s[d] + k[d] - 2 * p[d];
            to[d] = size.Length == 0 ? usual : size[d];
            if (size.Length != 0 && (to[d] <= usual - s[d] || to[d] >= usual + s[d]))
                throw new ArgumentException($"{op}: outputSize {size} must lie within a stride ({s[d]}) of {usual} in axis {d}: no other size is pooled to {input.Shape} by windows of {k}.");
            if (to[d] <= 0) throw new ArgumentException($"{op}: an input of shape {input.Shape} with padding {p} leaves nothing of the result.");
        }
        Dims shape = [.. leading.Span, .. to];
        long plane = new Dims(to).Count;
        if (indices is { Count: > 0, Device.IsMeta: false } && indices.Behind is var all && (all.Min().Item<long>() < 0 || all.Max().Item<long>() >= plane))
            throw new ArgumentOutOfRangeException(nameof(indices), $"{op}: indices from {all.Min().Item<long>()} to {all.Max().Item<long>()} name elements of planes of {new Dims(to)}, which have {plane}.");
        long planes = leading.Count, each = input.Shape[^rank..].Count;
        return Tensor.Zeros([planes, plane], input.DType).Scatter(1, indices.Reshape(planes, each), input.Reshape(planes, each)).Reshape(shape);
    }

    /// <summary>The largest elements of windows whose places are drawn: between two and one times smaller, at will. PyTorch's <c>fractional_max_pool2d</c> (Graham 2014).</summary>
    /// <param name="input">(N, C, H, W) or (C, H, W): floating point.</param>
    /// <param name="kernelSize">The size of a window; one number, or one for each axis.</param>
    /// <param name="outputSize">The size of the result; one number, or one for each axis.</param>
    /// <param name="outputRatio">Or that size in parts of the input's.</param>
    /// <param name="randomSamples">(N, C, 2) numbers in [0, 1), by default drawn from <see cref="Generator.Default"/>: what moves the windows of a plane along its last axis, and along the one before.</param>
    /// <exception cref="ArgumentException">Neither size nor ratio is given, or windows do not fit.</exception>
    public static Tensor FractionalMaxPool2d(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> outputSize = default, ReadOnlySpan<double> outputRatio = default,
        Tensor? randomSamples = null) => FractionalMaxPool2dWithIndices(input, kernelSize, outputSize, outputRatio, randomSamples).Values;

    /// <summary>As <see cref="FractionalMaxPool2d"/>, with the position in its plane of each largest element.</summary>
    /// <inheritdoc cref="FractionalMaxPool2d"/>
    public static (Tensor Values, Tensor Indices) FractionalMaxPool2dWithIndices(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> outputSize = default,
        ReadOnlySpan<double> outputRatio = default, Tensor? randomSamples = null) => FractionalMaxPool("FractionalMaxPool2d", 2, input, kernelSize, outputSize, outputRatio, randomSamples);

    /// <summary>As <see cref="FractionalMaxPool2d"/> with 3 spatial axes: (N, C, T, H, W) or (C, T, H, W). PyTorch's <c>fractional_max_pool3d</c>.</summary>
    /// <param name="input">(N, C, T, H, W) or (C, T, H, W): floating point.</param>
    /// <param name="kernelSize">The size of a window; one number, or one for each axis.</param>
    /// <param name="outputSize">The size of the result; one number, or one for each axis.</param>
    /// <param name="outputRatio">Or that size in parts of the input's.</param>
    /// <param name="randomSamples">(N, C, 3) numbers in [0, 1), by default drawn from <see cref="Generator.Default"/>: what moves the windows of a plane along its three axes.</param>
    /// <exception cref="ArgumentException">Neither size nor ratio is given, or windows do not fit.</exception>
    public static Tensor FractionalMaxPool3d(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> outputSize = default, ReadOnlySpan<double> outputRatio = default,
        Tensor? randomSamples = null) => FractionalMaxPool3dWithIndices(input, kernelSize, outputSize, outputRatio, randomSamples).Values;

    /// <summary>As <see cref="FractionalMaxPool3d"/>, with the position in its plane of each largest element.</summary>
    /// <inheritdoc cref="FractionalMaxPool3d"/>
    public static (Tensor Values, Tensor Indices) FractionalMaxPool3dWithIndices(Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> outputSize = default,
        ReadOnlySpan<double> outputRatio = default, Tensor? randomSamples = null) => FractionalMaxPool("FractionalMaxPool3d", 3, input, kernelSize, outputSize, outputRatio, randomSamples);

    static (Tensor Values, Tensor Indices) FractionalMaxPool(string op, int rank, Tensor input, ReadOnlySpan<long> kernelSize, ReadOnlySpan<long> outputSize, ReadOnlySpan<double> outputRatio,
        Tensor? randomSamples)
    {
        using var autocast = Amp.Enter(rank == 2 ? "fractional_max_pool2d" : "fractional_max_pool3d", ref input);
        Dims leading = Leading(op, input, rank), from = input.Shape[^rank..];
        if (!input.DType.IsFloatingPoint) throw new ArgumentException($"{op}: the input is {input.DType}; it must be floating point.");
        if (kernelSize.IsEmpty) throw new ArgumentException($"{op}: kernelSize has no numbers.");
        if (outputSize.IsEmpty && outputRatio.IsEmpty) throw new ArgumentException($"{op}: give either outputSize or outputRatio.");
        if (outputRatio.Length > 1 && outputRatio.Length != rank) throw new ArgumentException($"{op}: {outputRatio.Length} ratios for {rank} spatial axes.");
        Dims k = Each(op, "kernelSize", kernelSize, rank, 1);
        long[] to = new long[rank];
        for (int d = 0; d < rank; d++)
        {
            to[d] = outputSize.IsEmpty ? (long)(from[d] * outputRatio[outputRatio.Length == 1 ? 0 : d]) : Each(op, "outputSize", outputSize, rank, 1)[d];
            if (to[d] <= 0 || k[d] <= 0 || to[d] + k[d] - 1 > from[d])
                throw new ArgumentException($"{op}: an input of shape {input.Shape} does not hold {to[d]} windows of {k[d]} in spatial axis {d}: it needs at least {to[d] + k[d] - 1} elements there.");
        }
        if (input.Shape[^(rank + 1)..].Count == 0) throw new ArgumentException($"{op}: the input of shape {input.Shape} has an empty axis other than the batch.");
        Dims each = input.Rank == rank + 2 ? [.. leading.Span, rank] : [1, .. leading.Span, rank];
        randomSamples ??= Tensor.Rand(each, input.DType);
        if (randomSamples.Shape != each || randomSamples.DType != input.DType)
            throw new ArgumentException($"{op}: randomSamples are {randomSamples.DType} {randomSamples.Shape}; {input.DType} {each} are wanted.");

        double[] samples = randomSamples.ToArray<double>();
        long planes = leading.Count, windows = new Dims(to).Count, window = k.Count;
        var at = new long[planes * windows * window];                            // where in its plane each element of each window stands
        for (long plane = 0, i = 0; plane < planes; plane++)
        {
            long[][] starts = new long[rank][];
            // Of two samples, PyTorch's first moves windows along the last axis; of three, along the first.
            for (int d = 0; d < rank; d++) starts[d] = Starts(samples[plane * rank + (rank == 2 ? 1 - d : d)], from[d], to[d], k[d], input.DType == DType.Float64);
            for (long o = 0; o < windows; o++)
                for (long j = 0; j < window; j++, i++)
                {
                    (long rest, long inner, long step) = (o, j, 1);
                    for (int d = rank - 1; d >= 0; d--)
                    {
                        at[i] += (starts[d][rest % to[d]] + inner % k[d]) * step;
                        (rest, inner, step) = (rest / to[d], inner / k[d], step * from[d]);
                    }
                }
        }
        Tensor place = Tensor.From<long>(at, planes, windows, window);
        Tensor elements = input.Reshape(planes, from.Count).Gather(1, place.Reshape(planes, windows * window)).Reshape(planes, windows, window);
        (Tensor values, Tensor largest) = elements.Max(2, keepDim: true);
        Dims shape = [.. leading.Span, .. to];
        return (values.Reshape(shape), place.Gather(2, largest).Reshape(shape));
    }

    // Where windows begin: steps of α = (n − k)/(count − 1) on average, moved by the sample; the last window ends with the axis. In the precision PyTorch has.
    static long[] Starts(double sample, long n, long count, long kernel, bool isDouble)
    {
        var y = new long[count];
        y[^1] = n - kernel;
        if (isDouble)
        {
            double alpha = count > 1 ? (double)(n - kernel) / (count - 1) : 0;
            for (long i = 0; i < count - 1; i++) y[i] = (long)((i + sample) * alpha) - (long)(sample * alpha);
        }
        else
        {
            float alpha = count > 1 ? (float)(n - kernel) / (count - 1) : 0, s = (float)sample;
            for (long i = 0; i < count - 1; i++) y[i] = (long)((i + s) * alpha) - (long)(s * alpha);
        }
        return y;
    }
}
