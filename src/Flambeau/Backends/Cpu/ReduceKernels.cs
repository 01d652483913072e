using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Backends.Reference;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// A result's elements are reduced in pieces of this many, whose partial results combine in order: the partition depends on the
    /// shape alone, so neither do the bits depend on the number of threads, nor does rounding error grow with the length.
    /// </summary>
    const long Piece = 1 << 15;

    internal override void Reduce<TOp>(TOp op, Tensor x, Axes axes, Tensor y)
    {
        if (y.Count == 0) return;
        if (x.Count == 0) { Fill(y, TOp.Identity); return; }
        using Tensor t = Tensor.Empty(new TensorSpec(y.Shape, y.DType));       // row by row, whatever y is
        fixed (byte* px = x.Storage, pt = t.Storage)
        {
            byte* from = px + x.Layout.Offset * x.DType.ItemSize;
            if (x.DType is >= DType.Float16 and <= DType.Float64)
            {
                FloatReduce<TOp> v = new(x.Layout, axes, from, pt);
                LaneDispatch.Visit(x.DType, ref v);
            }
            else
            {
                ScalarReduce<TOp> v = new(x.Layout, axes, from, pt);
                ElementDispatch.Visit(x.DType, ref v);
            }
        }
        Copy(t, y);
    }

    /// <summary>The axes of x in two nests: those that stay and those that are reduced.</summary>
    static (Layout Kept, Layout Reduced) Split(Layout x, Axes axes)
    {
        List<long> ks = [], kt = [], rs = [], rt = [];
        for (int d = 0; d < x.Rank; d++)
        {
            (axes.Has(d) ? rs : ks).Add(x.Shape[d]);
            (axes.Has(d) ? rt : kt).Add(x.Strides[d]);
        }
        return (new(ks.ToArray(), [.. kt], 0), new(rs.ToArray(), [.. rt], 0));
    }

    readonly ref struct FloatReduce<TOp>(Layout x, Axes axes, byte* from, byte* to) : ILaneVisitor where TOp : struct, IReduceOp
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            (Layout kept, Layout reduced) = Split(x, axes);
            Layout rows = Layout.Contiguous(kept.Shape);
            LoopNest outer = new(kept.Shape, rows, kept), inner = new(reduced.Shape, reduced);
            long pieces = (reduced.Count + Piece - 1) / Piece;
            // Where neighbours in memory stay apart, a lane reduces several results at once.
            int last = outer.Rank - 1;
            bool columns = outer.Strides(1)[last] == 1 && outer.Size[last] > 1 && inner.Strides(0)[inner.Rank - 1] != 1;
            int width = columns ? 4 * L.Count : 1;
            long across = columns ? (outer.Size[last] + width - 1) / width : outer.Size[last];
            long items = kept.Count / outer.Size[last] * across;
            if (pieces == 1)
            {
                Threads.For(items, Math.Max(1, 32768 / (reduced.Count * width)), new ReduceItems<TOp, L, C>(&outer, &inner, from, to, null, reduced.Count, 1, columns, across));
                return;
            }
            double[] partial = GC.AllocateUninitializedArray<double>(checked((int)(kept.Count * pieces)));
            fixed (double* pp = partial)
            {
                Threads.For(items * pieces, 1, new ReduceItems<TOp, L, C>(&outer, &inner, from, to, pp, reduced.Count, pieces, columns, across));
                byte* lane = stackalloc byte[64];
                for (long k = 0; k < kept.Count; k++)
                {
                    Ref r = new(pp[k * pieces]);
                    for (long i = 1; i < pieces; i++) r = TOp.Real(r, new Ref(pp[k * pieces + i]));
                    StoreOne<L, C>(r.Value, to + k * C.Size, lane);
                }
            }
        }
    }

    static void StoreOne<L, C>(double value, byte* to, byte* lane) where L : struct, ILane<L> where C : struct, ICodec<L>
    {
        if (C.Size == 8) *(double*)to = value;
        else if (typeof(C) == typeof(Direct<L>)) *(float*)to = (float)value;
        else
        {
            C.Store(L.Const(value), lane);
            *(short*)to = *(short*)lane;
        }
    }

    /// <summary>Items are (piece of the reduced elements) × (result, or stretch of neighbouring results).</summary>
    readonly struct ReduceItems<TOp, L, C>(LoopNest* outer, LoopNest* inner, byte* from, byte* to, double* partial, long count, long pieces, bool columns, long across)
        : IRangeBody where TOp : struct, IReduceOp where L : struct, ILane<L> where C : struct, ICodec<L>
    {
        [SkipLocalsInit]
        public void Run(long begin, long end)
        {
            byte* lane = stackalloc byte[64];
            double* totals = stackalloc double[64];
            int last = outer->Rank - 1;
            long row = outer->Size[last];
            for (long item = begin; item < end; item++)
            {
                long piece = item % pieces, place = item / pieces, along = place % across, rest = place / across;
                long y = rest * row, x = 0;
                for (int d = last - 1; d >= 0; d--)
                {
                    x += rest % outer->Size[d] * outer->Strides(1)[d];
                    rest /= outer->Size[d];
                }
                long lo = piece * Piece, hi = Math.Min(count, lo + Piece);
                if (columns)
                {
                    long first = along * 4 * L.Count;
                    int n = (int)Math.Min(4 * L.Count, row - first);
                    Columns<TOp, L, C> body = new(from + (x + first) * C.Size, totals, n);
                    inner->Run(ref body, lo, hi);
                    body.Flush();
                    for (int i = 0; i < n; i++) Put(y + first + i, piece, totals[i], lane);
                }
                else
                {
                    Rows<TOp, L, C> body = new(from + (x + along * outer->Strides(1)[last]) * C.Size);
                    inner->Run(ref body, lo, hi);
                    Put(y + along, piece, body.Result, lane);
                }
            }
        }

        void Put(long result, long piece, double value, byte* lane)
        {
            if (partial != null) partial[result * pieces + piece] = value;
            else StoreOne<L, C>(value, to + result * C.Size, lane);
        }
    }

    /// <summary>One result: four accumulators hide the latency of the addition. Each takes 64 numbers (16 where elements are gathered one by one) before it
    /// goes into the total, however wide the lanes.</summary>
    struct Rows<TOp, L, C> : INestBody where TOp : struct, IReduceOp where L : struct, ILane<L> where C : struct, ICodec<L>
    {
        readonly byte* _from;
        Ref _total = new(TOp.Identity);

        public Rows(byte* from) => _from = from;

        public readonly double Result => _total.Value;

        [SkipLocalsInit]
        public void Invoke(long* offset, long* stride, long n)
        {
            byte* p = _from + offset[0] * C.Size;
            long s = stride[0];
            int w = L.Count;
            byte* buffer = stackalloc byte[64];
            while (n > 0)
            {
                long m = Math.Min(n, s == 1 ? 256 * w : 16 * w), i = 0;
                L a = L.Const(TOp.Identity);
                if (s == 1)
                {
                    L b = a, c = a, d = a;
                    for (; i + 4 * w <= m; i += 4 * w)
                    {
                        a = TOp.Real(a, C.Load(p + i * C.Size));
                        b = TOp.Real(b, C.Load(p + (i + w) * C.Size));
                        c = TOp.Real(c, C.Load(p + (i + 2 * w) * C.Size));
                        d = TOp.Real(d, C.Load(p + (i + 3 * w) * C.Size));
                    }
                    for (; i + w <= m; i += w) a = TOp.Real(a, C.Load(p + i * C.Size));
                    a = TOp.Real(TOp.Real(a, b), TOp.Real(c, d));
                }
                else
                    for (; i + w <= m; i += w)
                    {
                        for (int k = 0; k < w; k++) CopyOne<C, L>(p + (i + k) * s * C.Size, buffer + k * C.Size);
                        a = TOp.Real(a, C.Load(buffer));
                    }
                if (m >= w)
                {
                    L.Store(a, buffer);
                    for (int k = 0; k < w; k++) Add(L.IsDouble ? ((double*)buffer)[k] : ((float*)buffer)[k]);
                }
                for (; i < m; i++)
                {
                    CopyOne<C, L>(p + i * s * C.Size, buffer);
                    if (C.Size == 8) Add(*(double*)buffer);
                    else if (typeof(C) == typeof(Direct<L>)) Add(*(float*)buffer);
                    else Add(typeof(C) == typeof(Halves<L>) ? (double)*(Half*)buffer : *(BFloat16*)buffer);
                }
                p += m * s * C.Size;
                n -= m;
            }
        }

        void Add(double v) => _total = TOp.Real(_total, new Ref(v));
    }

    static void CopyOne<C, L>(byte* from, byte* to) where C : struct, ICodec<L> where L : struct, ILane<L>
    {
        if (C.Size == 4) *(int*)to = *(int*)from;
        else if (C.Size == 8) *(long*)to = *(long*)from;
        else *(short*)to = *(short*)from;
    }

    /// <summary>Up to four lanes of neighbouring results at once; every 128 rows they go into the totals.</summary>
    struct Columns<TOp, L, C> : INestBody where TOp : struct, IReduceOp where L : struct, ILane<L> where C : struct, ICodec<L>
    {
        readonly byte* _from;
        readonly double* _totals;
        readonly int _n;
        L _a, _b, _c, _d;
        int _rows;

        public Columns(byte* from, double* totals, int n)
        {
            _from = from;
            _totals = totals;
            _n = n;
            for (int i = 0; i < n; i++) totals[i] = TOp.Identity;
            _a = _b = _c = _d = L.Const(TOp.Identity);
        }

        [SkipLocalsInit]
        public void Invoke(long* offset, long* stride, long n)
        {
            int w = L.Count;
            byte* buffer = stackalloc byte[4 * 64];
            byte* p = _from + offset[0] * C.Size;
            long step = stride[0] * C.Size;
            while (n > 0)
            {
                long m = Math.Min(n, 128 - _rows);
                L a = _a, b = _b, c = _c, d = _d;
                if (_n == 4 * w)
                    for (long i = 0; i < m; i++, p += step)
                    {
                        a = TOp.Real(a, C.Load(p));
                        b = TOp.Real(b, C.Load(p + w * C.Size));
                        c = TOp.Real(c, C.Load(p + 2 * w * C.Size));
                        d = TOp.Real(d, C.Load(p + 3 * w * C.Size));
                    }
                else
                    for (long i = 0; i < m; i++, p += step)
                    {
                        Buffer.MemoryCopy(p, buffer, 256, _n * C.Size);
                        a = TOp.Real(a, C.Load(buffer));
                        if (_n > w) b = TOp.Real(b, C.Load(buffer + w * C.Size));
                        if (_n > 2 * w) c = TOp.Real(c, C.Load(buffer + 2 * w * C.Size));
                        if (_n > 3 * w) d = TOp.Real(d, C.Load(buffer + 3 * w * C.Size));
                    }
                (_a, _b, _c, _d) = (a, b, c, d);
                n -= m;
                if ((_rows += (int)m) == 128) Flush();
            }
        }

        [SkipLocalsInit]
        public void Flush()
        {
            int w = L.Count;
            byte* t = stackalloc byte[4 * 64];
            int size = L.IsDouble ? 8 : 4;
            L.Store(_a, t);
            L.Store(_b, t + w * size);
            L.Store(_c, t + 2 * w * size);
            L.Store(_d, t + 3 * w * size);
            for (int i = 0; i < _n; i++) _totals[i] = TOp.Real(new Ref(_totals[i]), new Ref(L.IsDouble ? ((double*)t)[i] : ((float*)t)[i])).Value;
            _a = _b = _c = _d = L.Const(TOp.Identity);
            _rows = 0;
        }
    }

    readonly ref struct ScalarReduce<TOp>(Layout x, Axes axes, byte* from, byte* to) : IElementVisitor where TOp : struct, IReduceOp
    {
        public void Visit<E>() where E : unmanaged
        {
            (Layout kept, Layout reduced) = Split(x, axes);
            LoopNest inner = new(reduced.Shape, reduced);
            LoopNest outer = new(kept.Shape, Layout.Contiguous(kept.Shape), kept);
            ScalarOuter<TOp, E> body = new(&inner, (E*)from, (E*)to, reduced.Count);
            outer.Run(ref body, 0, kept.Count);
        }
    }

    struct ScalarOuter<TOp, E>(LoopNest* inner, E* from, E* to, long count) : INestBody where TOp : struct, IReduceOp where E : unmanaged
    {
        public readonly void Invoke(long* offset, long* stride, long n)
        {
            for (long i = 0; i < n; i++)
            {
                E* p = from + offset[1] + i * stride[1];
                ScalarInner<TOp, E> body = new(p, *p);
                inner->Run(ref body, 1, count);                                // from the first element on: integers have no infinities to begin with
                to[offset[0] + i * stride[0]] = body.Total;
            }
        }
    }

    struct ScalarInner<TOp, E>(E* from, E first) : INestBody where TOp : struct, IReduceOp where E : unmanaged
    {
        public E Total = first;

        public void Invoke(long* offset, long* stride, long n)
        {
            E* p = from + offset[0];
            for (long i = 0; i < n; i++) Total = Combined<TOp>.Of(Total, p[i * stride[0]]);
        }
    }
}
