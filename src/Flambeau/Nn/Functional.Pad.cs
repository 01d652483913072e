using Flambeau.Ops;

namespace Flambeau.Nn;

// Padding and rearranging.
public static partial class F
{
    /// <summary>Elements around a tensor. PyTorch's <c>pad</c>.</summary>
    /// <param name="input">Any shape.</param>
    /// <param name="pad">How many before and after along the last axis, then along the last but one, and so on. With <c>"constant"</c> and
    /// <c>"circular"</c>, negative ones are cut off.</param>
    /// <param name="mode"><c>"constant"</c>; <c>"reflect"</c> without repeating the edge, <c>"replicate"</c> of the edge, or <c>"circular"</c>, for
    /// up to three last axes.</param>
    /// <param name="value">The constant.</param>
    /// <exception cref="ArgumentException">The pad does not fit the shape or the mode, or there is no such mode.</exception>
    public static Tensor Pad(Tensor input, ReadOnlySpan<long> pad, string mode = "constant", double value = 0)
    {
        int axes = pad.Length / 2;
        if (pad.Length % 2 != 0 || axes > input.Rank)
            throw new ArgumentException($"Pad: the pad {Dims.Create(pad)} does not fit an input of shape {input.Shape}: it holds two numbers for each axis, from the last on.");
        if (mode == "constant")
        {
            long[] before = new long[input.Rank], after = new long[input.Rank];
            for (int k = 0; k < axes; k++) (before[^(k + 1)], after[^(k + 1)]) = (pad[2 * k], pad[2 * k + 1]);
            return Op.Apply(new ConstantPad(new Dims(before), new Dims(after), value), input);
        }
        if (mode is not ("reflect" or "replicate" or "circular"))
            throw new ArgumentException($"Pad: mode is \"constant\", \"reflect\", \"replicate\" or \"circular\", not \"{mode}\".");
        if (axes is 0 or > 3 || input.Rank != axes + 1 && input.Rank != axes + 2)
            throw new ArgumentException($"Pad: mode \"{mode}\" pads the last one, two or three axes of an input with one or two more; here {axes} of {input.Shape}.");
        using var autocast = Amp.Enter((mode, axes) switch
        {
            ("reflect", 1) => "reflection_pad1d", ("reflect", 2) => "reflection_pad2d", ("replicate", 1) => "replication_pad1d", ("replicate", 2) => "replication_pad2d",
            ("replicate", 3) => "replication_pad3d", _ => "",
        }, ref input);
        return Continue(input, pad, mode);
    }

    static Tensor Continue(Tensor x, ReadOnlySpan<long> pad, string mode)
    {
        long[] before = new long[x.Rank], after = new long[x.Rank];
        for (int k = 0; k < pad.Length / 2; k++)
        {
            int dim = x.Rank - 1 - k;
            long n = x.Shape[dim], first = pad[2 * k], second = pad[2 * k + 1], most = mode switch { "reflect" => n - 1, "circular" => n, _ => n > 0 ? long.MaxValue : 0 };
            if (Math.Max(first, second) > most)
                throw new ArgumentException($"Pad: axis {dim} of {x.Shape} cannot be padded by {Math.Max(first, second)} in mode \"{mode}\": at most by {most}.");
            if (first + second + n < 0) throw new ArgumentException($"Pad: from axis {dim} of {x.Shape}, {-first - second} elements cannot be cut.");
            (before[dim], after[dim]) = (Math.Max(0, first), Math.Max(0, second));
            if (mode != "circular") continue;                                  // the circle is what is left after cutting
            x = Cut(x, dim, first, second);
            if (Math.Max(first, second) > x.Shape[dim])
                throw new ArgumentException($"Pad: of axis {dim}, {x.Shape[dim]} elements are left, too few for {Math.Max(first, second)} more in mode \"{mode}\".");
        }
        x = Op.Apply(new EdgePad(mode switch { "reflect" => EdgeMode.Reflect, "replicate" => EdgeMode.Replicate, _ => EdgeMode.Circular }, new(before), new(after)), x);
        if (mode != "circular")
            for (int k = 0; k < pad.Length / 2; k++) x = Cut(x, x.Rank - 1 - k, pad[2 * k], pad[2 * k + 1]);
        return x;
    }

    /// <summary>Without what negative pads take away.</summary>
    static Tensor Cut(Tensor x, int dim, long before, long after) =>
        before >= 0 && after >= 0 ? x : x.Narrow(dim, Math.Max(0, -before), x.Shape[dim] - Math.Max(0, -before) - Math.Max(0, -after));

    /// <summary>Channels become pixels: (…, C·r², H, W) → (…, C, H·r, W·r). PyTorch's <c>pixel_shuffle</c> (Shi et al. 2016).</summary>
    /// <exception cref="ArgumentException">Fewer than three axes, or r² does not divide the channels.</exception>
    public static Tensor PixelShuffle(Tensor input, long upscaleFactor)
    {
        long r = upscaleFactor;
        if (input.Rank < 3 || r <= 0 || input.Shape[^3] % (r * r) != 0)
            throw new ArgumentException($"PixelShuffle: an input of shape {input.Shape} is not (…, C · {r}², H, W).");
        (long c, long h, long w) = (input.Shape[^3] / (r * r), input.Shape[^2], input.Shape[^1]);
        return input.Reshape(input.Shape[..^3].Count, c, r, r, h, w).Permute(0, 1, 4, 2, 5, 3).Reshape([.. input.Shape.Span[..^3], c, h * r, w * r]);
    }

    /// <summary>Pixels become channels: (…, C, H·r, W·r) → (…, C·r², H, W). PyTorch's <c>pixel_unshuffle</c>.</summary>
    /// <exception cref="ArgumentException">Fewer than three axes, or r does not divide height and width.</exception>
    public static Tensor PixelUnshuffle(Tensor input, long downscaleFactor)
    {
        long r = downscaleFactor;
        if (input.Rank < 3 || r <= 0 || input.Shape[^2] % r != 0 || input.Shape[^1] % r != 0)
            throw new ArgumentException($"PixelUnshuffle: an input of shape {input.Shape} is not (…, C, H · {r}, W · {r}).");
        (long c, long h, long w) = (input.Shape[^3], input.Shape[^2] / r, input.Shape[^1] / r);
        return input.Reshape(input.Shape[..^3].Count, c, h, r, w, r).Permute(0, 1, 3, 5, 2, 4).Reshape([.. input.Shape.Span[..^3], c * r * r, h, w]);
    }

    /// <summary>The channels of groups interleaved: channel j of group i becomes channel j · groups + i. PyTorch's <c>channel_shuffle</c> (Zhang et
    /// al. 2017).</summary>
    /// <exception cref="ArgumentException">Fewer than three axes, or groups does not divide the channels (axis 1).</exception>
    public static Tensor ChannelShuffle(Tensor input, long groups)
    {
        if (input.Rank < 3 || groups <= 0 || input.Shape[1] % groups != 0)
            throw new ArgumentException($"ChannelShuffle: the channels (axis 1) of {input.Shape} do not make {groups} groups of equal size.");
        return input.Reshape(input.Shape[0], groups, input.Shape[1] / groups, input.Shape[2..].Count).Transpose(1, 2).Reshape(input.Shape);
    }

    /// <summary>Sliding windows as columns: (N, C, H, W) → (N, C · kernel, windows). PyTorch's <c>unfold</c>, also called im2col.</summary>
    /// <param name="input">(N, C, H, W) or (C, H, W).</param>
    /// <param name="kernelSize">One size, or height and width; likewise what follows.</param>
    /// <param name="dilation">The distance of a window's elements.</param>
    /// <param name="padding">Zeros around the input.</param>
    /// <param name="stride">The distance of windows.</param>
    /// <exception cref="ArgumentException">No window fits, or the input has another number of axes.</exception>
    public static Tensor Unfold(Tensor input, Dims kernelSize, Dims dilation = default, Dims padding = default, Dims stride = default)
    {
        if (input.Rank is not (3 or 4)) throw new ArgumentException($"Unfold: the input has shape {input.Shape}; it must be (N, C, H, W) or (C, H, W).");
        Windows h = new("Unfold", 0, kernelSize, dilation, padding, stride), w = new("Unfold", 1, kernelSize, dilation, padding, stride);
        if (input.Rank == 3) return Unfold(input.Unsqueeze(0), kernelSize, dilation, padding, stride).Squeeze(0);
        if (input.DType.IsFloatingPoint) return Op.Apply(new Columns(h.Axis("Unfold", input.Shape[2]), w.Axis("Unfold", input.Shape[3])), input);
        Tensor x = w.Of(h.Of(Pad(input, [w.Padding, w.Padding, h.Padding, h.Padding]), 2), 3);                    // (N, C, rows, columns, kh, kw)
        return x.Permute(0, 1, 4, 5, 2, 3).Reshape(input.Shape[0], input.Shape[1] * h.Kernel * w.Kernel, x.Shape[2] * x.Shape[3]);
    }

    /// <summary>The adjoint of <see cref="Unfold"/>: columns added up where their windows lay. PyTorch's <c>fold</c>, also called col2im.</summary>
    /// <param name="input">(N, C · kernel, windows) or (C · kernel, windows).</param>
    /// <param name="outputSize">Height and width of the result.</param>
    /// <param name="kernelSize">One size, or height and width; likewise what follows.</param>
    /// <param name="dilation">The distance of a window's elements.</param>
    /// <param name="padding">What of the result is cut off around it.</param>
    /// <param name="stride">The distance of windows.</param>
    /// <returns>(N, C, H, W).</returns>
    /// <exception cref="ArgumentException">The number of windows does not fit.</exception>
    public static Tensor Fold(Tensor input, Dims outputSize, Dims kernelSize, Dims dilation = default, Dims padding = default, Dims stride = default)
    {
        if (input.Rank == 2) return Fold(input.Unsqueeze(0), outputSize, kernelSize, dilation, padding, stride).Squeeze(0);
        Windows h = new("Fold", 0, kernelSize, dilation, padding, stride), w = new("Fold", 1, kernelSize, dilation, padding, stride);
        long height = outputSize[0] + 2 * h.Padding, width = outputSize[^1] + 2 * w.Padding, rows = h.Count("Fold", height),
            columns = w.Count("Fold", width), each = h.Kernel * w.Kernel;
        if (input.Rank != 3 || input.Shape[1] % each != 0 || input.Shape[2] != rows * columns)
            throw new ArgumentException($"Fold: an input of shape {input.Shape} does not fit: an output of {outputSize} has {rows} · {columns} windows of {each} elements, so it must be (N, C · {each}, {rows * columns}).");
        if (input.DType.IsFloatingPoint) return Op.Apply(new ColumnsInput(h.Axis("Fold", outputSize[0]), w.Axis("Fold", outputSize[^1])), input);
        Tensor x = input.Reshape(input.Shape[0], input.Shape[1] / each, h.Kernel, w.Kernel, rows, columns).Permute(0, 1, 4, 5, 2, 3);
        x = h.Undo(w.Undo(x, 3, width), 2, height);
        return Pad(x, [-w.Padding, -w.Padding, -h.Padding, -h.Padding]);
    }

    /// <summary>Windows along one of two axes.</summary>
    readonly struct Windows
    {
        public readonly long Kernel, Dilation, Padding, Stride;

        public Windows(string op, int axis, Dims kernel, Dims dilation, Dims padding, Dims stride)
        {
            Kernel = At(kernel, 0);
            (Dilation, Padding, Stride) = (At(dilation, 1), At(padding, 0), At(stride, 1));
            if (Kernel <= 0 || Dilation <= 0 || Padding < 0 || Stride <= 0)
                throw new ArgumentException($"{op}: kernelSize {kernel}, dilation {dilation} and stride {stride} must be positive, padding {padding} not negative.");

            long At(Dims d, long otherwise) => d.Length == 0 ? otherwise : d.Length <= 2 ? d[d.Length == 1 ? 0 : axis]
                : throw new ArgumentException($"{op}: {d} has more than two sizes.");
        }

        long Span => Dilation * (Kernel - 1) + 1;

        public long Count(string op, long size) =>
            size >= Span ? (size - Span) / Stride + 1 : throw new ArgumentException($"{op}: a window of {Kernel} elements {Dilation} apart does not fit an axis of {size}, padding included.");

        /// <summary>The windows of an axis of the size given.</summary>
        public ColumnAxis Axis(string op, long size)
        {
            Count(op, size + 2 * Padding);
            return new(size, Kernel, Dilation, Padding, Stride);
        }

        /// <summary>The axis' windows, their elements along a new last axis.</summary>
        public Tensor Of(Tensor x, int dim)
        {
            Count("Unfold", x.Shape[dim]);
            x = x.Unfold(dim, Span, Stride);
            return Dilation == 1 ? x : Op.Apply(new Slice(x.Rank - 1, 0, Span, Dilation), x);
        }

        /// <summary>The adjoint of <see cref="Of"/>, for an axis of the size given.</summary>
        public Tensor Undo(Tensor x, int dim, long size)
        {
            if (Dilation != 1) x = Op.Apply(new PlaceInZeros(new Slice(x.Rank - 1, 0, Span, Dilation), [.. x.Shape.Span[..^1], Span]), x);
            long[] to = x.Shape.Span[..^1].ToArray();
            to[dim] = size;
            return Op.Apply(new PlaceInZeros(new Ops.Unfold(dim, Span, Stride), new Dims(to)), x);
        }
    }
}
