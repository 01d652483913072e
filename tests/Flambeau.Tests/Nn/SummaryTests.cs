using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Nn;

[Collection(nameof(DefaultGenerator))]
public sealed class SummaryTests
{
    static Summary.Row At(Summary s, string path) => Assert.Single(s.Rows, r => r.Path == path);

    [Fact]
    public void A_small_network_as_a_table()
    {
        Sequential net = new(("conv", new Conv2d(1, 4, 3)), ("norm", new BatchNorm2d(4)), ("act", new Relu()), ("flat", new Flatten()), ("head", new Sequential(new Linear(144, 10), new Softmax(1))));
        net[1].SetRequiresGrad(false);
        Assert.Equal("""
            Layer                 Input shape   Output shape  Parameters  Multiply-adds
            ───────────────────────────────────────────────────────────────────────────
            Sequential            (2, 1, 8, 8)  (2, 10)                –              –
            ├─ conv: Conv2d       (2, 1, 8, 8)  (2, 4, 6, 6)          40          2,592
            ├─ norm: BatchNorm2d  (2, 4, 6, 6)  (2, 4, 6, 6)           8              –
            ├─ act: Relu          (2, 4, 6, 6)  (2, 4, 6, 6)           –              –
            ├─ flat: Flatten      (2, 4, 6, 6)  (2, 144)               –              –
            └─ head: Sequential   (2, 144)      (2, 10)                –              –
               ├─ 0: Linear       (2, 144)      (2, 10)            1,450          2,880
               └─ 1: Softmax      (2, 10)       (2, 10)                –              –
            ───────────────────────────────────────────────────────────────────────────
            Parameters: 1,498, 1,490 of them trainable
            Multiply-adds: 5,472
            Memory: 13.9 kB = input 512 bytes + parameters 6 kB + buffers 40 bytes + forward and backward 7.4 kB

            """.ReplaceLineEndings("\n"), Summary.Of(net, 2, 1, 8, 8).ToString());
        Assert.Equal("└─ head: Sequential   (2, 144)      (2, 10)            1,450          2,880", Summary.Of(net, 2, 1, 8, 8).Table(depth: 1).Split('\n')[7]);
    }

    /// <summary>Krizhevsky, one tower, as torchvision has it; its page says 61,100,840 parameters and 0.71 GFLOPS.</summary>
    static Sequential AlexNet() => new(
        new Conv2d(3, 64, 11, 4, 2), new Relu(inPlace: true), new MaxPool2d(3, 2), new Conv2d(64, 192, 5, 1, 2), new Relu(inPlace: true), new MaxPool2d(3, 2),
        new Conv2d(192, 384, 3, 1, 1), new Relu(inPlace: true), new Conv2d(384, 256, 3, 1, 1), new Relu(inPlace: true), new Conv2d(256, 256, 3, 1, 1), new Relu(inPlace: true), new MaxPool2d(3, 2),
        new AdaptiveAvgPool2d(6), new Flatten(), new Dropout(), new Linear(256 * 36, 4096), new Relu(inPlace: true), new Dropout(), new Linear(4096, 4096), new Relu(inPlace: true), new Linear(4096, 1000));

    [Fact]
    public void A_known_network_costs_what_its_page_says()
    {
        Sequential net;
        using (Device.Meta.Use()) net = AlexNet();
        Summary s = Summary.Of(net, 1, 3, 224, 224);
        Assert.Equal(61_100_840, s.TotalParameters);
        Assert.Equal(714_188_480, s.MultiplyAdds);
        Assert.Equal(4 * 61_100_840, s.ParameterBytes);
        Assert.Equal(4 * 3 * 224 * 224, s.InputBytes);
        Assert.Equal(8 * 714_188_480L, Summary.Of(net, 8, 3, 224, 224).MultiplyAdds);
    }

    [Fact]
    public void It_takes_no_memory_whatever_the_network_and_its_input_take()
    {
        Sequential net = new(new Linear(4096, 4096), new Relu(), new Linear(4096, 4096));
        Summary.Of(net, 1, 4096);
        long before = GC.GetAllocatedBytesForCurrentThread(), pool = Memory.Stats().LiveBytes;
        Summary s = Summary.Of(net, 1_000_000, 4096);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.Equal(3 * 4096 * 4_000_000L, s.ForwardBytes);
        Assert.Equal(6 * 4096 * 4_000_000L, s.ForwardBackwardBytes);
    }

    [Fact]
    public void The_network_is_afterwards_what_it_was()
    {
        Sequential net = new(new Conv2d(1, 2, 3), new BatchNorm2d(2), new Dropout(), new Flatten(), new Linear(8, 3));
        net[1].Eval();
        var tensors = net.StateDict().Select(t => (t.Key, t.Value.Storage, t.Value.Storage.Version, Bits: t.Value.Double().ToArray<double>())).ToArray();
        bool[] modes = [.. net.Modules().Select(m => m.IsTraining)];
        byte[] random = Generator.Default.GetState();
        Summary.Of(net, Tensor.Ones(2, 1, 4, 4));
        Assert.Equal(random, Generator.Default.GetState());
        Assert.Equal(modes, net.Modules().Select(m => m.IsTraining));
        foreach (var ((key, storage, version, bits), (name, t)) in tensors.Zip(net.StateDict()))
        {
            Assert.Equal((key, version), (name, t.Storage.Version));
            Assert.Same(storage, t.Storage);
            Assert.Equal(bits, t.Double().ToArray<double>());
        }
        Assert.Equal(Device.Cpu, Device.Default);
        Assert.Throws<ArgumentException>(() => Summary.Of(net, 2, 5, 4, 4));
        Assert.Equal(Device.Cpu, net[0].Parameters().First().Device);
        Assert.Equal(modes, net.Modules().Select(m => m.IsTraining));
        net.Train().Call(Tensor.Ones(2, 1, 4, 4)).Sum().Backward();
    }

    [Fact]
    public void Lazy_modules_are_summarized_and_stay_lazy()
    {
        static Sequential Make() => new(new LazyConv2d(4, 3), new LazyBatchNorm2d(), new Flatten(), new LazyLinear(5));
        Generator.ManualSeed(3);
        Sequential plain = Make();
        Tensor expected = plain.Call(Tensor.Ones(1, 2, 5, 5));
        Generator.ManualSeed(3);
        Sequential net = Make();
        Summary s = Summary.Of(net, 1, 2, 5, 5);
        Assert.Equal([0, 4 * 2 * 9 + 4, 8, 0, 36 * 5 + 5], s.Rows.Select(r => r.Parameters));
        Assert.False(((UninitializedParameter)net.GetParameter("0.weight")).IsInitialized);
        Assert.Equal(0, net.GetParameter("1.weight").Count);
        Assert.Equal(expected.ToArray<float>(), net.Call(Tensor.Ones(1, 2, 5, 5)).ToArray<float>());
    }

    sealed class Odd : Module
    {
        public Linear Used { get; } = new(4, 4);
        public Linear Unused { get; } = new(4, 7);
        public Linear Tied { get; } = new(4, 4, bias: false);
        public Bilinear Both { get; } = new(4, 4, 2);
        public ModuleList<Linear> Direct { get; } = [new(2, 3), new(3, 1)];

        public Odd() => Tied.Weight = Used.Weight;

        public (Tensor A, Tensor B) Forward(Tensor a, Tensor b) =>
            (Direct[1].Forward(Direct[0].Forward(Both.Forward(Used.Call(Used.Call(a)), b))), Tied.Call(b) + 1);
    }

    [Fact]
    public void Modules_unused_used_twice_called_directly_and_sharing_parameters_count_as_they_should()
    {
        Tensor a = Tensor.Ones(6, 4), b = Tensor.Ones(6, 4);
        Summary s = Summary.Of(new Odd(), m => m.Forward(a, b));
        Assert.Equal((2, 20L, 2 * 6 * 16L), (At(s, "used").Calls, At(s, "used").Parameters, At(s, "used").MultiplyAdds));
        Assert.Equal((0, 35L, 0L), (At(s, "unused").Calls, At(s, "unused").Parameters, At(s, "unused").MultiplyAdds));
        Assert.Equal((1, 0L, 6 * 16L), (At(s, "tied").Calls, At(s, "tied").Parameters, At(s, "tied").MultiplyAdds));
        Assert.Equal((6 * 4 * 8 + 6 * 2 * 4L, 34L), (At(s, "both").MultiplyAdds + At(s, "").MultiplyAdds, At(s, "both").Parameters));
        Assert.Equal((0, 6 * 6L), (At(s, "direct.0").Calls, At(s, "direct.0").MultiplyAdds));
        Assert.Equal([new Dims([6, 2])], At(s, "direct.0").Inputs);
        Assert.Equal([new Dims([6, 3])], At(s, "direct.0").Outputs);
        Assert.Equal((18 * 1L, 4L), (At(s, "direct.1").MultiplyAdds, At(s, "direct.1").Parameters));
        Assert.Equal(20 + 35 + 34 + 9 + 4, s.TotalParameters);
        Assert.Contains("used: Linear × 2", s.ToString());
        Assert.Empty(At(s, "unused").Inputs);
    }

    [Fact]
    public void Recurrent_networks_and_attention_cost_their_formulas()
    {
        (long t, long n, long i, long h) = (5, 3, 4, 6);
        Tensor x = Tensor.Ones(t, n, i);
        Summary lstm = Summary.Of(new Lstm((int)i, (int)h, numLayers: 2, bidirectional: true), m => m.Call(x));
        Assert.Equal(t * n * 4 * h * 2 * ((i + h) + (2 * h + h)), lstm.MultiplyAdds);
        Assert.Equal(3, lstm.Rows[0].Outputs.Count);
        Summary gru = Summary.Of(new Gru((int)i, (int)h), m => m.Call(x));
        Assert.Equal(t * n * 3 * h * (i + h), gru.MultiplyAdds);

        (long e, long ff) = (8, 32);
        Tensor tokens = Tensor.Ones(n, t, e);
        Summary layer = Summary.Of(new TransformerEncoderLayer(e, 2, ff, batchFirst: true), m => m.Call(tokens));
        Assert.Equal(n * t * (4 * e * e + 2 * e * ff) + 2 * n * t * t * e, layer.MultiplyAdds);
        Assert.Equal(n * t * e * e, At(layer, "self_attn.out_proj").MultiplyAdds);
        Assert.Equal(n * t * 3 * e * e + 2 * n * t * t * e, At(layer, "self_attn").MultiplyAdds);
    }

    [Fact]
    public void A_transposed_convolution_costs_what_the_convolution_back_costs()
    {
        long there = Summary.Of(new Conv2d(4, 6, 3, 2, 1, groups: 2), 2, 4, 9, 9).MultiplyAdds;
        Assert.Equal(2 * 6 * 5 * 5 * (2 * 9), there);
        Assert.Equal(there, Summary.Of(new ConvTranspose2d(6, 4, 3, 2, 1, groups: 2), 2, 6, 5, 5).MultiplyAdds);
    }

    [Fact]
    public void A_network_whose_shapes_depend_on_values_is_run_as_it_is_and_brought_back()
    {
        AdaptiveLogSoftmaxWithLoss m = new(8, 10, [4]);
        Tensor x = Tensor.Ones(3, 8), labels = Tensor.From([1L, 5, 9]);
        Summary s = Summary.Of(m, net => net.Call(x, labels));
        Assert.Equal(3 * 8 * 5, At(s, "head").MultiplyAdds);
        Assert.Equal(2 * 8 * 2, At(s, "tail.0.0").MultiplyAdds);                // two of the three are rare
        Assert.Equal(Device.Cpu, m.Head.Weight.Device);
    }

    [Fact]
    public void A_computed_parameter_counts_for_the_module_that_has_it()
    {
        Linear m = NnUtils.WeightNorm(new Linear(3, 2));
        Summary s = Summary.Of(m, 5, 3);
        Assert.Equal((5 * 6L, 3 * 2 + 2 + 2L), (s.Rows[0].MultiplyAdds, s.TotalParameters));
        Linear orthogonal = Parametrizations.Orthogonal(new Linear(3, 3));
        Assert.Equal(5 * 9, Summary.Of(new Sequential(orthogonal), 5, 3).Rows.Single(r => r.Type == "Linear").MultiplyAdds);
    }

    [Fact]
    public void Nobody_watches_afterwards_and_other_threads_do_not_count()
    {
        using CancellationTokenSource stop = new();
        Linear other = new(3, 3);
        Thread t = new(() => { while (!stop.IsCancellationRequested) other.Call(Tensor.Ones(2, 3)); });
        t.Start();
        for (int i = 0; i < 20; i++) Assert.Equal(2 * 12, Summary.Of(new Linear(3, 4), 2, 3).MultiplyAdds);
        stop.Cancel();
        t.Join();
    }
}
