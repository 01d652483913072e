using Flambeau.Nn;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>Networks that answer, without a tape.</summary>
static class Inference
{
    public static IEnumerable<Workload> Workloads =>
    [
        Workload.Inference("MLP 4-32-2 batch 1", () => Networks.Mlp(4, 32, 2), () => PeerNetworks.Mlp(4, 32, 2), [Input.Normal(1, 4)], (m, x) => m.Call(x[0]), (m, x) => m.call(x[0])),
        Workload.Inference("MLP 784-512-256-10 batch 1", () => Networks.Mlp(784, 512, 256, 10), () => PeerNetworks.Mlp(784, 512, 256, 10), [Input.Normal(1, 784)],
            (m, x) => m.Call(x[0]), (m, x) => m.call(x[0]), 2.0 * (784 * 512 + 512 * 256 + 256 * 10)),
        Workload.Inference("MLP 784-512-256-10 batch 64", () => Networks.Mlp(784, 512, 256, 10), () => PeerNetworks.Mlp(784, 512, 256, 10), [Input.Normal(64, 784)],
            (m, x) => m.Call(x[0]), (m, x) => m.call(x[0]), 2.0 * 64 * (784 * 512 + 512 * 256 + 256 * 10)),
        Workload.Inference("LeNet batch 1", Networks.LeNet, PeerNetworks.LeNet, [Input.Normal(1, 1, 28, 28)], (m, x) => m.Call(x[0]), (m, x) => m.call(x[0])),
        Workload.Inference("ResNet-18 CIFAR batch 1", Networks.ResNet18, PeerNetworks.ResNet18, [Input.Normal(1, 3, 32, 32)], (m, x) => m.Call(x[0]), (m, x) => m.call(x[0]), 2 * 0.556e9),
        Workload.Inference("GPT 4x128 length 128 batch 1", () => new Gpt(256, 128, 128, 4, 4), () => new PeerGpt(256, 128, 128, 4, 4), [Input.Index(256, 1, 128)],
            (m, x) => m.Call(x[0]), (m, x) => m.call(x[0])),
        Workload.Inference("LSTM 2x256 length 64 batch 1", () => new Lstm(256, 256, 2), () => torch.nn.LSTM(256, 256, 2), [Input.Normal(64, 1, 256)], (m, x) => m.Call(x[0]).Output, (m, x) => m.call(x[0]).Item1),
    ];
}
