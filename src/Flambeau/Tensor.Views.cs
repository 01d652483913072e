using Flambeau.Ops;

namespace Flambeau;

// Views, reductions, joining.
public partial class Tensor
{
    /// <summary>Another shape over the same memory; one size may be −1.</summary>
    /// <exception cref="ArgumentException">The number of elements differs, or the strides do not allow it.</exception>
    public Tensor View(params ReadOnlySpan<long> shape) => Op.Apply(new View(Complete("View", shape)), this);

    /// <summary>Another shape, of the same memory where possible, else of a copy; one size may be −1.</summary>
    /// <exception cref="ArgumentException">The number of elements differs.</exception>
    public Tensor Reshape(params ReadOnlySpan<long> shape)
    {
        Dims to = Complete("Reshape", shape);
        return to == Shape ? this : Ops.View.TryView(Layout, to) is null ? Op.Apply(new View(to), Clone()) : Op.Apply(new View(to), this);
    }

    Dims Complete(string op, ReadOnlySpan<long> shape)
    {
        long known = 1;
        int free = -1;
        for (int d = 0; d < shape.Length; d++)
        {
            if (shape[d] >= 0) { known = checked(known * shape[d]); continue; }
            if (shape[d] != -1 || free >= 0) throw new ArgumentException($"{op}: the shape {Dims.Create(shape)} has a size below −1, or more than one that is −1.");
            free = d;
        }
        if (free < 0)
            return known == Count ? Dims.Create(shape) : throw new ArgumentException($"{op}: {Shape} has {Count} elements and cannot become {Dims.Create(shape)}, which has {known}.");
        if (known == 0 || Count % known != 0) throw new ArgumentException($"{op}: {Shape} has {Count} elements, which the known sizes of {Dims.Create(shape)} do not divide.");
        long[] y = shape.ToArray();
        y[free] = Count / known;
        return new Dims(y);
    }

    /// <summary>As another tensor's shape, over the same memory.</summary>
    public Tensor ViewAs(Tensor other) => View(other.Shape);

    /// <summary>In another tensor's shape.</summary>
    public Tensor ReshapeAs(Tensor other) => Reshape(other.Shape);

    /// <summary>As one axis.</summary>
    public Tensor Ravel() => Reshape(Count);

    /// <summary>All axes from <paramref name="startDim"/> to <paramref name="endDim"/> as one.</summary>
    public Tensor Flatten(int startDim = 0, int endDim = -1)
    {
        if (Rank == 0) return Reshape(1);
        int a = Layout.Axis(startDim, Rank, "Flatten"), b = Layout.Axis(endDim, Rank, "Flatten");
        if (a > b) throw new ArgumentException($"Flatten: startDim {startDim} comes after endDim {endDim}.");
        return Reshape([.. Shape.Span[..a], Shape[a..(b + 1)].Count, .. Shape.Span[(b + 1)..]]);
    }

    /// <summary>One axis as several; one size may be −1.</summary>
    public Tensor Unflatten(int dim, params ReadOnlySpan<long> sizes)
    {
        int a = Layout.Axis(dim, Rank, "Unflatten");
        return Reshape([.. Shape.Span[..a], .. Narrow(a, 0, Shape[a]).Complete1(sizes, Shape[a]), .. Shape.Span[(a + 1)..]]);
    }

    ReadOnlySpan<long> Complete1(ReadOnlySpan<long> sizes, long n)
    {
        long known = 1;
        foreach (long s in sizes) if (s != -1) known *= s;
        long[] y = sizes.ToArray();
        for (int i = 0; i < y.Length; i++) if (y[i] == -1) y[i] = known == 0 ? 0 : n / known;
        return y;
    }

    /// <summary>Sizes of 1 repeated, without a copy; −1 keeps a size.</summary>
    /// <exception cref="ArgumentException">A size that is not 1 would change.</exception>
    public Tensor Expand(params ReadOnlySpan<long> shape) => Shape.Span.SequenceEqual(shape) ? this : Op.Apply(new Expand(Dims.Create(shape)), this);

    /// <summary>Expanded to another's shape.</summary>
    public Tensor ExpandAs(Tensor other) => Expand(other.Shape);

    /// <summary>Axes in another order.</summary>
    public Tensor Permute(params ReadOnlySpan<long> dims) => Op.Apply(new Permute(Dims.Create(dims)), this);

    /// <summary>Two axes swapped.</summary>
    public Tensor Transpose(int dim0, int dim1)
    {
        int a = Layout.Axis(dim0, Rank, "Transpose"), b = Layout.Axis(dim1, Rank, "Transpose");
        if (a == b) return this;
        var order = new long[Rank];
        for (int d = 0; d < Rank; d++) order[d] = d == a ? b : d == b ? a : d;
        return Op.Apply(new Permute(new Dims(order)), this);
    }

    /// <summary>The transpose of a matrix.</summary>
    /// <exception cref="ArgumentException">More than two axes; use <see cref="MT"/>.</exception>
    public Tensor T => Rank <= 2 ? (Rank == 2 ? Transpose(0, 1) : this) : throw new ArgumentException($"T: {Shape} is no matrix. Use MT to transpose the last two axes.");

    /// <summary>The last two axes swapped; a scalar itself. PyTorch's <c>mT</c>.</summary>
    /// <exception cref="ArgumentException">A vector has no transpose.</exception>
    public Tensor MT => Rank >= 2 ? Transpose(-2, -1) : Rank == 0 ? this : throw new ArgumentException($"MT: {Shape} has fewer than two axes.");

    /// <summary>A new axis of size 1.</summary>
    public Tensor Unsqueeze(int dim) => Op.Apply(new Unsqueeze(Layout.Axis(dim, Rank + 1, "Unsqueeze")), this);

    /// <summary>All axes of size 1 removed.</summary>
    public Tensor Squeeze()
    {
        List<long> kept = [];
        foreach (long s in Shape) if (s != 1) kept.Add(s);
        return kept.Count == Rank ? this : Op.Apply(new View(kept.ToArray()), this);
    }

    /// <summary>The axis removed if its size is 1.</summary>
    public Tensor Squeeze(int dim)
    {
        int a = Layout.Axis(dim, Rank, "Squeeze");
        return Rank == 0 || Shape[a] != 1 ? this : Op.Apply(new Select(a, 0), this);
    }

    /// <summary><paramref name="length"/> elements of an axis from <paramref name="start"/> on.</summary>
    /// <exception cref="ArgumentException">They reach past the end.</exception>
    public Tensor Narrow(int dim, long start, long length)
    {
        int a = Layout.Axis(dim, Rank, "Narrow");
        long n = Size(a);
        if (start < 0) start += n;
        if (start < 0 || length < 0 || start + length > n) throw new ArgumentException($"Narrow: [{start}, {start + length}) is not within axis {a} of {Shape}.");
        return start == 0 && length == n ? this : Op.Apply(new Slice(a, start, start + length, 1), this);
    }

    /// <summary>As <see cref="Narrow(int, long, long)"/>, from where a scalar of integers says.</summary>
    public Tensor Narrow(int dim, Tensor start, long length) => start.Count == 1 && start.DType.IsInteger ? Narrow(dim, start.Item<long>(), length)
        : throw new ArgumentException($"Narrow: the start is one integer, not a {start.DType} tensor of shape {start.Shape}.");

    /// <summary>A copy of what <see cref="Narrow(int, long, long)"/> shows. PyTorch's <c>narrow_copy</c>.</summary>
    public Tensor NarrowCopy(int dim, long start, long length) => Narrow(dim, start, length).Clone();

    /// <summary>One index along an axis, which disappears.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    public Tensor Select(int dim, long index)
    {
        if (Rank == 0) throw new ArgumentException("Select: a scalar has no axis to select from.");
        int a = Layout.Axis(dim, Rank, "Select");
        long n = Shape[a];
        if (index < -n || index >= n) throw new ArgumentOutOfRangeException(nameof(index), $"Select: index {index} of axis {a} of {Shape}; it must lie in [{-n}, {n - 1}].");
        return Op.Apply(new Select(a, index < 0 ? index + n : index), this);
    }

    /// <summary>The diagonal of two axes, as the last axis.</summary>
    public Tensor Diagonal(long offset = 0, int dim1 = 0, int dim2 = 1) =>
        Op.Apply(new Diagonal(offset, Layout.Axis(dim1, Rank, "Diagonal"), Layout.Axis(dim2, Rank, "Diagonal")), this);

    /// <summary>Windows of <paramref name="size"/> elements every <paramref name="step"/>, along a new last axis, without a copy.</summary>
    public Tensor Unfold(int dimension, long size, long step)
    {
        int axis = Layout.Axis(dimension, Rank, "Unfold");
        if (Rank > 0) return Op.Apply(new Unfold(axis, size, step), this);
        // A scalar is one window of at most one element.
        if (size > 1 || size < 0 || step <= 0) throw new ArgumentException($"Unfold: windows of {size} every {step} elements do not fit a scalar.");
        return Unsqueeze(0).Narrow(0, 0, size);
    }

    /// <summary>Pieces of <paramref name="size"/> along an axis; the last may be smaller.</summary>
    public Tensor[] Split(long size, int dim = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        long n = Size(dim), count = Math.Max(1, (n + size - 1) / size);
        var y = new Tensor[count];
        for (long i = 0; i < count; i++) y[i] = Narrow(dim, i * size, Math.Min(size, n - i * size));
        return Together("split", y);
    }

    /// <summary>Pieces of the sizes given, which add up to the axis'.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public Tensor[] Split(ReadOnlySpan<long> sizes, int dim = 0)
    {
        long at = 0;
        var y = new Tensor[sizes.Length];
        for (int i = 0; i < y.Length; at += sizes[i++])
        {
            if (sizes[i] < 0 || at + sizes[i] > Size(dim)) throw new ArgumentException($"Split: sizes {Dims.Create(sizes)} do not add up to {Size(dim)}.");
            y[i] = Narrow(dim, at, sizes[i]);
        }
        return at == Size(dim) ? Together("split", y) : throw new ArgumentException($"Split: sizes {Dims.Create(sizes)} do not add up to {Size(dim)}.");
    }

    /// <summary>About <paramref name="chunks"/> pieces of equal size.</summary>
    public Tensor[] Chunk(long chunks, int dim = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunks);
        return Split(Math.Max(1, (Size(dim) + chunks - 1) / chunks), dim);
    }

    /// <summary>The slices along an axis, which disappears.</summary>
    public Tensor[] Unbind(int dim = 0)
    {
        var y = new Tensor[Size(dim)];
        for (int i = 0; i < y.Length; i++) y[i] = Select(dim, i);
        return Together("unbind", y);
    }

    /// <summary>As <see cref="Split(ReadOnlySpan{long}, int)"/>. PyTorch's <c>split_with_sizes</c>.</summary>
    public Tensor[] SplitWithSizes(ReadOnlySpan<long> splitSizes, int dim = 0) => Split(splitSizes, dim);

    /// <summary>Summed over the axes that broadcasting to this shape would have added or repeated.</summary>
    /// <exception cref="ArgumentException">The shape does not broadcast to this tensor's.</exception>
    public Tensor SumToSize(params ReadOnlySpan<long> size)
    {
        Dims shape = Dims.Create(size);
        if (shape.Length == 0) return Sum();
        if (shape == Shape) return this;
        if (shape.Length > Rank || Shapes.Broadcast("SumToSize", shape, Shape) != Shape) throw new ArgumentException($"SumToSize: {shape} does not broadcast to {Shape}.");
        uint mask = 0;
        for (int d = 0; d < Rank; d++)
        {
            int k = d - Rank + shape.Length;
            if (k < 0 || shape[k] == 1 && Shape[d] != 1) mask |= 1u << d;
        }
        return Sum(new Axes(mask), true, asInt64: !DType.IsDifferentiable).Reshape(shape);
    }

    // ---- reductions ----

    internal Tensor Sum(Axes axes, bool keepDim, bool asInt64 = false) => Op.Apply(new Sum(axes, keepDim, asInt64), this);

    /// <summary>The sum of all elements; of integers and bools as int64.</summary>
    public Tensor Sum(DType? dtype = null) => Sum([], false, dtype);

    /// <summary>The sum over the axes named; none means all.</summary>
    /// <param name="dim">The axes; negative ones count from the end.</param>
    /// <param name="keepDim">Whether they stay, with size 1.</param>
    /// <param name="dtype">In which type to add and answer.</param>
    public Tensor Sum(ReadOnlySpan<long> dim, bool keepDim = false, DType? dtype = null) =>
        (dtype is null ? this : To(dtype.Value)).Sum(Axes.Of("Sum", dim, Rank), keepDim, asInt64: dtype is null && !DType.IsDifferentiable);

    /// <summary>The sum over one axis.</summary>
    public Tensor Sum(int dim, bool keepDim = false, DType? dtype = null) => Sum([dim], keepDim, dtype);

    /// <summary>The mean of all elements.</summary>
    public Tensor Mean(DType? dtype = null) => Mean([], false, dtype);

    /// <summary>The mean over the axes named; none means all.</summary>
    /// <exception cref="ArgumentException">The tensor holds integers and no type is given.</exception>
    public Tensor Mean(ReadOnlySpan<long> dim, bool keepDim = false, DType? dtype = null)
    {
        if (!(dtype ?? DType).IsDifferentiable) throw new ArgumentException($"Mean: the mean of {DType} numbers is none. Pass dtype: DType.Float32, or convert first.");
        return Sum(dim, keepDim, dtype) / (double)Axes.Of("Mean", dim, Rank).Count(Shape);
    }

    /// <summary>The mean over one axis.</summary>
    public Tensor Mean(int dim, bool keepDim = false, DType? dtype = null) => Mean([dim], keepDim, dtype);

    /// <summary>The product of all elements; of integers and bools as int64.</summary>
    public Tensor Prod(DType? dtype = null)
    {
        Tensor self = this;
        using var autocast = Amp.Enter("prod", ref self);
        return Op.Apply(new Prod(Axes.All(Rank), false), self.To(dtype ?? (self.DType.IsDifferentiable ? self.DType : DType.Int64)));
    }

    /// <summary>The product over one axis.</summary>
    public Tensor Prod(int dim, bool keepDim = false, DType? dtype = null)
    {
        Tensor self = this;
        using var autocast = Amp.Enter("prod", ref self);
        return Op.Apply(new Prod(Axes.Of("Prod", [dim], Rank), keepDim), self.To(dtype ?? (self.DType.IsDifferentiable ? self.DType : DType.Int64)));
    }

    /// <summary>The largest element over the axes named; none means all. Equals share the gradient evenly.</summary>
    public Tensor Amax(ReadOnlySpan<long> dim = default, bool keepDim = false) => Op.Apply(new Extreme(true, Axes.Of("Amax", dim, Rank), keepDim), this);

    /// <summary>The smallest element over the axes named; none means all. Equals share the gradient evenly.</summary>
    public Tensor Amin(ReadOnlySpan<long> dim = default, bool keepDim = false) => Op.Apply(new Extreme(false, Axes.Of("Amin", dim, Rank), keepDim), this);

    /// <summary>The largest of all elements.</summary>
    public Tensor Max() => Amax();

    /// <summary>The smallest of all elements.</summary>
    public Tensor Min() => Amin();

    /// <summary>Whether any element is not 0.</summary>
    public Tensor Any(ReadOnlySpan<long> dim = default, bool keepDim = false) => Truth(AnyTrue(dim, keepDim));

    Tensor AnyTrue(ReadOnlySpan<long> dim, bool keepDim) =>
        Count == 0 ? Ne(0).Sum(dim, keepDim).Ne(0) : Op.Apply(new Extreme(true, Axes.Of("Any", dim, Rank), keepDim), DType == DType.Bool ? this : Ne(0));

    // PyTorch's masks were once uint8: of such a tensor, any and all are uint8 still.
    Tensor Truth(Tensor mask) => DType == DType.UInt8 ? mask.To(DType.UInt8) : mask;

    /// <summary>Whether all elements are not 0.</summary>
    public Tensor All(ReadOnlySpan<long> dim = default, bool keepDim = false) => Truth(LogicalNot().AnyTrue(dim, keepDim).LogicalNot());

    /// <summary>The variance: the mean square distance from the mean, with <paramref name="correction"/> subtracted from the number of elements.</summary>
    public Tensor Var(ReadOnlySpan<long> dim = default, double correction = 1, bool keepDim = false)
    {
        Axes axes = Axes.Of("Var", dim, Rank);
        Tensor m = Mean(dim, true), d;
        return (DType.IsComplex ? ((d = this - m) * d.Conj()).Real().Sum(axes, keepDim) : Op.Apply(new SumOf<SquaredError>(default, axes, keepDim), this, m))
            / Math.Max(0, axes.Count(Shape) - correction);
    }

    /// <summary>The standard deviation.</summary>
    public Tensor Std(ReadOnlySpan<long> dim = default, double correction = 1, bool keepDim = false) => Var(dim, correction, keepDim).Sqrt();

    /// <summary>The variance and the mean.</summary>
    /// <inheritdoc cref="Var"/>
    public (Tensor Var, Tensor Mean) VarMean(ReadOnlySpan<long> dim = default, double correction = 1, bool keepDim = false) => (Var(dim, correction, keepDim), Mean(dim, keepDim));

    /// <summary>The standard deviation and the mean.</summary>
    /// <inheritdoc cref="Std"/>
    public (Tensor Std, Tensor Mean) StdMean(ReadOnlySpan<long> dim = default, double correction = 1, bool keepDim = false) => (Std(dim, correction, keepDim), Mean(dim, keepDim));

    /// <summary>ln Σ eˣ over the axes named, without overflow.</summary>
    public Tensor LogSumExp(ReadOnlySpan<long> dim, bool keepDim = false)
    {
        Tensor m = Amax(dim, true).Detach();
        m = Where(m.IsFinite(), m, 0.0);
        Axes axes = Axes.Of("LogSumExp", dim, Rank);
        Tensor y = (SumOf<ExpDifference>.Takes(this, m) ? Op.Apply(new SumOf<ExpDifference>(default, axes, true), this, m) : (this - m).Exp().Sum(axes, true)).Log() + m;
        return keepDim ? y : y.Reshape(axes.Reduce(Shape, false));
    }

    // ---- joining, reversing, running ----

    /// <summary>The tensors one after another along an axis.</summary>
    /// <exception cref="ArgumentException">There are none, or sizes differ along another axis.</exception>
    public static Tensor Cat(IReadOnlyList<Tensor> tensors, int dim = 0)
    {
        if (tensors.Count == 0) throw new ArgumentException("Cat: there is no tensor to join.", nameof(tensors));
        Tensor[] x = [.. tensors];
        foreach (Tensor t in x) ArgumentNullException.ThrowIfNull(t, nameof(tensors));
        if (x.Length == 1) return x[0].Clone();
        return Op.Apply(new Cat(Layout.Axis(dim, x.Max(t => t.Rank), "Cat")), x);
    }

    /// <summary>The tensors, all of one shape, along a new axis.</summary>
    public static Tensor Stack(IReadOnlyList<Tensor> tensors, int dim = 0)
    {
        if (tensors.Count == 0) throw new ArgumentException("Stack: there is no tensor to join.", nameof(tensors));
        int a = Layout.Axis(dim, tensors[0].Rank + 1, "Stack");
        return Op.Apply(new Stack(a), [.. tensors]);
    }

    /// <summary>The order along the axes reversed; a copy.</summary>
    public Tensor Flip(params ReadOnlySpan<long> dims) => Op.Apply(new Flip(dims.IsEmpty ? new Axes(0) : Axes.Of("Flip", dims, Rank)), this);

    /// <summary>Running sums along an axis.</summary>
    public Tensor CumSum(int dim, DType? dtype = null) =>
        Op.Apply(new CumSum(Layout.Axis(dim, Rank, "CumSum")), To(dtype ?? (DType.IsDifferentiable ? DType : DType.Int64)));

    /// <summary>Running products along an axis.</summary>
    public Tensor CumProd(int dim, DType? dtype = null) =>
        Op.Apply(new CumProd(Layout.Axis(dim, Rank, "CumProd")), To(dtype ?? (DType.IsDifferentiable ? DType : DType.Int64)));
}
