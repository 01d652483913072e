using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Flambeau.Backends;
using Flambeau.Ops;

namespace Flambeau;

public partial class Tensor
{
    static DType s_default = DType.Float32;

    /// <summary>The floating-point type of tensors for which none is asked. PyTorch's <c>set_default_dtype</c>.</summary>
    /// <exception cref="ArgumentException">Set to a type that is not floating point.</exception>
    public static DType DefaultDType
    {
        get => s_default;
        set => s_default = value.IsFloatingPoint ? value : throw new ArgumentException($"DefaultDType must be a floating-point type, not {value}.");
    }

    /// <summary>Memory for a tensor, with whatever it held before.</summary>
    internal static Tensor Empty(TensorSpec spec) => new(
        NewStorage(checked(spec.Layout.Count * spec.DType.ItemSize), spec.Device),
        spec.Layout is { IsContiguous: true, Offset: 0 } l ? l : Layout.Contiguous(spec.Shape), spec.DType, spec.Device);

    internal static Storage NewStorage(long bytes, Device device) => device.IsMeta ? Storage.Meta(bytes) : new(bytes);

    /// <summary>A tensor whose elements are whatever the memory held.</summary>
    public static Tensor Empty(params ReadOnlySpan<long> shape) => Empty(shape, null);

    /// <inheritdoc cref="Empty(ReadOnlySpan{long})"/>
    public static Tensor Empty(ReadOnlySpan<long> shape, DType? dtype, Device device = default, bool requiresGrad = false) =>
        Marked(Empty(new TensorSpec(Dims.Create(shape), dtype ?? DefaultDType, device.OrDefault))).Requiring(requiresGrad);

    /// <summary>Zeros.</summary>
    public static Tensor Zeros(params ReadOnlySpan<long> shape) => Zeros(shape, null);

    /// <summary>Zeros of a type.</summary>
    public static Tensor Zeros(ReadOnlySpan<long> shape, DType? dtype, Device device = default, bool requiresGrad = false) =>
        Zeros(new TensorSpec(Dims.Create(shape), dtype ?? DefaultDType, device.OrDefault)).Requiring(requiresGrad);

    internal static Tensor Zeros(TensorSpec spec) => Filled(spec, 0);

    /// <summary>Ones.</summary>
    public static Tensor Ones(params ReadOnlySpan<long> shape) => Ones(shape, null);

    /// <summary>Ones of a type.</summary>
    public static Tensor Ones(ReadOnlySpan<long> shape, DType? dtype, Device device = default, bool requiresGrad = false) =>
        Ones(new TensorSpec(Dims.Create(shape), dtype ?? DefaultDType, device.OrDefault)).Requiring(requiresGrad);

    internal static Tensor Ones(TensorSpec spec) => Filled(spec, 1);

    /// <summary>One value everywhere.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="value">The value; its kind decides the type if none is given.</param>
    /// <param name="dtype">The type of the elements.</param>
    /// <param name="device">Where it lies.</param>
    /// <param name="requiresGrad">Whether gradients are wanted.</param>
    public static Tensor Full(ReadOnlySpan<long> shape, Scalar value, DType? dtype = null, Device device = default, bool requiresGrad = false) =>
        Filled(new TensorSpec(Dims.Create(shape), dtype ?? value.DefaultDType, device.OrDefault), value.Value).Requiring(requiresGrad);

    /// <summary>Notes the transform that runs: what is made inside its function may become its own.</summary>
    static Tensor Marked(Tensor y)
    {
        if (Transforms.Transform.Current is { } t) y.Storage.MadeIn = t;
        return y;
    }

    static Tensor Filled(TensorSpec spec, Complex value)
    {
        Tensor y = Marked(Empty(spec));
        if (!spec.Device.IsMeta) Backend.For(spec.Device).Fill(y, value);
        return y;
    }

    /// <summary>Uninitialized, of another's shape and type.</summary>
    public static Tensor EmptyLike(Tensor x, DType? dtype = null) => Marked(Empty(new TensorSpec(x.Shape, dtype ?? x.DType, x.Device)));

    /// <summary>Zeros of another's shape and type.</summary>
    public static Tensor ZerosLike(Tensor x, DType? dtype = null) => Zeros(new TensorSpec(x.Shape, dtype ?? x.DType, x.Device));

    /// <summary>Ones of another's shape and type.</summary>
    public static Tensor OnesLike(Tensor x, DType? dtype = null) => Ones(new TensorSpec(x.Shape, dtype ?? x.DType, x.Device));

    /// <summary>One value in another's shape and type.</summary>
    public static Tensor FullLike(Tensor x, Scalar value, DType? dtype = null) => Filled(new TensorSpec(x.Shape, dtype ?? x.DType, x.Device), value.Value);

    /// <summary>start, start + step, … below <paramref name="end"/>. Of integers, start and step are truncated first.</summary>
    /// <exception cref="ArgumentException">The step is 0 or leads away from the end, or a bound is not finite.</exception>
    public static Tensor Arange(Scalar start, Scalar end, Scalar? step = null, DType? dtype = null)
    {
        double a = start.Value.Real, b = end.Value.Real, s = step?.Value.Real ?? 1;
        if (!double.IsFinite(a) || !double.IsFinite(b) || s == 0 || double.IsNaN(s) || s > 0 != b > a && a != b) throw new ArgumentException($"Arange: a step of {s} does not lead from {a} to {b}.");
        DType t = dtype ?? (start.IsInteger && end.IsInteger && (step?.IsInteger ?? true) ? DType.Int64 : DefaultDType);
        double count = Math.Ceiling((b - a) / s);
        if (count > Array.MaxLength) throw new ArgumentException($"Arange: from {a} to {b} in steps of {s} there are {count} numbers, more than memory can hold.");
        if (!t.IsDifferentiable) (a, s) = (Math.Truncate(a), Math.Truncate(s));
        if (t == DType.Int64 && Math.Abs(a) + Math.Abs(s) * count < 1L << 53)
        {
            Tensor y = Empty([(long)count], t);
            if (!y.Device.IsMeta) Counted(y.Elements<long>(), (long)a, (long)s);
            return y;
        }
        Tensor values = Empty([(long)count], DType.Float64);
        if (!values.Device.IsMeta) Ramp(values.Elements<double>(), a, s, 0);
        return values.CastTo(t);
    }

    static void Counted(Span<long> y, long a, long s)
    {
        int i = 0, w = Vector<long>.Count;
        Vector<long> v = Vector<long>.Indices * s + new Vector<long>(a), step = new(w * s);
        for (; i + w <= y.Length; i += w, v += step) v.CopyTo(y[i..]);
        for (; i < y.Length; i++) y[i] = a + i * s;
    }

    /// <summary>a + (first + i)·s for i = 0, 1, …: rounded twice, wherever an element stands.</summary>
    static void Ramp(Span<double> y, double a, double s, double first)
    {
        int i = 0, w = Vector<double>.Count;
        Vector<double> k = Vector<double>.Indices + new Vector<double>(first), step = new(w), from = new(a), by = new(s);
        for (; i + w <= y.Length; i += w, k += step) (k * by + from).CopyTo(y[i..]);
        for (; i < y.Length; i++) y[i] = a + (first + i) * s;
    }

    /// <summary>0, 1, … below <paramref name="end"/>.</summary>
    public static Tensor Arange(Scalar end, DType? dtype = null) => Arange(0, end, null, dtype);

    /// <summary><paramref name="steps"/> values at equal distances from start to end, both included; one step is the start.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of steps is negative.</exception>
    public static Tensor Linspace(Scalar start, Scalar end, long steps, DType? dtype = null)
    {
        DType type = dtype ?? (start.DefaultDType.IsComplex || end.DefaultDType.IsComplex ? DefaultDType.Complex : DefaultDType);
        return Spaced("Linspace", start.Value, end.Value, steps, type).CastTo(type);
    }

    /// <summary>Powers of <paramref name="base"/> whose exponents lie at equal distances from start to end, both included. PyTorch's <c>logspace</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of steps is negative.</exception>
    public static Tensor Logspace(Scalar start, Scalar end, long steps, double @base = 10, DType? dtype = null)
    {
        DType type = dtype ?? (start.DefaultDType.IsComplex || end.DefaultDType.IsComplex ? DefaultDType.Complex : DefaultDType);
        return FromScalar(@base, DType.Float64).Pow(Spaced("Logspace", start.Value, end.Value, steps, type)).CastTo(type);
    }

    // In double precision; of integers, the ends are truncated and so is each value.
    static Tensor Spaced(string op, Complex start, Complex end, long steps, DType type)
    {
        if (steps < 0) throw new ArgumentOutOfRangeException(nameof(steps), steps, $"{op}: the number of steps must not be negative.");
        if (!type.IsDifferentiable) (start, end) = (Math.Truncate(start.Real), Math.Truncate(end.Real));
        Complex step = steps > 1 ? (end - start) / (steps - 1) : 0;
        // From both ends, so that both are met exactly.
        Complex At(long i) => i < steps / 2 || steps == 1 ? start + i * step : end - (steps - 1 - i) * step;
        if (type.IsComplex)
        {
            Complex[] pairs = new Complex[steps];
            for (long i = 0; i < steps; i++) pairs[i] = At(i);
            return From(pairs);
        }
        Tensor y = Empty([steps], DType.Float64);
        if (y.Device.IsMeta) return y;
        Span<double> values = y.Elements<double>();
        int half = steps == 1 ? 1 : (int)(steps / 2);
        Ramp(values[..half], start.Real, step.Real, 0);
        Ramp(values[half..], end.Real, step.Real, half - (steps - 1));
        if (!type.IsDifferentiable) foreach (ref double v in values) v = Math.Truncate(v);
        return y;
    }

    /// <summary>Ones on the diagonal, zeros elsewhere.</summary>
    public static Tensor Eye(long n, long? m = null, DType? dtype = null)
    {
        Tensor y = Zeros([n, m ?? n], dtype);
        y.Diagonal().FillInPlace(1);
        return y;
    }

    /// <summary>A scalar.</summary>
    public static Tensor FromScalar(Scalar value, DType? dtype = null) => Full([], value, dtype);

    /// <summary>A copy of the values in a shape.</summary>
    /// <param name="values">The elements, row by row.</param>
    /// <param name="shape">The sizes; if none are given, one axis.</param>
    /// <exception cref="ArgumentException">Their product is not the number of values.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        Dims dims = shape.IsEmpty ? [values.Length] : Dims.Create(shape);
        if (dims.Count != values.Length) throw new ArgumentException($"From: {values.Length} values do not fill the shape {dims}, which has {dims.Count} elements.");
        Tensor y = Empty(new TensorSpec(dims, DType.Of<T>(), Device.Default));
        if (!y.Device.IsMeta) values.CopyTo(y.Elements<T>());
        return y;
    }

    /// <summary>A copy of the values, with as many axes as the array has.</summary>
    /// <exception cref="ArgumentException">The element type is none of a tensor's.</exception>
    public static Tensor From<T>(T[] values) where T : unmanaged => From(values.AsSpan());

    /// <inheritdoc cref="From{T}(T[])"/>
    public static Tensor From<T>(ReadOnlySpan<T> values) where T : unmanaged => From(values, [values.Length]);

    /// <inheritdoc cref="From{T}(T[])"/>
    public static Tensor From<T>(T[,] values) where T : unmanaged => FromArray<T>(values);

    /// <inheritdoc cref="From{T}(T[])"/>
    public static Tensor From<T>(T[,,] values) where T : unmanaged => FromArray<T>(values);

    /// <inheritdoc cref="From{T}(T[])"/>
    public static Tensor From<T>(T[,,,] values) where T : unmanaged => FromArray<T>(values);

    static Tensor FromArray<T>(Array values) where T : unmanaged
    {
        var shape = new long[values.Rank];
        for (int d = 0; d < shape.Length; d++) shape[d] = values.GetLength(d);
        Tensor y = Empty(new TensorSpec(new Dims(shape), DType.Of<T>(), Device.Default));
        if (!y.Device.IsMeta) MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(values)), values.Length).CopyTo(y.Elements<T>());
        return y;
    }

    Tensor Requiring(bool requiresGrad)
    {
        if (requiresGrad) RequiresGrad = true;
        return this;
    }

    // ---- C# numbers as tensors: scalars that do not widen the type of what they meet ----

    static Tensor Number<T>(T value) where T : unmanaged
    {
        Tensor y = new(new Storage(Unsafe.SizeOf<T>()), Layout.Scalar, DType.Of<T>()) { IsWrappedNumber = true };
        Unsafe.As<byte, T>(ref y.Storage.GetPinnableReference()) = value;
        return y;
    }

    /// <summary>A number, where a tensor is asked for.</summary>
    public static implicit operator Tensor(double value) => Number(value);

    /// <inheritdoc cref="op_Implicit(double)"/>
    public static implicit operator Tensor(float value) => Number((double)value);

    /// <inheritdoc cref="op_Implicit(double)"/>
    public static implicit operator Tensor(int value) => Number((long)value);

    /// <inheritdoc cref="op_Implicit(double)"/>
    public static implicit operator Tensor(long value) => Number(value);

    /// <inheritdoc cref="op_Implicit(double)"/>
    public static implicit operator Tensor(bool value) => Number(value);

    /// <inheritdoc cref="op_Implicit(double)"/>
    public static implicit operator Tensor(Complex value) => Number(value);

    // ---- values out ----

    /// <summary>The elements of a contiguous tensor, for those who keep it alive.</summary>
    internal Span<T> Elements<T>() where T : unmanaged =>
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref Unsafe.As<byte, T>(ref Storage.GetPinnableReference()), (nint)Layout.Offset), checked((int)Count));

    /// <summary>The elements themselves, row by row, without a copy: writing here changes the tensor behind autograd's back.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the tensor's element type.</exception>
    /// <exception cref="InvalidOperationException">The elements do not lie row by row: call Contiguous() first.</exception>
    public Span<T> AsSpan<T>() where T : unmanaged
    {
        if (DType.Of<T>() != DType) throw new ArgumentException($"AsSpan<{typeof(T).Name}>: the tensor holds {DType}. Convert with To(DType.{DType.Of<T>()}) first.");
        if (!IsContiguous) throw new InvalidOperationException($"AsSpan: the elements of this view of shape {Shape} do not lie row by row. Call Contiguous() first.");
        Storage.Escape();
        return Elements<T>();
    }

    /// <summary>The one element of a tensor, converted.</summary>
    /// <exception cref="InvalidOperationException">There is not exactly one element.</exception>
    public T Item<T>() where T : unmanaged
    {
        if (Count != 1) throw new InvalidOperationException($"Item: the tensor has {Count} elements, of shape {Shape}; only one with a single element has a value.");
        return CastTo(DType.Of<T>()).Read<T>();
    }

    T Read<T>() where T : unmanaged => Unsafe.Add(ref Unsafe.As<byte, T>(ref Storage.GetPinnableReference()), (nint)Layout.Offset);

    /// <summary>A copy of all elements, row by row, converted.</summary>
    public T[] ToArray<T>() where T : unmanaged
    {
        Tensor t = CastTo(DType.Of<T>()).MakeContiguous();
        T[] result = t.Elements<T>().ToArray();
        GC.KeepAlive(t);
        return result;
    }

    /// <summary>The tensor itself if it has the type, else a converted copy; nothing is recorded.</summary>
    internal Tensor CastTo(DType dtype)
    {
        if (DType == dtype) return this;
        if (Transforms.Transform.Current is not null && Lift is not null) return Op.Apply(new Cast(dtype), this);
        Tensor y = Empty(new TensorSpec(Shape, dtype, Device));
        if (!Device.IsMeta) Backend.For(Device).Copy(this, y);
        GC.KeepAlive(this);
        return y;
    }

    /// <summary>The tensor itself if contiguous, else a copy; nothing is recorded.</summary>
    internal Tensor MakeContiguous()
    {
        if (IsContiguous) return this;
        if (Transforms.Transform.Current is not null && Lift is not null) return Op.Apply(new Cast(DType), this);
        Tensor y = Empty(new TensorSpec(Shape, DType, Device));
        if (!Device.IsMeta) Backend.For(Device).Copy(this, y);
        GC.KeepAlive(this);
        return y;
    }
}
