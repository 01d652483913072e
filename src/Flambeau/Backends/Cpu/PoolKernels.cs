using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

// Bound by memory: every input element is read about once. Planes are shared between threads.
internal sealed unsafe partial class CpuBackend
{
    /// <summary>The first element of a window that is not padding, on the window's raster.</summary>
    static long First(PoolAxis a, long o)
    {
        long s = a.Start(o);
        return Math.Min(s >= 0 ? s : s + (-s + a.Dilation - 1) / a.Dilation * a.Dilation, a.Input - 1);
    }

    static long Last(PoolAxis a, long o) => Math.Min(a.End(o), a.Input);

    internal override void PlaneScatter(Tensor x, Tensor index, Tensor y, int planeRank)
    {
        if (y.Count == 0) return;
        long from = x.Shape[^planeRank..].Count, to = y.Shape[^planeRank..].Count, grain = 1 + 8192 / to;
        fixed (byte* px = x.Storage, py = y.Storage, pi = index.Storage)
        {
            long* at = (long*)pi + index.Layout.Offset;
            if (x.DType == DType.Float32) Threads.For(y.Count / to, grain, new PlaneScatters<float>((float*)px + x.Layout.Offset, at, (float*)py, from, to));
            else if (x.DType == DType.Float64) Threads.For(y.Count / to, grain, new PlaneScatters<double>((double*)px + x.Layout.Offset, at, (double*)py, from, to));
            else throw new ArgumentException($"The gradient of a pooling is not defined for {x.DType} tensors.");
        }
    }

    /// <summary>Plane by plane, so that the zeros are still in the cache when something is added to them.</summary>
    readonly struct PlaneScatters<E>(E* x, long* index, E* y, long from, long to) : IRangeBody where E : unmanaged, INumber<E>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            for (long p = begin; p < end; p++) Plane(x + p * from, index + p * from, y + p * to, from, to);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Plane(E* from, long* at, E* to, long n, long count)
        {
            for (long i = 0; i < count; i += 1 << 30) new Span<E>(to + i, (int)Math.Min(1 << 30, count - i)).Clear();
            for (long i = 0; i < n; i++) to[at[i]] += from[i];
        }
    }

    internal override void PlaneGather(Tensor x, Tensor index, Tensor y, int planeRank)
    {
        if (y.Count == 0) return;
        long from = x.Shape[^planeRank..].Count, to = y.Shape[^planeRank..].Count;
        fixed (byte* px = x.Storage, py = y.Storage, pi = index.Storage)
        {
            long* at = (long*)pi + index.Layout.Offset;
            switch (x.DType.ItemSize)
            {
                case 4: Threads.For(y.Count / to, 1 + 8192 / to, new PlaneGathers<int>((int*)px + x.Layout.Offset, at, (int*)py, from, to)); break;
                case 8: Threads.For(y.Count / to, 1 + 8192 / to, new PlaneGathers<long>((long*)px + x.Layout.Offset, at, (long*)py, from, to)); break;
                default: throw new ArgumentException($"Picking from planes is not defined for {x.DType} tensors.");
            }
        }
    }

    readonly struct PlaneGathers<E>(E* x, long* index, E* y, long from, long to) : IRangeBody where E : unmanaged
    {
        public void Run(long begin, long end)
        {
            for (long p = begin; p < end; p++)
                for (long i = p * to; i < (p + 1) * to; i++) y[i] = x[p * from + index[i]];
        }
    }

    internal override void AvgPool(Tensor x, Tensor y, PoolAxes axes, bool countIncludesPad, long divisor)
    {
        if (y.Count == 0) return;
        fixed (byte* px = x.Storage, py = y.Storage)
        {
            long planes = y.Count / axes.Output, grain = 1 + 8192 / axes.Input;
            if (x.DType == DType.Float32) Threads.For(planes, grain, new Means<float>((float*)px + x.Layout.Offset, (float*)py + y.Layout.Offset, axes, countIncludesPad, divisor, false));
            else if (x.DType == DType.Float64) Threads.For(planes, grain, new Means<double>((double*)px + x.Layout.Offset, (double*)py + y.Layout.Offset, axes, countIncludesPad, divisor, false));
            else throw new ArgumentException($"AvgPool is not defined for {x.DType} tensors.");
        }
    }

    internal override void AvgPoolInput(Tensor g, Tensor dx, PoolAxes axes, bool countIncludesPad, long divisor)
    {
        Fill(dx, 0);
        if (g.Count == 0) return;
        fixed (byte* pg = g.Storage, pd = dx.Storage)
        {
            long planes = g.Count / axes.Output, grain = 1 + 8192 / axes.Input;
            if (g.DType == DType.Float32) Threads.For(planes, grain, new Means<float>((float*)pd, (float*)pg + g.Layout.Offset, axes, countIncludesPad, divisor, true));
            else Threads.For(planes, grain, new Means<double>((double*)pd, (double*)pg + g.Layout.Offset, axes, countIncludesPad, divisor, true));
        }
    }

    /// <summary>The means of windows, or (<paramref name="spread"/>) their adjoint.</summary>
    readonly struct Means<E>(E* x, E* y, PoolAxes a, bool countIncludesPad, long divisor, bool spread) : IRangeBody where E : unmanaged, INumber<E>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            bool isWhole = IsWhole(a.D) && IsWhole(a.H) && IsWhole(a.W), pairs = !spread && a.Rank == 2
                && a is { H: { Kernel: 2, Stride: 2, Padding: 0 }, W: { Kernel: 2, Stride: 2, Padding: 0 } } && a.H.Output * 2 <= a.H.Input && a.W.Output * 2 <= a.W.Input;
            long input = a.Input, output = a.Output;
            E first = E.CreateTruncating(PoolDivisor(a, 0, 0, 0, countIncludesPad, divisor));
            for (long p = begin; p < end; p++)
            {
                E* plane = x + p * input, result = y + p * output;
                if (isWhole) Whole(plane, input, result, first);
                else if (pairs) Pairs(plane, result, first);
                else Windows(plane, result);
            }
        }

        /// <summary>Whether the one window along an axis is all of it.</summary>
        static bool IsWhole(PoolAxis axis) => axis.Output == 1 && axis.Start(0) <= 0 && axis.End(0) >= axis.Input;

        /// <summary>One window, which is the plane: the pooling before the last layer of most networks.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Whole(E* plane, long count, E* result, E n)
        {
            if (spread) new Span<E>(plane, (int)count).Fill(*result / n);
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

        /// <summary>2×2 windows side by side.</summary>
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

        void Windows(E* plane, E* result)
        {
            for (long d = 0; d < a.D.Output; d++)
                for (long h = 0; h < a.H.Output; h++)
                    for (long w = 0; w < a.W.Output; w++, result++)
                    {
                        E n = E.CreateTruncating(PoolDivisor(a, d, h, w, countIncludesPad, divisor)), sum = E.Zero, share = spread ? *result / n : E.Zero;
                        for (long i = Math.Max(0, a.D.Start(d)); i < Last(a.D, d); i++)
                            for (long j = Math.Max(0, a.H.Start(h)); j < Last(a.H, h); j++)
                            {
                                E* row = plane + (i * a.H.Input + j) * a.W.Input;
                                long last = Last(a.W, w);
                                if (spread) for (long k = Math.Max(0, a.W.Start(w)); k < last; k++) row[k] += share;
                                else for (long k = Math.Max(0, a.W.Start(w)); k < last; k++) sum += row[k];
                            }
                        if (!spread) *result = sum / n;
                    }
        }
    }
}
