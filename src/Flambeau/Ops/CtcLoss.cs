using Flambeau.Backends;
using Flambeau.Nn;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>
/// −ln of the probability of all paths that read as a target. Inputs: log-probabilities, (T, N, C), and in int64 the targets, (N, S), of which each has its length, how many steps
/// count, (N,), and the targets' lengths, (N,). Results: losses, (N,), and for the derivative ln α, (N, T, 2S + 1): of all paths that have come to a state, in a sample's states and
/// steps only. States are blank, l₁, blank, l₂, … blank. The composition answers the same, and serves where derivatives are differentiated or the function is transformed.
/// </summary>
internal sealed record CtcLoss(long Blank, bool ZeroInfinity) : MultiOp
{
    const double Never = -1e30;                                                  // ln 0, with which one can compute on

    protected internal override bool IsResultDifferentiable(int i) => i == 0;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        Dims s = x[0].Shape;
        return [new([s[1]], x[0].DType, x[0].Device), new([s[1], s[0], 2 * x[1].Shape[1] + 1], x[0].DType, x[0].Device)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        d.CtcLoss(x[0].MakeContiguous(), x[1].MakeContiguous(), x[2].MakeContiguous(), x[3].MakeContiguous(), Blank, y[0], y[1]);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor x = n.Input(0), targets = n.Input(1), steps = n.Input(2), lengths = n.Input(3);
        Tensor dx = Autograd.IsComposing ? Func.Vjp<Tensor, Tensor>(a => Compose(a, targets, steps, lengths), x).Vjp(g[0]!)
            : Apply(new CtcLossBackward(Blank, ZeroInfinity), g[0]!, x, targets, steps, lengths, n.Output(0), n.Output(1));
        return [dx, null, null, null];
    }

    protected internal override Saved Saves(uint needs) => new(~0u, 3);

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor targets = x[1], steps = x[2], lengths = x[3];
        return [Func.Jvp<Tensor, Tensor>(a => Compose(a, targets, steps, lengths), x[0], t[0]!).Jvp, null];
    }

    // The examples are samples.
    protected internal override Tensor[] BatchAll(in Batched b)
    {
        long size = b.Size;
        Tensor[] y = ApplyAll(this, b.Full(0).Transpose(0, 1).Flatten(1, 2), b.Full(1).Flatten(0, 1), b.Full(2).Flatten(0, 1), b.Full(3).Flatten(0, 1));
        return Array.ConvertAll(y, t => t.Unflatten(0, [size, -1]));
    }

    Tensor Compose(Tensor x, Tensor targets, Tensor inputLengths, Tensor targetLengths)
    {
        long steps = x.Shape[0], n = targets.Shape[0], longest = targets.Shape[1], states = 2 * longest + 1;
        long[] labels = targets.ToArray<long>(), counts = inputLengths.ToArray<long>(), lengths = targetLengths.ToArray<long>();
        var state = new long[n * states];
        var skips = new bool[n * states];                                        // whether a state may follow that two before
        var first = new bool[n * states];
        var last = new bool[n * states];
        var start = new bool[n * states];
        Array.Fill(state, Blank);
        for (long i = 0; i < n; i++)
        {
            ReadOnlySpan<long> l = labels.AsSpan((int)(i * longest), (int)lengths[i]);
            for (int k = 0; k < l.Length; k++)
            {
                state[i * states + 2 * k + 1] = l[k];
                skips[i * states + 2 * k + 1] = k > 0 && l[k] != l[k - 1];
            }
            first[i * states] = last[i * states + 2 * l.Length] = true;
            if (l.Length > 0) first[i * states + 1] = last[i * states + 2 * l.Length - 1] = true;
            start[i * states] = counts[i] == 0;
        }
        // A probability moved is one taken from others of its step: this gives PyTorch's gradient, e^x − posterior, also where log_softmax is not differentiated.
        Tensor mass = x.Exp().Sum(-1, keepDim: true);
        x = (x - (mass - mass.Detach())).Clamp(min: Never);
        Tensor emitted = x.Gather(2, Tensor.From<long>(state, 1, n, states).Expand(steps, n, states));               // (T, N, states)
        Tensor never = Tensor.Full([n, states], Never, x.DType), beginning = Tensor.From<bool>(first, n, states), ending = Tensor.From<bool>(last, n, states);
        Tensor allowed = Tensor.From<bool>(skips, n, states), alpha = Tensor.Where(Tensor.From<bool>(start, n, states), 0.0, never);
        for (long t = 0; t < steps; t++)
        {
            Tensor now;
            if (t == 0) now = Tensor.Where(beginning, emitted.Select(0, 0), never);
            else
            {
                Tensor one = F.Pad(alpha, [1, -1], value: Never), two = states > 1 ? Tensor.Where(allowed, F.Pad(alpha, [2, -2], value: Never), never) : never;
                now = (Tensor.Stack([alpha, one, two]).LogSumExp([0]) + emitted.Select(0, t)).Clamp(min: Never);
            }
            bool[] going = [.. counts.Select(c => t < c)];
            alpha = going.All(c => c) ? now : Tensor.Where(Tensor.From<bool>(going, n, 1), now, alpha);
        }
        Tensor sum = Tensor.Where(ending, alpha, never).LogSumExp([1]);
        return Tensor.Where(sum.Lt(Never / 2), double.PositiveInfinity, -sum);
    }
}

/// <summary>
/// The gradient of log-probabilities: e^x less what each class has of the paths, as PyTorch also where they are not normalized. Where there is no path it is NaN, or 0 if infinite
/// losses count as 0. Inputs: gradient, then what <see cref="CtcLoss"/> took and answered.
/// </summary>
internal sealed record CtcLossBackward(long Blank, bool ZeroInfinity) : Op
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec Infer(Args x) => new(x[1].Shape, x[1].DType, x[1].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.CtcLossBackward(x[0].MakeContiguous(), x[1].MakeContiguous(), x[2].MakeContiguous(), x[3].MakeContiguous(),
        x[4].MakeContiguous(), x[5], x[6], Blank, ZeroInfinity, y);
}
