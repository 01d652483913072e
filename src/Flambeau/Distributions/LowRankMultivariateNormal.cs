using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>
/// The normal distribution of vectors with mean <c>loc</c> and the covariance matrix WWᵀ + diag(D): W = <c>covFactor</c> of few columns,
/// D = <c>covDiag</c>. Only matrices with as many rows as W has columns are factorized: C = I + Wᵀ D⁻¹ W, by Woodbury's identity and the
/// matrix determinant lemma.
/// </summary>
public class LowRankMultivariateNormal : Distribution
{
    /// <summary>Means (batch, n), factors (batch, n, rank) and diagonals (batch, n), whose batches broadcast.</summary>
    /// <exception cref="ArgumentException">Shapes do not fit, or the diagonal is not positive.</exception>
    public LowRankMultivariateNormal(Tensor loc, Tensor covFactor, Tensor covDiag, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        if (loc.Rank < 1 || covFactor.Rank < 2 || covDiag.Rank < 1 || covFactor.Shape[^2] != loc.Shape[^1] || covDiag.Shape[^1] != loc.Shape[^1])
            throw new ArgumentException($"LowRankMultivariateNormal: loc {loc.Shape}, covFactor {covFactor.Shape} and covDiag {covDiag.Shape} must end in (n), (n, rank) and (n).");
        string name = nameof(LowRankMultivariateNormal);
        BatchShape = Ops.Shapes.Broadcast(name, Ops.Shapes.Broadcast(name, loc.Shape[..^1], covFactor.Shape[..^2]), covDiag.Shape[..^1]);
        EventShape = loc.Shape[^1..];
        Tensor[] same = ToFloat(loc, covFactor, covDiag);
        (W, D) = (same[1], same[2]);
        Dims shape = [.. BatchShape, .. EventShape];
        Loc = same[0].Expand(shape);
        CovFactor = W.Expand(Plus(shape, W.Shape[^1]));
        CovDiag = D.Expand(shape);
        CheckArguments();
        CapacitanceTril = Linalg.Cholesky(Tensor.Eye(W.Shape[^1], dtype: W.DType) + WtDInv.MatMul(W));
    }

    /// <summary>The mean. (batch, n)</summary>
    public Tensor Loc { get; }

    /// <summary>W. (batch, n, rank)</summary>
    public Tensor CovFactor { get; }

    /// <summary>D. (batch, n)</summary>
    public Tensor CovDiag { get; }

    // As they were given, before batches were broadcast.
    internal Tensor W { get; }

    internal Tensor D { get; }

    /// <summary>The Cholesky factor of C.</summary>
    internal Tensor CapacitanceTril { get; }

    /// <summary>WᵀD⁻¹</summary>
    internal Tensor WtDInv => W.MT / D.Unsqueeze(-2);

    /// <summary>log |WWᵀ + D|</summary>
    internal Tensor LogDet => 2 * HalfLogDet(CapacitanceTril) + D.Log().Sum(-1);

    /// <summary>xᵀ (WWᵀ + D)⁻¹ x</summary>
    internal Tensor SquaredDistance(Tensor x) => (Sq(x) / D).Sum(-1) - Mahalanobis(CapacitanceTril, Mv(WtDInv, x));

    Tensor Square(Tensor m) => m.Expand([.. BatchShape, .. EventShape, .. EventShape]);

    /// <summary>(batch, n, n)</summary>
    public Tensor CovarianceMatrix => Square(W.MatMul(W.MT) + D.DiagEmbed());

    /// <summary>The inverse of the covariance matrix. (batch, n, n)</summary>
    public Tensor PrecisionMatrix
    {
        get
        {
            Tensor a = Linalg.SolveTriangular(CapacitanceTril, WtDInv, upper: false);
            return Square(D.Reciprocal().DiagEmbed() - a.MT.MatMul(a));
        }
    }

    // √D (I + D^−½ W Wᵀ D^−½) √D: the matrix in between has no eigenvalue below 1.
    /// <summary>The lower Cholesky factor of the covariance matrix. (batch, n, n)</summary>
    public Tensor ScaleTril
    {
        get
        {
            Tensor root = D.Sqrt().Unsqueeze(-1), v = W / root, k = v.MatMul(v.MT);
            return Square(root * Linalg.Cholesky(k + EyeLike(k)));
        }
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments =>
        [new("loc", Loc, Constraints.RealVector), new("covFactor", CovFactor, Constraints.Independent(Constraints.Real, 2)), new("covDiag", CovDiag, Constraints.Independent(Constraints.Positive, 1))];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.RealVector;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    public override Tensor Mean => Loc;

    /// <inheritdoc/>
    public override Tensor Mode => Loc;

    /// <inheritdoc/>
    public override Tensor Variance => (Sq(W).Sum(-1) + D).Expand(Loc.Shape);

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Dims shape = ExtendedShape(sampleShape);
        Tensor low = Tensor.Randn(Plus(shape[..^1], W.Shape[^1]), Loc.DType, generator), own = Tensor.Randn(shape, Loc.DType, generator);
        return Loc + Mv(W, low) + D.Sqrt() * own;
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => -0.5 * (EventShape[0] * LogTwoPi + LogDet + SquaredDistance(value - Loc));

    /// <inheritdoc/>
    public override Tensor Entropy() => (0.5 * (EventShape[0] * (1 + LogTwoPi) + LogDet)).Expand(BatchShape);

    /// <inheritdoc/>
    public override LowRankMultivariateNormal Expand(params ReadOnlySpan<long> batchShape) => new(Loc.Expand(Plus(batchShape, EventShape)), W, D, ValidateArgs);
}
