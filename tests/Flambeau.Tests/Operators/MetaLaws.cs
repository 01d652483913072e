using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Operators;

/// <summary>On the meta device, every operation gives the shape and type that it gives elsewhere, and nothing is computed or allocated.</summary>
[Collection(nameof(Tests.Nn.DefaultGenerator))]
public class MetaLaws
{
    [Fact]
    public void Shapes_are_those_of_the_processor()
    {
        List<string> other = [], byValue = [];
        foreach (Row r in OpTable.Rows)
            foreach (Arg[] sample in r.Samples)
            {
                Tensor[] x = [.. sample.Select((a, i) => a.Make(DType.Float32, 100 + i))], expected, actual;
                try { expected = r.Call(x); }
                catch (ArgumentException) { continue; }                         // the other laws say so
                try { actual = r.Call([.. x.Select(a => a.To(Device.Meta))]); }
                // Which shape, or which of several ways, depends on values: such a row must say so.
                catch (InvalidOperationException e) when (e.Message.Contains("meta device", StringComparison.Ordinal))
                {
                    byValue.Add(r.Name);
                    continue;
                }
                if (!expected.Select(y => (y.DType, y.Shape)).SequenceEqual(actual.Select(y => (y.DType, y.Shape))) || actual.Any(y => y.Count > 0 && y.Device != Device.Meta)) other.Add(r.Name);
            }
        Assert.Empty(other.Distinct());
        Assert.True(byValue.Distinct().Count() < OpTable.Rows.Count / 10, $"refused: {string.Join(", ", byValue.Distinct())}");
    }

    sealed class Net : Module
    {
        public Embedding Embed { get; } = new(10_000_000, 1024);
        public TransformerEncoder Encoder { get; } = new(new TransformerEncoderLayer(1024, 16, batchFirst: true), 2);
        public Lstm Rnn { get; } = new(1024, 1024, bidirectional: true, batchFirst: true);
        public BatchNorm1d Norm { get; } = new(2048);
        public Linear Head { get; } = new(2048, 10_000_000);
        public Buffer Steps { get; } = new(Tensor.Arange(4));

        public Tensor Forward(Tensor x) => Head.Forward(Norm.Forward(Rnn.Forward(Encoder.Forward(Embed.Forward(x))).Output.Select(1, 0)));
    }

    [Fact]
    public void A_network_of_120_gigabytes_is_made_and_run_without_memory()
    {
        long before = GC.GetTotalAllocatedBytes();
        Net net;
        using (Device.Meta.Use()) net = new();
        Tensor y = net.Forward(Tensor.Empty([8, 5], DType.Int64, Device.Meta));
        Assert.Equal(new Dims([8, 10_000_000]), y.Shape);
        y.Sum().Backward();
        Assert.Equal(net.Embed.Weight.Shape, net.Embed.Weight.Grad!.Shape);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 50 << 20);
        Assert.All(net.StateDict().Values, t => Assert.Equal(Device.Meta, t.Device));
        Assert.Equal(Device.Cpu, Tensor.Zeros(1).Device);
    }

    [Fact]
    public void Memory_comes_by_ToEmpty_or_by_assigned_weights()
    {
        Linear real = new(3, 2), meta;
        using (Device.Meta.Use()) meta = new(3, 2);
        Parameter weight = meta.Weight;
        Assert.Throws<ArgumentException>(() => meta.LoadStateDict(real.StateDict()));
        Assert.Throws<InvalidOperationException>(() => meta.To(Device.Cpu));
        Assert.Throws<InvalidOperationException>(() => meta.Weight.ToArray<float>());
        meta.LoadStateDict(real.StateDict(), assign: true);
        Assert.Same(weight, meta.Weight);
        Assert.Equal(real.Weight.ToArray<float>(), meta.Weight.ToArray<float>());

        using (Device.Meta.Use()) meta = new(3, 2);
        meta.ToEmpty(Device.Cpu).LoadStateDict(real.StateDict());
        Assert.Equal(real.Weight.ToArray<float>(), meta.Weight.ToArray<float>());
        Assert.Equal(Device.Meta, meta.To(Device.Meta).Weight.Device);
        Assert.Equal("tensor(..., device='meta', size=(2, 3), requires_grad=True)", meta.Weight.ToString());
    }

    [Fact]
    public void Making_tensors_of_no_place_draws_no_random_numbers()
    {
        Generator.ManualSeed(1);
        Tensor expected = Tensor.Rand(4);
        Generator.ManualSeed(1);
        using (Device.Meta.Use()) _ = new Linear(30, 30);
        Assert.Equal(expected.ToArray<float>(), Tensor.Rand(4).ToArray<float>());
    }
}
