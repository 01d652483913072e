using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// Convolutions that are matrix products as they lie: filters of one element, and filters as large as the picture. Nothing is laid out for them but what the product itself packs.
/// </summary>
internal static unsafe class ConvProducts
{
    const long LongEnough = 512;                      // terms of a sum: fewer do not pay the loading and storing of the results
    static readonly Size3 one = new(1, 1, 1);

    /// <summary>Whether each result meets one element of each channel, at its own place.</summary>
    static bool IsPointwise(in ConvShape s) => s.Groups == 1 && s.Kernel == one && s.Stride == one && s.Pad == default && s.Input == s.Output;

    /// <summary>Whether the filters lie at one place and cover the whole picture.</summary>
    static bool IsWhole(in ConvShape s) => s.Groups == 1 && s.Output == one && s.Kernel == s.Input && s.Pad == default && s.Dilation == one;

    /// <summary>Whether planes fill vectors; small ones are better packed across images.</summary>
    static bool FillsVectors<T>(long plane) where T : struct, ILane<T> => 10 * Partition.RoundUp(plane, T.Count) <= 11 * plane;

    public static bool Forward<E, T>(in ConvTensors<E> t) where E : unmanaged where T : struct, ILane<T>
    {
        ref readonly ConvShape s = ref t.Shape;
        if (IsWhole(in s))
        {
            long k = s.C * s.Kernel.Volume;
            Gemm.Run(s.N, s.O, k, t.X, k, 1, t.W, 1, k, t.Y, s.O, 1, false, t.Bias);
            return true;
        }
        if (!IsPointwise(in s) || !FillsVectors<T>(s.Output.Volume)) return false;
        Images(new Pointwise<E> { A = t.W, RsA = s.C, CsA = 1, From = t.X, To = t.Y, Bias = t.Bias, Rows = s.O, Terms = s.C, Plane = s.Output.Volume }, s.N);
        return true;
    }

    public static bool BackwardInput<E, T>(in ConvTensors<E> t) where E : unmanaged where T : struct, ILane<T>
    {
        ref readonly ConvShape s = ref t.Shape;
        if (IsWhole(in s))
        {
            long k = s.C * s.Kernel.Volume;
            Gemm.Run(s.N, k, s.O, t.Y, s.O, 1, t.W, k, 1, t.X, k, 1, false, (E*)null);
            return true;
        }
        if (!IsPointwise(in s) || !FillsVectors<T>(s.Output.Volume)) return false;
        Images(new Pointwise<E> { A = t.W, RsA = 1, CsA = s.C, From = t.Y, To = t.X, Rows = s.C, Terms = s.O, Plane = s.Output.Volume }, s.N);
        return true;
    }

    public static bool BackwardWeight<E>(in ConvTensors<E> t) where E : unmanaged
    {
        ref readonly ConvShape s = ref t.Shape;
        long plane = s.Output.Volume, k = s.C * s.Kernel.Volume;
        if (IsWhole(in s))
        {
            Gemm.Run(s.O, k, s.N, t.Y, 1, s.O, t.X, k, 1, t.W, k, 1, false, (E*)null);
            return true;
        }
        if (!IsPointwise(in s) || s.N * plane == 0) return false;
        // Σ over images of (O × plane) · (plane × C): of small planes, those of some images side by side.
        long images = Math.Clamp(LongEnough / plane, 1, s.N);
        for (long n = 0; n < s.N; n += images)
        {
            long count = Math.Min(images, s.N - n), terms = count * plane;
            E* g = t.Y + n * s.O * plane, x = t.X + n * s.C * plane;
            if (count > 1)
            {
                E* rows = Scratch.Get<E>(Scratch.Use.Gradient, (s.O + s.C) * terms);
                Threads.For(s.O + s.C, 1 + 16384 / terms, new SideBySide<E> { G = g, X = x, To = rows, O = s.O, C = s.C, Images = count, Plane = plane });
                g = rows;
                x = rows + s.O * terms;
            }
            Gemm.Run(s.O, s.C, terms, g, terms, 1, x, 1, terms, t.W, s.C, 1, n > 0, (E*)null);
        }
        return true;
    }

    /// <summary>Row i: what all images have in channel i, of g and then of x.</summary>
    struct SideBySide<E> : IRangeBody where E : unmanaged
    {
        public E* G, X, To;
        public long O, C, Images, Plane;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++)
                for (long n = 0; n < Images; n++)
                    Unsafe.CopyBlockUnaligned(To + (i * Images + n) * Plane, i < O ? G + (n * O + i) * Plane : X + (n * C + i - O) * Plane, checked((uint)(Plane * sizeof(E))));
        }
    }

    static void Images<E>(Pointwise<E> body, long images) where E : unmanaged
    {
        double work = Math.Max(1.0, (double)body.Rows * body.Terms * body.Plane);
        if (images < 4L * Threads.Count && work > 8.0 * Blocked.WorkPerClaim) body.Run(0, images);      // one after the other, each on all threads
        else Threads.For(images, (long)(Blocked.WorkPerClaim / work), body);
    }

    /// <summary>To(rows × plane) = A(rows × terms) · From(terms × plane) [+ bias of the row] of each image.</summary>
    struct Pointwise<E> : IRangeBody where E : unmanaged
    {
        public E* A, From, To, Bias;
        public long RsA, CsA, Rows, Terms, Plane;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long n = begin; n < end; n++)
            {
                E* to = To + n * Rows * Plane;
                if (Bias != null)
                    for (long r = 0; r < Rows; r++) new Span<E>(to + r * Plane, checked((int)Plane)).Fill(Bias[r]);
                Gemm.Run(Rows, Plane, Terms, A, RsA, CsA, From + n * Terms * Plane, Plane, 1, to, Plane, 1, Bias != null, (E*)null);
            }
        }
    }
}
