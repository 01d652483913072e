using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Nn;

public class SamplingTests
{
    static readonly Tensor X = Tensor.Arange(24).Double().Sin().Reshape(1, 1, 4, 6), Grid = (Tensor.Arange(16).Double() * 1.3).Cos().Reshape(1, 2, 4, 2) * 1.2;

    // What PyTorch answers: the sum, the sum weighted by position, and one element.
    static void Check(double sum, double moment, double element, Tensor y, double tolerance = 1e-8)
    {
        double[] v = y.ToArray<double>();
        Assert.Equal(sum, v.Sum(), tolerance);
        Assert.Equal(moment, v.Select((x, i) => x * i).Sum(), 100 * tolerance);
        Assert.Equal(element, v[v.Length / 3], tolerance);
    }

    [Fact]
    public void Grids_read_pictures_as_in_PyTorch()
    {
        Check(-0.79024449879871, -4.374734778802666, -0.02579545315392535, F.GridSample(X, Grid));
        Check(-3.0654472925219833, -12.403993406715866, -0.16515463851004764, F.GridSample(X, Grid, paddingMode: "border"));
        Check(-2.9246652983303854, -11.977359813429848, -0.16515463851004764, F.GridSample(X, Grid, paddingMode: "reflection"));
        Check(-1.5972076509468467, -8.927491816312898, 0, F.GridSample(X, Grid, "nearest"));
        Check(-3.2309172471726413, -13.154806355934, -0.21951109650282333, F.GridSample(X, Grid, "bicubic", "border"));
        Check(-3.30264074885981, -13.515652469825724, -0.19774646750139058, F.GridSample(X, Grid, "bicubic", "reflection"));
    }

    [Fact]
    public void Shrinking_pictures_are_smoothed_as_in_PyTorch()
    {
        Check(0.67314782412295, 0.19049440606115553, -0.05303007339753215, F.Interpolate(X, [3, 4], mode: "bilinear", antialias: true));
        Check(0.6760392794425378, 0.02034695778698037, -0.10051049698930901, F.Interpolate(X, [3, 4], mode: "bicubic", antialias: true));
        Assert.Throws<ArgumentException>(() => F.Interpolate(X, [3, 4], alignCorners: true));
        Assert.Throws<ArgumentException>(() => F.Interpolate(X, [3, 4], antialias: true));
    }

    [Fact]
    public void Sequences_are_classified_as_in_PyTorch()
    {
        Tensor x = Tensor.Arange(40).Double().Sin().Reshape(5, 2, 4).LogSoftmax(-1).Detach().SetRequiresGrad();
        Tensor loss = F.CtcLoss(x, Tensor.From(new long[,] { { 1, 2, 2 }, { 3, 0, 0 } }), [5, 4], [3, 1], reduction: Reduction.None);
        Assert.Equal([5.806989840022599, 2.9008432532374537], loss.ToArray<double>(), (a, b) => Math.Abs(a - b) < 1e-12);
        loss.Sum().Backward();
        Check(0, 2.038061753223996, 0.22665760648109043, x.Grad!);
        // The second target, three times one class, needs five steps and has three.
        Assert.Equal(1.2241527359098414, F.CtcLoss(x, Tensor.From(new long[,] { { 1, 1, 1 }, { 3, 3, 3 } }), [5, 3], [3, 3], zeroInfinity: true).Item<double>(), 1e-12);
        Assert.Equal(double.PositiveInfinity, F.CtcLoss(x, Tensor.From(new long[,] { { 1, 1, 1 }, { 3, 3, 3 } }), [5, 3], [3, 3]).Item<double>());
        Assert.Throws<ArgumentException>(() => F.CtcLoss(x, Tensor.From(new long[,] { { 1, 2, 2 }, { 3, 0, 0 } }), [6, 4], [3, 1]));
    }

    [Fact]
    public void Random_windows_and_draws_are_those_of_PyTorch()
    {
        Generator.ManualSeed(0);
        Check(2.6887312037730164, 5.079990011652027, -0.5440211108893698, F.FractionalMaxPool2d(X, [2], [2, 3]));
        Generator.ManualSeed(0);
        Check(4, 45.3018216355839, 0.16529690955751328, F.GumbelSoftmax(X.Reshape(4, 6)));
    }

    [Fact]
    public void Largest_elements_go_back_to_where_they_stood()
    {
        (Tensor y, Tensor i) = F.MaxPool2dWithIndices(X, [2]);
        Check(2.688731203773016, 22.452071502986882, 0.9893582466233818, F.MaxUnpool2d(y, i, [2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.MaxUnpool2d(y, i + 100, [2]));
        Assert.Throws<ArgumentException>(() => F.MaxUnpool2d(y, i, [2], outputSize: [9, 9]));
    }

    [Fact]
    public void Integers_are_pooled_and_convolved_exactly()
    {
        Tensor x = Tensor.Arange(24).Reshape(1, 1, 4, 6) - 11, w = Tensor.From(new long[,] { { 1, -2 }, { 3, 4 } }).Reshape(1, 1, 2, 2);
        Assert.Equal([-3, -4, -2, 1, 3, 5], F.AvgPool2d(x, [3], [2], [1]).ToArray<long>());
        Assert.Equal([-22, -16, -10, -4, 2, -6, 14, 20, 26, 32, 38, 18, 50, 56, 62, 68, 74, 42, -9, -10, -11, -12, -13, 12], F.Conv2d(x, w, padding: "same").ToArray<long>());
        long big = 1L << 60;
        Assert.Equal([big + 1], F.Conv1d(Tensor.From<long>([big], 1, 1, 1), Tensor.Ones([1, 1, 1], DType.Int64), Tensor.Ones([1], DType.Int64)).ToArray<long>());
    }
}
