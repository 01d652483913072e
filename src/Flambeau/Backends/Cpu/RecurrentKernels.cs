using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void LstmGates(Tensor a, Tensor b, Tensor c, Tensor h, Tensor next, Tensor gates) => Cells(CellKind.Lstm, c, a, b, c, h, next, gates);

    internal override void LstmGatesBackward(Tensor dh, Tensor dNext, Tensor c, Tensor next, Tensor gates, Tensor dGates, Tensor dc) =>
        Cells(CellKind.LstmBackward, c, dh, dNext, c, next, gates, dGates, dc);

    internal override void GruGates(Tensor a, Tensor b, Tensor h, Tensor next, Tensor gates) => Cells(CellKind.Gru, h, a, b, h, next, gates);

    internal override void GruGatesBackward(Tensor g, Tensor b, Tensor h, Tensor gates, Tensor da, Tensor db, Tensor dh) =>
        Cells(CellKind.GruBackward, h, g, b, h, gates, da, db, dh);

    enum CellKind { Lstm, LstmBackward, Gru, GruBackward }

    /// <summary>Arguments in the order of the methods above.</summary>
    static void Cells(CellKind kind, Tensor state, params ReadOnlySpan<Tensor> t)
    {
        if (state.Count == 0) return;
        byte** p = stackalloc byte*[7];
        Tensor last = t[^1];
        fixed (byte* p0 = t[0].Storage, p1 = t[1].Storage, p2 = t[2].Storage, p3 = t[3].Storage)
        fixed (byte* p4 = t[4].Storage, p5 = (t.Length > 5 ? t[5] : last).Storage, p6 = (t.Length > 6 ? t[6] : last).Storage)
        {
            byte** start = stackalloc byte*[7] { p0, p1, p2, p3, p4, p5, p6 };
            for (int i = 0; i < t.Length; i++) p[i] = Start(start[i], t[i]);
            CellVisitor v = new(kind, p, state.Count / state.Shape[^1], state.Shape[^1]);
            LaneDispatch.Visit(state.DType, ref v);
        }
    }

    readonly struct CellVisitor(CellKind kind, byte** p, long rows, long width) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L> =>
            Threads.For(rows, Math.Max(1, 4096 / width), new CellBody<L>(kind, p, width));
    }

    readonly struct CellBody<L>(CellKind kind, byte** p, long width) : IRangeBody where L : struct, ILane<L>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            long e = Tail<L>.Size, step = width * e;
            for (long r = begin; r < end; r++)
            {
                long at = r * step, g = at * (kind <= CellKind.LstmBackward ? 4 : 3);
                switch (kind)
                {
                    case CellKind.Lstm:
                        RecurrentCells<L>.Sum(p[0] + g, p[1] + g, p[5] + g, 4 * width);
                        RecurrentCells<L>.Lstm(p[5] + g, step, p[2] + at, p[3] + at, p[4] + at, width);
                        break;
                    case CellKind.LstmBackward:
                        RecurrentCells<L>.LstmBackward(p[4] + g, step, p[2] + at, p[3] + at, p[0] + at, p[1] + at, p[5] + g, p[6] + at, width);
                        break;
                    case CellKind.Gru:
                        RecurrentCells<L>.Sum(p[0] + g, p[1] + g, p[4] + g, 2 * width);
                        RecurrentCells<L>.Sum(p[0] + g + 2 * step, null, p[4] + g + 2 * step, width);
                        RecurrentCells<L>.Gru(p[4] + g, step, p[1] + g + 2 * step, p[2] + at, p[3] + at, width);
                        break;
                    default:
                        RecurrentCells<L>.GruBackward(p[3] + g, step, p[1] + g + 2 * step, p[2] + at, p[0] + at, p[4] + g, p[5] + g, step, p[6] + at, width);
                        break;
                }
            }
        }
    }
}
