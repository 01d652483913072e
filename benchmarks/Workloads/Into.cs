namespace Flambeau.Benchmarks.Workloads;

/// <summary>
/// Hot loops that write to a tensor they have already. The peer's wrapper has no such form: its result is disposed at once, and the next one gets the same memory.
/// </summary>
static class Into
{
    public static IEnumerable<Workload> Workloads =>
    [
        At("add", 1 << 16, 2, (x, y) => x[0].Add(x[1], into: y), x => x[0] + x[1]),
        At("mul by a number", 1 << 16, 1, (x, y) => x[0].Mul(2.5f, into: y), x => x[0] * 2.5f),
        At("relu", 1 << 16, 1, (x, y) => x[0].Relu(into: y), x => x[0].relu()),
        At("gelu", 1 << 16, 1, (x, y) => x[0].Gelu(into: y), x => TF.gelu(x[0])),
        At("add", 1 << 20, 2, (x, y) => x[0].Add(x[1], into: y), x => x[0] + x[1]),
        Workload.Op("index_select 50,000x256 rows by 4096 into", [Input.Normal(50_000, 256), Input.Index(50_000, 4096), Input.Normal(4096, 256)], x => x[0].IndexSelect(0, x[1], into: x[2]), x => x[0].index_select(0, x[1]),
            bytes: 8.0 * 4096 * 256),
    ];

    static Workload At(string name, long n, int inputs, Func<Tensor[], Tensor, Tensor> ours, Func<T[], T> peer) =>
        Workload.Op(FormattableString.Invariant($"{name} {n:N0} into"), [.. Enumerable.Repeat(Input.Normal(n), inputs + 1)], x => ours(x, x[^1]), peer);
}
