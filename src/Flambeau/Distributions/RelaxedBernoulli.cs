using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The log odds of a <see cref="RelaxedBernoulli"/>: logistic, with the logits divided by the temperature.</summary>
public class LogitRelaxedBernoulli : Distribution
{
    readonly Chances _p;

    /// <inheritdoc cref="RelaxedBernoulli(Tensor, Tensor?, Tensor?, bool?)"/>
    public LogitRelaxedBernoulli(Tensor temperature, Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null)
        : this(temperature, Chances.Binary(nameof(RelaxedBernoulli), probs, logits), validateArgs) { }

    LogitRelaxedBernoulli(Tensor temperature, Chances p, bool? validateArgs) : base(validateArgs: validateArgs)
    {
        (Temperature, _p) = (ToFloat(temperature, p.Given)[0], p);
        BatchShape = p.Given.Shape;
        CheckArguments();
    }

    /// <summary>How far from 0 and 1 values lie.</summary>
    public Tensor Temperature { get; }

    /// <inheritdoc cref="Bernoulli.Probs"/>
    public Tensor Probs => _p.Probs;

    /// <inheritdoc cref="Bernoulli.Logits"/>
    public Tensor Logits => _p.Logits;

    internal Argument Argument => _p.Argument();

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [Argument];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Real;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor p = ClampProbs(Probs), u = ClampProbs(Tensor.Rand(ExtendedShape(sampleShape), p.DType, generator));
        return (u.Log() - (-u).Log1p() + p.Log() - (-p).Log1p()) / Temperature;
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        Tensor d = Logits - value * Temperature;
        return Temperature.Log() + d + 2 * (-d).LogSigmoid();
    }

    /// <inheritdoc/>
    public override LogitRelaxedBernoulli Expand(params ReadOnlySpan<long> batchShape) => new(Temperature, _p.Expand(Dims.Create(batchShape)), ValidateArgs);
}

/// <summary>
/// A number in (0, 1) in place of 0 or 1, so that samples have gradients; near them at low temperature (C. J. Maddison, A. Mnih and
/// Y. W. Teh, 2017, arXiv:1611.00712).
/// </summary>
public class RelaxedBernoulli : TransformedDistribution
{
    /// <summary>By a temperature and by probabilities or log odds.</summary>
    /// <exception cref="ArgumentException">Neither or both are given, or a probability is not in [0, 1].</exception>
    public RelaxedBernoulli(Tensor temperature, Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null)
        : this(new LogitRelaxedBernoulli(temperature, probs, logits, validateArgs)) { }

    RelaxedBernoulli(LogitRelaxedBernoulli logit) : base(logit, new SigmoidTransform(), logit.ValidateArgs) { }

    LogitRelaxedBernoulli Base => (LogitRelaxedBernoulli)BaseDist;

    /// <inheritdoc cref="LogitRelaxedBernoulli.Temperature"/>
    public Tensor Temperature => Base.Temperature;

    /// <inheritdoc cref="Bernoulli.Probs"/>
    public Tensor Probs => Base.Probs;

    /// <inheritdoc cref="Bernoulli.Logits"/>
    public Tensor Logits => Base.Logits;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [Base.Argument];

    /// <inheritdoc/>
    public override RelaxedBernoulli Expand(params ReadOnlySpan<long> batchShape) => new(Base.Expand(batchShape));
}
