using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>One triangle of matrices, zeros elsewhere: where column − row ≤ diagonal, or with <paramref name="Upper"/> ≥.</summary>
internal sealed record Triangular(long Diagonal, bool Upper) : Op
{
    public override string Name => Upper ? "triu" : "tril";

    protected internal override bool TakesLowPrecision => true;

    protected internal override bool AllowsAliasing => true;

    protected internal override TensorSpec Infer(Args x) => new(x[0].Shape, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        if (y.IsContiguous)
        {
            d.Triangular(x[0].MakeContiguous(), Diagonal, Upper, y);
            return;
        }
        Tensor whole = Tensor.Empty(new TensorSpec(y.Shape, y.DType, y.Device));
        d.Triangular(x[0].MakeContiguous(), Diagonal, Upper, whole);
        d.Copy(whole, y);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(this, g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Apply(this, b[0]);
}
