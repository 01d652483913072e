namespace Flambeau.Distributions;

/// <summary>
/// A probability distribution, or a batch of them. PyTorch's <see href="https://pytorch.org/docs/stable/distributions.html">torch.distributions</see>.
/// </summary>
/// <remarks>
/// A sample has the shape <c>sampleShape + BatchShape + EventShape</c>: samples are independent and identically distributed, members of a
/// batch are independent with parameters of their own, and an event is what the distribution describes at once (a vector, a matrix).
/// </remarks>
public abstract class Distribution
{
    static volatile bool s_validateArgs = true;

    /// <summary>Shapes may be left out and set later in the constructor.</summary>
    /// <param name="batchShape">The shape of the batch.</param>
    /// <param name="eventShape">The shape of one event.</param>
    /// <param name="validateArgs">Whether parameters and values are checked; null: as <see cref="SetDefaultValidateArgs"/> said, by default yes.</param>
    protected Distribution(Dims batchShape = default, Dims eventShape = default, bool? validateArgs = null) =>
        (BatchShape, EventShape, ValidateArgs) = (batchShape, eventShape, Validates(validateArgs));

    private protected static bool Validates(bool? validateArgs) => validateArgs ?? s_validateArgs;

    /// <summary>Whether distributions that are not told otherwise check their parameters and values. PyTorch's <c>Distribution.set_default_validate_args</c>.</summary>
    public static void SetDefaultValidateArgs(bool value) => s_validateArgs = value;

    /// <summary>The shape of the batch.</summary>
    public Dims BatchShape { get; protected set; }

    /// <summary>The shape of one event; () for a number.</summary>
    public Dims EventShape { get; protected set; }

    /// <summary>Whether this distribution checks what it is given.</summary>
    public bool ValidateArgs { get; }

    /// <summary>The parameters that were given, with what they must satisfy.</summary>
    protected virtual IReadOnlyList<Argument> Arguments => [];

    /// <summary>What the parameters must satisfy, by the names that the constructor gives them.</summary>
    public IReadOnlyDictionary<string, Constraint> ArgConstraints => Arguments.ToDictionary(a => a.Name, a => a.Constraint);

    /// <summary>Where values lie.</summary>
    public abstract Constraint Support { get; }

    /// <summary>Whether <see cref="RSample(ReadOnlySpan{long}, Generator)"/> is there.</summary>
    public virtual bool HasRSample => false;

    /// <summary>Whether <see cref="EnumerateSupport"/> is there.</summary>
    public virtual bool HasEnumerateSupport => false;

    /// <summary>The expectation; NaN where there is none. (batch + event)</summary>
    public virtual Tensor Mean => throw Missing(nameof(Mean));

    /// <summary>Where density or probability is largest. (batch + event)</summary>
    public virtual Tensor Mode => throw Missing(nameof(Mode));

    /// <summary>The variance, of each component of an event; NaN where there is none. (batch + event)</summary>
    public virtual Tensor Variance => throw Missing(nameof(Variance));

    /// <summary>The square root of <see cref="Variance"/>. (batch + event)</summary>
    public virtual Tensor StdDev => Variance.Sqrt();

    /// <summary>As <see cref="Sample(ReadOnlySpan{long}, Generator)"/>, with the sizes one by one: <c>d.Sample(2, 3)</c>.</summary>
    public Tensor Sample(params ReadOnlySpan<long> sampleShape) => Sample(sampleShape, null);

    /// <summary>As <see cref="RSample(ReadOnlySpan{long}, Generator)"/>, with the sizes one by one: <c>d.RSample(2, 3)</c>.</summary>
    public Tensor RSample(params ReadOnlySpan<long> sampleShape) => RSample(sampleShape, null);

    /// <summary>Draws; no gradient flows.</summary>
    /// <param name="sampleShape">How many, in which arrangement.</param>
    /// <param name="generator">The source of randomness; null: <see cref="Generator.Default"/>.</param>
    /// <returns>(sample + batch + event)</returns>
    public Tensor Sample(ReadOnlySpan<long> sampleShape, Generator? generator)
    {
        using var _ = Autograd.NoGrad();
        return Draw(Dims.Create(sampleShape), generator ?? Generator.Default);
    }

    /// <summary>Draws such that gradients flow to the parameters: the derivative of a sample by a parameter with the randomness held fixed.</summary>
    /// <inheritdoc cref="Sample(ReadOnlySpan{long}, Generator)"/>
    /// <exception cref="NotSupportedException">Samples of this distribution are no differentiable function of its parameters; see <see cref="HasRSample"/>.</exception>
    public Tensor RSample(ReadOnlySpan<long> sampleShape, Generator? generator) =>
        HasRSample ? Draw(Dims.Create(sampleShape), generator ?? Generator.Default)
        : throw new NotSupportedException($"{GetType().Name}.RSample: these samples have no derivative. Use Sample, and LogProb for a score-function gradient.");

    /// <summary>Draws, differentiably where <see cref="HasRSample"/>.</summary>
    protected internal abstract Tensor Draw(Dims sampleShape, Generator generator);

    /// <summary>The logarithm of the density, or of the probability, of a value.</summary>
    /// <param name="value">(… + batch + event), or what broadcasts to it.</param>
    /// <returns>(… + batch)</returns>
    /// <exception cref="ArgumentException">Shapes do not fit, or the value lies outside <see cref="Support"/>.</exception>
    public Tensor LogProb(Tensor value)
    {
        CheckValue(nameof(LogProb), value);
        return LogDensity(value);
    }

    /// <summary><see cref="LogProb"/> of a value that was checked.</summary>
    protected internal abstract Tensor LogDensity(Tensor value);

    /// <summary>The probability of a number that is not larger.</summary>
    /// <inheritdoc cref="LogProb"/>
    /// <exception cref="NotSupportedException">There is no formula.</exception>
    public Tensor Cdf(Tensor value)
    {
        if (ChecksCdf) CheckValue(nameof(Cdf), value);
        return Cumulative(value);
    }

    /// <summary>Whether <see cref="Cdf"/> insists on values in the support.</summary>
    private protected virtual bool ChecksCdf => true;

    /// <summary><see cref="Cdf"/> of a value that was checked.</summary>
    protected internal virtual Tensor Cumulative(Tensor value) => throw Missing(nameof(Cdf));

    /// <summary>The number whose <see cref="Cdf"/> is the value, a probability.</summary>
    /// <exception cref="NotSupportedException">There is no formula.</exception>
    public virtual Tensor Icdf(Tensor value) => throw Missing(nameof(Icdf));

    /// <summary>The expectation of −LogProb, in nats. (batch)</summary>
    /// <exception cref="NotSupportedException">There is no formula.</exception>
    public virtual Tensor Entropy() => throw Missing(nameof(Entropy));

    /// <summary>e to the entropy. (batch)</summary>
    public Tensor Perplexity() => Entropy().Exp();

    /// <summary>All values of a discrete distribution along axis 0.</summary>
    /// <param name="expand">Whether the batch's axes have its sizes, else 1.</param>
    /// <returns>(values + batch + event)</returns>
    /// <exception cref="NotSupportedException">They are not finitely many.</exception>
    public virtual Tensor EnumerateSupport(bool expand = true) => throw Missing(nameof(EnumerateSupport));

    /// <summary>The same distribution with a larger batch, to which the parameters are expanded.</summary>
    /// <exception cref="ArgumentException">This batch does not expand to that shape.</exception>
    public abstract Distribution Expand(params ReadOnlySpan<long> batchShape);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{GetType().Name}({string.Join(", ", Arguments.Select(a => a.Value.Count == 1 ? $"{a.Name}: {a.Value.Item<double>():0.####}" : $"{a.Name}: {a.Value.Shape}"))})";

    /// <summary>The shape of a sample.</summary>
    protected Dims ExtendedShape(Dims sampleShape) => [.. sampleShape, .. BatchShape, .. EventShape];

    /// <summary>To be called at the end of a constructor: refuses parameters outside their constraints, if arguments are validated.</summary>
    protected void CheckArguments()
    {
        if (!ValidateArgs) return;
        foreach (Argument a in Arguments)
        {
            using var _ = Autograd.NoGrad();
            if (a.Constraint.Check(a.Value).All().Item<bool>()) continue;
            throw new ArgumentException($"{GetType().Name}: the parameter {a.Name}, {a.Value.DType} {a.Value.Shape}, must be {a.Constraint} everywhere. validateArgs: false leaves this unchecked.", a.Name);
        }
    }

    /// <summary>Refuses a value of another shape or outside the support, if arguments are validated.</summary>
    protected void CheckValue(string operation, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!ValidateArgs) return;
        string name = GetType().Name + "." + operation;
        int start = value.Rank - EventShape.Length;
        if (start < 0 || !value.Shape.Span[start..].SequenceEqual(EventShape))
            throw new ArgumentException($"{name}: a value of shape {value.Shape} does not end in the event shape {EventShape}.", nameof(value));
        Ops.Shapes.Broadcast(name, value.Shape[..start], BatchShape);
        using var _ = Autograd.NoGrad();
        if (!Support.Check(value).All().Item<bool>())
            throw new ArgumentException($"{name}: the value, of shape {value.Shape}, must be {Support} everywhere. validateArgs: false leaves this unchecked.", nameof(value));
    }

    NotSupportedException Missing(string what) => new($"{GetType().Name} has no {what}: there is no formula for it.");
}

/// <summary>A parameter of a distribution.</summary>
/// <param name="Name">What the constructor calls it.</param>
/// <param name="Value">What it is.</param>
/// <param name="Constraint">What it must satisfy.</param>
public readonly record struct Argument(string Name, Tensor Value, Constraint Constraint);
