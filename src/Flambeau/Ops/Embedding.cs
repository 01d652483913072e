using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>Rows of a table: indices (…), weight (V, D) → (…, D).</summary>
/// <param name="PaddingIdx">The row that gets no gradient; −1 for none.</param>
/// <param name="ScaleGradByFreq">Whether a row's gradient is divided by how often it was taken.</param>
internal sealed record Embedding(long PaddingIdx, bool ScaleGradByFreq) : Op
{
    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x)
    {
        if (!x[0].DType.IsInteger) throw new ArgumentException($"embedding: indices are integers, not {x[0].DType}.");
        if (x[1].Rank != 2) throw new ArgumentException($"embedding: the weight has shape {x[1].Shape}; it must be (V, D), a row for each index.");
        return new(new Dims([.. x[0].Shape.Span, x[1].Shape[1]]), x[1].DType, Shapes.SameDevice("embedding", x));
    }

    protected internal override void Run(Backend d, Args x, Tensor y) => d.GatherRows(x[1].MakeContiguous(), x[0].CastTo(DType.Int64).MakeContiguous(), y);

    protected internal override Tensor?[] Backward(Tensor g, Node n) =>
        [null, n.Needs(1) ? Apply(new EmbeddingBackward(n.InputShape(1)[0], PaddingIdx, ScaleGradByFreq), g, n.Input(0)) : null];

    protected internal override Saved Saves(uint needs) => new(1, 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, x[0], t[1]!);

    protected internal override Tensor Batch(in Batched b)
    {
        if (!b.IsMapped(1)) return Apply(this, b[0], b[1]);
        // All tables as one; the indices of example e begin at e · V.
        Tensor w = b[1], index = b.Full(0).Long();                              // (n, V, D), (n, …)
        Tensor start = Tensor.Arange(b.Size).Reshape([b.Size, .. Enumerable.Repeat(1L, b.Rank(0))]) * w.Shape[1];
        return Apply(new Embedding(-1, false), index + start, w.Reshape(b.Size * w.Shape[1], w.Shape[2]));
    }
}

/// <summary>The sum or mean of each bag of rows of a table: indices (bags, n), weight (V, D) → (bags, D).</summary>
/// <param name="Mean">Whether sums are divided by n.</param>
/// <param name="ScaleGradByFreq">Whether a row's gradient is divided by how often it was taken.</param>
internal sealed record EmbeddingBag(bool Mean, bool ScaleGradByFreq) : Op
{
    protected internal override TensorSpec Infer(Args x) => new(new Dims([x[0].Shape[0], x[1].Shape[1]]), x[1].DType, Shapes.SameDevice("embedding_bag", x));

    protected internal override void Run(Backend d, Args x, Tensor y) => d.SumRows(x[1].MakeContiguous(), x[0].CastTo(DType.Int64).MakeContiguous(), Mean ? 1.0 / x[0].Shape[1] : 1, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        if (!n.Needs(1)) return [null, null];
        Dims index = n.Input(0).Shape;
        Tensor rows = (Mean ? g / (double)index[1] : g).Unsqueeze(1).Expand(index[0], index[1], g.Shape[1]);
        return [null, Apply(new EmbeddingBackward(n.InputShape(1)[0], -1, ScaleGradByFreq), rows, n.Input(0))];
    }

    protected internal override Saved Saves(uint needs) => new(1, 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, x[0], t[1]!);

    protected internal override Tensor Batch(in Batched b)
    {
        Tensor index = b.Full(0).Long(), w = b[1];
        if (b.IsMapped(1))                                                      // all tables as one
        {
            index = index + Tensor.Arange(b.Size).Reshape(b.Size, 1, 1) * w.Shape[1];
            w = w.Reshape(b.Size * w.Shape[1], w.Shape[2]);
        }
        return Apply(this, index.Flatten(0, 1), w).Reshape(b.Size, index.Shape[1], w.Shape[1]);
    }
}

/// <summary>Rows added up where their indices say: gradient (…, D), indices (…) → (V, D).</summary>
internal sealed record EmbeddingBackward(long Count, long PaddingIdx, bool ScaleGradByFreq) : Op
{
    protected internal override TensorSpec Infer(Args x) => new(new Dims([Count, x[0].Shape[^1]]), x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) =>
        d.ScatterRows(x[0].MakeContiguous(), x[1].CastTo(DType.Int64).MakeContiguous(), PaddingIdx, ScaleGradByFreq, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        if (ScaleGradByFreq) throw new NotSupportedException("embedding: with scaleGradByFreq there is no second derivative.");
        Tensor rows = Apply(new Embedding(-1, false), n.Input(1), g);
        return [PaddingIdx < 0 ? rows : rows * n.Input(1).Ne(PaddingIdx).To(g.DType).Unsqueeze(-1), null];
    }

    protected internal override Saved Saves(uint needs) => new(2, 0);

    public static void CheckIndex(long i, long count)
    {
        if ((ulong)i >= (ulong)count)
            throw new ArgumentOutOfRangeException(null, $"Embedding: index {i} is no row of a table of {count}; indices must lie in [0, {count - 1}].");
    }

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!, x[1]);

    protected internal override Tensor Batch(in Batched b)
    {
        Tensor g = b.Full(0), index = b.Full(1).Long();                         // (n, …, D), (n, …)
        Tensor start = Tensor.Arange(b.Size).Reshape([b.Size, .. Enumerable.Repeat(1L, b.Rank(1))]) * Count;
        Tensor y = Apply(this with { Count = b.Size * Count, PaddingIdx = -1 }, g, index + start).Reshape(b.Size, Count, g.Shape[^1]);
        return PaddingIdx < 0 ? y : Tensor.Where(Tensor.Arange(Count).Eq(PaddingIdx).Unsqueeze(-1), 0, y);
    }
}
