namespace Flambeau.Nn;

/// <summary>Elements dropped at random in training. PyTorch's <c>nn.Dropout</c>; <see cref="F.Dropout"/> says more.</summary>
/// <param name="p">The probability of being dropped.</param>
/// <param name="inPlace">Whether the input is changed itself.</param>
public class Dropout(double p = 0.5, bool inPlace = false) : UnaryModule
{
    readonly double _p = p is >= 0 and <= 1 ? p : throw new ArgumentException($"Dropout: a probability of {p} does not lie in [0, 1].");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Dropout(input, _p, IsTraining, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"p={_p}");
}

/// <summary>Channels of sequences dropped at random in training. PyTorch's <c>nn.Dropout1d</c>; <see cref="F.Dropout1d"/> says more.</summary>
/// <param name="p">The probability of being dropped.</param>
/// <param name="inPlace">Whether the input is changed itself.</param>
public class Dropout1d(double p = 0.5, bool inPlace = false) : UnaryModule
{
    readonly double _p = p is >= 0 and <= 1 ? p : throw new ArgumentException($"Dropout1d: a probability of {p} does not lie in [0, 1].");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Dropout1d(input, _p, IsTraining, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"p={_p}");
}

/// <summary>Channels of images dropped at random in training. PyTorch's <c>nn.Dropout2d</c>; <see cref="F.Dropout2d"/> says more.</summary>
/// <param name="p">The probability of being dropped.</param>
/// <param name="inPlace">Whether the input is changed itself.</param>
public class Dropout2d(double p = 0.5, bool inPlace = false) : UnaryModule
{
    readonly double _p = p is >= 0 and <= 1 ? p : throw new ArgumentException($"Dropout2d: a probability of {p} does not lie in [0, 1].");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Dropout2d(input, _p, IsTraining, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"p={_p}");
}

/// <summary>Channels of volumes dropped at random in training. PyTorch's <c>nn.Dropout3d</c>; <see cref="F.Dropout3d"/> says more.</summary>
/// <param name="p">The probability of being dropped.</param>
/// <param name="inPlace">Whether the input is changed itself.</param>
public class Dropout3d(double p = 0.5, bool inPlace = false) : UnaryModule
{
    readonly double _p = p is >= 0 and <= 1 ? p : throw new ArgumentException($"Dropout3d: a probability of {p} does not lie in [0, 1].");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Dropout3d(input, _p, IsTraining, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"p={_p}");
}

/// <summary>Elements, keeping mean and variance for SELU, dropped at random in training. PyTorch's <c>nn.AlphaDropout</c>; <see cref="F.AlphaDropout"/> says more.</summary>
/// <param name="p">The probability of being dropped.</param>
/// <param name="inPlace">Whether the input is changed itself.</param>
public class AlphaDropout(double p = 0.5, bool inPlace = false) : UnaryModule
{
    readonly double _p = p is >= 0 and <= 1 ? p : throw new ArgumentException($"AlphaDropout: a probability of {p} does not lie in [0, 1].");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.AlphaDropout(input, _p, IsTraining, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"p={_p}");
}

/// <summary>Channels, keeping mean and variance for SELU, dropped at random in training. PyTorch's <c>nn.FeatureAlphaDropout</c>; <see cref="F.FeatureAlphaDropout"/> says more.</summary>
/// <param name="p">The probability of being dropped.</param>
/// <param name="inPlace">Whether the input is changed itself.</param>
public class FeatureAlphaDropout(double p = 0.5, bool inPlace = false) : UnaryModule
{
    readonly double _p = p is >= 0 and <= 1 ? p : throw new ArgumentException($"FeatureAlphaDropout: a probability of {p} does not lie in [0, 1].");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.FeatureAlphaDropout(input, _p, IsTraining, inPlace);

    /// <inheritdoc/>
    protected override string ExtraRepr => FormattableString.Invariant($"p={_p}");
}
