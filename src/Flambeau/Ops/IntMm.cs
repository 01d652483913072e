using Flambeau.Backends;

namespace Flambeau.Ops;

/// <summary>y = a · b of int8, summed in int32: (M, K) · (K, N) → (M, N).</summary>
internal sealed record IntMm : Op
{
    public static readonly IntMm Instance = new();

    public override string Name => "int_mm";

    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec Infer(Args x)
    {
        (Tensor a, Tensor b) = (x[0], x[1]);
        if (a.DType != DType.Int8 || b.DType != DType.Int8)
            throw new ArgumentException($"IntMm: {a.DType} · {b.DType}: both must be int8. MatMul multiplies other types.");
        if (a.Rank != 2 || b.Rank != 2) throw new ArgumentException($"IntMm: {a.Shape} · {b.Shape}: both must be matrices.");
        return MatMul.Infer("IntMm", a, b, a.Shape, b.Shape) with { DType = DType.Int32 };
    }

    protected internal override void Run(Backend d, Args x, Tensor y) => d.IntMm(x[0], x[1], y);

    protected internal override long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => y[0].Count * x[0].Shape[^1];
}
