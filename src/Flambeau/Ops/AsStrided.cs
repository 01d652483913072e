using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>Any elements of the storage: element (i, j, …) lies at Offset + i·Strides[0] + j·Strides[1] + …, whatever the layout <paramref name="Of"/> of the input.</summary>
internal sealed record AsStrided(Dims Size, Dims Strides, long Offset, Layout Of) : ViewOp
{
    // In a copy of the input the elements lie where they lay only if both are row by row.
    protected internal override Layout Transform(Layout x) =>
        x.IsContiguous && Of.IsContiguous ? new(Size, Strides.ToArray(), Offset - Of.Offset + x.Offset)
        : x.Strides.SequenceEqual(Of.Strides) && x.Offset == Of.Offset ? new(Size, Strides.ToArray(), Offset)
        : throw new NotSupportedException("as_strided: the tensor was changed in place through a view of arbitrary strides, and lies otherwise than its copy. Make it contiguous first.");

    internal override void CheckBounds(Tensor x)
    {
        long held = x.Storage.ByteLength / x.DType.ItemSize, first = Transform(x.Layout).Offset, last = Last(Size, Strides, first);
        if (first < 0 || last >= held) throw new ArgumentException($"as_strided: size {Size} with strides {Strides} from {first} on reaches element {last} of a storage that has {held}.");
    }

    // Both layouts look at one storage: gradients are added up there, then seen through the input's layout. Where the input itself looks at
    // an element several times, each of its views gets its share.
    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor to = Positions(Size, Strides, Offset), of = Positions(Of.Shape, Dims.Create(Of.Strides), Of.Offset);
        long length = 1 + Math.Max(Last(Size, Strides, Offset), Last(Of.Shape, Dims.Create(Of.Strides), Of.Offset));
        Tensor storage = Tensor.Zeros([length], g.DType).IndexAdd(0, to, g.Flatten());
        if (Of.IsOverlapping) storage /= Tensor.Zeros([length], g.DType).IndexAdd(0, of, Tensor.OnesLike(of, g.DType)).Clamp(min: 1);
        return [storage.IndexSelect(0, of).Reshape(Of.Shape)];
    }

    /// <summary>Where the last element in memory lies; −1 if there are none.</summary>
    internal static long Last(Dims size, Dims strides, long offset)
    {
        if (size.Count == 0) return -1;
        for (int d = 0; d < size.Length; d++) offset = checked(offset + (size[d] - 1) * strides[d]);
        return offset;
    }

    static Tensor Positions(Dims size, Dims strides, long offset)
    {
        Tensor at = Tensor.FromScalar(offset);
        for (int d = 0; d < size.Length; d++) at = at.Unsqueeze(-1) + Tensor.Arange(size[d], DType.Int64) * strides[d];
        return at.Flatten();                                                   // (elements)
    }

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Read(t[0]!);

    protected internal override Tensor Batch(in Batched b)
    {
        // The examples lie one after another, as far apart as one reaches.
        Tensor all = b[0];
        if (Of.IsContiguous) return Apply(new AsStrided([b.Size, .. Size.Span], [b[0].Shape[1..].Count, .. Strides.Span], Offset - Of.Offset, Layout.Contiguous(all.Shape)), all.Clone());
        throw new NotSupportedException("as_strided inside Vmap sees the elements of one example only, which must lie row by row. Make the tensor contiguous first.");
    }

    // What the view would show of a tensor that lies as the input does: its elements brought to their places, then read.
    Tensor Read(Tensor t)
    {
        Tensor to = Positions(Size, Strides, Offset), of = Positions(Of.Shape, Dims.Create(Of.Strides), Of.Offset);
        long length = 1 + Math.Max(Last(Size, Strides, Offset), Last(Of.Shape, Dims.Create(Of.Strides), Of.Offset));
        return Tensor.Zeros([length], t.DType).Scatter(0, of, t.Flatten()).IndexSelect(0, to).Reshape(Size);
    }
}
