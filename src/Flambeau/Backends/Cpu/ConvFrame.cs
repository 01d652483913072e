using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// One axis of a <see cref="ConvFrame"/>: place j of phase r holds source element <c>Origin + j·Stride + r</c>, or 0 where there is none.
/// </summary>
internal readonly struct FrameAxis
{
    public readonly long Size, Stride, Phases, Origin, Extent, Pitch;

    /// <param name="size">Elements of the source.</param>
    /// <param name="stride">Steps from place to place.</param>
    /// <param name="phases">Phases kept, at most <paramref name="stride"/>.</param>
    /// <param name="origin">The source element at place 0 of phase 0.</param>
    /// <param name="extent">Places.</param>
    /// <param name="leastPitch">Results along this axis, at most <paramref name="extent"/>.</param>
    public FrameAxis(long size, long stride, long phases, long origin, long extent, long leastPitch)
    {
        (Size, Stride, Phases, Origin, Extent) = (size, stride, phases, origin, extent);
        // Zeros that end every row and zeros that begin every row are the same zeros.
        long shared = extent - leastPitch;
        for (long r = 0; r < phases; r++) shared = Math.Min(shared, Math.Min(First(r), extent - End(r)));
        Pitch = extent - shared;
    }

    public long Shared => Extent - Pitch;

    /// <summary>The first place that has a source element.</summary>
    public long First(long phase) => Math.Clamp(Ceiling(-Origin - phase, Stride), 0, Extent);

    /// <summary>The place after the last that has one; no less than the first.</summary>
    public long End(long phase) => Math.Max(First(phase), Math.Clamp(Ceiling(Size - Origin - phase, Stride), 0, Extent));

    public static long Ceiling(long a, long b) => a >= 0 ? (a + b - 1) / b : -(-a / b);
}

/// <summary>
/// An image laid out so that, for every tap of a filter, what the tap meets at consecutive results is consecutive in memory:
/// padded with zeros, and with a stride s split into its s phases (elements 0, s, 2s, … then 1, s+1, …).
/// Results are numbered q = (z·H.Pitch + y)·W.Pitch + x; the numbers between the rows, x ≥ the row's results, are idle.
/// </summary>
internal readonly unsafe struct ConvFrame
{
    public readonly FrameAxis D, H, W;
    public readonly long PhaseSize, ChannelSize;

    // Phases and channels are an odd number of cache lines apart: so they spread over the sets of the cache.
    public ConvFrame(FrameAxis d, FrameAxis h, FrameAxis w, int lineElements)
    {
        (D, H, W) = (d, h, w);
        PhaseSize = Odd(Rows * w.Pitch + w.Shared, lineElements);
        ChannelSize = d.Phases * h.Phases * w.Phases * PhaseSize;
    }

    long Rows => D.Extent * H.Pitch + H.Shared;

    /// <summary>The least odd number of cache lines that n elements fit in, in elements.</summary>
    public static long Odd(long n, long line) => ((n + line - 1) / line | 1) * line;

    /// <summary>Where the results' first element of a tap lies in a channel.</summary>
    public nint Offset(long phaseD, long phaseH, long phaseW, long d, long h, long w) =>
        (nint)(((phaseD * H.Phases + phaseH) * W.Phases + phaseW) * PhaseSize + (d * H.Pitch + h) * W.Pitch + w);

    /// <summary>The number of the last of so many results, plus 1.</summary>
    public long Results(Size3 n) => ((n.D - 1) * H.Pitch + n.H - 1) * W.Pitch + n.W;

    /// <summary>Lays one channel out; all of to[0, ChannelSize) is written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill<E, T>(E* from, E* to) where E : unmanaged where T : struct, ILane<T>
    {
        for (long r = 0; r < D.Phases; r++)
            for (long s = 0; s < H.Phases; s++)
                for (long t = 0; t < W.Phases; t++, to += PhaseSize)
                    FillPhase<E, T>(from, r, s, t, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void FillPhase<E, T>(E* from, long phaseD, long phaseH, long phaseW, E* to) where E : unmanaged where T : struct, ILane<T>
    {
        long first = W.First(phaseW), end = W.End(phaseW), pitch = W.Pitch, step = W.Stride;
        long firstH = H.First(phaseH), endH = H.End(phaseH), firstD = D.First(phaseD), endD = D.End(phaseD);
        E* stop = to + PhaseSize;
        from += W.Origin + phaseW + first * step;
        for (long d = firstD; d < endD; d++)
        {
            E* plane = to + d * H.Pitch * pitch;
            for (long h = firstH; h < endH; h++)
            {
                E* row = plane + h * pitch;
                Pack.Prefetch(row + 2 * pitch, (int)pitch);
                E* source = from + ((D.Origin + d * D.Stride + phaseD) * H.Size + H.Origin + h * H.Stride + phaseH) * W.Size;
                Zero(row, first);
                if (step == 1) Copy<E, T>(source, row + first, end - first);
                else if (step == 2 && sizeof(E) == 4) Pack.EverySecond((float*)source, (float*)row + first, end - first);
                else
                    for (long j = first; j < end; j++, source += step) row[j] = *source;
                Zero(row + end, pitch - end);
            }
            Zero(plane, firstH * pitch);
            Zero(plane + endH * pitch, (H.Pitch - endH) * pitch);
        }
        long planes = Math.Max(firstD, endD);
        Zero(to, firstD * H.Pitch * pitch);
        E* rest = to + planes * H.Pitch * pitch;
        Zero(rest, stop - rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Zero<E>(E* p, long n) where E : unmanaged
    {
        if (n >= 16) new Span<E>(p, checked((int)n)).Clear();
        else
            for (long i = 0; i < n; i++) p[i] = default;
    }

    /// <summary>Copies n elements: the short rows of small images.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy<E, T>(E* from, E* to, long n) where E : unmanaged where T : struct, ILane<T>
    {
        if (n >= T.Count) CopyVectors<E, T>(from, to, n);
        else if (n >= V128<E>.Count) CopyVectors<E, V128<E>>(from, to, n);
        else
            for (long i = 0; i < n; i++) to[i] = from[i];
    }

    // n is at least a vector; the last one overlaps the one before.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void CopyVectors<E, T>(E* from, E* to, long n) where E : unmanaged where T : struct, ILane<T>
    {
        for (long i = 0; i < n - T.Count; i += T.Count) T.Store(T.Load(from + i), to + i);
        T.Store(T.Load(from + n - T.Count), to + n - T.Count);
    }
}
