namespace Flambeau.Distributions;

/// <summary>
/// A distribution of density h(x) exp(η·t(x) − A(η)) with natural parameters η and the log normalizer A. Entropy and divergence follow
/// from the derivatives of A, by Bregman divergence (F. Nielsen and R. Nock, <i>Entropies and cross-entropies of exponential families</i>,
/// 2010), where a distribution states no formula of its own.
/// </summary>
public abstract class ExponentialFamily : Distribution
{
    /// <inheritdoc/>
    protected ExponentialFamily(Dims batchShape = default, Dims eventShape = default, bool? validateArgs = null) : base(batchShape, eventShape, validateArgs) { }

    /// <summary>η, each of the batch's shape followed by axes of its own; none if it is not known.</summary>
    protected internal virtual Tensor[] NaturalParams => throw new NotSupportedException($"{GetType().Name} does not state its natural parameters.");

    /// <summary>A(η): (batch)</summary>
    protected internal virtual Tensor LogNormalizer(Tensor[] naturalParams) => throw new NotSupportedException($"{GetType().Name} does not state its log normalizer.");

    /// <summary>The expectation of log h(x).</summary>
    protected virtual double MeanCarrierMeasure => throw new NotSupportedException($"{GetType().Name} has no Entropy: there is no formula for it.");

    /// <summary>η with a gradient to flow, A(η), and A's derivatives.</summary>
    internal (Tensor[] Natural, Tensor LogNormalizer, Tensor[] Gradients) Differentiated()
    {
        using var _ = Autograd.EnableGrad();
        Tensor[] natural = [.. NaturalParams.Select(p => p.RequiresGrad ? p : p.Detach().SetRequiresGrad())];
        Tensor a = LogNormalizer(natural);
        return (natural, a, [.. Autograd.Grad([a.Sum()], natural, createGraph: true).Select(g => g!)]);
    }

    /// <inheritdoc/>
    public override Tensor Entropy()
    {
        double carrier = MeanCarrierMeasure;
        (Tensor[] natural, Tensor a, Tensor[] gradients) = Differentiated();
        Tensor y = a - carrier;
        for (int i = 0; i < natural.Length; i++) y -= Common.SumRightmost(natural[i] * gradients[i], natural[i].Rank - BatchShape.Length);
        return y;
    }
}
