using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// dw by <see cref="Winograd"/>: Gᵀ[Σ over windows of (A g Aᵀ) ⊙ (Bᵀ x B)]G, the adjoint of the forward pass in w. For a lot of windows, the points of x and g
/// are laid out; then threads share out the products over the windows, one for each point, with channels of g as rows and channels of x as lanes.
/// </summary>
internal unsafe struct WinogradWeight<E, T> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
{
    const long LotBytes = 2 << 20;                    // of points of x and g: they stay in the threads' L2
    const long WindowsPerFill = 64;
    const long PanelBytes = 16 << 10;                 // of a panel of x, which stays in L1
    const long BlockBytes = 256 << 10;                // of a block of g, which stays in L2

    public WinogradPlanes<E> X, G;                    // of a group; From of the first
    public long Groups;
    public E* To;                                     // (groups, channels of g, channels of x, 9)

    E* pointsX, pointsG, sums;                        // [point][window][channel]; [point][channel of g][channel of x]
    nint pointX, pointG, point;
    long first, windows, blocks, panelParts;
    bool isFirst;                                     // the sums hold nothing yet
    int odd;                                          // not 0: some result is not finite

    static int Lanes => 2 * T.Count;

    readonly long Panels => Partition.Count(X.Channels, Lanes);

    readonly long Tiles => Partition.Count(G.Channels, Tile.MaxRows);

    readonly long Pieces => Partition.Count(windows, WindowsPerFill);

    // Windows that are summed in one go; the results do not depend on the threads.
    static long Depth => PanelBytes / (Lanes * sizeof(E));

    /// <summary>False if some result is not finite: infinities may be NaN here, and the direct way knows better.</summary>
    public bool Run()
    {
        long lot = Partition.Even(X.Count, Partition.RoundUp(LotBytes / (Winograd.Points * (X.Window + G.Window) * sizeof(E)) + 1, Depth));
        (pointX, pointG, point) = (X.Point(lot), G.Point(lot), (nint)ConvFrame.Odd(G.Channels * X.Window, 64 / sizeof(E)));
        pointsX = Scratch.Get<E>(Scratch.Use.Image, Winograd.Points * pointX);
        pointsG = Scratch.Get<E>(Scratch.Use.Gradient, Winograd.Points * pointG);
        sums = Scratch.Get<E>(Scratch.Use.Weight, Winograd.Points * point);
        blocks = Partition.Count(Depth * G.Window * sizeof(E), BlockBytes);
        panelParts = Math.Min(Panels, Partition.Count(2L * Threads.Count, Winograd.Points * blocks));
        fixed (WinogradWeight<E, T>* self = &this)
            for (long group = 0; group < Groups; group++)
            {
                for (first = 0; first < X.Count; first += lot)
                {
                    (windows, isFirst) = (Math.Min(lot, X.Count - first), first == 0);
                    Threads.For((Panels + Partition.Count(G.Channels, Lanes)) * Pieces, 1, new FillBody { Of = self });
                    Threads.For(Winograd.Points * blocks * panelParts, 1, new MultiplyBody { Of = self });
                }
                Threads.For(G.Channels * Panels, 64, new SaveBody { Of = self });
                X.From += X.Channels * X.H * X.W;
                G.From += G.Channels * G.H * G.W;
                To += X.Channels * 9 * G.Channels;
            }
        return odd == 0;
    }

    struct FillBody : IRangeBody
    {
        public WinogradWeight<E, T>* Of;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            long strips = Of->Panels, pieces = Of->Pieces;
            for (long i = begin; i < end; i++)
            {
                long strip = i / pieces, at = i % pieces * WindowsPerFill, from = Of->first + at, to = Of->first + Math.Min(Of->windows, at + WindowsPerFill);
                if (strip < strips) Of->X.Fill<T, DataWindow>(strip, from, to, Of->pointsX + at * Of->X.Window, Of->pointX);
                else Of->G.Fill<T, GradientWindow>(strip - strips, from, to, Of->pointsG + at * Of->G.Window, Of->pointG);
            }
        }
    }

    struct MultiplyBody : IRangeBody
    {
        public WinogradWeight<E, T>* Of;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            long blocks = Of->blocks, parts = Of->panelParts;
            for (long i = begin; i < end; i++) Of->Multiply((nint)(i / parts / blocks), i / parts % blocks, i % parts);
        }
    }

    /// <summary>The products of a point, for a block of channels of g and some panels of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Multiply(nint at, long block, long part)
    {
        long tiles = Tiles, tile = Partition.Begin(tiles, blocks, block), endTile = Partition.Begin(tiles, blocks, block + 1);
        long panel = Partition.Begin(Panels, panelParts, part), endPanel = Partition.Begin(Panels, panelParts, part + 1), depth = Depth;
        nint x = X.Window, g = G.Window;
        for (long begin = 0; begin < windows; begin += depth)
        {
            nint k = (nint)Math.Min(depth, windows - begin);
            bool accumulate = begin > 0 || !isFirst;
            for (long p = panel; p < endPanel; p++)
            {
                int vectors = X.Channels - p * Lanes <= T.Count ? 1 : 2;
                EvenRows<E> b = new(pointsX + at * pointX + begin * x + p * Lanes, x);
                for (long t = tile; t < endTile; t++)
                {
                    nint row = (nint)Partition.Begin(G.Channels, tiles, t), h = (nint)Partition.Begin(G.Channels, tiles, t + 1) - row;
                    E* c = sums + at * point + row * x + p * Lanes;
                    for (nint i = 0; i < h; i++) Pack.Prefetch(c + i * x, Lanes);
                    Tile.Run<E, T, EvenRows<E>>((int)h, vectors, k, pointsG + at * pointG + begin * g + row, 1, g, b, c, x, accumulate);
                }
            }
        }
    }

    struct SaveBody : IRangeBody
    {
        public WinogradWeight<E, T>* Of;

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            E* nine = stackalloc E[9 * Lanes];
            long panels = Of->Panels;
            for (long i = begin; i < end; i++) Of->Save((nint)(i / panels), i % panels, nine);
        }
    }

    /// <summary>The gradients of the filters from a channel of g to a panel of channels of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Save(nint row, long panel, E* nine)
    {
        long channels = Math.Min(Lanes, X.Channels - panel * Lanes);
        E* from = sums + row * X.Window + panel * Lanes;
        bool finite = Winograd.FilterGradients<E, T>(from, point, nine, Lanes);
        if (channels > T.Count) finite &= Winograd.FilterGradients<E, T>(from + T.Count, point, nine + T.Count, Lanes);
        if (!finite) odd = 1;
        Pack.TurnRows(nine, Lanes, 9, To + (row * X.Channels + panel * Lanes) * 9, 9, (nint)channels);
    }
}
