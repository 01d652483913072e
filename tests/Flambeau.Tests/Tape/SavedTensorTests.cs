using Flambeau.IO;
using Flambeau.Nn;
using Flambeau.Tests.IO;
using Xunit;

namespace Flambeau.Tests.Tape;

public class SavedTensorTests
{
    static Tensor Leaf(params double[] values) => Tensor.From(values).SetRequiresGrad();

    static Tensor Random(int seed, params long[] shape) => Tensor.Rand(shape, DType.Float64, new Generator(seed)) - 0.5;

    [Fact]
    public void What_operations_keep_passes_through_the_hooks()
    {
        Tensor x = Leaf(1, 2);
        List<string> log = [];
        Tensor y;
        using (Autograd.SavedTensorsHooks(t => { log.Add($"pack {t.Shape}"); Assert.False(t.RequiresGrad); return (t, log.Count); }, p => { log.Add($"unpack {p.Item2}"); return p.t; }))
            y = (x * x).Exp().Sum();                                               // mul keeps both factors, exp its result, sum nothing
        Assert.Equal(["pack (2,)", "pack (2,)", "pack (2,)"], log);
        (x * x).Sum().Backward();                                                  // outside the scope: no hooks
        Assert.Equal(3, log.Count);
        x.Grad = null;
        y.Backward();
        Assert.Equal(6, log.Count);
        Assert.True(x.Grad!.AllClose((x.Square()).Exp() * x * 2));
    }

    [Fact]
    public void A_network_can_keep_everything_on_disk()
    {
        using TemporaryFolder folder = new();
        Sequential net = new(new Linear(4, 8, dtype: DType.Float64), new Tanh(), new LayerNorm([8], dtype: DType.Float64), new Linear(8, 2, dtype: DType.Float64), new LogSoftmax(-1));
        Tensor x = Random(1, 3, 4);
        net.Call(x).Square().Sum().Backward();
        double[][] expected = [.. net.Parameters().Select(p => p.Grad!.ToArray<double>())];
        net.ZeroGrad();
        int files = 0;
        Tensor loss;
        using (Autograd.SavedTensorsHooks(t =>
        {
            string path = Path.Combine(folder.Root, $"{files++}.safetensors");
            SafeTensors.Save(path, new Dictionary<string, Tensor> { ["x"] = t.Contiguous() });
            return path;
        }, path => SafeTensors.Load(path).Tensors["x"]))
            loss = net.Call(x).Square().Sum();
        Assert.Equal(files, Directory.GetFiles(folder.Root).Length);
        Assert.True(files > 8);
        loss.Backward();
        Assert.All(net.Parameters().Zip(expected), p => Assert.Equal(p.Second, p.First.Grad!.ToArray<double>()));
    }

    [Fact]
    public void Activations_can_be_kept_in_half_the_bytes()
    {
        Tensor x = Tensor.Rand([100], DType.Float32, new Generator(1)).SetRequiresGrad(), y;
        using (Autograd.SavedTensorsHooks(t => t.To(DType.BFloat16), t => t.To(DType.Float32))) y = x.Sin();
        y.Sum().Backward();
        Tensor exact = x.Detach().Cos();
        Assert.True(x.Grad!.AllClose(exact, 1e-2, 1e-2));
        Assert.True(x.Grad.AllClose(x.Detach().To(DType.BFloat16).To(DType.Float32).Cos(), 1e-6, 1e-6));
        Assert.False(x.Grad.AllClose(exact, 1e-6, 1e-6));
    }

    [Fact]
    public void The_innermost_hooks_hold_and_only_for_their_thread()
    {
        Tensor x = Leaf(1, 2);
        int outer = 0, inner = 0;
        using (Autograd.SavedTensorsHooks(t => { outer++; return t; }, t => t))
        {
            _ = x.Sin();
            using (Autograd.SavedTensorsHooks(t => { inner++; return t; }, t => t)) _ = x.Sin();
            Thread other = new(() => _ = x.Sin());
            other.Start();
            other.Join();
            _ = x.Sin();
        }
        Assert.Equal((2, 1), (outer, inner));
    }

    [Fact]
    public void Unpacked_values_are_part_of_the_graph_again()
    {
        Tensor x = Leaf(0.3, -0.7), y;
        using (Autograd.SavedTensorsHooks(t => t.Clone(), t => t.Clone())) y = (x.Exp() * x.Sin()).Tanh().Sum();
        Tensor z = (x.Exp() * x.Sin()).Tanh().Sum();
        Tensor g = Autograd.Grad(y, x, createGraph: true), h = Autograd.Grad(z, x, createGraph: true);
        Assert.Equal(h.ToArray<double>(), g.ToArray<double>());
        Assert.Equal(Autograd.Grad(h.Sum(), x).ToArray<double>(), Autograd.Grad(g.Sum(), x).ToArray<double>());
    }

    [Fact]
    public void A_retained_graph_asks_once_for_each_pass()
    {
        Tensor x = Leaf(0.3, -0.7), y;
        int asked = 0;
        using (Autograd.SavedTensorsHooks(t => t, t => { asked++; return t; })) y = x.Sin().Sum();
        y.Backward(retainGraph: true);
        Assert.Equal(1, asked);
        y.Backward();
        Assert.Equal(2, asked);
        Assert.Throws<InvalidOperationException>(() => y.Backward());
    }

    [Fact]
    public void Hooks_that_break_the_rules_are_told()
    {
        Tensor x = Leaf(0.3, -0.7), y = x * 1;
        using (Autograd.SavedTensorsHooks(t => t.MulInPlace(2), t => t)) Assert.Contains("changed", Assert.Throws<InvalidOperationException>(() => y.Sin()).Message);
        Tensor z;
        using (Autograd.SavedTensorsHooks(t => t, t => t.Select(0, 0))) z = x.Sin();
        Assert.Contains("unpack hook", Assert.Throws<InvalidOperationException>(() => z.Sum().Backward()).Message);
        using (Autograd.DisableSavedTensorsHooks("no hooks under this transform"))
        {
            Assert.Contains("no hooks under", Assert.Throws<InvalidOperationException>(() => Autograd.SavedTensorsHooks(t => t, t => t)).Message);
            Assert.Contains("no hooks under", Assert.Throws<InvalidOperationException>(() => Checkpointing.Checkpoint(t => t.Sin(), x)).Message);
        }
        using (Autograd.SavedTensorsHooks(t => t, t => t)) Assert.Throws<InvalidOperationException>(() => Autograd.DisableSavedTensorsHooks("not inside"));
    }

    [Fact]
    public void Saved_tensors_may_be_changed_where_that_is_allowed()
    {
        Tensor x = Leaf(0.5, -1), a = x * 1, s, t;
        using (Autograd.AllowMutationOnSavedTensors())
        {
            s = a.Sin();
            a.Narrow(0, 0, 1).MulInPlace(10);
            t = a.Sin();
            a.ZeroInPlace();
        }
        (s + t).Sum().Backward();
        Assert.True(x.Grad!.AllClose(Tensor.From([Math.Cos(0.5) + 10 * Math.Cos(5), 2 * Math.Cos(-1)]), 1e-12, 1e-12));
        Tensor b = x * 1, u;
        using (Autograd.AllowMutationOnSavedTensors()) u = b.Sin();
        b.ZeroInPlace();                                                           // outside
        Assert.Contains("fill in place", Assert.Throws<InvalidOperationException>(() => u.Sum().Backward()).Message);
    }

    sealed class Cube : Autograd.Function
    {
        protected override Tensor[] Forward(Context c, Tensor[] x)
        {
            Tensor y = x[0] * x[0] * x[0];
            c.SaveForBackward(x[0], y);
            return [y];
        }

        protected override Tensor?[] Backward(Context c, Tensor?[] g) => [g[0]! * 3 * c.SavedTensors[1] / c.SavedTensors[0]];
    }

    [Fact]
    public void Functions_keep_by_the_same_mechanism()
    {
        Tensor x = Leaf(2, -1), y;
        int packed = 0;
        using (Autograd.SavedTensorsHooks(t => { packed++; return t.Clone(); }, t => t.Clone())) y = new Cube().Apply(x)[0];
        Assert.Equal(2, packed);
        Tensor g = Autograd.Grad(y.Sum(), x, createGraph: true);
        Assert.Equal([12, 3], g.ToArray<double>());
        Assert.Equal([12, -6], Autograd.Grad(g.Sum(), x).ToArray<double>());
        Tensor z = new Cube().Apply(x)[0];
        z.Sum().Backward();
        Assert.Contains("retainGraph", Assert.Throws<InvalidOperationException>(() => z.Sum().Backward()).Message);
        Tensor w = new Cube().Apply(x)[0];
        w.AddInPlace(1);
        Assert.Contains("add in place", Assert.Throws<InvalidOperationException>(() => w.Sum().Backward()).Message);
    }

    sealed class Rounded : Autograd.Function
    {
        protected override bool IsOnceDifferentiable => true;

        protected override Tensor[] Forward(Context c, Tensor[] x)
        {
            c.SaveForBackward(x[0]);
            return [x[0] * x[0]];
        }

        protected override Tensor?[] Backward(Context c, Tensor?[] g)
        {
            double[] x = c.SavedTensors[0].ToArray<double>(), v = g[0]!.ToArray<double>();
            return [Tensor.From([.. x.Zip(v, (a, b) => 2 * a * b)])];
        }
    }

    [Fact]
    public void A_function_that_is_differentiable_once_says_so_when_differentiated_twice()
    {
        Tensor x = Leaf(2, -1);
        Assert.Equal([4, -2], Autograd.Grad(new Rounded().Apply(x)[0].Sum(), x).ToArray<double>());
        Tensor g = Autograd.Grad(new Rounded().Apply(x)[0].Sum(), x, createGraph: true);
        Assert.Equal([4, -2], g.ToArray<double>());
        Assert.Contains("IsOnceDifferentiable", Assert.Throws<InvalidOperationException>(() => g.Sum().Backward()).Message);
    }
}
