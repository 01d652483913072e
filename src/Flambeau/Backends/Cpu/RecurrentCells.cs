using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// Rows of cells: n of their units, whose gates lie <c>step</c> bytes apart. Each function in a loop of its own: one body with all of them has no room left for the inlining of exponentials.
    /// </summary>
    static class RecurrentCells<L> where L : struct, ILane<L>
    {
        const MethodImplOptions Loop = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

        /// <summary>y = σ(y)</summary>
        [MethodImpl(Loop)]
        public static void Sigmoids(byte* y, long n)
        {
            int e = Tail<L>.Size, w = L.Count;
            long i = 0;
            for (; i + w <= n; i += w) L.Store(Sigmoid(L.Load(y + i * e)), y + i * e);
            if (i < n) Tail<L>.Store(Sigmoid(Tail<L>.Load(y + i * e, (int)(n - i), L.Zero)), y + i * e, (int)(n - i));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static L Sigmoid(L x) => L.One / (L.One + L.Exp(-x));

        /// <summary>y = tanh(y)</summary>
        [MethodImpl(Loop)]
        public static void Tanhs(byte* y, long n)
        {
            int e = Tail<L>.Size, w = L.Count;
            long i = 0;
            for (; i + w <= n; i += w) L.Store(L.Tanh(L.Load(y + i * e)), y + i * e);
            if (i < n) Tail<L>.Store(L.Tanh(Tail<L>.Load(y + i * e, (int)(n - i), L.Zero)), y + i * e, (int)(n - i));
        }

        /// <summary>y = max(y, 0)</summary>
        [MethodImpl(Loop)]
        public static void Relus(byte* y, long n)
        {
            int e = Tail<L>.Size, w = L.Count;
            long i = 0;
            for (; i + w <= n; i += w) L.Store(L.Max(L.Load(y + i * e), L.Zero), y + i * e);
            if (i < n) Tail<L>.Store(L.Max(Tail<L>.Load(y + i * e, (int)(n - i), L.Zero), L.Zero), y + i * e, (int)(n - i));
        }

        /// <summary>y = a + b; y = a if b is null.</summary>
        [MethodImpl(Loop)]
        public static void Sum(byte* a, byte* b, byte* y, long n)
        {
            int e = Tail<L>.Size, w = L.Count;
            if (b == null)
            {
                Unsafe.CopyBlockUnaligned(y, a, checked((uint)(n * e)));
                return;
            }
            long i = 0;
            for (; i + w <= n; i += w) L.Store(L.Load(a + i * e) + L.Load(b + i * e), y + i * e);
            if (i < n) Tail<L>.Store(Tail<L>.Load(a + i * e, (int)(n - i), L.Zero) + Tail<L>.Load(b + i * e, (int)(n - i), L.Zero), y + i * e, (int)(n - i));
        }

        /// <summary>An LSTM's gates i, f, g, o before their functions: c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′), and the gates after their functions in their places.</summary>
        public static void Lstm(byte* gates, long step, byte* c, byte* h, byte* next, long n)
        {
            if (n * Tail<L>.Size == step) Sigmoids(gates, 2 * n);
            else
            {
                Sigmoids(gates, n);
                Sigmoids(gates + step, n);
            }
            Tanhs(gates + 2 * step, n);
            Sigmoids(gates + 3 * step, n);
            LstmState(gates, step, c, h, next, n);
        }

        [MethodImpl(Loop)]
        static void LstmState(byte* gates, long step, byte* c, byte* h, byte* next, long n)
        {
            int e = Tail<L>.Size;
            long j = 0;
            for (; j + L.Count <= n; j += L.Count) LstmState<Whole>(gates + j * e, step, c + j * e, h + j * e, next + j * e, L.Count);
            if (j < n) LstmState<Part>(gates + j * e, step, c + j * e, h + j * e, next + j * e, (int)(n - j));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void LstmState<W>(byte* gates, long step, byte* c, byte* h, byte* to, int n) where W : struct, IWidth
        {
            L next = L.Fma(W.Load<L>(gates + step, n), W.Load<L>(c, n), W.Load<L>(gates, n) * W.Load<L>(gates + 2 * step, n));
            W.Store(W.Load<L>(gates + 3 * step, n) * L.Tanh(next), h, n);
            W.Store(next, to, n);
        }

        /// <summary>The gradients of an LSTM's gates before their functions, and dc from that of c′ to that of c.</summary>
        /// <param name="gates">The gates after their functions.</param>
        /// <param name="step">Bytes from gate to gate.</param>
        /// <param name="c">The cell before.</param>
        /// <param name="next">The cell after.</param>
        /// <param name="dh">The gradient of h′.</param>
        /// <param name="dNext">The gradient of c′.</param>
        /// <param name="d">Where the gradients of the gates go.</param>
        /// <param name="dc">Where the gradient of c goes.</param>
        /// <param name="n">How many units.</param>
        [MethodImpl(Loop)]
        public static void LstmBackward(byte* gates, long step, byte* c, byte* next, byte* dh, byte* dNext, byte* d, byte* dc, long n)
        {
            int e = Tail<L>.Size;
            long j = 0;
            for (; j + L.Count <= n; j += L.Count)
                LstmBackward<Whole>(gates + j * e, step, c + j * e, next + j * e, dh + j * e, dNext + j * e, d + j * e, dc + j * e, L.Count);
            if (j < n) LstmBackward<Part>(gates + j * e, step, c + j * e, next + j * e, dh + j * e, dNext + j * e, d + j * e, dc + j * e, (int)(n - j));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void LstmBackward<W>(byte* gates, long step, byte* c, byte* next, byte* dh, byte* dNext, byte* d, byte* dc, int n) where W : struct, IWidth
        {
            L i = W.Load<L>(gates, n), f = W.Load<L>(gates + step, n), cell = W.Load<L>(gates + 2 * step, n), o = W.Load<L>(gates + 3 * step, n);
            L g = W.Load<L>(dh, n), t = L.Tanh(W.Load<L>(next, n)), total = W.Load<L>(dNext, n) + g * o * (L.One - t * t);
            W.Store(total * cell * i * (L.One - i), d, n);
            W.Store(total * W.Load<L>(c, n) * f * (L.One - f), d + step, n);
            W.Store(total * i * (L.One - cell * cell), d + 2 * step, n);
            W.Store(g * t * o * (L.One - o), d + 3 * step, n);
            W.Store(total * f, dc, n);
        }

        /// <summary>A GRU's gates r, z, n before their functions, n without what r multiplies: n = tanh(n + σ(r) own), h′ = (1 − σ(z)) n + σ(z) h, and the gates after their functions in their places.</summary>
        public static void Gru(byte* gates, long step, byte* own, byte* h, byte* next, long n)
        {
            if (n * Tail<L>.Size == step) Sigmoids(gates, 2 * n);
            else
            {
                Sigmoids(gates, n);
                Sigmoids(gates + step, n);
            }
            GruState(gates, step, own, h, next, n);
        }

        [MethodImpl(Loop)]
        static void GruState(byte* gates, long step, byte* own, byte* h, byte* next, long n)
        {
            int e = Tail<L>.Size;
            long j = 0;
            for (; j + L.Count <= n; j += L.Count) GruState<Whole>(gates + j * e, step, own + j * e, h + j * e, next + j * e, L.Count);
            if (j < n) GruState<Part>(gates + j * e, step, own + j * e, h + j * e, next + j * e, (int)(n - j));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void GruState<W>(byte* gates, long step, byte* own, byte* h, byte* next, int n) where W : struct, IWidth
        {
            L m = L.Tanh(L.Fma(W.Load<L>(gates, n), W.Load<L>(own, n), W.Load<L>(gates + 2 * step, n)));
            W.Store(m, gates + 2 * step, n);
            W.Store(L.Fma(W.Load<L>(gates + step, n), W.Load<L>(h, n) - m, m), next, n);
        }

        /// <summary>The gradients of both shares of a GRU's gates before their functions, and what h gets directly.</summary>
        /// <param name="gates">The gates after their functions.</param>
        /// <param name="step">Bytes from gate to gate.</param>
        /// <param name="own">What r multiplied.</param>
        /// <param name="h">The state before.</param>
        /// <param name="g">The gradient of h′.</param>
        /// <param name="d">Where those of the gates' share of the input go.</param>
        /// <param name="dOwn">Where those of the gates' share of the state go.</param>
        /// <param name="stepD">Bytes from gate to gate of these.</param>
        /// <param name="dh">Where that of h goes.</param>
        /// <param name="n">How many units.</param>
        [MethodImpl(Loop)]
        public static void GruBackward(byte* gates, long step, byte* own, byte* h, byte* g, byte* d, byte* dOwn, long stepD, byte* dh, long n)
        {
            int e = Tail<L>.Size;
            long j = 0;
            for (; j + L.Count <= n; j += L.Count)
                GruBackward<Whole>(gates + j * e, step, own + j * e, h + j * e, g + j * e, d + j * e, dOwn + j * e, stepD, dh + j * e, L.Count);
            if (j < n) GruBackward<Part>(gates + j * e, step, own + j * e, h + j * e, g + j * e, d + j * e, dOwn + j * e, stepD, dh + j * e, (int)(n - j));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void GruBackward<W>(byte* gates, long step, byte* own, byte* h, byte* g, byte* d, byte* dOwn, long stepD, byte* dh, int n) where W : struct, IWidth
        {
            L r = W.Load<L>(gates, n), z = W.Load<L>(gates + step, n), m = W.Load<L>(gates + 2 * step, n), u = W.Load<L>(g, n);
            L dm = u * (L.One - z) * (L.One - m * m), dz = u * (W.Load<L>(h, n) - m) * z * (L.One - z), dr = dm * W.Load<L>(own, n) * r * (L.One - r);
            W.Store(dr, d, n);
            W.Store(dr, dOwn, n);
            W.Store(dz, d + stepD, n);
            W.Store(dz, dOwn + stepD, n);
            W.Store(dm, d + 2 * stepD, n);
            W.Store(dm * r, dOwn + 2 * stepD, n);
            W.Store(u * z, dh, n);
        }

        /// <summary>d = g (1 − y²), or g where y is positive.</summary>
        [MethodImpl(Loop)]
        public static void PlainBackward(bool tanh, byte* y, byte* g, byte* d, long n)
        {
            int e = Tail<L>.Size;
            long j = 0;
            for (; j + L.Count <= n; j += L.Count) PlainBackward<Whole>(tanh, y + j * e, g + j * e, d + j * e, L.Count);
            if (j < n) PlainBackward<Part>(tanh, y + j * e, g + j * e, d + j * e, (int)(n - j));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void PlainBackward<W>(bool tanh, byte* y, byte* g, byte* d, int n) where W : struct, IWidth
        {
            L v = W.Load<L>(y, n), u = W.Load<L>(g, n);
            W.Store(tanh ? u * (L.One - v * v) : L.Where(L.Less(L.Zero, v), u, L.Zero), d, n);
        }
    }
}
