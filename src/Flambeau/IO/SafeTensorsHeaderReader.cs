using System.Text.Json;

namespace Flambeau.IO;

/// <summary>Reads the header of a safetensors file of which nothing is taken on trust.</summary>
internal ref struct SafeTensorsHeaderReader(ReadOnlySpan<byte> utf8, long dataLength)
{
    Utf8JsonReader _json = new(utf8, new JsonReaderOptions { MaxDepth = 3 });

    /// <summary>The header, whose entries fill the data without holes or overlaps.</summary>
    /// <exception cref="InvalidDataException">It breaks a rule of the format; the message says which tensor breaks which.</exception>
    public SafeTensorsHeader Read()
    {
        SafeTensorsHeader header = new([], []);
        try
        {
            if (!_json.Read() || _json.TokenStartIndex != 0) throw Bad("the header does not begin with an object");
            Expect(JsonTokenType.StartObject, "the header");
            HashSet<string> names = [];
            bool hasMetadata = false;
            while (NextName() is { } name)
            {
                if (name != SafeTensorsHeader.MetadataKey)
                {
                    if (!names.Add(name)) throw Bad($"there are two tensors named '{Short(name)}'");
                    header.Entries.Add(ReadEntry(name));
                    continue;
                }
                if (hasMetadata) throw Bad("there is metadata twice");
                hasMetadata = true;
                ReadMetadata(header.Metadata);
            }
            _json.Read();                                                      // throws on anything but white space
        }
        catch (JsonException e) { throw new InvalidDataException($"the header is not JSON as the format wants it ({e.Message})", e); }
        Cover(header);
        return header;
    }

    SafeTensorsEntry ReadEntry(string name)
    {
        string what = $"tensor '{Short(name)}'";
        DType? dtype = null;
        long[]? shape = null, offsets = null;
        _json.Read();
        Expect(JsonTokenType.StartObject, what);
        while (NextName() is { } key)
        {
            if (key == SafeTensorsHeader.DTypeKey && dtype is null)
            {
                string text = NextText(what + ": the dtype");
                dtype = SafeTensorsHeader.DTypeOf(text) ?? throw Bad($"{what} has the dtype {Short(text)}, which no tensor here can hold");
            }
            else if (key == SafeTensorsHeader.ShapeKey && shape is null) shape = NextNumbers(what + ": the shape", Layout.MaxRank);
            else if (key == SafeTensorsHeader.OffsetsKey && offsets is null) offsets = NextNumbers(what + ": data_offsets", 2);
            else throw Bad($"{what} has a field '{Short(key)}' that is unknown or there twice");
        }
        if (dtype is not { } t || shape is null || offsets is not [long begin, long end]) throw Bad($"{what} lacks dtype, shape or both of its data_offsets");

        UInt128 bytes = (uint)t.ItemSize, reach = 1;
        foreach (long size in shape)
        {
            bytes *= (ulong)size;
            reach *= (ulong)Math.Max(size, 1);
            if (reach > long.MaxValue / 16) throw Bad($"{what} has a shape {new Dims(shape)} beyond all memory");
        }
        if (end < begin || end > dataLength) throw Bad($"{what} lies at bytes {begin} to {end} of {dataLength}");
        if ((UInt128)(end - begin) != bytes) throw Bad($"{what}, {t} of shape {new Dims(shape)}, takes {bytes} bytes but has {end - begin}");
        return new(name, t, new Dims(shape), begin, end);
    }

    void ReadMetadata(OrderedDictionary<string, string> metadata)
    {
        _json.Read();
        Expect(JsonTokenType.StartObject, "the metadata");
        while (NextName() is { } key)
            if (!metadata.TryAdd(key, NextText($"metadata '{Short(key)}'"))) throw Bad($"metadata '{Short(key)}' is there twice");
    }

    readonly void Cover(SafeTensorsHeader header)
    {
        long at = 0;
        foreach (int i in header.ByData())
        {
            SafeTensorsEntry e = header.Entries[i];
            if (e.Begin != at) throw Bad($"tensor '{Short(e.Name)}' begins at byte {e.Begin}, where {at} is expected: data may neither overlap nor leave holes");
            at = e.End;
        }
        if (at != dataLength) throw Bad($"there are {dataLength} bytes of data for tensors of {at}");
    }

    string? NextName()
    {
        _json.Read();
        return _json.TokenType == JsonTokenType.EndObject ? null : Text("a name");
    }

    string NextText(string what)
    {
        _json.Read();
        Expect(JsonTokenType.String, what);
        return Text(what);
    }

    readonly string Text(string what)
    {
        try { return _json.GetString()!; }
        catch (InvalidOperationException e) { throw new InvalidDataException($"{what} is not valid Unicode", e); }
    }

    long[] NextNumbers(string what, int most)
    {
        _json.Read();
        Expect(JsonTokenType.StartArray, what);
        List<long> numbers = [];
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out long n) || n < 0) throw Bad($"{what} holds something else than sizes");
            if (numbers.Count == most) throw Bad($"{what} has more than {most} numbers");
            numbers.Add(n);
        }
        return [.. numbers];
    }

    readonly void Expect(JsonTokenType type, string what)
    {
        if (_json.TokenType != type) throw Bad($"{what} is a {_json.TokenType} where a {type} is expected");
    }

    static string Short(string name) => name.Length <= 80 ? name : name[..80] + "…";

    static InvalidDataException Bad(string what) => new(what);
}
