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
        long offset = storageOffset ?? Layout.Offset, held = Storage.ByteLength / DType.ItemSize;
        if (offset < 0) throw new ArgumentException($"AsStrided: the storage offset is {offset}; it must not be negative.");
        if (Ops.AsStrided.Last(sizes, strides, offset) is var last && last >= held)
            throw new ArgumentException($"AsStrided: size {sizes} with strides {strides} from {offset} on reaches element {last} of a storage that has {held}.");
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
        Storage storage = new(checked((Ops.AsStrided.Last(sizes, strides, 0) + 1) * type.ItemSize));
        return new Tensor(storage, new Layout(sizes, strides.ToArray(), 0), type, device).Requiring(requiresGrad);
    }

    static void CheckStrides(string name, Dims size, Dims stride)
    {
        if (size.Length != stride.Length) throw new ArgumentException($"{name}: {size.Length} sizes {size} but {stride.Length} strides {stride}; each axis has one of both.");
        foreach (long s in size) if (s < 0) throw new ArgumentException($"{name}: the size {s} in {size} is negative.");
        foreach (long s in stride) if (s < 0) throw new ArgumentException($"{name}: the stride {s} in {stride} is negative. Use Flip to reverse an axis.");
    }
}
