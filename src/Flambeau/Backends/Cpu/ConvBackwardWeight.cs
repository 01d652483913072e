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

    static void Run<E, T, TWay>(in ConvTensors<E> t) where E : unmanaged where T : struct, ILane<T> where TWay : IConvWeightWay<E>
    {
        ref readonly ConvShape s = ref t.Shape;
        long k = s.C / s.Groups * s.Kernel.Volume;
        if (s.N * s.O * k * s.Output.Volume == 0)
        {
            for (long o = 0; o < s.O; o++) new Span<E>(t.W + o * k, checked((int)k)).Clear();
            return;
        }
        var lot = new ConvLot<E>
        {
            Shape = s, Frame = ConvForward.Frame(in s, 64 / sizeof(E)), Dw = t.W, Offsets = Scratch.Get<nint>(Scratch.Use.Table, k),
        };
        ConvForward.Offsets(in s, in lot.Frame, lot.Offsets);
        long sizeX = s.C * lot.Frame.ChannelSize, sizeG = TWay.GradientSize(in lot);
        long images = Partition.Even(s.N, Math.Max(1, LotBytes / ((sizeX + sizeG) * sizeof(E))));
        lot.FrameX = Scratch.Get<E>(Scratch.Use.Image, images * sizeX + T.Count);
        lot.G = Scratch.Get<E>(Scratch.Use.Gradient, images * sizeG);
        for (long n = 0; n < s.N; n += images)
        {
            lot.IsFirst = n == 0;
            lot.Images = Math.Min(images, s.N - n);
            lot.X = t.X + n * s.C * s.Input.Volume;
            lot.Dy = t.Y + n * s.O * s.Output.Volume;
            Threads.For(lot.Images * s.C + TWay.GradientItems(in lot), Blocked.WorkPerClaim / 32 / sizeG + 1,
                new FillBody<E, T, TWay> { Lot = &lot });
            new Span<E>(lot.FrameX + lot.Images * sizeX, T.Count).Clear();          // may be met by zeros
            double work = (double)lot.Images * s.O * k * s.Output.Volume;
            long items = TWay.ProductItems(in lot);
            Threads.For(items, (long)(Blocked.WorkPerClaim * items / work), new MultiplyBody<E, TWay> { Lot = &lot });
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
