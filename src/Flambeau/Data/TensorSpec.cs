namespace Flambeau;

/// <summary>What an operation will answer: shape, type and device, before anything is computed.</summary>
/// <param name="Layout">The shape, row by row.</param>
/// <param name="DType">The type of the elements.</param>
/// <param name="Device">Where it lies.</param>
public readonly record struct TensorSpec(Layout Layout, DType DType, Device Device = default)
{
    /// <summary>A contiguous tensor of this shape.</summary>
    public TensorSpec(Dims shape, DType dtype, Device device = default) : this(Layout.Contiguous(shape), dtype, device) { }

    /// <summary>The sizes.</summary>
    public Dims Shape => Layout.Shape;
}
