using Flambeau.Ops;

namespace Flambeau.Nn;

// Images read at places that are themselves computed: spatial transformers (Jaderberg et al. 2015).
public static partial class F
{
    /// <summary>An image read at the places of a grid. PyTorch's <c>grid_sample</c>.</summary>
    /// <param name="input">(N, C, H, W) or (N, C, D, H, W).</param>
    /// <param name="grid">(N, H′, W′, 2) or (N, D′, H′, W′, 3): places (x, y[, z]), of which −1 and 1 are the edges of the image. NaN counts as −1.</param>
    /// <param name="mode"><c>"bilinear"</c> (of volumes: trilinear), <c>"nearest"</c>, or <c>"bicubic"</c> for two axes.</param>
    /// <param name="paddingMode">What lies beyond the image: <c>"zeros"</c>, its <c>"border"</c>, or its <c>"reflection"</c>.</param>
    /// <param name="alignCorners">Whether −1 and 1 are the centers of the outermost pixels rather than their outer edges; by default not.</param>
    /// <returns>(N, C, H′, W′) or (N, C, D′, H′, W′).</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit, or there is no such mode.</exception>
    public static Tensor GridSample(Tensor input, Tensor grid, string mode = "bilinear", string paddingMode = "zeros", bool? alignCorners = null)
    {
        using var autocast = Amp.Enter("grid_sampler", ref input, ref grid);
        const string op = "GridSample";
        if (mode is not ("bilinear" or "nearest" or "bicubic")) throw new ArgumentException($"{op}: mode is \"bilinear\", \"nearest\" or \"bicubic\", not \"{mode}\".", nameof(mode));
        if (paddingMode is not ("zeros" or "border" or "reflection"))
            throw new ArgumentException($"{op}: paddingMode is \"zeros\", \"border\" or \"reflection\", not \"{paddingMode}\".", nameof(paddingMode));
        GridSampler by = new(mode switch { "nearest" => GridMode.Nearest, "bicubic" => GridMode.Bicubic, _ => GridMode.Bilinear },
            paddingMode switch { "border" => GridPadding.Border, "reflection" => GridPadding.Reflection, _ => GridPadding.Zeros }, alignCorners ?? false);
        return Op.Apply(new GridSample(by), input, grid);
    }

    /// <summary>The grid of <see cref="GridSample"/> that an affine map of the result's places gives. PyTorch's <c>affine_grid</c>.</summary>
    /// <param name="theta">(N, 2, 3) or (N, 3, 4): the maps.</param>
    /// <param name="size">The shape of the result of <see cref="GridSample"/>: (N, C, H, W) or (N, C, D, H, W).</param>
    /// <param name="alignCorners">Whether −1 and 1 are the centers of the outermost pixels rather than their outer edges; by default not.</param>
    /// <returns>(N, H, W, 2) or (N, D, H, W, 3).</returns>
    /// <exception cref="ArgumentException">Shapes do not fit, sizes are not positive, or theta is not floating point.</exception>
    public static Tensor AffineGrid(Tensor theta, Dims size, bool? alignCorners = null)
    {
        int axes = size.Length - 2;
        if (!theta.DType.IsFloatingPoint) throw new ArgumentException($"AffineGrid: theta is {theta.DType}; it must be floating point.");
        if (axes is not (2 or 3) || theta.Rank != 3 || theta.Shape[1] != axes || theta.Shape[2] != axes + 1 || theta.Shape[0] != size[0])
            throw new ArgumentException($"AffineGrid: theta of shape {theta.Shape} does not fit a result of shape {size}: they are (N, 2, 3) and (N, C, H, W), or (N, 3, 4) and (N, C, D, H, W).");
        if (size.Any(n => n <= 0)) throw new ArgumentException($"AffineGrid: sizes must be positive, not {size}.");
        Dims points = size[2..];
        var parts = new Tensor[axes + 1];
        for (int d = 0; d < axes; d++)                                          // x, which runs along the last axis, comes first
        {
            long n = points[d];
            Tensor line = n == 1 ? Tensor.Zeros([1], theta.DType) : Tensor.Linspace(-1, 1, n, theta.DType);
            if (alignCorners != true) line = line * ((n - 1) / (double)n);
            parts[axes - 1 - d] = line.Reshape([n, .. Enumerable.Repeat(1L, axes - 1 - d)]).Expand(points);
        }
        parts[axes] = Tensor.Ones(points, theta.DType);
        return Tensor.Stack(parts, -1).Reshape(1, points.Count, axes + 1).MatMul(theta.MT).Reshape([size[0], .. points.Span, axes]);
    }
}
