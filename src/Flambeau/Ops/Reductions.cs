using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>What reductions over a set of axes share.</summary>
internal abstract record Reduction(Axes Axes, bool KeepDim) : Op
{
    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x) => new(Axes.Reduce(x[0].Shape, KeepDim), x[0].DType, x[0].Device);

    /// <summary>Runs with the reduced axes kept at size 1.</summary>
    protected static void Run<TOp>(TOp op, Backend d, Tensor x, Axes axes, Tensor y) where TOp : struct, IReduceOp =>
        d.Reduce(op, x, axes, y.Window(Layout.Contiguous(axes.Reduce(x.Shape, true), y.Layout.Offset)));

    /// <summary>A result or its gradient, with the reduced axes at size 1 so that it broadcasts to the input.</summary>
    protected Tensor Wide(Tensor y, Node n) => Wide(y, n.InputShape(0));

    /// <inheritdoc cref="Wide(Tensor, Node)"/>
    protected Tensor Wide(Tensor y, Dims input) => y.Reshape(Axes.Reduce(input, true));

    protected internal override Tensor Batch(in Batched b) => Apply(this with { Axes = new Axes(Axes.Mask << 1) }, b[0]);
}

/// <summary>Σ x; the input has the type of the result, or the result is int64.</summary>
internal sealed record Sum(Axes Axes, bool KeepDim, bool AsInt64 = false) : Reduction(Axes, KeepDim)
{
    protected internal override TensorSpec Infer(Args x) => AsInt64 ? base.Infer(x) with { DType = DType.Int64 } : base.Infer(x);

    protected internal override void Run(Backend d, Args x, Tensor y) => Run(default(SumOp), d, x[0], Axes, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Wide(g, n).Expand(n.InputShape(0))];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);
}

/// <summary>Π x</summary>
internal sealed record Prod(Axes Axes, bool KeepDim) : Reduction(Axes, KeepDim)
{
    protected internal override void Run(Backend d, Args x, Tensor y) => Run(default(ProdOp), d, x[0], Axes, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Wide(g, n) * Slopes(n.Input(0), n.Output())];

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => (Slopes(x[0], y).Conj() * t[0]!).Sum(Axes, KeepDim);

    // ∂y/∂xᵢ, conjugate, is the product of all others: y/xᵢ; where zeros occur, products from the left times products from the right.
    Tensor Slopes(Tensor x, Tensor y)
    {
        if (!x.Eq(0).MayHold) return (Wide(y, x.Shape) / x).Conj();
        // The reduced axes as one, the last.
        int[] reduced = [.. Enumerable.Range(0, x.Rank).Where(Axes.Has)], kept = [.. Enumerable.Range(0, x.Rank).Where(d => !Axes.Has(d))];
        if (reduced.Length == 0) return Tensor.OnesLike(x);
        long[] order = [.. kept.Select(d => (long)d), .. reduced.Select(d => (long)d)];
        Tensor p = x.Permute(order), others = Others(p.Reshape([.. p.Shape.Span[..kept.Length], p.Shape[kept.Length..].Count]), kept.Length).Reshape(p.Shape);
        var back = new long[order.Length];
        for (int d = 0; d < back.Length; d++) back[order[d]] = d;
        return others.Permute(back);
    }

    static Tensor Others(Tensor x, int axis)
    {
        long n = x.Shape[axis];
        Tensor ones = Tensor.OnesLike(x.Narrow(axis, 0, 1));
        Tensor left = Tensor.Cat([ones, x.Narrow(axis, 0, n - 1).CumProd(axis)], axis);
        Tensor right = Tensor.Cat([ones, x.Flip(axis).Narrow(axis, 0, n - 1).CumProd(axis)], axis).Flip(axis);
        return (left * right).Conj();
    }

    protected internal override Saved Saves(uint needs) => Saved.Inputs | Saved.Outputs;
}

/// <summary>The largest or smallest element; the gradient is shared evenly among equals.</summary>
internal sealed record Extreme(bool Largest, Axes Axes, bool KeepDim) : Reduction(Axes, KeepDim)
{
    public override string Name => Largest ? "amax" : "amin";

    protected internal override TensorSpec Infer(Args x)
    {
        if (x[0].DType.IsComplex) throw new ArgumentException($"{Name}: complex numbers have no order.");
        if (Axes.Count(x[0].Shape) == 0) throw new ArgumentException($"{Name}: the reduced axes {Axes} of {x[0].Shape} have no elements, and no element is the {(Largest ? "largest" : "smallest")}.");
        return base.Infer(x);
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        if (Largest) Run(default(MaxOp), d, x[0], Axes, y);
        else Run(default(MinOp), d, x[0], Axes, y);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor mask = n.Input(0).Eq(Wide(n.Output(), n)).To(g.DType);
        return [mask * (Wide(g, n) / mask.Sum(Axes, true))];
    }

    protected internal override Saved Saves(uint needs) => Saved.Inputs | Saved.Outputs;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor mask = x[0].Eq(Wide(y, x[0].Shape)).To(y.DType);
        return (mask * t[0]!).Sum(Axes, KeepDim) / mask.Sum(Axes, KeepDim);
    }
}
