using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// Matrix products cut for the caches. From outside in:
/// <code>
/// for kc of k                      one pass over C
///   for a block of columns         its part of B, kc×nc, packed, stays in a thread's L2    ← threads share these two loops
///     for a tile of rows           h×kc of A stays in L1 and L2
///       for a panel                kc×w of B, w = two vectors, streams from L2; C is in registers
/// </code>
/// A thread packs what it needs of B by itself, most of it while its first tile reads it: nobody waits, and no packed number passes from one cache to another's.
/// Rows of A are read where they lie. Where more of them would fall into one set of L1 than it has ways, as 12 rows 4 kB apart do of 8 ways, tiles have fewer rows: 90 % of the
/// peak become 98 (packed, 92 to 94). Columns of A are packed before, by all threads.
/// </summary>
internal static unsafe class Blocked
{
    /// <summary>Multiply-adds worth a thread's while, some 10 µs.</summary>
    public const long WorkPerClaim = 1 << 19;

    /// <summary>What is read again and again without packing: it stays in L2, wherever it lies.</summary>
    public const long SmallBytes = 96 << 10;

    const long DepthBytes = 4 << 10;                  // of a number's neighbours along k: the longer, the fewer beginnings and ends of tiles, and passes over C
    static readonly long ColumnsBytes = Caches.L2 / 2; // of a block of columns: with all of an L2 of 512 kB, 1024³ is 4 % slower
    const long Line = 64;                             // bytes
    const int SideBySide = 8;                         // tiles
    const long ShareBytes = 6 << 20;                  // of packed rows, which stay in L3

    static long stamps;                               // so many packed blocks of columns were named

    public static void Run<E, T>(in Product<E> p) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        long w = 2 * T.Count, size = sizeof(E);
        bool packA = p.N > 2 * w && p.CsA != 1 && (p.M * p.K * size > SmallBytes || p.RsA != 1);
        long kc = Partition.Even(p.K, (packA ? Math.Min(DepthBytes, Caches.L1 / Tile.MaxRows) : DepthBytes) / size);
        bool packB = p.CsB != 1 || (p.M > 2 * Tile.MaxRows && p.N * p.K * size > SmallBytes);
        long mc = packA ? Partition.Even(p.M, ShareBytes / (kc * size)) : p.M;
        // Every thread packs the columns it works on: rather some for each than all for all, unless the tiles become too short by it. What is large and not packed,
        // because few tiles read it, is read panel by panel.
        double work = (double)p.M * p.N * p.K;
        long panels = Partition.Count(p.N, w), most = packB || p.N * p.K * size <= SmallBytes ? Math.Max(1, ColumnsBytes / (kc * w * size)) : 1;
        bool share = work >= 2 * WorkPerClaim && (packB ? panels >= 4L * Threads.Count : p.M < 8L * Threads.Count * Tile.MaxRows);
        long columns = Math.Max(Partition.Count(panels, most), share ? Math.Min(panels, Threads.Count) : 1);

        var pass = new Pass<E, T>
        {
            N = p.N, RsA = (nint)p.RsA, CsA = (nint)p.CsA, RsB = (nint)p.RsB, CsB = (nint)p.CsB, RsC = (nint)p.RsC, CsC = (nint)p.CsC,
            Panels = panels, PanelsPerColumn = Partition.Count(panels, columns),
            ReadPanels = p.CsB == 1 ? p.N / w : 0, PackB = packB,
            Height = !packA && Crowd(p.RsA * size, Math.Min(p.M, Tile.MaxRows)) ? Caches.L1Ways - 2 : Tile.MaxRows,
        };
        for (long q = 0; q < p.K; q += kc)
            for (long i = 0; i < p.M; i += mc)
            {
                pass.M = Math.Min(mc, p.M - i);
                pass.K = (nint)Math.Min(kc, p.K - q);
                pass.A = p.A + i * p.RsA + q * p.CsA;
                pass.B = p.B + q * p.RsB;
                pass.C = p.C + i * p.RsC;
                bool first = q == 0 && p.Bias != null;
                if (first && p.Accumulate) pass.AddBias(p.Bias);
                pass.Plus = q > 0 || p.Accumulate ? pass.C : first ? p.Bias : null;
                pass.RsPlus = pass.Plus == pass.C ? pass.RsC : 0;
                pass.CsPlus = pass.Plus == pass.C ? pass.CsC : 1;
                pass.Run(packA);
            }
    }

    /// <summary>Whether more rows at such a distance, in bytes, may fall into one set of L1 than it has ways: rows within a line of the first one, before or after it.</summary>
    internal static bool Crowd(long distance, long rows)
    {
        if (rows <= Caches.L1Ways || distance == 0) return false;
        long near = 0;
        for (long i = 0; i < rows; i++) if ((i * distance + Line - 1 & Caches.L1Way - 1) < 2 * Line - 1) near++;
        return near > Caches.L1Ways;
    }

    /// <summary>One pass over C, or over some of its rows.</summary>
    struct Pass<E, T> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        public long M, N, Panels, PanelsPerColumn, Height;      // Height: the most rows of a tile
        public nint K;
        public E* A, B, C, Plus;                      // Plus: what is added, C itself or a row for all, or null
        public nint RsA, CsA, RsB, CsB, RsC, CsC, RsPlus, CsPlus;
        public long ReadPanels;                       // full panels whose rows are contiguous
        public bool PackB;                            // else only what is not among these is packed

        long tiles, columns, stamp;
        E* packedA;                                   // tile after tile, or null: A is read where it lies

        static int Width => 2 * T.Count;

        readonly long TileRow(long tile) => Partition.Begin(M, tiles, tile);

        public void Run(bool packA)
        {
            tiles = Partition.Count(M, Height);
            columns = Partition.Count(Panels, PanelsPerColumn);
            packedA = packA ? Scratch.Get<E>(Scratch.Use.A, M * K) : null;
            stamp = PackB || Panels > ReadPanels ? Interlocked.Add(ref stamps, columns) - columns + 1 : 0;
            fixed (Pass<E, T>* self = &this)
            {
                if (packA) Threads.For(tiles, Math.Max(RsA == 1 ? SideBySide : 1, (1 << 15) / ((long)K * Tile.MaxRows)), new PackBody { Pass = self });
                long items = columns * tiles, grain = (long)(WorkPerClaim / ((double)M * N * K / items)) + 1;
                if (tiles < grain) grain = Partition.RoundUp(grain, tiles);            // a block of columns that few tiles read is one thread's
                Threads.For(items, grain, new MultiplyBody { Pass = self });
            }
        }

        struct PackBody : IRangeBody
        {
            public Pass<E, T>* Pass;

            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public readonly void Run(long begin, long end)
            {
                if (Pass->RsA == 1 && Pass->CsA >= V128<E>.Count)
                {
                    for (long tile = begin; tile < end; tile += SideBySide) Pass->PackColumns(tile, Math.Min(end, tile + SideBySide));
                    return;
                }
                for (long tile = begin; tile < end; tile++)
                {
                    long row = Pass->TileRow(tile);
                    int h = (int)(Pass->TileRow(tile + 1) - row);
                    Pack.Panel<E, T>(Pass->A + row * Pass->RsA, Pass->RsA, Pass->CsA, h, h, Pass->K, Pass->packedA + row * Pass->K);
                }
            }
        }

        // Tiles of rows that lie next to each other, all of a step of k before the next: they share cache lines.
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        readonly void PackColumns(long first, long last)
        {
            E** to = stackalloc E*[SideBySide];
            nint* heights = stackalloc nint[SideBySide];
            int count = (int)(last - first), rows = (int)(TileRow(last) - TileRow(first));
            for (int i = 0; i < count; i++)
            {
                to[i] = packedA + TileRow(first + i) * K;
                heights[i] = (nint)(TileRow(first + i + 1) - TileRow(first + i));
            }
            E* from = A + TileRow(first);
            nint q = 0;
            // Whole vectors, whose ends are overwritten by the next steps; the last steps exactly. Of 128 and 256 bits: twelve floats are two, and few cross a cache line.
            for (; q < K - V128<E>.Count; q++, from += CsA)
            {
                Pack.Prefetch(from + 16 * CsA, rows);
                E* x = from;
                for (int i = 0; i < count; i++)
                {
                    nint h = heights[i];
                    nint j = 0;
                    if (Vector256.IsHardwareAccelerated)
                        for (; j + V256<E>.Count <= h; j += V256<E>.Count) V256<E>.Store(V256<E>.Load(x + j), to[i] + j);
                    for (; j < h; j += V128<E>.Count) V128<E>.Store(V128<E>.Load(x + j), to[i] + j);
                    x += h;
                    to[i] += h;
                }
            }
            for (; q < K; q++, from += CsA)
            {
                E* x = from;
                for (int i = 0; i < count; i++)
                    for (nint j = 0; j < heights[i]; j++) *to[i]++ = *x++;
            }
        }

        struct MultiplyBody : IRangeBody
        {
            public Pass<E, T>* Pass;

            // Items are the tiles of one block of columns after the other.
            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public readonly void Run(long begin, long end)
            {
                long tiles = Pass->tiles;
                for (long i = begin; i < end;)
                {
                    long column = i / tiles, last = Math.Min(end, (column + 1) * tiles);
                    Pass->Multiply(column, i - column * tiles, last - column * tiles);
                    i = last;
                }
            }
        }

        // Tiles [begin, end) by a block of columns.
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        readonly void Multiply(long column, long begin, long end)
        {
            E* edge = stackalloc E[Tile.MaxRows * Width];
            long panel = column * PanelsPerColumn, last = Math.Min(Panels, panel + PanelsPerColumn), full = Math.Max(panel, Math.Min(last, N / Width));
            long kept = PackB ? panel : full;         // the first panel that is packed
            E* packed = null;
            bool isPacked = true;
            if (kept < last)
            {
                packed = Scratch.Get<E>(Scratch.Use.B, (last - kept) * Width * K, stamp + column, out isPacked);
                // Full panels with contiguous rows are packed while the first tile reads them.
                if (!isPacked)
                {
                    bool whileRead = PackB && CsC == 1 && ReadPanels > 0 && begin < end;
                    for (long j = whileRead ? full : kept; j < last; j++)
                    {
                        int w = (int)Math.Min(Width, N - j * Width);
                        Pack.Panel<E, T>(B + j * Width * CsB, CsB, RsB, w, w <= T.Count ? T.Count : Width, K, packed + (j - kept) * Width * K);
                    }
                    isPacked = !whileRead;
                }
            }
            nint fullPanels = (nint)(full - panel);
            int ragged = (int)(Math.Min(N, last * Width) - full * Width), raggedVectors = ragged <= T.Count ? 1 : 2;
            for (long tile = begin; tile < end; tile++)
            {
                long row = TileRow(tile);
                int h = (int)(TileRow(tile + 1) - row);
                E* a = packedA != null ? packedA + row * K : A + row * RsA;
                nint rsA = packedA != null ? 1 : RsA, csA = packedA != null ? h : CsA;
                E* c = C + row * RsC + panel * Width * CsC, plus = Plus == null ? null : Plus + row * RsPlus + panel * Width * CsPlus;
                if (fullPanels > 0 && CsC == 1)
                {
                    if (!isPacked)
                        Tile.Run<E, T, KeptRows<E>>(h, 2, fullPanels, 1, K, a, rsA, csA, 0, new(B + panel * Width, RsB, Width - K * RsB, packed), c, RsC, plus, RsPlus);
                    else
                    {
                        var b = PackB ? new PanelRows<E>(packed, Width, 0) : new PanelRows<E>(B + panel * Width, RsB, Width - K * RsB);
                        Tile.Run<E, T, PanelRows<E>>(h, 2, fullPanels, 1, K, a, rsA, csA, 0, b, c, RsC, plus, RsPlus);
                    }
                    isPacked = true;
                }
                else
                    for (nint j = 0; j < fullPanels; j++)
                    {
                        var b = PackB ? new EvenRows<E>(packed + j * Width * K, Width) : new EvenRows<E>(B + (panel + j) * Width, RsB);
                        Tile.Run<E, T, EvenRows<E>>(h, 2, K, a, rsA, csA, b, edge, Width, false);
                        Copy(h, Width, edge, c + j * Width * CsC, plus == null ? null : plus + j * Width * CsPlus);
                    }
                if (ragged > 0)
                {
                    E* to = c + fullPanels * Width * CsC, more = plus == null ? null : plus + fullPanels * Width * CsPlus;
                    var b = new EvenRows<E>(packed + (full - kept) * Width * K, raggedVectors * T.Count);
                    if (CsC == 1 && ragged == T.Count) Tile.Run<E, T, EvenRows<E>>(h, 1, 1, 1, K, a, rsA, csA, 0, b, to, RsC, more, RsPlus);
                    else
                    {
                        Tile.Run<E, T, EvenRows<E>>(h, raggedVectors, K, a, rsA, csA, b, edge, Width, false);
                        Copy(h, ragged, edge, to, more);
                    }
                }
            }
        }

        /// <summary>C = bias + C.</summary>
        public readonly void AddBias(E* bias)
        {
            for (long i = 0; i < M; i++)
                for (long j = 0; j < N; j++) C[i * RsC + j * CsC] += bias[j];
        }

        readonly void Copy(int h, int w, E* edge, E* c, E* plus)
        {
            for (int i = 0; i < h; i++, edge += Width, c += RsC, plus += RsPlus)
            {
                int j = 0;
                if (CsC == 1)
                    for (; j + V128<E>.Count <= w; j += V128<E>.Count)
                        V128<E>.Store(Plus != null ? V128<E>.Load(edge + j) + V128<E>.Load(plus + j) : V128<E>.Load(edge + j), c + j);
                for (; j < w; j++) c[j * CsC] = Plus != null ? edge[j] + plus[j * CsPlus] : edge[j];
            }
        }
    }
}
