namespace Flambeau.Nn;

/// <summary>The largest element of each window. PyTorch's <c>nn.MaxPool1d</c>.</summary>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="stride">How far windows move; by default the kernel size.</param>
/// <param name="padding">−∞ added on both sides.</param>
/// <param name="dilation">The distance between a window's elements.</param>
/// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
public class MaxPool1d(Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool ceilMode = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.MaxPool1d(input, kernelSize.Values, stride.Values, padding.Values, dilation.Values, ceilMode);

    /// <summary>The maxima, and where each lies in its plane: what <see cref="MaxUnpool1d"/> takes. PyTorch's <c>return_indices</c>.</summary>
    public (Tensor Values, Tensor Indices) ForwardWithIndices(Tensor input) => F.MaxPool1dWithIndices(input, kernelSize.Values, stride.Values, padding.Values, dilation.Values, ceilMode);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"kernel_size={kernelSize.For(1, 1)}, stride={(stride.Values.Length == 0 ? kernelSize : stride).For(1, 1)}, padding={padding.For(1, 0)}, dilation={dilation.For(1, 1)}, ceil_mode={ceilMode}";
}

/// <summary>The mean of each window. PyTorch's <c>nn.AvgPool1d</c>.</summary>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="stride">How far windows move; by default the kernel size.</param>
/// <param name="padding">Zeros added on both sides.</param>
/// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
/// <param name="countIncludePad">Whether padding counts as elements of the mean.</param>
/// <param name="divisorOverride">By what sums are divided, instead of the number of elements.</param>
public class AvgPool1d(Sizes kernelSize, Sizes stride = default, Sizes padding = default, bool ceilMode = false, bool countIncludePad = true, long? divisorOverride = null) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.AvgPool1d(input, kernelSize.Values, stride.Values, padding.Values, ceilMode, countIncludePad, divisorOverride);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"kernel_size={kernelSize.For(1, 1)}, stride={(stride.Values.Length == 0 ? kernelSize : stride).For(1, 1)}, padding={padding.For(1, 0)}";
}

/// <summary>The means of as many windows as <paramref name="outputSize"/> says. PyTorch's <c>nn.AdaptiveAvgPool1d</c>.</summary>
/// <param name="outputSize">The spatial size of the result; −1 keeps an axis.</param>
public class AdaptiveAvgPool1d(Sizes outputSize) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.AdaptiveAvgPool1d(input, outputSize.Values);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"output_size={outputSize.For(1, 1)}";
}

/// <summary>The largest elements of as many windows as <paramref name="outputSize"/> says. PyTorch's <c>nn.AdaptiveMaxPool1d</c>.</summary>
/// <param name="outputSize">The spatial size of the result; −1 keeps an axis.</param>
public class AdaptiveMaxPool1d(Sizes outputSize) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.AdaptiveMaxPool1d(input, outputSize.Values);

    /// <summary>The maxima, and where each lies in its plane. PyTorch's <c>return_indices</c>.</summary>
    public (Tensor Values, Tensor Indices) ForwardWithIndices(Tensor input) => F.AdaptiveMaxPool1dWithIndices(input, outputSize.Values);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"output_size={outputSize.For(1, 1)}";
}

/// <summary>The largest element of each window. PyTorch's <c>nn.MaxPool2d</c>.</summary>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="stride">How far windows move; by default the kernel size.</param>
/// <param name="padding">−∞ added on both sides.</param>
/// <param name="dilation">The distance between a window's elements.</param>
/// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
public class MaxPool2d(Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool ceilMode = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.MaxPool2d(input, kernelSize.Values, stride.Values, padding.Values, dilation.Values, ceilMode);

    /// <summary>The maxima, and where each lies in its plane: what <see cref="MaxUnpool2d"/> takes. PyTorch's <c>return_indices</c>.</summary>
    public (Tensor Values, Tensor Indices) ForwardWithIndices(Tensor input) => F.MaxPool2dWithIndices(input, kernelSize.Values, stride.Values, padding.Values, dilation.Values, ceilMode);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"kernel_size={kernelSize.For(2, 1)}, stride={(stride.Values.Length == 0 ? kernelSize : stride).For(2, 1)}, padding={padding.For(2, 0)}, dilation={dilation.For(2, 1)}, ceil_mode={ceilMode}";
}

/// <summary>The mean of each window. PyTorch's <c>nn.AvgPool2d</c>.</summary>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="stride">How far windows move; by default the kernel size.</param>
/// <param name="padding">Zeros added on both sides.</param>
/// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
/// <param name="countIncludePad">Whether padding counts as elements of the mean.</param>
/// <param name="divisorOverride">By what sums are divided, instead of the number of elements.</param>
public class AvgPool2d(Sizes kernelSize, Sizes stride = default, Sizes padding = default, bool ceilMode = false, bool countIncludePad = true, long? divisorOverride = null) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.AvgPool2d(input, kernelSize.Values, stride.Values, padding.Values, ceilMode, countIncludePad, divisorOverride);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"kernel_size={kernelSize.For(2, 1)}, stride={(stride.Values.Length == 0 ? kernelSize : stride).For(2, 1)}, padding={padding.For(2, 0)}";
}

/// <summary>The means of as many windows as <paramref name="outputSize"/> says. PyTorch's <c>nn.AdaptiveAvgPool2d</c>.</summary>
/// <param name="outputSize">The spatial size of the result; −1 keeps an axis.</param>
public class AdaptiveAvgPool2d(Sizes outputSize) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.AdaptiveAvgPool2d(input, outputSize.Values);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"output_size={outputSize.For(2, 1)}";
}

/// <summary>The largest elements of as many windows as <paramref name="outputSize"/> says. PyTorch's <c>nn.AdaptiveMaxPool2d</c>.</summary>
/// <param name="outputSize">The spatial size of the result; −1 keeps an axis.</param>
public class AdaptiveMaxPool2d(Sizes outputSize) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.AdaptiveMaxPool2d(input, outputSize.Values);

    /// <summary>The maxima, and where each lies in its plane. PyTorch's <c>return_indices</c>.</summary>
    public (Tensor Values, Tensor Indices) ForwardWithIndices(Tensor input) => F.AdaptiveMaxPool2dWithIndices(input, outputSize.Values);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"output_size={outputSize.For(2, 1)}";
}

/// <summary>The largest element of each window. PyTorch's <c>nn.MaxPool3d</c>.</summary>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="stride">How far windows move; by default the kernel size.</param>
/// <param name="padding">−∞ added on both sides.</param>
/// <param name="dilation">The distance between a window's elements.</param>
/// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
public class MaxPool3d(Sizes kernelSize, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool ceilMode = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.MaxPool3d(input, kernelSize.Values, stride.Values, padding.Values, dilation.Values, ceilMode);

    /// <summary>The maxima, and where each lies in its plane: what <see cref="MaxUnpool3d"/> takes. PyTorch's <c>return_indices</c>.</summary>
    public (Tensor Values, Tensor Indices) ForwardWithIndices(Tensor input) => F.MaxPool3dWithIndices(input, kernelSize.Values, stride.Values, padding.Values, dilation.Values, ceilMode);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"kernel_size={kernelSize.For(3, 1)}, stride={(stride.Values.Length == 0 ? kernelSize : stride).For(3, 1)}, padding={padding.For(3, 0)}, dilation={dilation.For(3, 1)}, ceil_mode={ceilMode}";
}

/// <summary>The mean of each window. PyTorch's <c>nn.AvgPool3d</c>.</summary>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="stride">How far windows move; by default the kernel size.</param>
/// <param name="padding">Zeros added on both sides.</param>
/// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
/// <param name="countIncludePad">Whether padding counts as elements of the mean.</param>
/// <param name="divisorOverride">By what sums are divided, instead of the number of elements.</param>
public class AvgPool3d(Sizes kernelSize, Sizes stride = default, Sizes padding = default, bool ceilMode = false, bool countIncludePad = true, long? divisorOverride = null) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.AvgPool3d(input, kernelSize.Values, stride.Values, padding.Values, ceilMode, countIncludePad, divisorOverride);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"kernel_size={kernelSize.For(3, 1)}, stride={(stride.Values.Length == 0 ? kernelSize : stride).For(3, 1)}, padding={padding.For(3, 0)}";
}

/// <summary>The means of as many windows as <paramref name="outputSize"/> says. PyTorch's <c>nn.AdaptiveAvgPool3d</c>.</summary>
/// <param name="outputSize">The spatial size of the result; −1 keeps an axis.</param>
public class AdaptiveAvgPool3d(Sizes outputSize) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.AdaptiveAvgPool3d(input, outputSize.Values);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"output_size={outputSize.For(3, 1)}";
}

/// <summary>The largest elements of as many windows as <paramref name="outputSize"/> says. PyTorch's <c>nn.AdaptiveMaxPool3d</c>.</summary>
/// <param name="outputSize">The spatial size of the result; −1 keeps an axis.</param>
public class AdaptiveMaxPool3d(Sizes outputSize) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.AdaptiveMaxPool3d(input, outputSize.Values);

    /// <summary>The maxima, and where each lies in its plane. PyTorch's <c>return_indices</c>.</summary>
    public (Tensor Values, Tensor Indices) ForwardWithIndices(Tensor input) => F.AdaptiveMaxPool3dWithIndices(input, outputSize.Values);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"output_size={outputSize.For(3, 1)}";
}

/// <summary>The p-norms of windows over 1 spatial axis. PyTorch's <c>nn.LPPool1d</c>; <see cref="F.LpPool1d"/> says more.</summary>
/// <param name="normType">The p of the norm.</param>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="stride">How far windows move; by default the kernel size.</param>
/// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
public class LpPool1d(double normType, Sizes kernelSize, Sizes stride = default, bool ceilMode = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.LpPool1d(input, normType, kernelSize.Values, stride.Values, ceilMode);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"norm_type={normType}, kernel_size={kernelSize.Values}, stride={stride.Values}, ceil_mode={ceilMode}");
}

/// <summary>The p-norms of windows over 2 spatial axes. PyTorch's <c>nn.LPPool2d</c>; <see cref="F.LpPool2d"/> says more.</summary>
/// <param name="normType">The p of the norm.</param>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="stride">How far windows move; by default the kernel size.</param>
/// <param name="ceilMode">Whether a last window that reaches past the end counts.</param>
public class LpPool2d(double normType, Sizes kernelSize, Sizes stride = default, bool ceilMode = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.LpPool2d(input, normType, kernelSize.Values, stride.Values, ceilMode);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"norm_type={normType}, kernel_size={kernelSize.Values}, stride={stride.Values}, ceil_mode={ceilMode}");
}
