using Flambeau.Backends;

namespace Flambeau.Ops;

/// <summary>What reductions over a set of axes share.</summary>
internal abstract record Reduction(Axes Axes, bool KeepDim) : Op
{
    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x) => new(Axes.Reduce(x[0].Shape, KeepDim), x[0].DType, x[0].Device);

    /// <summary>Runs with the reduced axes kept at size 1.</summary>
    protected static void Run<TOp>(TOp op, Backend d, Tensor x, Axes axes, Tensor y) where TOp : struct, IReduceOp =>
        d.Reduce(op, x, axes, y.Window(Layout.Contiguous(axes.Reduce(x.Shape, true))));

    /// <summary>A result or its gradient, with the reduced axes at size 1 so that it broadcasts to the input.</summary>
    protected Tensor Wide(Tensor y, Node n) => y.Reshape(Axes.Reduce(n.InputShape(0), true));
}

/// <summary>Σ x; the input has the type of the result.</summary>
internal sealed record Sum(Axes Axes, bool KeepDim) : Reduction(Axes, KeepDim)
{
    protected internal override void Run(Backend d, Args x, Tensor y) => Run(default(SumOp), d, x[0], Axes, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Wide(g, n).Expand(n.InputShape(0))];

    protected internal override Saved Saves(uint needs) => Saved.None;
}

/// <summary>Π x</summary>
internal sealed record Prod(Axes Axes, bool KeepDim) : Reduction(Axes, KeepDim)
{
    protected internal override void Run(Backend d, Args x, Tensor y) => Run(default(ProdOp), d, x[0], Axes, y);

    // ∂y/∂xᵢ is the product of all others: y/xᵢ; where zeros occur, products from the left times products from the right.
    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor x = n.Input(0), y = n.Output();
        if (!x.Eq(0).Any().Item<bool>()) return [Wide(g, n) * (Wide(y, n) / x).Conj()];
        int axis = System.Numerics.BitOperations.TrailingZeroCount(Axes.Mask);
        if (System.Numerics.BitOperations.PopCount(Axes.Mask) != 1 || x.Rank == 0) return [(g.Reshape([]) * Others(x.Reshape(-1), 0)).Reshape(x.Shape)];
        return [Wide(g, n) * Others(x, axis)];
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
}
