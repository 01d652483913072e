using Flambeau.Ops;
using Xunit;

namespace Flambeau.Tests.Tape;

public class TapeTests
{
    static Tensor Leaf(params double[] values) => Tensor.From(values).SetRequiresGrad();

    [Fact]
    public void Gradients_add_up_over_passes_and_uses()
    {
        Tensor x = Leaf(2, 3);
        (x * x + x).Sum().Backward();
        Assert.Equal([5, 7], x.Grad!.ToArray<double>());
        (x * 10).Sum().Backward();
        Assert.Equal([15, 17], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void A_hundred_thousand_chained_operations_neither_overflow_nor_slow_down()
    {
        Tensor x = Leaf(1), y = x;
        for (int i = 0; i < 100_000; i++) y = y + 1.0;
        y = x;
        for (int i = 0; i < 100_000; i++) y = y + x;
        y.Sum().Backward();
        Assert.Equal(100_001, x.Grad!.Item<double>());
    }

    [Fact]
    public void A_second_pass_through_a_freed_graph_is_refused()
    {
        Tensor x = Leaf(2), y = (x * x).Sum();
        y.Backward();
        Assert.Contains("retainGraph", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message);
        Tensor z = (x + 1).Sum();                                              // kept nothing: nothing was freed
        z.Backward();
        z.Backward();
    }

    [Fact]
    public void Retained_graphs_can_be_walked_again()
    {
        Tensor x = Leaf(2), y = (x * x).Sum();
        y.Backward(retainGraph: true);
        y.Backward();
        Assert.Equal(8, x.Grad!.Item<double>());
        Tensor g = Autograd.Grad((x * x * x).Sum(), x, createGraph: true);
        Assert.Equal(12, Autograd.Grad(g.Sum(), x).Item<double>());
    }

    [Fact]
    public void Grad_of_an_older_graph_finds_its_leaf()
    {
        Tensor x = Leaf(3), y = (x * x).Sum();
        y.Backward(retainGraph: true);
        Assert.Equal(6, Autograd.Grad(y, x).Item<double>());
    }

    [Fact]
    public void Unused_inputs_are_refused_or_null()
    {
        Tensor x = Leaf(1), z = Leaf(1), y = (x * 2).Sum();
        Assert.Throws<InvalidOperationException>(() => Autograd.Grad([y], [z], retainGraph: true));
        Assert.Null(Autograd.Grad([y], [x, z], allowUnused: true)[1]);
    }

    [Fact]
    public void Only_scalars_start_without_a_gradient()
    {
        Tensor x = Leaf(1, 2);
        Assert.Contains("(2,)", Assert.Throws<InvalidOperationException>(() => (x * 2).Backward()).Message);
        (x * 2).Backward(Tensor.From(new double[] { 1, 10 }));
        Assert.Equal([2, 20], x.Grad!.ToArray<double>());
        Assert.Throws<InvalidOperationException>(() => Tensor.Ones(1).Backward());
    }

    [Fact]
    public void Nothing_is_recorded_under_NoGrad()
    {
        Tensor x = Leaf(1);
        using (Autograd.NoGrad())
        {
            Assert.False((x * 2).RequiresGrad);
            using (Autograd.EnableGrad()) Assert.True((x * 2).RequiresGrad);
            x.AddInPlace(1);
        }
        Assert.True((x * 2).RequiresGrad);
        Assert.Equal(2, x.Item<double>());
    }

    [Fact]
    public void A_leaf_that_requires_grad_is_not_changed_in_place()
    {
        Tensor x = Leaf(1, 2);
        Assert.Throws<InvalidOperationException>(() => x.AddInPlace(1));
        Assert.Throws<InvalidOperationException>(() => x.Narrow(0, 0, 1).AddInPlace(1));
        Assert.Equal([1, 2], x.ToArray<double>());
    }

    [Fact]
    public void A_saved_value_changed_in_place_is_noticed_and_both_operations_are_named()
    {
        Tensor x = Leaf(1, 2), y = (x * 2).Exp();
        y.MulInPlace(3);
        string message = Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message;
        Assert.Contains("exp", message);
        Assert.Contains("mul in place", message);
    }

    [Fact]
    public void In_place_operations_are_part_of_the_graph()
    {
        Tensor x = Leaf(1, 2), y = x * 2;
        y.MulInPlace(Tensor.From(new double[] { 3, 5 }));
        y.AddInPlace(x);
        y.Sum().Backward();
        Assert.Equal([7, 11], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void In_place_on_a_view_changes_the_history_of_its_root_and_of_other_views()
    {
        Tensor x = Leaf(1, 2, 3), w = Leaf(10), y = x * 2, head = y.Narrow(0, 0, 2), tail = y.Narrow(0, 1, 2);
        head.MulInPlace(10);
        head.AddInPlace(w);
        Assert.Equal([50, 6], tail.ToArray<double>());
        tail.Sum().Backward();
        Assert.Equal([0, 20, 2], x.Grad!.ToArray<double>());
        Assert.Equal(1, w.Grad!.Item<double>());
    }

    [Fact]
    public void A_constant_becomes_differentiable_when_written_to()
    {
        Tensor buffer = Tensor.Zeros([3], DType.Float64), x = Leaf(2);
        buffer.Narrow(0, 1, 1).CopyInPlace(x * x);
        Assert.True(buffer.RequiresGrad);
        buffer.Sum().Backward();
        Assert.Equal(4, x.Grad!.Item<double>());
    }

    [Fact]
    public void Expanded_tensors_are_not_written_to() =>
        Assert.Throws<ArgumentException>(() => Tensor.Zeros(1, 3).Expand(4, 3).AddInPlace(1));

    [Fact]
    public void Overlapping_in_place_reads_the_old_values()
    {
        Tensor x = Tensor.Arange(6.0, DType.Float64);
        x.Narrow(0, 1, 5).AddInPlace(x.Narrow(0, 0, 5));
        Assert.Equal([0, 1, 3, 5, 7, 9], x.ToArray<double>());
    }

    [Fact]
    public void Hooks_see_and_replace_gradients()
    {
        Tensor x = Leaf(1, 2), y = x * 3;
        Tensor? seen = null;
        using (y.RegisterHook(g => { seen = g; return g * 2; })) (y * y).Sum().Backward();
        Assert.Equal([6, 12], seen!.ToArray<double>());
        Assert.Equal([36, 72], x.Grad!.ToArray<double>());
        int calls = 0;
        x.RegisterPostAccumulateGradHook(_ => calls++);
        (x + x).Sum().Backward();
        Assert.Equal(1, calls);
    }

    [Fact]
    public void RetainGrad_keeps_the_gradient_of_an_intermediate()
    {
        Tensor x = Leaf(2), y = x * 3;
        y.RetainGrad();
        (y * y).Sum().Backward();
        Assert.Equal(12, y.Grad!.Item<double>());
    }

    [Fact]
    public void Detach_cuts_and_shares()
    {
        Tensor x = Leaf(2), y = (x * 3).Detach();
        Assert.True(y.IsLeaf && !y.RequiresGrad);
        Tensor z = x * 1, d = z.Detach();
        d.FillInPlace(7);
        Assert.Equal(7, z.Item<double>());
    }

    [Fact]
    public void Backward_into_chosen_inputs_leaves_others_alone()
    {
        Tensor x = Leaf(2), w = Leaf(3);
        (x * w).Sum().Backward(inputs: [w]);
        Assert.Null(x.Grad);
        Assert.Equal(2, w.Grad!.Item<double>());
    }

    [Fact]
    public void Gradients_have_the_type_of_what_they_belong_to()
    {
        Tensor x = Tensor.Ones([2], DType.Float32, requiresGrad: true), y = Leaf(1, 2);
        (x * y).Sum().Backward();
        Assert.Equal(DType.Float32, x.Grad!.DType);
        Assert.Equal(DType.Float64, y.Grad!.DType);
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([1], DType.Int64).SetRequiresGrad());
    }

    [Fact]
    public void Gradients_accumulated_are_not_those_handed_in()
    {
        Tensor x = Leaf(1, 2), g = Tensor.From(new double[] { 1, 1 });
        x.Reshape(2).Backward(g);
        x.Reshape(2).Backward(g);
        Assert.Equal([1, 1], g.ToArray<double>());
        Assert.Equal([2, 2], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void Parts_of_a_whole_add_their_gradients_within_it()
    {
        Tensor x = Tensor.Rand([6, 5], DType.Float64, new Generator(2)).SetRequiresGrad(), w = Tensor.Arange(30, DType.Float64).Reshape(6, 5);
        Tensor[] parts = x.Unbind(), pieces = x.Split(2, 1);
        Tensor y = x.Square().Sum() + pieces[0].Sum() * 2 + pieces[2].Sum() * 3 + x.Diagonal().Sum() * 5;
        for (int i = 0; i < parts.Length; i++) y += (parts[i] * w[i]).Sum();
        Tensor g = Autograd.Grad([y], [x], retainGraph: true)[0]!, h = Autograd.Grad([y], [x], createGraph: true)[0]!;
        Assert.Equal(h.Detach().ToArray<double>(), g.ToArray<double>());
        Tensor expected = 2 * x.Detach() + w + 5 * Tensor.Eye(6, 5, DType.Float64) + Tensor.From<double>([2, 2, 0, 0, 3]);
        Assert.True(g.AllClose(expected, 1e-14, 1e-14));
    }
}
