using Flambeau.Samples.NewtonCg;
using Xunit;

namespace Flambeau.Training.Tests.Samples;

public sealed class NewtonCgTests
{
    static readonly Tensor s_a = Tensor.From(new double[,] { { 4, 1, 0 }, { 1, 3, 1 }, { 0, 1, 2 } }), s_g = Tensor.From<double>([1, 2, 3]);

    [Fact]
    public void Conjugate_gradients_solve_the_equations()
    {
        Tensor g = s_g * 1e-20;                                                             // so small a gradient asks for an exact answer
        (Tensor p, int products) = Newton.Solve(v => s_a.Mv(v), g);
        Assert.InRange((s_a.Mv(p) + g).Norm().Item<double>() / 1e-20, 0, 1e-9);
        Assert.Equal(3, products);
    }

    [Fact]
    public void Where_the_function_curves_down_the_step_still_goes_down()
    {
        (Tensor p, int products) = Newton.Solve(v => -v, s_g);
        Assert.Equal(1, products);
        Assert.True((p * s_g).Sum().Item<double>() < 0);
    }

    /// <summary>Rosenbrock's valley: the minimum is 0 at (1, 1, …).</summary>
    [Fact]
    public void Steps_come_down_a_curved_valley_to_the_minimum()
    {
        static Tensor Valley(Tensor x) => (100 * (x[1..] - x[..^1].Square()).Square() + (1 - x[..^1]).Square()).Sum();
        Tensor x = Tensor.Full([6], -0.5, DType.Float64);
        double last = double.PositiveInfinity;
        for (int step = 0; step < 60; step++)
        {
            double now = Valley(x).Item<double>();
            Assert.True(now <= last);
            last = now;
            x = Newton.Step(Valley, x).X;
        }
        Assert.InRange((x - 1).Abs().Max().Item<double>(), 0, 1e-8);
    }
}
