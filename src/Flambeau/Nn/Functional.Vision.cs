namespace Flambeau.Nn;

// Images made larger and smaller.
public static partial class F
{
    /// <summary>(…, C·r², H, W) → (…, C, H·r, W·r): channels become pixels. PyTorch's <c>pixel_shuffle</c>.</summary>
    /// <exception cref="ArgumentException">Fewer than three axes, or r² does not divide the channels.</exception>
    public static Tensor PixelShuffle(Tensor input, long upscaleFactor)
    {
        long r = upscaleFactor;
        if (r < 1 || input.Rank < 3 || input.Shape[^3] % (r * r) != 0)
            throw new ArgumentException($"PixelShuffle: {input.Shape} has no third last axis of channels that {r}² divides.", nameof(input));
        (Dims lead, long c, long h, long w) = (input.Shape[..^3], input.Shape[^3] / (r * r), input.Shape[^2], input.Shape[^1]);
        return input.Reshape(-1, c, r, r, h, w).Permute(0, 1, 4, 2, 5, 3).Reshape([.. lead.Span, c, h * r, w * r]);
    }

    /// <summary>(…, C, H·r, W·r) → (…, C·r², H, W): pixels become channels. PyTorch's <c>pixel_unshuffle</c>.</summary>
    /// <exception cref="ArgumentException">Fewer than three axes, or r does not divide height and width.</exception>
    public static Tensor PixelUnshuffle(Tensor input, long downscaleFactor)
    {
        long r = downscaleFactor;
        if (r < 1 || input.Rank < 3 || input.Shape[^2] % r != 0 || input.Shape[^1] % r != 0)
            throw new ArgumentException($"PixelUnshuffle: {input.Shape} has no last two axes that {r} divides.", nameof(input));
        (Dims lead, long c, long h, long w) = (input.Shape[..^3], input.Shape[^3], input.Shape[^2] / r, input.Shape[^1] / r);
        return input.Reshape(-1, c, h, r, w, r).Permute(0, 1, 3, 5, 2, 4).Reshape([.. lead.Span, c * r * r, h, w]);
    }

    /// <summary>Channels dealt out anew, so that the groups mix: (N, C, …). PyTorch's <c>channel_shuffle</c>.</summary>
    /// <exception cref="ArgumentException">The groups do not divide the channels.</exception>
    public static Tensor ChannelShuffle(Tensor input, long groups)
    {
        if (groups < 1 || input.Rank < 3 || input.Shape[1] % groups != 0)
            throw new ArgumentException($"ChannelShuffle: {input.Shape} has no channels in axis 1, before others, that {groups} groups divide.", nameof(input));
        return input.Reshape([input.Shape[0], groups, input.Shape[1] / groups, .. input.Shape.Span[2..]]).Transpose(1, 2).Reshape(input.Shape);
    }

    /// <summary>Makes the spatial axes of (N, C, …) larger or smaller. PyTorch's <c>interpolate</c>.</summary>
    /// <param name="input">One to three spatial axes.</param>
    /// <param name="size">The sizes wanted: one number for all axes, or one for each.</param>
    /// <param name="scaleFactor">Or the factors.</param>
    /// <param name="mode"><c>nearest</c>, <c>nearest-exact</c>, <c>linear</c> (1 axis), <c>bilinear</c>, <c>bicubic</c> (2), <c>trilinear</c> (3) or <c>area</c>.</param>
    /// <param name="alignCorners">Whether the first and last elements stay where they are, rather than the edges of the picture.</param>
    /// <param name="recomputeScaleFactor">Whether the factor used is that of the rounded sizes rather than the one given.</param>
    /// <exception cref="ArgumentException">Neither or both of size and factor are given, or the mode does not fit the axes.</exception>
    public static Tensor Interpolate(Tensor input, ReadOnlySpan<long> size = default, ReadOnlySpan<double> scaleFactor = default, string mode = "nearest", bool alignCorners = false,
        bool recomputeScaleFactor = false)
    {
        int axes = input.Rank - 2;
        if (size.IsEmpty == scaleFactor.IsEmpty) throw new ArgumentException("Interpolate: give either size or scaleFactor.");
        bool fits = mode switch
        {
            "nearest" or "nearest-exact" or "area" => axes is >= 1 and <= 3,
            "linear" => axes == 1, "bilinear" or "bicubic" => axes == 2, "trilinear" => axes == 3,
            _ => throw new ArgumentException($"Interpolate: there is no mode \"{mode}\".", nameof(mode)),
        };
        if (!fits) throw new ArgumentException($"Interpolate: the mode \"{mode}\" does not fit {input.Shape} with {Math.Max(0, axes)} spatial axes.", nameof(mode));
        if (scaleFactor.Length > 1 && scaleFactor.Length != axes) throw new ArgumentException($"Interpolate: {scaleFactor.Length} factors for {axes} spatial axes.", nameof(scaleFactor));
        long[] to = new long[axes];
        double[] step = new double[axes];                                       // input elements for each of the result
        for (int d = 0; d < axes; d++)
        {
            long n = input.Shape[d + 2];
            double factor = scaleFactor.IsEmpty ? 0 : scaleFactor[scaleFactor.Length == 1 ? 0 : d];
            to[d] = scaleFactor.IsEmpty ? Each("Interpolate", "size", size, axes, 1)[d] : (long)Math.Floor(n * factor);
            if (to[d] < 1 || n < 1) throw new ArgumentException($"Interpolate: {input.Shape} cannot be brought to {to[d]} elements in axis {d + 2}.");
            step[d] = scaleFactor.IsEmpty || recomputeScaleFactor ? (double)n / to[d] : 1 / factor;
        }
        if (mode == "area") return axes switch { 1 => AdaptiveAvgPool1d(input, to), 2 => AdaptiveAvgPool2d(input, to), _ => AdaptiveAvgPool3d(input, to) };
        for (int d = 0; d < axes; d++) input = Resample(input, d + 2, to[d], step[d], mode, alignCorners);
        return input;
    }

    static Tensor Resample(Tensor x, int axis, long to, double step, string mode, bool alignCorners)
    {
        long n = x.Shape[axis];
        if (mode.StartsWith("nearest", StringComparison.Ordinal))
        {
            double half = mode == "nearest-exact" ? 0.5 : 0;
            return x.IndexSelect(axis, Tensor.From([.. Range(to).Select(i => Math.Min((long)Math.Floor((i + half) * step), n - 1))]));
        }
        if (alignCorners) step = to > 1 ? (n - 1.0) / (to - 1) : 0;
        else if (to == n && step == 1) return x;
        bool cubic = mode == "bicubic";
        double[] at = [.. Range(to).Select(i => alignCorners ? i * step : (i + 0.5) * step - 0.5).Select(s => cubic ? s : Math.Max(0, s))];
        Tensor? y = null;
        foreach (int tap in cubic ? (int[])[-1, 0, 1, 2] : [0, 1])
        {
            Tensor part = x.IndexSelect(axis, Tensor.From([.. at.Select(s => Math.Clamp((long)Math.Floor(s) + tap, 0, n - 1))]));
            Tensor weight = Tensor.From([.. at.Select(s => s - Math.Floor(s)).Select(f => cubic ? Cubic(Math.Abs(tap - f)) : tap == 0 ? 1 - f : f)]).To(x.DType);
            part = part * weight.Reshape([to, .. Enumerable.Repeat(1L, x.Rank - 1 - axis)]);
            y = y is null ? part : y + part;
        }
        return y!;

        static IEnumerable<long> Range(long n)
        {
            for (long i = 0; i < n; i++) yield return i;
        }

        // R. Keys (1981) with a = −3/4.
        static double Cubic(double d) => d <= 1 ? (1.25 * d - 2.25) * d * d + 1 : ((-0.75 * d + 3.75) * d - 6) * d + 3;
    }
}
