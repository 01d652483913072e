using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>Sizes of 1, or missing at the front, repeated without copying.</summary>
internal sealed record Expand(Dims To) : ViewOp
{
    protected internal override Layout Transform(Layout x)
    {
        if (To.Length < x.Rank) throw new ArgumentException($"expand: {x.Shape} has more axes than the target {To}.");
        var shape = new long[To.Length];
        var strides = new long[To.Length];
        for (int d = 0; d < shape.Length; d++)
        {
            int k = d - To.Length + x.Rank;
            long size = k < 0 ? 1 : x.Shape[k];
            shape[d] = To[d] == -1 && k >= 0 ? size : To[d];
            if (shape[d] < 0 || size != 1 && size != shape[d])
                throw new ArgumentException($"expand: {x.Shape} does not expand to {To}: at axis {d}, only a size of 1 can become {To[d]}, not {size}.");
            strides[d] = k < 0 || size == 1 && shape[d] != 1 ? 0 : x.Strides[k];
        }
        return new(new Dims(shape), strides, x.Offset);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [g.SumToSize(n.InputShape(0))];

    protected internal override Tensor Batch(in Batched b)
    {
        Tensor x = b.Padded(0, To.Length);                                      // (n, 1 …, shape)
        long[] to = [b.Size, .. To.Span];
        for (int d = 1; d < to.Length; d++) if (to[d] == -1) to[d] = x.Shape[d];
        return x.Expand(to);
    }
}

/// <summary>Axes in another order: axis i of the result is axis Order[i] of the input.</summary>
internal sealed record Permute(Dims Order) : ViewOp
{
    protected internal override Layout Transform(Layout x)
    {
        if (Order.Length != x.Rank) throw new ArgumentException($"permute: {Order.Length} axes are named for a tensor with {x.Rank}, of shape {x.Shape}.");
        var shape = new long[x.Rank];
        var strides = new long[x.Rank];
        uint seen = 0;
        for (int d = 0; d < x.Rank; d++)
        {
            int k = Layout.Axis(Order[d], x.Rank, "permute");
            if ((seen >> k & 1) != 0) throw new ArgumentException($"permute: axis {k} is named twice in {Order}.");
            seen |= 1u << k;
            (shape[d], strides[d]) = (x.Shape[k], x.Strides[k]);
        }
        return new(new Dims(shape), strides, x.Offset);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        var back = new long[Order.Length];
        for (int d = 0; d < back.Length; d++) back[Layout.Axis(Order[d], back.Length, "permute")] = d;
        return [g.Permute(back)];
    }

    protected internal override Tensor Batch(in Batched b)
    {
        long[] order = [0, .. Order.Span];
        for (int d = 1; d < order.Length; d++) order[d] = 1 + Layout.Axis(Order[d - 1], Order.Length, "permute");
        return b[0].Permute(order);
    }
}

/// <summary>Another shape over the same elements in the same order; possible where the strides allow.</summary>
internal sealed record View(Dims To) : ViewOp
{
    protected internal override Layout Transform(Layout x) => TryView(x, To) ?? throw new ArgumentException(
        $"view: the shape {x.Shape} with strides ({string.Join(", ", x.Strides.ToArray())}) cannot be seen as {To} without a copy. Use Reshape, which copies where needed.");

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [g.Reshape(n.InputShape(0))];

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => t[0]!.Reshape(To);   // a tangent lies as it lies

    protected internal override Tensor Batch(in Batched b) => b[0].Reshape([b.Size, .. To.Span]);

    /// <summary>The layout, or null where the elements would have to move.</summary>
    public static Layout? TryView(Layout x, Dims to)
    {
        if (x.IsContiguous) return Layout.Contiguous(to, x.Offset);
        // Runs of axes that are contiguous among themselves must be covered by runs of new axes of the same product.
        var strides = new long[to.Length];
        int t = to.Length - 1;
        long chunk = 1, covered = 1, stride = x.Rank > 0 ? x.Strides[^1] : 1;
        for (int d = x.Rank - 1; d >= 0; d--)
        {
            chunk *= x.Shape[d];
            if (d > 0 && (x.Shape[d - 1] == 1 || x.Strides[d - 1] == chunk * stride)) continue;
            while (t >= 0 && (covered < chunk || to[t] == 1))
            {
                strides[t] = covered * stride;
                covered *= to[t--];
            }
            if (covered != chunk) return null;
            if (d == 0) break;
            (chunk, covered, stride) = (1, 1, x.Strides[d - 1]);
        }
        return t >= 0 ? null : new(to, strides, x.Offset);
    }
}

/// <summary>Every Step-th element of [Start, End) along an axis.</summary>
internal sealed record Slice(int Dim, long Start, long End, long Step) : ViewOp
{
    protected internal override Layout Transform(Layout x)
    {
        long[] shape = x.Shape.ToArray(), strides = x.Strides.ToArray();
        shape[Dim] = Math.Max(0, (End - Start + Step - 1) / Step);
        strides[Dim] *= Step;
        return new(new Dims(shape), strides, x.Offset + (shape[Dim] == 0 ? 0 : Start * x.Strides[Dim]));
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Op.Apply(new PlaceInZeros(this, n.InputShape(0)), g)];

    internal override ViewOp Shifted => this with { Dim = Dim + 1 };
}

/// <summary>One index along an axis, which disappears.</summary>
internal sealed record Select(int Dim, long Index) : ViewOp
{
    protected internal override Layout Transform(Layout x) =>
        new(new Dims([.. x.Shape.Span[..Dim], .. x.Shape.Span[(Dim + 1)..]]), [.. x.Strides[..Dim], .. x.Strides[(Dim + 1)..]], x.Offset + Index * x.Strides[Dim]);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Op.Apply(new PlaceInZeros(this, n.InputShape(0)), g)];

    internal override ViewOp Shifted => this with { Dim = Dim + 1 };
}

/// <summary>A new axis of size 1.</summary>
internal sealed record Unsqueeze(int Dim) : ViewOp
{
    protected internal override Layout Transform(Layout x) =>
        new(new Dims([.. x.Shape.Span[..Dim], 1, .. x.Shape.Span[Dim..]]), [.. x.Strides[..Dim], Dim < x.Rank ? x.Shape[Dim] * x.Strides[Dim] : 1, .. x.Strides[Dim..]], x.Offset);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [g.Reshape(n.InputShape(0))];

    internal override ViewOp Shifted => new Unsqueeze(Dim + 1);
}

/// <summary>The diagonal of two axes, as the last axis.</summary>
internal sealed record Diagonal(long Offset, int Dim1, int Dim2) : ViewOp
{
    protected internal override Layout Transform(Layout x)
    {
        if (Dim1 == Dim2) throw new ArgumentException($"diagonal: both axes are {Dim1}.");
        long n = Math.Max(0, Offset >= 0 ? Math.Min(x.Shape[Dim1], x.Shape[Dim2] - Offset) : Math.Min(x.Shape[Dim1] + Offset, x.Shape[Dim2]));
        long start = n == 0 ? 0 : Offset >= 0 ? Offset * x.Strides[Dim2] : -Offset * x.Strides[Dim1];
        List<long> shape = [], strides = [];
        for (int d = 0; d < x.Rank; d++)
            if (d != Dim1 && d != Dim2) { shape.Add(x.Shape[d]); strides.Add(x.Strides[d]); }
        return new(new Dims([.. shape, n]), [.. strides, x.Strides[Dim1] + x.Strides[Dim2]], x.Offset + start);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Op.Apply(new PlaceInZeros(this, n.InputShape(0)), g)];

    internal override ViewOp Shifted => this with { Dim1 = Dim1 + 1, Dim2 = Dim2 + 1 };
}

/// <summary>Windows of an axis: position p becomes elements p·Step … p·Step + Size − 1 along a new last axis.</summary>
internal sealed record Unfold(int Dim, long Size, long Step) : ViewOp
{
    protected internal override Layout Transform(Layout x)
    {
        if (Size < 0 || Size > x.Shape[Dim] || Step <= 0)
            throw new ArgumentException($"unfold: windows of {Size} every {Step} elements do not fit axis {Dim} of {x.Shape}.");
        long[] shape = [.. x.Shape.Span, Size], strides = [.. x.Strides, x.Strides[Dim]];
        shape[Dim] = (x.Shape[Dim] - Size) / Step + 1;
        strides[Dim] *= Step;
        return new(new Dims(shape), strides, x.Offset);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Op.Apply(new PlaceInZeros(this, n.InputShape(0)), g)];

    internal override ViewOp Shifted => this with { Dim = Dim + 1 };
}

/// <summary>Zeros of a shape with the input added where a view of them looks: what differentiating the view gives. Windows may overlap.</summary>
internal sealed record PlaceInZeros(ViewOp At, Dims To) : Op
{
    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x) => new(To, x[0].DType, x[0].Device);

    protected internal override void Run(Backends.Backend d, Args x, Tensor y)
    {
        d.Fill(y, 0);
        Tensor region = y.Window(At.Transform(y.Layout));
        if (At is not Unfold u) { d.Copy(x[0], region); return; }
        // One offset in the window at a time: within it, positions are distinct.
        for (long k = 0; k < u.Size; k++)
        {
            Tensor to = region.Window(new Select(region.Rank - 1, k).Transform(region.Layout)), from = x[0].Window(new Select(region.Rank - 1, k).Transform(x[0].Layout));
            d.Elementwise(new Forward2<Add>(default), [to, from], to);
        }
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(At, g)];

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Apply(new PlaceInZeros(At.Shifted, [b.Size, .. To.Span]), b[0]);

    protected internal override Saved Saves(uint needs) => Saved.None;
}
