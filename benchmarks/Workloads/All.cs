namespace Flambeau.Benchmarks.Workloads;

/// <summary>Everything that is measured, in the table's order.</summary>
static class All
{
    public static IEnumerable<Workload> Workloads =>
    [
        .. In("Elementwise", Elementwise.Workloads), .. In("Into", Into.Workloads), .. In("Reductions", Reductions.Workloads), .. In("MatMul", MatMuls.Workloads), .. In("Conv", Convolutions.Workloads),
        .. In("Attention", Attentions.Workloads), .. In("Norms", NormsAndLosses.Workloads), .. In("Index", Indexing.Workloads), .. In("Optimizers", Optimizers.Workloads),
        .. In("Inference", Inference.Workloads), .. In("Training", Training.Workloads), .. In("Layers", Layers.Workloads), .. In("More", More.Workloads), .. In("Usual", Usual.Workloads),
    ];

    static IEnumerable<Workload> In(string group, IEnumerable<Workload> workloads) => workloads.Select(w => w with { Group = group });
}
