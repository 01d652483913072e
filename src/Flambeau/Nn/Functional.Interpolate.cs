using Flambeau.Ops;

namespace Flambeau.Nn;

// Images made larger and smaller.
public static partial class F
{
    /// <summary>Makes the spatial axes of (N, C, …) larger or smaller. PyTorch's <c>interpolate</c>.</summary>
    /// <param name="input">One to three spatial axes.</param>
    /// <param name="size">The sizes wanted: one number for all axes, or one for each.</param>
    /// <param name="scaleFactor">Or the factors.</param>
    /// <param name="mode"><c>nearest</c>, <c>nearest-exact</c>, <c>linear</c> (1 axis), <c>bilinear</c>, <c>bicubic</c> (2), <c>trilinear</c> (3) or <c>area</c>.</param>
    /// <param name="alignCorners">Whether the first and last elements stay where they are, rather than the edges of the picture. Says something, and may be given, in
    /// linear and cubic modes only; by default not.</param>
    /// <param name="recomputeScaleFactor">Whether the factor used is that of the rounded sizes rather than the one given.</param>
    /// <param name="antialias">Whether pictures made smaller are first smoothed, by a filter as wide as the factor; for <c>bilinear</c> and <c>bicubic</c>.</param>
    /// <exception cref="ArgumentException">Neither or both of size and factor are given, or the mode does not fit the axes or the other arguments.</exception>
    public static Tensor Interpolate(Tensor input, ReadOnlySpan<long> size = default, ReadOnlySpan<double> scaleFactor = default, string mode = "nearest", bool? alignCorners = null,
        bool? recomputeScaleFactor = null, bool antialias = false)
    {
        int axes = input.Rank - 2;
        if (size.IsEmpty == scaleFactor.IsEmpty) throw new ArgumentException("Interpolate: give either size or scaleFactor.");
        bool fits = mode switch
        {
            "nearest" or "nearest-exact" or "area" => axes is >= 1 and <= 3,
            "linear" => axes == 1, "bilinear" or "bicubic" => axes == 2, "trilinear" => axes == 3,
            _ => throw new ArgumentException($"Interpolate: there is no mode \"{mode}\".", nameof(mode)),
        };
        bool blends = mode.EndsWith("linear", StringComparison.Ordinal) || mode == "bicubic";
        if (!fits) throw new ArgumentException($"Interpolate: the mode \"{mode}\" does not fit {input.Shape} with {Math.Max(0, axes)} spatial axes.", nameof(mode));
        if (!blends && alignCorners is not null) throw new ArgumentException($"Interpolate: the mode \"{mode}\" has no use for alignCorners. Leave it out.", nameof(alignCorners));
        if (antialias && mode is not ("bilinear" or "bicubic")) throw new ArgumentException($"Interpolate: antialias is for \"bilinear\" and \"bicubic\", not for \"{mode}\".", nameof(antialias));
        if (!mode.StartsWith("nearest", StringComparison.Ordinal) && !input.DType.IsFloatingPoint)
            throw new ArgumentException($"Interpolate: the mode \"{mode}\" makes fractions of {input.DType} numbers. Convert with To(DType.Float32), or use \"nearest\".");
        if (recomputeScaleFactor == true && scaleFactor.IsEmpty) throw new ArgumentException("Interpolate: there is no factor to compute anew where the size is given.", nameof(recomputeScaleFactor));
        if (scaleFactor.Length > 1 && scaleFactor.Length != axes) throw new ArgumentException($"Interpolate: {scaleFactor.Length} factors for {axes} spatial axes.", nameof(scaleFactor));
        long[] to = new long[axes];
        double[] step = new double[axes];                                       // input elements for each of the result
        for (int d = 0; d < axes; d++)
        {
            long n = input.Shape[d + 2];
            double factor = scaleFactor.IsEmpty ? 0 : scaleFactor[scaleFactor.Length == 1 ? 0 : d];
            to[d] = scaleFactor.IsEmpty ? Each("Interpolate", "size", size, axes, 1)[d] : (long)Math.Floor(n * factor);
            if (to[d] < (mode == "area" ? 0 : 1) || n < 1) throw new ArgumentException($"Interpolate: {input.Shape} cannot be brought to {to[d]} elements in axis {d + 2}.");
            step[d] = scaleFactor.IsEmpty || recomputeScaleFactor == true ? (double)n / to[d] : 1 / factor;
        }
        if (mode != "area" && input.Shape[1] == 0) throw new ArgumentException($"Interpolate: {input.Shape} has no channels.");
        if (mode == "area") return axes switch { 1 => AdaptiveAvgPool1d(input, to), 2 => AdaptiveAvgPool2d(input, to), _ => AdaptiveAvgPool3d(input, to) };
        // Fractions of low-precision numbers are taken in float32 and rounded once.
        Tensor y = blends && input.DType.IsLowPrecision ? input.Float() : input;
        bool align = alignCorners == true;
        for (int d = axes - 1; d >= 0; d--)                                     // the last axis first: where a picture grows, fewer lines are gathered element by element
            y = antialias ? Smooth(y, d + 2, to[d], step[d], mode == "bicubic", align)
                : Resample(y, d + 2, to[d], step[d], mode switch { "nearest" => Resampler.Nearest, "nearest-exact" => Resampler.NearestExact, "bicubic" => Resampler.Cubic, _ => Resampler.Linear }, align);
        return ReferenceEquals(y, input) ? y.Clone() : y.To(input.DType);
    }

    /// <summary>As <see cref="Interpolate"/>. PyTorch's <c>upsample</c>, which is deprecated there.</summary>
    /// <param name="input">One to three spatial axes.</param>
    /// <param name="size">The sizes wanted: one number for all axes, or one for each.</param>
    /// <param name="scaleFactor">Or the factors.</param>
    /// <param name="mode">As of <see cref="Interpolate"/>.</param>
    /// <param name="alignCorners">As of <see cref="Interpolate"/>.</param>
    public static Tensor Upsample(Tensor input, ReadOnlySpan<long> size = default, ReadOnlySpan<double> scaleFactor = default, string mode = "nearest", bool? alignCorners = null) =>
        Interpolate(input, size, scaleFactor, mode, alignCorners);

    /// <summary><see cref="Interpolate"/> by the nearest element. PyTorch's <c>upsample_nearest</c>, which is deprecated there.</summary>
    /// <param name="input">One to three spatial axes.</param>
    /// <param name="size">The sizes wanted: one number for all axes, or one for each.</param>
    /// <param name="scaleFactor">Or the factors.</param>
    public static Tensor UpsampleNearest(Tensor input, ReadOnlySpan<long> size = default, ReadOnlySpan<double> scaleFactor = default) => Interpolate(input, size, scaleFactor);

    /// <summary>Bilinear <see cref="Interpolate"/> with aligned corners. PyTorch's <c>upsample_bilinear</c>, which is deprecated there.</summary>
    /// <param name="input">(N, C, H, W).</param>
    /// <param name="size">The sizes wanted: one number for all axes, or one for each.</param>
    /// <param name="scaleFactor">Or the factors.</param>
    public static Tensor UpsampleBilinear(Tensor input, ReadOnlySpan<long> size = default, ReadOnlySpan<double> scaleFactor = default) =>
        Interpolate(input, size, scaleFactor, "bilinear", alignCorners: true);

    static Tensor Resample(Tensor x, int axis, long to, double step, Resampler kind, bool alignCorners)
    {
        long n = x.Shape[axis];
        if (kind >= Resampler.Linear && !alignCorners && to == n && step == 1) return x;
        Resampled by = new(kind, n, to, step, alignCorners);
        if (x.DType.IsFloatingPoint && !x.DType.IsLowPrecision) return Op.Apply(new Resample(axis, by), x);
        return x.IndexSelect(axis, Tensor.From(Array.ConvertAll(by.Taps().Index, i => (long)i)));       // the nearest of whatever type
    }

    // Each element of the result is a weighted mean of those under a filter around its place, which is as wide as a step if the picture shrinks.
    static Tensor Smooth(Tensor x, int axis, long to, double step, bool cubic, bool alignCorners)
    {
        long n = x.Shape[axis];
        if (alignCorners) step = to > 1 ? (n - 1.0) / (to - 1) : 0;
        double stretch = Math.Max(1, step), support = (cubic ? 2 : 1) * stretch;
        var weights = new double[to * n];
        for (long i = 0; i < to; i++)
        {
            double center = step * (i + 0.5), sum = 0;
            long first = Math.Max(0, (long)(center - support + 0.5)), last = Math.Min(n, (long)(center + support + 0.5));
            for (long j = first; j < last; j++)
            {
                double d = Math.Abs(j - center + 0.5) / stretch;
                sum += weights[i * n + j] = cubic ? Resampled.Cubic(d, -0.5) : Math.Max(0, 1 - d);
            }
            if (sum != 0) for (long j = first; j < last; j++) weights[i * n + j] /= sum;
        }
        return x.Transpose(axis, -1).MatMul(Tensor.From<double>(weights, to, n).To(x.DType).T).Transpose(axis, -1);
    }

    static IEnumerable<long> Range(long n)
    {
        for (long i = 0; i < n; i++) yield return i;
    }
}
