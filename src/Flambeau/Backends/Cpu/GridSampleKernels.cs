using System.Numerics;
using System.Runtime.InteropServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

// The pixels of a block of points and their weights are found once, in lanes, and serve all channels. From there on the bound is loads: of each pixel,
// where it stands and its weight. Of floats in images the two pixels of a row are one load.
internal sealed unsafe partial class CpuBackend
{
    internal override void GridSample(Tensor x, Tensor grid, GridAxis[] axes, Tensor y) => Sampled(GridWork.Forward, x, grid, axes, y, y);

    internal override void GridSampleInput(Tensor g, Tensor grid, GridAxis[] axes, Tensor dx)
    {
        if (g.Count == 0) Fill(dx, 0);
        else Sampled(GridWork.Input, dx, grid, axes, g, dx);
    }

    internal override void GridSampleGrid(Tensor g, Tensor x, Tensor grid, GridAxis[] axes, Tensor dGrid)
    {
        if (g.Count == 0 || axes[0].By.Mode == GridMode.Nearest) Fill(dGrid, 0);
        else Sampled(GridWork.Grid, x, grid, axes, g, dGrid);
    }

    enum GridWork { Forward, Input, Grid }

    static void Sampled(GridWork work, Tensor image, Tensor grid, GridAxis[] axes, Tensor result, Tensor y)
    {
        if (result.Count == 0) return;
        fixed (byte* px = image.Storage, pg = grid.Storage, pr = result.Storage, py = y.Storage)
        {
            GridVisitor v = new(work, Start(px, image), Start(pg, grid), Start(pr, result), Start(py, y), axes, result.Shape[0], result.Shape[1], result.Shape[2..].Count);
            LaneDispatch.Visit(y.DType, ref v);
        }
    }

    readonly struct GridVisitor(GridWork work, byte* image, byte* grid, byte* result, byte* y, GridAxis[] axes, long images, long channels, long points) : ILaneVisitor
    {
        const long ChannelsPerPiece = 64;             // so that few points of many channels are work for several threads

        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            if (L.IsDouble) Run<double, L>();
            else Run<float, L>();
        }

        void Run<E, L>() where E : unmanaged, IBinaryFloatingPointIeee754<E> where L : struct, ILane<L>
        {
            GridPlan<E> plan = new((E*)grid, axes, points);
            const long Claim = 1 << 13;               // pixels read, worth a thread's while
            long blocks = (points + plan.Block - 1) / plan.Block, pieces = (channels + ChannelsPerPiece - 1) / ChannelsPerPiece, each = plan.Taps * plan.Block;
            if (work == GridWork.Forward) Threads.For(images * blocks * pieces, 1 + Claim / each / channels, new GridForward<E, L>(plan, (E*)image, (E*)y, blocks, pieces, channels, ChannelsPerPiece));
            else if (work == GridWork.Grid) Threads.For(images * blocks, 1 + Claim / each / channels, new GridGradient<E, L>(plan, (E*)image, (E*)result, (E*)y, blocks, channels));
            else Threads.For(images * channels, Math.Max(Math.Min(channels, 8), Claim / (plan.Taps * points)), new GridInput<E, L>(plan, (E*)result, (E*)y, channels));
        }
    }

    readonly struct GridForward<E, L>(GridPlan<E> plan, E* image, E* y, long blocks, long pieces, long channels, long perPiece) : IRangeBody
        where E : unmanaged, IBinaryFloatingPointIeee754<E> where L : struct, ILane<L>
    {
        public void Run(long begin, long end)
        {
            GridPoints<E, L> points = new(plan, false);
            for (long i = begin; i < end; i++)
            {
                long n = i / pieces / blocks, first = i / pieces % blocks * plan.Block, c = n * channels + i % pieces * perPiece;
                int count = points.Find(n, first);
                for (long stop = Math.Min((n + 1) * channels, c + perPiece); c < stop; c++) points.Read(image + c * plan.Plane, count, y + c * plan.Points + first);
            }
        }
    }

    /// <summary>Every plane by one thread, its points in order; what is known of the points serves a range's planes of one image.</summary>
    readonly struct GridInput<E, L>(GridPlan<E> plan, E* g, E* dx, long channels) : IRangeBody where E : unmanaged, IBinaryFloatingPointIeee754<E> where L : struct, ILane<L>
    {
        public void Run(long begin, long end)
        {
            GridPoints<E, L> points = new(plan, false);
            while (begin < end)
            {
                long n = begin / channels, stop = Math.Min(end, (n + 1) * channels);
                NativeMemory.Clear(dx + begin * plan.Plane, (nuint)((stop - begin) * plan.Plane * sizeof(E)));
                for (long first = 0; first < plan.Points; first += plan.Block)
                {
                    int count = points.Find(n, first);
                    for (long c = begin; c < stop; c++) points.Spread(g + c * plan.Points + first, count, dx + c * plan.Plane);
                }
                begin = stop;
            }
        }
    }

    readonly struct GridGradient<E, L>(GridPlan<E> plan, E* image, E* g, E* dGrid, long blocks, long channels) : IRangeBody where E : unmanaged, IBinaryFloatingPointIeee754<E> where L : struct, ILane<L>
    {
        public void Run(long begin, long end)
        {
            GridPoints<E, L> points = new(plan, true);
            for (long i = begin; i < end; i++)
            {
                long n = i / blocks, first = i % blocks * plan.Block;
                int count = points.Find(n, first);
                points.ClearSums();
                for (long c = n * channels; c < (n + 1) * channels; c++) points.Sum(image + c * plan.Plane, g + c * plan.Points + first, count);
                points.Slopes(count, dGrid + (n * plan.Points + first) * plan.Axes.Length);
            }
        }
    }
}
