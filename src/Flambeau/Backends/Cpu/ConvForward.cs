using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>y = x ∗ w + bias: one lattice, of all results; phases where the stride is not 1.</summary>
internal readonly unsafe struct ConvForward : IConvPass
{
    /// <summary>The frame of x in which results are consecutive; results of an axis meet tap k in phase (k·dilation) mod stride.</summary>
    public static ConvFrame Frame(in ConvShape s, int lineElements) => new(
        Axis(s.Input.D, s.Output.D, s.Kernel.D, s.Stride.D, s.Pad.D, s.Dilation.D),
        Axis(s.Input.H, s.Output.H, s.Kernel.H, s.Stride.H, s.Pad.H, s.Dilation.H),
        Axis(s.Input.W, s.Output.W, s.Kernel.W, s.Stride.W, s.Pad.W, s.Dilation.W), lineElements);

    static FrameAxis Axis(long input, long output, long kernel, long stride, long pad, long dilation)
    {
        long reach = (kernel - 1) * dilation;
        return new(input, stride, Math.Min(stride, reach + 1), -pad, output + reach / stride, output);
    }

    /// <summary>Where each of a group's C·Kernel numbers lies, in the order of w.</summary>
    public static void Offsets(in ConvShape s, in ConvFrame frame, nint* offsets)
    {
        for (long c = 0; c < s.C / s.Groups; c++)
            for (long d = 0; d < s.Kernel.D; d++)
                for (long h = 0; h < s.Kernel.H; h++)
                    for (long w = 0; w < s.Kernel.W; w++)
                    {
                        var (pd, ph, pw) = (d * s.Dilation.D, h * s.Dilation.H, w * s.Dilation.W);
                        *offsets++ = (nint)(c * frame.ChannelSize) + frame.Offset(pd % s.Stride.D, ph % s.Stride.H, pw % s.Stride.W,
                            pd / s.Stride.D, ph / s.Stride.H, pw / s.Stride.W);
                    }
    }

    public static void Run<E, T>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        ref readonly ConvShape s = ref t.Shape;
        if (s.N * s.O * s.Output.Volume == 0 || ConvProducts.Forward<E, T>(in t)) return;
        bool few = HasFewResults<E, T>(in s);
        if (!few && (Winograd.Pays(in s, s.C / s.Groups, s.O / s.Groups, s.Output) && RunWinograd<E, T>(in t) || RunPixels<E, T>(in t))) return;
        long k = s.C / s.Groups * s.Kernel.Volume;
        var frame = Frame(in s, 64 / sizeof(E));
        var lattice = new Lattice<E>
        {
            Count = s.Output, Step = new(s.Output.H * s.Output.W, s.Output.W, 1),
            K = (nint)k, Offsets = Scratch.Get<nint>(Scratch.Use.Table, k), Weights = few ? t.W : Scratch.Get<E>(Scratch.Use.Weight, s.O * k), AreRows = few,
        };
        Offsets(in s, in frame, lattice.Offsets);
        var all = new Correlation<E, T>
        {
            Images = s.N, Groups = s.Groups, From = t.X, To = t.Y, Bias = t.Bias,
            Channels = s.C / s.Groups, FromVolume = s.Input.Volume, Rows = s.O / s.Groups, ToVolume = s.Output.Volume,
            Frame = frame, Lattices = &lattice, LatticeCount = 1, Kernel = s.Kernel,
        };
        if (!few) Threads.For(s.Groups * all.Tiles, (1 << 15) / (k * Tile.MaxRows + 1) + 1,
            new PackBody<E, T> { From = t.W, To = lattice.Weights, Rows = all.Rows, Tiles = all.Tiles, K = k });
        all.Run();
    }

    // Where a weight meets few results, turning or transforming it costs more than all that it is multiplied with: weights are read once, where they lie. 512 → 512 filters of 3×3
    // over one image of 4×4 took 4.9 ms by pixels and takes 1.5 (256 bits, 1 thread).
    static bool HasFewResults<E, T>(in ConvShape s) where E : unmanaged where T : struct, ILane<T>
    {
        long rows = s.O / s.Groups, k = s.C / s.Groups * s.Kernel.Volume;
        return rows >= Tile.MaxRows && k >= Tile.LongEnough && s.N * s.Output.Volume <= FewPanels * 2 * T.Count && !Blocked.Crowd(k * sizeof(E), Tile.MaxRows);
    }

    const long FewPanels = 4;

    static bool RunWinograd<E, T>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        ref readonly ConvShape s = ref t.Shape;
        var all = new WinogradCorrelation<E, T>
        {
            From = WinogradPlanes<E>.Of(t.X, s.N, s.C, s.Groups, s.Input, s.Pad, s.Output),
            Groups = s.Groups, Results = s.O / s.Groups, To = t.Y, Height = s.Output.H, Width = s.Output.W, Bias = t.Bias,
            Filters = t.W, FilterResult = s.C / s.Groups * 9, FilterChannel = 9,
        };
        return all.Run();
    }

    static bool RunPixels<E, T>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        ref readonly ConvShape s = ref t.Shape;
        var lattice = new PixelLattice<E>
        {
            D = new(s.Input.D, s.Output.D, s.Kernel.D, -s.Pad.D, s.Stride.D, s.Dilation.D), H = new(s.Input.H, s.Output.H, s.Kernel.H, -s.Pad.H, s.Stride.H, s.Dilation.H),
            W = new(s.Input.W, s.Output.W, s.Kernel.W, -s.Pad.W, s.Stride.W, s.Dilation.W), Step = new(s.Output.H * s.Output.W, s.Output.W, 1),
        };
        var all = new PixelCorrelation<E, T>
        {
            Images = s.N, Groups = s.Groups, Channels = s.C / s.Groups, Rows = s.O / s.Groups, Source = s.Input, Target = s.Output, From = t.X, To = t.Y, Bias = t.Bias,
            Filters = t.W, FilterResult = s.C / s.Groups * s.Kernel.Volume, FilterChannel = s.Kernel.Volume, Kernel = s.Kernel, Lattices = &lattice, LatticeCount = 1,
        };
        if (all.RunDepthwise()) return true;
        if (!all.Pays) return false;
        all.Run();
        return true;
    }

    struct PackBody<E, T> : IRangeBody where E : unmanaged where T : struct, ILane<T>
    {
        public E* From, To;
        public long Rows, Tiles, K;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++)
            {
                long row = Partition.Begin(Rows, Tiles, i % Tiles), first = i / Tiles * Rows + row;
                int h = (int)(Partition.Begin(Rows, Tiles, i % Tiles + 1) - row);
                Pack.Panel<E, T>(From + first * K, K, 1, h, h, K, To + first * K);
            }
        }
    }
}
