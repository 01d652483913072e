namespace Flambeau.IO;

/// <summary>PyTorch's names of element types, storages and constants.</summary>
internal static class TorchTypes
{
    /// <summary>The name of each <see cref="DType"/>, the class of its storage, its other names.</summary>
    static readonly (string Name, string Storage, string[] Also)[] s_types =
    [
        ("bool", "BoolStorage", []), ("uint8", "ByteStorage", []), ("int8", "CharStorage", []), ("int16", "ShortStorage", ["short"]), ("int32", "IntStorage", ["int"]),
        ("int64", "LongStorage", ["long"]), ("float16", "HalfStorage", ["half"]), ("bfloat16", "BFloat16Storage", []), ("float32", "FloatStorage", ["float"]),
        ("float64", "DoubleStorage", ["double"]), ("complex64", "ComplexFloatStorage", ["cfloat"]), ("complex128", "ComplexDoubleStorage", ["cdouble"]),
    ];

    static readonly string[] s_constants =
    [
        "strided", "sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "jagged", "contiguous_format", "channels_last", "channels_last_3d", "preserve_format",
    ];

    static readonly Dictionary<string, DType> s_dtypes = [], s_storages = [];

    static TorchTypes()
    {
        for (int i = 0; i < s_types.Length; i++)
        {
            s_dtypes.Add($"torch.{s_types[i].Name}", (DType)i);
            foreach (string also in s_types[i].Also) s_dtypes.Add($"torch.{also}", (DType)i);
            s_storages.Add($"torch.{s_types[i].Storage}", (DType)i);
        }
    }

    public static DType? DTypeOf(string full) => s_dtypes.TryGetValue(full, out DType t) ? t : null;

    public static string NameOf(DType t) => s_types[(int)t].Name;

    public static string StorageOf(DType t) => s_types[(int)t].Storage;

    public static bool IsStorage(string full) => full is "torch.storage.UntypedStorage" or "torch.UntypedStorage" || s_storages.ContainsKey(full);

    /// <summary>The elements' type of a class of storage; bytes where it has none.</summary>
    public static DType ElementsOf(PythonName storage) => s_storages.TryGetValue(storage.Name, out DType t) ? t
        : IsStorage(storage.Name) ? DType.UInt8 : throw new InvalidDataException($"'{storage.Name}' is no class of storages");

    public static bool IsConstant(string full) => full.StartsWith("torch.", StringComparison.Ordinal) && s_constants.AsSpan().Contains(full[6..]);

    /// <summary>What PyTorch has and Flambeau has not, and what to do; null for any other name.</summary>
    public static string? Unsupported(string full) => full switch
    {
        "torch._utils._rebuild_qtensor" or "torch.QInt8Storage" or "torch.QUInt8Storage" or "torch.QInt32Storage" or "torch.QUInt4x2Storage" or "torch.QUInt2x4Storage"
            or "torch.qint8" or "torch.quint8" or "torch.qint32" or "torch.quint4x2" or "torch.quint2x4" => "a quantized tensor, which Flambeau does not have: in Python, save x.dequantize()",
        "torch._utils._rebuild_sparse_tensor" or "torch._utils._rebuild_sparse_csr_tensor" => "a sparse tensor, which Flambeau does not have: in Python, save x.to_dense()",
        "torch._utils._rebuild_nested_tensor" => "a nested tensor, which Flambeau does not have: in Python, save x.to_padded_tensor(0)",
        "torch.storage._load_from_bytes" => "a tensor that was saved by pickle itself: in Python, save it by torch.save",
        "torch.complex32" or "torch.ComplexHalfStorage" or "torch.uint16" or "torch.uint32" or "torch.uint64" or "torch.float8_e4m3fn" or "torch.float8_e5m2" or "torch.float8_e4m3fnuz"
            or "torch.float8_e5m2fnuz" or "torch.float8_e8m0fnu" or "torch.float4_e2m1fn_x2" => $"a tensor of {full}, a type that Flambeau does not have: in Python, convert it before saving",
        _ => null,
    };
}
