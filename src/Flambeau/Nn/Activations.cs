namespace Flambeau.Nn;

/// <summary>max(x, 0). PyTorch's <c>nn.ReLU</c>; <see cref="F.Relu"/> says more.</summary>
public class Relu(bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Relu(input, inPlace);
}

/// <summary>min(max(x, 0), 6). PyTorch's <c>nn.ReLU6</c>; <see cref="F.Relu6"/> says more.</summary>
public class Relu6(bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Relu6(input, inPlace);
}

/// <summary>x where positive, else slope · x. PyTorch's <c>nn.LeakyReLU</c>; <see cref="F.LeakyRelu"/> says more.</summary>
public class LeakyRelu(double negativeSlope = 0.01, bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.LeakyRelu(input, negativeSlope, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"negative_slope={negativeSlope}");
}

/// <summary>x where positive, else α(eˣ − 1). PyTorch's <c>nn.ELU</c>; <see cref="F.Elu"/> says more.</summary>
public class Elu(double alpha = 1, bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Elu(input, alpha, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"alpha={alpha}");
}

/// <summary>The self-normalizing ELU. PyTorch's <c>nn.SELU</c>; <see cref="F.Selu"/> says more.</summary>
public class Selu(bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Selu(input, inPlace);
}

/// <summary>x where positive, else α(e^{x/α} − 1). PyTorch's <c>nn.CELU</c>; <see cref="F.Celu"/> says more.</summary>
public class Celu(double alpha = 1, bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Celu(input, alpha, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"alpha={alpha}");
}

/// <summary>x · σ(x). PyTorch's <c>nn.SiLU</c>; <see cref="F.Silu"/> says more.</summary>
public class Silu(bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Silu(input, inPlace);
}

/// <summary>x · Φ(x). PyTorch's <c>nn.GELU</c>; <see cref="F.Gelu"/> says more.</summary>
public class Gelu(string approximate = "none") : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Gelu(input, approximate);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"approximate={approximate}");
}

/// <summary>1/(1 + e⁻ˣ). PyTorch's <c>nn.Sigmoid</c>; <see cref="F.Sigmoid"/> says more.</summary>
public class Sigmoid : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Sigmoid(input);
}

/// <summary>The hyperbolic tangent. PyTorch's <c>nn.Tanh</c>; <see cref="F.Tanh"/> says more.</summary>
public class Tanh : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Tanh(input);
}

/// <summary>ln(1 + e^{βx})/β. PyTorch's <c>nn.Softplus</c>; <see cref="F.Softplus"/> says more.</summary>
public class Softplus(double beta = 1, double threshold = 20) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Softplus(input, beta, threshold);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"beta={beta}, threshold={threshold}");
}

/// <summary>ln σ(x). PyTorch's <c>nn.LogSigmoid</c>; <see cref="F.LogSigmoid"/> says more.</summary>
public class LogSigmoid : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.LogSigmoid(input);
}

/// <summary>x · tanh(softplus(x)). PyTorch's <c>nn.Mish</c>; <see cref="F.Mish"/> says more.</summary>
public class Mish(bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Mish(input, inPlace);
}

/// <summary>x within two bounds. PyTorch's <c>nn.Hardtanh</c>; <see cref="F.Hardtanh"/> says more.</summary>
public class Hardtanh(double minVal = -1, double maxVal = 1, bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Hardtanh(input, minVal, maxVal, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"min_val={minVal}, max_val={maxVal}");
}

/// <summary>clip((x + 3)/6, 0, 1). PyTorch's <c>nn.Hardsigmoid</c>; <see cref="F.Hardsigmoid"/> says more.</summary>
public class Hardsigmoid(bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Hardsigmoid(input, inPlace);
}

/// <summary>x · hardsigmoid(x). PyTorch's <c>nn.Hardswish</c>; <see cref="F.Hardswish"/> says more.</summary>
public class Hardswish(bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Hardswish(input, inPlace);
}

/// <summary>x/(1 + |x|). PyTorch's <c>nn.Softsign</c>; <see cref="F.Softsign"/> says more.</summary>
public class Softsign : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Softsign(input);
}

/// <summary>x − tanh(x). PyTorch's <c>nn.Tanhshrink</c>; <see cref="F.Tanhshrink"/> says more.</summary>
public class Tanhshrink : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Tanhshrink(input);
}

/// <summary>x moved toward 0 by λ. PyTorch's <c>nn.Softshrink</c>; <see cref="F.Softshrink"/> says more.</summary>
public class Softshrink(double lambd = 0.5) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Softshrink(input, lambd);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"lambd={lambd}");
}

/// <summary>x where |x| > λ, else 0. PyTorch's <c>nn.Hardshrink</c>; <see cref="F.Hardshrink"/> says more.</summary>
public class Hardshrink(double lambd = 0.5) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Hardshrink(input, lambd);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"lambd={lambd}");
}

/// <summary>x where above a threshold, else a value. PyTorch's <c>nn.Threshold</c>; <see cref="F.Threshold"/> says more.</summary>
public class Threshold(double threshold, double value, bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Threshold(input, threshold, value, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"threshold={threshold}, value={value}");
}

/// <summary>One half times the sigmoid of the other. PyTorch's <c>nn.GLU</c>; <see cref="F.Glu"/> says more.</summary>
public class Glu(int dim = -1) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Glu(input, dim);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"dim={dim}");
}

/// <summary>eˣ, divided by their sum along an axis. PyTorch's <c>nn.Softmax</c>; <see cref="F.Softmax"/> says more.</summary>
public class Softmax(int dim) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Softmax(input, dim);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"dim={dim}");
}

/// <summary>The logarithm of softmax. PyTorch's <c>nn.LogSoftmax</c>; <see cref="F.LogSoftmax"/> says more.</summary>
public class LogSoftmax(int dim) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.LogSoftmax(input, dim);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"dim={dim}");
}

/// <summary>Softmax of −x. PyTorch's <c>nn.Softmin</c>; <see cref="F.Softmin"/> says more.</summary>
public class Softmin(int dim) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Softmin(input, dim);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"dim={dim}");
}

/// <summary>x where positive, else a learned slope times x. PyTorch's <c>nn.PReLU</c> (He et al. 2015).</summary>
/// <param name="numParameters">1, or one slope for each channel (axis 1).</param>
/// <param name="init">The first slope.</param>
/// <param name="dtype">The type of the parameters.</param>
public class Prelu(long numParameters = 1, double init = 0.25, DType? dtype = null) : UnaryModule
{
    /// <summary>The slopes.</summary>
    public Parameter Weight { get; set; } = new(Tensor.Full([numParameters], init, dtype));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Prelu(input, Weight);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"num_parameters={Weight.Count}";
}

/// <summary>Leaky ReLU with a slope drawn at random in training. PyTorch's <c>nn.RReLU</c>.</summary>
public class Rrelu(double lower = 1.0 / 8, double upper = 1.0 / 3, bool inPlace = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Rrelu(input, lower, upper, IsTraining, inPlace);
}

/// <summary>Softmax over the channels of (N, C, H, W) or (C, H, W). PyTorch's <c>nn.Softmax2d</c>.</summary>
public class Softmax2d : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Rank is 3 or 4 ? F.Softmax(input, -3)
        : throw new ArgumentException($"Softmax2d: {input.Shape} is neither (N, C, H, W) nor (C, H, W).", nameof(input));
}
