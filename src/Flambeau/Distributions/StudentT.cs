using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>Student's t-distribution with <c>df</c> degrees of freedom, shifted by <c>loc</c> and stretched by <c>scale</c>.</summary>
public class StudentT : Distribution
{
    readonly Chi2 _chi2;

    /// <summary>Parameters broadcast against each other; loc is 0 and scale 1 by default.</summary>
    /// <exception cref="ArgumentException">df or scale is not positive.</exception>
    public StudentT(Tensor df, Tensor? loc = null, Tensor? scale = null, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (Df, Loc, Scale) = Broadcast(df, loc ?? 0.0, scale ?? 1.0);
        BatchShape = Df.Shape;
        CheckArguments();
        _chi2 = new(Df, validateArgs: false);
    }

    /// <summary>The degrees of freedom.</summary>
    public Tensor Df { get; }

    /// <summary>The median.</summary>
    public Tensor Loc { get; }

    /// <summary>The factor.</summary>
    public Tensor Scale { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("df", Df, Constraints.Positive), new("loc", Loc, Constraints.Real), new("scale", Scale, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Real;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <summary>loc; NaN where df ≤ 1.</summary>
    public override Tensor Mean => Tensor.Where(Df <= 1, double.NaN, Loc);

    /// <inheritdoc/>
    public override Tensor Mode => Loc;

    /// <summary>scale² df/(df − 2); ∞ where df ≤ 2, NaN where df ≤ 1.</summary>
    public override Tensor Variance => Tensor.Where(Df <= 1, double.NaN, Tensor.Where(Df <= 2, double.PositiveInfinity, Sq(Scale) * Df / (Df - 2)));

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor x = Tensor.Randn(ExtendedShape(sampleShape), Df.DType, generator), z = _chi2.Draw(sampleShape, generator);
        return Loc + Scale * (x * (z / Df).Rsqrt());
    }

    Tensor LogBeta => (0.5 * Df).Lgamma() + 0.5 * Math.Log(Math.PI) - (0.5 * (Df + 1)).Lgamma();             // log B(df/2, ½)

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) =>
        -0.5 * (Df + 1) * (Sq((value - Loc) / Scale) / Df).Log1p() - Scale.Log() - 0.5 * Df.Log() - LogBeta;

    /// <inheritdoc/>
    public override Tensor Entropy() => Scale.Log() + 0.5 * (Df + 1) * ((0.5 * (Df + 1)).Digamma() - (0.5 * Df).Digamma()) + 0.5 * Df.Log() + LogBeta;

    /// <inheritdoc/>
    public override StudentT Expand(params ReadOnlySpan<long> batchShape) => new(Df.Expand(batchShape), Loc.Expand(batchShape), Scale.Expand(batchShape), ValidateArgs);
}
