using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// Depthwise correlation with channels as lanes: a vector of channels is turned into pixels, which stay in L1 or L2 while the filters pass, and the results are turned back.
/// No size of plane, stride or dilation leaves lanes idle, and every load is of a whole cache line or part of it. Bound: a load for each multiply-add.
/// </summary>
internal unsafe struct Depthwise<E, T> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
{
    const long BlockBytes = 256 << 10;                // of pixels and results of a block of lines
    const int MostTogether = 8;                       // neighbouring results in registers

    public long Images, Channels, Height, Width;      // Height, Width: of a plane of results
    public E* From, To;                               // (Images, Channels, source), (Images, Channels, Height, Width)
    public E* Bias;                                   // (Channels) or null
    public E* Filters;                                // (Channels, Kernel)
    public Size3 Kernel;
    public PixelLattice<E>* Lattices;                 // planes: of D nothing
    public long LatticeCount;

    long before, width, sourceHeight, sourceWidth, lines, blocks;

    static int Lanes => T.Count;

    readonly long Strips => Partition.Count(Channels, Lanes);

    public void Run()
    {
        sourceHeight = Lattices->H.Size;
        sourceWidth = width = Lattices->W.Size;
        long after = 0;
        for (long i = 0; i < LatticeCount; i++)
        {
            before = Math.Max(before, Lattices[i].W.Padding.Before);
            after = Math.Max(after, Lattices[i].W.Padding.After);
        }
        width += before + after;
        blocks = Math.Clamp(Partition.Count((sourceHeight * width + Height * Width) * Lanes * sizeof(E), BlockBytes), 1, Math.Max(1, Height / 8));
        double work = 1;
        for (long i = 0; i < LatticeCount; i++) work += (double)Lattices[i].H.Results * Lattices[i].W.Results * (Lattices[i].H.Taps * Lattices[i].W.Taps + 8) * Lanes;
        fixed (Depthwise<E, T>* self = &this)
            Threads.For(Images * Strips * blocks, (long)(Blocked.WorkPerClaim * blocks / work) + 1, new BlockBody { Of = self });
    }

    struct BlockBody : IRangeBody
    {
        public Depthwise<E, T>* Of;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            long turned = -1;                         // the strip whose filters are
            for (long i = begin, blocks = Of->blocks, images = Of->Images; i < end; i++)
            {
                long strip = i / blocks / images;
                if (strip != turned) Of->TurnFilters(strip * Lanes);
                turned = strip;
                Of->Block(i / blocks % images, strip * Lanes, i % blocks);
            }
        }
    }

    // [tap][channel], and a bias at last.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void TurnFilters(long channel)
    {
        int channels = (int)Math.Min(Lanes, Channels - channel);
        long taps = Kernel.Volume;
        E* to = Scratch.Get<E>(Scratch.Use.Weight, (taps + 1) * Lanes), bias = to + taps * Lanes;
        new Span<E>(to, checked((int)(taps + 1) * Lanes)).Clear();
        Pack.TurnRows(Filters + channel * taps, (nint)taps, channels, to, Lanes, (nint)taps);
        for (int i = 0; Bias != null && i < channels; i++) bias[i] = Bias[channel + i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Block(long image, long channel, long block)
    {
        long top = Partition.Begin(Height, blocks, block), bottom = Partition.Begin(Height, blocks, block + 1), low = sourceHeight, high = 0;
        for (long i = 0; i < LatticeCount; i++)
        {
            PixelAxis h = Lattices[i].H;
            var (first, end) = Lines(Lattices + i, top, bottom);
            if (first == end || h.Taps == 0) continue;
            low = Math.Min(low, Math.Max(0, h.Origin + first * h.Stride));
            high = Math.Max(high, Math.Min(sourceHeight, h.Origin + (end - 1) * h.Stride + (h.Taps - 1) * h.Dilation + 1));
        }
        high = Math.Max(low, high);
        long line = width * Lanes, plane = sourceHeight * sourceWidth;
        int channels = (int)Math.Min(Lanes, Channels - channel);
        E* pixels = Scratch.Get<E>(Scratch.Use.Image, (high - low) * line) - low * line, results = Scratch.Get<E>(Scratch.Use.Vector, (bottom - top) * Width * Lanes);
        Turn(From + (image * Channels + channel) * plane, channels, low, high, pixels);
        for (long i = 0; i < LatticeCount; i++) Filter(Lattices + i, top, bottom, pixels + before * Lanes, results - top * Width * Lanes);
        Pack.TurnColumns(results, Lanes, (nint)((bottom - top) * Width), To + ((image * Channels + channel) * Height + top) * Width, (nint)(Height * Width), channels);
    }

    /// <summary>Which of a lattice's results lie on lines [top, bottom).</summary>
    readonly (long First, long End) Lines(PixelLattice<E>* l, long top, long bottom)
    {
        long first = l->To / Width, step = l->Step.H / Width, n = l->H.Results;
        long begin = Math.Clamp(FrameAxis.Ceiling(top - first, step), 0, n);
        return (begin, Math.Clamp(FrameAxis.Ceiling(bottom - first, step), begin, n));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Turn(E* from, int channels, long low, long high, E* to)
    {
        long plane = sourceHeight * sourceWidth, after = width - before - sourceWidth;
        from += low * sourceWidth;
        to += low * width * Lanes;
        for (long y = low; y < high; y++, from += sourceWidth)
        {
            for (int r = 0; r < channels; r++) Pack.Prefetch(from + r * plane + sourceWidth, (int)sourceWidth);
            new Span<E>(to, (int)before * Lanes).Clear();
            to += before * Lanes;
            Pack.TurnRows(from, (nint)plane, channels, to, Lanes, (nint)sourceWidth);
            to += sourceWidth * Lanes;
            new Span<E>(to, (int)after * Lanes).Clear();
            to += after * Lanes;
        }
    }

    /// <summary>The results of a lattice on lines [top, bottom).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Filter(PixelLattice<E>* l, long top, long bottom, E* pixels, E* results)
    {
        PixelAxis h = l->H, w = l->W;
        long chunks = Partition.Count(w.Results, MostTogether), line = width * Lanes;
        E* filters = Scratch.Get<E>(Scratch.Use.Weight, (Kernel.Volume + 1) * Lanes), bias = filters + Kernel.Volume * Lanes;
        filters += (h.FirstTap * Kernel.W + w.FirstTap) * Lanes;
        var taps = new Taps
        {
            Width = (nint)w.Taps, Step = (nint)w.Stride * Lanes, Right = (nint)w.Dilation * Lanes, Down = (nint)(h.Dilation * line),
            FilterRight = (nint)w.TapStep * Lanes, FilterDown = (nint)(h.TapStep * Kernel.W) * Lanes, ToStep = (nint)l->Step.W * Lanes,
        };
        var (y, end) = Lines(l, top, bottom);
        for (; y < end; y++)
        {
            var (first, last) = h.TapsOf(y);
            taps.Height = (nint)(last - first);
            E* from = pixels + (h.Origin + y * h.Stride + first * h.Dilation) * line + w.Origin * Lanes, to = results + (l->To + y * l->Step.H) * Lanes;
            for (long i = 0; i < chunks; i++)
            {
                long x = Partition.Begin(w.Results, chunks, i);
                Some((int)(Partition.Begin(w.Results, chunks, i + 1) - x), from + (nint)x * taps.Step, filters + (nint)first * taps.FilterDown, bias, to + (nint)x * taps.ToStep, in taps);
            }
        }
    }

    /// <summary>How far it is from result to result, and from tap to tap in the pixels and in the filters.</summary>
    struct Taps
    {
        public nint Height, Width, Step, Right, Down, FilterRight, FilterDown, ToStep;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Some(int count, E* from, E* filter, E* bias, E* to, in Taps taps)
    {
        switch (count)
        {
            case 1: Some<N1>(from, filter, bias, to, in taps); break;
            case 2: Some<N2>(from, filter, bias, to, in taps); break;
            case 3: Some<N3>(from, filter, bias, to, in taps); break;
            case 4: Some<N4>(from, filter, bias, to, in taps); break;
            case 5: Some<N5>(from, filter, bias, to, in taps); break;
            case 6: Some<N6>(from, filter, bias, to, in taps); break;
            case 7: Some<N7>(from, filter, bias, to, in taps); break;
            default: Some<N8>(from, filter, bias, to, in taps); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Some<N>(E* from, E* filter, E* bias, E* to, in Taps taps) where N : INumber
    {
        T s0 = T.Load(bias), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        nint step = taps.Step, step3 = 3 * step, right = taps.Right, filterRight = taps.FilterRight, width = taps.Width;
        for (nint y = taps.Height; y > 0; y--, from += taps.Down, filter += taps.FilterDown)
        {
            E* p = from, q = from + step3, r = q + step3, f = filter;
            for (nint x = width; x > 0; x--, p += right, q += right, r += right, f += filterRight)
            {
                T a = T.Load(f);
                s0 = T.MulAdd(a, T.Load(p), s0);
                if (N.Value > 1) s1 = T.MulAdd(a, T.Load(p + step), s1);
                if (N.Value > 2) s2 = T.MulAdd(a, T.Load(p + 2 * step), s2);
                if (N.Value > 3) s3 = T.MulAdd(a, T.Load(q), s3);
                if (N.Value > 4) s4 = T.MulAdd(a, T.Load(q + step), s4);
                if (N.Value > 5) s5 = T.MulAdd(a, T.Load(q + 2 * step), s5);
                if (N.Value > 6) s6 = T.MulAdd(a, T.Load(r), s6);
                if (N.Value > 7) s7 = T.MulAdd(a, T.Load(r + step), s7);
            }
        }
        nint next = taps.ToStep;
        T.Store(s0, to);
        if (N.Value > 1) T.Store(s1, to + next);
        if (N.Value > 2) T.Store(s2, to + 2 * next);
        if (N.Value > 3) T.Store(s3, to + 3 * next);
        if (N.Value > 4) T.Store(s4, to + 4 * next);
        if (N.Value > 5) T.Store(s5, to + 5 * next);
        if (N.Value > 6) T.Store(s6, to + 6 * next);
        if (N.Value > 7) T.Store(s7, to + 7 * next);
    }
}
