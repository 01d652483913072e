using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>As <see cref="Categorical"/>; a category is a vector of zeros with a 1 in its place.</summary>
public class OneHotCategorical : Distribution
{
    /// <summary>By probabilities, which are divided by their sum, or by logits: (batch, K).</summary>
    /// <exception cref="ArgumentException">Neither or both are given, they have no axis, or a probability is negative.</exception>
    public OneHotCategorical(Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null) : this(new Categorical(probs, logits, validateArgs)) { }

    private protected OneHotCategorical(Categorical categorical) : base(categorical.BatchShape, [categorical.Count], categorical.ValidateArgs) => Categorical = categorical;

    internal Categorical Categorical { get; }

    /// <inheritdoc cref="Categorical.Probs"/>
    public Tensor Probs => Categorical.Probs;

    /// <inheritdoc cref="Categorical.Logits"/>
    public Tensor Logits => Categorical.Logits;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [Categorical.Argument];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.OneHot;

    /// <inheritdoc/>
    public override bool HasEnumerateSupport => true;

    /// <inheritdoc/>
    public override Tensor Mean => Probs;

    /// <inheritdoc/>
    public override Tensor Mode => Tensor.OneHot(Categorical.Mode, Categorical.Count).To(Probs.DType);

    /// <inheritdoc/>
    public override Tensor Variance => Probs * (1 - Probs);

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => Tensor.OneHot(Categorical.Draw(sampleShape, generator), Categorical.Count).To(Probs.DType);

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => Categorical.LogDensity(value.ArgMax(-1));

    /// <inheritdoc/>
    public override Tensor Entropy() => Categorical.Entropy();

    /// <inheritdoc/>
    public override Tensor EnumerateSupport(bool expand = true)
    {
        long n = Categorical.Count;
        Tensor y = Tensor.Eye(n, dtype: Probs.DType).Reshape([n, .. Enumerable.Repeat(1L, BatchShape.Length), n]);
        return expand ? y.Expand([n, .. BatchShape, n]) : y;
    }

    /// <inheritdoc/>
    public override OneHotCategorical Expand(params ReadOnlySpan<long> batchShape) => new(Categorical.Expand(batchShape));
}

/// <summary>As <see cref="OneHotCategorical"/>; gradients pass through samples to the probabilities as if samples were probabilities (Y. Bengio et al., 2013, arXiv:1308.3432).</summary>
public class OneHotCategoricalStraightThrough : OneHotCategorical
{
    /// <summary>By probabilities, which are divided by their sum, or by logits: (batch, K).</summary>
    /// <exception cref="ArgumentException">Neither or both are given, they have no axis, or a probability is negative.</exception>
    public OneHotCategoricalStraightThrough(Tensor? probs = null, Tensor? logits = null, bool? validateArgs = null) : base(probs, logits, validateArgs) { }

    OneHotCategoricalStraightThrough(Categorical categorical) : base(categorical) { }

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor y = base.Draw(sampleShape, generator);
        return Autograd.IsGradEnabled ? y + (Probs - Probs.Detach()) : y;
    }

    /// <inheritdoc/>
    public override OneHotCategoricalStraightThrough Expand(params ReadOnlySpan<long> batchShape) => new(Categorical.Expand(batchShape));
}
