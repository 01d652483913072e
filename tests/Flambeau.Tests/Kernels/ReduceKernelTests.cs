using Flambeau.Backends;
using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>Reductions of shapes on either side of the kernels' lanes, blocks and pieces.</summary>
public sealed class ReduceKernelTests
{
    static readonly long[][] s_shapes = [[70000], [3, 40000], [40000, 3], [2100, 70], [70, 2100], [5, 7, 9], [66, 33, 65], [130, 2, 70, 3], [9000, 1, 20]];

    public static TheoryData<DType> Types => new(DType.Float32, DType.Float64, DType.BFloat16, DType.Int64);

    static Tensor Numbers(Dims shape)
    {
        var random = new System.Random(3);
        var x = new double[shape.Count];
        for (int i = 0; i < x.Length; i++) x[i] = random.Next(-100, 200) / 8.0;
        return Tensor.From(x).Reshape(shape);
    }

    [Theory, MemberData(nameof(Types))]
    public void Sums_and_extremes_over_any_axes_are_the_references_in_any_layout(DType type)
    {
        foreach (long[] shape in s_shapes)
            for (int layout = 0; layout < 3; layout++)
            {
                long[] turned = [.. shape.Reverse()], order = [.. Enumerable.Range(0, shape.Length).Reverse().Select(d => (long)d)], wide = [.. shape[..^1], 2 * shape[^1]];
                Tensor x = layout switch
                {
                    0 => Numbers(shape).To(type),
                    1 => Numbers(turned).To(type).Permute(order),
                    _ => Numbers(wide).To(type).Reshape([.. shape, 2]).Select(-1, 1),
                };
                for (int mask = 1; mask < 1 << shape.Length; mask++)
                {
                    long[] dims = [.. Enumerable.Range(0, shape.Length).Where(d => (mask >> d & 1) != 0).Select(d => (long)d)];
                    Tensor sum, max;
                    using (Backend.Reference.Use()) (sum, max) = (x.Sum(dims), x.Amax(dims));
                    string what = $"{type} {x.Shape} layout {layout} over {string.Join(',', dims)}";
                    Assert.True(x.Amax(dims).Equal(max), what);
                    // Eighths add up exactly in double, and in float as long as sums stay small; then all round once.
                    double most = (x.Sum(dims).Double() - sum.Double()).Abs().Max().Item<double>(), scale = sum.Double().Abs().Max().Item<double>() + 25 * Math.Sqrt(x.Count / sum.Count);
                    Assert.True(most <= scale * (type == DType.BFloat16 ? 8e-3 : type == DType.Float64 ? 1e-14 : 3e-7), $"{what}: off by {most}");
                }
            }
    }

    [Fact]
    public void A_long_sum_does_not_lose_digits()
    {
        Tensor x = Tensor.Full([1 << 22], 0.1f);
        foreach (Tensor y in (Tensor[])[x.Sum(), x.Reshape(1 << 20, 4).Sum(0).Sum(), x.Reshape(4, 1 << 20).Sum(0).Sum(), x.Reshape(2, 1 << 19, 4).Sum([0, 2]).Sum(), x.CumSum(0)[^1]])
            Assert.Equal(0.1f * (double)(1 << 22), y.Item<double>(), 0.4);
        Assert.Equal(0.1f * (double)0.1f * (1 << 22), x.Dot(x).Item<double>(), 0.2);
    }

    [Fact]
    public void Summed_losses_are_the_sums_of_losses()
    {
        Tensor a = Numbers([37, 1001]).Float() / 30, b = Numbers([1001, 37]).Float().T / 25 + 0.1, p = a.Sigmoid(), q = b.Sigmoid();
        (Func<Tensor, Tensor, Reduction, Tensor> Loss, Tensor X, Tensor T)[] all =
        [
            ((x, t, r) => F.MseLoss(x, t, r), a, b), ((x, t, r) => F.L1Loss(x, t, r), a, b), ((x, t, r) => F.SmoothL1Loss(x, t, r), a, b), ((x, t, r) => F.HuberLoss(x, t, r, 0.3), a, b),
            ((x, t, r) => F.BinaryCrossEntropy(x, t, reduction: r), p, q), ((x, t, r) => F.BinaryCrossEntropyWithLogits(x, t, reduction: r), a, q), ((x, t, r) => F.KlDiv(x, t, r), p.Log(), q),
        ];
        foreach ((Func<Tensor, Tensor, Reduction, Tensor> loss, Tensor x0, Tensor t) in all)
        {
            Tensor x = x0.Clone().SetRequiresGrad(), z = x0.Clone().SetRequiresGrad(), y = loss(x, t, Reduction.Mean), each = loss(z, t, Reduction.None).Mean();
            y.Backward();
            each.Backward();
            Assert.Equal(each.Item<double>(), y.Item<double>(), 1e-6 * Math.Abs(each.Item<double>()));
            Assert.True(x.Grad!.AllClose(z.Grad!, 1e-5, 1e-10));
            Assert.Equal(loss(z, t, Reduction.None).Double().Sum().Item<double>(), loss(x, t, Reduction.Sum).Item<double>(), 3e-6 * Math.Abs(y.Item<double>() * x.Count));
        }
    }

    [Fact]
    public void Bits_do_not_depend_on_the_number_of_threads()
    {
        Tensor x = Numbers([300, 401]).Float() * 0.1, v = x.Flatten();
        int threads = Threads.Count;
        try
        {
            Tensor[] Results() => [x.Sum(), x.Sum(0), x.Sum(1), x.Var([0]), x.Var([1]), x.LogSumExp([0]), x.Softmax(0), x.LogSoftmax(0), x.CumSum(0), v.Dot(v), F.MseLoss(x, x * 2), x.Max(1).Indices];
            Threads.Count = 1;
            Tensor[] one = Results();
            Threads.Count = 3;
            foreach ((Tensor y, Tensor z) in one.Zip(Results())) Assert.True(y.Equal(z));
        }
        finally { Threads.Count = threads; }
    }
}
