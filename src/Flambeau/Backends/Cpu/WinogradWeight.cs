using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// dw by <see cref="Winograd"/>: Gᵀ[Σ over windows of (A g Aᵀ) ⊙ (Bᵀ x B)]G, the adjoint of the forward pass in w. For a lot of windows, the points of x and g
/// are laid out; then all threads share out dw: a product over the windows for each point, with channels of g as rows and channels of x as lanes.
/// </summary>
internal unsafe struct WinogradWeight<E, T> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
{
    const long LotBytes = 8 << 20;                    // of points of x and g: they stay in L3
    const long WindowsPerFill = 64;

    public WinogradPlanes<E> X, G;                    // of a group; From of the first
    public long Groups;
    public E* To;                                     // (groups, channels of g, channels of x, 9)

    E* pointsX, pointsG;                              // [point][window][channel]
    nint pointX, pointG;
    long first, windows, tilesPerItem, panelsPerItem;
    bool isFirst;                                     // dw holds nothing yet

    static int Lanes => 2 * T.Count;

    readonly long Panels => Partition.Count(X.Channels, Lanes);

    readonly long Tiles => Partition.Count(G.Channels, Tile.MaxRows);

    readonly long Pieces => Partition.Count(windows, WindowsPerFill);

    readonly long StripsX => Partition.Count(X.Channels, Lanes);

    /// <summary>False if some result is not finite: infinities may be NaN here, and the direct way knows better.</summary>
    public bool Run()
    {
        long most = LotBytes / (Winograd.Points * (X.Window + G.Window) * sizeof(E)), lot = Partition.Even(X.Count, Math.Max(WindowsPerFill, most));
        (pointX, pointG) = (X.Point(lot), G.Point(lot));
        pointsX = Scratch.Get<E>(Scratch.Use.Image, Winograd.Points * pointX);
        pointsG = Scratch.Get<E>(Scratch.Use.Gradient, Winograd.Points * pointG);
        // 4 tiles and 2 panels of a point stay in L2 with the sums; fewer where threads would have no work.
        (tilesPerItem, panelsPerItem) = (Math.Min(4, Tiles), Math.Min(2, Panels));
        while (tilesPerItem > 1 && Items < 4L * Threads.Count) tilesPerItem = (tilesPerItem + 1) / 2;
        if (Items < 4L * Threads.Count) panelsPerItem = 1;
        E* dw = To;
        long size = X.Channels * 9 * G.Channels;
        fixed (WinogradWeight<E, T>* self = &this)
            for (long group = 0; group < Groups; group++, To += size)
            {
                for (first = 0; first < X.Count; first += lot)
                {
                    (windows, isFirst) = (Math.Min(lot, X.Count - first), first == 0);
                    Threads.For((StripsX + Partition.Count(G.Channels, Lanes)) * Pieces, 1, new FillBody { Of = self });
                    Threads.For(Items, 1, new MultiplyBody { Of = self });
                }
                X.From += X.Channels * X.H * X.W;
                G.From += G.Channels * G.H * G.W;
            }
        E sum = E.Zero;
        for (long i = 0; i < Groups * size; i++) sum = E.MultiplyAddEstimate(dw[i], E.Zero, sum);
        return E.IsFinite(sum);
    }

    readonly long Items => Partition.Count(Tiles, tilesPerItem) * Partition.Count(Panels, panelsPerItem);

    struct FillBody : IRangeBody
    {
        public WinogradWeight<E, T>* Of;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++)
            {
                long strip = i / Of->Pieces, at = i % Of->Pieces * WindowsPerFill, from = Of->first + at, to = Of->first + Math.Min(Of->windows, at + WindowsPerFill);
                if (strip < Of->StripsX) Of->X.Fill<T, DataWindow>(strip, from, to, Of->pointsX + at * Of->X.Window, Of->pointX);
                else Of->G.Fill<T, GradientWindow>(strip - Of->StripsX, from, to, Of->pointsG + at * Of->G.Window, Of->pointG);
            }
        }
    }

    struct MultiplyBody : IRangeBody
    {
        public WinogradWeight<E, T>* Of;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            long panels = Partition.Count(Of->Panels, Of->panelsPerItem);
            for (long i = begin; i < end; i++) Of->Multiply(i / panels * Of->tilesPerItem, i % panels * Of->panelsPerItem);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Multiply(long tile, long panel)
    {
        long tiles = Tiles, endTile = Math.Min(tiles, tile + tilesPerItem), endPanel = Math.Min(Panels, panel + panelsPerItem);
        nint row = (nint)Partition.Begin(G.Channels, tiles, tile), rows = (nint)Partition.Begin(G.Channels, tiles, endTile) - row;
        nint size = rows * Lanes, x = X.Window, g = G.Window;               // of a point and panel
        E* sums = Scratch.Get<E>(Scratch.Use.Vector, (endPanel - panel) * Winograd.Points * size);
        for (nint point = 0; point < Winograd.Points; point++)
            for (long p = panel; p < endPanel; p++)
            {
                int vectors = X.Channels - p * Lanes <= T.Count ? 1 : 2;
                EvenRows<E> b = new(pointsX + point * pointX + p * Lanes, x);
                E* c = sums + ((p - panel) * Winograd.Points + point) * size;
                for (long t = tile; t < endTile; t++)
                {
                    nint at = (nint)Partition.Begin(G.Channels, tiles, t), h = (nint)Partition.Begin(G.Channels, tiles, t + 1) - at;
                    Tile.Run<E, T, EvenRows<E>>((int)h, vectors, (nint)windows, pointsG + point * pointG + at, 1, g, b, c + (at - row) * Lanes, Lanes, false);
                }
            }
        for (long p = panel; p < endPanel; p++)
            Save(sums + (p - panel) * Winograd.Points * size, size, row, rows, p * Lanes);
    }

    /// <summary>Adds a panel's gradients to dw, from their points.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Save(E* sums, nint point, nint row, nint rows, long channel)
    {
        E* nine = stackalloc E[9 * Lanes], turned = stackalloc E[9 * Lanes];
        int channels = (int)Math.Min(Lanes, X.Channels - channel);
        for (nint i = 0; i < rows; i++, sums += Lanes)
        {
            E* to = To + ((row + i) * X.Channels + channel) * 9;
            Winograd.FilterGradients<E, T>(sums, point, nine, Lanes);
            if (channels > T.Count) Winograd.FilterGradients<E, T>(sums + T.Count, point, nine + T.Count, Lanes);
            Pack.TurnRows(nine, Lanes, 9, isFirst ? to : turned, 9, channels);
            if (!isFirst)
                for (int j = 0; j < 9 * channels; j++) to[j] += turned[j];
        }
    }
}
