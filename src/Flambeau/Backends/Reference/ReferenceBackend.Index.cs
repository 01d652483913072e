using System.Numerics;
using Flambeau.Ops;

namespace Flambeau.Backends.Reference;

internal sealed unsafe partial class ReferenceBackend
{
    internal override long? FindOutside(Tensor index, long low, long high)
    {
        for (long i = 0; i < index.Count; i++)
        {
            long v = GetLong(index, At(index.Layout, index.Shape, i));
            if (v < low || v >= high) return v;
        }
        return null;
    }

    internal override bool TryGather(Tensor x, Tensor index, long stride, long size, Tensor y)
    {
        if (FindOutside(index, 0, size) is not null) return false;
        for (long i = 0; i < y.Count; i++)
            Move(x, At(x.Layout, y.Shape, i) + GetLong(index, At(index.Layout, y.Shape, i)) * stride, y, At(y.Layout, y.Shape, i));
        return true;
    }

    static void Move(Tensor x, long from, Tensor y, long to)
    {
        if (y.DType.IsDifferentiable) Set(y, to, Get(x, from));
        else SetLong(y, to, GetLong(x, from));
    }

    internal override void Scatter<TOp>(TOp op, Tensor y, Tensor index, long stride, Tensor x, int axis)
    {
        for (long i = 0; i < x.Count; i++)
        {
            long from = At(x.Layout, x.Shape, i), to = At(y.Layout, x.Shape, i) + GetLong(index, At(index.Layout, x.Shape, i)) * stride;
            if (y.DType.IsComplex) Set(y, to, TOp.Complex(new Cpu.Cx(Get(y, to)), new Cpu.Cx(Get(x, from))).Value);
            else if (y.DType.IsDifferentiable) Set(y, to, TOp.Real(new Ref(Get(y, to).Real), new Ref(Get(x, from).Real)).Value);
            else if (y.DType == DType.Bool) SetLong(y, to, TOp.Integer(new Cpu.Bit(GetLong(y, to) != 0), new Cpu.Bit(GetLong(x, from) != 0)).Value ? 1 : 0);
            else SetLong(y, to, TOp.Integer(new Cpu.Int<long>(GetLong(y, to)), new Cpu.Int<long>(GetLong(x, from))).Value);
        }
    }

    internal override void OneHot(Tensor index, Tensor y)
    {
        long classes = y.Shape[^1];
        for (long i = 0; i < y.Count; i++) SetLong(y, y.Layout.Offset + i, GetLong(index, index.Layout.Offset + i / classes) == i % classes ? 1 : 0);
    }

    internal override void Triangular(Tensor x, long diagonal, bool upper, Tensor y)
    {
        long rows = y.Shape[^2], columns = y.Shape[^1];
        for (long i = 0; i < y.Count; i++)
        {
            long distance = i % columns - i / columns % rows;
            if (upper ? distance >= diagonal : distance <= diagonal) Move(x, x.Layout.Offset + i, y, y.Layout.Offset + i);
            else if (y.DType.IsDifferentiable) Set(y, y.Layout.Offset + i, 0);
            else SetLong(y, y.Layout.Offset + i, 0);
        }
    }

    internal override long CountTrue(Tensor mask)
    {
        long n = 0;
        for (long i = 0; i < mask.Count; i++) n += GetLong(mask, mask.Layout.Offset + i);
        return n;
    }

    internal override void NonZero(Tensor mask, Tensor y)
    {
        long n = 0;
        for (long i = 0; i < mask.Count; i++)
        {
            if (GetLong(mask, mask.Layout.Offset + i) == 0) continue;
            long rest = i;
            for (int d = mask.Rank - 1; d >= 0; rest /= mask.Shape[d--]) SetLong(y, y.Layout.Offset + n * mask.Rank + d, rest % mask.Shape[d]);
            n++;
        }
    }

    // ---- order ----

    /// <summary>Calls <paramref name="body"/> with the values of each line along an axis, and where the line begins in the operands.</summary>
    static void Lines(Tensor x, int axis, Tensor values, Tensor indices, Action<double[], long[], long, long, long> body)
    {
        Select line = new(axis, 0);
        Layout lx = line.Transform(x.Layout), lv = line.Transform(values.Layout), li = line.Transform(indices.Layout);
        for (long k = 0; k < lx.Count; k++)
        {
            long from = At(lx, lx.Shape, k), n = x.Shape[axis];
            var v = new double[n];
            var w = new long[n];
            for (long i = 0; i < n; i++)
            {
                v[i] = Get(x, from + i * x.Strides[axis]).Real;
                w[i] = x.DType.IsDifferentiable ? 0 : GetLong(x, from + i * x.Strides[axis]);
            }
            body(v, w, from, At(lv, lx.Shape, k), At(li, lx.Shape, k));
        }
    }

    /// <summary>−1, 0 or 1; NaN is the largest. Whole numbers compare as such.</summary>
    static int Compare(double[] v, long[] w, long i, long j)
    {
        if (double.IsNaN(v[i]) || double.IsNaN(v[j])) return double.IsNaN(v[i]).CompareTo(double.IsNaN(v[j]));
        return v[i] != v[j] ? v[i].CompareTo(v[j]) : w[i].CompareTo(w[j]);
    }

    static long[] Ascending(double[] v, long[] w)
    {
        var order = new long[v.Length];
        for (int i = 0; i < order.Length; i++)
        {
            int j = i;
            for (; j > 0 && Compare(v, w, order[j - 1], i) > 0; j--) order[j] = order[j - 1];
            order[j] = i;
        }
        return order;
    }

    static long[] Descending(double[] v, long[] w)
    {
        var order = new long[v.Length];
        for (int i = 0; i < order.Length; i++)
        {
            int j = i;
            for (; j > 0 && Compare(v, w, order[j - 1], i) < 0; j--) order[j] = order[j - 1];
            order[j] = i;
        }
        return order;
    }

    internal override void Sort(Tensor x, int axis, bool descending, Tensor values, Tensor indices) =>
        Lines(x, axis, values, indices, (v, w, from, tv, ti) =>
        {
            long[] order = descending ? Descending(v, w) : Ascending(v, w);
            for (long i = 0; i < values.Shape[axis]; i++)
            {
                Move(x, from + order[i] * x.Strides[axis], values, tv + i * values.Strides[axis]);
                SetLong(indices, ti + i * indices.Strides[axis], order[i]);
            }
        });

    internal override void Pick(Tensor x, int axis, Rank rank, Tensor values, Tensor indices) =>
        Lines(x, axis, values, indices, (v, w, from, tv, ti) =>
        {
            long[] order = Ascending(v, w);
            int nans = v.Count(double.IsNaN);
            long at = rank.Kind switch
            {
                RankKind.Kth => order[rank.K - 1],
                RankKind.Median => nans > 0 ? Array.FindIndex(v, double.IsNaN) : order[(v.Length - 1) / 2],
                RankKind.NanMedian => nans == v.Length ? 0 : order[(v.Length - nans - 1) / 2],
                _ => order.Where((_, i) => i + 1 == order.Length || !Same(order[i], order[i + 1])).MaxBy(i => (order.Count(j => i == j || Same(i, j)), -Array.IndexOf(order, i))),
            };
            bool Same(long i, long j) => Compare(v, w, i, j) == 0 && !double.IsNaN(v[i]);
            Move(x, from + at * x.Strides[axis], values, tv);
            SetLong(indices, ti, at);
        });

    internal override void ArgExtreme(Tensor x, int axis, bool largest, Tensor values, Tensor indices) =>
        Lines(x, axis, values, indices, (v, w, from, tv, ti) =>
        {
            long at = Array.FindIndex(v, double.IsNaN);
            if (at < 0) at = (largest ? Descending(v, w) : Ascending(v, w))[0];
            Move(x, from + at * x.Strides[axis], values, tv);
            SetLong(indices, ti, at);
        });

    internal override void CumExtreme(Tensor x, int axis, bool largest, Tensor values, Tensor indices) =>
        Lines(x, axis, values, indices, (v, w, from, tv, ti) =>
        {
            long at = 0;
            for (long i = 0; i < v.Length; i++)
            {
                bool takes = double.IsNaN(v[i]) || !double.IsNaN(v[at]) && (largest ? Compare(v, w, i, at) >= 0 : Compare(v, w, i, at) <= 0);
                if (takes) at = i;
                Move(x, from + at * x.Strides[axis], values, tv + i * values.Strides[axis]);
                SetLong(indices, ti + i * indices.Strides[axis], at);
            }
        });

    internal override void SearchSorted(Tensor sequence, Tensor values, bool right, Tensor y)
    {
        long n = sequence.Shape[^1], last = values.Rank == 0 ? 1 : values.Shape[^1];
        for (long i = 0; i < y.Count; i++)
        {
            Complex v = Get(values, At(values.Layout, y.Shape, i));
            long first = sequence.Rank == 1 ? sequence.Layout.Offset : At(sequence.Layout, sequence.Shape, i / last * n), before = 0;
            while (before < n && Before(Get(sequence, first + before * sequence.Strides[^1]).Real, v.Real)) before++;
            SetLong(y, At(y.Layout, y.Shape, i), before);
        }

        bool Before(double s, double v) => right ? !(s > v) : !(s >= v);
    }
}
