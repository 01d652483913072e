namespace Flambeau.Nn;

/// <summary>y = x · weightᵀ + bias: (…, inFeatures) → (…, outFeatures). PyTorch's <c>nn.Linear</c>.</summary>
public class Linear : UnaryModule
{
    /// <summary>Weight and bias start uniform on ±1/√inFeatures.</summary>
    /// <param name="inFeatures">The size of an input.</param>
    /// <param name="outFeatures">The size of a result.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public Linear(long inFeatures, long outFeatures, bool bias = true, DType? dtype = null)
    {
        Weight = Parameter.Uninitialized([outFeatures, inFeatures], dtype);
        if (bias) Bias = Parameter.Uninitialized([outFeatures], dtype);
        ResetParameters();
    }

    /// <summary>(outFeatures, inFeatures)</summary>
    public Parameter Weight { get; set; }

    /// <summary>(outFeatures,), or null.</summary>
    public Parameter? Bias { get; set; }

    /// <summary>Draws the parameters anew.</summary>
    public void ResetParameters() => Init.ResetLinear(Weight, Bias);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Linear(input, Weight, Bias);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"in_features={Weight.Shape[1]}, out_features={Weight.Shape[0]}, bias={Bias is not null}";
}

/// <summary>y = x₁ᵀ · weight · x₂ + bias for each result. PyTorch's <c>nn.Bilinear</c>.</summary>
public class Bilinear : BinaryModule
{
    /// <summary>Weight and bias start uniform on ±1/√in1Features.</summary>
    public Bilinear(long in1Features, long in2Features, long outFeatures, bool bias = true, DType? dtype = null)
    {
        Weight = Parameter.Uninitialized([outFeatures, in1Features, in2Features], dtype);
        if (bias) Bias = Parameter.Uninitialized([outFeatures], dtype);
        double bound = 1 / Math.Sqrt(in1Features);
        Init.UniformInPlace(Weight, -bound, bound);
        if (Bias is not null) Init.UniformInPlace(Bias, -bound, bound);
    }

    /// <summary>(outFeatures, in1Features, in2Features)</summary>
    public Parameter Weight { get; set; }

    /// <summary>(outFeatures,), or null.</summary>
    public Parameter? Bias { get; set; }

    /// <summary>(…, in1Features), (…, in2Features) → (…, outFeatures)</summary>
    public override Tensor Forward(Tensor input1, Tensor input2) => F.Bilinear(input1, input2, Weight, Bias);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"in1_features={Weight.Shape[1]}, in2_features={Weight.Shape[2]}, out_features={Weight.Shape[0]}, bias={Bias is not null}";
}

/// <summary>The input itself. PyTorch's <c>nn.Identity</c>.</summary>
public class Identity : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input;
}

/// <summary>Axes made one; by default all but the batch's. PyTorch's <c>nn.Flatten</c>.</summary>
public class Flatten(int startDim = 1, int endDim = -1) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Flatten(startDim, endDim);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"start_dim={startDim}, end_dim={endDim}";
}

/// <summary>One axis made several. PyTorch's <c>nn.Unflatten</c>.</summary>
public class Unflatten(int dim, Dims unflattenedSize) : UnaryModule
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Unflatten(dim, unflattenedSize);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"dim={dim}, unflattened_size={unflattenedSize}";
}
