namespace Flambeau.Nn;

/// <summary>A parameter whose shape is not known yet. PyTorch's <c>nn.UninitializedParameter</c>.</summary>
public class UninitializedParameter : Parameter
{
    /// <summary>Without a shape.</summary>
    public UninitializedParameter(DType? dtype = null) : base(Empty([0], dtype)) { }

    /// <summary>Whether it has a shape.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>Gives it a shape, and memory with whatever it held before.</summary>
    /// <exception cref="InvalidOperationException">It has one already.</exception>
    public void Materialize(Dims shape)
    {
        if (IsInitialized) throw new InvalidOperationException($"The parameter has a shape already: {Shape}.");
        SetData(Empty(new TensorSpec(shape, DType, Device)));
        IsInitialized = true;
    }

    internal void Forget() => IsInitialized = false;
}

/// <summary>A buffer whose shape is not known yet. PyTorch's <c>nn.UninitializedBuffer</c>.</summary>
public class UninitializedBuffer : Module.Buffer
{
    /// <summary>Without a shape.</summary>
    public UninitializedBuffer(DType? dtype = null, bool persistent = true) : base(Empty([0], dtype), persistent) { }

    /// <summary>Whether it has a shape.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>Gives it a shape, and memory with whatever it held before.</summary>
    /// <exception cref="InvalidOperationException">It has one already.</exception>
    public void Materialize(Dims shape)
    {
        if (IsInitialized) throw new InvalidOperationException($"The buffer has a shape already: {Shape}.");
        SetData(Empty(new TensorSpec(shape, DType, Device)));
        IsInitialized = true;
    }
}

/// <summary>A module that takes the size of its input from the first input, or from a state dict.</summary>
interface ILazy
{
    /// <summary>Whether sizes are known.</summary>
    bool IsReady { get; }

    /// <summary>Takes the size from the shape that a weight of this name has in a state dict.</summary>
    void Infer(string name, Dims shape);

    /// <summary>Becomes as it was before the first input; the tensors' old memory is put back by whoever asks.</summary>
    void Forget();
}

/// <summary>What the lazy modules share: a size that is taken from the first input.</summary>
static class Lazily
{
    /// <summary>The channels of an input with as many spatial axes.</summary>
    public static long Channels(string name, Tensor input, int axes) => input.Rank == axes + 1 || input.Rank == axes + 2 ? input.Shape[^(axes + 1)]
        : throw new ArgumentException($"{name}: the input has shape {input.Shape}; it must have {axes + 1} or {axes + 2} axes.", nameof(input));
}

/// <summary>A <see cref="Linear"/> that takes inFeatures from its first input. PyTorch's <c>nn.LazyLinear</c>.</summary>
/// <remarks>Run it once, or load its state, before an optimizer is made of its parameters.</remarks>
public class LazyLinear : Linear, ILazy
{
    /// <summary>Without a weight as yet.</summary>
    /// <param name="outFeatures">The size of a result.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public LazyLinear(long outFeatures, bool bias = true, DType? dtype = null) : base(0, outFeatures, bias, dtype)
    {
        _out = outFeatures;
        Weight = _weight = new(dtype);
    }

    readonly long _out;
    readonly UninitializedParameter _weight;

    bool ILazy.IsReady => _weight.IsInitialized;

    void ILazy.Infer(string name, Dims shape)
    {
        if (name == "weight" && shape.Length == 2) Materialize(shape[1], draw: false);
    }

    void ILazy.Forget() => _weight.Forget();

    void Materialize(long inFeatures, bool draw = true)
    {
        _weight.Materialize([_out, inFeatures]);
        if (draw) ResetParameters();
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!_weight.IsInitialized) Materialize(input.Size(-1));
        return base.Forward(input);
    }

    /// <inheritdoc/>
    protected override string ExtraRepr => _weight.IsInitialized ? base.ExtraRepr : $"in_features=0, out_features={_out}, bias={Bias is not null}";
}

/// <summary>A <see cref="Conv1d"/> that takes inChannels from its first input. PyTorch's <c>nn.LazyConv1d</c>.</summary>
/// <inheritdoc cref="Conv1d"/>
public class LazyConv1d(long outChannels, Sizes kernelSize, Sizes stride = default, ConvPadding padding = default, Sizes dilation = default, long groups = 1, bool bias = true,
    string paddingMode = "zeros", DType? dtype = null) : Conv1d(0, outChannels, kernelSize, stride, padding, dilation, groups, bias, paddingMode, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyConv1d), input, 1));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="ConvTranspose1d"/> that takes inChannels from its first input. PyTorch's <c>nn.LazyConvTranspose1d</c>.</summary>
/// <inheritdoc cref="ConvTranspose1d"/>
public class LazyConvTranspose1d(long outChannels, Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes outputPadding = default, long groups = 1, bool bias = true,
    Sizes dilation = default, DType? dtype = null) : ConvTranspose1d(0, outChannels, kernelSize, stride, padding, outputPadding, groups, bias, dilation, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyConvTranspose1d), input, 1));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="BatchNorm1d"/> that takes numFeatures from its first input. PyTorch's <c>nn.LazyBatchNorm1d</c>.</summary>
/// <inheritdoc cref="BatchNorm1d"/>
public class LazyBatchNorm1d(double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true, DType? dtype = null) : BatchNorm1d(0, eps, momentum, affine, trackRunningStats, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(input.Rank == 2 ? input.Shape[1] : Lazily.Channels(nameof(LazyBatchNorm1d), input, 1));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="InstanceNorm1d"/> that takes numFeatures from its first input. PyTorch's <c>nn.LazyInstanceNorm1d</c>.</summary>
/// <inheritdoc cref="InstanceNorm1d"/>
public class LazyInstanceNorm1d(double eps = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStats = false, DType? dtype = null) : InstanceNorm1d(0, eps, momentum, affine, trackRunningStats, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyInstanceNorm1d), input, 1));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="Conv2d"/> that takes inChannels from its first input. PyTorch's <c>nn.LazyConv2d</c>.</summary>
/// <inheritdoc cref="Conv2d"/>
public class LazyConv2d(long outChannels, Sizes kernelSize, Sizes stride = default, ConvPadding padding = default, Sizes dilation = default, long groups = 1, bool bias = true,
    string paddingMode = "zeros", DType? dtype = null) : Conv2d(0, outChannels, kernelSize, stride, padding, dilation, groups, bias, paddingMode, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyConv2d), input, 2));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="ConvTranspose2d"/> that takes inChannels from its first input. PyTorch's <c>nn.LazyConvTranspose2d</c>.</summary>
/// <inheritdoc cref="ConvTranspose2d"/>
public class LazyConvTranspose2d(long outChannels, Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes outputPadding = default, long groups = 1, bool bias = true,
    Sizes dilation = default, DType? dtype = null) : ConvTranspose2d(0, outChannels, kernelSize, stride, padding, outputPadding, groups, bias, dilation, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyConvTranspose2d), input, 2));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="BatchNorm2d"/> that takes numFeatures from its first input. PyTorch's <c>nn.LazyBatchNorm2d</c>.</summary>
/// <inheritdoc cref="BatchNorm2d"/>
public class LazyBatchNorm2d(double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true, DType? dtype = null) : BatchNorm2d(0, eps, momentum, affine, trackRunningStats, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyBatchNorm2d), input, 2));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="InstanceNorm2d"/> that takes numFeatures from its first input. PyTorch's <c>nn.LazyInstanceNorm2d</c>.</summary>
/// <inheritdoc cref="InstanceNorm2d"/>
public class LazyInstanceNorm2d(double eps = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStats = false, DType? dtype = null) : InstanceNorm2d(0, eps, momentum, affine, trackRunningStats, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyInstanceNorm2d), input, 2));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="Conv3d"/> that takes inChannels from its first input. PyTorch's <c>nn.LazyConv3d</c>.</summary>
/// <inheritdoc cref="Conv3d"/>
public class LazyConv3d(long outChannels, Sizes kernelSize, Sizes stride = default, ConvPadding padding = default, Sizes dilation = default, long groups = 1, bool bias = true,
    string paddingMode = "zeros", DType? dtype = null) : Conv3d(0, outChannels, kernelSize, stride, padding, dilation, groups, bias, paddingMode, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyConv3d), input, 3));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="ConvTranspose3d"/> that takes inChannels from its first input. PyTorch's <c>nn.LazyConvTranspose3d</c>.</summary>
/// <inheritdoc cref="ConvTranspose3d"/>
public class LazyConvTranspose3d(long outChannels, Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes outputPadding = default, long groups = 1, bool bias = true,
    Sizes dilation = default, DType? dtype = null) : ConvTranspose3d(0, outChannels, kernelSize, stride, padding, outputPadding, groups, bias, dilation, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyConvTranspose3d), input, 3));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="BatchNorm3d"/> that takes numFeatures from its first input. PyTorch's <c>nn.LazyBatchNorm3d</c>.</summary>
/// <inheritdoc cref="BatchNorm3d"/>
public class LazyBatchNorm3d(double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true, DType? dtype = null) : BatchNorm3d(0, eps, momentum, affine, trackRunningStats, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyBatchNorm3d), input, 3));
        return base.Forward(input);
    }
}

/// <summary>A <see cref="InstanceNorm3d"/> that takes numFeatures from its first input. PyTorch's <c>nn.LazyInstanceNorm3d</c>.</summary>
/// <inheritdoc cref="InstanceNorm3d"/>
public class LazyInstanceNorm3d(double eps = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStats = false, DType? dtype = null) : InstanceNorm3d(0, eps, momentum, affine, trackRunningStats, dtype)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsReady) Begin(Lazily.Channels(nameof(LazyInstanceNorm3d), input, 3));
        return base.Forward(input);
    }
}
