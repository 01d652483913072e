using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>
/// softmax(q · kᵀ · scale + mask) · v without the matrix of weights ever being stored (Dao et al. 2022).
/// Inputs: q (…, L, E), k (…, S, E), v (…, S, V), [mask, broadcast to (…, L, S): a bool one says who is seen, another is added]. The leading
/// axes of k and v are q's, but for the last of them, which may be smaller by a factor: then so many heads share one.
/// Results: y (…, L, V), and for the derivative ln Σ e^score of each row, (…, L). A row that sees nothing is 0.
/// </summary>
internal sealed record Attention(double Scale, bool IsCausal) : MultiOp
{
    protected internal override bool IsResultDifferentiable(int i) => i == 0;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        Dims rows = x[0].Shape[..^1];
        return [new(new Dims([.. rows.Span, x[2].Shape[^1]]), x[0].DType, Shapes.SameDevice("attention", x)), new(rows, x[0].DType.Compute, x[0].Device)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        d.Attention(x[0], x[1], x[2], x.Length > 3 ? x[3] : null, Scale, IsCausal, y[0], y[1]);

    protected internal override long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => x[0].Shape[..^1].Count * x[1].Shape[^2] * (x[0].Shape[^1] + x[2].Shape[^1]);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor q = n.Input(0), k = n.Input(1), v = n.Input(2);
        Tensor? mask = n.InputCount > 3 ? n.Input(3) : null;
        if (!Autograd.IsComposing)
        {
            var op = new AttentionBackward(Scale, IsCausal);
            return mask is null ? ApplyAll(op, g[0]!, q, k, v, n.Output(0), n.Output(1))
                : (Tensor?[])[.. ApplyAll(op, g[0]!, q, k, v, n.Output(0), n.Output(1), mask), null];
        }
        Tensor wideK = Repeat(k, q), wideV = Repeat(v, q), p = Weights(q, wideK, mask, Scale, IsCausal), dp = g[0]!.MatMul(wideV.MT);
        Tensor ds = p * (dp - (dp * p).Sum(-1, keepDim: true)) * Scale;
        return [ds.MatMul(wideK), Narrow(ds.MT.MatMul(q), k), Narrow(p.MT.MatMul(g[0]!), v), null];
    }

    protected internal override Saved Saves(uint needs) => new(~0u, ~0u);

    /// <summary>Keys or values repeated so that every head of q has its own.</summary>
    public static Tensor Repeat(Tensor k, Tensor q)
    {
        if (k.Rank < 3 || k.Shape[^3] == q.Shape[^3]) return k;
        long[] shape = [.. k.Shape.Span[..^2], q.Shape[^3] / k.Shape[^3], .. k.Shape.Span[^2..]];
        return k.Unsqueeze(-3).Expand(shape).Reshape([.. q.Shape.Span[..^2], .. k.Shape.Span[^2..]]);
    }

    /// <summary>What undoes <see cref="Repeat"/> for gradients.</summary>
    static Tensor Narrow(Tensor g, Tensor k) => g.Shape == k.Shape ? g : g.Reshape([.. k.Shape.Span[..^2], -1, .. k.Shape.Span[^2..]]).Sum(-3);

    /// <summary>The weights of the values, as a composition: (…, L, S).</summary>
    public static Tensor Weights(Tensor q, Tensor k, Tensor? mask, double scale, bool causal)
    {
        Tensor s = q.MatMul(k.MT) * scale;
        if (causal) mask = Tensor.Arange(s.Shape[^1]).Le(Tensor.Arange(s.Shape[^2]).Unsqueeze(-1));
        if (mask is null) return s.Softmax(-1);
        s = mask.DType == DType.Bool ? Tensor.Where(mask, s, double.NegativeInfinity) : s + mask;
        Tensor blind = s.Detach().Eq(double.NegativeInfinity).All([-1], keepDim: true);
        return Tensor.Where(blind, 0.0, Tensor.Where(blind, 0.0, s).Softmax(-1));
    }

    /// <summary>Where each matrix of a batch begins, the leading axes broadcast to <paramref name="lead"/>.</summary>
    public static long[] Offsets(Layout l, Dims lead)
    {
        var y = new long[lead.Count];
        for (long b = 0; b < y.Length; b++)
        {
            long at = l.Offset, rest = b;
            for (int d = lead.Length - 1; d >= 0; d--)
            {
                int axis = d - lead.Length + l.Rank - 2;
                if (axis >= 0 && l.Shape[axis] != 1) at += rest % lead[d] * l.Strides[axis];
                rest /= lead[d];
            }
            y[b] = at;
        }
        return y;
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor q = x[0], k = Repeat(x[1], q), v = Repeat(x[2], q), p = Weights(q, k, x.Length > 3 ? x[3] : null, Scale, IsCausal);
        Tensor? ds = Plus(t[0]?.MatMul(k.MT), t[1] is { } tk ? q.MatMul(Repeat(tk, q).MT) : null);
        if (ds is not null) ds = ds * Scale;
        if (x.Length > 3 && t[3] is { } mask) ds = Plus(ds, mask);
        Tensor? dp = ds is null ? null : p * (ds - (p * ds).Sum(-1, keepDim: true));
        return [Plus(dp?.MatMul(v), t[2] is { } tv ? p.MatMul(Repeat(tv, q)) : null), null];
    }

    protected internal override Tensor[] BatchAll(in Batched b)
    {
        Tensor q = b.Full(0), k = b.Full(1), v = b.Full(2);
        if (b.Rank(0) == 2) (q, k, v) = (q.Unsqueeze(1), k.Unsqueeze(1), v.Unsqueeze(1));   // the axis of heads, which k and v may have fewer of
        Tensor[] y = b.Count < 4 ? ApplyAll(this, q, k, v) : ApplyAll(this, q, k, v, b.Padded(3, q.Rank - 1));
        return b.Rank(0) == 2 ? [y[0].Squeeze(1), y[1].Squeeze(1)] : y;
    }
}

/// <summary>The gradients of q, k and v. Inputs: gradient, q, k, v, y, ln Σ, [mask].</summary>
internal sealed record AttentionBackward(double Scale, bool IsCausal) : MultiOp
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec[] InferAll(Args x) => [Like(x[1]), Like(x[2]), Like(x[3])];

    static TensorSpec Like(Tensor x) => new(x.Shape, x.DType, x.Device);

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        d.AttentionBackward(x[0].MakeContiguous(), x[1], x[2], x[3], x.Length > 6 ? x[6] : null, x[4].MakeContiguous(), x[5], Scale, IsCausal, y[0],
            y[1], y[2]);

    /// <summary>The scores again, their gradient, and those of q, k and v.</summary>
    protected internal override long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => x[1].Shape[..^1].Count * x[2].Shape[^2] * (3 * x[1].Shape[^1] + 2 * x[3].Shape[^1]);
}
