using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// dw as products along the results: the way for few channels. dy is numbered like the frame of x, with zeros at the idle numbers.
/// </summary>
internal readonly unsafe struct ConvWeightDots<E, T> : IConvWeightWay<E> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
{
    static long Results(in ConvLot<E> lot) => Partition.RoundUp(lot.Frame.Results(lot.Shape.Output), T.Count);

    static long RowBlocks(in ConvLot<E> lot) => Partition.Count(lot.Rows, Dot.MaxRows);

    static long ColumnBlocks(in ConvLot<E> lot) => Partition.Count(lot.K, Dot.MaxColumns);

    public static long GradientSize(in ConvLot<E> lot) => lot.Shape.O * Results(in lot);

    public static long GradientItems(in ConvLot<E> lot) => lot.Images * lot.Shape.O;

    public static long ProductItems(in ConvLot<E> lot) => lot.Shape.Groups * RowBlocks(in lot) * ColumnBlocks(in lot);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FillGradient(in ConvLot<E> lot, long item)
    {
        Size3 n = lot.Shape.Output;
        long results = Results(in lot);
        E* from = lot.Dy + item * n.Volume, to = lot.G + item * results, plane = to, end = to + results;
        for (long z = 0; z < n.D; z++)
            for (long y = 0; y < n.H; y++, from += n.W)
            {
                for (E* row = plane + (z * lot.Frame.H.Pitch + y) * lot.Frame.W.Pitch; to < row; to++) *to = E.Zero;
                ConvFrame.Copy<E, T>(from, to, n.W);
                to += n.W;
            }
        for (; to < end; to++) *to = E.Zero;
    }

    // Column blocks are innermost: the rows of g stay in L1 or L2 while x passes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in ConvLot<E> lot, long item)
    {
        long columnBlocks = ColumnBlocks(in lot), rowBlocks = RowBlocks(in lot), results = Results(in lot);
        long column = item % columnBlocks, row = item / columnBlocks % rowBlocks, group = item / columnBlocks / rowBlocks;
        long k = Partition.Begin(lot.K, columnBlocks, column), o = Partition.Begin(lot.Rows, rowBlocks, row);
        int columns = (int)(Partition.Begin(lot.K, columnBlocks, column + 1) - k);
        int rows = (int)(Partition.Begin(lot.Rows, rowBlocks, row + 1) - o);
        o += group * lot.Rows;
        E* dw = lot.Dw + o * lot.K + k;
        if (lot.IsFirst)
            for (int i = 0; i < rows; i++) new Span<E>(dw + i * lot.K, columns).Clear();
        Dot.Run<E, T>(rows, columns,
            (nint)lot.Images, (nint)(lot.Shape.O * results), (nint)(lot.Shape.C * lot.Frame.ChannelSize), (nint)results,
            lot.G + o * results, (nint)results, lot.FrameX + group * lot.Channels * lot.Frame.ChannelSize, lot.Offsets + k,
            dw, (nint)lot.K, 1);
    }
}
