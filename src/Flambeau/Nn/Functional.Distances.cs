using Flambeau.Ops;

namespace Flambeau.Nn;

// Distances, similarities, and the losses made of them.
public static partial class F
{
    internal static Tensor NormAlong(Tensor x, double p, int dim, bool keepDim) => VectorNorms.Along(x, p, [dim], keepDim);

    /// <summary>x over its p-norm along an axis. PyTorch's <c>normalize</c>.</summary>
    /// <param name="input">Vectors along <paramref name="dim"/>.</param>
    /// <param name="p">The norm's exponent.</param>
    /// <param name="dim">The axis.</param>
    /// <param name="eps">What the norm is at least.</param>
    /// <exception cref="ArgumentException">The input is neither floating point nor complex.</exception>
    public static Tensor Normalize(Tensor input, double p = 2, int dim = 1, double eps = 1e-12)
    {
        if (!input.DType.IsDifferentiable) throw new ArgumentException($"Normalize: the input is {input.DType}; it must be floating point or complex.");
        return p == 2 && AreRows(input, dim, eps) ? Op.Apply(new UnitRows(eps), input) : input / NormAlong(input, p, dim, true).Clamp(min: eps);
    }

    // Whether one kernel does it: not of 16 bits, which PyTorch rounds at each step, and not where 1/ε is no float.
    static bool AreRows(Tensor x, int dim, double eps) => x.Rank > 0 && (dim == -1 || dim == x.Rank - 1) && (x.DType is DType.Float32 or DType.Float64) && eps >= 1e-30;

    /// <summary>Σ x₁ x₂ / (max(‖x₁‖, ε) max(‖x₂‖, ε)) along an axis. PyTorch's <c>cosine_similarity</c>.</summary>
    /// <param name="x1">Vectors along <paramref name="dim"/>.</param>
    /// <param name="x2">Vectors; both broadcast.</param>
    /// <param name="dim">The axis, of the common shape.</param>
    /// <param name="eps">What norms are at least.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or an input is not floating point.</exception>
    public static Tensor CosineSimilarity(Tensor x1, Tensor x2, int dim = 1, double eps = 1e-8)
    {
        if (!x1.DType.IsFloatingPoint || !x2.DType.IsFloatingPoint) throw new ArgumentException($"CosineSimilarity: the inputs are {x1.DType} and {x2.DType}; they must be floating point.");
        Dims shape = Ops.Shapes.Broadcast("CosineSimilarity", x1.Shape, x2.Shape);
        (x1, x2) = (x1.Expand(shape), x2.Expand(shape));
        if (x1.DType == x2.DType && AreRows(x1, dim, eps)) return Op.Apply(new RowCosine(eps), x1, x2);
        return (x1 / NormAlong(x1, 2, dim, true).Clamp(min: eps) * (x2 / NormAlong(x2, 2, dim, true).Clamp(min: eps))).Sum(dim);
    }

    /// <summary>‖x₁ − x₂ + ε‖ₚ along the last axis. PyTorch's <c>pairwise_distance</c>.</summary>
    /// <param name="x1">Vectors: (N, D) or (D,).</param>
    /// <param name="x2">Vectors; both broadcast.</param>
    /// <param name="p">The norm's exponent.</param>
    /// <param name="eps">Keeps the derivative finite where vectors are equal.</param>
    /// <param name="keepDim">Whether the last axis stays, with size 1.</param>
    public static Tensor PairwiseDistance(Tensor x1, Tensor x2, double p = 2, double eps = 1e-6, bool keepDim = false) =>
        p == 2 && !x1.DType.IsLowPrecision && x1.Rank > 0 && x2.Rank > 0 && SumOf<SquaredDistance>.Takes(x1, x2)
            ? Op.Apply(new SumOf<SquaredDistance>(new(eps), Axes.Of("PairwiseDistance", [-1], Math.Max(x1.Rank, x2.Rank)), keepDim), x1, x2).Map(default(Length))
            : NormAlong(x1 - x2 + eps, p, -1, keepDim);

    /// <summary>The distances of all pairs of rows, (0, 1), (0, 2), … (1, 2), …. PyTorch's <c>pdist</c>.</summary>
    /// <param name="input">(N, M), floating point.</param>
    /// <param name="p">The norm's exponent, not negative.</param>
    /// <returns>(N (N − 1)/2,).</returns>
    /// <exception cref="ArgumentException">The input is no matrix or not floating point, or p is negative.</exception>
    public static Tensor Pdist(Tensor input, double p = 2)
    {
        if (input.Rank != 2 || !input.DType.IsFloatingPoint) throw new ArgumentException($"Pdist: the input is {input.DType} {input.Shape}; it must be a floating-point matrix, (N, M).");
        if (!(p >= 0)) throw new ArgumentOutOfRangeException(nameof(p), $"Pdist: p is {p}; it must not be negative.");
        if (input.Shape[1] == 0) p = 1;                                          // in no dimension all distances are 0, by any norm
        Tensor[] pairs = Tensor.TriuIndices(input.Shape[0], input.Shape[0], 1).Unbind(0);
        return NormAlong(input.IndexSelect(0, pairs[0]) - input.IndexSelect(0, pairs[1]), p, 1, false);
    }

    /// <summary>1 − cos(x₁, x₂) where t is 1, max(0, cos(x₁, x₂) − margin) where t is −1. PyTorch's <c>cosine_embedding_loss</c>.</summary>
    /// <param name="input1">Vectors: (N, D) or (D,).</param>
    /// <param name="input2">Vectors, of the same shape.</param>
    /// <param name="target">1 or −1: (N,) or ().</param>
    /// <param name="margin">Up to which cosine dissimilar pairs cost nothing.</param>
    /// <param name="reduction">What becomes of the pairs' losses.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor CosineEmbeddingLoss(Tensor input1, Tensor input2, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("cosine_embedding_loss", ref input1, ref input2);
        SameShape("CosineEmbeddingLoss", input1, input2);
        if (input1.Rank is not (1 or 2) || target.Shape != input1.Shape[..^1])
            throw new ArgumentException($"CosineEmbeddingLoss: inputs of shape {input1.Shape} and a target of shape {target.Shape} do not fit: they are (N, D) and (N,), or (D,) and ().");
        const double eps = 1e-12;
        Tensor cos = (input1 * input2).Sum(-1) / (((input1 * input1).Sum(-1) + eps) * ((input2 * input2).Sum(-1) + eps)).Sqrt();
        Tensor y = Tensor.Where(target.Eq(1), 1 - cos, 0.0) + Tensor.Where(target.Eq(-1), (cos - margin).Relu(), 0.0);
        return Reduce("CosineEmbeddingLoss", y, reduction);
    }

    /// <summary>max(0, d(a, p) − d(a, n) + margin), d being <see cref="PairwiseDistance"/>. PyTorch's <c>triplet_margin_loss</c>.</summary>
    /// <param name="anchor">Vectors: (N, D) or (D,).</param>
    /// <param name="positive">Vectors that should be near, of the same shape.</param>
    /// <param name="negative">Vectors that should be far, of the same shape.</param>
    /// <param name="margin">How much farther.</param>
    /// <param name="p">The norm's exponent.</param>
    /// <param name="eps">Keeps derivatives finite.</param>
    /// <param name="swap">Whether the distance of negative and positive counts where it is smaller (Balntas et al. 2016).</param>
    /// <param name="reduction">What becomes of the triplets' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor TripletMarginLoss(Tensor anchor, Tensor positive, Tensor negative, double margin = 1, double p = 2, double eps = 1e-6,
        bool swap = false, Reduction reduction = Reduction.Mean)
    {
        using var autocast = Amp.Enter("triplet_margin_loss", ref anchor, ref positive, ref negative);
        return TripletMarginWithDistanceLoss(anchor, positive, negative, (a, b) => PairwiseDistance(a, b, p, eps), margin, swap, reduction);
    }

    /// <summary>max(0, d(a, p) − d(a, n) + margin) for a distance of one's own. PyTorch's <c>triplet_margin_with_distance_loss</c>.</summary>
    /// <param name="anchor">Vectors: (N, D).</param>
    /// <param name="positive">Vectors that should be near, of the same shape.</param>
    /// <param name="negative">Vectors that should be far, of the same shape.</param>
    /// <param name="distanceFunction">The distances of two lists of vectors; <see cref="PairwiseDistance"/> if null.</param>
    /// <param name="margin">How much farther.</param>
    /// <param name="swap">Whether the distance of negative and positive counts where it is smaller.</param>
    /// <param name="reduction">What becomes of the triplets' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor TripletMarginWithDistanceLoss(Tensor anchor, Tensor positive, Tensor negative, Func<Tensor, Tensor, Tensor>? distanceFunction = null,
        double margin = 1, bool swap = false, Reduction reduction = Reduction.Mean)
    {
        SameShape("TripletMarginLoss", anchor, positive);
        SameShape("TripletMarginLoss", anchor, negative);
        Func<Tensor, Tensor, Tensor> d = distanceFunction ?? ((a, b) => PairwiseDistance(a, b));
        Tensor far = d(anchor, negative);
        if (swap) far = far.Minimum(d(positive, negative));
        return Reduce("TripletMarginLoss", (d(anchor, positive) - far + margin).Relu(), reduction);
    }
}
