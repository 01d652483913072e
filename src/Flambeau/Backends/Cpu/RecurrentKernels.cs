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
            for (long r = begin; r < end; r++)
            {
                // Each function in a loop of its own: one body with all five has no room left for the inlining of exponentials.
                if (kind == CellKind.Lstm)
                {
                    long e = Tail<L>.Size, g = r * width * 4 * e, step = width * e;
                    byte* a = p[0] + g, b = p[1] + g, gates = p[5] + g;
                    Sigmoids(a, b, gates, 2 * width);
                    Tanhs(a + 2 * step, b + 2 * step, gates + 2 * step, width);
                    Sigmoids(a + 3 * step, b + 3 * step, gates + 3 * step, width);
                }
                for (long j = 0; j < width; j += L.Count)
                    if (j + L.Count <= width) Lane<Whole>(r, j, L.Count);
                    else Lane<Part>(r, j, (int)(width - j));
            }
        }

        /// <summary>y = σ(a + b)</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static void Sigmoids(byte* a, byte* b, byte* y, long n)
        {
            int e = Tail<L>.Size, w = L.Count;
            long i = 0;
            for (; i + w <= n; i += w) L.Store(Sigmoid(L.Load(a + i * e) + L.Load(b + i * e)), y + i * e);
            if (i < n) Tail<L>.Store(Sigmoid(Tail<L>.Load(a + i * e, (int)(n - i), L.Zero) + Tail<L>.Load(b + i * e, (int)(n - i), L.Zero)), y + i * e, (int)(n - i));
        }

        /// <summary>y = tanh(a + b)</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static void Tanhs(byte* a, byte* b, byte* y, long n)
        {
            int e = Tail<L>.Size, w = L.Count;
            long i = 0;
            for (; i + w <= n; i += w) L.Store(L.Tanh(L.Load(a + i * e) + L.Load(b + i * e)), y + i * e);
            if (i < n) Tail<L>.Store(L.Tanh(Tail<L>.Load(a + i * e, (int)(n - i), L.Zero) + Tail<L>.Load(b + i * e, (int)(n - i), L.Zero)), y + i * e, (int)(n - i));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static L Sigmoid(L x) => L.One / (L.One + L.Exp(-x));

        void Lane<W>(long r, long j, int n) where W : struct, IWidth
        {
            long e = Tail<L>.Size, at = (r * width + j) * e, step = width * e, g = (r * width * (kind <= CellKind.LstmBackward ? 4 : 3) + j) * e;
            switch (kind)
            {
                case CellKind.Lstm: Lstm<W>(g, step, at, n); break;
                case CellKind.LstmBackward: LstmBackward<W>(g, step, at, n); break;
                case CellKind.Gru: Gru<W>(g, step, at, n); break;
                default: GruBackward<W>(g, step, at, n); break;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        void Lstm<W>(long g, long step, long at, int n) where W : struct, IWidth
        {
            byte* gates = p[5] + g;
            L i = W.Load<L>(gates, n), f = W.Load<L>(gates + step, n), cell = W.Load<L>(gates + 2 * step, n), o = W.Load<L>(gates + 3 * step, n);
            L next = L.Fma(f, W.Load<L>(p[2] + at, n), i * cell);
            W.Store(o * L.Tanh(next), p[3] + at, n);
            W.Store(next, p[4] + at, n);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        void LstmBackward<W>(long g, long step, long at, int n) where W : struct, IWidth
        {
            byte* gates = p[4] + g, d = p[5] + g;
            L i = W.Load<L>(gates, n), f = W.Load<L>(gates + step, n), cell = W.Load<L>(gates + 2 * step, n), o = W.Load<L>(gates + 3 * step, n);
            L dh = W.Load<L>(p[0] + at, n), c = W.Load<L>(p[2] + at, n), t = L.Tanh(W.Load<L>(p[3] + at, n));
            L total = W.Load<L>(p[1] + at, n) + dh * o * (L.One - t * t);
            W.Store(total * cell * i * (L.One - i), d, n);
            W.Store(total * c * f * (L.One - f), d + step, n);
            W.Store(total * i * (L.One - cell * cell), d + 2 * step, n);
            W.Store(dh * t * o * (L.One - o), d + 3 * step, n);
            W.Store(total * f, p[6] + at, n);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        void Gru<W>(long g, long step, long at, int n) where W : struct, IWidth
        {
            byte* a = p[0] + g, b = p[1] + g, gates = p[4] + g;
            L r = Sigmoid(W.Load<L>(a, n) + W.Load<L>(b, n)), z = Sigmoid(W.Load<L>(a + step, n) + W.Load<L>(b + step, n));
            L m = L.Tanh(L.Fma(r, W.Load<L>(b + 2 * step, n), W.Load<L>(a + 2 * step, n)));
            W.Store(L.Fma(z, W.Load<L>(p[2] + at, n) - m, m), p[3] + at, n);
            W.Store(r, gates, n);
            W.Store(z, gates + step, n);
            W.Store(m, gates + 2 * step, n);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        void GruBackward<W>(long g, long step, long at, int n) where W : struct, IWidth
        {
            byte* gates = p[3] + g, da = p[4] + g, db = p[5] + g;
            L r = W.Load<L>(gates, n), z = W.Load<L>(gates + step, n), m = W.Load<L>(gates + 2 * step, n), d = W.Load<L>(p[0] + at, n);
            L dm = d * (L.One - z) * (L.One - m * m), dz = d * (W.Load<L>(p[2] + at, n) - m) * z * (L.One - z),
                dr = dm * W.Load<L>(p[1] + g + 2 * step, n) * r * (L.One - r);
            W.Store(dr, da, n);
            W.Store(dr, db, n);
            W.Store(dz, da + step, n);
            W.Store(dz, db + step, n);
            W.Store(dm, da + 2 * step, n);
            W.Store(dm * r, db + 2 * step, n);
            W.Store(d * z, p[6] + at, n);
        }
    }
}
