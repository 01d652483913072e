namespace Flambeau.Nn;

// Distances, similarities, and the losses made of them.
public static partial class F
{
    /// <summary>(Σ |x|ᵖ)^{1/p} along axes, with derivative 0 where it is 0; of complex numbers real. Float16 and bfloat16 are rounded once.</summary>
    internal static Tensor NormAlong(Tensor x, double p, ReadOnlySpan<long> dim, bool keepDim)
    {
        if (x.DType.IsLowPrecision) return NormAlong(x.Float(), p, dim, keepDim).To(x.DType);
        if (double.IsPositiveInfinity(p)) return x.Abs().Amax(dim, keepDim);
        if (double.IsNegativeInfinity(p)) return x.Abs().Amin(dim, keepDim);
        if (p == 0) return x.Abs().Sign().Sum(dim, keepDim);
        if (p == 1) return x.Abs().Sum(dim, keepDim);
        if (p < 0) return x.Abs().Pow(p).Sum(dim, keepDim).Pow(1 / p);
        Tensor s = (p == 2 ? (x.DType.IsComplex ? x.Abs() : x).Square() : Positive(x.Abs(), a => a.Pow(p))).Sum(dim, keepDim);
        return Positive(s, a => p == 2 ? a.Sqrt() : a.Pow(1 / p));

        static Tensor Positive(Tensor a, Func<Tensor, Tensor> f)
        {
            Tensor zero = a.Eq(0);
            return Tensor.Where(zero, 0.0, f(Tensor.Where(zero, 1.0, a)));
        }
    }

    internal static Tensor NormAlong(Tensor x, double p, int dim, bool keepDim) => NormAlong(x, p, [dim], keepDim);

    /// <summary>x over its p-norm along an axis. PyTorch's <c>normalize</c>.</summary>
    /// <param name="input">Vectors along <paramref name="dim"/>.</param>
    /// <param name="p">The norm's exponent.</param>
    /// <param name="dim">The axis.</param>
    /// <param name="eps">What the norm is at least.</param>
    public static Tensor Normalize(Tensor input, double p = 2, int dim = 1, double eps = 1e-12) => input / NormAlong(input, p, dim, true).Clamp(min: eps);

    /// <summary>Σ x₁ x₂ / (max(‖x₁‖, ε) max(‖x₂‖, ε)) along an axis. PyTorch's <c>cosine_similarity</c>.</summary>
    /// <param name="x1">Vectors along <paramref name="dim"/>.</param>
    /// <param name="x2">Vectors; both broadcast.</param>
    /// <param name="dim">The axis, of the common shape.</param>
    /// <param name="eps">What norms are at least.</param>
    public static Tensor CosineSimilarity(Tensor x1, Tensor x2, int dim = 1, double eps = 1e-8)
    {
        Dims shape = Ops.Shapes.Broadcast("CosineSimilarity", x1.Shape, x2.Shape);
        (x1, x2) = (x1.Expand(shape), x2.Expand(shape));
        return (x1 / NormAlong(x1, 2, dim, true).Clamp(min: eps) * (x2 / NormAlong(x2, 2, dim, true).Clamp(min: eps))).Sum(dim);
    }

    /// <summary>‖x₁ − x₂ + ε‖ₚ along the last axis. PyTorch's <c>pairwise_distance</c>.</summary>
    /// <param name="x1">Vectors: (N, D) or (D,).</param>
    /// <param name="x2">Vectors; both broadcast.</param>
    /// <param name="p">The norm's exponent.</param>
    /// <param name="eps">Keeps the derivative finite where vectors are equal.</param>
    /// <param name="keepDim">Whether the last axis stays, with size 1.</param>
    public static Tensor PairwiseDistance(Tensor x1, Tensor x2, double p = 2, double eps = 1e-6, bool keepDim = false) =>
        NormAlong(x1 - x2 + eps, p, -1, keepDim);

    /// <summary>1 − cos(x₁, x₂) where t is 1, max(0, cos(x₁, x₂) − margin) where t is −1. PyTorch's <c>cosine_embedding_loss</c>.</summary>
    /// <param name="input1">Vectors: (N, D) or (D,).</param>
    /// <param name="input2">Vectors, of the same shape.</param>
    /// <param name="target">1 or −1: (N,) or ().</param>
    /// <param name="margin">Up to which cosine dissimilar pairs cost nothing.</param>
    /// <param name="reduction">What becomes of the pairs' losses.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor CosineEmbeddingLoss(Tensor input1, Tensor input2, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean)
    {
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
        bool swap = false, Reduction reduction = Reduction.Mean) =>
        TripletMarginWithDistanceLoss(anchor, positive, negative, (a, b) => PairwiseDistance(a, b, p, eps), margin, swap, reduction);

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
