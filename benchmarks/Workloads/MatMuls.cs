using Flambeau.Nn;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>Products of matrices: bound by multiply-adds, but for those with a vector, which read the matrix once.</summary>
static class MatMuls
{
    public static IEnumerable<Workload> Workloads =>
    [
        Of(16, 16, 16), Of(64, 64, 64), Of(256, 256, 256), Of(512, 512, 512), Of(1024, 1024, 1024),
        Of(16, 1024, 1024), Of(1024, 16, 1024), Of(1024, 1024, 16), Of(4096, 64, 64),
        Workload.Op("matmul 1024^3, a transposed", [Input.Normal(1024, 1024), Input.Normal(1024, 1024)], x => x[0].T.MatMul(x[1]), x => x[0].t().matmul(x[1]), flops: 2.0 * (1 << 30)),
        Workload.Op("matmul 1024^3, b transposed", [Input.Normal(1024, 1024), Input.Normal(1024, 1024)], x => x[0].MatMul(x[1].T), x => x[0].matmul(x[1].t()), flops: 2.0 * (1 << 30)),
        Workload.Op("matmul 512^3 of float64", [Input.Normal(512, 512), Input.Normal(512, 512)], Converted(DType.Float64, x => x[0].MatMul(x[1])), Converted(torch.ScalarType.Float64, x => x[0].matmul(x[1])), flops: 2.0 * (1 << 27)) with { NumberBytes = 8 },
        Workload.Op("matmul 512^3 of bfloat16", [Input.Normal(512, 512), Input.Normal(512, 512)], Converted(DType.BFloat16, x => x[0].MatMul(x[1])),
            Converted(torch.ScalarType.BFloat16, x => x[0].matmul(x[1])), flops: 2.0 * (1 << 27)) with { Tolerance = 1e-2 },
        Workload.Op("matmul 96 x 128x64 . 64x128", [Input.Normal(96, 128, 64), Input.Normal(96, 64, 128)], x => x[0].MatMul(x[1]), x => x[0].matmul(x[1]), flops: 2.0 * 96 * 128 * 64 * 128),
        Workload.Op("matmul 1024 x 16x16 . 16x16", [Input.Normal(1024, 16, 16), Input.Normal(1024, 16, 16)], x => x[0].MatMul(x[1]), x => x[0].matmul(x[1]), flops: 2.0 * 1024 * 16 * 16 * 16),
        Workload.Op("matrix . vector 4096x4096", [Input.Normal(4096, 4096), Input.Normal(4096)], x => x[0].MatMul(x[1]), x => x[0].matmul(x[1]), bytes: 4.0 * 4096 * 4096),
        Workload.Op("matrix . vector 4096x4096, transposed", [Input.Normal(4096, 4096), Input.Normal(4096)], x => x[0].T.MatMul(x[1]), x => x[0].t().matmul(x[1]), bytes: 4.0 * 4096 * 4096),
        Workload.Op("dot 1,048,576", [Input.Uniform(1 << 20), Input.Uniform(1 << 20)], x => x[0].Dot(x[1]), x => x[0].dot(x[1]), bytes: 8.0 * (1 << 20)),
        Workload.Op("linear with bias 64x784 -> 512", [Input.Normal(64, 784), Input.Normal(512, 784), Input.Normal(512)],
            x => F.Linear(x[0], x[1], x[2]), x => TF.linear(x[0], x[1], x[2]), flops: 2.0 * 64 * 784 * 512),
        Workload.Backward("linear backward 256x1024 -> 1024", [Input.Leaf(256, 1024), Input.Leaf(1024, 1024), Input.Leaf(1024)],
            x => F.Linear(x[0], x[1], x[2]), x => TF.linear(x[0], x[1], x[2]), flops: 4.0 * 256 * 1024 * 1024),
    ];

    static Workload Of(long m, long k, long n) => Workload.Op(m == k && k == n ? $"matmul {m}^3" : $"matmul {m}x{k} . {k}x{n}", [Input.Normal(m, k), Input.Normal(k, n)],
        x => x[0].MatMul(x[1]), x => x[0].matmul(x[1]), flops: 2.0 * m * k * n);

    // Conversion once, at the first call.
    static Func<Tensor[], Tensor> Converted(DType dtype, Func<Tensor[], Tensor> f)
    {
        Tensor[]? last = null, converted = null;
        return x =>
        {
            if (last != x) (last, converted) = (x, [.. x.Select(t => t.To(dtype))]);
            return f(converted!);
        };
    }

    static Func<T[], T> Converted(torch.ScalarType dtype, Func<T[], T> f)
    {
        T[]? last = null, converted = null;
        return x =>
        {
            if (last != x) (last, converted) = (x, [.. x.Select(t => t.to_type(dtype))]);
            return f(converted!);
        };
    }
}
