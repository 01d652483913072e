using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>The first argument with the region that the views lead to replaced by the second: what an in-place operation on a view did to its root.</summary>
internal sealed record ViewScatter(ViewOp[] Path) : Op
{
    protected internal override TensorSpec Infer(Args x) => new(x[0].Shape, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        d.Copy(x[0], y);
        d.Copy(x[1], Region(y));
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor? outside = null;
        if (n.Needs(0))
        {
            outside = g.Clone();
            Region(outside).ZeroInPlace();
        }
        return [outside, n.Needs(1) ? Region(g.Contiguous()) : null];
    }

    protected internal override Saved Saves(uint needs) => Saved.None;

    Tensor Region(Tensor root)
    {
        foreach (ViewOp op in Path) root = Apply(op, root);
        return root;
    }

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor d = t[0]?.Clone() ?? Tensor.ZerosLike(y);
        if (t[1] is { } inside) Region(d).CopyInPlace(inside);
        else Region(d).ZeroInPlace();
        return d;
    }

    protected internal override Tensor Batch(in Batched b) => Apply(new ViewScatter(Array.ConvertAll(Path, p => p.Shifted)), b.Full());
}
