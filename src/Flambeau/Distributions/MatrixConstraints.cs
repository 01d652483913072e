namespace Flambeau.Distributions;

/// <summary>A condition on the matrices in the last two axes.</summary>
public abstract record MatrixConstraint : Constraint
{
    /// <inheritdoc/>
    public override int EventDim => 2;

    private protected static Tensor OfAll(Tensor entries) => entries.All([-2, -1]);
}

/// <summary>As many rows as columns.</summary>
public record SquareConstraint : MatrixConstraint
{
    /// <inheritdoc/>
    public override Tensor Check(Tensor value) => Tensor.Full(value.Shape[..^2], value.Shape[^1] == value.Shape[^2], DType.Bool);

    /// <inheritdoc/>
    public override string ToString() => "a square matrix";
}

/// <summary>Zeros above the diagonal.</summary>
public sealed record LowerTriangularConstraint : MatrixConstraint
{
    /// <inheritdoc/>
    public override Tensor Check(Tensor value) => OfAll(value.Tril().Eq(value));

    /// <inheritdoc/>
    public override string ToString() => "a lower triangular matrix";
}

/// <summary>Zeros above the diagonal, positive numbers on it.</summary>
public record LowerCholeskyConstraint : MatrixConstraint
{
    /// <inheritdoc/>
    public override Tensor Check(Tensor value) => OfAll(value.Tril().Eq(value)) & (value.Diagonal(0, -2, -1) > 0).All([-1]);

    /// <inheritdoc/>
    public override string ToString() => "a lower triangular matrix with a positive diagonal";
}

/// <summary>The Cholesky factor of a correlation matrix: lower triangular, with a positive diagonal and rows of length 1.</summary>
public sealed record CorrCholeskyConstraint : LowerCholeskyConstraint
{
    /// <inheritdoc/>
    public override Tensor Check(Tensor value)
    {
        double tolerance = value.DType.Epsilon * value.Shape[^1] * 10;
        return base.Check(value) & ((value.Square().Sum(-1).Sqrt() - 1).Abs() <= tolerance).All([-1]);
    }

    /// <inheritdoc/>
    public override string ToString() => base.ToString() + " and rows of length 1";
}

/// <summary>Equal to its transpose, to within 1e-6 and a relative 1e-5.</summary>
public record SymmetricConstraint : SquareConstraint
{
    /// <inheritdoc/>
    public override Tensor Check(Tensor value) => value.Shape[^1] != value.Shape[^2] ? base.Check(value)
        : OfAll((value - value.MT).Abs() <= 1e-6 + 1e-5 * value.MT.Abs());

    /// <inheritdoc/>
    public override string ToString() => "a symmetric matrix";
}

/// <summary>Symmetric, no eigenvalue below 0.</summary>
public sealed record PositiveSemidefiniteConstraint : SymmetricConstraint
{
    /// <inheritdoc/>
    public override Tensor Check(Tensor value)
    {
        Tensor y = base.Check(value);
        return y.All().Item<bool>() ? (Linalg.Eigvalsh(value) >= 0).All([-1]) : y;
    }

    /// <inheritdoc/>
    public override string ToString() => "a positive semidefinite matrix";
}

/// <summary>Symmetric, all eigenvalues above 0.</summary>
public sealed record PositiveDefiniteConstraint : SymmetricConstraint
{
    /// <inheritdoc/>
    public override Tensor Check(Tensor value)
    {
        Tensor y = base.Check(value);
        return y.All().Item<bool>() ? Linalg.CholeskyEx(value).Info.Eq(0) : y;
    }

    /// <inheritdoc/>
    public override string ToString() => "a symmetric, positive definite matrix";
}
