using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>
/// Rows that are normalized each by itself, and which factor belongs to an element: row r has Channels stretches of Span elements, and
/// stretch k takes factor (r mod Groups) · Channels + k.
/// </summary>
internal readonly record struct NormRows(long Rows, long Groups, long Channels, long Span)
{
    public long Length => Channels * Span;

    /// <summary>The rows, their groups, channels and spans as axes.</summary>
    public long[] Axes => [Rows / Math.Max(1, Groups), Groups, Channels, Span];
}

/// <summary>
/// y = (x − mean)/√(var + ε) · weight + bias in each row: layer, group and instance normalization; not centered, x/√(mean of squares + ε).
/// Inputs: x, [weight, [bias]]. Results: y, and for the derivative mean and 1/√(var + ε) of each row.
/// </summary>
internal sealed record RowNorm(NormRows Rows, double Eps, bool Centered) : MultiOp
{
    public override string Name => !Centered ? "rms_norm" : Rows is { Groups: 1, Span: 1 } ? "layer_norm" : "group_norm";

    protected internal override bool IsResultDifferentiable(int i) => i == 0;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        if (!x[0].DType.IsFloatingPoint) throw new ArgumentException($"{Name}: the input is {x[0].DType}; only floating-point tensors can be normalized.");
        for (int i = 1; i < x.Length; i++)
            if (x[i].DType != x[0].DType)
                throw new ArgumentException($"{Name}: the input is {x[0].DType}, its {(i == 1 ? "weight" : "bias")} {x[i].DType}; they must be of one type.");
        TensorSpec rows = new(new Dims([Rows.Rows]), x[0].DType.Compute, x[0].Device);
        return [new(x[0].Shape, x[0].DType, Shapes.SameDevice(Name, x)), rows, rows];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        d.RowNorm(x[0].MakeContiguous(), x.Length > 1 ? x[1].MakeContiguous() : null, x.Length > 2 ? x[2].MakeContiguous() : null, Rows, Eps,
            Centered, y[0], y[1], y[2]);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor x = n.Input(0);
        Tensor? weight = n.InputCount > 1 ? n.Input(1) : null;
        if (!Autograd.IsComposing)
        {
            var op = new RowNormBackward(Rows, Centered);
            Tensor[] d = weight is null ? ApplyAll(op, g[0]!, x, n.Output(1), n.Output(2)) : ApplyAll(op, g[0]!, x, n.Output(1), n.Output(2), weight);
            return [d[0], .. Enumerable.Range(1, n.InputCount - 1).Select(i => d[i].Reshape(n.InputShape(i)))];
        }
        Tensor x4 = x.Reshape(Rows.Axes), g4 = g[0]!.Reshape(Rows.Axes);
        Tensor away = Centered ? x4 - x4.Mean([2, 3], true) : x4, rstd = (away.Square().Mean([2, 3], true) + Eps).Rsqrt(), normal = away * rstd;
        Tensor gw = weight is null ? g4 : g4 * weight.Reshape([Rows.Groups, Rows.Channels, 1]);
        Tensor dx = gw - normal * (gw * normal).Mean([2, 3], true);
        if (Centered) dx = dx - gw.Mean([2, 3], true);
        Tensor?[] back = [(dx * rstd).Reshape(x.Shape), (g4 * normal).Sum([0, 3]), g4.Sum([0, 3])];
        for (int i = 1; i < n.InputCount; i++) back[i] = back[i]!.Reshape(n.InputShape(i));
        return back[..n.InputCount];
    }

    protected internal override Saved Saves(uint needs) => new(3, 6);

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor x4 = x[0].Reshape(Rows.Axes), away = Centered ? x4 - x4.Mean([2, 3], true) : x4, rstd = (away.Square().Mean([2, 3], true) + Eps).Rsqrt(), normal = away * rstd;
        long[] factors = [Rows.Groups, Rows.Channels, 1];
        Tensor? d = null;
        if (t[0] is { } tx)
        {
            Tensor t4 = tx.Reshape(Rows.Axes);
            if (Centered) t4 = t4 - t4.Mean([2, 3], true);
            d = rstd * (t4 - normal * (normal * t4).Mean([2, 3], true));
            if (x.Length > 1) d = d * x[1].Reshape(factors);
        }
        if (x.Length > 1 && t[1] is { } tw) d = Plus(d, normal * tw.Reshape(factors));
        if (x.Length > 2 && t[2] is { } tb) d = Plus(d, tb.Reshape(factors).Expand(Rows.Axes));
        return [d?.Reshape(x[0].Shape), null, null];
    }

    protected internal override Tensor[] BatchAll(in Batched b)
    {
        bool sharesFactors = !(b.Count > 1 && b.IsMapped(1)) && !(b.Count > 2 && b.IsMapped(2));
        RowNorm all = this with { Rows = Rows with { Rows = b.Size * Rows.Rows } };
        Tensor x = b.Full(0);
        Tensor[] y = ApplyAll(all, sharesFactors ? [x, .. b.Values[1..]] : [x]);
        if (!sharesFactors)                                                     // each example has its own: they are applied afterwards
        {
            Tensor normal = y[0].Reshape([b.Size, .. Rows.Axes]);
            for (int i = 1; i < b.Count; i++)
            {
                Tensor f = b.Full(i).Reshape(b.Size, 1, Rows.Groups, Rows.Channels, 1);
                normal = i == 1 ? normal * f : normal + f;
            }
            y[0] = normal.Reshape(x.Shape);
        }
        return [y[0], Conv.Apart(y[1], b.Size), Conv.Apart(y[2], b.Size)];
    }
}

/// <summary>The gradients of a row normalization's input, weight and bias. Inputs: gradient, x, mean, 1/√(var + ε), [weight].</summary>
internal sealed record RowNormBackward(NormRows Rows, bool Centered) : MultiOp
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        TensorSpec each = new(new Dims([Rows.Groups * Rows.Channels]), x[1].DType, x[1].Device);
        return [new(x[1].Shape, x[1].DType, x[1].Device), each, each];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        d.RowNormBackward(x[0].MakeContiguous(), x[1].MakeContiguous(), x[2], x[3], x.Length > 4 ? x[4].MakeContiguous() : null, Rows, Centered,
            y[0], y[1], y[2]);
}

/// <summary>
/// y = (x − mean)/√(var + ε) · weight + bias with mean and variance over all but axis 1. Inputs: x, [weight, [bias]].
/// Results: y, mean and variance (over n, not n − 1) of each channel.
/// </summary>
internal sealed record BatchNorm(double Eps) : MultiOp
{
    protected internal override bool IsResultDifferentiable(int i) => i == 0;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        if (!x[0].DType.IsFloatingPoint) throw new ArgumentException($"{Name}: the input is {x[0].DType}; only floating-point tensors can be normalized.");
        for (int i = 1; i < x.Length; i++)
            if (x[i].DType != x[0].DType)
                throw new ArgumentException($"{Name}: the input is {x[0].DType}, its {(i == 1 ? "weight" : "bias")} {x[i].DType}; they must be of one type.");
        TensorSpec each = new(x[0].Shape[1..2], x[0].DType.Compute, x[0].Device);
        return [new(x[0].Shape, x[0].DType, Shapes.SameDevice(Name, x)), each, each];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => d.BatchNorm(x[0].MakeContiguous(), x.Length > 1 ? x[1].MakeContiguous() : null,
        x.Length > 2 ? x[2].MakeContiguous() : null, Lines.Along(x[0].Shape, 1), Eps, y[0], y[1], y[2]);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor x = n.Input(0);
        Tensor? weight = n.InputCount > 1 ? n.Input(1) : null;
        if (!Autograd.IsComposing)
        {
            var op = new BatchNormBackward(Eps);
            Tensor[] d = weight is null ? ApplyAll(op, g[0]!, x, n.Output(1), n.Output(2)) : ApplyAll(op, g[0]!, x, n.Output(1), n.Output(2), weight);
            return d[..n.InputCount];
        }
        Lines s = Lines.Along(x.Shape, 1);
        Tensor x3 = x.Reshape(s.Outer, s.Length, s.Inner), g3 = g[0]!.Reshape(s.Outer, s.Length, s.Inner);
        Tensor away = x3 - x3.Mean([0, 2], true), rstd = (away.Square().Mean([0, 2], true) + Eps).Rsqrt(), normal = away * rstd;
        Tensor gw = weight is null ? g3 : g3 * weight.Reshape(s.Length, 1);
        Tensor dx = rstd * (gw - gw.Mean([0, 2], true) - normal * (gw * normal).Mean([0, 2], true));
        Tensor?[] back = [dx.Reshape(x.Shape), (g3 * normal).Sum([0, 2]), g3.Sum([0, 2])];
        return back[..n.InputCount];
    }

    protected internal override Saved Saves(uint needs) => new(3, 6);

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Lines s = Lines.Along(x[0].Shape, 1);
        Tensor x3 = x[0].Reshape(s.Outer, s.Length, s.Inner), away = x3 - x3.Mean([0, 2], true), rstd = (away.Square().Mean([0, 2], true) + Eps).Rsqrt(), normal = away * rstd;
        Tensor? d = null;
        if (t[0] is { } tx)
        {
            Tensor t3 = tx.Reshape(s.Outer, s.Length, s.Inner);
            t3 = t3 - t3.Mean([0, 2], true);
            d = rstd * (t3 - normal * (normal * t3).Mean([0, 2], true));
            if (x.Length > 1) d = d * x[1].Reshape(s.Length, 1);
        }
        if (x.Length > 1 && t[1] is { } tw) d = Plus(d, normal * tw.Reshape(s.Length, 1));
        if (x.Length > 2 && t[2] is { } tb) d = Plus(d, tb.Reshape(s.Length, 1).Expand(normal.Shape));
        return [d?.Reshape(x[0].Shape), null, null];
    }

    protected internal override Tensor[] BatchAll(in Batched b)
    {
        Tensor x = b.Full(0).Transpose(0, 1).Flatten(1, 2);                     // (N, n · C, …): the examples' channels side by side
        Tensor[] inputs = [x, .. Enumerable.Range(1, b.Count - 1).Select(_ => x)];
        for (int i = 1; i < b.Count; i++) inputs[i] = b.Full(i).Flatten();
        Tensor[] y = ApplyAll(this, inputs);
        return [Conv.Channels(y[0], b.Size), Conv.Apart(y[1], b.Size), Conv.Apart(y[2], b.Size)];
    }
}

/// <summary>The gradients of a batch normalization's input, weight and bias. Inputs: gradient, x, mean, variance, [weight].</summary>
internal sealed record BatchNormBackward(double Eps) : MultiOp
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        TensorSpec each = new(x[1].Shape[1..2], x[1].DType, x[1].Device);
        return [new(x[1].Shape, x[1].DType, x[1].Device), each, each];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => d.BatchNormBackward(x[0].MakeContiguous(), x[1].MakeContiguous(), x[2], x[3],
        x.Length > 4 ? x[4].MakeContiguous() : null, Lines.Along(x[1].Shape, 1), Eps, y[0], y[1], y[2]);
}
