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
        int axes = input.Rank - 2;
        if (axes is not (2 or 3) || grid.Rank != input.Rank || grid.Shape[0] != input.Shape[0] || grid.Shape[^1] != axes)
            throw new ArgumentException($"{op}: an input of shape {input.Shape} and a grid of shape {grid.Shape} do not fit: they are (N, C, H, W) and (N, H′, W′, 2), or (N, C, D, H, W) and (N, D′, H′, W′, 3).");
        if (!input.DType.IsFloatingPoint || grid.DType != input.DType) throw new ArgumentException($"{op}: the input is {input.DType}, the grid {grid.DType}; they must be of one floating-point type.");
        if (input.Shape[2..].Count == 0) throw new ArgumentException($"{op}: the input of shape {input.Shape} has no pixels.");
        if (mode == "bicubic" && axes == 3) throw new ArgumentException($"{op}: \"bicubic\" is for images; volumes of shape {input.Shape} take \"bilinear\" or \"nearest\".", nameof(mode));

        bool align = alignCorners ?? false;
        long[] size = input.Shape[2..].ToArray();
        Dims points = grid.Shape[1..^1];
        // Each axis, from the slowest on: pixels' coordinates, (N, points), and for these the taps of its line with their weights.
        var taps = new (Tensor Index, Tensor Weight)[axes][];
        for (int d = 0; d < axes; d++)
        {
            long n = size[d];
            Tensor u = grid.Select(-1, axes - 1 - d).Reshape(input.Shape[0], points.Count);
            u = Tensor.Where(paddingMode == "reflection" ? u.Detach().IsFinite().LogicalNot() : u.Detach().IsNan(), -1.0, u);
            Tensor at = align ? (u + 1) * ((n - 1) / 2.0) : ((u + 1) * (double)n - 1) / 2;
            taps[d] = mode == "bicubic" ? CubicTaps(at, n, paddingMode, align) : LinearTaps(Beyond(at, n, paddingMode, align), n, mode == "nearest");
        }
        Tensor image = input.Reshape(input.Shape[0], input.Shape[1], new Dims(size).Count);
        Tensor? y = null;
        foreach ((Tensor index, Tensor weight) in Products(taps, size))
        {
            Tensor part = image.Gather(2, index.Unsqueeze(1).Expand(image.Shape[0], image.Shape[1], points.Count)) * weight.Unsqueeze(1);
            y = y is null ? part : y + part;
        }
        return y!.Reshape([.. input.Shape.Span[..2], .. points.Span]);
    }

    // All combinations of one tap of each axis: the index in the plane, and the product of weights.
    static IEnumerable<(Tensor Index, Tensor Weight)> Products((Tensor Index, Tensor Weight)[][] taps, long[] size)
    {
        IEnumerable<(Tensor Index, Tensor Weight)> y = taps[0];
        for (int d = 1; d < taps.Length; d++)
        {
            (var slow, int axis) = (y, d);
            y = slow.SelectMany(_ => taps[axis], (a, b) => (a.Index * size[axis] + b.Index, a.Weight * b.Weight));
        }
        return y;
    }

    // Indices within the axis, and a weight of 0 for what lies outside.
    static (Tensor Index, Tensor Weight) Tap(Tensor place, Tensor weight, long n)
    {
        Tensor inside = (place >= 0) & (place <= n - 1);
        return (Tensor.Where(inside, place, 0.0).Long(), Tensor.Where(inside, weight, 0.0));
    }

    static (Tensor Index, Tensor Weight)[] LinearTaps(Tensor at, long n, bool nearest)
    {
        if (nearest) return [Tap(at.Detach().Round(), at * 0 + 1, n)];
        Tensor low = at.Detach().Floor(), t = at - low;
        return [Tap(low, 1 - t, n), Tap(low + 1, t, n)];
    }

    static (Tensor Index, Tensor Weight)[] CubicTaps(Tensor at, long n, string paddingMode, bool align)
    {
        Tensor low = at.Detach().Floor(), t = at - low;
        var y = new (Tensor Index, Tensor Weight)[4];
        // R. Keys (1981) with a = −3/4, at distances 1 + t, t, 1 − t, 2 − t.
        Tensor Near(Tensor d) => (1.25 * d - 2.25) * d * d + 1;
        Tensor Far(Tensor d) => ((-0.75 * d + 3.75) * d - 6) * d + 3;
        Tensor[] weights = [Far(1 + t), Near(t), Near(1 - t), Far(2 - t)];
        for (int k = 0; k < 4; k++) y[k] = Tap(Beyond(low + (k - 1), n, paddingMode, align).Round(), weights[k], n);
        return y;
    }

    // Coordinates beyond the image as paddingMode has it. Where the border holds a coordinate, it has no gradient.
    static Tensor Beyond(Tensor at, long n, string paddingMode, bool align)
    {
        Tensor finite = at.Detach().IsFinite();
        at = Tensor.Where(finite, at, -100.0);                                     // outside, so that NaN reads zeros
        if (paddingMode == "zeros") return at;
        if (paddingMode == "reflection")
        {
            double low = align ? 0 : -0.5, span = align ? n - 1 : n;
            if (span == 0) return at * 0;
            Tensor away = at - low, far = Tensor.Where(away < 0, -away, away), turns = (far.Detach() / span).Floor();
            Tensor extra = far - turns * span;
            at = Tensor.Where(turns.Remainder(2).Eq(0), extra + low, span + low - extra);
        }
        at = Tensor.Where(at > 0, at, at.Detach().Clamp(min: 0));
        return Tensor.Where(at < n - 1, at, at.Detach().Clamp(max: n - 1));
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
