using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The uniform distribution on [<c>low</c>, <c>high</c>).</summary>
public class Uniform : Distribution
{
    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">low is not below high.</exception>
    public Uniform(Tensor low, Tensor high, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (Low, High) = Broadcast(low, high);
        BatchShape = Low.Shape;
        CheckArguments();
    }

    /// <summary>The lower end.</summary>
    public Tensor Low { get; }

    /// <summary>The upper end.</summary>
    public Tensor High { get; }

    Tensor Width => High - Low;

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("low", Low, Constraints.LessThan(High)), new("high", High, Constraints.GreaterThan(Low))];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Interval(Low, High);

    /// <inheritdoc/>
    public override bool HasRSample => true;

    /// <inheritdoc/>
    public override Tensor Mean => (Low + High) / 2;

    /// <summary>NaN: no point is likelier than another.</summary>
    public override Tensor Mode => Tensor.FullLike(High, double.NaN);

    /// <inheritdoc/>
    public override Tensor StdDev => Width / Math.Sqrt(12);

    /// <inheritdoc/>
    public override Tensor Variance => Sq(Width) / 12;

    /// <inheritdoc/>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator) => Low + Tensor.Rand(ExtendedShape(sampleShape), Low.DType, generator) * Width;

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => Tensor.Where((value >= Low) & (value < High), 0.0, double.NegativeInfinity).To(Low.DType) - Width.Log();

    /// <inheritdoc/>
    protected internal override Tensor Cumulative(Tensor value) => ((value - Low) / Width).Clamp(0, 1);

    /// <inheritdoc/>
    public override Tensor Icdf(Tensor value) => value * Width + Low;

    /// <inheritdoc/>
    public override Tensor Entropy() => Width.Log();

    /// <inheritdoc/>
    public override Uniform Expand(params ReadOnlySpan<long> batchShape) => new(Low.Expand(batchShape), High.Expand(batchShape), ValidateArgs);
}
