using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>Rows over their norms and cosines of rows in one kernel, against the compositions.</summary>
public sealed class UnitRowTests
{
    static Tensor Draw(int seed, params long[] shape) => (Tensor.Randn(shape, DType.Float64, generator: new(seed)) * Tensor.Arange(shape[0]).Double().Reshape([shape[0], .. Enumerable.Repeat(1L, shape.Length - 1)])).Detach().SetRequiresGrad();

    static Tensor Unit(Tensor x, double eps) => x / Flambeau.Linalg.VectorNorm(x, 2, [-1], true).Clamp(min: eps);

    static void AssertSame(Func<Tensor[], Tensor> want, Func<Tensor[], Tensor> got, Tensor[] x)
    {
        foreach (bool twice in (bool[])[false, true])
        {
            Tensor[] All(Func<Tensor[], Tensor> f)
            {
                Tensor y = f(x), loss = (y * Tensor.Arange(y.Count).Double().Cos().Reshape(y.Shape)).Sum();
                Tensor[] g = [.. Autograd.Grad([loss], x, createGraph: twice).Select(t => t!)];
                return twice ? [.. Autograd.Grad([g.Select(t => t.Square().Sum()).Aggregate((a, b) => a + b)], x).Select(t => t!)] : [y, .. g];
            }
            foreach ((Tensor a, Tensor b) in All(want).Zip(All(got)))
            {
                Assert.Equal(a.Shape, b.Shape);
                Assert.InRange((a - b).Abs().Max().Item<double>(), 0, 1e-10 * Math.Max(1, a.Abs().Max().Item<double>()));
            }
        }
    }

    // The first row is 0, the next are shorter than ε and the others longer.
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(33)]
    [InlineData(5000)]
    public void Values_and_derivatives_are_those_of_the_compositions(int width)
    {
        double eps = 2.5 * Math.Sqrt(width);
        Tensor a = Draw(1, 7, width), b = Draw(2, 7, width);
        AssertSame(x => Unit(x[0], eps), x => F.Normalize(x[0], dim: -1, eps: eps), [a]);
        AssertSame(x => (Unit(x[0], eps) * Unit(x[1], eps)).Sum(-1), x => F.CosineSimilarity(x[0], x[1], 1, eps), [a, b]);
        AssertSame(x => (Unit(x[0], eps) * Unit(x[1], eps)).Sum(-1), x => F.CosineSimilarity(x[0], x[1], -1, eps), [a, Draw(3, 1, width).Detach().Add(1).Detach().SetRequiresGrad()]);
    }
}
