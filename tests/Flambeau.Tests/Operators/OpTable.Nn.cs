using Flambeau.Nn;
using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static readonly Arg[][] Lined = [[Real(3, 5)], [Real(2, 3, 4)], [Real(2, 37, 19)], [Real(3, 67)], [Real(0, 3)], [Real(4, 1)]];

    static IEnumerable<Row> Activations()
    {
        yield return One("softmax", x => x.Softmax(1), [.. Lined, [Real(2, 5000)]]);
        yield return One("softmax first", x => x.Softmax(0), [.. Lined, [Real()], [Real(6)]]);
        yield return One("log_softmax", x => x.LogSoftmax(1), [.. Lined, [Real(2, 5000)]]) with { Tolerance = 4e-6 };
        yield return One("log_softmax first", x => x.LogSoftmax(-2), Lined) with { Tolerance = 4e-6 };
        yield return One("softmin", x => F.Softmin(x, -1), Lined);
        yield return Map("relu6", x => F.Relu6(x * 4));
        yield return Map("selu", x => F.Selu(x));
        yield return Map("celu", x => F.Celu(x, 0.7));
        yield return Map("tanhshrink", F.Tanhshrink) with { Tolerance = 1e-5 };   // a difference of near numbers
        yield return Map("softshrink", x => F.Softshrink(x));
        yield return Map("hardshrink", x => F.Hardshrink(x));
        yield return Map("silu in place", x => F.Silu(x * 1, inPlace: true));
        yield return Map("leaky_relu in place", x => F.LeakyRelu(x * 1, 0.1, inPlace: true));
        yield return Two("prelu", F.Prelu, [[Real(2, 3, 4), Real(3)], [Real(5), Real(1)], [Real(), Real(1)]]);
        yield return One("glu", x => F.Glu(x, 1), [[Real(3, 6)], [Real(2, 4, 3)]]);
    }

    static IEnumerable<Row> Losses()
    {
        foreach (Reduction r in (Reduction[])[Reduction.None, Reduction.Mean])
        {
            yield return Two($"cross_entropy {r}", (x, t) => F.CrossEntropy(x, t, reduction: r),
                [[Real(4, 7), Index(7, 4)], [Real(7), Index(7)], [Real(2, 5, 3, 9), Index(5, 2, 3, 9)], [Real(3, 40), Index(40, 3)]]) with { Tolerance = 4e-6 };
            yield return new Row($"cross_entropy weighted {r}", x => [F.CrossEntropy(x[0], x[1], Weights(x[0]), ignoreIndex: 1, r, labelSmoothing: 0.2)],
                [[Real(4, 7), Index(7, 4)], [Real(2, 3, 18), Index(3, 2, 18)], [Real(3, 40), Index(40, 3)]]) { Tolerance = 6e-6 };
            yield return new Row($"nll_loss {r}", x => [F.NllLoss(x[0], x[1], Weights(x[0]), ignoreIndex: 1, r)],
                [[Real(4, 7), Index(7, 4)], [Real(2, 3, 5), Index(3, 2, 5)]]);
        }
        yield return Two("cross_entropy soft", (x, t) => F.CrossEntropy(x, t, labelSmoothing: 0.1),
            [[Real(3, 4), Positive(3, 4)], [Real(2, 4, 3), Positive(2, 4, 3)]]) with { Tolerance = 1e-5 };
        yield return Paired("mse_loss", (x, t) => F.MseLoss(x, t));
        yield return Paired("l1_loss", (x, t) => F.L1Loss(x, t));
        yield return Paired("smooth_l1_loss", (x, t) => F.SmoothL1Loss(x, t, beta: 0.7));
        yield return Paired("huber_loss", (x, t) => F.HuberLoss(x, t, delta: 0.7));
        yield return Paired("binary_cross_entropy", (x, t) => F.BinaryCrossEntropy((x + 1) / 2, t), Unit(3, 5), Positive(3, 5)) with { Tolerance = 1e-5 };
        yield return Paired("binary_cross_entropy_with_logits", (x, t) => F.BinaryCrossEntropyWithLogits(x, t));
        yield return new Row("binary_cross_entropy_with_logits posWeight", x => [F.BinaryCrossEntropyWithLogits(x[0], x[1], x[2], posWeight: x[3])],
            [[Real(3, 5), Unit(3, 5), Positive(3, 1), Positive(5)]]) { Tolerance = 4e-6 };
        yield return Paired("kl_div", (x, t) => F.KlDiv(x, t, Reduction.BatchMean), Real(3, 5), Positive(3, 5));
        yield return Paired("kl_div log", (x, t) => F.KlDiv(x, t, logTarget: true));
        yield return Paired("poisson_nll_loss", (x, t) => F.PoissonNllLoss(x, t, full: true), Real(3, 5), Positive(3, 5));
        yield return new Row("gaussian_nll_loss", x => [F.GaussianNllLoss(x[0], x[1], x[2], full: true)],
            [[Real(3, 5), Real(3, 5), Positive(3, 1)], [Real(3, 5), Real(3, 5), Positive(3)]]) { Tolerance = 4e-6 };
        yield return Two("multi_margin_loss", (x, t) => F.MultiMarginLoss(x, t, p: 2), [[Real(3, 5), Index(5, 3)]]);
        yield return Two("multilabel_margin_loss", (x, t) => F.MultilabelMarginLoss(x, t - 1), [[Real(3, 5), Index(6, 3, 5)]]);
        yield return Paired("multilabel_soft_margin_loss", (x, t) => F.MultilabelSoftMarginLoss(x, t));
        yield return Paired("soft_margin_loss", (x, t) => F.SoftMarginLoss(x, t));
        yield return Paired("cosine_similarity", (x, t) => F.CosineSimilarity(x, t));
        yield return Paired("pairwise_distance", (x, t) => F.PairwiseDistance(x, t, p: 3));
        yield return Two("cosine_similarity of columns", (x, t) => F.CosineSimilarity(x, t, 0), [[Real(5, 3), Real(3)]]);
        yield return Two("cosine_similarity of short vectors", (x, t) => F.CosineSimilarity(x, t, -1, 3), [[Real(4, 33), Real(4, 33)], [Real(3, 2), Real(2)], [Real(4), Real(4)]]);
        yield return One("normalize", x => F.Normalize(x), [[Real(3, 5)]]);
        yield return One("normalize rows", x => F.Normalize(x, dim: -1, eps: 2), [[Real(5, 2)], [Real(2, 2, 67)], [Real(4)], [Real(3, 0)]]);
        yield return One("normalize columns", x => F.Normalize(x, 3, 0), [[Real(3, 5)]]);
        yield return new Row("triplet_margin_loss", x => [F.TripletMarginLoss(x[0], x[1], x[2], swap: true)],
            [[Real(3, 5), Real(3, 5), Real(3, 5)]]) { Tolerance = 4e-6, Tolerance64 = 1e-11 };
        yield return new Row("margin_ranking_loss", x => [F.MarginRankingLoss(x[0], x[1], x[2], 0.2)], [[Real(7), Real(7), Real(7)]]);
        yield return new Row("cosine_embedding_loss", x => [F.CosineEmbeddingLoss(x[0], x[1], x[2].To(x[0].DType) * 2 - 1)],
            [[Real(4, 5), Real(4, 5), Mask(4)]]) { Tolerance = 4e-6 };
        yield return new Row("hinge_embedding_loss", x => [F.HingeEmbeddingLoss(x[0], x[1].To(x[0].DType) * 2 - 1)], [[Positive(4, 5), Mask(4, 5)]]);
    }

    // One for each class; they have no derivative.
    static Tensor Weights(Tensor scores) => (Tensor.Arange(scores.Shape[1]) * 0.3 + 0.5).To(scores.DType);

    static Row Paired(string name, Func<Tensor, Tensor, Tensor> f, Arg? first = null, Arg? second = null) =>
        Two(name, f, [[first ?? Real(3, 5), second ?? Real(3, 5)]]) with { Tolerance = 4e-6 };

    static IEnumerable<Row> Norms()
    {
        yield return new Row("batch_norm", x => [F.BatchNorm(x[0], null, null, x.ElementAtOrDefault(1), x.ElementAtOrDefault(2), training: true)],
            [[Real(4, 3), Positive(3), Real(3)], [Real(5, 37), Positive(37), Real(37)], [Real(2, 3, 4, 5), Positive(3), Real(3)],
                [Real(3, 2, 40), Positive(2)], [Real(2, 3, 2)], [Real(300, 18)]])
            { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return new Row("batch_norm eval", x => [F.BatchNorm(x[0], x[1], x[2], x[3], x[4])],
            [[Real(2, 3, 4), Real(3), Positive(3), Positive(3), Real(3)]]) { Tolerance = 1e-5 };
        yield return new Row("layer_norm", x => [F.LayerNorm(x[0], x[0].Shape[^2..], x.ElementAtOrDefault(1), x.ElementAtOrDefault(2))],
            [[Real(4, 3, 5), Positive(3, 5), Real(3, 5)], [Real(3, 7, 19), Positive(7, 19)], [Real(2, 3, 4)],
                [Real(200, 2, 9), Positive(2, 9), Real(2, 9)]]) { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return new Row("rms_norm", x => [F.RmsNorm(x[0], x[0].Shape[^1..], x.ElementAtOrDefault(1), 1e-5)],
            [[Real(4, 5), Positive(5)], [Real(3, 47), Positive(47)], [Real(2, 3, 4)]]) { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return new Row("group_norm", x => [F.GroupNorm(x[0], 2, x.ElementAtOrDefault(1), x.ElementAtOrDefault(2))],
            [[Real(2, 4, 3), Positive(4), Real(4)], [Real(2, 4, 5, 7), Positive(4)], [Real(3, 6)],
                [Real(3, 6), Positive(6), Real(6)]]) { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return new Row("instance_norm", x => [F.InstanceNorm(x[0], weight: x[1], bias: x[2])],
            [[Real(2, 3, 5), Positive(3), Real(3)]]) { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return One("local_response_norm", x => F.LocalResponseNorm(x, 3, alpha: 0.3), [[Real(2, 4, 3)]]) with { Tolerance = 4e-6 };
    }

    static IEnumerable<Row> Tables()
    {
        foreach (string mode in (string[])["sum", "mean"])
            yield return Two($"embedding_bag {mode}", (i, w) => F.EmbeddingBag(i, w, mode: mode), [[Index(5, 3, 4), Real(5, 3)], [Index(7, 2, 3), Real(7, 83)], [Index(3, 0, 2), Real(3, 2)]]);
        yield return Two("embedding", (i, w) => F.Embedding(i, w), [[Index(5, 3, 4), Real(5, 3)], [Index(7), Real(7, 20)], [Index(3, 0), Real(3, 2)]]);
        yield return new Row("bilinear", x => [F.Bilinear(x[0], x[1], x[2], x[3])], [[Real(2, 3), Real(2, 4), Real(5, 3, 4), Real(5)]]) { Tolerance = 1e-5 };
        yield return new Row("linear of a vector", x => [F.Linear(x[0], x[1])], [[Real(2, 3), Real(3)]]) { Tolerance = 1e-5 };
    }

    static IEnumerable<Row> Attentions()
    {
        Row Attend(string name, Func<Tensor[], Tensor> f, params Arg[][] samples) => new(name, x => [f(x)], samples) { Tolerance = 2e-5, Tolerance64 = 1e-11 };

        yield return Attend("attention", x => F.ScaledDotProductAttention(x[0], x[1], x[2]),
            [Real(3, 4), Real(5, 4), Real(5, 2)], [Real(2, 2, 3, 2), Real(2, 2, 4, 2), Real(2, 2, 4, 3)], [Real(70, 8), Real(600, 8), Real(600, 8)],
                [Real(2, 3, 2), Real(1, 4, 2), Real(4, 2)], [Real(2, 3), Real(0, 3), Real(0, 2)]);
        yield return Attend("attention causal", x => F.ScaledDotProductAttention(x[0], x[1], x[2], isCausal: true, scale: 0.7),
            [Real(2, 3, 4), Real(2, 5, 4), Real(2, 5, 2)], [Real(5, 4), Real(3, 4), Real(3, 2)], [Real(90, 8), Real(90, 8), Real(90, 8)]);
        yield return Attend("attention masked", x => F.ScaledDotProductAttention(x[0], x[1], x[2], x[3]),
            [Real(2, 3, 4), Real(2, 5, 4), Real(2, 5, 2), Mask(3, 5)], [Real(2, 3, 4), Real(2, 5, 4), Real(2, 5, 2), Mask(2, 1, 5)],
                [Real(3, 4), Real(5, 4), Real(5, 2), Mask(3, 1)]);
        yield return Attend("attention biased", x => F.ScaledDotProductAttention(x[0], x[1], x[2], Bias(x[0], x[1])),
            [Real(2, 3, 4), Real(2, 5, 4), Real(2, 5, 2)]);
        yield return Attend("attention with a learned bias", x => F.ScaledDotProductAttention(x[0], x[1], x[2], x[3]),
            [Real(2, 3, 2), Real(2, 4, 2), Real(2, 4, 2), Real(3, 4)]);
        yield return Attend("attention grouped", x => F.ScaledDotProductAttention(x[0], x[1], x[2], enableGqa: true),
            [Real(2, 4, 3, 2), Real(2, 2, 3, 2), Real(2, 2, 3, 2)]);
    }

    // Of distances, as ALiBi's; has no derivative.
    static Tensor Bias(Tensor q, Tensor k) => (Tensor.Arange(k.Shape[^2]) - Tensor.Arange(q.Shape[^2]).Unsqueeze(1)).To(q.DType) * 0.3;

    static IEnumerable<Row> Recurrences()
    {
        // Widths 2 and 19: within a lane, and beyond it.
        Arg[] Weights(long gates, long input, long h) => [Real(gates * h, input), Real(gates * h, h), Real(gates * h), Real(gates * h)];

        Row Recur(string name, Func<Tensor[], Tensor[]> f, params Arg[][] samples) => new(name, f, samples) { Tolerance = 1e-5, Tolerance64 = 1e-11 };

        yield return Recur("lstm_cell", x => { (Tensor h, Tensor c) = F.LstmCell(x[0], (x[1], x[2]), x[3], x[4], x[5], x[6]); return [h, c]; },
            [Real(2, 3), Real(2, 2), Real(2, 2), .. Weights(4, 3, 2)], [Real(3, 2), Real(3, 19), Real(3, 19), .. Weights(4, 2, 19)]);
        yield return Recur("gru_cell", x => [F.GruCell(x[0], x[1], x[2], x[3], x[4], x[5])],
            [Real(2, 3), Real(2, 2), .. Weights(3, 3, 2)], [Real(3, 2), Real(3, 19), .. Weights(3, 2, 19)]);
        yield return Recur("rnn_tanh_cell", x => [F.RnnTanhCell(x[0], x[1], x[2], x[3], x[4], x[5])], [Real(2, 3), Real(2, 2), .. Weights(1, 3, 2)]);
        yield return Recur("lstm", x => { (Tensor y, Tensor h, Tensor c) = F.Lstm(x[0], null, x[1..], bidirectional: true); return [y, h, c]; },
            [Real(3, 1, 1), .. Weights(4, 1, 1), .. Weights(4, 1, 1)], [Real(4, 3, 2), .. Weights(4, 2, 2), .. Weights(4, 2, 2)]) with { Tolerance = 4e-5 };
        yield return Recur("lstm projected", x => { (Tensor y, Tensor h, Tensor c) = F.Lstm(x[0], (x[1], x[2]), x[3..], hasBiases: false); return [y, h, c]; },
            [Real(2, 1, 2), Real(1, 1, 1), Real(1, 1, 2), Real(8, 2), Real(8, 1), Real(1, 2)]);
        yield return Recur("gru", x => { (Tensor y, Tensor h) = F.Gru(x[0], x[1], x[2..], numLayers: 2, batchFirst: true); return [y, h]; },
            [Real(1, 2, 2), Real(2, 1, 1), .. Weights(3, 2, 1), .. Weights(3, 1, 1)]) with { Tolerance = 4e-5 };
        yield return Recur("rnn_relu", x => { (Tensor y, Tensor h) = F.RnnRelu(x[0], null, x[1..]); return [y, h]; },
            [Real(3, 2, 2), .. Weights(1, 2, 2)], [Real(3, 2), .. Weights(1, 2, 2)]);
    }

    static IEnumerable<Row> Pads()
    {
        yield return One("pad", x => F.Pad(x, [1, 2, -1, 0], value: 3), [[Real(2, 3, 4)], [Real(1, 0)]]) with { DTypes = Everything };
        yield return One("pad cut", x => F.Pad(x, [-3, 4]), [[Real(2, 2)], [Real(4)]]);
        yield return One("pad reflect", x => F.Pad(x, [1, 2, 2, 0], "reflect"), [[Real(2, 3, 4)], [Real(1, 2, 3, 4)]]) with { DTypes = Integers };
        yield return One("pad reflect cut", x => F.Pad(x, [-1, 2], "reflect"), [[Real(2, 4)]]);
        yield return One("pad replicate", x => F.Pad(x, [1, 5], "replicate"), [[Real(2, 3)], [Real(1, 2, 1)]]);
        yield return One("pad replicate volume", x => F.Pad(x, [1, 2, 0, 3, 2, -1], "replicate"), [[Real(2, 3, 2, 3)]]);
        yield return One("pad circular", x => F.Pad(x, [1, 2, 2, -1], "circular"), [[Real(2, 3, 4)]]);
        yield return One("pixel_shuffle", x => F.PixelShuffle(x, 2), [[Real(2, 8, 3, 2)], [Real(4, 2, 3)]]);
        yield return One("pixel_unshuffle", x => F.PixelUnshuffle(x, 2), [[Real(2, 3, 4, 6)]]);
        yield return One("channel_shuffle", x => F.ChannelShuffle(x, 2), [[Real(2, 6, 3)]]);
        yield return One("im2col", x => F.Unfold(x, [2, 3], dilation: [2, 1], padding: [1, 0], stride: [1, 2]), [[Real(2, 2, 5, 6)], [Real(2, 3, 3)]]);
        yield return One("col2im", x => F.Fold(x, [4, 5], [2, 3], dilation: [2, 1], padding: [1, 0], stride: [1, 2]), [[Real(2, 12, 8)]]);
    }
}
