using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>y = x / max(‖x‖, ε) along the last axis, ε &gt; 0: of floats and doubles.</summary>
internal sealed record UnitRows(double Eps) : Op
{
    public override string Name => "normalize";

    protected internal override TensorSpec Infer(Args x) => new(x[0].Shape, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.UnitRows(x[0].MakeContiguous(), Eps, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Along(g, n.Input(0), n.Output())];

    protected internal override Saved Saves(uint needs) => new(1, 1);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Along(t[0]!, x[0], y);

    protected internal override Tensor Batch(in Batched b) => Apply(this, b[0]);

    // The derivative, which is symmetric, times v: what lies along y goes, unless ε is what divides.
    Tensor Along(Tensor v, Tensor x, Tensor y)
    {
        Tensor norm = VectorNorms.Along(x, 2, [-1], true);
        return (v - y * Tensor.Where(norm >= Eps, (v * y).Sum(-1, true), 0.0)) / norm.Clamp(min: Eps);
    }
}

/// <summary>Σ a b / (max(‖a‖, ε) max(‖b‖, ε)) along the last axis, ε &gt; 0: of floats or doubles of one shape.</summary>
internal sealed record RowCosine(double Eps) : Op
{
    public override string Name => "cosine_similarity";

    protected internal override TensorSpec Infer(Args x) => new(x[0].Shape[..^1], x[0].DType, Shapes.SameDevice(Name, x));

    protected internal override void Run(Backend d, Args x, Tensor y) => d.RowCosine(x[0].MakeContiguous(), x[1].MakeContiguous(), Eps, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        (Tensor a, Tensor b, Tensor y) = (n.Input(0), n.Input(1), n.Output());
        Tensor up = g.Unsqueeze(-1);
        return [n.Needs(0) ? up * By(a, b, y) : null, n.Needs(1) ? up * By(b, a, y) : null];
    }

    protected internal override Saved Saves(uint needs) => new(3, 1);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) =>
        Plus(t[0] is { } ta ? (ta * By(x[0], x[1], y)).Sum(-1) : null, t[1] is { } tb ? (tb * By(x[1], x[0], y)).Sum(-1) : null);

    protected internal override Tensor Batch(in Batched b) => Apply(this, b.Full(0), b.Full(1));

    // The gradient by a: the other's unit vector less what of it lies along a, unless ε is what divides, over a's norm.
    Tensor By(Tensor a, Tensor b, Tensor y)
    {
        Tensor norm = VectorNorms.Along(a, 2, [-1], true), held = norm.Clamp(min: Eps);
        return (b / VectorNorms.Along(b, 2, [-1], true).Clamp(min: Eps) - a / held * Tensor.Where(norm >= Eps, y.Unsqueeze(-1), 0.0)) / held;
    }
}
