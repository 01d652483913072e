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
            SoftmaxVisitor v = new(Start(px, x), null, Start(py, y), lines, log, Streaming.Pays(y));
            LaneDispatch.Visit(y.DType, ref v);
        }
    }

    internal override void SoftmaxBackward(Tensor g, Tensor y, Lines lines, bool log, Tensor dx)
    {
        if (dx.Count == 0) return;
        fixed (byte* pg = g.Storage, py = y.Storage, pd = dx.Storage)
        {
            SoftmaxVisitor v = new(Start(pg, g), Start(py, y), Start(pd, dx), lines, log, Streaming.Pays(dx));
            LaneDispatch.Visit(dx.DType, ref v);
        }
    }

    /// <summary>Forward from a to the result, or, where b is given, backward from a = gradient and b = forward's result.</summary>
    readonly struct SoftmaxVisitor(byte* a, byte* b, byte* to, Lines s, bool log, bool large) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            long across = (s.Inner + SoftmaxColumns - 1) / SoftmaxColumns;                 // blocks of columns, where lines lie side by side
            long grain = Math.Max(1, RowGrain / (s.Length * Math.Min(s.Inner, SoftmaxColumns)));
            Threads.For(s.Outer * across, grain, new SoftmaxBody<L>(a, b, to, s, log, across, large));
            Streaming.End();
        }
    }

    /// <summary>So many neighbouring lines go row by row, a kilobyte of each: a lane of each would touch a page for 64 bytes.</summary>
    const int SoftmaxColumns = 256;

    readonly struct SoftmaxBody<L>(byte* a, byte* b, byte* to, Lines s, bool log, long across, bool large) : IRangeBody where L : struct, ILane<L>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            for (long item = begin; item < end; item++)
            {
                long column = item % across * SoftmaxColumns, first = (item / across * s.Length * s.Inner + column) * Tail<L>.Size;
                int width = (int)Math.Min(SoftmaxColumns, s.Inner - column);
                byte* p = a + first, q = b + first, r = to + first;
                if (b == null)
                {
                    if (s.Inner == 1) Row(p, r);
                    else Columns(p, r, width);
                }
                else if (s.Inner == 1) RowBackward(p, q, r);
                else ColumnsBackward(p, q, r, width);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Row(byte* x, byte* y)
        {
            long n = s.Length;
            int w = L.Count, e = Tail<L>.Size;
            bool streams = large && Streaming.Fits<L>(y);
            byte* t = streams && !log ? Scratch.Get<byte>(Scratch.Use.Line, n * e) : y;    // eˣ, until the sum is known
            double max = RowMath<L>.Max(x, n), sum = RowMath<L>.ExpSum(x, n, max, log ? null : t);
            long i = 0;
            if (log)
            {
                L m = L.Const(max), l = L.Const(Math.Log(sum));
                for (; i + w <= n; i += w) Streaming.Store(L.Load(x + i * e) - m - l, y + i * e, streams);
                if (i < n) Tail<L>.Store(Tail<L>.Load(x + i * e, (int)(n - i), m) - m - l, y + i * e, (int)(n - i));
            }
            else
            {
                L scale = L.Const(1 / sum);
                for (; i + w <= n; i += w) Streaming.Store(L.Load(t + i * e) * scale, y + i * e, streams);
                if (i < n) Tail<L>.Store(Tail<L>.Load(t + i * e, (int)(n - i), scale) * scale, y + i * e, (int)(n - i));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void RowBackward(byte* g, byte* y, byte* dx)
        {
            long n = s.Length, i = 0;
            int w = L.Count, e = Tail<L>.Size;
            double total = 0;
            while (i + w <= n)
            {
                L p = L.Zero, q = p, u = p, v = p;
                long stop = Math.Min(n, i + RowMath<L>.Stretch);
                if (!log)
                    for (; i + 4 * w <= stop; i += 4 * w)
                    {
                        p = L.Fma(L.Load(g + i * e), L.Load(y + i * e), p);
                        q = L.Fma(L.Load(g + (i + w) * e), L.Load(y + (i + w) * e), q);
                        u = L.Fma(L.Load(g + (i + 2 * w) * e), L.Load(y + (i + 2 * w) * e), u);
                        v = L.Fma(L.Load(g + (i + 3 * w) * e), L.Load(y + (i + 3 * w) * e), v);
                    }
                for (; i + w <= stop; i += w) p = log ? p + L.Load(g + i * e) : L.Fma(L.Load(g + i * e), L.Load(y + i * e), p);
                total += Tail<L>.Sum(p + q + (u + v));
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
            bool streams = large && Streaming.Fits<L>(dx);
            i = 0;
            if (!log)
                for (; i + w <= n; i += w) Streaming.Store(L.Load(y + i * e) * (L.Load(g + i * e) - t), dx + i * e, streams);
            for (; i + w <= n; i += w)
            {
                L u = L.Load(g + i * e), v = L.Load(y + i * e);
                Streaming.Store(log ? u - L.Exp(v) * t : v * (u - t), dx + i * e, streams);
            }
            if (rest > 0) Tail<L>.Store(log ? gt - L.Exp(yt) * t : yt * (gt - t), dx + i * e, rest);
        }

        // Neighbouring lines, one in each number of the lanes: row by row the maxima, the sums, the results.
        [SkipLocalsInit]
        void Columns(byte* x, byte* y, int width)
        {
            byte* first = stackalloc byte[16 * SoftmaxColumns + 128], max = Scratch.Aligned(first), part = max + 8 * SoftmaxColumns;
            double* second = stackalloc double[SoftmaxColumns + 24], sums = Scratch.Aligned(second);
            long step = s.Inner * Tail<L>.Size;
            int lanes = (width + L.Count - 1) / L.Count * L.Count;
            for (int c = 0; c < lanes; c += L.Count) L.Store(L.Const(double.NegativeInfinity), max + c * Tail<L>.Size);
            new Span<double>(sums, lanes).Clear();
            for (long i = 0; i < s.Length; i++) Maxima(x + i * step, width, max);
            for (long i = 0; i < s.Length; i += Deepest)
            {
                Clear(part, lanes);
                for (long k = i; k < Math.Min(s.Length, i + Deepest); k++) Exponentials(x + k * step, width, max, part, log ? null : y + k * step);
                Widen(part, lanes, sums);
            }
            for (int c = 0; c < lanes; c += L.Count)
            {
                L sum = L.Narrow(sums + c);
                byte* m = max + c * Tail<L>.Size;
                L.Store(log ? L.Load(m) + L.Log(sum) : L.One / sum, m);
            }
            for (long i = 0; i < s.Length; i++)
                if (log) Minus(x + i * step, width, max, y + i * step);
                else Times(y + i * step, width, max);
        }

        /// <summary>Rows that are summed in lanes before they go into doubles, which takes five times as long.</summary>
        const int Deepest = 64;

        static void Clear(byte* part, int n) => new Span<byte>(part, n * Tail<L>.Size).Clear();

        static void Widen(byte* part, int n, double* sums)
        {
            for (int c = 0; c < n; c += L.Count) L.Accumulate<SumOp>(L.Load(part + c * Tail<L>.Size), sums + c);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Maxima(byte* x, int width, byte* max)
        {
            int w = L.Count, e = Tail<L>.Size, c = 0;
            for (; c + w <= width; c += w) L.Store(L.MaxNative(L.Load(max + c * e), L.Load(x + c * e)), max + c * e);
            if (c < width) L.Store(L.MaxNative(L.Load(max + c * e), Tail<L>.Load(x + c * e, width - c, L.Zero)), max + c * e);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Exponentials(byte* x, int width, byte* max, byte* sums, byte* y)
        {
            int w = L.Count, e = Tail<L>.Size;
            for (int c = 0; c < width; c += w)
            {
                bool whole = c + w <= width;
                L t = L.Exp((whole ? L.Load(x + c * e) : Tail<L>.Load(x + c * e, width - c, L.Zero)) - L.Load(max + c * e));
                L.Store(L.Load(sums + c * e) + t, sums + c * e);
                if (y == null) continue;
                if (whole) L.Store(t, y + c * e);
                else Tail<L>.Store(t, y + c * e, width - c);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Minus(byte* x, int width, byte* less, byte* y)
        {
            int w = L.Count, e = Tail<L>.Size, c = 0;
            for (; c + w <= width; c += w) L.Store(L.Load(x + c * e) - L.Load(less + c * e), y + c * e);
            if (c < width) Tail<L>.Store(Tail<L>.Load(x + c * e, width - c, L.Zero) - L.Load(less + c * e), y + c * e, width - c);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Times(byte* y, int width, byte* scale)
        {
            int w = L.Count, e = Tail<L>.Size, c = 0;
            for (; c + w <= width; c += w) L.Store(L.Load(y + c * e) * L.Load(scale + c * e), y + c * e);
            if (c < width) Tail<L>.Store(Tail<L>.Load(y + c * e, width - c, L.Zero) * L.Load(scale + c * e), y + c * e, width - c);
        }

        [SkipLocalsInit]
        void ColumnsBackward(byte* g, byte* y, byte* dx, int width)
        {
            byte* first = stackalloc byte[8 * SoftmaxColumns + 64], part = Scratch.Aligned(first);
            double* second = stackalloc double[SoftmaxColumns + 24], sums = Scratch.Aligned(second);
            long step = s.Inner * Tail<L>.Size;
            int lanes = (width + L.Count - 1) / L.Count * L.Count;
            new Span<double>(sums, lanes).Clear();
            for (long i = 0; i < s.Length; i += Deepest)
            {
                Clear(part, lanes);
                for (long k = i; k < Math.Min(s.Length, i + Deepest); k++) Products(g + k * step, y + k * step, width, part, log);
                Widen(part, lanes, sums);
            }
            for (long i = 0; i < s.Length; i++) Slopes(g + i * step, y + i * step, width, sums, log, dx + i * step);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Products(byte* g, byte* y, int width, byte* sums, bool log)
        {
            int w = L.Count, e = Tail<L>.Size;
            for (int c = 0; c < width; c += w)
            {
                bool whole = c + w <= width;
                L u = whole ? L.Load(g + c * e) : Tail<L>.Load(g + c * e, width - c, L.Zero);
                L.Store(L.Load(sums + c * e) + (log ? u : u * (whole ? L.Load(y + c * e) : Tail<L>.Load(y + c * e, width - c, L.Zero))), sums + c * e);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Slopes(byte* g, byte* y, int width, double* sums, bool log, byte* dx)
        {
            int w = L.Count, e = Tail<L>.Size;
            for (int c = 0; c < width; c += w)
            {
                bool whole = c + w <= width;
                L u = whole ? L.Load(g + c * e) : Tail<L>.Load(g + c * e, width - c, L.Zero), v = whole ? L.Load(y + c * e) : Tail<L>.Load(y + c * e, width - c, L.Zero);
                L sum = L.Narrow(sums + c), d = log ? u - L.Exp(v) * sum : v * (u - sum);
                if (whole) L.Store(d, dx + c * e);
                else Tail<L>.Store(d, dx + c * e, width - c);
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
