using Flambeau.Ops;

namespace Flambeau.Nn;

// Losses element by element. Unlike PyTorch, none broadcasts input against target: that is nearly always a forgotten Squeeze, and silently wrong.
public static partial class F
{
    static void SameShape(string op, Tensor input, Tensor target)
    {
        if (input.Shape != target.Shape)
            throw new ArgumentException($"{op}: the input has shape {input.Shape}, the target {target.Shape}. Broadcasting them would compare every element with others' targets. " +
                "Give both one shape, with Squeeze, Unsqueeze or ExpandAs.");
    }

    static ArgumentException Unfit(string op, Reduction reduction) =>
        new($"{op}: reduction {reduction} is not defined here. Use None, Mean or Sum.", nameof(reduction));

    static Tensor Reduce(string op, Tensor loss, Reduction reduction, Tensor? target = null)
    {
        if (reduction == Reduction.None) return loss;
        return Checked(op, reduction switch { Reduction.Mean => loss.Mean(), Reduction.Sum => loss.Sum(), _ => throw Unfit(op, reduction) }, reduction, target);
    }

    // The losses of the elements, and one pass where their sum or mean is wanted.
    static Tensor Reduce<TOp>(string op, TOp loss, Tensor input, Tensor target, Reduction reduction) where TOp : struct, IBinaryOp
    {
        if (reduction is not (Reduction.Mean or Reduction.Sum) || !SumOf<TOp>.Takes(input, target)) return Reduce(op, input.Zip(loss, target), reduction, target);
        Tensor y = Op.Apply(new SumOf<TOp>(loss, Axes.All(input.Rank), false), input, target);
        return Checked(op, reduction == Reduction.Mean ? y / (double)input.Count : y, reduction, target);
    }

    static Tensor Checked(string op, Tensor y, Reduction reduction, Tensor? target)
    {
        // Only a loss that is lost already is worth looking for the cause.
        if (target is { DType.IsFloatingPoint: true, Device.IsMeta: false } && !y.Device.IsMeta && y.Detach().IsNan().MayHold && target.IsNan().MayHold)
            throw new ArgumentException($"{op}: the target has NaN elements, so the {reduction.ToString().ToLowerInvariant()} is no number. Remove them, or take reduction None and mask the result.");
        return y;
    }

    /// <summary>(x − t)². PyTorch's <c>mse_loss</c>.</summary>
    /// <param name="input">Predictions.</param>
    /// <param name="target">What they should be, of the same shape.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ, or labels are NaN.</exception>
    public static Tensor MseLoss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("mse_loss", ref input, ref target);
        SameShape("MseLoss", input, target);
        return Reduce("MseLoss", default(SquaredError), input, target, reduction);
    }

    /// <summary>|x − t|. PyTorch's <c>l1_loss</c>.</summary>
    /// <inheritdoc cref="MseLoss"/>
    public static Tensor L1Loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("l1_loss", ref input, ref target);
        SameShape("L1Loss", input, target);
        return reduction != Reduction.None && SumOf<AbsoluteError>.Takes(input, target) ? Reduce("L1Loss", default(AbsoluteError), input, target, reduction)
            : Reduce("L1Loss", (input - target).Abs(), reduction, target);
    }

    /// <summary>d²/2β where d = |x − t| &lt; β, else d − β/2. PyTorch's <c>smooth_l1_loss</c>.</summary>
    /// <param name="input">Predictions.</param>
    /// <param name="target">What they should be, of the same shape.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <param name="beta">Where the parabola becomes a line; not negative.</param>
    /// <exception cref="ArgumentException">The shapes differ, β is negative, or labels are NaN.</exception>
    public static Tensor SmoothL1Loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1)
    {
        using var autocast = Amp.Enter("smooth_l1_loss", ref input, ref target);
        if (!(beta >= 0)) throw new ArgumentOutOfRangeException(nameof(beta), $"SmoothL1Loss: beta is {beta}; it must not be negative.");
        if (beta == 0) return L1Loss(input, target, reduction);
        SameShape("SmoothL1Loss", input, target);
        return Reduce("SmoothL1Loss", new SmoothL1(beta), input, target, reduction);
    }

    /// <summary>d²/2 where d = |x − t| ≤ δ, else δ(d − δ/2). PyTorch's <c>huber_loss</c>.</summary>
    /// <param name="input">Predictions.</param>
    /// <param name="target">What they should be, of the same shape.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <param name="delta">Where the parabola becomes a line; positive.</param>
    /// <exception cref="ArgumentException">The shapes differ, δ is not positive, or labels are NaN.</exception>
    public static Tensor HuberLoss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double delta = 1)
    {
        using var autocast = Amp.Enter("huber_loss", ref input, ref target);
        if (!(delta > 0)) throw new ArgumentOutOfRangeException(nameof(delta), $"HuberLoss: delta is {delta}; it must be positive.");
        SameShape("HuberLoss", input, target);
        return Reduce("HuberLoss", new Huber(delta), input, target, reduction);
    }

    /// <summary>−t ln p − (1 − t) ln(1 − p), each logarithm at least −100. PyTorch's <c>binary_cross_entropy</c>.</summary>
    /// <param name="input">Probabilities in [0, 1].</param>
    /// <param name="target">What they should be, in [0, 1], of the same shape.</param>
    /// <param name="weight">A factor for each element, broadcast.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ, an input is not within [0, 1], or labels are NaN.</exception>
    public static Tensor BinaryCrossEntropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("binary_cross_entropy", ref input, ref target, ref weight);
        SameShape("BinaryCrossEntropy", input, target);
        if (input is { Count: > 0, Device.IsMeta: false })
        {
            using var _ = Autograd.NoGrad();
            double low = input.Behind.Min().Item<double>(), high = input.Behind.Max().Item<double>();
            if (!(low >= 0 && high <= 1))
                throw new ArgumentOutOfRangeException(nameof(input), $"BinaryCrossEntropy: the input holds {(low >= 0 ? high : low)}, which is no probability. Apply Sigmoid first, or use BinaryCrossEntropyWithLogits.");
        }
        return weight is null ? Reduce("BinaryCrossEntropy", default(Ops.BinaryCrossEntropy), input, target, reduction)
            : Reduce("BinaryCrossEntropy", input.Zip(default(Ops.BinaryCrossEntropy), target) * weight, reduction, target);
    }

    /// <summary><see cref="BinaryCrossEntropy"/> of σ(x), without overflow. PyTorch's <c>binary_cross_entropy_with_logits</c>.</summary>
    /// <param name="input">Scores of any size.</param>
    /// <param name="target">Probabilities, of the same shape.</param>
    /// <param name="weight">A factor for each element, broadcast.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <param name="posWeight">How much more a missed positive costs, broadcast.</param>
    /// <exception cref="ArgumentException">The shapes differ, or labels are NaN.</exception>
    public static Tensor BinaryCrossEntropyWithLogits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean,
        Tensor? posWeight = null)
    {
        using var autocast = Amp.Enter("binary_cross_entropy_with_logits", ref input, ref target, ref weight);
        SameShape("BinaryCrossEntropyWithLogits", input, target);
        if (weight is null && posWeight is null) return Reduce("BinaryCrossEntropyWithLogits", default(Ops.BinaryCrossEntropyWithLogits), input, target, reduction);
        Tensor y = posWeight is null ? input.Zip(default(Ops.BinaryCrossEntropyWithLogits), target)
            : Op.Apply(Ternary<WeightedBinaryCrossEntropyWithLogits>.Default, input, target, posWeight);
        return Reduce("BinaryCrossEntropyWithLogits", weight is null ? y : y * weight, reduction, target);
    }

    /// <summary>t (ln t − x), the pointwise Kullback–Leibler divergence. PyTorch's <c>kl_div</c>.</summary>
    /// <param name="input">Log-probabilities.</param>
    /// <param name="target">Probabilities, or their logarithms, of the same shape.</param>
    /// <param name="reduction"><see cref="Reduction.BatchMean"/> gives what mathematics calls the mean divergence.</param>
    /// <param name="logTarget">Whether the target holds logarithms.</param>
    /// <exception cref="ArgumentException">The shapes differ, or labels are NaN.</exception>
    public static Tensor KlDiv(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, bool logTarget = false)
    {
        using var autocast = Amp.Enter("kl_div", ref input, ref target);
        SameShape("KlDiv", input, target);
        Reduction kind = reduction == Reduction.BatchMean ? Reduction.Sum : reduction;
        Tensor y = logTarget ? Reduce("KlDiv", target.Exp() * (target - input), kind, target) : Reduce("KlDiv", default(KlDivergence), input, target, kind);
        return reduction == Reduction.BatchMean ? y / (double)(input.Rank == 0 ? 1 : input.Shape[0]) : y;
    }

    /// <summary>The negative log-likelihood of counts under Poisson distributions. PyTorch's <c>poisson_nll_loss</c>.</summary>
    /// <param name="input">The expectations, or their logarithms.</param>
    /// <param name="target">The counts, of the same shape.</param>
    /// <param name="logInput">Whether the input holds logarithms.</param>
    /// <param name="full">Whether Stirling's approximation of ln t! is added where t > 1.</param>
    /// <param name="eps">Keeps the logarithm of an expectation finite.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ, or labels are NaN.</exception>
    public static Tensor PoissonNllLoss(Tensor input, Tensor target, bool logInput = true, bool full = false, double eps = 1e-8,
        Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("poisson_nll_loss", ref input, ref target);
        SameShape("PoissonNllLoss", input, target);
        Tensor y = logInput ? input.Exp() - target * input : input - target * (input + eps).Log();
        if (full)
        {
            Tensor many = target.Gt(1), t = Tensor.Where(many, target, 1.0);
            y = y + Tensor.Where(many, t * t.Log() - t + 0.5 * (2 * Math.PI * t).Log(), 0.0);
        }
        return Reduce("PoissonNllLoss", y, reduction, target);
    }

    /// <summary>½ (ln v + (x − t)²/v), the negative log-likelihood of targets under normal distributions. PyTorch's <c>gaussian_nll_loss</c>.</summary>
    /// <param name="input">The expectations.</param>
    /// <param name="target">Samples, of the same shape or with sizes of 1.</param>
    /// <param name="var">The variances: of the same shape, without its last axis, or with size 1 there.</param>
    /// <param name="full">Whether ½ ln 2π is added.</param>
    /// <param name="eps">What variances are at least.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, a variance is negative, or labels are NaN.</exception>
    public static Tensor GaussianNllLoss(Tensor input, Tensor target, Tensor var, bool full = false, double eps = 1e-6, Reduction reduction = Reduction.Mean)
    {
        if (target.Rank > input.Rank || Shapes.Broadcast("GaussianNllLoss", input.Shape, target.Shape) != input.Shape)
            SameShape("GaussianNllLoss", input, target);
        if (var.Shape != input.Shape)
        {
            if (input.Rank > 0 && var.Shape == input.Shape[..^1]) var = var.Unsqueeze(-1);
            if (var.Rank != input.Rank || var.Rank == 0 || var.Shape[..^1] != input.Shape[..^1] || var.Shape[^1] != 1)
                throw new ArgumentException($"GaussianNllLoss: variances of shape {var.Shape} do not fit an input of shape {input.Shape}: they have its shape, lack its last axis, or have size 1 there.");
        }
        using (Autograd.NoGrad())
            if (!var.Device.IsMeta && var.Lt(0).MayHold) throw new ArgumentOutOfRangeException(nameof(var), "GaussianNllLoss: a variance is negative.");
        Tensor v = var + (var.Detach().Clamp(min: eps) - var.Detach());                // the bound is outside the derivative, as in PyTorch
        Tensor y = 0.5 * (v.Log() + (input - target).Square() / v);
        return Reduce("GaussianNllLoss", full ? y + 0.5 * Math.Log(2 * Math.PI) : y, reduction, target);
    }

    /// <summary>x where t is 1, max(0, margin − x) where t is −1. PyTorch's <c>hinge_embedding_loss</c>.</summary>
    /// <param name="input">Distances.</param>
    /// <param name="target">1 or −1, of the same shape.</param>
    /// <param name="margin">How far dissimilar pairs should be apart.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor HingeEmbeddingLoss(Tensor input, Tensor target, double margin = 1, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("hinge_embedding_loss", ref input, ref target);
        SameShape("HingeEmbeddingLoss", input, target);
        Tensor y = Tensor.Where(target.Ne(1), (margin - input).Relu(), 0.0) + Tensor.Where(target.Ne(-1), input, 0.0);
        return Reduce("HingeEmbeddingLoss", y, reduction);
    }

    /// <summary>max(0, −t (x₁ − x₂) + margin): the first should rank higher where t is 1, the second where it is −1. PyTorch's
    /// <c>margin_ranking_loss</c>.</summary>
    /// <param name="input1">Scores.</param>
    /// <param name="input2">Scores, of the same shape.</param>
    /// <param name="target">1 or −1, of the same shape.</param>
    /// <param name="margin">How far ahead the higher should be.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor MarginRankingLoss(Tensor input1, Tensor input2, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("margin_ranking_loss", ref input1, ref input2);
        SameShape("MarginRankingLoss", input1, input2);
        SameShape("MarginRankingLoss", input1, target);
        return Reduce("MarginRankingLoss", (-target * (input1 - input2) + margin).Relu(), reduction);
    }

    /// <summary>ln(1 + e^{−t x}). PyTorch's <c>soft_margin_loss</c>.</summary>
    /// <param name="input">Scores.</param>
    /// <param name="target">1 or −1, of the same shape.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ, or labels are NaN.</exception>
    public static Tensor SoftMarginLoss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("soft_margin_loss", ref input, ref target);
        SameShape("SoftMarginLoss", input, target);
        return Reduce("SoftMarginLoss", -(target * input).LogSigmoid(), reduction, target);
    }
}
