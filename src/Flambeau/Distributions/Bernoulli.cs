using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>1 with the probability <c>probs</c>, else 0; or with the log odds <c>logits</c>.</summary>
public class Bernoulli : ExponentialFamily
{
    readonly Chances _p;

    /// <summary>By probabilities or by log odds.</summary>
    /// <exception cref="ArgumentException">Neither or both are given, or a probability is not in [0, 1].</exception>
    public Bernoulli(Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null) : this(Chances.Binary(nameof(Bernoulli), probs, logits), validateArgs) { }

    Bernoulli(Chances p, bool? validateArgs) : base(validateArgs: validateArgs)
    {
        _p = p;
        BatchShape = p.Given.Shape;
        CheckArguments();
    }

    /// <summary>The probability of 1.</summary>
    public Tensor Probs => _p.Probs;

    /// <summary>The log odds of 1.</summary>
    public Tensor Logits => _p.Logits;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [_p.Argument()];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Boolean;

    /// <inheritdoc/>
    public override bool HasEnumerateSupport => true;

    /// <inheritdoc/>
    public override Tensor Mean => Probs;

    /// <summary>The likelier value; NaN if both are.</summary>
    public override Tensor Mode => Tensor.Where(Probs.Eq(0.5), double.NaN, (Probs >= 0.5).To(Probs.DType));

    /// <inheritdoc/>
    public override Tensor Variance => Probs * (1 - Probs);

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => Probs.Expand(ExtendedShape(sampleShape)).Bernoulli(generator);

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => -CrossEntropy(Logits, value);

    /// <inheritdoc/>
    public override Tensor Entropy() => CrossEntropy(Logits, Probs);

    /// <inheritdoc/>
    public override Tensor EnumerateSupport(bool expand = true) => Enumerated(2, Probs.DType, BatchShape, expand);

    /// <summary>0, 1 … n − 1 along axis 0.</summary>
    internal static Tensor Enumerated(long n, DType dtype, Dims batch, bool expand)
    {
        Tensor y = Tensor.Arange(n, dtype).Reshape([n, .. Enumerable.Repeat(1L, batch.Length)]);
        return expand ? y.Expand([n, .. batch]) : y;
    }

    /// <inheritdoc/>
    protected internal override Tensor[] NaturalParams => [Logits];

    /// <inheritdoc/>
    protected internal override Tensor LogNormalizer(Tensor[] naturalParams) => -(-naturalParams[0]).LogSigmoid();

    /// <inheritdoc/>
    public override Bernoulli Expand(params ReadOnlySpan<long> batchShape) => new(_p.Expand(Dims.Create(batchShape)), ValidateArgs);
}
