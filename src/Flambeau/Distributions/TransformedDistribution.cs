using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>
/// What becomes of a random number, vector … under one or several transforms, the first one first: of y = f(x) the density is that of
/// x = f⁻¹(y) divided by |det ∂y/∂x|.
/// </summary>
public class TransformedDistribution : Distribution
{
    /// <summary>By one transform.</summary>
    public TransformedDistribution(Distribution baseDistribution, Transform transforms, bool? validateArgs = null) : this(baseDistribution, [transforms], validateArgs) { }

    /// <summary>By several. Axes that a transform counts to the event leave the batch.</summary>
    /// <exception cref="ArgumentException">The base distribution has fewer axes than the transforms' argument.</exception>
    public TransformedDistribution(Distribution baseDistribution, IReadOnlyList<Transform> transforms, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        Transforms = [.. transforms];
        ComposeTransform all = new(Transforms);
        Dims given = [.. baseDistribution.BatchShape, .. baseDistribution.EventShape];
        int events = baseDistribution.EventShape.Length, domain = all.Domain.EventDim;
        if (given.Length < domain) throw new ArgumentException($"TransformedDistribution: the transforms take events of {domain} axes, but the base distribution has the shape {given}.", nameof(baseDistribution));
        Dims shape = all.ForwardShape(given), needed = all.InverseShape(shape);                               // parameters of transforms may widen it
        if (needed != given) baseDistribution = baseDistribution.Expand(needed[..^events]);
        BaseDist = domain > events ? new Independent(baseDistribution, domain - events) : baseDistribution;

        int eventDim = all.Codomain.EventDim + Math.Max(events - domain, 0);
        (BatchShape, EventShape) = (shape[..^eventDim], shape[^eventDim..]);
    }

    /// <summary>What is transformed.</summary>
    public Distribution BaseDist { get; }

    /// <summary>The transforms, in order.</summary>
    public IReadOnlyList<Transform> Transforms { get; }

    /// <inheritdoc/>
    public override Constraint Support
    {
        get
        {
            if (Transforms.Count == 0) return BaseDist.Support;
            Constraint c = Transforms[^1].Codomain;
            return EventShape.Length > c.EventDim ? Constraints.Independent(c, EventShape.Length - c.EventDim) : c;
        }
    }

    /// <inheritdoc/>
    public override bool HasRSample => BaseDist.HasRSample;

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor x = BaseDist.Draw(sampleShape, generator);
        foreach (Transform t in Transforms) x = t.Forward(x);
        return x;
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        int n = EventShape.Length;
        Tensor? jacobian = null;
        Tensor y = value;
        for (int i = Transforms.Count - 1; i >= 0; i--)
        {
            Transform t = Transforms[i];
            Tensor x = t.Inverse(y);
            n += t.Domain.EventDim - t.Codomain.EventDim;
            Tensor term = SumRightmost(t.LogAbsDetJacobian(x, y), n - t.Domain.EventDim);
            jacobian = jacobian is null ? term : jacobian + term;
            y = x;
        }
        Tensor density = SumRightmost(BaseDist.LogProb(y), n - BaseDist.EventShape.Length);
        return jacobian is null ? density : density - jacobian;
    }

    private protected override bool ChecksCdf => false;                                                     // the base distribution checks

    // A decreasing transform turns probabilities around.
    Tensor Monotone(Tensor p)
    {
        Tensor sign = new ComposeTransform(Transforms).Sign;
        return sign is { IsWrappedNumber: true } ? p : sign * (p - 0.5) + 0.5;
    }

    /// <inheritdoc/>
    protected internal override Tensor Cumulative(Tensor value)
    {
        for (int i = Transforms.Count - 1; i >= 0; i--) value = Transforms[i].Inverse(value);
        return Monotone(BaseDist.Cdf(value));
    }

    /// <inheritdoc/>
    public override Tensor Icdf(Tensor value)
    {
        Tensor x = BaseDist.Icdf(Monotone(value));
        foreach (Transform t in Transforms) x = t.Forward(x);
        return x;
    }

    /// <inheritdoc/>
    public override TransformedDistribution Expand(params ReadOnlySpan<long> batchShape) => new(ExpandBase(batchShape), Transforms, ValidateArgs);

    /// <summary>The base distribution that belongs to a larger batch of this.</summary>
    private protected Distribution ExpandBase(ReadOnlySpan<long> batchShape)
    {
        Dims shape = new ComposeTransform(Transforms).InverseShape(Plus(batchShape, EventShape));
        return BaseDist.Expand(shape[..^BaseDist.EventShape.Length]);
    }

    /// <inheritdoc/>
    public override string ToString() => Arguments.Count > 0 ? base.ToString() : $"{GetType().Name}({BaseDist}, {string.Join(", ", Transforms)})";
}
