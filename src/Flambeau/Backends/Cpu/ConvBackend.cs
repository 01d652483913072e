using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    /// <summary>The sizes of a convolution with one to three spatial axes, as three.</summary>
    static ConvShape Describe(Dims x, Dims w, Dims y, ConvWindow c)
    {
        static Size3 Three(ReadOnlySpan<long> s, long missing) => s.Length switch
        {
            1 => new(missing, missing, s[0]), 2 => new(missing, s[0], s[1]), _ => new(s[0], s[1], s[2]),
        };
        return new()
        {
            N = x[0], C = x[1], O = w[0], Groups = c.Groups, Input = Three(x.Span[2..], 1), Kernel = Three(w.Span[2..], 1), Output = Three(y.Span[2..], 1),
            Stride = Three(c.Stride, 1), Pad = Three(c.Padding, 0), Dilation = Three(c.Dilation, 1),
        };
    }

    internal override void Conv(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvWindow window)
    {
        ConvShape s = Describe(x.Shape, w.Shape, y.Shape, window);
        Tensor b = bias ?? w;
        if (y.Count == 0) return;
        fixed (byte* px = x.Storage, pw = w.Storage, pb = b.Storage, py = y.Storage)
            if (x.DType == DType.Float32) ConvKernels.Forward((float*)px + x.Layout.Offset, (float*)pw + w.Layout.Offset, bias is null ? null : (float*)pb + b.Layout.Offset, (float*)py + y.Layout.Offset, s);
            else ConvKernels.Forward((double*)px + x.Layout.Offset, (double*)pw + w.Layout.Offset, bias is null ? null : (double*)pb + b.Layout.Offset, (double*)py + y.Layout.Offset, s);
    }

    internal override void ConvInput(Tensor g, Tensor w, Tensor dx, ConvWindow window)
    {
        ConvShape s = Describe(dx.Shape, w.Shape, g.Shape, window);
        if (dx.Count == 0) return;
        fixed (byte* pg = g.Storage, pw = w.Storage, pd = dx.Storage)
            if (g.DType == DType.Float32) ConvKernels.BackwardInput((float*)pg + g.Layout.Offset, (float*)pw + w.Layout.Offset, (float*)pd + dx.Layout.Offset, s);
            else ConvKernels.BackwardInput((double*)pg + g.Layout.Offset, (double*)pw + w.Layout.Offset, (double*)pd + dx.Layout.Offset, s);
    }

    internal override void ConvWeight(Tensor x, Tensor g, Tensor dw, ConvWindow window)
    {
        ConvShape s = Describe(x.Shape, dw.Shape, g.Shape, window);
        if (dw.Count == 0) return;
        fixed (byte* px = x.Storage, pg = g.Storage, pd = dw.Storage)
            if (g.DType == DType.Float32) ConvKernels.BackwardWeight((float*)px + x.Layout.Offset, (float*)pg + g.Layout.Offset, (float*)pd + dw.Layout.Offset, s);
            else ConvKernels.BackwardWeight((double*)px + x.Layout.Offset, (double*)pg + g.Layout.Offset, (double*)pd + dw.Layout.Offset, s);
    }
}
