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

    static Tensor Conv(string op, int rank, Tensor input, Tensor weight, Tensor? bias, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, long groups)
    {
        ConvWindow w = new(Each(op, "stride", stride, rank, 1), Each(op, "padding", padding, rank, 0), Each(op, "dilation", dilation, rank, 1), groups);
        if (input.Rank == rank + 1) return Conv(op, rank, input.Unsqueeze(0), weight, bias, stride, padding, dilation, groups).Squeeze(0);   // without a batch axis
        return bias is null ? Op.Apply(new Conv(w), input, weight) : Op.Apply(new Conv(w), input, weight, bias);
    }

    static Tensor ConvTranspose(string op, int rank, Tensor input, Tensor weight, Tensor? bias, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding,
        ReadOnlySpan<long> outputPadding, long groups, ReadOnlySpan<long> dilation)
    {
        if (input.Rank == rank + 1) return ConvTranspose(op, rank, input.Unsqueeze(0), weight, bias, stride, padding, outputPadding, groups, dilation).Squeeze(0);
        ConvWindow w = new(Each(op, "stride", stride, rank, 1), Each(op, "padding", padding, rank, 0), Each(op, "dilation", dilation, rank, 1), groups);
        Dims extra = Each(op, "outputPadding", outputPadding, rank, 0);
        if (input.Rank != rank + 2 || weight.Rank != rank + 2)
            throw new ArgumentException($"{op}: the input must have {rank + 2} axes (batch, channels, {rank} spatial) and the weight too; their shapes are {input.Shape} and {weight.Shape}.");
        var to = new long[rank + 2];
        (to[0], to[1]) = (input.Shape[0], weight.Shape[1] * groups);
        for (int d = 0; d < rank; d++)
        {
            if (extra[d] < 0 || extra[d] >= Math.Max(w.Stride[d], w.Dilation[d]))
                throw new ArgumentException($"{op}: outputPadding {extra} must not be negative and must be smaller than stride {w.Stride} or dilation {w.Dilation}.");
            to[d + 2] = (input.Shape[d + 2] - 1) * w.Stride[d] - 2 * w.Padding[d] + w.Dilation[d] * (weight.Shape[d + 2] - 1) + extra[d] + 1;
            if (to[d + 2] <= 0) throw new ArgumentException($"{op}: an input of shape {input.Shape} with padding {w.Padding} leaves nothing of the result.");
        }
        ConvInput o = new(w, new Dims(to));
        return bias is null ? Op.Apply(o, input, weight) : Op.Apply(o, input, weight, bias);
    }

    /// <summary>Convolution over 1 spatial axis: (N, C, L) with filters (O, C/groups, …). PyTorch's <c>conv1d</c>; the batch axis may be missing.</summary>
    /// <param name="input">The images.</param>
    /// <param name="weight">The filters.</param>
    /// <param name="bias">One number for each filter, or null.</param>
    /// <param name="stride">How far filters move; one number, or one for each axis.</param>
    /// <param name="padding">Zeros added on both sides.</param>
    /// <param name="dilation">The distance between a filter's taps.</param>
    /// <param name="groups">Into how many groups channels are parted; filters of a group see its channels only.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit; the message says which and why.</exception>
    public static Tensor Conv1d(Tensor input, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
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
    /// <param name="padding">Zeros added on both sides.</param>
    /// <param name="dilation">The distance between a filter's taps.</param>
    /// <param name="groups">Into how many groups channels are parted; filters of a group see its channels only.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit; the message says which and why.</exception>
    public static Tensor Conv2d(Tensor input, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
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
    /// <param name="padding">Zeros added on both sides.</param>
    /// <param name="dilation">The distance between a filter's taps.</param>
    /// <param name="groups">Into how many groups channels are parted; filters of a group see its channels only.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit; the message says which and why.</exception>
    public static Tensor Conv3d(Tensor input, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
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
