using Flambeau.Nn;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>What programs call around their networks: counting, choosing, drawing, arranging, and losses and pools of other kinds.</summary>
static class Usual
{
    const int N = 1 << 17;

    public static IEnumerable<Workload> Workloads =>
    [
        At("one_hot 4096 of 100", [Input.Index(100, 4096)], x => F.OneHot(x[0], 100), x => TF.one_hot(x[0], 100)),
        At("bincount 131,072 of 1000", [Input.Index(1000, N)], x => x[0].BinCount(), x => x[0].bincount(null!)),
        At("nonzero 512x256", [Input.Index(DType.Bool, 2, 512, 256)], x => x[0].NonZero(), x => x[0].nonzero()),
        At("searchsorted 131,072 in 1000", [Input.Normal(N), Input.Normal(1000)], x => Tensor.SearchSorted(x[1].Sort().Values, x[0]), x => torch.searchsorted(x[1].sort().Values, x[0])),
        At("topk 5 of 64x1000", [Input.Uniform(64, 1000)], x => x[0].TopK(5).Values, x => x[0].topk(5).Item1),
        At("argmax 8x21x64x64 of channels", [Input.Normal(8, 21, 64, 64)], x => x[0].ArgMax(1), x => x[0].argmax(1)),
        At("multinomial 1 of 64x1000", [Input.Uniform(64, 1000)], x => x[0].Multinomial(1), x => x[0].multinomial(1)),
        At("multinomial 1000 of 10,000 with replacement", [Input.Uniform(10_000)], x => x[0].Multinomial(1000, true), x => x[0].multinomial(1000, true)),
        At("index_add 512x256 by 128, dim 1", [Input.Normal(512, 256), Input.Index(256, 128), Input.Normal(512, 128)], x => x[0].IndexAdd(1, x[1], x[2]), x => x[0].index_add(1, x[1], x[2], 1)),
        Workload.Inference("embedding bag 10,000x64, 256x16", () => new EmbeddingBag(10_000, 64), () => torch.nn.EmbeddingBag(10_000, 64), [Input.Index(10_000, 256, 16)], (m, x) => m.Call(x[0]), (m, x) => m.call(x[0])),
        At("stack 64 of 10", [.. Enumerable.Repeat(Input.Normal(10), 64)], x => Tensor.Stack(x), x => torch.stack(x)),
        At("triu 512x512", [Input.Normal(512, 512)], x => x[0].Triu(1), x => x[0].triu(1)),
        At("outer 512, 256", [Input.Normal(512), Input.Normal(256)], x => x[0].Outer(x[1]), x => x[0].outer(x[1])),
        At("reflection pad 8x16x32x32 by 1", [Input.Normal(8, 16, 32, 32)], x => F.Pad(x[0], [1, 1, 1, 1], "reflect"), x => TF.pad(x[0], [1L, 1L, 1L, 1L], PaddingModes.Reflect)),
        At("einsum bi,bi->b 4096x64", [Input.Normal(4096, 64), Input.Normal(4096, 64)], x => Tensor.Einsum("bi,bi->b", x[0], x[1]), x => torch.einsum("bi,bi->b", x[0], x[1])),
        At("cdist 512x64, 512x64", [Input.Normal(512, 64), Input.Normal(512, 64)], x => Tensor.CDist(x[0], x[1]), x => torch.cdist(x[0], x[1])),
        At("lerp 131,072", [Input.Normal(N), Input.Normal(N)], x => x[0].Lerp(x[1], 0.3), x => x[0].lerp(x[1], 0.3)),
        At("clamp by rows 512x256", [Input.Normal(512, 256), Input.Normal(256), Input.Uniform(256)], x => x[0].Clamp(x[1], x[2]), x => x[0].clamp(x[1], x[2])),
        At("max pool 1d 16x64x1024 2", [Input.Normal(16, 64, 1024)], x => F.MaxPool1d(x[0], [2]), x => TF.max_pool1d(x[0], 2)),
        At("max pool 3d 2x16x16x32x32 2", [Input.Normal(2, 16, 16, 32, 32)], x => F.MaxPool3d(x[0], [2, 2, 2]), x => TF.max_pool3d(x[0], [2, 2, 2])),
        At("adaptive max pool 16x256x13x13 -> 7x7", [Input.Normal(16, 256, 13, 13)], x => F.AdaptiveMaxPool2d(x[0], 7, 7), x => TF.adaptive_max_pool2d(x[0], [7, 7])),
        At("batch norm 64x256 training", [Input.Normal(64, 256)], x => F.BatchNorm(x[0], null, null, training: true), x => TF.batch_norm(x[0], null!, null!, training: true)),
        At("nll loss 4096x100", [Input.Normal(4096, 100), Input.Index(100, 4096)], x => F.NllLoss(x[0], x[1]), x => TF.nll_loss(x[0], x[1])),
        At("cross entropy 512x256 smoothed", [Input.Normal(512, 256), Input.Index(256, 512)], x => F.CrossEntropy(x[0], x[1], labelSmoothing: 0.1), x => TF.cross_entropy(x[0], x[1], label_smoothing: 0.1)),
        At("ctc loss 100x16x29, 20", [Input.Normal(100, 16, 29), Input.Index(28, 16, 20)], x => F.CtcLoss(F.LogSoftmax(x[0], 2), x[1] + 1, Tensor.Full([16], 100L), Tensor.Full([16], 20L)),
            x => TF.ctc_loss(TF.log_softmax(x[0], 2), x[1] + 1, torch.full([16], 100L, torch.int64), torch.full([16], 20L, torch.int64))),
        At("pairwise distance 512x256", [Input.Normal(512, 256), Input.Normal(512, 256)], x => F.PairwiseDistance(x[0], x[1]), x => TF.pairwise_distance(x[0], x[1])),
        Workload.Backward("grid sample 2x8x16x32x32 backward", [Input.Leaf(2, 8, 16, 32, 32), Input.Uniform(2, 16, 32, 32, 3) with { Grad = true }], x => F.GridSample(x[0], x[1], alignCorners: false),
            x => TF.grid_sample(x[0], x[1], align_corners: false)),
        Workload.Backward("chunk 512x768 by 3 backward", [Input.Leaf(512, 768)], x => x[0].Chunk(3, 1) is [var q, var k, var v] ? q * k + v : x[0], x => x[0].chunk(3, 1) is [var q, var k, var v] ? q * k + v : x[0]),
        At("solve 1024x4x4", [Input.Normal(1024, 4, 4), Input.Normal(1024, 4, 1)], x => Linalg.Solve(x[0], x[1]), x => torch.linalg.solve(x[0], x[1])) with { Tolerance = 1e-2 },
        At("inv 64x16x16", [Input.Normal(64, 16, 16)], x => Linalg.Inv(x[0]), x => torch.linalg.inv(x[0])) with { Tolerance = 1e-2 },
    ];

    static Workload At(string name, Input[] inputs, Func<Tensor[], Tensor> ours, Func<T[], T> peer) => Workload.Op(name, inputs, ours, x =>
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return peer(x).MoveToOuterDisposeScope();
    });
}
