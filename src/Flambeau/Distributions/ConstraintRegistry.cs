using System.Collections.Concurrent;

namespace Flambeau.Distributions;

/// <summary>
/// Transforms from unconstrained numbers to a constrained region. PyTorch's
/// <see href="https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraint_registry">torch.distributions.constraint_registry</see>.
/// </summary>
public static class ConstraintRegistry
{
    static readonly ConcurrentDictionary<Type, Func<Constraint, Transform?>> s_bijections = new(), s_transforms = new();

    static ConstraintRegistry()
    {
        Register<RealConstraint>(_ => new IdentityTransform());
        Register<IntervalConstraint>(OfInterval);
        Register<CorrCholeskyConstraint>(_ => new CorrCholeskyTransform());
        RegisterBijection<IndependentConstraint>(c => new IndependentTransform(BijectTo(c.BaseConstraint), c.ReinterpretedBatchNDims));
        RegisterTransform<IndependentConstraint>(c => new IndependentTransform(TransformTo(c.BaseConstraint), c.ReinterpretedBatchNDims));
        RegisterBijection<SimplexConstraint>(_ => new StickBreakingTransform());
        RegisterTransform<SimplexConstraint>(_ => new SoftmaxTransform());
        RegisterTransform<LowerCholeskyConstraint>(_ => new LowerCholeskyTransform());
        RegisterTransform<PositiveDefiniteConstraint>(_ => new PositiveDefiniteTransform());
        RegisterTransform<PositiveSemidefiniteConstraint>(_ => new PositiveDefiniteTransform());
        RegisterBijection<CatConstraint>(c => new CatTransform([.. c.CSeq.Select(BijectTo)], c.Dim, c.Lengths));
        RegisterTransform<CatConstraint>(c => new CatTransform([.. c.CSeq.Select(TransformTo)], c.Dim, c.Lengths));
        RegisterBijection<StackConstraint>(c => new StackTransform([.. c.CSeq.Select(BijectTo)], c.Dim));
        RegisterTransform<StackConstraint>(c => new StackTransform([.. c.CSeq.Select(TransformTo)], c.Dim));
    }

    static void Register<T>(Func<T, Transform?> factory) where T : Constraint
    {
        RegisterBijection(factory);
        RegisterTransform(factory);
    }

    /// <summary>A bijection from ℝⁿ to the region, with a Jacobian determinant: for densities.</summary>
    /// <exception cref="NotSupportedException">None is registered.</exception>
    public static Transform BijectTo(Constraint constraint) => Find(s_bijections, constraint, "bijection");

    /// <summary>A transform to the region, perhaps from more numbers than needed: for optimization.</summary>
    /// <inheritdoc cref="BijectTo"/>
    public static Transform TransformTo(Constraint constraint) => Find(s_transforms, constraint, "transform");

    /// <summary>Says which bijection belongs to constraints of a class.</summary>
    public static void RegisterBijection<T>(Func<T, Transform?> factory) where T : Constraint => s_bijections[typeof(T)] = c => factory((T)c);

    /// <summary>Says which transform belongs to constraints of a class.</summary>
    public static void RegisterTransform<T>(Func<T, Transform?> factory) where T : Constraint => s_transforms[typeof(T)] = c => factory((T)c);

    static Transform Find(ConcurrentDictionary<Type, Func<Constraint, Transform?>> from, Constraint constraint, string what) =>
        (from.TryGetValue(constraint.GetType(), out var factory) ? factory(constraint) : null)
        ?? throw new NotSupportedException($"No {what} is known to what must be {constraint}. Register one for {constraint.GetType().Name}.");

    static Transform? OfInterval(IntervalConstraint c)
    {
        if (c.IsDiscrete) return null;
        if (c.IsUnit) return new SigmoidTransform();
        return (c.LowerBound, c.UpperBound) switch
        {
            ({ } low, { } high) => new ComposeTransform([new SigmoidTransform(), new AffineTransform(low, high - low)]),
            ({ Count: 1 } low, null) when low.Item<double>() == 0 => new ExpTransform(),
            ({ } low, null) => new ComposeTransform([new ExpTransform(), new AffineTransform(low, 1)]),
            (null, { } high) => new ComposeTransform([new ExpTransform(), new AffineTransform(high, -1)]),
            _ => new IdentityTransform(),
        };
    }
}
