using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>One of the categories 0 … K − 1, with the probabilities <c>probs</c> or the unnormalized log probabilities <c>logits</c> along the last axis.</summary>
public class Categorical : Distribution
{
    readonly Chances _p;

    /// <summary>By probabilities, which are divided by their sum, or by logits, from which the logarithm of the sum of exponentials is subtracted: (batch, K).</summary>
    /// <exception cref="ArgumentException">Neither or both are given, they have no axis, or a probability is negative.</exception>
    public Categorical(Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null) : this(Chances.OneOf(nameof(Categorical), probs, logits), validateArgs) { }

    Categorical(Chances p, bool? validateArgs) : base(validateArgs: validateArgs)
    {
        _p = p;
        BatchShape = p.Given.Shape[..^1];
        CheckArguments();
    }

    /// <summary>The probabilities. (batch, K)</summary>
    public Tensor Probs => _p.Probs;

    /// <summary>Their logarithms. (batch, K)</summary>
    public Tensor Logits => _p.Logits;

    internal long Count => _p.Given.Shape[^1];

    internal Argument Argument => _p.Argument();

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [Argument];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.IntegerInterval(0, Count - 1);

    /// <inheritdoc/>
    public override bool HasEnumerateSupport => true;

    /// <summary>NaN: categories are no numbers.</summary>
    public override Tensor Mean => Tensor.Full(BatchShape, double.NaN, Probs.DType);

    /// <inheritdoc/>
    public override Tensor Mode => Probs.ArgMax(-1);

    /// <summary>NaN: categories are no numbers.</summary>
    public override Tensor Variance => Mean;

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Dims shape = ExtendedShape(sampleShape);
        return shape.Count == 0 ? Tensor.Empty(shape, DType.Int64) : Probs.Reshape(-1, Count).Multinomial(sampleShape.Count, true, generator).T.Reshape(shape);
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        Dims shape = Ops.Shapes.Broadcast(nameof(Categorical), value.Shape, BatchShape);
        return Logits.Expand(Plus(shape, Count)).Gather(-1, value.Long().Expand(shape).Unsqueeze(-1)).Squeeze(-1);
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => -(Logits.Clamp(min: -Logits.DType.MaxValue) * Probs).Sum(-1);

    /// <inheritdoc/>
    public override Tensor EnumerateSupport(bool expand = true) => Bernoulli.Enumerated(Count, DType.Int64, BatchShape, expand);

    /// <inheritdoc/>
    public override Categorical Expand(params ReadOnlySpan<long> batchShape) => new(_p.Expand(Plus(batchShape, Count)), ValidateArgs);
}
