using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// Matrix products cut for the caches. From outside in:
/// <code>
/// for nc columns of B and C        their part of B, kc×nc, packed, stays in L3
///   for kc of k
///     for mc rows of A and C       their part of A, mc×kc, packed, stays in L3
///       for a group of tiles       the group's part of A stays in L2           ← threads share these two loops
///         for a panel              kc×w of B, w = two vectors, stays in L1
///           for a tile             h×kc of A streams from L2; C is in registers
/// </code>
/// What is small, or read only once or twice, is not packed.
/// </summary>
internal static unsafe class Blocked
{
    /// <summary>Multiply-adds worth a thread's while, some 10 µs.</summary>
    public const long WorkPerClaim = 1 << 19;

    /// <summary>What is read again and again without packing: it stays in L2, wherever it lies.</summary>
    public const long SmallBytes = 96 << 10;

    const long PanelBytes = 32 << 10, GroupBytes = 256 << 10, ShareBytes = 6 << 20;

    public static void Run<E, T>(in Product<E> p) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        long w = 2 * T.Count, size = sizeof(E);
        long kc = Partition.Even(p.K, Math.Min(512, PanelBytes / (w * size)));
        long mc = Partition.Even(p.M, ShareBytes / (kc * size)), nc = Partition.Even(p.N, Math.Max(w, ShareBytes / (kc * size) / w * w), w);
        bool packA = p.N > 2 * w && (p.M * p.K * size > SmallBytes || (p.CsA != 1 && p.RsA != 1));
        bool packB = p.CsB != 1 || (p.M > 2 * Tile.MaxRows && p.N * p.K * size > SmallBytes);

        var block = new Block<E, T>
        {
            RsA = (nint)p.RsA, CsA = (nint)p.CsA, RsB = (nint)p.RsB, CsB = (nint)p.CsB, RsC = (nint)p.RsC, CsC = (nint)p.CsC,
        };
        for (long j = 0; j < p.N; j += nc)
            for (long q = 0; q < p.K; q += kc)
                for (long i = 0; i < p.M; i += mc)
                {
                    block.M = Math.Min(mc, p.M - i);
                    block.N = Math.Min(nc, p.N - j);
                    block.K = (nint)Math.Min(kc, p.K - q);
                    block.A = p.A + i * p.RsA + q * p.CsA;
                    block.B = p.B + q * p.RsB + j * p.CsB;
                    block.C = p.C + i * p.RsC + j * p.CsC;
                    block.Accumulate = p.Accumulate || q > 0;
                    block.Bias = q == 0 && p.Bias != null ? p.Bias + j : null;
                    block.Run(packA, packB, i == 0);
                }
    }

    /// <summary>One pass of the three outer loops.</summary>
    struct Block<E, T> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        public long M, N;
        public nint K;
        public E* A, B, C;
        public nint RsA, CsA, RsB, CsB, RsC, CsC;
        public bool Accumulate;
        public E* Bias;

        long tiles, panels, tilesPerGroup;
        E* packedA;                                   // tile after tile, or null: A is read where it lies
        E* packedB;                                   // panel after panel, the first `readPanels` of them missing
        long readPanels;                              // full panels of B that are read where they lie

        static int Width => 2 * T.Count;

        readonly long TileRow(long tile) => Partition.Begin(M, tiles, tile);

        /// <summary>How many vectors wide a panel is; only the last can be narrow.</summary>
        readonly int Vectors(long panel) => N - panel * Width <= T.Count ? 1 : 2;

        public void Run(bool packA, bool packB, bool newB)
        {
            tiles = (M + Tile.MaxRows - 1) / Tile.MaxRows;
            panels = (N + Width - 1) / Width;
            readPanels = packB ? 0 : N / Width;
            packedA = packA ? Scratch.Get<E>(Scratch.Use.A, M * K) : null;
            packedB = Scratch.Get<E>(Scratch.Use.B, (panels - readPanels) * Width * K);
            tilesPerGroup = Math.Max(1, GroupBytes / (K * Tile.MaxRows * sizeof(E)));
            long work = (long)M * N * K;
            // More groups where there are few panels, so that every thread gets some.
            long wanted = Math.Min(work / WorkPerClaim, 4L * Threads.Count);
            if (tiles / tilesPerGroup * panels < wanted) tilesPerGroup = Math.Max(1, tiles * panels / wanted);

            fixed (Block<E, T>* self = &this)
            {
                long packTiles = packA ? tiles : 0, packPanels = newB ? panels - readPanels : 0;
                if (packTiles + packPanels > 0)
                    Threads.For(packTiles + packPanels, (1 << 15) / ((long)K * Width) + 1, new PackBody { Block = self, Tiles = packTiles });
                long groups = (tiles + tilesPerGroup - 1) / tilesPerGroup;
                Threads.For(groups * panels, WorkPerClaim / (work / (groups * panels) + 1) + 1, new MultiplyBody { Block = self });
            }
        }

        struct PackBody : IRangeBody
        {
            public Block<E, T>* Block;
            public long Tiles;

            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public readonly void Run(long begin, long end)
            {
                for (long i = begin; i < end; i++)
                    if (i < Tiles) Block->PackTile(i);
                    else Block->PackPanel(Block->readPanels + i - Tiles);
            }
        }

        struct MultiplyBody : IRangeBody
        {
            public Block<E, T>* Block;

            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public readonly void Run(long begin, long end)
            {
                for (long i = begin; i < end; i++) Block->Multiply(i / Block->panels, i % Block->panels);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        readonly void PackTile(long tile)
        {
            long row = TileRow(tile);
            int h = (int)(TileRow(tile + 1) - row);
            Pack.Panel<E, T>(A + row * RsA, RsA, CsA, h, h, K, packedA + row * K);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        readonly void PackPanel(long panel)
        {
            int w = (int)Math.Min(Width, N - panel * Width);
            Pack.Panel<E, T>(B + panel * Width * CsB, CsB, RsB, w, Vectors(panel) * T.Count, K, packedB + (panel - readPanels) * Width * K);
        }

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        readonly void Multiply(long group, long panel)
        {
            E* edge = stackalloc E[Tile.MaxRows * Width];
            int vectors = Vectors(panel), w = (int)Math.Min(Width, N - panel * Width);
            var b = panel < readPanels
                ? new EvenRows<E>(B + panel * Width, RsB)
                : new EvenRows<E>(packedB + (panel - readPanels) * Width * K, vectors * T.Count);
            bool direct = CsC == 1 && w == vectors * T.Count;
            long end = Math.Min(tiles, (group + 1) * tilesPerGroup);
            for (long tile = group * tilesPerGroup; tile < end; tile++)
            {
                long row = TileRow(tile);
                int h = (int)(TileRow(tile + 1) - row);
                E* a = packedA != null ? packedA + row * K : A + row * RsA;
                nint rsA = packedA != null ? 1 : RsA, csA = packedA != null ? h : CsA;
                E* c = C + row * RsC + panel * Width * CsC;
                bool accumulate = Accumulate;
                if (Bias != null)
                {
                    AddBias(h, w, Bias + panel * Width, c);
                    accumulate = true;
                }
                for (int i = 0; i < h; i++) Pack.Prefetch(c + i * RsC, w);
                if (direct) Tile.Run<E, T, EvenRows<E>>(h, vectors, K, a, rsA, csA, b, c, RsC, accumulate);
                else
                {
                    Tile.Run<E, T, EvenRows<E>>(h, vectors, K, a, rsA, csA, b, edge, Width, false);
                    Copy(h, w, edge, c, accumulate);
                }
            }
        }

        // C = bias [+ C], before the first part of k
        readonly void AddBias(int h, int w, E* bias, E* c)
        {
            for (int i = 0; i < h; i++)
                for (int j = 0; j < w; j++)
                {
                    E* to = c + i * RsC + j * CsC;
                    *to = Accumulate ? *to + bias[j] : bias[j];
                }
        }

        readonly void Copy(int h, int w, E* edge, E* c, bool accumulate)
        {
            for (int i = 0; i < h; i++, edge += Width, c += RsC)
            {
                int j = 0;
                if (CsC == 1)
                    for (; j + V128<E>.Count <= w; j += V128<E>.Count)
                        V128<E>.Store(accumulate ? V128<E>.Load(edge + j) + V128<E>.Load(c + j) : V128<E>.Load(edge + j), c + j);
                for (; j < w; j++) c[j * CsC] = accumulate ? edge[j] + c[j * CsC] : edge[j];
            }
        }
    }
}
