using Flambeau.Nn;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>Normalizations, softmax and losses: one pass over memory each, at best.</summary>
static class NormsAndLosses
{
    const double Rows = 4.0 * 4096 * 1024, Images = 4.0 * 16 * 64 * 56 * 56;

    public static IEnumerable<Workload> Workloads =>
    [
        Workload.Op("softmax 4096x1024", [Input.Normal(4096, 1024)], x => x[0].Softmax(1), x => x[0].softmax(1), bytes: 2 * Rows),
        Workload.Op("log softmax 4096x1024", [Input.Normal(4096, 1024)], x => x[0].LogSoftmax(1), x => x[0].log_softmax(1), bytes: 2 * Rows),
        Workload.Op("softmax 4096x1024 of columns", [Input.Normal(4096, 1024)], x => x[0].Softmax(0), x => x[0].softmax(0), bytes: 2 * Rows),
        Workload.Backward("softmax 4096x1024 backward", [Input.Leaf(4096, 1024)], x => x[0].Softmax(1), x => x[0].softmax(1), bytes: 3 * Rows),
        Workload.Op("layer norm 4096x1024", [Input.Normal(4096, 1024), Input.Normal(1024), Input.Normal(1024)], x => F.LayerNorm(x[0], [1024], x[1], x[2]),
            x => TF.layer_norm(x[0], [1024], x[1], x[2]), bytes: 2 * Rows),
        Workload.Backward("layer norm 4096x1024 backward", [Input.Leaf(4096, 1024), Input.Leaf(1024), Input.Leaf(1024)], x => F.LayerNorm(x[0], [1024], x[1], x[2]),
            x => TF.layer_norm(x[0], [1024], x[1], x[2]), bytes: 3 * Rows),
        Workload.Op("batch norm 16x64x56x56 training", [Input.Normal(16, 64, 56, 56), Input.Normal(64), Input.Normal(64)], x => F.BatchNorm(x[0], null, null, x[1], x[2], training: true),
            x => TF.batch_norm(x[0], null, null, x[1], x[2], training: true), bytes: 2 * Images),
        Workload.Op("batch norm 16x64x56x56 inference", [Input.Normal(16, 64, 56, 56), Input.Normal(64), Input.Uniform(64), Input.Normal(64), Input.Normal(64)],
            x => F.BatchNorm(x[0], x[1], x[2], x[3], x[4]), x => TF.batch_norm(x[0], x[1], x[2], x[3], x[4]), bytes: 2 * Images),
        Workload.Backward("batch norm 16x64x56x56 backward", [Input.Leaf(16, 64, 56, 56), Input.Leaf(64), Input.Leaf(64)], x => F.BatchNorm(x[0], null, null, x[1], x[2], training: true),
            x => TF.batch_norm(x[0], null, null, x[1], x[2], training: true), bytes: 3 * Images),
        Workload.Op("group norm 16x64x56x56 of 8", [Input.Normal(16, 64, 56, 56), Input.Normal(64), Input.Normal(64)], x => F.GroupNorm(x[0], 8, x[1], x[2]),
            x => TF.group_norm(x[0], 8, x[1], x[2]), bytes: 2 * Images),
        Workload.Op("cross entropy 4096x1024", [Input.Normal(4096, 1024), Input.Index(1024, 4096)], x => F.CrossEntropy(x[0], x[1]), x => TF.cross_entropy(x[0], x[1]), bytes: Rows),
        Workload.Backward("cross entropy 4096x1024 backward", [Input.Leaf(4096, 1024), Input.Index(1024, 4096)], x => F.CrossEntropy(x[0], x[1]), x => TF.cross_entropy(x[0], x[1]), bytes: 2 * Rows),
        Workload.Op("cross entropy 64x10", [Input.Normal(64, 10), Input.Index(10, 64)], x => F.CrossEntropy(x[0], x[1]), x => TF.cross_entropy(x[0], x[1])),
        Workload.Op("mse loss 1,048,576", [Input.Normal(1 << 20), Input.Normal(1 << 20)], x => F.MseLoss(x[0], x[1]), x => TF.mse_loss(x[0], x[1]), bytes: 8.0 * (1 << 20)),
    ];
}
