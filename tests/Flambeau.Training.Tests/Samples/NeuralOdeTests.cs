using Flambeau.Nn;
using Flambeau.Samples.NeuralOde;
using Xunit;

namespace Flambeau.Training.Tests.Samples;

[Collection(nameof(DefaultGenerator))]
public sealed class NeuralOdeTests
{
    /// <summary>dy/dt = −y has y(1) = y(0) / e. Half the step, a sixteenth of the error.</summary>
    [Fact]
    public void The_solver_is_of_fourth_order()
    {
        double Error(int steps) => Math.Abs(Ode.Solve(y => -y, Tensor.Ones([1, 1], DType.Float64), 1.0 / steps, steps)[^1].Item<double>() - Math.Exp(-1));
        Assert.InRange(Error(10) / Error(20), 15, 18);
        Assert.Equal(21, Ode.Solve(y => -y, Tensor.Ones(1, 1), 0.05, 20).Shape[0]);
    }

    [Fact]
    public void The_adjoint_method_gives_the_gradients_that_flow_through_the_solver()
    {
        Generator.ManualSeed(0);
        Sequential field = new(new Linear(2, 16, dtype: DType.Float64), new Tanh(), new Linear(16, 2, dtype: DType.Float64));
        Tensor y = Tensor.Randn([5, 2], DType.Float64).SetRequiresGrad(), weight = Tensor.Randn([9, 5, 2], DType.Float64);
        Tensor[] inputs = [y, .. field.Parameters()];
        Tensor through = Ode.Solve(field.Call, y, 0.05, 8), adjoint = new AdjointOde(field, 0.05, 8).Solve(y);
        Assert.True(through.Eq(adjoint).All().Item<bool>());
        Tensor?[] expected = Autograd.Grad([(through * weight).Sum()], inputs), actual = Autograd.Grad([(adjoint * weight).Sum()], inputs);
        for (int i = 0; i < inputs.Length; i++)                                             // to the solver's error, some h⁴
            Assert.InRange(((expected[i]! - actual[i]!).Norm() / expected[i]!.Norm()).Item<double>(), 0, 1e-6);
    }
}
