using Flambeau.Ops;

namespace Flambeau.Backends;

// Convolution and pooling. All tensors are contiguous, float32 or float64 (pooling takes every real type); formulas stand in Ops/Conv.cs and Ops/Pooling.cs.
public abstract partial class Backend
{
    /// <summary>y = x ⋆ w [+ bias]</summary>
    internal abstract void Conv(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvWindow window);

    /// <summary>The adjoint in x: every element of g spread over dx, which has its shape.</summary>
    internal abstract void ConvInput(Tensor g, Tensor w, Tensor dx, ConvWindow window);

    /// <summary>The adjoint in w.</summary>
    internal abstract void ConvWeight(Tensor x, Tensor g, Tensor dw, ConvWindow window);

    /// <summary>The largest element of each window and, where it is wanted, its index in the plane: of equals the first, of NaNs, which are largest, the last.</summary>
    internal abstract void MaxPool(Tensor x, Tensor y, Tensor? index, PoolAxes axes);

    /// <summary>y = 0, then y[plane, index] += x, plane by plane.</summary>
    internal abstract void PlaneScatter(Tensor x, Tensor index, Tensor y, int planeRank);

    /// <summary>y = x[plane, index]</summary>
    internal abstract void PlaneGather(Tensor x, Tensor index, Tensor y, int planeRank);

    /// <summary>The mean of each window.</summary>
    internal abstract void AvgPool(Tensor x, Tensor y, PoolAxes axes, bool countIncludesPad, long divisor);

    /// <summary>The adjoint of <see cref="AvgPool"/>.</summary>
    internal abstract void AvgPoolInput(Tensor g, Tensor dx, PoolAxes axes, bool countIncludesPad, long divisor);

    /// <summary>Along an axis of x, contiguous and floating point: sums of a few weighted elements each.</summary>
    internal abstract void WeightedTaps(Tensor x, Taps taps, int axis, Tensor y);

    /// <summary>Images read at the places of a grid.</summary>
    internal abstract void GridSample(Tensor x, Tensor grid, GridAxis[] axes, Tensor y);

    /// <summary>The gradient of the images.</summary>
    internal abstract void GridSampleInput(Tensor g, Tensor grid, GridAxis[] axes, Tensor dx);

    /// <summary>The gradient of the grid.</summary>
    internal abstract void GridSampleGrid(Tensor g, Tensor x, Tensor grid, GridAxis[] axes, Tensor dGrid);

    /// <summary>Windows of each plane as columns, zeros where they reach beyond it.</summary>
    internal abstract void Columns(Tensor x, Tensor y, ColumnAxis h, ColumnAxis w);

    /// <summary>The adjoint of <see cref="Columns"/>.</summary>
    internal abstract void ColumnsInput(Tensor x, Tensor y, ColumnAxis h, ColumnAxis w);

    /// <summary>By what the sum of a window is divided.</summary>
    private protected static long PoolDivisor(PoolAxes a, long d, long h, long w, bool countIncludesPad, long divisor)
    {
        if (divisor != 0) return divisor;
        return Size(a.D, d) * Size(a.H, h) * Size(a.W, w);

        long Size(PoolAxis x, long o) => countIncludesPad ? x.End(o) - x.Start(o) : Math.Min(x.End(o), x.Input) - Math.Max(x.Start(o), 0);
    }
}
