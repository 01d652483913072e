using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>Results on a regular lattice of an image, each the product of the same weights with what a frame holds at the same offsets.</summary>
internal unsafe struct Lattice<E> where E : unmanaged
{
    /// <summary>How many results there are on each axis.</summary>
    public Size3 Count;

    /// <summary>Where the first lies in the image of results, and the distances to the next on each axis.</summary>
    public long To;
    public Size3 Step;

    /// <summary>How many numbers each result is a sum over, and where they lie from the result's number in the frame.</summary>
    public nint K;
    public nint* Offsets;

    /// <summary>Packed for <see cref="Tile"/>: rows·K a group, a tile of h rows as K times h; or where they lie, row by row.</summary>
    public E* Weights;
    public bool AreRows;

    /// <summary>Steps from row to row and from number to number of a tile.</summary>
    public readonly (nint Row, nint Number) Steps(int h) => AreRows ? (K, 1) : (1, h);
}

/// <summary>
/// What the forward pass and the gradient of the input have in common: for every image, group and lattice
/// to(rows × results) = weights(rows × K) · frame(K × results) [+ bias], where the right factor is read from the frame through offsets.
/// </summary>
internal unsafe partial struct Correlation<E, T> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
{
    const long WeightBytes = 320 << 10;               // of a block of tiles, which stays in L2 while panel after panel passes

    public long Images, Groups;
    public E* From, To;                               // (Images, Groups, Channels, FromVolume), (Images, Groups, Rows, ToVolume)
    public E* Bias;                                   // (Groups, Rows) or null
    public long Channels, FromVolume, Rows, ToVolume;
    public ConvFrame Frame;
    public Lattice<E>* Lattices;
    public long LatticeCount;
    public Size3 Kernel;

    const int WideVectors = 4;

    /// <summary>Results in a panel: a single row of weights takes many at a time.</summary>
    readonly int Width => Rows == 1 ? WideVectors * T.Count : 2 * T.Count;

    public readonly long Tiles => (Rows + Tile.MaxRows - 1) / Tile.MaxRows;

    public void Run()
    {
        if (Images * Groups * Rows * ToVolume == 0) return;
        bool clear = false;
        for (long i = 0; i < LatticeCount; i++) clear |= Bias == null && Lattices[i].K == 0;
        if (clear) Threads.For(Images * Groups * Rows * ToVolume, Blocked.WorkPerClaim / 4, new ClearBody { To = To });
        if (Lattices->AreRows || IsDense())
        {
            RunDense();
            return;
        }
        double work = 1;                              // of an image and group
        for (long i = 0; i < LatticeCount; i++) work += (double)Lattices[i].K * Rows * Lattices[i].Count.Volume + ToVolume * Rows;
        fixed (Correlation<E, T>* self = &this)
        {
            var body = new ImageBody { Of = self };
            // Few and large: one after the other, each on all threads, unless they share out evenly: a thread reads a frame that another one filled at half the speed.
            if (Images * Groups < 4L * Threads.Count && Images * Groups % Threads.Count != 0 && work > 8.0 * Blocked.WorkPerClaim) body.Run(0, Images * Groups);
            else Threads.For(Images * Groups, (long)(Blocked.WorkPerClaim / work), body);
        }
    }

    // Has no results, or cleared ones.
    readonly bool IsDone(Lattice<E>* lattice) => lattice->Count.Volume == 0 || lattice->K == 0 && Bias == null;

    /// <summary>What no tap reaches.</summary>
    struct ClearBody : IRangeBody
    {
        public E* To;

        public readonly void Run(long begin, long end)
        {
            const long Step = 1 << 20;
            for (; begin < end; begin += Step) new Span<E>(To + begin, (int)Math.Min(Step, end - begin)).Clear();
        }
    }

    struct ImageBody : IRangeBody
    {
        public Correlation<E, T>* Of;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++) Of->Image(i);
        }
    }

    struct FillBody : IRangeBody
    {
        public Correlation<E, T>* Of;
        public E* From, Frame;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long c = begin; c < end; c++) Of->Frame.Fill<E, T>(From + c * Of->FromVolume, Frame + c * Of->Frame.ChannelSize);
        }
    }

    struct PanelBody : IRangeBody
    {
        public Correlation<E, T>* Of;
        public Lattice<E>* Lattice;
        public E* Frame, To;
        public long Group, Panels, TilesPerBlock;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++) Of->Panel(Lattice, Group, i / Panels * TilesPerBlock, TilesPerBlock, i % Panels, Frame, To);
        }
    }

    void Image(long item)
    {
        long group = item % Groups;
        E* frame = Scratch.Get<E>(Scratch.Use.Image, Channels * Frame.ChannelSize);
        E* to = To + item * Rows * ToVolume;
        fixed (Correlation<E, T>* self = &this)
        {
            Threads.For(Channels, Blocked.WorkPerClaim / 16 / Frame.ChannelSize + 1,
                new FillBody { Of = self, From = From + item * Channels * FromVolume, Frame = frame });
            for (long i = 0; i < LatticeCount; i++)
            {
                Lattice<E>* lattice = Lattices + i;
                if (IsDone(lattice)) continue;
                if (IsPlane(lattice))
                {
                    Plane(lattice, group, frame, to);
                    continue;
                }
                long panels = (Frame.Results(lattice->Count) + Width - 1) / Width, tiles = Tiles;
                long perBlock = Partition.Even(tiles, Math.Clamp(WeightBytes / (lattice->K * Tile.MaxRows * sizeof(E) + 1), 1, tiles));
                if (panels < 4 * Threads.Count) perBlock = Math.Max(1, Math.Min(perBlock, tiles * panels / (4 * Threads.Count)));
                long items = (tiles + perBlock - 1) / perBlock * panels;
                double work = (double)perBlock * Tile.MaxRows * Width * (lattice->K + 8);
                Threads.For(items, (long)(Blocked.WorkPerClaim / work) + 1,
                    new PanelBody { Of = self, Lattice = lattice, Frame = frame, To = to, Group = group, Panels = panels, TilesPerBlock = perBlock });
            }
        }
    }

    /// <summary>Results [panel·Width, …) of a lattice, rows of the given tiles.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Panel(Lattice<E>* lattice, long group, long tile, long count, long panel, E* frame, E* to)
    {
        E* edge = stackalloc E[Tile.MaxRows * 2 * T.Count];
        Stretch* stretches = stackalloc Stretch[WideVectors * T.Count];
        int width = Width;
        long first = panel * width, end = Math.Min(first + width, Frame.Results(lattice->Count)), tiles = Tiles;
        int vectors = end - first <= T.Count ? 1 : 2, stretchCount = Stretches(lattice, first, end, stretches);
        if (stretchCount == 0) return;
        nint k = lattice->K;
        E* weights = lattice->Weights + group * Rows * k;
        bool whole = Bias == null && lattice->Step.W == 1 && Rows > 1 && stretches[0].Length == vectors * T.Count;
        for (long stop = Math.Min(tiles, tile + count); tile < stop; tile++)
        {
            long row = Partition.Begin(Rows, tiles, tile);
            int h = (int)(Partition.Begin(Rows, tiles, tile + 1) - row);
            if (Rows == 1 || k > 25)                  // a shorter tile is done before the lines come
                for (int i = 0; i < h; i++) Pack.Prefetch(to + (row + i) * ToVolume + stretches[0].To, width);
            if (Rows == 1) Wide(k, weights, frame + first, lattice->Offsets, edge);
            else
            {
                TabledRows<E> b = new(frame + first, lattice->Offsets);
                (nint rs, nint cs) = lattice->Steps(h);
                if (whole)
                {
                    Tile.Run<E, T, TabledRows<E>>(h, vectors, k, weights + row * k, rs, cs, b, to + row * ToVolume + stretches[0].To, (nint)ToVolume, false);
                    continue;
                }
                Tile.Run<E, T, TabledRows<E>>(h, vectors, k, weights + row * k, rs, cs, b, edge, width, false);
            }
            for (int i = 0; i < h; i++, row++)
            {
                E bias = Bias == null ? E.Zero : Bias[group * Rows + row];
                Store(edge + i * width, bias, to + row * ToVolume, stretches, stretchCount, (nint)lattice->Step.W);
            }
        }
    }

    /// <summary>c(1×w) = a(1×k)·B(k×w), w = <see cref="WideVectors"/> vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Wide(nint k, E* a, E* b, nint* offsets, E* c)
    {
        T s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero;
        for (nint q = 0; q < k; q++)
        {
            T x = T.Broadcast(a + q);
            E* p = b + offsets[q];
            s0 = T.MulAdd(x, T.Load(p), s0);
            s1 = T.MulAdd(x, T.Load(p + T.Count), s1);
            s2 = T.MulAdd(x, T.Load(p + 2 * T.Count), s2);
            s3 = T.MulAdd(x, T.Load(p + 3 * T.Count), s3);
        }
        T.Store(s0, c);
        T.Store(s1, c + T.Count);
        T.Store(s2, c + 2 * T.Count);
        T.Store(s3, c + 3 * T.Count);
    }

    /// <summary>Results that are consecutive both in the frame and on the innermost axis of the image.</summary>
    struct Stretch
    {
        public int From, Length;                      // in a panel
        public nint Frame;                            // of a dense one: where it lies in the frames of the lot
        public long To;
    }

    // The numbers [first, end) of a lattice without the idle ones.
    readonly int Stretches(Lattice<E>* lattice, long first, long end, Stretch* stretches)
    {
        var (n, step) = (lattice->Count, lattice->Step);
        int count = 0;
        long pitch = Frame.W.Pitch, rows = Frame.H.Pitch;
        long row = first / pitch, x = first - row * pitch, z = row / rows, y = row - z * rows;
        for (long q = first; q < end;)
        {
            if (x < n.W && y < n.H)
            {
                int length = (int)Math.Min(n.W - x, end - q);
                stretches[count++] = new() { From = (int)(q - first), Length = length, To = lattice->To + z * step.D + y * step.H + x * step.W };
            }
            q += pitch - x;
            x = 0;
            if (++y == rows) (z, y) = (z + 1, 0);
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(E* from, E bias, E* to, Stretch* stretches, int count, nint step)
    {
        for (int s = 0; s < count; s++)
        {
            E* p = from + stretches[s].From, q = to + stretches[s].To;
            int length = stretches[s].Length;
            if (step != 1)
                for (int i = 0; i < length; i++) q[i * step] = p[i] + bias;
            else if (length >= T.Count) StoreVectors<T>(p, length, bias, q);
            else if (length >= V128<E>.Count) StoreVectors<V128<E>>(p, length, bias, q);
            else
                for (int i = 0; i < length; i++) q[i] = p[i] + bias;
        }
    }

    // The length is at least a vector; the last one overlaps the one before.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreVectors<V>(E* from, int length, E bias, E* to) where V : struct, ILane<V>
    {
        V b = V.Broadcast(&bias);
        int last = length - V.Count;
        for (int i = 0; i < last; i += V.Count) V.Store(V.Load(from + i) + b, to + i);
        V.Store(V.Load(from + last) + b, to + last);
    }
}
