using Flambeau.Ops;

namespace Flambeau.Backends;

// Gathering, scattering, ordering. Indices are int64 and, unless said otherwise, were checked.
public abstract partial class Backend
{
    /// <summary>An element of an int64 tensor outside [low, high); null if all are inside.</summary>
    internal abstract long? FindOutside(Tensor index, long low, long high);

    /// <summary>y[p] = x[p + index[p] · stride]; x and index are windows of y's shape, x with stride 0 along the axes that are indexed.
    /// False, and y is incomplete, if an index lies outside [0, size).</summary>
    internal abstract bool TryGather(Tensor x, Tensor index, long stride, long size, Tensor y);

    /// <summary>y[p + index[p] · stride] ∘= x[p], along <paramref name="axis"/> in ascending order; y and index are windows of x's shape, y with
    /// stride 0 along the axis. Different positions along the other axes never meet.</summary>
    internal abstract void Scatter<TOp>(TOp op, Tensor y, Tensor index, long stride, Tensor x, int axis) where TOp : struct, IReduceOp;

    /// <summary>y = start, then as <see cref="Scatter"/>, in one pass. False, and y is anything, if a backend has no such pass for these layouts or an index is outside.</summary>
    internal virtual bool TryScatterLines<TOp>(TOp op, Tensor start, Tensor index, Tensor x, int axis, Tensor y) where TOp : struct, IReduceOp => false;

    /// <summary>1 at each index along the last axis of y, 0 elsewhere; int64, contiguous.</summary>
    internal abstract void OneHot(Tensor index, Tensor y);

    /// <summary>How many elements of a contiguous bool tensor are true.</summary>
    internal abstract long CountTrue(Tensor mask);

    /// <summary>The coordinates of the true elements of a contiguous bool tensor, row by row: y is (count, rank), int64, contiguous.</summary>
    internal abstract void NonZero(Tensor mask, Tensor y);

    /// <summary>y = x where column − row ≤ diagonal, or with <paramref name="upper"/> ≥, 0 elsewhere: matrices in contiguous tensors, which may be the same.</summary>
    internal abstract void Triangular(Tensor x, long diagonal, bool upper, Tensor y);

    /// <summary>The first elements of an axis in ascending or descending order, as many as the results have, and where they stood. NaN is larger
    /// than any number. Where all are wanted equals keep their order, else any of them will do.</summary>
    internal abstract void Sort(Tensor x, int axis, bool descending, Tensor values, Tensor indices);

    /// <summary>One element of each sorted line along an axis; results have size 1 there.</summary>
    internal abstract void Pick(Tensor x, int axis, Rank rank, Tensor values, Tensor indices);

    /// <summary>The first largest or smallest element along an axis, NaN if there is one; results have size 1 there.</summary>
    internal abstract void ArgExtreme(Tensor x, int axis, bool largest, Tensor values, Tensor indices);

    /// <summary>The largest or smallest element so far along an axis, of equals the last; NaN from the first on.</summary>
    internal abstract void CumExtreme(Tensor x, int axis, bool largest, Tensor values, Tensor indices);

    /// <summary>How many elements of the sorted last axis come before each value, equals included if <paramref name="right"/>. One type; the
    /// sequence has one axis, or the values' leading ones.</summary>
    internal abstract void SearchSorted(Tensor sequence, Tensor values, bool right, Tensor y);
}
