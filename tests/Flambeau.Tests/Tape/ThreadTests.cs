using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Tape;

/// <summary>One module, many threads.</summary>
[Collection(nameof(Tests.Nn.DefaultGenerator))]
public class ThreadTests
{
    const int Threads = 8;

    /// <summary>Starts all threads at one moment; an exception of any is the test's.</summary>
    static void Together(Action<int> body, int threads = Threads)
    {
        using Barrier start = new(threads);
        Exception?[] errors = new Exception?[threads];
        Thread[] all = [.. Enumerable.Range(0, threads).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            try { body(i); }
            catch (Exception e) { errors[i] = e; }
        }))];
        foreach (Thread t in all) t.Start();
        foreach (Thread t in all) t.Join();
        if (errors.FirstOrDefault(e => e is not null) is { } first) throw new AggregateException(first);
    }

    sealed class Of(Module module, Func<Tensor, Tensor> forward) : UnaryModule
    {
        public Module Inner { get; } = module;

        public override Tensor Forward(Tensor input) => forward(input);
    }

    static UnaryModule Recurrent()
    {
        Lstm l = new(4, 5, numLayers: 2, batchFirst: true, dropout: 0.5, bidirectional: true);
        return new Of(l, x => l.Forward(x).Output);
    }

    static UnaryModule Gated()
    {
        Gru g = new(4, 5, batchFirst: true);
        return new Of(g, x => g.Forward(x).Output);
    }

    static UnaryModule Attention()
    {
        MultiheadAttention a = new(8, 2, batchFirst: true);
        return new Of(a, x => a.Forward(x, x, x).Output);
    }

    static UnaryModule Encoder()
    {
        TransformerEncoderLayer e = new(8, 2, 16, batchFirst: true);
        return new Of(e, x => e.Forward(x));
    }

    public static TheoryData<string> Modules => [.. s_modules.Keys];

    static readonly Dictionary<string, (Func<UnaryModule> Make, long[] Input)> s_modules = new()
    {
        ["linear"] = (() => new Linear(6, 4), [3, 6]),
        ["convolution, batch norm, pooling, dropout"] = (() => new Sequential(new Conv2d(2, 4, 3, padding: 1), new BatchNorm2d(4), new Relu(), new MaxPool2d(2), new Dropout(0.5), new Conv2d(4, 3, 3)), [2, 2, 8, 8]),
        ["transposed convolution, norms"] = (() => new Sequential(new ConvTranspose1d(3, 4, 3), new GroupNorm(2, 4), new InstanceNorm1d(4), new Gelu()), [2, 3, 9]),
        ["lstm"] = (Recurrent, [2, 7, 4]),
        ["gru"] = (Gated, [2, 7, 4]),
        ["attention"] = (Attention, [2, 5, 8]),
        ["transformer layer"] = (Encoder, [2, 5, 8]),
        ["weight norm"] = (() => Parametrizations.WeightNorm(new Linear(6, 4)), [3, 6]),
        ["old weight norm"] = (() => NnUtils.WeightNorm(new Linear(6, 4)), [3, 6]),
        ["spectral norm"] = (() => Parametrizations.SpectralNorm(new Conv2d(2, 3, 3)), [1, 2, 6, 6]),
        ["orthogonal"] = (() => Parametrizations.Orthogonal(new Linear(5, 5)), [3, 5]),
        ["layer norm, softmax"] = (() => new Sequential(new LayerNorm([6]), new Softmax(-1)), [4, 6]),
    };

    [Theory, MemberData(nameof(Modules))]
    public void Inference_of_one_module_from_eight_threads_gives_the_answers_of_one(string name)
    {
        (Func<UnaryModule> make, long[] shape) = s_modules[name];
        UnaryModule module = make().Eval();
        Tensor[] inputs = [.. Enumerable.Range(0, Threads).Select(i => Tensor.Randn(shape, null, new Generator(i)))];
        float[][] expected = [.. inputs.Select(x => module.Call(x).ToArray<float>())];
        Together(i =>
        {
            for (int round = 0; round < 40; round++)
            {
                int k = (i + round) % Threads;
                using var _ = round % 2 == 0 ? Autograd.NoGrad() : Autograd.InferenceMode();
                Assert.Equal(expected[k], module.Call(inputs[k]).ToArray<float>());
            }
        });
    }

    [Theory, MemberData(nameof(Modules))]
    public void Backward_passes_at_once_into_shared_parameters_lose_nothing(string name)
    {
        (Func<UnaryModule> make, long[] shape) = s_modules[name];
        UnaryModule module = make().Eval().To(DType.Float64);
        Tensor[] inputs = [.. Enumerable.Range(0, Threads).Select(i => Tensor.Randn(shape, DType.Float64, new Generator(i)))];
        const int rounds = 10;
        foreach (Tensor x in inputs) module.Call(x).Square().Sum().Backward();
        double[][] once = [.. module.Parameters().Select(p => p.Grad!.ToArray<double>())];
        for (int pass = 0; pass < 3; pass++)
        {
            module.ZeroGrad();
            Together(i =>
            {
                for (int round = 0; round < rounds; round++) module.Call(inputs[i]).Square().Sum().Backward();
            });
            foreach ((Parameter p, double[] one) in module.Parameters().Zip(once))
            {
                double[] g = p.Grad!.ToArray<double>();
                for (int k = 0; k < g.Length; k++) Assert.True(Math.Abs(g[k] - rounds * one[k]) <= 1e-9 * (1 + Math.Abs(rounds * one[k])), $"{name}: {g[k]} instead of {rounds * one[k]}");
            }
        }
    }

    [Fact]
    public void A_fresh_leaf_gets_all_gradients_of_all_threads()
    {
        for (int round = 0; round < 200; round++)
        {
            Tensor x = Tensor.Ones([3], DType.Float64, requiresGrad: true);
            Together(_ => (x * 2).Sum().Backward(), threads: 4);
            Assert.Equal([8, 8, 8], x.Grad!.ToArray<double>());
        }
    }

    [Fact]
    public void One_retained_graph_is_walked_by_many_threads()
    {
        Tensor x = Tensor.Rand([50], DType.Float64, new Generator(1)).SetRequiresGrad(), y = (x.Exp() * x.Sin()).Sum();
        double[] once = Autograd.Grad(y, x, retainGraph: true).ToArray<double>();
        Together(_ =>
        {
            for (int i = 0; i < 50; i++) Assert.Equal(once, Autograd.Grad(y, x, retainGraph: true).ToArray<double>());
        });
        Together(_ => y.Backward(retainGraph: true));
        Assert.True(x.Grad!.AllClose(Tensor.From(once) * Threads, 1e-12, 1e-12));
    }

    [Fact]
    public void Hooks_may_come_and_go_while_other_threads_run()
    {
        Tensor x = Tensor.Ones([3], DType.Float64, requiresGrad: true);
        int calls = 0, after = 0;
        Together(i =>
        {
            for (int round = 0; round < 200; round++)
            {
                using IDisposable a = x.RegisterHook(g => { Interlocked.Increment(ref calls); return null; }), b = x.RegisterPostAccumulateGradHook(_ => Interlocked.Increment(ref after));
                (x * 2).Sum().Backward();
            }
        });
        Assert.Equal(Threads * 200 * 2.0, x.Grad!.ToArray<double>()[0]);
        Assert.InRange(calls, Threads * 200, Threads * Threads * 200);
        Assert.InRange(after, Threads * 200, Threads * Threads * 200);
        calls = 0;
        (x * 2).Sum().Backward();
        Assert.Equal(0, calls);
    }

    [Fact]
    public void Grad_modes_are_each_thread_s_own()
    {
        Tensor x = Tensor.Ones([3], DType.Float32, requiresGrad: true);
        Together(i =>
        {
            for (int round = 0; round < 100; round++)
            {
                using var _ = Autograd.SetGradEnabled(i % 2 == 0);
                Assert.Equal(i % 2 == 0, (x * 2).RequiresGrad);
            }
        });
    }

    [Fact]
    public void The_default_generator_gives_every_number_once_whoever_draws()
    {
        Generator.ManualSeed(7);
        float[] expected = [.. Tensor.Rand(Threads * 50 * 16).ToArray<float>().Order()];
        Generator.ManualSeed(7);
        float[][] drawn = new float[Threads][];
        Together(i => drawn[i] = [.. Enumerable.Range(0, 50).SelectMany(_ => Tensor.Rand(16).ToArray<float>())]);
        Assert.Equal(expected, drawn.SelectMany(d => d).Order());
    }

    [Fact]
    public void One_module_is_called_with_other_parameters_by_many_threads()
    {
        Linear l = new(3, 2);
        Tensor x = Tensor.Ones(1, 3);
        Together(i =>
        {
            Dictionary<string, Tensor> own = new() { ["weight"] = Tensor.Full([2, 3], i, DType.Float32), ["bias"] = Tensor.Zeros(2) };
            for (int round = 0; round < 100; round++) Assert.Equal([3f * i, 3f * i], Stateless.FunctionalCall(l, own, x).ToArray<float>());
        });
    }
}
