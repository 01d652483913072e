using System.Buffers.Binary;
using System.Text.Json;

namespace Flambeau.IO;

/// <summary>Reads a safetensors file: first the header, of which nothing is believed, then the elements.</summary>
sealed class SafeTensorsReader
{
    /// <summary>The longest header; as in the format's own library.</summary>
    public const long MaxHeader = 100_000_000;

    /// <summary>How many bytes are read or written at a time.</summary>
    public const int Piece = 1 << 22;

    readonly Stream _stream;
    readonly string _path;
    readonly long _elements;                                                    // where they begin

    public SafeTensorsReader(Stream stream, string path)
    {
        (_stream, _path) = (stream, path);
        Span<byte> prefix = stackalloc byte[8];
        if (stream.Length < 8) throw Bad($"it has {stream.Length} bytes, too few for the length of a header");
        stream.ReadExactly(prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeader) throw Bad($"its header claims a length of {length} bytes; at most {MaxHeader} are allowed");
        if (length > (ulong)(stream.Length - 8)) throw Bad($"its header claims a length of {length} bytes, but only {stream.Length - 8} follow");
        _elements = 8 + (long)length;
        byte[] header = new byte[length];
        stream.ReadExactly(header);
        try { (Entries, Metadata) = Parse(header); }
        catch (JsonException e) { throw Bad($"its header is no valid JSON: {e.Message}"); }
        catch (InvalidOperationException e) { throw Bad($"its header is no valid JSON: {e.Message}"); }         // invalid UTF-8 in a string
        CheckPlaces(stream.Length - _elements);
    }

    /// <summary>The tensors in the header's order.</summary>
    public IReadOnlyList<SafeTensorEntry> Entries { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public InvalidDataException Bad(string what) => new($"'{_path}' is no intact safetensors file: {what}.");

    (List<SafeTensorEntry>, OrderedDictionary<string, string>) Parse(byte[] header)
    {
        Utf8JsonReader json = new(header, new() { MaxDepth = 4 });
        List<SafeTensorEntry> entries = [];
        OrderedDictionary<string, string> metadata = [];
        HashSet<string> names = [];
        Expect(ref json, JsonTokenType.StartObject, "the header");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            if (!names.Add(name)) throw Bad($"'{name}' stands twice in the header");
            if (name != "__metadata__") { entries.Add(ParseEntry(ref json, name)); continue; }
            Expect(ref json, JsonTokenType.StartObject, "the metadata");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string key = json.GetString()!;
                Expect(ref json, JsonTokenType.String, $"the metadata '{key}'");
                if (!metadata.TryAdd(key, json.GetString()!)) throw Bad($"'{key}' stands twice in the metadata");
            }
        }
        while (json.Read()) { }                                                 // whatever follows the object is an error of its own
        return (entries, metadata);
    }

    SafeTensorEntry ParseEntry(ref Utf8JsonReader json, string name)
    {
        DType? dtype = null;
        long[]? shape = null, offsets = null;
        Expect(ref json, JsonTokenType.StartObject, $"the tensor '{name}'");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string field = json.GetString()!;
            switch (field)
            {
                case "dtype" when dtype is null:
                    Expect(ref json, JsonTokenType.String, $"the dtype of '{name}'");
                    if (!SafeTensorTypes.TryParse(json.GetString(), out DType t)) throw Bad($"the tensor '{name}' has the dtype {json.GetString()}, which Flambeau does not know");
                    dtype = t;
                    break;
                case "shape" when shape is null: shape = ParseNumbers(ref json, name, "shape"); break;
                case "data_offsets" when offsets is null: offsets = ParseNumbers(ref json, name, "data_offsets"); break;
                default: throw Bad($"the tensor '{name}' has a field '{field}' that does not belong there or stands twice");
            }
        }
        if (dtype is null || shape is null || offsets is not [long begin, long end]) throw Bad($"the tensor '{name}' lacks its dtype, its shape or two data_offsets");
        if (shape.Length > Layout.MaxRank) throw Bad($"the tensor '{name}' has {shape.Length} axes; Flambeau knows at most {Layout.MaxRank}");
        long bytes = dtype.Value.ItemSize;
        bool fits = true;
        foreach (long s in shape)
            if (s == 0) bytes = 0;
            else if (bytes > long.MaxValue / s) fits = false;
            else bytes *= s;
        if (!fits && !shape.Contains(0) || bytes != end - begin)
            throw Bad($"the tensor '{name}' of shape ({string.Join(", ", shape)}) and type {dtype} does not take the {end - begin} bytes it is given");
        try { _ = Layout.Contiguous(shape); }
        catch (ArgumentException e) { throw Bad($"the tensor '{name}': {e.Message}"); }
        return new(name, dtype.Value, shape, begin, end);
    }

    long[] ParseNumbers(ref Utf8JsonReader json, string name, string field)
    {
        Expect(ref json, JsonTokenType.StartArray, $"{field} of '{name}'");
        List<long> numbers = [];
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            numbers.Add(json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long x) && x >= 0 ? x
                : throw Bad($"{field} of the tensor '{name}' holds something else than whole numbers from 0 on"));
        return [.. numbers];
    }

    void Expect(ref Utf8JsonReader json, JsonTokenType token, string what)
    {
        if (!json.Read() || json.TokenType != token) throw Bad($"{what} is no {token switch { JsonTokenType.String => "text", JsonTokenType.StartArray => "list", _ => "object" }}");
    }

    /// <summary>Tensors must cover all bytes, without gaps and overlaps.</summary>
    void CheckPlaces(long bytes)
    {
        long at = 0;
        foreach (SafeTensorEntry e in Entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (e.Begin != at) throw Bad($"the tensor '{e.Name}' begins at byte {e.Begin}, where {at} is expected: tensors overlap or leave a gap");
            at = e.End;
        }
        if (at != bytes) throw Bad($"its tensors take {at} bytes, but {bytes} follow the header");
    }

    /// <summary>Reads all tensors, in the header's order.</summary>
    /// <param name="seen">Gets all bytes in the file's order.</param>
    public OrderedDictionary<string, Tensor> ReadAll(Action<ReadOnlySpan<byte>>? seen = null)
    {
        Dictionary<string, Tensor> read = [];
        foreach (SafeTensorEntry e in Entries.OrderBy(e => e.Begin).ThenBy(e => e.End)) read.Add(e.Name, Read(e, seen));
        OrderedDictionary<string, Tensor> tensors = [];
        foreach (SafeTensorEntry e in Entries) tensors.Add(e.Name, read[e.Name]);
        return tensors;
    }

    unsafe Tensor Read(SafeTensorEntry e, Action<ReadOnlySpan<byte>>? seen)
    {
        Tensor t = Tensor.Empty(new TensorSpec(e.Shape, e.DType));
        _stream.Position = _elements + e.Begin;
        fixed (byte* p = t.Storage)
            for (long at = 0, n = e.End - e.Begin; at < n; at += Piece)
            {
                Span<byte> piece = new(p + at, (int)Math.Min(Piece, n - at));
                try { _stream.ReadExactly(piece); }
                catch (EndOfStreamException) { throw Bad($"the file ends within the tensor '{e.Name}'"); }
                seen?.Invoke(piece);
                if (e.DType == DType.Bool && piece.IndexOfAnyExceptInRange((byte)0, (byte)1) >= 0) throw Bad($"the tensor '{e.Name}' holds bools that are neither 0 nor 1");
            }
        return t;
    }
}
