using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void GatherRows(Tensor table, Tensor index, Tensor y)
    {
        fixed (byte* pt = table.Storage, pi = index.Storage, py = y.Storage)
        {
            long bytes = table.Shape[1] * table.DType.ItemSize;
            bool streams = Streaming.Pays(y.Storage, y.Count * y.DType.ItemSize / 2);  // what is written anew and again is in the last cache, which threads share better than memory
            GatherBody body = new(Start(pt, table), table.Shape[0], bytes, (long*)Start(pi, index), Start(py, y), streams);
            Threads.For(index.Count, Math.Max(1, (1 << 16) / Math.Max(1, bytes)), body);
            if (streams) Streaming.End();
        }
    }

    readonly struct GatherBody(byte* table, long count, long bytes, long* index, byte* y, bool streams) : IRangeBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++)
            {
                EmbeddingBackward.CheckIndex(index[i], count);
                Streaming.Copy(table + index[i] * bytes, y + i * bytes, bytes, streams);
            }
        }
    }

    internal override void SumRows(Tensor table, Tensor index, double scale, Tensor y)
    {
        fixed (byte* pt = table.Storage, pi = index.Storage, py = y.Storage)
        {
            BagVisitor v = new(Start(pt, table), table.Shape[0], table.Shape[1], (long*)Start(pi, index), index.Shape[0], index.Shape[1], scale, Start(py, y));
            LaneDispatch.Visit(y.DType, ref v);
        }
    }

    readonly struct BagVisitor(byte* table, long count, long width, long* index, long bags, long n, double scale, byte* y) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L> =>
            Threads.For(bags, Math.Max(1, RowGrain / (n * width + 1)), new BagBody<L>(table, count, width, index, n, scale, y));
    }

    /// <summary>A line of four vectors of a bag's sum stays in registers over its rows.</summary>
    readonly struct BagBody<L>(byte* table, long count, long width, long* index, long n, double scale, byte* y) : IRangeBody where L : struct, ILane<L>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            long bytes = width * Tail<L>.Size, w = L.Count * Tail<L>.Size, whole = width / L.Count * w;
            L by = L.Const(scale);
            for (long b = begin; b < end; b++)
            {
                long* at = index + b * n;
                byte* to = y + b * bytes;
                for (long k = 0; k < n; k++) EmbeddingBackward.CheckIndex(at[k], count);
                long c = 0;
                for (; c + 4 * w <= whole; c += 4 * w)
                {
                    L s0 = L.Zero, s1 = s0, s2 = s0, s3 = s0;
                    for (long k = 0; k < n; k++)
                    {
                        byte* p = table + at[k] * bytes + c;
                        s0 = L.Plus(s0, p);
                        s1 = L.Plus(s1, p + w);
                        s2 = L.Plus(s2, p + 2 * w);
                        s3 = L.Plus(s3, p + 3 * w);
                    }
                    L.Store(s0 * by, to + c);
                    L.Store(s1 * by, to + c + w);
                    L.Store(s2 * by, to + c + 2 * w);
                    L.Store(s3 * by, to + c + 3 * w);
                }
                for (; c < whole; c += w)
                {
                    L s = L.Zero;
                    for (long k = 0; k < n; k++) s = L.Plus(s, table + at[k] * bytes + c);
                    L.Store(s * by, to + c);
                }
                if (c == bytes) continue;
                int rest = (int)((bytes - c) / Tail<L>.Size);
                L last = L.Zero;
                for (long k = 0; k < n; k++) last += Tail<L>.Load(table + at[k] * bytes + c, rest, L.Zero);
                Tail<L>.Store(last * by, to + c, rest);
            }
        }
    }

    /// <summary>Rows are sorted by index first, so that each result is added up by one thread, in the order of the rows.</summary>
    internal override void ScatterRows(Tensor x, Tensor index, long padding, bool mean, Tensor y)
    {
        if (y.Count == 0) return;
        long rows = y.Shape[0];
        long[] starts = new long[rows + 1], order = new long[index.Count];
        fixed (byte* pi = index.Storage, px = x.Storage, py = y.Storage)
        fixed (long* s = starts, o = order)
        {
            long* at = (long*)Start(pi, index);
            for (long i = 0; i < index.Count; i++) s[at[i] + 1]++;
            for (long v = 0; v < rows; v++) s[v + 1] += s[v];
            for (long i = 0; i < index.Count; i++) o[s[at[i]]++] = i;
            for (long v = rows; v > 0; v--) s[v] = s[v - 1];                        // filling moved every start to the next one's
            s[0] = 0;
            ScatterVisitor visitor = new(Start(px, x), s, o, padding, mean, rows, y.Shape[1], Start(py, y));
            LaneDispatch.Visit(y.DType, ref visitor);
        }
    }

    readonly struct ScatterVisitor(byte* x, long* starts, long* order, long padding, bool mean, long rows, long width, byte* y) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L> =>
            Threads.For(rows, Math.Max(1, RowGrain / width), new ScatterBody<L>(x, starts, order, padding, mean, width, y));
    }

    readonly struct ScatterBody<L>(byte* x, long* starts, long* order, long padding, bool mean, long width, byte* y) : IRangeBody where L : struct, ILane<L>
    {
        public void Run(long begin, long end)
        {
            long bytes = width * Tail<L>.Size;
            for (long v = begin; v < end; v++)
            {
                byte* to = y + v * bytes;
                long n = starts[v + 1] - starts[v];
                for (long i = 0; i < width; i++) Tail<L>.Set(to, i, 0);
                if (v == padding) continue;
                for (long k = starts[v]; k < starts[v + 1]; k++) RowMath<L>.Add(x + order[k] * bytes, width, mean ? 1.0 / n : 1, to);
            }
        }
    }
}
