using Flambeau.Nn;
using Op = Flambeau.Ops.Op;
using Xunit;

namespace Flambeau.Tests.Tape;

[Collection(nameof(Tests.Nn.DefaultGenerator))]
public class CheckpointingTests
{
    static Tensor Random(int seed, params long[] shape) => Tensor.Rand(shape, DType.Float64, new Generator(seed)) - 0.5;

    static Sequential Network()
    {
        Generator.ManualSeed(3);
        return new Sequential(new Linear(6, 16), new Gelu(), new Dropout(0.4), new LayerNorm([16]), new Linear(16, 16), new Tanh(), new Dropout(0.2), new Linear(16, 6)).To(DType.Float64);
    }

    /// <summary>Loss and gradients of a network's parameters and input, and the next number drawn.</summary>
    static double[] Train(Sequential net, Func<Tensor, Tensor> call)
    {
        net.ZeroGrad();
        Tensor x = Random(1, 5, 6).SetRequiresGrad();
        Generator.ManualSeed(11);
        Tensor loss = call(x).Square().Sum();
        double next = Tensor.Rand([1], DType.Float64).Item<double>();
        loss.Backward();
        double after = Tensor.Rand([1], DType.Float64).Item<double>();
        return [next, after, loss.Item<double>(), .. x.Grad!.ToArray<double>(), .. net.Parameters().SelectMany(p => p.Grad!.ToArray<double>())];
    }

    [Fact]
    public void Gradients_and_random_numbers_are_those_without_checkpoint_bit_for_bit()
    {
        Sequential net = Network();
        double[] plain = Train(net, net.Call);
        Assert.Equal(plain, Train(net, x => Checkpointing.Checkpoint(net.Call, x)));
        Func<Tensor, Tensor>[] layers = [.. net.Select(m => (Func<Tensor, Tensor>)m.Call)];
        foreach (int segments in new[] { 1, 2, 3, layers.Length }) Assert.Equal(plain, Train(net, x => Checkpointing.CheckpointSequential(layers, segments, x)));
        Assert.Equal(plain, Train(net, x => Checkpointing.Checkpoint(net.Call, x, keep: Checkpointing.Products)));
    }

    [Fact]
    public void Without_preserved_state_the_second_run_draws_other_numbers()
    {
        Sequential net = Network();
        Assert.NotEqual(Train(net, net.Call)[2..], Train(net, x => Checkpointing.Checkpoint(net.Call, x, preserveRngState: false))[2..]);
    }

    [Fact]
    public void Checkpoints_nest()
    {
        Sequential net = Network();
        Func<Tensor, Tensor>[] l = [.. net.Select(m => (Func<Tensor, Tensor>)m.Call)];
        Tensor Nested(Tensor x) => Checkpointing.Checkpoint(a => Checkpointing.Checkpoint(b => Checkpointing.Checkpoint(c => l[3](l[2](c)), l[1](l[0](b))), a).Sin(), x);
        Tensor Flat(Tensor x) => l[3](l[2](l[1](l[0](x)))).Sin();
        Sequential used = new(net[0], net[3]);
        Assert.Equal(Train(used, Flat), Train(used, Nested));
    }

    [Fact]
    public void Several_arguments_and_results()
    {
        Tensor a = Random(1, 3).SetRequiresGrad(), b = Random(2, 3).SetRequiresGrad(), plain = Random(4, 3);
        Tensor[] F(Tensor[] t) => [t[0].Exp() * t[1], (t[1] * t[2]).Sin(), t[2] * 2];
        double[] Gradients(Func<Tensor[], Tensor[]> f)
        {
            (a.Grad, b.Grad) = (null, null);
            Tensor[] y = f([a, b, plain]);
            Assert.False(y[2].RequiresGrad);
            (y[0].Sum() + y[1].Square().Sum()).Backward();
            return [.. a.Grad!.ToArray<double>(), .. b.Grad!.ToArray<double>()];
        }
        Assert.Equal(Gradients(F), Gradients(t => Checkpointing.Checkpoint(F, t)));
    }

    [Fact]
    public void Gradients_of_gradients_and_retained_graphs()
    {
        Tensor x = Random(1, 4).SetRequiresGrad();
        Tensor F(Tensor t) => (t.Exp() * t.Sin()).Tanh().Square();
        Tensor g = Autograd.Grad(Checkpointing.Checkpoint(F, x).Sum(), x, createGraph: true), h = Autograd.Grad(F(x).Sum(), x, createGraph: true);
        Assert.Equal(h.ToArray<double>(), g.ToArray<double>());
        Assert.Equal(Autograd.Grad((h * h).Sum(), x).ToArray<double>(), Autograd.Grad((g * g).Sum(), x).ToArray<double>());
        int runs = 0;
        Tensor y = Checkpointing.Checkpoint(t => { runs++; return F(t); }, x).Sum();
        y.Backward(retainGraph: true);
        y.Backward();
        Assert.Equal(3, runs);
        Assert.True(x.Grad!.AllClose(h * 2));
        Assert.Null(GradCheck.RunTwice(t => [Checkpointing.Checkpoint(F, t[0])], [x]));
    }

    /// <summary>The bytes that operations keep at the same time, those of the second run included.</summary>
    sealed class Meter
    {
        long _now;
        public long Peak { get; private set; }

        public IDisposable Watch() => Autograd.SavedTensorsHooks(t => { Peak = Math.Max(Peak, _now += t.Count * 8); return t; }, t => t);
    }

    [Fact]
    public void Far_less_is_kept()
    {
        Func<Tensor, Tensor> block = x => x.Sin().Exp().Tanh().Square().Cos();
        Tensor x = Random(1, 100).SetRequiresGrad();
        long Kept(Func<Tensor, Tensor> f)
        {
            Meter m = new();
            using (m.Watch()) f(x);
            return m.Peak;
        }
        long plain = Kept(t => block(block(block(block(t))))), few = Kept(t => { for (int i = 0; i < 4; i++) t = Checkpointing.Checkpoint(block, t); return t; });
        Assert.Equal(4 * 100 * 8, few);                                            // the argument of each
        Assert.True(plain >= 5 * few - 800, $"{plain} and {few} bytes");
    }

    [Fact]
    public void The_memory_of_a_deep_chain_does_not_grow_with_what_is_inside()
    {
        // What lives, by weak references, when the forward pass is over.
        static int Living(bool checkpoint)
        {
            List<WeakReference> made = [];
            Tensor x = Random(1, 50).SetRequiresGrad(), y = Build(x, made, checkpoint);
            GC.Collect(2, GCCollectionMode.Forced, blocking: true);
            GC.Collect(2, GCCollectionMode.Forced, blocking: true);
            int living = made.Count(w => w.IsAlive);
            GC.KeepAlive(y);
            return living;
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static Tensor Build(Tensor x, List<WeakReference> made, bool checkpoint)
        {
            Tensor Block(Tensor t)
            {
                for (int i = 0; i < 10; i++)
                {
                    t = t.Sin();
                    made.Add(new(t.Storage));
                }
                return t;
            }
            for (int i = 0; i < 5; i++) x = checkpoint ? Checkpointing.Checkpoint(Block, x) : Block(x);
            return x;
        }

        int all = Living(false), few = Living(true);
        Assert.True(all >= 49, $"{all} live without checkpoints");
        Assert.True(few <= 10, $"{few} live with checkpoints");
    }

    [Fact]
    public void What_a_policy_keeps_is_not_computed_again()
    {
        Tensor w = Random(2, 6, 6).SetRequiresGrad(), x = Random(1, 5, 6).SetRequiresGrad();
        Tensor F(Tensor t) => t.MatMul(w).Tanh().MatMul(w).Sin().Exp();
        (int Products, int Tanhs) Count(Func<Op, bool>? keep)
        {
            Dictionary<string, int> counts = [];
            (w.Grad, x.Grad) = (null, null);
            Tensor y = Checkpointing.Checkpoint(F, x, keep: keep).Sum();
            Op.Observer = op => counts[op.Name] = counts.GetValueOrDefault(op.Name) + 1;
            try { y.Backward(); }
            finally { Op.Observer = null; }
            return (counts.GetValueOrDefault("matmul"), counts.GetValueOrDefault("tanh"));
        }
        (int all, int tanhs) = Count(null);
        double[] expected = w.Grad!.ToArray<double>();
        Assert.Equal((all - 2, tanhs), Count(Checkpointing.Products));
        Assert.Equal(expected, w.Grad!.ToArray<double>());
        Assert.Equal((all - 2, tanhs - 1), Count(_ => true));
        Assert.Equal(expected, w.Grad!.ToArray<double>());
    }

    [Fact]
    public void The_second_run_ends_when_all_is_there()
    {
        int ends = 0;
        Tensor x = Random(1, 5).SetRequiresGrad();
        Tensor y = Checkpointing.Checkpoint(t =>
        {
            t = t.Sin();
            Tensor z = t + 1;
            ends++;
            return z;
        }, x);
        y.Sum().Backward();
        Assert.Equal(1, ends);
        Assert.True(x.Grad!.AllClose(x.Cos()));
    }

    [Fact]
    public void A_function_that_does_something_else_the_second_time_is_noticed()
    {
        Tensor x = Random(1, 5).SetRequiresGrad();
        bool again = false;
        Tensor y = Checkpointing.Checkpoint(t => again ? t.Sin() : t.Sin().Exp(), x);
        again = true;
        Assert.Contains("2 tensors", Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message);
        again = false;
        Tensor z = Checkpointing.Checkpoint(t => again ? t.Narrow(0, 0, 2).Sin() : t.Sin(), x);
        again = true;
        Assert.Contains("(2,)", Assert.Throws<InvalidOperationException>(() => z.Sum().Backward()).Message);
        again = false;
        Tensor v = Checkpointing.Checkpoint(t => again ? t.Sin().Exp() : t.Exp().Sin(), x, keep: _ => true);
        again = true;
        Assert.Contains("sin", Assert.Throws<InvalidOperationException>(() => v.Sum().Backward()).Message);
        Tensor c = x * 1, u = Checkpointing.Checkpoint(t => t.Sin(), c);
        c.AddInPlace(1);
        Assert.Contains("add in place", Assert.Throws<InvalidOperationException>(() => u.Sum().Backward()).Message);
    }

    [Fact]
    public void A_kept_result_that_was_changed_in_place_is_noticed()
    {
        Tensor x = Random(1, 5).SetRequiresGrad();
        Tensor y = Checkpointing.Checkpoint(t => { Tensor s = t.Sin(); s.MulInPlace(2); return s.Sin(); }, x, keep: op => op.Name == "sin");
        Assert.Contains("mul in place", Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message);
        Tensor z = Checkpointing.Checkpoint(t => { Tensor s = t.Sin(); s.MulInPlace(2); return s.Sin(); }, x);
        z.Sum().Backward();
        Assert.True(x.Grad!.AllClose((x.Sin() * 2).Cos() * 2 * x.Cos()));
    }

    [Fact]
    public void Nothing_is_kept_under_NoGrad_and_segments_must_fit()
    {
        Tensor x = Random(1, 5).SetRequiresGrad();
        using (Autograd.NoGrad()) Assert.False(Checkpointing.Checkpoint(t => t.Sin(), x).RequiresGrad);
        Assert.Throws<ArgumentException>(() => Checkpointing.CheckpointSequential([t => t], 2, x));
    }

    [Fact]
    public void Transforms_see_through_checkpoints()
    {
        Tensor x = Random(1, 4), v = Random(2, 4);
        Tensor F(Tensor t) => (t.Exp() * t.Sin()).Tanh().Square().Sum();
        Tensor plain = Func.Jvp(Func.Grad(F), x, v).Jvp, through = Func.Jvp(Func.Grad(t => Checkpointing.Checkpoint(F, t)), x, v).Jvp;
        Assert.Equal(plain.ToArray<double>(), through.ToArray<double>());
        Tensor many = Random(3, 5, 4);
        Assert.Equal(Func.Vmap(Func.Grad(F))(many).ToArray<double>(), Func.Vmap(Func.Grad(t => Checkpointing.Checkpoint(F, t)))(many).ToArray<double>());
    }

    [Fact]
    public void Threads_may_walk_one_checkpointed_graph()
    {
        Tensor x = Random(1, 50).SetRequiresGrad(), y = Checkpointing.Checkpoint(t => t.Exp().Sin().Tanh(), x).Sum();
        double[] once = Autograd.Grad(y, x, retainGraph: true).ToArray<double>();
        Parallel.For(0, 40, _ => Assert.Equal(once, Autograd.Grad(y, x, retainGraph: true).ToArray<double>()));
    }
}
