using Xunit;
using static Flambeau.Autograd;

namespace Flambeau.Tests.Tape;

/// <summary>x³ by a function of the user's own.</summary>
sealed class Cube : Function
{
    protected override Tensor[] Forward(Context context, Tensor[] inputs)
    {
        context.SaveForBackward(inputs[0]);
        return [inputs[0] * inputs[0] * inputs[0]];
    }

    protected override Tensor?[] Backward(Context context, Tensor?[] gradOutputs) => [gradOutputs[0]! * 3 * context.SavedTensors[0].Square()];
}

[Collection(nameof(Nn.DefaultGenerator))]
public class DerivativeTests
{
    static readonly Tensor X = Tensor.From([0.3, -1.2, 2.1]);

    // f: R³ → R², f = (x₀ x₁, sin x₂ + x₀²)
    static Tensor F(Tensor x) => Tensor.Stack([x.Select(0, 0) * x.Select(0, 1), x.Select(0, 2).Sin() + x.Select(0, 0).Square()]);

    static Tensor G(Tensor x) => (x.Exp() * x.Roll(1)).Sum();

    /// <summary>f(x) = Σ kx, whose derivative, k, the function keeps.</summary>
    sealed class Weighted(Tensor k) : Function
    {
        protected override Tensor[] Forward(Context context, Tensor[] inputs) => [(inputs[0] * k).Sum()];

        protected override Tensor?[] Backward(Context context, Tensor?[] gradOutputs) => [k];
    }

    [Fact]
    public void A_gradient_that_a_function_keeps_is_not_written_to()
    {
        Tensor k = Tensor.From([2.0, 3.0]), x = Tensor.Ones([2], DType.Float64).SetRequiresGrad();
        Weighted f = new(k);
        (f.Apply(x)[0] + f.Apply(x)[0]).Backward();
        Assert.Equal([4.0, 6.0], x.Grad!.ToArray<double>());
        x.Grad = null;
        f.Apply(x)[0].Backward();
        x.Grad!.MulInPlace(10);
        Assert.Equal([2.0, 3.0], k.ToArray<double>());
    }

    [Fact]
    public void The_Jacobian_has_every_partial_derivative()
    {
        double[] j = Functional.Jacobian(F, X).ToArray<double>(), expected = [-1.2, 0.3, 0, 0.6, 0, Math.Cos(2.1)];
        for (int i = 0; i < 6; i++) Assert.Equal(expected[i], j[i], 1e-14);
    }

    [Fact]
    public void Products_with_vectors_are_those_with_the_matrices()
    {
        Tensor v = Tensor.From([0.5, -0.7]), u = Tensor.From([1.1, 0.2, -0.4]), j = Functional.Jacobian(F, X), h = Functional.Hessian(G, X);
        Assert.True(Functional.Vjp(F, X, v).Vjp.AllClose(v.MatMul(j), 1e-13, 1e-13));
        Assert.True(Functional.Jvp(F, X, u).Jvp.AllClose(j.MatMul(u), 1e-13, 1e-13));
        Assert.True(Functional.Hvp(G, X, u).Hvp.AllClose(h.MatMul(u), 1e-12, 1e-12));
        Assert.True(Functional.Vhp(G, X, u).Vhp.AllClose(u.MatMul(h), 1e-12, 1e-12));
        Assert.True(h.AllClose(h.T, 1e-13, 1e-13));
        Assert.True(Functional.Jacobian(x => Functional.Vjp(G, x, createGraph: true).Vjp, X).AllClose(h, 1e-12, 1e-12));
    }

    [Fact]
    public void What_does_not_depend_on_the_input_has_the_derivative_0()
    {
        Assert.True(Functional.Jacobian(_ => Tensor.Ones(2), X).Equal(Tensor.Zeros([2, 3], DType.Float64)));
        Assert.True(Functional.Hessian(x => x.Sum(), X).Equal(Tensor.Zeros([3, 3], DType.Float64)));
        Assert.True(Functional.Jvp(_ => Tensor.Ones(2), X, X).Jvp.Equal(Tensor.Zeros(2)));
        Assert.Throws<ArgumentException>(() => Functional.Hessian(x => x, X));
        Assert.Throws<ArgumentException>(() => Functional.Jvp(F, X, Tensor.Ones(2)));
    }

    [Fact]
    public void A_function_of_ones_own_is_derived_twice()
    {
        Tensor at = X.Clone().SetRequiresGrad();
        Assert.Null(GradCheck.Run(x => new Cube().Apply(x), [at]));
        Assert.Null(GradCheck.RunTwice(x => new Cube().Apply(x), [at]));
        Tensor x = X.Clone().SetRequiresGrad(), y = new Cube().Apply(x)[0];
        x.Detach().AddInPlace(1);
        Assert.Throws<InvalidOperationException>(() => y.Sum().Backward());
    }

    [Fact]
    public void An_anomaly_is_named_with_the_line_that_led_to_it()
    {
        Tensor x = Tensor.From([0.0, 1.0]).SetRequiresGrad();
        using (DetectAnomaly())
        {
            Tensor y = (x.Sqrt() * 0.0).Sum();                                  // 0 · ∞
            var e = Assert.Throws<InvalidOperationException>(() => y.Backward());
            Assert.Contains("sqrt", e.Message);
            Assert.Contains(nameof(An_anomaly_is_named_with_the_line_that_led_to_it), e.Message.Split('\n')[1]);      // not the framework's own lines
        }
        Assert.False(IsAnomalyEnabled);
        (x.Sqrt() * 0.0).Sum().Backward();
    }
}
