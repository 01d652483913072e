using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void MaxPool(Tensor x, Tensor y, Tensor? index, PoolAxes axes)
    {
        if (y.Count == 0) return;
        fixed (byte* px = x.Storage, py = y.Storage, pi = (index ?? y).Storage)
        {
            byte* from = px, to = py;
            if (index?.DType == DType.Int32) Run((int*)pi);
            else Run(index is null ? null : (long*)pi);

            void Run<I>(I* places) where I : unmanaged, IBinaryInteger<I>
            {
                MaxPoolVisitor<I> v = new(Start(from, x), to, places, axes, y.Count / axes.Output);
                if (x.DType.IsFloatingPoint && axes.Slide && axes.Input <= int.MaxValue) LaneDispatch.Visit(x.DType, ref v);
                else ElementDispatch.Visit(x.DType, ref v);
            }
        }
    }

    readonly struct MaxPoolVisitor<I>(byte* x, byte* y, I* index, PoolAxes a, long planes) : ILaneVisitor, IElementVisitor where I : unmanaged, IBinaryInteger<I>
    {
        const long BandBytes = 1 << 18;                                        // of results along the width: they stay in the second-level cache

        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            if (index == null)
            {
                Threads.For(planes * a.D.Output * a.H.Output, 1 + 16384 / (a.D.Kernel * a.H.Kernel * a.W.Input), new MaxRows<L>(x, y, a));
                return;
            }
            long row = a.W.Output * 2 * Tail<L>.Size * a.D.Kernel * a.H.Stride;
            long band = Partition.Even(a.H.Output, Math.Clamp(BandBytes / row, Math.Min(2 * a.H.Kernel, a.H.Output), a.H.Output)), bands = Partition.Count(a.H.Output, band);
            Threads.For(planes * a.D.Output * bands, 1 + 8192 / (band * a.H.Stride * a.W.Input), new MaxBands<L, I>(x, y, index, a, band, bands));
        }

        public void Visit<E>() where E : unmanaged
        {
            if (typeof(E) == typeof(float)) Windows<float>();
            else if (typeof(E) == typeof(double)) Windows<double>();
            else if (typeof(E) == typeof(long)) Windows<long>();
            else if (typeof(E) == typeof(int)) Windows<int>();
            else if (typeof(E) == typeof(short)) Windows<short>();
            else if (typeof(E) == typeof(sbyte)) Windows<sbyte>();
            else if (typeof(E) == typeof(byte)) Windows<byte>();
            else throw new ArgumentException($"MaxPool is not defined for {typeof(E).Name} tensors.");
        }

        void Windows<E>() where E : unmanaged, INumber<E> => Threads.For(planes, 1 + 8192 / a.Input, new MaxWindows<E, I>((E*)x, (E*)y, index, a));
    }

    /// <summary>Window by window: integers, and adaptive windows. Where a window begins and ends takes two divisions, and is found once.</summary>
    readonly struct MaxWindows<E, I>(E* x, E* y, I* index, PoolAxes a) : IRangeBody where E : unmanaged, INumber<E> where I : unmanaged, IBinaryInteger<I>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            long* d = Scratch.Get<long>(Scratch.Use.Table, 2 * (a.D.Output + a.H.Output + a.W.Output)), h = d + 2 * a.D.Output, w = h + 2 * a.H.Output;
            Ends(a.D, d);
            Ends(a.H, h);
            Ends(a.W, w);
            for (long p = begin; p < end; p++) Plane(x + p * a.Input, y + p * a.Output, index == null ? null : index + p * a.Output, d, h, w);
        }

        static void Ends(PoolAxis axis, long* ends)
        {
            for (long o = 0; o < axis.Output; o++) (ends[2 * o], ends[2 * o + 1]) = (First(axis, o), Last(axis, o));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Plane(E* from, E* to, I* at, long* ends, long* rowEnds, long* columnEnds)
        {
            long sd = a.D.Dilation, sh = a.H.Dilation, sw = a.W.Dilation, height = a.H.Input, width = a.W.Input, columns = a.W.Output;
            for (long d = 0; d < a.D.Output; d++)
                for (long h = 0; h < a.H.Output; h++)
                    for (long w = 0; w < columns; w++)
                    {
                        long i0 = ends[2 * d], j0 = rowEnds[2 * h], k0 = columnEnds[2 * w], k1 = columnEnds[2 * w + 1], best = (i0 * height + j0) * width + k0;
                        E m = from[best];
                        for (long i = i0; i < ends[2 * d + 1]; i += sd)
                            for (long j = j0; j < rowEnds[2 * h + 1]; j += sh)
                                for (long k = k0, here = (i * height + j) * width + k0; k < k1; k += sw, here += sw)
                                {
                                    E v = from[here];
                                    if (v > m || E.IsNaN(v)) (m, best) = (v, here);
                                }
                        *to++ = m;
                        if (at != null) *at++ = I.CreateTruncating(best);
                    }
        }
    }

    /// <summary>
    /// Bands of rows of the result, in lanes and without a branch: first the largest of each window's part of a row, then of these down the rows. A row is laid
    /// out so that what a tap meets at consecutive windows is consecutive, split by the stride, with −∞ where there is padding; so are the numbers of its columns.
    /// </summary>
    readonly struct MaxBands<L, I>(byte* x, byte* y, I* index, PoolAxes a, long band, long bands) : IRangeBody where L : struct, ILane<L> where I : unmanaged, IBinaryInteger<I>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            int e = Tail<L>.Size;
            long n = a.W.Output, pitch = Partition.RoundUp(n, L.Count) * e, taps = a.W.Kernel;
            long phase = (Math.Max(n + (taps - 1) * a.W.Dilation / a.W.Stride, (a.W.Input + a.W.Padding) / a.W.Stride) + 1 + L.Count) * e, frame = phase * a.W.Stride;
            long tall = (band - 1) * a.H.Stride + (a.H.Kernel - 1) * a.H.Dilation + 1, deep = a.D.Kernel, most = deep * a.H.Kernel;
            byte* values = Scratch.Get<byte>(Scratch.Use.Image, 2 * frame + (2 * tall * deep + 2) * pitch), columns = values + frame, rows = columns + frame,
                ends = rows + 2 * tall * deep * pitch;
            long* tap = Scratch.Get<long>(Scratch.Use.Table, taps + 2 * most), from = tap + taps, at = from + most;
            for (long k = 0; k < taps; k++) tap[k] = k * a.W.Dilation % a.W.Stride * phase + k * a.W.Dilation / a.W.Stride * e;
            Lay(values, columns, phase);

            for (long unit = begin; unit < end; unit++)
            {
                long h0 = unit % bands * band, d = unit / bands % a.D.Output, plane = unit / bands / a.D.Output, h1 = Math.Min(h0 + band, a.H.Output);
                long i0 = First(a.D, d), i1 = Math.Max(Last(a.D, d), i0 + 1), j0 = Math.Max(0, a.H.Start(h0)), j1 = Math.Min(j0 + tall, a.H.Input);
                byte* source = x + plane * a.Input * e;
                int depth = 0;
                for (long i = i0; i < i1; i += a.D.Dilation, depth++)
                    for (long j = j0; j < j1; j++)
                    {
                        byte* row = rows + (depth * tall + j - j0) * 2 * pitch;
                        Split(source + (i * a.H.Input + j) * a.W.Input * e, values, phase);
                        Along(values, columns, tap, taps, row, row + pitch, n);
                    }
                for (long h = h0; h < h1; h++)
                {
                    long count = 0, first = First(a.H, h), last = Math.Max(Last(a.H, h), first + 1);
                    for (int k = 0; k < depth; k++)
                        for (long j = first; j < last; j += a.H.Dilation, count++)
                            (from[count], at[count]) = ((k * tall + j - j0) * 2 * pitch, ((i0 + k * a.D.Dilation) * a.H.Input + j) * a.W.Input);
                    long o = ((plane * a.D.Output + d) * a.H.Output + h) * n;
                    Down(rows, pitch, from, at, count, y + o * e, ends, n);
                    Join(ends, ends + pitch, index + o, n);
                }
            }
        }

        /// <summary>What stays from row to row: −∞ in the padding, and each place's column. A window that begins in the padding has its first column from there.</summary>
        void Lay(byte* values, byte* columns, long phase)
        {
            int e = Tail<L>.Size;
            for (long p = 0; p < a.W.Stride; p++)
                for (long q = 0; q < phase / e; q++)
                {
                    long c = q * a.W.Stride + p - a.W.Padding, at = p * phase / e + q;
                    if (c < 0) c += (-c + a.W.Dilation - 1) / a.W.Dilation * a.W.Dilation;
                    c = Math.Min(c, a.W.Input - 1);
                    Tail<L>.Set(values, at, double.NegativeInfinity);
                    if (L.IsDouble) ((long*)columns)[at] = c;
                    else ((int*)columns)[at] = (int)c;
                }
        }

        /// <summary>A row brought into its place, element c at (c + padding) mod stride, (c + padding) ÷ stride.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        void Split(byte* row, byte* values, long phase)
        {
            int e = Tail<L>.Size;
            long s = a.W.Stride, n = a.W.Input, i = 0;
            if (s == 1)
            {
                Buffer.MemoryCopy(row, values + a.W.Padding * e, n * e, n * e);
                return;
            }
            if (s == 2 && !L.IsDouble)
            {
                uint* even = (uint*)(values + a.W.Padding % 2 * phase) + a.W.Padding / 2, odd = (uint*)(values + (a.W.Padding + 1) % 2 * phase) + (a.W.Padding + 1) / 2;
                for (int w = Vector<uint>.Count; i + 2 * w <= n; i += 2 * w)
                {
                    Vector<ulong> u = Unsafe.ReadUnaligned<Vector<ulong>>((uint*)row + i), v = Unsafe.ReadUnaligned<Vector<ulong>>((uint*)row + i + w);
                    Unsafe.WriteUnaligned(even + i / 2, Vector.Narrow(u, v));
                    Unsafe.WriteUnaligned(odd + i / 2, Vector.Narrow(u >>> 32, v >>> 32));
                }
            }
            for (long u = 0; u < s; u++)
            {
                byte* to = values + (u + a.W.Padding) % s * phase + (u + a.W.Padding) / s * e;
                long k = i / s;
                if (L.IsDouble) for (long c = i + u; c < n; c += s, k++) ((long*)to)[k] = ((long*)row)[c];
                else for (long c = i + u; c < n; c += s, k++) ((int*)to)[k] = ((int*)row)[c];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static L Takes(L v, L m) => L.Or(L.Less(m, v), L.Not(L.Equal(v, v)));

        /// <summary>The largest number of each window's part of a row, and its column.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static void Along(byte* values, byte* columns, long* tap, long taps, byte* to, byte* toColumn, long n)
        {
            int e = Tail<L>.Size;
            for (long w = 0; w < n; w += L.Count)
            {
                byte* p = values + w * e, q = columns + w * e;
                L m = L.Load(p), c = L.Load(q);
                for (long k = 1; k < taps; k++)
                {
                    L v = L.Load(p + tap[k]), take = Takes(v, m);
                    m = L.Where(take, v, m);
                    c = L.Where(take, L.Load(q + tap[k]), c);
                }
                L.Store(m, to + w * e);
                L.Store(c, toColumn + w * e);
            }
        }

        /// <summary>The largest of <paramref name="count"/> rows; its column, and where the row begins, which are integers, in two rows of <paramref name="ends"/>.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static void Down(byte* rows, long pitch, long* from, long* at, long count, byte* to, byte* ends, long n)
        {
            int e = Tail<L>.Size;
            for (long w = 0; w < n; w = w + L.Count < n ? Math.Min(w + L.Count, n - L.Count) : n)      // the last lane may do again what is done
            {
                byte* p = rows + w * e;
                L m = L.Load(p + from[0]), c = L.Load(p + from[0] + pitch), r = L.Broadcast(at);
                for (long k = 1; k < count; k++)
                {
                    L v = L.Load(p + from[k]), take = Takes(v, m);
                    m = L.Where(take, v, m);
                    c = L.Where(take, L.Load(p + from[k] + pitch), c);
                    r = L.Where(take, L.Broadcast(at + k), r);                 // a float's lane has the lower half, which is all there is
                }
                if (w + L.Count <= n) L.Store(m, to + w * e);
                else Tail<L>.Store(m, to + w * e, (int)(n - w));
                L.Store(c, ends + w * e);
                L.Store(r, ends + pitch + w * e);
            }
        }

        /// <summary>Column and row's begin added up.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static void Join(byte* column, byte* row, I* to, long n)
        {
            long i = 0;
            if (L.IsDouble)
            {
                for (; i < n; i++) to[i] = I.CreateTruncating(((long*)column)[i] + ((long*)row)[i]);
                return;
            }
            int* c = (int*)column, r = (int*)row;
            for (int w = Vector<int>.Count; i + w <= n; i += w)
            {
                Vector<int> at = Vector.Load(c + i) + Vector.Load(r + i);
                if (sizeof(I) == sizeof(int))
                {
                    Vector.Store(at, (int*)to + i);
                    continue;
                }
                Vector.Widen(at, out Vector<long> low, out Vector<long> high);
                Vector.Store(low, (long*)to + i);
                Vector.Store(high, (long*)to + i + w / 2);
            }
            for (; i < n; i++) to[i] = I.CreateTruncating(c[i] + r[i]);
        }
    }
}
