namespace Flambeau.Benchmarks.Workloads;

/// <summary>What makes few numbers of many; all are bound by reading, once the input is larger than the caches.</summary>
static class Reductions
{
    const double Big = 4.0 * (1 << 24);

    public static IEnumerable<Workload> Workloads =>
    [
        Workload.Op("sum 64", [Input.Normal(64)], x => x[0].Sum(), x => x[0].sum()),
        Workload.Op("sum 16,777,216", [Input.Uniform(1 << 24)], x => x[0].Sum(), x => x[0].sum(), bytes: Big),
        Workload.Op("sum 4096x4096 of rows (dim 1)", [Input.Uniform(4096, 4096)], x => x[0].Sum(1), x => x[0].sum(1L), bytes: Big),
        Workload.Op("sum 4096x4096 of columns (dim 0)", [Input.Uniform(4096, 4096)], x => x[0].Sum(0), x => x[0].sum(0L), bytes: Big),
        Workload.Op("sum 256x256x256 of the middle (dim 1)", [Input.Uniform(256, 256, 256)], x => x[0].Sum(1), x => x[0].sum(1L), bytes: Big),
        Workload.Op("sum 256x256x256 of dims 0, 2", [Input.Uniform(256, 256, 256)], x => x[0].Sum([0, 2]), x => x[0].sum([0L, 2L]), bytes: Big),
        Workload.Op("mean 4096x1024 of rows", [Input.Uniform(4096, 1024)], x => x[0].Mean(1), x => x[0].mean([1L]), bytes: 4.0 * 4096 * 1024),
        Workload.Op("max 16,777,216", [Input.Normal(1 << 24)], x => x[0].Max(), x => x[0].max(), bytes: Big),
        Workload.Op("argmax 4096x1024 of rows", [Input.Uniform(4096, 1024)], x => x[0].Max(1).Values, x =>
        {
            (T values, T indices) = x[0].max(1);
            indices.Dispose();
            return values;
        }, bytes: 4.0 * 4096 * 1024),
        Workload.Op("var 4096x1024 of rows", [Input.Normal(4096, 1024)], x => x[0].Var([1]), x => x[0].var(1), bytes: 4.0 * 4096 * 1024),
        Workload.Op("logsumexp 4096x1024 of rows", [Input.Normal(4096, 1024)], x => x[0].LogSumExp([1]), x => x[0].logsumexp(1), bytes: 4.0 * 4096 * 1024),
        Workload.Op("cumsum 4096x1024 along rows", [Input.Normal(4096, 1024)], x => x[0].CumSum(1), x => x[0].cumsum(1), bytes: 8.0 * 4096 * 1024),
        Workload.Op("cumsum 4096x1024 along columns", [Input.Normal(4096, 1024)], x => x[0].CumSum(0), x => x[0].cumsum(0), bytes: 8.0 * 4096 * 1024),
    ];
}
