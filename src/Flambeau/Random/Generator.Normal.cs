using System.Runtime.Intrinsics;
using Flambeau.Backends.Cpu;

namespace Flambeau;

public sealed unsafe partial class Generator
{
    /// <summary>From this length on normal numbers are made by sixteens.</summary>
    const int NormalBlock = 16;

    /// <summary>
    /// Fills a contiguous destination with normal numbers. From 16 numbers on: as many uniform ones, and of each sixteen the first
    /// eight with the second eight give G. E. P. Box and M. E. Muller's pairs (1958); a remainder is made good by drawing the last
    /// sixteen anew. Fewer: see <see cref="NormalByOne(float*, long, double, double)"/>.
    /// </summary>
    internal void Normal<TPrecision>(float* destination, long count, double mean, double std) where TPrecision : struct, IPrecision
    {
        lock (_gate)
        {
            if (count < NormalBlock)
            {
                NormalByOne(destination, count, mean, std);
                for (long i = 0; i < count; i++) destination[i] = TPrecision.Round(destination[i]);
                return;
            }
            Uniform<TPrecision>(destination, count, 0, 1);
            for (long i = 0; i + NormalBlock <= count; i += NormalBlock) BoxMuller<TPrecision>(destination + i, mean, std);
            if (count % NormalBlock == 0) return;
            float* last = destination + count - NormalBlock;
            Uniform<TPrecision>(last, NormalBlock, 0, 1);
            BoxMuller<TPrecision>(last, mean, std);
        }
    }

    /// <inheritdoc cref="Normal{TPrecision}(float*, long, double, double)"/>
    internal void Normal(double* destination, long count, double mean, double std)
    {
        lock (_gate)
        {
            if (count < NormalBlock)
            {
                NormalByOne(destination, count, mean, std);
                return;
            }
            Uniform(destination, count, 0, 1);
            for (long i = 0; i + NormalBlock <= count; i += NormalBlock) BoxMuller(destination + i, mean, std);
            if (count % NormalBlock == 0) return;
            double* last = destination + count - NormalBlock;
            Uniform(last, NormalBlock, 0, 1);
            BoxMuller(last, mean, std);
        }
    }

    /// <summary>
    /// Fills with normal numbers as PyTorch fills what is short or not contiguous: in doubles, by pairs of which the second
    /// waits for the next call.
    /// </summary>
    internal void NormalByOne(float* destination, long count, double mean, double std)
    {
        lock (_gate)
            for (long i = 0; i < count; i++) destination[i] = (float)double.FusedMultiplyAdd(DrawNormal(), std, mean);
    }

    /// <inheritdoc cref="NormalByOne(float*, long, double, double)"/>
    internal void NormalByOne(double* destination, long count, double mean, double std)
    {
        lock (_gate)
            for (long i = 0; i < count; i++) destination[i] = double.FusedMultiplyAdd(DrawNormal(), std, mean);
    }

    double DrawNormal()
    {
        if (_nextNormal is { } waiting)
        {
            _nextNormal = null;
            return waiting;
        }
        double angle = 2 * Math.PI * DrawUnit();
        double radius = Math.Sqrt(-2 * VectorMath.Log1p(new V128<double>(Vector128.Create(-DrawUnit()))).V[0]);
        _nextNormal = radius * Math.Sin(angle);
        return radius * Math.Cos(angle);
    }

    static void BoxMuller<TPrecision>(float* block, double mean, double std) where TPrecision : struct, IPrecision
    {
        if (typeof(TPrecision) != typeof(AsSingle)) BoxMullerRounded<TPrecision>(block, (float)mean, (float)std);
        else if (Vector256.IsHardwareAccelerated) BoxMuller<V256<float>>(block, block + 8, mean, std);
        else BoxMuller<V128<float>>(block, block + 8, mean, std);
    }

    static void BoxMuller(double* block, double mean, double std)
    {
        if (Vector512.IsHardwareAccelerated) BoxMuller<V512<double>>(block, block + 8, mean, std);
        else if (Vector256.IsHardwareAccelerated) BoxMuller<V256<double>>(block, block + 8, mean, std);
        else BoxMuller<V128<double>>(block, block + 8, mean, std);
    }

    // (u, v) becomes (r cos φ, r sin φ) with r = √(−2 log(1 − u)), φ = 2πv.
    static void BoxMuller<T>(void* first, void* second, double mean, double std) where T : struct, ILane<T>
    {
        int size = T.IsDouble ? sizeof(double) : sizeof(float);
        for (int i = 0; i < 8; i += T.Count)
        {
            byte* p = (byte*)first + i * size, q = (byte*)second + i * size;
            T radius = T.Sqrt(T.Const(-2) * T.Log(T.One - T.Load(p)));
            VectorMath.SinCos(T.Const(2 * Math.PI) * T.Load(q), out T sin, out T cos);
            T.Store(T.Fma(radius * cos, T.Const(std), T.Const(mean)), p);
            T.Store(T.Fma(radius * sin, T.Const(std), T.Const(mean)), q);
        }
    }

    // The same in arithmetic of few bits, where each rounding shows.
    static void BoxMullerRounded<TPrecision>(float* block, float mean, float std) where TPrecision : struct, IPrecision
    {
        mean = TPrecision.Round(mean);
        std = TPrecision.Round(std);
        for (int i = 0; i < 8; i++)
        {
            float u = TPrecision.Round(1 - block[i]);
            float radius = TPrecision.Round(MathF.Sqrt(Inner(-2 * Inner(MathF.Log(u)))));
            float angle = TPrecision.Round((float)(2 * Math.PI * block[i + 8]));
            block[i] = TPrecision.Round(Inner(Inner(radius * Inner(MathF.Cos(angle))) * std) + mean);
            block[i + 8] = TPrecision.Round(Inner(Inner(radius * Inner(MathF.Sin(angle))) * std) + mean);
        }

        static float Inner(float x) => TPrecision.RoundsThroughout ? TPrecision.Round(x) : x;
    }
}
