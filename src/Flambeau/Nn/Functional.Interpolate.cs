namespace Flambeau.Nn;

// Images made larger and smaller.
public static partial class F
{
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
