using Flambeau.Ops;

namespace Flambeau;

// Special functions that PyTorch has on tensors too; Special has all of them.
public partial class Tensor
{
    /// <summary>The x of which this is the error function; ±∞ at ±1, NaN beyond. Integers are converted to floating point. PyTorch's <c>torch.erfinv</c>.</summary>
    public Tensor Erfinv() => Map<Erfinv>();

    /// <summary>The modified Bessel function of the first kind of order 0. PyTorch's <c>torch.i0</c>.</summary>
    public Tensor I0() => Map<I0>();

    /// <summary>
    /// The regularized lower incomplete gamma function P(this, other) = γ(a, x)/Γ(a), of floating-point tensors that broadcast; NaN where one
    /// is negative. Only <paramref name="other"/> has a derivative. PyTorch's <c>torch.igamma</c>.
    /// </summary>
    /// <exception cref="ArgumentException">Neither is of floating point, or shapes do not broadcast.</exception>
    public Tensor Igamma(Tensor other) => Zip(new Igamma(), OfFloats("igamma", this, other));

    /// <summary>The regularized upper incomplete gamma function Q = 1 − P; else as <see cref="Igamma"/>. PyTorch's <c>torch.igammac</c>.</summary>
    /// <inheritdoc cref="Igamma"/>
    public Tensor Igammac(Tensor other) => Zip(new Igammac(), OfFloats("igammac", this, other));

    /// <summary>this · ln other; 0 where this is 0, unless other is NaN. PyTorch's <c>torch.xlogy</c>.</summary>
    /// <exception cref="ArgumentException">Shapes do not broadcast.</exception>
    public Tensor Xlogy(Tensor other) => Zip(new Xlogy(), other);

    /// <summary>sin πx / πx, 1 at 0; of complex numbers too. PyTorch's <c>torch.sinc</c>.</summary>
    public Tensor Sinc() => Map<Sinc>();

    /// <summary>ln(x / (1 − x)), the inverse of <see cref="Sigmoid()"/>; NaN outside [0, 1], unless <paramref name="eps"/> keeps x in [eps, 1 − eps]. PyTorch's <c>torch.logit</c>.</summary>
    public Tensor Logit(double? eps = null)
    {
        Tensor x = DType.IsDifferentiable ? this : To(DefaultDType);
        if (eps is { } e) x = x.Clamp(e, 1 - e);
        return (x / (1 - x)).Log();
    }

    /// <summary>
    /// The multivariate log-gamma function of dimension p: Σ_{j &lt; p} ln Γ(x − j/2) + p(p − 1)/4 · ln π. PyTorch's <c>torch.mvlgamma</c>.
    /// </summary>
    /// <exception cref="ArgumentException">p is less than 1, or the tensor is bool.</exception>
    public Tensor Mvlgamma(int p)
    {
        if (p < 1) throw new ArgumentOutOfRangeException(nameof(p), $"mvlgamma: p is {p}; it must be at least 1.");
        if (DType == DType.Bool) throw new ArgumentException("mvlgamma is not defined for bool tensors. Convert with To(DType.Float32) first.");
        Tensor x = DType.IsDifferentiable ? this : To(DefaultDType), halves = (Arange(p, x.DType) * 0.5).To(x.Device);
        return (x.Unsqueeze(-1) - halves).Lgamma().Sum(-1) + p * (p - 1) / 4.0 * Math.Log(Math.PI);
    }

    /// <summary>√(this² + other²) without overflow. PyTorch's <c>torch.hypot</c>.</summary>
    /// <exception cref="ArgumentException">Neither is of floating point, or shapes do not broadcast.</exception>
    public Tensor Hypot(Tensor other) => Zip(new Hypot(), OfFloats("hypot", this, other));

    /// <summary>ln(eᵃ + eᵇ) without overflow. PyTorch's <c>torch.logaddexp</c>.</summary>
    /// <exception cref="ArgumentException">Neither is of floating point, or shapes do not broadcast.</exception>
    public Tensor LogAddExp(Tensor other) => Zip(new LogAddExp(), OfFloats("logaddexp", this, other));

    /// <summary>log₂(2ᵃ + 2ᵇ) without overflow. PyTorch's <c>torch.logaddexp2</c>.</summary>
    /// <exception cref="ArgumentException">Neither is of floating point, or shapes do not broadcast.</exception>
    public Tensor LogAddExp2(Tensor other) => Zip(new LogAddExp2(), OfFloats("logaddexp2", this, other));

    /// <summary>The number of their type next to this on the way to other; other itself where they are equal. Has no derivative. PyTorch's <c>torch.nextafter</c>.</summary>
    /// <exception cref="ArgumentException">Neither is of floating point, or shapes do not broadcast.</exception>
    public Tensor NextAfter(Tensor other)
    {
        OfFloats("nextafter", this, other);
        return Zip(new NextAfter(Shapes.ResultType([this, other])), other);
    }

    /// <summary>this · 2^other. PyTorch's <c>torch.ldexp</c>.</summary>
    /// <exception cref="ArgumentException">Shapes do not broadcast.</exception>
    public Tensor Ldexp(Tensor other) => Mul(((Tensor)2.0).Pow(other));

    /// <summary>m and e of x = m · 2ᵉ with ½ ≤ |m| &lt; 1, or m = x and e = 0 where x is 0, infinite or NaN; e is int32. PyTorch's <c>torch.frexp</c>.</summary>
    /// <exception cref="ArgumentException">The tensor is not of floating point.</exception>
    public (Tensor Mantissa, Tensor Exponent) Frexp()
    {
        if (!DType.IsFloatingPoint) throw new ArgumentException($"frexp: only floating-point numbers have a mantissa, not {DType}. Convert with To(DType.Float32) first.");
        return (Map(new Mantissa()), Map(new Exponent()).To(DType.Int32));
    }

    /// <summary>Refuses pairs whose common type is not of floating point, as PyTorch does here; answers <paramref name="b"/>.</summary>
    static Tensor OfFloats(string op, Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(b, "other");
        DType t = Shapes.ResultType([a, b]);
        return t.IsFloatingPoint ? b : throw new ArgumentException($"{op} is not defined for {t} tensors. Convert with To(DType.Float32) first.");
    }

    // ---- in place ----

    /// <summary>As <see cref="Sinc()"/>, in place.</summary>
    public Tensor SincInPlace() => MapInPlace(default(Sinc));

    /// <summary>As <see cref="Xlogy(Tensor)"/>, in place.</summary>
    public Tensor XlogyInPlace(Tensor other) => ZipInPlace(new Xlogy(), other);

    /// <summary>As <see cref="Hypot(Tensor)"/>, in place.</summary>
    public Tensor HypotInPlace(Tensor other) => ZipInPlace(new Hypot(), OfFloats("hypot", this, other));

    /// <summary>As <see cref="NextAfter(Tensor)"/>, in place.</summary>
    public Tensor NextAfterInPlace(Tensor other) => ZipInPlace(new NextAfter(Shapes.ResultType([this, OfFloats("nextafter", this, other)])), other);

    /// <summary>As <see cref="Ldexp(Tensor)"/>, in place.</summary>
    public Tensor LdexpInPlace(Tensor other) => MulInPlace(((Tensor)2.0).Pow(other));

    /// <summary>As <see cref="Logit(double?)"/>, in place.</summary>
    public Tensor LogitInPlace(double? eps = null) => Become(Clone().Logit(eps));

    /// <summary>As <see cref="Mvlgamma(int)"/>, in place.</summary>
    public Tensor MvlgammaInPlace(int p) => Become(Clone().Mvlgamma(p));
}
