using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>A value around the input: Before and After elements along each axis; negative ones are cut off.</summary>
internal sealed record ConstantPad(Dims Before, Dims After, double Value) : Op
{
    public override string Name => "pad";

    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x)
    {
        var y = new long[x[0].Rank];
        for (int d = 0; d < y.Length; d++)
            if ((y[d] = x[0].Shape[d] + Before[d] + After[d]) < 0)
                throw new ArgumentException($"pad: axis {d} of {x[0].Shape} has {x[0].Shape[d]} elements, from which {-Before[d] - After[d]} cannot be cut.");
        return new(new Dims(y), x[0].DType, x[0].Device);
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        if (d.TryPad(x[0], Before, null, Value, y)) return;
        d.Fill(y, Value);
        Layout from = x[0].Layout, to = y.Layout;
        for (int a = 0; a < from.Rank; a++)
        {
            from = Cut(from, a, Before[a], After[a]);
            to = Cut(to, a, -Before[a], -After[a]);
        }
        if (to.Count > 0) d.Copy(x[0].Window(from), y.Window(to));
    }

    // Without what negative pads take away.
    static Layout Cut(Layout l, int axis, long before, long after) =>
        new Slice(axis, Math.Max(0, -before), Math.Max(Math.Max(0, -before), l.Shape[axis] - Math.Max(0, -after)), 1).Transform(l);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new ConstantPad(Negated(Before), Negated(After), 0), g)];

    static Dims Negated(Dims d) => d.Select(v => -v).ToArray();

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this with { Value = 0 }, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Apply(new ConstantPad([0, .. Before.Span], [0, .. After.Span], Value), b[0]);
}
