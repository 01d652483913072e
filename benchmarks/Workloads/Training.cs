using Flambeau.Nn;
using Flambeau.Optim;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>Training steps: forward, zero_grad, backward, step.</summary>
static class Training
{
    public static IEnumerable<Workload> Workloads =>
    [
        Workload.Training("MLP 4-32-2 batch 1 SGD step", () => Networks.Mlp(4, 32, 2), () => PeerNetworks.Mlp(4, 32, 2), [Input.Normal(1, 4), Input.Normal(1, 2)],
            (m, x) => F.MseLoss(m.Call(x[0]), x[1]), (m, x) => TF.mse_loss(m.call(x[0]), x[1]), p => new Sgd(p, 1e-2), p => torch.optim.SGD(p, 1e-2)),
        Workload.Training("MLP 784-512-256-10 batch 64 Adam step", () => Networks.Mlp(784, 512, 256, 10), () => PeerNetworks.Mlp(784, 512, 256, 10), [Input.Normal(64, 784), Input.Index(10, 64)],
            (m, x) => F.CrossEntropy(m.Call(x[0]), x[1]), (m, x) => TF.cross_entropy(m.call(x[0]), x[1]), p => new Adam(p), p => torch.optim.Adam(p), 6.0 * 64 * (784 * 512 + 512 * 256 + 256 * 10)),
        Workload.Training("LeNet batch 64 SGD step", Networks.LeNet, PeerNetworks.LeNet, [Input.Normal(64, 1, 28, 28), Input.Index(10, 64)],
            (m, x) => F.CrossEntropy(m.Call(x[0]), x[1]), (m, x) => TF.cross_entropy(m.call(x[0]), x[1]), p => new Sgd(p, 1e-2, momentum: 0.9), p => torch.optim.SGD(p, 1e-2, momentum: 0.9)),
        Workload.Training("ResNet-18 CIFAR batch 16 SGD step", Networks.ResNet18, PeerNetworks.ResNet18, [Input.Normal(16, 3, 32, 32), Input.Index(10, 16)],
            (m, x) => F.CrossEntropy(m.Call(x[0]), x[1]), (m, x) => TF.cross_entropy(m.call(x[0]), x[1]), p => new Sgd(p, 1e-3, momentum: 0.9), p => torch.optim.SGD(p, 1e-3, momentum: 0.9),
            6 * 16 * 0.556e9),
        Workload.Training("GPT 4x128 length 128 batch 8 AdamW step", () => new Gpt(256, 128, 128, 4, 4), () => new PeerGpt(256, 128, 128, 4, 4), [Input.Index(256, 8, 128), Input.Index(256, 8 * 128)],
            (m, x) => F.CrossEntropy(m.Call(x[0]).Flatten(0, 1), x[1]), (m, x) => TF.cross_entropy(m.call(x[0]).flatten(0, 1), x[1]), p => new AdamW(p), p => torch.optim.AdamW(p)),
        Workload.Training("LSTM 2x256 length 64 batch 32 Adam step", () => new Lstm(256, 256, 2), () => torch.nn.LSTM(256, 256, 2), [Input.Normal(64, 32, 256), Input.Normal(64, 32, 256)],
            (m, x) => F.MseLoss(m.Call(x[0]).Output, x[1]), (m, x) => TF.mse_loss(m.call(x[0]).Item1, x[1]), p => new Adam(p), p => torch.optim.Adam(p), 3 * 2.0 * 64 * 32 * 2 * 4 * 256 * 512),
        Workload.Training("tree LSTM of 127 nodes SGD step", () => new TreeLstm(100, 64), () => new PeerTreeLstm(100, 64), [Input.Index(100, 64), Input.Index(2, 1)],
            (m, x) => F.CrossEntropy(m.Call(x[0]), x[1]), (m, x) => TF.cross_entropy(m.call(x[0]), x[1]), p => new Sgd(p, 1e-2), p => torch.optim.SGD(p, 1e-2)),
    ];
}
