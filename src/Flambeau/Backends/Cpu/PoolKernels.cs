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
        if (index.DType == DType.Int32) PlaneScatter<int>(x, index, y, planeRank);
        else PlaneScatter<long>(x, index, y, planeRank);
    }

    static void PlaneScatter<I>(Tensor x, Tensor index, Tensor y, int planeRank) where I : unmanaged, IBinaryInteger<I>
    {
        if (y.Count == 0) return;
        long from = x.Shape[^planeRank..].Count, to = y.Shape[^planeRank..].Count, grain = 1 + 8192 / to;
        fixed (byte* px = x.Storage, py = y.Storage, pi = index.Storage)
        {
            I* at = (I*)pi + index.Layout.Offset;
            if (x.DType == DType.Float32) Threads.For(y.Count / to, grain, new PlaneScatters<float, I>((float*)px + x.Layout.Offset, at, (float*)py, from, to));
            else if (x.DType == DType.Float64) Threads.For(y.Count / to, grain, new PlaneScatters<double, I>((double*)px + x.Layout.Offset, at, (double*)py, from, to));
            else throw new ArgumentException($"The gradient of a pooling is not defined for {x.DType} tensors.");
        }
    }

    /// <summary>Plane by plane, so that the zeros are still in the cache when something is added to them.</summary>
    readonly struct PlaneScatters<E, I>(E* x, I* index, E* y, long from, long to) : IRangeBody where E : unmanaged, INumber<E> where I : unmanaged, IBinaryInteger<I>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            for (long p = begin; p < end; p++) Plane(x + p * from, index + p * from, y + p * to, from, to);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Plane(E* from, I* at, E* to, long n, long count)
        {
            Cleared(to, count);
            for (long i = 0; i < n; i++) to[long.CreateTruncating(at[i])] += from[i];
        }
    }

    internal override void PlaneGather(Tensor x, Tensor index, Tensor y, int planeRank)
    {
        if (index.DType == DType.Int32) PlaneGather<int>(x, index, y, planeRank);
        else PlaneGather<long>(x, index, y, planeRank);
    }

    static void PlaneGather<I>(Tensor x, Tensor index, Tensor y, int planeRank) where I : unmanaged, IBinaryInteger<I>
    {
        if (y.Count == 0) return;
        long from = x.Shape[^planeRank..].Count, to = y.Shape[^planeRank..].Count;
        fixed (byte* px = x.Storage, py = y.Storage, pi = index.Storage)
        {
            I* at = (I*)pi + index.Layout.Offset;
            switch (x.DType.ItemSize)
            {
                case 4: Threads.For(y.Count / to, 1 + 8192 / to, new PlaneGathers<int, I>((int*)px + x.Layout.Offset, at, (int*)py, from, to)); break;
                case 8: Threads.For(y.Count / to, 1 + 8192 / to, new PlaneGathers<long, I>((long*)px + x.Layout.Offset, at, (long*)py, from, to)); break;
                default: throw new ArgumentException($"Picking from planes is not defined for {x.DType} tensors.");
            }
        }
    }

    readonly struct PlaneGathers<E, I>(E* x, I* index, E* y, long from, long to) : IRangeBody where E : unmanaged where I : unmanaged, IBinaryInteger<I>
    {
        public void Run(long begin, long end)
        {
            for (long p = begin; p < end; p++)
                for (long i = p * to; i < (p + 1) * to; i++) y[i] = x[p * from + long.CreateTruncating(index[i])];
        }
    }
}
