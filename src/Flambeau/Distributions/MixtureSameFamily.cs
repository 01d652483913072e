using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>A mixture: a <see cref="Categorical"/> chooses one of the K members along the last batch axis of another distribution.</summary>
public class MixtureSameFamily : Distribution
{
    /// <summary>A mixture of the members of <paramref name="componentDistribution"/>, of batch shape (batch, K), by a categorical distribution of batch shape (batch).</summary>
    /// <exception cref="ArgumentException">The components have no batch axis, their number is not K, or batches do not broadcast.</exception>
    public MixtureSameFamily(Categorical mixtureDistribution, Distribution componentDistribution, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        Dims batch = componentDistribution.BatchShape;
        if (batch.Length == 0 || batch[^1] != mixtureDistribution.Count)
            throw new ArgumentException($"MixtureSameFamily: {mixtureDistribution.Count} categories, but components of batch shape {batch}: its last size must be the number of categories.", nameof(componentDistribution));
        Ops.Shapes.Broadcast(nameof(MixtureSameFamily), mixtureDistribution.BatchShape, batch[..^1]);
        (MixtureDistribution, ComponentDistribution) = (mixtureDistribution, componentDistribution);
        (BatchShape, EventShape) = (batch[..^1], componentDistribution.EventShape);
    }

    /// <summary>Chooses the component.</summary>
    public Categorical MixtureDistribution { get; }

    /// <summary>The components, along the last batch axis.</summary>
    public Distribution ComponentDistribution { get; }

    int Axis => -1 - EventShape.Length;                                                                     // that of the components

    /// <inheritdoc/>
    public override Constraint Support => new OfComponents(ComponentDistribution.Support, Axis);

    // A value lies in the support of each component.
    sealed record OfComponents(Constraint Component, int Axis) : Constraint
    {
        public override bool IsDiscrete => Component.IsDiscrete;
        public override int EventDim => Component.EventDim;
        public override Tensor Check(Tensor value) => Component.Check(value.Unsqueeze(Axis)).All([-1]);
        public override string ToString() => Component.ToString();
    }

    // Probabilities with as many axes of size 1 as an event has.
    Tensor Weights => MixtureDistribution.Probs.Reshape([.. MixtureDistribution.Probs.Shape, .. Enumerable.Repeat(1L, EventShape.Length)]);

    /// <inheritdoc/>
    public override Tensor Mean => (Weights * ComponentDistribution.Mean).Sum(Axis);

    /// <inheritdoc/>
    public override Tensor Variance =>
        (Weights * ComponentDistribution.Variance).Sum(Axis) + (Weights * Sq(ComponentDistribution.Mean - Mean.Unsqueeze(Axis))).Sum(Axis);

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor chosen = MixtureDistribution.Expand(BatchShape).Draw(sampleShape, generator), all = ComponentDistribution.Draw(sampleShape, generator);
        Dims one = Plus(chosen.Shape, [1, .. EventShape]);
        Tensor index = chosen.Reshape([.. chosen.Shape, 1, .. Enumerable.Repeat(1L, EventShape.Length)]).Expand(one);
        return all.Gather(all.Rank + Axis, index).Squeeze(all.Rank + Axis);
    }

    private protected override bool ChecksCdf => false;

    /// <inheritdoc/>
    protected internal override Tensor Cumulative(Tensor value) => (ComponentDistribution.Cdf(value.Unsqueeze(Axis)) * MixtureDistribution.Probs).Sum(-1);

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) =>
        (ComponentDistribution.LogProb(value.Unsqueeze(Axis)) + MixtureDistribution.Logits.LogSoftmax(-1)).LogSumExp([-1]);

    /// <inheritdoc/>
    public override MixtureSameFamily Expand(params ReadOnlySpan<long> batchShape) =>
        new(MixtureDistribution.Expand(batchShape), ComponentDistribution.Expand(Plus(batchShape, MixtureDistribution.Count)), ValidateArgs);

    /// <inheritdoc/>
    public override string ToString() => $"MixtureSameFamily({MixtureDistribution}, {ComponentDistribution})";
}
