using Flambeau.IO;
using Flambeau.Nn;
using Flambeau.Optim;
using Xunit;

namespace Flambeau.Tests.Optim;

/// <summary>What PyTorch gained after the version of the corpus: optimizers, averages, names in states.</summary>
public class NewerOptimTests
{
    static Parameter Start(params long[] shape) => new((Tensor.Arange(new Dims(shape).Count).Double().Cos() + 2).Reshape(shape));

    static double[] After(Parameter p, Func<Parameter, Optimizer> make, int steps = 3)
    {
        Optimizer o = make(p);
        for (int i = 0; i < steps; i++)
        {
            p.Grad = (Tensor.Arange(p.Count).Double().Reshape(p.Shape) * 0.37 + i).Sin() * 2;
            o.Step();
        }
        return p.Detach().ToArray<double>();
    }

    static void Near(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-12);
    }

    // Expected values: the published formulas in float64, written down independently.

    [Fact]
    public void Adafactor_factors_the_squares_of_matrices()
    {
        Near([2.734293628946615, 2.208432517417518, 1.244225791666816, 0.7703081663511714, 1.1935628461142622, 2.217340687604898], After(Start(2, 3), p => new Adafactor([p], 0.05, weightDecay: 0.1)));
        Near([2.7193627369943845, 2.1899420968249226, 1.2966455546978255, 0.7953799234028984], After(Start(4), p => new Adafactor([p], 0.05, weightDecay: 0.1)));
        Adafactor a = new([Start(5, 2, 3)]);
        After((Parameter)a.ParamGroups[0].Parameters[0], _ => a, 1);
        Adafactor b = new([Start(5, 2, 3)]);
        b.LoadStateDict(a.StateDict());
        Assert.Equal([5, 2, 1], b.StateDict().Tensors["0.row_var"].Shape);
        Assert.Equal([5, 1, 3], b.StateDict().Tensors["0.col_var"].Shape);
    }

    [Fact]
    public void Muon_steps_by_orthogonal_matrices()
    {
        Near([2.9930034589798082, 2.4787704705337914, 1.5503347324411172, 0.9825680452505694, 1.2918297453571819, 2.2847141453555535], After(Start(3, 2), p => new Muon([p], 0.02)));
        Near([2.9836332567212827, 2.5190738091124567, 1.561551857380484, 0.9910901189084973, 1.33270207528188, 2.272429320407929],
            After(Start(2, 3), p => new Muon([p], 0.02, adjustLrFn: "match_rms_adamw")));
        Assert.Contains("AdamW", Assert.Throws<ArgumentException>(() => new Muon([Start(3)])).Message);
        Assert.Throws<ArgumentException>(() => new Muon([Start(3, 3)], adjustLrFn: "other"));
    }

    [Fact]
    public void States_are_loaded_by_name_whatever_the_order()
    {
        static (string Name, Parameter Value) A() => ("a", Start(2));
        static (string Name, Parameter Value) B() => ("b", Start(3));
        Adam first = new([A(), B()], 0.1);
        foreach (Tensor p in first.ParamGroups[0].Parameters) p.Grad = Tensor.OnesLike(p) * p.Count;
        first.Step();
        State s = first.StateDict();
        Adam turned = new([B(), A()], 0.1);
        turned.LoadStateDict(s);
        Assert.Equal(s.Tensors["0.exp_avg"].ToArray<double>(), turned.StateDict().Tensors["1.exp_avg"].ToArray<double>());
        Assert.Equal(s.Tensors["1.exp_avg"].ToArray<double>(), turned.StateDict().Tensors["0.exp_avg"].ToArray<double>());

        string error = Assert.Throws<ArgumentException>(() => new Adam([A(), ("c", Start(3)), ("d", Start(1))], 0.1).LoadStateDict(s)).Message;
        Assert.Contains("missing: c, d", error);
        Assert.Contains("unexpected: b", error);
        Adam unnamed = new([A().Value, B().Value], 0.1);                        // one side without names: in order, as ever
        unnamed.LoadStateDict(s);
        Assert.Equal(s.Tensors["0.exp_avg"].ToArray<double>(), unnamed.StateDict().Tensors["0.exp_avg"].ToArray<double>());
        first.LoadStateDict(unnamed.StateDict());
        Assert.Throws<ArgumentException>(() => new Adam([("a", Start(1)), ("a", Start(1))], 0.1));
    }

    static Sgd Optimizer(double lr = 0.1) => new([new Parameter(Tensor.Zeros(1))], lr);

    static double[] Rates(Optimizer o, LRScheduler s, int steps)
    {
        List<double> rates = [o.ParamGroups[0].Lr];
        for (int i = 0; i < steps; i++)
        {
            s.Step();
            rates.Add(o.ParamGroups[0].Lr);
        }
        return [.. rates];
    }

    [Fact]
    public void Rates_warm_up_and_come_down()
    {
        Sgd o = Optimizer();
        Near([0, 0.025, 0.05, 0.075, 0.1, 0.01 + 0.09 * (1 + Math.Sqrt(0.5)) / 2, 0.055, 0.01 + 0.09 * (1 - Math.Sqrt(0.5)) / 2, 0.01, 0.01], Rates(o, new WarmupCosineLR(o, 4, 8, etaMin: 0.01), 9));
        o = Optimizer();
        Near([0, 0.05, 0.1, 0.1, 0.1, 0.0775, 0.055, 0.0325, 0.01, 0.01], Rates(o, new WarmupStableDecayLR(o, 2, 2, 4, endFactor: 0.1), 9));
        o = Optimizer();
        Near([0.1, 0.1, 0.1 * (1 - Math.Sqrt(0.5)), 0, 0], Rates(o, new WarmupStableDecayLR(o, 0, 1, 2, decay: "sqrt"), 4));
    }

    // Recorded with PyTorch 1.13.
    [Fact]
    public void Rates_go_to_the_constant_of_averaging()
    {
        Sgd o = Optimizer();
        Near([0.1, 0.0923606797749979, 0.0723606797749979, 0.0476393202250021, 0.0276393202250021, 0.02, 0.02, 0.02], Rates(o, new SwaLR(o, 0.02, annealEpochs: 5), 7));
        o = Optimizer();
        Near([0.1, 0.084, 0.068, 0.052, 0.036, 0.02, 0.02, 0.02], Rates(o, new SwaLR(o, 0.02, annealEpochs: 5, annealStrategy: "linear"), 7));
        o = Optimizer();
        Near([0.02, 0.02, 0.02], Rates(o, new SwaLR(o, 0.02, annealEpochs: 0), 2));
    }

    [Fact]
    public void A_scheduler_goes_on_from_a_given_epoch()
    {
        foreach (Func<Optimizer, int, LRScheduler> make in (Func<Optimizer, int, LRScheduler>[])
            [(o, e) => new StepLR(o, 3, lastEpoch: e), (o, e) => new CosineAnnealingLR(o, 6, lastEpoch: e), (o, e) => new CosineAnnealingWarmRestarts(o, 4, lastEpoch: e), (o, e) => new LinearLR(o, totalIters: 8, lastEpoch: e),
                (o, e) => new WarmupCosineLR(o, 3, 9, lastEpoch: e), (o, e) => new SwaLR(o, 0.03, lastEpoch: e)])
        {
            Sgd o = Optimizer();
            double[] whole = Rates(o, make(o, -1), 8);
            Sgd half = Optimizer();
            LRScheduler s = make(half, -1);
            for (int i = 0; i < 3; i++) s.Step();
            // As PyTorch has it: made anew at epoch e, with the rate of epoch e, it is at epoch e + 1.
            Near(whole[4..], Rates(half, make(half, 3), 4));
            Assert.Throws<ArgumentException>(() => make(Optimizer(), 3));
        }
    }

    [Fact]
    public void Averaged_weights_are_averages()
    {
        Sequential Make() => new(new Linear(2, 3), new BatchNorm1d(3), new Linear(3, 1));
        Sequential net = Make();
        AveragedModel<Sequential> swa = new(net, Make), ema = new(net, Make, multiAvgFn: SwaUtils.GetEmaMultiAvgFn(0.9)), one = new(net, Make, avgFn: SwaUtils.GetEmaAvgFn(0.9), useBuffers: true);
        Assert.Contains("n_averaged", swa.StateDict().Keys);
        Assert.Contains("module.0.weight", swa.StateDict().Keys);
        double mean = 0, exponential = 1;
        for (int i = 1; i <= 4; i++)
        {
            using (Autograd.NoGrad()) foreach (Parameter p in net.Parameters()) p.FillInPlace(i);
            swa.UpdateParameters(net);
            ema.UpdateParameters(net);
            one.UpdateParameters(net);
            mean += i / 4.0;
            exponential = i == 1 ? 1 : 0.9 * exponential + 0.1 * i;
        }
        Assert.Equal(mean, swa.Module.Parameters().First()[0, 0].Item<double>(), 1e-6);
        Assert.Equal(exponential, ema.Module.Parameters().First()[0, 0].Item<double>(), 1e-6);
        Assert.Equal(exponential, one.Module.Parameters().Last()[0].Item<double>(), 1e-6);
        Assert.Equal(4, swa.NAveraged.Item<long>());

        Tensor[] data = [Tensor.Randn(8, 2), Tensor.Randn(8, 2) + 3];
        swa.Module.Eval();
        SwaUtils.UpdateBn(data, swa.Module);
        BatchNorm1d norm = (BatchNorm1d)swa.Module[1];
        Tensor seen = Tensor.Stack([.. data.Select(x => ((UnaryModule)swa.Module[0]).Forward(x).Mean(0))]).Mean(0);
        Assert.True(norm.RunningMean!.AllClose(seen.Detach(), 1e-5, 1e-5));
        Assert.False(norm.IsTraining);
        Assert.Equal(2, norm.NumBatchesTracked!.Item<long>());
    }

    [Fact]
    public void Attention_over_packed_sequences_is_attention_over_each()
    {
        Tensor q = Tensor.Randn([7, 4, 8], DType.Float64), k = Tensor.Randn([9, 2, 8], DType.Float64), v = Tensor.Randn([9, 2, 5], DType.Float64);
        Tensor cq = Tensor.From(new long[] { 0, 3, 3, 7 }), ck = Tensor.From(new long[] { 0, 4, 5, 9 });
        Tensor y = F.VarlenAttn(q, k, v, cq, ck, 4, 4, isCausal: true, enableGqa: true);
        Tensor last = F.ScaledDotProductAttention(q[3..].Transpose(0, 1), k[5..].Transpose(0, 1), v[5..].Transpose(0, 1), isCausal: true, enableGqa: true).Transpose(0, 1);
        Assert.Equal(new Dims([7, 4, 5]), y.Shape);
        Assert.Equal(last.ToArray<double>(), y[3..].ToArray<double>());
        Assert.Throws<ArgumentException>(() => F.VarlenAttn(q, k, v, cq, ck, 3, 4, enableGqa: true));
        Assert.Throws<ArgumentException>(() => F.VarlenAttn(q, k, v, ck, cq, 9, 9, enableGqa: true));
    }
}
