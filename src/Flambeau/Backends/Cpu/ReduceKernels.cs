using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// Few results are reduced in pieces of about this many elements, whose partial results combine in a fixed order: the partition depends on the
    /// shape alone, so the bits do not depend on the number of threads.
    /// </summary>
    const long Piece = 1 << 15;

    internal override void Reduce<TFn, TOp>(TFn fn, TOp op, Args x, Axes axes, Tensor y)
    {
        if (y.Count == 0) return;
        Tensor a = x[0], b = x[^1];
        Dims shape = ReferenceEquals(a, b) ? a.Shape : Shapes.Broadcast("reduce", a.Shape, b.Shape);
        if (shape.Count == 0) { Fill(y, TOp.Identity); return; }
        fixed (byte* pa = a.Storage, pb = b.Storage, py = y.Storage)
            if (a.DType is >= DType.Float16 and <= DType.Float64)
            {
                LaneReduce<TFn, TOp> v = new(fn, shape, a.Layout, b.Layout, y.Layout, Start(pa, a), Start(pb, b), Start(py, y));
                LaneDispatch.Visit(a.DType, ref v);
            }
            else if (!a.DType.IsComplex) ReduceWholes<TOp>(a, y);
            else
            {
                ScalarReduce<TOp> v = new(a.Layout, y.Layout, axes, Start(pa, a), Start(py, y));
                ElementDispatch.Visit(a.DType, ref v);
            }
    }

    /// <summary>
    /// The loops of a reduction, in the order in which the first input lies in memory. The innermost axis is either reduced, in lanes along it, or
    /// stays, and lanes hold neighbouring results. Results of the innermost axis that stays are computed in blocks.
    /// </summary>
    struct Reduction
    {
        public LoopNest Kept, Reduced;                                          // of a, b, y; without the innermost axis and that of the blocks
        public byte* A, B, Y;
        public double* Partial;                                                 // [piece][result], where there are several pieces
        public long Run, RunA, RunB;                                            // the innermost axis, where it is reduced; else 1, 0, 0
        public long Across, AcrossA, AcrossB, AcrossY;                          // the axis of the blocks
        public bool Columns;                                                    // whether it is the innermost axis
        public long Block, Blocks, Pieces, PieceSize, Steps;                    // a piece is so many steps of Reduced, or of the run where that is all

        public Reduction(Dims shape, Layout a, Layout b, Layout y)
        {
            LoopNest all = new(shape, a, b, y);
            int last = all.Rank - 1;
            Columns = all.Strides(2)[last] != 0;
            int block = last;
            while (block >= 0 && all.Strides(2)[block] == 0) block--;
            (Run, Across) = (1, 1);
            if (!Columns) (Run, RunA, RunB) = (all.Size[last], all.Strides(0)[last], all.Strides(1)[last]);
            if (block >= 0) (Across, AcrossA, AcrossB, AcrossY) = (all.Size[block], all.Strides(0)[block], all.Strides(1)[block], all.Strides(2)[block]);
            (Kept.Operands, Reduced.Operands) = (3, 3);
            for (int d = 0; d <= last; d++)
                if (d != block && (Columns || d != last)) Append(ref all.Strides(2)[d] == 0 ? ref Reduced : ref Kept, ref all, d);
            if (Kept.Rank == 0) Kept.Size[Kept.Rank++] = 1;
            if (Reduced.Rank == 0) Reduced.Size[Reduced.Rank++] = 1;

            long kept = Kept.Count, reduced = Reduced.Count;
            Steps = PieceSize = reduced;
            if (!Columns && reduced == 1)
            {
                Steps = Run;
                Block = Math.Clamp(Piece / Run, 1, Across);
                PieceSize = kept * Across < 64 ? Math.Max(Piece, (Run / 1024 + 63) / 64 * 64) : Run;
            }
            else
            {
                Block = Math.Min(Across, Columns ? 4096 : 128);
                long most = reduced < 64 || kept * ((Across + 1023) / 1024) >= 16 ? 1 : 16;
                long pieces = Math.Clamp(kept * Across * reduced * Run / (4 * Piece), 1, most);
                PieceSize = ((reduced + pieces - 1) / pieces + 15) / 16 * 16;
            }
            Blocks = (Across + Block - 1) / Block;
            Pieces = (Steps + PieceSize - 1) / PieceSize;
        }

        static void Append(ref LoopNest to, ref LoopNest from, int d)
        {
            to.Size[to.Rank] = from.Size[d];
            for (int o = 0; o < 3; o++) to.Strides(o)[to.Rank] = from.Strides(o)[d];
            to.Rank++;
        }

        public readonly long Items => Kept.Count * Blocks * Pieces;

        public readonly long Results => Kept.Count * Across;

        /// <summary>About how many elements an item reads.</summary>
        public readonly long Work => Math.Max(1, Block * PieceSize * (Steps == Run ? 1 : Run));
    }

    readonly ref struct LaneReduce<TFn, TOp>(TFn fn, Dims shape, Layout a, Layout b, Layout y, byte* pa, byte* pb, byte* py) : ILaneVisitor
        where TFn : struct, IFn where TOp : struct, IReduceOp
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            Reduction all = new(shape, a, b, y) { A = pa, B = pb, Y = py };
            long grain = Math.Max(1, Piece / all.Work), results = all.Results;
            if (all.Pieces == 1)
            {
                Threads.For(all.Items, grain, new ReduceItems<TFn, TOp, L, C>(fn, &all));
                return;
            }
            // Less than 64 pieces are never taken apart again.
            double* total = Scratch.Get<double>(Scratch.Use.Partial, (all.Pieces + 1) * results), partial = total + results;
            all.Partial = partial;
            Threads.For(all.Items, grain, new ReduceItems<TFn, TOp, L, C>(fn, &all));
            Dims pieces = new([all.Pieces, results]), one = new([1, results]);
            LaneReduce<Itself, TOp> v = new(default, pieces, Layout.Contiguous(pieces), Layout.Contiguous(pieces), Layout.Contiguous(one), (byte*)partial, (byte*)partial, (byte*)total);
            LaneDispatch.Visit(DType.Float64, ref v);
            for (long k = 0; k < all.Kept.Count; k++)
            {
                long to = Locate(&all.Kept, k).Y;
                for (long i = 0; i < all.Across; i++) StoreOne<L, C>(total[k * all.Across + i], py + (to + i * all.AcrossY) * C.Size);
            }
        }
    }

    static (long A, long B, long Y) Locate(LoopNest* nest, long index)
    {
        long a = 0, b = 0, y = 0;
        for (int d = nest->Rank - 1; d >= 0; d--)
        {
            long size = nest->Size[d], i = d == 0 ? index : index % size;
            if (d > 0) index /= size;
            a += i * nest->Strides(0)[d];
            b += i * nest->Strides(1)[d];
            y += i * nest->Strides(2)[d];
        }
        return (a, b, y);
    }

    [SkipLocalsInit]
    static void StoreOne<L, C>(double value, byte* to) where L : struct, ILane<L> where C : struct, ICodec<L>
    {
        if (C.Size == 8) *(double*)to = value;
        else if (typeof(C) == typeof(Direct<L>)) *(float*)to = (float)value;
        else
        {
            byte* lane = stackalloc byte[64];
            C.Store(L.Const(value), lane);
            *(short*)to = *(short*)lane;
        }
    }

    /// <summary>Items are (results outside of the blocks) × (pieces) × (blocks).</summary>
    readonly struct ReduceItems<TFn, TOp, L, C>(TFn fn, Reduction* all) : IRangeBody
        where TFn : struct, IFn where TOp : struct, IReduceOp where L : struct, ILane<L> where C : struct, ICodec<L>
    {
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            // A total and a number in a lane for each column, or for each lane of a row's result.
            int room = all->Columns ? (int)Partition.RoundUp(all->Block, L.Count) + L.Count : (int)all->Block * L.Count;
            double* space = stackalloc double[2 * room + 8], totals = Scratch.Aligned(space);
            byte* lanes = (byte*)(totals + room);
            for (long item = begin; item < end; item++)
            {
                long block = item % all->Blocks, rest = item / all->Blocks, piece = rest % all->Pieces, outer = rest / all->Pieces;
                (long a, long b, long y) = Locate(&all->Kept, outer);
                long first = block * all->Block, lo = piece * all->PieceSize, hi = Math.Min(all->Steps, lo + all->PieceSize);
                int n = (int)Math.Min(all->Block, all->Across - first);
                Results to = new(all, outer * all->Across + first, y + first * all->AcrossY, piece);
                byte* pa = all->A + (a + first * all->AcrossA) * C.Size, pb = all->B + (b + first * all->AcrossB) * C.Size;
                if (all->Columns) Columns(pa, pb, lo, hi, n, totals, lanes, to);
                else if (all->Reduced.Rank == 1 && all->Reduced.Size[0] == 1) Runs(pa, pb, lo, hi, n, to);
                else Rows(pa, pb, lo, hi, n, totals, lanes, to);
            }
        }

        /// <summary>A result is one run.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Runs(byte* a, byte* b, long lo, long hi, int n, Results to)
        {
            long sa = all->RunA, sb = TFn.Arity > 1 ? all->RunB : 1, stepA = all->AcrossA * C.Size, stepB = all->AcrossB * C.Size;
            a += lo * sa * C.Size;
            b += lo * sb * C.Size;
            for (int k = 0; k < n; k++) to.Put(k, ReduceLanes<TFn, TOp, L, C>.Run(fn, a + k * stepA, sa, b + k * stepB, sb, hi - lo));
        }

        /// <summary>A result is several runs: those of all results of the block, one after another, lie near each other.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Rows(byte* a, byte* b, long lo, long hi, int n, double* totals, byte* lanes, Results to)
        {
            long run = all->Run, sa = all->RunA, sb = TFn.Arity > 1 ? all->RunB : 1, stepA = all->AcrossA * C.Size, stepB = all->AcrossB * C.Size;
            ReduceLanes<TFn, TOp, L, C>.Clear(totals, n * L.Count);
            bool isShort = ReduceLanes<TFn, TOp, L, C>.IsShort(sa, sb, run);
            for (long r = lo; r < hi; r++)
            {
                (long da, long db, _) = Locate(&all->Reduced, r);
                if (isShort)
                {
                    ReduceLanes<TFn, TOp, L, C>.RunsInto(fn, a + da * C.Size, stepA, b + db * C.Size, stepB, n, run, lanes, (r - lo) % ReduceLanes<TFn, TOp, L, C>.Runs == 0);
                    if (r + 1 == hi || (r + 1 - lo) % ReduceLanes<TFn, TOp, L, C>.Runs == 0) ReduceLanes<TFn, TOp, L, C>.Widen(lanes, totals, n * L.Count);
                    continue;
                }
                for (int k = 0; k < n; k++)
                    ReduceLanes<TFn, TOp, L, C>.RunInto(fn, a + da * C.Size + k * stepA, sa, b + db * C.Size + k * stepB, sb, run, totals + k * L.Count);
            }
            for (int k = 0; k < n; k++) to.Put(k, ReduceLanes<TFn, TOp, L, C>.Fold(totals + k * L.Count));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Columns(byte* a, byte* b, long lo, long hi, int n, double* totals, byte* lanes, Results to)
        {
            int last = all->Reduced.Rank - 1;
            long inner = all->Reduced.Size[last], stepA = all->Reduced.Strides(0)[last] * C.Size, stepB = all->Reduced.Strides(1)[last] * C.Size;
            long sa = all->AcrossA, sb = TFn.Arity > 1 ? all->AcrossB : 1;
            bool direct = ReduceLanes<TFn, TOp, L, C>.IsDirect(sa, sb, n);
            int most = direct ? n : ReduceLanes<TFn, TOp, L, C>.Gathered;
            for (int c = 0; c < n; c += most)
            {
                int width = Math.Min(most, n - c);
                ReduceLanes<TFn, TOp, L, C>.Clear(totals, width + L.Count);
                for (long r = lo; r < hi;)
                {
                    long m = Math.Min(hi - r, inner - r % inner);
                    (long da, long db, _) = Locate(&all->Reduced, r);
                    ReduceLanes<TFn, TOp, L, C>.Columns(fn, a + (da + c * sa) * C.Size, stepA, sa, b + (db + c * sb) * C.Size, stepB, sb, m, width, totals, lanes);
                    r += m;
                }
                if (direct && all->AcrossY == 1) to.PutLanes(totals, width);
                else for (int k = 0; k < width; k++) to.Put(c + k, totals[ReduceLanes<TFn, TOp, L, C>.Column(k, width, direct)]);
            }
        }

        /// <summary>Where the results of an item go.</summary>
        readonly struct Results(Reduction* all, long result, long y, long piece)
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public void Put(long k, double value)
            {
                if (all->Pieces == 1) StoreOne<L, C>(value, all->Y + (y + k * all->AcrossY) * C.Size);
                else all->Partial[piece * (all->Kept.Count * all->Across) + result + k] = value;
            }

            /// <summary>Results that lie side by side, of totals of whole lanes; the last lane ends where the results do.</summary>
            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public void PutLanes(double* totals, int n)
            {
                double* partial = all->Partial + piece * (all->Kept.Count * all->Across) + result;
                for (int k = 0; k < n; k += L.Count)
                {
                    int at = Math.Min(k, n - L.Count);
                    if (all->Pieces == 1) C.Store(L.Narrow(totals + k), all->Y + (y + at) * C.Size);
                    else for (int i = 0; i < L.Count; i++) partial[at + i] = totals[k + i];
                }
            }
        }
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

    readonly ref struct ScalarReduce<TOp>(Layout x, Layout y, Axes axes, byte* from, byte* to) : IElementVisitor where TOp : struct, IReduceOp
    {
        public void Visit<E>() where E : unmanaged
        {
            (Layout kept, Layout reduced) = Split(x, axes);
            LoopNest inner = new(reduced.Shape, reduced);
            LoopNest outer = new(kept.Shape, Split(y, axes).Kept, kept);
            ScalarOuter<TOp, E> body = new(&inner, (E*)from, (E*)to, reduced.Count);
            outer.RunInRanges(ref body, Math.Max(1, Piece / reduced.Count));
        }
    }

    readonly struct ScalarOuter<TOp, E>(LoopNest* inner, E* from, E* to, long count) : INestBody where TOp : struct, IReduceOp where E : unmanaged
    {
        public void Invoke(long* offset, long* stride, long n)
        {
            for (long i = 0; i < n; i++)
            {
                E* p = from + offset[1] + i * stride[1];
                ScalarInner<TOp, E> body = new(p, *p);
                inner->Run(ref body, 1, count);                                 // from the first element on: integers have no infinities to begin with
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
