using Flambeau.Nn;
using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static IEnumerable<Row> Samplings()
    {
        foreach (string padding in (string[])["zeros", "border", "reflection"])
        {
            yield return Sampled($"grid_sample bilinear {padding}", (x, g) => F.GridSample(x, g, "bilinear", padding),
                [Real(2, 2, 3, 4), Real(2, 2, 3, 2)], [Real(1, 2, 2, 3, 2), Real(1, 1, 2, 2, 3)]);
            yield return Sampled($"grid_sample bicubic {padding}", (x, g) => F.GridSample(x, g, "bicubic", padding, alignCorners: true), [Real(1, 2, 3, 4), Real(1, 2, 3, 2)]);
            yield return Sampled($"grid_sample nearest {padding}", (x, g) => F.GridSample(x, g, "nearest", padding), [Real(2, 2, 3, 4), Real(2, 2, 3, 2)]);
        }
        yield return One("affine_grid", x => F.AffineGrid(x, [2, 1, 3, 4]), [[Real(2, 2, 3)]]);
        yield return One("affine_grid of volumes", x => F.AffineGrid(x, [1, 1, 2, 1, 3], alignCorners: true), [[Real(1, 3, 4)]]);
        yield return One("max_unpool2d", x =>
        {
            (Tensor y, Tensor i) = F.MaxPool2dWithIndices(x, [2]);
            return F.MaxUnpool2d(y, i, [2], outputSize: x.Shape);
        }, [[Real(2, 3, 5, 4)], [Real(3, 4, 4)]]);
        yield return Two("fractional_max_pool2d", (x, s) => F.FractionalMaxPool2d(x, [2], [3, 2], randomSamples: s.Detach().Abs()), [[Real(2, 3, 6, 5), Unit(2, 3, 2)]]);
        yield return Two("fractional_max_pool3d", (x, s) => F.FractionalMaxPool3d(x, [2], outputRatio: [0.6], randomSamples: s.Detach().Abs()), [[Real(3, 5, 5, 4), Unit(1, 3, 3)]]);
        yield return One("ctc_loss", x => F.CtcLoss(x.LogSoftmax(-1), Tensor.From<long>([1, 2, 2, 3], 4), [5, 4], [3, 1], reduction: Reduction.None), [[Real(5, 2, 4)]])
            with { LowPrecision = false, Tolerance = 4e-6 };
    }

    static IEnumerable<Row> Distances()
    {
        yield return Two("cdist by a product", (a, b) => Tensor.CDist(a, b + 3, computeMode: "use_mm_for_euclid_dist"), [[Real(2, 3, 4), Real(5, 4)], [Real(3, 2), Real(0, 2)]]) with { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        foreach (double p in (double[])[0.5, 1, 2, 2.5, double.PositiveInfinity])
        {
            yield return Two($"cdist {p}", (a, b) => Tensor.CDist(a, b, p), [[Real(2, 3, 4), Real(5, 4)], [Real(3, 2), Real(0, 2)]]) with { Tolerance = 1e-5, Tolerance64 = 1e-11 };
            yield return One($"pdist {p}", x => F.Pdist(x, p), [[Real(4, 3)], [Real(1, 2)]]) with { Tolerance = 1e-5, Tolerance64 = 1e-11 };
            yield return Two($"dist {p}", (a, b) => a.Dist(b, p), [[Real(3, 4), Real(4)]]) with { DTypes = Complexes, Tolerance = 1e-5, Tolerance64 = 1e-11 };
        }
        yield return One("renorm", x => x.Renorm(2, 1, 0.5), [[Real(3, 4)], [Real(2, 3, 2)]]) with { DTypes = Complexes, Tolerance = 1e-5 };
        yield return One("renorm 1", x => x.Renorm(1, 0, 3), [[Real(3, 4)]]) with { DTypes = Complexes, Tolerance = 1e-5 };
        yield return One("constant_pad_nd", x => x.ConstantPadNd([1, -1, 0, 2], 3), [[Real(3, 4)]]) with { DTypes = Numbers };
        foreach (string reduce in (string[])["max", "mean", "min", "sum", "prod"])
        {
            yield return One($"segment_reduce {reduce}", x => x.SegmentReduce(reduce, Tensor.From<long>([2, 0, 3], 3), initial: 1), [[Real(5)], [Real(5, 2)]]) with { Tolerance = 1e-5 };
            yield return One($"segment_reduce offsets {reduce}", x => x.SegmentReduce(reduce, offsets: Tensor.From<long>([0, 2, 3, 0, 1, 3], 2, 3), axis: 1), [[Real(2, 3, 2)]]) with { Tolerance = 1e-5 };
        }
        yield return new Row("native_batch_norm", x => [Tensor.NativeBatchNorm(x[0], x[1], x[2], null, null, true, 0.1, 1e-5).Output], [[Real(4, 3, 2), Positive(3), Real(3)]])
            { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return new Row("native_layer_norm", x => [Tensor.NativeLayerNorm(x[0], [3, 2], x[1], x[2], 1e-5).Output], [[Real(4, 3, 2), Positive(3, 2), Real(3, 2)]])
            { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return new Row("attention with weights", x => F.ScaledDotProductAttentionWithWeights(x[0], x[1], x[2], isCausal: true) is var (y, w) ? [y, w] : [],
            [[Real(2, 3, 4), Real(2, 5, 4), Real(2, 5, 2)]]) { Tolerance = 2e-5, Tolerance64 = 1e-11 };
        foreach (string mode in (string[])["bilinear", "bicubic"])
            yield return One($"interpolate {mode} antialias", x => F.Interpolate(x, [3, 7], mode: mode, antialias: true), [[Real(1, 2, 7, 5)]]) with { Tolerance = 1e-5 };
        yield return One("interpolate area", x => F.Interpolate(x, scaleFactor: [0.6], mode: "area"), [[Real(1, 2, 7, 5)]]);
        yield return One("interpolate nearest", x => F.Interpolate(x, [3, 7]), [[Real(1, 2, 7, 5)]]) with { DTypes = Everything };
        yield return One("upsample_bilinear", x => F.UpsampleBilinear(x, scaleFactor: [1.7]), [[Real(1, 2, 4, 3)]]) with { Tolerance = 1e-5 };
    }

    static IEnumerable<Row> MaskedOnes()
    {
        Row Under(string name, Func<Tensor, Tensor, Tensor> f, params DType[] types) =>
            Two("masked " + name, f, [[Real(4, 5), Mask(4, 5)], [Real(3, 2, 4), Mask(1, 2, 1)]]) with { DTypes = types, Tolerance = 1e-5, Tolerance64 = 1e-11 };

        // With Some, the first elements count always: of none, results are infinite or NaN.
        yield return Under("sum", (x, m) => Masked.Sum(x, [-1], mask: m), Numbers);
        yield return Under("prod", (x, m) => Masked.Prod(x, [0, 1], true, mask: m), Numbers);
        yield return Under("cumsum", (x, m) => Masked.CumSum(x, 1, mask: m), Numbers);
        yield return Under("cumprod", (x, m) => Masked.CumProd(x, 0, mask: m), Complexes);
        yield return Under("amax", (x, m) => Masked.Amax(x, [0], mask: Some(m)), Integers);
        yield return Under("amin", (x, m) => Masked.Amin(x, mask: Some(m)), Integers);
        yield return Under("argmax", (x, m) => Masked.ArgMax(x, 1, mask: m, dtype: DType.Int64), Integers) with { Differentiable = false };
        yield return Under("argmin", (x, m) => Masked.ArgMin(x, mask: m, dtype: DType.Int64), Integers) with { Differentiable = false };
        yield return Under("mean", (x, m) => Masked.Mean(x, [0], mask: Some(m)), Complexes);
        yield return Under("var", (x, m) => Masked.Var(x, [1], unbiased: false, mask: Some(m)));
        yield return Under("std", (x, m) => Masked.Std(x, mask: Some(m)));
        yield return Under("median", (x, m) => Masked.Median(x, 1, mask: Some(m)));
        yield return Under("logsumexp", (x, m) => Masked.LogSumExp(x, [1], mask: Some(m)));
        yield return Under("logaddexp", (x, m) => Masked.LogAddExp(x, x * 2, inputMask: m));
        yield return Under("norm", (x, m) => Masked.Norm(x, 3, [1], mask: m), Complexes);
        yield return Under("softmax", (x, m) => Masked.Softmax(x, 0, mask: Some(m)));
        yield return Under("softmin", (x, m) => Masked.Softmin(x, 1, mask: Some(m)));
        yield return Under("normalize", (x, m) => Masked.Normalize(x, 2, 0, mask: Some(m)), Complexes);
    }

    // With the first of each axis set.
    static Tensor Some(Tensor mask)
    {
        Tensor y = mask.Clone();
        for (int d = 0; d < y.Rank; d++) y.Narrow(d, 0, 1).FillInPlace(true);
        return y;
    }

    static Row Sampled(string name, Func<Tensor, Tensor, Tensor> f, params Arg[][] samples) => Two(name, f, samples) with { Tolerance = 2e-5, Tolerance64 = 1e-11 };
}
