using System.Numerics;
using Xunit;

namespace Flambeau.Tests.Tape;

/// <summary>What PyTorch allows in place, and what it refuses, each with PyTorch's reason.</summary>
public class InPlaceTests
{
    static Tensor Leaf(params double[] values) => Tensor.From(values).SetRequiresGrad();

    static string Refused(Action f) => Assert.Throws<InvalidOperationException>(f).Message;

    [Theory]
    [InlineData("sin"), InlineData("mul"), InlineData("pow"), InlineData("div"), InlineData("tanh"), InlineData("exp"), InlineData("clamp"), InlineData("self")]
    public void Operations_whose_derivative_reads_the_old_value_may_replace_it(string op)
    {
        Tensor x = Leaf(0.5, -1, 2), w = Leaf(3, 0.5, -2), a = Leaf(0.5, -1, 2), b = Leaf(3, 0.5, -2), y = x * 1.0;
        switch (op)
        {
            case "sin": y.SinInPlace(); a.Sin().Sum().Backward(); break;
            case "mul": y.MulInPlace(w); (a * b).Sum().Backward(); break;
            case "pow": y.PowInPlace(3); a.Pow(3).Sum().Backward(); break;
            case "div": y.DivInPlace(w); (a / b).Sum().Backward(); break;
            case "tanh": y.TanhInPlace(); a.Tanh().Sum().Backward(); break;
            case "exp": y.ExpInPlace(); a.Exp().Sum().Backward(); break;
            case "clamp": y.ClampInPlace(-0.7, 1); a.Clamp(-0.7, 1).Sum().Backward(); break;
            case "self": y.MulInPlace(y); (a * a).Sum().Backward(); break;
        }
        y.Sum().Backward();
        Assert.Equal(a.Grad!.ToArray<double>(), x.Grad!.ToArray<double>());
        Assert.Equal(b.Grad?.ToArray<double>(), w.Grad?.ToArray<double>());
    }

    [Fact]
    public void An_operation_in_place_can_be_derived_twice()
    {
        Tensor x = Leaf(0.5, -1, 2), y = x * 1.0;
        y.SinInPlace();
        y.MulInPlace(y);
        Tensor g = Autograd.Grad(y.Sum(), x, createGraph: true);                   // sin 2x
        g.Sum().Backward();
        Assert.True(x.Grad!.AllClose((x.Detach() * 2).Cos() * 2, 1e-12, 1e-12));
    }

    [Theory]
    [InlineData("unbind"), InlineData("split"), InlineData("chunk"), InlineData("split sizes")]
    public void One_of_several_views_made_together_is_not_changed_in_place(string kind)
    {
        Tensor x = Tensor.Ones([4, 4], DType.Float64, requiresGrad: true), y = x * 2;
        Func<Tensor, Tensor[]> cut = kind switch
        {
            "unbind" => t => t.Unbind(), "split" => t => t.Split(2), "chunk" => t => t.Chunk(2), _ => t => t.Split([1, 3]),
        };
        Tensor part = cut(y)[0];
        string message = Refused(() => part.MulInPlace(2));
        Assert.Contains("mul in place", message);
        Assert.Contains("several views", message);
        Refused(() => part.View(part.Shape.Span).AddInPlace(1));                   // a view of such a view is one too
        Assert.True(part.RequiresGrad);
        using (Autograd.NoGrad()) cut(y)[1].ZeroInPlace();                         // nothing is recorded: allowed
        Tensor plain = Tensor.Ones([4, 4], DType.Float64);
        x.Detach().TensorSplit(2)[0].MulInPlace(1);
        cut(plain)[0].MulInPlace(2);                                               // nobody wants a gradient: allowed
        Assert.Equal(2, plain.ToArray<double>()[0]);
    }

    [Fact]
    public void Views_made_together_are_stale_once_their_base_changed()
    {
        Tensor y = Leaf(1, 2, 3) * 2, part = y.Unbind()[1];
        y.MulInPlace(2);
        string message = Refused(() => part.Sum().Backward());
        Assert.Contains("unbind", message);
        Assert.Contains("base", message);
        Assert.Equal(8, part.Detach().Item<double>());                             // its value may be looked at
        Tensor z = Leaf(1, 2, 3) * 2, quiet;
        using (Autograd.NoGrad()) quiet = z.Narrow(0, 0, 2);
        z.MulInPlace(2);
        Assert.Contains("NoGrad", Refused(() => quiet.Sum().Backward()));
    }

    [Fact]
    public void A_view_made_under_NoGrad_is_not_changed_while_operations_are_recorded()
    {
        Tensor y = Leaf(1, 2, 3) * 2, buffer = Tensor.Zeros([3], DType.Float64), v, w;
        using (Autograd.NoGrad()) (v, w) = (y.Narrow(0, 0, 2), buffer.Narrow(0, 0, 2));
        Assert.Contains("NoGrad", Refused(() => v.MulInPlace(2)));
        Assert.Contains("NoGrad", Refused(() => w.CopyInPlace(Leaf(5, 6))));
        w.AddInPlace(1);                                                           // no gradients anywhere
        using (Autograd.NoGrad()) v.MulInPlace(2);
        Assert.Equal([4, 8, 6], y.ToArray<double>());
    }

    [Fact]
    public void Leaves_and_views_of_leaves_are_not_changed()
    {
        Tensor x = Leaf(1, 2, 3, 4);
        foreach (Func<Tensor, Tensor> see in new Func<Tensor, Tensor>[] { t => t, t => t.Narrow(0, 1, 2), t => t.View(2, 2).T, t => t.Select(0, 1), t => t.View(2, 2).Diagonal() })
            Assert.Contains("leaf", Refused(() => see(x).MulInPlace(2)));
        Assert.Equal([1, 2, 3, 4], x.ToArray<double>());
        using (Autograd.NoGrad()) x.View(2, 2).Select(0, 0).ZeroInPlace();
        Assert.Equal([0, 0, 3, 4], x.ToArray<double>());
    }

    [Fact]
    public void Elements_that_share_memory_are_not_written_to()
    {
        Tensor y = Tensor.Ones([3, 1], DType.Float64);
        Assert.Throws<ArgumentException>(() => y.Expand(3, 4).AddInPlace(1));
        Tensor.Arange(6.0).Unfold(0, 2, 2).MulInPlace(2);                          // windows apart
    }

    [Fact]
    public void A_detached_tensor_shares_memory_and_version_but_not_history()
    {
        Tensor x = Leaf(1, 2), y = x * 3, z = y.Exp(), d = y.Detach();
        d.MulInPlace(2);
        Assert.Equal([6, 12], y.ToArray<double>());
        Assert.Equal(y.Storage.Version, d.Storage.Version);
        z.Sum().Backward();                                                        // exp kept its result, not y
        Tensor u = x * 3, s = u.Sin();
        u.Detach().ZeroInPlace();
        Assert.Contains("sin", Refused(() => s.Sum().Backward()));
        Tensor e = (x * 1).Detach();
        e.CopyInPlace(x * 5);                                                      // gets a history of its own
        Assert.True(e.RequiresGrad);
    }

    [Fact]
    public void A_view_is_not_cut_off_in_place()
    {
        Tensor y = Leaf(1, 2) * 2;
        Assert.Contains("Detach()", Refused(() => y.Narrow(0, 0, 1).DetachInPlace()));
        y.DetachInPlace();
        Assert.False(y.RequiresGrad);
    }

    [Fact]
    public void Both_operations_are_named_when_a_saved_value_was_changed()
    {
        Tensor x = Leaf(1, 2, 3);
        (Func<Tensor, Tensor> Use, string Name)[] uses = [(t => t.Sin(), "sin"), (t => t * t, "mul"), (t => t.View(3, 1).MatMul(t.View(1, 3)), "matmul"), (t => t.Square(), "square")];
        (Action<Tensor> Change, string Name)[] changes = [(t => t.AddInPlace(1), "add in place"), (t => t.Narrow(0, 0, 1).ZeroInPlace(), "fill in place"), (t => t.CopyInPlace(Tensor.Ones([3], DType.Float64)), "copy in place"), (t => t.Detach().MulInPlace(2), "mul in place")];
        foreach (var use in uses)
            foreach (var change in changes)
            {
                Tensor y = x * 2, z = use.Use(y);
                change.Change(y);
                string message = Refused(() => z.Sum().Backward());
                Assert.Contains(use.Name, message);
                Assert.Contains(change.Name, message);
            }
    }

    [Fact]
    public void Twice_in_place_is_two_steps()
    {
        Tensor x = Leaf(1, 2), y = x * 2;
        y.MulInPlace(y.Detach().Clone()).SinInPlace().SinInPlace();
        y.Sum().Backward();
        Assert.All(x.Grad!.ToArray<double>().Zip(x.ToArray<double>()), p =>
        {
            double u = 4 * p.Second * p.Second, du = 4 * p.Second;                  // y · const(y): derivative 2 · 2x
            Assert.Equal(Math.Cos(Math.Sin(u)) * Math.Cos(u) * du, p.First, 1e-12);
        });
    }

    [Fact]
    public void What_does_not_fit_the_type_is_refused_before_anything_happens()
    {
        Tensor i = Tensor.From(new long[] { 1, 2 }), f = Tensor.From(new float[] { 1, 2 }), d = Tensor.From(new double[] { 0.5, 0.5 });
        Assert.Contains("does not fit", Assert.Throws<ArgumentException>(() => i.AddInPlace(d)).Message);
        Assert.Throws<ArgumentException>(() => f.AddInPlace(Tensor.From(new Complex[] { 1, 2 })));
        Assert.Throws<ArgumentException>(() => Tensor.From(new[] { true, false }).AddInPlace(i));
        Assert.Equal([1, 2], i.ToArray<long>());
        f.AddInPlace(d);                                                           // within one kind: rounded
        Assert.Equal([1.5f, 2.5f], f.ToArray<float>());
        Tensor x = Leaf(0.5, 0.5), y = Tensor.From(new float[] { 1, 2 }).SetRequiresGrad(), z = y * 1;
        z.MulInPlace(x);
        z.Sum().Backward();
        Assert.Equal((DType.Float64, DType.Float32), (x.Grad!.DType, y.Grad!.DType));
        Assert.Equal([1, 2], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void What_was_retained_and_hooked_before_is_about_the_value_before()
    {
        Tensor x = Leaf(1, 2), y = x * 2;
        Tensor? seen = null;
        y.RegisterHook(g => { seen = g; return null; });
        y.RetainGrad();
        y.MulInPlace(10);
        y.Sum().Backward();
        Assert.Equal([10, 10], seen!.ToArray<double>());                           // a hook stays with the value it was registered for
        Assert.Equal([1, 1], y.Grad!.ToArray<double>());                           // RetainGrad goes with the tensor
    }

    [Fact]
    public void A_view_of_another_type_may_be_written_to()
    {
        Tensor x = Tensor.From(new Complex[] { new(1, 2), new(3, -1) }).SetRequiresGrad(), y = x * 1, r = y.ViewAsReal();
        r.MulInPlace(Tensor.From(new double[] { 2, 3 }));
        y.ViewAsReal().Square().Sum().Backward();                                  // Σ 4a² + 9b²
        Assert.Equal([new(8, 36), new(24, -18)], x.Grad!.ToArray<Complex>());
    }

    [Fact]
    public void A_base_written_through_strides_knows_its_history()
    {
        Tensor x = Tensor.Arange(12.0, DType.Float64).SetRequiresGrad(), y = x * 1;
        y.AsStrided([3], [5]).MulInPlace(7);                                       // 0, 5, 10
        y.Sum().Backward();
        Assert.Equal([7, 1, 1, 1, 1, 7, 1, 1, 1, 1, 7, 1], x.Grad!.ToArray<double>());
    }
}
