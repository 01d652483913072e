using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>A contiguous copy, in another type if so wished. The engine brings the gradient back to the input's type.</summary>
internal sealed record Cast(DType To) : Op
{
    public override string Name => "to";

    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x) => new(x[0].Shape, To, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Copy(x[0], y);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [g];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => To.IsDifferentiable ? t[0] : null;

    protected internal override Tensor Batch(in Batched b) => Apply(this, b[0]);
}

/// <summary>The second argument, broadcast and converted, in place of the first: PyTorch's <c>copy_</c> as an operation.</summary>
internal sealed record Assign : Op
{
    public static readonly Assign Instance = new();

    public override string Name => "copy";

    protected internal override bool TakesLowPrecision => true;

    protected internal override bool AllowsAliasing => true;

    protected internal override TensorSpec Infer(Args x)
    {
        if (Shapes.Broadcast("copy", x[0].Shape, x[1].Shape) != x[0].Shape)
            throw new ArgumentException($"copy: the source of shape {x[1].Shape} does not broadcast to the destination's {x[0].Shape}.");
        return new(x[0].Shape, x[0].DType, x[0].Device);
    }

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Copy(x[1], y);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [n.Needs(0) ? Tensor.ZerosLike(g) : null, n.Needs(1) ? g : null];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => t[1];

    protected internal override Tensor Batch(in Batched b)
    {
        Tensor to = b.Full(0), from = b.IsMapped(1) ? b.Padded(1, b.Rank(0)) : b[1];
        return from.To(to.DType).Expand(to.Shape).Clone();
    }
}

/// <summary>One value everywhere: <c>fill_</c>.</summary>
internal sealed record FillOp(System.Numerics.Complex Value) : Op
{
    public override string Name => "fill";

    protected internal override bool TakesLowPrecision => true;

    protected internal override bool AllowsAliasing => true;

    protected internal override TensorSpec Infer(Args x) => new(x[0].Shape, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Fill(y, Value);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Tensor.ZerosLike(g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => null;

    protected internal override Tensor Batch(in Batched b) => Tensor.Full(b[0].Shape, Value, b[0].DType, b[0].Device);
}

/// <summary>condition ? a : b</summary>
internal sealed record Where : Op
{
    public static readonly Where Instance = new();

    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x)
    {
        if (x[0].DType != DType.Bool) throw new ArgumentException($"where: the condition must be a bool tensor, not {x[0].DType}. Compare with 0: condition.Ne(0).");
        Dims shape = Shapes.Broadcast("where", Shapes.Broadcast("where", x[0].Shape, x[1].Shape), x[2].Shape);
        return new(shape, Shapes.ResultType(x[1..]), Shapes.SameDevice("where", x));
    }

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Where(x[0], x[1].CastTo(y.DType), x[2].CastTo(y.DType), y);

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor condition = n.Input(0);
        return [null, n.Needs(1) ? Tensor.Where(condition, g, Zero(g)) : null, n.Needs(2) ? Tensor.Where(condition, Zero(g), g) : null];
    }

    static Tensor Zero(Tensor g) => Tensor.Zeros(new TensorSpec(Layout.Scalar, g.DType, g.Device));

    protected internal override Saved Saves(uint needs) => new(1, 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor zero = Zero(y);
        return t[1] is null && t[2] is null ? null : Tensor.Where(x[0], t[1] ?? zero, t[2] ?? zero);
    }

    protected internal override Tensor Batch(in Batched b)
    {
        Tensor[] x = b.Aligned(promotes: false);
        DType common = Shapes.ResultType(b.Examples[1..]);
        for (int i = 1; i < 3; i++) if (b.IsMapped(i) && b.Rank(i) == 0) x[i] = x[i].To(common);
        return Apply(this, x);
    }
}
