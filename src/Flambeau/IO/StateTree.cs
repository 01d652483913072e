using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Flambeau.IO;

/// <summary>
/// Trees of tensors and plain values, as JSON beside named tensors. A tensor is <c>{"$tensor":true}</c>, a byte array
/// <c>{"$bytes":true}</c>, a double that is not finite <c>{"$double":"its 64 bits"}</c>; a name in a dictionary that begins with
/// <c>$</c> gets another one. Any other double has a point or an exponent, which no long has.
/// </summary>
internal static class StateTree
{
    public const int MostDepth = 24;

    const string TensorMark = "$tensor", BytesMark = "$bytes", DoubleMark = "$double", Escape = "$";

    // ---- any value as one of null, bool, long, double, string, byte[], Tensor, OrderedDictionary<string, object?>, List<object?> ----

    public static OrderedDictionary<string, object?> Normalize(string path, IReadOnlyDictionary<string, object?> state, int depth = 0)
    {
        CheckDepth(path, depth);
        OrderedDictionary<string, object?> normal = new(state.Count);
        foreach (var (name, value) in state) normal.Add(name, NormalizeValue($"{path}/{name}", value, depth + 1));
        return normal;
    }

    static object? NormalizeValue(string path, object? value, int depth)
    {
        switch (value)
        {
            case null or bool or long or double or string or byte[] or Tensor: return value;
            case int i: return (long)i;
            case float f: return (double)f;
            case IReadOnlyDictionary<string, object?> state: return Normalize(path, state, depth);
            case IDictionary dictionary: return Normalize(path, WithTextKeys(path, dictionary), depth);
            case IEnumerable list and (IList or IReadOnlyList<object?>):
                CheckDepth(path, depth);
                List<object?> normal = [];
                foreach (object? item in list) normal.Add(NormalizeValue($"{path}/{normal.Count}", item, depth + 1));
                return normal;
            default:
                throw new ArgumentException($"'{path}' is a {value.GetType()}, which a checkpoint does not hold. " +
                    "It holds tensors, int, long, float, double, bool, string, byte[], and dictionaries by string and lists of them.");
        }
    }

    static OrderedDictionary<string, object?> WithTextKeys(string path, IDictionary dictionary)
    {
        OrderedDictionary<string, object?> result = [];
        foreach (DictionaryEntry e in dictionary)
        {
            if (e.Key is not string name) throw new ArgumentException($"'{path}' is a dictionary by {e.Key.GetType()}; a checkpoint holds dictionaries by string.");
            result.Add(name, e.Value);
        }
        return result;
    }

    static void CheckDepth(string path, int depth)
    {
        if (depth <= MostDepth) return;
        throw new ArgumentException($"'{path[..Math.Min(path.Length, 100)]}…' lies deeper than {MostDepth} dictionaries and lists. Does one contain itself?");
    }

    // ---- to JSON ----

    public static string ToJson(OrderedDictionary<string, OrderedDictionary<string, object?>> sections, OrderedDictionary<string, Tensor> tensors)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var (name, state) in sections)
            {
                json.WritePropertyName(SafeTensorsHeader.Checked(name));
                WriteState(json, Step("", name), state, tensors);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    static void WriteState(Utf8JsonWriter json, string key, OrderedDictionary<string, object?> state, OrderedDictionary<string, Tensor> tensors)
    {
        json.WriteStartObject();
        foreach (var (name, value) in state)
        {
            json.WritePropertyName(SafeTensorsHeader.Checked(name.StartsWith(Escape, StringComparison.Ordinal) ? Escape + name : name));
            WriteValue(json, Step(key, name), value, tensors);
        }
        json.WriteEndObject();
    }

    static void WriteValue(Utf8JsonWriter json, string key, object? value, OrderedDictionary<string, Tensor> tensors)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool b: json.WriteBooleanValue(b); break;
            case long n: json.WriteNumberValue(n); break;
            case double x when double.IsFinite(x): json.WriteRawValue(Digits(x), skipInputValidation: true); break;
            case double x: WriteMark(json, DoubleMark, BitConverter.DoubleToUInt64Bits(x).ToString("x16", CultureInfo.InvariantCulture)); break;
            case string text: json.WriteStringValue(SafeTensorsHeader.Checked(text)); break;
            case byte[] bytes:
                WriteMark(json, BytesMark, null);
                tensors.Add(key, Tensor.From(bytes));
                break;
            case Tensor t:
                WriteMark(json, TensorMark, null);
                tensors.Add(key, t);
                break;
            case OrderedDictionary<string, object?> state: WriteState(json, key, state, tensors); break;
            default:
                json.WriteStartArray();
                var list = (List<object?>)value;
                for (int i = 0; i < list.Count; i++) WriteValue(json, Step(key, i.ToString(CultureInfo.InvariantCulture)), list[i], tensors);
                json.WriteEndArray();
                break;
        }
    }

    static void WriteMark(Utf8JsonWriter json, string mark, string? text)
    {
        json.WriteStartObject();
        if (text is null) json.WriteBoolean(mark, true);
        else json.WriteString(mark, text);
        json.WriteEndObject();
    }

    /// <summary>The shortest digits that give the same bits again.</summary>
    static string Digits(double x)
    {
        string s = x.ToString("R", CultureInfo.InvariantCulture);
        return s.AsSpan().ContainsAny('.', 'E') ? s : s + ".0";
    }

    /// <summary>A tensor's name, one step further down: JSON Pointer's escapes keep different paths different.</summary>
    static string Step(string key, string name)
    {
        name = name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
        return key.Length == 0 ? name : $"{key}/{name}";
    }

    // ---- from JSON ----

    /// <summary>Builds the sections; every tensor must have its place.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    /// <exception cref="InvalidDataException">It is not what <see cref="ToJson"/> writes, or does not go with the tensors.</exception>
    public static void FromJson(string text, OrderedDictionary<string, Tensor> tensors,
        OrderedDictionary<string, OrderedDictionary<string, object?>> sections)
    {
        using JsonDocument document = JsonDocument.Parse(text, new() { MaxDepth = MostDepth + 3, AllowDuplicateProperties = false });
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new InvalidDataException("its sections are no object.");
        HashSet<string> unused = [.. tensors.Keys];
        foreach (JsonProperty p in document.RootElement.EnumerateObject())
        {
            string name = Text(() => p.Name);
            if (p.Value.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"the section '{name}' is no object.");
            sections.Add(name, ReadState(Step("", name), p.Value, tensors, unused));
        }
        if (unused.Count > 0) throw new InvalidDataException($"the tensor '{unused.First()}' belongs nowhere.");
    }

    static OrderedDictionary<string, object?> ReadState(string key, JsonElement json, OrderedDictionary<string, Tensor> tensors, HashSet<string> unused)
    {
        OrderedDictionary<string, object?> state = [];
        foreach (JsonProperty p in json.EnumerateObject())
        {
            string name = Text(() => p.Name);
            if (name.StartsWith(Escape, StringComparison.Ordinal)) name = name[1..];
            string path = Step(key, name);
            if (!state.TryAdd(name, ReadValue(path, p.Value, tensors, unused))) throw new InvalidDataException($"'{path}' is there twice.");
        }
        return state;
    }

    static object? ReadValue(string key, JsonElement json, OrderedDictionary<string, Tensor> tensors, HashSet<string> unused)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Null: return null;
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.String: return Text(json.GetString)!;
            case JsonValueKind.Number:
                if (json.TryGetInt64(out long n) && !json.GetRawText().AsSpan().ContainsAny('.', 'E', 'e')) return n;
                return json.TryGetDouble(out double x) && double.IsFinite(x) ? x : throw new InvalidDataException($"'{key}' is a number beyond a double.");
            case JsonValueKind.Array:
                List<object?> list = new(json.GetArrayLength());
                foreach (JsonElement item in json.EnumerateArray())
                    list.Add(ReadValue(Step(key, list.Count.ToString(CultureInfo.InvariantCulture)), item, tensors, unused));
                return list;
        }
        if (json.GetPropertyCount() != 1) return ReadState(key, json, tensors, unused);
        JsonProperty only = json.EnumerateObject().First();
        if (only.NameEquals(TensorMark)) return Take(key, tensors, unused);
        if (only.NameEquals(BytesMark)) return Bytes(key, Take(key, tensors, unused));
        return only.NameEquals(DoubleMark) ? NotFinite(key, only.Value) : ReadState(key, json, tensors, unused);
    }

    static byte[] Bytes(string key, Tensor t) => t is { DType: DType.UInt8, Rank: 1 } ? t.ToArray<byte>()
        : throw new InvalidDataException($"'{key}' should be bytes.");

    static double NotFinite(string key, JsonElement json) => json.ValueKind == JsonValueKind.String
        && ulong.TryParse(Text(json.GetString), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits)
        ? BitConverter.UInt64BitsToDouble(bits) : throw new InvalidDataException($"'{key}' should be the bits of a double.");

    static Tensor Take(string key, OrderedDictionary<string, Tensor> tensors, HashSet<string> unused) => unused.Remove(key) ? tensors[key]
        : throw new InvalidDataException($"the tensor '{key}' is missing.");

    static string Text(Func<string?> get)
    {
        try { return get()!; }
        catch (InvalidOperationException e) { throw new InvalidDataException("a text is not valid Unicode.", e); }
    }
}
