using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>
/// Σ f(a, b) over axes of the broadcast inputs, without a tensor of the summands: losses, variances, norms. Of real numbers of one type, and of
/// bodies whose derivatives do not look at f.
/// </summary>
internal sealed record SumOf<TOp>(TOp Fn, Axes Axes, bool KeepDim) : Op where TOp : struct, IBinaryOp
{
    static Dims Shape(Args x) => Shapes.Broadcast(TOp.Name, x[0].Shape, x[1].Shape);

    public override string Name => TOp.Name;

    protected internal override bool TakesLowPrecision => true;

    /// <summary>Whether a and b can be summed so; else what calls it is a composition.</summary>
    public static bool Takes(Tensor a, Tensor b) => a.DType == b.DType && a.DType.IsFloatingPoint && a.Device == b.Device;

    protected internal override TensorSpec Infer(Args x) => new(Axes.Reduce(Shape(x), KeepDim), x[0].DType, Shapes.SameDevice(TOp.Name, x));

    protected internal override void Run(Backend d, Args x, Tensor y) =>
        d.Reduce(new Forward2<TOp>(Fn), default(SumOp), x, Axes, y.Window(Layout.Contiguous(Axes.Reduce(Shape(x), true), y.Layout.Offset)));

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Dims all = Shapes.Broadcast(TOp.Name, n.InputShape(0), n.InputShape(1));
        return new Binary<TOp>(Fn).Backward(g.Reshape(Axes.Reduce(all, true)).Expand(all), n);
    }

    protected internal override Saved Saves(uint needs) => new Binary<TOp>(Fn).Saves(needs);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => new Binary<TOp>(Fn).Jvp(x, t, y)?.Expand(Shape(x)).Sum(Axes, KeepDim);

    protected internal override Tensor Batch(in Batched b) => Apply(this with { Axes = new Axes(Axes.Mask << 1) }, b.Aligned());
}
