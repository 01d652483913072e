namespace Flambeau.IO;

/// <summary>One tensor of a safetensors file: its type, shape and place among the elements.</summary>
readonly record struct SafeTensorEntry(string Name, DType DType, Dims Shape, long Begin, long End);

static class SafeTensorTypes
{
    static readonly (DType DType, string Name)[] s_names =
    [
        (DType.Bool, "BOOL"), (DType.UInt8, "U8"), (DType.Int8, "I8"), (DType.Int16, "I16"), (DType.Int32, "I32"), (DType.Int64, "I64"),
        (DType.Float16, "F16"), (DType.BFloat16, "BF16"), (DType.Float32, "F32"), (DType.Float64, "F64"), (DType.Complex64, "C64"), (DType.Complex128, "C128"),
    ];

    public static string NameOf(DType t) => Array.Find(s_names, n => n.DType == t).Name;

    public static bool TryParse(string? name, out DType dtype)
    {
        int i = Array.FindIndex(s_names, n => n.Name == name);
        dtype = i >= 0 ? s_names[i].DType : default;
        return i >= 0;
    }
}
