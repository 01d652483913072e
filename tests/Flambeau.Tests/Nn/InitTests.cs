using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Nn;

public class InitTests
{
    static void AssertDraws(double[] expected, Func<Tensor, Generator, Tensor> fill, params long[] shape)
    {
        Parameter p = new(Tensor.Empty(shape.Length == 0 ? [3, 4] : shape, DType.Float64));
        double[] actual = fill(p, new Generator(5)).ToArray<double>();
        for (int i = 0; i < 6; i++) Assert.Equal(expected[i], actual[i], 1e-9);
    }

    // What PyTorch draws after manual_seed(5).
    [Fact] public void Xavier_uniform() => AssertDraws([0.262960695211, -0.444841901882, -0.257697174535, -0.342307894336, -0.433066907825, 0.650719504374], (t, g) => Init.XavierUniformInPlace(t, generator: g));
    [Fact] public void Xavier_normal() => AssertDraws([-0.520390511898, -0.645512429886, -0.596629967026, 0.713613495339, -0.21104561196, 2.076922959097], (t, g) => Init.XavierNormalInPlace(t, 2, generator: g));
    [Fact] public void Kaiming_uniform() => AssertDraws([0.142015006628, -0.240242084824, -0.139172380573, -0.184867391851, -0.233882861223, 0.351428697937], (t, g) => Init.KaimingUniformInPlace(t, Math.Sqrt(5), generator: g));
    [Fact] public void Kaiming_normal() => AssertDraws([-0.397454818618, -0.493018261998, -0.455683664296, 0.545031309889, -0.161188748649, 1.586276112109], (t, g) => Init.KaimingNormalInPlace(t, mode: "fan_out", nonlinearity: "relu", generator: g));
    [Fact] public void Truncated_normal() => AssertDraws([0.218028476299, -0.207558946231, -0.093069220533, -0.143872768924, -0.200091866391, 0.516407232511], (t, g) => Init.TruncNormalInPlace(t, std: 0.5, a: -0.6, b: 1, generator: g));
    [Fact] public void Sparse() => AssertDraws([0.0, -0.603821587884, -0.558096230824, 0.0, -0.197415093234, 0.0], (t, g) => Init.SparseInPlace(t, 0.5, 1, generator: g));
    [Fact] public void Dirac() => AssertDraws([0, 1, 0, 0, 0, 0], (t, g) => Init.DiracInPlace(t, 2), 4, 2, 3);
    [Fact] public void Identity() => AssertDraws([1, 0, 0, 0, 0, 1], (t, g) => Init.EyeInPlace(t));

    [Fact]
    public void Wrong_names_and_shapes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Init.KaimingUniformInPlace(Tensor.Zeros(2, 2), mode: "fan"));
        Assert.Throws<ArgumentException>(() => Init.CalculateGain("gelu"));
        Assert.Throws<ArgumentException>(() => Init.XavierNormalInPlace(Tensor.Zeros(3)));
    }
}
