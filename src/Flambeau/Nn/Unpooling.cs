namespace Flambeau.Nn;

/// <summary>The pooled elements put back, zeros elsewhere. PyTorch's <c>nn.MaxUnpool1d</c>; <see cref="F.MaxUnpool1d"/> says more.</summary>
/// <param name="kernelSize">The size of a window of the pooling that is undone.</param>
/// <param name="stride">How far its windows moved; by default the kernel size.</param>
/// <param name="padding">Its padding.</param>
public class MaxUnpool1d(Sizes kernelSize, Sizes stride = default, Sizes padding = default) : Module
{
    /// <summary>Undoes the pooling.</summary>
    /// <param name="input">What was pooled.</param>
    /// <param name="indices">Where it stood.</param>
    /// <param name="outputSize">The size of the result, which a pooling leaves open by less than a stride.</param>
    public Tensor Forward(Tensor input, Tensor indices, Dims outputSize = default) => F.MaxUnpool1d(input, indices, kernelSize.Values, stride.Values, padding.Values, outputSize);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor input, Tensor indices, Dims outputSize = default) => Invoke([input, indices], x => Forward(x[0]!, x[1]!, outputSize));

    /// <inheritdoc/>
    protected override string ExtraRepr => $"kernel_size={kernelSize.For(1, 1)}, stride={(stride.Values.Length == 0 ? kernelSize : stride).For(1, 1)}, padding={padding.For(1, 0)}";
}

/// <summary>The pooled elements put back, zeros elsewhere. PyTorch's <c>nn.MaxUnpool2d</c>; <see cref="F.MaxUnpool2d"/> says more.</summary>
/// <inheritdoc cref="MaxUnpool1d"/>
public class MaxUnpool2d(Sizes kernelSize, Sizes stride = default, Sizes padding = default) : Module
{
    /// <inheritdoc cref="MaxUnpool1d.Forward"/>
    public Tensor Forward(Tensor input, Tensor indices, Dims outputSize = default) => F.MaxUnpool2d(input, indices, kernelSize.Values, stride.Values, padding.Values, outputSize);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor input, Tensor indices, Dims outputSize = default) => Invoke([input, indices], x => Forward(x[0]!, x[1]!, outputSize));

    /// <inheritdoc/>
    protected override string ExtraRepr => $"kernel_size={kernelSize.For(2, 1)}, stride={(stride.Values.Length == 0 ? kernelSize : stride).For(2, 1)}, padding={padding.For(2, 0)}";
}

/// <summary>The pooled elements put back, zeros elsewhere. PyTorch's <c>nn.MaxUnpool3d</c>; <see cref="F.MaxUnpool3d"/> says more.</summary>
/// <inheritdoc cref="MaxUnpool1d"/>
public class MaxUnpool3d(Sizes kernelSize, Sizes stride = default, Sizes padding = default) : Module
{
    /// <inheritdoc cref="MaxUnpool1d.Forward"/>
    public Tensor Forward(Tensor input, Tensor indices, Dims outputSize = default) => F.MaxUnpool3d(input, indices, kernelSize.Values, stride.Values, padding.Values, outputSize);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor input, Tensor indices, Dims outputSize = default) => Invoke([input, indices], x => Forward(x[0]!, x[1]!, outputSize));

    /// <inheritdoc/>
    protected override string ExtraRepr => $"kernel_size={kernelSize.For(3, 1)}, stride={(stride.Values.Length == 0 ? kernelSize : stride).For(3, 1)}, padding={padding.For(3, 0)}";
}

/// <summary>The largest elements of windows whose places are drawn. PyTorch's <c>nn.FractionalMaxPool2d</c>; <see cref="F.FractionalMaxPool2d"/> says more.</summary>
/// <param name="kernelSize">The size of a window.</param>
/// <param name="outputSize">The size of the result.</param>
/// <param name="outputRatio">Or that size in parts of the input's, one for each axis or one for all.</param>
/// <param name="randomSamples">What moves the windows, instead of random numbers.</param>
/// <exception cref="ArgumentException">Neither, or both, of size and ratio are given, or a ratio lies outside (0, 1).</exception>
public class FractionalMaxPool2d(Sizes kernelSize, Sizes outputSize = default, double[]? outputRatio = null, Tensor? randomSamples = null) : UnaryModule
{
    readonly double[] _ratio = CheckRatio(nameof(FractionalMaxPool2d), outputSize, outputRatio);

    internal static double[] CheckRatio(string name, Sizes size, double[]? ratio)
    {
        if (ratio is null == (size.Values.Length == 0)) throw new ArgumentException($"{name}: give either outputSize or outputRatio.");
        return ratio is null || ratio.All(r => r is > 0 and < 1) ? ratio ?? [] : throw new ArgumentException($"{name}: the ratios ({string.Join(", ", ratio)}) must lie between 0 and 1.");
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.FractionalMaxPool2d(input, kernelSize.Values, outputSize.Values, _ratio, randomSamples);

    /// <summary>The result, and the position in its plane of each element.</summary>
    public (Tensor Values, Tensor Indices) ForwardWithIndices(Tensor input) => F.FractionalMaxPool2dWithIndices(input, kernelSize.Values, outputSize.Values, _ratio, randomSamples);
}

/// <summary>The largest elements of windows whose places are drawn. PyTorch's <c>nn.FractionalMaxPool3d</c>; <see cref="F.FractionalMaxPool3d"/> says more.</summary>
/// <inheritdoc cref="FractionalMaxPool2d"/>
public class FractionalMaxPool3d(Sizes kernelSize, Sizes outputSize = default, double[]? outputRatio = null, Tensor? randomSamples = null) : UnaryModule
{
    readonly double[] _ratio = FractionalMaxPool2d.CheckRatio(nameof(FractionalMaxPool3d), outputSize, outputRatio);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.FractionalMaxPool3d(input, kernelSize.Values, outputSize.Values, _ratio, randomSamples);

    /// <summary>The result, and the position in its plane of each element.</summary>
    public (Tensor Values, Tensor Indices) ForwardWithIndices(Tensor input) => F.FractionalMaxPool3dWithIndices(input, kernelSize.Values, outputSize.Values, _ratio, randomSamples);
}
