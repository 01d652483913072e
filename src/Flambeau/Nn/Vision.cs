namespace Flambeau.Nn;

/// <summary>Channels become pixels. PyTorch's <c>nn.PixelShuffle</c>; <see cref="F.PixelShuffle"/> says more.</summary>
public class PixelShuffle(long upscaleFactor) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.PixelShuffle(input, upscaleFactor);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"upscale_factor={upscaleFactor}";
}

/// <summary>Pixels become channels. PyTorch's <c>nn.PixelUnshuffle</c>; <see cref="F.PixelUnshuffle"/> says more.</summary>
public class PixelUnshuffle(long downscaleFactor) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.PixelUnshuffle(input, downscaleFactor);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"downscale_factor={downscaleFactor}";
}

/// <summary>Channels dealt out anew. PyTorch's <c>nn.ChannelShuffle</c>; <see cref="F.ChannelShuffle"/> says more.</summary>
public class ChannelShuffle(long groups) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.ChannelShuffle(input, groups);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"groups={groups}";
}

/// <summary>Spatial axes made larger. PyTorch's <c>nn.Upsample</c>; <see cref="F.Interpolate"/> says more.</summary>
/// <param name="size">The sizes wanted.</param>
/// <param name="scaleFactor">Or the factor.</param>
/// <param name="mode"><c>nearest</c>, <c>linear</c>, <c>bilinear</c>, <c>bicubic</c> or <c>trilinear</c>.</param>
/// <param name="alignCorners">Whether the first and last elements stay where they are.</param>
/// <param name="recomputeScaleFactor">Whether the factor used is that of the rounded sizes.</param>
public class Upsample(Sizes size = default, double? scaleFactor = null, string mode = "nearest", bool alignCorners = false, bool recomputeScaleFactor = false) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Interpolate(input, size.Values, scaleFactor is { } s ? [s] : [], mode, alignCorners ? true : null, recomputeScaleFactor);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"{(scaleFactor is null ? $"size={size.Values}" : FormattableString.Invariant($"scale_factor={scaleFactor}"))}, mode='{mode}'");
}

/// <summary>Pictures made larger by repeating the nearest element. PyTorch's <c>nn.UpsamplingNearest2d</c>.</summary>
/// <param name="size">The sizes wanted.</param>
/// <param name="scaleFactor">Or the factor.</param>
public class UpsamplingNearest2d(Sizes size = default, double? scaleFactor = null) : Upsample(size, scaleFactor, "nearest");

/// <summary>Pictures made larger with straight lines between elements; the corners stay. PyTorch's <c>nn.UpsamplingBilinear2d</c>.</summary>
/// <param name="size">The sizes wanted.</param>
/// <param name="scaleFactor">Or the factor.</param>
public class UpsamplingBilinear2d(Sizes size = default, double? scaleFactor = null) : Upsample(size, scaleFactor, "bilinear", alignCorners: true);

/// <summary>The windows of a picture as columns. PyTorch's <c>nn.Unfold</c>; <see cref="F.Unfold"/> says more.</summary>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="dilation">The distance between a window's elements.</param>
/// <param name="padding">Zeros added on both sides.</param>
/// <param name="stride">How far windows move.</param>
public class Unfold(Sizes kernelSize, Sizes dilation = default, Sizes padding = default, Sizes stride = default) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Unfold(input, kernelSize.Values, dilation.Values, padding.Values, stride.Values);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"kernel_size={kernelSize.For(2, 1)}, dilation={dilation.For(2, 1)}, padding={padding.For(2, 0)}, stride={stride.For(2, 1)}";
}

/// <summary>Columns added up to a picture. PyTorch's <c>nn.Fold</c>; <see cref="F.Fold"/> says more.</summary>
/// <param name="outputSize">The size of the picture.</param>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="dilation">The distance between a window's elements.</param>
/// <param name="padding">Zeros that were added on both sides.</param>
/// <param name="stride">How far windows move.</param>
public class Fold(Sizes outputSize, Sizes kernelSize, Sizes dilation = default, Sizes padding = default, Sizes stride = default) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Fold(input, outputSize.For(2, 1), kernelSize.Values, dilation.Values, padding.Values, stride.Values);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"output_size={outputSize.For(2, 1)}, kernel_size={kernelSize.For(2, 1)}, dilation={dilation.For(2, 1)}, padding={padding.For(2, 0)}, stride={stride.For(2, 1)}";
}
