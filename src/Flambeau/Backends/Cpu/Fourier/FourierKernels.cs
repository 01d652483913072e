using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    // What lies farthest apart first, then the rest in place and at last along memory: columns 4 kB apart lie in so few sets of the caches that they are gone before they are written.
    internal override void Fourier(Tensor x, Dims axes, bool inverse, double scale, Tensor y)
    {
        if (y.Count == 0) return;
        bool real = !x.DType.IsComplex, whole = real && y.Shape == x.Shape;
        int[] order = Array.ConvertAll(axes.ToArray(), a => (int)a);
        int begin = real && !whole ? 1 : 0;
        (order[0], order[^1]) = (order[^1], order[0]);                         // of the last axis there may be a half only: then it is the real one
        Array.Sort(order, begin, order.Length - begin);
        Tensor part = whole ? y.Window(new Slice(order[0], 0, y.Shape[order[0]] / 2 + 1, 1).Transform(y.Layout)) : y;
        for (int i = 0; i < order.Length; i++)
        {
            FourierVisitor v = new(i == 0 ? x : part, order[i], inverse, i == 0 ? scale : 1, part);
            LaneDispatch.Visit(x.DType.Real, ref v);
        }
        if (whole) Mirror(y, order);
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
                FourierLines<L, E> body = new((E*)px + ex * x.Layout.Offset, x.Strides[axis], (E*)py + ey * y.Layout.Offset, y.Strides[axis],
                    ex == 2 && ey == 1 ? y.Shape[axis] : x.Shape[axis], (ex, ey), inverse, E.CreateTruncating(scale));
                nest.RunInRanges(ref body, Partition.RoundUp(Math.Max(1, 8192 / body.N), body.Most(beside: true)));   // a thread's lines in whole vectors
                GC.KeepAlive(body.Plan);
            }
        }
    }

    /// <summary>
    /// Lines that are contiguous and long are transformed one by one, others as many at a time as a vector has numbers: such that lie beside each other
    /// where they are, others after they were turned in a work area. What is left over goes through work areas number by number.
    /// </summary>
    readonly struct FourierLines<L, E> : INestBody where L : struct, ILane<L> where E : unmanaged, IBinaryFloatingPointIeee754<E>
    {
        const long AskedBytes = 16 << 10;                                      // of a line's result, asked for while the line is transformed: stores would wait for their lines

        readonly E* X, Y;
        readonly long Sx, Sy;
        readonly (int X, int Y) Kind;                                          // numbers an element has
        readonly bool Inverse, Long;
        readonly E Scale;
        public readonly long N;
        public readonly FourierPlan<E> Plan;

        public FourierLines(E* x, long sx, E* y, long sy, long n, (int, int) kind, bool inverse, E scale)
        {
            X = x;
            Y = y;
            (Sx, Sy, N, Kind, Inverse, Scale) = (sx, sy, n, kind, inverse, scale);
            Plan = FourierPlan<E>.Of(Halves ? N / 2 : N);
            Long = Plan.Sides != 0 && Sx == 1 && Sy == 1 && (Kind == (2, 2) || Halves);
        }

        /// <summary>Whether an even real line is transformed as one of half as many complex numbers.</summary>
        bool Halves => Kind != (2, 2) && N % 2 == 0;

        long RowsX => Kind.X == 2 && Kind.Y == 1 ? N / 2 + 1 : N;

        long RowsY => Kind.Y == 2 && Kind.X == 1 ? N / 2 + 1 : N;

        // From real numbers forwards, the inverse's being the conjugate; to real ones backwards, the forward one's being that of the conjugate.
        FourierPasses<L, E>.Mixing Mixing => new(Halves ? Plan.Turns : null, N / 2, Halves && Kind.X == 1 ? E.CreateTruncating(0.5) * Scale : Scale,
            Inverse == (Kind.X == 1) ? -E.One : E.One);

        /// <summary>Lines at a time. Of such beside each other each memory line is read once even where work areas do not stay in the second cache.</summary>
        public long Most(bool beside) => Long || Plan.Room * L.Count * sizeof(E) * 8 > (beside ? 8 << 20 : 1 << 20) ? 1 : L.Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long* offset, long* stride, long n)
        {
            long most = Most(beside: stride[0] == 1 && stride[1] == 1);
            long area = Partition.RoundUp((Plan.Room + 1) * Math.Min(most, n), 16) + 16, rows = most == 1 ? 0 : 2 * Math.Max(RowsX, RowsY) * L.Count;
            E* work = Scratch.Get<E>(Scratch.Use.Fourier, 6 * area + 2 * rows);
            Areas w = new()
            {
                A = new(work, work + area), B = new(work + 2 * area, work + 3 * area), C = new(work + 4 * area, work + 5 * area),
                X = work + 6 * area, Y = work + 6 * area + rows,
            };
            for (long i = 0; i < n; i += most)
            {
                E* x = X + Kind.X * (offset[1] + i * stride[1]), y = Y + Kind.Y * (offset[0] + i * stride[0]);
                if (Long) OfLine(x, y, w);
                else if (n - i < L.Count || most == 1) OfSome(x, stride[1], y, stride[0], w, Math.Min(most, n - i));
                else OfVector(x, stride[1], y, stride[0], w);
            }
        }

        struct Areas
        {
            public FourierPasses<L, E>.Parts A, B, C;
            public E* X, Y;                                                    // rows of a vector
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void OfLine(E* x, E* y, in Areas w)
        {
            E scale = Scale;
            if (RowsY * Kind.Y * sizeof(E) <= AskedBytes) Pack.Prefetch(y, checked((int)(RowsY * Kind.Y)));
            FourierPasses<L, E>.Line from = new(x, null), to = new(y, &scale);
            if (Kind == (1, 2))
            {
                FourierPasses<L, E>.Long(Plan, from, w.A, w.A, w.B, w.C);
                FourierPasses<L, E>.MixLong(Mixing, w.A, y);
            }
            else if (Kind == (2, 1))
            {
                scale = E.One;
                FourierPasses<L, E>.UnmixLong(Mixing, x, w.B);
                FourierPasses<L, E>.Long(Plan, w.B.Swapped, new FourierPasses<L, E>.Back<FourierPasses<L, E>.Line>(to), w.A, w.B, w.C);
            }
            else if (Inverse)
                FourierPasses<L, E>.Long(Plan, new FourierPasses<L, E>.Back<FourierPasses<L, E>.Line>(from), new FourierPasses<L, E>.Back<FourierPasses<L, E>.Line>(to), w.A, w.B, w.C);
            else FourierPasses<L, E>.Long(Plan, from, to, w.A, w.B, w.C);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void OfVector(E* x, long stepX, E* y, long stepY, in Areas w)
        {
            E scale = Scale, one = E.One;
            (long sx, long sy) = (Sx, Sy);
            E* result = y;
            if (stepX != 1)
            {
                Turn(x, sx, stepX, w.X, L.Count, 1, RowsX, L.Count, Kind.X);
                x = w.X;
                sx = L.Count;
            }
            if (stepY != 1)
            {
                y = w.Y;
                sy = L.Count;
            }
            if (Kind == (2, 2))
            {
                FourierPasses<L, E>.Woven from = new(x, 2 * sx, null), to = new(y, 2 * sy, &scale);
                if (Inverse) FourierPasses<L, E>.Run(Plan, new FourierPasses<L, E>.Back<FourierPasses<L, E>.Woven>(from), new FourierPasses<L, E>.Back<FourierPasses<L, E>.Woven>(to), w.A, w.B, w.C, L.Count);
                else FourierPasses<L, E>.Run(Plan, from, to, w.A, w.B, w.C, L.Count);
            }
            else if (Kind == (1, 2))
            {
                FourierPasses<L, E>.Woven to = new(y, 2 * sy, &one);
                if (Halves)
                {
                    FourierPasses<L, E>.Run(Plan, new FourierPasses<L, E>.Pairs(x, x + sx, 2 * sx), w.C, w.A, w.B, w.C, L.Count);
                    FourierPasses<L, E>.Mix(Mixing, w.C, to, L.Count);
                }
                else
                {
                    FourierPasses<L, E>.Run(Plan, new FourierPasses<L, E>.Reals(x, sx, null), w.C, w.A, w.B, w.C, L.Count);
                    FourierPasses<L, E>.Cut(Mixing, w.C, to, L.Count);
                }
            }
            else
            {
                FourierPasses<L, E>.Woven from = new(x, 2 * sx, null);
                if (Halves)
                {
                    FourierPasses<L, E>.Unmix(Mixing, from, w.B, L.Count);
                    FourierPasses<L, E>.Run(Plan, w.B.Swapped, new FourierPasses<L, E>.Pairs(y + sy, y, 2 * sy), w.A, w.B, w.C, L.Count);
                }
                else
                {
                    FourierPasses<L, E>.Fill(Mixing, from, w.B, L.Count);
                    FourierPasses<L, E>.Run(Plan, w.B.Swapped, new FourierPasses<L, E>.Back<FourierPasses<L, E>.Reals>(new(y, sy, &one)), w.A, w.B, w.C, L.Count);
                }
            }
            if (stepY != 1) Turn(y, L.Count, 1, result, Sy, stepY, RowsY, L.Count, Kind.Y);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void OfSome(E* x, long stepX, E* y, long stepY, in Areas w, long lines)
        {
            FourierPasses<L, E>.Parts a = w.A, b = w.B, c = w.C;
            E one = E.One;
            if (Kind.X == 2)
            {
                FourierPasses<L, E>.Parts to = Kind.Y == 2 ? b : a;
                Move(x, 2 * Sx, 2 * stepX, to.Re, lines, 1, RowsX, lines, one);
                Move(x + 1, 2 * Sx, 2 * stepX, to.Im, lines, 1, RowsX, lines, one);
                if (Kind.Y == 1 && Halves) FourierPasses<L, E>.Unmix(Mixing, a, b, lines);
                else if (Kind.Y == 1) FourierPasses<L, E>.Fill(Mixing, a, b, lines);
            }
            else if (Halves)
            {
                Move(x, 2 * Sx, stepX, b.Re, lines, 1, N / 2, lines, one);
                Move(x + Sx, 2 * Sx, stepX, b.Im, lines, 1, N / 2, lines, one);
            }
            else
            {
                Move(x, Sx, stepX, b.Re, lines, 1, N, lines, one);
                new Span<E>(b.Im, checked((int)(N * lines))).Clear();
            }

            bool backwards = Kind.Y == 1 || Kind.X == 2 && Inverse;
            FourierPasses<L, E>.Run(Plan, backwards ? b.Swapped : b, backwards ? c.Swapped : c, a, b, c, lines);

            if (Kind.Y == 2)
            {
                FourierPasses<L, E>.Parts from = c;
                if (Kind.X == 1)
                {
                    if (Halves) FourierPasses<L, E>.Mix(Mixing, c, b, lines);
                    else FourierPasses<L, E>.Cut(Mixing, c, b, lines);
                    from = b;
                }
                E scale = Kind.X == 1 ? one : Scale;
                Move(from.Re, lines, 1, y, 2 * Sy, 2 * stepY, RowsY, lines, scale);
                Move(from.Im, lines, 1, y + 1, 2 * Sy, 2 * stepY, RowsY, lines, scale);
            }
            else if (Halves)
            {
                Move(c.Re, lines, 1, y, 2 * Sy, stepY, N / 2, lines, one);
                Move(c.Im, lines, 1, y + Sy, 2 * Sy, stepY, N / 2, lines, one);
            }
            else Move(c.Re, lines, 1, y, Sy, stepY, N, lines, one);
        }

        /// <summary>Rows become columns. Steps are of elements, from row to row and from line to line.</summary>
        static void Turn(E* from, long fr, long fl, E* to, long tr, long tl, long rows, long lines, int numbers)
        {
            if (numbers == 1) Turn(from, fr, fl, to, tr, tl, rows, lines);
            else if (sizeof(E) == 4) Turn((double*)from, fr, fl, (double*)to, tr, tl, rows, lines);
            else Turn((Complex*)from, fr, fl, (Complex*)to, tr, tl, rows, lines);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Turn<T>(T* from, long fr, long fl, T* to, long tr, long tl, long rows, long lines) where T : unmanaged
        {
            if (fr == 1 && tl == 1) Turned.Copy(from, fl, to, tr, rows, lines);
            else if (fl == 1 && tr == 1) Turned.Copy(from, fr, to, tl, lines, rows);
            else
                for (long q = 0; q < lines; q++)
                    for (long k = 0; k < rows; k++) to[k * tr + q * tl] = from[k * fr + q * fl];
        }

        // Line by line, or where lines lie closer together than their elements, across them: each memory line is read once.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Move(E* from, long fr, long fl, E* to, long tr, long tl, long rows, long lines, E scale)
        {
            if (Math.Abs(fl * tl) < Math.Abs(fr * tr)) (fr, fl, tr, tl, rows, lines) = (fl, fr, tl, tr, lines, rows);
            for (long q = 0; q < lines; q++)
                for (long k = 0; k < rows; k++) to[k * tr + q * tl] = from[k * fr + q * fl] * scale;
        }
    }
}
