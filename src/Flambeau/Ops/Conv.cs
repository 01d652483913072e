using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>How the filters of a convolution move over its input: one number for each spatial axis, and the number of groups.</summary>
internal readonly record struct ConvWindow(Dims Stride, Dims Padding, Dims Dilation, long Groups)
{
    /// <summary>The number of spatial axes.</summary>
    public int Rank => Stride.Length;

    /// <summary>⌊(n + 2p − d(k − 1) − 1)/s⌋ + 1</summary>
    public long Output(int axis, long input, long kernel) => Math.Max(0, (input + 2 * Padding[axis] - Dilation[axis] * (kernel - 1) - 1 + Stride[axis]) / Stride[axis]);

    /// <summary>What every convolution asks of its arguments.</summary>
    public void Check(string op, Tensor x, Tensor w, Tensor? bias, long channels, long results)
    {
        int rank = Rank;
        if (x.Rank != rank + 2 || w.Rank != rank + 2)
            throw new ArgumentException($"{op}: the input must have {rank + 2} axes (batch, channels, {rank} spatial) and the weight too; their shapes are {x.Shape} and {w.Shape}.");
        if (!x.DType.IsFloatingPoint) throw new ArgumentException($"{op} is defined for floating-point tensors, not for {x.DType}.");
        CheckNumbers(op, x, w, bias, channels, results);
    }

    /// <summary>As <see cref="Check"/>, without ranks and the kind of type.</summary>
    public void CheckNumbers(string op, Tensor x, Tensor w, Tensor? bias, long channels, long results)
    {
        int rank = Rank;
        if (x.DType != w.DType || bias is not null && bias.DType != w.DType)
            throw new ArgumentException($"{op}: the input is {x.DType}, the weight {w.DType}{(bias is null ? "" : $", the bias {bias.DType}")}; they must be of one type.");
        if (Groups <= 0 || channels % Groups != 0 || results % Groups != 0)
            throw new ArgumentException($"{op}: {channels} input and {results} output channels cannot be parted into {Groups} groups.");
        for (int d = 0; d < rank; d++)
            if (Stride[d] <= 0 || Dilation[d] <= 0 || Padding[d] < 0)
                throw new ArgumentException($"{op}: stride {Stride} and dilation {Dilation} must be positive, padding {Padding} not negative.");
        if (bias is not null && bias.Shape != new Dims([results])) throw new ArgumentException($"{op}: a bias of shape {bias.Shape} does not fit {results} output channels.");
    }
}

/// <summary>y[n, o, p] = Σ x[n, c, p·stride + k·dilation − padding] · w[o, c, k] [+ bias[o]]: (N, C, *), (O, C/groups, *k) → (N, O, *).</summary>
internal sealed record Conv(ConvWindow Window) : Op
{
    public override string Name => $"conv{Window.Rank}d";

    protected internal override TensorSpec Infer(Args x)
    {
        Tensor a = x[0], w = x[1];
        if (a.Rank == Window.Rank + 2 && w.Rank == a.Rank && a.Shape[1] != w.Shape[1] * Window.Groups)
            throw new ArgumentException($"{Name}: the input of shape {a.Shape} has {a.Shape[1]} channels; a weight of shape {w.Shape} with {Window.Groups} groups wants {w.Shape[1] * Window.Groups}.");
        Window.Check(Name, a, w, x.Length > 2 ? x[2] : null, a.Rank > 1 ? a.Shape[1] : 0, w.Rank > 0 ? w.Shape[0] : 0);
        var y = new long[a.Rank];
        (y[0], y[1]) = (a.Shape[0], w.Shape[0]);
        for (int d = 0; d < Window.Rank; d++)
            if ((y[d + 2] = Window.Output(d, a.Shape[d + 2], w.Shape[d + 2])) <= 0)
                throw new ArgumentException($"{Name}: filters of shape {w.Shape} (dilation {Window.Dilation}) do not fit an input of shape {a.Shape} with padding {Window.Padding}.");
        return new(new Dims(y), a.DType, Shapes.SameDevice(Name, x));
    }

    protected internal override void Run(Backend d, Args x, Tensor y) =>
        d.Conv(x[0].MakeContiguous(), x[1].MakeContiguous(), x.Length > 2 ? x[2].MakeContiguous() : null, y, Window);

    protected internal override long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => y[0].Count * x[1].Shape[1..].Count;

    protected internal override Tensor?[] Backward(Tensor g, Node n)                                        // g: (N, O, *)
    {
        Tensor? dx = n.Needs(0) ? Apply(new ConvInput(Window, n.InputShape(0)), g, n.Input(1)) : null;
        Tensor? dw = n.Needs(1) ? Apply(new ConvWeight(Window, n.InputShape(1)), n.Input(0), g) : null;
        return n.InputCount > 2 ? [dx, dw, n.Needs(2) ? SumOverAllBut1(g) : null] : [dx, dw];
    }

    internal static Tensor SumOverAllBut1(Tensor g) => g.Sum(new Axes(Axes.All(g.Rank).Mask & ~2u), false);

    protected internal override Saved Saves(uint needs) => new(((needs & 1) << 1) | ((needs & 2) >> 1), 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor? d = Plus(t[0] is { } tx ? Apply(this, tx, x[1]) : null, t[1] is { } tw ? Apply(this, x[0], tw) : null);
        return x.Length > 2 && t[2] is { } tb ? Plus(d, AsChannels(tb, Window.Rank).Expand(y.Shape)) : d;
    }

    protected internal override Tensor Batch(in Batched b)
    {
        if (!b.IsMapped(1) && !(b.Count > 2 && b.IsMapped(2))) return Apart(Apply(this, [Joined(b[0]), .. b.Values[1..]]), b.Size);
        Tensor y = b.IsMapped(1)                                                // each example is a group of channels
            ? Channels(Apply(new Conv(Window with { Groups = Window.Groups * b.Size }), Grouped(b.Full(0)), Joined(b[1])), b.Size)
            : Apart(Apply(this, Joined(b.Full(0)), b[1]), b.Size);
        return b.Count > 2 ? y + AsChannels(b.IsMapped(2) ? b[2].Unsqueeze(1) : b[2], Window.Rank) : y;
    }

    /// <summary>(…, C) → (…, C, 1 …), which broadcasts against (N, C, *).</summary>
    internal static Tensor AsChannels(Tensor bias, int rank)
    {
        for (int d = 0; d < rank; d++) bias = bias.Unsqueeze(-1);
        return bias;
    }

    /// <summary>(n, N, …) → (n · N, …).</summary>
    internal static Tensor Joined(Tensor x) => x.Flatten(0, 1);

    /// <summary>(n · N, …) → (n, N, …).</summary>
    internal static Tensor Apart(Tensor x, long n) => x.Reshape([n, x.Shape[0] / n, .. x.Shape.Span[1..]]);

    /// <summary>(n, N, C, …) → (N, n · C, …): the examples side by side as channels.</summary>
    internal static Tensor Grouped(Tensor x) => x.Transpose(0, 1).Flatten(1, 2);

    /// <summary>(N, n · C, …) → (n, N, C, …).</summary>
    internal static Tensor Channels(Tensor y, long n) => y.Reshape([y.Shape[0], n, y.Shape[1] / n, .. y.Shape.Span[2..]]).Transpose(0, 1);
}

/// <summary>
/// The adjoint of <see cref="Conv"/> in its input: each element of g is spread over the elements it was computed from. The gradient of a
/// convolution's input, and the transposed convolution: (N, O, *), (O, C/groups, *k) → To.
/// </summary>
internal sealed record ConvInput(ConvWindow Window, Dims To) : Op
{
    public override string Name => $"conv_transpose{Window.Rank}d";

    protected internal override TensorSpec Infer(Args x)
    {
        Tensor g = x[0], w = x[1];
        Window.Check(Name, g, w, x.Length > 2 ? x[2] : null, g.Rank > 1 ? g.Shape[1] : 0, To[1]);
        if (g.Shape[1] != w.Shape[0]) throw new ArgumentException($"{Name}: the input of shape {g.Shape} has {g.Shape[1]} channels; a weight of shape {w.Shape} wants {w.Shape[0]}.");
        return new(To, g.DType, Shapes.SameDevice(Name, x));
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        d.ConvInput(x[0].MakeContiguous(), x[1].MakeContiguous(), y, Window);
        if (x.Length <= 2) return;
        var shape = new long[y.Rank];
        Array.Fill(shape, 1);
        shape[1] = y.Shape[1];
        Tensor bias = x[2].MakeContiguous();
        d.Elementwise(new Forward2<Add>(default), [y, bias.Window(Layout.Contiguous(new Dims(shape), bias.Layout.Offset))], y);
    }

    protected internal override long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => x[0].Count * x[1].Shape[1..].Count;

    protected internal override Tensor?[] Backward(Tensor g, Node n)                                        // g: (N, C, *)
    {
        Tensor? dx = n.Needs(0) ? Apply(new Conv(Window), g, n.Input(1)) : null;
        // A result made longer at its end (output_padding ≥ stride) has room for more places of the filter than there were elements.
        for (int d = 2; dx is not null && d < dx.Rank; d++) dx = dx.Narrow(d, 0, n.InputShape(0)[d]);
        Tensor? dw = n.Needs(1) ? Apply(new ConvWeight(Window, n.InputShape(1)), g, n.Input(0)) : null;
        return n.InputCount > 2 ? [dx, dw, n.Needs(2) ? Conv.SumOverAllBut1(g) : null] : [dx, dw];
    }

    protected internal override Saved Saves(uint needs) => new(((needs & 1) << 1) | ((needs & 2) >> 1), 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor? d = Plus(t[0] is { } tx ? Apply(this, tx, x[1]) : null, t[1] is { } tw ? Apply(this, x[0], tw) : null);
        return x.Length > 2 && t[2] is { } tb ? Plus(d, Conv.AsChannels(tb, Window.Rank).Expand(y.Shape)) : d;
    }

    protected internal override Tensor Batch(in Batched b)
    {
        if (!b.IsMapped(1) && !(b.Count > 2 && b.IsMapped(2)))
            return Conv.Apart(Apply(this with { To = [b.Size * To[0], .. To.Span[1..]] }, [Conv.Joined(b[0]), .. b.Values[1..]]), b.Size);
        Tensor y = b.IsMapped(1)
            ? Conv.Channels(Apply(new ConvInput(Window with { Groups = Window.Groups * b.Size }, [To[0], b.Size * To[1], .. To.Span[2..]]), Conv.Grouped(b.Full(0)), Conv.Joined(b[1])), b.Size)
            : Conv.Apart(Apply(this with { To = [b.Size * To[0], .. To.Span[1..]] }, Conv.Joined(b.Full(0)), b[1]), b.Size);
        return b.Count > 2 ? y + Conv.AsChannels(b.IsMapped(2) ? b[2].Unsqueeze(1) : b[2], Window.Rank) : y;
    }
}

/// <summary>The adjoint of <see cref="Conv"/> in its weight: (N, C, *), (N, O, *) → To = (O, C/groups, *k).</summary>
internal sealed record ConvWeight(ConvWindow Window, Dims To) : Op
{
    protected internal override TensorSpec Infer(Args x) => new(To, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.ConvWeight(x[0].MakeContiguous(), x[1].MakeContiguous(), y, Window);

    protected internal override long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => x[1].Count * To[1..].Count;

    protected internal override Tensor?[] Backward(Tensor g, Node n) =>                                     // g: (O, C/groups, *k)
    [
        n.Needs(0) ? Apply(new ConvInput(Window, n.InputShape(0)), n.Input(1), g) : null,
        n.Needs(1) ? Apply(new Conv(Window), n.Input(0), g) : null,
    ];

    protected internal override Saved Saves(uint needs) => new(((needs & 1) << 1) | ((needs & 2) >> 1), 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) =>
        Plus(t[0] is { } tx ? Apply(this, tx, x[1]) : null, t[1] is { } tg ? Apply(this, x[0], tg) : null);

    protected internal override Tensor Batch(in Batched b) => Conv.Apart(Apply(new ConvWeight(Window with { Groups = Window.Groups * b.Size }, [b.Size * To[0], .. To.Span[1..]]),
        Conv.Grouped(b.Full(0)), Conv.Grouped(b.Full(1))), b.Size);
}
