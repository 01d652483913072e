using System.Numerics;
using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>
/// Random numbers whose parameters the inputs state, element by element. Drawn on the host from PyTorch's stream in doubles, whichever
/// backend the tensors are on.
/// </summary>
internal abstract record ParameterizedDraw(Generator Generator) : Op
{
    protected internal override TensorSpec Infer(Args x)
    {
        DType t = Shapes.ResultType(x);
        foreach (Tensor a in x)
            if (!a.DType.IsFloatingPoint) throw new ArgumentException($"{Name}: the parameters must be floating point, not {a.DType}. Convert with To(dtype).");
        Dims shape = x[0].Shape;
        for (int i = 1; i < x.Length; i++) shape = Shapes.Broadcast(Name, shape, x[i].Shape);
        return new(shape, t, Shapes.SameDevice(Name, x));
    }

    protected internal sealed override void Run(Backend d, Args x, Tensor y)
    {
        var same = new Tensor[x.Length];
        for (int i = 0; i < same.Length; i++) same[i] = Wide(x[i].CastTo(y.DType), y.Shape);
        using (Generator.Hold())
            if (y.DType == DType.Float64) Draw<double>(same, y);
            else Draw<float>(same, y);
    }

    /// <summary>Row by row, broadcast to a shape.</summary>
    internal static Tensor Wide(Tensor x, Dims shape) => (x.Shape == shape ? x : x.Window(new Expand(shape).Transform(x.Layout))).MakeContiguous();

    /// <summary>Draws into a contiguous tensor of the parameters' type and shape.</summary>
    protected abstract void Draw<T>(Tensor[] x, Tensor y) where T : unmanaged, IBinaryFloatingPointIeee754<T>, IMinMaxValue<T>;

    // A count does not change with its parameters, as PyTorch has it.
    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        var y = new Tensor?[n.InputCount];
        for (int i = 0; i < y.Length; i++) y[i] = n.Needs(i) ? Tensor.ZerosLike(g) : null;
        return y;
    }

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => null;

    protected internal override Tensor Batch(in Batched b) => Apply(this, b.Full());
}

/// <summary>Poisson numbers.</summary>
internal sealed record Poisson(Generator Generator) : ParameterizedDraw(Generator)
{
    protected override void Draw<T>(Tensor[] x, Tensor y)
    {
        Span<T> rate = x[0].Elements<T>(), to = y.Elements<T>();
        for (int i = 0; i < to.Length; i++) to[i] = T.CreateTruncating(Generator.DrawPoisson(double.CreateTruncating(rate[i])));
    }
}

/// <summary>Binomial numbers, of counts and probabilities.</summary>
internal sealed record Binomial(Generator Generator) : ParameterizedDraw(Generator)
{
    protected override void Draw<T>(Tensor[] x, Tensor y)
    {
        Span<T> count = x[0].Elements<T>(), p = x[1].Elements<T>(), to = y.Elements<T>();
        for (int i = 0; i < to.Length; i++) to[i] = T.CreateTruncating(Generator.DrawBinomial(double.CreateTruncating(count[i]), double.CreateTruncating(p[i])));
    }
}

/// <summary>Gamma numbers of rate 1; the gradient is that at a fixed value of the distribution function.</summary>
internal sealed record StandardGamma(Generator Generator) : ParameterizedDraw(Generator)
{
    protected override void Draw<T>(Tensor[] x, Tensor y)
    {
        Span<T> alpha = x[0].Elements<T>(), to = y.Elements<T>();
        T least = T.CreateTruncating(Distributions.Common.Tiny(y.DType));
        for (int i = 0; i < to.Length; i++) to[i] = T.Max(least, T.CreateTruncating(Generator.DrawGamma(double.CreateTruncating(alpha[i]))));
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [g * Apply(StandardGammaGrad.Instance, n.Input(0), n.Output())];

    protected internal override Saved Saves(uint needs) => Saved.Inputs | Saved.Outputs;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => t[0]! * Apply(StandardGammaGrad.Instance, x[0], y);
}

/// <summary>Dirichlet vectors along the last axis; the gradient is that of each component's distribution function, the others keeping their proportions.</summary>
internal sealed record SampleDirichlet(Generator Generator) : ParameterizedDraw(Generator)
{
    protected override void Draw<T>(Tensor[] x, Tensor y)
    {
        Span<T> alpha = x[0].Elements<T>(), to = y.Elements<T>();
        if (to.Length == 0) return;
        int k = (int)y.Shape[^1];
        var gamma = new double[to.Length];
        for (int i = 0; i < gamma.Length; i++) gamma[i] = Generator.DrawGamma(double.CreateTruncating(alpha[i]));
        T least = T.CreateTruncating(Distributions.Common.Tiny(y.DType)), most = T.BitDecrement(T.One);
        for (int row = 0; row < to.Length; row += k)
        {
            double sum = 0;
            for (int i = 0; i < k; i++) sum += gamma[row + i];
            for (int i = 0; i < k; i++) to[row + i] = T.Clamp(T.CreateTruncating(gamma[row + i] / sum), least, most);
        }
    }

    // dxⱼ/dαᵢ = hᵢ (δᵢⱼ − xⱼ)
    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor alpha = n.Input(0), x = n.Output();
        Tensor h = Apply(DirichletGrad.Instance, x, alpha, alpha.Sum(-1, keepDim: true));
        return [h * (g - (x * g).Sum(-1, keepDim: true))];
    }

    protected internal override Saved Saves(uint needs) => Saved.Inputs | Saved.Outputs;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor u = t[0]! * Apply(DirichletGrad.Instance, y, x[0], x[0].Sum(-1, keepDim: true));
        return u - y * u.Sum(-1, keepDim: true);
    }
}

/// <summary>What the derivatives of samples share: numbers computed element by element in doubles, on the host. They have no derivatives themselves, as in PyTorch.</summary>
internal abstract record ImplicitGradient : Op
{
    protected internal override Tensor?[] Backward(Tensor g, Node n) =>
        throw new NotSupportedException($"{Name}: samples of gamma, beta and Dirichlet distributions have first derivatives only.");

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override TensorSpec Infer(Args x)
    {
        Dims shape = x[0].Shape;
        for (int i = 1; i < x.Length; i++) shape = Shapes.Broadcast(Name, shape, x[i].Shape);
        DType t = Shapes.ResultType(x);
        return new(shape, t.IsFloatingPoint ? t : Tensor.DefaultDType, x[0].Device);
    }

    protected internal sealed override void Run(Backend d, Args x, Tensor y)
    {
        Tensor all = y.DType == DType.Float64 ? y : Tensor.Empty(new TensorSpec(y.Shape, DType.Float64));
        var same = new Tensor[x.Length];
        for (int i = 0; i < same.Length; i++) same[i] = ParameterizedDraw.Wide(x[i].CastTo(DType.Float64), y.Shape);
        Threads.For(y.Count, 256, new Range(this, same[0], same[1], same[^1], all));
        if (!ReferenceEquals(all, y)) d.Copy(all, y);
    }

    readonly struct Range(ImplicitGradient op, Tensor a, Tensor b, Tensor c, Tensor y) : IRangeBody
    {
        public void Run(long start, long end)
        {
            Span<double> sa = a.Elements<double>(), sb = b.Elements<double>(), sc = c.Elements<double>(), to = y.Elements<double>();
            for (int i = (int)start; i < (int)end; i++) to[i] = op.At(sa[i], sb[i], sc[i]);
        }
    }

    protected abstract double At(double a, double b, double c);

    protected internal override Tensor Batch(in Batched b) => Apply(this, b.Aligned());
}

/// <summary>dx/dα of a gamma number x of concentration α; inputs α, x.</summary>
internal sealed record StandardGammaGrad : ImplicitGradient
{
    public static readonly StandardGammaGrad Instance = new();

    protected override double At(double alpha, double x, double _) => ImplicitDerivatives.Gamma(alpha, x);
}

/// <summary>(dx/dα)/(1 − x) of a Beta number x with the parameters α and total − α; inputs x, α, total.</summary>
internal sealed record DirichletGrad : ImplicitGradient
{
    public static readonly DirichletGrad Instance = new();

    protected override double At(double x, double alpha, double total) => ImplicitDerivatives.Beta(alpha, total - alpha, x) / (1 - x);
}
