namespace Flambeau.Nn;

/// <summary>
/// First values of parameters, drawn as PyTorch's <c>torch.nn.init</c> draws them. All methods work in place, record nothing and answer
/// the tensor.
/// </summary>
public static class Init
{
    /// <summary>Uniform in [<paramref name="a"/>, <paramref name="b"/>).</summary>
    public static Tensor UniformInPlace(Tensor tensor, double a = 0, double b = 1, Generator? generator = null)
    {
        using var _ = Autograd.NoGrad();
        return tensor.UniformInPlace(a, b, generator);
    }

    /// <summary>Normal with a mean and a standard deviation.</summary>
    public static Tensor NormalInPlace(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null)
    {
        using var _ = Autograd.NoGrad();
        return tensor.NormalInPlace(mean, std, generator);
    }

    /// <summary>Normal, but only within [<paramref name="a"/>, <paramref name="b"/>]: by the inverse of the distribution function.</summary>
    public static Tensor TruncNormalInPlace(Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2, Generator? generator = null)
    {
        if (tensor.Device.IsMeta) return tensor;
        using var _ = Autograd.NoGrad();
        double low = Cdf((a - mean) / std), high = Cdf((b - mean) / std);
        tensor.UniformInPlace(2 * low - 1, 2 * high - 1, generator);
        return tensor.CopyInPlace(ErfInv(tensor)).MulInPlace(std * Math.Sqrt(2)).AddInPlace(mean).ClampInPlace(a, b);

        static double Cdf(double x) => (1 + Tensor.FromScalar(x / Math.Sqrt(2), DType.Float64).Erf().Item<double>()) / 2;
    }

    /// <summary>A rational approximation and two of Newton's steps, as PyTorch's <c>erfinv</c> on the CPU.</summary>
    static Tensor ErfInv(Tensor y)
    {
        Tensor z = y * y, w = (((1 - y.Abs()) / 2).Log() * -1).Sqrt();
        Tensor central = y * Polynomial(z, 0.886226899, -1.645349621, 0.914624893, -0.140543331)
            / Polynomial(z, 1, -2.118377725, 1.442710462, -0.329097515, 0.012229801);
        Tensor outer = (Polynomial(w, -1.970840454, -1.624906493, 3.429567803, 1.641345311) / Polynomial(w, 1, 3.543889200, 1.637067800)).CopySign(y);
        Tensor x = Tensor.Where(y.Abs().Le(0.7), central, outer);
        for (int i = 0; i < 2; i++) x = x - (x.Erf() - y) / ((x * x).Neg().Exp() * (2 / Math.Sqrt(Math.PI)));
        return x;

        static Tensor Polynomial(Tensor x, params ReadOnlySpan<double> c)
        {
            Tensor s = Tensor.FullLike(x, c[^1]);
            for (int i = c.Length - 2; i >= 0; i--) s = s * x + c[i];
            return s;
        }
    }

    /// <summary>One value.</summary>
    public static Tensor ConstantInPlace(Tensor tensor, double val)
    {
        using var _ = Autograd.NoGrad();
        return tensor.FillInPlace(val);
    }

    /// <summary>Ones.</summary>
    public static Tensor OnesInPlace(Tensor tensor) => ConstantInPlace(tensor, 1);

    /// <summary>Zeros.</summary>
    public static Tensor ZerosInPlace(Tensor tensor) => ConstantInPlace(tensor, 0);

    /// <summary>The identity matrix.</summary>
    /// <exception cref="ArgumentException">The tensor is no matrix.</exception>
    public static Tensor EyeInPlace(Tensor tensor)
    {
        if (tensor.Rank != 2) throw new ArgumentException($"EyeInPlace: {tensor.Shape} is no matrix.", nameof(tensor));
        using var _ = Autograd.NoGrad();
        tensor.ZeroInPlace().Diagonal().FillInPlace(1);
        return tensor;
    }

    /// <summary>A convolution's weight that passes the first channels through.</summary>
    /// <param name="tensor">(out channels, in channels / groups, …), with one, two or three axes of the kernel.</param>
    /// <param name="groups">Into how many groups the out channels fall.</param>
    /// <exception cref="ArgumentException">Another number of axes, or the groups do not divide the channels.</exception>
    public static Tensor DiracInPlace(Tensor tensor, int groups = 1)
    {
        if (tensor.Rank is < 3 or > 5) throw new ArgumentException($"DiracInPlace: {tensor.Shape} is no weight of a convolution, which has 3, 4 or 5 axes.", nameof(tensor));
        if (groups < 1 || tensor.Size(0) % groups != 0)
            throw new ArgumentException($"DiracInPlace: {groups} groups do not divide {tensor.Size(0)} channels.", nameof(groups));
        using var _ = Autograd.NoGrad();
        tensor.ZeroInPlace();
        long perGroup = tensor.Size(0) / groups;
        for (int g = 0; g < groups; g++)
            for (long c = 0; c < Math.Min(perGroup, tensor.Size(1)); c++)
            {
                Tensor t = tensor.Select(0, g * perGroup + c).Select(0, c);
                while (t.Rank > 0) t = t.Select(0, t.Size(0) / 2);
                t.FillInPlace(1);
            }
        return tensor;
    }

    /// <summary>Glorot and Bengio (2010): uniform within ±gain·√(6 / (fan in + fan out)).</summary>
    public static Tensor XavierUniformInPlace(Tensor tensor, double gain = 1, Generator? generator = null)
    {
        (long fanIn, long fanOut) = Fans(tensor);
        double bound = Math.Sqrt(3) * gain * Math.Sqrt(2.0 / (fanIn + fanOut));
        return UniformInPlace(tensor, -bound, bound, generator);
    }

    /// <summary>Glorot and Bengio (2010): normal with standard deviation gain·√(2 / (fan in + fan out)).</summary>
    public static Tensor XavierNormalInPlace(Tensor tensor, double gain = 1, Generator? generator = null)
    {
        (long fanIn, long fanOut) = Fans(tensor);
        return NormalInPlace(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)), generator);
    }

    /// <summary>He et al. (2015): uniform within ±gain·√(3 / fan).</summary>
    /// <param name="tensor">A weight with at least two axes.</param>
    /// <param name="a">The negative slope of the leaky relu that follows.</param>
    /// <param name="mode"><c>fan_in</c> keeps the variance of the forward pass, <c>fan_out</c> that of the backward pass.</param>
    /// <param name="nonlinearity">What follows; see <see cref="CalculateGain"/>.</param>
    /// <param name="generator">Where the numbers come from.</param>
    public static Tensor KaimingUniformInPlace(Tensor tensor, double a = 0, string mode = "fan_in", string nonlinearity = "leaky_relu", Generator? generator = null)
    {
        if (tensor.Count == 0) return tensor;
        double bound = Math.Sqrt(3) * KaimingStd(tensor, a, mode, nonlinearity);
        return UniformInPlace(tensor, -bound, bound, generator);
    }

    /// <summary>He et al. (2015): normal with standard deviation gain / √fan.</summary>
    /// <inheritdoc cref="KaimingUniformInPlace"/>
    public static Tensor KaimingNormalInPlace(Tensor tensor, double a = 0, string mode = "fan_in", string nonlinearity = "leaky_relu", Generator? generator = null) =>
        tensor.Count == 0 ? tensor : NormalInPlace(tensor, 0, KaimingStd(tensor, a, mode, nonlinearity), generator);

    static double KaimingStd(Tensor tensor, double a, string mode, string nonlinearity)
    {
        (long fanIn, long fanOut) = Fans(tensor);
        long fan = mode switch
        {
            "fan_in" => fanIn, "fan_out" => fanOut,
            _ => throw new ArgumentException($"mode is \"fan_in\" or \"fan_out\", not \"{mode}\".", nameof(mode)),
        };
        return CalculateGain(nonlinearity, a) / Math.Sqrt(fan);
    }

    /// <summary>A (semi-)orthogonal matrix times <paramref name="gain"/>, of the tensor as (first axis, all others). Saxe et al. (2013).</summary>
    /// <exception cref="ArgumentException">Fewer than two axes.</exception>
    public static Tensor OrthogonalInPlace(Tensor tensor, double gain = 1, Generator? generator = null)
    {
        if (tensor.Rank < 2) throw new ArgumentException($"OrthogonalInPlace: {tensor.Shape} has fewer than two axes.", nameof(tensor));
        if (tensor.Count == 0 || tensor.Device.IsMeta) return tensor;
        using var _ = Autograd.NoGrad();
        long rows = tensor.Shape[0], columns = tensor.Count / rows;
        Tensor flat = Tensor.EmptyLike(tensor).NormalInPlace(0, 1, generator).Reshape(rows, columns);
        (Tensor q, Tensor r) = Linalg.Qr(rows < columns ? flat.T : flat);
        q = q * r.Diagonal().Sgn();                                             // so that it is uniform: Mezzadri (2006)
        return tensor.CopyInPlace((rows < columns ? q.T : q).Reshape(tensor.Shape)).MulInPlace(gain);
    }

    /// <summary>Normal, with a fraction of each column zero. Martens (2010).</summary>
    /// <exception cref="ArgumentException">The tensor is no matrix.</exception>
    public static Tensor SparseInPlace(Tensor tensor, double sparsity, double std = 0.01, Generator? generator = null)
    {
        if (tensor.Rank != 2) throw new ArgumentException($"SparseInPlace: {tensor.Shape} is no matrix.", nameof(tensor));
        if (tensor.Device.IsMeta) return tensor;
        NormalInPlace(tensor, 0, std, generator);
        using var _ = Autograd.NoGrad();
        for (long column = 0; column < tensor.Size(1); column++)
        {
            long[] rows = Tensor.RandPerm(tensor.Size(0), generator: generator).ToArray<long>();
            for (int i = 0; i < (int)Math.Ceiling(sparsity * rows.Length); i++) tensor.Select(0, rows[i]).Select(0, column).FillInPlace(0);
        }
        return tensor;
    }

    /// <summary>The factor by which a layer's first weights are scaled for the nonlinearity that follows.</summary>
    /// <param name="nonlinearity">PyTorch's name: <c>linear</c>, <c>conv1d</c>, <c>sigmoid</c>, <c>tanh</c>, <c>relu</c>, <c>leaky_relu</c>, <c>selu</c>.</param>
    /// <param name="param">The negative slope of <c>leaky_relu</c>, 0.01 if none is given.</param>
    /// <exception cref="ArgumentException">Another name.</exception>
    public static double CalculateGain(string nonlinearity, double? param = null) => nonlinearity switch
    {
        "linear" or "conv1d" or "conv2d" or "conv3d" or "conv_transpose1d" or "conv_transpose2d" or "conv_transpose3d" or "sigmoid" => 1,
        "tanh" => 5.0 / 3,
        "relu" => Math.Sqrt(2),
        "leaky_relu" => Math.Sqrt(2 / (1 + Math.Pow(param ?? 0.01, 2))),
        "selu" => 0.75,
        _ => throw new ArgumentException($"CalculateGain: there is no gain for \"{nonlinearity}\".", nameof(nonlinearity)),
    };

    /// <summary>How many inputs each output of a weight depends on, and how many outputs each input.</summary>
    /// <exception cref="ArgumentException">Fewer than two axes.</exception>
    internal static (long In, long Out) Fans(Tensor tensor)
    {
        if (tensor.Rank < 2) throw new ArgumentException($"Fan in and fan out are defined for at least two axes, not for {tensor.Shape}.", nameof(tensor));
        long field = tensor.Shape[2..].Count;
        return (tensor.Size(1) * field, tensor.Size(0) * field);
    }

    /// <summary>The first values of linear maps and convolutions: weight and bias uniform on ±1/√fan-in.</summary>
    internal static void ResetLinear(Tensor weight, Tensor? bias)
    {
        if (weight.Count > 0) KaimingUniformInPlace(weight, Math.Sqrt(5));
        if (bias is null) return;
        if (weight.Count == 0)                                                  // a lazy module draws when it knows its size
        {
            ZerosInPlace(bias);
            return;
        }
        long fanIn = weight.Shape[1..].Count;
        double bound = fanIn > 0 ? 1 / Math.Sqrt(fanIn) : 0;
        UniformInPlace(bias, -bound, bound);
    }
}
