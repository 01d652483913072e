using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
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
            long* at = (long*)p + l.Offset;
            bool any = false;
            AnyOutside all = new(at, low, (ulong)(high - low), &any);
            nest.RunParallel(ref all, 4);
            if (!any) return null;
            Outside body = new(at, low, high);
            nest.Run(ref body, 0, l.Count);
            return body.Found;
        }
    }

    readonly struct AnyOutside(long* p, long low, ulong size, bool* any) : INestBody
    {
        public void Invoke(long* offset, long* stride, long n)
        {
            if (!AreInside(p + offset[0], stride[0], low, size, n)) *any = true;
        }
    }

    /// <summary>Whether all of n indices lie in [low, low + size).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static bool AreInside(long* x, long stride, long low, ulong size, long n)
    {
        long i = 0;
        if (stride == 1)
        {
            Vector<long> from = new(low);
            Vector<ulong> to = new(size);
            int w = Vector<long>.Count;
            for (; i + 2 * w <= n; i += 2 * w)
                if (Vector.GreaterThanOrEqualAny(Vector.Max(Vector.AsVectorUInt64(Vector.Load(x + i) - from), Vector.AsVectorUInt64(Vector.Load(x + i + w) - from)), to)) return false;
        }
        for (; i < n; i++) if ((ulong)(x[i * stride] - low) >= size) return false;
        return true;
    }

    struct Outside(long* p, long low, long high) : INestBody
    {
        public long? Found;

        public void Invoke(long* offset, long* stride, long n)
        {
            long* x = p + offset[0];
            for (long i = 0; i < n && Found is null; i++) if (x[i * stride[0]] < low || x[i * stride[0]] >= high) Found = x[i * stride[0]];
        }
    }

    // ---- gathering ----

    internal override bool TryGather(Tensor x, Tensor index, long stride, long size, Tensor y)
    {
        if (y.Count == 0) return FindOutside(index, 0, size) is null;
        bool outside = false;
        GatherVisitor v = new(x, index, stride, (ulong)size, y, &outside);
        SizeDispatch.Visit(y.DType.ItemSize, ref v);
        return !outside;
    }

    readonly struct GatherVisitor(Tensor x, Tensor index, long step, ulong size, Tensor y, bool* outside) : IElementVisitor
    {
        public void Visit<E>() where E : unmanaged
        {
            fixed (byte* px = x.Storage, pi = index.Storage, py = y.Storage)
            {
                LoopNest nest = new(y.Shape, y.Layout, x.Layout, index.Layout);
                Gathers<E> body = new((E*)px + x.Layout.Offset, (long*)pi + index.Layout.Offset, step, size, (E*)py + y.Layout.Offset, outside, Streaming.Pays(y));
                if (nest.Rank == 2 && nest.Strides(0)[1] == 1 && nest.Strides(1)[1] == 1 && nest.Strides(2)[1] == 0 && nest.Strides(1)[0] == 0)
                    Threads.For(nest.Size[0], Math.Max(1, 65536 / (nest.Size[1] * sizeof(E))), new RowGathers<E>(body, nest.Strides(2)[0], nest.Strides(0)[0], nest.Size[1]));
                else nest.RunParallel(ref body, 8);
                Streaming.End();
            }
        }
    }

    readonly struct Gathers<E>(E* x, long* index, long step, ulong size, E* y, bool* outside, bool streams) : INestBody where E : unmanaged
    {
        public void Invoke(long* offset, long* stride, long n)
        {
            E* to = y + offset[0], from = x + offset[1];
            long* at = index + offset[2];
            long sy = stride[0], sx = stride[1], si = stride[2];
            if (si == 0)                                                       // a row of its own
            {
                if (sx == 1 && sy == 1) { Row(*at, from, to, n); return; }
                if (!IsInside(*at)) return;
                from += *at * step;
                for (long i = 0; i < n; i++) to[i * sy] = from[i * sx];
            }
            else if (sy == 1 && si == 1 && sx == 0)
            {
                if (!Line(from, at, step, size, to, n)) *outside = true;
            }
            else if (!AreInside(at, si, 0, size, n)) *outside = true;
            else for (long i = 0; i < n; i++) to[i * sy] = from[i * sx + at[i * si] * step];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        bool IsInside(long i)
        {
            if ((ulong)i < size) return true;
            *outside = true;
            return false;
        }

        /// <summary>
        /// Indices of a line, checked as they are read: a pass of its own, even in L1, takes a third of the time. A line of which most will be asked for is asked for
        /// in order first, which memory is quicker at (4096×1024 floats: 2.1 ms instead of 2.4).
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static bool Line(E* from, long* at, long step, ulong size, E* to, long n)
        {
            long i = 0;
            if (step == 1 && Sse.IsSupported && (long)size <= 2 * n && size * (ulong)sizeof(E) <= 1 << 14)
                for (byte* p = (byte*)from; p < from + size; p += 64) Sse.Prefetch0(p);
            for (; i + 4 <= n; i += 4)
            {
                long p = at[i], q = at[i + 1], r = at[i + 2], s = at[i + 3];
                if ((ulong)p >= size || (ulong)q >= size || (ulong)r >= size || (ulong)s >= size) return false;
                E a = from[p * step], b = from[q * step], c = from[r * step], d = from[s * step];
                (to[i], to[i + 1], to[i + 2], to[i + 3]) = (a, b, c, d);
            }
            for (; i < n; i++)
            {
                if ((ulong)at[i] >= size) return false;
                to[i] = from[at[i] * step];
            }
            return true;
        }

        /// <summary>A contiguous row.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Row(long at, E* from, E* to, long width)
        {
            if (!IsInside(at)) return;
            from += at * step;
            if (width * sizeof(E) > 64) Streaming.Copy((byte*)from, (byte*)to, width * sizeof(E), streams);
            else for (long k = 0; k < width; k++) to[k] = from[k];
        }

        /// <summary>Rows [begin, end), each at an index of its own.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Rows(long begin, long end, long si, long sy, long width)
        {
            for (long i = begin; i < end; i++) Row(index[i * si], x, y + i * sy, width);
        }
    }

    readonly struct RowGathers<E>(Gathers<E> body, long si, long sy, long width) : IRangeBody where E : unmanaged
    {
        public void Run(long begin, long end) => body.Rows(begin, end, si, sy, width);
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
            if (ti == 0 && count > 1 && (sx != 1 || tx == 1))
                for (long l = 0; l < n; l++) Combined<TOp>.Row(to + at[l * si] * step, ty, from + l * sx, tx, count);
            else if (Math.Abs(sx) <= Math.Abs(tx) || count == 1)
                for (long k = 0; k < count; k++, to += ty, from += tx, at += ti)
                {
                    if (si == 1) Line(to, at, step, from, sx, n);
                    else for (long l = 0; l < n; l++) Meet(to + at[l * si] * step, from[l * sx]);
                }
            else
                for (long l = 0; l < n; l++)
                    for (long k = 0; k < count; k++) Meet(to + k * ty + at[k * ti + l * si] * step, from[k * tx + l * sx]);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Line(E* to, long* at, long step, E* from, long sx, long n)
        {
            for (long l = 0; l < n; l++, from += sx) Meet(to + at[l] * step, *from);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Meet(E* to, E from) => *to = Combined<TOp>.Of(*to, from);
    }

    /// <summary>Lines: each is copied, met and written while it is in L1, and its indices are read once.</summary>
    internal override bool TryScatterLines<TOp>(TOp op, Tensor start, Tensor index, Tensor x, int axis, Tensor y)
    {
        long n = index.Shape[^1], size = y.Shape[^1];
        if (axis != y.Rank - 1 || size == 0 || index.Shape != x.Shape || index.Count / n != y.Count / size || size * y.DType.ItemSize > MaxLine) return false;
        if (!start.IsContiguous || !y.IsContiguous || Pitch(index) is not { } indexPitch || index.Strides[^1] != 1 && n > 1 || Pitch(x) is not { } pitch) return false;
        bool outside = false;
        ScatterLinesVisitor<TOp> v = new(start, index, indexPitch, x, pitch, y, n, size, &outside);
        if (typeof(TOp) == typeof(LastOp)) SizeDispatch.Visit(y.DType.ItemSize, ref v);
        else ElementDispatch.Visit(y.DType, ref v);
        return !outside;
    }

    /// <summary>How far lines along the last axis are apart, where that is one number.</summary>
    static long? Pitch(Tensor t)
    {
        if (t.IsContiguous) return t.Shape[^1];
        foreach (long s in t.Strides[..^1]) if (s != 0) return null;
        return 0;
    }

    /// <summary>Bytes of a line that is in a cache of its own before it is written.</summary>
    const long MaxLine = 1 << 18;

    readonly struct ScatterLinesVisitor<TOp>(Tensor start, Tensor index, long indexPitch, Tensor x, long pitch, Tensor y, long n, long size, bool* outside) : IElementVisitor where TOp : struct, IReduceOp
    {
        public void Visit<E>() where E : unmanaged
        {
            fixed (byte* ps = start.Storage, pi = index.Storage, px = x.Storage, py = y.Storage)
            {
                bool streams = Streaming.Pays(y);
                ScatterLines<TOp, E> body = new((E*)Start(ps, start), (long*)Start(pi, index), indexPitch, (E*)Start(px, x), pitch, x.Strides[^1], (E*)Start(py, y), n, size, streams, outside);
                Threads.For(y.Count / size, Math.Max(1, 16384 / (n + size)), body);
                if (streams) Streaming.End();
            }
        }
    }

    readonly struct ScatterLines<TOp, E>(E* start, long* index, long indexPitch, E* x, long pitch, long step, E* y, long n, long size, bool streams, bool* outside) : IRangeBody
        where TOp : struct, IReduceOp where E : unmanaged
    {
        public void Run(long begin, long end)
        {
            E* line = streams ? Scratch.Get<E>(Scratch.Use.Line, size) : null;
            for (long i = begin; i < end; i++)
            {
                E* to = streams ? line : y + i * size;
                Streaming.Copy((byte*)(start + i * size), (byte*)to, size * sizeof(E), false);
                if (!Line(to, index + i * indexPitch, x + i * pitch, step, n, (ulong)size))
                {
                    *outside = true;
                    return;
                }
                if (streams) Streaming.Copy((byte*)line, (byte*)(y + i * size), size * sizeof(E), true);
            }
        }

        // A store may change what lies at any address: what is read before all stores of a round is read once.
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        static bool Line(E* to, long* at, E* from, long step, long n, ulong size)
        {
            long i = 0;
            for (; i + 4 <= n; i += 4, from += 4 * step)
            {
                long p = at[i], q = at[i + 1], r = at[i + 2], s = at[i + 3];
                if ((ulong)p >= size || (ulong)q >= size || (ulong)r >= size || (ulong)s >= size) return false;
                E a = from[0], b = from[step], c = from[2 * step], d = from[3 * step];
                to[p] = Combined<TOp>.Of(to[p], a);
                to[q] = Combined<TOp>.Of(to[q], b);
                to[r] = Combined<TOp>.Of(to[r], c);
                to[s] = Combined<TOp>.Of(to[s], d);
            }
            for (; i < n; i++, from += step)
            {
                if ((ulong)at[i] >= size) return false;
                to[at[i]] = Combined<TOp>.Of(to[at[i]], *from);
            }
            return true;
        }
    }

    internal override void OneHot(Tensor index, Tensor y)
    {
        long classes = y.Shape[^1], block = Math.Max(1, 2048 / classes);
        bool streams = Streaming.Pays(y);
        fixed (byte* pi = index.Storage, py = y.Storage)
            Threads.For(index.Count, 16 * block, new OneHots((long*)Start(pi, index), classes, block, (long*)Start(py, y), streams));
        if (streams) Streaming.End();
    }

    /// <summary>Rows of zeros that stay in L1 are each time copied with other ones in them: 0.7 of the time of writing zeros and then ones where 3 MB are stored past the caches.</summary>
    readonly struct OneHots(long* index, long classes, long block, long* y, bool streams) : IRangeBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            long* zeros = Scratch.Get<long>(Scratch.Use.Line, block * classes);
            Cleared(zeros, block * classes);
            for (long first = begin; first < end; first += block)
            {
                long last = Math.Min(end, first + block);
                for (long i = first; i < last; i++) zeros[(i - first) * classes + index[i]] = 1;
                Streaming.Copy((byte*)zeros, (byte*)(y + first * classes), (last - first) * classes * 8, streams);
                for (long i = first; i < last; i++) zeros[(i - first) * classes + index[i]] = 0;
            }
        }
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

    /// <summary>Without a branch where elements are tried one by one: each writes its coordinates, and the next one over them unless it is true.</summary>
    readonly struct Coordinates(byte* p, Tensor mask, long* starts, long* y) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            ReadOnlySpan<long> shape = mask.Shape.Span;
            int rank = shape.Length;
            long columns = rank == 0 ? 1 : shape[^1];
            long* row = stackalloc long[Layout.MaxRank];
            for (long k = begin; k < end; k++)
            {
                long first = k * MaskPiece, last = Math.Min(first + MaskPiece, mask.Count);
                long* to = y + starts[k] * rank;
                for (long i = first, stop; i < last; i = stop)
                {
                    long number = i / columns, start = number * columns;
                    stop = Math.Min(last, start + columns);
                    for (int d = rank - 2; d >= 0; number /= shape[d--]) row[d] = number % shape[d];
                    if (rank == 1) to = Line(p + i, i, stop - i, to);
                    else to = Row(p + i, i - start, stop - i, row, rank, to);
                }
            }
        }

        /// <summary>Of n elements, as many as are true are written, and none after them.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static long* Line(byte* mask, long at, long n, long* to)
        {
            long i = 0, left = MemoryExtensions.Count(new ReadOnlySpan<byte>(mask, (int)n), (byte)1);
            while (left >= 8 && i + 8 <= n)
            {
                ulong eight = *(ulong*)(mask + i);
                if (eight != 0)
                    for (int k = 0; k < 64; k += 8, at++)
                    {
                        *to = at;
                        to += eight >> k & 1;
                    }
                else at += 8;
                left -= BitOperations.PopCount(eight);
                i += 8;
            }
            for (; left > 0; i++, at++)
            {
                if (mask[i] == 0) continue;
                *to++ = at;
                left--;
            }
            return to;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static long* Row(byte* mask, long at, long n, long* row, int rank, long* to)
        {
            long i = 0, left = MemoryExtensions.Count(new ReadOnlySpan<byte>(mask, (int)n), (byte)1);
            while (left >= 8 && i + 8 <= n)
            {
                ulong eight = *(ulong*)(mask + i);
                if (eight != 0)
                    for (int k = 0; k < 64; k += 8, at++)
                    {
                        for (int d = 0; d < rank - 1; d++) to[d] = row[d];
                        to[rank - 1] = at;
                        to += (long)(eight >> k & 1) * rank;
                    }
                else at += 8;
                left -= BitOperations.PopCount(eight);
                i += 8;
            }
            for (; left > 0; i++, at++)
            {
                if (mask[i] == 0) continue;
                for (int d = 0; d < rank - 1; d++) to[d] = row[d];
                to[rank - 1] = at;
                to += rank;
                left--;
            }
            return to;
        }
    }
}
