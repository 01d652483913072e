using Flambeau.Ops;

namespace Flambeau.Backends.Reference;

// Images read at the places of a grid. Arguments are contiguous.
internal sealed partial class ReferenceBackend
{
    // The pixels in the plane that make a point, the weight of each, and its derivatives by the point's numbers as the grid has them.
    static IEnumerable<(long At, double Weight, double[] Slope)> Pixels(Tensor grid, long point, GridAxis[] axes, int d = 0)
    {
        if (d == axes.Length)
        {
            yield return (0, 1, new double[d]);
            yield break;
        }
        Ref u = new(At(grid, point * axes.Length + axes.Length - 1 - d));
        for (int k = 0; k < axes[d].Taps; k++)
        {
            double at = axes[d].Tap(u, k, out Ref weight, out Ref slope).Value;
            if (at < 0) continue;
            foreach (var (rest, w, s) in Pixels(grid, point, axes, d + 1))
            {
                double[] all = [.. s.Select(x => x * weight.Value)];
                all[axes.Length - 1 - d] = slope.Value * w;
                yield return ((long)at * axes[(d + 1)..].Aggregate(1L, (n, a) => n * a.Size) + rest, weight.Value * w, all);
            }
        }
    }

    // Calls with the image's number, the result's element, the input's, its weight and its slopes.
    static void EachPixel(Tensor result, Tensor grid, GridAxis[] axes, Action<long, long, long, double, double[]> f)
    {
        long channels = result.Shape[1], points = result.Shape[2..].Count, plane = axes.Aggregate(1L, (n, a) => n * a.Size);
        for (long p = 0; p < result.Shape[0] * points; p++)
            foreach (var (at, weight, slope) in Pixels(grid, p, axes))
                for (long c = p / points * channels; c < (p / points + 1) * channels; c++) f(p, c * points + p % points, c * plane + at, weight, slope);
    }

    internal override void GridSample(Tensor x, Tensor grid, GridAxis[] axes, Tensor y)
    {
        var sums = new double[y.Count];
        EachPixel(y, grid, axes, (_, i, j, w, _) => sums[i] += At(x, j) * w);
        for (long i = 0; i < sums.Length; i++) Put(y, i, sums[i]);
    }

    internal override void GridSampleInput(Tensor g, Tensor grid, GridAxis[] axes, Tensor dx)
    {
        var sums = new double[dx.Count];
        EachPixel(g, grid, axes, (_, i, j, w, _) => sums[j] += At(g, i) * w);
        for (long i = 0; i < sums.Length; i++) Put(dx, i, sums[i]);
    }

    internal override void GridSampleGrid(Tensor g, Tensor x, Tensor grid, GridAxis[] axes, Tensor dGrid)
    {
        var sums = new double[dGrid.Count];
        EachPixel(g, grid, axes, (p, i, j, _, slope) =>
        {
            for (int d = 0; d < slope.Length; d++) sums[p * slope.Length + d] += At(g, i) * At(x, j) * slope[d];
        });
        for (long i = 0; i < sums.Length; i++) Put(dGrid, i, sums[i]);
    }
}
