using Flambeau.Nn;
using Flambeau.Optim;

namespace Flambeau.Benchmarks.Workloads;

static class Survey
{
    public static IEnumerable<Workload> Workloads =>
    [
        // recurrent
        Rec("S gru 2x256 len64 b1 inf", 1, () => new Gru(256, 256, 2), () => torch.nn.GRU(256, 256, 2), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        Rec("S gru 2x256 len64 b32 inf", 32, () => new Gru(256, 256, 2), () => torch.nn.GRU(256, 256, 2), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        Rec("S lstm 2x256 len64 b32 inf", 32, () => new Lstm(256, 256, 2), () => torch.nn.LSTM(256, 256, 2), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        Rec("S rnn 2x256 len64 b1 inf", 1, () => new Rnn(256, 256, 2), () => torch.nn.RNN(256, 256, 2), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        Rec("S rnn 2x256 len64 b32 inf", 32, () => new Rnn(256, 256, 2), () => torch.nn.RNN(256, 256, 2), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        Rec("S bilstm 1x256 len64 b8 inf", 8, () => new Lstm(256, 256, 1, bidirectional: true), () => torch.nn.LSTM(256, 256, 1, bidirectional: true), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        RecT("S gru 2x256 len64 b32 train", 32, 256, () => new Gru(256, 256, 2), () => torch.nn.GRU(256, 256, 2), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        RecT("S rnn 2x256 len64 b32 train", 32, 256, () => new Rnn(256, 256, 2), () => torch.nn.RNN(256, 256, 2), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        RecT("S bilstm 1x256 len64 b32 train", 32, 512, () => new Lstm(256, 256, 1, bidirectional: true), () => torch.nn.LSTM(256, 256, 1, bidirectional: true), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        RecT("S lstm 1x256 len64 b1 train", 1, 256, () => new Lstm(256, 256, 1), () => torch.nn.LSTM(256, 256, 1), (m, x) => m.Call(x).Output, (m, x) => m.call(x).Item1),
        // transformer
        Workload.Inference("S encoderlayer 256 h8 ff1024 L64 b8 inf", () => new TransformerEncoderLayer(256, 8, 1024, 0.0), () => torch.nn.TransformerEncoderLayer(256, 8, 1024, 0.0), [Input.Normal(64, 8, 256)], (m, x) => m.Call(x[0]), (m, x) => m.call(x[0], null, null)),
        Workload.Inference("S encoderlayer 256 h8 ff1024 L64 b1 inf", () => new TransformerEncoderLayer(256, 8, 1024, 0.0), () => torch.nn.TransformerEncoderLayer(256, 8, 1024, 0.0), [Input.Normal(64, 1, 256)], (m, x) => m.Call(x[0]), (m, x) => m.call(x[0], null, null)),
        Workload.Training("S encoderlayer 256 h8 ff1024 L64 b8 train", () => new TransformerEncoderLayer(256, 8, 1024, 0.0), () => torch.nn.TransformerEncoderLayer(256, 8, 1024, 0.0), [Input.Normal(64, 8, 256), Input.Normal(64, 8, 256)], (m, x) => F.MseLoss(m.Call(x[0]), x[1]), (m, x) => TF.mse_loss(m.call(x[0], null, null), x[1]), p => new Adam(p), p => torch.optim.Adam(p)),
        Workload.Inference("S decoderlayer 256 h8 ff1024 L64 b8 inf", () => new TransformerDecoderLayer(256, 8, 1024, 0.0), () => torch.nn.TransformerDecoderLayer(256, 8, 1024, 0.0), [Input.Normal(64, 8, 256), Input.Normal(64, 8, 256)], (m, x) => m.Call(x[0], x[1]), (m, x) => m.call(x[0], x[1], null, null, null, null)),
        Workload.Inference("S mha 256 h8 L128 b4 inf", () => new MultiheadAttention(256, 8), () => torch.nn.MultiheadAttention(256, 8), [Input.Normal(128, 4, 256)], (m, x) => m.Call(x[0], x[0], x[0]).Output, (m, x) => m.call(x[0], x[0], x[0], null, true, null).Item1),
        Workload.Inference("S mha 256 h8 L128 b4 noweights inf", () => new MultiheadAttention(256, 8), () => torch.nn.MultiheadAttention(256, 8), [Input.Normal(128, 4, 256)], (m, x) => m.Call(x[0], x[0], x[0], needWeights: false).Output, (m, x) => m.call(x[0], x[0], x[0], null, false, null).Item1),
        // conv
        .. Conv("S conv 16x64x56 3x3 groups4", 16, 64, 56, 64, 3, 3, groups: 4), .. Conv("S conv 16x128x28 3x3 groups32", 16, 128, 28, 128, 3, 3, groups: 32),
        .. Conv("S conv 16x64x56 3x3 dil2", 16, 64, 56, 64, 3, 3, dil: 2), .. Conv("S conv 16x64x56 1x1 stride2", 16, 64, 56, 128, 1, 1, stride: 2),
        .. Conv("S conv 16x64x28 5x5", 16, 64, 28, 64, 5, 5), .. Conv("S conv 16x64x28 7x7", 16, 64, 28, 64, 7, 7), .. Conv("S conv 16x128x17 1x7", 16, 128, 17, 128, 1, 7), .. Conv("S conv 16x128x17 7x1", 16, 128, 17, 128, 7, 1),
        .. Conv("S conv 16x3x32 3x3 ->16", 16, 3, 32, 16, 3, 3), .. Conv("S conv 16x3x64 3x3 ->32", 16, 3, 64, 32, 3, 3), .. Conv("S conv 16x512x7 3x3", 16, 512, 7, 512, 3, 3), .. Conv("S conv 16x512x7 1x1", 16, 512, 7, 2048, 1, 1),
        .. Conv("S pw 16x64x56 ->64", 16, 64, 56, 64, 1, 1), .. Conv("S pw 16x64x56 ->256", 16, 64, 56, 256, 1, 1), .. Conv("S pw 16x256x56 ->64", 16, 256, 56, 64, 1, 1), .. Conv("S pw 16x128x28 ->512", 16, 128, 28, 512, 1, 1), .. Conv("S pw 16x256x14 ->1024", 16, 256, 14, 1024, 1, 1),
        .. Conv("S pw 16x512x7 ->2048", 16, 512, 7, 2048, 1, 1), .. Conv("S pw 16x2048x7 ->512", 16, 2048, 7, 512, 1, 1), .. Conv("S pw 8x32x28 ->128", 8, 32, 28, 128, 1, 1), .. Conv("S pw 1x256x28 ->256", 1, 256, 28, 256, 1, 1), .. Conv("S pw 1x512x7 ->2048", 1, 512, 7, 2048, 1, 1), .. Conv("S pw 4x17x13 ->33", 4, 17, 13, 33, 1, 1),
        .. Conv("S conv 1x3x224 3x3 ->64", 1, 3, 224, 64, 3, 3), .. Conv("S conv 1x64x224 3x3", 1, 64, 224, 64, 3, 3), .. Conv("S conv 1x256x28 1x1", 1, 256, 28, 256, 1, 1), .. Conv("S conv 1x3x224 7x7 s2", 1, 3, 224, 64, 7, 7, stride: 2),
        .. Conv("S conv 16x17x33 3x3 ->33", 16, 17, 33, 33, 3, 3), .. Conv("S conv 16x32x112 3x3 depthwise", 16, 32, 112, 32, 3, 3, groups: 32), .. Conv("S conv 16x144x56 3x3 depthwise s2", 16, 144, 56, 144, 3, 3, groups: 144, stride: 2),
        .. Conv("S conv 16x96x28 5x5 depthwise", 16, 96, 28, 96, 5, 5, groups: 96), .. Conv("S conv 16x96x28 7x7 depthwise", 16, 96, 28, 96, 7, 7, groups: 96),
        .. Op2("S conv1d 16x64x1024 k31", [Input.Leaf(16, 64, 1024), Input.Leaf(64, 64, 31)], x => F.Conv1d(x[0], x[1], padding: 15), x => TF.conv1d(x[0], x[1], padding: 15)),
        .. Op2("S conv1d 4x1x16000 k400 s160 ->64", [Input.Leaf(4, 1, 16000), Input.Leaf(64, 1, 400)], x => F.Conv1d(x[0], x[1], stride: [160]), x => TF.conv1d(x[0], x[1], stride: 160)),
        .. Op2("S conv1d 8x128x512 k7 s2", [Input.Leaf(8, 128, 512), Input.Leaf(128, 128, 7)], x => F.Conv1d(x[0], x[1], stride: [2], padding: 3), x => TF.conv1d(x[0], x[1], stride: 2, padding: 3)),
        .. Op2("S conv3d 2x16x16x32x32 k3", [Input.Leaf(2, 16, 16, 32, 32), Input.Leaf(32, 16, 3, 3, 3)], x => F.Conv3d(x[0], x[1], padding: 1), x => TF.conv3d(x[0], x[1], padding: [1, 1, 1])),
        .. Op2("S convT 16x64x28 3x3 s2", [Input.Leaf(16, 64, 28, 28), Input.Leaf(64, 32, 3, 3)], x => F.ConvTranspose2d(x[0], x[1], stride: [2], padding: [1], outputPadding: [1]), x => TF.conv_transpose2d(x[0], x[1], strides: [2, 2], padding: [1, 1], output_padding: [1, 1])),
        .. Op2("S convT 16x64x28 4x4 s2", [Input.Leaf(16, 64, 28, 28), Input.Leaf(64, 32, 4, 4)], x => F.ConvTranspose2d(x[0], x[1], stride: [2], padding: [1]), x => TF.conv_transpose2d(x[0], x[1], strides: [2, 2], padding: [1, 1])),
        .. Op2("S convT 64x100x1x1 4x4 ->256", [Input.Leaf(64, 100, 1, 1), Input.Leaf(100, 256, 4, 4)], x => F.ConvTranspose2d(x[0], x[1]), x => TF.conv_transpose2d(x[0], x[1])),
        .. Op2("S convT 16x64x28 2x2 s2", [Input.Leaf(16, 64, 28, 28), Input.Leaf(64, 32, 2, 2)], x => F.ConvTranspose2d(x[0], x[1], stride: [2]), x => TF.conv_transpose2d(x[0], x[1], strides: [2, 2])),
        // pools
        .. Op2("S avgpool 16x64x56 3x3 s1p1", [Input.Leaf(16, 64, 56, 56)], x => F.AvgPool2d(x[0], [3], [1], [1]), x => TF.avg_pool2d(x[0], 3, 1, 1)),
        .. Op2("S avgpool 16x64x56 3x3 s2p1", [Input.Leaf(16, 64, 56, 56)], x => F.AvgPool2d(x[0], [3], [2], [1]), x => TF.avg_pool2d(x[0], 3, 2, 1)),
        .. Op2("S avgpool 16x64x56 2x2", [Input.Leaf(16, 64, 56, 56)], x => F.AvgPool2d(x[0], [2]), x => TF.avg_pool2d(x[0], 2)),
        .. Op2("S adaptive 16x256x14->7", [Input.Leaf(16, 256, 14, 14)], x => F.AdaptiveAvgPool2d(x[0], 7, 7), x => TF.adaptive_avg_pool2d(x[0], [7, 7])),
        .. Op2("S adaptive 16x256x13->7", [Input.Leaf(16, 256, 13, 13)], x => F.AdaptiveAvgPool2d(x[0], 7, 7), x => TF.adaptive_avg_pool2d(x[0], [7, 7])),
        .. Op2("S adaptive 16x512x7->1", [Input.Leaf(16, 512, 7, 7)], x => F.AdaptiveAvgPool2d(x[0], 1, 1), x => TF.adaptive_avg_pool2d(x[0], [1, 1])),
        .. Op2("S maxpool3d 2x32x16x32x32 2", [Input.Leaf(2, 32, 16, 32, 32)], x => F.MaxPool3d(x[0], [2]), x => TF.max_pool3d(x[0], [2, 2, 2])),
        .. Op2("S maxpool1d 16x64x4096 k2", [Input.Leaf(16, 64, 4096)], x => F.MaxPool1d(x[0], [2]), x => TF.max_pool1d(x[0], 2)),
        .. Op2("S maxpool 16x64x56 3x3 s2", [Input.Leaf(16, 64, 56, 56)], x => F.MaxPool2d(x[0], [3], [2], [1]), x => TF.max_pool2d(x[0], 3, 2, 1)),
        .. Op2("S avgpool1d 16x64x4096 k4", [Input.Leaf(16, 64, 4096)], x => F.AvgPool1d(x[0], [4]), x => TF.avg_pool1d(x[0], 4)),
        .. Op2("S avgpool3d 2x32x16x32x32 2", [Input.Leaf(2, 32, 16, 32, 32)], x => F.AvgPool3d(x[0], [2]), x => TF.avg_pool3d(x[0], [2, 2, 2])),
        // interpolation
        .. Op2("S nearest 8x64x32->64", [Input.Leaf(8, 64, 32, 32)], x => F.Interpolate(x[0], scaleFactor: [2]), x => TF.interpolate(x[0], scale_factor: [2, 2])),
        .. Op2("S bilinear 8x64x32->64", [Input.Leaf(8, 64, 32, 32)], x => F.Interpolate(x[0], scaleFactor: [2], mode: "bilinear"), x => TF.interpolate(x[0], scale_factor: [2, 2], mode: torch.InterpolationMode.Bilinear, align_corners: false)),
        .. Op2("S bicubic 8x64x32->64", [Input.Leaf(8, 64, 32, 32)], x => F.Interpolate(x[0], scaleFactor: [2], mode: "bicubic"), x => TF.interpolate(x[0], scale_factor: [2, 2], mode: torch.InterpolationMode.Bicubic, align_corners: false)),
        .. Op2("S bilinear 8x3x256->224", [Input.Leaf(8, 3, 256, 256)], x => F.Interpolate(x[0], size: [224, 224], mode: "bilinear"), x => TF.interpolate(x[0], size: [224, 224], mode: torch.InterpolationMode.Bilinear, align_corners: false)),
        .. Op2("S area 8x3x256->64", [Input.Leaf(8, 3, 256, 256)], x => F.Interpolate(x[0], size: [64, 64], mode: "area"), x => TF.interpolate(x[0], size: [64, 64], mode: torch.InterpolationMode.Area)),
        .. Op2("S bilinear align 8x16x64->128", [Input.Leaf(8, 16, 64, 64)], x => F.Interpolate(x[0], size: [128, 128], mode: "bilinear", alignCorners: true), x => TF.interpolate(x[0], size: [128, 128], mode: torch.InterpolationMode.Bilinear, align_corners: true)),
        .. Op2("S gridsample 8x16x64", [Input.Leaf(8, 16, 64, 64), Input.Uniform(8, 64, 64, 2)], x => F.GridSample(x[0], x[1], alignCorners: false), x => TF.grid_sample(x[0], x[1], align_corners: false)),
        .. Op2("S pixelshuffle 8x64x64 r2", [Input.Leaf(8, 64, 64, 64)], x => F.PixelShuffle(x[0], 2), x => TF.pixel_shuffle(x[0], 2)),
        .. Op2("S unfold 8x32x32 k3", [Input.Leaf(8, 32, 32, 32)], x => F.Unfold(x[0], [3], padding: [1]), x => TF.unfold(x[0], 3, 1, 1, 1)),
        .. Op2("S fold 8x32x32 k3", [Input.Leaf(8, 288, 1024)], x => F.Fold(x[0], [32, 32], [3], padding: [1]), x => TF.fold(x[0], (32, 32), (3, 3), null, (1, 1), null)),
        // fft
        Workload.Op("S fft 2^20 complex of real", [Input.Normal(1 << 20)], x => Fft.FFT(x[0]).ViewAsReal(), x => torch.view_as_real(torch.fft.fft_(x[0]))),
        Workload.Op("S rfft 2^20", [Input.Normal(1 << 20)], x => Fft.Rfft(x[0]).ViewAsReal(), x => torch.view_as_real(torch.fft.rfft(x[0]))),
        Workload.Op("S rfft 1024x1024", [Input.Normal(1024, 1024)], x => Fft.Rfft(x[0]).ViewAsReal(), x => torch.view_as_real(torch.fft.rfft(x[0]))),
        Workload.Op("S fft 1024x1024 rows", [Input.Normal(1024, 1024)], x => Fft.FFT(x[0]).ViewAsReal(), x => torch.view_as_real(torch.fft.fft_(x[0]))),
        Workload.Op("S fft 1024x1000 rows", [Input.Normal(1024, 1000)], x => Fft.FFT(x[0]).ViewAsReal(), x => torch.view_as_real(torch.fft.fft_(x[0]))),
        Workload.Op("S fft 64x400 rows", [Input.Normal(64, 400)], x => Fft.Rfft(x[0]).ViewAsReal(), x => torch.view_as_real(torch.fft.rfft(x[0]))),
        Workload.Op("S fft2 512", [Input.Normal(512, 512)], x => Fft.Fft2(x[0]).ViewAsReal(), x => torch.view_as_real(torch.fft.fft2(x[0]))),
        // linalg
        .. new long[] { 16, 128, 512 }.SelectMany(Linalg),
        // networks
        Net("S mobilenet block b8 train", () => Mobile(), () => PMobile(), [Input.Normal(8, 32, 28, 28)]), NetI("S mobilenet block b1 inf", () => Mobile(), () => PMobile(), [Input.Normal(1, 32, 28, 28)]),
        Net("S vgg block b8 train", () => Vgg(), () => PVgg(), [Input.Normal(8, 3, 64, 64)]), NetI("S vgg block b1 inf", () => Vgg(), () => PVgg(), [Input.Normal(1, 3, 64, 64)]),
        Net("S autoencoder b16 train", () => Auto(), () => PAuto(), [Input.Normal(16, 3, 64, 64)]), NetI("S autoencoder b1 inf", () => Auto(), () => PAuto(), [Input.Normal(1, 3, 64, 64)]),
        Net("S upsample net b4 train", () => Up(), () => PUp(), [Input.Normal(4, 16, 32, 32)]),
        Net("S cnn1d b16 train", () => C1(), () => PC1(), [Input.Normal(16, 8, 512)]),
    ];

    static Sequential Mobile() => new(new Conv2d(32, 128, 1, bias: false), new BatchNorm2d(128), new Relu6(), new Conv2d(128, 128, 3, padding: 1, groups: 128, bias: false), new BatchNorm2d(128), new Relu6(), new Conv2d(128, 32, 1, bias: false), new BatchNorm2d(32));
    static TorchSharp.torch.nn.Module<T, T> PMobile() => torch.nn.Sequential([torch.nn.Conv2d(32, 128, 1, bias: false), torch.nn.BatchNorm2d(128), torch.nn.ReLU6(), torch.nn.Conv2d(128, 128, 3, padding: 1, groups: 128, bias: false), torch.nn.BatchNorm2d(128), torch.nn.ReLU6(), torch.nn.Conv2d(128, 32, 1, bias: false), torch.nn.BatchNorm2d(32)]);
    static Sequential Vgg() => new(new Conv2d(3, 64, 3, padding: 1), new Relu(), new Conv2d(64, 64, 3, padding: 1), new Relu(), new MaxPool2d(2), new Conv2d(64, 128, 3, padding: 1), new Relu(), new Conv2d(128, 128, 3, padding: 1), new Relu(), new MaxPool2d(2));
    static TorchSharp.torch.nn.Module<T, T> PVgg() => torch.nn.Sequential([torch.nn.Conv2d(3, 64, 3, padding: 1), torch.nn.ReLU(), torch.nn.Conv2d(64, 64, 3, padding: 1), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Conv2d(64, 128, 3, padding: 1), torch.nn.ReLU(), torch.nn.Conv2d(128, 128, 3, padding: 1), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]);
    static Sequential Auto() => new(new Conv2d(3, 32, 4, 2, 1), new Relu(), new Conv2d(32, 64, 4, 2, 1), new Relu(), new Conv2d(64, 128, 4, 2, 1), new Relu(), new ConvTranspose2d(128, 64, 4, 2, 1), new Relu(), new ConvTranspose2d(64, 32, 4, 2, 1), new Relu(), new ConvTranspose2d(32, 3, 4, 2, 1), new Sigmoid());
    static TorchSharp.torch.nn.Module<T, T> PAuto() => torch.nn.Sequential([torch.nn.Conv2d(3, 32, 4, 2, 1), torch.nn.ReLU(), torch.nn.Conv2d(32, 64, 4, 2, 1), torch.nn.ReLU(), torch.nn.Conv2d(64, 128, 4, 2, 1), torch.nn.ReLU(), torch.nn.ConvTranspose2d(128, 64, 4, 2, 1), torch.nn.ReLU(), torch.nn.ConvTranspose2d(64, 32, 4, 2, 1), torch.nn.ReLU(), torch.nn.ConvTranspose2d(32, 3, 4, 2, 1), torch.nn.Sigmoid()]);
    static Sequential Up() => new(new Conv2d(16, 32, 3, padding: 1), new GroupNorm(8, 32), new Silu(), new Conv2d(32, 32, 3, 2, 1), new Silu(), new Upsample(scaleFactor: 2), new Conv2d(32, 16, 3, padding: 1));
    static TorchSharp.torch.nn.Module<T, T> PUp() => torch.nn.Sequential([torch.nn.Conv2d(16, 32, 3, padding: 1), torch.nn.GroupNorm(8, 32), torch.nn.SiLU(), torch.nn.Conv2d(32, 32, 3, 2, 1), torch.nn.SiLU(), torch.nn.Upsample(scale_factor: [2, 2]), torch.nn.Conv2d(32, 16, 3, padding: 1)]);
    static Sequential C1() => new(new Conv1d(8, 64, 7, padding: 3), new BatchNorm1d(64), new Relu(), new MaxPool1d(2), new Conv1d(64, 128, 5, padding: 2), new BatchNorm1d(128), new Relu(), new MaxPool1d(2), new Conv1d(128, 128, 3, padding: 1), new Relu());
    static TorchSharp.torch.nn.Module<T, T> PC1() => torch.nn.Sequential([torch.nn.Conv1d(8, 64, 7, padding: 3L), torch.nn.BatchNorm1d(64), torch.nn.ReLU(), torch.nn.MaxPool1d(2), torch.nn.Conv1d(64, 128, 5, padding: 2L), torch.nn.BatchNorm1d(128), torch.nn.ReLU(), torch.nn.MaxPool1d(2), torch.nn.Conv1d(128, 128, 3, padding: 1L), torch.nn.ReLU()]);

    static Workload Net(string name, Func<Sequential> m, Func<TorchSharp.torch.nn.Module<T, T>> p, Input[] x) => Workload.Training(name, m, p, x, (n, t) => n.Call(t[0]).Square().Mean(), (n, t) => n.call(t[0]).square().mean(), q => new Adam(q), q => torch.optim.Adam(q));
    static Workload NetI(string name, Func<Sequential> m, Func<TorchSharp.torch.nn.Module<T, T>> p, Input[] x) => Workload.Inference(name, m, p, x, (n, t) => n.Call(t[0]), (n, t) => n.call(t[0]));

    static IEnumerable<Workload> Linalg(long n)
    {
        Workload Of(string name, bool spd, Func<Tensor, Tensor> ours, Func<T, T> peer) => new($"S linalg {name} {n}", () =>
        {
            Input i = Input.Normal(n, n);
            Tensor a = i.Ours(0);
            if (spd) a = a.MatMul(a.MT) / (double)n + Tensor.Eye(n);
            float[] v = a.ToArray<float>();
            return new(() => ours(a), () =>
            {
                T b = torch.tensor(v, [n, n]);
                return () => peer(b);
            });
        }) { Tolerance = 1e-2 };
        return
        [
            Of("cholesky", true, a => Flambeau.Linalg.Cholesky(a), a => torch.linalg.cholesky(a)), Of("solve", true, a => Flambeau.Linalg.Solve(a, a), a => torch.linalg.solve(a, a)),
            Of("inv", true, a => Flambeau.Linalg.Inv(a), a => torch.linalg.inv(a)), Of("det", true, a => Flambeau.Linalg.SlogDet(a).LogAbsDet, a => torch.linalg.slogdet(a).Item2), Of("qr", false, a => Flambeau.Linalg.Qr(a).R.Abs(), a => torch.linalg.qr(a).Item2.abs()),
            Of("svd", false, a => Flambeau.Linalg.Svd(a).S, a => torch.linalg.svd(a).Item2), Of("svdvals", false, a => Flambeau.Linalg.Svdvals(a), a => torch.linalg.svdvals(a)), Of("eigh", true, a => Flambeau.Linalg.Eigh(a).Eigenvalues, a => torch.linalg.eigh(a).Item1),
        ];
    }

    static Workload Rec<M, P>(string name, long batch, Func<M> m, Func<P> p, Func<M, Tensor, Tensor> ours, Func<P, T, T> peer) where M : Module where P : torch.nn.Module =>
        Workload.Inference(name, m, p, [Input.Normal(64, batch, 256)], (n, x) => ours(n, x[0]), (n, x) => peer(n, x[0]));

    static Workload RecT<M, P>(string name, long batch, long wide, Func<M> m, Func<P> p, Func<M, Tensor, Tensor> ours, Func<P, T, T> peer) where M : Module where P : torch.nn.Module =>
        Workload.Training(name, m, p, [Input.Normal(64, batch, 256), Input.Normal(64, batch, wide)], (n, x) => F.MseLoss(ours(n, x[0]), x[1]), (n, x) => TF.mse_loss(peer(n, x[0]), x[1]), q => new Adam(q), q => torch.optim.Adam(q));

    static IEnumerable<Workload> Conv(string name, long n, long c, long size, long filters, long kh, long kw, long stride = 1, long groups = 1, long dil = 1)
    {
        long ph = dil * (kh / 2), pw = dil * (kw / 2), yh = (size + 2 * ph - dil * (kh - 1) - 1) / stride + 1, yw = (size + 2 * pw - dil * (kw - 1) - 1) / stride + 1;
        return Op2(name, [Input.Leaf(n, c, size, size), Input.Leaf(filters, c / groups, kh, kw)], x => F.Conv2d(x[0], x[1], stride: [stride], padding: [ph, pw], dilation: [dil], groups: groups),
            x => TF.conv2d(x[0], x[1], strides: [stride, stride], padding: [ph, pw], dilation: [dil, dil], groups: groups), 2.0 * n * filters * yh * yw * (c / groups) * kh * kw);
    }

    static IEnumerable<Workload> Op2(string name, Input[] x, Func<Tensor[], Tensor> ours, Func<T[], T> peer, double flops = 0) =>
    [
        Workload.Op(name + " fwd", [.. x.Select(i => i with { Grad = false })], ours, peer, flops), Workload.Backward(name + " bwd", x, ours, peer, 2 * flops),
    ];
}
