using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// dw[o, c, k] = Σ over images and results p of g[o, p]·x[c, p·stride + k·dilation − pad], g = dy. Some images at a time are laid out,
/// x as frames; then all threads share out dw and add the lot to it.
/// </summary>
internal readonly unsafe struct ConvBackwardWeight : IConvPass
{
    const long LotBytes = 4 << 20;                    // of x and g, laid out: they stay in L3
    const long MostSums = 8;

    public static void Run<E, T>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        long channels = t.Shape.C / t.Shape.Groups, rows = t.Shape.O / t.Shape.Groups;
        if (ConvProducts.BackwardWeight(in t) || Winograd.Pays(in t.Shape, channels, rows, t.Shape.Output) && RunWinograd<E, T>(in t)) return;
        // Tiles want channels of x for their rows and channels of g for their lanes.
        if (channels >= 4 && 4 * rows >= 3 * T.Count) Run<E, T, ConvWeightTiles<E, T>>(in t);
        else Run<E, T, ConvWeightDots<E, T>>(in t);
    }

    static bool RunWinograd<E, T>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        ref readonly ConvShape s = ref t.Shape;
        var all = new WinogradWeight<E, T>
        {
            X = WinogradPlanes<E>.Of(t.X, s.N, s.C, s.Groups, s.Input, s.Pad, s.Output), G = WinogradPlanes<E>.Of(t.Y, s.N, s.O, s.Groups, s.Output, default, s.Output),
            Groups = s.Groups, To = t.W,
        };
        return all.Run();
    }

    static void Run<E, T, TWay>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T> where TWay : IConvWeightWay<E>
    {
        ref readonly ConvShape s = ref t.Shape;
        long k = s.C / s.Groups * s.Kernel.Volume;
        if (s.N * s.O * k * s.Output.Volume == 0)
        {
            for (long o = 0; o < s.O; o++) new Span<E>(t.W + o * k, checked((int)k)).Clear();
            return;
        }
        // Sums over some images each, by threads that lay out what they read, and then the sum of these. How many depends on the shape only: as many as memory for them is little.
        long sums = Math.Clamp((s.N * (s.C * s.Input.Volume + s.O * s.Output.Volume)) / (2 * s.O * k), 1, Math.Min(s.N, MostSums));
        E* partial = Scratch.Get<E>(Scratch.Use.Partial, (sums - 1) * s.O * k);
        nint* offsets = Scratch.Get<nint>(Scratch.Use.Table, k);
        var frame = ConvForward.Frame(in s, 64 / sizeof(E));
        ConvForward.Offsets(in s, in frame, offsets);
        fixed (ConvTensors<E>* tensors = &t)
        {
            var body = new SumBody<E, T, TWay> { Tensors = tensors, Frame = frame, Offsets = offsets, Partial = partial, Sums = sums };
            // Few: one after the other, each on all threads.
            if (sums < Threads.Count || Threads.Count > 1 && sums % Threads.Count != 0 && sums < 4 * Threads.Count) body.Run(0, sums);
            else Threads.For(sums, Blocked.WorkPerClaim * sums / (s.N * s.O * k * s.Output.Volume) + 1, body);
        }
        if (sums > 1) Threads.For(s.O * k, 1 << 15, new TotalBody<E, T> { To = t.W, Partial = partial, Parts = sums - 1, Count = s.O * k });
    }

    struct TotalBody<E, T> : IRangeBody where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        public E* To, Partial;
        public long Parts, Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            long i = begin;
            for (; i + T.Count <= end; i += T.Count)
            {
                T sum = T.Load(To + i);
                for (long p = 0; p < Parts; p++) sum += T.Load(Partial + p * Count + i);
                T.Store(sum, To + i);
            }
            for (; i < end; i++)
                for (long p = 0; p < Parts; p++) To[i] += Partial[p * Count + i];
        }
    }

    /// <summary>The sums over some images each: the first in dw, others in partial ones.</summary>
    struct SumBody<E, T, TWay> : IRangeBody where E : unmanaged where T : struct, ILane<T> where TWay : IConvWeightWay<E>
    {
        public ConvTensors<E>* Tensors;
        public ConvFrame Frame;
        public nint* Offsets;
        public E* Partial;
        public long Sums;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            long images = Tensors->Shape.N, size = Tensors->Shape.O * (Tensors->Shape.C / Tensors->Shape.Groups) * Tensors->Shape.Kernel.Volume;
            for (long i = begin; i < end; i++) Sum(Partition.Begin(images, Sums, i), Partition.Begin(images, Sums, i + 1), i == 0 ? Tensors->W : Partial + (i - 1) * size);
        }

        readonly void Sum(long first, long end, E* dw)
        {
            ref readonly ConvShape s = ref Tensors->Shape;
            var lot = new ConvLot<E> { Shape = s, Frame = Frame, Dw = dw, Offsets = Offsets };
            long k = lot.K, sizeX = s.C * Frame.ChannelSize, sizeG = TWay.GradientSize(in lot);
            long images = Partition.Even(end - first, Math.Max(1, LotBytes / ((sizeX + sizeG) * sizeof(E))));
            lot.FrameX = Scratch.Get<E>(Scratch.Use.Image, images * sizeX + T.Count);
            lot.G = Scratch.Get<E>(Scratch.Use.Gradient, images * sizeG);
            for (long n = first; n < end; n += images)
            {
                lot.IsFirst = n == first;
                lot.Images = Math.Min(images, end - n);
                lot.X = Tensors->X + n * s.C * s.Input.Volume;
                lot.Dy = Tensors->Y + n * s.O * s.Output.Volume;
                Threads.For(lot.Images * s.C + TWay.GradientItems(in lot), Blocked.WorkPerClaim / 32 / sizeG + 1,
                    new FillBody<E, T, TWay> { Lot = &lot });
                new Span<E>(lot.FrameX + lot.Images * sizeX, T.Count).Clear();          // may be met by zeros
                double work = (double)lot.Images * s.O * k * s.Output.Volume;
                long items = TWay.ProductItems(in lot);
                Threads.For(items, (long)(Blocked.WorkPerClaim * items / work), new MultiplyBody<E, TWay> { Lot = &lot });
            }
        }
    }

    struct FillBody<E, T, TWay> : IRangeBody where E : unmanaged where T : struct, ILane<T> where TWay : IConvWeightWay<E>
    {
        public ConvLot<E>* Lot;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            long planes = Lot->Images * Lot->Shape.C;
            for (long i = begin; i < end; i++)
                if (i < planes) Lot->Frame.Fill<E, T>(Lot->X + i * Lot->Shape.Input.Volume, Lot->FrameX + i * Lot->Frame.ChannelSize);
                else TWay.FillGradient(in *Lot, i - planes);
        }
    }

    struct MultiplyBody<E, TWay> : IRangeBody where E : unmanaged where TWay : IConvWeightWay<E>
    {
        public ConvLot<E>* Lot;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++) TWay.Multiply(in *Lot, i);
        }
    }
}

/// <summary>The images that are being added to dw.</summary>
internal unsafe struct ConvLot<E> where E : unmanaged
{
    public ConvShape Shape;
    public ConvFrame Frame;
    public long Images;
    public bool IsFirst;                              // dw holds nothing yet
    public E* X, Dy;                                  // (Images, C, Input), (Images, O, Output)
    public E* FrameX, G;                              // (Images, C, ChannelSize); dy laid out as the way wants it
    public nint* Offsets;                             // in a frame, of the C·Kernel numbers of a group
    public E* Dw;

    public readonly long Channels => Shape.C / Shape.Groups;
    public readonly long Rows => Shape.O / Shape.Groups;
    public readonly long K => Channels * Shape.Kernel.Volume;
}

/// <summary>A way to add a lot to dw.</summary>
internal interface IConvWeightWay<E> where E : unmanaged
{
    /// <summary>Elements of an image's dy, laid out.</summary>
    static abstract long GradientSize(in ConvLot<E> lot);

    /// <summary>How many items the laying out of the lot's dy has; they may run at the same time.</summary>
    static abstract long GradientItems(in ConvLot<E> lot);

    static abstract void FillGradient(in ConvLot<E> lot, long item);

    /// <summary>How many parts of dw may be computed at the same time.</summary>
    static abstract long ProductItems(in ConvLot<E> lot);

    /// <summary>Adds the lot to a part of dw.</summary>
    static abstract void Multiply(in ConvLot<E> lot, long item);
}
