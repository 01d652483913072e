using Flambeau.Nn;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>Convolutions, bound by multiply-adds (depthwise ones by memory), and pooling, bound by memory.</summary>
static class Convolutions
{
    public static IEnumerable<Workload> Workloads =>
    [
        .. Both("conv 16x64x56x56 3x3", 16, 64, 56, 64, 3),
        .. Both("conv 16x64x56x56 1x1", 16, 64, 56, 64, 1),
        .. Both("conv 16x64x56x56 3x3 stride 2", 16, 64, 56, 128, 3, stride: 2),
        .. Both("conv 16x64x56x56 3x3 depthwise", 16, 64, 56, 64, 3, groups: 64),
        .. Both("conv 16x256x14x14 3x3", 16, 256, 14, 256, 3),
        Forward("conv 64x1x28x28 5x5", 64, 1, 28, 6, 5, 1, 1),
        Forward("conv 8x3x224x224 7x7 stride 2", 8, 3, 224, 64, 7, 2, 1),
        Forward("conv 1x64x32x32 3x3", 1, 64, 32, 64, 3, 1, 1),
        Workload.Op("conv1d 16x64x1024 3", [Input.Normal(16, 64, 1024), Input.Normal(64, 64, 3)], x => F.Conv1d(x[0], x[1], padding: 1), x => TF.conv1d(x[0], x[1], padding: 1),
            flops: 2.0 * 16 * 64 * 1024 * 64 * 3),
        Workload.Op("transposed conv 16x64x28x28 2x2 stride 2", [Input.Normal(16, 64, 28, 28), Input.Normal(64, 32, 2, 2)], x => F.ConvTranspose2d(x[0], x[1], stride: [2]),
            x => TF.conv_transpose2d(x[0], x[1], strides: [2, 2]), flops: 2.0 * 16 * 64 * 28 * 28 * 32 * 4),
        Workload.Op("max pool 16x64x56x56 2x2", [Input.Normal(16, 64, 56, 56)], x => F.MaxPool2d(x[0], [2]), x => TF.max_pool2d(x[0], 2), bytes: 5.0 * 16 * 64 * 56 * 56),
        Workload.Backward("max pool 16x64x56x56 2x2 backward", [Input.Leaf(16, 64, 56, 56)], x => F.MaxPool2d(x[0], [2]), x => TF.max_pool2d(x[0], 2), bytes: 5.0 * 16 * 64 * 56 * 56),
        Workload.Op("max pool 16x64x112x112 3x3 stride 2", [Input.Normal(16, 64, 112, 112)], x => F.MaxPool2d(x[0], [3], [2], [1]), x => TF.max_pool2d(x[0], 3, 2, 1),
            bytes: 5.0 * 16 * 64 * 112 * 112),
        Workload.Op("avg pool 16x64x56x56 2x2", [Input.Normal(16, 64, 56, 56)], x => F.AvgPool2d(x[0], [2]), x => TF.avg_pool2d(x[0], 2), bytes: 5.0 * 16 * 64 * 56 * 56),
        Workload.Op("adaptive avg pool 16x512x7x7 -> 1x1", [Input.Normal(16, 512, 7, 7)], x => F.AdaptiveAvgPool2d(x[0], 1, 1), x => TF.adaptive_avg_pool2d(x[0], [1, 1]),
            bytes: 4.0 * 16 * 512 * 49),
    ];

    static Workload Forward(string name, long n, long c, long size, long filters, long k, long stride, long groups) => Workload.Op(name,
        [Input.Normal(n, c, size, size), Input.Normal(filters, c / groups, k, k)], x => Ours(x, stride, k / 2, groups), x => Peer(x, stride, k / 2, groups), Flops(n, c, size, filters, k, stride, groups));

    // Backward is the gradient of the input and that of the weight: twice the multiply-adds.
    static IEnumerable<Workload> Both(string name, long n, long c, long size, long filters, long k, long stride = 1, long groups = 1) =>
    [
        Forward(name, n, c, size, filters, k, stride, groups),
        Workload.Backward($"{name} backward", [Input.Leaf(n, c, size, size), Input.Leaf(filters, c / groups, k, k)],
            x => Ours(x, stride, k / 2, groups), x => Peer(x, stride, k / 2, groups), 2 * Flops(n, c, size, filters, k, stride, groups)),
    ];

    static Tensor Ours(Tensor[] x, long stride, long padding, long groups) => F.Conv2d(x[0], x[1], stride: [stride], padding: padding, groups: groups);

    static T Peer(T[] x, long stride, long padding, long groups) => TF.conv2d(x[0], x[1], strides: [stride, stride], padding: [padding, padding], groups: groups);

    static double Flops(long n, long c, long size, long filters, long k, long stride, long groups)
    {
        double y = (size + 2 * (k / 2) - k) / stride + 1;
        return 2.0 * n * filters * y * y * (c / groups) * k * k;
    }
}
