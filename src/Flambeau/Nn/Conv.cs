namespace Flambeau.Nn;

/// <summary>What convolutions share: parameters, first values, the words of their picture.</summary>
public abstract class ConvBase : UnaryModule
{
    private protected ConvBase(int axes, long inChannels, long outChannels, Sizes kernelSize, Sizes stride, Sizes padding, Sizes outputPadding, Sizes dilation, long groups, bool bias,
        bool transposed, DType? dtype)
    {
        string name = GetType().Name;
        if (groups <= 0 || inChannels % groups != 0 || outChannels % groups != 0)
            throw new ArgumentException($"{name}: {inChannels} input and {outChannels} output channels cannot be parted into {groups} groups.");
        (InChannels, OutChannels, Groups) = (inChannels, outChannels, groups);
        (KernelSize, Stride, Padding) = (kernelSize.For(axes, 1), stride.For(axes, 1), padding.For(axes, 0));
        (OutputPadding, Dilation) = (outputPadding.For(axes, 0), dilation.For(axes, 1));
        ReadOnlySpan<long> shape = transposed ? [inChannels, outChannels / groups, .. KernelSize.Span] : [outChannels, inChannels / groups, .. KernelSize.Span];
        Weight = Parameter.Uninitialized(shape, dtype);
        if (bias) Bias = Parameter.Uninitialized([outChannels], dtype);
        ResetParameters();
    }

    /// <summary>The filters.</summary>
    public Parameter Weight { get; set; }

    /// <summary>One number for each output channel, or null.</summary>
    public Parameter? Bias { get; set; }

    private protected long InChannels { get; }
    private protected long OutChannels { get; }
    private protected long Groups { get; }
    private protected Dims KernelSize { get; }
    private protected Dims Stride { get; }
    private protected Dims Padding { get; }
    private protected Dims OutputPadding { get; }
    private protected Dims Dilation { get; }

    /// <summary>Draws the parameters anew: uniform on ±1/√fan-in.</summary>
    public void ResetParameters() => Init.ResetLinear(Weight, Bias);

    /// <inheritdoc/>
    protected override string ExtraRepr
    {
        get
        {
            string s = $"{InChannels}, {OutChannels}, kernel_size={KernelSize}, stride={Stride}";
            if (Padding.Any(p => p != 0)) s += $", padding={Padding}";
            if (Dilation.Any(d => d != 1)) s += $", dilation={Dilation}";
            if (OutputPadding.Any(p => p != 0)) s += $", output_padding={OutputPadding}";
            if (Groups != 1) s += $", groups={Groups}";
            return Bias is null ? s + ", bias=False" : s;
        }
    }
}

/// <summary>Convolution over 1 spatial axis: (N, inChannels, L) → (N, outChannels, …). PyTorch's <c>nn.Conv1d</c>.</summary>
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the result: the number of filters.</param>
/// <param name="kernelSize">The size of a filter.</param>
/// <param name="stride">How far filters move.</param>
/// <param name="padding">Zeros added on both sides.</param>
/// <param name="dilation">The distance between a filter's taps.</param>
/// <param name="groups">Into how many groups channels are parted.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="dtype">The type of the parameters.</param>
public class Conv1d(long inChannels, long outChannels, Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes dilation = default, long groups = 1, bool bias = true, DType? dtype = null)
    : ConvBase(1, inChannels, outChannels, kernelSize, stride, padding, default, dilation, groups, bias, transposed: false, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Conv1d(input, Weight, Bias, Stride, Padding, Dilation, Groups);
}

/// <summary>Transposed convolution over 1 spatial axis: (N, inChannels, L) → (N, outChannels, …). PyTorch's <c>nn.ConvTranspose1d</c>.</summary>
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the result.</param>
/// <param name="kernelSize">The size of a filter.</param>
/// <param name="stride">How far apart the input's elements stand in the result.</param>
/// <param name="padding">How much of the result is cut on both sides.</param>
/// <param name="outputPadding">How much is added at the end.</param>
/// <param name="groups">Into how many groups channels are parted.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="dilation">The distance between a filter's taps.</param>
/// <param name="dtype">The type of the parameters.</param>
public class ConvTranspose1d(long inChannels, long outChannels, Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes outputPadding = default, long groups = 1,
    bool bias = true, Sizes dilation = default, DType? dtype = null)
    : ConvBase(1, inChannels, outChannels, kernelSize, stride, padding, outputPadding, dilation, groups, bias, transposed: true, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.ConvTranspose1d(input, Weight, Bias, Stride, Padding, OutputPadding, Groups, Dilation);
}

/// <summary>Convolution over 2 spatial axes: (N, inChannels, H, W) → (N, outChannels, …). PyTorch's <c>nn.Conv2d</c>.</summary>
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the result: the number of filters.</param>
/// <param name="kernelSize">The size of a filter.</param>
/// <param name="stride">How far filters move.</param>
/// <param name="padding">Zeros added on both sides.</param>
/// <param name="dilation">The distance between a filter's taps.</param>
/// <param name="groups">Into how many groups channels are parted.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="dtype">The type of the parameters.</param>
public class Conv2d(long inChannels, long outChannels, Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes dilation = default, long groups = 1, bool bias = true, DType? dtype = null)
    : ConvBase(2, inChannels, outChannels, kernelSize, stride, padding, default, dilation, groups, bias, transposed: false, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Conv2d(input, Weight, Bias, Stride, Padding, Dilation, Groups);
}

/// <summary>Transposed convolution over 2 spatial axes: (N, inChannels, H, W) → (N, outChannels, …). PyTorch's <c>nn.ConvTranspose2d</c>.</summary>
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the result.</param>
/// <param name="kernelSize">The size of a filter.</param>
/// <param name="stride">How far apart the input's elements stand in the result.</param>
/// <param name="padding">How much of the result is cut on both sides.</param>
/// <param name="outputPadding">How much is added at the end.</param>
/// <param name="groups">Into how many groups channels are parted.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="dilation">The distance between a filter's taps.</param>
/// <param name="dtype">The type of the parameters.</param>
public class ConvTranspose2d(long inChannels, long outChannels, Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes outputPadding = default, long groups = 1,
    bool bias = true, Sizes dilation = default, DType? dtype = null)
    : ConvBase(2, inChannels, outChannels, kernelSize, stride, padding, outputPadding, dilation, groups, bias, transposed: true, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.ConvTranspose2d(input, Weight, Bias, Stride, Padding, OutputPadding, Groups, Dilation);
}

/// <summary>Convolution over 3 spatial axes: (N, inChannels, D, H, W) → (N, outChannels, …). PyTorch's <c>nn.Conv3d</c>.</summary>
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the result: the number of filters.</param>
/// <param name="kernelSize">The size of a filter.</param>
/// <param name="stride">How far filters move.</param>
/// <param name="padding">Zeros added on both sides.</param>
/// <param name="dilation">The distance between a filter's taps.</param>
/// <param name="groups">Into how many groups channels are parted.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="dtype">The type of the parameters.</param>
public class Conv3d(long inChannels, long outChannels, Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes dilation = default, long groups = 1, bool bias = true, DType? dtype = null)
    : ConvBase(3, inChannels, outChannels, kernelSize, stride, padding, default, dilation, groups, bias, transposed: false, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Conv3d(input, Weight, Bias, Stride, Padding, Dilation, Groups);
}

/// <summary>Transposed convolution over 3 spatial axes: (N, inChannels, D, H, W) → (N, outChannels, …). PyTorch's <c>nn.ConvTranspose3d</c>.</summary>
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the result.</param>
/// <param name="kernelSize">The size of a filter.</param>
/// <param name="stride">How far apart the input's elements stand in the result.</param>
/// <param name="padding">How much of the result is cut on both sides.</param>
/// <param name="outputPadding">How much is added at the end.</param>
/// <param name="groups">Into how many groups channels are parted.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="dilation">The distance between a filter's taps.</param>
/// <param name="dtype">The type of the parameters.</param>
public class ConvTranspose3d(long inChannels, long outChannels, Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes outputPadding = default, long groups = 1,
    bool bias = true, Sizes dilation = default, DType? dtype = null)
    : ConvBase(3, inChannels, outChannels, kernelSize, stride, padding, outputPadding, dilation, groups, bias, transposed: true, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.ConvTranspose3d(input, Weight, Bias, Stride, Padding, OutputPadding, Groups, Dilation);
}
