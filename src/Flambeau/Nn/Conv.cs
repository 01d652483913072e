namespace Flambeau.Nn;

/// <summary>What convolutions share: parameters, first values, the words of their picture.</summary>
public abstract class ConvBase : UnaryModule, ILazy
{
    readonly long[]? _ahead;                                                    // what is padded before the convolution, as F.Pad takes it
    readonly string? _paddingName;

    private protected ConvBase(int axes, long inChannels, long outChannels, Sizes kernelSize, Sizes stride, ConvPadding padding, Sizes outputPadding, Sizes dilation, long groups, bool bias,
        bool transposed, string paddingMode, DType? dtype)
    {
        string name = GetType().Name;
        if (groups <= 0 || inChannels % groups != 0 || outChannels % groups != 0)
            throw new ArgumentException($"{name}: {inChannels} input and {outChannels} output channels cannot be parted into {groups} groups.");
        (InChannels, OutChannels, Groups) = (inChannels, outChannels, groups);
        if (paddingMode is not ("zeros" or "reflect" or "replicate" or "circular"))
            throw new ArgumentException($"{name}: paddingMode is \"zeros\", \"reflect\", \"replicate\" or \"circular\", not \"{paddingMode}\".", nameof(paddingMode));
        (KernelSize, Stride, Dilation, OutputPadding) = (kernelSize.For(axes, 1), stride.For(axes, 1), dilation.For(axes, 1), outputPadding.For(axes, 0));
        (Dims before, Dims after) = padding.For(KernelSize, Stride, Dilation);
        (Padding, PaddingMode, _paddingName) = (before, paddingMode, padding.Name);
        if (paddingMode != "zeros" || before != after)                          // the convolution itself adds as many zeros on both sides
        {
            _ahead = new long[2 * axes];
            for (int d = 0; d < axes; d++) (_ahead[2 * (axes - 1 - d)], _ahead[2 * (axes - 1 - d) + 1]) = (before[d], after[d]);
            Padding = new Dims(new long[axes]);
        }
        _transposed = transposed;
        Weight = inChannels == 0 ? new UninitializedParameter(dtype) : Parameter.Uninitialized(WeightShape, dtype);
        if (bias) Bias = Parameter.Uninitialized([outChannels], dtype);
        ResetParameters();
    }

    readonly bool _transposed;

    Dims WeightShape => _transposed ? [InChannels, OutChannels / Groups, .. KernelSize.Span] : [OutChannels, InChannels / Groups, .. KernelSize.Span];

    private protected bool IsReady => Weight is not UninitializedParameter { IsInitialized: false };

    bool ILazy.IsReady => IsReady;

    void ILazy.Infer(string name, Dims shape)
    {
        if (name == "weight" && shape.Length > 1) Begin(_transposed ? shape[0] : shape[1] * Groups, draw: false);
    }

    void ILazy.Forget()
    {
        InChannels = 0;
        ((UninitializedParameter)Weight).Forget();
    }

    /// <summary>Makes the weight of a lazy convolution, whose channels are known now.</summary>
    private protected void Begin(long inChannels, bool draw = true)
    {
        if (inChannels % Groups != 0) throw new ArgumentException($"{GetType().Name}: {inChannels} input channels cannot be parted into {Groups} groups.");
        InChannels = inChannels;
        ((UninitializedParameter)Weight).Materialize(WeightShape);
        if (draw) ResetParameters();
    }

    /// <summary>The filters.</summary>
    public Parameter Weight { get; set; }

    /// <summary>One number for each output channel, or null.</summary>
    public Parameter? Bias { get; set; }

    private protected long InChannels { get; private set; }
    private protected long OutChannels { get; }
    private protected long Groups { get; }
    private protected Dims KernelSize { get; }
    private protected Dims Stride { get; }
    private protected Dims Padding { get; }
    private protected string PaddingMode { get; }
    private protected Dims OutputPadding { get; }
    private protected Dims Dilation { get; }

    /// <summary>Draws the parameters anew: uniform on ±1/√fan-in.</summary>
    public void ResetParameters() => Init.ResetLinear(Weight, Bias);

    private protected Tensor Padded(Tensor input) => _ahead is null ? input : F.Pad(input, _ahead, PaddingMode == "zeros" ? "constant" : PaddingMode);

    /// <inheritdoc/>
    protected override string ExtraRepr
    {
        get
        {
            string s = $"{InChannels}, {OutChannels}, kernel_size={KernelSize}, stride={Stride}";
            if (_paddingName is not null) s += $", padding={_paddingName}";
            else if (_ahead is not null) s += $", padding={new Dims([.. Enumerable.Range(0, KernelSize.Length).Select(d => _ahead[2 * (KernelSize.Length - 1 - d)])])}";
            else if (Padding.Any(p => p != 0)) s += $", padding={Padding}";
            if (Dilation.Any(d => d != 1)) s += $", dilation={Dilation}";
            if (OutputPadding.Any(p => p != 0)) s += $", output_padding={OutputPadding}";
            if (Groups != 1) s += $", groups={Groups}";
            if (Bias is null) s += ", bias=False";
            return PaddingMode == "zeros" ? s : s + $", padding_mode={PaddingMode}";
        }
    }
}

/// <summary>Convolution over 1 spatial axis: (N, inChannels, L) → (N, outChannels, …). PyTorch's <c>nn.Conv1d</c>.</summary>
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the result: the number of filters.</param>
/// <param name="kernelSize">The size of a filter.</param>
/// <param name="stride">How far filters move.</param>
/// <param name="padding">How much is added on both sides, or <c>"same"</c>.</param>
/// <param name="dilation">The distance between a filter's taps.</param>
/// <param name="groups">Into how many groups channels are parted.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="paddingMode">What is added: <c>zeros</c>, <c>reflect</c>, <c>replicate</c> or <c>circular</c>.</param>
/// <param name="dtype">The type of the parameters.</param>
public class Conv1d(long inChannels, long outChannels, Sizes kernelSize, Sizes stride = default, ConvPadding padding = default, Sizes dilation = default, long groups = 1, bool bias = true,
    string paddingMode = "zeros", DType? dtype = null)
    : ConvBase(1, inChannels, outChannels, kernelSize, stride, padding, default, dilation, groups, bias, transposed: false, paddingMode, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Conv1d(Padded(input), Weight, Bias, Stride, Padding, Dilation, Groups);
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
    : ConvBase(1, inChannels, outChannels, kernelSize, stride, padding, outputPadding, dilation, groups, bias, transposed: true, "zeros", dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.ConvTranspose1d(input, Weight, Bias, Stride, Padding, OutputPadding, Groups, Dilation);
}

/// <summary>Convolution over 2 spatial axes: (N, inChannels, H, W) → (N, outChannels, …). PyTorch's <c>nn.Conv2d</c>.</summary>
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the result: the number of filters.</param>
/// <param name="kernelSize">The size of a filter.</param>
/// <param name="stride">How far filters move.</param>
/// <param name="padding">How much is added on both sides, or <c>"same"</c>.</param>
/// <param name="dilation">The distance between a filter's taps.</param>
/// <param name="groups">Into how many groups channels are parted.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="paddingMode">What is added: <c>zeros</c>, <c>reflect</c>, <c>replicate</c> or <c>circular</c>.</param>
/// <param name="dtype">The type of the parameters.</param>
public class Conv2d(long inChannels, long outChannels, Sizes kernelSize, Sizes stride = default, ConvPadding padding = default, Sizes dilation = default, long groups = 1, bool bias = true,
    string paddingMode = "zeros", DType? dtype = null)
    : ConvBase(2, inChannels, outChannels, kernelSize, stride, padding, default, dilation, groups, bias, transposed: false, paddingMode, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Conv2d(Padded(input), Weight, Bias, Stride, Padding, Dilation, Groups);
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
    : ConvBase(2, inChannels, outChannels, kernelSize, stride, padding, outputPadding, dilation, groups, bias, transposed: true, "zeros", dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.ConvTranspose2d(input, Weight, Bias, Stride, Padding, OutputPadding, Groups, Dilation);
}

/// <summary>Convolution over 3 spatial axes: (N, inChannels, D, H, W) → (N, outChannels, …). PyTorch's <c>nn.Conv3d</c>.</summary>
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the result: the number of filters.</param>
/// <param name="kernelSize">The size of a filter.</param>
/// <param name="stride">How far filters move.</param>
/// <param name="padding">How much is added on both sides, or <c>"same"</c>.</param>
/// <param name="dilation">The distance between a filter's taps.</param>
/// <param name="groups">Into how many groups channels are parted.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="paddingMode">What is added: <c>zeros</c>, <c>reflect</c>, <c>replicate</c> or <c>circular</c>.</param>
/// <param name="dtype">The type of the parameters.</param>
public class Conv3d(long inChannels, long outChannels, Sizes kernelSize, Sizes stride = default, ConvPadding padding = default, Sizes dilation = default, long groups = 1, bool bias = true,
    string paddingMode = "zeros", DType? dtype = null)
    : ConvBase(3, inChannels, outChannels, kernelSize, stride, padding, default, dilation, groups, bias, transposed: false, paddingMode, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Conv3d(Padded(input), Weight, Bias, Stride, Padding, Dilation, Groups);
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
    : ConvBase(3, inChannels, outChannels, kernelSize, stride, padding, outputPadding, dilation, groups, bias, transposed: true, "zeros", dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.ConvTranspose3d(input, Weight, Bias, Stride, Padding, OutputPadding, Groups, Dilation);
}
