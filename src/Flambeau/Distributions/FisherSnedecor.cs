using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The F-distribution: of the quotient of two mean squares with <c>df1</c> and <c>df2</c> degrees of freedom.</summary>
public class FisherSnedecor : Distribution
{
    readonly Gamma _gamma1, _gamma2;

    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">A parameter is not positive.</exception>
    public FisherSnedecor(Tensor df1, Tensor df2, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (Df1, Df2) = Broadcast(df1, df2);
        BatchShape = Df1.Shape;
        CheckArguments();
        _gamma1 = new(0.5 * Df1, Df1, validateArgs: false);
        _gamma2 = new(0.5 * Df2, Df2, validateArgs: false);
    }

    /// <summary>The degrees of freedom of the numerator.</summary>
    public Tensor Df1 { get; }

    /// <summary>The degrees of freedom of the denominator.</summary>
    public Tensor Df2 { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("df1", Df1, Constraints.Positive), new("df2", Df2, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Positive;

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <summary>df2/(df2 − 2); NaN where df2 ≤ 2.</summary>
    public override Tensor Mean => Tensor.Where(Df2 <= 2, double.NaN, Df2 / (Df2 - 2));

    /// <summary>NaN where df1 ≤ 2.</summary>
    public override Tensor Mode => Tensor.Where(Df1 <= 2, double.NaN, (Df1 - 2) / Df1 * Df2 / (Df2 + 2));

    /// <summary>NaN where df2 ≤ 4.</summary>
    public override Tensor Variance => Tensor.Where(Df2 <= 4, double.NaN, 2 * Sq(Df2) * (Df1 + Df2 - 2) / (Df1 * Sq(Df2 - 2) * (Df2 - 4)));

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Tensor x1 = _gamma1.Draw(sampleShape, generator), x2 = _gamma2.Draw(sampleShape, generator);
        return (x1 / x2).Clamp(min: Tiny(x1.DType));
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value)
    {
        Tensor a = 0.5 * Df1, b = 0.5 * Df2, r = Df1 / Df2;
        return (a + b).Lgamma() - a.Lgamma() - b.Lgamma() + a * r.Log() + (a - 1) * value.Log() - (a + b) * (r * value).Log1p();
    }

    /// <inheritdoc/>
    public override FisherSnedecor Expand(params ReadOnlySpan<long> batchShape) => new(Df1.Expand(batchShape), Df2.Expand(batchShape), ValidateArgs);
}
