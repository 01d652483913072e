using Flambeau.Nn;
using Flambeau.Optim;
using Xunit;
using Op = Flambeau.Ops.Op;

namespace Flambeau.Tests.MixedPrecision;

[Collection(nameof(Tests.Nn.DefaultGenerator))]
public class AutocastTests
{
    const DType F32 = DType.Float32, B16 = DType.BFloat16, F16 = DType.Float16;

    static Tensor R(params long[] shape) => Tensor.Rand(shape, F32, new Generator(shape.Length + shape.Sum())) * 0.8 + 0.1;

    static Tensor B(params long[] shape) => R(shape).To(B16);

    static readonly Tensor s_classes = Tensor.From(new long[] { 0, 2 });

    /// <summary>What PyTorch answers under torch.autocast("cpu", torch.bfloat16): by its lists, float32 arguments and 16-bit ones.</summary>
    static readonly (string Name, DType Result, Func<Tensor> Run)[] s_table =
    [
        ("matmul", B16, () => R(3, 4).MatMul(R(4, 5))), ("mm", B16, () => R(3, 4).Mm(R(4, 5))), ("bmm", B16, () => R(2, 3, 4).Bmm(R(2, 4, 5))),
        ("matmul of mixed", B16, () => R(3, 4).MatMul(B(4, 5))), ("matmul with vector", B16, () => R(3, 4).MatMul(R(4))),
        ("linear", B16, () => F.Linear(R(3, 4), R(5, 4), R(5))), ("addmm", B16, () => R(3, 5).AddMm(R(3, 4), R(4, 5))), ("baddbmm", B16, () => R(2, 3, 5).BaddBmm(R(2, 3, 4), R(2, 4, 5))),
        ("addbmm", B16, () => R(3, 5).AddBmm(R(2, 3, 4), R(2, 4, 5))), ("linalg.vecdot", B16, () => Linalg.VecDot(R(3, 4), R(3, 4))), ("prelu", B16, () => F.Prelu(R(3, 4), R(4))),
        ("conv1d", B16, () => F.Conv1d(R(2, 3, 8), R(4, 3, 3), R(4))), ("conv2d", B16, () => F.Conv2d(R(2, 3, 8, 8), R(4, 3, 3, 3), R(4))), ("conv3d", B16, () => F.Conv3d(R(1, 2, 4, 4, 4), R(2, 2, 3, 3, 3))),
        ("conv2d of mixed", B16, () => F.Conv2d(B(2, 3, 8, 8), R(4, 3, 3, 3), R(4))), ("conv_transpose1d", B16, () => F.ConvTranspose1d(R(2, 3, 8), R(3, 4, 3), R(4))),
        ("conv_transpose2d", B16, () => F.ConvTranspose2d(R(2, 3, 4, 4), R(3, 4, 3, 3))), ("scaled_dot_product_attention", B16, () => F.ScaledDotProductAttention(R(2, 5, 4), R(2, 5, 4), R(2, 5, 4))),
        ("attention of mixed, masked", B16, () => F.ScaledDotProductAttention(B(2, 5, 4), R(2, 5, 4), R(2, 5, 4), attnMask: R(5, 5))),
        ("einsum", B16, () => Tensor.Einsum("ij,jk->ik", R(3, 4), R(4, 5))), ("tensordot", B16, () => R(3, 4).Tensordot(R(4, 5), 1)),
        ("lstm", B16, () => new Lstm(4, 5).Forward(R(3, 2, 4)).Output), ("gru with a state", B16, () => new Gru(4, 5).Forward(R(3, 2, 4), R(1, 2, 5)).Output),
        ("multi-head attention", B16, () => { Tensor x = R(2, 5, 8); return new MultiheadAttention(8, 2, batchFirst: true).Forward(x, x, x).Output; }),
        ("rnn_tanh_cell", B16, () => F.RnnTanhCell(R(2, 4), R(2, 5), R(5, 4), R(5, 5))), ("lstm_cell", F32, () => F.LstmCell(R(2, 4), (R(2, 5), R(2, 5)), R(20, 4), R(20, 5)).H),
        ("gru_cell", F32, () => F.GruCell(R(2, 4), R(2, 5), R(15, 4), R(15, 5))),
        ("mv is not listed", F32, () => R(3, 4).Mv(R(4))), ("dot is not listed", F32, () => R(4).Dot(R(4))), ("bilinear is not listed", F32, () => F.Bilinear(R(2, 3), R(2, 4), R(5, 3, 4))),
        ("add", F32, () => R(3) + R(3)), ("add of 16 bits", B16, () => B(3) + B(3)), ("add of mixed", F32, () => R(3) + B(3)), ("mul by a number", B16, () => B(3) * 2.0),
        ("softmax", B16, () => F.Softmax(B(3, 4), -1)), ("log_softmax of float32", F32, () => F.LogSoftmax(R(3, 4), -1)), ("exp", B16, () => B(3).Exp()), ("sum", B16, () => B(3).Sum()), ("mean", B16, () => B(3).Mean()),
        ("gelu", B16, () => F.Gelu(B(3))), ("layer_norm", F32, () => F.LayerNorm(R(3, 4), [4], R(4), R(4))), ("layer_norm of mixed", B16, () => F.LayerNorm(B(3, 4), [4], R(4), R(4))),
        ("group_norm of mixed", B16, () => F.GroupNorm(B(3, 4, 5), 2, R(4), R(4))), ("batch_norm of mixed", B16, () => F.BatchNorm(B(3, 4, 5), R(4), R(4), R(4), R(4))),
        ("batch_norm of mixed in training", B16, () => F.BatchNorm(B(3, 4, 5), R(4), R(4), R(4), R(4), training: true)),
        ("dropout", B16, () => F.Dropout(B(8))), ("max_pool2d", B16, () => F.MaxPool2d(B(1, 2, 4, 4), [2])), ("avg_pool2d", B16, () => F.AvgPool2d(B(1, 2, 4, 4), [2])), ("cosine_similarity", F32, () => F.CosineSimilarity(R(3, 4), R(3, 4))),
        ("cosine_similarity of 16 bits", B16, () => F.CosineSimilarity(B(3, 4), B(3, 4))), ("embedding", F32, () => F.Embedding(s_classes, R(4, 3))),
        ("mse_loss", F32, () => F.MseLoss(B(3), B(3))), ("mse_loss of mixed", F32, () => F.MseLoss(B(3), R(3))), ("l1_loss", F32, () => F.L1Loss(B(3), B(3))), ("smooth_l1_loss", F32, () => F.SmoothL1Loss(B(3), B(3))),
        ("huber_loss", F32, () => F.HuberLoss(B(3), B(3))), ("cross_entropy", F32, () => F.CrossEntropy(B(2, 3), s_classes)), ("cross_entropy of probabilities", F32, () => F.CrossEntropy(B(2, 3), B(2, 3))),
        ("nll_loss", F32, () => F.NllLoss(B(2, 3), s_classes, B(3))), ("binary_cross_entropy", F32, () => F.BinaryCrossEntropy(B(3), B(3))), ("bce with logits", F32, () => F.BinaryCrossEntropyWithLogits(B(3), B(3))),
        ("kl_div", F32, () => F.KlDiv(B(3), B(3))), ("poisson_nll_loss", F32, () => F.PoissonNllLoss(B(3), B(3))), ("hinge_embedding_loss", F32, () => F.HingeEmbeddingLoss(B(3), B(3))),
        ("margin_ranking_loss", F32, () => F.MarginRankingLoss(B(3), B(3), B(3))), ("soft_margin_loss", F32, () => F.SoftMarginLoss(B(3), B(3))), ("cosine_embedding_loss", F32, () => F.CosineEmbeddingLoss(B(3, 4), B(3, 4), B(3))),
        ("triplet_margin_loss", F32, () => F.TripletMarginLoss(B(3, 4), B(3, 4), B(3, 4))), ("multi_margin_loss", F32, () => F.MultiMarginLoss(B(2, 3), s_classes)),
        ("multilabel_margin_loss", F32, () => F.MultilabelMarginLoss(B(2, 3), Tensor.From(new long[,] { { 0, -1, -1 }, { 1, 2, -1 } }))),
        ("ctc_loss", F32, () => F.CtcLoss(F.LogSoftmax(B(6, 2, 4), -1), Tensor.From(new long[,] { { 1, 2 }, { 3, 1 } }), [6L, 6], [2L, 2])),
        ("prod", F32, () => B(3).Prod()), ("prod along an axis", F32, () => B(3, 4).Prod(1)), ("prod in a type that is asked for", B16, () => B(3).Prod(dtype: B16)), ("cdist", F32, () => Tensor.CDist(B(3, 2), B(4, 2))), ("trace", F32, () => B(3, 3).Trace()),
        ("quantile", F32, () => B(5).Quantile(Tensor.FromScalar(0.5f))), ("avg_pool3d", F32, () => F.AvgPool3d(B(1, 1, 4, 4, 4), [2])), ("max_pool3d", F32, () => F.MaxPool3d(B(1, 1, 4, 4, 4), [2])),
        ("adaptive_avg_pool3d", F32, () => F.AdaptiveAvgPool3d(B(1, 1, 4, 4, 4), 2)), ("reflection_pad2d", F32, () => F.Pad(B(1, 1, 4, 4), [1, 1, 1, 1], "reflect")), ("constant pad", B16, () => F.Pad(B(1, 1, 4, 4), [1, 1])),
        ("replication_pad1d", F32, () => F.Pad(B(1, 1, 4), [1, 1], "replicate")), ("grid_sample", F32, () => F.GridSample(B(1, 1, 4, 4), B(1, 2, 2, 2))),
        ("fft", DType.Complex64, () => Fft.FFT(B(8))), ("stft", DType.Complex64, () => B(32).Stft(8, window: Tensor.Ones(8), returnComplex: true)), ("polar", DType.Complex64, () => Tensor.Polar(B(3), B(3))),
        ("view_as_complex", DType.Complex64, () => B(3, 2).ViewAsComplex()), ("linalg.inv", F32, () => Linalg.Inv(Tensor.Eye(3, dtype: F32))),
        ("cat", F32, () => Tensor.Cat([B(3), R(3)])), ("cat of 16 bits", B16, () => Tensor.Cat([B(3), B(3)])), ("stack", F32, () => Tensor.Stack([B(3), R(3)])), ("index_copy", F32, () => R(3, 2).IndexCopy(0, s_classes, B(2, 2))),
        ("float64 is left alone", DType.Float64, () => R(3, 4).Double().MatMul(R(4, 5).Double())), ("so are integers", DType.Int64, () => Tensor.From(new long[,] { { 1 } }).MatMul(Tensor.From(new long[,] { { 2 } }))),
    ];

    public static TheoryData<string> Names => [.. s_table.Select(r => r.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Results_have_the_type_that_PyTorch_gives_them(string name)
    {
        var row = s_table.First(r => r.Name == name);
        using var _ = Amp.Autocast();
        Assert.Equal(row.Result, row.Run().DType);
    }

    [Fact]
    public void Values_are_those_of_arguments_cast_by_hand()
    {
        Tensor a = R(3, 4), b = R(4, 5);
        foreach (DType t in new[] { B16, F16 })
            using (Amp.Autocast(dtype: t)) Assert.Equal(a.To(t).MatMul(b.To(t)).ToArray<float>(), a.MatMul(b).ToArray<float>());
    }

    [Fact]
    public void The_backward_pass_has_the_types_of_the_forward_pass()
    {
        Tensor w = R(4, 5).SetRequiresGrad(), x = R(3, 4);
        List<DType> seen = [];
        Tensor loss;
        using (Amp.Autocast())
        {
            Tensor y = x.MatMul(w);
            y.RegisterHook(g => { seen.Add(g.DType); return null; });
            loss = F.MseLoss(y, R(3, 5));
        }
        loss.Backward();
        Assert.Equal([B16], seen);
        Assert.Equal(F32, w.Grad!.DType);
        Assert.True(w.Grad.AllClose(ExactGradient(w, x), 0.05, 0.01));

        static Tensor ExactGradient(Tensor w, Tensor x)
        {
            Tensor v = w.Detach().SetRequiresGrad();
            return Autograd.Grad(F.MseLoss(x.MatMul(v), R(3, 5)), v);
        }
    }

    [Fact]
    public void A_parameter_is_cast_once_in_a_scope()
    {
        Parameter w = new(R(4, 4));
        int Casts(bool cache, Action? between = null)
        {
            int casts = 0;
            w.Grad = null;
            Op.Observer = op => casts += op.Name == "to" ? 1 : 0;
            try
            {
                using (Amp.Autocast(cacheEnabled: cache))
                {
                    Tensor x = B(2, 4), y = x.MatMul(w);
                    between?.Invoke();
                    y = y.MatMul(w);
                    y.Sum().To(F32).Backward();
                }
                return casts;
            }
            finally { Op.Observer = null; }
        }
        int with = Casts(true);
        Tensor g = w.Grad!.Clone();
        int without = Casts(false);
        Assert.True(with < without, $"{with} casts with the cache, {without} without");
        Assert.True(g.AllClose(w.Grad!, 0.05, 0.01));
        Assert.Equal(without, Casts(true, Amp.ClearAutocastCache));
        // What an optimizer did meanwhile is seen.
        using (Amp.Autocast())
        {
            Tensor x = B(2, 4);
            float before = x.MatMul(w).Sum().Float().Item<float>();
            using (Autograd.NoGrad()) w.MulInPlace(2);
            Assert.Equal(2 * before, x.MatMul(w).Sum().Float().Item<float>(), 0.1 * before);
        }
        // A cast made under NoGrad does not cut gradients off.
        using (Amp.Autocast())
        {
            Tensor x = B(2, 4);
            using (Autograd.NoGrad()) x.MatMul(w);
            Assert.True(x.MatMul(w).RequiresGrad);
        }
    }

    [Fact]
    public void Scopes_nest_and_a_part_can_be_left_out()
    {
        Tensor a = R(3, 4), b = R(4, 5);
        using (Amp.Autocast())
        {
            using (Amp.Autocast(enabled: false))
            {
                Assert.False(Amp.IsAutocastEnabled);
                Assert.Equal(F32, a.MatMul(b).DType);
                using (Amp.Autocast(dtype: F16)) Assert.Equal(F16, a.MatMul(b).DType);
            }
            Assert.Equal(B16, a.MatMul(b).DType);
            DType other = default;
            Thread t = new(() => other = a.MatMul(b).DType);
            t.Start();
            t.Join();
            Assert.Equal(F32, other);                                              // each thread for itself
        }
        Assert.Equal(F32, a.MatMul(b).DType);
        Assert.Throws<ArgumentException>(() => Amp.Autocast(dtype: DType.Float64));
    }

    [Fact]
    public void The_settings_of_a_thread_can_be_asked_and_changed()
    {
        Assert.False(Amp.IsAutocastEnabled);
        Assert.Equal((B16, true), (Amp.GetAutocastDType(), Amp.IsAutocastCacheEnabled));
        try
        {
            Amp.SetAutocastDType(F16);
            Amp.SetAutocastCacheEnabled(false);
            Amp.SetAutocastEnabled(true);
            Assert.True(Amp.IsAutocastEnabled);
            Assert.Equal((F16, false), (Amp.GetAutocastDType(), Amp.IsAutocastCacheEnabled));
            Assert.Equal(F16, R(3, 4).MatMul(R(4, 5)).DType);
        }
        finally
        {
            Amp.SetAutocastEnabled(false);
            Amp.SetAutocastDType(B16);
            Amp.SetAutocastCacheEnabled(true);
        }
        Assert.Equal(1, Amp.AutocastIncrementNesting());
        Assert.Equal(0, Amp.AutocastDecrementNesting());
    }

    [Fact]
    public void In_place_operations_and_types_that_are_asked_for_stay()
    {
        using var _ = Amp.Autocast();
        Tensor x = R(3, 4);
        x.AddInPlace(R(3, 4));
        x.AddMmInPlace(R(3, 5), R(5, 4));
        Assert.Equal(F32, x.DType);
        Assert.Equal(DType.Float64, B(3).Sum(dtype: DType.Float64).DType);
    }

    [Fact]
    public void A_checkpoint_is_recomputed_under_the_autocast_of_its_first_run()
    {
        Tensor w = R(4, 4).SetRequiresGrad(), x = R(3, 4).SetRequiresGrad();
        Tensor Run(Tensor t) => F.Gelu(t.MatMul(w)).MatMul(w);
        Tensor plain, saved;
        using (Amp.Autocast()) plain = Run(x).Float().Square().Sum();
        using (Amp.Autocast()) saved = Checkpointing.Checkpoint(Run, x).Float().Square().Sum();
        Assert.Equal(Autograd.Grad(plain, w).ToArray<float>(), Autograd.Grad(saved, w).ToArray<float>());
    }

    sealed class Product : Amp.CastedFunction
    {
        public List<DType> Seen { get; } = [];

        protected override DType? CastInputs => F32;

        protected override Tensor[] ForwardCasted(Context c, Tensor[] x)
        {
            c.SaveForBackward(x[0], x[1]);
            Seen.Add(x[0].DType);
            return [x[0].MatMul(x[1])];
        }

        protected override Tensor?[] BackwardCasted(Context c, Tensor?[] g)
        {
            Seen.Add(g[0]!.MatMul(c.SavedTensors[1].MT).DType);
            return [g[0]!.MatMul(c.SavedTensors[1].MT), c.SavedTensors[0].MT.MatMul(g[0]!)];
        }
    }

    [Fact]
    public void A_function_runs_forward_and_backward_in_the_type_it_asks_for()
    {
        Product p = new();
        Tensor a = B(3, 4).SetRequiresGrad(), b = R(4, 5).SetRequiresGrad();
        using (Amp.Autocast())
        {
            Tensor y = p.Apply(a, b)[0];
            Assert.Equal(F32, y.DType);
            y.Sum().Backward();
        }
        Assert.Equal([F32, F32], p.Seen);
        Assert.Equal((B16, F32), (a.Grad!.DType, b.Grad!.DType));
    }

    /// <summary>A network whose gradients are so small that float16 has no numbers for them.</summary>
    static double Train(bool scaled)
    {
        Generator.ManualSeed(1);
        Sequential net = new(new Linear(8, 32), new Tanh(), new Linear(32, 1));
        Tensor x = Tensor.Randn([64, 8], F32, new Generator(2)), target = (x.Narrow(1, 0, 1) * 0.5 + x.Narrow(1, 1, 1) * x.Narrow(1, 2, 1) * 0.3) * 1e-3;
        Sgd o = new(net.Parameters(), lr: 2e7);
        Amp.GradScaler scaler = new(growthInterval: 20, enabled: scaled);
        double loss = 0;
        for (int step = 0; step < 300; step++)
        {
            o.ZeroGrad();
            Tensor l;
            using (Amp.Autocast(dtype: F16)) l = F.MseLoss(net.Call(x) * 1e-3, target) * 1e-2;
            scaler.Scale(l).Backward();
            scaler.Step(o);
            scaler.Update();
            loss = l.Item<float>() * 1e8;
        }
        return loss;
    }

    [Fact]
    public void A_network_of_small_gradients_learns_in_float16_only_with_the_scaler()
    {
        double with = Train(scaled: true), without = Train(scaled: false);
        Assert.True(with < 0.03, $"loss {with} with the scaler");
        Assert.True(without > 3 * with, $"loss {without} without, {with} with the scaler");
    }
}
