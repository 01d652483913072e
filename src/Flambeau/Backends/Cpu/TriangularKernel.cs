using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void Triangular(Tensor x, long diagonal, bool upper, Tensor y)
    {
        if (y.Count == 0) return;
        long rows = y.Shape[^2], columns = y.Shape[^1];
        int size = y.DType.ItemSize;
        fixed (byte* px = x.Storage, py = y.Storage)
        {
            bool streams = Streaming.Pays(y) && !ReferenceEquals(x.Storage, y.Storage);
            Threads.For(y.Count / columns, Math.Max(1, (1 << 16) / (columns * size)),
                new Triangles(px + x.Layout.Offset * size, py + y.Layout.Offset * size, rows, columns, size, diagonal, upper, streams));
            if (streams) Streaming.End();
        }
    }

    /// <summary>Row by row: what stays is copied, the rest is zeros. x and y may be the same.</summary>
    readonly struct Triangles(byte* x, byte* y, long rows, long columns, int size, long diagonal, bool upper, bool streams) : IRangeBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            for (long r = begin, row = begin % rows; r < end; r++, row = row + 1 == rows ? 0 : row + 1)
            {
                long edge = Math.Clamp(row + diagonal + (upper ? 0 : 1), 0, columns) * size, all = columns * size, from = upper ? edge : 0, to = upper ? all : edge;
                byte* source = x + r * all, target = y + r * all;
                if (source != target) Streaming.Copy(source + from, target + from, to - from, streams);
                if (upper) Cleared(target, edge);
                else Cleared(target + edge, all - edge);
            }
        }
    }
}
