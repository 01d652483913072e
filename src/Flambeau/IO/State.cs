using System.Globalization;
using System.Text.Json.Nodes;

namespace Flambeau.IO;

/// <summary>What an optimizer, a scheduler or a data loader must remember to go on where it stopped: tensors, and values of JSON.</summary>
public sealed class State
{
    /// <summary>The tensors by name.</summary>
    public OrderedDictionary<string, Tensor> Tensors { get; init; } = [];

    /// <summary>Everything else.</summary>
    public JsonObject Values { get; init; } = [];

    /// <summary>A number as JSON, which has none for infinity and NaN: these become their names.</summary>
    internal static JsonNode Number(double value) =>
        double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Numbers as JSON.</summary>
    internal static JsonArray Numbers(IEnumerable<double> values) => [.. values.Select(Number)];

    /// <summary>The number of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal double Number(string name) => ToNumber(name, Values[name]);

    /// <summary>The whole number of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal long Integer(string name) => Number(name) is var x && x == Math.Floor(x) && Math.Abs(x) <= 1L << 53 ? (long)x : throw Wrong(name, "a whole number");

    /// <summary>The numbers of a name.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    internal double[] Numbers(string name) => Values[name] is JsonArray a ? [.. a.Select(x => ToNumber(name, x))] : throw Wrong(name, "a list of numbers");

    internal static double ToNumber(string name, JsonNode? node) => node is JsonValue v
        ? v.TryGetValue(out double x) ? x : v.TryGetValue(out long i) ? i : v.TryGetValue(out int k) ? k
        : v.TryGetValue(out string? s) && double.TryParse(s, CultureInfo.InvariantCulture, out x) ? x : throw Wrong(name, "a number")
        : throw Wrong(name, "a number");

    internal static ArgumentException Wrong(string name, string what) => new($"The state has no '{name}' that is {what}.");
}
