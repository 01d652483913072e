namespace Flambeau;

// What torch.special names a second time.
public static partial class Special
{
    /// <summary>2ˣ. <c>torch.special.exp2</c>.</summary>
    public static Tensor Exp2(Tensor input) => input.Exp2();

    /// <summary>eˣ − 1, accurate near 0. <c>torch.special.expm1</c>.</summary>
    public static Tensor Expm1(Tensor input) => input.Expm1();

    /// <summary>ln(1 + x), accurate near 0. <c>torch.special.log1p</c>.</summary>
    public static Tensor Log1p(Tensor input) => input.Log1p();

    /// <summary>1/(1 + e⁻ˣ). <c>torch.special.expit</c>.</summary>
    public static Tensor Expit(Tensor input) => input.Sigmoid();

    /// <summary>ln(x/(1 − x)), the inverse of <see cref="Expit"/>. <c>torch.special.logit</c>.</summary>
    /// <inheritdoc cref="Tensor.Logit"/>
    public static Tensor Logit(Tensor input, double? eps = null) => input.Logit(eps);

    /// <summary>sin πx / πx, 1 at 0. <c>torch.special.sinc</c>.</summary>
    public static Tensor Sinc(Tensor input) => input.Sinc();

    /// <summary>The nearest number with so many decimals, halves to even. <c>torch.special.round</c>.</summary>
    public static Tensor Round(Tensor input, int decimals = 0) => decimals == 0 ? input.Round() : input.Round(decimals);

    /// <summary>The multivariate log-gamma function. <c>torch.special.multigammaln</c>.</summary>
    /// <inheritdoc cref="Tensor.Mvlgamma"/>
    public static Tensor Multigammaln(Tensor input, int p) => input.Mvlgamma(p);

    /// <summary>eˣ, divided by their sum along an axis. <c>torch.special.softmax</c>.</summary>
    /// <inheritdoc cref="Tensor.Softmax(int, DType?)"/>
    public static Tensor Softmax(Tensor input, int dim, DType? dtype = null) => input.Softmax(dim, dtype);

    /// <summary>The logarithm of <see cref="Softmax"/>, without its underflow. <c>torch.special.log_softmax</c>.</summary>
    /// <inheritdoc cref="Tensor.LogSoftmax(int, DType?)"/>
    public static Tensor LogSoftmax(Tensor input, int dim, DType? dtype = null) => input.LogSoftmax(dim, dtype);

    /// <summary>ln Σ eˣ over the axes named, without overflow. <c>torch.special.logsumexp</c>.</summary>
    /// <inheritdoc cref="Tensor.LogSumExp"/>
    public static Tensor LogSumExp(Tensor input, ReadOnlySpan<long> dim, bool keepDim = false) => input.LogSumExp(dim, keepDim);
}
