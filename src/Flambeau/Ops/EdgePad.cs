using Flambeau.Backends;

namespace Flambeau.Ops;

/// <summary>What continues a tensor beyond its ends: the elements before the edge backward, the edge itself, or the other end's.</summary>
internal enum EdgeMode { Reflect, Replicate, Circular }

/// <summary>
/// The input continued, Before and After elements along each axis, none negative. The input is copied into the middle; then, axis by axis, the ends are copies
/// from within the result, which by then holds what they repeat: joins of an axis' three parts copied everything once for each axis and took twice as long.
/// </summary>
internal sealed record EdgePad(EdgeMode Mode, Dims Before, Dims After) : Op
{
    public override string Name => "pad";

    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x) => new(Padded(x[0].Shape, 1), x[0].DType, x[0].Device);

    /// <summary>The shape with (1) or without (−1) the ends.</summary>
    internal Dims Padded(Dims shape, int sign)
    {
        var y = shape.ToArray();
        for (int d = 0; d < y.Length; d++) y[d] += sign * (Before[d] + After[d]);
        return new(y);
    }

    /// <summary>Where the first <paramref name="axes"/> axes have no ends yet, in a tensor of the layout given, which has all.</summary>
    internal Layout Middle(Layout l, int axes)
    {
        for (int d = 0; d < axes; d++) l = new Slice(d, Before[d], l.Shape[d] - After[d], 1).Transform(l);
        return l;
    }

    /// <summary>Along an axis of a middle: the end before or after it, and the elements that it repeats, in the end's order.</summary>
    internal (Layout End, Layout Source) Along(Layout middle, int axis, bool isFirst)
    {
        long n = middle.Shape[axis], size = isFirst ? Before[axis] : After[axis], step = middle.Strides[axis];
        long from = Mode switch
        {
            EdgeMode.Reflect => isFirst ? size : n - 2,
            EdgeMode.Replicate => isFirst ? 0 : n - 1,
            _ => isFirst ? n - size : 0,
        };
        long[] shape = middle.Shape.ToArray(), strides = middle.Strides.ToArray();
        shape[axis] = size;
        Layout end = new(new Dims(shape), (long[])strides.Clone(), middle.Offset + (isFirst ? -size : n) * step);
        strides[axis] = Mode switch { EdgeMode.Reflect => -step, EdgeMode.Replicate => 0, _ => step };
        return (end, new(new Dims(shape), strides, middle.Offset + from * step));
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        if (y.Count == 0 || d.TryPad(x[0], Before, Mode, 0, y)) return;
        d.Copy(x[0], y.Window(Middle(y.Layout, y.Rank)));
        for (int axis = y.Rank - 1; axis >= 0; axis--)
            for (int side = 0; side < 2; side++)
                if ((side == 0 ? Before : After)[axis] > 0)
                {
                    (Layout end, Layout source) = Along(Middle(y.Layout, axis + 1), axis, side == 0);
                    d.Copy(y.Window(source), y.Window(end));
                }
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new EdgePadInput(this), g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Transforms.Batched b) => Apply(Shifted, b[0]);

    /// <summary>The same with one more axis before all.</summary>
    internal EdgePad Shifted => new(Mode, [0, .. Before.Span], [0, .. After.Span]);
}

/// <summary>The adjoint of <see cref="EdgePad"/>: its steps backward, in which the ends are added to what they repeat.</summary>
internal sealed record EdgePadInput(EdgePad Of) : Op
{
    public override string Name => "pad backward";

    protected internal override TensorSpec Infer(Args x) => new(Of.Padded(x[0].Shape, -1), x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        if (y.Count == 0) return;
        using Tensor sum = Tensor.Empty(new TensorSpec(x[0].Shape, y.DType, y.Device));
        d.Copy(x[0], sum);
        for (int axis = 0; axis < y.Rank; axis++)
            for (int side = 0; side < 2; side++)
            {
                long size = (side == 0 ? Of.Before : Of.After)[axis];
                if (size == 0) continue;
                (Layout end, Layout source) = Of.Along(Of.Middle(sum.Layout, axis + 1), axis, side == 0);
                // An edge takes all of its repetitions, one after another.
                int parts = Of.Mode == EdgeMode.Replicate ? (int)size : 1;
                for (int k = 0; k < parts; k++)
                {
                    Slice part = new(axis, k, parts == 1 ? size : k + 1, 1);
                    Tensor to = sum.Window(part.Transform(source)), from = sum.Window(part.Transform(end));
                    d.Elementwise(new Forward2<Add>(default), [to, from], to);
                }
            }
        d.Copy(sum.Window(Of.Middle(sum.Layout, sum.Rank)), y);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(Of, g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Transforms.Batched b) => Apply(new EdgePadInput(Of.Shifted), b[0]);
}
