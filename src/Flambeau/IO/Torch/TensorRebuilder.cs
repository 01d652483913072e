namespace Flambeau.IO;

/// <summary>PyTorch's functions that make tensors of storages. A storage is a tensor of one axis.</summary>
internal sealed class TensorRebuilder(StorageSource storages)
{
    const string Prefix = "torch._utils._rebuild_";

    /// <summary>Calls the function of that name; null if it is none of these, or the arguments are wrong.</summary>
    public Tensor? Call(string name, object?[] a) => !name.StartsWith(Prefix, StringComparison.Ordinal) ? null : (name[Prefix.Length..], a) switch
    {
        ("tensor", [Tensor s, long offset, var size, var stride]) => View(s, s.DType, offset, size, stride),
        ("tensor_v2", [Tensor s, long offset, var size, var stride, bool grad, _, .. var more]) => Require(Resolve(View(s, s.DType, offset, size, stride), more), grad),
        ("tensor_v3", [Tensor s, long offset, var size, var stride, bool grad, _, DType dtype, .. var more]) => Require(Resolve(View(s, dtype, offset, size, stride), more), grad),
        ("meta_tensor_no_storage", [DType dtype, var size, var stride, bool grad]) => Require(OnMeta(dtype, size, stride), grad),
        ("parameter", [Tensor t, bool grad, _]) => Parameter(t, grad),
        ("parameter_with_state", [Tensor t, bool grad, _, _]) => Parameter(t, grad),
        _ => null,
    };

    static Tensor OnMeta(DType dtype, object? size, object? stride)
    {
        Dims shape = Sizes(size, "a tensor's shape"), strides = Sizes(stride, "a tensor's strides");
        if (shape.Length != strides.Length) throw new InvalidDataException($"a tensor has the shape {shape}, but the strides {strides}");
        try { return Tensor.EmptyStrided(shape, strides, dtype, Device.Meta); }
        catch (Exception e) when (e is ArgumentException or OverflowException) { throw new InvalidDataException($"a tensor has the shape {shape} and the strides {strides}", e); }
    }

    static Tensor Require(Tensor t, bool grad)
    {
        if (grad) CheckDifferentiable(t);
        return grad ? t.SetRequiresGrad() : t;
    }

    static Nn.Parameter Parameter(Tensor t, bool grad)
    {
        if (grad) CheckDifferentiable(t);
        return new(t, grad);
    }

    static void CheckDifferentiable(Tensor t)
    {
        if (!t.DType.IsDifferentiable) throw new InvalidDataException($"a tensor of {t.DType} requires grad");
    }

    /// <summary>Views that are to be seen conjugated or negated become plain tensors.</summary>
    static Tensor Resolve(Tensor t, object?[] more)
    {
        if (more is not [OrderedDictionary<object, object?> bits]) return t;
        using var _ = Autograd.NoGrad();
        if (bits.TryGetValue("conj", out object? conj) && conj is true && t.DType.IsComplex) t = t.Conj();
        return bits.TryGetValue("neg", out object? neg) && neg is true && t.DType != DType.Bool ? t.Neg() : t;
    }

    Tensor View(Tensor storage, DType dtype, long offset, object? size, object? stride)
    {
        Dims shape = Sizes(size, "a tensor's shape"), strides = Sizes(stride, "a tensor's strides");
        if (storage.Rank != 1 || !storage.IsContiguous) throw new InvalidDataException("a tensor is made of what is no storage");
        if (shape.Length != strides.Length) throw new InvalidDataException($"a tensor has the shape {shape}, but the strides {strides}");
        long available = (storage.Storage.ByteLength - storage.Layout.Offset * storage.DType.ItemSize) / dtype.ItemSize;
        Int128 last = offset, count = 1, size0 = 1;
        for (int d = 0; d < shape.Length; d++)
        {
            last += (Int128)(shape[d] - 1) * strides[d];
            count *= shape[d];
            size0 *= Math.Max(1, shape[d]);
            if (size0 > long.MaxValue) throw new InvalidDataException($"a tensor has the shape {shape}");
        }
        if (offset < 0 || count > 0 && last >= available)
            throw new InvalidDataException($"a tensor of shape {shape} with strides {strides} from {offset} lies outside its storage of {available} elements");
        if (dtype == DType.Bool) storages.CheckBools(storage.Storage);
        if (count == 0) return storage.Alias(Layout.Contiguous(shape), dtype);
        offset += storage.Layout.Offset * storage.DType.ItemSize / dtype.ItemSize;
        Layout rows = Layout.Contiguous(shape);
        return storage.Alias(offset == 0 && rows.Strides.SequenceEqual(strides) ? rows : new(shape, strides.ToArray(), offset), dtype);
    }

    /// <summary>Sizes or strides: whole numbers, none negative, at most as many as a tensor has axes.</summary>
    public static Dims Sizes(object? value, string what)
    {
        if (value is Dims dims) return dims;
        IReadOnlyList<object?> list = value as IReadOnlyList<object?> ?? throw new InvalidDataException($"{what} is a {PickleTypes.Describe(value)}");
        if (list.Count > Layout.MaxRank) throw new InvalidDataException($"{what} has {list.Count} numbers; a tensor has at most {Layout.MaxRank} axes");
        long[] sizes = new long[list.Count];
        for (int i = 0; i < sizes.Length; i++) sizes[i] = list[i] is long n and >= 0 ? n : throw new InvalidDataException($"{what} has the {PickleTypes.Describe(list[i])} {list[i]} in it");
        return new(sizes);
    }
}
