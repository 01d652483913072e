using Xunit;

namespace Flambeau.Tests;

/// <summary>Printing, against what PyTorch prints.</summary>
public class FormatTests
{
    [Fact]
    public void Floats_have_four_decimals() =>
        Assert.Equal("tensor([[ 1.5000, -2.0000],\n        [ 0.2500,  3.0000]])", Tensor.From(new float[,] { { 1.5f, -2 }, { 0.25f, 3 } }).ToString());

    [Fact]
    public void Whole_floats_end_in_a_point() => Assert.Equal("tensor([1., 2., 3.])", Tensor.From(new float[] { 1, 2, 3 }).ToString());

    [Fact]
    public void Other_types_are_named() => Assert.Equal("tensor([1., 2.], dtype=float64)", Tensor.From(new double[] { 1, 2 }).ToString());

    [Fact]
    public void Magnitudes_far_apart_are_scientific() => Assert.Equal("tensor([1.0000e+00, 1.2346e-05])", Tensor.From(new float[] { 1, 1.23456e-5f }).ToString());

    [Fact]
    public void Integers_and_bools_are_plain()
    {
        Assert.Equal("tensor([  1, -20])", Tensor.From(new long[] { 1, -20 }).ToString());
        Assert.Equal("tensor([ True, False])", Tensor.From(new[] { true, false }).ToString());
    }

    [Fact]
    public void Large_tensors_show_their_edges() =>
        Assert.Equal("tensor([   0,    1,    2,  ..., 1997, 1998, 1999])", Tensor.Arange(2000).ToString());

    [Fact]
    public void History_is_told()
    {
        Tensor x = Tensor.Ones([2], null, requiresGrad: true);
        Assert.Equal("tensor([1., 1.], requires_grad=True)", x.ToString());
        Assert.Equal("tensor([2., 2.], grad_fn=<add>)", (x + 1).ToString());
    }

    [Fact]
    public void Empty_tensors_say_their_size()
    {
        Assert.Equal("tensor([])", Tensor.Zeros(0).ToString());
        Assert.Equal("tensor([], size=(2, 0))", Tensor.Zeros(2, 0).ToString());
    }

    [Fact]
    public void Scalars_stand_alone() => Assert.Equal("tensor(3.1416)", Tensor.FromScalar(3.14159).ToString());

    [Fact]
    public void Three_axes_are_parted_by_blank_lines() =>
        Assert.Equal("tensor([[[0, 1],\n         [2, 3]],\n\n        [[4, 5],\n         [6, 7]]])", Tensor.Arange(8).Reshape(2, 2, 2).ToString());
}
