using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>What <see cref="Unary{TOp}"/>, <see cref="Binary{TOp}"/> and <see cref="Ternary{TOp}"/> share.</summary>
internal static class Map
{
    public static TensorSpec Infer(string op, Traits traits, Args x) => new(
        Shapes.Broadcast(op, x), Shapes.ResultType(traits, Shapes.ComputeType(op, traits, Shapes.ResultType(x))), Shapes.SameDevice(op, x));

    public static void Run<TFn>(Backend d, TFn fn, string op, Traits traits, Args x, Tensor y) where TFn : struct, IFn
    {
        DType compute = Kernel(traits, Shapes.ComputeType(op, traits, Shapes.ResultType(x)));
        if (compute == DType.Float64 && y.DType.IsFloatingPoint && y.DType != compute)
        {
            using Tensor wide = Tensor.Empty(new TensorSpec(y.Shape, compute, y.Device));
            d.Elementwise(fn, Cast(x, compute), wide);
            d.Copy(wide, y);
            return;
        }
        foreach (Tensor t in x)
            if (t.DType != compute)
            {
                d.Elementwise(fn, Cast(x, compute), y);
                return;
            }
        d.Elementwise(fn, x, y);
    }

    /// <summary>The type of the kernel, given that of the computation.</summary>
    static DType Kernel(Traits traits, DType compute) => (traits & Traits.InDouble) != 0 && compute.IsFloatingPoint ? DType.Float64 : compute;

    static Tensor[] Cast(Args x, DType dtype)
    {
        Tensor[] same = x.ToArray();
        for (int i = 0; i < same.Length; i++) same[i] = same[i].CastTo(dtype);
        return same;
    }

    /// <summary>Applies a backward body: fused where nothing is recorded, else as a composition that can be differentiated again.</summary>
    public static Tensor Grad<TFn>(TFn fn, Traits traits, params Args x) where TFn : struct, IFn
    {
        DType compute = Shapes.ResultType(x);
        if (IsIdentity(fn, compute.IsComplex)) return x[0];
        if (Autograd.IsComposing)
        {
            // A C# number counts as much as the tensors it met: what is computed of it alone must not be rounded to the default type.
            Tensor a = Typed(x[0]), b = Typed(x[1]), c = Typed(x[2]), d = x.Length > 3 ? Typed(x[3]) : a;
            return compute.IsComplex ? fn.Complex(a, b, c, d) : fn.Real(a, b, c, d);
        }
        Tensor Typed(Tensor t) => !t.IsWrappedNumber ? t : t.DType != compute ? t.CastTo(compute) : t.Alias(t.Layout);

        DType kernel = Kernel(traits, compute);
        Tensor[] same = Cast(x, kernel);
        Tensor y = Tensor.Empty(new TensorSpec(Shapes.Broadcast("backward", same), kernel, x[0].Device));
        if (!y.Device.IsMeta) Backend.For(y.Device).Elementwise(fn, same, y);
        GC.KeepAlive(same);
        return y.CastTo(compute);
    }

    /// <summary>
    /// A backward body as a forward rule. Of real numbers, both multiply by the same number. Of complex ones, backward bodies multiply by the conjugate;
    /// where the result is real, only the real part of the product moves it.
    /// </summary>
    public static Tensor Tangent<TFn>(TFn fn, Traits traits, Tensor t, Tensor a, Tensor b, Tensor c, DType compute) where TFn : struct, IFn
    {
        if (!compute.IsComplex) return Grad(fn, traits, t, a, b, c);
        Tensor u = t.Conj(), y = Grad(fn, traits, u, ReferenceEquals(a, t) ? u : a, ReferenceEquals(b, t) ? u : b, ReferenceEquals(c, t) ? u : c).Conj();
        return (traits & Traits.RealResult) != 0 ? y.Real() : y;
    }

    /// <summary>Whether a backward body answers the incoming gradient itself, as add's does.</summary>
    static bool IsIdentity<TFn>(TFn fn, bool complex) where TFn : struct, IFn => Probed(fn, complex) is { Mask: 1, Steps: 0 };

    /// <summary>Which arguments a body looks at: bit i for argument i.</summary>
    public static uint Uses<TFn>(TFn fn, bool complex) where TFn : struct, IFn => Probed(fn, complex).Mask;

    /// <summary>Whether a body of real numbers computes a function, or a dozen operations: what waits for stores past the caches computes nothing meanwhile (2²⁴ tangents took 6.2 ms so, 4.5 with ordinary stores, Zen 5).</summary>
    public static bool IsLong<TFn>(TFn fn) where TFn : struct, IFn => Probed(fn, false).Steps >= 12;

    static Probe Probed<TFn>(TFn fn, bool complex) where TFn : struct, IFn =>
        complex ? fn.Complex(new Probe(1), new Probe(2), new Probe(4), new Probe(8)) : fn.Real(new Probe(1), new Probe(2), new Probe(4), new Probe(8));
}

/// <summary>An elementwise operation of one argument.</summary>
/// <param name="Fn">Its body.</param>
internal sealed record Unary<TOp>(TOp Fn) : Op where TOp : struct, IUnaryOp
{
    public static readonly Unary<TOp> Default = new(default(TOp));
    static object? s_saves;                                                     // boxed: other threads see all of it or none

    public override string Name => TOp.Name;

    protected internal override bool IsDifferentiable => (TOp.Traits & (Traits.Predicate | Traits.NotDifferentiable)) == 0;

    protected internal override bool TakesLowPrecision => true;

    protected internal override bool AllowsAliasing => true;

    protected internal override TensorSpec Infer(Args x) => Map.Infer(TOp.Name, TOp.Traits, x);

    protected internal override void Run(Backend d, Args x, Tensor y) => Map.Run(d, new Forward1<TOp>(Fn), TOp.Name, TOp.Traits, x, y);

    protected internal override Saved Saves(uint needs) => (Saved)(s_saves ??= FindSaves());

    Saved FindSaves()
    {
        uint uses = Uses();
        return new(uses >> 1 & 1, uses >> 2 & 1);
    }

    uint Uses() => Map.Uses(new Backward1<TOp>(Fn), false) | ((TOp.Traits & Traits.Complex) != 0 ? Map.Uses(new Backward1<TOp>(Fn), true) : 0);

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Saved s = Saves(1);
        Tensor x = s.InputMask != 0 ? n.Input(0) : g, y = s.OutputMask != 0 ? n.Output() : g;
        return [Map.Grad(new Backward1<TOp>(Fn), TOp.Traits, g, x, y)];
    }

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        if (TOp.IsNotAnalytic && x[0].DType.IsComplex) return base.Jvp(x, t, y);
        Saved s = Saves(1);
        Tensor d = t[0]!;
        return Map.Tangent(new Backward1<TOp>(Fn), TOp.Traits, d, s.InputMask != 0 ? x[0] : d, s.OutputMask != 0 ? y : d, d, x[0].DType);
    }

    protected internal override Tensor Batch(in Batched b) => Apply(this, b[0]);
}

/// <summary>An elementwise operation of two arguments, which broadcast.</summary>
/// <param name="Fn">Its body.</param>
internal sealed record Binary<TOp>(TOp Fn) : Op where TOp : struct, IBinaryOp
{
    public static readonly Binary<TOp> Default = new(default(TOp));
    static uint[]? s_uses;

    public override string Name => TOp.Name;

    protected internal override bool IsDifferentiable => (TOp.Traits & (Traits.Predicate | Traits.NotDifferentiable)) == 0;

    protected internal override bool TakesLowPrecision => true;

    protected internal override bool AllowsAliasing => true;

    protected internal override TensorSpec Infer(Args x) => Map.Infer(TOp.Name, TOp.Traits, x);

    protected internal override void Run(Backend d, Args x, Tensor y) => Map.Run(d, new Forward2<TOp>(Fn), TOp.Name, TOp.Traits, x, y);

    /// <summary>What the derivative by each argument looks at.</summary>
    uint[] Uses => s_uses ??= [Find(new Backward2A<TOp>(Fn)), Find(new Backward2B<TOp>(Fn))];

    static uint Find<TFn>(TFn fn) where TFn : struct, IFn => Map.Uses(fn, false) | ((TOp.Traits & Traits.Complex) != 0 ? Map.Uses(fn, true) : 0);

    protected internal override Saved Saves(uint needs)
    {
        uint u = ((needs & 1) != 0 ? Uses[0] : 0) | ((needs & 2) != 0 ? Uses[1] : 0);
        return new(u >> 1 & 3, u >> 3 & 1);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Saved s = Saves(n.Needed);
        Tensor a = (s.InputMask & 1) != 0 ? n.Input(0) : g, b = (s.InputMask & 2) != 0 ? n.Input(1) : g, y = s.OutputMask != 0 ? n.Output() : g;
        return [n.Needs(0) ? Of(new Backward2A<TOp>(Fn), Uses[0]) : null, n.Needs(1) ? Of(new Backward2B<TOp>(Fn), Uses[1]) : null];

        // A gradient that only passes through (add) is the gradient itself; arguments that a body ignores must not widen the result.
        Tensor Of<TFn>(TFn fn, uint u) where TFn : struct, IFn => Map.Grad(fn, TOp.Traits, g, (u & 2) != 0 ? a : g, (u & 4) != 0 ? b : g, (u & 8) != 0 ? y : g);
    }

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor a = x[0], b = x[1];
        DType compute = Shapes.ResultType(x);
        Tensor? da = t[0] is { } p ? Of(new Backward2A<TOp>(Fn), Uses[0], p) : null, db = t[1] is { } q ? Of(new Backward2B<TOp>(Fn), Uses[1], q) : null;
        return da is null ? db : db is null ? da : da + db;

        Tensor Of<TFn>(TFn fn, uint u, Tensor d) where TFn : struct, IFn =>
            Map.Tangent(fn, TOp.Traits, d, (u & 2) != 0 ? a : d, (u & 4) != 0 ? b : d, (u & 8) != 0 ? y : d, compute);
    }

    protected internal override Tensor Batch(in Batched b) => Apply(this, b.Aligned());
}

/// <summary>An elementwise operation of three arguments, which broadcast.</summary>
/// <param name="Fn">Its body.</param>
internal sealed record Ternary<TOp>(TOp Fn) : Op where TOp : struct, ITernaryOp
{
    public static readonly Ternary<TOp> Default = new(default(TOp));
    static uint[]? s_uses;

    public override string Name => TOp.Name;

    protected internal override bool IsDifferentiable => (TOp.Traits & (Traits.Predicate | Traits.NotDifferentiable)) == 0;

    protected internal override bool TakesLowPrecision => true;

    protected internal override bool AllowsAliasing => true;

    protected internal override TensorSpec Infer(Args x) => Map.Infer(TOp.Name, TOp.Traits, x);

    protected internal override void Run(Backend d, Args x, Tensor y) => Map.Run(d, new Forward3<TOp>(Fn), TOp.Name, TOp.Traits, x, y);

    /// <summary>What the derivative by each argument looks at.</summary>
    uint[] Uses => s_uses ??= [Find(new Backward3A<TOp>(Fn)), Find(new Backward3B<TOp>(Fn)), Find(new Backward3C<TOp>(Fn))];

    static uint Find<TFn>(TFn fn) where TFn : struct, IFn => Map.Uses(fn, false) | ((TOp.Traits & Traits.Complex) != 0 ? Map.Uses(fn, true) : 0);

    protected internal override Saved Saves(uint needs)
    {
        uint u = ((needs & 1) != 0 ? Uses[0] : 0) | ((needs & 2) != 0 ? Uses[1] : 0) | ((needs & 4) != 0 ? Uses[2] : 0);
        return new(u >> 1 & 7, 0);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        uint m = Saves(n.Needed).InputMask;
        Tensor a = (m & 1) != 0 ? n.Input(0) : g, b = (m & 2) != 0 ? n.Input(1) : g, c = (m & 4) != 0 ? n.Input(2) : g;
        return [n.Needs(0) ? Of(new Backward3A<TOp>(Fn), Uses[0]) : null, n.Needs(1) ? Of(new Backward3B<TOp>(Fn), Uses[1]) : null,
                n.Needs(2) ? Of(new Backward3C<TOp>(Fn), Uses[2]) : null];

        Tensor Of<TFn>(TFn fn, uint u) where TFn : struct, IFn => Map.Grad(fn, TOp.Traits, g, (u & 2) != 0 ? a : g, (u & 4) != 0 ? b : g, (u & 8) != 0 ? c : g);
    }

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor a = x[0], b = x[1], c = x[2];
        DType compute = Shapes.ResultType(x);
        Tensor? sum = null;
        if (t[0] is { } p) Add(Of(new Backward3A<TOp>(Fn), Uses[0], p));
        if (t[1] is { } q) Add(Of(new Backward3B<TOp>(Fn), Uses[1], q));
        if (t[2] is { } r) Add(Of(new Backward3C<TOp>(Fn), Uses[2], r));
        return sum;

        void Add(Tensor d) => sum = sum is null ? d : sum + d;

        Tensor Of<TFn>(TFn fn, uint u, Tensor d) where TFn : struct, IFn =>
            Map.Tangent(fn, TOp.Traits, d, (u & 2) != 0 ? a : d, (u & 4) != 0 ? b : d, (u & 8) != 0 ? c : d, compute);
    }

    protected internal override Tensor Batch(in Batched b) => Apply(this, b.Aligned());
}
