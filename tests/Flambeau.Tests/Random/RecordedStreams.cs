using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Flambeau.Tests;

/// <summary>What PyTorch's generator gave: a zip of safetensors files named seedN, each with a JSON list of calls made twice.</summary>
sealed class RecordedStreams
{
    public sealed record Row(long Seed, string Call, double[] First, double[] Second);

    public required IReadOnlyList<Row> Rows { get; init; }

    /// <summary>The tensors by name, beside those of rows.</summary>
    public required IReadOnlyDictionary<string, double[]> Tensors { get; init; }

    public static RecordedStreams Read(string file)
    {
        var rows = new List<Row>();
        var tensors = new Dictionary<string, double[]>();
        using ZipArchive zip = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", file));
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using var memory = new MemoryStream();
            using (Stream stream = entry.Open()) stream.CopyTo(memory);
            byte[] bytes = memory.ToArray();
            int headerSize = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
            using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, headerSize));
            foreach (JsonProperty p in header.RootElement.EnumerateObject())
            {
                if (p.Name == "__metadata__") continue;
                int begin = 8 + headerSize + p.Value.GetProperty("data_offsets")[0].GetInt32();
                int end = 8 + headerSize + p.Value.GetProperty("data_offsets")[1].GetInt32();
                string dtype = p.Value.GetProperty("dtype").GetString()!;
                tensors[p.Name] = Numbers(dtype, bytes.AsSpan(begin, end - begin));
            }
            string list = header.RootElement.GetProperty("__metadata__").GetProperty("rows").GetString()!;
            using JsonDocument calls = JsonDocument.Parse(list);
            long seed = long.Parse(Path.GetFileNameWithoutExtension(entry.Name)["seed".Length..]);
            foreach (JsonElement row in calls.RootElement.EnumerateArray())
            {
                string Name(string which) => row.GetProperty(which).GetProperty("t").GetString()!;
                rows.Add(new Row(seed, row.GetProperty("call").GetString()!, tensors[Name("first")], tensors[Name("second")]));
            }
        }
        return new RecordedStreams { Rows = rows, Tensors = tensors };
    }

    static T[] Numbers<T>(ReadOnlySpan<byte> bytes) where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(bytes).ToArray();

    static double[] Numbers(string dtype, ReadOnlySpan<byte> bytes) => dtype switch
    {
        "F64" => Numbers<double>(bytes),
        "F32" => [.. Numbers<float>(bytes).Select(x => (double)x)],
        "F16" => [.. Numbers<Half>(bytes).Select(x => (double)x)],
        "BF16" => [.. Numbers<ushort>(bytes).Select(x => (double)BitConverter.UInt32BitsToSingle((uint)x << 16))],
        "I64" => [.. Numbers<long>(bytes).Select(x => (double)x)],
        "I32" => [.. Numbers<int>(bytes).Select(x => (double)x)],
        "I16" => [.. Numbers<short>(bytes).Select(x => (double)x)],
        "I8" => [.. Numbers<sbyte>(bytes).Select(x => (double)x)],
        _ => [.. Numbers<byte>(bytes).Select(x => (double)x)],
    };
}
