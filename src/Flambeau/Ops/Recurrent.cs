using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>The slices along the first axis, as one operation: differentiating slice by slice would fill the whole with zeros for each.</summary>
internal sealed record Unbind : MultiOp
{
    public static readonly Unbind Instance = new();

    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        var y = new TensorSpec[x[0].Shape[0]];
        Array.Fill(y, new(x[0].Shape[1..], x[0].DType, x[0].Device));
        return y;
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y)
    {
        for (int i = 0; i < y.Length; i++) d.Copy(x[0].Window(new Select(0, i).Transform(x[0].Layout)), y[i]);
    }

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n) =>
        [Tensor.Stack([.. g.Select(t => t ?? Tensor.Zeros(new TensorSpec(n.ResultShape(), n.ResultDType())))])];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) => ApplyAll(this, t[0]!);

    protected internal override Tensor[] BatchAll(in Batched b) => Array.ConvertAll(ApplyAll(this, b[0].Transpose(0, 1)), y => y);
}

/// <summary>
/// What an LSTM does with its gates: c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′). Inputs: the parts (i, f, g, o) of the gates that come
/// from the input and from the state, both (N, 4H), and c, (N, H). Results: h′, c′ and, for the derivative, the gates after their functions.
/// </summary>
internal sealed record LstmGates : MultiOp
{
    public static readonly LstmGates Instance = new();

    protected internal override bool IsResultDifferentiable(int i) => i < 2;

    protected internal override TensorSpec[] InferAll(Args x) => [Like(x[2]), Like(x[2]), Like(x[0])];

    static TensorSpec Like(Tensor x) => new(x.Shape, x.DType, x.Device);

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        d.LstmGates(x[0].MakeContiguous(), x[1].MakeContiguous(), x[2].MakeContiguous(), y[0], y[1], y[2]);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor c = n.Input(2), dh = g[0] ?? Tensor.ZerosLike(c), dc = g[1] ?? Tensor.ZerosLike(c);
        if (!Autograd.IsComposing)
        {
            Tensor[] d = ApplyAll(LstmGatesBackward.Instance, dh, dc, c, n.Output(1), n.Output(2));
            return [d[0], d[0], d[1]];
        }
        Tensor[] a = (n.Input(0) + n.Input(1)).Chunk(4, -1);
        Tensor i = a[0].Sigmoid(), f = a[1].Sigmoid(), cell = a[2].Tanh(), o = a[3].Sigmoid(), t = (f * c + i * cell).Tanh(), total = dc + dh * o * (1 - t * t);
        Tensor gates = Tensor.Cat([total * cell * i * (1 - i), total * c * f * (1 - f), total * i * (1 - cell * cell), dh * t * o * (1 - o)], -1);
        return [gates, gates, total * f];
    }

    protected internal override Saved Saves(uint needs) => Saved.Inputs | new Saved(0, 6);

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor c = x[2];
        Tensor? gates = Plus(t[0], t[1]);
        Tensor[] a = (x[0] + x[1]).Chunk(4, -1);
        Tensor i = a[0].Sigmoid(), f = a[1].Sigmoid(), cell = a[2].Tanh(), o = a[3].Sigmoid(), h = (f * c + i * cell).Tanh();
        Tensor? dc = t[2] is { } tc ? f * tc : null, dh = null;
        if (gates is not null)
        {
            Tensor[] d = gates.Chunk(4, -1);
            dc = Plus(dc, i * (1 - i) * cell * d[0] + f * (1 - f) * c * d[1] + i * (1 - cell * cell) * d[2]);
            dh = o * (1 - o) * h * d[3];
        }
        return [Plus(dh, o * (1 - h * h) * dc!), dc, null];
    }

    protected internal override Tensor[] BatchAll(in Batched b)
    {
        if (b.Rank(2) == 1) return ApplyAll(this, b.Full());                    // the examples are rows
        Tensor[] x = Array.ConvertAll(b.Full(), Conv.Joined);                   // each row is by itself
        long n = b.Size;
        return Array.ConvertAll(ApplyAll(this, x), y => Conv.Apart(y, n));
    }
}

/// <summary>The gradients of the gates and of c. Inputs: those of h′ and c′, c, c′, the gates after their functions.</summary>
internal sealed record LstmGatesBackward : MultiOp
{
    public static readonly LstmGatesBackward Instance = new();

    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec[] InferAll(Args x) => [new(x[4].Shape, x[4].DType, x[4].Device), new(x[2].Shape, x[2].DType, x[2].Device)];

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        d.LstmGatesBackward(x[0].MakeContiguous(), x[1].MakeContiguous(), x[2].MakeContiguous(), x[3].MakeContiguous(), x[4].MakeContiguous(), y[0], y[1]);
}

/// <summary>
/// What a GRU does with its gates: n = tanh(nₓ + σ(r) nₕ), h′ = (1 − σ(z)) n + σ(z) h. Inputs: the parts (r, z, n) of the gates that come from
/// the input and from the state, both (N, 3H), and h, (N, H). Results: h′ and, for the derivative, the gates after their functions.
/// </summary>
internal sealed record GruGates : MultiOp
{
    public static readonly GruGates Instance = new();

    protected internal override bool IsResultDifferentiable(int i) => i == 0;

    protected internal override TensorSpec[] InferAll(Args x) => [new(x[2].Shape, x[2].DType, x[2].Device), new(x[0].Shape, x[0].DType, x[0].Device)];

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        d.GruGates(x[0].MakeContiguous(), x[1].MakeContiguous(), x[2].MakeContiguous(), y[0], y[1]);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor dh = g[0]!, h = n.Input(2);
        if (!Autograd.IsComposing) return [.. ApplyAll(GruGatesBackward.Instance, dh, n.Input(1), h, n.Output(1))];
        Tensor[] a = n.Input(0).Chunk(3, -1), b = n.Input(1).Chunk(3, -1);
        Tensor r = (a[0] + b[0]).Sigmoid(), z = (a[1] + b[1]).Sigmoid(), m = (a[2] + r * b[2]).Tanh();
        Tensor dm = dh * (1 - z) * (1 - m * m), dz = dh * (h - m) * z * (1 - z), dr = dm * b[2] * r * (1 - r);
        return [Tensor.Cat([dr, dz, dm], -1), Tensor.Cat([dr, dz, dm * r], -1), dh * z];
    }

    protected internal override Saved Saves(uint needs) => Saved.Inputs | new Saved(0, 2);

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor h = x[2];
        Tensor[] a = x[0].Chunk(3, -1), b = x[1].Chunk(3, -1);
        Tensor r = (a[0] + b[0]).Sigmoid(), z = (a[1] + b[1]).Sigmoid(), m = (a[2] + r * b[2]).Tanh();
        Tensor[] da = (t[0] ?? Tensor.ZerosLike(x[0])).Chunk(3, -1), db = (t[1] ?? Tensor.ZerosLike(x[1])).Chunk(3, -1);
        Tensor dr = r * (1 - r) * (da[0] + db[0]), dz = z * (1 - z) * (da[1] + db[1]), dm = (1 - m * m) * (da[2] + dr * b[2] + r * db[2]);
        return [Plus((1 - z) * dm + dz * (h - m), t[2] is { } dh ? z * dh : null), null];
    }

    protected internal override Tensor[] BatchAll(in Batched b)
    {
        if (b.Rank(2) == 1) return ApplyAll(this, b.Full());                    // the examples are rows
        Tensor[] x = Array.ConvertAll(b.Full(), Conv.Joined);                   // each row is by itself
        long n = b.Size;
        return Array.ConvertAll(ApplyAll(this, x), y => Conv.Apart(y, n));
    }
}

/// <summary>The gradients of both parts of the gates and of h. Inputs: that of h′, the state's part of the gates, h, the gates after their functions.</summary>
internal sealed record GruGatesBackward : MultiOp
{
    public static readonly GruGatesBackward Instance = new();

    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        TensorSpec gates = new(x[1].Shape, x[1].DType, x[1].Device);
        return [gates, gates, new(x[2].Shape, x[2].DType, x[2].Device)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        d.GruGatesBackward(x[0].MakeContiguous(), x[1].MakeContiguous(), x[2].MakeContiguous(), x[3].MakeContiguous(), y[0], y[1], y[2]);
}
