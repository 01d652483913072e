using System.Text.Json.Nodes;
using Flambeau.Backends;
using Flambeau.IO;
using Flambeau.Nn;
using Flambeau.Optim;
using Xunit;

namespace Flambeau.Tests.Optim;

public class OptimizerTests
{
    static Parameter Leaf(params double[] values) => new(Tensor.From(values).To(DType.Float32));

    public static TheoryData<string> Kinds => ["sgd", "adam", "adamw", "rmsprop", "adagrad", "adadelta", "adamax", "nadam", "radam", "asgd", "rprop"];

    static Optimizer Make(string kind, params Tensor[] p) => kind switch
    {
        "sgd" => new Sgd(p, 0.1, momentum: 0.9, nesterov: true), "adam" => new Adam(p, 0.1, amsgrad: true, weightDecay: 0.1, maximize: true), "adamw" => new AdamW(p, 0.1),
        "rmsprop" => new RmsProp(p, 0.1, centered: true, momentum: 0.9), "adagrad" => new Adagrad(p, 0.1), "adadelta" => new Adadelta(p), "adamax" => new Adamax(p), "nadam" => new NAdam(p),
        "radam" => new RAdam(p), "asgd" => new Asgd(p, t0: 1), _ => new Rprop(p),
    };

    /// <summary>Parameters after seven steps with given gradients.</summary>
    static double[] After(string kind, Tensor p)
    {
        Optimizer o = Make(kind, p.SetRequiresGrad());
        for (int i = 0; i < 7; i++)
        {
            p.Grad = ((Tensor.Arange(p.Count).To(DType.Float64).Reshape(p.Shape) * 0.37 + i).Sin() * 2).To(p.DType);
            o.Step();
        }
        return p.Detach().To(DType.Float64).ToArray<double>();
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Every_length_type_and_layout_gives_what_the_reference_gives(string kind)
    {
        foreach ((DType t, double tolerance) in new[] { (DType.Float32, 2e-6), (DType.Float64, 1e-13), (DType.BFloat16, 0.05), (DType.Float16, 0.01) })
            foreach (long n in (long[])[0, 1, 3, 15, 16, 17, 33, 100])
            {
                Tensor Start() => (Tensor.Arange(n).To(DType.Float64).Cos() + 2).To(t);
                double[] expected;
                using (Backend.Reference.Use()) expected = After(kind, Start());
                double[] actual = After(kind, Start()), strided = After(kind, Tensor.Stack([Start(), Start()], -1).Select(-1, 1));
                for (int i = 0; i < n; i++)
                {
                    Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * (1 + Math.Abs(expected[i])), $"{kind} {t} {n}[{i}]: {expected[i]} expected, {actual[i]}");
                    Assert.Equal(actual[i], strided[i]);
                }
            }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_number_of_threads_does_not_matter(string kind)
    {
        Tensor Start() => (Tensor.Arange(20_011).To(DType.Float32) * 0.1).Cos();
        int threads = Threads.Count;
        try
        {
            Threads.Count = 1;
            double[] one = After(kind, Start());
            Threads.Count = 3;
            Assert.Equal(one, After(kind, Start()));
        }
        finally { Threads.Count = threads; }
    }

    [Fact]
    public void A_complex_number_is_stepped_as_two_real_ones()
    {
        Tensor c = Tensor.From([new System.Numerics.Complex(1, 2), new(3, -4)]).SetRequiresGrad(), r = Tensor.From([1.0, 2, 3, -4]).SetRequiresGrad();
        Adam a = new([c], 0.1), b = new([r], 0.1);
        for (int i = 0; i < 3; i++)
        {
            c.Grad = Tensor.From([new System.Numerics.Complex(1, -2), new(0.5, 4)]);
            r.Grad = Tensor.From([1.0, -2, 0.5, 4]);
            a.Step();
            b.Step();
        }
        Assert.Equal(r.ToArray<double>(), c.ToArray<System.Numerics.Complex>().SelectMany(z => new[] { z.Real, z.Imaginary }));
    }

    [Fact]
    public void Groups_have_options_of_their_own_and_parameters_without_gradient_stay()
    {
        Parameter a = Leaf(1, 1), b = Leaf(1, 1), c = Leaf(1);
        SgdOptions o = new() { Lr = 0.5 };
        Sgd sgd = new(new ParamGroup<SgdOptions>([a], o), new ParamGroup<SgdOptions>([("b", b), ("c", c)], o with { Lr = 0.1 }));
        o.Lr = 7;
        (a.Sum() + b.Sum()).Backward();
        sgd.Step();
        Assert.Equal([0.5f, 0.5f], a.ToArray<float>());
        Assert.Equal([0.9f, 0.9f], b.ToArray<float>());
        Assert.Equal([1f], c.ToArray<float>());
        Assert.Equal(["b", "c"], sgd.ParamGroups[1].Names!);
        sgd.ZeroGrad();
        Assert.Null(a.Grad);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Parameter a = Leaf(1);
        Assert.Throws<ArgumentException>(() => new Sgd(Array.Empty<Tensor>()));
        Assert.Throws<ArgumentException>(() => new Sgd([a, a]));
        Assert.Throws<ArgumentException>(() => new Sgd([a * 2]));
        Assert.Throws<ArgumentException>(() => new Sgd([a], nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam([a], lr: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam([a], beta1: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam([a], eps: double.NaN));
        Assert.Throws<InvalidOperationException>(() => new Lbfgs([a]).Step());
    }

    [Fact]
    public void A_state_that_does_not_fit_changes_nothing()
    {
        Parameter a = Leaf(1, 2), b = Leaf(3);
        Adam adam = new([a, b], 0.1);
        State state = adam.StateDict();
        Assert.Throws<ArgumentException>(() => new AdamW([a, b]).LoadStateDict(state));
        Assert.Throws<ArgumentException>(() => new Adam([a]).LoadStateDict(state));
        a.Grad = Tensor.Ones(2);
        adam.Step();
        state = adam.StateDict();
        Adam other = new([b, a], 0.3);
        Assert.Throws<ArgumentException>(() => other.LoadStateDict(state));
        Assert.Equal(0.3, other.ParamGroups[0].Lr);
        state.Values["param_groups"]![0]!["beta1"] = 2;
        Assert.Throws<ArgumentOutOfRangeException>(() => adam.LoadStateDict(state));
        state.Values["param_groups"]![0]!["beta1"] = "x";
        Assert.Throws<ArgumentException>(() => adam.LoadStateDict(state));
    }

    [Fact]
    public void A_changed_parameter_is_noticed_by_graphs_that_saved_it()
    {
        Parameter a = Leaf(1, 2);
        Tensor y = (a * a).Sum();
        a.Grad = Tensor.Ones(2);
        new Sgd([a], 0.1).Step();
        Assert.Throws<InvalidOperationException>(() => y.Backward());
    }

    [Fact]
    public void Clipping_bounds_the_norm_or_the_values()
    {
        Parameter a = Leaf(0, 0), b = Leaf(0), c = Leaf(0);
        (a.Grad, b.Grad) = (Tensor.From([3f, 0]), Tensor.From([-4f]));
        Assert.Equal(5, ClipGrad.NormInPlace([a, b, c], 10).Item<double>(), 1e-6);
        Assert.Equal([3f, 0], a.Grad.ToArray<float>());
        ClipGrad.NormInPlace([a, b, c], 1);
        Assert.Equal(0.6f, a.Grad.ToArray<float>()[0], 1e-5f);
        Assert.Equal(0.8, ClipGrad.NormInPlace([a, b], 10, double.PositiveInfinity).Item<double>(), 1e-5);
        ClipGrad.ValueInPlace([a, b, c], 0.25);
        Assert.Equal(([0.25f, 0], [-0.25f]), (a.Grad.ToArray<float>(), b.Grad.ToArray<float>()), (x, y) => x.Item1.SequenceEqual(y.Item1) && x.Item2.SequenceEqual(y.Item2));
        b.Grad = Tensor.From([float.NaN]);
        Assert.Throws<InvalidOperationException>(() => ClipGrad.NormInPlace([a, b], 1, errorIfNonfinite: true));
    }
}
