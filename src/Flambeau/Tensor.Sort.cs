using Flambeau.Ops;

namespace Flambeau;

// Order: sorting, choosing by rank, extremes with their places, counting.
public partial class Tensor
{
    static (Tensor, Tensor) Pair(MultiOp op, Tensor x) => Op.ApplyAll(op, x) is [var values, var indices] ? (values, indices) : default;

    // ---- sorting ----

    /// <summary>An axis in order, and the indices its elements came from. NaN is larger than any number. PyTorch's <c>sort</c>.</summary>
    /// <param name="dim">The axis.</param>
    /// <param name="descending">The largest first.</param>
    /// <param name="stable">Whether equals must keep their order; here they always do.</param>
    /// <exception cref="ArgumentException">The tensor is complex.</exception>
    public (Tensor Values, Tensor Indices) Sort(int dim = -1, bool descending = false, bool stable = false) => Pair(new Sort(Layout.Axis(dim, Rank, "Sort"), descending, null), this);

    /// <summary>The indices that would sort an axis. PyTorch's <c>argsort</c>.</summary>
    /// <inheritdoc cref="Sort" path="/param"/>
    public Tensor ArgSort(int dim = -1, bool descending = false, bool stable = false) => Detach().Sort(dim, descending, stable).Indices;

    /// <summary>The first axis in order. PyTorch's <c>msort</c>.</summary>
    public Tensor MSort() => Sort(0).Values;

    /// <summary>The <paramref name="k"/> largest or smallest elements of an axis and their indices. PyTorch's <c>topk</c>.</summary>
    /// <param name="k">How many.</param>
    /// <param name="dim">The axis.</param>
    /// <param name="largest">The largest, else the smallest.</param>
    /// <param name="sorted">Whether they must be in order; here they always are.</param>
    /// <exception cref="ArgumentException">The axis has fewer than k elements.</exception>
    public (Tensor Values, Tensor Indices) TopK(long k, int dim = -1, bool largest = true, bool sorted = true) => Pair(new Sort(Layout.Axis(dim, Rank, "TopK"), largest, k), this);

    // ---- by rank ----

    (Tensor, Tensor) Picked(string op, RankKind kind, long k, int dim, bool keepDim) => Pair(new Picked(Layout.Axis(dim, Rank, op), new(kind, k), keepDim), this);

    /// <summary>The <paramref name="k"/>-th smallest element of an axis, from 1, and an index of it. PyTorch's <c>kthvalue</c>.</summary>
    /// <exception cref="ArgumentException">The axis has fewer than k elements.</exception>
    public (Tensor Values, Tensor Indices) KthValue(long k, int dim = -1, bool keepDim = false) => Picked("KthValue", RankKind.Kth, k, dim, keepDim);

    /// <summary>The middle element of an axis, of two the lower, and its index; NaN if there is one. PyTorch's <c>median</c>.</summary>
    public (Tensor Values, Tensor Indices) Median(int dim, bool keepDim = false) => Picked("Median", RankKind.Median, 0, dim, keepDim);

    /// <summary>As <see cref="Median(int, bool)"/>, leaving NaNs out. PyTorch's <c>nanmedian</c>.</summary>
    public (Tensor Values, Tensor Indices) NanMedian(int dim, bool keepDim = false) => Picked("NanMedian", RankKind.NanMedian, 0, dim, keepDim);

    /// <summary>The most frequent element of an axis, of several the smallest, and the index of its last occurrence. PyTorch's <c>mode</c>.</summary>
    public (Tensor Values, Tensor Indices) Mode(int dim = -1, bool keepDim = false) => Picked("Mode", RankKind.Mode, 0, dim, keepDim);

    /// <summary>The middle of all elements, of two the lower; NaN if there is one. Equals share the gradient.</summary>
    public Tensor Median() => MiddleOfAll(RankKind.Median);

    /// <summary>As <see cref="Median()"/>, leaving NaNs out.</summary>
    public Tensor NanMedian() => MiddleOfAll(RankKind.NanMedian);

    Tensor MiddleOfAll(RankKind kind) => Count == 0 && DType.IsFloatingPoint ? Full([], double.NaN, DType)
        : Op.ApplyAll(new Picked(0, new(kind), false, Shares: true), Reshape(-1))[0];

    // ---- extremes ----

    /// <summary>The largest element of an axis and its first index; NaN if there is one. PyTorch's <c>max(dim)</c>.</summary>
    /// <exception cref="ArgumentException">The axis has no elements, or the tensor is complex.</exception>
    public (Tensor Values, Tensor Indices) Max(int dim, bool keepDim = false) => Pair(new ArgExtreme(Layout.Axis(dim, Rank, "Max"), true, keepDim), this);

    /// <summary>The smallest element of an axis and its first index; NaN if there is one. PyTorch's <c>min(dim)</c>.</summary>
    /// <inheritdoc cref="Max(int, bool)" path="/exception"/>
    public (Tensor Values, Tensor Indices) Min(int dim, bool keepDim = false) => Pair(new ArgExtreme(Layout.Axis(dim, Rank, "Min"), false, keepDim), this);

    /// <summary>Another name of <see cref="Maximum(Tensor)"/>.</summary>
    public Tensor Max(Tensor other) => Maximum(other);

    /// <summary>Another name of <see cref="Minimum(Tensor)"/>.</summary>
    public Tensor Min(Tensor other) => Minimum(other);

    /// <summary>The first index of the largest element of an axis, or among all elements row by row; the first NaN if there is one. PyTorch's <c>argmax</c>.</summary>
    /// <exception cref="ArgumentException">There are no elements, or the tensor is complex.</exception>
    public Tensor ArgMax(int? dim = null, bool keepDim = false) => ArgExtremum("ArgMax", true, dim, keepDim);

    /// <summary>The first index of the smallest element of an axis, or among all elements row by row; the first NaN if there is one. PyTorch's <c>argmin</c>.</summary>
    /// <inheritdoc cref="ArgMax" path="/exception"/>
    public Tensor ArgMin(int? dim = null, bool keepDim = false) => ArgExtremum("ArgMin", false, dim, keepDim);

    Tensor ArgExtremum(string op, bool largest, int? dim, bool keepDim)
    {
        Tensor x = Detach();
        if (dim is { } d) return Op.ApplyAll(new ArgExtreme(Layout.Axis(d, Rank, op), largest, keepDim), x)[1];
        Tensor y = Op.ApplyAll(new ArgExtreme(0, largest, false), x.Reshape(-1))[1];
        return keepDim ? y.Reshape(Axes.All(Rank).Reduce(Shape, true)) : y;
    }

    /// <summary>The smallest and the largest element, of an axis or of all. Equals share the gradient. PyTorch's <c>aminmax</c>.</summary>
    public (Tensor Min, Tensor Max) AMinMax(int? dim = null, bool keepDim = false) => dim is { } d ? (Amin([d], keepDim), Amax([d], keepDim)) : (Amin([], keepDim), Amax([], keepDim));

    // ---- so far ----

    /// <summary>The largest element so far along an axis and its last index; NaN from the first on. PyTorch's <c>cummax</c>.</summary>
    public (Tensor Values, Tensor Indices) CumMax(int dim) => Pair(new CumExtreme(Layout.Axis(dim, Rank, "CumMax"), true), this);

    /// <summary>The smallest element so far along an axis and its last index; NaN from the first on. PyTorch's <c>cummin</c>.</summary>
    public (Tensor Values, Tensor Indices) CumMin(int dim) => Pair(new CumExtreme(Layout.Axis(dim, Rank, "CumMin"), false), this);

    /// <summary>ln of the running sums of eˣ along an axis, without overflow. PyTorch's <c>logcumsumexp</c>.</summary>
    public Tensor LogCumSumExp(int dim) => Op.Apply(new LogCumSumExp(Layout.Axis(dim, Rank, "LogCumSumExp")), this);

    // ---- distinct elements ----

    /// <summary>The distinct elements in ascending order, or the distinct slices of an axis in the order of their first elements that differ.
    /// No gradient flows. PyTorch's <c>unique</c>.</summary>
    /// <param name="sorted">Whether they must be in order; here they always are.</param>
    /// <param name="returnInverse">Whether to tell for each element, or slice, which of the distinct ones it is.</param>
    /// <param name="returnCounts">Whether to tell how often each occurs.</param>
    /// <param name="dim">The axis; null for single elements.</param>
    public (Tensor Output, Tensor? Inverse, Tensor? Counts) Unique(bool sorted = true, bool returnInverse = false, bool returnCounts = false, int? dim = null)
    {
        Tensor x = Detach();
        if (dim is not { } d)
        {
            (Tensor v, Tensor order) = x.Reshape(-1).Sort(0);
            return v.Groups(0, order, Shape, returnInverse, returnCounts);
        }
        int a = Layout.Axis(d, Rank, "Unique");
        // By the last column first: sorting is stable, so the first column decides in the end.
        Tensor rows = x.Rows(a), perm = Arange(x.Size(a));
        for (long c = rows.Shape[1] - 1; c >= 0; c--) perm = perm.IndexSelect(0, rows.Select(1, c).IndexSelect(0, perm).ArgSort(0));
        return x.IndexSelect(a, perm).Groups(a, perm, [x.Shape[a]], returnInverse, returnCounts);
    }

    /// <summary>As <see cref="Unique"/>, but only neighbours that are equal become one, and the order stays. PyTorch's <c>unique_consecutive</c>.</summary>
    /// <inheritdoc cref="Unique" path="/param"/>
    public (Tensor Output, Tensor? Inverse, Tensor? Counts) UniqueConsecutive(bool returnInverse = false, bool returnCounts = false, int? dim = null)
    {
        Tensor x = dim is null ? Detach().Reshape(-1) : Detach();
        int a = dim is { } d ? Layout.Axis(d, Rank, "UniqueConsecutive") : 0;
        return x.Groups(a, null, dim is null ? Shape : [x.Size(a)], returnInverse, returnCounts);
    }

    /// <summary>The slices of an axis as the rows of a matrix.</summary>
    Tensor Rows(int axis)
    {
        Tensor t = Rank == 0 ? Unsqueeze(0) : Transpose(0, axis);
        return t.Reshape(t.Shape[0], t.Count == 0 ? t.Shape[1..].Count : -1);
    }

    /// <summary>The first of each run of equal slices of an axis; <paramref name="order"/> says where the slices stood before.</summary>
    (Tensor, Tensor?, Tensor?) Groups(int axis, Tensor? order, Dims inverseShape, bool inverse, bool counts)
    {
        Tensor rows = Rows(axis);
        long n = rows.Shape[0];
        if (n == 0) return (this, inverse ? Zeros(inverseShape, DType.Int64) : null, counts ? Zeros([0], DType.Int64) : null);
        if (Count == 0) throw new ArgumentException($"Unique: the slices of axis {axis} of {Shape} have no elements.");
        Tensor fresh = Cat([Ones([1], DType.Bool), rows.Narrow(0, 1, n - 1).Ne(rows.Narrow(0, 0, n - 1)).Any([1])]);
        Tensor starts = fresh.NonZero().Reshape(-1);
        Tensor? group = null, lengths = null;
        if (inverse)
        {
            group = fresh.CumSum(0) - 1;
            if (order is not null) group = EmptyLike(group).ScatterInPlace(0, order, group);
            group = group.Reshape(inverseShape);
        }
        if (counts) lengths = Cat([starts.Narrow(0, 1, starts.Count - 1), Full([1], n)]) - starts;
        return ((Rank == 0 ? Unsqueeze(0) : this).IndexSelect(axis, starts), group, lengths);
    }

    // ---- places and counts ----

    /// <summary>How many elements of a sorted sequence are less than each value: where to insert it. PyTorch's <c>searchsorted</c>.</summary>
    /// <param name="sortedSequence">Ascending along its last axis; one axis, or the values' sizes but for the last.</param>
    /// <param name="input">The values.</param>
    /// <param name="outInt32">Whether to answer int32 instead of int64.</param>
    /// <param name="right">Whether equal elements count too.</param>
    /// <param name="side"><c>left</c> or <c>right</c>: the same as <paramref name="right"/>.</param>
    /// <param name="sorter">Indices that sort the sequence, if it is not.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or the side is another or contradicts <paramref name="right"/>.</exception>
    public static Tensor SearchSorted(Tensor sortedSequence, Tensor input, bool outInt32 = false, bool right = false, string? side = null, Tensor? sorter = null)
    {
        if (side is not (null or "left" or "right") || right && side == "left") throw new ArgumentException($"SearchSorted: side is \"left\" or \"right\", not \"{side}\"{(right ? " beside right: true" : "")}.");
        right |= side == "right";
        if (sorter is not null) sortedSequence = sortedSequence.Detach().Gather(-1, sorter);
        DType common = Shapes.ResultType([sortedSequence, input]);
        return Op.Apply(new SearchSorted(right, outInt32), sortedSequence.CastTo(common), input.CastTo(common));
    }

    /// <summary>Which of the intervals between ascending boundaries each element lies in. PyTorch's <c>bucketize</c>.</summary>
    /// <param name="boundaries">Ascending; one axis.</param>
    /// <param name="outInt32">Whether to answer int32 instead of int64.</param>
    /// <param name="right">Whether intervals contain their lower boundary, else their upper one.</param>
    public Tensor Bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) => boundaries.Rank == 1 ? SearchSorted(boundaries, this, outInt32, right)
        : throw new ArgumentException($"Bucketize: the boundaries must be a vector, but have shape {boundaries.Shape}.");

    /// <summary>How often each number 0, 1, … occurs, or the sum of its weights. PyTorch's <c>bincount</c>.</summary>
    /// <param name="weights">One for each element.</param>
    /// <param name="minLength">The least length of the result.</param>
    /// <exception cref="ArgumentException">The tensor is no vector of integers from 0 on, or the weights have another shape.</exception>
    public Tensor BinCount(Tensor? weights = null, long minLength = 0)
    {
        if (Rank != 1 || !DType.IsInteger) throw new ArgumentException($"BinCount: a vector of integers is wanted, not a {DType} tensor of shape {Shape}.");
        ArgumentOutOfRangeException.ThrowIfNegative(minLength);
        if (weights is not null && weights.Shape != Shape) throw new ArgumentException($"BinCount: the weights have shape {weights.Shape}, the numbers {Shape}; they must be equal.");
        Tensor ones = weights is null ? Ones([], DType.Int64).Expand(Shape) : weights.Detach().To(weights.DType == DType.Float32 ? DType.Float32 : DType.Float64);
        long length = Math.Max(minLength, Count == 0 ? 0 : Max().Item<long>() + 1);
        return Zeros([length], ones.DType).AtIndices("BinCount", 0, Long(), ones, true, false, false);      // which finds negative numbers
    }

    /// <summary>How many elements lie in each of several equal intervals; others are ignored. PyTorch's <c>histc</c>.</summary>
    /// <param name="bins">How many intervals.</param>
    /// <param name="min">Where the first begins.</param>
    /// <param name="max">Where the last ends, itself included. If equal to min, both are taken from the elements.</param>
    /// <exception cref="ArgumentException">The tensor is not floating point, or the bounds are not finite or in the wrong order.</exception>
    public Tensor Histc(long bins = 100, double min = 0, double max = 0)
    {
        if (!DType.IsFloatingPoint) throw new ArgumentException($"Histc: floating-point numbers are wanted, not {DType}.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        Tensor x = Detach().Reshape(-1);
        if (min == max && Count > 0) (min, max) = (x.Min().Item<double>(), x.Max().Item<double>());
        if (min == max) (min, max) = (min - 1, max + 1);
        if (!double.IsFinite(min) || !double.IsFinite(max) || min > max) throw new ArgumentException($"Histc: [{min}, {max}] is no range.");
        // What lies outside is counted in an interval of its own.
        Tensor at = Where((x >= min).LogicalAnd(x <= max), ((x - min) / (max - min) * bins).Clamp(max: bins - 1), (double)bins);
        return Zeros([bins + 1], DType.Int64).IndexAddInPlace(0, at.Long(), Ones([], DType.Int64).Expand(x.Shape)).Narrow(0, 0, bins).To(DType);
    }

    /// <summary>Whether each element is among others. PyTorch's <c>isin</c>.</summary>
    /// <param name="elements">The elements.</param>
    /// <param name="testElements">Those they are looked for among.</param>
    /// <param name="assumeUnique">Whether both are free of repetitions; makes no difference here.</param>
    /// <param name="invert">Whether to answer where they are not.</param>
    public static Tensor Isin(Tensor elements, Tensor testElements, bool assumeUnique = false, bool invert = false)
    {
        DType common = Shapes.ResultType([elements, testElements]);
        Tensor x = elements.Detach().CastTo(common), among = testElements.Detach().CastTo(common).Reshape(-1).Sort(0).Values, found;
        if (among.Count == 0) found = Zeros(x.Shape, DType.Bool);
        else found = among.Take(SearchSorted(among, x).Clamp(max: among.Count - 1)).Eq(x);
        return invert ? found.LogicalNot() : found;
    }
}
