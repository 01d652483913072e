using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The logarithm of a <see cref="RelaxedOneHotCategorical"/>.</summary>
public class ExpRelaxedCategorical : Distribution
{
    readonly Categorical _categorical;

    /// <inheritdoc cref="RelaxedOneHotCategorical(Tensor, Tensor?, Tensor?, bool?)"/>
    public ExpRelaxedCategorical(Tensor temperature, Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null) : this(temperature, new Categorical(probs, logits, validateArgs)) { }

    ExpRelaxedCategorical(Tensor temperature, Categorical categorical) : base(categorical.BatchShape, [categorical.Count], categorical.ValidateArgs) =>
        (Temperature, _categorical) = (ToFloat(temperature, categorical.Argument.Value)[0], categorical);

    /// <summary>How far from a corner of the simplex values lie.</summary>
    public Tensor Temperature { get; }

    /// <inheritdoc cref="Categorical.Probs"/>
    public Tensor Probs => _categorical.Probs;

    /// <inheritdoc cref="Categorical.Logits"/>
    public Tensor Logits => _categorical.Logits;

    internal Argument Argument => _categorical.Argument;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [Argument];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.RealVector;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor u = ClampProbs(Tensor.Rand(ExtendedShape(sampleShape), Logits.DType, generator)), gumbel = -(-u.Log()).Log();
        return ((Logits + gumbel) / Temperature).LogSoftmax(-1);
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        long k = EventShape[0];
        Tensor scale = Tensor.FromScalar((double)k, Logits.DType).Lgamma() + (k - 1) * Temperature.Log();
        return (Logits - value * Temperature).LogSoftmax(-1).Sum(-1) + scale;
    }

    /// <inheritdoc/>
    public override ExpRelaxedCategorical Expand(params ReadOnlySpan<long> batchShape) => new(Temperature, _categorical.Expand(batchShape));
}

/// <summary>
/// A point of the simplex in place of a corner, so that samples have gradients; near a corner at low temperature (C. J. Maddison, A. Mnih
/// and Y. W. Teh, 2017, arXiv:1611.00712; E. Jang, S. Gu and B. Poole, 2017, arXiv:1611.01144).
/// </summary>
public class RelaxedOneHotCategorical : TransformedDistribution
{
    /// <summary>By a temperature and by probabilities or logits, as <see cref="Categorical"/> takes them.</summary>
    /// <exception cref="ArgumentException">Neither or both are given, or a probability is negative.</exception>
    public RelaxedOneHotCategorical(Tensor temperature, Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null)
        : this(new ExpRelaxedCategorical(temperature, probs, logits, validateArgs)) { }

    RelaxedOneHotCategorical(ExpRelaxedCategorical log) : base(log, new ExpTransform(), log.ValidateArgs) { }

    ExpRelaxedCategorical Base => (ExpRelaxedCategorical)BaseDist;

    /// <inheritdoc cref="ExpRelaxedCategorical.Temperature"/>
    public Tensor Temperature => Base.Temperature;

    /// <inheritdoc cref="Categorical.Probs"/>
    public Tensor Probs => Base.Probs;

    /// <inheritdoc cref="Categorical.Logits"/>
    public Tensor Logits => Base.Logits;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [Base.Argument];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Simplex;

    /// <inheritdoc/>
    public override RelaxedOneHotCategorical Expand(params ReadOnlySpan<long> batchShape) => new(Base.Expand(batchShape));
}
