using System.Numerics;
using Flambeau.Backends.Cpu;

namespace Flambeau.Backends.Dense;

/// <summary>
/// What is done to one matrix of a batch. The code is written once for double and <see cref="Complex"/>; narrower types are computed in
/// these and rounded. Matrices lie row by row without gaps.
/// </summary>
internal unsafe interface IDense
{
    /// <summary>About how many multiplications one matrix takes: what decides over how many threads a batch is spread.</summary>
    double Work { get; }

    /// <summary>Computes: x[i] and y[i] point to this matrix' part of input and result i. Floating-point inputs and results are T, or double
    /// where they are real beside complex ones; integers are as they are.</summary>
    void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>;
}

/// <summary>Runs an <see cref="IDense"/> over batches. One code serves all backends: what it computes is checked against its definition.</summary>
internal static unsafe class DenseBatch
{
    const double WorkPerClaim = 20_000;

    /// <summary>Results have their memory; leading axes of all tensors have <paramref name="batch"/> elements.</summary>
    public static void Run<TKernel>(TKernel kernel, long batch, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor> y) where TKernel : struct, IDense
    {
        if (batch == 0) return;
        bool complex = false;
        foreach (Tensor t in x) complex |= t.DType.IsComplex;
        foreach (Tensor t in y) complex |= t.DType.IsComplex;
        Tensor[] from = new Tensor[x.Length], to = new Tensor[y.Length];
        for (int i = 0; i < from.Length; i++) from[i] = x[i].CastTo(Wide(x[i].DType)).MakeContiguous();
        for (int i = 0; i < to.Length; i++) to[i] = y[i].DType == Wide(y[i].DType) && y[i].IsContiguous ? y[i] : Tensor.Empty(new TensorSpec(y[i].Shape, Wide(y[i].DType)));

        Tensor[] all = [.. from, .. to];
        int n = all.Length;
        fixed (byte* p0 = Of(0), p1 = Of(1), p2 = Of(2), p3 = Of(3), p4 = Of(4), p5 = Of(5), p6 = Of(6))
        {
            byte** start = stackalloc byte*[] { p0, p1, p2, p3, p4, p5, p6 };
            long* step = stackalloc long[n];
            for (int i = 0; i < n; i++)
            {
                start[i] += all[i].Layout.Offset * all[i].DType.ItemSize;
                step[i] = all[i].Count / batch * all[i].DType.ItemSize;
            }
            long grain = Math.Max(1, (long)(WorkPerClaim / Math.Max(1, kernel.Work)));
            if (complex) Threads.For(batch, grain, new Body<TKernel, Complex>(kernel, start, step, from.Length, n));
            else Threads.For(batch, grain, new Body<TKernel, double>(kernel, start, step, from.Length, n));
        }
        // What was widened goes back at once, so that the next call finds it in the cache.
        for (int i = 0; i < from.Length; i++) if (!ReferenceEquals(from[i].Storage, x[i].Storage)) from[i].Dispose();
        for (int i = 0; i < to.Length; i++)
        {
            if (ReferenceEquals(to[i], y[i])) continue;
            Backend.For(y[i].Device).Copy(to[i], y[i]);
            to[i].Dispose();
        }

        Storage Of(int i) => all[i < n ? i : 0].Storage;
    }

    static DType Wide(DType t) => t.IsComplex ? DType.Complex128 : t.IsFloatingPoint ? DType.Float64 : t;

    readonly struct Body<TKernel, T>(TKernel kernel, byte** start, long* step, int inputs, int count) : IRangeBody where TKernel : struct, IDense where T : unmanaged, INumberBase<T>
    {
        public void Run(long begin, long end)
        {
            void** at = stackalloc void*[count];
            for (long b = begin; b < end; b++)
            {
                for (int i = 0; i < count; i++) at[i] = start[i] + b * step[i];
                kernel.Run<T>(at, at + inputs);
            }
        }
    }
}
