using Flambeau.Ops;

namespace Flambeau;

// Arrangements: repeating, rolling, stacking, splitting, diagonals and triangles. All are compositions.
public partial class Tensor
{
    // ---- axes ----

    /// <summary>Some axes brought to other places; the rest keep their order. PyTorch's <c>movedim</c>.</summary>
    /// <exception cref="ArgumentException">An axis is named twice, or the lists differ in length.</exception>
    public Tensor MoveDim(ReadOnlySpan<long> source, ReadOnlySpan<long> destination)
    {
        if (source.Length != destination.Length) throw new ArgumentException($"MoveDim: {source.Length} axes are to be moved to {destination.Length} places.");
        var order = new long[Rank];
        order.AsSpan().Fill(-1);
        uint moved = 0;
        for (int i = 0; i < source.Length; i++)
        {
            int from = Layout.Axis(source[i], Rank, "MoveDim"), to = Layout.Axis(destination[i], Rank, "MoveDim");
            if (Rank == 0) return this;
            if ((moved >> from & 1) != 0 || order[to] >= 0) throw new ArgumentException($"MoveDim: axis {source[i]} or place {destination[i]} is named twice.");
            order[to] = from;
            moved |= 1u << from;
        }
        for (int to = 0, from = 0; to < Rank; to++)
        {
            if (order[to] >= 0) continue;
            while ((moved >> from & 1) != 0) from++;
            order[to] = from++;
        }
        return Permute(order);
    }

    /// <summary>One axis brought to another place.</summary>
    public Tensor MoveDim(int source, int destination) => MoveDim([source], [destination]);

    /// <summary>Another name of <see cref="Transpose"/>.</summary>
    public Tensor SwapDims(int dim0, int dim1) => Transpose(dim0, dim1);

    /// <summary>The axes named removed where their size is 1.</summary>
    public Tensor Squeeze(params ReadOnlySpan<long> dim)
    {
        if (Rank == 0) return this;
        Axes axes = dim.IsEmpty ? default : Axes.Of("Squeeze", dim, Rank);
        List<long> kept = [];
        for (int d = 0; d < Rank; d++) if (!axes.Has(d) || Shape[d] != 1) kept.Add(Shape[d]);
        return kept.Count == Rank ? this : Op.Apply(new View(kept.ToArray()), this);
    }

    /// <summary>At least one axis.</summary>
    public Tensor AtLeast1d() => Rank == 0 ? Reshape(1) : this;

    /// <summary>Each with at least one axis.</summary>
    public static Tensor[] AtLeast1d(params ReadOnlySpan<Tensor> tensors) => [.. tensors.ToArray().Select(t => t.AtLeast1d())];

    /// <summary>Each with at least two axes; vectors become rows.</summary>
    public static Tensor[] AtLeast2d(params ReadOnlySpan<Tensor> tensors) => [.. tensors.ToArray().Select(t => t.AtLeast2d())];

    /// <summary>Each with at least three axes.</summary>
    public static Tensor[] AtLeast3d(params ReadOnlySpan<Tensor> tensors) => [.. tensors.ToArray().Select(t => t.AtLeast3d())];

    /// <summary>At least two axes; a vector becomes a row.</summary>
    public Tensor AtLeast2d() => Rank >= 2 ? this : AtLeast1d().Unsqueeze(0);

    /// <summary>At least three axes; a vector of n becomes (1, n, 1), a matrix gets a last axis.</summary>
    public Tensor AtLeast3d() => Rank >= 3 ? this : AtLeast2d().Unsqueeze(-1);

    /// <summary>Expanded to a shape. PyTorch's <c>broadcast_to</c>.</summary>
    public Tensor BroadcastTo(params ReadOnlySpan<long> shape) => Expand(shape);

    /// <summary>All expanded to their common shape. PyTorch's <c>broadcast_tensors</c>.</summary>
    /// <exception cref="ArgumentException">They have none.</exception>
    public static Tensor[] BroadcastTensors(params ReadOnlySpan<Tensor> tensors)
    {
        Dims shape = default;
        foreach (Tensor t in tensors) shape = Shapes.Broadcast("BroadcastTensors", shape, t.Shape);
        var y = new Tensor[tensors.Length];
        for (int i = 0; i < y.Length; i++) y[i] = tensors[i].Expand(shape);
        return y;
    }

    // ---- repeating and turning ----

    /// <summary>The tensor repeated along each axis; as many numbers as axes, or more, for new axes in front. PyTorch's <c>repeat</c>.</summary>
    /// <exception cref="ArgumentException">There are fewer numbers than axes, or one is negative.</exception>
    public Tensor Repeat(params ReadOnlySpan<long> repeats)
    {
        if (repeats.Length < Rank) throw new ArgumentException($"Repeat: {repeats.Length} repeats for {Rank} axes; there must be at least as many.");
        var split = new long[2 * repeats.Length];
        var wide = new long[2 * repeats.Length];
        var joined = new long[repeats.Length];
        for (int d = 0; d < repeats.Length; d++)
        {
            if (repeats[d] < 0) throw new ArgumentException($"Repeat: {repeats[d]} is negative.");
            int k = d - repeats.Length + Rank;
            long size = k < 0 ? 1 : Shape[k];
            (split[2 * d], split[2 * d + 1]) = (1, size);
            (wide[2 * d], wide[2 * d + 1]) = (repeats[d], size);
            joined[d] = repeats[d] * size;
        }
        if (2 * repeats.Length > Layout.MaxRank) return RepeatAxes(repeats);
        return Reshape(split).Expand(wide).Clone().Reshape(joined);
    }

    Tensor RepeatAxes(ReadOnlySpan<long> repeats)
    {
        Tensor y = Reshape([.. Enumerable.Repeat(1L, repeats.Length - Rank), .. Shape.Span]);
        for (int d = 0; d < repeats.Length; d++)
            if (repeats[d] != 1) y = repeats[d] == 0 ? y.Narrow(d, 0, 0) : Cat([.. Enumerable.Repeat(y, (int)repeats[d])], d);
        return y.Clone();
    }

    /// <summary>As <see cref="Repeat"/>; missing numbers in front are 1. PyTorch's <c>tile</c>.</summary>
    public Tensor Tile(params ReadOnlySpan<long> dims) => Repeat([.. Enumerable.Repeat(1L, Math.Max(0, Rank - dims.Length)), .. dims]);

    /// <summary>Each slice of an axis repeated as often as said; without an axis, each element. PyTorch's <c>repeat_interleave</c>.</summary>
    /// <param name="repeats">How often: one number for all, or one for each.</param>
    /// <param name="dim">The axis; null for all elements row by row.</param>
    /// <param name="outputSize">What the numbers add up to; not needed here.</param>
    /// <exception cref="ArgumentException">There are not as many numbers as slices, or they are no integers from 0 on.</exception>
    public Tensor RepeatInterleave(Tensor repeats, int? dim = null, long? outputSize = null)
    {
        if (dim is null) return Reshape(-1).RepeatInterleave(repeats, 0);
        if (Rank == 0) return Unsqueeze(0).RepeatInterleave(repeats, 0);
        int a = Layout.Axis(dim.Value, Rank, "RepeatInterleave");
        if (!repeats.DType.IsInteger || repeats.Rank > 1 || repeats.Count != 1 && repeats.Count != Shape[a])
            throw new ArgumentException($"RepeatInterleave: repeats must be one integer or {Shape[a]} of them, not a {repeats.DType} tensor of shape {repeats.Shape}.");
        long[] counts = repeats.Expand(Shape[a]).ToArray<long>();
        long total = 0;
        foreach (long c in counts) total = c >= 0 ? total + c : throw new ArgumentException($"RepeatInterleave: {c} is negative.");
        var index = new long[total];
        long at = 0;
        for (long i = 0; i < counts.Length; i++) for (long k = 0; k < counts[i]; k++) index[at++] = i;
        return IndexSelect(a, From(index, [total]));
    }

    /// <summary>Numbers that say how often to repeat 0, 1, …: 2, 1 gives 0, 0, 1.</summary>
    public static Tensor RepeatInterleave(Tensor repeats) => Arange(repeats.Size(0)).RepeatInterleave(repeats, 0);

    /// <summary>Elements moved along axes; those that leave at the end come in at the beginning. Without axes, over all elements row by row. PyTorch's <c>roll</c>.</summary>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public Tensor Roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default)
    {
        if (dims.IsEmpty) return shifts.Length == 1 ? Reshape(-1).Roll(shifts, [0]).Reshape(Shape) : throw new ArgumentException($"Roll: {shifts.Length} shifts and no axes.");
        if (shifts.Length != dims.Length) throw new ArgumentException($"Roll: {shifts.Length} shifts for {dims.Length} axes.");
        Tensor y = this;
        for (int i = 0; i < dims.Length; i++)
        {
            int a = Layout.Axis(dims[i], Rank, "Roll");
            long n = Size(a), s = n == 0 ? 0 : (shifts[i] % n + n) % n;
            if (s != 0) y = Cat([y.Narrow(a, n - s, s), y.Narrow(a, 0, n - s)], a);
        }
        return ReferenceEquals(y, this) ? Clone() : y;
    }

    /// <summary>As <see cref="Roll(ReadOnlySpan{long}, ReadOnlySpan{long})"/>, of one axis.</summary>
    public Tensor Roll(long shifts, int dim) => Roll([shifts], [dim]);

    /// <summary>As <see cref="Roll(ReadOnlySpan{long}, ReadOnlySpan{long})"/>, over all elements.</summary>
    public Tensor Roll(long shifts) => Roll([shifts]);

    /// <summary>Turned by <paramref name="k"/> right angles, from the first axis named toward the second. PyTorch's <c>rot90</c>.</summary>
    /// <param name="k">How often; negative the other way.</param>
    /// <param name="dims">Two axes; 0 and 1 if none are given.</param>
    public Tensor Rot90(int k = 1, params ReadOnlySpan<long> dims)
    {
        if (dims.IsEmpty) dims = [0, 1];
        if (dims.Length != 2 || Rank < 2) throw new ArgumentException($"Rot90: two axes are wanted, not {dims.Length} of {Rank}.");
        int a = Layout.Axis(dims[0], Rank, "Rot90"), b = Layout.Axis(dims[1], Rank, "Rot90");
        if (a == b) throw new ArgumentException($"Rot90: both axes are {a}.");
        return (k % 4 + 4) switch { 5 or 1 => Flip(b).Transpose(a, b), 6 or 2 => Flip(a, b), 7 or 3 => Flip(a).Transpose(a, b), _ => Clone() };
    }

    /// <summary>The order of the second axis reversed. PyTorch's <c>fliplr</c>.</summary>
    public Tensor FlipLR() => Rank >= 2 ? Flip(1) : throw new ArgumentException($"FlipLR: {Shape} has fewer than two axes.");

    /// <summary>The order of the first axis reversed. PyTorch's <c>flipud</c>.</summary>
    public Tensor FlipUD() => Rank >= 1 ? Flip(0) : throw new ArgumentException("FlipUD: a scalar has no axis.");

    // ---- triangles and diagonals ----

    /// <summary>The lower triangle of matrices, zeros elsewhere. PyTorch's <c>tril</c>.</summary>
    /// <param name="diagonal">The highest diagonal kept: 0 the main one, positive above it.</param>
    public Tensor Tril(long diagonal = 0) => Op.Apply(Triangular("Tril", diagonal, false), this);

    /// <summary>The upper triangle of matrices, zeros elsewhere. PyTorch's <c>triu</c>.</summary>
    /// <param name="diagonal">The lowest diagonal kept: 0 the main one, positive above it.</param>
    public Tensor Triu(long diagonal = 0) => Op.Apply(Triangular("Triu", diagonal, true), this);

    /// <summary>As <see cref="Tril"/>, in place.</summary>
    public Tensor TrilInPlace(long diagonal = 0) => Op.ApplyInPlace(Triangular("Tril", diagonal, false), this, this);

    /// <summary>As <see cref="Triu"/>, in place.</summary>
    public Tensor TriuInPlace(long diagonal = 0) => Op.ApplyInPlace(Triangular("Triu", diagonal, true), this, this);

    Triangular Triangular(string op, long diagonal, bool upper) => Rank < 2 ? throw new ArgumentException($"{op}: {Shape} is no matrix.")
        : new(Math.Clamp(diagonal, -Shape[^2] - 1, Shape[^1] + 1), upper);

    static Tensor Triangle(long rows, long columns, long diagonal) =>
        Arange(0, columns, 1, DType.Int32) <= Arange(diagonal, rows + diagonal, 1, DType.Int32).Unsqueeze(1);

    /// <summary>Rows and columns of the lower triangle of a matrix: shape (2, count). PyTorch's <c>tril_indices</c>.</summary>
    public static Tensor TrilIndices(long row, long col, long offset = 0, DType dtype = DType.Int64) =>
        Triangle(row, col, Math.Clamp(offset, -row, col)).NonZero().T.Contiguous().To(dtype);

    /// <summary>Rows and columns of the upper triangle of a matrix: shape (2, count). PyTorch's <c>triu_indices</c>.</summary>
    public static Tensor TriuIndices(long row, long col, long offset = 0, DType dtype = DType.Int64) =>
        Triangle(row, col, Math.Clamp(offset - 1, -row, col)).LogicalNot().NonZero().T.Contiguous().To(dtype);

    /// <summary>Of a vector the matrix with it on a diagonal, of a matrix a diagonal. PyTorch's <c>diag</c>.</summary>
    /// <exception cref="ArgumentException">Neither vector nor matrix.</exception>
    public Tensor Diag(long diagonal = 0) => Rank switch
    {
        1 => DiagEmbed(diagonal), 2 => Diagonal(diagonal).Clone(), _ => throw new ArgumentException($"Diag: {Shape} is neither a vector nor a matrix."),
    };

    /// <summary>The matrix with all elements, row by row, on a diagonal. PyTorch's <c>diagflat</c>.</summary>
    public Tensor DiagFlat(long offset = 0) => Reshape(-1).DiagEmbed(offset);

    /// <summary>Matrices with the last axis on a diagonal, zeros elsewhere. PyTorch's <c>diag_embed</c>.</summary>
    /// <param name="offset">Which diagonal: 0 the main one, positive above it.</param>
    /// <param name="dim1">The axis of the result that becomes the rows.</param>
    /// <param name="dim2">The axis of the result that becomes the columns.</param>
    public Tensor DiagEmbed(long offset = 0, int dim1 = -2, int dim2 = -1)
    {
        if (Rank == 0) throw new ArgumentException("DiagEmbed: a scalar has no axis.");
        int a = Layout.Axis(dim1, Rank + 1, "DiagEmbed"), b = Layout.Axis(dim2, Rank + 1, "DiagEmbed");
        if (a == b) throw new ArgumentException($"DiagEmbed: both axes are {a}.");
        long n = Shape[^1] + Math.Abs(offset);
        List<long> shape = [.. Shape.Span[..^1]];
        shape.Insert(Math.Min(a, b), n);
        shape.Insert(Math.Max(a, b), n);
        return Op.Apply(new PlaceInZeros(new Diagonal(offset, a, b), shape.ToArray()), this);
    }

    /// <summary>The sum of a matrix' diagonal. PyTorch's <c>trace</c>.</summary>
    public Tensor Trace()
    {
        Tensor self = this;
        using var autocast = Amp.Enter("trace", ref self);
        return Rank == 2 ? self.Diagonal().Sum() : throw new ArgumentException($"Trace: {Shape} is no matrix.");
    }

    /// <summary>A copy with a diagonal replaced. PyTorch's <c>diagonal_scatter</c>.</summary>
    public Tensor DiagonalScatter(Tensor src, long offset = 0, int dim1 = 0, int dim2 = 1) => Replaced("DiagonalScatter", src, y => y.Diagonal(offset, dim1, dim2));

    /// <summary>A copy with one slice of an axis replaced. PyTorch's <c>select_scatter</c>.</summary>
    public Tensor SelectScatter(Tensor src, int dim, long index) => Replaced("SelectScatter", src, y => y.Select(dim, index));

    /// <summary>A copy with every <paramref name="step"/>-th slice of an axis, from start to before end, replaced. PyTorch's <c>slice_scatter</c>.</summary>
    public Tensor SliceScatter(Tensor src, int dim = 0, long? start = null, long? end = null, long step = 1)
    {
        var index = new TensorIndex[Layout.Axis(dim, Rank, "SliceScatter") + 1];
        index[^1] = TensorIndex.Slice(start, end, step);
        return Replaced("SliceScatter", src, y => y[index]);
    }

    Tensor Replaced(string op, Tensor src, Func<Tensor, Tensor> view)
    {
        Tensor y = Clone(), place = view(y);
        if (place.Shape != src.Shape) throw new ArgumentException($"{op}: the source has shape {src.Shape}, the place to be replaced {place.Shape}; they must be equal.");
        place.CopyInPlace(src);
        return y;
    }

    /// <summary>Matrices along the diagonal of one large matrix; scalars and vectors count as rows. PyTorch's <c>block_diag</c>.</summary>
    public static Tensor BlockDiag(params ReadOnlySpan<Tensor> tensors)
    {
        if (tensors.IsEmpty) return Empty(1, 0);
        Tensor[] blocks = [.. tensors.ToArray().Select(t => t.Rank <= 2 ? t.AtLeast2d() : throw new ArgumentException($"BlockDiag: {t.Shape} has more than two axes."))];
        long columns = blocks.Sum(b => b.Shape[1]), at = 0;
        DType type = Shapes.ResultType(blocks);
        List<Tensor> rows = [];
        foreach (Tensor b in blocks)
        {
            rows.Add(Cat([Zeros([b.Shape[0], at], type), b.To(type), Zeros([b.Shape[0], columns - at - b.Shape[1]], type)], 1));
            at += b.Shape[1];
        }
        return Cat(rows);
    }

    /// <summary>1 at each index along a new last axis, 0 elsewhere; int64. PyTorch's <c>one_hot</c>.</summary>
    /// <param name="indices">Class indices, integers of any shape.</param>
    /// <param name="numClasses">The size of the new axis; −1: one more than the largest index.</param>
    /// <exception cref="ArgumentException">The indices are no integers, or one is out of range.</exception>
    public static Tensor OneHot(Tensor indices, long numClasses = -1)
    {
        if (!indices.DType.IsInteger) throw new ArgumentException($"OneHot: class indices are integers, not {indices.DType}.");
        if (indices.Count == 0 && numClasses <= 0) throw new ArgumentException("OneHot: of no indices, the number of classes cannot be told. Pass numClasses.");
        if (indices.Count > 0 && !(indices.Device.IsMeta && numClasses > 0))
        {
            long least = indices.Behind.Min().Item<long>(), most = indices.Behind.Max().Item<long>();
            if (numClasses < 0) numClasses = most + 1;
            if (least < 0 || most >= numClasses)
                throw new ArgumentOutOfRangeException(nameof(indices), $"OneHot: there is no class {(least < 0 ? least : most)}: with {numClasses} classes, indices must lie in [0, {numClasses - 1}].");
        }
        return Op.Apply(new OneHot(numClasses), indices);
    }

    // ---- products of sets ----

    /// <summary>Each vector along an axis of its own, expanded to the grid of all. PyTorch's <c>meshgrid</c>.</summary>
    /// <param name="tensors">Vectors or scalars of one type.</param>
    public static Tensor[] Meshgrid(params IReadOnlyList<Tensor> tensors) => Meshgrid(tensors, "ij");

    /// <inheritdoc cref="Meshgrid(IReadOnlyList{Tensor})"/>
    /// <param name="tensors">Vectors or scalars of one type.</param>
    /// <param name="indexing">ij: the i-th vector along axis i. xy: the first two swapped.</param>
    public static Tensor[] Meshgrid(IReadOnlyList<Tensor> tensors, string indexing)
    {
        if (indexing is not ("ij" or "xy")) throw new ArgumentException($"Meshgrid: indexing is \"ij\" or \"xy\", not \"{indexing}\".");
        if (tensors.Count == 0) throw new ArgumentException("Meshgrid: there is no tensor.", nameof(tensors));
        bool swaps = indexing == "xy" && tensors.Count >= 2;
        Tensor[] x = [.. tensors];
        if (swaps) (x[0], x[1]) = (x[1], x[0]);
        Dims shape = x.Select(t => t.Count).ToArray();
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i].Rank > 1) throw new ArgumentException($"Meshgrid: {x[i].Shape} is neither a vector nor a scalar.");
            if (x[i].DType != x[0].DType) throw new ArgumentException($"Meshgrid: {x[0].DType} meets {x[i].DType}; all must be of one type.");
            var along = new long[x.Length];
            along.AsSpan().Fill(1);
            along[i] = x[i].Count;
            x[i] = x[i].Reshape(along).Expand(shape);
        }
        if (swaps) (x[0], x[1]) = (x[1], x[0]);
        return x;
    }

    /// <summary>All tuples of one element of each vector: shape (product, count). PyTorch's <c>cartesian_prod</c>.</summary>
    public static Tensor CartesianProd(params ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor t in tensors) if (t.Rank != 1) throw new ArgumentException($"CartesianProd: {t.Shape} is no vector.");
        return tensors.Length == 1 ? tensors[0] : Stack([.. Meshgrid(tensors.ToArray()).Select(t => t.Reshape(-1))], 1);
    }

    /// <summary>All choices of <paramref name="r"/> elements of a vector, in order: shape (count, r). PyTorch's <c>combinations</c>.</summary>
    /// <param name="r">How many.</param>
    /// <param name="withReplacement">Whether an element can be chosen several times.</param>
    public Tensor Combinations(int r = 2, bool withReplacement = false)
    {
        if (Rank != 1) throw new ArgumentException($"Combinations: {Shape} is no vector.");
        ArgumentOutOfRangeException.ThrowIfNegative(r);
        if (r == 0) return Empty([0], DType);
        List<long> chosen = [];
        var at = new long[r];
        for (int i = 0; i < r; i++) at[i] = withReplacement ? 0 : i;
        long n = Count, rows = 0;
        while (n > 0 && at[^1] < n)
        {
            chosen.AddRange(at);
            rows++;
            int k = r - 1;
            while (k >= 0 && at[k] == (withReplacement ? n - 1 : n - r + k)) k--;
            if (k < 0) break;
            at[k]++;
            for (int j = k + 1; j < r; j++) at[j] = withReplacement ? at[k] : at[j - 1] + 1;
        }
        return IndexSelect(0, From(chosen.ToArray())).Reshape(rows, r);
    }

    /// <summary>Every element of this times all of the other: the Kronecker product. PyTorch's <c>kron</c>.</summary>
    public Tensor Kron(Tensor other)
    {
        int n = Math.Max(Rank, other.Rank);
        var (a, b, shape) = (new long[2 * n], new long[2 * n], new long[n]);
        for (int d = 0; d < n; d++)
        {
            int i = d - n + Rank, j = d - n + other.Rank;
            (a[2 * d], a[2 * d + 1], b[2 * d], b[2 * d + 1]) = (i < 0 ? 1 : Shape[i], 1, 1, j < 0 ? 1 : other.Shape[j]);
            shape[d] = a[2 * d] * b[2 * d + 1];
        }
        return (Reshape(a) * other.Reshape(b)).Reshape(shape);
    }

    // ---- splitting and stacking ----

    /// <summary>An axis in so many pieces, the first ones larger by one where it does not divide. PyTorch's <c>tensor_split</c>.</summary>
    public Tensor[] TensorSplit(long sections, int dim = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sections);
        CheckSplittable("TensorSplit", 1);
        long n = Size(dim), at = 0;
        var y = new Tensor[sections];
        for (long i = 0; i < sections; i++)
        {
            long size = n / sections + (i < n % sections ? 1 : 0);
            y[i] = Narrow(dim, at, size);
            at += size;
        }
        return y;
    }

    /// <summary>An axis cut before these indices. PyTorch's <c>tensor_split</c>.</summary>
    public Tensor[] TensorSplit(ReadOnlySpan<long> indices, int dim = 0)
    {
        CheckSplittable("TensorSplit", 1);
        int a = Layout.Axis(dim, Rank, "TensorSplit");
        var y = new Tensor[indices.Length + 1];
        var index = new TensorIndex[a + 1];
        for (int i = 0; i < y.Length; i++)
        {
            index[a] = TensorIndex.Slice(i == 0 ? 0 : indices[i - 1], i < indices.Length ? indices[i] : null);
            y[i] = this[index];
        }
        return y;
    }

    /// <summary>An axis cut before the indices that a vector of int64 holds, or in as many pieces as a scalar says.</summary>
    /// <exception cref="ArgumentException">The tensor is no scalar or vector of int64.</exception>
    public Tensor[] TensorSplit(Tensor indicesOrSections, int dim = 0) => indicesOrSections.DType != DType.Int64 || indicesOrSections.Rank > 1
        ? throw new ArgumentException($"TensorSplit: a scalar or vector of int64 says where to cut, not {indicesOrSections.DType} {indicesOrSections.Shape}.")
        : indicesOrSections.Rank == 0 ? TensorSplit(indicesOrSections.Item<long>(), dim) : TensorSplit(indicesOrSections.ToArray<long>(), dim);

    void CheckSplittable(string op, int axes)
    {
        if (Rank < axes) throw new ArgumentException($"{op}: {Shape} has {Rank} axes, at least {axes} are wanted.");
    }

    Tensor[] Sections(string op, int axes, int dim, long sections)
    {
        CheckSplittable(op, axes);
        if (sections < 1 || Size(dim) % sections != 0) throw new ArgumentException($"{op}: axis {dim} of {Shape} cannot be cut in {sections} equal pieces. TensorSplit allows unequal ones.");
        return TensorSplit(sections, dim);
    }

    Tensor[] Cuts(string op, int axes, int dim, ReadOnlySpan<long> indices)
    {
        CheckSplittable(op, axes);
        return TensorSplit(indices, dim);
    }

    /// <summary>Columns in equal pieces; of a vector, elements. PyTorch's <c>hsplit</c>.</summary>
    public Tensor[] HSplit(long sections) => Sections("HSplit", 1, Rank == 1 ? 0 : 1, sections);

    /// <summary>Columns cut before these indices; of a vector, elements. PyTorch's <c>hsplit</c>.</summary>
    public Tensor[] HSplit(ReadOnlySpan<long> indices) => Cuts("HSplit", 1, Rank == 1 ? 0 : 1, indices);

    /// <summary>Rows in equal pieces. PyTorch's <c>vsplit</c>.</summary>
    public Tensor[] VSplit(long sections) => Sections("VSplit", 2, 0, sections);

    /// <summary>Rows cut before these indices. PyTorch's <c>vsplit</c>.</summary>
    public Tensor[] VSplit(ReadOnlySpan<long> indices) => Cuts("VSplit", 2, 0, indices);

    /// <summary>The third axis in equal pieces. PyTorch's <c>dsplit</c>.</summary>
    public Tensor[] DSplit(long sections) => Sections("DSplit", 3, 2, sections);

    /// <summary>The third axis cut before these indices. PyTorch's <c>dsplit</c>.</summary>
    public Tensor[] DSplit(ReadOnlySpan<long> indices) => Cuts("DSplit", 3, 2, indices);

    /// <summary>Side by side: along the second axis, vectors along their only one. PyTorch's <c>hstack</c>.</summary>
    public static Tensor HStack(params IReadOnlyList<Tensor> tensors)
    {
        Tensor[] x = [.. tensors.Select(t => t.AtLeast1d())];
        return Cat(x, x.Length > 0 && x[0].Rank == 1 ? 0 : 1);
    }

    /// <summary>One below another: along the first axis; vectors count as rows. PyTorch's <c>vstack</c>.</summary>
    public static Tensor VStack(params IReadOnlyList<Tensor> tensors) => Cat([.. tensors.Select(t => t.AtLeast2d())]);

    /// <summary>One behind another: along the third axis. PyTorch's <c>dstack</c>.</summary>
    public static Tensor DStack(params IReadOnlyList<Tensor> tensors) => Cat([.. tensors.Select(t => t.AtLeast3d())], 2);

    /// <summary>Side by side; scalars and vectors count as columns. PyTorch's <c>column_stack</c>.</summary>
    public static Tensor ColumnStack(params IReadOnlyList<Tensor> tensors) => Cat([.. tensors.Select(t => t.Rank <= 1 ? t.Reshape(-1, 1) : t)], 1);

    // ---- reductions and differences ----

    /// <summary>How many elements over the axes named, or all, are not 0. PyTorch's <c>count_nonzero</c>.</summary>
    public Tensor CountNonZero(params ReadOnlySpan<long> dim) => Ne(0).Sum(dim);

    /// <summary>The sum without NaNs. PyTorch's <c>nansum</c>.</summary>
    public Tensor NanSum(ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null) =>
        (DType.IsFloatingPoint ? MaskedFill(IsNan(), 0) : this).Sum(dim, keepDim, dtype);

    /// <summary>The mean without NaNs. PyTorch's <c>nanmean</c>.</summary>
    /// <exception cref="ArgumentException">The tensor is not floating point.</exception>
    public Tensor NanMean(ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null) => DType.IsFloatingPoint
        ? NanSum(dim, keepDim, dtype) / Detach().Eq(Detach()).Sum(dim, keepDim)
        : throw new ArgumentException($"NanMean: floating-point numbers are wanted, not {DType}.");

    /// <summary>Differences of neighbours along an axis, <paramref name="n"/> times over. PyTorch's <c>diff</c>.</summary>
    /// <param name="n">How often; 0 changes nothing.</param>
    /// <param name="dim">The axis.</param>
    /// <param name="prepend">What to put before the axis first.</param>
    /// <param name="append">What to put after it.</param>
    public Tensor Diff(int n = 1, int dim = -1, Tensor? prepend = null, Tensor? append = null)
    {
        if (Rank == 0) throw new ArgumentException("Diff: a scalar has no axis.");
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        int a = Layout.Axis(dim, Rank, "Diff");
        if (n == 0) return this;
        Tensor y = this;
        if (prepend is not null || append is not null) y = Cat([.. new[] { prepend, this, append }.OfType<Tensor>()], a);
        for (; n > 0 && y.Shape[a] > 0; n--)
        {
            Tensor next = y.Narrow(a, 1, y.Shape[a] - 1), last = y.Narrow(a, 0, y.Shape[a] - 1);
            y = DType == DType.Bool ? next.LogicalXor(last) : next - last;
        }
        return y;
    }

    /// <summary>The integral over points at distance <paramref name="dx"/> by the trapezoidal rule. PyTorch's <c>trapezoid</c>.</summary>
    public Tensor Trapezoid(double dx = 1, int dim = -1) => Panels("Trapezoid", null, dx, dim, out int a).Sum(a);

    /// <summary>The integral over points <paramref name="x"/> by the trapezoidal rule.</summary>
    public Tensor Trapezoid(Tensor x, int dim = -1) => Panels("Trapezoid", x, 1, dim, out int a).Sum(a);

    /// <summary>The integrals up to each point. PyTorch's <c>cumulative_trapezoid</c>.</summary>
    public Tensor CumulativeTrapezoid(double dx = 1, int dim = -1) => Panels("CumulativeTrapezoid", null, dx, dim, out int a).CumSum(a);

    /// <summary>The integrals up to each of the points <paramref name="x"/>.</summary>
    public Tensor CumulativeTrapezoid(Tensor x, int dim = -1) => Panels("CumulativeTrapezoid", x, 1, dim, out int a).CumSum(a);

    /// <inheritdoc cref="Trapezoid(double, int)"/>
    public Tensor Trapz(double dx = 1, int dim = -1) => Trapezoid(dx, dim);

    /// <inheritdoc cref="Trapezoid(Tensor, int)"/>
    public Tensor Trapz(Tensor x, int dim = -1) => Trapezoid(x, dim);

    /// <summary>½ (yᵢ + yᵢ₊₁) Δxᵢ</summary>
    Tensor Panels(string op, Tensor? x, double dx, int dim, out int axis)
    {
        if (Rank == 0 || DType == DType.Bool) throw new ArgumentException($"{op}: a {DType} tensor of shape {Shape} cannot be integrated.");
        axis = Layout.Axis(dim, Rank, op);
        long n = Math.Max(0, Shape[axis] - 1);
        Tensor sums = Narrow(axis, Shape[axis] - n, n) + Narrow(axis, 0, n);
        if (x is null) return sums * (dx / 2);
        Tensor wide = x;
        if (x.Rank == 1 && Rank > 1)
        {
            if (x.Count != Shape[axis]) throw new ArgumentException($"{op}: {x.Count} points for {Shape[axis]} values.");
            var along = new long[Rank];
            along.AsSpan().Fill(1);
            along[axis] = x.Count;
            wide = x.Reshape(along);
        }
        return sums * wide.Diff(dim: axis - Rank) / 2;
    }
}
