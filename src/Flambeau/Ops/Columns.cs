using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>Sliding windows along one of two axes.</summary>
internal readonly record struct ColumnAxis(long Size, long Kernel, long Dilation, long Padding, long Stride)
{
    /// <summary>How many windows there are.</summary>
    public long Count => (Size + 2 * Padding - Dilation * (Kernel - 1) - 1) / Stride + 1;

    /// <summary>The windows whose element <paramref name="k"/> lies within the axis.</summary>
    public (long First, long End) Inside(long k)
    {
        long at = k * Dilation - Padding;                                       // of window 0
        long first = at >= 0 ? 0 : (-at + Stride - 1) / Stride, end = at >= Size ? 0 : (Size - 1 - at) / Stride + 1;
        return (Math.Min(first, Count), Math.Clamp(end, Math.Min(first, Count), Count));
    }
}

/// <summary>Windows as columns: (N, C, H, W) → (N, C · kernel, windows), floating point.</summary>
internal sealed record Columns(ColumnAxis H, ColumnAxis W) : Op
{
    public override string Name => "im2col";

    protected internal override TensorSpec Infer(Args x) => new([x[0].Shape[0], x[0].Shape[1] * H.Kernel * W.Kernel, H.Count * W.Count], x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Columns(x[0].MakeContiguous(), y, H, W);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new ColumnsInput(H, W), g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Conv.Apart(Apply(this, Conv.Joined(b[0])), b.Size);
}

/// <summary>The adjoint of <see cref="Columns"/>: columns added up where their windows lie.</summary>
internal sealed record ColumnsInput(ColumnAxis H, ColumnAxis W) : Op
{
    public override string Name => "col2im";

    protected internal override TensorSpec Infer(Args x) => new([x[0].Shape[0], x[0].Shape[1] / (H.Kernel * W.Kernel), H.Size, W.Size], x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.ColumnsInput(x[0].MakeContiguous(), y, H, W);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new Columns(H, W), g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Conv.Apart(Apply(this, Conv.Joined(b[0])), b.Size);
}
