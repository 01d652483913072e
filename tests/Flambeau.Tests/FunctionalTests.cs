using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests;

/// <summary>What the functions of networks refuse, and the answers that no general law states.</summary>
public class FunctionalTests
{
    static Tensor Ramp(params long[] shape) => (Tensor.Arange(new Dims(shape).Count).To(DType.Float32) / 7 - 1).Reshape(shape);

    static void Refuses(string part, Func<Tensor> f)
    {
        ArgumentException e = Assert.ThrowsAny<ArgumentException>(f);
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Losses_do_not_broadcast()
    {
        Tensor x = Ramp(4, 1), t = Ramp(4);
        foreach (Func<Tensor, Tensor, Tensor> loss in (Func<Tensor, Tensor, Tensor>[])
            [(a, b) => F.MseLoss(a, b), (a, b) => F.L1Loss(a, b), (a, b) => F.SmoothL1Loss(a, b), (a, b) => F.HuberLoss(a, b),
                (a, b) => F.BinaryCrossEntropyWithLogits(a, b),
             (a, b) => F.KlDiv(a, b), (a, b) => F.PoissonNllLoss(a, b), (a, b) => F.SoftMarginLoss(a, b), (a, b) => F.HingeEmbeddingLoss(a, b)])
            Refuses("(4, 1), the target (4,)", () => loss(x, t));
    }

    /// <summary>Far out they are x, or 0, and so are their derivatives 1, or 0, and the second ones 0: whatever overflows within.</summary>
    [Theory]
    [InlineData(DType.Float32, 1e-6)]
    [InlineData(DType.Float64, 1e-14)]
    public void Activations_are_straight_far_from_zero(DType t, double tolerance)
    {
        double[] far = [1e2, 1e4, 1e6, 1e9, 1e12, 1e15, 1e17, 3e20, 1e21, 1e30, 1e37];
        foreach ((string name, Func<Tensor, Tensor> f) in ((string, Func<Tensor, Tensor>)[])
            [("mish", x => F.Mish(x)), ("silu", x => F.Silu(x)), ("gelu", x => F.Gelu(x)), ("softplus", x => F.Softplus(x)), ("hardswish", x => F.Hardswish(x)),
             ("relu", x => F.Relu(x)), ("elu", x => F.Elu(x) + (x < 0).To(t))])
            foreach (double v in far.SelectMany(v => (double[])[v, -v]))
            {
                Tensor x = Tensor.From([v]).To(t).SetRequiresGrad(), y = f(x), slope = Autograd.Grad([y.Sum()], [x], createGraph: true)[0]!;
                double scale = Math.Abs(v), straight = v > 0 ? 1 : 0, at = y.Item<double>() / scale, first = slope.Item<double>();
                Tensor? bend = slope.RequiresGrad ? Autograd.Grad([slope.Sum()], [x], allowUnused: true)[0] : null;
                double second = bend?.Item<double>() ?? 0;
                Assert.True(Math.Abs(at - straight) <= tolerance && Math.Abs(first - straight) <= tolerance && Math.Abs(second) <= tolerance, $"{name}({v}) / |x| = {at}, slope {first}, bend {second}");
            }
    }

    [Theory]
    [InlineData(1.0, 2.0), InlineData(2.0, 1.0), InlineData(double.NaN, 1.0), InlineData(1.0, double.NaN), InlineData(double.NegativeInfinity, 1.0), InlineData(1.0, double.PositiveInfinity)]
    public void Bounds_hold_as_the_smaller_of_the_larger(double low, double high)
    {
        double[] x = [.. Enumerable.Range(-20, 60).Select(i => i / 10.0), double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        double[] expected = [.. x.Select(v => Math.Min(Math.Max(v, low), high))];               // NaN if any of the three is
        Tensor t = Tensor.From(x);
        Assert.Equal(expected, t.Clamp(low, high).ToArray<double>());
        Assert.Equal(expected, t.Clone().ClampInPlace(low, high).ToArray<double>());
        Assert.Equal(expected, F.Hardtanh(t, low, high).ToArray<double>());
        Assert.Equal([.. expected.Select(v => (float)v)], t.To(DType.Float32).Clamp(low, high).ToArray<float>());
    }

    [Fact]
    public void Class_indices_are_integers_within_range()
    {
        Tensor x = Ramp(2, 3);
        Refuses("there is no class 3", () => F.CrossEntropy(x, Tensor.From<long>([0, 3])));
        Refuses("there is no class -1", () => F.CrossEntropy(x, Tensor.From<long>([0, -1])));
        Refuses("there is no class 7", () => F.NllLoss(x, Tensor.From<long>([7, 0])));
        Refuses("target.Long()", () => F.CrossEntropy(x, Tensor.From<float>([0, 1])));
        Refuses("target.Long()", () => F.NllLoss(x, Tensor.From<float>([0, float.NaN])));
        Refuses("wants class indices of shape (2,)", () => F.CrossEntropy(x, Tensor.From<long>([0, 1, 2])));
        Refuses("there is no class 5", () => F.OneHot(Tensor.From<long>([1, 5]), 5));
    }

    [Fact]
    public void Labels_that_are_NaN_are_named()
    {
        Tensor x = Ramp(2, 2), t = Tensor.From(new float[,] { { 0, float.NaN }, { 1, 0 } });
        Refuses("NaN", () => F.MseLoss(x, t));
        Refuses("NaN", () => F.CrossEntropy(x, t));
        Refuses("NaN", () => F.BinaryCrossEntropyWithLogits(x, t));
        Assert.True(F.MseLoss(x, t, Reduction.None).IsNan().Any().Item<bool>());
        Assert.True(double.IsNaN(F.MseLoss(t, x).Item<double>()));              // a diverged prediction is no error
    }

    [Fact]
    public void Rows_to_ignore_count_for_nothing()
    {
        Tensor x = Ramp(3, 4).SetRequiresGrad();
        Tensor loss = F.CrossEntropy(x, Tensor.From<long>([1, -100, 2]));
        loss.Backward();
        Assert.Equal(F.CrossEntropy(Tensor.Cat([x.Narrow(0, 0, 1), x.Narrow(0, 2, 1)]), Tensor.From<long>([1, 2])).Item<float>(), loss.Item<float>(), 1e-6f);
        Assert.All(x.Grad!.Select(0, 1).ToArray<float>(), g => Assert.Equal(0, g));
        Assert.True(float.IsNaN(F.CrossEntropy(x, Tensor.From<long>([-100, -100, -100])).Item<float>()));
    }

    [Fact]
    public void Huge_scores_keep_their_precision()
    {
        Tensor x = Tensor.From(new float[,] { { 10000, 10001, 9999 } }), t = Tensor.From<long>([0]);
        Assert.Equal(1.4076059, F.CrossEntropy(x, t).Item<double>(), 1e-6);
        x.RequiresGrad = true;
        F.CrossEntropy(x, t).Backward();
        Assert.Equal(0.66524096, x.Grad!.Select(1, 1).Item<double>(), 1e-6);
    }

    [Fact]
    public void Activations_in_place_derive_as_others()
    {
        foreach (Func<Tensor, bool, Tensor> f in (Func<Tensor, bool, Tensor>[])
            [(x, p) => F.Relu(x, p), (x, p) => F.Silu(x, p), (x, p) => F.Elu(x, 1, p), (x, p) => F.LeakyRelu(x, 0.2, p),
                (x, p) => F.Hardtanh(x, -1, 1, p), (x, p) => F.Mish(x, p)])
        {
            Tensor a = Ramp(3, 5).SetRequiresGrad(), b = Ramp(3, 5).SetRequiresGrad(), mine = b * 1;
            f(a, false).Square().Sum().Backward();
            Tensor y = f(mine, true);
            Assert.Same(mine, y);
            y.Square().Sum().Backward();
            Assert.Equal(a.Grad!.ToArray<float>(), b.Grad!.ToArray<float>());
        }
    }

    [Fact]
    public void Running_statistics_follow_the_batch()
    {
        Tensor x = Ramp(4, 3), mean = Tensor.Zeros(3), var = Tensor.Ones(3);
        F.BatchNorm(x.SetRequiresGrad(), mean, var, training: true, momentum: 0.25);
        Assert.Equal((x.Mean(0) * 0.25).ToArray<float>(), mean.ToArray<float>());
        Assert.Equal((x.Var([0]) * 0.25 + 0.75).ToArray<double>(), var.ToArray<double>(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.False(mean.RequiresGrad);
        Refuses("one value", () => F.BatchNorm(Ramp(1, 3), null, null, training: true));
        Refuses("runningMean", () => F.BatchNorm(x, null, null));
        Refuses("does not fit", () => F.BatchNorm(x, mean, var, Tensor.Ones(4)));
        Refuses("does not end in", () => F.LayerNorm(x, [4]));
        Refuses("2 groups", () => F.GroupNorm(x, 2));
        Refuses("one value", () => F.InstanceNorm(Ramp(2, 3, 1)));
    }

    [Fact]
    public void Dropout_keeps_expectations_and_whole_channels()
    {
        Tensor x = Tensor.Ones(8, 50, 100).SetRequiresGrad();
        Tensor y = F.Dropout(x, 0.2);
        Assert.Equal(1, y.Mean().Item<double>(), 0.02);
        Assert.All(y.ToArray<float>(), v => Assert.True(v is 0 or 1.25f));
        y.Sum().Backward();
        Assert.Equal(y.ToArray<float>(), x.Grad!.ToArray<float>());                // the mask of the forward pass serves the backward pass
        Assert.Same(x, F.Dropout(x, 0.2, training: false));
        Assert.Equal(0, F.Dropout(x, 1).Sum().Item<float>());

        Tensor channels = F.Dropout1d(Tensor.Ones(8, 50, 100), 0.5).Sum(-1);
        Assert.All(channels.ToArray<float>(), v => Assert.True(v is 0 or 200));
        Tensor alpha = F.AlphaDropout((Tensor.Arange(20000) % 2 * 2 - 1).Float(), 0.3, training: true);
        Assert.Equal(0, alpha.Mean().Item<double>(), 0.05);
        Assert.Equal(1, alpha.Std().Item<double>(), 0.05);
        Refuses("probability", () => F.Dropout(x, 1.5));
    }

    [Fact]
    public void Rows_for_padding_get_no_gradient_and_frequent_rows_a_mean()
    {
        Tensor w = Ramp(4, 3).SetRequiresGrad(), i = Tensor.From<long>([1, 2, 1, 3, 3, 3]);
        F.Embedding(i, w, paddingIdx: -1).Sum().Backward();
        Assert.Equal([0, 2, 1, 0], w.Grad!.Select(1, 0).ToArray<float>());
        w.Grad = null;
        F.Embedding(i, w, scaleGradByFreq: true).Sum().Backward();
        Assert.Equal([0, 1, 1, 1], w.Grad!.Select(1, 0).ToArray<double>(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Tables_refuse_what_is_no_row()
    {
        Tensor w = Ramp(4, 3);
        Refuses("index 4", () => F.Embedding(Tensor.From<long>([0, 4]), w));
        Refuses("index -1", () => F.Embedding(Tensor.From<long>([0, -1]), w));
        Refuses("integers", () => F.Embedding(Tensor.From<float>([0]), w));
        Refuses("paddingIdx 9", () => F.Embedding(Tensor.From<long>([0]), w, paddingIdx: 9));
        Refuses("does not fit a weight", () => F.Linear(Ramp(2, 5), w));
        Tensor y = F.Embedding(Tensor.From<long>([3]), w, maxNorm: 0.1);
        Assert.Equal(0.1, y.Square().Sum().Sqrt().Item<double>(), 1e-5);
    }

    [Fact]
    public void A_query_that_sees_nothing_answers_zero_and_moves_nothing()
    {
        Tensor q = Ramp(2, 3).SetRequiresGrad(), k = Ramp(4, 3).SetRequiresGrad(), v = Ramp(4, 5);
        Tensor mask = Tensor.From(new bool[,] { { false, false, false, false }, { true, false, true, true } });
        Tensor y = F.ScaledDotProductAttention(q, k, v, mask);
        Assert.All(y.Select(0, 0).ToArray<float>(), e => Assert.Equal(0, e));
        y.Sum().Backward();
        Assert.All(q.Grad!.Select(0, 0).ToArray<float>(), e => Assert.Equal(0, e));
        Assert.DoesNotContain(k.Grad!.ToArray<float>(), float.IsNaN);
        Tensor learned = Tensor.Where(mask, 0.0, double.NegativeInfinity).Float().SetRequiresGrad();
        Assert.Equal(y.ToArray<double>(), F.ScaledDotProductAttention(q, k, v, learned).ToArray<double>(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Attention_refuses_what_does_not_fit()
    {
        Tensor q = Ramp(2, 3, 4), k = Ramp(2, 5, 4), v = Ramp(2, 5, 2);
        Refuses("do not fit", () => F.ScaledDotProductAttention(q, Ramp(2, 5, 3), v));
        Refuses("either", () => F.ScaledDotProductAttention(q, k, v, Tensor.Ones([3, 5], DType.Bool), isCausal: true));
        Refuses("do not broadcast", () => F.ScaledDotProductAttention(q, k, v, Tensor.Ones([4, 5], DType.Bool)));
        Refuses("must be bool", () => F.ScaledDotProductAttention(q, k, v, Tensor.Ones([3, 5], DType.Int64)));
        Refuses("one floating-point type", () => F.ScaledDotProductAttention(q, k.Double(), v));
    }

    [Fact]
    public void Recurrences_and_pads_refuse_what_does_not_fit()
    {
        Tensor[] w = [Ramp(8, 3), Ramp(8, 2), Ramp(8), Ramp(8)];
        Refuses("take 4 weights, not 3", () => F.Lstm(Ramp(5, 1, 3), null, w[..3]).Output);
        Refuses("does not fit a first weight", () => F.Lstm(Ramp(5, 1, 4), null, w).Output);
        Refuses("a first state of shape (1, 2, 2)", () => F.Lstm(Ramp(5, 1, 3), (Ramp(1, 2, 2), Ramp(1, 1, 2)), w).Output);
        Refuses("empty", () => F.Lstm(Ramp(0, 1, 3), null, w).Output);
        Refuses("must have shape (2, 2)", () => F.GruCell(Ramp(2, 3), Ramp(1, 2), Ramp(6, 3), Ramp(6, 2)));
        Refuses("at most by 2", () => F.Pad(Ramp(1, 2, 3), [3, 0], "reflect"));
        Refuses("two numbers for each axis", () => F.Pad(Ramp(2), [1, 1, 1, 1]));
        Refuses("does not fit an axis of 2", () => F.Unfold(Ramp(1, 1, 2, 4), [3, 3]));
    }

    [Fact]
    public void A_long_sequence_derives_in_linear_time()
    {
        Tensor[] w = [.. new Dims[] { [8, 3], [8, 2], [8], [8] }.Select(s => Ramp(s.ToArray()).SetRequiresGrad())];
        (Tensor y, _, _) = F.Lstm(Ramp(20000, 1, 3), null, w);
        y.Sum().Backward();
        Assert.All(w, p => Assert.NotNull(p.Grad));
    }

    /// <summary>The law of threads runs on small samples; these are large enough to be shared.</summary>
    [Fact]
    public void Large_passes_back_and_forth_do_not_depend_on_the_number_of_threads()
    {
        Tensor scores = Ramp(700, 130) % 1.7, image = Ramp(8, 12, 40, 40) % 1.3, heads = Ramp(4, 200, 32) % 0.9, weight = Ramp(130), channels = Ramp(12);
        Tensor classes = Tensor.Arange(700) * 37 % 130, table = Ramp(90, 70);
        Func<Tensor[], Tensor>[] all =
        [
            x => F.CrossEntropy(x[0], classes, labelSmoothing: 0.1), x => F.Softmax(x[0], 1), x => F.LogSoftmax(x[0], 0), x => F.LayerNorm(x[0], [130], x[3], x[3]),
            x => F.BatchNorm(x[1], null, null, x[4], x[4], training: true), x => F.BatchNorm(x[0], null, null, training: true), x => F.GroupNorm(x[1], 3, x[4]),
            x => F.ScaledDotProductAttention(x[2], x[2], x[2], isCausal: true), x => F.Embedding(classes % 90, x[5]),
        ];
        int threads = Threads.Count;
        try
        {
            foreach (Func<Tensor[], Tensor> f in all) Assert.Equal(Pass(f, 1), Pass(f, 3));
        }
        finally { Threads.Count = threads; }

        float[] Pass(Func<Tensor[], Tensor> f, int count)
        {
            Threads.Count = count;
            Tensor[] x = [.. new[] { scores, image, heads, weight, channels, table }.Select(t => t.Detach().SetRequiresGrad())];
            Tensor y = f(x);
            Tensor?[] g = Autograd.Grad([(y * y).Sum()], x, allowUnused: true);
            return [.. y.ToArray<float>(), .. g.SelectMany(t => t?.ToArray<float>() ?? [])];
        }
    }
}
