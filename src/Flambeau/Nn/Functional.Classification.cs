using Flambeau.Ops;

namespace Flambeau.Nn;

// Losses over classes.
public static partial class F
{
    /// <summary>The cross-entropy between the distribution softmax(input) and the target, in one pass. PyTorch's <c>cross_entropy</c>.</summary>
    /// <param name="input">Unnormalized scores: (N, C), (N, C, d₁, …) or (C,).</param>
    /// <param name="target">Class indices: integers of shape (N,), (N, d₁, …) or (); or probabilities: floats of the input's shape.</param>
    /// <param name="weight">A weight for each class: (C,). It gets no gradient.</param>
    /// <param name="ignoreIndex">Rows with this class count for nothing; for class indices only.</param>
    /// <param name="reduction">The mean is weighted: Σ loss / Σ weight of the rows' classes; of probabilities, Σ loss / rows.</param>
    /// <param name="labelSmoothing">The share of the target, in [0, 1], that is spread evenly over all classes.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, class indices are not integers or out of range, or labels are NaN.</exception>
    public static Tensor CrossEntropy(Tensor input, Tensor target, Tensor? weight = null, long ignoreIndex = -100,
        Reduction reduction = Reduction.Mean, double labelSmoothing = 0)
    {
        using var autocast = Amp.Enter("cross_entropy", ref input, ref target, ref weight);
        if (!(labelSmoothing is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(labelSmoothing), $"CrossEntropy: labelSmoothing is {labelSmoothing}; it must lie in [0, 1].");
        CheckScores("CrossEntropy", input, target);
        if (target.DType.IsFloatingPoint && target.Shape == input.Shape) return Soft(input, target, weight, reduction, labelSmoothing);
        return OverClasses("CrossEntropy", new Ops.CrossEntropy(ignoreIndex, labelSmoothing), input, target, weight, reduction);
    }

    /// <summary>The negative log-likelihood of classes, from log-probabilities. PyTorch's <c>nll_loss</c>.</summary>
    /// <param name="input">Log-probabilities, as <see cref="LogSoftmax"/> gives them: (N, C), (N, C, d₁, …) or (C,).</param>
    /// <param name="target">Class indices: integers of shape (N,), (N, d₁, …) or ().</param>
    /// <param name="weight">A weight for each class: (C,). It gets no gradient.</param>
    /// <param name="ignoreIndex">Rows with this class count for nothing.</param>
    /// <param name="reduction">The mean is weighted: Σ loss / Σ weight.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or class indices are not integers or out of range.</exception>
    public static Tensor NllLoss(Tensor input, Tensor target, Tensor? weight = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("nll_loss", ref input, ref target, ref weight);
        CheckScores("NllLoss", input, target);
        return OverClasses("NllLoss", new Ops.NllLoss(ignoreIndex), input, target, weight, reduction);
    }

    static void CheckScores(string op, Tensor input, Tensor target)
    {
        if (input.Rank == 0) throw new ArgumentException($"{op}: the input is a scalar; scores are (N, C), (N, C, d₁, …) or (C,).");
        if (!target.DType.IsFloatingPoint || target.Shape == input.Shape && op == "CrossEntropy") return;
        throw new ArgumentException($"{op}: the target of shape {target.Shape} is {target.DType}, but class indices are integers. Convert with target.Long()." +
            (op == "CrossEntropy" ? $" Class probabilities would have the input's shape, {input.Shape}." : ""));
    }

    static Tensor OverClasses(string op, MultiOp loss, Tensor input, Tensor target, Tensor? weight, Reduction reduction)
    {
        if (!target.DType.IsInteger) throw new ArgumentException($"{op}: class indices are integers, not {target.DType}.");
        if (weight is { RequiresGrad: true } && Autograd.IsGradEnabled)
            throw new ArgumentException($"{op}: the class weight requires grad, but losses have no derivative by their class weights. Pass weight.Detach().");
        bool single = input.Rank == 1;
        if (single) (input, target) = (input.Unsqueeze(0), target.Unsqueeze(0));
        target = target.Long();
        Tensor[] y = weight is null ? Op.ApplyAll(loss, input, target) : Op.ApplyAll(loss, input, target, weight);
        return reduction switch
        {
            Reduction.None => single ? y[0].Squeeze(0) : y[0],
            Reduction.Sum => y[0].Sum(),
            Reduction.Mean => y[0].Sum() / y[1].Sum(),
            _ => throw Unfit(op, reduction),
        };
    }

    // −Σ w t ln softmax(x), t smoothed
    static Tensor Soft(Tensor input, Tensor target, Tensor? weight, Reduction reduction, double smoothing)
    {
        int dim = input.Rank == 1 ? 0 : 1;
        long classes = input.Shape[dim];
        if (weight is not null && weight.Shape != new Dims([classes]))
            throw new ArgumentException($"CrossEntropy: the weight must have shape ({classes},), one for each class, not {weight.Shape}.");
        Tensor t = smoothing == 0 ? target : target * (1 - smoothing) + smoothing / classes;
        if (weight is not null) t = t * weight.Reshape([classes, .. Enumerable.Repeat(1L, input.Rank - 1 - dim)]);
        Tensor y = -(t * input.LogSoftmax(dim)).Sum(dim);
        return Reduce("CrossEntropy", y, reduction, target);
    }

    /// <summary>Whether another class scores within a margin of the right one: Σ_{j ≠ y} w_y max(0, margin − x_y + x_j)ᵖ / C. PyTorch's
    /// <c>multi_margin_loss</c>.</summary>
    /// <param name="input">Scores: (N, C) or (C,).</param>
    /// <param name="target">Class indices: (N,) or ().</param>
    /// <param name="p">1 or 2.</param>
    /// <param name="margin">How far the right class should be ahead.</param>
    /// <param name="weight">A weight for each class: (C,).</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, indices are out of range, or p is neither 1 nor 2.</exception>
    public static Tensor MultiMarginLoss(Tensor input, Tensor target, int p = 1, double margin = 1, Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("multi_margin_loss", ref input, ref target, ref weight);
        if (p is not (1 or 2)) throw new ArgumentOutOfRangeException(nameof(p), $"MultiMarginLoss: p is {p}; it must be 1 or 2.");
        if (input.Rank > 2) throw new ArgumentException($"MultiMarginLoss: the input of shape {input.Shape} is neither (N, C) nor (C,).");
        if (input.Rank == 0) input = input.Reshape(1);
        if (weight is not null && weight.Shape != new Dims([input.Shape[^1]]))
            throw new ArgumentException($"MultiMarginLoss: the weight must have shape ({input.Shape[^1]},), not {weight.Shape}.");
        bool single = input.Rank == 1;
        if (single) (input, target) = (input.Unsqueeze(0), target.Reshape(-1));
        if (!target.DType.IsInteger || target.Shape != input.Shape[..1])
            throw new ArgumentException($"MultiMarginLoss: an input of shape {input.Shape} wants {input.Shape[0]} integer class indices, not {target.DType} {target.Shape}.");
        Tensor hot = OneHot(target, input.Shape[1]).To(input.DType);
        Tensor y = (margin - (input * hot).Sum(1, keepDim: true) + input).Relu() * (1 - hot);
        if (p == 2) y = y.Square();
        if (weight is not null) y = y * (hot * weight).Sum(1, keepDim: true);
        y = y.Sum(1) / (double)input.Shape[1];
        return Reduce("MultiMarginLoss", single ? y.Squeeze(0) : y, reduction);
    }

    /// <summary>Σ over classes j that hold and i that do not of max(0, 1 − (x_j − x_i)), over C. PyTorch's <c>multilabel_margin_loss</c>.</summary>
    /// <param name="input">Scores: (N, C) or (C,).</param>
    /// <param name="target">In each row the classes that hold, ended by −1 if fewer than C: integers of the input's shape.</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <exception cref="ArgumentException">Shapes differ, or a class is out of range.</exception>
    public static Tensor MultilabelMarginLoss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("multilabel_margin_loss", ref input, ref target);
        SameShape("MultilabelMarginLoss", input, target);
        if (!target.DType.IsInteger || input.Rank > 2)
            throw new ArgumentException($"MultilabelMarginLoss: input and target are (N, C) or (C,), the target integers, not {target.DType} {target.Shape}.");
        long rows = input.Rank < 2 ? 1 : input.Shape[0], classes = input.Rank == 0 ? 1 : input.Shape[^1];
        Tensor t = target.Long().Reshape(rows, classes), named = t.Lt(0).Long().CumSum(1).Eq(0);   // up to the first −1
        if (!t.Device.IsMeta && named.LogicalAnd(t.Ge(classes)).MayHold)
            throw new ArgumentOutOfRangeException(nameof(target), $"MultilabelMarginLoss: there is no class {t.Behind.Max().Item<long>()} among {classes}.");
        Tensor x = input.Reshape(rows, classes);
        Tensor holds = Tensor.Zeros([rows, classes], x.DType, x.Device).ScatterAdd(1, Tensor.Where(named, t, 0L), named.To(x.DType));   // how often a class is named
        Tensor pairs = (1 - x.Unsqueeze(2) + x.Unsqueeze(1)).Relu() * holds.Unsqueeze(2) * holds.Eq(0).To(x.DType).Unsqueeze(1);
        Tensor y = pairs.Sum([1, 2]) / (double)classes;
        return Reduce("MultilabelMarginLoss", input.Rank < 2 ? y.Squeeze(0) : y, reduction);
    }

    /// <summary>The mean over the last axis of −t ln σ(x) − (1 − t) ln σ(−x). PyTorch's <c>multilabel_soft_margin_loss</c>.</summary>
    /// <param name="input">Scores: (N, C).</param>
    /// <param name="target">0 or 1 for each: the input's shape.</param>
    /// <param name="weight">A weight for each class: (C,).</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <exception cref="ArgumentException">Shapes differ.</exception>
    public static Tensor MultilabelSoftMarginLoss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        SameShape("MultilabelSoftMarginLoss", input, target);
        if (input.DType.IsLowPrecision) return MultilabelSoftMarginLoss(input.Float(), target.Float(), weight?.Float(), reduction).To(input.DType);
        Tensor y = input.Zip(default(Ops.BinaryCrossEntropyWithLogits), target);
        if (weight is not null) y = y * weight;
        return Reduce("MultilabelSoftMarginLoss", y.Mean(-1), reduction, target);
    }

    /// <summary>A new last axis with 1 at the index and 0 elsewhere. PyTorch's <c>one_hot</c>.</summary>
    /// <param name="tensor">Class indices, integers of any shape.</param>
    /// <param name="numClasses">The size of the new axis; by default one more than the largest index.</param>
    /// <returns>int64, of the shape of <paramref name="tensor"/> and one more axis.</returns>
    /// <exception cref="ArgumentException">The tensor does not hold integers, or an index is out of range.</exception>
    public static Tensor OneHot(Tensor tensor, long numClasses = -1) => Tensor.OneHot(tensor, numClasses);
}
