using Flambeau.Ops;

namespace Flambeau.Distributions;

/// <summary>An increasing function of a number.</summary>
public abstract class IncreasingTransform : Transform
{
    /// <inheritdoc/>
    protected IncreasingTransform(int cacheSize = 0) : base(cacheSize) { }

    /// <inheritdoc/>
    public override Constraint Domain => Constraints.Real;

    /// <inheritdoc/>
    public override Tensor Sign => 1;
}

/// <summary>y = eˣ</summary>
public sealed class ExpTransform(int cacheSize = 0) : IncreasingTransform(cacheSize)
{
    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.Positive;

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => x.Exp();

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => y.Log();

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) => x;

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new ExpTransform(cacheSize);
}

/// <summary>y = x to the power of <c>exponent</c>, for positive numbers.</summary>
public sealed class PowerTransform(Tensor exponent, int cacheSize = 0) : IncreasingTransform(cacheSize)
{
    /// <summary>The exponent.</summary>
    public Tensor Exponent { get; } = exponent;

    /// <inheritdoc/>
    public override Constraint Domain => Constraints.Positive;

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.Positive;

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => x.Pow(Exponent);

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => y.Pow(Tensor.OnesLike(y) / Exponent);

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) => (Exponent * y / x).Abs().Log();

    /// <inheritdoc/>
    public override Dims ForwardShape(Dims shape) => Shapes.Broadcast(nameof(PowerTransform), shape, Exponent.Shape);

    /// <inheritdoc/>
    public override Dims InverseShape(Dims shape) => ForwardShape(shape);

    /// <inheritdoc/>
    public override Tensor Sign => Exponent.Sign();

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new PowerTransform(Exponent, cacheSize);

    /// <inheritdoc/>
    protected override bool SameAs(Transform other) => AreEqual(Exponent, ((PowerTransform)other).Exponent);
}

/// <summary>y = 1/(1 + e⁻ˣ), kept inside (0, 1).</summary>
public sealed class SigmoidTransform(int cacheSize = 0) : IncreasingTransform(cacheSize)
{
    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.UnitInterval;

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => Inside(x.Sigmoid());

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y)
    {
        y = Inside(y);
        return y.Log() - (-y).Log1p();
    }

    internal static Tensor Inside(Tensor y) => y.Clamp(Common.Tiny(y.DType), 1 - y.DType.Epsilon);

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) => x.LogSigmoid() + (-x).LogSigmoid();

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new SigmoidTransform(cacheSize);
}

/// <summary>y = log(1 + eˣ)</summary>
public sealed class SoftplusTransform(int cacheSize = 0) : IncreasingTransform(cacheSize)
{
    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.Positive;

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => x.Softplus();

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => (-(-y).Expm1()).Log() + y;

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) => x.LogSigmoid();

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new SoftplusTransform(cacheSize);
}

/// <summary>y = tanh x</summary>
/// <remarks>Where |x| is large the inverse is infinite; with <c>cacheSize: 1</c> it is the argument itself.</remarks>
public sealed class TanhTransform(int cacheSize = 0) : IncreasingTransform(cacheSize)
{
    /// <inheritdoc/>
    public override Constraint Codomain => field ??= Constraints.Interval(-1.0, 1.0);

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => x.Tanh();

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => 0.5 * (y.Log1p() - (-y).Log1p());

    // log(1 − tanh²x) = 2 (log 2 − x − log(1 + e⁻²ˣ)), which does not cancel.
    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) => 2 * (Math.Log(2) - x + (2 * x).LogSigmoid());

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new TanhTransform(cacheSize);
}

/// <summary>y = |x|; the inverse is the positive one.</summary>
public sealed class AbsTransform(int cacheSize = 0) : Transform(cacheSize)
{
    /// <inheritdoc/>
    public override Constraint Domain => Constraints.Real;

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.Positive;

    /// <inheritdoc/>
    public override bool Bijective => false;

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => x.Abs();

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => y;

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new AbsTransform(cacheSize);
}

/// <summary>y = loc + scale · x, in every entry of an event of <c>eventDim</c> axes.</summary>
public sealed class AffineTransform(Tensor loc, Tensor scale, int eventDim = 0, int cacheSize = 0) : Transform(cacheSize)
{
    /// <summary>What is added.</summary>
    public Tensor Loc { get; } = loc;

    /// <summary>The factor.</summary>
    public Tensor Scale { get; } = scale;

    /// <inheritdoc/>
    public override int EventDim => eventDim;

    /// <inheritdoc/>
    public override Constraint Domain => field ??= eventDim == 0 ? Constraints.Real : Constraints.Independent(Constraints.Real, eventDim);

    /// <inheritdoc/>
    public override Constraint Codomain => Domain;

    /// <inheritdoc/>
    public override Tensor Sign => Scale.Sign();

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => Loc + Scale * x;

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => (y - Loc) / Scale;

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) => Common.SumRightmost((Scale + Tensor.ZerosLike(x)).Abs().Log(), eventDim);

    /// <inheritdoc/>
    public override Dims ForwardShape(Dims shape) => Shapes.Broadcast(nameof(AffineTransform), Shapes.Broadcast(nameof(AffineTransform), shape, Loc.Shape), Scale.Shape);

    /// <inheritdoc/>
    public override Dims InverseShape(Dims shape) => ForwardShape(shape);

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new AffineTransform(Loc, Scale, eventDim, cacheSize);

    /// <inheritdoc/>
    protected override bool SameAs(Transform other) => other is AffineTransform a && a.EventDim == EventDim && AreEqual(Loc, a.Loc) && AreEqual(Scale, a.Scale);
}

/// <summary>y = F(x), the cumulative distribution function of a distribution of numbers; the inverse is its quantile function.</summary>
public sealed class CumulativeDistributionTransform(Distribution distribution, int cacheSize = 0) : IncreasingTransform(cacheSize)
{
    /// <summary>The distribution.</summary>
    public Distribution Distribution { get; } = distribution;

    /// <inheritdoc/>
    public override Constraint Domain => Distribution.Support;

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.UnitInterval;

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => Distribution.Cdf(x);

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => Distribution.Icdf(y);

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) => Distribution.LogProb(x);

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new CumulativeDistributionTransform(Distribution, cacheSize);

    /// <inheritdoc/>
    protected override bool SameAs(Transform other) => ReferenceEquals(Distribution, ((CumulativeDistributionTransform)other).Distribution);
}
