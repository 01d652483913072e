using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>
/// The distribution of the Cholesky factors of d × d correlation matrices M for which these have density ∝ |M|^(η − 1), with
/// η = <c>concentration</c>; 1: all matrices are equally likely (D. Lewandowski, D. Kurowicka and H. Joe, <i>Generating random correlation
/// matrices based on vines and extended onion method</i>, 2009).
/// </summary>
public class LkjCholesky : Distribution
{
    readonly Beta _beta;

    /// <summary>Matrices of <paramref name="dim"/> rows; η is 1 by default.</summary>
    /// <exception cref="ArgumentException">dim is below 2, or η is not positive.</exception>
    public LkjCholesky(long dim, Tensor? concentration = null, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        if (dim < 2) throw new ArgumentOutOfRangeException(nameof(dim), $"LkjCholesky: a correlation matrix has at least 2 rows, not {dim}.");
        Dim = dim;
        Concentration = ToFloat(concentration ?? 1.0);
        (BatchShape, EventShape) = (Concentration.Shape, [dim, dim]);
        CheckArguments();
        // Row k, from 1 on: Beta(k/2, η + (d − 1 − k)/2). PyTorch 1.13 has k − ½ in place of k/2, which is not the distribution of LogProb from d = 3 on.
        Tensor offset = 0.5 * Tensor.Cat([Tensor.Zeros([1], Concentration.DType), Tensor.Arange(dim - 1, Concentration.DType)]);
        _beta = new(offset + 0.5, (Concentration + 0.5 * (dim - 2)).Unsqueeze(-1) - offset, validateArgs: false);
    }

    /// <summary>The number of rows.</summary>
    public long Dim { get; }

    /// <summary>η</summary>
    public Tensor Concentration { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("concentration", Concentration, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.CorrCholesky;

    /// <summary>The onion method, row by row: a direction on the sphere, and a radius from a Beta distribution.</summary>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor y = _beta.Draw(sampleShape, generator).Unsqueeze(-1);                                         // (sample, batch, dim, 1)
        Tensor u = Tensor.Randn(ExtendedShape(sampleShape), y.DType, generator).Tril(-1);
        Tensor norm = Sq(u).Sum(-1, keepDim: true).Sqrt(), w = y.Sqrt() * Tensor.Where(norm.Eq(0), 0.0, u / norm);
        return w + (1 - Sq(w).Sum(-1)).Clamp(min: Tiny(w.DType)).Sqrt().DiagEmbed();
    }

    // Π Lᵢᵢ^(2(η − 1) + d − i), the Jacobian of L ↦ LLᵀ included.
    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        long m = Dim - 1;
        Tensor order = 2 * (Concentration - 1).Unsqueeze(-1) + (m - 1 - Tensor.Arange(m, Concentration.DType));
        Tensor alpha = Concentration + 0.5 * m;
        Tensor norm = 0.5 * m * Math.Log(Math.PI) + MvLgamma(alpha - 0.5, m) - alpha.Lgamma() * m;
        return (order * value.Diagonal(0, -2, -1).Narrow(-1, 1, m).Log()).Sum(-1) - norm;
    }

    /// <inheritdoc/>
    public override LkjCholesky Expand(params ReadOnlySpan<long> batchShape) => new(Dim, Concentration.Expand(batchShape), ValidateArgs);
}
