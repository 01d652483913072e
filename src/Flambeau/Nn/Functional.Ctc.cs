namespace Flambeau.Nn;

public static partial class F
{
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
        Tensor labels = Labels(x, targets, inputLengths, targetLengths, blank), lengths = Tensor.From(targetLengths, [x.Shape[1]]);
        Tensor loss = Ops.Op.ApplyAll(new Ops.CtcLoss(blank, zeroInfinity), x, labels, Tensor.From(inputLengths, [x.Shape[1]]), lengths)[0];
        if (zeroInfinity) loss = Tensor.Where(loss.Eq(double.PositiveInfinity), 0.0, loss);
        if (reduction == Reduction.Mean)
            return (loss / lengths.Clamp(min: 1).To(loss.DType)).Mean();
        return Reduce("CtcLoss", single ? loss.Squeeze(0) : loss, reduction);
    }

    // (N, the longest), in int64
    static Tensor Labels(Tensor x, Tensor targets, ReadOnlySpan<long> inputLengths, ReadOnlySpan<long> targetLengths, long blank)
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
        long[] t = targets.ToArray<long>(), labels = new long[n * longest];
        for (long i = 0, at = 0; i < n; at += targetLengths[(int)i++])
        {
            Span<long> own = labels.AsSpan((int)(i * longest), (int)targetLengths[(int)i]);
            t.AsSpan((int)(padded ? i * targets.Shape[1] : at), own.Length).CopyTo(own);
            foreach (long c in own) if (c < 0 || c >= classes) throw new ArgumentOutOfRangeException(nameof(targets), $"CtcLoss: there is no class {c} among {classes}.");
        }
        return Tensor.From<long>(labels, n, longest);
    }
}
