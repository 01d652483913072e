using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau;

// x[…], read and written.
public partial class Tensor
{
    /// <summary>
    /// A part of the tensor. Numbers, ranges, <see cref="TensorIndex.NewAxis"/> and <see cref="TensorIndex.Ellipsis"/> give views; masks and index
    /// tensors give copies, through which gradients flow. Several index tensors broadcast against each other; their common axes stand where
    /// theirs stood, or in front if other axes lie between. See https://pytorch.org/docs/stable/tensor_view.html and NumPy's advanced indexing.
    /// </summary>
    /// <param name="index">What to take of each axis; <c>..</c> is one whole axis, axes at the end may be left out.</param>
    /// <value>Assigned with broadcasting, in place; its type must be the tensor's where indices or masks are involved.</value>
    /// <exception cref="ArgumentException">Too many indices, index tensors that do not broadcast, a mask of another shape, a wrong type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index outside its axis; nothing is written then.</exception>
    [IndexerName("Part")]                             // Item is taken
    public Tensor this[params ReadOnlySpan<TensorIndex> index]
    {
        get
        {
            Tensor t = Locate(index, out Tensor?[]? at);
            if (at is null) return t;
            (Tensor x, int dim, Tensor[] indices, _) = Arrange(t, at);
            return Op.Apply(new IndexOp(dim, indices.Length, "index", true), [x, .. indices]);
        }
        set => Put(index, value, false);
    }

    /// <summary>The elements at indices of some axes; null leaves an axis as it is. PyTorch's <c>index</c>: <c>x.Index([i, null, j])</c> is <c>x[i, .., j]</c>.</summary>
    /// <inheritdoc cref="this[ReadOnlySpan{TensorIndex}]" path="/exception"/>
    public Tensor Index(IReadOnlyList<Tensor?> indices) => this[[.. indices.Select(ToIndex)]];

    /// <summary>A copy with values, which broadcast, at indices of some axes.</summary>
    /// <param name="indices">Indices or masks; null leaves an axis as it is.</param>
    /// <param name="values">What to put there, of the tensor's type.</param>
    /// <param name="accumulate">Whether to add it; then elements named several times get all values. Otherwise the last one stays.</param>
    /// <inheritdoc cref="this[ReadOnlySpan{TensorIndex}]" path="/exception"/>
    public Tensor IndexPut(IReadOnlyList<Tensor?> indices, Tensor values, bool accumulate = false) => Clone().IndexPutInPlace(indices, values, accumulate);

    /// <summary>As <see cref="IndexPut"/>, in place.</summary>
    /// <inheritdoc cref="this[ReadOnlySpan{TensorIndex}]" path="/exception"/>
    public Tensor IndexPutInPlace(IReadOnlyList<Tensor?> indices, Tensor values, bool accumulate = false) =>
        Put([.. indices.Select(ToIndex)], values, accumulate);

    static TensorIndex ToIndex(Tensor? t) => t is null ? TensorIndex.All : t;

    Tensor Put(ReadOnlySpan<TensorIndex> index, Tensor values, bool accumulate)
    {
        if (!accumulate && index.Length == 1 && index[0].Indices is { DType: DType.Bool, Rank: > 0 } mask && values.Rank == 0 && mask.Rank <= Rank && mask.Shape == Shape[..mask.Rank])
        {
            long[] wide = [.. mask.Shape.Span, .. Enumerable.Repeat(1L, Rank - mask.Rank)];
            return MaskedFillInPlace(mask.Reshape(wide), values);
        }
        Tensor t = Locate(index, out Tensor?[]? at);
        if (at is null)
        {
            // x[0] += 1 changes the view and assigns it to itself.
            if (!accumulate && ReferenceEquals(values.Storage, t.Storage) && values.RequiresGrad == t.RequiresGrad && values.DType == t.DType && Layout.Same(values.Layout, t.Layout)) return this;
            values = Fit(values, t.Shape);
            if (accumulate) t.AddInPlace(values);
            else t.CopyInPlace(values);
            return this;
        }
        (Tensor x, int dim, Tensor[] indices, Dims place) = Arrange(t, at);
        if (values.Rank == 0) values = values.Cast(DType);
        Op.ApplyInPlace(new IndexPut(dim, indices.Length, accumulate, "index_put", true), x, [x, Fit(values, place), .. indices]);
        return this;
    }

    /// <summary>The values expanded to the indexed place; axes of size 1 that they have too many in front do not matter.</summary>
    static Tensor Fit(Tensor values, Dims place)
    {
        int extra = 0;
        while (values.Rank - extra > place.Length && values.Shape[extra] == 1) extra++;
        if (extra > 0) values = values.Reshape(values.Shape[extra..]);
        bool fits = values.Rank <= place.Length;
        for (int d = 1; fits && d <= values.Rank; d++) fits = values.Shape[^d] == 1 || values.Shape[^d] == place[^d];
        return fits ? values.Expand(place) : throw new ArgumentException($"index_put: values of shape {values.Shape} do not broadcast to the indexed place, which has shape {place}.");
    }

    /// <summary>Does all that a view can do; what is left are indices of some axes of that view.</summary>
    Tensor Locate(ReadOnlySpan<TensorIndex> index, out Tensor?[]? at)
    {
        int named = 0;
        bool ellipsis = false;
        foreach (TensorIndex i in index)
        {
            if (i.Type == TensorIndex.Kind.Ellipsis)
            {
                if (ellipsis) throw new ArgumentException("index: there can be only one ellipsis.");
                ellipsis = true;
            }
            named += i.Type switch
            {
                TensorIndex.Kind.All or TensorIndex.Kind.Integer or TensorIndex.Kind.Slice => 1,
                TensorIndex.Kind.Tensor => IsMask(i.Indices!) ? i.Indices!.Rank : 1,
                _ => 0,
            };
        }
        if (named > Rank)
            throw new ArgumentException($"index: {named} axes are indexed, but the tensor of shape {Shape} has {Rank}." + (Rank == 0 ? " The number itself is Item<T>()." : ""));

        Tensor t = this;
        Tensor?[]? slots = null;
        int d = 0;
        foreach (TensorIndex i in index)
        {
            switch (i.Type)
            {
                case TensorIndex.Kind.All:
                    d++;
                    break;
                case TensorIndex.Kind.Integer:
                    t = t.Select(d, i.Integer);
                    break;
                case TensorIndex.Kind.Slice:
                    (long start, long stop, long step) = i.Resolve(t.Shape[d]);
                    if (start != 0 || stop != t.Shape[d] || step != 1) t = Op.Apply(new Slice(d, start, stop, step), t);
                    d++;
                    break;
                case TensorIndex.Kind.Ellipsis:
                    d += Rank - named;
                    break;
                case TensorIndex.Kind.NewAxis:
                    t = t.Unsqueeze(d++);
                    break;
                case TensorIndex.Kind.Flag:
                    ByFlag(i.Flag);
                    break;
                default:
                    ByTensor(i.Indices!);
                    break;
            }
        }
        at = slots;
        return t;

        void Set(int axis, Tensor indices) => (slots ??= new Tensor?[Layout.MaxRank])[axis] = indices;

        void ByFlag(bool flag)
        {
            t = t.Unsqueeze(d);
            Set(d++, Zeros([flag ? 1 : 0], DType.Int64));
        }

        void ByTensor(Tensor i)
        {
            if (!IsMask(i))
            {
                if (!i.DType.IsInteger) throw new ArgumentException($"index: index tensors must be int64, int32 or bool, not {i.DType}.");
                if (i.Rank == 0) t = t.Select(d, i.Item<long>());
                else Set(d++, i);
                return;
            }
            if (i.Rank == 0) { ByFlag(i.Item<bool>()); return; }
            int r = i.Rank;
            if (i.Shape != t.Shape[d..(d + r)]) throw new ArgumentException($"index: a mask of shape {i.Shape} does not fit axes {d} to {d + r - 1} of {t.Shape}; their sizes must be equal.");
            if (r == 1) { Set(d++, i.NonZero().Reshape(-1)); return; }
            // One index over the masked axes together, where they can be seen as one.
            Dims merged = [.. t.Shape.Span[..d], i.Count, .. t.Shape.Span[(d + r)..]];
            if (Ops.View.TryView(t.Layout, merged) is not null)
            {
                t = Op.Apply(new View(merged), t);
                Set(d++, i.Reshape(-1).NonZero().Reshape(-1));
                return;
            }
            Tensor where = i.NonZero();
            for (int k = 0; k < r; k++) Set(d++, where.Select(1, k));
        }
    }

    static bool IsMask(Tensor t) => t.DType is DType.Bool or DType.UInt8;

    /// <summary>Indexed axes side by side, in front if others lay between them; where they begin, and the shape of what they name.</summary>
    static (Tensor X, int Dim, Tensor[] Indices, Dims Place) Arrange(Tensor t, Tensor?[] at)
    {
        int[] axes = [.. Enumerable.Range(0, t.Rank).Where(d => at[d] is not null)];
        Tensor[] indices = [.. axes.Select(d => at[d]!)];
        int dim = axes[0];
        if (axes[^1] - dim + 1 != axes.Length)
        {
            t = t.Permute([.. axes.Select(d => (long)d), .. Enumerable.Range(0, t.Rank).Where(d => at[d] is null).Select(d => (long)d)]);
            dim = 0;
        }
        return (t, dim, indices, [.. t.Shape.Span[..dim], .. IndexOp.Common("index", indices).Span, .. t.Shape.Span[(dim + axes.Length)..]]);
    }
}
