using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Nn;

public class SequenceTests
{
    static readonly long[] s_lengths = [2, 5, 3];

    static Tensor Batch() => Tensor.Arange(5 * 3 * 2).Double().Sin().Reshape(5, 3, 2);

    [Fact]
    public void Packing_and_padding_are_inverse()
    {
        PackedSequence p = PackedSequence.Pack(Batch(), s_lengths, enforceSorted: false);
        Assert.Equal([3, 3, 2, 1, 1], p.BatchSizes);
        (Tensor y, long[] lengths) = p.Pad(paddingValue: 7);
        Assert.Equal(s_lengths, lengths);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Batch().Select(1, i).Narrow(0, 0, s_lengths[i]).ToArray<double>(), y.Select(1, i).Narrow(0, 0, s_lengths[i]).ToArray<double>());
            Assert.All(y.Select(1, i).Narrow(0, s_lengths[i], 5 - s_lengths[i]).ToArray<double>(), v => Assert.Equal(7, v));
        }
        Assert.Throws<ArgumentException>(() => PackedSequence.Pack(Batch(), s_lengths));
        Assert.Throws<ArgumentException>(() => PackedSequence.Pack(Batch(), [0, 1, 2], enforceSorted: false));
        Assert.Throws<ArgumentException>(() => PackedSequence.Pack(Batch(), [1, 2]));
    }

    static void AssertSame(Tensor a, Tensor b)
    {
        Assert.Equal(a.Shape, b.Shape);
        Assert.All(a.ToArray<double>().Zip(b.ToArray<double>()), p => Assert.Equal(p.First, p.Second, 1e-12));
    }

    // A packed batch answers what its sequences answer one by one.
    [Fact]
    public void Packed_sequences_answer_as_each_alone()
    {
        Lstm lstm = new(2, 4, 2, bidirectional: true, projSize: 3, dtype: DType.Float64);
        Gru gru = new(2, 4, 2, bidirectional: true, dtype: DType.Float64);
        Rnn rnn = new(2, 4, nonlinearity: "relu", bias: false, dtype: DType.Float64);
        Tensor h0 = Tensor.Arange(4 * 3 * 4).Double().Cos().Reshape(4, 3, 4);
        PackedSequence p = PackedSequence.Pack(Batch(), s_lengths, enforceSorted: false);
        var (ly, (lh, lc)) = lstm.Forward(p);
        var (gy, gh) = gru.Forward(p, h0);
        var (ry, rh) = rnn.Forward(p);
        for (int i = 0; i < 3; i++)
        {
            Tensor x = Batch().Select(1, i).Narrow(0, 0, s_lengths[i]);
            var (y, (h, c)) = lstm.Forward(x);
            AssertSame(y, ly.Pad().Padded.Select(1, i).Narrow(0, 0, s_lengths[i]));
            AssertSame(h, lh.Select(1, i));
            AssertSame(c, lc.Select(1, i));
            var (y2, h2) = gru.Forward(x, h0.Select(1, i));
            AssertSame(y2, gy.Pad().Padded.Select(1, i).Narrow(0, 0, s_lengths[i]));
            AssertSame(h2, gh.Select(1, i));
            var (y3, h3) = rnn.Forward(x);
            AssertSame(y3, ry.Pad().Padded.Select(1, i).Narrow(0, 0, s_lengths[i]));
            AssertSame(h3, rh.Select(1, i));
        }
        ly.Data.Sum().Backward();
        Assert.All(lstm.Parameters(), w => Assert.NotNull(w.Grad));
        Assert.Equal("Lstm(2, 4, proj_size=3, num_layers=2, bidirectional=True)", lstm.ToString());
    }

    [Fact]
    public void Bags_may_be_empty_and_padding_does_not_count()
    {
        EmbeddingBag bag = new(4, 2, dtype: DType.Float64);
        Tensor w = bag.Weight.Detach(), i = Tensor.From([1L, 2, 2, 3]);
        AssertSame(Tensor.Stack([w.Select(0, 1), Tensor.Zeros([2], DType.Float64), (w.Select(0, 2) * 2 + w.Select(0, 3)) / 3]), bag.Forward(i, Tensor.From([0L, 1, 1])));
        EmbeddingBag sum = new(4, 2, mode: "sum", paddingIdx: 2, dtype: DType.Float64) { Weight = bag.Weight };
        AssertSame(Tensor.Stack([w.Select(0, 1), w.Select(0, 3) * 5]), sum.Forward(i, Tensor.From([0L, 1]), Tensor.From([1.0, 9, 9, 5])));
        EmbeddingBag max = new(4, 2, mode: "max", dtype: DType.Float64) { Weight = bag.Weight };
        AssertSame(Tensor.Stack([w.Select(0, 1).Maximum(w.Select(0, 2)), w.Select(0, 2).Maximum(w.Select(0, 3))]), max.Forward(i.Reshape(2, 2)));
        Assert.Throws<ArgumentException>(() => bag.Forward(i));
        Assert.Throws<ArgumentException>(() => bag.Forward(i, Tensor.From([1L, 2])));
    }

    [Fact]
    public void Attention_without_weights_answers_the_same()
    {
        MultiheadAttention m = new(4, 2, kDim: 3, vDim: 5, batchFirst: true, dtype: DType.Float64);
        Tensor q = Tensor.Arange(24).Double().Sin().Reshape(2, 3, 4), k = Tensor.Arange(30).Double().Cos().Reshape(2, 5, 3), v = Tensor.Arange(50).Double().Cos().Reshape(2, 5, 5);
        Tensor padding = Tensor.From(new[,] { { false, false, false, true, true }, { false, false, false, false, true } });
        (Tensor y, Tensor? w) = m.Forward(q, k, v, padding);
        Assert.Equal([2, 3, 5], w!.Shape);
        Assert.Equal(0, w.Select(-1, 4).Sum().Item<double>());
        AssertSame(y, m.Forward(q, k, v, padding, needWeights: false).Output);
        Tensor causal = Transformer.GenerateSquareSubsequentMask(3, DType.Float64);
        MultiheadAttention self = new(4, 2, batchFirst: true, dtype: DType.Float64);
        AssertSame(self.Forward(q, q, q, attnMask: causal).Output, self.Forward(q, q, q, needWeights: false, isCausal: true).Output);
        Assert.Throws<ArgumentException>(() => m.Forward(q, k, v, attnMask: Tensor.Zeros([2, 2], DType.Float64)));
        Assert.Throws<ArgumentException>(() => new MultiheadAttention(4, 3));
    }
}
