using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>
/// Wishart's distribution of the matrices Σ xᵢxᵢᵀ of <c>df</c> normal vectors of mean 0 whose covariance matrix is given as such, by its
/// inverse <c>precisionMatrix</c> or by its Cholesky factor <c>scaleTril</c>.
/// </summary>
public class Wishart : ExponentialFamily
{
    readonly Covariance _covariance;
    readonly Chi2 _chi2;

    /// <summary>Degrees of freedom (batch), more than p − 1, and matrices (batch, p, p), whose batches broadcast.</summary>
    /// <exception cref="ArgumentException">Not exactly one matrix is given, shapes do not fit, or parameters are out of range.</exception>
    public Wishart(Tensor df, Tensor? covarianceMatrix = null, Tensor? precisionMatrix = null, Tensor? scaleTril = null, bool? validateArgs = null)
        : this(df, Covariance.Of(nameof(Wishart), covarianceMatrix, precisionMatrix, scaleTril, Validates(validateArgs)), validateArgs) { }

    Wishart(Tensor df, Covariance covariance, bool? validateArgs) : base(validateArgs: validateArgs)
    {
        _covariance = covariance.Expand(Ops.Shapes.Broadcast(nameof(Wishart), df.Shape, covariance.Batch));
        BatchShape = _covariance.Batch;
        EventShape = [P, P];
        Df = df.To(L.DType).Expand(BatchShape);
        if (ValidateArgs && !DfConstraint.Check(Df.Detach()).All().Item<bool>()) throw new ArgumentException($"Wishart: the parameter df must be {DfConstraint}, the number of rows less 1.", nameof(df));
        _chi2 = new(Df.Unsqueeze(-1) - Tensor.Arange(P, Df.DType), validateArgs: false);
    }

    long P => _covariance.Size;

    Tensor L => _covariance.L;

    Constraint DfConstraint => Constraints.GreaterThan(P - 1);

    /// <summary>The degrees of freedom. (batch)</summary>
    public Tensor Df { get; }

    /// <summary>(batch, p, p)</summary>
    public Tensor CovarianceMatrix => _covariance.Matrix;

    /// <summary>The inverse of the covariance matrix. (batch, p, p)</summary>
    public Tensor PrecisionMatrix => _covariance.Precision;

    /// <summary>The lower Cholesky factor of the covariance matrix. (batch, p, p)</summary>
    public Tensor ScaleTril => _covariance.ScaleTril;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("df", Df, DfConstraint), _covariance.Argument];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.PositiveDefinite;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    Tensor DfPerMatrix => Df.Unsqueeze(-1).Unsqueeze(-1);

    /// <inheritdoc/>
    public override Tensor Mean => DfPerMatrix * CovarianceMatrix;

    /// <summary>(df − p − 1) V; NaN where df ≤ p + 1.</summary>
    public override Tensor Mode
    {
        get
        {
            Tensor factor = DfPerMatrix - P - 1;
            return Tensor.Where(factor <= 0, double.NaN, factor) * CovarianceMatrix;
        }
    }

    /// <inheritdoc/>
    public override Tensor Variance
    {
        get
        {
            Tensor v = CovarianceMatrix, d = v.Diagonal(0, -2, -1);
            return DfPerMatrix * (Sq(v) + d.Unsqueeze(-1) * d.Unsqueeze(-2));
        }
    }

    /// <summary>M. S. Bartlett's decomposition (1933): LAAᵀLᵀ, with χ-distributed numbers on the diagonal of A and normal ones below.</summary>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor chi = _chi2.Draw(sampleShape, generator).Sqrt().Clamp(min: Df.DType.Epsilon);
        Tensor normal = Tensor.Randn([.. sampleShape, .. BatchShape, P * (P - 1) / 2], Df.DType, generator);
        Tensor at = Tensor.TrilIndices(P, P, -1), index = at.Select(0, 0) * P + at.Select(0, 1);
        Dims shape = ExtendedShape(sampleShape);
        Tensor below = Tensor.Zeros([.. shape[..^2], P * P], Df.DType).IndexAdd(-1, index, normal).Reshape(shape);
        Tensor a = L.MatMul(below + chi.DiagEmbed());
        return a.MatMul(a.MT);
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        Tensor trace = value.CholeskySolve(L).Diagonal(0, -2, -1).Sum(-1);                                   // tr V⁻¹X
        return (Df - P - 1) * HalfLogDet(Linalg.Cholesky(value)) - 0.5 * trace - Df * LogVolume - MvLgamma(Df / 2, P);
    }

    Tensor LogVolume => P * Math.Log(2) / 2 + HalfLogDet(L);

    /// <inheritdoc/>
    public override Tensor Entropy() => ((P + 1) * LogVolume + MvLgamma(Df / 2, P) - (Df - P - 1) / 2 * MvDigamma(Df / 2, P) + Df * P / 2).Expand(BatchShape);

    /// <inheritdoc/>
    protected internal override Tensor[] NaturalParams => [-PrecisionMatrix / 2, (Df - P - 1) / 2];

    /// <inheritdoc/>
    protected internal override Tensor LogNormalizer(Tensor[] naturalParams)
    {
        if (naturalParams is not [var x, var y]) throw new ArgumentException("Wishart has two natural parameters.");
        Tensor half = y + (P + 1) / 2.0;                                                                    // df/2
        return half * (P * Math.Log(2) - 2 * HalfLogDet(Linalg.Cholesky(-2 * x))) + MvLgamma(half, P);
    }

    /// <inheritdoc/>
    public override Wishart Expand(params ReadOnlySpan<long> batchShape) => new(Df.Expand(batchShape), _covariance.Expand(Dims.Create(batchShape)), ValidateArgs);
}
