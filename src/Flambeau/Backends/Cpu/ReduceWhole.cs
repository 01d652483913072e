using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

// Reductions of integers and truth values. They are exact, so that they may be cut and combined in any order: one nest walks the input as it lies in memory, and each run
// of it goes into a result (in lanes, folded at its end) or into a row of results.
internal sealed unsafe partial class CpuBackend
{
    static void ReduceWholes<TOp>(Tensor x, Tensor y) where TOp : struct, IReduceOp
    {
        fixed (byte* px = x.Storage, py = y.Storage)
        {
            byte* from = Start(px, x), to = Start(py, y);
            if (y.DType == DType.Int64 && x.DType != DType.Int64)
                switch (x.DType)
                {
                    case DType.Int8: ReduceWholes<TOp, sbyte, long>(x, y, from, to); break;
                    case DType.Int16: ReduceWholes<TOp, short, long>(x, y, from, to); break;
                    case DType.Int32: ReduceWholes<TOp, int, long>(x, y, from, to); break;
                    default: ReduceWholes<TOp, byte, long>(x, y, from, to); break;               // a bool is a byte that is 0 or 1
                }
            else
                switch (x.DType)
                {
                    case DType.Int8: ReduceWholes<TOp, sbyte, sbyte>(x, y, from, to); break;
                    case DType.Int16: ReduceWholes<TOp, short, short>(x, y, from, to); break;
                    case DType.Int32: ReduceWholes<TOp, int, int>(x, y, from, to); break;
                    case DType.Int64: ReduceWholes<TOp, long, long>(x, y, from, to); break;
                    case DType.UInt8: ReduceWholes<TOp, byte, byte>(x, y, from, to); break;
                    default:
                        if (typeof(TOp) == typeof(SumOp) || typeof(TOp) == typeof(MaxOp)) ReduceWholes<MaxOp, byte, byte>(x, y, from, to);
                        else ReduceWholes<MinOp, byte, byte>(x, y, from, to);
                        break;
                }
        }
    }

    static void ReduceWholes<TOp, E, A>(Tensor x, Tensor y, byte* from, byte* to) where TOp : struct, IReduceOp where E : unmanaged where A : unmanaged, IBinaryInteger<A>, IMinMaxValue<A>
    {
        A identity = typeof(TOp) == typeof(MaxOp) ? A.MinValue : typeof(TOp) == typeof(MinOp) ? A.MaxValue : typeof(TOp) == typeof(ProdOp) ? A.One : A.Zero;
        if (y.Layout.IsContiguous && y.Count <= 4096) new Span<A>(to, (int)y.Count).Fill(identity);
        else
        {
            LoopNest all = new(y.Shape, new Layout(y.Shape, y.Strides.ToArray(), 0), Layout.Scalar);
            Converts<A, A> fill = new(&identity, (A*)to, streams: false);
            all.Run(ref fill, 0, y.Count);
        }
        WholeReduction<TOp, E, A> body = new((E*)from, (A*)to, new(x.Shape, y.Layout, x.Layout));
        long count = body.Nest.Count;
        int axis = 0;
        while (axis < body.Nest.Rank && body.Nest.Strides(0)[axis] == 0) axis++;
        if (count <= Piece || axis == body.Nest.Rank && count <= 4 * Piece) body.Run(0, 0, body.Nest.Size[0]);
        else if (axis < body.Nest.Rank)
        {
            // Results are shared out.
            body.Axis = axis;
            Threads.For(body.Nest.Size[axis], Math.Max(1, Piece / (count / body.Nest.Size[axis])), body);
        }
        else
        {
            // One result: of pieces, as many as there are.
            long size = body.Nest.Size[0], length = Math.Max(1, 4 * Piece / (count / size)), pieces = Math.Min(64, (size + length - 1) / length);
            A* partial = stackalloc A[64];
            new Span<A>(partial, (int)pieces).Fill(identity);
            body.Partial = partial;
            body.Length = (size + pieces - 1) / pieces;
            Threads.For(pieces, 1, body);
            for (long i = 0; i < pieces; i++) *(A*)to = Combined<TOp>.Of(*(A*)to, partial[i]);
        }
    }

    partial struct WholeReduction<TOp, E, A>(E* x, A* y, LoopNest nest) : IRangeBody, INestBody where TOp : struct, IReduceOp where E : unmanaged where A : unmanaged, IBinaryInteger<A>
    {
        const int Chunk = 512;
        public LoopNest Nest = nest;
        public int Axis;                                                        // that is shared out
        public A* Partial;                                                      // a result for each piece of axis 0
        public long Length;                                                     // of a piece
        long _rows = 1, _pitch;                                                 // of a run into a row of results: those that go into the same

        public void Run(long begin, long end)
        {
            if (Partial == null) { Run(Axis, begin, end); return; }
            for (; begin < end; begin++)
            {
                WholeReduction<TOp, E, A> mine = new(x, Partial + begin, Nest);
                mine.Run(0, begin * Length, Math.Min((begin + 1) * Length, Nest.Size[0]));
            }
        }

        /// <summary>The part [begin, end) of an axis.</summary>
        public void Run(int axis, long begin, long end)
        {
            if (begin >= end) return;
            WholeReduction<TOp, E, A> mine = new(x + begin * Nest.Strides(1)[axis], y + begin * Nest.Strides(0)[axis], Nest);
            mine.Nest.Size[axis] = end - begin;
            LoopNest part = mine.Nest;
            int last = part.Rank - 1;
            if (last > 0 && part.Strides(0)[last] == 1 && part.Strides(1)[last] == 1 && part.Strides(0)[last - 1] == 0)
            {
                (mine._rows, mine._pitch) = (part.Size[last - 1], part.Strides(1)[last - 1]);
                part.Size[last - 1] = 1;
            }
            part.Run(ref mine, 0, part.Count);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long* offset, long* stride, long n)
        {
            A* to = y + offset[0];
            E* from = x + offset[1];
            long sy = stride[0], sx = stride[1];
            if (sx == 1 && sy == 0) *to = Combined<TOp>.Of(*to, Folded(from, n));
            else if (sx == 1 && sy == 1) Columns(to, from, n);
            else if (sy == 0)
            {
                A total = *to;
                for (long i = 0; i < n; i++) total = Combined<TOp>.Of(total, Element.Convert<E, A>(from[i * sx]));
                *to = total;
            }
            else for (long i = 0; i < n; i++) to[i * sy] = Combined<TOp>.Of(to[i * sy], Element.Convert<E, A>(from[i * sx]));
        }

        /// <summary>Of n neighbours.</summary>
        [SkipLocalsInit]
        static A Folded(E* from, long n)
        {
            if (typeof(E) == typeof(A)) return Folded((A*)from, n);
            if (typeof(E) == typeof(byte) && typeof(TOp) == typeof(SumOp)) return A.CreateTruncating(SumOfBytes((byte*)from, n));
            A* buffer = stackalloc A[Chunk];
            A total = typeof(TOp) == typeof(ProdOp) ? A.One : A.Zero;
            for (long i = 0; i < n; i += Chunk)
            {
                long m = Math.Min(Chunk, n - i);
                Casting.Run(from + i, buffer, m);
                total = Combined<TOp>.Of(total, Folded(buffer, m));
            }
            return total;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static A Folded(A* p, long n)
        {
            int w = Vector<A>.Count;
            A total = *p;
            long i = 1;
            if (n >= 4 * w)
            {
                Vector<A> a = Vector.Load(p), b = Vector.Load(p + w), c = Vector.Load(p + 2 * w), d = Vector.Load(p + 3 * w);
                for (i = 4 * w; i + 4 * w <= n; i += 4 * w)
                {
                    a = Combined<TOp>.Lanes(a, Vector.Load(p + i));
                    b = Combined<TOp>.Lanes(b, Vector.Load(p + i + w));
                    c = Combined<TOp>.Lanes(c, Vector.Load(p + i + 2 * w));
                    d = Combined<TOp>.Lanes(d, Vector.Load(p + i + 3 * w));
                }
                a = Combined<TOp>.Lanes(Combined<TOp>.Lanes(a, b), Combined<TOp>.Lanes(c, d));
                for (; i + w <= n; i += w) a = Combined<TOp>.Lanes(a, Vector.Load(p + i));
                total = a[0];
                for (int k = 1; k < w; k++) total = Combined<TOp>.Of(total, a[k]);
            }
            for (; i < n; i++) total = Combined<TOp>.Of(total, p[i]);
            return total;
        }

        /// <summary>Vectors of bytes are added up in 16 bits, 128 at most, and these in 32.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static long SumOfBytes(byte* p, long n)
        {
            int w = Vector<byte>.Count;
            long total = 0, i = 0;
            while (i + w <= n)
            {
                Vector<ushort> low = default, high = default;
                for (long end = Math.Min(n - w, i + 127 * w); i <= end; i += w)
                {
                    Vector.Widen(Vector.Load(p + i), out Vector<ushort> a, out Vector<ushort> b);
                    low += a;
                    high += b;
                }
                Vector.Widen(low, out Vector<uint> s, out Vector<uint> t);
                Vector.Widen(high, out Vector<uint> u, out Vector<uint> v);
                total += Vector.Sum(s + t + u + v);
            }
            for (; i < n; i++) total += p[i];
            return total;
        }
    }
}
