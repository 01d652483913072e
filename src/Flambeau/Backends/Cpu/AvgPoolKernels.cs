using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

// Bound by memory. Windows are boxes: sums down the rows first, in lanes, then along the one row that is left; backward the other way about.
internal sealed unsafe partial class CpuBackend
{
    internal override void AvgPool(Tensor x, Tensor y, PoolAxes axes, bool countIncludesPad, long divisor)
    {
        if (y.Count == 0) return;
        if (!x.DType.IsFloatingPoint) throw new ArgumentException($"AvgPool is not defined for {x.DType} tensors.");
        Means(x, y, axes, countIncludesPad, divisor, spread: false);
    }

    internal override void AvgPoolInput(Tensor g, Tensor dx, PoolAxes axes, bool countIncludesPad, long divisor)
    {
        if (g.Count == 0) Fill(dx, 0);
        else Means(dx, g, axes, countIncludesPad, divisor, spread: true);
    }

    static void Means(Tensor x, Tensor y, PoolAxes axes, bool countIncludesPad, long divisor, bool spread)
    {
        fixed (byte* px = x.Storage, py = y.Storage)
        {
            MeanVisitor v = new(Start(px, x), Start(py, y), axes, countIncludesPad, divisor, spread, y.Count / axes.Output);
            LaneDispatch.Visit(x.DType, ref v);
        }
    }

    readonly struct MeanVisitor(byte* x, byte* y, PoolAxes a, bool countIncludesPad, long divisor, bool spread, long planes) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            if (L.IsDouble) Threads.For(planes, 1 + 8192 / a.Input, new MeanPlanes<double, L>((double*)x, (double*)y, a, countIncludesPad, divisor, spread));
            else Threads.For(planes, 1 + 8192 / a.Input, new MeanPlanes<float, L>((float*)x, (float*)y, a, countIncludesPad, divisor, spread));
        }
    }

    /// <summary>The means of windows, or (<paramref name="spread"/>) their adjoint.</summary>
    readonly struct MeanPlanes<E, L>(E* x, E* y, PoolAxes a, bool countIncludesPad, long divisor, bool spread) : IRangeBody where E : unmanaged, INumber<E> where L : struct, ILane<L>
    {
        /// <summary>
        /// What a thread works with: the number of elements of each window along the width, a row with its padding, the row split by the stride, and where adaptive windows begin and
        /// end, which takes divisions: a third of the time of planes of 13×13.
        /// </summary>
        readonly struct Rows(E* sizes, E* line, E* phases, long phase, long* bounds)
        {
            public readonly long* Bounds = bounds;
            public readonly E* Sizes = sizes, Line = line, Phases = phases;
            public readonly long Phase = phase;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            long input = a.Input, output = a.Output;
            if (IsWhole(a.D) && IsWhole(a.H) && IsWhole(a.W))
            {
                E n = E.CreateTruncating(PoolDivisor(a, 0, 0, 0, countIncludesPad, divisor));
                for (long p = begin; p < end; p++) Whole(x + p * input, input, y + p * output, n);
                return;
            }
            if (!spread && a.Rank == 2 && IsPairs(a.H) && IsPairs(a.W))
            {
                E n = E.CreateTruncating(divisor != 0 ? divisor : 4);
                for (long p = begin; p < end; p++) Pairs(x + p * input, y + p * output, n);
                return;
            }
            long taps = a.W.Kernel, stride = Math.Max(1, a.W.Stride), span = Math.Max((a.W.Output - 1) * a.W.Stride + taps, a.W.Padding + a.W.Input), phase = a.W.Output + taps / stride + L.Count;
            E* memory = Scratch.Get<E>(Scratch.Use.Line, a.W.Output + span + Math.Min(stride, Math.Max(1, taps)) * phase);
            Rows rows = new(memory, memory + a.W.Output, memory + a.W.Output + span, phase, Scratch.Get<long>(Scratch.Use.Table, 2 * a.W.Output));
            for (long o = 0; o < a.W.Output; o++) (rows.Bounds[2 * o], rows.Bounds[2 * o + 1]) = (a.W.Start(o), a.W.End(o));
            for (long o = 0; o < a.W.Output; o++) rows.Sizes[o] = divisor != 0 ? E.One : E.CreateTruncating(Size(a.W, o));
            new Span<E>(rows.Line, (int)span).Clear();
            for (long p = begin; p < end; p++)
            {
                E* plane = x + p * input, result = y + p * output;
                if (spread) new Span<E>(plane, checked((int)input)).Clear();
                for (long d = 0; d < a.D.Output; d++)
                    for (long h = 0; h < a.H.Output; h++, result += a.W.Output)
                    {
                        E n = E.CreateTruncating(divisor != 0 ? divisor : Size(a.D, d) * Size(a.H, h));
                        if (spread) Spread(plane, d, h, result, n, rows, span);
                        else Gather(plane, d, h, result, n, rows);
                    }
            }
        }

        long Size(PoolAxis s, long o) => countIncludesPad ? s.End(o) - s.Start(o) : Math.Min(s.End(o), s.Input) - Math.Max(s.Start(o), 0);

        /// <summary>Whether the one window along an axis is all of it.</summary>
        static bool IsWhole(PoolAxis axis) => axis.Output == 1 && axis.Start(0) <= 0 && axis.End(0) >= axis.Input;

        /// <summary>One window, which is the plane: the pooling before the last layer of most networks.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Whole(E* plane, long count, E* result, E n)
        {
            if (spread) new Span<E>(plane, checked((int)count)).Fill(*result / n);
            else *result = Sum(plane, count) / n;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static E Sum(E* p, long n)
        {
            Vector<E> s = default, t = default;
            long i = 0;
            for (; i + 2 * Vector<E>.Count <= n; i += 2 * Vector<E>.Count)
            {
                s += Unsafe.ReadUnaligned<Vector<E>>(p + i);
                t += Unsafe.ReadUnaligned<Vector<E>>(p + i + Vector<E>.Count);
            }
            E sum = Vector.Sum(s + t);
            for (; i < n; i++) sum += p[i];
            return sum;
        }

        static bool IsPairs(PoolAxis axis) => axis is { Kernel: 2, Stride: 2, Padding: 0 } && axis.Output * 2 <= axis.Input;

        /// <summary>2×2 windows side by side: each is loaded into a few registers and never stored in between, twice as fast as by rows.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Pairs(E* from, E* to, E n)
        {
            long width = a.W.Input, count = a.W.Output;
            for (long h = 0; h < a.H.Output; h++, from += 2 * width, to += count)
            {
                E* below = from + width;
                for (long w = 0; w < count; w++) to[w] = (from[2 * w] + from[2 * w + 1] + below[2 * w] + below[2 * w + 1]) / n;
            }
        }

        // One row of windows: their rows added up, then the elements of each.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Gather(E* plane, long d, long h, E* result, E n, in Rows rows)
        {
            long width = a.W.Input, i0 = Math.Max(0, a.D.Start(d)), i1 = Last(a.D, d), j0 = Math.Max(0, a.H.Start(h)), j1 = Last(a.H, h);
            E* line = rows.Line + a.W.Padding, at = line;
            if (i1 - i0 == 1 && j1 - j0 == 1 && a.W.Padding == 0 && (a.W.IsAdaptive || (a.W.Output - 1) * a.W.Stride + a.W.Kernel <= width)) at = plane + (i0 * a.H.Input + j0) * width;
            else
            {
                long done = 0;
                for (long i = i0; i < i1; i++)
                    for (long j = j0; j < j1; j++, done++)
                    {
                        E* row = plane + (i * a.H.Input + j) * width;
                        if (done == 0 && j + 1 < j1)
                        {
                            Add(row, row + width, line, width);
                            j++;
                        }
                        else if (done == 0) Unsafe.CopyBlockUnaligned(line, row, checked((uint)(width * sizeof(E))));
                        else Add(line, row, line, width);
                    }
                if (i1 <= i0 || j1 <= j0) new Span<E>(line, (int)width).Clear();
            }
            at -= a.W.Padding;
            if (a.W.IsAdaptive) Adaptive(at, result, rows.Bounds, a.W.Output);
            else if (a.W.Stride == 1) Slide(at, result);
            else Stride(at, result, rows);
            Divide(result, rows.Sizes, n, result, a.W.Output);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Adaptive(E* line, E* to, long* bounds, long count)
        {
            for (long o = 0; o < count; o++, bounds += 2)
            {
                E sum = E.Zero;
                for (long k = bounds[0]; k < bounds[1]; k++) sum += line[k];
                to[o] = sum;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Slide(E* line, E* to)
        {
            long count = a.W.Output, taps = a.W.Kernel, o = 0;
            for (; o + L.Count <= count; o += L.Count)
            {
                L sum = L.Load(line + o);
                for (long t = 1; t < taps; t++) sum += L.Load(line + o + t);
                L.Store(sum, to + o);
            }
            for (; o < count; o++)
            {
                E sum = line[o];
                for (long t = 1; t < taps; t++) sum += line[o + t];
                to[o] = sum;
            }
        }

        // What a tap meets at consecutive windows is made consecutive first.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Stride(E* line, E* to, in Rows rows)
        {
            long count = a.W.Output, taps = a.W.Kernel, stride = a.W.Stride, phase = rows.Phase;
            for (long r = 0; r < Math.Min(stride, taps); r++)
            {
                long n = count + (taps - 1 - r) / stride;
                E* into = rows.Phases + r * phase;
                if (stride == 2 && sizeof(E) == 4) Pack.EverySecond((float*)(line + r), (float*)into, n);
                else for (long i = 0; i < n; i++) into[i] = line[i * stride + r];
            }
            long o = 0;
            for (; o + L.Count <= count; o += L.Count)
            {
                L sum = L.Load(rows.Phases + o);
                for (long t = 1, r = 1, q = 0; t < taps; t++, r++)
                {
                    if (r == stride) (r, q) = (0, q + 1);
                    sum += L.Load(rows.Phases + r * phase + q + o);
                }
                L.Store(sum, to + o);
            }
            for (; o < count; o++)
            {
                E sum = line[o * stride];
                for (long t = 1; t < taps; t++) sum += line[o * stride + t];
                to[o] = sum;
            }
        }

        // The adjoint: shares along a row first, then the row to all rows of its windows.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Spread(E* plane, long d, long h, E* from, E n, in Rows rows, long span)
        {
            E* line = rows.Line, share = rows.Phases;
            long count = a.W.Output, taps = a.W.Kernel, stride = a.W.Stride, width = a.W.Input;
            Divide(from, rows.Sizes, n, share, count);
            bool apart = !a.W.IsAdaptive && taps <= stride;
            if (!apart) new Span<E>(line, (int)span).Clear();
            if (a.W.IsAdaptive)
                for (long o = 0; o < count; o++)
                    for (long k = rows.Bounds[2 * o], last = rows.Bounds[2 * o + 1]; k < last; k++) line[k] += share[o];
            else if (apart)
                for (long o = 0; o < count; o++)
                    for (long t = 0; t < taps; t++) line[o * stride + t] = share[o];
            else if (stride == 1)
                for (long t = 0; t < taps; t++) Add(line + t, share, line + t, count);
            else
                for (long t = 0; t < taps; t++)
                    for (long o = 0; o < count; o++) line[o * stride + t] += share[o];
            for (long i = Math.Max(0, a.D.Start(d)); i < Last(a.D, d); i++)
                for (long j = Math.Max(0, a.H.Start(h)); j < Last(a.H, h); j++)
                {
                    E* row = plane + (i * a.H.Input + j) * width;
                    Add(row, line + a.W.Padding, row, width);
                }
        }

        /// <summary>y = a + b</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Add(E* a, E* b, E* y, long n)
        {
            long i = 0;
            for (; i + L.Count <= n; i += L.Count) L.Store(L.Load(a + i) + L.Load(b + i), y + i);
            for (; i < n; i++) y[i] = a[i] + b[i];
        }

        /// <summary>y = a / (sizes · n)</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Divide(E* a, E* sizes, E n, E* y, long count)
        {
            L each = L.Broadcast(&n);
            long i = 0;
            for (; i + L.Count <= count; i += L.Count) L.Store(L.Load(a + i) / (L.Load(sizes + i) * each), y + i);
            for (; i < count; i++) y[i] = a[i] / (sizes[i] * n);
        }
    }
}
