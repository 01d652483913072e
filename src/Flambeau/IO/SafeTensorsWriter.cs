using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Flambeau.IO;

static class SafeTensorsWriter
{
    /// <summary>Places the tensors one after another, types with large elements first, so that all are aligned.</summary>
    public static SafeTensorEntry[] Place(IReadOnlyDictionary<string, Tensor> tensors)
    {
        var entries = new SafeTensorEntry[tensors.Count];
        long at = 0;
        foreach ((int i, var (name, t)) in tensors.Index().OrderByDescending(t => t.Item.Value.DType.ItemSize))
        {
            if (name == "__metadata__") throw new ArgumentException("'__metadata__' cannot name a tensor in a safetensors file.", nameof(tensors));
            long end = checked(at + t.Count * t.DType.ItemSize);
            entries[i] = new(name, t.DType, t.Shape, at, end);
            at = end;
        }
        return entries;
    }

    public static void Write(Stream stream, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        SafeTensorEntry[] entries = Place(tensors);
        WriteHeader(stream, entries, metadata);
        foreach (SafeTensorEntry e in entries.OrderBy(e => e.Begin)) WriteElements(tensors[e.Name], bytes => stream.Write(bytes));
    }

    static void WriteHeader(Stream stream, SafeTensorEntry[] entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using MemoryStream header = new();
        using (Utf8JsonWriter json = new(header, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }
            foreach (SafeTensorEntry e in entries)
            {
                json.WriteStartObject(e.Name);
                json.WriteString("dtype", SafeTensorTypes.NameOf(e.DType));
                json.WriteStartArray("shape");
                foreach (long s in e.Shape) json.WriteNumberValue(s);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(e.Begin);
                json.WriteNumberValue(e.End);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (header.Length % 8 != 0) header.WriteByte((byte)' ');
        if (header.Length > SafeTensorsReader.MaxHeader)
            throw new ArgumentException($"The header of a safetensors file cannot be longer than {Memory.Format(SafeTensorsReader.MaxHeader)}; names and metadata take {Memory.Format(header.Length)}.");
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        header.WriteTo(stream);
    }

    /// <summary>The elements row by row, in pieces.</summary>
    public static unsafe void WriteElements(Tensor tensor, Action<ReadOnlySpan<byte>> write)
    {
        Tensor t = tensor.MakeContiguous();
        long bytes = t.Count * t.DType.ItemSize, offset = t.Layout.Offset * t.DType.ItemSize;
        fixed (byte* p = t.Storage)
            for (long at = 0; at < bytes; at += SafeTensorsReader.Piece)
                write(new(p + offset + at, (int)Math.Min(SafeTensorsReader.Piece, bytes - at)));
        GC.KeepAlive(t);
    }
}
