using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// What the forward pass and the gradient of the input have in common, by <see cref="Winograd"/>: to = filters ∗ planes [+ bias].
/// From outside in: some windows' points, which stay in L2; two vectors of results; the points; the windows, twelve at a time.
/// </summary>
internal unsafe struct WinogradCorrelation<E, T> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
{
    const long BlockBytes = 768 << 10, LeastWindows = 24, MostWindows = 96;

    public WinogradPlanes<E> From;                    // of a group; From.From is the first's
    public long Groups, Results;
    public E* To;                                     // (images, groups, Results, Height, Width)
    public long Height, Width;
    public E* Bias;                                   // (groups, Results) or null

    /// <summary>Nine consecutive numbers a filter, which lie so far from those of the next result and channel; reversed: rotated by 180°.</summary>
    public E* Filters;
    public long FilterResult, FilterChannel;
    public bool Reversed;

    E* points;                                        // of the filters, [group][panel][point][channel][result]
    long perBlock, blocks, parts;
    int odd;                                          // not 0: some result is not finite

    static int Lanes => 2 * T.Count;

    readonly long Panels => Partition.Count(Results, Lanes);

    readonly int PanelLanes(long panel) => Results - panel * Lanes <= T.Count ? T.Count : Lanes;

    // An odd number of cache lines, so that points spread over the sets of the cache.
    readonly nint PointSize(int lanes) => (nint)ConvFrame.Odd(From.Channels * lanes, 64 / sizeof(E));

    readonly E* PanelPoints(long group, long panel) => points + (group * Panels + panel) * Winograd.Points * PointSize(Lanes);

    /// <summary>False if some result is not finite: infinities may be NaN here, and the direct way knows better.</summary>
    public bool Run()
    {
        points = Scratch.Get<E>(Scratch.Use.Weight, Groups * Panels * Winograd.Points * PointSize(Lanes));
        long most = Math.Clamp(BlockBytes / (Winograd.Points * From.Channels * sizeof(E)), LeastWindows, MostWindows);
        perBlock = Partition.Even(From.Count, Math.Clamp(From.Count * Groups / (4L * Threads.Count), LeastWindows, most), Tile.MaxRows);
        blocks = Partition.Count(From.Count, perBlock);
        parts = 1;
        bool few = blocks * Groups < 2L * Threads.Count;
        if (few)                                      // one after the other, each on all threads
            parts = Math.Min(Partition.Count(4L * Threads.Count, Panels), Partition.Count(perBlock, Tile.MaxRows));
        fixed (WinogradCorrelation<E, T>* self = &this)
        {
            Threads.For(Groups * Panels * From.Channels, 64, new FilterBody { Of = self });
            var body = new BlockBody { Of = self };
            if (few) body.Run(0, blocks * Groups);
            else Threads.For(blocks * Groups, 1, body);
        }
        return odd == 0;
    }

    struct FilterBody : IRangeBody
    {
        public WinogradCorrelation<E, T>* Of;

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            E* w = stackalloc E[9 * Lanes];
            new Span<E>(w, 9 * Lanes).Clear();
            for (long i = begin; i < end; i++) Of->Filter(i / Of->From.Channels / Of->Panels, i / Of->From.Channels % Of->Panels, i % Of->From.Channels, w);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Filter(long group, long panel, long channel, E* w)
    {
        int lanes = PanelLanes(panel), rows = (int)Math.Min(lanes, Results - panel * Lanes);
        long groupSize = Results * From.Channels * 9;
        Pack.TurnRows(Filters + group * groupSize + panel * Lanes * FilterResult + channel * FilterChannel, (nint)FilterResult, rows, w, Lanes, 9);
        for (int i = 0; rows < lanes && i < 9; i++) new Span<E>(w + i * Lanes + rows, lanes - rows).Clear();
        nint step = Reversed ? -Lanes : Lanes, point = PointSize(lanes);
        E* to = PanelPoints(group, panel) + channel * lanes, from = Reversed ? w + 8 * Lanes : w;
        Winograd.Filters<E, T>(from, step, to, to + lanes, point);
        if (lanes > T.Count) Winograd.Filters<E, T>(from + T.Count, step, to + T.Count, to + T.Count + lanes, point);
    }

    struct BlockBody : IRangeBody
    {
        public WinogradCorrelation<E, T>* Of;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++) Of->Block(i / Of->blocks, i % Of->blocks * Of->perBlock);
        }
    }

    /// <summary>A block's windows, from the begin of which all else is counted.</summary>
    struct Windows
    {
        public long Group, First, Count;
        public WinogradPlanes<E> From;
        public E* Points;
        public nint Point;
    }

    void Block(long group, long first)
    {
        var w = new Windows { Group = group, First = first, Count = Math.Min(perBlock, From.Count - first), From = From };
        w.From.From += group * From.Channels * From.H * From.W;
        w.Point = From.Point(w.Count);
        w.Points = Scratch.Get<E>(Scratch.Use.Image, Winograd.Points * w.Point);
        long strips = Partition.Count(From.Channels, Lanes);
        fixed (WinogradCorrelation<E, T>* self = &this)
        {
            Threads.For(strips * parts, 1, new FillBody { W = &w, Parts = parts });
            Threads.For(Panels * parts, 1, new PanelBody { Of = self, W = &w });
        }
    }

    struct FillBody : IRangeBody
    {
        public Windows* W;
        public long Parts;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++)
            {
                long at = Partition.Begin(W->Count, Parts, i % Parts), stop = Partition.Begin(W->Count, Parts, i % Parts + 1);
                W->From.Fill<T, DataWindow>(i / Parts, W->First + at, W->First + stop, W->Points + at * W->From.Window, W->Point);
            }
        }
    }

    struct PanelBody : IRangeBody
    {
        public WinogradCorrelation<E, T>* Of;
        public Windows* W;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++) Of->Panel(W, i / Of->parts, i % Of->parts);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Panel(Windows* w, long panel, long part)
    {
        long first = Partition.Begin(w->Count, parts, part), count = Partition.Begin(w->Count, parts, part + 1) - first;
        if (count == 0) return;                        // the last block may have fewer windows than there are parts
        long tiles = Partition.Count(count, Tile.MaxRows), size = count / tiles, larger = count % tiles;
        int lanes = PanelLanes(panel);
        nint channels = (nint)From.Channels, window = From.Window, point = (nint)ConvFrame.Odd(count * lanes, 64 / sizeof(E));
        E* products = Scratch.Get<E>(Scratch.Use.Vector, Winograd.Points * point), filters = PanelPoints(w->Group, panel);
        for (nint p = 0; p < Winograd.Points; p++, filters += PointSize(lanes))
            for (nint tile = 0, row = 0, h; tile < tiles; tile++, row += h)
            {
                h = (nint)(tile < larger ? size + 1 : size);
                Pack.Prefetch(products + p * point + row * lanes, (int)h * lanes);
                Tile.Run<E, T, EvenRows<E>>((int)h, lanes / T.Count, channels, w->Points + p * w->Point + (first + row) * window, window, 1,
                    new(filters, lanes), products + p * point + row * lanes, lanes, false);
            }
        Save(w->Group, panel, w->First + first, count, products, point, lanes);
    }

    /// <summary>Makes results of a panel's products and turns them into planes.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Save(long group, long panel, long first, long count, E* products, nint point, int lanes)
    {
        int results = (int)Math.Min(lanes, Results - panel * Lanes);
        E* bias = stackalloc E[Lanes];
        new Span<E>(bias, Lanes).Clear();
        if (Bias != null)
            for (int i = 0; i < results; i++) bias[i] = Bias[group * Results + panel * Lanes + i];
        nint row = (nint)(2 * Math.Min(From.Columns, count)) * lanes;
        E* upper = Scratch.Get<E>(Scratch.Use.Line, 2 * row), lower = upper + row;
        bool finite = true;
        for (long t = first, end = first + count, n; t < end; t += n, products += n * lanes)
        {
            long image = t / (From.Rows * From.Columns), i = t / From.Columns % From.Rows, j = t % From.Columns;
            n = Math.Min(From.Columns - j, end - t);
            for (int v = 0; v < lanes; v += T.Count)
                finite &= Winograd.Results(products + v, point, lanes, T.Load(bias + v), upper + v, lower + v, (nint)n);
            E* to = To + (((image * Groups + group) * Results + panel * Lanes) * Height + 2 * i) * Width + 2 * j;
            nint columns = (nint)Math.Min(2 * n, Width - 2 * j), plane = (nint)(Height * Width);
            Pack.TurnColumns(upper, lanes, columns, to, plane, results);
            if (2 * i + 1 < Height) Pack.TurnColumns(lower, lanes, columns, to + Width, plane, results);
        }
        if (!finite) odd = 1;
    }
}
