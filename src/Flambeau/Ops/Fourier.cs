using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>A discrete Fourier transform along one axis: yₖ = scale · Σⱼ xⱼ e^{∓2πi jk/n}, with + where it is the inverse.</summary>
internal abstract record Fourier(int Axis, bool Inverse, double Scale) : Op
{
    protected static TensorSpec Sized(Tensor x, int axis, long n, DType dtype)
    {
        long[] shape = x.Shape.ToArray();
        shape[axis] = n;
        return new(new Dims(shape), dtype, x.Device);
    }

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Fourier(x[0], Axis, Inverse, Scale, y);

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Apply(this with { Axis = Axis + 1 }, b[0]);
}

/// <summary>Complex to complex.</summary>
internal sealed record FourierC2C(int Axis, bool Inverse, double Scale) : Fourier(Axis, Inverse, Scale)
{
    public override string Name => "_fft_c2c";

    protected internal override TensorSpec Infer(Args x) => Sized(x[0], Axis, x[0].Shape[Axis], x[0].DType);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new FourierC2C(Axis, !Inverse, Scale), g)];
}

/// <summary>Real to complex: the first n/2 + 1 coefficients, of which the others are conjugates.</summary>
internal sealed record FourierR2C(int Axis, bool Inverse, double Scale) : Fourier(Axis, Inverse, Scale)
{
    public override string Name => "_fft_r2c";

    protected internal override TensorSpec Infer(Args x) => Sized(x[0], Axis, x[0].Shape[Axis] / 2 + 1, x[0].DType.Complex);

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        long[] before = new long[g.Rank], after = new long[g.Rank];
        after[Axis] = n.InputShape(0)[Axis] - g.Shape[Axis];
        return [Apply(new FourierC2C(Axis, !Inverse, Scale), Apply(new ConstantPad(new(before), new(after), 0), g)).Real()];
    }
}

/// <summary>Complex to real: from the first n/2 + 1 coefficients of N. The imaginary parts of those that are their own conjugates count for nothing.</summary>
internal sealed record FourierC2R(int Axis, bool Inverse, double Scale, long N) : Fourier(Axis, Inverse, Scale)
{
    public override string Name => "_fft_c2r";

    protected internal override TensorSpec Infer(Args x) => Sized(x[0], Axis, N, x[0].DType.Real);

    // All coefficients but the first, and of an even number the last, stand for two.
    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        var shape = new long[g.Rank];
        Array.Fill(shape, 1);
        shape[Axis] = N / 2 + 1;
        Tensor count = Tensor.Full(shape, 2.0, g.DType, g.Device);
        count.Narrow(Axis, 0, 1).FillInPlace(1);
        if (N % 2 == 0) count.Narrow(Axis, N / 2, 1).FillInPlace(1);
        return [Apply(new FourierR2C(Axis, !Inverse, Scale), g) * count];
    }
}
