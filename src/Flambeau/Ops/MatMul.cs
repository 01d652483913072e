using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>y = a · b over the last two axes; leading axes broadcast.</summary>
internal sealed record MatMul : Op
{
    public static readonly MatMul Instance = new();

    public override string Name => "matmul";

    protected internal override TensorSpec Infer(Args x) => Infer("MatMul", x[0], x[1], x[0].Shape, x[1].Shape);

    internal static TensorSpec Infer(string op, Tensor a, Tensor b, Dims sa, Dims sb)                       // (…, M, K) · (…, K, N) → (…, M, N)
    {
        if (a.DType != b.DType) throw new ArgumentException($"{op}: {a.DType} and {b.DType} cannot be multiplied as matrices. Convert one with To(dtype).");
        if (sa[^1] != sb[^2])
        {
            string hint = sa[^1] == sb[^1] ? " Did you mean b.MT?" : sa[^2] == sb[^2] ? " Did you mean a.MT?" : "";
            throw new ArgumentException($"{op}: {sa} · {sb}: inner sizes {sa[^1]} and {sb[^2]} differ.{hint}");
        }
        Dims batch = Shapes.Broadcast(op, sa[..^2], sb[..^2]);
        return new(new Dims([.. batch.Span, sa[^2], sb[^1]]), a.DType, Shapes.SameDevice(op, [a, b]));
    }

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Gemm(x[0], x[1], null, y);

    protected internal override long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => y[0].Count * x[0].Shape[^1];

    protected internal override Tensor?[] Backward(Tensor g, Node n) =>                                     // g: (…, M, N)
    [
        n.Needs(0) ? g.MatMul(n.Input(1).MT.Conj()) : null,                                                 // (…, M, K); the engine sums broadcast axes away
        n.Needs(1) ? n.Input(0).MT.Conj().MatMul(g) : null,                                                 // (…, K, N)
    ];

    protected internal override Saved Saves(uint needs) => new(((needs & 1) << 1) | ((needs & 2) >> 1), 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Plus(t[0]?.MatMul(x[1]), t[1] is { } tb ? x[0].MatMul(tb) : null);

    protected internal override Tensor Batch(in Batched b)
    {
        // One matrix for all examples: their rows make one tall matrix.
        if (b.IsMapped(0) && !b.IsMapped(1) && b.Rank(1) == 2) return Apply(this, b[0], b[1]);
        int rank = Math.Max(b.Rank(0), b.Rank(1));
        return Apply(this, b.Padded(0, rank), b.Padded(1, rank));               // (n, …, M, K) · (n, …, K, N)
    }
}

/// <summary>y = x · wᵀ [+ bias]: (…, K), (N, K), (N,) → (…, N).</summary>
internal sealed record Linear : Op
{
    public static readonly Linear Instance = new();

    public override string Name => "linear";

    protected internal override TensorSpec Infer(Args x)
    {
        Tensor a = x[0], w = x[1];
        if (w.Rank != 2 || a.Rank == 0 || a.Shape[^1] != w.Shape[1])
            throw new ArgumentException($"linear: an input of shape {a.Shape} does not fit a weight of shape {w.Shape}: the weight is (out, in), and the input's last size must be in.");
        if (a.DType != w.DType || x.Length > 2 && x[2].DType != w.DType)
            throw new ArgumentException($"linear: the input is {a.DType}, the weight {w.DType}{(x.Length > 2 ? $", the bias {x[2].DType}" : "")}; they must be of one type.");
        if (x.Length > 2 && x[2].Shape != new Dims([w.Shape[0]])) throw new ArgumentException($"linear: a bias of shape {x[2].Shape} does not fit a weight of shape {w.Shape}; it must be ({w.Shape[0]},).");
        return new(new Dims([.. a.Shape.Span[..^1], w.Shape[0]]), a.DType, Shapes.SameDevice("linear", x));
    }

    protected internal override long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => y[0].Count * x[1].Shape[1];

    static Layout Rows(Tensor t) => Ops.View.TryView(t.Layout, [t.Shape[..^1].Count, t.Shape[^1]])!;

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        Tensor a = x[0].Rank == 2 ? x[0] : x[0].MakeContiguous();
        d.Gemm(a.Rank == 2 ? a : a.Window(Rows(a)), x[1].Window(new Permute([1, 0]).Transform(x[1].Layout)), x.Length > 2 ? x[2] : null, y.Rank == 2 ? y : y.Window(Rows(y)));
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)                                        // g: (…, N)
    {
        long count = n.InputShape(0)[..^1].Count;
        Tensor rows = g.Reshape(count, g.Shape[^1]);
        Tensor? dx = n.Needs(0) ? g.MatMul(n.Input(1).Conj()) : null;                                        // (…, N) · (N, K)
        Tensor? dw = n.Needs(1) ? rows.T.MatMul(n.Input(0).Reshape(count, n.InputShape(0)[^1]).Conj()) : null;  // (N, rows) · (rows, K)
        return n.InputCount > 2 ? [dx, dw, n.Needs(2) ? rows.Sum(0) : null] : [dx, dw];
    }

    protected internal override Saved Saves(uint needs) => new(((needs & 1) << 1) | ((needs & 2) >> 1), 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor? d = Plus(t[0] is { } ta ? Apply(this, ta, x[1]) : null, t[1] is { } tw ? Apply(this, x[0], tw) : null);
        return x.Length > 2 && t[2] is { } tb ? Plus(d, tb.Expand(y.Shape)) : d;
    }

    protected internal override Tensor Batch(in Batched b)
    {
        if (!b.IsMapped(1) && !(b.Count > 2 && b.IsMapped(2))) return Apply(this, b.Values);
        Tensor a = b.Full(0), w = b.Full(1).MT;                                 // (n, …, K), (n, K, N)
        bool isRow = b.Rank(0) == 1;
        Tensor rows = isRow ? a.Unsqueeze(1) : a.Reshape(b.Size, b.Shape(0)[..^1].Count, a.Shape[^1]);
        Tensor y = rows.MatMul(w);                                              // (n, rows, N)
        if (b.Count > 2) y = y + (b.IsMapped(2) ? b[2].Unsqueeze(1) : b[2]);
        return y.Reshape([.. a.Shape.Span[..^1], w.Shape[^1]]);
    }
}
