using Xunit;

namespace Flambeau.Tests.Tape;

public class HookOrderTests
{
    static Tensor Leaf(params double[] values) => Tensor.From(values).SetRequiresGrad();

    [Fact]
    public void Hooks_run_in_PyTorch_s_order()
    {
        Tensor x = Leaf(1, 2), y = x * 3;
        List<string> log = [];
        void Log(string s) => log.Add(s);
        y.RetainGrad();                                                            // last of the tensor's hooks, though registered first
        y.RegisterHook(g => { Log($"tensor 1: {y.Grad is null}"); return g * 2; });
        y.RegisterHook(g => { Log("tensor 2"); return null; });
        y.GradFn!.RegisterPrehook(g => { Log("before 1"); return null; });
        y.GradFn.RegisterPrehook(g => { Log($"before 2: {y.Grad!.ToArray<double>()[0]}"); return [g[0]! * 10]; });
        y.GradFn.RegisterHook((gi, go) => { Log($"after 1: {gi[0]!.ToArray<double>()[0]} {go[0]!.ToArray<double>()[0]}"); return null; });
        y.GradFn.RegisterHook((gi, go) => { Log("after 2"); return [gi[0]! + 1, .. gi[1..]]; });
        x.RegisterPostAccumulateGradHook(t => Log($"accumulated {t.Grad!.ToArray<double>()[0]}"));
        x.RegisterHook(g => { Log($"leaf {g.ToArray<double>()[0]}"); return null; });
        y.Sum().Backward();
        Assert.Equal(["tensor 1: True", "tensor 2", "before 1", "before 2: 2", "after 1: 60 20", "after 2", "leaf 61", "accumulated 61"], log);
        Assert.Equal([2, 2], y.Grad!.ToArray<double>());
    }

    [Fact]
    public void Removed_hooks_are_gone_and_only_they()
    {
        Tensor x = Leaf(1), y = x * 3;
        List<string> log = [];
        IDisposable a = y.RegisterHook(g => { log.Add("a"); return null; }), b = y.RegisterHook(g => { log.Add("b"); return null; }), c = y.GradFn!.RegisterPrehook(g => { log.Add("c"); return null; });
        a.Dispose();
        a.Dispose();
        y.Sum().Backward(retainGraph: true);
        c.Dispose();
        y.Sum().Backward(retainGraph: true);
        b.Dispose();
        y.Sum().Backward();
        Assert.Equal(["b", "c", "b"], log);
    }

    [Fact]
    public void A_hook_may_remove_itself_or_add_another_while_hooks_run()
    {
        Tensor x = Leaf(1), y = x * 3;
        int calls = 0, later = 0;
        IDisposable? self = null;
        self = y.RegisterHook(g => { calls++; self!.Dispose(); y.RegisterHook(_ => { later++; return null; }); return null; });
        y.Sum().Backward(retainGraph: true);
        Assert.Equal((1, 0), (calls, later));
        y.Sum().Backward();
        Assert.Equal((1, 1), (calls, later));
    }

    [Fact]
    public void A_hook_that_answers_another_shape_is_told()
    {
        Tensor x = Leaf(1, 2), y = x * 3;
        using (y.RegisterHook(g => g.Sum())) Assert.Contains("(2,)", Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message);
        Tensor z = x * 3;
        z.GradFn!.RegisterPrehook(g => []);
        Assert.Contains("prehook", Assert.Throws<InvalidOperationException>(() => z.Sum().Backward()).Message);
    }

    [Fact]
    public void The_node_of_a_leaf_can_be_hooked()
    {
        Tensor x = Leaf(1, 2);
        List<string> log = [];
        GradientEdge edge = Autograd.GetGradientEdge(x);
        edge.Node.RegisterPrehook(g => { log.Add("before"); return [g[0]! * 2]; });
        edge.Node.RegisterHook((gi, go) => { log.Add($"after {gi.Length} {x.Grad!.ToArray<double>()[0]}"); return null; });
        (x * 3).Sum().Backward();
        (x * 3).Sum().Backward();
        Assert.Equal(["before", "after 0 6", "before", "after 0 12"], log);
    }

    [Fact]
    public void Gradients_are_had_by_edges_of_tensors_that_are_gone()
    {
        Tensor x = Leaf(1, 2), y = x * 3;
        GradientEdge leaf = Autograd.GetGradientEdge(x), middle = Autograd.GetGradientEdge(y);
        Tensor z = (y * y).Sum();
        Tensor?[] g = Autograd.Grad([z], [leaf, middle]);
        Assert.Equal([18, 36], g[0]!.ToArray<double>());
        Assert.Equal([6, 12], g[1]!.ToArray<double>());
        Assert.Null(x.Grad);
        Assert.Throws<ArgumentException>(() => Autograd.GetGradientEdge(Tensor.Ones(2)));
    }

    [Fact]
    public void A_hook_of_several_tensors_waits_for_all_that_the_pass_comes_to()
    {
        Tensor x = Leaf(1, 2), a = x * 2, b = x * 3, c = x * 4;
        List<double?[]> seen = [];
        IDisposable hook = Autograd.RegisterMultiGradHook([a, b, c, x], g => seen.Add([.. g.Select(t => t?.ToArray<double>()[0])]));
        (a * b).Sum().Backward(retainGraph: true);
        Assert.Equal([3, 2, null, 12], seen[0]);
        (a + b + c).Sum().Backward(retainGraph: true);
        Assert.Equal([1, 1, 1, 9], seen[1]);
        Autograd.Grad([(a + c).Sum()], [a], retainGraph: true);
        Assert.Equal([1, null, null, null], seen[2]);
        hook.Dispose();
        a.Sum().Backward(retainGraph: true);
        Assert.Equal(3, seen.Count);
        int any = 0;
        using (Autograd.RegisterMultiGradHook([a, b], g => { any++; Assert.Single(g.OfType<Tensor>()); }, mode: "any")) (a * b).Sum().Backward();
        Assert.Equal(1, any);
        Assert.Throws<ArgumentException>(() => Autograd.RegisterMultiGradHook([a], _ => { }, mode: "some"));
    }

    [Fact]
    public void Hooks_see_what_Grad_answers()
    {
        Tensor x = Leaf(1, 2);
        x.RegisterHook(g => g * 2);
        int after = 0;
        x.RegisterPostAccumulateGradHook(_ => after++);
        Assert.Equal([6, 6], Autograd.Grad((x * 3).Sum(), x).ToArray<double>());
        Assert.Equal(0, after);                                                    // nothing was accumulated
    }

    [Fact]
    public void A_backward_pass_within_a_hook_is_one_of_its_own()
    {
        Tensor x = Leaf(1, 2), w = Leaf(5), y = x * 3;
        y.RegisterHook(g => { using (Autograd.EnableGrad()) (w * 2).Sum().Backward(); return null; });
        y.Sum().Backward();
        Assert.Equal([3, 3], x.Grad!.ToArray<double>());
        Assert.Equal(2, w.Grad!.Item<double>());
    }
}
