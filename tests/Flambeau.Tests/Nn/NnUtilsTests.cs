using Flambeau.Nn;
using Flambeau.Optim;
using Xunit;

namespace Flambeau.Tests.Nn;

/// <summary>Parametrizations, pruning, lazy modules and the other helpers of torch.nn.utils. Numbers were recorded with PyTorch 1.13.</summary>
[Collection(nameof(DefaultGenerator))]
public class NnUtilsTests
{
    static Linear Line()
    {
        Linear l = new(3, 2, dtype: DType.Float64);
        using var _ = Autograd.NoGrad();
        l.Weight.CopyInPlace((Tensor.Arange(6).Double() * 0.7).Cos().Reshape(2, 3));
        l.Bias!.ZeroInPlace();
        return l;
    }

    static void Near(double[] expected, Tensor actual, double tolerance = 1e-12)
    {
        double[] a = actual.Detach().ToArray<double>();
        Assert.Equal(expected.Length, a.Length);
        for (int i = 0; i < a.Length; i++) Assert.Equal(expected[i], a[i], tolerance);
    }

    /// <summary>Steps by the loss Σ y², so that only a weight that is computed anew each time learns.</summary>
    static double[] Train(UnaryModule m, int steps = 5)
    {
        Sgd o = new(m.Parameters(), 0.05);
        List<double> losses = [];
        for (int i = 0; i < steps; i++)
        {
            o.ZeroGrad();
            Tensor loss = (m.Forward(Tensor.Ones([1, 3], DType.Float64)) - 3).Square().Sum();
            loss.Backward();
            o.Step();
            losses.Add(loss.Item<double>());
        }
        return [.. losses];
    }

    static void Falls(double[] losses) => Assert.All(losses.Zip(losses.Skip(1)), p => Assert.True(p.Second < p.First));

    [Fact]
    public void Weight_norm_learns_length_and_direction()
    {
        Linear l = NnUtils.WeightNorm(Line()), p = Parametrizations.WeightNorm(Line()), plain = Line();
        Assert.Equal(["bias", "weight_g", "weight_v"], l.StateDict().Keys);
        Assert.Equal(["bias", "parametrizations.weight.original0", "parametrizations.weight.original1"], p.StateDict().Keys);
        Near([1.2703827774004934, 1.421127600096637], l.StateDict()["weight_g"].Flatten());
        Near(plain.Weight.ToArray<double>(), l.Weight);
        Assert.Equal(["bias", "weight_g", "weight_v"], l.NamedParameters().Select(x => x.Name));
        Falls(Train(l));
        Falls(Train(p));
        Assert.Equal(l.Forward(Tensor.Ones([1, 3], DType.Float64)).ToArray<double>(), p.Forward(Tensor.Ones([1, 3], DType.Float64)).ToArray<double>());
        double[] before = l.Forward(Tensor.Ones([1, 3], DType.Float64)).ToArray<double>();
        NnUtils.RemoveWeightNorm(l);
        Assert.Equal(["weight", "bias"], l.StateDict().Keys);
        Near(before, l.Forward(Tensor.Ones([1, 3], DType.Float64)).Flatten());
        Assert.Throws<ArgumentException>(() => NnUtils.RemoveWeightNorm(l));
        Falls(Train(l));
        Parametrize.RemoveParametrizations(p, "weight");
        Near(before, p.Forward(Tensor.Ones([1, 3], DType.Float64)).Flatten());
    }

    [Fact]
    public void Spectral_norm_has_a_largest_singular_value_of_1()
    {
        Linear a = NnUtils.SpectralNorm(Line()), b = Parametrizations.SpectralNorm(Line());
        Assert.Equal(["bias", "weight_orig", "weight_u", "weight_v"], a.StateDict().Keys);
        Assert.Equal(["bias", "parametrizations.weight.original", "parametrizations.weight.0._u", "parametrizations.weight.0._v"], b.StateDict().Keys);
        b.Eval();
        Near([0.557608693408479, 0.42648265271538677, 0.09477515647497563, -0.2815065767582866, -0.5253913682805291, -0.5221763898338535], b.Weight.Flatten(), 1e-6);
        b.Train();
        Falls(Train(b));
        Linear c = Parametrizations.SpectralNorm(Line());
        c.LoadStateDict(b.StateDict());
        Tensor x = Tensor.Ones([1, 3], DType.Float64);
        Near(b.Eval().Forward(x).ToArray<double>(), c.Eval().Forward(x).Flatten());
        Conv2d conv = Parametrizations.SpectralNorm(new Conv2d(2, 3, 3));
        Assert.Equal(new Dims([1, 3, 2, 2]), conv.Forward(Tensor.Ones(1, 2, 4, 4)).Shape);
    }

    [Theory, InlineData("matrix_exp"), InlineData("cayley"), InlineData("householder"), InlineData(null)]
    public void Orthogonal_weights_stay_orthogonal(string? map)
    {
        foreach ((long rows, long columns) in new[] { (3L, 3L), (2, 3), (5, 3) })
        {
            Linear l = Parametrizations.Orthogonal(new Linear(columns, rows, dtype: DType.Float64), orthogonalMap: map);
            Assert.Equal(["bias", "parametrizations.weight.original", "parametrizations.weight.0.base"], l.StateDict().Keys);
            double[] losses = columns == 3 ? Train(l) : [2, 1];
            Assert.True(losses[^1] < losses[0]);
            l.Forward(Tensor.Ones([1, columns], DType.Float64));
            Tensor w = l.Weight.Detach(), gram = rows < columns ? w.MatMul(w.T) : w.T.MatMul(w);
            Assert.True(gram.AllClose(Tensor.Eye(gram.Size(0), dtype: DType.Float64), 1e-9, 1e-9));
        }
    }

    sealed class Symmetric : UnaryModule
    {
        public override Tensor Forward(Tensor input) => input.Triu() + input.Triu(1).T;
    }

    sealed class Wider : UnaryModule
    {
        public override Tensor Forward(Tensor input) => Tensor.Cat([input, input]);
    }

    [Fact]
    public void Any_module_is_a_parametrization()
    {
        Linear l = new(3, 3, dtype: DType.Float64);
        Parametrize.RegisterParametrization(l, "weight", new Symmetric());
        Parametrize.RegisterParametrization(l, "weight", new Tanh());
        Falls(Train(l));
        Tensor w = l.StateDict()["parametrizations.weight.original"], s = (w.Triu() + w.Triu(1).T).Tanh();
        Near(s.MatMul(Tensor.Ones([3], DType.Float64)).ToArray<double>(), (l.Forward(Tensor.Ones([1, 3], DType.Float64)) - l.Bias!).Flatten());
        Assert.True(Parametrize.IsParametrized(l, "weight"));
        Assert.False(Parametrize.IsParametrized(l, "bias"));
        int uses = 0;
        using (Parametrize.Cached())
        {
            Tensor first = l.Weight + 0, second = l.Weight + 0;
            uses = ReferenceEquals(first.GradFn!.NextFunctions[0], second.GradFn!.NextFunctions[0]) ? 1 : 2;
        }
        Assert.Equal(1, uses);
        Parametrize.RemoveParametrizations(l, "weight", leaveParametrized: false);
        Assert.Equal(["weight", "bias"], l.StateDict().Keys);
        Assert.Throws<InvalidOperationException>(() => Parametrize.RegisterParametrization(l, "weight", new Wider()));
        Assert.False(Parametrize.IsParametrized(l));
        Assert.Throws<ArgumentException>(() => Parametrize.RegisterParametrization(l, "other", new Tanh()));
    }

    [Fact]
    public void Pruned_elements_stay_zero()
    {
        Linear l = Prune.L1Unstructured(Line(), "weight", 2);
        Assert.Equal(["bias", "weight_orig", "weight_mask"], l.StateDict().Keys);
        Near([1, 1, 0, 0, 1, 1], l.StateDict()["weight_mask"].Flatten());
        Falls(Train(l));
        Assert.Equal(0, l.Weight[0, 2].Item<double>());
        l = Prune.L1Unstructured(Prune.L1Unstructured(Line(), "weight", 2), "weight", 0.5);
        Near([1, 0, 0, 0, 1, 0], l.StateDict()["weight_mask"].Flatten());
        Near([1, 1, 0, 1, 1, 0], Prune.LnStructured(Line(), "weight", 1, 2, dim: 1).StateDict()["weight_mask"].Flatten());
        Assert.Equal(3, Prune.RandomUnstructured(Line(), "weight", 0.5).StateDict()["weight_mask"].Sum().Item<double>());
        Assert.Equal(4, Prune.RandomStructured(Line(), "weight", 1, 1).StateDict()["weight_mask"].Sum().Item<double>());
        Near([0, 1, 0, 1, 0, 1], Prune.CustomFromMask(Line(), "weight", Tensor.From(new double[,] { { 0, 1, 0 }, { 1, 0, 1 } })).StateDict()["weight_mask"].Flatten());
        Linear a = Line(), b = Line();
        using (Autograd.NoGrad()) b.Weight.MulInPlace(10);
        Prune.GlobalUnstructured([(a, "weight"), (b, "weight")], new L1Unstructured(6));
        Assert.Equal(0, a.StateDict()["weight_mask"].Sum().Item<double>() - 1, 1.0);
        Assert.Equal(6, (a.StateDict()["weight_mask"].Sum() + b.StateDict()["weight_mask"].Sum()).Item<double>());
        Assert.True(Prune.IsPruned(a));
        Near([1, 0, 0, 0, 1, 0], Prune.Apply(Line(), "weight", new PruningContainer(new L1Unstructured(2), new L1Unstructured(0.5))).GetBuffer("weight_mask").Flatten());
        Assert.True(a.HasParameter("weight_orig") && !a.HasParameter("weight") && a.GetSubmodule("") == a);
        Assert.Throws<ArgumentException>(() => a.GetParameter("weight"));
        Prune.Remove(l, "weight");
        Assert.Equal(["weight", "bias"], l.StateDict().Keys);
        Assert.Equal(0, l.Weight[0, 1].Item<double>());
        Assert.Throws<ArgumentException>(() => Prune.Remove(l, "weight"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Prune.L1Unstructured(Line(), "weight", 7));
    }

    [Fact]
    public void A_module_is_a_function_of_its_parameters()
    {
        Sequential net = new(Line(), new BatchNorm1d(2, dtype: DType.Float64));
        Tensor w = Tensor.Ones([2, 3], DType.Float64).SetRequiresGrad(), x = Tensor.From(new double[,] { { 1, 2, 3 }, { 4, 5, 7 } });
        Tensor y = Stateless.FunctionalCall(net.Eval(), new Dictionary<string, Tensor> { ["0.weight"] = w, ["1.running_mean"] = Tensor.Ones([2], DType.Float64) }, x);
        y.Sum().Backward();
        Assert.Null(((Linear)net[0]).Weight.Grad);
        Assert.NotNull(w.Grad);
        Assert.Equal((6 - 1) / Math.Sqrt(1 + 1e-5), y[0, 0].Item<double>(), 1e-12);
        string error = Assert.Throws<ArgumentException>(() => Stateless.FunctionalCall(net, new Dictionary<string, Tensor> { ["0.weight"] = Tensor.Zeros(1), ["z"] = x }, x, strict: true)).Message;
        Assert.Contains("mismatched: 0.weight", error);
        Assert.Contains("unexpected: z", error);
        Assert.Contains("missing: 0.bias", error);
    }

    [Fact]
    public void A_batch_norm_is_put_into_the_convolution_before_it()
    {
        Conv2d conv = new(2, 3, 3);
        BatchNorm2d bn = new(3);
        for (int i = 0; i < 3; i++) bn.Forward(Tensor.Randn(4, 3, 5, 5) * 2 + 1);
        using (Autograd.NoGrad()) bn.Weight!.NormalInPlace(1, 0.3);
        conv.Eval();
        bn.Eval();
        Conv2d fused = NnUtils.FuseConvBnEval(conv, bn, () => new Conv2d(2, 3, 3));
        Tensor x = Tensor.Randn(1, 2, 6, 6);
        Assert.True(bn.Forward(conv.Forward(x)).Detach().AllClose(fused.Forward(x).Detach(), 1e-4, 1e-5));
        Assert.Throws<ArgumentException>(() => NnUtils.FuseConvBnEval(conv, bn.Train(), () => new Conv2d(2, 3, 3)));
        Linear l = new Linear(2, 3).Eval();
        BatchNorm1d n = new BatchNorm1d(3).Eval();
        Tensor v = Tensor.Randn(4, 2);
        Assert.True(n.Forward(l.Forward(v)).Detach().AllClose(NnUtils.FuseLinearBnEval(l, n).Forward(v).Detach(), 1e-4, 1e-5));
    }

    [Fact]
    public void Lazy_modules_take_their_sizes_from_the_first_input_or_a_state()
    {
        Generator.ManualSeed(3);
        LazyLinear l = new(2);
        Near([-0.5724271535873413, -0.45544925332069397, -0.2472877949476242, -0.5462254881858826, -0.032776910811662674, -0.5079339742660522], WithRun(l, Tensor.Ones(1, 3)).Weight.Flatten(), 1e-7);
        Near([0.3139236271381378, 0.28139978647232056], l.Bias!, 1e-7);
        Generator.ManualSeed(3);
        LazyConv1d c = new(2, 2);
        Near([-0.40476715564727783, -0.3220512866973877, -0.17485889792442322, -0.38623976707458496, -0.023176778107881546, -0.3591635525226593], WithRun(c, Tensor.Ones(1, 3, 4)).Weight[0].Flatten(), 1e-7);
        Near([-0.2859037220478058, -0.0804503783583641], c.Bias!, 1e-7);
        Sequential lazy = new(new LazyConv2d(4, 3), new LazyBatchNorm2d(), new Flatten(), new LazyLinear(2)), plain = new(new Conv2d(3, 4, 3), new BatchNorm2d(4), new Flatten(), new Linear(16, 2));
        lazy.LoadStateDict(plain.StateDict());
        Tensor x = Tensor.Randn(2, 3, 4, 4);
        Assert.Equal(plain.Forward(x).ToArray<float>(), lazy.Forward(x).ToArray<float>());
        LazyBatchNorm1d n = new();
        Parameter weight = n.Weight!;
        Assert.Equal(new Dims([5, 7]), n.Forward(Tensor.Randn(5, 7)).Shape);
        Assert.Same(weight, n.Weight);
        Assert.Equal(new Dims([2, 3, 6]), new LazyConvTranspose1d(3, 2).Forward(Tensor.Randn(2, 4, 5)).Shape);
        Assert.Equal(new Dims([2, 4, 5]), new LazyInstanceNorm1d(affine: true).Forward(Tensor.Randn(2, 4, 5)).Shape);
    }

    static T WithRun<T>(T m, Tensor x) where T : UnaryModule
    {
        m.Forward(x);
        return m;
    }

    [Fact]
    public void Adaptive_softmax_is_that_of_PyTorch()
    {
        AdaptiveLogSoftmaxWithLoss m = new(6, 10, [3, 6], divValue: 2, headBias: true, dtype: DType.Float64);
        Assert.Equal(["head.weight", "head.bias", "tail.0.0.weight", "tail.0.1.weight", "tail.1.0.weight", "tail.1.1.weight"], m.NamedParameters().Select(p => p.Name));
        int i = 0;
        using (Autograd.NoGrad()) foreach (Parameter p in m.Parameters()) p.CopyInPlace((Tensor.Arange(p.Count).Double() * 0.7 + i++).Cos().Reshape(p.Shape));
        Tensor x = (Tensor.Arange(30).Double() * 0.3).Sin().Reshape(5, 6);
        (Tensor y, Tensor loss) = m.Forward(x, Tensor.From(new long[] { 0, 9, 4, 2, 6 }));
        Near([-3.814538891210672, -3.9238650219128948, -5.406412658800621, -0.6130479923265403, -3.53274197616339], y);
        Near([3.4581213080828226], loss.Flatten());
        Assert.Equal([1, 0, 0, 2, 1], m.Predict(x).ToArray<long>());
        Near([-0.44184846681086465, -1.941920732920645, -5.518257074583532, -3.119888969832426, -2.5044066467458355, -5.458372580111153, -4.031986238800198, -3.8833642187473973, -3.8406232278260592,
            -3.9238650219128948], m.LogProb(x)[1]);
        loss.Backward();
        Assert.All(m.Parameters(), p => Assert.NotNull(p.Grad));
        Assert.Throws<ArgumentException>(() => new AdaptiveLogSoftmaxWithLoss(6, 10, [6, 3]));
    }

    [Fact]
    public void Orthogonal_first_values_are_those_of_PyTorch()
    {
        Generator.ManualSeed(3);
        Near([1.5585706233978271, 0.33922359347343445, 0.1726413369178772, -1.19077730178833, 0.08960632234811783, -1.1001496315002441, 0.2782805562019348, 0.8256482481956482, -1.1809666156768799,
            0.7974040508270264, -0.05262192711234093, 1.5877453088760376, -0.8951035737991333, 0.31089240312576294, 0.7605468034744263], Init.OrthogonalInPlace(Tensor.Empty(3, 5), 2).Flatten(), 2e-6);
    }

    [Fact]
    public void Sequences_are_padded_packed_and_taken_apart()
    {
        Tensor[] s = [Tensor.Arange(3).Float(), Tensor.Arange(5).Float() + 10, Tensor.Arange(1).Float() + 20];
        Tensor p = RnnUtils.PadSequence(s, batchFirst: true, paddingValue: -1);
        Assert.Equal([0, 1, 2, -1, -1, 10, 11, 12, 13, 14, 20, -1, -1, -1, -1], p.ToArray<float>());
        Assert.Equal(-1, RnnUtils.PadSequence(s, paddingValue: -1, paddingSide: "left")[0, 0].Item<float>());
        Assert.Equal([3, 5, 1], RnnUtils.UnpadSequence(p, [3, 5, 1], batchFirst: true).Select(x => x.Count));
        PackedSequence packed = RnnUtils.PackSequence(s, enforceSorted: false);
        Tensor[] back = RnnUtils.UnpackSequence(packed);
        for (int i = 0; i < 3; i++) Assert.Equal(s[i].ToArray<float>(), back[i].ToArray<float>());
        (Tensor padded, long[] lengths) = RnnUtils.PadPackedSequence(packed, batchFirst: true, totalLength: 7);
        Assert.Equal(new Dims([3, 7]), padded.Shape);
        Assert.Equal([3L, 5, 1], lengths);
        Assert.Throws<ArgumentException>(() => RnnUtils.PadPackedSequence(packed, totalLength: 2));
    }

    [Fact]
    public void Parameters_are_a_vector_and_pools_are_undone()
    {
        Linear a = Line(), b = Line();
        using (Autograd.NoGrad()) b.Weight.ZeroInPlace();
        NnUtils.VectorToParameters(NnUtils.ParametersToVector(a.Parameters()), b.Parameters());
        Assert.Equal(a.Weight.ToArray<double>(), b.Weight.ToArray<double>());
        Assert.Throws<ArgumentException>(() => NnUtils.VectorToParameters(Tensor.Zeros(3), b.Parameters()));
        Tensor x = Tensor.Arange(16).Float().Reshape(1, 1, 4, 4);
        (Tensor y, Tensor i) = F.MaxPool2dWithIndices(x, [2]);
        Assert.Equal(x.Max().Item<float>(), new MaxUnpool2d(2).Forward(y, i)[0, 0, 3, 3].Item<float>());
        Assert.Equal(new Dims([1, 1, 3, 3]), new FractionalMaxPool2d(2, outputSize: 3).Forward(x).Shape);
        Assert.Throws<ArgumentException>(() => new FractionalMaxPool2d(2));
        Assert.Equal(new Dims([1, 1, 8, 8]), new UpsamplingBilinear2d(scaleFactor: 2).Forward(x).Shape);
        Assert.Equal(x.ToArray<float>(), new Fold(4, 2, stride: 2).Forward(new Unfold(2, stride: 2).Forward(x)).ToArray<float>());
        Assert.Equal(1, new TripletMarginWithDistanceLoss((p, q) => (p - q).Abs().Sum(1)).Forward(Tensor.Zeros(2, 3), Tensor.Ones(2, 3), Tensor.Ones(2, 3)).Item<float>());
        Linear skipped = NnUtils.SkipInit(() => new Linear(3, 2));
        Assert.Equal(Device.Cpu, skipped.Weight.Device);
    }
}
