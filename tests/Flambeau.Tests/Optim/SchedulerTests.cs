using System.Text.Json.Nodes;
using Flambeau.Conformance;
using Flambeau.IO;
using Flambeau.Nn;
using Flambeau.Optim;
using Xunit;

namespace Flambeau.Tests.Optim;

public class SchedulerTests
{
    static readonly Corpus s_corpus = Corpus.OfProject("sched");

    public static TheoryData<string> Cases => new(s_corpus.Names());

    static Sgd Optimizer(double lr = 0.1, double momentum = 0.9) => new([new Parameter(Tensor.Zeros(1))], lr, momentum);

    [Theory, MemberData(nameof(Cases))]
    public void Rates_and_momenta_are_those_of_PyTorch_also_after_being_resumed_at_each_step(string name)
    {
        JsonObject c = JsonNode.Parse(s_corpus.Bytes(name))!.AsObject();
        Outcome outcome = SchedSuite.Case((string)c["scheduler"]!, name, c, (sgd, scheduler, make) =>
        {
            State s = ((IStateful)scheduler).StateDict(), o = sgd.StateDict();
            Sgd next = Optimizer();
            var resumed = (IStateful)make(next);
            next.LoadStateDict(o);
            resumed.LoadStateDict(new() { Values = JsonNode.Parse(s.Values.ToJsonString())!.AsObject() });
            return (next, resumed);
        });
        Assert.True(outcome.Status == Status.Passed, outcome.Detail);
    }

    // What PyTorch 1.13 gives, lr = 0.1.
    static readonly Dictionary<string, Func<Optimizer, LRScheduler>> s_others = new()
    {
        ["MultiStepLR"] = o => new MultiStepLR(o, [2, 5, 5], 0.5),
        ["LinearLR"] = o => new LinearLR(o, 0.25, 1, 4),
        ["CosineAnnealingLR"] = o => new CosineAnnealingLR(o, 3, 0.01),
        ["PolynomialLR"] = o => new PolynomialLR(o, 5, 2),
        ["LambdaLR"] = o => new LambdaLR(o, (Func<int, double>)(e => 1.0 / (1 + e))),
        ["MultiplicativeLR"] = o => new MultiplicativeLR(o, (Func<int, double>)(e => 1 - 0.1 * e)),
        ["SequentialLR"] = o => new SequentialLR(o, [new LinearLR(o, 0.1, 1, 3), new ExponentialLR(o, 0.9), new StepLR(o, 2, 0.5)], [3, 6]),
        ["ChainedScheduler"] = o => new ChainedScheduler(new ConstantLR(o, 0.1, 3), new ExponentialLR(o, 0.9)),
        ["OneCycleLR three"] = o => new OneCycleLR(o, 1, 10, annealStrategy: "linear", threePhase: true),
        ["CyclicLR exp"] = o => new CyclicLR(o, 0.01, 0.1, 2, 3, "exp_range", 0.9),
    };

    public static TheoryData<string, double[]> Others => new()
    {
        { "MultiStepLR", [0.1, 0.1, 0.05, 0.05, 0.05, 0.0125, 0.0125, 0.0125, 0.0125, 0.0125] },
        { "LinearLR", [0.025, 0.043750000000000004, 0.06250000000000001, 0.08125000000000002, 0.10000000000000002, 0.10000000000000002, 0.10000000000000002, 0.10000000000000002, 0.10000000000000002, 0.10000000000000002] },
        { "CosineAnnealingLR", [0.1, 0.0775, 0.032500000000000015, 0.01, 0.0325, 0.07750000000000005, 0.10000000000000007, 0.07750000000000007, 0.03250000000000006, 0.01] },
        { "PolynomialLR", [0.1, 0.06400000000000002, 0.036000000000000004, 0.016000000000000004, 0.003999999999999999, 0.0, 0.0, 0.0, 0.0, 0.0] },
        { "LambdaLR", [0.1, 0.05, 0.03333333333333333, 0.025, 0.020000000000000004, 0.016666666666666666, 0.014285714285714285, 0.0125, 0.011111111111111112, 0.010000000000000002] },
        { "MultiplicativeLR", [0.1, 0.09000000000000001, 0.07200000000000001, 0.0504, 0.03024, 0.01512, 0.006047999999999999, 0.0018143999999999992, 0.0003628799999999998, 3.628799999999997e-05] },
        { "SequentialLR", [0.010000000000000002, 0.04, 0.07, 0.1, 0.09000000000000001, 0.08100000000000002, 0.1, 0.1, 0.05, 0.05] },
        { "ChainedScheduler", [0.010000000000000002, 0.009000000000000003, 0.008100000000000003, 0.07290000000000003, 0.06561000000000003, 0.059049000000000025, 0.05314410000000002, 0.04782969000000002, 0.043046721000000024, 0.03874204890000002] },
        { "OneCycleLR three", [0.04, 0.52, 1.0, 0.52, 0.040000000000000036, 0.032000799999999996, 0.024001599999999998, 0.0160024, 0.008003199999999995, 3.9999999999970615e-06] },
        { "CyclicLR exp", [0.01, 0.0505, 0.0829, 0.05374, 0.029683, 0.01, 0.03391484500000003, 0.053046721000000005, 0.035828032600000004, 0.021622614670000012] },
    };

    [Theory, MemberData(nameof(Others))]
    public void The_other_schedulers_are_those_of_PyTorch_too(string name, double[] expected)
    {
        Sgd sgd = Optimizer();
        LRScheduler s = s_others[name](sgd);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], s.GetLastLr()[0], 1e-15);
            if (i == expected.Length - 1) break;
            State state = s.StateDict(), o = sgd.StateDict();
            sgd = Optimizer();
            s = s_others[name](sgd);
            sgd.LoadStateDict(o);
            s.LoadStateDict(state);
            s.Step();
        }
    }

    [Fact]
    public void Warm_restarts_take_moments_within_an_epoch()
    {
        Sgd sgd = Optimizer();
        CosineAnnealingWarmRestarts s = new(sgd, 4, 2);
        s.Step(4 + 0.5);
        Assert.Equal(0.1 * (1 + Math.Cos(Math.PI * 0.5 / 8)) / 2, sgd.ParamGroups[0].Lr, 1e-15);
    }

    [Fact]
    public void Each_group_can_have_its_bounds_and_wrong_arguments_are_refused()
    {
        SgdOptions o = new() { Lr = 0.1 };
        Sgd sgd = new(new ParamGroup<SgdOptions>([new Parameter(Tensor.Zeros(1))], o), new ParamGroup<SgdOptions>([new Parameter(Tensor.Zeros(1))], o));
        OneCycleLR s = new(sgd, new[] { 1.0, 2.0 }, 10, cycleMomentum: false);
        Assert.Equal([0.04, 0.08], s.GetLastLr().Select(r => Math.Round(r, 12)));
        for (int i = 0; i < 10; i++) s.Step();
        Assert.Throws<InvalidOperationException>(s.Step);
        Assert.Throws<ArgumentException>(() => new OneCycleLR(sgd, 1, 10));
        Assert.Throws<ArgumentException>(() => new OneCycleLR(sgd, new[] { 1.0, 2, 3 }, 10, cycleMomentum: false));
        Assert.Throws<ArgumentException>(() => new CyclicLR(sgd, 0, 1, mode: "square", cycleMomentum: false));
        Assert.Throws<ArgumentException>(() => new SequentialLR(sgd, [s], [3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepLR(sgd, 0));
        Assert.Throws<ArgumentException>(() => s.LoadStateDict(new()));
    }
}
