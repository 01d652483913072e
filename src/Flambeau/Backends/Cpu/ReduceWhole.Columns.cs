using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    partial struct WholeReduction<TOp, E, A>
    {
        /// <summary>All rows into n neighbouring results, a few vectors of them at a time, which stay in registers.</summary>
        void Columns(A* to, E* from, long n)
        {
            long i = typeof(E) == typeof(A) ? Vectors(to, (A*)from, n)
                : typeof(E) == typeof(byte) && typeof(A) == typeof(long) && typeof(TOp) == typeof(SumOp) ? Bytes((long*)to, (byte*)from, n) : 0;
            if (i == n) return;
            for (long r = 0; r < _rows; r++) Wide(from + r * _pitch + i, to + i, n - i);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        long Vectors(A* to, A* from, long n)
        {
            long rows = _rows, pitch = _pitch, i = 0;
            int w = Vector<A>.Count;
            for (; i + 4 * w <= n; i += 4 * w)
            {
                Vector<A> a = Vector.Load(to + i), b = Vector.Load(to + i + w), c = Vector.Load(to + i + 2 * w), d = Vector.Load(to + i + 3 * w);
                A* p = from + i;
                for (long r = 0; r < rows; r++, p += pitch)
                {
                    a = Combined<TOp>.Lanes(a, Vector.Load(p));
                    b = Combined<TOp>.Lanes(b, Vector.Load(p + w));
                    c = Combined<TOp>.Lanes(c, Vector.Load(p + 2 * w));
                    d = Combined<TOp>.Lanes(d, Vector.Load(p + 3 * w));
                }
                Vector.Store(a, to + i);
                Vector.Store(b, to + i + w);
                Vector.Store(c, to + i + 2 * w);
                Vector.Store(d, to + i + 3 * w);
            }
            return i;
        }

        /// <summary>Bytes are added up in 16 bits, 257 rows at most.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        long Bytes(long* to, byte* from, long n)
        {
            const int Rows = ushort.MaxValue / byte.MaxValue;
            long rows = _rows, pitch = _pitch, i = 0;
            int w = Vector<byte>.Count;
            ushort* sums = stackalloc ushort[64];                               // no vector is longer
            for (; i + w <= n; i += w)
            {
                byte* p = from + i;
                for (long r = 0; r < rows;)
                {
                    Vector<ushort> low = default, high = default;
                    for (long end = Math.Min(rows, r + Rows); r < end; r++, p += pitch)
                    {
                        Vector.Widen(Vector.Load(p), out Vector<ushort> a, out Vector<ushort> b);
                        low += a;
                        high += b;
                    }
                    Vector.Store(low, sums);
                    Vector.Store(high, sums + w / 2);
                    for (int k = 0; k < w; k++) to[i + k] += sums[k];
                }
            }
            return i;
        }

        [SkipLocalsInit]
        static void Wide(E* from, A* to, long n)
        {
            if (typeof(E) == typeof(A)) { Combined<TOp>.Row(to, 1, (A*)from, 1, n); return; }
            A* buffer = stackalloc A[Chunk];
            for (long i = 0; i < n; i += Chunk)
            {
                long m = Math.Min(Chunk, n - i);
                Casting.Run(from + i, buffer, m);
                Combined<TOp>.Row(to + i, 1, buffer, 1, m);
            }
        }
    }
}
