using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Nn;

public class ModuleTests
{
    sealed class Affine(int inFeatures, int outFeatures, bool bias = true) : UnaryModule
    {
        public Parameter Weight { get; set; } = new(Tensor.Arange(outFeatures * inFeatures).Float().Reshape(outFeatures, inFeatures) / 10);
        public Parameter? Bias { get; set; } = bias ? new(Tensor.Zeros(outFeatures)) : null;
        public override Tensor Forward(Tensor input)
        {
            Tensor y = input.MatMul(Weight.T);
            return Bias is null ? y : y + Bias;
        }
        protected override string ExtraRepr => $"in_features={Weight.Size(1)}, out_features={Weight.Size(0)}, bias={Bias is not null}";
    }

    class Base : Module
    {
        public Affine QProj { get; set; } = new(2, 2, bias: false);
        public virtual Parameter Scale { get; } = new(Tensor.Ones(1));
    }

    sealed class Net : Base
    {
        public IReadOnlyList<Affine> H { get; } = [new(2, 2), new(2, 2, bias: false)];
        public Dictionary<string, Affine> Heads { get; } = new() { ["a"] = new(2, 1), ["b"] = new(2, 1) };
        [Name("ln_1")] public Affine Norm { get; } = new(2, 2);
        public Buffer RunningMean { get; } = new(Tensor.Zeros(2));
        public Buffer Scratch { get; } = new(Tensor.Zeros(2), persistent: false);
        public Affine? Missing => null;
        [NotRegistered] public Affine Alias => Norm;
        [Name("")] public IReadOnlyDictionary<string, Parameter> Extra { get; } = new OrderedDictionary<string, Parameter> { ["weight_ih_l0_reverse"] = new(Tensor.Ones(1)) };
        public Sequential Conv1 { get; } = new(new Affine(2, 3), new Affine(3, 2));
        public ModuleList<Affine> Mlp { get; } = [new(2, 2), new(2, 2)];
        public Parameter this[int i] => Scale;
    }

    [Fact]
    public void Properties_are_the_registration_in_order_of_declaration_with_the_names_of_PyTorch()
    {
        Assert.Equal("scale weight_ih_l0_reverse q_proj.weight h.0.weight h.0.bias h.1.weight heads.a.weight heads.a.bias heads.b.weight heads.b.bias ln_1.weight ln_1.bias " +
            "conv1.0.weight conv1.0.bias conv1.1.weight conv1.1.bias mlp.0.weight mlp.0.bias mlp.1.weight mlp.1.bias",
            string.Join(' ', new Net().NamedParameters().Select(p => p.Name)));
        Assert.Equal(["running_mean", "scratch"], new Net().NamedBuffers().Select(b => b.Name));
        Assert.Equal("q_proj h.0 h.1 heads.a heads.b ln_1 conv1 mlp", string.Join(' ', new Net().NamedChildren().Select(c => c.Name)));
        Assert.Equal("q_proj h.0 h.1 heads.a heads.b ln_1 conv1 conv1.0 conv1.1 mlp mlp.0 mlp.1", string.Join(' ', new Net().NamedModules().Skip(1).Select(c => c.Name)));
        Assert.Equal(["scale", "weight_ih_l0_reverse", "running_mean", "q_proj.weight"], new Net().StateDict().Keys.Take(4));
    }

    [Fact]
    public void A_reassigned_property_is_what_counts()
    {
        Net net = new();
        net.QProj = new(2, 5);
        Assert.Equal([5, 2], net.StateDict()["q_proj.weight"].Shape);
        Assert.Contains("q_proj.bias", net.StateDict().Keys);
    }

    [Fact]
    public void Shared_parameters_are_listed_once_but_saved_under_every_name()
    {
        Net net = new();
        net.H[0].Weight = net.QProj.Weight;
        Assert.Equal(19, net.Parameters().Count());
        Assert.Contains("h.0.weight", net.StateDict().Keys);
        ModuleList<Affine> twice = [net.Norm, net.Norm];
        Assert.Equal(2, twice.Parameters().Count());
        Assert.Single(twice.Children());
        Assert.Equal(4, twice.StateDict().Count);
    }

    [Fact]
    public void The_state_dict_shares_memory_and_loads()
    {
        Affine a = new(2, 3), b = new(2, 3);
        using (Autograd.NoGrad()) a.Weight.AddInPlace(1);
        Assert.Equal(1.1f, a.StateDict()["weight"].ToArray<float>()[1]);
        Assert.False(a.StateDict()["weight"].RequiresGrad);
        b.LoadStateDict(a.StateDict());
        Assert.Equal(a.Weight.ToArray<float>(), b.Weight.ToArray<float>());
        Assert.NotSame(a.Weight.Storage, b.Weight.Storage);
        Parameter same = b.Weight;
        b.LoadStateDict(a.StateDict(), assign: true);
        Assert.Same(a.Weight.Storage, b.Weight.Storage);
        Assert.Same(same, b.Weight);
        Assert.True(b.Weight.RequiresGrad);
    }

    [Fact]
    public void Everything_that_does_not_fit_is_said_at_once_and_nothing_is_changed()
    {
        Affine a = new(2, 3);
        float[] before = a.Weight.ToArray<float>();
        var e = Assert.Throws<ArgumentException>(() => a.LoadStateDict(new Dictionary<string, Tensor> { ["bias"] = Tensor.Ones(4), ["wait"] = Tensor.Ones(1) }));
        Assert.Contains("missing: weight", e.Message);
        Assert.Contains("unexpected: wait", e.Message);
        Assert.Contains("bias has shape (4,) in the state dict, (3,) in the module", e.Message);
        Assert.Throws<ArgumentException>(() => a.LoadStateDict(new Dictionary<string, Tensor> { ["weight"] = Tensor.Ones(3, 2), ["bias"] = Tensor.Ones(4) }, strict: false));
        Assert.Equal(before, a.Weight.ToArray<float>());
        LoadResult r = a.LoadStateDict(new Dictionary<string, Tensor> { ["weight"] = Tensor.Ones(3, 2), ["wait"] = Tensor.Ones(1) }, strict: false);
        Assert.Equal(["bias"], r.MissingKeys);
        Assert.Equal(["wait"], r.UnexpectedKeys);
        Assert.Equal([1, 1, 1, 1, 1, 1], a.Weight.ToArray<float>());
    }

    [Fact]
    public void Modes_types_and_gradients_reach_everything_inside()
    {
        Net net = new Net().Eval();
        Assert.All(net.Modules(), m => Assert.False(m.IsTraining));
        Assert.True(net.Train().H[1].IsTraining);
        Parameter w = net.QProj.Weight;
        (Tensor.Ones(1, 2).MatMul(w)).Sum().Backward();
        net.To(DType.Float64);
        Assert.Same(w, net.QProj.Weight);
        Assert.Equal((DType.Float64, DType.Float64, DType.Float64), (w.DType, w.Grad!.DType, net.RunningMean.DType));
        (Tensor.Ones([1, 2], DType.Float64).MatMul(w)).Sum().Backward();
        Assert.Equal(2, w.Grad.ToArray<double>()[0]);
        net.ZeroGrad(setToNull: false);
        Assert.Equal(0, w.Grad.ToArray<double>()[0]);
        net.ZeroGrad();
        Assert.Null(w.Grad);
        Assert.All(net.SetRequiresGrad(false).Parameters(), p => Assert.False(p.RequiresGrad));
        List<string> order = [];
        new Sequential(new Affine(1, 1)).Apply(m => order.Add(m.GetType().Name));
        Assert.Equal(["Affine", "Sequential"], order);
    }

    [Fact]
    public void Hooks_see_and_change_input_result_and_gradient()
    {
        Affine a = new(2, 2);
        Tensor x = Tensor.Ones([1, 2], null, requiresGrad: true);
        List<string> seen = [];
        using (a.RegisterForwardPreHook((_, t) => { seen.Add("pre"); return t * 2; }))
        using (a.RegisterForwardHook((_, i, y) => { seen.Add($"post {i.ToArray<float>()[0]}"); return y + 1; }))
        using (a.RegisterFullBackwardHook((_, gi, go) => { seen.Add($"back {go.ToArray<float>()[0]}"); return gi! * 10; }))
        {
            Tensor y = a.Call(x);
            Assert.Equal(1.2f, y.ToArray<float>()[0], 1e-6f);
            (y * 3).Sum().Backward();
        }
        Assert.Equal(["pre", "post 2", "back 3"], seen);
        Assert.Equal(2 * 10 * 3 * 0.2f, x.Grad!.ToArray<float>()[0], 1e-5f);                    // column 0 of the weight: 0 + 0.2
        a.Call(x);
        Assert.Equal(3, seen.Count);
        Tensor? given = Tensor.Ones(1);
        using (a.RegisterFullBackwardHook((_, gi, _) => given = gi)) a.Call(Tensor.Ones(1, 2)).Sum().Backward();
        Assert.Null(given);
    }

    sealed class Tree : Module
    {
        public Sequential Body { get; } = new(("first", new Affine(1, 2)), ("second", new Affine(2, 1, bias: false)));
        public ModuleList<Affine> Layers { get; } = [new(1, 1), new(1, 1), new(1, 2)];
    }

    [Fact]
    public void It_prints_as_PyTorch_does() => Assert.Equal("""
        Tree(
          (body): Sequential(
            (first): Affine(in_features=1, out_features=2, bias=True)
            (second): Affine(in_features=2, out_features=1, bias=False)
          )
          (layers): ModuleList(
            (0-1): 2 x Affine(in_features=1, out_features=1, bias=True)
            (2): Affine(in_features=1, out_features=2, bias=True)
          )
        )
        """.ReplaceLineEndings("\n"), new Tree().ToString());

    sealed class Wrong : Module
    {
        public List<Parameter> Good { get; } = [new(Tensor.Ones(1))];
        public Dictionary<string, Module> Modules2 { get; } = new() { ["x"] = new Tree() };
    }

    [Fact]
    public void Lists_and_dictionaries_of_any_member_are_registered() =>
        Assert.Equal(["good.0", "modules2.x.body.first.weight"], new Wrong().NamedParameters().Select(p => p.Name).Take(2));

    [Fact]
    public void Sequential_runs_in_order_and_names_cannot_contain_dots()
    {
        Sequential s = [new Affine(2, 3), new Affine(3, 1)];
        Assert.Equal([4, 1], s.Call(Tensor.Ones(4, 2)).Shape);
        Assert.Throws<ArgumentException>(() => s.Add("a.b", new Affine(1, 1)));
        s[1] = new Affine(3, 7);
        Assert.Equal([4, 7], s.Call(Tensor.Ones(4, 2)).Shape);
    }
}
