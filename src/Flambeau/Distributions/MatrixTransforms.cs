using Flambeau.Nn;

namespace Flambeau.Distributions;

/// <summary>Square matrices to lower triangular ones with a positive diagonal: what lies above the diagonal is dropped, the diagonal becomes its exponential.</summary>
public class LowerCholeskyTransform(int cacheSize = 0) : Transform(cacheSize)
{
    /// <inheritdoc/>
    public override Constraint Domain => field ??= Constraints.Independent(Constraints.Real, 2);

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.LowerCholesky;

    /// <inheritdoc/>
    public override bool Bijective => false;

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => x.Tril(-1) + x.Diagonal(0, -2, -1).Exp().DiagEmbed();

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => y.Tril(-1) + y.Diagonal(0, -2, -1).Log().DiagEmbed();

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new LowerCholeskyTransform(cacheSize);
}

/// <summary>Square matrices to positive definite ones: LLᵀ with L by <see cref="LowerCholeskyTransform"/>.</summary>
public sealed class PositiveDefiniteTransform(int cacheSize = 0) : LowerCholeskyTransform(cacheSize)
{
    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.PositiveDefinite;

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x)
    {
        Tensor l = base.Map(x);
        return l.MatMul(l.MT);
    }

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => base.MapBack(Linalg.Cholesky(y));

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new PositiveDefiniteTransform(cacheSize);
}

/// <summary>
/// Vectors of length D(D − 1)/2 to the Cholesky factors of D × D correlation matrices: r = tanh x fills the part below the diagonal row by
/// row, and each row becomes one of length 1 by breaking the stick of its squares: yᵢⱼ = rᵢⱼ √Πₖ₍ₖ﹤ⱼ₎ (1 − rᵢₖ²).
/// </summary>
/// <remarks>Stan's reference manual, <i>Cholesky factors of correlation matrices</i>.</remarks>
public sealed class CorrCholeskyTransform(int cacheSize = 0) : Transform(cacheSize)
{
    /// <inheritdoc/>
    public override Constraint Domain => Constraints.RealVector;

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.CorrCholesky;

    // Where in a flattened D × D matrix the entries on and below a diagonal lie, row by row.
    static Tensor Below(long d, long diagonal)
    {
        Tensor at = Tensor.TrilIndices(d, d, diagonal);
        return at.Select(0, 0) * d + at.Select(0, 1);
    }

    static Tensor Entries(Tensor matrix, long diagonal) => matrix.Flatten(-2).IndexSelect(-1, Below(matrix.Shape[^1], diagonal));

    // Πₖ₍ₖ﹤ⱼ₎ or 1 − Σₖ₍ₖ﹤ⱼ₎: what is left before column j.
    static Tensor Before(Tensor left) => F.Pad(left.Narrow(-1, 0, left.Shape[^1] - 1), [1, 0], value: 1);

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x)
    {
        Dims shape = ForwardShape(x.Shape);
        long d = shape[^1];
        double eps = x.DType.Epsilon;
        Tensor t = x.Tanh().Clamp(-1 + eps, 1 - eps);
        Tensor r = Tensor.Zeros(Common.Plus(x.Shape[..^1], d * d), x.DType).IndexAdd(-1, Below(d, -1), t).Reshape(shape);
        return (r + Common.EyeLike(r)) * Before((1 - r.Square()).Sqrt().CumProd(-1));
    }

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y)
    {
        Tensor t = Entries(y, -1) / Entries(Before(1 - y.Square().CumSum(-1)), -1).Sqrt();
        return 0.5 * (t.Log1p() - (-t).Log1p());
    }

    /// <summary>log |det ∂y/∂x| of the entries below y's diagonal: their number is that of x's.</summary>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) =>
        0.5 * Entries(1 - y.Square().CumSum(-1), -2).Log().Sum(-1) - 2 * (x - (2 * x).LogSigmoid() - Math.Log(2)).Sum(-1);

    /// <inheritdoc/>
    public override Dims ForwardShape(Dims shape)
    {
        long n = AtLeast(1, shape)[^1], d = (long)Math.Round(Math.Sqrt(0.25 + 2 * n) + 0.5);
        return d * (d - 1) / 2 == n ? [.. shape[..^1], d, d]
            : throw new ArgumentException($"CorrCholeskyTransform: a vector of {n} is not the part below the diagonal of a square matrix: its length must be D(D − 1)/2.");
    }

    /// <inheritdoc/>
    public override Dims InverseShape(Dims shape) => AtLeast(2, shape)[^1] == shape[^2] ? [.. shape[..^2], shape[^1] * (shape[^1] - 1) / 2]
        : throw new ArgumentException($"CorrCholeskyTransform: {shape} are not square matrices.");

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new CorrCholeskyTransform(cacheSize);
}
