using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>
/// x at indices of <see cref="Count"/> neighbouring axes from <see cref="Dim"/> on, which broadcast; their common shape takes the place of
/// these axes. PyTorch's <c>index</c>, and with one vector of indices <c>index_select</c>.
/// </summary>
/// <param name="Dim">The first indexed axis.</param>
/// <param name="Count">How many are indexed.</param>
/// <param name="Caller">The operation named in errors.</param>
/// <param name="Wraps">Whether negative indices count from the end.</param>
internal sealed record IndexOp(int Dim, int Count, string Caller, bool Wraps) : Op
{
    public override string Name => "index";

    protected internal override bool TakesLowPrecision => true;

    internal static Dims Common(string op, Args index)
    {
        Dims b = default;
        foreach (Tensor i in index)
        {
            IndexTools.CheckType(op, i);
            b = Shapes.Broadcast(op, b, i.Shape);
        }
        return b;
    }

    protected internal override TensorSpec Infer(Args x)
    {
        ReadOnlySpan<long> s = x[0].Shape.Span;
        return new(new Dims([.. s[..Dim], .. Common(Caller, x[1..]).Span, .. s[(Dim + Count)..]]), x[0].DType, x[0].Device);
    }

    /// <summary>Checked indices, expanded to the common shape, and how far one step of them reaches in <paramref name="x"/>.</summary>
    internal static (Tensor Index, long Stride) Offsets(Backend d, string caller, bool wraps, int dim, Tensor x, Args index, Dims common)
    {
        var checkedIndex = new Tensor[index.Length];
        for (int k = 0; k < index.Length; k++) checkedIndex[k] = IndexTools.Checked(d, caller, index[k], dim + k, x.Shape[dim + k], wraps);
        return index.Length == 1 ? (checkedIndex[0], x.Strides[dim]) : (IndexTools.Linear(d, checkedIndex, x.Strides[dim..], common), 1);
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        Tensor from = x[0];
        Dims common = y.Shape[Dim..(y.Rank - from.Rank + Dim + Count)];
        // One tensor of indices is checked while it is read: only if something is wrong, or wraps, it is looked at again.
        if (Count == 1 && y.Count > 0 && TryGather(d, from, x[1].CastTo(DType.Int64), from.Strides[Dim], from.Shape[Dim], y, common)) return;
        (Tensor index, long stride) = Offsets(d, Caller, Wraps, Dim, from, x[1..], common);
        TryGather(d, from, index, stride, long.MaxValue, y, common);
    }

    bool TryGather(Backend d, Tensor x, Tensor index, long stride, long size, Tensor y, Dims common)
    {
        ReadOnlySpan<long> s = x.Strides;
        long[] none = new long[y.Rank];
        return d.TryGather(IndexTools.Window(x, y.Shape, s[..Dim], none.AsSpan(0, common.Length), s[(Dim + Count)..]),
            IndexTools.Window(index, y.Shape, none.AsSpan(0, Dim), index.Strides, none.AsSpan(0, x.Rank - Dim - Count)), stride, size, y);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        var index = new Tensor[Count];
        for (int k = 0; k < Count; k++) index[k] = n.Input(1 + k);
        Tensor zeros = Tensor.Zeros(new TensorSpec(n.InputShape(0), g.DType, g.Device));
        return [ApplyInPlace(new IndexPut(Dim, Count, true, Caller, Wraps), zeros, [zeros, g, .. index])];
    }

    protected internal override Saved Saves(uint needs) => new(~1u, 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => t[0] is { } d ? Apply(this, [d, .. x[1..]]) : null;

    protected internal override Tensor Batch(in Batched b)
    {
        bool sharesIndex = true;
        for (int i = 1; i < b.Count; i++) sharesIndex &= !b.IsMapped(i);
        if (sharesIndex) return Apply(this with { Dim = Dim + 1 }, b.Values);
        (Tensor x, Tensor[] index) = Together(b, b.Full(0), Dim, Count, b.Values[1..], 1);
        // The examples' axis and the common axes stand in front; the latter belong where the indexed axes were.
        Tensor y = Apply(new IndexOp(0, Count + 1, Caller, Wraps), [x, .. index]);
        int common = y.Rank - 1 - (b.Rank(0) - Count);
        return Placed(y, common, Dim);
    }

    /// <summary>
    /// Each example has its own indices: the axis of examples is indexed too, by its own numbers. The indexed axes come to the front.
    /// </summary>
    internal static (Tensor X, Tensor[] Index) Together(in Batched b, Tensor x, int dim, int count, Args values, int first)
    {
        int rank = 0;
        for (int k = 0; k < values.Length; k++) rank = Math.Max(rank, b.Rank(first + k));
        var index = new Tensor[count + 1];
        index[0] = Tensor.Arange(b.Size).Reshape([b.Size, .. Enumerable.Repeat(1L, rank)]);
        for (int k = 0; k < count; k++) index[k + 1] = b.Padded(first + k, rank);
        long[] order = [0, .. Enumerable.Range(dim + 1, count).Select(d => (long)d), .. Enumerable.Range(1, dim).Select(d => (long)d),
            .. Enumerable.Range(dim + count + 1, x.Rank - dim - count - 1).Select(d => (long)d)];
        return (x.Permute(order), index);
    }

    /// <summary>(n, common, before, after) → (n, before, common, after).</summary>
    internal static Tensor Placed(Tensor y, int common, int before) => y.Permute([0, .. Enumerable.Range(1 + common, before).Select(d => (long)d),
        .. Enumerable.Range(1, common).Select(d => (long)d), .. Enumerable.Range(1 + common + before, y.Rank - 1 - common - before).Select(d => (long)d)]);
}

/// <summary>
/// x with the values in the places that <see cref="IndexOp"/> would read, or added to them. The inputs are x, the values in the full shape,
/// the indices. Of values that meet in one place the last stays.
/// </summary>
/// <param name="Dim">The first indexed axis.</param>
/// <param name="Count">How many are indexed.</param>
/// <param name="Adds">Whether the values are added: PyTorch's <c>accumulate</c>.</param>
/// <param name="Caller">The operation named in errors.</param>
/// <param name="Wraps">Whether negative indices count from the end.</param>
internal sealed record IndexPut(int Dim, int Count, bool Adds, string Caller, bool Wraps) : Op
{
    protected internal override bool TakesLowPrecision => true;

    protected internal override bool AllowsAliasing => true;

    protected internal override TensorSpec Infer(Args x)
    {
        ReadOnlySpan<long> s = x[0].Shape.Span;
        Dims place = [.. s[..Dim], .. IndexOp.Common(Caller, x[2..]).Span, .. s[(Dim + Count)..]];
        if (x[1].Shape != place) throw new ArgumentException($"{Caller}: values of shape {x[1].Shape} do not fit the indexed place, which has shape {place}.");
        if (x[1].DType != x[0].DType) throw new ArgumentException($"{Caller}: the values are {x[1].DType}, the tensor is {x[0].DType}. Convert with To(DType.{x[0].DType}).");
        return new(x[0].Shape, x[0].DType, x[0].Device);
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        if (TryLines(d, x, y)) return;
        Tensor values = IndexTools.Apart(d, x[1], y);
        Dims common = values.Shape[Dim..(values.Rank - y.Rank + Dim + Count)];
        (Tensor index, long stride) = IndexOp.Offsets(d, Caller, Wraps, Dim, y, x[2..], common);
        index = IndexTools.Apart(d, index, y).MakeContiguous();
        if (!ReferenceEquals(x[0], y)) d.Copy(x[0], y);
        if (values.Count == 0) return;

        Dims flat = [.. values.Shape.Span[..Dim], common.Count, .. values.Shape.Span[(Dim + common.Length)..]];
        if (View.TryView(values.Layout, flat) is { } l) values = values.Window(l);
        else values = values.MakeContiguous().Window(Layout.Contiguous(flat));
        ReadOnlySpan<long> s = y.Strides;
        long[] none = new long[flat.Length];
        IndexTools.Scatter(d, Adds ? Meeting.Sum : Meeting.Replace, IndexTools.Window(y, flat, s[..Dim], [0], s[(Dim + Count)..]),
            IndexTools.Window(index, flat, none.AsSpan(0, Dim), [index.Count == 1 ? 0 : 1], none.AsSpan(Dim + 1)), stride, values, Dim);
    }

    // A vector of indices of the last axis, the same for each line.
    bool TryLines(Backend d, Args x, Tensor y)
    {
        if (Count != 1 || Dim != y.Rank - 1 || x[2].Rank != 1 || x[1].Count == 0) return false;
        foreach (Tensor t in x) if (ReferenceEquals(t.Storage, y.Storage)) return false;
        Tensor index = x[2].CastTo(DType.Int64);
        return IndexTools.TryScatterLines(d, Adds ? Meeting.Sum : Meeting.Replace, x[0], IndexTools.Window(index, x[1].Shape, new long[Dim], index.Strides, []), x[1], Dim, y);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        var index = new Tensor[Count];
        for (int k = 0; k < Count; k++) index[k] = n.Input(2 + k);
        Tensor? self = null;
        if (n.Needs(0))
        {
            Tensor nothing = Tensor.Zeros(new TensorSpec(Layout.Scalar, g.DType, g.Device)).Expand(n.InputShape(1));
            self = Adds ? g : Apply(this, [g, nothing, .. index]);
        }
        return [self, n.Needs(1) ? Apply(new IndexOp(Dim, Count, Caller, Wraps), [g, .. index]) : null];
    }

    protected internal override Saved Saves(uint needs) => new(~3u, 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor d = t[0] ?? Tensor.ZerosLike(x[0]), v = t[1] ?? Tensor.ZerosLike(x[1]);
        return Apply(this, [d, v, .. x[2..]]);
    }

    protected internal override Tensor Batch(in Batched b)
    {
        bool sharesIndex = true;
        for (int i = 2; i < b.Count; i++) sharesIndex &= !b.IsMapped(i);
        if (sharesIndex) return Apply(this with { Dim = Dim + 1 }, [b.Full(0), b.Full(1), .. b.Values[2..]]);
        (Tensor x, Tensor[] index) = IndexOp.Together(b, b.Full(0), Dim, Count, b.Values[2..], 2);
        int common = b.Rank(1) - (b.Rank(0) - Count);
        Tensor values = b.Full(1).Permute([0, .. Enumerable.Range(1 + Dim, common).Select(d => (long)d), .. Enumerable.Range(1, Dim).Select(d => (long)d),
            .. Enumerable.Range(1 + Dim + common, b.Rank(1) - Dim - common).Select(d => (long)d)]);
        return IndexOp.Placed(Apply(new IndexPut(0, Count + 1, Adds, Caller, Wraps), [x, values, .. index]), Count, Dim);
    }
}

/// <summary>The coordinates of the true elements of a contiguous mask: (count, rank).</summary>
internal sealed record NonZero : Op
{
    public static readonly NonZero Instance = new();

    public override string Name => "nonzero";

    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec Infer(Args x) => new(new Dims([Backend.For(x[0].Device).CountTrue(x[0]), x[0].Rank]), DType.Int64, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.NonZero(x[0], y);
}
