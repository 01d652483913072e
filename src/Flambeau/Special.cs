using Flambeau.Ops;

namespace Flambeau;

/// <summary>
/// Special functions, element by element: PyTorch's <c>torch.special</c>. Integers and bools are converted to the default floating-point
/// type; computed in double precision and rounded once. Where PyTorch has no derivative there is none here: deriving then throws
/// <see cref="NotSupportedException"/>.
/// </summary>
public static partial class Special
{
    static Tensor Zip<TOp>(TOp op, Tensor a, Tensor b) where TOp : struct, IBinaryOp =>
        a.IsWrappedNumber && b.IsWrappedNumber ? throw new ArgumentException($"{TOp.Name}: both arguments are numbers; at least one must be a tensor. Make one with Tensor.FromScalar.") : a.Zip(op, b);

    // ---- the error function and the normal distribution ----

    /// <summary>The error function. <c>torch.special.erf</c>.</summary>
    public static Tensor Erf(Tensor input) => input.Erf();

    /// <summary>1 − erf(x). <c>torch.special.erfc</c>.</summary>
    public static Tensor Erfc(Tensor input) => input.Erfc();

    /// <summary>e^{x²} erfc(x), which does not underflow. <c>torch.special.erfcx</c>.</summary>
    public static Tensor Erfcx(Tensor input) => input.Map(new Erfcx());

    /// <summary>The inverse error function. <c>torch.special.erfinv</c>.</summary>
    public static Tensor Erfinv(Tensor input) => input.Erfinv();

    /// <summary>Φ(x), the normal distribution's cumulative distribution function. <c>torch.special.ndtr</c>.</summary>
    public static Tensor Ndtr(Tensor input) => input.Map(new Ndtr());

    /// <summary>ln Φ(x), without underflow to the left. <c>torch.special.log_ndtr</c>.</summary>
    public static Tensor LogNdtr(Tensor input) => input.Map(new LogNdtr());

    /// <summary>The x with Φ(x) = p: ∓∞ at 0 and 1, NaN outside. <c>torch.special.ndtri</c>.</summary>
    public static Tensor Ndtri(Tensor input) => input.Map(new Ndtri());

    // ---- entropies ----

    /// <summary>−x ln x; 0 at 0 and −∞ below. <c>torch.special.entr</c>.</summary>
    public static Tensor Entr(Tensor input) => input.Map(new Entr());

    /// <summary>input · ln other; 0 where input is 0, unless other is NaN. <c>torch.special.xlogy</c>.</summary>
    /// <exception cref="ArgumentException">Both are numbers, or shapes do not broadcast.</exception>
    public static Tensor Xlogy(Tensor input, Tensor other) => input.Xlogy(other);

    /// <summary>input · ln(1 + other); 0 where input is 0, unless other is NaN. <c>torch.special.xlog1py</c>.</summary>
    /// <exception cref="ArgumentException">Both are numbers, or shapes do not broadcast.</exception>
    public static Tensor Xlog1py(Tensor input, Tensor other) => Zip(new Xlog1py(), input, other);

    // ---- the gamma function ----

    /// <summary>ln |Γ(x)|. <c>torch.special.gammaln</c>.</summary>
    public static Tensor Gammaln(Tensor input) => input.Lgamma();

    /// <summary>ψ(x) = Γ′(x)/Γ(x). <c>torch.special.digamma</c>.</summary>
    public static Tensor Digamma(Tensor input) => input.Digamma();

    /// <summary>ψ(x) = Γ′(x)/Γ(x). <c>torch.special.psi</c>.</summary>
    public static Tensor Psi(Tensor input) => input.Digamma();

    /// <summary>The n-th derivative of ψ, n ≥ 0. <c>torch.special.polygamma</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">n is negative.</exception>
    public static Tensor Polygamma(Tensor input, int n) => input.Polygamma(n);

    /// <summary>P(input, other), the regularized lower incomplete gamma function. <c>torch.special.gammainc</c>.</summary>
    /// <inheritdoc cref="Tensor.Igamma"/>
    public static Tensor Gammainc(Tensor input, Tensor other) => input.Igamma(other);

    /// <summary>Q(input, other), the regularized upper incomplete gamma function. <c>torch.special.gammaincc</c>.</summary>
    /// <inheritdoc cref="Tensor.Igammac"/>
    public static Tensor Gammaincc(Tensor input, Tensor other) => input.Igammac(other);

    /// <summary>
    /// Hurwitz's zeta function Σ_{k ≥ 0} (other + k)^{−input}; ∞ for input 1 and at poles, NaN for input below 1. Only
    /// <paramref name="other"/> has a derivative. <c>torch.special.zeta</c>.
    /// </summary>
    /// <exception cref="ArgumentException">Both are numbers, or shapes do not broadcast.</exception>
    public static Tensor Zeta(Tensor input, Tensor other) => Zip(new Zeta(), input, other);

    // ---- modified Bessel functions ----

    /// <summary>The modified Bessel function of the first kind of order 0. <c>torch.special.i0</c>.</summary>
    public static Tensor I0(Tensor input) => input.I0();

    /// <summary>e^{−|x|} I₀(x). <c>torch.special.i0e</c>.</summary>
    public static Tensor I0e(Tensor input) => input.Map(new I0e());

    /// <summary>The modified Bessel function of the first kind of order 1. <c>torch.special.i1</c>.</summary>
    public static Tensor I1(Tensor input) => input.Map(new I1());

    /// <summary>e^{−|x|} I₁(x). <c>torch.special.i1e</c>.</summary>
    public static Tensor I1e(Tensor input) => input.Map(new I1e());

    /// <summary>The modified Bessel function of the first kind of order 0. <c>torch.special.modified_bessel_i0</c>.</summary>
    public static Tensor ModifiedBesselI0(Tensor input) => input.I0();

    /// <summary>The modified Bessel function of the first kind of order 1. <c>torch.special.modified_bessel_i1</c>.</summary>
    public static Tensor ModifiedBesselI1(Tensor input) => input.Map(new I1());

    /// <summary>The modified Bessel function of the second kind of order 0; ∞ at 0, NaN below. No derivative. <c>torch.special.modified_bessel_k0</c>.</summary>
    public static Tensor ModifiedBesselK0(Tensor input) => input.Map(new BesselK0(Scaled: false));

    /// <summary>The modified Bessel function of the second kind of order 1; ∞ at 0, NaN below. No derivative. <c>torch.special.modified_bessel_k1</c>.</summary>
    public static Tensor ModifiedBesselK1(Tensor input) => input.Map(new BesselK1(Scaled: false));

    /// <summary>eˣ K₀(x). No derivative. <c>torch.special.scaled_modified_bessel_k0</c>.</summary>
    public static Tensor ScaledModifiedBesselK0(Tensor input) => input.Map(new BesselK0(Scaled: true));

    /// <summary>eˣ K₁(x). No derivative. <c>torch.special.scaled_modified_bessel_k1</c>.</summary>
    public static Tensor ScaledModifiedBesselK1(Tensor input) => input.Map(new BesselK1(Scaled: true));

    // ---- Bessel functions ----

    /// <summary>The Bessel function of the first kind of order 0. No derivative. <c>torch.special.bessel_j0</c>.</summary>
    public static Tensor BesselJ0(Tensor input) => input.Map(new BesselJ0());

    /// <summary>The Bessel function of the first kind of order 1. No derivative. <c>torch.special.bessel_j1</c>.</summary>
    public static Tensor BesselJ1(Tensor input) => input.Map(new BesselJ1());

    /// <summary>The Bessel function of the second kind of order 0; −∞ at 0, NaN below. No derivative. <c>torch.special.bessel_y0</c>.</summary>
    public static Tensor BesselY0(Tensor input) => input.Map(new BesselY0());

    /// <summary>The Bessel function of the second kind of order 1; −∞ at 0, NaN below. No derivative. <c>torch.special.bessel_y1</c>.</summary>
    public static Tensor BesselY1(Tensor input) => input.Map(new BesselY1());

    /// <summary>sin x / x, 1 at 0. No derivative. <c>torch.special.spherical_bessel_j0</c>.</summary>
    public static Tensor SphericalBesselJ0(Tensor input) => input.Map(new SphericalBesselJ0());

    /// <summary>The Airy function Ai. No derivative. <c>torch.special.airy_ai</c>.</summary>
    public static Tensor AiryAi(Tensor input) => input.Map(new AiryAi());
}
