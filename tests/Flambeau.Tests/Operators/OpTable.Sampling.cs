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

    static Row Sampled(string name, Func<Tensor, Tensor, Tensor> f, params Arg[][] samples) => Two(name, f, samples) with { Tolerance = 2e-5, Tolerance64 = 1e-11 };
}
