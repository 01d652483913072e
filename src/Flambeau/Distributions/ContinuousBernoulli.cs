using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>
/// The distribution on [0, 1] of density ∝ pˣ (1 − p)^(1 − x), with p = <c>probs</c>, or its log odds <c>logits</c>
/// (G. Loaiza-Ganem and J. P. Cunningham, 2019, arXiv:1907.06845).
/// </summary>
public class ContinuousBernoulli : ExponentialFamily
{
    readonly Chances _p;
    readonly (double Low, double High) _lims;

    /// <summary>By p or by its log odds. For p between <paramref name="lims"/>, by default 0.499 and 0.501, where the formulas cancel, series around ½ are used.</summary>
    /// <exception cref="ArgumentException">Neither or both are given, or p is not in [0, 1].</exception>
    public ContinuousBernoulli(Tensor? probs = null, Tensor? logits = null, (double, double)? lims = null, bool? validateArgs = null)
        : this(Chances.Binary(nameof(ContinuousBernoulli), probs, logits), lims ?? (0.499, 0.501), validateArgs) { }

    ContinuousBernoulli(Chances p, (double, double) lims, bool? validateArgs) : base(validateArgs: validateArgs)
    {
        (_p, _lims) = (p, lims);
        BatchShape = p.Given.Shape;
        CheckArguments();
        _p = p.Clamped();
    }

    /// <summary>p</summary>
    public Tensor Probs => _p.IsProbs ? _p.Probs : ClampProbs(_p.Probs);

    /// <summary>log p/(1 − p)</summary>
    public Tensor Logits => _p.Logits;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [_p.Argument()];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.UnitInterval;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    Tensor IsOutside => (Probs <= _lims.Low) | (Probs > _lims.High);

    // p, away from ½ so that the branch that is not taken is finite.
    Tensor Cut => Tensor.Where(IsOutside, Probs, _lims.Low);

    static Tensor LogOdds(Tensor p) => p.Log() - (-p).Log1p();

    Tensor FromHalf => Probs - 0.5;

    /// <summary>log of 2 artanh(1 − 2p)/(1 − 2p), by which the density is normalized.</summary>
    internal Tensor LogNorm
    {
        get
        {
            Tensor x = Sq(FromHalf);
            return Tensor.Where(IsOutside, (LogOdds(Cut) / (2 * Cut - 1)).Log(), Math.Log(2) + (4 / 3.0 + 104 / 45.0 * x) * x);
        }
    }

    /// <inheritdoc/>
    public override Tensor Mean => Tensor.Where(IsOutside, Cut / (2 * Cut - 1) - LogOdds(Cut).Reciprocal(), 0.5 + (1 / 3.0 + 16 / 45.0 * Sq(FromHalf)) * FromHalf);

    /// <inheritdoc/>
    public override Tensor Variance
    {
        get
        {
            Tensor x = Sq(FromHalf);
            return Tensor.Where(IsOutside, Cut * (Cut - 1) / Sq(1 - 2 * Cut) + Sq(LogOdds(Cut)).Reciprocal(), 1 / 12.0 - (1 / 15.0 - 128 / 945.0 * x) * x);
        }
    }

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => Icdf(Tensor.Rand(ExtendedShape(sampleShape), Probs.DType, generator));

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => LogNorm - CrossEntropy(Logits, value);

    /// <inheritdoc/>
    protected internal override Tensor Cumulative(Tensor value)
    {
        Tensor p = Cut, inside = Tensor.Where(IsOutside, (p.Pow(value) * (1 - p).Pow(1 - value) + p - 1) / (2 * p - 1), value);
        return Tensor.Where(value <= 0, 0.0, Tensor.Where(value >= 1, 1.0, inside));
    }

    /// <inheritdoc/>
    public override Tensor Icdf(Tensor value) => Tensor.Where(IsOutside, ((value * (2 * Cut - 1) - Cut).Log1p() - (-Cut).Log1p()) / LogOdds(Cut), value);

    /// <inheritdoc/>
    public override Tensor Entropy() => -Mean * LogOdds(Probs) - LogNorm - (-Probs).Log1p();

    /// <inheritdoc/>
    protected internal override Tensor[] NaturalParams => [Logits];

    // log (eˡ − 1)/l; the series around l = 0.
    /// <inheritdoc/>
    protected internal override Tensor LogNormalizer(Tensor[] naturalParams)
    {
        Tensor l = naturalParams[0], far = (l <= _lims.Low - 0.5) | (l > _lims.High - 0.5), cut = Tensor.Where(far, l, _lims.Low - 0.5), q = Sq(l);
        return Tensor.Where(far, (cut.Expm1() / cut).Log(), 0.5 * l + q / 24 - Sq(q) / 2880);
    }

    /// <inheritdoc/>
    public override ContinuousBernoulli Expand(params ReadOnlySpan<long> batchShape) => new(_p.Expand(Dims.Create(batchShape)), _lims, ValidateArgs);
}
