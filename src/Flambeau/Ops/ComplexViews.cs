namespace Flambeau.Ops;

/// <summary>Complex numbers as pairs along a new last axis.</summary>
internal sealed record ViewAsReal : ViewOp
{
    public static readonly ViewAsReal Instance = new();

    protected internal override DType ViewDType(DType x) => x.Real;

    protected internal override Layout Transform(Layout x)
    {
        long[] shape = [.. x.Shape.Span, 2], strides = [.. x.Strides, 1];
        for (int d = 0; d < strides.Length - 1; d++) strides[d] *= 2;
        return new(new Dims(shape), strides, 2 * x.Offset);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [g.Contiguous().ViewAsComplex()];

    internal override ViewOp Shifted => this;
}

/// <summary>Pairs along the last axis as complex numbers.</summary>
internal sealed record ViewAsComplex : ViewOp
{
    public static readonly ViewAsComplex Instance = new();

    protected internal override DType ViewDType(DType x) => x.Complex;

    protected internal override Layout Transform(Layout x)
    {
        if (x.Rank == 0 || x.Shape[^1] != 2) throw new ArgumentException($"view_as_complex: the last axis of {x.Shape} must hold pairs: real and imaginary part.");
        bool whole = x.Offset % 2 == 0 && (x.Strides[^1] == 1 || x.Count == 0);
        for (int d = 0; d < x.Rank - 1; d++) whole &= x.Strides[d] % 2 == 0 || x.Shape[d] == 1;
        if (!whole) throw new ArgumentException($"view_as_complex: the pairs of {x.Shape} with strides ({string.Join(", ", x.Strides.ToArray())}) do not lie together. Call Contiguous() first.");
        long[] strides = x.Strides[..^1].ToArray();
        for (int d = 0; d < strides.Length; d++) strides[d] /= 2;
        return new(x.Shape[..^1], strides, x.Offset / 2);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [g.ViewAsReal()];

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!.Contiguous());   // a tangent lies as it lies

    internal override ViewOp Shifted => this;
}
