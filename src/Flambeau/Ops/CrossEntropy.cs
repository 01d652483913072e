using System.Runtime.CompilerServices;
using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>What losses over class indices share. Inputs: scores (N, C, …), classes (N, …) in int64, a weight for each class if there is one.</summary>
internal abstract record ClassLoss(long IgnoreIndex) : MultiOp
{
    protected internal override bool IsResultDifferentiable(int i) => i == 0;

    protected TensorSpec Rows(Args x, bool precise) => new(x[1].Shape, precise ? x[0].DType.Compute : x[0].DType, x[0].Device);

    protected void Check(Args x)
    {
        Dims s = x[0].Shape;
        if (!x[0].DType.IsFloatingPoint) throw new ArgumentException($"{Name}: the input holds {x[0].DType}; scores must be floating point.");
        if (s[..1] != x[1].Shape[..1] || s[2..] != x[1].Shape[1..])
            throw new ArgumentException($"{Name}: an input of shape {s}, (N, C, …), wants class indices of shape {new Dims([s[0], .. s.Span[2..]])}, not {x[1].Shape}.");
        if (x.Length > 2 && (x[2].Shape != s[1..2] || x[2].DType != x[0].DType))
            throw new ArgumentException($"{Name}: the weight must hold one {x[0].DType} for each of the {s[1]} classes, but is {x[2].DType} of shape {x[2].Shape}.");
    }

    /// <summary>1 where a class is meant: (N, C, …).</summary>
    protected static Tensor OneHot(Tensor target, Dims scores, DType dtype) =>
        Tensor.Arange(scores[1]).Reshape([scores[1], .. Enumerable.Repeat(1L, scores.Length - 2)]).Eq(target.Unsqueeze(1)).To(dtype);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CheckClass(string op, long c, long classes, long ignore)
    {
        if ((ulong)c >= (ulong)classes) ThrowNoClass(op, c, classes, ignore);
    }

    static void ThrowNoClass(string op, long c, long classes, long ignore) =>
        throw new ArgumentOutOfRangeException(null, $"{op}: there is no class {c}: with {classes} classes, targets must lie in [0, {classes - 1}] or equal ignoreIndex, {ignore}.");

    protected internal override Tensor[] BatchAll(in Batched b)
    {
        if (b.Count > 2 && b.IsMapped(2)) return b.Loop(this);                  // each example has its own class weights
        long n = b.Size;
        Tensor x = Conv.Joined(b.Full(0)), classes = Conv.Joined(b.Full(1));
        return Array.ConvertAll(b.Count > 2 ? ApplyAll(this, x, classes, b[2]) : ApplyAll(this, x, classes), y => Conv.Apart(y, n));
    }
}

/// <summary>
/// −wₜ ln softmax(x)ₜ for each row, smoothed over the classes if so wished, in one pass. Results: losses, the weights wₜ (0 for ignored
/// rows), and for the derivative each row's maximum and ln Σ e^{x − max}.
/// </summary>
internal sealed record CrossEntropy(long IgnoreIndex, double LabelSmoothing) : ClassLoss(IgnoreIndex)
{
    protected internal override TensorSpec[] InferAll(Args x)
    {
        Check(x);
        return [Rows(x, false), Rows(x, false), Rows(x, true), Rows(x, true)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => d.CrossEntropy(x[0].MakeContiguous(), x[1].MakeContiguous(),
        x.Length > 2 ? x[2].MakeContiguous() : null, Lines.Along(x[0].Shape, 1), IgnoreIndex, LabelSmoothing, y[0], y[1], y[2], y[3]);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor x = n.Input(0), target = n.Input(1), dx;
        Tensor? weight = n.InputCount > 2 ? n.Input(2) : null;
        if (!Autograd.IsComposing)
            dx = Apply(new CrossEntropyBackward(IgnoreIndex, LabelSmoothing), weight is null ? [g[0]!, x, target, n.Output(2), n.Output(3)]
                : [g[0]!, x, target, n.Output(2), n.Output(3), weight]);
        else
            dx = Slopes(x, target, weight) * (g[0]! * target.Ne(IgnoreIndex).To(x.DType)).Unsqueeze(1);
        return n.InputCount > 2 ? [dx, null, null] : [dx, null];
    }

    protected internal override Saved Saves(uint needs) => new(~0u, 12);

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) =>
        [(Slopes(x[0], x[1], x.Length > 2 ? x[2] : null) * t[0]!).Sum(1) * x[1].Ne(IgnoreIndex).To(x[0].DType), null, null, null];

    /// <summary>The derivative of each row's loss by its scores, ignored rows included.</summary>
    Tensor Slopes(Tensor x, Tensor target, Tensor? weight)
    {
        long classes = x.Shape[1];
        Tensor p = x.Softmax(1), hot = OneHot(target, x.Shape, x.DType), w = weight ?? Tensor.Ones([classes], x.DType);
        w = w.Reshape([classes, .. Enumerable.Repeat(1L, x.Rank - 2)]);
        return (1 - LabelSmoothing) * (hot * w).Sum(1, keepDim: true) * (p - hot) + LabelSmoothing / classes * (w.Sum() * p - w);
    }
}

/// <summary>The gradient of cross-entropy's scores. Inputs: gradient, scores, classes, maxima, ln Σ, [weight].</summary>
internal sealed record CrossEntropyBackward(long IgnoreIndex, double LabelSmoothing) : Op
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec Infer(Args x) => new(x[1].Shape, x[1].DType, x[1].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) =>
        d.CrossEntropyBackward(x[0].MakeContiguous(), x[1].MakeContiguous(), x[2].MakeContiguous(),
        x.Length > 5 ? x[5].MakeContiguous() : null, x[3], x[4], Lines.Along(y.Shape, 1), IgnoreIndex, LabelSmoothing, y);
}

/// <summary>−wₜ xₜ for each row. Results: losses and the weights wₜ, 0 for ignored rows.</summary>
internal sealed record NllLoss(long IgnoreIndex) : ClassLoss(IgnoreIndex)
{
    protected internal override TensorSpec[] InferAll(Args x)
    {
        Check(x);
        return [Rows(x, false), Rows(x, false)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        d.Nll(x[0].MakeContiguous(), x[1].MakeContiguous(), x.Length > 2 ? x[2].MakeContiguous() : null, Lines.Along(x[0].Shape, 1), IgnoreIndex, y[0], y[1]);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor rows = g[0]! * n.Output(1);
        Tensor dx = !Autograd.IsComposing ? Apply(new NllBackward(n.InputShape(0), IgnoreIndex), rows, n.Input(1))
            : OneHot(n.Input(1), n.InputShape(0), rows.DType) * -rows.Unsqueeze(1);
        return n.InputCount > 2 ? [dx, null, null] : [dx, null];
    }

    protected internal override Saved Saves(uint needs) => new(2, 2);

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) => [-(OneHot(x[1], x[0].Shape, x[0].DType) * t[0]!).Sum(1) * y[1], null];
}

/// <summary>Zeros, and each row's negated number at the row's class.</summary>
internal sealed record NllBackward(Dims To, long IgnoreIndex) : Op
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec Infer(Args x) => new(To, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) =>
        d.NllBackward(x[0].MakeContiguous(), x[1].MakeContiguous(), Lines.Along(To, 1), IgnoreIndex, y);
}
