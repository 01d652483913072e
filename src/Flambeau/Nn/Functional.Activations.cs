using Flambeau.Ops;

namespace Flambeau.Nn;

/// <summary>The functions of which networks are made. PyTorch's <c>torch.nn.functional</c>.</summary>
public static partial class F
{
    static Tensor Map<TOp>(TOp op, Tensor x, bool inPlace) where TOp : struct, IUnaryOp => inPlace ? x.MapOver(op) : x.Map(op);

    /// <summary>eˣ / Σ eˣ along an axis. PyTorch's <c>softmax</c>.</summary>
    /// <inheritdoc cref="Tensor.Softmax(int, DType?)"/>
    public static Tensor Softmax(Tensor input, int dim, DType? dtype = null) => input.Softmax(dim, dtype);

    /// <summary>ln(eˣ / Σ eˣ) along an axis. PyTorch's <c>log_softmax</c>.</summary>
    /// <inheritdoc cref="Tensor.Softmax(int, DType?)"/>
    public static Tensor LogSoftmax(Tensor input, int dim, DType? dtype = null) => input.LogSoftmax(dim, dtype);

    /// <summary>e⁻ˣ / Σ e⁻ˣ along an axis. PyTorch's <c>softmin</c>.</summary>
    /// <inheritdoc cref="Tensor.Softmax(int, DType?)"/>
    public static Tensor Softmin(Tensor input, int dim, DType? dtype = null) => (-input).Softmax(dim, dtype);

    /// <summary>max(x, 0). PyTorch's <c>relu</c>.</summary>
    public static Tensor Relu(Tensor input, bool inPlace = false) => Map(default(Ops.Relu), input, inPlace);

    /// <summary>min(max(x, 0), 6). PyTorch's <c>relu6</c>.</summary>
    public static Tensor Relu6(Tensor input, bool inPlace = false) => Map(new Ops.Hardtanh(0, 6), input, inPlace);

    /// <summary>x where positive, else slope · x. PyTorch's <c>leaky_relu</c>.</summary>
    public static Tensor LeakyRelu(Tensor input, double negativeSlope = 0.01, bool inPlace = false) => Map(new Ops.LeakyRelu(negativeSlope), input, inPlace);

    /// <summary>x where positive, else α(eˣ − 1). PyTorch's <c>elu</c>.</summary>
    public static Tensor Elu(Tensor input, double alpha = 1, bool inPlace = false) => Map(new Ops.Elu(alpha, 1, 1), input, inPlace);

    /// <summary>The self-normalizing ELU. PyTorch's <c>selu</c>.</summary>
    public static Tensor Selu(Tensor input, bool inPlace = false) => Map(Tensor.SeluBody, input, inPlace);

    /// <summary>x where positive, else α(e^{x/α} − 1). PyTorch's <c>celu</c>.</summary>
    /// <exception cref="ArgumentException">α is 0.</exception>
    public static Tensor Celu(Tensor input, double alpha = 1, bool inPlace = false) => Map(Tensor.CeluBody(alpha), input, inPlace);

    /// <summary>x · σ(x). PyTorch's <c>silu</c>.</summary>
    public static Tensor Silu(Tensor input, bool inPlace = false) => Map(default(Ops.Silu), input, inPlace);

    /// <summary>x · Φ(x), exactly or by tanh. PyTorch's <c>gelu</c>.</summary>
    /// <inheritdoc cref="Tensor.Gelu(string)"/>
    public static Tensor Gelu(Tensor input, string approximate = "none") => input.Gelu(approximate);

    /// <summary>1/(1 + e⁻ˣ). PyTorch's <c>sigmoid</c>.</summary>
    public static Tensor Sigmoid(Tensor input) => input.Sigmoid();

    /// <summary>The hyperbolic tangent. PyTorch's <c>tanh</c>.</summary>
    public static Tensor Tanh(Tensor input) => input.Tanh();

    /// <summary>ln(1 + e^{βx})/β, linear where βx exceeds the threshold. PyTorch's <c>softplus</c>.</summary>
    public static Tensor Softplus(Tensor input, double beta = 1, double threshold = 20) => input.Softplus(beta, threshold);

    /// <summary>ln σ(x). PyTorch's <c>logsigmoid</c>.</summary>
    public static Tensor LogSigmoid(Tensor input) => input.LogSigmoid();

    /// <summary>x · tanh(softplus(x)). PyTorch's <c>mish</c>.</summary>
    public static Tensor Mish(Tensor input, bool inPlace = false) => Map(default(Ops.Mish), input, inPlace);

    /// <summary>x within [minVal, maxVal]. PyTorch's <c>hardtanh</c>.</summary>
    public static Tensor Hardtanh(Tensor input, double minVal = -1, double maxVal = 1, bool inPlace = false) =>
        Clamp.IsNan(minVal, maxVal) ? Map(Clamp.Nan, input, inPlace) : Map(new Ops.Hardtanh(minVal, maxVal), input, inPlace);

    /// <summary>x + 3 within [0, 6], over 6. PyTorch's <c>hardsigmoid</c>.</summary>
    public static Tensor Hardsigmoid(Tensor input, bool inPlace = false) => Map(default(Ops.Hardsigmoid), input, inPlace);

    /// <summary>x · hardsigmoid(x). PyTorch's <c>hardswish</c>.</summary>
    public static Tensor Hardswish(Tensor input, bool inPlace = false) => Map(default(Ops.Hardswish), input, inPlace);

    /// <summary>x/(1 + |x|). PyTorch's <c>softsign</c>.</summary>
    public static Tensor Softsign(Tensor input) => input.Softsign();

    /// <summary>x − tanh x. PyTorch's <c>tanhshrink</c>.</summary>
    public static Tensor Tanhshrink(Tensor input) => input.Tanhshrink();

    /// <summary>x moved by λ toward 0. PyTorch's <c>softshrink</c>.</summary>
    /// <exception cref="ArgumentException">λ is negative.</exception>
    public static Tensor Softshrink(Tensor input, double lambd = 0.5) => input.Softshrink(lambd);

    /// <summary>x, and 0 within λ of 0. PyTorch's <c>hardshrink</c>.</summary>
    public static Tensor Hardshrink(Tensor input, double lambd = 0.5) => input.Hardshrink(lambd);

    /// <summary>x where it exceeds the threshold, else the value. PyTorch's <c>threshold</c>.</summary>
    public static Tensor Threshold(Tensor input, double threshold, double value, bool inPlace = false) =>
        Map(new Ops.Threshold(threshold, value), input, inPlace);

    /// <summary>x where positive, else weight · x. PyTorch's <c>prelu</c>.</summary>
    /// <inheritdoc cref="Tensor.Prelu"/>
    public static Tensor Prelu(Tensor input, Tensor weight) => input.Prelu(weight);

    /// <summary>The first half along an axis times σ of the second. PyTorch's <c>glu</c>.</summary>
    /// <exception cref="ArgumentException">The axis has an odd size.</exception>
    public static Tensor Glu(Tensor input, int dim = -1)
    {
        if (input.Rank == 0) throw new ArgumentException("Glu: a scalar has no halves.");
        long n = input.Size(dim);
        if (n % 2 != 0) throw new ArgumentException($"Glu: axis {dim} of {input.Shape} has {n} elements, which do not make two halves.");
        return input.Narrow(dim, 0, n / 2).Zip(default(Ops.Glu), input.Narrow(dim, n / 2, n / 2));
    }
}
