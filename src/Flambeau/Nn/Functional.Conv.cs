using Flambeau.Ops;

namespace Flambeau.Nn;

/// <summary>The functions of networks without state. PyTorch's <c>torch.nn.functional</c>.</summary>
public static partial class F
{
    /// <summary>One number for each spatial axis; one alone stands for all.</summary>
    static Dims Each(string op, string name, ReadOnlySpan<long> values, int rank, long fallback)
    {
        var y = new long[rank];
        if (values.Length != 0 && values.Length != 1 && values.Length != rank)
            throw new ArgumentException($"{op}: {name} {Dims.Create(values)} has {values.Length} numbers; one, or one for each of the {rank} spatial axes, are wanted.");
        for (int d = 0; d < rank; d++) y[d] = values.Length == 0 ? fallback : values[values.Length == 1 ? 0 : d];
        return new Dims(y);
    }

    static Tensor Conv(string op, int rank, Tensor input, Tensor weight, Tensor? bias, ReadOnlySpan<long> stride, ConvPadding padding, ReadOnlySpan<long> dilation, long groups)
    {
        using var autocast = Amp.Enter("conv2d", ref input, ref weight, ref bias);
        if (input.Rank == rank + 1) return Conv(op, rank, input.Unsqueeze(0), weight, bias, stride, padding, dilation, groups).Squeeze(0);   // without a batch axis
        if (input.Rank != rank + 2 || weight.Rank != rank + 2) throw Shapeless(op, rank, input, weight);
        Dims s = Each(op, "stride", stride, rank, 1), d = Each(op, "dilation", dilation, rank, 1);
        (Dims before, Dims after) = padding.For(weight.Shape[2..], s, d);
        if (before != after)                                                    // the convolution itself adds as many zeros on both sides
        {
            input = Op.Apply(new ConstantPad([0, 0, .. before.Span], [0, 0, .. after.Span], 0), input);
            before = new Dims(new long[rank]);
        }
        ConvWindow w = new(s, before, d, groups);
        if (!input.DType.IsFloatingPoint) return ConvByWindows(op, w, input, weight, bias);
        return bias is null ? Op.Apply(new Conv(w), input, weight) : Op.Apply(new Conv(w), input, weight, bias);
    }

    static ArgumentException Shapeless(string op, int rank, Tensor input, Tensor weight) =>
        new($"{op}: the input must have {rank + 2} axes (batch, channels, {rank} spatial), or {rank + 1} without the batch, and the weight {rank + 2}; their shapes are {input.Shape} and {weight.Shape}.");

    static Tensor ConvTranspose(string op, int rank, Tensor input, Tensor weight, Tensor? bias, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding,
        ReadOnlySpan<long> outputPadding, long groups, ReadOnlySpan<long> dilation)
    {
        using var autocast = Amp.Enter("conv_transpose2d", ref input, ref weight, ref bias);
        if (input.Rank == rank + 1) return ConvTranspose(op, rank, input.Unsqueeze(0), weight, bias, stride, padding, outputPadding, groups, dilation).Squeeze(0);
        ConvWindow w = new(Each(op, "stride", stride, rank, 1), Each(op, "padding", padding, rank, 0), Each(op, "dilation", dilation, rank, 1), groups);
        Dims extra = Each(op, "outputPadding", outputPadding, rank, 0);
        if (input.Rank != rank + 2 || weight.Rank != rank + 2)
            throw Shapeless(op, rank, input, weight);
        var to = new long[rank + 2];
        (to[0], to[1]) = (input.Shape[0], weight.Shape[1] * groups);
        for (int d = 0; d < rank; d++)
        {
            if (extra[d] < 0 || extra[d] >= Math.Max(w.Stride[d], w.Dilation[d]))
                throw new ArgumentException($"{op}: outputPadding {extra} must not be negative and must be smaller than stride {w.Stride} or dilation {w.Dilation}.");
            to[d + 2] = (input.Shape[d + 2] - 1) * w.Stride[d] - 2 * w.Padding[d] + w.Dilation[d] * (weight.Shape[d + 2] - 1) + extra[d] + 1;
            if (to[d + 2] <= 0) throw new ArgumentException($"{op}: an input of shape {input.Shape} with padding {w.Padding} leaves nothing of the result.");
        }
        if (!input.DType.IsFloatingPoint) return ConvTransposeByWindows(op, w, extra, input, weight, bias);
        ConvInput o = new(w, new Dims(to));
        return bias is null ? Op.Apply(o, input, weight) : Op.Apply(o, input, weight, bias);
    }

    /// <summary>Convolutions of integers and complex numbers, which no network waits for: windows as rows of a matrix, times the filters. Exact for integers.</summary>
    static Tensor ConvByWindows(string op, ConvWindow w, Tensor input, Tensor weight, Tensor? bias)
    {
        int rank = w.Rank;
        long n = input.Shape[0], channels = input.Shape[1], filters = weight.Shape[0], groups = w.Groups;
        w.CheckNumbers(op, input, weight, bias, channels, filters);
        if (channels != weight.Shape[1] * groups)
            throw new ArgumentException($"{op}: the input of shape {input.Shape} has {channels} channels; a weight of shape {weight.Shape} with {groups} groups wants {weight.Shape[1] * groups}.");
        Tensor x = Op.Apply(new ConstantPad([0, 0, .. w.Padding.Span], [0, 0, .. w.Padding.Span], 0), input);
        for (int d = 0; d < rank; d++)
        {
            long span = w.Dilation[d] * (weight.Shape[d + 2] - 1) + 1;
            if (weight.Shape[d + 2] < 1 || span > x.Shape[d + 2])
                throw new ArgumentException($"{op}: filters of shape {weight.Shape} (dilation {w.Dilation}) do not fit an input of shape {input.Shape} with padding {w.Padding}.");
            x = x.Unfold(d + 2, span, w.Stride[d]);
            if (w.Dilation[d] != 1) x = Op.Apply(new Slice(x.Rank - 1, 0, span, w.Dilation[d]), x);
        }
        Dims to = x.Shape[2..(rank + 2)];                                       // x: (N, C, to, kernel)
        long each = weight.Shape[1..].Count;
        x = x.Reshape([n, groups, channels / groups, .. to.Span, .. weight.Shape.Span[2..]]);
        x = x.Permute([0, 1, .. Enumerable.Range(3, rank).Select(i => (long)i), 2, .. Enumerable.Range(3 + rank, rank).Select(i => (long)i)]).Reshape(n, groups, to.Count, each);
        Tensor y = x.MatMul(weight.Reshape(groups, filters / groups, each).MT).MT.Reshape([n, filters, .. to.Span]);
        return bias is null ? y : y + Channelwise(bias, y);
    }

    // The input with zeros between its elements, convolved with the filters turned around.
    static Tensor ConvTransposeByWindows(string op, ConvWindow w, Dims outputPadding, Tensor input, Tensor weight, Tensor? bias)
    {
        int rank = w.Rank;
        long channels = input.Shape[1], groups = w.Groups, each = weight.Shape[1];
        w.CheckNumbers(op, input, weight, bias, channels, each * groups);
        if (channels != weight.Shape[0]) throw new ArgumentException($"{op}: the input of shape {input.Shape} has {channels} channels; a weight of shape {weight.Shape} wants {weight.Shape[0]}.");
        long[] before = new long[rank + 2], after = new long[rank + 2];
        Tensor x = input;
        for (int d = 0; d < rank; d++)
        {
            long span = (x.Shape[d + 2] - 1) * w.Stride[d] + 1;
            long[] to = x.Shape.ToArray();
            to[d + 2] = span;
            if (w.Stride[d] != 1) x = Op.Apply(new PlaceInZeros(new Slice(d + 2, 0, span, w.Stride[d]), new Dims(to)), x);
            before[d + 2] = w.Dilation[d] * (weight.Shape[d + 2] - 1) - w.Padding[d];
            after[d + 2] = before[d + 2] + outputPadding[d];
        }
        x = Op.Apply(new ConstantPad(new Dims(before), new Dims(after), 0), x);
        Tensor turned = weight.Reshape([groups, channels / groups, each, .. weight.Shape.Span[2..]]).Transpose(1, 2).Reshape([groups * each, channels / groups, .. weight.Shape.Span[2..]])
            .Flip([.. Enumerable.Range(2, rank).Select(i => (long)i)]);
        return ConvByWindows(op, new(new Dims([.. Enumerable.Repeat(1L, rank)]), new Dims(new long[rank]), w.Dilation, groups), x, turned, bias);
    }

    /// <summary>Convolution over 1 spatial axis: (N, C, L) with filters (O, C/groups, …). PyTorch's <c>conv1d</c>; the batch axis may be missing.</summary>
    /// <param name="input">The images.</param>
    /// <param name="weight">The filters.</param>
    /// <param name="bias">One number for each filter, or null.</param>
    /// <param name="stride">How far filters move; one number, or one for each axis.</param>
    /// <param name="padding">Zeros added on both sides; or <c>"same"</c>, so many that the result is as large as the input, or <c>"valid"</c>, none.</param>
    /// <param name="dilation">The distance between a filter's taps.</param>
    /// <param name="groups">Into how many groups channels are parted; filters of a group see its channels only.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit; the message says which and why.</exception>
    public static Tensor Conv1d(Tensor input, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default, ConvPadding padding = default,
        ReadOnlySpan<long> dilation = default, long groups = 1) => Conv("Conv1d", 1, input, weight, bias, stride, padding, dilation, groups);

    /// <summary>Transposed convolution: (N, C, L) with filters (C, O/groups, …). PyTorch's <c>conv_transpose1d</c>.</summary>
    /// <param name="input">The images.</param>
    /// <param name="weight">The filters.</param>
    /// <param name="bias">One number for each result channel, or null.</param>
    /// <param name="stride">How far apart the input's elements stand in the result.</param>
    /// <param name="padding">How much of the result is cut on both sides.</param>
    /// <param name="outputPadding">How much is added at the end, which a stride leaves open.</param>
    /// <param name="groups">Into how many groups channels are parted.</param>
    /// <param name="dilation">The distance between a filter's taps.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit; the message says which and why.</exception>
    public static Tensor ConvTranspose1d(Tensor input, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> outputPadding = default, long groups = 1, ReadOnlySpan<long> dilation = default) =>
        ConvTranspose("ConvTranspose1d", 1, input, weight, bias, stride, padding, outputPadding, groups, dilation);

    /// <summary>Convolution over 2 spatial axes: (N, C, H, W) with filters (O, C/groups, …). PyTorch's <c>conv2d</c>; the batch axis may be missing.</summary>
    /// <param name="input">The images.</param>
    /// <param name="weight">The filters.</param>
    /// <param name="bias">One number for each filter, or null.</param>
    /// <param name="stride">How far filters move; one number, or one for each axis.</param>
    /// <param name="padding">Zeros added on both sides; or <c>"same"</c>, so many that the result is as large as the input, or <c>"valid"</c>, none.</param>
    /// <param name="dilation">The distance between a filter's taps.</param>
    /// <param name="groups">Into how many groups channels are parted; filters of a group see its channels only.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit; the message says which and why.</exception>
    public static Tensor Conv2d(Tensor input, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default, ConvPadding padding = default,
        ReadOnlySpan<long> dilation = default, long groups = 1) => Conv("Conv2d", 2, input, weight, bias, stride, padding, dilation, groups);

    /// <summary>Transposed convolution: (N, C, H, W) with filters (C, O/groups, …). PyTorch's <c>conv_transpose2d</c>.</summary>
    /// <param name="input">The images.</param>
    /// <param name="weight">The filters.</param>
    /// <param name="bias">One number for each result channel, or null.</param>
    /// <param name="stride">How far apart the input's elements stand in the result.</param>
    /// <param name="padding">How much of the result is cut on both sides.</param>
    /// <param name="outputPadding">How much is added at the end, which a stride leaves open.</param>
    /// <param name="groups">Into how many groups channels are parted.</param>
    /// <param name="dilation">The distance between a filter's taps.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit; the message says which and why.</exception>
    public static Tensor ConvTranspose2d(Tensor input, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> outputPadding = default, long groups = 1, ReadOnlySpan<long> dilation = default) =>
        ConvTranspose("ConvTranspose2d", 2, input, weight, bias, stride, padding, outputPadding, groups, dilation);

    /// <summary>Convolution over 3 spatial axes: (N, C, D, H, W) with filters (O, C/groups, …). PyTorch's <c>conv3d</c>; the batch axis may be missing.</summary>
    /// <param name="input">The images.</param>
    /// <param name="weight">The filters.</param>
    /// <param name="bias">One number for each filter, or null.</param>
    /// <param name="stride">How far filters move; one number, or one for each axis.</param>
    /// <param name="padding">Zeros added on both sides; or <c>"same"</c>, so many that the result is as large as the input, or <c>"valid"</c>, none.</param>
    /// <param name="dilation">The distance between a filter's taps.</param>
    /// <param name="groups">Into how many groups channels are parted; filters of a group see its channels only.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit; the message says which and why.</exception>
    public static Tensor Conv3d(Tensor input, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default, ConvPadding padding = default,
        ReadOnlySpan<long> dilation = default, long groups = 1) => Conv("Conv3d", 3, input, weight, bias, stride, padding, dilation, groups);

    /// <summary>Transposed convolution: (N, C, D, H, W) with filters (C, O/groups, …). PyTorch's <c>conv_transpose3d</c>.</summary>
    /// <param name="input">The images.</param>
    /// <param name="weight">The filters.</param>
    /// <param name="bias">One number for each result channel, or null.</param>
    /// <param name="stride">How far apart the input's elements stand in the result.</param>
    /// <param name="padding">How much of the result is cut on both sides.</param>
    /// <param name="outputPadding">How much is added at the end, which a stride leaves open.</param>
    /// <param name="groups">Into how many groups channels are parted.</param>
    /// <param name="dilation">The distance between a filter's taps.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit; the message says which and why.</exception>
    public static Tensor ConvTranspose3d(Tensor input, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> outputPadding = default, long groups = 1, ReadOnlySpan<long> dilation = default) =>
        ConvTranspose("ConvTranspose3d", 3, input, weight, bias, stride, padding, outputPadding, groups, dilation);
}
