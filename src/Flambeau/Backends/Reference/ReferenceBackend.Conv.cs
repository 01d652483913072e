using System.Numerics;
using Flambeau.Ops;

namespace Flambeau.Backends.Reference;

internal sealed unsafe partial class ReferenceBackend
{
    /// <summary>Calls <paramref name="visit"/> with the positions in x, w and y of every product of a convolution.</summary>
    static void EachProduct(Dims x, Dims w, Dims y, ConvWindow c, Action<long, long, long> visit)
    {
        long kernel = w[2..].Count, output = y[2..].Count, perGroup = w[1], results = w[0] / c.Groups;
        for (long n = 0; n < x[0]; n++)
            for (long o = 0; o < w[0]; o++)
                for (long i = 0; i < perGroup; i++)
                    for (long p = 0; p < output; p++)
                        for (long k = 0; k < kernel; k++)
                        {
                            long at = 0, scale = 1, rp = p, rk = k;
                            bool inside = true;
                            for (int d = c.Rank - 1; d >= 0; d--)
                            {
                                long q = rp % y[d + 2] * c.Stride[d] + rk % w[d + 2] * c.Dilation[d] - c.Padding[d];
                                rp /= y[d + 2];
                                rk /= w[d + 2];
                                inside &= q >= 0 && q < x[d + 2];
                                at += q * scale;
                                scale *= x[d + 2];
                            }
                            if (inside) visit((n * x[1] + o / results * perGroup + i) * scale + at, (o * perGroup + i) * kernel + k, (n * w[0] + o) * output + p);
                        }
    }

    static void Accumulate(Tensor y, Complex[] sums)
    {
        for (long i = 0; i < sums.Length; i++) Set(y, y.Layout.Offset + i, sums[i]);
    }

    internal override void Conv(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvWindow window)
    {
        var sums = new Complex[y.Count];
        long output = y.Shape[2..].Count;
        for (long i = 0; bias is not null && i < sums.Length; i++) sums[i] = Get(bias, bias.Layout.Offset + i / output % y.Shape[1]);
        EachProduct(x.Shape, w.Shape, y.Shape, window, (a, b, c) => sums[c] += Get(x, x.Layout.Offset + a) * Get(w, w.Layout.Offset + b));
        Accumulate(y, sums);
    }

    internal override void ConvInput(Tensor g, Tensor w, Tensor dx, ConvWindow window)
    {
        var sums = new Complex[dx.Count];
        EachProduct(dx.Shape, w.Shape, g.Shape, window, (a, b, c) => sums[a] += Get(g, g.Layout.Offset + c) * Get(w, w.Layout.Offset + b));
        Accumulate(dx, sums);
    }

    internal override void ConvWeight(Tensor x, Tensor g, Tensor dw, ConvWindow window)
    {
        var sums = new Complex[dw.Count];
        EachProduct(x.Shape, dw.Shape, g.Shape, window, (a, b, c) => sums[b] += Get(x, x.Layout.Offset + a) * Get(g, g.Layout.Offset + c));
        Accumulate(dw, sums);
    }

    /// <summary>The positions in its plane of the elements of the window numbered <paramref name="o"/>, padding left out.</summary>
    static IEnumerable<long> Elements(PoolAxes a, long o)
    {
        long w = o % a.W.Output, h = o / a.W.Output % a.H.Output, d = o / a.W.Output / a.H.Output;
        for (long i = a.D.Start(d); i < a.D.End(d); i += a.D.Dilation)
            for (long j = a.H.Start(h); j < a.H.End(h); j += a.H.Dilation)
                for (long k = a.W.Start(w); k < a.W.End(w); k += a.W.Dilation)
                    if (i >= 0 && j >= 0 && k >= 0 && i < a.D.Input && j < a.H.Input && k < a.W.Input) yield return (i * a.H.Input + j) * a.W.Input + k;
    }

    internal override void MaxPool(Tensor x, Tensor y, Tensor? index, PoolAxes axes)
    {
        for (long i = 0; i < y.Count; i++)
        {
            long plane = x.Layout.Offset + i / axes.Output * axes.Input, best = -1;
            double m = 0;
            foreach (long at in Elements(axes, i % axes.Output))
            {
                double v = Get(x, plane + at).Real;
                if (best < 0 || v > m || double.IsNaN(v)) (m, best) = (v, at);
            }
            Set(y, i, m);
            if (index is not null) SetLong(index, i, best);
        }
    }

    internal override void PlaneScatter(Tensor x, Tensor index, Tensor y, int planeRank)
    {
        Fill(y, 0);
        long from = x.Shape[^planeRank..].Count, to = y.Shape[^planeRank..].Count;
        for (long i = 0; i < x.Count; i++)
        {
            long at = i / from * to + GetLong(index, index.Layout.Offset + i);
            Set(y, at, Get(y, at) + Get(x, x.Layout.Offset + i));
        }
    }

    internal override void PlaneGather(Tensor x, Tensor index, Tensor y, int planeRank)
    {
        long from = x.Shape[^planeRank..].Count, to = y.Shape[^planeRank..].Count;
        for (long i = 0; i < y.Count; i++) Set(y, i, Get(x, x.Layout.Offset + i / to * from + GetLong(index, index.Layout.Offset + i)));
    }

    static long Divisor(PoolAxes a, long o, bool countIncludesPad, long divisor) =>
        PoolDivisor(a, o / a.W.Output / a.H.Output, o / a.W.Output % a.H.Output, o % a.W.Output, countIncludesPad, divisor);

    internal override void AvgPool(Tensor x, Tensor y, PoolAxes axes, bool countIncludesPad, long divisor)
    {
        for (long i = 0; i < y.Count; i++)
        {
            Complex sum = 0;
            foreach (long at in Elements(axes, i % axes.Output)) sum += Get(x, x.Layout.Offset + i / axes.Output * axes.Input + at);
            Set(y, i, sum / Divisor(axes, i % axes.Output, countIncludesPad, divisor));
        }
    }

    internal override void AvgPoolInput(Tensor g, Tensor dx, PoolAxes axes, bool countIncludesPad, long divisor)
    {
        var sums = new Complex[dx.Count];
        for (long i = 0; i < g.Count; i++)
            foreach (long at in Elements(axes, i % axes.Output))
                sums[i / axes.Output * axes.Input + at] += Get(g, g.Layout.Offset + i) / Divisor(axes, i % axes.Output, countIncludesPad, divisor);
        Accumulate(dx, sums);
    }

    internal override void WeightedTaps(Tensor x, Taps taps, int axis, Tensor y)
    {
        long inner = y.Shape[(axis + 1)..].Count, to = y.Shape[axis], from = x.Shape[axis];
        for (long i = 0; i < y.Count; i++)
        {
            long line = i / inner / to * from * inner + i % inner, at = i / inner % to;
            double sum = 0;
            for (int k = taps.Start[at]; k < taps.Start[at + 1]; k++) sum += At(x, line + taps.Index[k] * inner) * taps.Weight[k];
            Put(y, i, sum);
        }
    }

    internal override void Columns(Tensor x, Tensor y, ColumnAxis h, ColumnAxis w)
    {
        for (long i = 0; i < y.Count; i++) Put(y, i, Source(i, h, w) is { } at ? At(x, at) : 0);
    }

    internal override void ColumnsInput(Tensor x, Tensor y, ColumnAxis h, ColumnAxis w)
    {
        var sums = new double[y.Count];
        for (long i = 0; i < x.Count; i++) if (Source(i, h, w) is { } at) sums[at] += At(x, i);
        for (long i = 0; i < y.Count; i++) Put(y, i, sums[i]);
    }

    // Where the element of the picture stands that is number i among the columns; null in the padding.
    static long? Source(long i, ColumnAxis h, ColumnAxis w)
    {
        long column = i % w.Count, row = i / w.Count % h.Count, k = i / w.Count / h.Count, plane = k / (h.Kernel * w.Kernel);
        long y = row * h.Stride + k / w.Kernel % h.Kernel * h.Dilation - h.Padding, x = column * w.Stride + k % w.Kernel * w.Dilation - w.Padding;
        return y < 0 || y >= h.Size || x < 0 || x >= w.Size ? null : (plane * h.Size + y) * w.Size + x;
    }
}
