using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>An operation whose result shares its input's storage: only the layout changes.</summary>
public abstract record ViewOp : Op
{
    /// <summary>The layout of the result.</summary>
    protected internal abstract Layout Transform(Layout x);

    /// <summary>The element type of the result.</summary>
    protected internal virtual DType ViewDType(DType x) => x;

    /// <inheritdoc/>
    protected internal sealed override TensorSpec Infer(Args x) => new(Transform(x[0].Layout), ViewDType(x[0].DType), x[0].Device);

    /// <inheritdoc/>
    protected internal sealed override void Run(Backend d, Args x, Tensor y) { }

    /// <inheritdoc/>
    protected internal override Saved Saves(uint needs) => Saved.None;

    /// <summary>The same view of every element along a new first axis.</summary>
    internal virtual ViewOp Shifted => throw new NotSupportedException($"{Name} is no view of each element along an axis.");

    /// <inheritdoc/>
    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    /// <inheritdoc/>
    protected internal override Tensor Batch(in Batched b) => Apply(Shifted, b[0]);

    /// <summary>Refuses a view that would reach out of the storage; only those of arbitrary strides can.</summary>
    internal virtual void CheckBounds(Tensor x) { }

    internal sealed override Tensor Execute(Args inputs)
    {
        CheckBounds(inputs[0]);
        Tensor x = inputs[0], y = x.Alias(Transform(x.Layout), ViewDType(x.DType));
        y.SetView(x, this);
        return y;
    }
}
