namespace Flambeau.Nn;

/// <summary>
/// Log-probabilities of very many classes, the frequent ones first: rare ones stand in clusters that share a place among the frequent ones and
/// have smaller projections. PyTorch's <c>nn.AdaptiveLogSoftmaxWithLoss</c> (Grave et al., 2017).
/// </summary>
public class AdaptiveLogSoftmaxWithLoss : Module
{
    readonly long[] _cutoffs;
    readonly long _inFeatures;

    /// <summary>Makes the head and the tails.</summary>
    /// <param name="inFeatures">The size of an input.</param>
    /// <param name="nClasses">How many classes there are.</param>
    /// <param name="cutoffs">Where clusters begin, rising, from 1 to <paramref name="nClasses"/> − 1.</param>
    /// <param name="divValue">By what each cluster's projection is smaller than the one before.</param>
    /// <param name="headBias">Whether the head has a bias.</param>
    /// <param name="dtype">The type of the parameters.</param>
    /// <exception cref="ArgumentException">The cutoffs do not rise, or lie outside the classes.</exception>
    public AdaptiveLogSoftmaxWithLoss(long inFeatures, long nClasses, ReadOnlySpan<long> cutoffs, double divValue = 4, bool headBias = false, DType? dtype = null)
    {
        _cutoffs = [.. cutoffs, nClasses];
        for (int i = 0; i < _cutoffs.Length; i++)
            if (cutoffs.IsEmpty || _cutoffs[i] <= (i == 0 ? 0 : _cutoffs[i - 1]))
                throw new ArgumentException($"AdaptiveLogSoftmaxWithLoss: the cutoffs {new Dims(cutoffs.ToArray())} must rise strictly from at least 1 to at most {nClasses - 1}.", nameof(cutoffs));
        _inFeatures = inFeatures;
        Head = new(inFeatures, Shortlist + cutoffs.Length, headBias, dtype);
        for (int i = 0; i < cutoffs.Length; i++)
        {
            long size = (long)(inFeatures / Math.Pow(divValue, i + 1));
            Tail.Add(new Sequential(new Linear(inFeatures, size, false, dtype), new Linear(size, _cutoffs[i + 1] - _cutoffs[i], false, dtype)));
        }
    }

    long Shortlist => _cutoffs[0];

    /// <summary>Scores of the frequent classes and of the clusters.</summary>
    public Linear Head { get; set; }

    /// <summary>Scores within each cluster.</summary>
    public ModuleList<Sequential> Tail { get; } = [];

    /// <summary>The log-probabilities of the targets, and their mean with the sign turned.</summary>
    /// <param name="input">(N, inFeatures) or (inFeatures,).</param>
    /// <param name="target">(N,) or (): classes.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or a class is none.</exception>
    public (Tensor Output, Tensor Loss) Forward(Tensor input, Tensor target)
    {
        if (input.Rank != target.Rank + 1 || target.Rank > 1 || input.Shape[^1] != _inFeatures || target.Rank == 1 && input.Shape[0] != target.Shape[0])
            throw new ArgumentException($"AdaptiveLogSoftmaxWithLoss: input {input.Shape} and target {target.Shape} are neither (N, {_inFeatures}) and (N,) nor ({_inFeatures},) and ().");
        if (target.Rank == 0)
        {
            (Tensor one, Tensor mean) = Forward(input.Unsqueeze(0), target.Unsqueeze(0));
            return (one.Squeeze(0), mean);
        }
        target = target.Long();
        if (target.Count > 0 && (target.Min().Item<long>() < 0 || target.Max().Item<long>() >= _cutoffs[^1]))
            throw new ArgumentOutOfRangeException(nameof(target), $"AdaptiveLogSoftmaxWithLoss: classes from {target.Min().Item<long>()} to {target.Max().Item<long>()}; they must lie in [0, {_cutoffs[^1] - 1}].");
        Tensor place = target.Clone(), y = Tensor.Zeros([input.Shape[0]], input.DType);
        for (int i = 0; i < Tail.Count; i++)
        {
            Tensor rows = target.Ge(_cutoffs[i]).LogicalAnd(target.Lt(_cutoffs[i + 1])).NonZero().Squeeze(1);
            if (rows.Count == 0) continue;
            place = place.IndexFill(0, rows, Shortlist + i);
            Tensor within = (target.IndexSelect(0, rows) - _cutoffs[i]).Unsqueeze(1);
            y = y.IndexCopy(0, rows, Tail[i].Call(input.IndexSelect(0, rows)).LogSoftmax(1).Gather(1, within).Squeeze(1));
        }
        y = y + Head.Call(input).LogSoftmax(1).Gather(1, place.Unsqueeze(1)).Squeeze(1);
        return (y, -y.Mean());
    }

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public (Tensor Output, Tensor Loss) Call(Tensor input, Tensor target) => Invoke([input, target], x => Forward(x[0]!, x[1]!));

    /// <summary>The log-probabilities of all classes: (N, inFeatures) → (N, nClasses).</summary>
    public Tensor LogProb(Tensor input)
    {
        Tensor head = Head.Call(input).LogSoftmax(1);
        List<Tensor> parts = [head.Narrow(1, 0, Shortlist)];
        for (int i = 0; i < Tail.Count; i++) parts.Add(Tail[i].Call(input).LogSoftmax(1) + head.Narrow(1, Shortlist + i, 1));
        return Tensor.Cat(parts, 1);
    }

    /// <summary>The likeliest class of each input: (N, inFeatures) → (N,).</summary>
    public Tensor Predict(Tensor input) => LogProb(input).ArgMax(1);
}

/// <summary>Connectionist temporal classification. PyTorch's <c>nn.CTCLoss</c>; <see cref="F.CtcLoss(Tensor, Tensor, Tensor, Tensor, long, Reduction, bool)"/> says more.</summary>
/// <param name="blank">The class that means none.</param>
/// <param name="reduction">What becomes of the sequences' losses.</param>
/// <param name="zeroInfinity">Whether infinite losses count as 0.</param>
public class CtcLoss(long blank = 0, Reduction reduction = Reduction.Mean, bool zeroInfinity = false) : Module
{
    /// <summary>The loss.</summary>
    public Tensor Forward(Tensor logProbs, Tensor targets, Tensor inputLengths, Tensor targetLengths) =>
        F.CtcLoss(logProbs, targets, inputLengths, targetLengths, blank, reduction, zeroInfinity);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor logProbs, Tensor targets, Tensor inputLengths, Tensor targetLengths) =>
        Invoke([logProbs, targets, inputLengths, targetLengths], x => Forward(x[0]!, x[1]!, x[2]!, x[3]!));
}
