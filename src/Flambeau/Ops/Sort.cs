using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>Values along an axis with the indices they came from; the gradient goes back there.</summary>
internal abstract record Ordering(int Dim) : MultiOp
{
    protected internal override bool TakesLowPrecision => true;

    /// <summary>The size of the axis in the results, of an input's size.</summary>
    protected abstract long Size(long n);

    /// <summary>Whether the axis disappears.</summary>
    protected virtual bool Drops => false;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        if (x[0].DType.IsComplex) throw new ArgumentException($"{Name}: complex numbers have no order.");
        List<long> shape = [.. x[0].Shape];
        long n = shape.Count == 0 ? 1 : shape[Dim], size = Size(n);
        if (shape.Count > 0)
        {
            if (Drops) shape.RemoveAt(Dim);
            else shape[Dim] = size;
        }
        return [new(shape.ToArray(), x[0].DType, x[0].Device), new(shape.ToArray(), DType.Int64, x[0].Device)];
    }

    /// <summary>The kernel; all have at least one axis, and results keep the axis that disappears at size 1.</summary>
    protected abstract void Run(Backend d, Tensor x, int axis, Tensor values, Tensor indices);

    protected internal override void RunAll(Backend d, Args x, Tensor[] y)
    {
        if (x[0].Rank == 0) Run(d, Vector(x[0]), 0, Vector(y[0]), Vector(y[1]));
        else if (Drops) Run(d, x[0], Dim, Kept(y[0]), Kept(y[1]));
        else Run(d, x[0], Dim, y[0], y[1]);

        static Tensor Vector(Tensor t) => t.Window(new([1], [1], t.Layout.Offset));
        Tensor Kept(Tensor t) => t.Window(new Unsqueeze(Dim).Transform(t.Layout));
    }

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Dims shape = n.InputShape(0);
        Tensor grad = g[0]!, index = n.Output(1);
        if (shape.Length == 0) return [grad.Reshape(shape)];
        if (Drops) (grad, index) = (grad.Unsqueeze(Dim), index.Unsqueeze(Dim));
        Tensor zeros = Tensor.Zeros(new TensorSpec(shape, grad.DType, grad.Device));
        return [ApplyInPlace(new Scatter(Dim, Repeats ? Meeting.Sum : Meeting.Replace), zeros, zeros, index, grad)];
    }

    /// <summary>Whether several results can come from one element.</summary>
    protected virtual bool Repeats => false;

    protected internal override Saved Saves(uint needs) => new(0, 2);

    /// <summary>An axis without elements has no extreme, median or mode.</summary>
    protected void CheckNotEmpty(long n)
    {
        if (n == 0) throw new ArgumentException($"{Name}: axis {Dim} has no elements, and there is none to choose.");
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor d = t[0]!, index = y[1];
        if (x[0].Rank == 0) return [d, null];
        return [Drops ? d.Gather(Dim, index.Unsqueeze(Dim)).Squeeze(Dim) : d.Gather(Dim, index), null];
    }

    protected internal override Tensor[] BatchAll(in Batched b)
    {
        if (b.Rank(0) > 0) return ApplyAll(this with { Dim = Dim + 1 }, b[0]);
        return Array.ConvertAll(ApplyAll(this with { Dim = 1 }, b[0].Unsqueeze(1)), y => y.Reshape(y.Shape[0]));
    }
}

/// <summary>The first Count elements of an axis in order, or all, equals then in the order they had; NaN is larger than any number.</summary>
internal sealed record Sort(int Dim, bool Descending, long? Count) : Ordering(Dim)
{
    public override string Name => Count is null ? "sort" : "topk";

    protected override long Size(long n) => Count is not { } k ? n : k >= 0 && k <= n ? k
        : throw new ArgumentException($"topk: k is {k}, but axis {Dim} has {n} elements.");

    protected override void Run(Backend d, Tensor x, int axis, Tensor values, Tensor indices) => d.Sort(x, axis, Descending, values, indices);
}

/// <summary>One element of each sorted line. If it <c>Shares</c>, all elements equal to the result share its gradient, as PyTorch has it where no axis is named.</summary>
internal sealed record Picked(int Dim, Rank Rank, bool KeepDim, bool Shares = false) : Ordering(Dim)
{
    public override string Name => Rank.Kind switch { RankKind.Kth => "kthvalue", RankKind.Mode => "mode", RankKind.Median => "median", _ => "nanmedian" };

    protected override bool Drops => !KeepDim;

    protected override long Size(long n)
    {
        CheckNotEmpty(n);
        if (Rank.Kind == RankKind.Kth && (Rank.K < 1 || Rank.K > n)) throw new ArgumentException($"kthvalue: k is {Rank.K}, but must lie in [1, {n}] for axis {Dim}.");
        return 1;
    }

    protected override void Run(Backend d, Tensor x, int axis, Tensor values, Tensor indices) => d.Pick(x, axis, Rank, values, indices);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        if (!Shares) return base.BackwardAll(g, n);
        return [n.InputShape(0).Length == 0 ? g[0] : Share(n.Input(0), n.Output()) * Wide(g[0]!)];
    }

    protected internal override Saved Saves(uint needs) => Shares ? new(1, 1) : base.Saves(needs);

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        if (!Shares) return base.JvpAll(x, t, y);
        return [x[0].Rank == 0 ? t[0] : (Share(x[0], y[0]) * t[0]!).Sum(Dim, KeepDim), null];
    }

    // 1 over the number of elements of a line that equal its result; 0 for the others.
    Tensor Share(Tensor x, Tensor y)
    {
        Tensor wide = Wide(y), mask = Tensor.Where(wide.IsNan(), x.IsNan(), x.Eq(wide)).To(x.DType);
        return mask / mask.Sum(Dim, keepDim: true);
    }

    Tensor Wide(Tensor y) => KeepDim ? y : y.Unsqueeze(Dim);
}

/// <summary>The largest or smallest element of an axis and the first index of it; NaN where there is one.</summary>
internal sealed record ArgExtreme(int Dim, bool Largest, bool KeepDim) : Ordering(Dim)
{
    public override string Name => Largest ? "max" : "min";

    protected override bool Drops => !KeepDim;

    protected override long Size(long n)
    {
        CheckNotEmpty(n);
        return 1;
    }

    protected override void Run(Backend d, Tensor x, int axis, Tensor values, Tensor indices) => d.ArgExtreme(x, axis, Largest, values, indices);
}

/// <summary>The largest or smallest element so far along an axis and the last index of it; NaN from the first on.</summary>
internal sealed record CumExtreme(int Dim, bool Largest) : Ordering(Dim)
{
    public override string Name => Largest ? "cummax" : "cummin";

    protected override bool Repeats => true;

    protected override long Size(long n) => n;

    protected override void Run(Backend d, Tensor x, int axis, Tensor values, Tensor indices) => d.CumExtreme(x, axis, Largest, values, indices);
}

/// <summary>How many elements of a sorted sequence come before each value, equals included if <c>Right</c>.</summary>
internal sealed record SearchSorted(bool Right, bool Int32) : Op
{
    public override string Name => "searchsorted";

    protected internal override bool IsDifferentiable => false;

    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x)
    {
        (Tensor s, Tensor v) = (x[0], x[1]);
        if (s.DType != v.DType) throw new ArgumentException($"searchsorted: the sequence is {s.DType}, the values are {v.DType}. Convert one with To(dtype).");
        if (s.DType.IsComplex) throw new ArgumentException("searchsorted: complex numbers have no order.");
        if (s.Rank == 0) throw new ArgumentException("searchsorted: the sequence is a scalar; it must have an axis.");
        if (s.Rank > 1 && (s.Rank != v.Rank || s.Shape[..^1] != v.Shape[..^1]))
            throw new ArgumentException($"searchsorted: a sequence of shape {s.Shape} does not fit values of shape {v.Shape}: it must have one axis, or the values' sizes except for the last.");
        return new(v.Shape, Int32 ? DType.Int32 : DType.Int64, v.Device);
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        Tensor t = Int32 ? Tensor.Empty(new TensorSpec(y.Shape, DType.Int64, y.Device)) : y;
        d.SearchSorted(x[0], x[1], Right, t);
        if (Int32) d.Copy(t, y);
    }

    protected internal override Tensor Batch(in Batched b)
    {
        Tensor s = b[0], v = b.Full(1);                                         // one sequence for all of an example's values, or one for each line
        if (b.Rank(0) > 1) return Apply(this, b.Full(0), v);
        if (!b.IsMapped(0)) return Apply(this, s, v);
        return Apply(this, s, v.Reshape(b.Size, b.Shape(1).Count)).Reshape(v.Shape);
    }
}

/// <summary>ln(eᵃ + eᵇ), without overflow.</summary>
internal readonly struct LogAddExpOp : IReduceOp
{
    public static double Identity => double.NegativeInfinity;
    public static bool Rounds => true;

    public static T Real<T>(T a, T b) where T : IReal<T>
    {
        T max = T.Max(a, b), min = T.Min(a, b);
        return T.Where(T.Equal(max, min), max + T.Log(T.Const(2)), max + T.Log1p(T.Exp(min - max)));   // ∞ − ∞ is not to be formed
    }

    public static T Integer<T>(T a, T b) where T : IInteger<T> => throw new NotSupportedException();
    public static T Complex<T>(T a, T b) where T : IField<T> => throw new NotSupportedException();
}

/// <summary>yᵢ = ln(e^x₀ + … + e^xᵢ) along an axis.</summary>
internal sealed record LogCumSumExp(int Dim) : Op
{
    public override string Name => "logcumsumexp";

    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x) => x[0].DType.IsFloatingPoint ? new(x[0].Shape, x[0].DType, x[0].Device)
        : throw new ArgumentException($"logcumsumexp is defined for floating-point tensors, not for {x[0].DType}.");

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Scan(default(LogAddExpOp), x[0], Dim, y);

    // ∂L/∂xᵢ = Σ_{k ≥ i} gₖ exp(xᵢ − yₖ), positive and negative gₖ apart, so that the sums too are formed as logarithms.
    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor x = n.Input(0), y = n.Output();
        if (x.Rank == 0) return [g];
        return [Part(g) - Part(-g)];

        Tensor Part(Tensor g)
        {
            Tensor positive = g > 0, log = Tensor.Where(positive, Tensor.Where(positive, g, 1.0).Log() - y, double.NegativeInfinity);
            return (log.Flip(Dim).LogCumSumExp(Dim).Flip(Dim) + x).Exp();
        }
    }

    protected internal override Saved Saves(uint needs) => Saved.Inputs | Saved.Outputs;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)                                // dyₖ = exp(yₖ₋₁ − yₖ) dyₖ₋₁ + exp(xₖ − yₖ) dxₖ
    {
        Tensor d = t[0]!;
        if (x[0].Rank == 0 || y.Count == 0) return d;
        Tensor own = Ratio(x[0], y) * d;
        long n = y.Shape[Dim];
        var parts = new Tensor[n];
        parts[0] = own.Narrow(Dim, 0, 1);
        if (n == 1) return parts[0];
        Tensor kept = Ratio(y.Narrow(Dim, 0, n - 1), y.Narrow(Dim, 1, n - 1));
        for (long i = 1; i < n; i++) parts[i] = kept.Narrow(Dim, i - 1, 1) * parts[i - 1] + own.Narrow(Dim, i, 1);
        return Tensor.Cat(parts, Dim);

        // exp(a − b), where both may be −∞: nothing yet.
        static Tensor Ratio(Tensor a, Tensor b) => Tensor.Where(a.Eq(b), 0.0, a - b).Exp();
    }

    protected internal override Tensor Batch(in Batched b) => b.Rank(0) == 0 ? b[0].Clone() : Apply(new LogCumSumExp(Dim + 1), b[0]);
}
