using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>A discrete Fourier transform along some axes: yₖ = scale · Σⱼ xⱼ e^{∓2πi jk/n}, with + where it is the inverse.</summary>
internal abstract record Fourier(Dims Axes, bool Inverse, double Scale) : Op
{
    /// <summary>The axis of which there may be a half only.</summary>
    protected int Last => (int)Axes[^1];

    protected TensorSpec Sized(Tensor x, long n, DType dtype)
    {
        long[] shape = x.Shape.ToArray();
        shape[Last] = n;
        return new(new Dims(shape), dtype, x.Device);
    }

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Fourier(x[0], Axes, Inverse, Scale, y);

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Apply(this with { Axes = new(Array.ConvertAll(Axes.ToArray(), a => a + 1)) }, b[0]);
}

/// <summary>Complex to complex.</summary>
internal sealed record FourierC2C(Dims Axes, bool Inverse, double Scale) : Fourier(Axes, Inverse, Scale)
{
    public override string Name => "_fft_c2c";

    protected internal override TensorSpec Infer(Args x) => Sized(x[0], x[0].Shape[Last], x[0].DType);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new FourierC2C(Axes, !Inverse, Scale), g)];
}

/// <summary>Real to complex: along the last of the axes all coefficients, or the first n/2 + 1, of which the others are conjugates.</summary>
internal sealed record FourierR2C(Dims Axes, bool Inverse, double Scale, bool Half) : Fourier(Axes, Inverse, Scale)
{
    public override string Name => "_fft_r2c";

    protected internal override TensorSpec Infer(Args x) => Sized(x[0], Half ? x[0].Shape[Last] / 2 + 1 : x[0].Shape[Last], x[0].DType.Complex);

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        long[] before = new long[g.Rank], after = new long[g.Rank];
        after[Last] = n.InputShape(0)[Last] - g.Shape[Last];
        if (Half) g = Apply(new ConstantPad(new(before), new(after), 0), g);
        return [Apply(new FourierC2C(Axes, !Inverse, Scale), g).Real()];
    }
}

/// <summary>Complex to real, along one axis: from the first n/2 + 1 coefficients of N. The imaginary parts of those that are their own conjugates count for nothing.</summary>
internal sealed record FourierC2R(Dims Axes, bool Inverse, double Scale, long N) : Fourier(Axes, Inverse, Scale)
{
    public override string Name => "_fft_c2r";

    protected internal override TensorSpec Infer(Args x) => Sized(x[0], N, x[0].DType.Real);

    // All coefficients but the first, and of an even number the last, stand for two.
    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        var shape = new long[g.Rank];
        Array.Fill(shape, 1);
        shape[Last] = N / 2 + 1;
        Tensor count = Tensor.Full(shape, 2.0, g.DType, g.Device);
        count.Narrow(Last, 0, 1).FillInPlace(1);
        if (N % 2 == 0) count.Narrow(Last, N / 2, 1).FillInPlace(1);
        return [Apply(new FourierR2C(Axes, !Inverse, Scale, Half: true), g) * count];
    }
}
