using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Flambeau.IO;

/// <summary>Where a tensor lies in a safetensors file: bytes [Begin, End) after the header.</summary>
internal sealed record SafeTensorsEntry(string Name, DType DType, Dims Shape, long Begin, long End);

/// <summary>The JSON header of a safetensors file.</summary>
internal sealed record SafeTensorsHeader(List<SafeTensorsEntry> Entries, OrderedDictionary<string, string> Metadata)
{
    /// <summary>The longest header a reader has to accept.</summary>
    public const int MostBytes = 100_000_000;

    public const string MetadataKey = "__metadata__", DTypeKey = "dtype", ShapeKey = "shape", OffsetsKey = "data_offsets";

    /// <summary>In the order of <see cref="Flambeau.DType"/>.</summary>
    static readonly string[] Names = ["BOOL", "U8", "I8", "I16", "I32", "I64", "F16", "BF16", "F32", "F64", "C64", "C128"];

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static DType? DTypeOf(string name) => Array.IndexOf(Names, name) is >= 0 and var i ? (DType)i : null;

    /// <summary>
    /// The header of a file of these tensors, named in their order; their data are laid by descending size of the elements, so that
    /// every tensor is aligned.
    /// </summary>
    public static SafeTensorsHeader Of(IEnumerable<KeyValuePair<string, Tensor>> tensors, IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        SafeTensorsHeader header = new([], new(metadata ?? []));
        foreach (var (name, t) in tensors)
        {
            if (t is null) throw new ArgumentException($"The tensor '{name}' is null.", nameof(tensors));
            if (name == MetadataKey) throw new ArgumentException($"No tensor of a safetensors file can be named '{MetadataKey}'.", nameof(tensors));
            header.Entries.Add(new(name, t.DType, t.Shape, 0, TensorBytes.ByteLength(t)));
        }
        long at = 0;
        foreach (int i in header.ByData(i => -header.Entries[i].DType.ItemSize))
        {
            SafeTensorsEntry e = header.Entries[i];
            header.Entries[i] = e with { Begin = at, End = at = checked(at + e.End) };
        }
        return header;
    }

    /// <summary>The numbers of the entries in the order of their data.</summary>
    public int[] ByData() => ByData(i => Entries[i].Begin);

    /// <summary>Empty ones come first among equals, since they begin where the next one does.</summary>
    int[] ByData(Func<int, long> key) => [.. Enumerable.Range(0, Entries.Count).OrderBy(key).ThenBy(i => Entries[i].End > Entries[i].Begin)];

    /// <summary>The header as UTF-8, padded with spaces to a multiple of 8 bytes.</summary>
    /// <exception cref="ArgumentException">A text is no valid UTF-16, or the header is too long.</exception>
    public ReadOnlySpan<byte> ToJson()
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (Metadata.Count > 0)
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, value) in Metadata) json.WriteString(Checked(key), Checked(value));
                json.WriteEndObject();
            }
            foreach (SafeTensorsEntry e in Entries)
            {
                json.WriteStartObject(Checked(e.Name));
                json.WriteString(DTypeKey, Names[(int)e.DType]);
                WriteNumbers(json, ShapeKey, e.Shape);
                WriteNumbers(json, OffsetsKey, [e.Begin, e.End]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        int padding = -bytes.WrittenCount & 7;
        bytes.GetSpan(8)[..padding].Fill((byte)' ');
        bytes.Advance(padding);
        if (bytes.WrittenCount > MostBytes)
            throw new ArgumentException($"Names and metadata take {Memory.Format(bytes.WrittenCount)}; a safetensors file has room for {Memory.Format(MostBytes)}.");
        return bytes.WrittenSpan;
    }

    static void WriteNumbers(Utf8JsonWriter json, string key, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(key);
        foreach (long n in numbers) json.WriteNumberValue(n);
        json.WriteEndArray();
    }

    /// <summary>The text itself; the JSON writer would put � for half a surrogate pair, and two names could become one.</summary>
    public static string Checked(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try { Strict.GetByteCount(text); }
        catch (EncoderFallbackException e) { throw new ArgumentException($"A text that is not valid Unicode cannot be saved: {e.Message}", nameof(text), e); }
        return text;
    }
}
