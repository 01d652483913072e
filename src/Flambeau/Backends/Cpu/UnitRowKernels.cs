using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

// One pass over memory: a row stays in L1 between its sums and what is done with them.
internal sealed unsafe partial class CpuBackend
{
    internal override void UnitRows(Tensor x, double eps, Tensor y)
    {
        if (y.Count == 0) return;
        fixed (byte* px = x.Storage, py = y.Storage)
        {
            UnitRowVisitor v = new(Start(px, x), null, Start(py, y), y.Count / x.Shape[^1], x.Shape[^1], eps);
            LaneDispatch.Visit(y.DType, ref v);
        }
    }

    internal override void RowCosine(Tensor a, Tensor b, double eps, Tensor y)
    {
        if (y.Count == 0) return;
        fixed (byte* pa = a.Storage, pb = b.Storage, py = y.Storage)
        {
            UnitRowVisitor v = new(Start(pa, a), Start(pb, b), Start(py, y), y.Count, a.Shape[^1], eps);
            LaneDispatch.Visit(y.DType, ref v);
        }
    }

    /// <summary>Unit rows, or, where b is given, cosines.</summary>
    readonly struct UnitRowVisitor(byte* a, byte* b, byte* y, long rows, long n, double eps) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L> => Threads.For(rows, Math.Max(1, RowGrain / Math.Max(1, n)), new UnitRowBody<L>(a, b, y, rows, n, eps));
    }

    readonly struct UnitRowBody<L>(byte* a, byte* b, byte* y, long rows, long n, double eps) : IRangeBody where L : struct, ILane<L>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            long size = n * Tail<L>.Size;
            if (b != null)
            {
                for (long r = begin; r < end; r++)
                {
                    (double aa, double ab, double bb) = RowMath<L>.Squares(a + r * size, b + r * size, n);
                    Tail<L>.Set(y, r, ab / (Held(aa) * Held(bb)));
                }
                return;
            }
            bool streams = Streaming.Pays(rows * size);
            for (long r = begin; r < end; r++) RowMath<L>.Affine(a + r * size, n, 0, 1 / Held(RowMath<L>.Spread(a + r * size, n, 0)), null, null, 0, y + r * size, streams);
            if (streams) Streaming.End();
        }

        // The norm, at least ε; NaN if it is.
        double Held(double squares) => Math.Max(Math.Sqrt(squares), eps);
    }
}
