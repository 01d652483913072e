using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

/// <summary>The von Mises distribution of angles, of density ∝ e^(κ cos(x − μ)), with μ = <c>loc</c> and κ = <c>concentration</c>. Angles are in radians, modulo 2π.</summary>
public class VonMises : Distribution
{
    /// <summary>Parameters broadcast against each other.</summary>
    /// <exception cref="ArgumentException">concentration is not positive.</exception>
    public VonMises(Tensor loc, Tensor concentration, bool? validateArgs = null) : base(validateArgs: validateArgs)
    {
        (Loc, Concentration) = Broadcast(loc, concentration);
        BatchShape = Loc.Shape;
        CheckArguments();
    }

    /// <summary>μ</summary>
    public Tensor Loc { get; }

    /// <summary>κ</summary>
    public Tensor Concentration { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Argument> Arguments => [new("loc", Loc, Constraints.Real), new("concentration", Concentration, Constraints.Positive)];

    /// <inheritdoc/>
    public override Constraint Support => Constraints.Real;

    /// <summary>The circular mean: the direction of the expectation of the point at the angle x on the unit circle.</summary>
    public override Tensor Mean => Loc;

    /// <inheritdoc/>
    public override Tensor Mode => Loc;

    /// <summary>The circular variance: 1 less the length of that expectation, I₁(κ)/I₀(κ).</summary>
    public override Tensor Variance => 1 - Special.I1e(Concentration) / Special.I0e(Concentration);

    /// <summary>D. J. Best and N. I. Fisher's rejection from a wrapped Cauchy distribution, <i>Efficient simulation of the von Mises distribution</i>, 1979.</summary>
    protected internal override Tensor Draw(Dims sampleShape, Generator generator)
    {
        Dims shape = ExtendedShape(sampleShape);
        Tensor tau = 1 + (1 + 4 * Sq(Concentration)).Sqrt(), rho = (tau - (2 * tau).Sqrt()) / (2 * Concentration), r = (1 + Sq(rho)) / (2 * rho);
        Tensor x = Tensor.Zeros(shape, Loc.DType), done = Tensor.Zeros(shape, DType.Bool);
        while (!done.All().Item<bool>())
        {
            Tensor u = Tensor.Rand([3, .. shape], Loc.DType, generator);
            Tensor z = (Math.PI * u.Select(0, 0)).Cos(), u2 = u.Select(0, 1), f = (1 + r * z) / (r + z), c = Concentration * (r - f);
            Tensor accept = (c * (2 - c) - u2 > 0) | ((c / u2).Log() + 1 - c >= 0);
            x = Tensor.Where(accept, (u.Select(0, 2) - 0.5).Sign() * f.Acos(), x);
            done |= accept;
        }
        return (x + Math.PI + Loc) % (2 * Math.PI) - Math.PI;
    }

    /// <summary>log I₀(κ) to within 2e-7, by the polynomials 9.8.1 and 9.8.2 of M. Abramowitz and I. A. Stegun (1964), as in PyTorch.</summary>
    Tensor LogI0
    {
        get
        {
            Tensor small = Concentration.Clamp(max: 3.75), large = Concentration.Clamp(min: 3.75);
            return Tensor.Where(Concentration < 3.75, Polynomial(Sq(small / 3.75), s_small).Log(), large - 0.5 * large.Log() + Polynomial(3.75 / large, s_large).Log());
        }
    }

    static readonly double[] s_small = [1, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813];
    static readonly double[] s_large = [0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377];

    static Tensor Polynomial(Tensor x, double[] coefficients)
    {
        Tensor y = coefficients[^1];
        for (int i = coefficients.Length - 2; i >= 0; i--) y = y * x + coefficients[i];
        return y;
    }

    /// <inheritdoc/>
    protected internal override Tensor LogDensity(Tensor value) => Concentration * (value - Loc).Cos() - LogTwoPi - LogI0;

    /// <inheritdoc/>
    public override VonMises Expand(params ReadOnlySpan<long> batchShape) => new(Loc.Expand(batchShape), Concentration.Expand(batchShape), ValidateArgs);
}
