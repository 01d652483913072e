using Flambeau.Backends;

namespace Flambeau.Ops;

/// <summary>The end of the tape at a leaf: what arrives is added to the leaf's <see cref="Tensor.Grad"/>.</summary>
internal sealed record AccumulateGrad : Op
{
    public static readonly AccumulateGrad Instance = new();

    protected internal override TensorSpec Infer(Args x) => throw new NotSupportedException();

    protected internal override void Run(Backend d, Args x, Tensor y) => throw new NotSupportedException();

    protected internal override Saved Saves(uint needs) => Saved.None;
}
