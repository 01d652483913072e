using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// dw[o, c, k] = Σ over images and results p of g[o, p]·x[c, p·stride + k·dilation − pad]: products along the frame of x, where
/// g has zeros at the idle numbers. Some images at a time, all threads on each lot.
/// </summary>
internal readonly unsafe struct ConvBackwardWeight : IConvPass
{
    const long LotBytes = 4 << 20;                    // of x and g, laid out: they stay in L3

    public static void Run<E, T>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        ref readonly ConvShape s = ref t.Shape;
        long k = s.C / s.Groups * s.Kernel.Volume;
        new Span<E>(t.W, checked((int)(s.O * k))).Clear();
        if (s.N * s.O * k * s.Output.Volume == 0) return;
        var frame = ConvForward.Frame(in s, 64 / sizeof(E));
        long results = (frame.Results(s.Output) + T.Count - 1) / T.Count * T.Count;
        long sizeX = s.C * frame.ChannelSize, sizeG = s.O * results;
        long lot = Math.Clamp(LotBytes / ((sizeX + sizeG) * sizeof(E)), 1, s.N);
        var sum = new Sum<E, T>
        {
            Shape = s, Frame = frame, Results = results, K = k, Dw = t.W,
            FrameX = Scratch.Get<E>(Scratch.Use.Image, lot * sizeX + T.Count), FrameG = Scratch.Get<E>(Scratch.Use.Gradient, lot * sizeG),
            Offsets = Scratch.Get<nint>(Scratch.Use.Table, k),
        };
        ConvForward.Offsets(in s, in frame, sum.Offsets);
        for (long n = 0; n < s.N; n += lot)
        {
            sum.Images = Math.Min(lot, s.N - n);
            sum.X = t.X + n * s.C * s.Input.Volume;
            sum.G = t.Y + n * s.O * s.Output.Volume;
            Threads.For(sum.Images * (s.C + s.O), 1 + (1 << 15) / results, new FillBody<E, T> { Of = &sum });
            new Span<E>(sum.FrameX + sum.Images * sizeX, T.Count).Clear();          // met by idle numbers
            Threads.For(sum.Items, (long)(Blocked.WorkPerClaim / ((double)sum.Images * results * 24)) + 1, new MultiplyBody<E, T> { Of = &sum });
        }
    }

    struct Sum<E, T> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        public ConvShape Shape;
        public ConvFrame Frame;
        public long Images, Results, K;
        public E* X, G, FrameX, FrameG, Dw;           // FrameX(Images, C, ChannelSize), FrameG(Images, O, Results)
        public nint* Offsets;

        readonly long RowsPerGroup => Shape.O / Shape.Groups;
        readonly long RowBlocks => (RowsPerGroup + Dot.MaxRows - 1) / Dot.MaxRows;
        readonly long ColumnBlocks => (K + Dot.MaxColumns - 1) / Dot.MaxColumns;
        public readonly long Items => Shape.Groups * RowBlocks * ColumnBlocks;

        // Column blocks are innermost: the rows of g stay in L1 or L2 while x passes.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Multiply(long item)
        {
            long column = item % ColumnBlocks, row = item / ColumnBlocks % RowBlocks, group = item / ColumnBlocks / RowBlocks;
            long k = Partition.Begin(K, ColumnBlocks, column), o = Partition.Begin(RowsPerGroup, RowBlocks, row);
            int columns = (int)(Partition.Begin(K, ColumnBlocks, column + 1) - k), rows = (int)(Partition.Begin(RowsPerGroup, RowBlocks, row + 1) - o);
            o += group * RowsPerGroup;
            Dot.Run<E, T>(rows, columns, (nint)Images, (nint)(Shape.O * Results), (nint)(Shape.C * Frame.ChannelSize), (nint)Results,
                FrameG + o * Results, (nint)Results, FrameX + group * (Shape.C / Shape.Groups) * Frame.ChannelSize, Offsets + k, Dw + o * K + k, (nint)K, 1);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void FillG(long plane)
        {
            E* from = G + plane * Shape.Output.Volume, to = FrameG + plane * Results, end = to + Results;
            long pitch = Frame.W.Pitch, w = Shape.Output.W;
            for (long z = 0; z < Shape.Output.D; z++)
                for (long y = 0; y < Shape.Output.H; y++, from += w)
                {
                    E* row = FrameG + plane * Results + (z * Frame.H.Pitch + y) * pitch;
                    for (; to < row; to++) *to = E.Zero;
                    ConvFrame.Copy(from, to, w);
                    to += w;
                }
            for (; to < end; to++) *to = E.Zero;
        }
    }

    struct FillBody<E, T> : IRangeBody where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        public Sum<E, T>* Of;

        public readonly void Run(long begin, long end)
        {
            long planes = Of->Images * Of->Shape.C;
            for (long i = begin; i < end; i++)
                if (i < planes) Of->Frame.Fill(Of->X + i * Of->Shape.Input.Volume, Of->FrameX + i * Of->Frame.ChannelSize);
                else Of->FillG(i - planes);
        }
    }

    struct MultiplyBody<E, T> : IRangeBody where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        public Sum<E, T>* Of;

        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++) Of->Multiply(i);
        }
    }
}
