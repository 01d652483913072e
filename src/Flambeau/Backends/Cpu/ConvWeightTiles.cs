using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// dw as tiles of some channels of x (rows) and some of dy (lanes): the way for many channels. dy is packed in panels,
/// G(Images, Groups, panel, Output, lanes); x is read from its frames, a row of results after the other.
/// </summary>
internal readonly unsafe struct ConvWeightTiles<E, T> : IConvWeightWay<E> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
{
    static int Width => 2 * T.Count;

    static long Panels(in ConvLot<E> lot) => Partition.Count(lot.Rows, Width);

    static long Tiles(in ConvLot<E> lot) => Partition.Count(lot.Channels, Tile.MaxRows);

    // Where there are few tiles, the taps of the filter are shared out too.
    static long TapParts(in ConvLot<E> lot)
    {
        long items = lot.Shape.Groups * Panels(in lot) * Tiles(in lot);
        return Math.Min(lot.Shape.Kernel.Volume, Partition.Count(4L * Threads.Count, items));
    }

    /// <summary>Lanes of the panels of a group: whole vectors.</summary>
    static long Lanes(in ConvLot<E> lot) => Partition.RoundUp(lot.Rows, T.Count);

    public static long GradientSize(in ConvLot<E> lot) => lot.Shape.Groups * Lanes(in lot) * lot.Shape.Output.Volume;

    public static long GradientItems(in ConvLot<E> lot) => lot.Images * lot.Shape.Groups * Panels(in lot);

    public static long ProductItems(in ConvLot<E> lot) => lot.Shape.Groups * Panels(in lot) * Tiles(in lot) * TapParts(in lot);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FillGradient(in ConvLot<E> lot, long item)
    {
        long panels = Panels(in lot), first = item % panels * Width, imageGroup = item / panels, volume = lot.Shape.Output.Volume;
        int rows = (int)Math.Min(Width, lot.Rows - first), lanes = (int)Partition.RoundUp(rows, T.Count);
        Pack.Panel<E, T>(lot.Dy + (imageGroup * lot.Rows + first) * volume, volume, 1, rows, lanes, volume,
            lot.G + (imageGroup * Lanes(in lot) + first) * volume);
    }

    // Image after image, tap after tap: a panel of g (in L2) and the frames of the rows' channels serve all taps.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in ConvLot<E> lot, long item)
    {
        ref readonly ConvFrame frame = ref lot.Frame;
        Size3 n = lot.Shape.Output;
        long parts = TapParts(in lot), tiles = Tiles(in lot), panels = Panels(in lot), taps = lot.Shape.Kernel.Volume;
        long part = item % parts, tile = item / parts % tiles, panel = item / parts / tiles % panels, group = item / parts / tiles / panels;
        long c = Partition.Begin(lot.Channels, tiles, tile), o = panel * Width, firstTap = Partition.Begin(taps, parts, part), endTap = Partition.Begin(taps, parts, part + 1);
        int h = (int)(Partition.Begin(lot.Channels, tiles, tile + 1) - c), w = (int)Math.Min(Width, lot.Rows - o), vectors = w <= T.Count ? 1 : 2, lanes = vectors * T.Count;

        E* sums = Scratch.Get<E>(Scratch.Use.Vector, (endTap - firstTap) * h * lanes);       // [tap][c][o]
        nint jump = (nint)(frame.W.Pitch - n.W), rowLength = (nint)n.W, rows = (nint)n.H;
        if (jump == 0) (rowLength, rows) = (rowLength * rows, 1);
        for (long image = 0; image < lot.Images; image++)
        {
            E* x = lot.FrameX + (image * lot.Shape.C + group * lot.Channels + c) * frame.ChannelSize;
            E* g = lot.G + ((image * lot.Shape.Groups + group) * Lanes(in lot) + o) * n.Volume;
            for (long tap = firstTap; tap < endTap; tap++)
                for (long z = 0; z < n.D; z++)
                    Tile.Run<E, T, EvenRows<E>>(h, vectors, rows, rowLength, x + lot.Offsets[tap] + z * frame.H.Pitch * frame.W.Pitch, (nint)frame.ChannelSize, 1, jump,
                        new(g + z * n.H * n.W * lanes, lanes), sums + (tap - firstTap) * h * lanes, lanes, image + z > 0);
        }

        E* dw = lot.Dw + (group * lot.Rows + o) * lot.K + c * taps;
        for (long tap = firstTap; tap < endTap; tap++)
            for (int i = 0; i < h; i++, sums += lanes)
                for (int j = 0; j < w; j++) dw[j * lot.K + i * taps + tap] += sums[j];
    }
}
