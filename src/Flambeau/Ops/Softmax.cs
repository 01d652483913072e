using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>y = eˣ / Σ eˣ along an axis, or its logarithm.</summary>
internal sealed record Softmax(int Dim, bool Log) : Op
{
    public override string Name => Log ? "log_softmax" : "softmax";

    protected internal override TensorSpec Infer(Args x)
    {
        if (!x[0].DType.IsFloatingPoint)
            throw new ArgumentException($"{Name} is not defined for {x[0].DType} tensors. Pass dtype: DType.Float32, or convert first.");
        return new(x[0].Shape, x[0].DType, x[0].Device);
    }

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Softmax(x[0].MakeContiguous(), Lines.Along(y.Shape, Dim), Log, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor y = n.Output();
        if (!Autograd.IsComposing) return [Apply(new SoftmaxBackward(Dim, Log), g, y)];
        return [Log ? g - y.Exp() * g.Sum(Dim, keepDim: true) : y * (g - (g * y).Sum(Dim, keepDim: true))];
    }

    protected internal override Saved Saves(uint needs) => Saved.Outputs;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor d = t[0]!;
        return Log ? d - (y.Exp() * d).Sum(Dim, keepDim: true) : y * (d - (y * d).Sum(Dim, keepDim: true));
    }

    protected internal override Tensor Batch(in Batched b) => Apply(this with { Dim = b.Rank(0) == 0 ? 1 : Dim + 1 }, b.Rank(0) == 0 ? b[0].Unsqueeze(1) : b[0]).Reshape(b[0].Shape);
}

/// <summary>The gradient of softmax's input from that of its result and the result, in one pass.</summary>
internal sealed record SoftmaxBackward(int Dim, bool Log) : Op
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec Infer(Args x) => new(x[1].Shape, x[1].DType, x[1].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) =>
        d.SoftmaxBackward(x[0].MakeContiguous(), x[1].MakeContiguous(), Lines.Along(y.Shape, Dim), Log, y);
}
