namespace Flambeau.Nn;

/// <summary>Adds a constant at the ends of the last axis. PyTorch's <c>nn.ConstantPad1d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
/// <param name="value">The constant.</param>
public class ConstantPad1d(Sizes padding, double value) : UnaryModule
{
    readonly Dims _padding = padding.For(2, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, value: value);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"padding={_padding}, value={value}");
}

/// <summary>Adds a constant at the ends of the last two axes. PyTorch's <c>nn.ConstantPad2d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
/// <param name="value">The constant.</param>
public class ConstantPad2d(Sizes padding, double value) : UnaryModule
{
    readonly Dims _padding = padding.For(4, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, value: value);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"padding={_padding}, value={value}");
}

/// <summary>Adds a constant at the ends of the last three axes. PyTorch's <c>nn.ConstantPad3d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
/// <param name="value">The constant.</param>
public class ConstantPad3d(Sizes padding, double value) : UnaryModule
{
    readonly Dims _padding = padding.For(6, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, value: value);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"padding={_padding}, value={value}");
}

/// <summary>Adds zeros at the ends of the last axis. PyTorch's <c>nn.ZeroPad1d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class ZeroPad1d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(2, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding);

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Adds zeros at the ends of the last two axes. PyTorch's <c>nn.ZeroPad2d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class ZeroPad2d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(4, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding);

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Adds zeros at the ends of the last three axes. PyTorch's <c>nn.ZeroPad3d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class ZeroPad3d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(6, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding);

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Adds the mirror image at the ends of the last axis, without the edge. PyTorch's <c>nn.ReflectionPad1d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class ReflectionPad1d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(2, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, "reflect");

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Adds the mirror image at the ends of the last two axes, without the edge. PyTorch's <c>nn.ReflectionPad2d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class ReflectionPad2d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(4, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, "reflect");

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Adds the mirror image at the ends of the last three axes, without the edge. PyTorch's <c>nn.ReflectionPad3d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class ReflectionPad3d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(6, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, "reflect");

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Repeats the edges at the ends of the last axis. PyTorch's <c>nn.ReplicationPad1d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class ReplicationPad1d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(2, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, "replicate");

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Repeats the edges at the ends of the last two axes. PyTorch's <c>nn.ReplicationPad2d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class ReplicationPad2d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(4, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, "replicate");

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Repeats the edges at the ends of the last three axes. PyTorch's <c>nn.ReplicationPad3d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class ReplicationPad3d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(6, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, "replicate");

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Goes on at the other end of the last axis. PyTorch's <c>nn.CircularPad1d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class CircularPad1d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(2, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, "circular");

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Goes on at the other end of the last two axes. PyTorch's <c>nn.CircularPad2d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class CircularPad2d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(4, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, "circular");

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}

/// <summary>Goes on at the other end of the last three axes. PyTorch's <c>nn.CircularPad3d</c>.</summary>
/// <param name="padding">How many elements: one number for all ends, or before and after for the last axis, then for the one before, ….</param>
public class CircularPad3d(Sizes padding) : UnaryModule
{
    readonly Dims _padding = padding.For(6, 0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Pad(input, _padding, "circular");

    /// <inheritdoc/>
    protected override string ExtraRepr => _padding.ToString();
}
