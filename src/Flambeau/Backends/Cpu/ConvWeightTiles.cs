using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// dw as tiles of some channels of x (rows) and some of dy (lanes): the way for many channels. dy is packed in panels,
/// G(Images, Groups, panel, Output, lanes); x is read from its frames, a row of results after the other.
/// </summary>
internal readonly unsafe struct ConvWeightTiles<E, T> : IConvWeightWay<E> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
{
    const long SumBytes = 64 << 10, PanelBytes = 64 << 10;

    static int Width => 2 * T.Count;

    static long Panels(in ConvLot<E> lot) => Partition.Count(lot.Rows, Width);

    static long Tiles(in ConvLot<E> lot) => Partition.Count(lot.Channels, Tile.MaxRows);

    // How many tiles an item has: all whose sums stay in cache, unless that leaves threads without work; then the taps are shared out, too.
    static long TilesPerItem(in ConvLot<E> lot)
    {
        long tiles = Tiles(in lot), most = Math.Max(1, SumBytes / (lot.Shape.Kernel.Volume * Tile.MaxRows * Width * sizeof(E)));
        return Partition.Even(tiles, Math.Clamp(tiles * lot.Shape.Groups * Panels(in lot) / (4L * Threads.Count), 1, most));
    }

    static long TapParts(in ConvLot<E> lot) => Math.Min(lot.Shape.Kernel.Volume, Partition.Count(4L * Threads.Count, TileItems(in lot)));

    static long TileItems(in ConvLot<E> lot) => lot.Shape.Groups * Panels(in lot) * Partition.Count(Tiles(in lot), TilesPerItem(in lot));

    /// <summary>Lanes of the panels of a group: whole vectors.</summary>
    static long Lanes(in ConvLot<E> lot) => Partition.RoundUp(lot.Rows, T.Count);

    public static long GradientSize(in ConvLot<E> lot) => lot.Shape.Groups * Lanes(in lot) * lot.Shape.Output.Volume;

    public static long GradientItems(in ConvLot<E> lot) => lot.Images * lot.Shape.Groups * Panels(in lot);

    public static long ProductItems(in ConvLot<E> lot) => TileItems(in lot) * TapParts(in lot);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FillGradient(in ConvLot<E> lot, long item)
    {
        long panels = Panels(in lot), first = item % panels * Width, imageGroup = item / panels, volume = lot.Shape.Output.Volume;
        int rows = (int)Math.Min(Width, lot.Rows - first), lanes = (int)Partition.RoundUp(rows, T.Count);
        Pack.Panel<E, T>(lot.Dy + (imageGroup * lot.Rows + first) * volume, volume, 1, rows, lanes, volume,
            lot.G + (imageGroup * Lanes(in lot) + first) * volume);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in ConvLot<E> lot, long item)
    {
        long panels = Panels(in lot), tiles = Tiles(in lot), perItem = TilesPerItem(in lot), blocks = Partition.Count(tiles, perItem);
        long parts = TapParts(in lot), taps = lot.Shape.Kernel.Volume, part = item % parts;
        item /= parts;
        long tile = item % blocks * perItem, panel = item / blocks % panels, group = item / blocks / panels;
        var work = new Item
        {
            Group = group, Row = panel * Width, Tiles = tiles, Tile = tile, EndTile = Math.Min(tiles, tile + perItem),
            Tap = Partition.Begin(taps, parts, part), EndTap = Partition.Begin(taps, parts, part + 1),
            Lanes = lot.Rows - panel * Width <= T.Count ? T.Count : Width,
        };
        work.Sums = Scratch.Get<E>(Scratch.Use.Vector, perItem * (work.EndTap - work.Tap) * Tile.MaxRows * work.Lanes);
        work.Add(in lot);
        work.Save(in lot);
    }

    /// <summary>Some tiles of a panel, for some taps.</summary>
    struct Item
    {
        public long Group, Row, Tiles, Tile, EndTile, Tap, EndTap;
        public int Lanes;
        public E* Sums;                               // [tile][tap][c][o]

        readonly long Channel(in ConvLot<E> lot, long tile) => Partition.Begin(lot.Channels, Tiles, tile);

        // From outside in: a part of a panel of g, some rows of results, in L2; a tile's channels of x in L1; the taps.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Add(in ConvLot<E> lot)
        {
            ref readonly ConvFrame frame = ref lot.Frame;
            ref readonly ConvShape shape = ref lot.Shape;
            Size3 n = shape.Output;
            var depths = new PixelAxis(shape.Input.D, n.D, shape.Kernel.D, -shape.Pad.D, shape.Stride.D, shape.Dilation.D);
            var heights = new PixelAxis(shape.Input.H, n.H, shape.Kernel.H, -shape.Pad.H, shape.Stride.H, shape.Dilation.H);
            long pitch = frame.W.Pitch, rows = Math.Max(1, PanelBytes / (Lanes * n.W * sizeof(E)));
            bool accumulate = false;
            for (long image = 0; image < lot.Images; image++)
            {
                E* x = lot.FrameX + (image * lot.Shape.C + Group * lot.Channels) * frame.ChannelSize;
                E* g = lot.G + ((image * lot.Shape.Groups + Group) * ConvWeightTiles<E, T>.Lanes(in lot) + Row) * n.Volume;
                for (long z = 0; z < n.D; z++)
                    for (long y = 0; y < n.H; y += rows, accumulate = true)
                    {
                        E* sums = Sums, from = x + (z * frame.H.Pitch + y) * pitch;
                        for (long tile = Tile; tile < EndTile; tile++)
                        {
                            long c = Channel(in lot, tile);
                            int h = (int)(Channel(in lot, tile + 1) - c);
                            for (long tap = Tap; tap < EndTap; tap++, sums += h * Lanes)
                            {
                                // Rows that meet the padding with this tap are left out.
                                var (first, end) = heights.ResultsOf(tap / shape.Kernel.W % shape.Kernel.H);
                                var (front, back) = depths.ResultsOf(tap / shape.Kernel.W / shape.Kernel.H);
                                (first, end) = (Math.Max(first, y), Math.Min(end, Math.Min(y + rows, n.H)));
                                if (first >= end || z < front || z >= back)
                                {
                                    if (!accumulate) new Span<E>(sums, h * Lanes).Clear();
                                    continue;
                                }
                                nint parts = (nint)(end - first), length = (nint)n.W, jump = (nint)(pitch - n.W);
                                if (jump == 0) (parts, length) = (1, parts * length);
                                Cpu.Tile.Run<E, T, EvenRows<E>>(h, Lanes / T.Count, parts, length, from + c * frame.ChannelSize + (nint)((first - y) * pitch) + lot.Offsets[tap],
                                    (nint)frame.ChannelSize, 1, jump, new(g + (z * n.H + first) * n.W * Lanes, Lanes), sums, Lanes, accumulate);
                            }
                        }
                    }
            }
        }

        // Adds the sums to dw.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Save(in ConvLot<E> lot)
        {
            long k = lot.K, taps = lot.Shape.Kernel.Volume, rows = Math.Min(Lanes, lot.Rows - Row);
            E* sums = Sums, dw = lot.Dw + (Group * lot.Rows + Row) * k;
            for (long tile = Tile; tile < EndTile; tile++)
            {
                long c = Channel(in lot, tile), h = Channel(in lot, tile + 1) - c;
                if (lot.IsFirst)
                {
                    for (long i = 0; i < h; i++)
                        Pack.TurnColumns(sums + i * Lanes, (nint)h * Lanes, (nint)(EndTap - Tap), dw + (c + i) * taps + Tap, (nint)k, (nint)rows);
                    sums += (EndTap - Tap) * h * Lanes;
                    continue;
                }
                for (long tap = Tap; tap < EndTap; tap++)
                    for (long i = 0; i < h; i++, sums += Lanes)
                    {
                        E* to = dw + (c + i) * taps + tap;
                        for (long j = 0; j < rows; j++, to += k) *to += sums[j];
                    }
            }
        }
    }
}
