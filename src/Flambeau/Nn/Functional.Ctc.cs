namespace Flambeau.Nn;

public static partial class F
{
    const double Never = -1e30;                                                  // ln 0, with which one can compute on

    /// <summary>Connectionist temporal classification: −ln of the probability of all paths that read as the target. PyTorch's <c>ctc_loss</c> (Graves et al. 2006).</summary>
    /// <param name="logProbs">(T, N, C) or (T, C): log-probabilities, normalized along the last axis, as of <see cref="LogSoftmax"/>.</param>
    /// <param name="targets">Classes without blanks: (N, S) padded, or all one after the other.</param>
    /// <param name="inputLengths">How many of T count, (N,).</param>
    /// <param name="targetLengths">How many classes each target has, (N,).</param>
    /// <param name="blank">The class that means none.</param>
    /// <param name="reduction">The mean is taken of losses over target lengths.</param>
    /// <param name="zeroInfinity">Whether infinite losses, of targets too long for their input, count as 0 and have no gradient.</param>
    /// <exception cref="ArgumentException">Shapes, lengths or types do not fit.</exception>
    public static Tensor CtcLoss(Tensor logProbs, Tensor targets, Tensor inputLengths, Tensor targetLengths, long blank = 0, Reduction reduction = Reduction.Mean, bool zeroInfinity = false)
    {
        if (!inputLengths.DType.IsInteger || !targetLengths.DType.IsInteger) throw new ArgumentException($"CtcLoss: lengths are integers, not {inputLengths.DType} and {targetLengths.DType}.");
        return CtcLoss(logProbs, targets, inputLengths.ToArray<long>(), targetLengths.ToArray<long>(), blank, reduction, zeroInfinity);
    }

    /// <inheritdoc cref="CtcLoss(Tensor, Tensor, Tensor, Tensor, long, Reduction, bool)"/>
    public static Tensor CtcLoss(Tensor logProbs, Tensor targets, ReadOnlySpan<long> inputLengths, ReadOnlySpan<long> targetLengths, long blank = 0, Reduction reduction = Reduction.Mean,
        bool zeroInfinity = false)
    {
        using var autocast = Amp.Enter("ctc_loss", ref logProbs);
        if (logProbs.Rank is not (2 or 3)) throw new ArgumentException($"CtcLoss: log-probabilities of shape {logProbs.Shape} are neither (T, N, C) nor (T, C).");
        bool single = logProbs.Rank == 2;
        Tensor x = single ? logProbs.Unsqueeze(1) : logProbs;
        long[][] labels = Labels(x, targets, inputLengths, targetLengths, blank);
        Tensor loss = CtcPaths(x, labels, inputLengths.ToArray(), blank);
        if (zeroInfinity) loss = Tensor.Where(loss.Eq(double.PositiveInfinity), 0.0, loss);
        if (reduction == Reduction.Mean)
            return (loss / Tensor.From([.. labels.Select(l => (double)Math.Max(1, l.Length))]).To(loss.DType)).Mean();
        return Reduce("CtcLoss", single ? loss.Squeeze(0) : loss, reduction);
    }

    static long[][] Labels(Tensor x, Tensor targets, ReadOnlySpan<long> inputLengths, ReadOnlySpan<long> targetLengths, long blank)
    {
        (long steps, long n, long classes) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        if (x.DType is not (DType.Float32 or DType.Float64)) throw new ArgumentException($"CtcLoss: log-probabilities are {x.DType}; they must be float32 or float64.");
        if (!targets.DType.IsInteger) throw new ArgumentException($"CtcLoss: targets are classes, integers, not {targets.DType}.");
        if (blank < 0 || blank >= classes) throw new ArgumentException($"CtcLoss: blank {blank} is none of {classes} classes.");
        if (inputLengths.Length != n || targetLengths.Length != n)
            throw new ArgumentException($"CtcLoss: a batch of {n} wants as many lengths, not {inputLengths.Length} of inputs and {targetLengths.Length} of targets.");
        long total = 0, longest = 0;
        foreach (long l in targetLengths)
        {
            if (l < 0) throw new ArgumentException($"CtcLoss: {l} is no length of a target.");
            (total, longest) = (total + l, Math.Max(longest, l));
        }
        foreach (long l in inputLengths) if (l < 0 || l > steps) throw new ArgumentException($"CtcLoss: an input cannot have {l} of {steps} steps.");
        bool padded = targets.Rank == 2;
        if (padded ? targets.Shape[0] != n || targets.Shape[1] < longest : targets.Rank != 1 || targets.Shape[0] != total)
            throw new ArgumentException($"CtcLoss: targets of shape {targets.Shape} do not fit: they are ({n}, at least {longest}), or all {total} one after the other.");
        long[] t = targets.ToArray<long>();
        var labels = new long[n][];
        for (long i = 0, at = 0; i < n; at += targetLengths[(int)i++])
        {
            labels[i] = t.AsSpan((int)(padded ? i * targets.Shape[1] : at), (int)targetLengths[(int)i]).ToArray();
            foreach (long c in labels[i]) if (c < 0 || c >= classes) throw new ArgumentOutOfRangeException(nameof(targets), $"CtcLoss: there is no class {c} among {classes}.");
        }
        return labels;
    }

    // The states of sample i are blank, l₁, blank, l₂, … blank; alpha is the log-probability of all paths that have come to a state.
    static Tensor CtcPaths(Tensor x, long[][] labels, long[] inputLengths, long blank)
    {
        long steps = x.Shape[0], n = labels.Length, states = 2 * labels.Select(l => l.Length).DefaultIfEmpty(0).Max() + 1;
        var state = new long[n * states];
        var skips = new bool[n * states];                                        // whether a state may follow that two before
        var first = new bool[n * states];
        var last = new bool[n * states];
        Array.Fill(state, blank);
        for (long i = 0; i < n; i++)
        {
            long[] l = labels[i];
            for (int k = 0; k < l.Length; k++)
            {
                state[i * states + 2 * k + 1] = l[k];
                skips[i * states + 2 * k + 1] = k > 0 && l[k] != l[k - 1];
            }
            first[i * states] = last[i * states + 2 * l.Length] = true;
            if (l.Length > 0) first[i * states + 1] = last[i * states + 2 * l.Length - 1] = true;
        }
        // A probability moved is one taken from others of its step: this gives PyTorch's gradient, e^x − posterior, also where log_softmax is not differentiated.
        Tensor mass = x.Exp().Sum(-1, keepDim: true);
        x = (x - (mass - mass.Detach())).Clamp(min: Never);
        Tensor emitted = x.Gather(2, Tensor.From<long>(state, 1, n, states).Expand(steps, n, states));               // (T, N, states)
        Tensor never = Tensor.Full([n, states], Never, x.DType), beginning = Tensor.From<bool>(first, n, states), ending = Tensor.From<bool>(last, n, states);
        Tensor allowed = Tensor.From<bool>(skips, n, states);
        Tensor alpha = Tensor.Where(Tensor.From<bool>([.. labels.Zip(inputLengths).SelectMany(p => Enumerable.Range(0, (int)states).Select(s => p.Second == 0 && s == 0))], n, states), 0.0, never);
        for (long t = 0; t < steps; t++)
        {
            Tensor now;
            if (t == 0) now = Tensor.Where(beginning, emitted.Select(0, 0), never);
            else
            {
                Tensor one = Pad(alpha, [1, -1], value: Never), two = states > 1 ? Tensor.Where(allowed, Pad(alpha, [2, -2], value: Never), never) : never;
                now = (Tensor.Stack([alpha, one, two]).LogSumExp([0]) + emitted.Select(0, t)).Clamp(min: Never);
            }
            bool[] counts = [.. inputLengths.Select(l => t < l)];
            alpha = counts.All(c => c) ? now : Tensor.Where(Tensor.From<bool>(counts, n, 1), now, alpha);
        }
        Tensor sum = Tensor.Where(ending, alpha, never).LogSumExp([1]);
        return Tensor.Where(sum.Lt(Never / 2), double.PositiveInfinity, -sum);
    }
}
