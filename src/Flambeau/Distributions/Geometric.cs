using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The number of failures before the first success, in trials of probability <c>probs</c> or log odds <c>logits</c>.</summary>
public class Geometric : Distribution
{
    readonly Chances _p;

    /// <summary>By probabilities or by log odds.</summary>
    /// <exception cref="ArgumentException">Neither or both are given, or a probability is not in (0, 1].</exception>
    public Geometric(Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null) : this(Chances.Binary(nameof(Geometric), probs, logits), validateArgs) { }

    Geometric(Chances p, bool? validateArgs) : base(validateArgs: validateArgs)
    {
        _p = p;
        BatchShape = p.Given.Shape;
        CheckArguments();
    }

    /// <summary>The probability of a success.</summary>
    public Tensor Probs => _p.Probs;

    /// <summary>The log odds of a success.</summary>
    public Tensor Logits => _p.Logits;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [_p.Argument(new IntervalConstraint(0.0, 1.0) { IncludesLower = false })];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.NonNegativeInteger;

    /// <inheritdoc/>
    public override Tensor Mean => Probs.Reciprocal() - 1;

    /// <inheritdoc/>
    public override Tensor Mode => Tensor.ZerosLike(Probs);

    /// <inheritdoc/>
    public override Tensor Variance => (Probs.Reciprocal() - 1) / Probs;

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor u = Tensor.Empty(ExtendedShape(sampleShape), Probs.DType).UniformInPlace(Tiny(Probs.DType), 1, generator);
        return (u.Log() / (-Probs).Log1p()).Floor();
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        Tensor p = Tensor.Where(Probs.Eq(1) & value.Eq(0), 0.0, Probs);                                     // 0 · log 0 = 0
        return value * (-p).Log1p() + Probs.Log();
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => CrossEntropy(Logits, Probs) / Probs;

    /// <inheritdoc/>
    public override Geometric Expand(params ReadOnlySpan<long> batchShape) => new(_p.Expand(Dims.Create(batchShape)), ValidateArgs);
}
