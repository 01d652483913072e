using System.Numerics;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void Fourier(Tensor x, int axis, bool inverse, double scale, Tensor y)
    {
        if (y.Count == 0) return;
        FourierVisitor v = new(x, axis, inverse, scale, y);
        LaneDispatch.Visit(x.DType.Real, ref v);
    }

    readonly struct FourierVisitor(Tensor x, int axis, bool inverse, double scale, Tensor y) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            if (L.IsDouble) Run<L, double>();
            else Run<L, float>();
        }

        void Run<L, E>() where L : struct, ILane<L> where E : unmanaged, IBinaryFloatingPointIeee754<E>
        {
            fixed (byte* px = x.Storage, py = y.Storage)
            {
                Select first = new(axis, 0);
                Layout lx = first.Transform(x.Layout), ly = first.Transform(y.Layout);
                LoopNest nest = new(ly.Shape, ly, lx);
                int ex = x.DType.IsComplex ? 2 : 1, ey = y.DType.IsComplex ? 2 : 1;
                FourierLines<L, E> body = new()
                {
                    X = (E*)px + ex * x.Layout.Offset, Y = (E*)py + ey * y.Layout.Offset, Sx = x.Strides[axis], Sy = y.Strides[axis],
                    N = ex == 2 && ey == 1 ? y.Shape[axis] : x.Shape[axis], Inverse = inverse, Scale = E.CreateTruncating(scale), Kind = (ex, ey),
                };
                body.Plan = FourierPlan<E>.Of(body.Halves ? body.N / 2 : body.N);
                nest.RunInRanges(ref body, Math.Max(1, 8192 / body.N));
                GC.KeepAlive(body.Plan);
            }
        }
    }

    /// <summary>Lines are gathered, some beside each other, transformed, and put in their places.</summary>
    struct FourierLines<L, E> : INestBody where L : struct, ILane<L> where E : unmanaged, IBinaryFloatingPointIeee754<E>
    {
        const long WorkingSet = 1 << 13;                                       // elements of lines beside each other: the work areas stay in the second cache

        public E* X, Y;
        public long N, Sx, Sy;
        public bool Inverse;
        public E Scale;
        public (int X, int Y) Kind;                                            // numbers an element has
        public FourierPlan<E> Plan;

        /// <summary>Whether an even real line is transformed as one of half as many complex numbers.</summary>
        public readonly bool Halves => Kind != (2, 2) && N % 2 == 0;

        public void Invoke(long* offset, long* stride, long n)
        {
            long room = Plan.Room, most = Math.Clamp(WorkingSet / room, 1, L.Count);
            long area = room * Math.Min(most, n) + 16;
            E* work = Scratch.Get<E>(Scratch.Use.Fourier, 6 * area);
            FourierPasses<L, E>.Parts a = new(work, work + area), b = new(work + 2 * area, work + 3 * area), c = new(work + 4 * area, work + 5 * area);
            for (long i = 0; i < n; i += most)
            {
                long lines = Math.Min(most, n - i);
                E* x = X + Kind.X * (offset[1] + i * stride[1]), to = Y + Kind.Y * (offset[0] + i * stride[0]);
                if (Kind == (2, 2)) GatherComplex(x, stride[1], a, lines);
                else for (long q = 0; q < lines; q++) Gather(x + Kind.X * q * stride[1], a, q, lines);
                // Backwards is forwards with real and imaginary parts exchanged.
                bool backwards = Kind == (2, 1) || Kind == (2, 2) && Inverse;
                FourierPasses<L, E>.Parts y = FourierPasses<L, E>.Run(Plan, backwards ? a.Swapped : a, backwards ? b.Swapped : b, backwards ? c.Swapped : c, lines);
                if (backwards) y = y.Swapped;
                if (Kind == (2, 2)) ScatterComplex(y, to, stride[0], lines);
                else for (long q = 0; q < lines; q++) Scatter(y, to + Kind.Y * q * stride[0], q, lines);
            }
        }

        // Line by line, or where lines lie closer together than their elements, across them: each cache line is read once.
        readonly void GatherComplex(E* x, long step, FourierPasses<L, E>.Parts to, long lines)
        {
            bool across = Math.Abs(step) < Math.Abs(Sx);
            (long outer, long inner) = across ? (N, lines) : (lines, N);
            (long so, long si) = across ? (Sx, step) : (step, Sx);
            (long wo, long wi) = across ? (lines, 1) : (1L, lines);
            for (long o = 0; o < outer; o++)
                for (long i = 0; i < inner; i++)
                {
                    E* v = x + 2 * (o * so + i * si);
                    (to.Re[o * wo + i * wi], to.Im[o * wo + i * wi]) = (v[0], v[1]);
                }
        }

        readonly void ScatterComplex(FourierPasses<L, E>.Parts from, E* y, long step, long lines)
        {
            bool across = Math.Abs(step) < Math.Abs(Sy);
            (long outer, long inner) = across ? (N, lines) : (lines, N);
            (long so, long si) = across ? (Sy, step) : (step, Sy);
            (long fo, long fi) = across ? (lines, 1) : (1L, lines);
            for (long o = 0; o < outer; o++)
                for (long i = 0; i < inner; i++)
                {
                    E* v = y + 2 * (o * so + i * si);
                    (v[0], v[1]) = (from.Re[o * fo + i * fi] * Scale, from.Im[o * fo + i * fi] * Scale);
                }
        }

        readonly void Gather(E* x, FourierPasses<L, E>.Parts to, long q, long lines)
        {
            if (Kind == (2, 1)) GatherHermitian(x, to, q, lines);
            else if (Halves)
                for (long k = 0; k < N / 2; k++, q += lines) (to.Re[q], to.Im[q]) = (x[2 * k * Sx], x[(2 * k + 1) * Sx]);
            else
                for (long k = 0; k < N; k++, q += lines) (to.Re[q], to.Im[q]) = (x[k * Sx], E.Zero);
        }

        // Forwards, the coefficients' conjugates backwards.
        readonly void GatherHermitian(E* x, FourierPasses<L, E>.Parts to, long q, long lines)
        {
            E sign = Inverse ? E.One : -E.One;
            long m = N / 2;
            if (!Halves)
            {
                (to.Re[q], to.Im[q]) = (x[0], E.Zero);
                for (long k = 1; k <= m; k++)
                {
                    E re = x[2 * k * Sx], im = sign * x[2 * k * Sx + 1];
                    (to.Re[q + k * lines], to.Im[q + k * lines]) = (re, im);
                    (to.Re[q + (N - k) * lines], to.Im[q + (N - k) * lines]) = (re, -im);
                }
                return;
            }
            // Even and odd places as real and imaginary parts: zₖ = (xₖ + x̄ₘ₋ₖ) + i(xₖ − x̄ₘ₋ₖ) e^{2πi k/n}
            E* turns = Plan.Turns;
            for (long k = 0; k < m; k++)
            {
                E ar = x[2 * k * Sx], ai = k == 0 ? E.Zero : sign * x[2 * k * Sx + 1];
                E br = x[2 * (m - k) * Sx], bi = k == 0 ? E.Zero : -sign * x[2 * (m - k) * Sx + 1];
                E dr = ar - br, di = ai - bi, wr = turns[2 * k], wi = -turns[2 * k + 1];
                (to.Re[q + k * lines], to.Im[q + k * lines]) = (ar + br - (dr * wi + di * wr), ai + bi + (dr * wr - di * wi));
            }
        }

        readonly void Scatter(FourierPasses<L, E>.Parts from, E* y, long q, long lines)
        {
            if (Kind == (1, 2)) ScatterHermitian(from, y, q, lines);
            else if (Halves)
                for (long k = 0; k < N / 2; k++, q += lines) (y[2 * k * Sy], y[(2 * k + 1) * Sy]) = (from.Re[q] * Scale, from.Im[q] * Scale);
            else
                for (long k = 0; k < N; k++, q += lines) y[k * Sy] = from.Re[q] * Scale;
        }

        readonly void ScatterHermitian(FourierPasses<L, E>.Parts from, E* y, long q, long lines)
        {
            long m = N / 2;
            E imaginary = Inverse ? -Scale : Scale;
            if (!Halves)
            {
                for (long k = 0; k <= m; k++, q += lines) (y[2 * k * Sy], y[2 * k * Sy + 1]) = (from.Re[q] * Scale, from.Im[q] * imaginary);
                return;
            }
            // z holds even places as real and odd ones as imaginary parts: yₖ = (zₖ + z̄ₘ₋ₖ)/2 − i/2 (zₖ − z̄ₘ₋ₖ) e^{−2πi k/n}
            E* turns = Plan.Turns;
            E half = E.CreateTruncating(0.5);
            for (long k = 0; k <= m; k++)
            {
                long i = q + (k == m ? 0 : k) * lines, j = q + (k == 0 ? 0 : m - k) * lines;
                E er = half * (from.Re[i] + from.Re[j]), ei = half * (from.Im[i] - from.Im[j]);
                E or = half * (from.Im[i] + from.Im[j]), oi = -half * (from.Re[i] - from.Re[j]);
                E wr = turns[2 * k], wi = turns[2 * k + 1];
                (y[2 * k * Sy], y[2 * k * Sy + 1]) = ((er + or * wr - oi * wi) * Scale, (ei + or * wi + oi * wr) * imaginary);
            }
        }
    }
}
