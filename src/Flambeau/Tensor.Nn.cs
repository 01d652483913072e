using Flambeau.Ops;

namespace Flambeau;

// What networks apply between their layers. PyTorch has some of these on its tensors, all of them in torch.nn.functional.
public partial class Tensor
{
    /// <summary>eˣ / Σ eˣ along an axis. PyTorch's <c>Tensor.softmax</c>.</summary>
    /// <param name="dim">The axis along which the result sums to 1.</param>
    /// <param name="dtype">In which type to compute and answer.</param>
    /// <exception cref="ArgumentException">The tensor is not floating point and no type is given.</exception>
    public Tensor Softmax(int dim, DType? dtype = null) => Op.Apply(new Softmax(Layout.Axis(dim, Rank, "Softmax"), false), To(dtype ?? DType));

    /// <summary>The logarithm of <see cref="Softmax(int, DType?)"/>, without its underflow. PyTorch's <c>Tensor.log_softmax</c>.</summary>
    /// <inheritdoc cref="Softmax(int, DType?)"/>
    public Tensor LogSoftmax(int dim, DType? dtype = null) => Op.Apply(new Softmax(Layout.Axis(dim, Rank, "LogSoftmax"), true), To(dtype ?? DType));

    /// <summary>min(max(x, 0), 6).</summary>
    public Tensor Relu6() => Map(new Hardtanh(0, 6));

    /// <summary>x where positive, else slope · x.</summary>
    public Tensor LeakyRelu(double negativeSlope = 0.01) => Map(new LeakyRelu(negativeSlope));

    /// <summary>x where positive, else α(eˣ − 1).</summary>
    public Tensor Elu(double alpha = 1) => Map(new Elu(alpha, 1, 1));

    /// <summary>ELU scaled so that mean 0 and variance 1 are a fixed point (Klambauer et al. 2017).</summary>
    public Tensor Selu() => Map(SeluBody);

    /// <summary>x where positive, else α(e^{x/α} − 1).</summary>
    public Tensor Celu(double alpha = 1) => Map(CeluBody(alpha));

    /// <summary>x · σ(x), also called swish.</summary>
    public Tensor Silu() => Map<Silu>();

    /// <summary>x · Φ(x) with Φ the normal distribution function, or with <c>"tanh"</c> its approximation.</summary>
    /// <exception cref="ArgumentException">Another approximation.</exception>
    public Tensor Gelu(string approximate = "none") => approximate switch
    {
        "none" => Map<Gelu>(), "tanh" => Map<GeluTanh>(),
        _ => throw new ArgumentException($"Gelu: approximate is \"none\" or \"tanh\", not \"{approximate}\"."),
    };

    /// <summary>ln(1 + e^{βx})/β, linear where βx exceeds the threshold.</summary>
    public Tensor Softplus(double beta = 1, double threshold = 20) => Map(new Softplus(beta, threshold));

    /// <summary>ln σ(x).</summary>
    public Tensor LogSigmoid() => Map<LogSigmoid>();

    /// <summary>x · tanh(softplus(x)).</summary>
    public Tensor Mish() => Map<Mish>();

    /// <summary>x within [minVal, maxVal].</summary>
    public Tensor Hardtanh(double minVal = -1, double maxVal = 1) => Map(new Hardtanh(minVal, maxVal));

    /// <summary>x + 3 within [0, 6], over 6.</summary>
    public Tensor Hardsigmoid() => Map<Hardsigmoid>();

    /// <summary>x · hardsigmoid(x).</summary>
    public Tensor Hardswish() => Map<Hardswish>();

    /// <summary>x/(1 + |x|).</summary>
    public Tensor Softsign() => DType.IsComplex ? this / (Abs() + 1) : Map<Softsign>();

    /// <summary>x − tanh x.</summary>
    public Tensor Tanhshrink() => this - Tanh();

    /// <summary>x moved by λ toward 0, and 0 within λ of it.</summary>
    /// <exception cref="ArgumentException">λ is negative.</exception>
    public Tensor Softshrink(double lambd = 0.5) =>
        lambd >= 0 ? Map(new Softshrink(lambd)) : throw new ArgumentException($"Softshrink: lambd is {lambd}; it must not be negative.");

    /// <summary>x, and 0 within λ of 0.</summary>
    public Tensor Hardshrink(double lambd = 0.5) => Map(new Hardshrink(lambd));

    /// <summary>x where positive, else weight · x; the weight is one number or one for each channel (axis 1).</summary>
    /// <exception cref="ArgumentException">The weight has another number of elements.</exception>
    public Tensor Prelu(Tensor weight)
    {
        long channels = Rank < 2 ? 1 : Shape[1];
        if (weight.Count != 1 && weight.Count != channels || weight.Rank > 1)
            throw new ArgumentException($"Prelu: a weight of shape {weight.Shape} does not fit an input of shape {Shape}: it must hold one number, or one for each of the {channels} channels (axis 1).");
        return Zip(default(Prelu), weight.Reshape(weight.Count == 1 ? [] : [channels, .. Enumerable.Repeat(1L, Rank - 2)]));
    }

    internal static Elu SeluBody => new(1.6732632423543772848170429916717, 1.0507009873554804934193349852946, 1);

    internal static Elu CeluBody(double alpha) => alpha != 0 ? new(alpha, 1, 1 / alpha) : throw new ArgumentException("Celu: alpha must not be 0.");

    /// <summary>In place. Where the derivative needs what was there before, that is kept in a copy.</summary>
    internal Tensor MapOver<TOp>(TOp op) where TOp : struct, IUnaryOp =>
        MapInPlace(op);
}
