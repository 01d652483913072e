using System.Numerics;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A type of the size of an element, where only its bits matter.</summary>
internal static class SizeDispatch
{
    public static void Visit<TVisitor>(int size, ref TVisitor v) where TVisitor : IElementVisitor, allows ref struct
    {
        switch (size)
        {
            case 1: v.Visit<byte>(); break;
            case 2: v.Visit<short>(); break;
            case 4: v.Visit<int>(); break;
            case 8: v.Visit<long>(); break;
            default: v.Visit<Complex>(); break;
        }
    }
}

internal sealed unsafe partial class CpuBackend
{
    // ---- bounds ----

    internal override long? FindOutside(Tensor index, long low, long high)
    {
        // Expanded axes repeat what was seen.
        long[] shape = index.Shape.ToArray();
        for (int d = 0; d < shape.Length; d++) if (index.Strides[d] == 0 && shape[d] > 1) shape[d] = 1;
        Layout l = new(new Dims(shape), index.Strides.ToArray(), index.Layout.Offset);
        if (l.Count == 0) return null;
        fixed (byte* p = index.Storage)
        {
            LoopNest nest = new(l.Shape, l);
            Outside body = new((long*)p + l.Offset, low, high);
            nest.Run(ref body, 0, l.Count);
            return body.Found;
        }
    }

    struct Outside(long* p, long low, long high) : INestBody
    {
        public long? Found;

        public void Invoke(long* offset, long* stride, long n)
        {
            long* x = p + offset[0];
            long i = 0, s = stride[0];
            ulong size = (ulong)(high - low);
            if (s == 1)
            {
                Vector<long> from = new(low);
                Vector<ulong> to = new(size);
                for (int w = Vector<long>.Count; i + w <= n; i += w)
                    if (Vector.GreaterThanOrEqualAny(Vector.AsVectorUInt64(Vector.Load(x + i) - from), to)) break;
            }
            for (; i < n; i++) if ((ulong)(x[i * s] - low) >= size) Found ??= x[i * s];
        }
    }

    // ---- gathering ----

    internal override void Gather(Tensor x, Tensor index, long stride, Tensor y)
    {
        if (y.Count == 0) return;
        GatherVisitor v = new(x, index, stride, y);
        SizeDispatch.Visit(y.DType.ItemSize, ref v);
    }

    readonly struct GatherVisitor(Tensor x, Tensor index, long step, Tensor y) : IElementVisitor
    {
        public void Visit<E>() where E : unmanaged
        {
            fixed (byte* px = x.Storage, pi = index.Storage, py = y.Storage)
            {
                LoopNest nest = new(y.Shape, y.Layout, x.Layout, index.Layout);
                if (nest.Rank == 2 && nest.Strides(0)[1] == 1 && nest.Strides(1)[1] == 1 && nest.Strides(2)[1] == 0 && nest.Strides(1)[0] == 0)
                {
                    RowGathers<E> rows = new((E*)px + x.Layout.Offset, (long*)pi + index.Layout.Offset, nest.Strides(2)[0], step, (E*)py + y.Layout.Offset, nest.Strides(0)[0], nest.Size[1]);
                    Threads.For(nest.Size[0], Math.Max(1, 65536 / (nest.Size[1] * sizeof(E))), rows);
                    return;
                }
                Gathers<E> body = new((E*)px + x.Layout.Offset, (long*)pi + index.Layout.Offset, step, (E*)py + y.Layout.Offset);
                nest.RunParallel(ref body, 8);
            }
        }
    }

    readonly struct Gathers<E>(E* x, long* index, long step, E* y) : INestBody where E : unmanaged
    {
        public void Invoke(long* offset, long* stride, long n)
        {
            E* to = y + offset[0], from = x + offset[1];
            long* at = index + offset[2];
            long sy = stride[0], sx = stride[1], si = stride[2];
            if (si == 0)                                                       // a row of its own
            {
                from += *at * step;
                if (sx == 1 && sy == 1) Buffer.MemoryCopy(from, to, n * sizeof(E), n * sizeof(E));
                else for (long i = 0; i < n; i++) to[i * sy] = from[i * sx];
            }
            else if (sy == 1 && si == 1 && sx == 0) for (long i = 0; i < n; i++) to[i] = from[at[i] * step];
            else for (long i = 0; i < n; i++) to[i * sy] = from[i * sx + at[i * si] * step];
        }
    }

    /// <summary>Contiguous rows, each at an index of its own.</summary>
    readonly struct RowGathers<E>(E* x, long* index, long si, long step, E* y, long sy, long width) : IRangeBody where E : unmanaged
    {
        public void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++)
            {
                E* from = x + index[i * si] * step, to = y + i * sy;
                if (width * sizeof(E) > 64) Buffer.MemoryCopy(from, to, width * sizeof(E), width * sizeof(E));
                else for (long k = 0; k < width; k++) to[k] = from[k];
            }
        }
    }

    // ---- scattering ----

    internal override void Scatter<TOp>(TOp op, Tensor y, Tensor index, long stride, Tensor x, int axis)
    {
        if (x.Count == 0) return;
        ScatterVisitor<TOp> v = new(y, index, stride, x, axis);
        if (typeof(TOp) == typeof(LastOp)) SizeDispatch.Visit(y.DType.ItemSize, ref v);
        else ElementDispatch.Visit(y.DType, ref v);
    }

    readonly struct ScatterVisitor<TOp>(Tensor y, Tensor index, long step, Tensor x, int axis) : IElementVisitor where TOp : struct, IReduceOp
    {
        public void Visit<E>() where E : unmanaged
        {
            fixed (byte* px = x.Storage, pi = index.Storage, py = y.Storage)
            {
                Select line = new(axis, 0);
                Layout ly = line.Transform(y.Layout), lx = line.Transform(x.Layout), li = line.Transform(index.Layout);
                LoopNest nest = new(lx.Shape, ly, lx, li);
                long n = x.Shape[axis];
                Scatters<TOp, E> body = new((E*)py + y.Layout.Offset, (E*)px + x.Layout.Offset, (long*)pi + index.Layout.Offset, n, step, x.Strides[axis], index.Strides[axis]);
                // Threads share out what never meets. Rows are cut no finer than some cache lines.
                bool rows = nest.Strides(2)[nest.Rank - 1] == 0;
                nest.RunInRanges(ref body, Math.Max(rows ? 64 : 1, 16384 / Math.Max(1, n)));
            }
        }
    }

    readonly struct Scatters<TOp, E>(E* y, E* x, long* index, long n, long step, long sx, long si) : INestBody where TOp : struct, IReduceOp where E : unmanaged
    {
        public void Invoke(long* offset, long* stride, long count)
        {
            E* to = y + offset[0], from = x + offset[1];
            long* at = index + offset[2];
            long ty = stride[0], tx = stride[1], ti = stride[2];
            if (ti == 0 && count > 1)
                for (long l = 0; l < n; l++) Combined<TOp>.Row(to + at[l * si] * step, ty, from + l * sx, tx, count);
            else if (Math.Abs(sx) <= Math.Abs(tx) || count == 1)
                for (long k = 0; k < count; k++, to += ty, from += tx, at += ti)
                {
                    if (sx == 1 && si == 1) for (long l = 0; l < n; l++) Meet(to + at[l] * step, from[l]);
                    else for (long l = 0; l < n; l++) Meet(to + at[l * si] * step, from[l * sx]);
                }
            else
                for (long l = 0; l < n; l++)
                    for (long k = 0; k < count; k++) Meet(to + k * ty + at[k * ti + l * si] * step, from[k * tx + l * sx]);
        }

        static void Meet(E* to, E from) => *to = Combined<TOp>.Of(*to, from);
    }

    // ---- what is not zero ----

    const int MaskPiece = 1 << 16;

    internal override long CountTrue(Tensor mask)
    {
        long total = 0;
        foreach (long n in CountPieces(mask)) total += n;
        return total;
    }

    static long[] CountPieces(Tensor mask)
    {
        var counts = new long[(mask.Count + MaskPiece - 1) / MaskPiece];
        fixed (byte* p = mask.Storage)
        fixed (long* c = counts) Threads.For(counts.Length, 4, new Counts(p + mask.Layout.Offset, mask.Count, c));
        return counts;
    }

    readonly struct Counts(byte* p, long n, long* counts) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            for (long k = begin; k < end; k++)
                counts[k] = MemoryExtensions.Count(new ReadOnlySpan<byte>(p + k * MaskPiece, (int)Math.Min(MaskPiece, n - k * MaskPiece)), (byte)1);
        }
    }

    internal override void NonZero(Tensor mask, Tensor y)
    {
        if (y.Count == 0) return;
        long[] starts = CountPieces(mask);
        long sum = 0;
        for (int k = 0; k < starts.Length; k++) (starts[k], sum) = (sum, sum + starts[k]);
        fixed (byte* p = mask.Storage, py = y.Storage)
        fixed (long* s = starts) Threads.For(starts.Length, 4, new Coordinates(p + mask.Layout.Offset, mask, s, (long*)py + y.Layout.Offset));
    }

    readonly struct Coordinates(byte* p, Tensor mask, long* starts, long* y) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            ReadOnlySpan<long> shape = mask.Shape.Span;
            int rank = shape.Length;
            for (long k = begin; k < end; k++)
            {
                long* to = y + starts[k] * rank;
                long first = k * MaskPiece, last = Math.Min(first + MaskPiece, mask.Count), rowStart = 0, rowEnd = 0;
                for (long i = first; i < last; i++)
                {
                    int skip = new ReadOnlySpan<byte>(p + i, (int)(last - i)).IndexOf((byte)1);
                    if (skip < 0) break;
                    i += skip;
                    if (i < rowEnd) for (int d = 0; d < rank - 1; d++) to[d] = to[d - rank];
                    else
                    {
                        rowStart = i / shape[^1] * shape[^1];
                        rowEnd = rowStart + shape[^1];
                        long row = rowStart / shape[^1];
                        for (int d = rank - 2; d >= 0; row /= shape[d--]) to[d] = row % shape[d];
                    }
                    to[rank - 1] = i - rowStart;
                    to += rank;
                }
            }
        }
    }
}
