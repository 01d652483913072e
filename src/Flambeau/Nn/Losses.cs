namespace Flambeau.Nn;

// Losses as modules, for those who configure them; each is its function in F.

/// <summary>(x − y)². PyTorch's <c>nn.MSELoss</c>; <see cref="F.MseLoss"/> says more.</summary>
public class MseLoss(Reduction reduction = Reduction.Mean) : BinaryModule
{
    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.MseLoss(input, target, reduction);
}

/// <summary>|x − y|. PyTorch's <c>nn.L1Loss</c>; <see cref="F.L1Loss"/> says more.</summary>
public class L1Loss(Reduction reduction = Reduction.Mean) : BinaryModule
{
    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.L1Loss(input, target, reduction);
}

/// <summary>Squared where small, absolute where large. PyTorch's <c>nn.SmoothL1Loss</c>; <see cref="F.SmoothL1Loss"/> says more.</summary>
public class SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1) : BinaryModule
{
    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.SmoothL1Loss(input, target, reduction, beta);
}

/// <summary>Squared where small, absolute where large. PyTorch's <c>nn.HuberLoss</c>; <see cref="F.HuberLoss"/> says more.</summary>
public class HuberLoss(Reduction reduction = Reduction.Mean, double delta = 1) : BinaryModule
{
    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.HuberLoss(input, target, reduction, delta);
}

/// <summary>−ln of the softmax of the true class. PyTorch's <c>nn.CrossEntropyLoss</c>; <see cref="F.CrossEntropy"/> says more.</summary>
public class CrossEntropyLoss(Tensor? weight = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean, double labelSmoothing = 0) : BinaryModule
{
    /// <summary>A factor for each class, or null.</summary>
    public Buffer? Weight { get; set; } = weight is null ? null : new(weight);

    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.CrossEntropy(input, target, Weight, ignoreIndex, reduction, labelSmoothing);
}

/// <summary>−the log-probability of the true class. PyTorch's <c>nn.NLLLoss</c>; <see cref="F.NllLoss"/> says more.</summary>
public class NllLoss(Tensor? weight = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean) : BinaryModule
{
    /// <summary>A factor for each class, or null.</summary>
    public Buffer? Weight { get; set; } = weight is null ? null : new(weight);

    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.NllLoss(input, target, Weight, ignoreIndex, reduction);
}

/// <summary>−ln of the probability of the truth. PyTorch's <c>nn.BCELoss</c>; <see cref="F.BinaryCrossEntropy"/> says more.</summary>
public class BceLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : BinaryModule
{
    /// <summary>A factor for each element of a batch, or null.</summary>
    public Buffer? Weight { get; set; } = weight is null ? null : new(weight);

    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.BinaryCrossEntropy(input, target, Weight, reduction);
}

/// <summary>Binary cross-entropy of σ(x). PyTorch's <c>nn.BCEWithLogitsLoss</c>; <see cref="F.BinaryCrossEntropyWithLogits"/> says more.</summary>
public class BceWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? posWeight = null) : BinaryModule
{
    /// <summary>A factor for each element of a batch, or null.</summary>
    public Buffer? Weight { get; set; } = weight is null ? null : new(weight);

    /// <summary>A factor for positive examples of each class, or null.</summary>
    public Buffer? PosWeight { get; set; } = posWeight is null ? null : new(posWeight);

    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.BinaryCrossEntropyWithLogits(input, target, Weight, reduction, PosWeight);
}

/// <summary>The Kullback–Leibler divergence. PyTorch's <c>nn.KLDivLoss</c>; <see cref="F.KlDiv"/> says more.</summary>
public class KlDivLoss(Reduction reduction = Reduction.Mean, bool logTarget = false) : BinaryModule
{
    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.KlDiv(input, target, reduction, logTarget);
}

/// <summary>−the log-likelihood of counts. PyTorch's <c>nn.PoissonNLLLoss</c>; <see cref="F.PoissonNllLoss"/> says more.</summary>
public class PoissonNllLoss(bool logInput = true, bool full = false, double eps = 1e-8, Reduction reduction = Reduction.Mean) : BinaryModule
{
    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.PoissonNllLoss(input, target, logInput, full, eps, reduction);
}

/// <summary>Distances of like and unlike pairs. PyTorch's <c>nn.HingeEmbeddingLoss</c>; <see cref="F.HingeEmbeddingLoss"/> says more.</summary>
public class HingeEmbeddingLoss(double margin = 1, Reduction reduction = Reduction.Mean) : BinaryModule
{
    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.HingeEmbeddingLoss(input, target, margin, reduction);
}

/// <summary>ln(1 + e^{−yx}). PyTorch's <c>nn.SoftMarginLoss</c>; <see cref="F.SoftMarginLoss"/> says more.</summary>
public class SoftMarginLoss(Reduction reduction = Reduction.Mean) : BinaryModule
{
    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.SoftMarginLoss(input, target, reduction);
}

/// <summary>The hinge loss of classes. PyTorch's <c>nn.MultiMarginLoss</c>; <see cref="F.MultiMarginLoss"/> says more.</summary>
public class MultiMarginLoss(int p = 1, double margin = 1, Tensor? weight = null, Reduction reduction = Reduction.Mean) : BinaryModule
{
    /// <summary>A factor for each class, or null.</summary>
    public Buffer? Weight { get; set; } = weight is null ? null : new(weight);

    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.MultiMarginLoss(input, target, p, margin, Weight, reduction);
}

/// <summary>The hinge loss of several classes. PyTorch's <c>nn.MultiLabelMarginLoss</c>; <see cref="F.MultilabelMarginLoss"/> says more.</summary>
public class MultiLabelMarginLoss(Reduction reduction = Reduction.Mean) : BinaryModule
{
    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.MultilabelMarginLoss(input, target, reduction);
}

/// <summary>Binary cross-entropy over classes. PyTorch's <c>nn.MultiLabelSoftMarginLoss</c>; <see cref="F.MultilabelSoftMarginLoss"/> says more.</summary>
public class MultiLabelSoftMarginLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : BinaryModule
{
    /// <summary>A factor for each class, or null.</summary>
    public Buffer? Weight { get; set; } = weight is null ? null : new(weight);

    /// <summary>The loss.</summary>
    public override Tensor Forward(Tensor input, Tensor target) => F.MultilabelSoftMarginLoss(input, target, Weight, reduction);
}

/// <summary>−the log-likelihood of normal numbers. PyTorch's <c>nn.GaussianNLLLoss</c>; <see cref="F.GaussianNllLoss"/> says more.</summary>
public class GaussianNllLoss(bool full = false, double eps = 1e-6, Reduction reduction = Reduction.Mean) : Module
{
    /// <summary>The loss.</summary>
    public Tensor Forward(Tensor input, Tensor target, Tensor var) => F.GaussianNllLoss(input, target, var, full, eps, reduction);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor input, Tensor target, Tensor var) => IsWatched ? Invoke([input, target, var], x => Forward(x[0]!, x[1]!, x[2]!)) : Forward(input, target, var);
}

/// <summary>Pairs in the wrong order. PyTorch's <c>nn.MarginRankingLoss</c>; <see cref="F.MarginRankingLoss"/> says more.</summary>
public class MarginRankingLoss(double margin = 0, Reduction reduction = Reduction.Mean) : Module
{
    /// <summary>The loss.</summary>
    public Tensor Forward(Tensor input1, Tensor input2, Tensor target) => F.MarginRankingLoss(input1, input2, target, margin, reduction);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor input1, Tensor input2, Tensor target) => IsWatched ? Invoke([input1, input2, target], x => Forward(x[0]!, x[1]!, x[2]!)) : Forward(input1, input2, target);
}

/// <summary>Angles of like and unlike pairs. PyTorch's <c>nn.CosineEmbeddingLoss</c>; <see cref="F.CosineEmbeddingLoss"/> says more.</summary>
public class CosineEmbeddingLoss(double margin = 0, Reduction reduction = Reduction.Mean) : Module
{
    /// <summary>The loss.</summary>
    public Tensor Forward(Tensor input1, Tensor input2, Tensor target) => F.CosineEmbeddingLoss(input1, input2, target, margin, reduction);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor input1, Tensor input2, Tensor target) => IsWatched ? Invoke([input1, input2, target], x => Forward(x[0]!, x[1]!, x[2]!)) : Forward(input1, input2, target);
}

/// <summary>An anchor nearer to one than to the other. PyTorch's <c>nn.TripletMarginLoss</c>; <see cref="F.TripletMarginLoss"/> says more.</summary>
public class TripletMarginLoss(double margin = 1, double p = 2, double eps = 1e-6, bool swap = false, Reduction reduction = Reduction.Mean) : Module
{
    /// <summary>The loss.</summary>
    public Tensor Forward(Tensor anchor, Tensor positive, Tensor negative) => F.TripletMarginLoss(anchor, positive, negative, margin, p, eps, swap, reduction);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor anchor, Tensor positive, Tensor negative) => IsWatched ? Invoke([anchor, positive, negative], x => Forward(x[0]!, x[1]!, x[2]!)) : Forward(anchor, positive, negative);
}

/// <summary><see cref="NllLoss"/> for pictures, under its old name. PyTorch's <c>nn.NLLLoss2d</c>.</summary>
public class NllLoss2d(Tensor? weight = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean) : NllLoss(weight, ignoreIndex, reduction);

/// <summary>An anchor nearer to one than to the other, by a distance of one's own. PyTorch's <c>nn.TripletMarginWithDistanceLoss</c>; <see cref="F.TripletMarginWithDistanceLoss"/> says more.</summary>
/// <param name="distanceFunction">The distance; by default <see cref="F.PairwiseDistance"/>.</param>
/// <param name="margin">By how much it should be nearer.</param>
/// <param name="swap">Whether the distance of the other two counts too.</param>
/// <param name="reduction">What becomes of the triplets' losses.</param>
public class TripletMarginWithDistanceLoss(Func<Tensor, Tensor, Tensor>? distanceFunction = null, double margin = 1, bool swap = false, Reduction reduction = Reduction.Mean) : Module
{
    /// <summary>The loss.</summary>
    public Tensor Forward(Tensor anchor, Tensor positive, Tensor negative) => F.TripletMarginWithDistanceLoss(anchor, positive, negative, distanceFunction, margin, swap, reduction);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor anchor, Tensor positive, Tensor negative) => IsWatched ? Invoke([anchor, positive, negative], x => Forward(x[0]!, x[1]!, x[2]!)) : Forward(anchor, positive, negative);
}
