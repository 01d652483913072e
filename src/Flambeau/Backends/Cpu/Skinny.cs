using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>Products whose left factor has few rows. They are bound by memory: B is read once, where it lies.</summary>
internal static unsafe class Skinny
{
    const long ElementsPerClaim = 1 << 17;            // of B: some 10 µs from memory

    /// <summary>Up to how many rows <see cref="Columns"/> is faster than packing the columns: summing lanes costs less in long sums.</summary>
    static long MaxRowsOnColumns(long k) => Math.Clamp(k / 32, Dot.MaxRows, 4 * Dot.MaxRows);

    /// <summary>Up to how many rows <see cref="Rows"/> is faster, if B comes from memory.</summary>
    public const int MaxRowsOnRows = 8;

    /// <summary>What comes from memory.</summary>
    public const long LargeBytes = 16 << 20;

    /// <summary>Whether <see cref="Columns"/> is the way.</summary>
    public static bool TakesColumns<E, T>(in Product<E> p) where E : unmanaged where T : struct, ILane<T> =>
        p.RsB == 1 && p.CsB != 1 && p.K >= 4 * T.Count && p.M <= MaxRowsOnColumns(p.K);

    /// <summary>Products with a B whose columns are contiguous.</summary>
    public static void Columns<E, T>(ref Product<E> p) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        Gemm.Prepare(ref p);
        if (p.CsA != 1)
        {
            E* a = Scratch.Get<E>(Scratch.Use.Vector, p.M * p.K);
            for (long i = 0; i < p.M; i++)
                for (long q = 0; q < p.K; q++) a[i * p.K + q] = p.A[i * p.RsA + q * p.CsA];
            p.A = a;
            p.RsA = p.K;
            p.CsA = 1;
        }
        long groups = (p.N + Dot.MaxColumns - 1) / Dot.MaxColumns;
        if (groups == 1 && p.M <= Dot.MaxRows && p.K >= 2 * Piece<T>())
        {
            Long<E, T>(ref p);
            return;
        }
        bool backward = lastFactor == (nint)p.B && !lastWasBackward;
        (lastFactor, lastWasBackward) = ((nint)p.B, backward);
        Threads.For(groups, ElementsPerClaim / (p.K * Dot.MaxColumns) + 1, new ColumnsBody<E, T> { P = p, Backward = backward });
    }

    // What was read last is still in the cache, what was read first no longer, if B is somewhat too large: as in a recurrent layer, which multiplies by one matrix
    // again and again, and reads it forward and backward in turn. Other threads may write these at any time: any value will do.
    static nint lastFactor;
    static bool lastWasBackward;

    /// <summary>Where there is one tile of results, long sums are cut into pieces of this many elements, 256 for each number of a lane, which are added up in double and in order, whatever the number of threads.</summary>
    static long Piece<T>() where T : struct, ILane<T> => 256 * T.Count;

    static void Long<E, T>(ref Product<E> p) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        long pieces = p.K / Piece<T>(), size = p.M * p.N;
        E* sums = Scratch.Get<E>(Scratch.Use.Partial, pieces * size);
        new Span<E>(sums, checked((int)(pieces * size))).Clear();
        Threads.For(pieces, 8, new PiecesBody<E, T> { P = p, Sums = sums, Pieces = pieces });
        for (long j = 0; j < p.N; j++)
            for (long i = 0; i < p.M; i++)
            {
                double sum = 0;
                for (long k = 0; k < pieces; k++) sum += double.CreateTruncating(sums[k * size + j * p.M + i]);
                E* c = p.C + i * p.RsC + j * p.CsC;
                *c = p.Accumulate ? *c + E.CreateTruncating(sum) : E.CreateTruncating(sum);
            }
    }

    struct PiecesBody<E, T> : IRangeBody where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        public Product<E> P;
        public E* Sums;
        public long Pieces;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            nint* columns = stackalloc nint[6];
            for (int j = 0; j < P.N; j++) columns[j] = (nint)(j * P.CsB);
            for (long piece = begin; piece < end; piece++)
            {
                long lo = piece * Piece<T>(), hi = piece == Pieces - 1 ? P.K : lo + Piece<T>();
                if (P.M == 1 && P.N == 1) Sums[piece] = Dot.Line<E, T>((nint)(hi - lo), P.A + lo, P.B + lo);
                else Dot.Run<E, T>((int)P.M, (int)P.N, 1, 0, 0, (nint)(hi - lo), P.A + lo, (nint)P.RsA, P.B + lo, columns, Sums + piece * P.M * P.N, 1, (nint)P.M);
            }
        }
    }

    struct ColumnsBody<E, T> : IRangeBody where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        public Product<E> P;
        public bool Backward;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            nint* columns = stackalloc nint[6];
            long rows = Partition.Even(P.M, Dot.MaxRows);
            if (P.M == 1 && P.K >= T.Count)
            {
                long first = begin * Dot.MaxColumns, n = Math.Min(end * Dot.MaxColumns, P.N) - first;
                Dot.Vector<E, T>((nint)P.K, P.A, P.B + first * P.CsB, (nint)P.CsB, P.C + first * P.CsC, (nint)P.CsC, (nint)n, Backward, P.Accumulate);
                return;
            }
            for (long k = begin; k < end; k++)
            {
                long j0 = (Backward ? begin + end - 1 - k : k) * Dot.MaxColumns;
                int n = (int)Math.Min(Dot.MaxColumns, P.N - j0);
                E* c = P.C + j0 * P.CsC;
                for (int j = 0; j < n; j++)
                {
                    columns[j] = (nint)((j0 + j) * P.CsB);
                    if (!P.Accumulate)
                        for (long i = 0; i < P.M; i++) c[i * P.RsC + j * P.CsC] = E.Zero;
                }
                for (long i = 0; i < P.M; i += rows)  // after the first, the columns of B come from the cache
                    Dot.Run<E, T>((int)Math.Min(rows, P.M - i), n, 1, 0, 0, (nint)P.K, P.A + i * P.RsA, (nint)P.RsA, P.B, columns,
                        c + i * P.RsC, (nint)P.RsC, (nint)P.CsC);
            }
        }
    }

    /// <summary>Products with B and C whose rows are contiguous.</summary>
    public static void Rows<E, T>(ref Product<E> p) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        Gemm.Prepare(ref p);
        long unit = 4 * T.Count, stretch = Math.Min(Stretch / sizeof(E), p.N / Threads.Count);
        Threads.For(p.N, Math.Max(ElementsPerClaim / p.K, stretch) / unit * unit + unit, new RowsBody<E, T> { P = p });
    }

    /// <summary>Bytes of a row of B that are read on end, where it is so long: the other thread's share begins there.</summary>
    const long Stretch = 4096;

    struct RowsBody<E, T> : IRangeBody where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        public Product<E> P;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            // Columns: C and four rows of B stay in L1 while B streams by; of many rows, C comes from L2.
            long block = Math.Max(Stretch, Caches.L1 / 2 / P.M) / sizeof(E) / T.Count * T.Count;
            for (long j0 = begin; j0 < end; j0 += block)
            {
                nint n = (nint)Math.Min(block, end - j0);
                E* c = P.C + j0;
                if (!P.Accumulate)
                    for (long i = 0; i < P.M; i++) new Span<E>(c + i * P.RsC, (int)n).Clear();
                long q = 0;
                E* a = P.A, b = P.B + j0;
                for (; q + 4 <= P.K; q += 4, a += 4 * P.CsA, b += 4 * P.RsB)
                {
                    long i = 0;
                    for (; i + 2 <= P.M; i += 2) AddFourToTwo(n, a + i * P.RsA, (nint)P.RsA, (nint)P.CsA, b, (nint)P.RsB, c + i * P.RsC, (nint)P.RsC);
                    if (i < P.M) AddFour(n, a + i * P.RsA, (nint)P.CsA, b, (nint)P.RsB, c + i * P.RsC);
                }
                for (; q < P.K; q++, a += P.CsA, b += P.RsB)
                    for (long i = 0; i < P.M; i++) AddOne(n, a + i * P.RsA, b, c + i * P.RsC);
            }
        }

        // c += a₀·b₀ + a₁·b₁ + a₂·b₂ + a₃·b₃, in this order
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void AddFour(nint n, E* a, nint csA, E* b, nint rsB, E* c)
        {
            E* b1 = b + rsB, b2 = b + 2 * rsB, b3 = b + 3 * rsB;
            E s0 = a[0], s1 = a[csA], s2 = a[2 * csA], s3 = a[3 * csA];
            T a0 = T.Broadcast(&s0), a1 = T.Broadcast(&s1), a2 = T.Broadcast(&s2), a3 = T.Broadcast(&s3);
            nint j = 0;
            for (; j + T.Count <= n; j += T.Count)
            {
                T s = T.MulAdd(a0, T.Load(b + j), T.Load(c + j));
                s = T.MulAdd(a1, T.Load(b1 + j), s);
                s = T.MulAdd(a2, T.Load(b2 + j), s);
                T.Store(T.MulAdd(a3, T.Load(b3 + j), s), c + j);
            }
            for (; j < n; j++)
            {
                E s = E.MultiplyAddEstimate(s0, b[j], c[j]);
                s = E.MultiplyAddEstimate(s1, b1[j], s);
                s = E.MultiplyAddEstimate(s2, b2[j], s);
                c[j] = E.MultiplyAddEstimate(s3, b3[j], s);
            }
        }

        /// <summary>As <see cref="AddFour"/>, for two rows of C: what is read of B serves both.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void AddFourToTwo(nint n, E* a, nint rsA, nint csA, E* b, nint rsB, E* c, nint rsC)
        {
            E* b1 = b + rsB, b2 = b + 2 * rsB, b3 = b + 3 * rsB, d = c + rsC;
            E s0 = a[0], s1 = a[csA], s2 = a[2 * csA], s3 = a[3 * csA], t0 = a[rsA], t1 = a[rsA + csA], t2 = a[rsA + 2 * csA], t3 = a[rsA + 3 * csA];
            T a0 = T.Broadcast(&s0), a1 = T.Broadcast(&s1), a2 = T.Broadcast(&s2), a3 = T.Broadcast(&s3);
            T e0 = T.Broadcast(&t0), e1 = T.Broadcast(&t1), e2 = T.Broadcast(&t2), e3 = T.Broadcast(&t3);
            nint j = 0;
            for (; j + T.Count <= n; j += T.Count)
            {
                T v0 = T.Load(b + j), v1 = T.Load(b1 + j), v2 = T.Load(b2 + j), v3 = T.Load(b3 + j);
                T.Store(T.MulAdd(a3, v3, T.MulAdd(a2, v2, T.MulAdd(a1, v1, T.MulAdd(a0, v0, T.Load(c + j))))), c + j);
                T.Store(T.MulAdd(e3, v3, T.MulAdd(e2, v2, T.MulAdd(e1, v1, T.MulAdd(e0, v0, T.Load(d + j))))), d + j);
            }
            if (j == n) return;
            AddFour(n - j, a, csA, b + j, rsB, c + j);
            AddFour(n - j, a + rsA, csA, b + j, rsB, d + j);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void AddOne(nint n, E* a, E* b, E* c)
        {
            E s = *a;
            nint j = 0;
            for (; j + T.Count <= n; j += T.Count) T.Store(T.MulAdd(T.Broadcast(&s), T.Load(b + j), T.Load(c + j)), c + j);
            for (; j < n; j++) c[j] = E.MultiplyAddEstimate(s, b[j], c[j]);
        }
    }
}
