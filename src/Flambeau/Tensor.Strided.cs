using Flambeau.Ops;

namespace Flambeau;

public partial class Tensor
{
    /// <summary>A view of any elements of the storage: element (i, j, …) lies at storageOffset + i·stride[0] + j·stride[1] + … . Views may overlap themselves.</summary>
    /// <param name="size">The sizes.</param>
    /// <param name="stride">The distance from one index to the next along each axis, in elements; not negative.</param>
    /// <param name="storageOffset">Where the first element lies; by default where this tensor's does.</param>
    /// <exception cref="ArgumentException">Not as many strides as sizes, one is negative, or elements would lie outside the storage.</exception>
    public Tensor AsStrided(ReadOnlySpan<long> size, ReadOnlySpan<long> stride, long? storageOffset = null)
    {
        Dims sizes = Dims.Create(size), strides = Dims.Create(stride);
        CheckStrides("AsStrided", sizes, strides);
        long offset = storageOffset ?? Layout.Offset;
        if (offset < 0) throw new ArgumentException($"AsStrided: the storage offset is {offset}; it must not be negative.");
        return Op.Apply(new AsStrided(sizes, strides, offset, Layout), this);
    }

    /// <summary>This tensor with the elements that such a view would show replaced by <paramref name="src"/>. PyTorch's <c>as_strided_scatter</c>.</summary>
    /// <exception cref="ArgumentException">As <see cref="AsStrided"/>; or the source has another shape.</exception>
    public Tensor AsStridedScatter(Tensor src, ReadOnlySpan<long> size, ReadOnlySpan<long> stride, long? storageOffset = null)
    {
        Tensor y = Contiguous().Clone(), region = y.AsStrided(size, stride, storageOffset);
        if (region.Shape != src.Shape) throw new ArgumentException($"AsStridedScatter: the source has shape {src.Shape}, the place for it {region.Shape}.");
        region.CopyInPlace(src);
        return y;
    }

    /// <summary>A tensor whose elements are whatever the memory held, and lie at distances of <paramref name="stride"/> elements.</summary>
    /// <exception cref="ArgumentException">Not as many strides as sizes, or one is negative.</exception>
    public static Tensor EmptyStrided(ReadOnlySpan<long> size, ReadOnlySpan<long> stride, DType? dtype = null, Device device = default, bool requiresGrad = false)
    {
        Dims sizes = Dims.Create(size), strides = Dims.Create(stride);
        CheckStrides("EmptyStrided", sizes, strides);
        DType type = dtype ?? DefaultDType;
        Storage storage = NewStorage(checked((Ops.AsStrided.Last(sizes, strides, 0) + 1) * type.ItemSize), device = device.OrDefault);
        return new Tensor(storage, new Layout(sizes, strides.ToArray(), 0), type, device).Requiring(requiresGrad);
    }

    /// <summary>Another shape, in place: the elements stay in their order in memory; what memory is missing is added, with whatever it held. PyTorch's <c>resize_</c>.</summary>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    /// <exception cref="InvalidOperationException">The tensor requires grad.</exception>
    public Tensor ResizeInPlace(ReadOnlySpan<long> size)
    {
        if (RequiresGrad) throw new InvalidOperationException("ResizeInPlace: a tensor that requires grad cannot be resized. Use Detach() first, or Reshape.");
        Layout row = Layout.Contiguous(Dims.Create(size));
        long end = Layout.Offset + row.Count;
        if (end * DType.ItemSize > Storage.ByteLength)
        {
            Tensor larger = Empty([end], DType);
            long held = Storage.ByteLength / DType.ItemSize;
            larger.Narrow(0, 0, held).CopyInPlace(Alias(new Layout([held], [1], 0)));
            Storage = larger.Storage;
        }
        Layout = new Layout(row.Shape, row.Strides.ToArray(), Layout.Offset);
        return this;
    }

    /// <summary>As <see cref="ResizeInPlace"/>, to another's shape.</summary>
    /// <inheritdoc cref="ResizeInPlace"/>
    public Tensor ResizeAsInPlace(Tensor other) => ResizeInPlace(other.Shape);

    static void CheckStrides(string name, Dims size, Dims stride)
    {
        if (size.Length != stride.Length) throw new ArgumentException($"{name}: {size.Length} sizes {size} but {stride.Length} strides {stride}; each axis has one of both.");
        foreach (long s in size) if (s < 0) throw new ArgumentException($"{name}: the size {s} in {size} is negative.");
        foreach (long s in stride) if (s < 0) throw new ArgumentException($"{name}: the stride {s} in {stride} is negative. Use Flip to reverse an axis.");
    }
}
