using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    /// <summary>About how many elements of a row kernel are worth a thread's while.</summary>
    const long RowGrain = 1 << 14;

    static byte* Start(byte* storage, Tensor t) => storage + t.Layout.Offset * t.DType.ItemSize;

    internal override void Softmax(Tensor x, Lines lines, bool log, Tensor y)
    {
        if (y.Count == 0) return;
        fixed (byte* px = x.Storage, py = y.Storage)
        {
            SoftmaxVisitor v = new(Start(px, x), null, Start(py, y), lines, log);
            LaneDispatch.Visit(y.DType, ref v);
        }
    }

    internal override void SoftmaxBackward(Tensor g, Tensor y, Lines lines, bool log, Tensor dx)
    {
        if (dx.Count == 0) return;
        fixed (byte* pg = g.Storage, py = y.Storage, pd = dx.Storage)
        {
            SoftmaxVisitor v = new(Start(pg, g), Start(py, y), Start(pd, dx), lines, log);
            LaneDispatch.Visit(dx.DType, ref v);
        }
    }

    /// <summary>Forward from a to the result, or, where b is given, backward from a = gradient and b = forward's result.</summary>
    readonly struct SoftmaxVisitor(byte* a, byte* b, byte* to, Lines s, bool log) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            long across = s.Inner == 1 ? 1 : (s.Inner + L.Count - 1) / L.Count;            // lanes side by side, where lines do
            long grain = Math.Max(1, RowGrain / (s.Length * (s.Inner == 1 ? 1 : L.Count)));
            Threads.For(s.Outer * across, grain, new SoftmaxBody<L>(a, b, to, s, log, across));
        }
    }

    readonly struct SoftmaxBody<L>(byte* a, byte* b, byte* to, Lines s, bool log, long across) : IRangeBody where L : struct, ILane<L>
    {
        public void Run(long begin, long end)
        {
            for (long item = begin; item < end; item++)
            {
                long first = (item / across * s.Length * s.Inner + item % across * L.Count) * Tail<L>.Size;
                int width = (int)Math.Min(L.Count, s.Inner - item % across * L.Count);
                byte* p = a + first, q = b + first, r = to + first;
                if (b == null)
                {
                    if (s.Inner == 1) Row(p, r);
                    else if (width == L.Count) Columns<Whole>(p, r, width);
                    else Columns<Part>(p, r, width);
                }
                else if (s.Inner == 1) RowBackward(p, q, r);
                else if (width == L.Count) ColumnsBackward<Whole>(p, q, r, width);
                else ColumnsBackward<Part>(p, q, r, width);
            }
        }

        void Row(byte* x, byte* y)
        {
            long n = s.Length;
            double max = RowMath<L>.Max(x, n), sum = RowMath<L>.ExpSum(x, n, max, log ? null : y);
            int w = L.Count, e = Tail<L>.Size;
            long i = 0;
            if (log)
            {
                L m = L.Const(max), l = L.Const(Math.Log(sum));
                for (; i + w <= n; i += w) L.Store(L.Load(x + i * e) - m - l, y + i * e);
                if (i < n) Tail<L>.Store(Tail<L>.Load(x + i * e, (int)(n - i), m) - m - l, y + i * e, (int)(n - i));
            }
            else
            {
                L scale = L.Const(1 / sum);
                for (; i + w <= n; i += w) L.Store(L.Load(y + i * e) * scale, y + i * e);
                if (i < n) Tail<L>.Store(Tail<L>.Load(y + i * e, (int)(n - i), scale) * scale, y + i * e, (int)(n - i));
            }
        }

        void RowBackward(byte* g, byte* y, byte* dx)
        {
            long n = s.Length, i = 0;
            int w = L.Count, e = Tail<L>.Size;
            double total = 0;
            while (i + w <= n)
            {
                L sum = L.Zero;
                for (long stop = Math.Min(n, i + RowMath<L>.Stretch); i + w <= stop; i += w)
                    sum = log ? sum + L.Load(g + i * e) : L.Fma(L.Load(g + i * e), L.Load(y + i * e), sum);
                total += Tail<L>.Sum(sum);
            }
            int rest = (int)(n - i);
            L gt = default, yt = default;
            if (rest > 0)
            {
                gt = Tail<L>.Load(g + i * e, rest, L.Zero);
                yt = Tail<L>.Load(y + i * e, rest, L.Zero);
                total += Tail<L>.Sum(log ? gt : gt * yt);
            }
            L t = L.Const(total);
            for (i = 0; i + w <= n; i += w)
            {
                L u = L.Load(g + i * e), v = L.Load(y + i * e);
                L.Store(log ? u - L.Exp(v) * t : v * (u - t), dx + i * e);
            }
            if (rest > 0) Tail<L>.Store(log ? gt - L.Exp(yt) * t : yt * (gt - t), dx + i * e, rest);
        }

        // Neighbouring lines, one in each number of the lane.
        void Columns<W>(byte* x, byte* y, int width) where W : struct, IWidth
        {
            long step = s.Inner * Tail<L>.Size;
            L max = L.Const(double.NegativeInfinity), sum = L.Zero;
            for (long i = 0; i < s.Length; i++) max = L.MaxNative(max, W.Load<L>(x + i * step, width));
            for (long i = 0; i < s.Length; i++)
            {
                L e = L.Exp(W.Load<L>(x + i * step, width) - max);
                sum += e;
                if (!log) W.Store(e, y + i * step, width);
            }
            L k = log ? L.Log(sum) : L.One / sum;
            for (long i = 0; i < s.Length; i++)
                W.Store(log ? W.Load<L>(x + i * step, width) - max - k : W.Load<L>(y + i * step, width) * k, y + i * step, width);
        }

        void ColumnsBackward<W>(byte* g, byte* y, byte* dx, int width) where W : struct, IWidth
        {
            long step = s.Inner * Tail<L>.Size;
            L sum = L.Zero;
            for (long i = 0; i < s.Length; i++)
            {
                L u = W.Load<L>(g + i * step, width);
                sum = log ? sum + u : L.Fma(u, W.Load<L>(y + i * step, width), sum);
            }
            for (long i = 0; i < s.Length; i++)
            {
                L u = W.Load<L>(g + i * step, width), v = W.Load<L>(y + i * step, width);
                W.Store(log ? u - L.Exp(v) * sum : v * (u - sum), dx + i * step, width);
            }
        }
    }

    /// <summary>Whether a kernel over neighbouring columns has a whole lane of them.</summary>
    interface IWidth
    {
        static abstract L Load<L>(byte* p, int n) where L : struct, ILane<L>;
        static abstract void Store<L>(L x, byte* p, int n) where L : struct, ILane<L>;
    }

    readonly struct Whole : IWidth
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static L Load<L>(byte* p, int n) where L : struct, ILane<L> => L.Load(p);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store<L>(L x, byte* p, int n) where L : struct, ILane<L> => L.Store(x, p);
    }

    readonly struct Part : IWidth
    {
        public static L Load<L>(byte* p, int n) where L : struct, ILane<L> => Tail<L>.Load(p, n, L.Zero);
        public static void Store<L>(L x, byte* p, int n) where L : struct, ILane<L> => Tail<L>.Store(x, p, n);
    }
}
