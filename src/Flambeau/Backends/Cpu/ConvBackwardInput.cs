using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// dx[c, i] = Σ over o and k with p·stride + k·dilation − pad = i of g[o, p]·w[o, c, k]. Elements i of one remainder of
/// (i + pad) mod stride meet the same taps: they are a lattice, and g needs no phases.
/// </summary>
internal readonly unsafe struct ConvBackwardInput : IConvPass
{
    /// <summary>
    /// An axis: the elements of remainder ρ are i = ρ + t·stride − pad, t from First(ρ); with tap k they meet g at t − (k·dilation − ρ)/stride.
    /// </summary>
    readonly struct Axis(long input, long output, long kernel, long stride, long pad, long dilation)
    {
        public readonly long Kernel = kernel, Stride = stride;

        public long First(long rest) => FrameAxis.Ceiling(pad - rest, Stride);
        public long Count(long rest) => Math.Max(0, FrameAxis.Ceiling(input + pad - rest, Stride) - First(rest));
        public long Element(long rest) => rest + First(rest) * Stride - pad;
        public bool Meets(long rest, long k) => k * dilation % Stride == rest;
        public long Place(long rest, long k) => First(rest) - (k * dilation - rest) / Stride;

        /// <summary>The elements of a remainder; their taps lie even, and meet g from the last tap on.</summary>
        public PixelAxis Pixels(long rest)
        {
            long first = 0, step = Stride / (long)BigInteger.GreatestCommonDivisor(Stride, dilation);
            while (first < Kernel && !Meets(rest, first)) first++;
            long taps = first < Kernel ? (Kernel - 1 - first) / step + 1 : 0, last = first + (taps - 1) * step;
            return new(output, Count(rest), taps, taps > 0 ? Place(rest, last) : 0, 1, dilation * step / Stride, last, -step);
        }

        /// <summary>g from the first to the last place that is met.</summary>
        public FrameAxis Frame
        {
            get
            {
                long low = long.MaxValue, high = long.MinValue, most = 0;
                for (long k = 0; k < Kernel; k++)
                {
                    long rest = k * dilation % Stride, n = Count(rest);
                    if (n == 0) continue;
                    low = Math.Min(low, Place(rest, k));
                    high = Math.Max(high, Place(rest, k) + n);
                }
                for (long rest = 0; rest < Stride; rest++) most = Math.Max(most, Count(rest));
                if (low > high) (low, high) = (0, 0);
                return new(output, 1, 1, low, Math.Max(high - low, most), most);
            }
        }
    }

    public static void Run<E, T>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        ref readonly ConvShape s = ref t.Shape;
        if (s.N * s.C * s.Input.Volume == 0 || ConvProducts.BackwardInput<E, T>(in t) || Winograd.Pays(in s, s.O / s.Groups, s.C / s.Groups, s.Input) && RunWinograd<E, T>(in t) || RunPixels<E, T>(in t)) return;
        var d = new Axis(s.Input.D, s.Output.D, s.Kernel.D, s.Stride.D, s.Pad.D, s.Dilation.D);
        var h = new Axis(s.Input.H, s.Output.H, s.Kernel.H, s.Stride.H, s.Pad.H, s.Dilation.H);
        var w = new Axis(s.Input.W, s.Output.W, s.Kernel.W, s.Stride.W, s.Pad.W, s.Dilation.W);
        var all = new Correlation<E, T>
        {
            Images = s.N, Groups = s.Groups, From = t.Y, To = t.X,
            Channels = s.O / s.Groups, FromVolume = s.Output.Volume, Rows = s.C / s.Groups, ToVolume = s.Input.Volume,
            Frame = new(d.Frame, h.Frame, w.Frame, 64 / sizeof(E)), LatticeCount = s.Stride.Volume, Kernel = s.Kernel,
            Lattices = (Lattice<E>*)Scratch.Get<byte>(Scratch.Use.Lattices, s.Stride.Volume * sizeof(Lattice<E>)),
        };
        long most = all.Channels * s.Kernel.Volume;   // every tap belongs to one lattice
        nint* offsets = Scratch.Get<nint>(Scratch.Use.Table, 2 * most), taps = offsets + most;
        E* weights = Scratch.Get<E>(Scratch.Use.Weight, s.C * most);
        Lattice<E>* lattice = all.Lattices;
        for (long rd = 0; rd < d.Stride; rd++)
            for (long rh = 0; rh < h.Stride; rh++)
                for (long rw = 0; rw < w.Stride; rw++, lattice++)
                {
                    *lattice = new()
                    {
                        Count = new(d.Count(rd), h.Count(rh), w.Count(rw)),
                        To = (d.Element(rd) * s.Input.H + h.Element(rh)) * s.Input.W + w.Element(rw),
                        Step = new(d.Stride * s.Input.H * s.Input.W, h.Stride * s.Input.W, w.Stride),
                        Offsets = offsets, Weights = weights,
                    };
                    if (lattice->Count.Volume == 0) continue;
                    nint* tap = taps;
                    for (long kd = 0; kd < d.Kernel; kd++)
                        for (long kh = 0; kh < h.Kernel; kh++)
                            for (long kw = 0; kw < w.Kernel; kw++)
                                if (all.Channels > 0 && d.Meets(rd, kd) && h.Meets(rh, kh) && w.Meets(rw, kw))
                                {
                                    *offsets++ = all.Frame.Offset(0, 0, 0, d.Place(rd, kd) - all.Frame.D.Origin,
                                        h.Place(rh, kh) - all.Frame.H.Origin, w.Place(rw, kw) - all.Frame.W.Origin);
                                    *tap++ = (nint)((kd * h.Kernel + kh) * w.Kernel + kw);
                                }
                    long met = tap - taps;            // of the first channel of g; the other channels' lie as those
                    for (long i = met; i < all.Channels * met; i++)
                    {
                        *offsets = offsets[-met] + (nint)all.Frame.ChannelSize;
                        *tap = tap[-met] + (nint)(all.Rows * s.Kernel.Volume);
                        offsets++;
                        tap++;
                    }
                    lattice->K = (nint)(tap - taps);
                    weights += s.C * lattice->K;
                    Threads.For(s.Groups * all.Tiles, (1 << 13) / (lattice->K * Tile.MaxRows + 1) + 1, new PackBody<E>
                    {
                        From = t.W, GroupSize = all.Channels * all.Rows * s.Kernel.Volume, Distance = (nint)s.Kernel.Volume,
                        Taps = taps, To = lattice->Weights, Rows = all.Rows, Tiles = all.Tiles, K = lattice->K,
                    });
                }
        all.Run();
    }

    static bool RunPixels<E, T>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        ref readonly ConvShape s = ref t.Shape;
        var d = new Axis(s.Input.D, s.Output.D, s.Kernel.D, s.Stride.D, s.Pad.D, s.Dilation.D);
        var h = new Axis(s.Input.H, s.Output.H, s.Kernel.H, s.Stride.H, s.Pad.H, s.Dilation.H);
        var w = new Axis(s.Input.W, s.Output.W, s.Kernel.W, s.Stride.W, s.Pad.W, s.Dilation.W);
        var all = new PixelCorrelation<E, T>
        {
            Images = s.N, Groups = s.Groups, Channels = s.O / s.Groups, Rows = s.C / s.Groups, Source = s.Output, Target = s.Input, From = t.Y, To = t.X,
            Filters = t.W, FilterResult = s.Kernel.Volume, FilterChannel = s.C / s.Groups * s.Kernel.Volume, Kernel = s.Kernel, LatticeCount = s.Stride.Volume,
            Lattices = (PixelLattice<E>*)Scratch.Get<byte>(Scratch.Use.Lattices, s.Stride.Volume * sizeof(PixelLattice<E>)),
        };
        PixelLattice<E>* lattice = all.Lattices;
        for (long rd = 0; rd < d.Stride; rd++)
            for (long rh = 0; rh < h.Stride; rh++)
                for (long rw = 0; rw < w.Stride; rw++, lattice++)
                    *lattice = new()
                    {
                        D = d.Pixels(rd), H = h.Pixels(rh), W = w.Pixels(rw), To = (d.Element(rd) * s.Input.H + h.Element(rh)) * s.Input.W + w.Element(rw),
                        Step = new(d.Stride * s.Input.H * s.Input.W, h.Stride * s.Input.W, w.Stride),
                    };
        if (all.RunDepthwise()) return true;
        if (!all.Pays) return false;
        all.Run();
        return true;
    }

    // g, correlated with the filters rotated by 180°
    static bool RunWinograd<E, T>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        ref readonly ConvShape s = ref t.Shape;
        var all = new WinogradCorrelation<E, T>
        {
            From = WinogradPlanes<E>.Of(t.Y, s.N, s.O, s.Groups, s.Output, new(0, 2 - s.Pad.H, 2 - s.Pad.W), s.Input),
            Groups = s.Groups, Results = s.C / s.Groups, To = t.X, Height = s.Input.H, Width = s.Input.W,
            Filters = t.W, FilterResult = 9, FilterChannel = s.C / s.Groups * 9, Reversed = true,
        };
        return all.Run();
    }

    struct PackBody<E> : IRangeBody where E : unmanaged
    {
        public E* From, To;
        public long GroupSize, Rows, Tiles;
        public nint K, Distance;                      // Distance: from one c of w to the next
        public nint* Taps;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++)
            {
                long group = i / Tiles, row = Partition.Begin(Rows, Tiles, i % Tiles), h = Partition.Begin(Rows, Tiles, i % Tiles + 1) - row;
                E* from = From + group * GroupSize + row * Distance, to = To + (group * Rows + row) * K;
                for (nint q = 0; q < K; q++)
                {
                    E* p = from + Taps[q];
                    for (long j = 0; j < h; j++, p += Distance) *to++ = *p;
                }
            }
        }
    }
}
