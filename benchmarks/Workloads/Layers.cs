using Flambeau.Nn;
using Flambeau.Optim;
using PeerModule = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>Layers beside the commonest: recurrent ones and transformers, convolutions of other shapes, pooling, interpolation, Fourier transforms and factorizations.</summary>
static class Layers
{
    public static IEnumerable<Workload> Workloads =>
    [
        .. Recurrent, .. Transformers, .. Convolutions, .. Pictures, .. Fourier, .. Matrices, .. Blocks,
    ];

    // (64, batch, 256): 64 steps.
    static IEnumerable<Workload> Recurrent =>
    [
        Workload.Inference("LSTM 2x256 length 64 batch 32", () => new Lstm(256, 256, 2), () => torch.nn.LSTM(256, 256, 2), [Input.Normal(64, 32, 256)],
            (m, x) => m.Call(x[0]).Output, (m, x) => m.call(x[0]).Item1, 2.0 * 64 * 32 * 2 * 4 * 256 * 512),
        Workload.Inference("GRU 2x256 length 64 batch 1", () => new Gru(256, 256, 2), () => torch.nn.GRU(256, 256, 2), [Input.Normal(64, 1, 256)], (m, x) => m.Call(x[0]).Output, (m, x) => m.call(x[0]).Item1),
        Step("GRU 2x256 length 64 batch 32 Adam step", 256, () => new Gru(256, 256, 2), () => torch.nn.GRU(256, 256, 2), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        Step("RNN 2x256 length 64 batch 32 Adam step", 256, () => new Rnn(256, 256, 2), () => torch.nn.RNN(256, 256, 2), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        Step("bidirectional LSTM 256 length 64 batch 32 Adam step", 512, () => new Lstm(256, 256, bidirectional: true), () => torch.nn.LSTM(256, 256, bidirectional: true), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
    ];

    static Workload Step<TOurs, TPeer>(string name, long width, Func<TOurs> module, Func<TPeer> peer, Func<TOurs, Tensor, Tensor> ours, Func<TPeer, T, T> theirs) where TOurs : Module where TPeer : torch.nn.Module =>
        Workload.Training(name, module, peer, [Input.Normal(64, 32, 256), Input.Normal(64, 32, width)], (m, x) => F.MseLoss(ours(m, x[0]), x[1]), (m, x) => TF.mse_loss(theirs(m, x[0]), x[1]),
            p => new Adam(p), p => torch.optim.Adam(p));

    static IEnumerable<Workload> Transformers =>
    [
        Workload.Inference("encoder layer 256x8 length 64 batch 8", () => new TransformerEncoderLayer(256, 8, 1024, 0.0), () => torch.nn.TransformerEncoderLayer(256, 8, 1024, 0.0), [Input.Normal(64, 8, 256)],
            (m, x) => m.Call(x[0]), (m, x) => m.call(x[0], null, null)),
        Workload.Training("encoder layer 256x8 length 64 batch 8 Adam step", () => new TransformerEncoderLayer(256, 8, 1024, 0.0), () => torch.nn.TransformerEncoderLayer(256, 8, 1024, 0.0),
            [Input.Normal(64, 8, 256), Input.Normal(64, 8, 256)], (m, x) => F.MseLoss(m.Call(x[0]), x[1]), (m, x) => TF.mse_loss(m.call(x[0], null, null), x[1]), p => new Adam(p), p => torch.optim.Adam(p)),
        Workload.Inference("multi-head attention 256x8 length 128 batch 4", () => new MultiheadAttention(256, 8), () => torch.nn.MultiheadAttention(256, 8), [Input.Normal(128, 4, 256)],
            (m, x) => m.Call(x[0], x[0], x[0]).Output, (m, x) => m.call(x[0], x[0], x[0], null, true, null).Item1),
    ];

    static IEnumerable<Workload> Convolutions =>
    [
        Conv("conv 16x64x56x56 3x3 groups 4", 16, 64, 56, 64, 3, groups: 4), Conv("conv 16x64x56x56 3x3 dilation 2", 16, 64, 56, 64, 3, dilation: 2),
        Conv("conv 16x64x28x28 7x7", 16, 64, 28, 64, 7), Conv("conv 16x96x28x28 5x5 depthwise", 16, 96, 28, 96, 5, groups: 96), Conv("conv 16x17x33x33 3x3 to 33", 16, 17, 33, 33, 3),
        .. Both("conv 16x512x7x7 1x1 to 2048", [Input.Leaf(16, 512, 7, 7), Input.Leaf(2048, 512, 1, 1)], x => F.Conv2d(x[0], x[1]), x => TF.conv2d(x[0], x[1]), 2.0 * 16 * 512 * 49 * 2048),
        .. Both("conv1d 16x64x1024 31", [Input.Leaf(16, 64, 1024), Input.Leaf(64, 64, 31)], x => F.Conv1d(x[0], x[1], padding: 15), x => TF.conv1d(x[0], x[1], padding: 15), 2.0 * 16 * 64 * 1024 * 64 * 31),
        .. Both("conv3d 2x16x16x32x32 3", [Input.Leaf(2, 16, 16, 32, 32), Input.Leaf(32, 16, 3, 3, 3)], x => F.Conv3d(x[0], x[1], padding: 1), x => TF.conv3d(x[0], x[1], padding: [1, 1, 1]), 2.0 * 2 * 16 * 16384 * 32 * 27),
        .. Both("transposed conv 16x64x28x28 4x4 stride 2", [Input.Leaf(16, 64, 28, 28), Input.Leaf(64, 32, 4, 4)], x => F.ConvTranspose2d(x[0], x[1], stride: [2], padding: [1]),
            x => TF.conv_transpose2d(x[0], x[1], strides: [2, 2], padding: [1, 1]), 2.0 * 16 * 64 * 784 * 32 * 16),
    ];

    static Workload Conv(string name, long n, long c, long size, long filters, long k, long groups = 1, long dilation = 1)
    {
        long pad = dilation * (k / 2);
        return Workload.Op(name, [Input.Normal(n, c, size, size), Input.Normal(filters, c / groups, k, k)], x => F.Conv2d(x[0], x[1], padding: pad, dilation: [dilation], groups: groups),
            x => TF.conv2d(x[0], x[1], padding: [pad, pad], dilation: [dilation, dilation], groups: groups), 2.0 * n * filters * size * size * (c / groups) * k * k);
    }

    static IEnumerable<Workload> Both(string name, Input[] inputs, Func<Tensor[], Tensor> ours, Func<T[], T> peer, double flops = 0) =>
    [
        Workload.Op(name, [.. inputs.Select(x => x with { Grad = false })], ours, peer, flops), Workload.Backward($"{name} backward", inputs, ours, peer, 2 * flops),
    ];

    static IEnumerable<Workload> Pictures =>
    [
        .. Both("avg pool 16x64x56x56 3x3", [Input.Leaf(16, 64, 56, 56)], x => F.AvgPool2d(x[0], [3], [1], [1]), x => TF.avg_pool2d(x[0], 3, 1, 1)),
        .. Both("adaptive avg pool 16x256x13x13 -> 7x7", [Input.Leaf(16, 256, 13, 13)], x => F.AdaptiveAvgPool2d(x[0], 7, 7), x => TF.adaptive_avg_pool2d(x[0], [7, 7])),
        .. Both("bilinear 8x64x32x32 -> 64x64", [Input.Leaf(8, 64, 32, 32)], x => F.Interpolate(x[0], scaleFactor: [2], mode: "bilinear"),
            x => TF.interpolate(x[0], scale_factor: [2, 2], mode: torch.InterpolationMode.Bilinear, align_corners: false)),
        .. Both("nearest 8x64x32x32 -> 64x64", [Input.Leaf(8, 64, 32, 32)], x => F.Interpolate(x[0], scaleFactor: [2]), x => TF.interpolate(x[0], scale_factor: [2, 2])),
        .. Both("grid sample 8x16x64x64", [Input.Leaf(8, 16, 64, 64), Input.Uniform(8, 64, 64, 2) with { Grad = true }], x => F.GridSample(x[0], x[1], alignCorners: false),
            x => TF.grid_sample(x[0], x[1], align_corners: false)),
        .. Both("unfold 8x32x32x32 3x3", [Input.Leaf(8, 32, 32, 32)], x => F.Unfold(x[0], [3], padding: [1]), x => TF.unfold(x[0], 3, 1, 1, 1)),
    ];

    static IEnumerable<Workload> Fourier =>
    [
        Workload.Op("rfft 1,048,576", [Input.Normal(1 << 20)], x => Fft.Rfft(x[0]).ViewAsReal(), x => torch.view_as_real(torch.fft.rfft(x[0]))),
        Workload.Op("rfft 1024x1024 along rows", [Input.Normal(1024, 1024)], x => Fft.Rfft(x[0]).ViewAsReal(), x => torch.view_as_real(torch.fft.rfft(x[0]))),
        Workload.Op("fft2 512x512", [Input.Normal(512, 512)], x => Fft.Fft2(x[0]).ViewAsReal(), x => torch.view_as_real(torch.fft.fft2(x[0]))),
        Workload.Op("fft 64x1000 complex rows", [Input.Normal(64, 1000, 2)], x => Fft.FFT(x[0].ViewAsComplex()).ViewAsReal(), x => torch.view_as_real(torch.fft.fft_(torch.view_as_complex(x[0])))),
        Workload.Op("irfft 1024x513", [Input.Normal(1024, 513, 2)], x => Fft.Irfft(x[0].ViewAsComplex()), x => torch.fft.irfft(torch.view_as_complex(x[0]))),
        Workload.Op("stft 4x16,000, 400 every 160", [Input.Normal(4, 16000), Input.Uniform(400)], x => x[0].Stft(400, 160, window: x[1], returnComplex: true).ViewAsReal(),
            x => torch.view_as_real(x[0].stft(400, 160, window: x[1], return_complex: true))),
    ];

    // Of x xᵀ / n + 1, and of x for QR and SVD.
    static IEnumerable<Workload> Matrices =>
    [
        Matrix("cholesky", 128, a => Linalg.Cholesky(a), a => torch.linalg.cholesky(a)), Matrix("cholesky", 512, a => Linalg.Cholesky(a), a => torch.linalg.cholesky(a)),
        Matrix("solve", 512, a => Linalg.Solve(a, a), a => torch.linalg.solve(a, a)), Matrix("inv", 128, a => Linalg.Inv(a), a => torch.linalg.inv(a)),
        Matrix("qr", 512, a => Linalg.Qr(a).R.Abs(), a => torch.linalg.qr(a).Item2.abs(), positive: false), Matrix("svd", 128, a => Linalg.Svd(a).S, a => torch.linalg.svd(a).Item2, positive: false),
        Matrix("eigh", 512, a => Linalg.Eigh(a).Eigenvalues, a => torch.linalg.eigh(a).Item1),
    ];

    static Workload Matrix(string name, long n, Func<Tensor, Tensor> ours, Func<T, T> peer, bool positive = true) => new($"{name} {n}x{n}", () =>
    {
        Tensor a = Input.Normal(n, n).Ours(0);
        if (positive) a = a.MatMul(a.MT) / (double)n + Tensor.Eye(n);
        float[] values = a.ToArray<float>();
        return new(() => ours(a), () =>
        {
            T b = torch.tensor(values, [n, n]);
            return () => peer(b);
        });
    }) { Tolerance = 1e-3 };

    static IEnumerable<Workload> Blocks =>
    [
        Workload.Inference("MobileNet block 32-128-32 batch 1", Mobile, PeerMobile, [Input.Normal(1, 32, 28, 28)], (m, x) => m.Call(x[0]), (m, x) => m.call(x[0])),
        Step("MobileNet block 32-128-32 batch 8 Adam step", Mobile, PeerMobile, Input.Normal(8, 32, 28, 28)), Step("VGG blocks 64-128 batch 8 Adam step", Vgg, PeerVgg, Input.Normal(8, 3, 64, 64)),
        Step("autoencoder 3x64x64 batch 16 Adam step", Autoencoder, PeerAutoencoder, Input.Normal(16, 3, 64, 64)),
    ];

    static Workload Step(string name, Func<Sequential> ours, Func<PeerModule> peer, Input x) => Workload.Training(name, ours, peer, [x], (m, t) => m.Call(t[0]).Square().Mean(), (m, t) => m.call(t[0]).square().mean(),
        p => new Adam(p), p => torch.optim.Adam(p));

    static Sequential Mobile() => new(
        new Conv2d(32, 128, 1, bias: false), new BatchNorm2d(128), new Relu6(), new Conv2d(128, 128, 3, padding: 1, groups: 128, bias: false), new BatchNorm2d(128), new Relu6(),
        new Conv2d(128, 32, 1, bias: false), new BatchNorm2d(32));

    static PeerModule PeerMobile() => torch.nn.Sequential([
        torch.nn.Conv2d(32, 128, 1, bias: false), torch.nn.BatchNorm2d(128), torch.nn.ReLU6(), torch.nn.Conv2d(128, 128, 3, padding: 1, groups: 128, bias: false), torch.nn.BatchNorm2d(128), torch.nn.ReLU6(),
        torch.nn.Conv2d(128, 32, 1, bias: false), torch.nn.BatchNorm2d(32)]);

    static Sequential Vgg() => new(
        new Conv2d(3, 64, 3, padding: 1), new Relu(), new Conv2d(64, 64, 3, padding: 1), new Relu(), new MaxPool2d(2), new Conv2d(64, 128, 3, padding: 1), new Relu(), new Conv2d(128, 128, 3, padding: 1), new Relu(), new MaxPool2d(2));

    static PeerModule PeerVgg() => torch.nn.Sequential([
        torch.nn.Conv2d(3, 64, 3, padding: 1), torch.nn.ReLU(), torch.nn.Conv2d(64, 64, 3, padding: 1), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Conv2d(64, 128, 3, padding: 1), torch.nn.ReLU(),
        torch.nn.Conv2d(128, 128, 3, padding: 1), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]);

    static Sequential Autoencoder() => new(
        new Conv2d(3, 32, 4, 2, 1), new Relu(), new Conv2d(32, 64, 4, 2, 1), new Relu(), new Conv2d(64, 128, 4, 2, 1), new Relu(),
        new ConvTranspose2d(128, 64, 4, 2, 1), new Relu(), new ConvTranspose2d(64, 32, 4, 2, 1), new Relu(), new ConvTranspose2d(32, 3, 4, 2, 1), new Sigmoid());

    static PeerModule PeerAutoencoder() => torch.nn.Sequential([
        torch.nn.Conv2d(3, 32, 4, 2, 1), torch.nn.ReLU(), torch.nn.Conv2d(32, 64, 4, 2, 1), torch.nn.ReLU(), torch.nn.Conv2d(64, 128, 4, 2, 1), torch.nn.ReLU(),
        torch.nn.ConvTranspose2d(128, 64, 4, 2, 1), torch.nn.ReLU(), torch.nn.ConvTranspose2d(64, 32, 4, 2, 1), torch.nn.ReLU(), torch.nn.ConvTranspose2d(32, 3, 4, 2, 1), torch.nn.Sigmoid()]);
}
