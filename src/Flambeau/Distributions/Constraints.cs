namespace Flambeau.Distributions;

/// <summary>The constraints in use, by PyTorch's names. <see href="https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints"/></summary>
public static class Constraints
{
    /// <summary>Any number but NaN.</summary>
    public static Constraint Real { get; } = new RealConstraint();

    /// <summary>Vectors of numbers.</summary>
    public static Constraint RealVector { get; } = Independent(Real, 1);

    /// <summary>0 or 1.</summary>
    public static Constraint Boolean { get; } = new BooleanConstraint();

    /// <summary>x &gt; 0</summary>
    public static Constraint Positive { get; } = GreaterThan(0.0);

    /// <summary>x ≥ 0</summary>
    public static Constraint NonNegative { get; } = GreaterThanEq(0.0);

    /// <summary>0 ≤ x ≤ 1</summary>
    public static Constraint UnitInterval { get; } = Interval(0.0, 1.0);

    /// <summary>0, 1, 2, …</summary>
    public static Constraint NonNegativeInteger { get; } = new IntervalConstraint(0.0, null) { IsInteger = true };

    /// <summary>1, 2, 3, …</summary>
    public static Constraint PositiveInteger { get; } = new IntervalConstraint(1.0, null) { IsInteger = true };

    /// <summary>x &gt; bound</summary>
    public static Constraint GreaterThan(Tensor lowerBound) => new IntervalConstraint(lowerBound, null) { IncludesLower = false };

    /// <summary>x ≥ bound</summary>
    public static Constraint GreaterThanEq(Tensor lowerBound) => new IntervalConstraint(lowerBound, null);

    /// <summary>x &lt; bound</summary>
    public static Constraint LessThan(Tensor upperBound) => new IntervalConstraint(null, upperBound) { IncludesUpper = false };

    /// <summary>lower ≤ x ≤ upper</summary>
    public static Constraint Interval(Tensor lowerBound, Tensor upperBound) => new IntervalConstraint(lowerBound, upperBound);

    /// <summary>lower ≤ x &lt; upper</summary>
    public static Constraint HalfOpenInterval(Tensor lowerBound, Tensor upperBound) => new IntervalConstraint(lowerBound, upperBound) { IncludesUpper = false };

    /// <summary>Whole numbers, both bounds included.</summary>
    public static Constraint IntegerInterval(Tensor lowerBound, Tensor upperBound) => new IntervalConstraint(lowerBound, upperBound) { IsInteger = true };

    /// <summary>Events of further axes, all of whose entries satisfy a constraint.</summary>
    public static Constraint Independent(Constraint baseConstraint, int reinterpretedBatchNDims) => new IndependentConstraint(baseConstraint, reinterpretedBatchNDims);

    /// <inheritdoc cref="OneHotConstraint"/>
    public static Constraint OneHot { get; } = new OneHotConstraint();

    /// <inheritdoc cref="SimplexConstraint"/>
    public static Constraint Simplex { get; } = new SimplexConstraint();

    /// <inheritdoc cref="MultinomialConstraint"/>
    public static Constraint Multinomial(Tensor upperBound) => new MultinomialConstraint(upperBound);

    /// <inheritdoc cref="SquareConstraint"/>
    public static Constraint Square { get; } = new SquareConstraint();

    /// <inheritdoc cref="SymmetricConstraint"/>
    public static Constraint Symmetric { get; } = new SymmetricConstraint();

    /// <inheritdoc cref="LowerTriangularConstraint"/>
    public static Constraint LowerTriangular { get; } = new LowerTriangularConstraint();

    /// <inheritdoc cref="LowerCholeskyConstraint"/>
    public static Constraint LowerCholesky { get; } = new LowerCholeskyConstraint();

    /// <inheritdoc cref="CorrCholeskyConstraint"/>
    public static Constraint CorrCholesky { get; } = new CorrCholeskyConstraint();

    /// <inheritdoc cref="PositiveSemidefiniteConstraint"/>
    public static Constraint PositiveSemidefinite { get; } = new PositiveSemidefiniteConstraint();

    /// <inheritdoc cref="PositiveDefiniteConstraint"/>
    public static Constraint PositiveDefinite { get; } = new PositiveDefiniteConstraint();

    /// <inheritdoc cref="CatConstraint"/>
    public static Constraint Cat(IReadOnlyList<Constraint> cseq, int dim = 0, IReadOnlyList<long>? lengths = null) => new CatConstraint(cseq, dim, lengths);

    /// <inheritdoc cref="StackConstraint"/>
    public static Constraint Stack(IReadOnlyList<Constraint> cseq, int dim = 0) => new StackConstraint(cseq, dim);
}
