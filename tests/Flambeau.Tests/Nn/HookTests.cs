using Flambeau.Nn;
using Xunit;

using BeforeHook = System.Func<Flambeau.Nn.Module, Flambeau.Tensor?[], Flambeau.Tensor?[]?>;

namespace Flambeau.Tests.Nn;

[Collection(nameof(DefaultGenerator))]
public sealed class HookTests
{
    static float[] Numbers(Tensor? t) => t!.Detach().Flatten().ToArray<float>();

    static Tensor Leaf(params float[] values) => Tensor.From(values).SetRequiresGrad();

    sealed class Blend : Module
    {
        public Parameter Scale { get; } = new(Tensor.Full([], 2f));

        public (Tensor Sum, Tensor Product) Forward(Tensor a, Tensor? b = null) => (a * Scale + (b ?? a), a * (b ?? a));

        public (Tensor Sum, Tensor Product) Call(Tensor a, Tensor? b = null) => Invoke([a, b], x => Forward(x[0]!, x[1]));
    }

    [Fact]
    public void Hooks_of_a_module_of_any_signature_see_its_tensors_in_order_and_null_where_none_was_given()
    {
        Blend m = new();
        List<string> seen = [];
        using (m.RegisterForwardPreHook((who, x) => { seen.Add($"{ReferenceEquals(who, m)} {x.Length} {x[1] is null}"); return null; }))
        using (m.RegisterForwardHook((_, x, y) => { seen.Add($"{x.Length} {y.Length} {Numbers(y[1])[0]}"); return null; }))
        {
            m.Call(Leaf(3));
            m.Call(Leaf(3), Leaf(4));
            m.Forward(Leaf(3));                                                 // passes them by, as in PyTorch
        }
        m.Call(Leaf(3));
        Assert.Equal(["True 2 True", "2 2 9", "True 2 False", "2 2 12"], seen);
    }

    [Fact]
    public void What_a_hook_answers_takes_the_place_of_inputs_results_and_gradients()
    {
        Blend m = new();
        Tensor a = Leaf(3), b = Leaf(5);
        using (m.RegisterForwardPreHook((_, x) => [x[0]! + 1, x[1]]))
        using (m.RegisterForwardHook((_, _, y) => [y[0]! * 10, y[1]]))
        using (m.RegisterFullBackwardPreHook((_, g) => [g[0]! * 2, g[1]]))
        using (m.RegisterFullBackwardHook((_, gx, gy) =>
        {
            Assert.Equal([2f], Numbers(gy[0]));
            Assert.Equal([1f], Numbers(gy[1]));
            return [gx[0]! * 7, null];
        }))
        {
            (Tensor sum, Tensor product) = m.Call(a, b);
            Assert.Equal([10 * (2 * 4 + 5f)], Numbers(sum));
            Assert.Equal([20f], Numbers(product));
            (sum + product).Backward();
        }
        Assert.Equal([7 * (2 * 10 * 2 + 5f)], Numbers(a.Grad));                 // sum: 2 · 10 · scale; product: b
        Assert.Null(b.Grad);
        Assert.Equal([2 * 10 * 4f], Numbers(m.Scale.Grad));                     // parameters lie behind the gate
    }

    [Fact]
    public void A_backward_hook_gets_all_gradients_at_once_and_null_where_none_flows()
    {
        Blend m = new();
        List<(bool X0, bool X1, bool Y0, bool Y1)> seen = [];
        using var _ = m.RegisterFullBackwardHook((_, gx, gy) => { seen.Add((gx[0] is null, gx[1] is null, gy[0] is null, gy[1] is null)); return null; });
        Tensor a = Leaf(3), b = Leaf(5);
        m.Call(a, b).Sum.Backward();
        m.Call(a, b.Detach()).Product.Backward();
        m.Call(a.Detach(), b.Detach()).Sum.Backward();                          // no input wants a gradient: it is told as soon as the result's is there
        using (Autograd.NoGrad()) m.Call(a, b);
        Assert.Equal([(false, false, false, true), (false, true, true, false), (true, true, false, true)], seen);
    }

    [Fact]
    public void A_backward_hook_runs_once_in_each_pass_through_the_same_graph_and_can_be_differentiated()
    {
        Blend m = new();
        Tensor a = Leaf(3);
        int calls = 0;
        using var _ = m.RegisterFullBackwardHook((_, gx, _) => { calls++; return [gx[0]! * gx[0]!, null]; });
        Tensor y = m.Call(a).Product;                                           // a²: gradient 2a, hooked (2a)², derivative of it 8a · (no further hook) …
        Tensor g = Autograd.Grad(y, a, createGraph: true);
        Assert.Equal([36f], Numbers(g));
        y.Backward();
        Assert.Equal(2, calls);
    }

    [Fact]
    public void A_module_that_changes_its_input_in_place_keeps_the_gradients_of_whoever_uses_it_next()
    {
        Relu relu = new(inPlace: true);
        using var _ = relu.RegisterFullBackwardHook((Module _, Tensor?[] _, Tensor?[] _) => null);
        Tensor x = Leaf(-1, 2), h = x * 3, y = relu.Call(h);
        (y.Sum() + (h * h).Sum()).Backward();                                    // h is relu(3x) by now
        Assert.Equal([0f, 3 + 2 * 6 * 3f], Numbers(x.Grad));
        Assert.Throws<InvalidOperationException>(() => relu.Call(Leaf(1, 2)));
    }

    [Fact]
    public void Every_module_with_a_Forward_has_a_Call_with_the_same_parameters_and_result()
    {
        var modules = typeof(Module).Assembly.GetExportedTypes().Where(t => t.IsSubclassOf(typeof(Module)) && t != typeof(ParametrizationList)).ToList();
        Assert.True(modules.Count > 100);
        foreach (Type t in modules)
            foreach (var forward in t.GetMethods().Where(m => m.Name == "Forward"))
            {
                var call = t.GetMethod("Call", [.. forward.GetParameters().Select(p => p.ParameterType)]);
                Assert.True(call is not null, $"{t.Name}.Call({string.Join(", ", forward.GetParameters().Select(p => p.ParameterType.Name))}) is wanted.");
                Assert.Equal(forward.ReturnType, call.ReturnType);
                Assert.Equal(forward.GetParameters().Select(p => p.DefaultValue), call.GetParameters().Select(p => p.DefaultValue));
            }
    }

    /// <summary>Each with its call, and how many tensors hooks see go in and come out.</summary>
    public static TheoryData<string, Module, Func<Module, Tensor[]>, int, int> Signatures()
    {
        Tensor x = Tensor.Rand(5, 2, 4).SetRequiresGrad(), one = Tensor.Rand(3, 4).SetRequiresGrad(), state = Tensor.Zeros(1, 2, 6), c = Tensor.Zeros(3, 6);
        PackedSequence packed = PackedSequence.Pack(x, [5, 3]);
        Lstm lstm = new(4, 6);
        Gru gru = new(4, 6);
        Tensor labels = Tensor.From([0L, 2, 1]);
        return new()
        {
            { "lstm", lstm, m => Flat(((Lstm)m).Call(x)), 3, 3 },
            { "lstm with states", lstm, m => Flat(((Lstm)m).Call(x, (state, state))), 3, 3 },
            { "packed lstm", lstm, m => { var y = ((Lstm)m).Call(packed); return [y.Output.Data, y.State.H, y.State.C]; }, 3, 3 },
            { "gru", gru, m => { var y = ((Gru)m).Call(x, state); return [y.Output, y.H]; }, 2, 2 },
            { "packed gru", gru, m => { var y = ((Gru)m).Call(packed); return [y.Output.Data, y.H]; }, 2, 2 },
            { "rnn", new Rnn(4, 6), m => { var y = ((Rnn)m).Call(x); return [y.Output, y.H]; }, 2, 2 },
            { "lstm cell", new LstmCell(4, 6), m => { var y = ((LstmCell)m).Call(one, (c, c)); return [y.H, y.C]; }, 3, 2 },
            { "gru cell", new GruCell(4, 6), m => [((GruCell)m).Call(one)], 2, 1 },
            // Three tensors: one tensor thrice is projected by one product, but three by three where a backward hook parts them, which rounds otherwise.
            { "attention", new MultiheadAttention(4, 2), m => { var y = ((MultiheadAttention)m).Call(x, x * 2, x * 3); return [y.Output, y.Weights!]; }, 5, 2 },
            { "transformer", new Transformer(4, 2, 1, 1, 8).Eval(), m => [((Transformer)m).Call(x, x)], 8, 1 },
            { "encoder layer", new TransformerEncoderLayer(4, 2, 8).Eval(), m => [((TransformerEncoderLayer)m).Call(x)], 3, 1 },
            { "bilinear", new Bilinear(4, 4, 3), m => [((Bilinear)m).Call(one, one)], 2, 1 },
            { "loss", new CrossEntropyLoss(), m => [((CrossEntropyLoss)m).Call(one, labels)], 2, 1 },
            { "triplet", new TripletMarginLoss(), m => [((TripletMarginLoss)m).Call(one, one * 2, one * 3)], 3, 1 },
            { "bag", new EmbeddingBag(9, 4), m => [((EmbeddingBag)m).Call(labels, Tensor.From([0L, 2]))], 3, 1 },
            { "adaptive", new AdaptiveLogSoftmaxWithLoss(4, 9, [3]), m => { var y = ((AdaptiveLogSoftmaxWithLoss)m).Call(one, labels); return [y.Output, y.Loss]; }, 2, 2 },
        };

        static Tensor[] Flat((Tensor, (Tensor, Tensor)) y) => [y.Item1, y.Item2.Item1, y.Item2.Item2];
    }

    [Theory]
    [MemberData(nameof(Signatures), DisableDiscoveryEnumeration = true)]
    public void Results_and_gradients_are_the_same_with_hooks_and_without(string name, Module m, Func<Module, Tensor[]> call, int inputs, int results)
    {
        m.ZeroGrad();
        Tensor[] plain = call(m);
        plain.Select(t => t.Sum()).Aggregate((a, b) => a + b).Backward();
        float[][] gradients = Gradients(m);
        m.ZeroGrad();
        List<int> seen = [];
        using (m.RegisterForwardPreHook((_, x) => { seen.Add(x.Length); return [.. x]; }))
        using (m.RegisterForwardHook((_, x, y) => { seen.Add(y.Length); return [.. y]; }))
        using (m.RegisterFullBackwardHook((_, gx, gy) => { seen.Add(gx.Length); seen.Add(gy.Length); return null; }))
        {
            Tensor[] hooked = call(m);
            for (int i = 0; i < plain.Length; i++) Assert.Equal(Numbers(plain[i]), Numbers(hooked[i]));
            hooked.Select(t => t.Sum()).Aggregate((a, b) => a + b).Backward();
        }
        Assert.Equal(gradients, Gradients(m));
        Assert.True(seen.SequenceEqual([inputs, results, inputs, results]), $"{name}: {string.Join(", ", seen)}");

        static float[][] Gradients(Module m) => [.. m.Parameters().Select(p => p.Grad is null ? [] : Numbers(p.Grad))];
    }

    [Fact]
    public void Hooks_of_all_modules_see_the_modules_that_library_modules_run()
    {
        Transformer t = new Transformer(4, 2, 2, 2, 8).Eval();
        HashSet<Module> seen = [];
        Tensor x = Tensor.Rand(5, 2, 4);
        HashSet<Module> mine = [.. t.Modules()];
        using (Module.RegisterModuleForwardHook((m, _, _) => { if (mine.Contains(m)) seen.Add(m); return null; })) t.Call(x, x);
        Assert.Empty(t.NamedModules().Where(m => !seen.Contains(m.Value) && !m.Value.GetType().Name.StartsWith("ModuleList", StringComparison.Ordinal)).Select(m => m.Name));
    }

    [Fact]
    public void Hooks_of_all_modules_come_first_and_prepended_ones_before_the_others()
    {
        Linear m = new(1, 1);
        List<string> order = [];
        BeforeHook Say(string s) => (who, _) => { if (ReferenceEquals(who, m)) order.Add(s); return null; };
        using (m.RegisterForwardPreHook(Say("own")))
        using (m.RegisterForwardPreHook(Say("prepended"), prepend: true))
        using (Module.RegisterModuleForwardPreHook(Say("all")))
        using (Module.RegisterModuleFullBackwardPreHook((who, g) => { if (ReferenceEquals(who, m)) order.Add("backward pre"); return null; }))
        using (Module.RegisterModuleFullBackwardHook((who, _, _) => { if (ReferenceEquals(who, m)) order.Add("backward"); return null; }))
            m.Call(Leaf(1)).Backward();
        m.Call(Leaf(1)).Backward();
        Assert.Equal(["all", "prepended", "own", "backward pre", "backward"], order);
    }

    [Fact]
    public void A_hook_that_is_always_called_is_told_of_a_failed_call_and_the_failure_stays_what_it_was()
    {
        Linear m = new(2, 1);
        int told = -1;
        using (m.RegisterForwardHook((Module _, Tensor?[] _, Tensor?[] y) => { told = y.Length; return null; }, alwaysCall: true))
        using (m.RegisterForwardHook((Module _, Tensor?[] _, Tensor?[] _) => throw new InvalidOperationException("not this one")))
            Assert.Throws<ArgumentException>(() => m.Call(Tensor.Ones(3)));
        Assert.Equal(0, told);
        using (m.RegisterForwardHook((Module _, Tensor?[] _, Tensor?[] y) => [y[0], y[0]]))
            Assert.Contains("2 tensors in the place of 1", Assert.Throws<InvalidOperationException>(() => m.Call(Tensor.Ones(2))).Message);
    }

    [Fact]
    public void A_hook_may_remove_itself_while_it_runs()
    {
        Linear m = new(1, 1);
        int calls = 0;
        IDisposable? me = null;
        me = m.RegisterForwardHook((UnaryModule _, Tensor _, Tensor _) => { calls++; me!.Dispose(); me.Dispose(); return null; });
        m.Call(Leaf(1));
        m.Call(Leaf(1));
        Assert.Equal(1, calls);
    }

    [Fact]
    public void Hooks_work_inside_transforms()
    {
        Sequential net = new(new Linear(3, 3), new Tanh());
        Tensor x = Tensor.Rand(4, 3), row = x[0], direction = Tensor.Rand(3);
        Tensor f(Tensor t) => net.Call(t).Sum();
        float[] one = Numbers(Func.Grad(f)(row)), all = Numbers(Func.Vmap(Func.Grad(f))(x)), tangent = Numbers(Func.Jvp<Tensor, Tensor>(f, row, direction).Jvp), hessian = Numbers(Func.Hessian(f)(row));
        int calls = 0;
        using (net[0].RegisterFullBackwardHook((Module _, Tensor?[] gx, Tensor?[] _) => { calls++; return [gx[0]! * 2]; }))
        {
            Assert.Equal(one.Select(v => 2 * v), Numbers(Func.Grad(f)(row)));
            Assert.Equal(1, calls);
            Assert.Equal(all.Select(v => 2 * v), Numbers(Func.Vmap(Func.Grad(f))(x)));
            Assert.Equal(tangent, Numbers(Func.Jvp<Tensor, Tensor>(f, row, direction).Jvp));
            Assert.Equal(hessian.Select(v => 2 * v), Numbers(Func.Hessian(f)(row)));
        }
    }
}
