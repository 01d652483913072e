using Flambeau.Ops;

namespace Flambeau;

// Random numbers with parameters for each element: after Generator.ManualSeed, PyTorch's.
public partial class Tensor
{
    /// <summary>Poisson numbers with the rates that this tensor states. PyTorch's <c>torch.poisson</c>.</summary>
    /// <exception cref="ArgumentException">A rate is negative, or the type is not floating point.</exception>
    public Tensor Poisson(Generator? generator = null)
    {
        if (DType.IsFloatingPoint && Lt(0).MayHold) throw new ArgumentException("Poisson: rates must not be negative.");
        return Op.Apply(new Poisson(generator ?? Generator.Default), this);
    }

    /// <summary>Numbers of successes, this tensor being the numbers of trials, with the probabilities <paramref name="prob"/>; they broadcast. PyTorch's <c>torch.binomial</c>.</summary>
    /// <exception cref="ArgumentException">Types are not floating point, or shapes do not broadcast.</exception>
    public Tensor Binomial(Tensor prob, Generator? generator = null) => Op.Apply(new Binomial(generator ?? Generator.Default), this, prob);

    /// <summary>
    /// Gamma numbers of rate 1 with the concentrations that this tensor states; differentiable, by implicit derivatives (M. Figurnov, S. Mohamed
    /// and A. Mnih, 2018, arXiv:1805.08498). PyTorch's <c>torch._standard_gamma</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The type is not floating point.</exception>
    public Tensor StandardGamma(Generator? generator = null) => Op.Apply(new StandardGamma(generator ?? Generator.Default), this);

    /// <summary>
    /// Points of the simplex along the last axis with the concentrations that this tensor states; differentiable, by the implicit derivatives
    /// of M. Jankowiak and F. Obermeyer, 2018, arXiv:1806.01851. PyTorch's <c>torch._sample_dirichlet</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The type is not floating point, or the tensor is a scalar.</exception>
    public Tensor SampleDirichlet(Generator? generator = null) => Rank > 0 ? Op.Apply(new SampleDirichlet(generator ?? Generator.Default), this)
        : throw new ArgumentException("SampleDirichlet: a scalar has no axis along which to lie on a simplex.");
}
