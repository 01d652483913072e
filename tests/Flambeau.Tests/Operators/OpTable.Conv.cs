using Flambeau.Nn;
using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static IEnumerable<Row> Convolutions()
    {
        yield return new Row("conv1d", x => [F.Conv1d(x[0], x[1], x[2], stride: [2], padding: [1])], [[Real(2, 3, 8), Real(4, 3, 3), Real(4)]]) { Tolerance = 1e-5 };
        yield return new Row("conv2d", x => [F.Conv2d(x[0], x[1], x.Length > 2 ? x[2] : null, padding: [1])],
            [[Real(2, 3, 5, 6), Real(4, 3, 3, 3), Real(4)], [Real(1, 2, 4, 4), Real(3, 2, 1, 1)], [Real(3, 5, 5), Real(2, 3, 2, 2)], [Real(3, 8, 9, 9), Real(16, 8, 3, 3)]]) { Tolerance = 1e-5 };
        yield return new Row("conv2d strided dilated grouped", x => [F.Conv2d(x[0], x[1], x[2], [2, 1], [1, 2], [1, 2], groups: 2)], [[Real(2, 4, 7, 6), Real(6, 2, 3, 2), Real(6)]]) { Tolerance = 1e-5 };
        yield return new Row("conv2d depthwise", x => [F.Conv2d(x[0], x[1], null, padding: [1], groups: 4)], [[Real(2, 4, 6, 5), Real(4, 1, 3, 3)]]) { Tolerance = 1e-5 };
        yield return new Row("conv2d same", x => [F.Conv2d(x[0], x[1], null, padding: "same", dilation: [2, 1])], [[Real(2, 3, 6, 5), Real(4, 3, 2, 3)]]) { Tolerance = 1e-5 };
        yield return new Row("conv2d of other numbers", x => [F.Conv2d(x[0], x[1], x[2], [2, 1], [1, 2], [1, 2], groups: 2)], [[Real(1, 4, 5, 4), Real(2, 2, 3, 2), Real(2)]])
            { Tolerance = 1e-5, DTypes = Numbers };
        yield return new Row("conv_transpose2d of other numbers", x => [F.ConvTranspose2d(x[0], x[1], x[2], [2, 1], [1], [1, 0], groups: 2, dilation: [1, 2])],
            [[Real(1, 4, 3, 4), Real(4, 1, 3, 2), Real(2)]]) { Tolerance = 1e-5, DTypes = Numbers };
        yield return new Row("conv3d", x => [F.Conv3d(x[0], x[1], x[2], stride: [1, 2, 1])], [[Real(1, 2, 3, 5, 4), Real(3, 2, 2, 2, 2), Real(3)]]) { Tolerance = 1e-5 };
        yield return new Row("conv_transpose1d", x => [F.ConvTranspose1d(x[0], x[1], x[2], stride: [2], outputPadding: [1])], [[Real(2, 3, 5), Real(3, 4, 3), Real(4)]]) { Tolerance = 1e-5 };
        yield return new Row("conv_transpose2d", x => [F.ConvTranspose2d(x[0], x[1], x[2], stride: [2], padding: [1], groups: 2)], [[Real(2, 4, 3, 4), Real(4, 3, 3, 3), Real(6)]]) { Tolerance = 1e-5 };
        yield return new Row("conv_transpose3d", x => [F.ConvTranspose3d(x[0], x[1], null, dilation: [1, 2, 1])], [[Real(1, 2, 2, 3, 2), Real(2, 2, 2, 2, 2)]]) { Tolerance = 1e-5 };
    }

    static IEnumerable<Row> Poolings()
    {
        yield return One("max_pool1d", x => F.MaxPool1d(x, [3], [2], [1]), [[Real(2, 3, 9)]]) with { DTypes = Integers };
        yield return One("max_pool1d long", x => Tensor.Cat([F.MaxPool1d(x, [2]), F.MaxPool1d(x, [3], [2], [1]), F.MaxPool1d(x, [3], [1], [1], [2]), F.MaxPool1d(x, [4], [3], [2], ceilMode: true)], -1), [[Real(2, 2, 71)], [Real(3, 1, 64)]]);
        yield return One("max_pool2d", x => F.MaxPool2d(x, [2]), [[Real(2, 3, 6, 7)], [Real(3, 6, 6)]]) with { DTypes = Integers };
        yield return One("max_pool2d dilated ceil", x => F.MaxPool2d(x, [3, 2], [2], [1, 0], [1, 2], ceilMode: true), [[Real(2, 2, 7, 8)]]);
        yield return One("max_pool3d", x => F.MaxPool3d(x, [2], [1]), [[Real(1, 2, 3, 4, 3)]]);
        yield return One("avg_pool1d", x => F.AvgPool1d(x, [3], [2], [1]), [[Real(2, 3, 9)]]) with { DTypes = Integers };
        yield return One("avg_pool2d", x => F.AvgPool2d(x, [3, 2], [2], [1], ceilMode: true, countIncludePad: false), [[Real(2, 2, 6, 7)]]) with { DTypes = Integers };
        yield return One("avg_pool2d divisor", x => F.AvgPool2d(x, [2], divisorOverride: 3), [[Real(2, 2, 6, 7)]]);
        yield return One("avg_pool3d", x => F.AvgPool3d(x, [2], [1], [1]), [[Real(1, 2, 3, 4, 3)]]);
        yield return One("adaptive_avg_pool2d", x => F.AdaptiveAvgPool2d(x, 3, 4), [[Real(2, 2, 5, 7)]]);
        yield return One("adaptive_avg_pool1d", x => F.AdaptiveAvgPool1d(x, 1), [[Real(2, 2, 5)]]);
        yield return One("adaptive_avg_pool3d", x => F.AdaptiveAvgPool3d(x, 2), [[Real(2, 3, 4, 5)]]);
        yield return One("max_pool2d wide", x => F.MaxPool2d(x, [3, 2], [2, 2], [1, 1]), [[Real(2, 2, 6, 37)]]);
        yield return One("adaptive_max_pool2d", x => F.AdaptiveMaxPool2d(x, 3, 2), [[Real(2, 2, 5, 7)]]);
    }
}
