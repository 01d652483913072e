using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// Small planes, and those of strides: the idle numbers between the rows of a frame would cost up to half of the work. What results meet is packed into panels
/// of two vectors that go on from row to row and from image to image. From outside in: a lot of images, laid out as frames in L3; a block of panels, packed in L2;
/// the tiles of weights, each for all panels of the block.
/// </summary>
internal unsafe partial struct Correlation<E, T>
{
    const long LotBytes = 4 << 20, PackedBytes = 512 << 10;
    const int PackingTiles = 2, MostPanels = 8;       // packing costs about as much as so many tiles

    /// <summary>Whether packing costs less than the idle numbers; from the shape alone.</summary>
    readonly bool IsDense()
    {
        long framed = 0, dense = 0;
        for (long i = 0; i < LatticeCount; i++)
            if (Lattices[i].Count.Volume > 0)
            {
                framed += Images * Partition.Count(Frame.Results(Lattices[i].Count), Width) * Lattices[i].K;
                dense += Partition.Count(Images * Lattices[i].Count.Volume, Width) * Lattices[i].K;
            }
        return dense * (Tiles + PackingTiles) < framed * Tiles;
    }

    /// <summary>Some images of a group, for one lattice.</summary>
    struct Lot
    {
        public Lattice<E>* Lattice;
        public long Group, First, Images, PanelsPerBlock, Blocks, Parts;
        public E* Frames;

        public readonly long Results => Images * Lattice->Count.Volume;
    }

    void RunDense()
    {
        long size = Channels * Frame.ChannelSize, most = Math.Clamp(LotBytes / (size * sizeof(E)), 1, Images);
        var lot = new Lot { Frames = Scratch.Get<E>(Scratch.Use.Image, most * size) };
        fixed (Correlation<E, T>* self = &this)
            for (long i = 0; i < Groups; i++)
                for (long n = 0; n < Images; n += most)
                {
                    (lot.Group, lot.First, lot.Images) = (i, n, Math.Min(most, Images - n));
                    Threads.For(lot.Images * Channels, Blocked.WorkPerClaim / 16 / Frame.ChannelSize + 1, new FramesBody { Of = self, Lot = &lot });
                    for (long l = 0; l < LatticeCount; l++)
                        if (!IsDone(Lattices + l)) Dense(&lot, Lattices + l);
                }
    }

    void Dense(Lot* lot, Lattice<E>* lattice)
    {
        lot->Lattice = lattice;
        long panels = Partition.Count(lot->Results, Width), most = Math.Clamp(PackedBytes / (lattice->K * Width * sizeof(E) + 1), 2, MostPanels);
        lot->PanelsPerBlock = lattice->AreRows ? Math.Min(panels, MostPanels) : Math.Clamp(panels / (4L * Threads.Count), 1, most);
        lot->Blocks = Partition.Count(panels, lot->PanelsPerBlock);
        bool few = lot->Blocks < 2L * Threads.Count;  // one after the other, each on all threads
        lot->Parts = few ? Math.Min(Tiles, 4L * Threads.Count) : 1;
        fixed (Correlation<E, T>* self = &this)
        {
            var body = new BlockBody { Of = self, Lot = lot };
            if (few) body.Run(0, lot->Blocks);
            else Threads.For(lot->Blocks, 1, body);
        }
    }

    struct FramesBody : IRangeBody
    {
        public Correlation<E, T>* Of;
        public Lot* Lot;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            long channels = Of->Channels;
            for (long i = begin; i < end; i++)
                Of->Frame.Fill<E, T>(Of->From + (((Lot->First + i / channels) * Of->Groups + Lot->Group) * channels + i % channels) * Of->FromVolume,
                    Lot->Frames + i * Of->Frame.ChannelSize);
        }
    }

    struct BlockBody : IRangeBody
    {
        public Correlation<E, T>* Of;
        public Lot* Lot;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++) Of->Block(Lot, i * Lot->PanelsPerBlock * Of->Width);
        }
    }

    /// <summary>Panels of a lot: their results, cut into stretches, and what those meet.</summary>
    struct PanelBlock
    {
        public Lot* Lot;
        public long Panels, Results;
        public E* Packed;                             // [panel][k][Width]
        public Stretch* Stretches;                    // of all panels
        public int* Begins;                           // of a panel's stretches; one more than there are panels
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Block(Lot* lot, long first)
    {
        Stretch* stretches = stackalloc Stretch[MostPanels * 2 * T.Count];
        int* begins = stackalloc int[MostPanels + 1];
        nint k = lot->Lattice->K;
        var block = new PanelBlock { Lot = lot, Stretches = stretches, Begins = begins, Results = Math.Min(lot->PanelsPerBlock * Width, lot->Results - first) };
        block.Panels = Partition.Count(block.Results, Width);
        block.Packed = Scratch.Get<E>(Scratch.Use.B, block.Panels * k * Width);
        begins[0] = 0;
        for (int p = 0; p < block.Panels; p++)
            begins[p + 1] = begins[p] + DenseStretches(lot, first + p * Width, first + Math.Min(block.Results, (p + 1) * Width), stretches + begins[p]);
        fixed (Correlation<E, T>* self = &this)
        {
            Threads.For(k, lot->Parts == 1 ? k : 64, new PackBody { Of = self, Block = &block });
            Threads.For(lot->Parts, 1, new TilesBody { Of = self, Block = &block });
        }
    }

    // The results [first, end) of a lot, whatever rows and images they are in.
    readonly int DenseStretches(Lot* lot, long first, long end, Stretch* stretches)
    {
        Lattice<E>* lattice = lot->Lattice;
        var (n, step) = (lattice->Count, lattice->Step);
        int count = 0;
        long at;
        for (long q = first; q < end; q += stretches[count++].Length)
        {
            long image = Math.DivRem(q, n.Volume, out at), z = Math.DivRem(at, n.H * n.W, out at), y = Math.DivRem(at, n.W, out long x);
            stretches[count] = new()
            {
                From = (int)(q - first), Length = (int)Math.Min(n.W - x, end - q),
                Frame = (nint)(image * Channels * Frame.ChannelSize + (z * Frame.H.Pitch + y) * Frame.W.Pitch + x),
                To = image * Groups * Rows * ToVolume + lattice->To + z * step.D + y * step.H + x * step.W,
            };
        }
        return count;
    }

    struct PackBody : IRangeBody
    {
        public Correlation<E, T>* Of;
        public PanelBlock* Block;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            Lot* lot = Block->Lot;
            nint width = Of->Width, k = lot->Lattice->K;
            Stretch* stretches = Block->Stretches;
            int* begins = Block->Begins;
            long panels = Block->Panels;
            nint* offsets = lot->Lattice->Offsets;
            for (nint q = (nint)begin; q < end; q++)  // what panels meet lies side by side
            {
                E* from = lot->Frames + offsets[q], to = Block->Packed + q * width;
                for (long p = 0; p < panels; p++, to += k * width)
                {
                    Pack.Prefetch(to + 4 * width, (int)width);
                    for (int i = begins[p]; i < begins[p + 1]; i++) ConvFrame.Copy<E, T>(from + stretches[i].Frame, to + stretches[i].From, stretches[i].Length);
                }
            }
        }
    }

    struct TilesBody : IRangeBody
    {
        public Correlation<E, T>* Of;
        public PanelBlock* Block;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++)
                for (long t = Partition.Begin(Of->Tiles, Block->Lot->Parts, i), stop = Partition.Begin(Of->Tiles, Block->Lot->Parts, i + 1); t < stop; t++)
                    Of->DenseTile(Block, t);
        }
    }

    /// <summary>A tile of weights for all panels of a block.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void DenseTile(PanelBlock* block, long tile)
    {
        E* edge = stackalloc E[Tile.MaxRows * 2 * T.Count];
        Lot* lot = block->Lot;
        Lattice<E>* lattice = lot->Lattice;
        int width = Width;
        nint k = lattice->K;
        long row = Partition.Begin(Rows, Tiles, tile);
        int h = (int)(Partition.Begin(Rows, Tiles, tile + 1) - row);
        (nint rs, nint cs) = lattice->Steps(h);
        E* weights = lattice->Weights + (lot->Group * Rows + row) * k, to = To + ((lot->First * Groups + lot->Group) * Rows + row) * ToVolume;
        for (int p = 0; p < block->Panels; p++)
        {
            int vectors = block->Results - p * width <= T.Count ? 1 : 2, count = block->Begins[p + 1] - block->Begins[p];
            Stretch* stretches = block->Stretches + block->Begins[p];
            for (int i = 0; i < h; i++) Pack.Prefetch(to + i * ToVolume + stretches[0].To, width);
            Tile.Run<E, T, EvenRows<E>>(h, vectors, k, weights, rs, cs, new(block->Packed + p * k * width, width), edge, width, false);
            for (int i = 0; i < h; i++)
                Store(edge + i * width, Bias == null ? E.Zero : Bias[lot->Group * Rows + row + i], to + i * ToVolume, stretches, count, (nint)lattice->Step.W);
        }
    }
}
