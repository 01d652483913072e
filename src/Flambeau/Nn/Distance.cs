namespace Flambeau.Nn;

/// <summary>The cosine of the angle between vectors. PyTorch's <c>nn.CosineSimilarity</c>; <see cref="F.CosineSimilarity"/> says more.</summary>
/// <param name="dim">The axis that the vectors lie along.</param>
/// <param name="eps">What keeps the quotient finite.</param>
public class CosineSimilarity(int dim = 1, double eps = 1e-8) : BinaryModule
{
    /// <summary>The similarity, without the axis.</summary>
    public override Tensor Forward(Tensor x1, Tensor x2) => F.CosineSimilarity(x1, x2, dim, eps);
}

/// <summary>The p-norm of differences of vectors. PyTorch's <c>nn.PairwiseDistance</c>; <see cref="F.PairwiseDistance"/> says more.</summary>
/// <param name="p">The p of the norm.</param>
/// <param name="eps">Added to the difference.</param>
/// <param name="keepDim">Whether the last axis stays, with size 1.</param>
public class PairwiseDistance(double p = 2, double eps = 1e-6, bool keepDim = false) : BinaryModule
{
    /// <summary>The distance along the last axis.</summary>
    public override Tensor Forward(Tensor x1, Tensor x2) => F.PairwiseDistance(x1, x2, p, eps, keepDim);
}
