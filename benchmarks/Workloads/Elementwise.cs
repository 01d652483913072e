using Flambeau.Nn;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>At 64 numbers the call is what costs, at 65,536 the arithmetic, at 2²⁴ memory.</summary>
static class Elementwise
{
    public static IEnumerable<Workload> Workloads =>
    [
        .. Sizes("add", 2, x => x[0] + x[1], x => x[0] + x[1]),
        .. Sizes("mul by a number", 1, x => x[0] * 2.5f, x => x[0] * 2.5f),
        .. Sizes("exp", 1, x => x[0].Exp(), x => x[0].exp()),
        .. Sizes("tanh", 1, x => x[0].Tanh(), x => x[0].tanh()),
        .. Sizes("relu", 1, x => x[0].Relu(), x => x[0].relu()),
        .. Sizes("gelu", 1, x => x[0].Gelu(), x => TF.gelu(x[0])),
        At("sigmoid", 1 << 16, 1, x => x[0].Sigmoid(), x => x[0].sigmoid()),
        At("sin", 1 << 16, 1, x => x[0].Sin(), x => x[0].sin()),
        At("log of the absolute value", 1 << 16, 1, x => x[0].Abs().Log(), x => x[0].abs().log()),
        At("div", 1 << 24, 2, x => x[0] / x[1], x => x[0] / x[1]),
        At("where", 1 << 20, 2, x => Tensor.Where(x[0].Gt(x[1]), x[0], x[1]), x => torch.where(x[0].gt(x[1]), x[0], x[1])),
        // The same number is added and taken away again, so that values stay what they are.
        Workload.Op("add_ and sub_ in place 16,777,216", [Input.Normal(1 << 24)], x => x[0].AddInPlace(1f).SubInPlace(1f), x => x[0].add_(1f).sub_(1f).alias(), bytes: 16.0 * (1 << 24)),
        Workload.Op("add a row 4096x1024 + 1024", [Input.Normal(4096, 1024), Input.Normal(1024)], x => x[0] + x[1], x => x[0] + x[1], bytes: 8.0 * 4096 * 1024),
        Workload.Op("add a column 4096x1024 + 4096x1", [Input.Normal(4096, 1024), Input.Normal(4096, 1)], x => x[0] + x[1], x => x[0] + x[1], bytes: 8.0 * 4096 * 1024),
        Workload.Op("add a transposed 2048x2048", [Input.Normal(2048, 2048), Input.Normal(2048, 2048)], x => x[0] + x[1].T, x => x[0] + x[1].t(), bytes: 12.0 * 2048 * 2048),
        Workload.Op("to bfloat16 4,194,304", [Input.Normal(1 << 22)], x => x[0].To(DType.BFloat16), x => x[0].to_type(torch.ScalarType.BFloat16), bytes: 6.0 * (1 << 22)),
        Workload.Backward("gelu backward 1,048,576", [Input.Leaf(1 << 20)], x => x[0].Gelu(), x => TF.gelu(x[0]), bytes: 12.0 * (1 << 20)),
        Workload.Op("dropout 0.5 1,048,576", [Input.Normal(1 << 20)], x => F.Dropout(x[0], 0.5, training: true), x => TF.dropout(x[0], 0.5, training: true), bytes: 8.0 * (1 << 20)),
    ];

    static IEnumerable<Workload> Sizes(string name, int inputs, Func<Tensor[], Tensor> ours, Func<T[], T> peer) =>
        new[] { 64, 1 << 16, 1 << 24 }.Select(n => At(name, n, inputs, ours, peer));

    static Workload At(string name, long n, int inputs, Func<Tensor[], Tensor> ours, Func<T[], T> peer) =>
        Workload.Op(FormattableString.Invariant($"{name} {n:N0}"), [.. Enumerable.Repeat(Input.Normal(n), inputs)], ours, peer, bytes: n < 1 << 20 ? 0 : 4.0 * n * (inputs + 1));
}
