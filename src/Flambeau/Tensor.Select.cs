using Flambeau.Ops;

namespace Flambeau;

// Gathering and scattering.
public partial class Tensor
{
    // ---- gathering ----

    /// <summary>The slices of an axis at indices, in their order. PyTorch's <c>index_select</c>.</summary>
    /// <param name="dim">The axis.</param>
    /// <param name="index">int64 or int32, one axis or a scalar; not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the axis.</exception>
    public Tensor IndexSelect(int dim, Tensor index)
    {
        int a = Layout.Axis(dim, Rank, "IndexSelect");
        index = IndexVector("IndexSelect", index);
        if (Rank == 0) return index.Count == 1 ? Unsqueeze(0).IndexSelect(0, index).Reshape([]) : throw new ArgumentException("IndexSelect: of a scalar one index can be selected.");
        return Op.Apply(new IndexOp(a, 1, "index_select", false), this, index);
    }

    static Tensor IndexVector(string op, Tensor index) => index.Rank switch
    {
        0 => index.Reshape(1), 1 => index, _ => throw new ArgumentException($"{op}: the index must be a vector, but has shape {index.Shape}."),
    };

    /// <summary>y[i, j, …] = x[index[i, j, …], j, …] for axis 0, likewise for others. PyTorch's <c>gather</c>.</summary>
    /// <param name="dim">The axis.</param>
    /// <param name="index">int64 or int32, of the result's shape: as many axes as this, along the others no larger; not negative.</param>
    /// <exception cref="ArgumentException">The index has another number of axes, or is larger.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the axis.</exception>
    public Tensor Gather(int dim, Tensor index)
    {
        int a = Layout.Axis(dim, Rank, "Gather");
        Tensor x = Rank == 0 ? Unsqueeze(0) : this, y = Op.Apply(new Gather(a), x, index.Rank == 0 ? index.Unsqueeze(0) : index);
        return index.Rank == 0 ? y.Reshape([]) : y;
    }

    /// <summary>As <see cref="Gather(int, Tensor)"/>, where the other axes broadcast; without an axis, from all elements row by row. PyTorch's <c>take_along_dim</c>.</summary>
    public Tensor TakeAlongDim(Tensor indices, int? dim = null)
    {
        if (dim is not { } given) return Reshape(-1).Gather(0, indices.Reshape(-1));
        if (Rank != indices.Rank) throw new ArgumentException($"TakeAlongDim: the tensor of shape {Shape} and the indices of shape {indices.Shape} must have the same number of axes.");
        int a = Layout.Axis(given, Rank, "TakeAlongDim");
        Dims common = Shapes.Broadcast("TakeAlongDim", Without(Shape), Without(indices.Shape));
        return Expand(With(Shape[a])).Gather(a, indices.Expand(With(indices.Shape[a])));

        Dims Without(Dims s) => [.. s.Span[..a], 1, .. s.Span[(a + 1)..]];
        Dims With(long size) => [.. common.Span[..a], size, .. common.Span[(a + 1)..]];
    }

    /// <summary>The elements with these numbers, counted row by row; negative ones count from the end. PyTorch's <c>take</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public Tensor Take(Tensor index) => Op.Apply(new IndexOp(0, 1, "take", true), Reshape(-1), index);

    /// <summary>The elements where the mask, which broadcasts against this, is set: one axis. PyTorch's <c>masked_select</c>.</summary>
    /// <param name="mask">bool, or uint8.</param>
    public Tensor MaskedSelect(Tensor mask)
    {
        Tensor m = CheckedMask("MaskedSelect", mask);
        Dims shape = Shapes.Broadcast("MaskedSelect", Shape, m.Shape);
        return Op.Apply(new IndexOp(0, 1, "masked_select", false), Expand(shape).Reshape(-1), m.Expand(shape).Reshape(-1).NonZero().Reshape(-1));
    }

    static Tensor CheckedMask(string op, Tensor mask) => IsMask(mask) ? mask.To(DType.Bool)
        : throw new ArgumentException($"{op}: the mask must be a bool tensor, not {mask.DType}. Compare with 0: mask.Ne(0).");

    /// <summary>The coordinates of the elements that are not 0, row by row: shape (count, rank), int64. PyTorch's <c>nonzero</c>.</summary>
    public Tensor NonZero() => Op.Apply(Ops.NonZero.Instance, (DType == DType.Bool ? this : Ne(0)).Detach().MakeContiguous());

    /// <summary>As <see cref="NonZero"/>, one vector for each axis, as <c>x[…]</c> takes them; a scalar counts as a vector. PyTorch's <c>nonzero(as_tuple=True)</c>.</summary>
    public Tensor[] NonZeroAsTuple() => Rank == 0 ? Unsqueeze(0).NonZeroAsTuple() : NonZero().Unbind(1);

    /// <summary>Another name of <see cref="NonZero"/>.</summary>
    public Tensor ArgWhere() => NonZero();

    // ---- putting at indices of one axis ----

    /// <summary>A copy with <paramref name="alpha"/> · source added to the slices at indices. PyTorch's <c>index_add</c>.</summary>
    /// <param name="dim">The axis.</param>
    /// <param name="index">A vector of int64 or int32; not negative; may name a slice several times.</param>
    /// <param name="source">As this, but as long as the index along the axis.</param>
    /// <param name="alpha">The factor.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the axis.</exception>
    public Tensor IndexAdd(int dim, Tensor index, Tensor source, Scalar? alpha = null) => AtIndices("IndexAdd", dim, index, Scaled(source, alpha), true, false, false);

    /// <summary>As <see cref="IndexAdd"/>, in place.</summary>
    public Tensor IndexAddInPlace(int dim, Tensor index, Tensor source, Scalar? alpha = null) => AtIndices("IndexAdd", dim, index, Scaled(source, alpha), true, false, true);

    static Tensor Scaled(Tensor x, Scalar? alpha) => alpha is { } a && a.Value != 1 ? x * FromScalar(a, x.DType) : x;

    /// <summary>A copy with the slices at indices replaced by those of source; of several for one place the last stays. PyTorch's <c>index_copy</c>.</summary>
    /// <inheritdoc cref="IndexAdd" path="/param"/>
    public Tensor IndexCopy(int dim, Tensor index, Tensor source)
    {
        Tensor self = this;
        using var autocast = Amp.Enter("index_copy", ref self, ref source);
        return self.AtIndices("IndexCopy", dim, index, source, false, false, false);
    }

    /// <summary>As <see cref="IndexCopy"/>, in place.</summary>
    public Tensor IndexCopyInPlace(int dim, Tensor index, Tensor source) => AtIndices("IndexCopy", dim, index, source, false, false, true);

    /// <summary>A copy with one value in the slices at indices; negative ones count from the end. PyTorch's <c>index_fill</c>.</summary>
    /// <param name="dim">The axis.</param>
    /// <param name="index">A vector of int64 or int32.</param>
    /// <param name="value">A number or a scalar tensor.</param>
    public Tensor IndexFill(int dim, Tensor index, Tensor value) => AtIndices("IndexFill", dim, index, ForFill(dim, index, value), false, true, false);

    /// <summary>As <see cref="IndexFill"/>, in place.</summary>
    public Tensor IndexFillInPlace(int dim, Tensor index, Tensor value) => AtIndices("IndexFill", dim, index, ForFill(dim, index, value), false, true, true);

    Tensor ForFill(int dim, Tensor index, Tensor value)
    {
        if (value.Rank != 0) throw new ArgumentException($"IndexFill: the value must be a number or a scalar tensor, not one of shape {value.Shape}.");
        long[] shape = Shape.ToArray();
        if (Rank > 0) shape[Layout.Axis(dim, Rank, "IndexFill")] = index.Count;
        return value.Cast(DType).Expand(shape);
    }

    Tensor AtIndices(string op, int dim, Tensor index, Tensor source, bool adds, bool wraps, bool inPlace)
    {
        int a = Layout.Axis(dim, Rank, op);
        index = IndexVector(op, index);
        if (Rank == 0)
        {
            Tensor y = Unsqueeze(0).AtIndices(op, 0, index, source.Reshape(-1), adds, wraps, inPlace);
            return inPlace ? this : y.Reshape([]);
        }
        if (source.Rank == 0) source = source.Reshape(1);
        IndexPut put = new(a, 1, adds, op, wraps);
        return inPlace ? Op.ApplyInPlace(put, this, this, source, index) : Op.Apply(put, this, source, index);
    }

    /// <summary>A copy with the slices of source reduced into those at indices. PyTorch's <c>index_reduce</c>.</summary>
    /// <param name="dim">The axis.</param>
    /// <param name="index">A vector of int64 or int32; not negative.</param>
    /// <param name="source">As this, but as long as the index along the axis.</param>
    /// <param name="reduce">prod, mean, amax or amin.</param>
    /// <param name="includeSelf">Whether what is there takes part.</param>
    public Tensor IndexReduce(int dim, Tensor index, Tensor source, string reduce, bool includeSelf = true)
    {
        if (Rank == 0) return Unsqueeze(0).IndexReduce(0, index, source.Reshape(1), reduce, includeSelf).Reshape([]);
        int a = Layout.Axis(dim, Rank, "IndexReduce");
        if (reduce == "sum") throw new ArgumentException("IndexReduce: reduce is prod, mean, amax or amin. Sums are IndexAdd.");
        var wide = new long[Rank];
        wide.AsSpan().Fill(1);
        wide[a] = index.Count;
        long[] shape = Shape.ToArray();
        shape[a] = index.Count;
        if (!source.Shape.Span.SequenceEqual(shape)) throw new ArgumentException($"IndexReduce: a source of shape {source.Shape} does not fit {Shape} with {index.Count} indices of axis {a}.");
        return ScatterReduce(a, IndexVector("IndexReduce", index).Reshape(wide).Expand(shape), source, reduce, includeSelf);
    }

    /// <summary>As <see cref="IndexReduce"/>, in place.</summary>
    public Tensor IndexReduceInPlace(int dim, Tensor index, Tensor source, string reduce, bool includeSelf = true) =>
        CopyInPlace(Clone().IndexReduce(dim, index, source, reduce, includeSelf));

    // ---- scattering ----

    /// <summary>A copy with src[i, j, …] at [index[i, j, …], j, …] for axis 0, likewise for others. PyTorch's <c>scatter</c>.</summary>
    /// <param name="dim">The axis.</param>
    /// <param name="index">int64 or int32, with as many axes as this, along the others no larger; not negative. Of several for one place the last stays.</param>
    /// <param name="src">At least as large as the index, of this type; or a number.</param>
    /// <param name="reduce">add or multiply: with what is there, instead of replacing it.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the axis; nothing is written then.</exception>
    public Tensor Scatter(int dim, Tensor index, Tensor src, string? reduce = null) => Scatter("Scatter", dim, index, src, Met(reduce), false);

    /// <summary>As <see cref="Scatter(int, Tensor, Tensor, string)"/>, in place.</summary>
    public Tensor ScatterInPlace(int dim, Tensor index, Tensor src, string? reduce = null) => Scatter("Scatter", dim, index, src, Met(reduce), true);

    static Meeting Met(string? reduce) => reduce switch
    {
        null => Meeting.Replace, "add" => Meeting.Sum, "multiply" => Meeting.Prod,
        _ => throw new ArgumentException($"Scatter: reduce is \"add\", \"multiply\" or null, not \"{reduce}\". ScatterReduce knows more."),
    };

    /// <summary>A copy with src added where <see cref="Scatter(int, Tensor, Tensor, string)"/> would put it. PyTorch's <c>scatter_add</c>.</summary>
    public Tensor ScatterAdd(int dim, Tensor index, Tensor src) => Scatter("ScatterAdd", dim, index, src, Meeting.Sum, false);

    /// <summary>As <see cref="ScatterAdd"/>, in place.</summary>
    public Tensor ScatterAddInPlace(int dim, Tensor index, Tensor src) => Scatter("ScatterAdd", dim, index, src, Meeting.Sum, true);

    Tensor Scatter(string op, int dim, Tensor index, Tensor src, Meeting how, bool inPlace)
    {
        int a = Layout.Axis(dim, Rank, op);
        if (src.IsWrappedNumber) src = src.Cast(DType).Expand(index.Shape);
        if (Rank == 0)
        {
            Tensor y = Unsqueeze(0).Scatter(op, 0, index, src, how, inPlace);
            return inPlace ? this : y.Reshape([]);
        }
        if (index.Rank == 0) index = index.Unsqueeze(0);
        if (src.Rank == 0) src = src.Unsqueeze(0);
        Scatter scatter = new(a, how);
        return inPlace ? Op.ApplyInPlace(scatter, this, this, index, src) : Op.Apply(scatter, this, index, src);
    }

    /// <summary>A copy with src reduced into the places where <see cref="Scatter(int, Tensor, Tensor, string)"/> would put it. PyTorch's <c>scatter_reduce</c>.</summary>
    /// <param name="dim">The axis.</param>
    /// <param name="index">int64 or int32, with as many axes as this, along the others no larger; not negative.</param>
    /// <param name="src">At least as large as the index, of this type.</param>
    /// <param name="reduce">sum, prod, mean (of integers rounded down), amax or amin.</param>
    /// <param name="includeSelf">Whether what is there takes part.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit, or another reduction is named.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the axis.</exception>
    public Tensor ScatterReduce(int dim, Tensor index, Tensor src, string reduce, bool includeSelf = true)
    {
        Meeting how = reduce switch
        {
            "sum" or "mean" => Meeting.Sum, "prod" => Meeting.Prod, "amax" => Meeting.Max, "amin" => Meeting.Min,
            _ => throw new ArgumentException($"ScatterReduce: reduce is \"sum\", \"prod\", \"mean\", \"amax\" or \"amin\", not \"{reduce}\"."),
        };
        if (DType.IsComplex && how is Meeting.Max or Meeting.Min) throw new ArgumentException($"ScatterReduce: complex numbers have no order; {reduce} is not defined.");
        if (src.IsWrappedNumber) src = src.Cast(DType).Expand(index.Shape);
        Tensor self = this;
        if (!includeSelf)
        {
            Tensor identity = how switch { Meeting.Sum => 0, Meeting.Prod => 1, Meeting.Max => Lowest(DType), _ => Highest(DType) };
            self = Scatter(dim, index, identity);
        }
        Tensor y = self.Scatter("ScatterReduce", dim, index, src, how, false);
        if (reduce != "mean") return y;
        Tensor counts = (includeSelf ? OnesLike(this) : ZerosLike(this)).ScatterAdd(dim, index, OnesLike(src));
        counts = counts.MaskedFill(counts.Eq(0), 1);
        return DType.IsDifferentiable ? y / counts : y.FloorDivide(counts);
    }

    /// <summary>As <see cref="ScatterReduce"/>, in place.</summary>
    public Tensor ScatterReduceInPlace(int dim, Tensor index, Tensor src, string reduce, bool includeSelf = true) =>
        CopyInPlace(Clone().ScatterReduce(dim, index, src, reduce, includeSelf));

    static Tensor Lowest(DType t) => t switch
    {
        DType.Bool or DType.UInt8 => 0, DType.Int8 => sbyte.MinValue, DType.Int16 => short.MinValue, DType.Int32 => int.MinValue, DType.Int64 => long.MinValue, _ => double.NegativeInfinity,
    };

    static Tensor Highest(DType t) => t switch
    {
        DType.Bool => true, DType.UInt8 => byte.MaxValue, DType.Int8 => sbyte.MaxValue, DType.Int16 => short.MaxValue, DType.Int32 => int.MaxValue, DType.Int64 => long.MaxValue, _ => double.PositiveInfinity,
    };

    // ---- putting at numbers and masks ----

    /// <summary>A copy with source at the elements with these numbers, counted row by row; negative ones count from the end. PyTorch's <c>put</c>.</summary>
    /// <param name="index">int64 or int32, any shape.</param>
    /// <param name="source">As many elements, of this type.</param>
    /// <param name="accumulate">Whether to add them.</param>
    /// <exception cref="ArgumentException">The numbers of elements differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public Tensor Put(Tensor index, Tensor source, bool accumulate = false) =>
        Op.Apply(PutOp(index, source, accumulate), Reshape(-1), source.Reshape(-1), index.Reshape(-1)).Reshape(Shape);

    /// <summary>As <see cref="Put(Tensor, Tensor, bool)"/>, in place.</summary>
    public Tensor PutInPlace(Tensor index, Tensor source, bool accumulate = false)
    {
        if (!IsContiguous) return CopyInPlace(Clone().Put(index, source, accumulate));
        Tensor flat = Rank == 1 ? this : View(-1);
        Op.ApplyInPlace(PutOp(index, source, accumulate), flat, flat, source.Reshape(-1), index.Reshape(-1));
        return this;
    }

    static IndexPut PutOp(Tensor index, Tensor source, bool accumulate) => index.Count == source.Count ? new(0, 1, accumulate, "put", true)
        : throw new ArgumentException($"Put: {index.Count} indices for {source.Count} elements; there must be as many.");

    /// <summary>A copy with the first elements of source, row by row, where the mask, which broadcasts to this, is set. PyTorch's <c>masked_scatter</c>.</summary>
    /// <param name="mask">bool, or uint8.</param>
    /// <param name="source">At least as many elements as are set, of this type.</param>
    /// <exception cref="ArgumentException">There are too few, or types differ.</exception>
    public Tensor MaskedScatter(Tensor mask, Tensor source)
    {
        Tensor m = CheckedMask("MaskedScatter", mask);
        Dims shape = Shapes.Broadcast("MaskedScatter", Shape, m.Shape);
        Tensor at = m.Expand(shape).Reshape(-1).NonZero().Reshape(-1);
        if (at.Count > source.Count) throw new ArgumentException($"MaskedScatter: the mask is set in {at.Count} places, but the source has {source.Count} elements.");
        return Expand(shape).Put(at, source.Reshape(-1).Narrow(0, 0, at.Count));
    }

    /// <summary>As <see cref="MaskedScatter"/>, in place.</summary>
    public Tensor MaskedScatterInPlace(Tensor mask, Tensor source) => CopyInPlace(Clone().MaskedScatter(mask, source));
}
