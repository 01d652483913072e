using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Nn;

public class InterpolateTests
{
    static readonly Tensor X1 = Tensor.Arange(7).Double().Sin().Reshape(1, 1, 7), X2 = Tensor.Arange(24).Double().Sin().Reshape(1, 1, 4, 6);

    // What PyTorch answers: the sum, the sum weighted by position, and one element.
    static void Check(double sum, double moment, double element, Tensor y)
    {
        double[] v = y.ToArray<double>();
        Assert.Equal(sum, v.Sum(), 1e-8);
        Assert.Equal(moment, v.Select((x, i) => x * i).Sum(), 1e-6);
        Assert.Equal(element, v[v.Length / 3], 1e-8);
    }

    [Fact]
    public void Pictures_grow_and_shrink_as_in_PyTorch()
    {
        Check(-0.0795871303, -14.9966204, 0.841470985, F.Interpolate(X1, [11]));
        Check(-0.0117606883, -14.7931411, 0.909297427, F.Interpolate(X1, scaleFactor: [1.7], mode: "nearest-exact"));
        Check(-0.049966603, -2.07854298, 0.813275249, F.Interpolate(X1, [4], mode: "linear"));
        Check(-0.209810135, -33.8815225, 0.901924987, F.Interpolate(X1, scaleFactor: [2.3], mode: "linear"));
        Check(-0.238566938, -33.9325194, 0.902938698, F.Interpolate(X1, scaleFactor: [2.3], mode: "linear", recomputeScaleFactor: true));
        Check(-0.0667999479, -23.8433932, 0.909297427, F.Interpolate(X1, [13], mode: "linear", alignCorners: true));
        Check(0.438735332, -5.44337451, 0.764206723, F.Interpolate(X2, [7, 5], mode: "bilinear"));
        Check(4.33050273, 130.030774, -0.3882637, new Upsample(scaleFactor: 2, mode: "bicubic").Call(X2));
        Check(3.84438527, 36.6672499, -0.414088068, F.Interpolate(X2, [3, 11], mode: "bicubic", alignCorners: true));
        Check(0.244951452, -0.795002008, -0.814934522, F.Interpolate(X2, [2, 3], mode: "area"));
        Check(0.697481994, 0.169572276, 0.181266276, F.Interpolate(X2.Reshape(1, 1, 2, 3, 4), [3, 5, 2], mode: "trilinear"));
    }

    [Fact]
    public void Gradients_flow_and_wrong_arguments_are_refused()
    {
        Tensor x = X2.Clone().SetRequiresGrad();
        Assert.Null(GradCheck.Run(t => [F.Interpolate(t[0], [5, 3], mode: "bicubic")], [x]));
        Assert.Throws<ArgumentException>(() => F.Interpolate(X2));
        Assert.Throws<ArgumentException>(() => F.Interpolate(X2, [3], [2.0]));
        Assert.Throws<ArgumentException>(() => F.Interpolate(X2, [3], mode: "linear"));
        Assert.Throws<ArgumentException>(() => F.Interpolate(X2, [3], mode: "cubic"));
        Assert.Throws<ArgumentException>(() => F.Interpolate(X2, [0, 3]));
    }
}
