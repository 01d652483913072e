using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>The windows of a pooling along one axis: sliding ones, or adaptive ones that part the input evenly.</summary>
internal readonly record struct PoolAxis(long Input, long Output, long Kernel, long Stride, long Padding, long Dilation, bool IsAdaptive)
{
    /// <summary>Windows of <paramref name="kernel"/> every <paramref name="stride"/>.</summary>
    public static PoolAxis Sliding(string op, long input, long kernel, long stride, long padding, long dilation, bool ceilMode)
    {
        if (kernel <= 0 || stride <= 0 || dilation <= 0) throw new ArgumentException($"{op}: kernel size {kernel}, stride {stride} and dilation {dilation} must be positive.");
        if (padding < 0 || padding > kernel / 2) throw new ArgumentException($"{op}: a padding of {padding} must lie between 0 and half the kernel size, {kernel}.");
        long span = input + 2 * padding - dilation * (kernel - 1) - 1;
        long steps = span + (ceilMode ? stride - 1 : 0), output = steps < 0 ? 0 : steps / stride + 1;
        if (ceilMode && (output - 1) * stride >= input + padding) output--;     // the last window must begin within the input or the left padding
        if (output <= 0) throw new ArgumentException($"{op}: windows of {kernel} do not fit an axis of {input} elements with padding {padding}.");
        return new(input, output, kernel, stride, padding, dilation, false);
    }

    /// <summary>As many windows as the result has elements; they slide if they are equal.</summary>
    public static PoolAxis Adaptive(long input, long output) => output > 0 && input % output == 0
        ? new(input, output, input / output, input / output, 0, 1, false) : new(input, output, 0, 0, 0, 1, true);

    /// <summary>The first element of window <paramref name="o"/>; may lie in the padding.</summary>
    public long Start(long o) => IsAdaptive ? o * Input / Output : o * Stride - Padding;

    /// <summary>Past the last element of window <paramref name="o"/>; may lie in the padding, but not past it.</summary>
    public long End(long o) => IsAdaptive ? ((o + 1) * Input + Output - 1) / Output : Math.Min(o * Stride - Padding + (Kernel - 1) * Dilation + 1, Input + Padding);
}

/// <summary>The three axes of a pooling; missing ones are leading and of size 1.</summary>
internal readonly record struct PoolAxes(PoolAxis D, PoolAxis H, PoolAxis W, int Rank)
{
    static readonly PoolAxis One = new(1, 1, 1, 1, 0, 1, false);

    public static PoolAxes Of(ReadOnlySpan<PoolAxis> axes) => axes.Length switch
    {
        1 => new(One, One, axes[0], 1), 2 => new(One, axes[0], axes[1], 2), _ => new(axes[0], axes[1], axes[2], 3),
    };

    public long Input => D.Input * H.Input * W.Input;

    public long Output => D.Output * H.Output * W.Output;

    /// <summary>Whether all windows along an axis are alike.</summary>
    public bool Slide => !D.IsAdaptive && !H.IsAdaptive && !W.IsAdaptive;

    /// <summary>A shape with the spatial sizes of the result, or of the input.</summary>
    public Dims Shape(Dims leading, bool output)
    {
        Span<long> s = output ? [D.Output, H.Output, W.Output] : [D.Input, H.Input, W.Input];
        return new Dims([.. leading.Span, .. s[(3 - Rank)..]]);
    }
}

/// <summary>The largest element of each window, and where in its plane it stands, as integers of a type, unless nobody asks: (*, spatial) → values, indices.</summary>
internal sealed record MaxPool(PoolAxes Axes, DType? Places) : MultiOp
{
    public override string Name => $"max_pool{Axes.Rank}d";

    protected internal override TensorSpec[] InferAll(Args x)
    {
        Dims shape = Axes.Shape(x[0].Shape[..^Axes.Rank], output: true);
        return [new(shape, x[0].DType, x[0].Device), new(Places is null ? [0] : shape, Places ?? DType.Int64, x[0].Device)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => d.MaxPool(x[0].MakeContiguous(), y[0], Places is null ? null : y[1], Axes);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n) =>
        [g[0] is null ? null : Apply(new PoolScatter(n.InputShape(0), Axes.Rank), g[0]!, n.Output(1))];

    protected internal override Saved Saves(uint needs) => new(0, 2);

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) => [Apply(new PoolGather(Axes.Rank), t[0]!, y[1]), null];

    protected internal override Tensor[] BatchAll(in Batched b) => ApplyAll(this, b[0]);
}

/// <summary>Each element added where its index says, in planes of zeros: the adjoint of picking the indexed elements.</summary>
internal sealed record PoolScatter(Dims To, int PlaneRank) : Op
{
    protected internal override TensorSpec Infer(Args x) => new(To, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.PlaneScatter(x[0].MakeContiguous(), x[1].MakeContiguous(), y, PlaneRank);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new PoolGather(PlaneRank), g, n.Input(1)), null];

    protected internal override Saved Saves(uint needs) => new(2, 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!, x[1]);

    protected internal override Tensor Batch(in Batched b) => Apply(new PoolScatter([b.Size, .. To.Span], PlaneRank), b.Full());
}

/// <summary>The elements of each plane that the indices name.</summary>
internal sealed record PoolGather(int PlaneRank) : Op
{
    protected internal override TensorSpec Infer(Args x) => new(x[1].Shape, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.PlaneGather(x[0].MakeContiguous(), x[1].MakeContiguous(), y, PlaneRank);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new PoolScatter(n.InputShape(0), PlaneRank), g, n.Input(1)), null];

    protected internal override Saved Saves(uint needs) => new(2, 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!, x[1]);

    protected internal override Tensor Batch(in Batched b) => Apply(this, b.Full());
}

/// <summary>The mean of each window. With <paramref name="CountIncludesPad"/> the padding counts as zeros; a divisor other than 0 takes the place of the number of elements.</summary>
internal sealed record AvgPool(PoolAxes Axes, bool CountIncludesPad, long Divisor) : Op
{
    public override string Name => $"avg_pool{Axes.Rank}d";

    protected internal override TensorSpec Infer(Args x) => new(Axes.Shape(x[0].Shape[..^Axes.Rank], output: true), x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.AvgPool(x[0].MakeContiguous(), y, Axes, CountIncludesPad, Divisor);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new AvgPoolInput(Axes, CountIncludesPad, Divisor), g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Apply(this, b[0]);
}

/// <summary>The adjoint of <see cref="AvgPool"/>: each element spread evenly over its window.</summary>
internal sealed record AvgPoolInput(PoolAxes Axes, bool CountIncludesPad, long Divisor) : Op
{
    protected internal override TensorSpec Infer(Args x) => new(Axes.Shape(x[0].Shape[..^Axes.Rank], output: false), x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.AvgPoolInput(x[0].MakeContiguous(), y, Axes, CountIncludesPad, Divisor);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new AvgPool(Axes, CountIncludesPad, Divisor), g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Apply(this, b[0]);
}
