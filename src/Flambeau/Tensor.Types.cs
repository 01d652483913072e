using Flambeau.Ops;

namespace Flambeau;

/// <summary>In which order the axes of a tensor lie in memory. PyTorch's <c>torch.memory_format</c>.</summary>
public enum MemoryFormat
{
    /// <summary>As the input lies.</summary>
    PreserveFormat,

    /// <summary>Row by row.</summary>
    ContiguousFormat,

    /// <summary>(N, C, H, W) with the channels of a pixel next to each other.</summary>
    ChannelsLast,

    /// <summary>(N, C, D, H, W) with the channels of a voxel next to each other.</summary>
    ChannelsLast3d,
}

// Conversions, and tensors made after the model of this one.
public partial class Tensor
{
    /// <summary>The tensor itself if it has the type, else a converted copy.</summary>
    public Tensor To(DType dtype) => dtype == DType ? this : Cast(dtype);

    /// <summary>The tensor itself if it has the type and the order of axes, else a converted copy.</summary>
    /// <param name="dtype">The type.</param>
    /// <param name="nonBlocking">Without effect between places in the same memory.</param>
    /// <param name="copy">Whether to copy in any case.</param>
    /// <param name="memoryFormat">The order of the axes in memory.</param>
    public Tensor To(DType dtype, bool nonBlocking, bool copy = false, MemoryFormat memoryFormat = MemoryFormat.PreserveFormat)
    {
        Tensor y = Cast(dtype).Contiguous(memoryFormat);
        return copy && ReferenceEquals(y, this) ? Clone() : y;
    }

    /// <summary>The tensor itself if it lies there and has the type, else a copy.</summary>
    /// <inheritdoc cref="To(DType, bool, bool, MemoryFormat)"/>
    /// <exception cref="InvalidOperationException">The tensor lies on the meta device, and shall lie elsewhere.</exception>
    public Tensor To(Device device, DType? dtype = null, bool nonBlocking = false, bool copy = false, MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) =>
        device == Device ? To(dtype ?? DType, nonBlocking, copy, memoryFormat)
        : device.IsMeta ? EmptyStrided(Shape, Strides, dtype ?? DType, device)
        : throw new InvalidOperationException($"To: a tensor on the {Device} device has no numbers to bring to {device}. Make it there, for a module by ToEmpty(device).");

    /// <summary>With another's type and place.</summary>
    /// <inheritdoc cref="To(DType, bool, bool, MemoryFormat)"/>
    public Tensor To(Tensor other, bool nonBlocking = false, bool copy = false, MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) =>
        To(other.Device, other.DType, nonBlocking, copy, memoryFormat);

    /// <summary>The type to which both convert in an operation: sizes with axes count before scalars, those before C# numbers. PyTorch's <c>torch.result_type</c>.</summary>
    public static DType ResultType(Tensor tensor, Tensor other) => Shapes.ResultType([tensor, other]);

    /// <summary>With another's type. PyTorch's <c>type_as</c>.</summary>
    public Tensor TypeAs(Tensor other) => To(other.DType);

    Tensor Cast(DType dtype) => dtype == DType ? this : Op.Apply(new Cast(dtype), this);

    /// <summary>As float16.</summary>
    public Tensor Half(MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) => To(DType.Float16, false, false, memoryFormat);

    /// <summary>As bfloat16.</summary>
    public Tensor BFloat16(MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) => To(DType.BFloat16, false, false, memoryFormat);

    /// <summary>As float32.</summary>
    public Tensor Float(MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) => To(DType.Float32, false, false, memoryFormat);

    /// <summary>As float64.</summary>
    public Tensor Double(MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) => To(DType.Float64, false, false, memoryFormat);

    /// <summary>As uint8.</summary>
    public Tensor Byte(MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) => To(DType.UInt8, false, false, memoryFormat);

    /// <summary>As int8.</summary>
    public Tensor Char(MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) => To(DType.Int8, false, false, memoryFormat);

    /// <summary>As int16.</summary>
    public Tensor Short(MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) => To(DType.Int16, false, false, memoryFormat);

    /// <summary>As int32.</summary>
    public Tensor Int(MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) => To(DType.Int32, false, false, memoryFormat);

    /// <summary>As int64.</summary>
    public Tensor Long(MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) => To(DType.Int64, false, false, memoryFormat);

    /// <summary>As bool: whether not 0.</summary>
    public Tensor Bool(MemoryFormat memoryFormat = MemoryFormat.PreserveFormat) => To(DType.Bool, false, false, memoryFormat);

    /// <summary>A contiguous copy, through which gradients flow.</summary>
    public Tensor Clone() => Op.Apply(new Cast(DType), this);

    /// <summary>A copy with the axes in this order in memory.</summary>
    public Tensor Clone(MemoryFormat memoryFormat)
    {
        Tensor y = Contiguous(memoryFormat);
        return ReferenceEquals(y, this) ? Clone() : y;
    }

    /// <summary>The tensor itself if its elements lie row by row, else a copy that does.</summary>
    public Tensor Contiguous() => IsContiguous ? this : Clone();

    /// <summary>The tensor itself if its axes lie in this order in memory, else a copy that does.</summary>
    /// <exception cref="ArgumentException">The tensor has another number of axes than the format.</exception>
    public Tensor Contiguous(MemoryFormat memoryFormat)
    {
        if (memoryFormat == MemoryFormat.PreserveFormat) return this;
        if (memoryFormat == MemoryFormat.ContiguousFormat) return Contiguous();
        int rank = memoryFormat == MemoryFormat.ChannelsLast ? 4 : 5;
        if (Rank != rank) throw new ArgumentException($"{memoryFormat}: a tensor with {rank} axes is wanted, not one of shape {Shape}.");
        Tensor last = MoveDim(1, -1);                                          // (N, …, C)
        return last.IsContiguous ? this : last.Clone().MoveDim(-1, 1);
    }

    // ---- after the model of this one ----

    /// <summary>A new tensor with whatever the memory held, of this one's type unless another is given.</summary>
    public Tensor NewEmpty(ReadOnlySpan<long> size, DType? dtype = null, Device? device = null, bool requiresGrad = false) => Empty(size, dtype ?? DType, device ?? Device, requiresGrad);

    /// <summary>A new tensor with whatever the memory held, at distances of <paramref name="stride"/> elements.</summary>
    public Tensor NewEmptyStrided(ReadOnlySpan<long> size, ReadOnlySpan<long> stride, DType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        EmptyStrided(size, stride, dtype ?? DType, device ?? Device, requiresGrad);

    /// <summary>New zeros, of this tensor's type unless another is given.</summary>
    public Tensor NewZeros(ReadOnlySpan<long> size, DType? dtype = null, Device? device = null, bool requiresGrad = false) => Zeros(size, dtype ?? DType, device ?? Device, requiresGrad);

    /// <summary>New ones, of this tensor's type unless another is given.</summary>
    public Tensor NewOnes(ReadOnlySpan<long> size, DType? dtype = null, Device? device = null, bool requiresGrad = false) => Ones(size, dtype ?? DType, device ?? Device, requiresGrad);

    /// <summary>A new tensor with one value everywhere, of this one's type unless another is given.</summary>
    public Tensor NewFull(ReadOnlySpan<long> size, Scalar fillValue, DType? dtype = null, Device? device = null, bool requiresGrad = false) =>
        Full(size, fillValue, dtype ?? DType, device ?? Device, requiresGrad);

    /// <summary>Whole numbers, uniform on [low, high), in another's shape and type.</summary>
    public static Tensor RandIntLike(Tensor x, long low, long high, DType? dtype = null, Generator? generator = null) => RandInt(low, high, x.Shape, dtype ?? x.DType, generator);

    /// <summary>Whole numbers, uniform on [0, high), in another's shape and type.</summary>
    public static Tensor RandIntLike(Tensor x, long high, DType? dtype = null, Generator? generator = null) => RandIntLike(x, 0, high, dtype, generator);
}
