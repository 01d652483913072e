using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The normal distribution of vectors with mean <c>loc</c> and a covariance matrix, given as such, by its inverse <c>precisionMatrix</c> or by its Cholesky factor <c>scaleTril</c>.</summary>
/// <remarks>All computations use the Cholesky factor; giving it is cheapest.</remarks>
public class MultivariateNormal : Distribution
{
    readonly Covariance _covariance;

    /// <summary>Means (batch, n) and matrices (batch, n, n), whose batches broadcast.</summary>
    /// <exception cref="ArgumentException">Not exactly one matrix is given, shapes do not fit, or a matrix is not positive definite, or no Cholesky factor.</exception>
    public MultivariateNormal(Tensor loc, Tensor? covarianceMatrix = null, Tensor? precisionMatrix = null, Tensor? scaleTril = null, bool? validateArgs = null)
        : this(loc, Covariance.Of(nameof(MultivariateNormal), covarianceMatrix, precisionMatrix, scaleTril, Validates(validateArgs)), validateArgs) { }

    MultivariateNormal(Tensor loc, Covariance covariance, bool? validateArgs) : base(validateArgs: validateArgs)
    {
        if (loc.Rank < 1 || loc.Shape[^1] != covariance.Size)
            throw new ArgumentException($"MultivariateNormal: loc has the shape {loc.Shape}, the matrix {covariance.Argument.Value.Shape}; the last size must be the same.", nameof(loc));
        BatchShape = Ops.Shapes.Broadcast(nameof(MultivariateNormal), loc.Shape[..^1], covariance.Batch);
        EventShape = loc.Shape[^1..];
        Loc = ToFloat(loc).Expand([.. BatchShape, .. EventShape]);
        _covariance = covariance.Expand(BatchShape);
    }

    /// <summary>The mean. (batch, n)</summary>
    public Tensor Loc { get; }

    /// <summary>(batch, n, n)</summary>
    public Tensor CovarianceMatrix => _covariance.Matrix;

    /// <summary>The inverse of the covariance matrix. (batch, n, n)</summary>
    public Tensor PrecisionMatrix => _covariance.Precision;

    /// <summary>The lower Cholesky factor of the covariance matrix. (batch, n, n)</summary>
    public Tensor ScaleTril => _covariance.ScaleTril;

    internal Tensor L => _covariance.L;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("loc", Loc, Constraints.RealVector), _covariance.Argument];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.RealVector;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    public override Tensor Mean => Loc;

    /// <inheritdoc/>
    public override Tensor Mode => Loc;

    /// <inheritdoc/>
    public override Tensor Variance => Sq(L).Sum(-1).Expand(Loc.Shape);

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => Loc + Mv(L, Tensor.Randn(ExtendedShape(sampleShape), Loc.DType, generator));

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => -0.5 * (EventShape[0] * LogTwoPi + Mahalanobis(L, value - Loc)) - HalfLogDet(L);

    /// <inheritdoc/>
    public override Tensor Entropy() => (0.5 * EventShape[0] * (1 + LogTwoPi) + HalfLogDet(L)).Expand(BatchShape);

    /// <inheritdoc/>
    public override MultivariateNormal Expand(params ReadOnlySpan<long> batchShape) => new(Loc.Expand(Plus(batchShape, EventShape)), _covariance.Expand(Dims.Create(batchShape)), ValidateArgs);
}
