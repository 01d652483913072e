using Flambeau.Backends;
using Flambeau.Nn;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>The recurrences that there are.</summary>
internal enum RecurrentKind { Lstm, Gru, Tanh, Relu }

/// <summary>
/// One layer over all time steps in one direction. Inputs: the input's share of the gates with all biases but a GRU's of the state, (T, N, G · H), the first h, (N, H), the state's
/// weight, (G · H, H), and then an LSTM's first c, (N, H), or a GRU's bias of the state, if there is one, (3H). Results: all h, (T, N, H), the last h and an LSTM's last c, (N, H);
/// and if it <paramref name="Keeps"/> what the derivative wants all c, (T, N, H), and the gates after their functions, (T, N, 4H): an LSTM's i, f, g, o, a GRU's r, z, n and what r multiplies.
/// The composition of single steps answers the same, and serves where derivatives are differentiated or the function is transformed.
/// </summary>
internal sealed record RecurrentLayer(RecurrentKind Kind, bool Reverse, bool Keeps) : MultiOp
{
    /// <summary>How many gates a cell has.</summary>
    public static long Gates(RecurrentKind kind) => kind switch { RecurrentKind.Lstm => 4, RecurrentKind.Gru => 3, _ => 1 };

    /// <summary>Results that are there for anyone but the derivative.</summary>
    int Visible => Kind == RecurrentKind.Lstm ? 3 : 2;

    protected internal override bool IsResultDifferentiable(int i) => i < Visible;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        DType type = x[0].DType;
        foreach (Tensor t in x)
            if (t.DType != type) throw new ArgumentException($"{Kind}: input, states and weights must have one type, not {type} and {t.DType}. Convert one of them.");
        long steps = x[0].Shape[0], rows = x[0].Shape[1], h = x[2].Shape[1];
        Device device = Shapes.SameDevice("recurrent layer", x);
        TensorSpec all = new([steps, rows, h], type, device), last = new([rows, h], type, device), kept = new([steps, rows, 4 * h], type.Compute, device);
        return Kind switch
        {
            RecurrentKind.Lstm => Keeps ? [all, last, last, all with { DType = type.Compute }, kept] : [all, last, last],
            RecurrentKind.Gru => Keeps ? [all, last, kept] : [all, last],
            _ => [all, last],
        };
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y)
    {
        Tensor[] all = x.ToArray();
        for (int i = 0; i < all.Length; i++) all[i] = all[i].MakeContiguous();
        d.RecurrentLayer(Kind, Reverse, all, y);
    }

    protected internal override long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => x[0].Count * x[2].Shape[1];

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        var inputs = new Tensor[n.InputCount];
        for (int i = 0; i < inputs.Length; i++) inputs[i] = n.Input(i);
        var dy = new Tensor[Visible];
        for (int i = 0; i < dy.Length; i++) dy[i] = g[i] ?? Tensor.Zeros(new TensorSpec(n.ResultShape(i), n.ResultDType(i)));
        if (Autograd.IsComposing || !Keeps) return Func.Vjp<Tensor[], Tensor[]>(Compose, inputs).Vjp(dy);

        // The kernel gives the gradients of the gates; those of the weight are sums over all steps, one product.
        Tensor y = n.Output(), h0 = inputs[1], w = inputs[2];
        Tensor[] d = Kind switch
        {
            RecurrentKind.Lstm => ApplyAll(new RecurrentLayerBackward(Kind, Reverse), dy[0], dy[1], y, h0, w, dy[2], inputs[3], n.Output(3), n.Output(4)),
            RecurrentKind.Gru => ApplyAll(new RecurrentLayerBackward(Kind, Reverse), dy[0], dy[1], y, h0, w, n.Output(2)),
            _ => ApplyAll(new RecurrentLayerBackward(Kind, Reverse), dy[0], dy[1], y, h0, w),
        };
        Tensor gates = Kind == RecurrentKind.Gru ? d[2] : d[0];                // of the state's share
        Tensor? dw = n.Needs(2) ? WeightGradient(gates, y, h0) : null;
        return Kind switch
        {
            RecurrentKind.Lstm => [d[0], d[1], dw, d[2]],
            RecurrentKind.Gru when inputs.Length > 3 => [d[0], d[1], dw, n.Needs(3) ? gates.Sum([0, 1]) : null],
            _ => [d[0], d[1], dw],
        };
    }

    // Σ over steps of (gates of a step)ᵀ · (h before it): (G · H, H)
    Tensor WeightGradient(Tensor gates, Tensor y, Tensor h0)
    {
        long steps = y.Shape[0], rest = steps - 1;
        Tensor dw = gates.Select(0, Reverse ? rest : 0).MT.MatMul(h0);
        return rest == 0 ? dw : gates.Narrow(0, Reverse ? 0 : 1, rest).Flatten(0, 1).MT.MatMul(y.Narrow(0, Reverse ? 1 : 0, rest).Flatten(0, 1)) + dw;
    }

    protected internal override Saved Saves(uint needs) => new(~0u, !Keeps ? 0u : Kind switch { RecurrentKind.Lstm => 0b11001u, RecurrentKind.Gru => 0b101u, _ => 1u });

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor[] at = x.ToArray(), along = new Tensor[at.Length];
        for (int i = 0; i < at.Length; i++) along[i] = t[i] ?? Tensor.ZerosLike(at[i]);
        return [.. Func.Jvp<Tensor[], Tensor[]>(Compose, at, along).Jvp, .. new Tensor?[y.Length - Visible]];
    }

    protected internal override Tensor[] BatchAll(in Batched b)
    {
        if (b.IsMapped(2) || (Kind == RecurrentKind.Gru && b.Count > 3 && b.IsMapped(3)))
        {
            // Weights of their own: the composition's products have rules for that. What only the derivative wants is made of its results.
            Tensor[] y = Func.Vmap<Tensor[], Tensor[]>(Compose)(b.Full());
            TensorSpec[] specs = InferAll(b.Examples);
            long size = b.Size;
            return [.. y, .. specs[Visible..].Select(s => Tensor.Zeros(new TensorSpec([size, .. s.Shape], s.DType, s.Device)))];
        }
        // Shared weights: the examples are rows.
        long n = b.Size, rows = b.Shape(0)[1];
        Tensor[] x = new Tensor[b.Count];
        for (int i = 0; i < x.Length; i++) x[i] = i == 2 || (i == 3 && Kind == RecurrentKind.Gru) ? b[i] : i == 0 ? b.Full(0).Transpose(0, 1).Flatten(1, 2) : b.Full(i).Flatten(0, 1);
        return Array.ConvertAll(ApplyAll(this, x), t => t.Rank == 3 ? t.Reshape(t.Shape[0], n, rows, -1).Transpose(0, 1) : t.Reshape(n, rows, -1));
    }

    /// <summary>The results that are differentiable, step by step.</summary>
    Tensor[] Compose(Tensor[] x)
    {
        Tensor h = x[1], c = Kind == RecurrentKind.Lstm ? x[3] : h;
        Tensor y = Compose(Kind, Reverse, x[0], x[2], Kind == RecurrentKind.Gru && x.Length > 3 ? x[3] : null, null, ref h, ref c);
        return Kind == RecurrentKind.Lstm ? [y, h, c] : [y, h];
    }

    /// <summary>One layer in one direction as a composition of single steps; h and c are first and become last.</summary>
    /// <param name="kind">The recurrence.</param>
    /// <param name="reverse">Whether it begins at the end.</param>
    /// <param name="gates">The input's share of the gates.</param>
    /// <param name="weight">The state's weight.</param>
    /// <param name="bias">The state's bias, if it does not stand among the input's share.</param>
    /// <param name="projection">To what an LSTM's states are projected, (P, H).</param>
    /// <param name="h">The state.</param>
    /// <param name="c">An LSTM's cell.</param>
    public static Tensor Compose(RecurrentKind kind, bool reverse, Tensor gates, Tensor weight, Tensor? bias, Tensor? projection, ref Tensor h, ref Tensor c)
    {
        Tensor[] steps = ApplyAll(Unbind.Instance, gates), states = new Tensor[steps.Length];
        for (int k = 0; k < steps.Length; k++)
        {
            int t = reverse ? steps.Length - 1 - k : k;
            Tensor own = F.Linear(h, weight, bias);
            if (kind == RecurrentKind.Lstm)
            {
                Tensor[] y = ApplyAll(LstmGates.Instance, steps[t], own, c);
                (h, c) = (projection is null ? y[0] : F.Linear(y[0], projection), y[1]);
            }
            else h = kind == RecurrentKind.Gru ? ApplyAll(GruGates.Instance, steps[t], own, h)[0] : kind == RecurrentKind.Tanh ? (steps[t] + own).Tanh() : (steps[t] + own).Relu();
            states[t] = h;
        }
        return Tensor.Stack(states);
    }
}

/// <summary>
/// The gradients of a layer's gates, (T, N, G · H), and of the first h, and of an LSTM's first c, or those of a GRU's gates of the state. Inputs: the gradients of all h and of the
/// last, all h, the first h, the state's weight; of an LSTM the gradient of the last c, the first c, all c and the gates; of a GRU the gates.
/// </summary>
internal sealed record RecurrentLayerBackward(RecurrentKind Kind, bool Reverse) : MultiOp
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        Dims all = x[0].Shape;
        TensorSpec gates = new([all[0], all[1], RecurrentLayer.Gates(Kind) * all[2]], x[0].DType, x[0].Device), state = new(x[1].Shape, x[0].DType, x[0].Device);
        return Kind switch { RecurrentKind.Lstm => [gates, state, state], RecurrentKind.Gru => [gates, state, gates], _ => [gates, state] };
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y)
    {
        Tensor[] all = x.ToArray();
        for (int i = 0; i < all.Length; i++) all[i] = all[i].MakeContiguous();
        d.RecurrentLayerBackward(Kind, Reverse, all, y);
    }

    protected internal override long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => y[0].Count * x[0].Shape[2];
}
