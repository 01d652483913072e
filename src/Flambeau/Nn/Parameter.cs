namespace Flambeau.Nn;

/// <summary>A tensor that a module learns. As a public property of a <see cref="Module"/> it is registered. PyTorch's <c>nn.Parameter</c>.</summary>
public class Parameter : Tensor
{
    /// <summary>Shares the memory of <paramref name="data"/>, not its history.</summary>
    /// <param name="data">The first values.</param>
    /// <param name="requiresGrad">Whether gradients are computed for it.</param>
    /// <exception cref="ArgumentException">Gradients are wanted of integers or bools.</exception>
    public Parameter(Tensor data, bool requiresGrad = true) : base(data) => RequiresGrad = requiresGrad;

    /// <summary>A parameter that a constructor is about to fill.</summary>
    internal static Parameter Uninitialized(ReadOnlySpan<long> shape, DType? dtype) => new(Empty(shape, dtype));
}
