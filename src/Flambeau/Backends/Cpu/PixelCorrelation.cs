using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>Results on a regular lattice of an image.</summary>
internal unsafe struct PixelLattice<E> where E : unmanaged
{
    public PixelAxis D, H, W;

    /// <summary>Where the first result lies in the image of results, and the distances to the next on each axis.</summary>
    public long To;
    public Size3 Step;

    /// <summary>[group][panel][tap of D][of W][of H][channel][result]; of folded pixels [group][panel][D][H][W][channel][result].</summary>
    public E* Weights;
}

/// <summary>
/// Correlation with many channels of results: these are the lanes, and the channels of an image lie side by side for each pixel, so that a tile is some neighbouring
/// results by two vectors of channels, and no size of plane leaves lanes idle. A tap meets some results of a row with some rows of the filter: what would meet the
/// padding is not computed. From outside in: a strip of results, a panel of channels, the taps along rows, the rows and tiles of the strip, the taps down and the channels.
/// </summary>
internal unsafe partial struct PixelCorrelation<E, T> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
{
    const long StripBytes = 32 << 10;                 // of sums, which are added to for each tap along rows
    const long PixelBytes = 512 << 10;                // of turned pixels, half of L2
    const long CallTerms = 6;                         // beginning and ending a tile costs as much as so many terms of its sums
    const long LeastRow = 4;                          // results side by side
    const double PackingTiles = 2;                    // of frames: instead of idle numbers
    const double SingleWork = 1.25;                   // tiles of one vector are bound by loads
    const double TurnWork = 16;                       // multiply-adds that turning a number costs; frames do not hold what no tap meets

    public long Images, Groups, Channels, Rows;       // Rows: channels of results of a group
    public Size3 Source, Target;
    public E* From, To;                               // (Images, Groups, Channels, Source), (Images, Groups, Rows, Target)
    public E* Bias;                                   // (Groups, Rows) or null

    /// <summary>A filter's taps lie side by side, filters so far from those of the next result and channel; the next group's Rows·Channels·Taps after.</summary>
    public E* Filters;
    public long FilterResult, FilterChannel;
    public Size3 Kernel;

    public PixelLattice<E>* Lattices;
    public long LatticeCount;

    long pixel, before, width;                        // elements from pixel to pixel, zeros before a row, pixels of a row with its zeros
    long blocks, parts;                               // blocks of results along the outermost axis, parts of the panels: items that are shared out
    Outer outer;
    bool folded;                                      // neighbouring pixels of a row count as one with as many times the channels: one tap along rows

    static int Lanes => 2 * T.Count;

    readonly long ToVolume => Target.Volume;

    readonly long Panels => Partition.Count(Rows, Lanes);

    readonly int PanelLanes(long panel) => Rows - panel * Lanes <= T.Count ? T.Count : Lanes;

    /// <summary>Terms of a result of a lattice.</summary>
    readonly long Terms(PixelLattice<E>* lattice) => Channels * lattice->D.Taps * lattice->H.Taps * lattice->W.Taps;

    /// <summary>Multiply-adds of an image and group, with those of idle lanes.</summary>
    public readonly double Work
    {
        get
        {
            double work = 0;
            for (long i = 0; i < LatticeCount; i++)
                work += (double)Lattices[i].D.Meetings * Lattices[i].H.Meetings * Lattices[i].W.Meetings * Channels * ((Panels - 1) * Lanes + (PanelLanes(Panels - 1) == Lanes ? Lanes : SingleWork * T.Count));
            return work;
        }
    }

    /// <summary>
    /// Whether this costs less than frames, whose lanes are results: those compute with the padding, and idle numbers at the ends of rows as well, but no idle
    /// channels of results, and turn nothing. From the shape alone.
    /// </summary>
    public readonly bool Pays
    {
        get
        {
            double framed = 0, met = 0;
            bool pointwise = true;
            for (long i = 0; i < LatticeCount; i++)
            {
                PixelAxis d = Lattices[i].D, h = Lattices[i].H, w = Lattices[i].W;
                if (d.Results * h.Results * w.Results == 0) continue;
                met = Math.Max(met, d.Met * h.Met * w.Met);
                pointwise &= d.IsPointwise && h.IsPointwise && w.IsPointwise;
                if (!pointwise && w.Results < LeastRow) return false;
                double results = (double)d.Results * h.Results * w.Results, numbers = d.Results * h.Results * (w.Results + Math.Max(w.Padding.Before, w.Padding.After));
                framed += Math.Min(Partition.RoundUp((long)numbers, Lanes), results * (1 + PackingTiles / Partition.Count(Rows, Tile.MaxRows))) * Terms(Lattices + i) * Rows;
            }
            return Work + TurnWork * Channels * Source.Volume * (1 - met) < framed;
        }
    }

    /// <summary>Planes that are filtered each by itself, if they are enough to be lanes. False if not.</summary>
    public readonly bool RunDepthwise()
    {
        if (Channels * Rows != 1 || 2 * Groups < T.Count || Source.D != 1 || Target.D != 1 || Kernel.D != 1 || Source.Volume == 0) return false;
        for (long i = 0; i < LatticeCount; i++)
        {
            PixelAxis d = Lattices[i].D;
            if (d.Meetings != d.Results) return false;
            if (d.Results == 0) Lattices[i].H = Lattices[i].H with { Results = 0 };
        }
        var all = new Depthwise<E, T>
        {
            Images = Images, Channels = Groups, Height = Target.H, Width = Target.W, From = From, To = To, Bias = Bias, Filters = Filters, Kernel = Kernel, Lattices = Lattices, LatticeCount = LatticeCount,
        };
        all.Run();
        return true;
    }

    public void Run()
    {
        Flatten();
        Fold();
        long size = 0;
        for (long i = 0; i < LatticeCount; i++) size += Terms(Lattices + i);
        E* weights = Scratch.Get<E>(Scratch.Use.Weight, Groups * Panels * Lanes * size);
        Cut(size);
        fixed (PixelCorrelation<E, T>* self = &this)
        {
            for (long i = 0; i < LatticeCount; i++)
            {
                Lattices[i].Weights = weights;
                weights += Groups * Panels * Lanes * Terms(Lattices + i);
                Threads.For(Groups * Panels * ChannelParts, 1 + 4096 / (ChannelsTogether * Lanes * Kernel.Volume), new WeightBody { Of = self, Lattice = Lattices + i });
            }
            Threads.For(Images * Groups * blocks * parts, (long)(Blocked.WorkPerClaim * blocks * parts / (Work + 1)), new BlockBody { Of = self });
        }
    }

    // Where each result meets the pixel of its own number, the image is one row.
    void Flatten()
    {
        PixelLattice<E>* l = Lattices;
        if (LatticeCount != 1 || !l->D.IsPointwise || !l->H.IsPointwise || !l->W.IsPointwise) return;
        long n = Source.Volume;
        Source = new(1, 1, n);
        l->D = l->H = new(1, 1, 1, 0, 1, 1);
        l->W = new(n, n, 1, 0, 1, 1);
        l->Step = new(n, n, 1);
    }

    // Few channels, and long rows: rather zeros at their ends than a call of the tile for each tap along them.
    void Fold()
    {
        // An odd number of cache lines, so that pixels spread over the sets of the cache.
        pixel = Channels * sizeof(E) < 64 ? Channels : ConvFrame.Odd(Channels, 64 / sizeof(E));
        width = Source.W;
        double calls = 0, zeros = 0;
        long after = 0, first = 0;
        for (long i = 0; i < LatticeCount; i++)
        {
            PixelAxis h = Lattices[i].H, w = Lattices[i].W;
            if (w.Taps > 1 && w.Dilation != 1 || Blocked.Crowd(w.Stride * Channels * sizeof(E), Tile.MaxRows)) return;
            calls += (w.Taps - 1) * CallTerms * w.Results;
            zeros += (w.Results * w.Taps - w.Meetings) * h.Taps * Channels;
            first = Math.Max(first, w.Padding.Before);
            after = Math.Max(after, w.Padding.After);
        }
        if (calls <= zeros) return;
        folded = true;
        (pixel, before, width) = (Channels, first, first + Source.W + after);
        for (long i = 0; i < LatticeCount; i++)
        {
            ref PixelAxis w = ref Lattices[i].W;
            w = w with { Size = width, Origin = w.Origin + first };
        }
    }

    // Each thread turns the pixels that it meets, even if some rows are turned twice by it: they stay in its L2 and pass from no cache to another.
    void Cut(long terms)
    {
        long results = 0, reach = 0;
        bool planes = false, lines = false;
        for (long i = 0; i < LatticeCount; i++)
        {
            planes |= Lattices[i].D.Results > 1;
            lines |= Lattices[i].H.Results > 1;
        }
        outer = planes ? Outer.D : lines ? Outer.H : Source.D * Source.H == 1 ? Outer.W : Outer.None;
        for (long i = 0; i < LatticeCount; i++)
        {
            PixelAxis a = Axis(Lattices + i);
            results = Math.Max(results, a.Results);
            reach = Math.Max(reach, (a.Taps - 1) * a.Dilation / a.Stride);
        }
        long most = outer == Outer.None ? 1 : Math.Max(1, results / Math.Max(outer == Outer.W ? 4 * Tile.MaxRows : 1, reach));
        long items = Images * Groups, few = Partition.Count(4L * Threads.Count, items);
        bool heavy = Rows * terms > Channels * Source.Volume;
        blocks = Math.Clamp(Math.Max(Partition.Count(Source.D * Source.H * width * pixel * sizeof(E), PixelBytes), heavy ? 1 : few), 1, most);
        parts = heavy ? Math.Clamp(Partition.Count(Threads.Count, items), 1, Panels) : 1;
    }

    enum Outer { D, H, W, None }

    readonly PixelAxis Axis(PixelLattice<E>* l) => outer == Outer.D ? l->D : outer == Outer.H ? l->H : l->W;

    struct BlockBody : IRangeBody
    {
        public PixelCorrelation<E, T>* Of;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin, blocks = Of->blocks, parts = Of->parts; i < end; i++) Of->Block(i / blocks / parts, i / parts % blocks, i % parts);
        }
    }

    /// <summary>A block of an image's results along the outermost axis, and a part of the panels.</summary>
    void Block(long item, long block, long part)
    {
        long low = long.MaxValue, high = 0;           // the pixels that are met along that axis
        for (long i = 0; i < LatticeCount; i++)
        {
            PixelAxis a = Axis(Lattices + i);
            long first = Partition.Begin(a.Results, blocks, block), end = Partition.Begin(a.Results, blocks, block + 1);
            if (first == end || a.Taps == 0) continue;
            low = Math.Min(low, Math.Max(0, a.Origin + first * a.Stride));
            high = Math.Max(high, Math.Min(a.Size, a.Origin + (end - 1) * a.Stride + (a.Taps - 1) * a.Dilation + 1));
        }
        if (outer == Outer.None) (low, high) = (0, Source.H);
        E* pixels = low < high ? Turn(From + item * Channels * Source.Volume, low, high) : null;
        for (long i = 0; i < LatticeCount; i++)
        {
            PixelLattice<E>* l = Lattices + i;
            if (l->D.Results * l->H.Results * l->W.Results == 0) continue;
            long lines = outer == Outer.D ? l->H.Results : 1, results = outer is Outer.D or Outer.H ? Axis(l).Results : outer == Outer.W ? 1 : l->D.Results * l->H.Results;
            long line = Partition.Begin(results, blocks, block) * lines, endLine = Partition.Begin(results, blocks, block + 1) * lines;
            long x = 0, endX = l->W.Results;
            if (outer == Outer.W) (line, endLine, x, endX) = (0, 1, Partition.Begin(endX, blocks, block), Partition.Begin(endX, blocks, block + 1));
            if (x == endX) continue;
            long most = StripBytes / (Lanes * sizeof(E)), columns = Partition.Even(endX - x, most, Tile.MaxRows), rows = Math.Max(1, most / columns);
            var s = new Strip { Lattice = l, Pixels = pixels, Group = item % Groups };
            for (; line < endLine; line += rows)
                for (long at = x; at < endX; at += columns)
                {
                    (s.Line, s.Lines, s.X, s.Width) = (line, Math.Min(rows, endLine - line), at, Math.Min(columns, endX - at));
                    s.Sums = Scratch.Get<E>(Scratch.Use.Vector, s.Lines * s.Width * Lanes);
                    for (s.Panel = Partition.Begin(Panels, parts, part); s.Panel < Partition.Begin(Panels, parts, part + 1); s.Panel++)
                    {
                        s.Lanes = PanelLanes(s.Panel);
                        Start(in s);
                        Add(in s);
                        Save(in s, To + item * Rows * ToVolume);
                    }
                }
        }
    }

    /// <summary>Some rows of results, or a part of a long one, for a panel of channels.</summary>
    struct Strip
    {
        public PixelLattice<E>* Lattice;
        public E* Pixels, Sums;                       // Sums: [line][x][lane]
        public long Group, Panel, Line, Lines, X, Width;
        public int Lanes;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Start(in Strip s)
    {
        E* bias = stackalloc E[Lanes];
        long first = s.Group * Rows + s.Panel * Lanes, n = Bias == null ? 0 : Math.Min(s.Lanes, Rows - s.Panel * Lanes);
        for (long i = 0; i < s.Lanes; i++) bias[i] = i < n ? Bias[first + i] : E.Zero;
        T l = T.Load(bias), r = s.Lanes > T.Count ? T.Load(bias + T.Count) : l;
        for (E* p = s.Sums, end = p + s.Lines * s.Width * s.Lanes; p < end; p += s.Lanes)
        {
            T.Store(l, p);
            if (s.Lanes > T.Count) T.Store(r, p + T.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Add(in Strip s)
    {
        PixelLattice<E>* l = s.Lattice;
        long channels = folded ? Channels * l->W.Taps : Channels, taps = folded ? Math.Min(l->W.Taps, 1) : l->W.Taps;
        E* weights = l->Weights + Terms(l) * (s.Group * Panels + s.Panel) * Lanes;
        for (long kd = 0; kd < l->D.Taps; kd++)
            for (long kw = 0; kw < taps; kw++, weights += l->H.Taps * channels * s.Lanes) Add(in s, kd, kw, (nint)channels, weights);
    }

    /// <summary>What a column of the filter adds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Add(in Strip s, long kd, long kw, nint channels, E* weights)
    {
        PixelAxis d = s.Lattice->D, h = s.Lattice->H, w = s.Lattice->W;
        var (first, end) = w.ResultsOf(kw);
        (first, end) = (Math.Max(first, s.X), Math.Min(end, s.X + s.Width));
        if (first >= end) return;
        long tiles = Partition.Count(end - first, Tile.MaxRows), size = (end - first) / tiles, larger = (end - first) % tiles, line = width * pixel;
        nint step = (nint)(w.Stride * pixel);
        E* pixels = s.Pixels + (w.Origin + kw * w.Dilation) * pixel, sums = s.Sums - s.X * s.Lanes;
        for (long i = 0; i < s.Lines; i++, sums += s.Width * s.Lanes)
        {
            long z = (s.Line + i) / h.Results, y = (s.Line + i) % h.Results, depth = d.Origin + z * d.Stride + kd * d.Dilation;
            var (top, bottom) = h.TapsOf(y);
            if (depth < 0 || depth >= d.Size || top == bottom) continue;
            E* row = pixels + (depth * h.Size + h.Origin + y * h.Stride + top * h.Dilation) * line;
            for (long t = 0, x = first, n; t < tiles; t++, x += n)
            {
                n = t < larger ? size + 1 : size;
                Tile.Run<E, T, EvenRows<E>>((int)n, s.Lanes / T.Count, (nint)(bottom - top), channels, row + (nint)x * step, step, 1,
                    (nint)(h.Dilation * line) - channels, new(weights + top * channels * s.Lanes, s.Lanes), sums + x * s.Lanes, s.Lanes, true);
            }
        }
    }

    /// <summary>Turns sums into planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Save(in Strip s, E* to)
    {
        PixelLattice<E>* l = s.Lattice;
        int rows = (int)Math.Min(s.Lanes, Rows - s.Panel * Lanes);
        to += s.Panel * Lanes * ToVolume + l->To;
        if (l->Step.W == 1 && l->Step.H == s.Width && (l->D.Results == 1 || l->Step.D == l->H.Results * s.Width))
        {
            Planes(s.Sums, s.Lanes, s.Lines * s.Width, to + s.Line * s.Width, rows);
            return;
        }
        E* sums = s.Sums, turned = l->Step.W == 1 ? null : Scratch.Get<E>(Scratch.Use.Line, rows * s.Width);
        for (long i = 0; i < s.Lines; i++, sums += s.Width * s.Lanes)
        {
            E* line = to + (s.Line + i) / l->H.Results * l->Step.D + (s.Line + i) % l->H.Results * l->Step.H + s.X * l->Step.W;
            if (turned == null)
            {
                Planes(sums, s.Lanes, s.Width, line, rows);
                continue;
            }
            Pack.TurnColumns(sums, s.Lanes, (nint)s.Width, turned, (nint)s.Width, rows);
            for (nint r = 0, step = (nint)l->Step.W; r < rows; r++)
            {
                E* p = line + r * ToVolume, q = turned + r * s.Width;
                for (nint x = 0; x < s.Width; x++) p[x * step] = q[x];
            }
        }
    }

    // The lines of planes are asked for while others are written.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Planes(E* from, nint lanes, long count, E* to, int rows)
    {
        const int Together = 16;
        for (int r = 0; r < Math.Min(Together, rows); r++) Pack.Prefetch(to + r * ToVolume, (int)count);
        for (int i = 0; i < rows; i += Together)
        {
            for (int r = i + Together; r < Math.Min(i + 2 * Together, rows); r++) Pack.Prefetch(to + r * ToVolume, (int)count);
            Pack.TurnColumns(from + i, lanes, (nint)count, to + i * ToVolume, (nint)ToVolume, Math.Min(Together, rows - i));
        }
    }
}
