using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Transforms;

/// <summary>Transforms as they are used: one inside the other, with modules, dictionaries and tensors from outside.</summary>
[Collection(nameof(Tests.Nn.DefaultGenerator))]
public class FuncTests
{
    static Tensor Random(int seed, params long[] shape)
    {
        var random = new System.Random(seed);
        var values = new double[new Dims(shape).Count];
        for (int i = 0; i < values.Length; i++) values[i] = random.NextDouble() * 2 - 1;
        return Tensor.From<double>(values).Reshape(shape);
    }

    static void Same(Tensor expected, Tensor actual, double tolerance = 1e-10)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.True(expected.AllClose(actual.Detach(), tolerance, tolerance), $"expected {expected}\ngot {actual}");
    }

    static Tensor Scalar(double x) => Tensor.FromScalar(x, DType.Float64);

    // ---- derivatives of derivatives ----

    [Fact]
    public void Derivatives_of_any_order_come_by_nesting()
    {
        Func<Tensor, Tensor> reverse = x => x.Sin(), forward = x => x.Sin();
        for (int n = 1; n <= 6; n++)
        {
            (Func<Tensor, Tensor> r, Func<Tensor, Tensor> f) = (reverse, forward);
            reverse = Func.Grad(r);
            forward = x => Func.Jvp(f, x, Tensor.OnesLike(x)).Jvp;
            double expected = Math.Sin(0.7 + n * Math.PI / 2);
            Assert.Equal(expected, reverse(Scalar(0.7)).Item<double>(), 1e-12);
            Assert.Equal(expected, forward(Scalar(0.7)).Item<double>(), 1e-12);
        }
    }

    [Fact]
    public void Every_order_of_modes_gives_the_same_third_derivative()
    {
        Func<Func<Tensor, Tensor>, Func<Tensor, Tensor>>[] modes =
        [
            f => Func.Grad(f), f => x => Func.Jvp(f, x, Tensor.OnesLike(x)).Jvp,
            f => x => Func.Vjp(f, x).Vjp(Tensor.OnesLike(x)), f => x => Func.Linearize(f, x).Jvp(Tensor.OnesLike(x)), f => Func.Jacrev(f), f => Func.Jacfwd(f),
        ];
        foreach (var a in modes)
            foreach (var b in modes)
                foreach (var c in modes) Assert.Equal(60 * 0.9 * 0.9 - 8 * Math.Exp(-1.8), a(b(c(x => x.Pow(5) + (-2 * x).Exp())))(Scalar(0.9)).Item<double>(), 1e-9);
    }

    [Fact]
    public void Inner_and_outer_variables_are_not_confused()
    {
        // d/dx [x · d/dy (x · y)] = d/dx x² = 2x, in each mode.
        Tensor x = Scalar(3);
        Assert.Equal(6, Func.Grad(a => a * Func.Grad(b => a * b)(Scalar(1)))(x).Item<double>());
        Assert.Equal(6, Func.Jvp(a => a * Func.Jvp(b => a * b, Scalar(1), Scalar(1)).Jvp, x, Scalar(1)).Jvp.Item<double>());
        Assert.Equal(6, Func.Jvp(a => a * Func.Grad(b => a * b)(Scalar(1)), x, Scalar(1)).Jvp.Item<double>());
        Assert.Equal(6, Func.Grad(a => a * Func.Jvp(b => a * b, Scalar(1), Scalar(1)).Jvp)(x).Item<double>());
    }

    [Fact]
    public void Gradients_flow_on_to_what_was_captured()
    {
        Tensor w = Scalar(2).SetRequiresGrad();
        Tensor g = Func.Grad(x => w * w * x * x)(Scalar(3));                    // 2 w² x = 24
        Assert.Equal(24, g.Item<double>());
        g.Backward();
        Assert.Equal(24, w.Grad!.Item<double>());                               // 4 w x
        Assert.False(Func.Grad(x => x * x)(Scalar(3)).RequiresGrad);
        Assert.False(Func.Vjp(x => x * x, Scalar(3)).Output.RequiresGrad);

        Tensor t = Func.Jvp(x => w * x * x, Scalar(3), Scalar(1)).Jvp;          // 2 w x
        w.Grad = null;
        t.Backward();
        Assert.Equal(6, w.Grad!.Item<double>());
        w.Grad = null;
        Func.Vmap(x => w * x)(Random(1, 4)).Sum().Backward();
        Assert.Equal(Random(1, 4).Sum().Item<double>(), w.Grad!.Item<double>(), 1e-12);
    }

    [Fact]
    public void NoGrad_inside_stops_the_gradient_and_outside_does_not()
    {
        Tensor x = Scalar(3);
        Assert.Equal(3, Func.Grad(a =>
        {
            Tensor c;
            using (Autograd.NoGrad()) c = a * 1;
            return a * c;
        })(x).Item<double>());
        using (Autograd.NoGrad())
        {
            Assert.Equal(6, Func.Grad(a => a * a)(x).Item<double>());
            Assert.Equal(2, Func.Grad(Func.Grad(a => a * a))(x).Item<double>());
            Assert.False(Autograd.IsGradEnabled);
        }
        Assert.True(Autograd.IsGradEnabled);
        Tensor w = Scalar(2).SetRequiresGrad();
        using (Autograd.NoGrad()) Assert.False(Func.Grad(a => a * a * w)(x).RequiresGrad);
        Assert.Equal(0, Func.Jvp(a => a.Detach(), x, Scalar(1)).Jvp.Item<double>());
    }

    // ---- Jacobians ----

    static Tensor Several(Tensor x) => Tensor.Stack([(x * x).Sum() * x[0], x.Sin().Prod(), (x[1] / (1 + x[2].Exp())).Tanh(), x[0] * 0 + 1]);

    [Fact]
    public void Jacobians_of_both_modes_agree()
    {
        Tensor x = Random(2, 3), j = Autograd.Functional.Jacobian(Several, x);
        Same(j, Func.Jacrev(Several)(x));
        Same(j, Func.Jacfwd(Several)(x));
        Same(j, Func.Jacobian(Several)(x));
        Same(j, Func.Jacrev(Several, chunkSize: 3)(x));
        Same(j, Func.Jacfwd(Several, chunkSize: 2)(x));
        Func<Tensor, Tensor> linear = Func.Linearize(Several, x).Jvp, pulled = Func.Vjp(Several, x).Vjp;
        for (int i = 0; i < 3; i++)
        {
            Tensor v = Random(30 + i, 3), u = Random(40 + i, 4);
            Same(j.MatMul(v), linear(v));
            Same(j.MatMul(v), Func.Jvp(Several, x, v).Jvp);
            Same(j.T.MatMul(u), pulled(u));
        }
        Same(j, Func.Vmap(linear, outDim: 1)(Tensor.Eye(3, dtype: DType.Float64)));
    }

    [Fact]
    public void Hessians_of_all_modes_agree()
    {
        static Tensor E(Tensor x) => (x.Outer(x) * x.Cos()).Tanh().Sum() + x.Prod();
        Tensor x = Random(3, 4), v = Random(4, 4), h = Autograd.Functional.Hessian(E, x);
        Same(h, Func.Hessian(E)(x));
        Same(h, Func.Jacrev(Func.Jacrev(E))(x));
        Same(h, Func.Jacfwd(Func.Jacfwd(E))(x));
        Same(h, Func.Jacrev(Func.Jacfwd(E))(x));
        Same(h.MatMul(v), Func.Hvp(E, x, v).Hvp);
        Same(h.MatMul(v), Func.Grad(a => (Func.Grad(E)(a) * v).Sum())(x));
        Tensor many = Random(5, 6, 4);
        Same(Tensor.Stack([.. many.Unbind().Select(Func.Hessian(E))]), Func.Vmap(Func.Hessian(E))(many));
        Same(Func.Hessian(E)(x).Unsqueeze(0), Func.Vmap(Func.Jacrev(Func.Jacfwd(E)))(x.Unsqueeze(0)));
    }

    [Fact]
    public void Complex_Jacobians_are_those_of_PyTorch()
    {
        // f = z²: the derivative along t is 2zt, the vector–Jacobian product conj(2z) v.
        Tensor z = Tensor.From<System.Numerics.Complex>([new(1, 2), new(-3, 0.5)]);
        Tensor t = Tensor.From<System.Numerics.Complex>([new(0.5, -1), new(2, 2)]);
        Same(2 * z * t, Func.Jvp(a => a * a, z, t).Jvp);
        Same((2 * z).Conj() * t, Func.Vjp(a => a * a, z).Vjp(t));
        Same((2 * z).Diag(), Func.Jacfwd(a => a * a)(z));
        Same((2 * z).Diag(), Func.Jacrev(a => a * a)(z));
        Same((z.Conj() * t).Real() / z.Abs(), Func.Jvp(a => a.Abs(), z, t).Jvp);
    }

    // ---- many examples ----

    [Fact]
    public void Dictionaries_keep_their_kind_wherever_they_stand()
    {
        Dictionary<string, Tensor> plain = new() { ["a"] = Random(1, 2), ["b"] = Random(2, 2) };
        OrderedDictionary<string, Tensor> ordered = new(plain);
        Tensor x = Random(3, 4, 2);
        Tensor expected = x * plain["a"] + plain["b"];
        Same(expected, Func.Vmap((Dictionary<string, Tensor> p, Tensor v) => v * p["a"] + p["b"], inDims: [null, 0])(plain, x));
        Same(expected, Func.Vmap((OrderedDictionary<string, Tensor> p, Tensor v) => v * p["a"] + p["b"], inDims: [null, 0])(ordered, x));
        Same(expected, Func.Vmap((IReadOnlyDictionary<string, Tensor> p, Tensor v) => v * p["a"] + p["b"], inDims: [null, 0])(plain, x));
        Same(x.Sum(0), Func.Grad<Dictionary<string, Tensor>, Tensor>((p, v) => (v * p["a"] + p["b"]).Sum())(plain, x)["a"]);
    }

    [Fact]
    public void Vmap_takes_any_axis_and_gives_any_axis()
    {
        Tensor a = Random(6, 5, 3, 2), w = Random(7, 2);
        Same(a.MatMul(w), Func.Vmap<Tensor, Tensor, Tensor>((x, v) => x.MatMul(v), inDims: [0, null])(a, w));
        Same(a.MatMul(w).T, Func.Vmap<Tensor, Tensor, Tensor>((x, v) => x.MatMul(v), inDims: [1, null])(a, w));
        Same(a.Sum(1).T, Func.Vmap(x => x.Sum(1), inDim: -1)(a));
        Same(a.MoveDim(0, -1), Func.Vmap(x => x * 1, outDim: -1)(a));
        Same(a.MatMul(w), Func.Vmap(Func.Vmap((Tensor x) => (x * w).Sum()))(a));
        Same(a.Exp(), Func.Vmap(x => x.Exp(), chunkSize: 2)(a));
        Same(Tensor.Ones([5, 2], DType.Float64), Func.Vmap(x => Tensor.Ones([2], DType.Float64))(a));
        Assert.Equal(new Dims([0, 2]), Func.Vmap(x => x.Sum(0))(a.Narrow(0, 0, 0)).Shape);
    }

    [Fact]
    public void Types_are_those_of_one_example()
    {
        // One example is a scalar, which does not widen a vector's type; all of them are none.
        Tensor s = Tensor.From([1.0, 2.0]), v = Tensor.Ones(3);
        Assert.Equal(DType.Float32, Func.Vmap(x => x * v)(s).DType);
        Assert.Equal(DType.Float32, Func.Vmap(x => Tensor.Where(v > 0, v, x))(s).DType);
        Assert.Equal(DType.Float64, Func.Vmap(x => x * 2)(s).DType);
    }

    [Fact]
    public void What_is_made_inside_may_be_written_to()
    {
        static Tensor Cumulated(Tensor x)
        {
            Tensor y = Tensor.Zeros([4], DType.Float64), sum = Tensor.Zeros([], DType.Float64);
            for (int i = 0; i < 4; i++)
            {
                sum = sum + x[i];
                y[i] = sum * sum;
            }
            return y;
        }
        Tensor a = Random(8, 3, 4), expected = a.CumSum(1).Square();
        Same(expected, Func.Vmap(Cumulated)(a));
        Same(Func.Jacrev(b => b.CumSum(0).Square())(a[0]), Func.Jacfwd(Cumulated)(a[0]));
        Same(Func.Jacrev(b => b.CumSum(0).Square())(a[0]), Func.Jacrev(Cumulated)(a[0]));
        Same(Func.Vmap(Func.Jacrev(b => b.CumSum(0).Square()))(a), Func.Vmap(Func.Jacfwd(Cumulated))(a));
        Same(Func.Vmap(Func.Jacrev(b => b.CumSum(0).Square()))(a), Func.Vmap(Func.Jacrev(Cumulated))(a));
    }

    [Fact]
    public void Views_changed_in_place_carry_their_derivatives()
    {
        static Tensor Program(Tensor x)
        {
            Tensor y = x * 2, top = y[0], column = y[.., 1];
            top.MulInPlace(3).AddInPlace(x[1].Exp());
            column.AddInPlace(top[0].Clone() * x[1, 1]);
            y[1].CopyInPlace(y[0] * 3);
            return y + top.Sin();
        }
        Tensor x = Random(9, 2, 3);
        Same(Func.Jacrev(Program)(x), Func.Jacfwd(Program)(x));
        Same(Program(x), Func.Vmap(Program)(x.Unsqueeze(0)).Squeeze(0));
    }

    [Fact]
    public void A_buffer_written_in_forward_mode_is_plain_afterwards()
    {
        Tensor buffer = Tensor.Zeros([2], DType.Float64), view = buffer[0];
        (Tensor y, Tensor dy) = Func.Jvp(x =>
        {
            buffer.CopyInPlace(x * x);
            return buffer.Sum() + view;
        }, Tensor.From([2.0, 3.0]), Tensor.From([1.0, 1.0]));
        Assert.Equal(17, y.Item<double>());
        Assert.Equal(14, dy.Item<double>());
        Same(Tensor.From([4.0, 9.0]), buffer);
        buffer.AddInPlace(1);
        Assert.Equal(5, view.Item<double>());
        Assert.False(buffer.RequiresGrad);
    }

    // ---- modules ----

    sealed class Net : Module
    {
        public Conv2d Conv { get; } = new(1, 3, 3, padding: 1, dtype: DType.Float64);
        public GroupNorm Norm { get; } = new(3, 3, dtype: DType.Float64);
        public Linear Head { get; } = new(3 * 4, 5, dtype: DType.Float64);

        public Tensor Forward(Tensor x) => Head.Call(F.MaxPool2d(Norm.Call(Conv.Call(x)).Relu(), [2]).Flatten(1));   // (N, 1, 4, 4) → (N, 5)
    }

    static OrderedDictionary<string, Tensor> Parameters(Module m)
    {
        OrderedDictionary<string, Tensor> p = [];
        foreach ((string name, Parameter value) in m.NamedParameters()) p.Add(name, value.Detach());
        return p;
    }

    [Fact]
    public void Gradients_of_each_example_are_those_of_a_loop()
    {
        Generator.ManualSeed(3);
        Net net = new();
        Tensor x = Random(10, 6, 1, 4, 4), t = Tensor.From<long>([0, 1, 2, 3, 4, 0]);
        OrderedDictionary<string, Tensor> p = Parameters(net);
        Tensor Loss(OrderedDictionary<string, Tensor> q, Tensor a, Tensor b) => F.CrossEntropy(Func.FunctionalCall(net, q, m => m.Forward(a.Unsqueeze(0))), b.Unsqueeze(0));
        var each = Func.Vmap(Func.Grad<OrderedDictionary<string, Tensor>, Tensor, Tensor>(Loss), inDims: [null, 0, 0])(p, x, t);
        for (int i = 0; i < 6; i++)
        {
            net.ZeroGrad();
            F.CrossEntropy(net.Forward(x[i].Unsqueeze(0)), t[i].Unsqueeze(0)).Backward();
            foreach ((string name, Parameter w) in net.NamedParameters()) Same(w.Grad!, each[name][i]);
        }
    }

    [Fact]
    public void An_ensemble_is_a_Vmap_over_stacked_modules()
    {
        Generator.ManualSeed(4);
        Net[] nets = [new(), new(), new()];
        Tensor x = Random(11, 2, 1, 4, 4), many = Random(12, 3, 2, 1, 4, 4);
        var (p, b) = Func.StackModuleState(nets);
        Assert.Empty(b);
        Tensor Run(OrderedDictionary<string, Tensor> q, Tensor a) => Func.FunctionalCall(nets[0], q, m => m.Forward(a));
        Same(Tensor.Stack([.. nets.Select(n => n.Forward(x))]), Func.Vmap<OrderedDictionary<string, Tensor>, Tensor, Tensor>(Run, inDims: [0, null])(p, x));
        Tensor y = Func.Vmap<OrderedDictionary<string, Tensor>, Tensor, Tensor>(Run)(p, many);
        Same(Tensor.Stack([.. nets.Select((n, i) => n.Forward(many[i]))]), y);
        y.Sum().Backward();
        Assert.Equal([3, 3, 1, 3, 3], p["conv.weight"].Grad!.Shape);
        Assert.Throws<ArgumentException>(() => Func.StackModuleState([nets[0], new Linear(2, 2)]));
    }

    [Fact]
    public void Recurrent_and_attention_layers_go_through_all_transforms()
    {
        Generator.ManualSeed(5);
        Lstm lstm = new(3, 4, batchFirst: true, dtype: DType.Float64);
        TransformerEncoderLayer layer = new(4, 2, 8, dropout: 0, batchFirst: true, dtype: DType.Float64);
        Tensor Run(Tensor x) => layer.Call(lstm.Forward(x.Unsqueeze(0)).Output).Squeeze(0).Square().Sum(0);  // (L, 3) → (4,)
        Tensor a = Random(13, 3, 5, 3), v = Random(14, 5, 3);
        Same(Tensor.Stack([.. a.Unbind().Select(Run)]).Detach(), Func.Vmap(Run)(a).Detach(), 1e-9);
        Same(Func.Jacrev(Run)(a[0]).Detach(), Func.Jacfwd(Run)(a[0]).Detach(), 1e-9);
        Same(Func.Hvp(x => Run(x).Sum(), a[0], v).Hvp.Detach(), Func.Grad(x => (Func.Grad(y => Run(y).Sum())(x) * v).Sum())(a[0]).Detach(), 1e-9);
    }

    // ---- functions of the user's own ----

    /// <summary>Rounds, and pretends in the backward pass that it did not; scales the gradient by what it saved.</summary>
    sealed class StraightThrough : Autograd.Function
    {
        protected override Tensor[] Forward(Context c, Tensor[] x)
        {
            Tensor y = x[0].Round() * x[1];
            c.SaveForBackward(x[0], x[1], y);
            return [y];
        }

        protected override Tensor?[] Backward(Context c, Tensor?[] g) => [g[0]! * c.SavedTensors[1], (g[0]! * c.SavedTensors[0].Round()).SumToSize(c.SavedTensors[1].Shape)];
    }

    [Fact]
    public void Functions_of_the_users_own_keep_their_derivative_in_every_transform()
    {
        Tensor x = Random(20, 3, 4) * 3, w = Random(21, 4), v = Random(22, 3, 4);
        static Tensor Run(Tensor a, Tensor b) => new StraightThrough().Apply(a, b)[0];
        static Tensor Loss(Tensor a, Tensor b) => Run(a, b).Square().Sum();
        Same(x.Round() * w, Func.Vmap<Tensor, Tensor, Tensor>(Run, inDims: [0, null])(x, w));
        Tensor g = Func.Grad<Tensor, Tensor>((a, b) => Loss(a, b))(x, w);
        Same(2 * x.Round() * w * w, g);
        Same(g, Func.Vmap<Tensor, Tensor, Tensor>(Func.Grad<Tensor, Tensor>(Loss), inDims: [0, null])(x, w));
        Same(g, Func.Grad(a => Func.Vmap<Tensor, Tensor, Tensor>(Loss, inDims: [0, null])(a, w).Sum())(x));
        Same((2 * x.Round() * x.Round() * w).Sum(0), Func.Grad(b => Func.Vmap<Tensor, Tensor, Tensor>(Loss, inDims: [0, null])(x, b).Sum())(w));
        Same(w * v, Func.Jvp(a => Run(a, w), x, v).Jvp);
        Same((g * v).Sum(), Func.Jvp(a => Loss(a, w), x, v).Jvp);
        Same((g * v).Sum(1), Func.Vmap<Tensor, Tensor, Tensor>((a, d) => Func.Jvp(z => Loss(z, w), a, d).Jvp)(x, v));
        Same((g * v).Sum(1), Func.Jvp(Func.Vmap((Tensor a) => Loss(a, w)), x, v).Jvp);
    }

    // ---- random numbers ----

    [Fact]
    public void Examples_draw_the_numbers_they_were_allowed()
    {
        Tensor x = Tensor.Ones(4, 100);
        Assert.Contains("randomness", Assert.Throws<InvalidOperationException>(() => Func.Vmap(a => F.Dropout(a))(x)).Message);
        Tensor same = Func.Vmap(a => F.Dropout(a), randomness: Randomness.Same)(x), different = Func.Vmap(a => F.Dropout(a), randomness: Randomness.Different)(x);
        Assert.True(same[0].Equal(same[3]));
        Assert.False(different[0].Equal(different[3]));
        Assert.False(Func.Vmap(a => a + Tensor.Randn(100), randomness: Randomness.Different)(x) is var r && r[0].Equal(r[1]));
        Assert.False(Func.Vmap(Func.Vmap(a => Tensor.Rand(5), randomness: Randomness.Different), randomness: Randomness.Different)(x) is var q && (q[0, 0].Equal(q[0, 1]) || q[0, 0].Equal(q[1, 0])));
        Tensor nested = Func.Vmap(Func.Vmap(a => Tensor.Rand(5), randomness: Randomness.Same), randomness: Randomness.Different)(x);
        Assert.True(nested[0, 0].Equal(nested[0, 1]) && !nested[0, 0].Equal(nested[1, 0]));
    }

    [Fact]
    public void Lifted_tensors_can_be_printed()
    {
        string text = "";
        Func.Vmap(a => { text = a.ToString(); return a; })(Tensor.Ones(2, 3));
        Assert.StartsWith("BatchedTensor(lvl=1, shape=(3,), all 2 examples=tensor([[1., 1., 1.],", text);
        Func.Jvp(a => { text = (a * 2).ToString(); return a; }, Tensor.Ones(2), Tensor.Ones(2));
        Assert.Equal("DualTensor(lvl=1, value=tensor([2., 2.]), tangent=tensor([2., 2.]))", text);
    }

    // ---- mistakes ----

    [Fact]
    public void Mistakes_are_told_in_words()
    {
        Tensor x = Random(15, 3, 2);
        string Message(Action a) => Assert.ThrowsAny<Exception>(a) is var e && e is ArgumentException or InvalidOperationException ? e.Message : throw new InvalidOperationException("another kind of exception", e);
        Assert.Contains("one real number", Message(() => Func.Grad(a => a * 2)(x)));
        Assert.Contains("Int64", Message(() => Func.Grad(a => a.Sum())(Tensor.Arange(3))));
        Assert.Contains("Int64", Message(() => Func.Jvp(a => a, Tensor.Arange(3), Tensor.Arange(3))));
        Assert.Contains("(2,)", Message(() => Func.Jvp(a => a, x, Random(1, 2))));
        Assert.Contains("(2,)", Message(() => Func.Vjp(a => a, x).Vjp(Random(1, 2))));
        Assert.Contains("scalar", Message(() => Func.Vmap(a => a)(Scalar(1))));
        Assert.Contains("null for all", Message(() => Func.Vmap<Tensor, Tensor>(a => a, [null])(x)));
        Assert.Contains("3 examples", Message(() => Func.Vmap<Tensor, Tensor, Tensor>((a, b) => a)(x, Random(1, 4))));
        Assert.Contains("stands for all examples", Message(() => Func.Vmap(a => a[0].Item<double>() > 0 ? a : -a)(x)));
        Assert.Contains("share", Message(() => { Tensor outside = Tensor.Zeros([2], DType.Float64); Func.Vmap(a => outside.AddInPlace(a))(x); }));
        Tensor? kept = null;
        Func.Vmap(a => kept = a)(x);
        Assert.Contains("has ended", Message(() => kept!.Sum()));
        Assert.Contains("inner sizes 2 and 5", Message(() => Func.Vmap(a => a.Unsqueeze(0).MatMul(Random(1, 5, 2)))(x)));
        Assert.Contains("not Int32", Message(() => Func.Vmap<Tensor, int>(a => 3)(x)));
    }

    [Fact]
    public void A_function_that_throws_leaves_nothing_behind()
    {
        Tensor x = Random(16, 3);
        Assert.Throws<DivideByZeroException>(() => Func.Vmap(a => throw new DivideByZeroException())(x));
        Assert.Throws<DivideByZeroException>(() => Func.Jvp<Tensor, Tensor>(a => throw new DivideByZeroException(), x, x));
        Assert.Throws<DivideByZeroException>(() => Func.Grad(a => throw new DivideByZeroException())(x));
        Assert.True(Autograd.IsGradEnabled);
        Same(x + 1, x.Add(1));
        Same(x.Cos(), Func.Grad(a => a.Sin().Sum())(x));
    }

    [Fact]
    public void Operations_without_a_rule_say_so_once_and_are_right()
    {
        List<string> told = [];
        Action<string> before = Func.OnVmapFallback;
        Func.OnVmapFallback = told.Add;
        try
        {
            Tensor x = Random(17, 3, 2, 4), w = Random(18, 3, 4);
            Tensor t = Tensor.From<long>([0, 1]);
            Tensor y = Func.Vmap<Tensor, Tensor, Tensor>((a, b) => F.CrossEntropy(a, t, b))(x, w);
            Same(Tensor.Stack([.. Enumerable.Range(0, 3).Select(i => F.CrossEntropy(x[i], t, w[i]))]), y);
            Func.Vmap<Tensor, Tensor, Tensor>((a, b) => F.CrossEntropy(a, t, b))(x, w);
        }
        finally { Func.OnVmapFallback = before; }
        Assert.True(told.Count <= 1);
    }
}
