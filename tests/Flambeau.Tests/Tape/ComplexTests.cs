using System.Numerics;
using Xunit;

namespace Flambeau.Tests.Tape;

/// <summary>Complex gradients are PyTorch's: the conjugate Wirtinger derivative times two, ∂L/∂Re z + i ∂L/∂Im z for a real loss.</summary>
public class ComplexTests
{
    static Tensor Leaf(params Complex[] values) => Tensor.From(values).SetRequiresGrad();

    static void Near(Complex expected, Complex actual) => Assert.True(Complex.Abs(expected - actual) < 1e-12, $"{actual} instead of {expected}");

    [Fact]
    public void The_gradient_of_a_real_loss_points_uphill()
    {
        Tensor z = Leaf(new(1, 2), new(-3, 0.5));
        z.Abs().Square().Sum().Backward();
        Near(new(2, 4), z.Grad!.ToArray<Complex>()[0]);                            // |z|² → 2z
        z.Grad = null;
        (z * z).Real().Sum().Backward();
        Near(new(2, -4), z.Grad!.ToArray<Complex>()[0]);                           // Re z² = x² − y² → 2x − 2iy
    }

    [Fact]
    public void The_gradient_of_a_complex_result_is_given_and_conjugate()
    {
        Tensor z = Leaf(new Complex(1, 2)), y = z * z;
        y.Backward(Tensor.From(new Complex[] { new(1, 1) }));
        Near(Complex.Conjugate(2 * new Complex(1, 2)) * new Complex(1, 1), z.Grad!.Item<Complex>());
    }

    [Fact]
    public void A_gradient_is_only_left_out_for_real_scalars()
    {
        Tensor z = Leaf(new Complex(1, 2));
        Assert.Contains("real scalars", Assert.Throws<InvalidOperationException>(() => (z * z).Sum().Backward()).Message);
        Assert.Contains("real scalars", Assert.Throws<InvalidOperationException>(() => Autograd.Grad((z * z).Sum(), z)).Message);
        Assert.Throws<InvalidOperationException>(() => (z * z).Sum().Backward(Tensor.FromScalar(1.0)));      // a real gradient of a complex result
        Assert.Throws<InvalidOperationException>(() => z.Abs().Sum().Backward(Tensor.FromScalar(Complex.One)));
        (z * z).Sum().Backward(Tensor.FromScalar(Complex.One));
        Near(new(2, -4), z.Grad!.Item<Complex>());
    }

    [Fact]
    public void Hooks_and_retained_gradients_are_complex()
    {
        Tensor z = Leaf(new Complex(1, 2)), y = z * new Complex(0, 1);
        y.RetainGrad();
        DType seen = default;
        z.RegisterHook(g => { seen = g.DType; return g * 2; });
        y.Abs().Square().Sum().Backward();
        Near(2 * new Complex(-2, 1), y.Grad!.Item<Complex>());
        Assert.Equal(DType.Complex128, seen);
        Near(2 * 2 * new Complex(-2, 1) * new Complex(0, -1), z.Grad!.Item<Complex>());
    }

    [Fact]
    public void A_real_input_of_a_complex_result_gets_the_real_part()
    {
        Tensor x = Tensor.From(new[] { 2.0 }).SetRequiresGrad(), y = x * new Complex(3, 4);
        y.Backward(Tensor.From(new Complex[] { new(1, 1) }));
        Assert.Equal(DType.Float64, x.Grad!.DType);
        Assert.Equal(7, x.Grad!.Item<double>());                                   // Re((3 − 4i)(1 + i))
    }

    [Fact]
    public void Second_derivatives_of_holomorphic_functions()
    {
        Tensor z = Leaf(new Complex(0.5, -0.25)), one = Tensor.From(new[] { Complex.One });
        Tensor g = Autograd.Grad(z.Exp() * z, z, one, createGraph: true);          // conj(eᶻ(z + 1))
        Tensor h = Autograd.Grad(g, z, one);                                       // of conj f′: conj f″
        Complex c = new(0.5, -0.25);
        Near(Complex.Conjugate(Complex.Exp(c) * (c + 1)), g.Item<Complex>());
        Near(Complex.Conjugate(Complex.Exp(c) * (c + 2)), h.Item<Complex>());
    }
}
