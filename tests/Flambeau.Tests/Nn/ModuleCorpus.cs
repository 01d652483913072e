using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text.Json.Nodes;
using Flambeau.Nn;
using Module = Flambeau.Nn.Module;

namespace Flambeau.Tests.Nn;

/// <summary>Builds and calls modules as a recorded case says, by PyTorch's names.</summary>
static class ModuleCorpus
{
    static readonly Dictionary<string, Type> s_modules = typeof(Module).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(Module)) && !t.IsAbstract && t.IsPublic && !t.IsGenericType).ToDictionary(t => t.Name, StringComparer.OrdinalIgnoreCase);

    // Where PyTorch has arguments between others that Flambeau leaves out.
    static readonly Dictionary<string, string[]> s_legacy = new()
    {
        ["CrossEntropyLoss"] = ["weight", "size_average", "ignore_index", "reduce", "reduction"],
        ["NLLLoss"] = ["weight", "size_average", "ignore_index", "reduce", "reduction"],
        ["PoissonNLLLoss"] = ["log_input", "full", "size_average", "eps"],
    };

    public static Module Make(Recorded r)
    {
        string name = (string)r.Case["module"]!;
        if (!s_modules.TryGetValue(name, out Type? type)) throw new NotSupportedException($"There is no module {name}.");
        List<(string? Name, JsonNode? Value)> given = [.. r.Case["ctor_args"]!.AsArray().Select((a, i) => (s_legacy.GetValueOrDefault(name)?[i], a)),
            .. r.Case["ctor_kwargs"]!.AsObject().Select(a => ((string?)a.Key, a.Value))];
        given.RemoveAll(g => g.Name is "size_average" or "reduce");
        Exception? last = null;
        foreach (ConstructorInfo c in type.GetConstructors().OrderByDescending(c => c.GetParameters().Length))
            try { return (Module)c.Invoke(Bind(c, given, r)); }
            catch (Exception e) when (e is FormatException or InvalidCastException) { last = e; }
        throw last!;
    }

    /// <summary>Calls Forward; answers the tensors of the result in order.</summary>
    public static Tensor[] Call(Module m, Recorded r, Tensor[] inputs)
    {
        int next = 0;
        JsonNode? Replace(JsonNode? v) => v is JsonObject o && o.ContainsKey("t") ? new JsonObject { ["input"] = next++ }
            : v is JsonObject l && l["l"] is JsonArray a ? new JsonObject { ["l"] = new JsonArray([.. a.Select(Replace)]) } : v?.DeepClone();
        List<(string?, JsonNode?)> given = [.. r.Case["inputs"]!.AsArray().Select(a => ((string?)null, Replace(a))),
            .. r.Case["input_kwargs"]!.AsObject().Select(a => ((string?)a.Key, Replace(a.Value)))];
        Exception? last = null;
        foreach (MethodInfo f in m.GetType().GetMethods().Where(f => f.Name == "Forward").OrderBy(f => f.GetParameters().Length))
        {
            object?[] bound;
            try { bound = Bind(f, given, r, inputs); }
            catch (Exception e) when (e is FormatException or InvalidCastException) { last = e; continue; }
            return [.. Flat(f.Invoke(m, BindingFlags.DoNotWrapExceptions, null, bound, null))];
        }
        throw last!;
    }

    static IEnumerable<Tensor> Flat(object? y) => y switch
    {
        Tensor t => [t],
        System.Runtime.CompilerServices.ITuple t => Enumerable.Range(0, t.Length).SelectMany(i => Flat(t[i])),
        _ => [],
    };

    static object?[] Bind(MethodBase f, List<(string? Name, JsonNode? Value)> given, Recorded r, Tensor[]? inputs = null)
    {
        ParameterInfo[] p = f.GetParameters();
        object?[] values = [.. p.Select(x => x.HasDefaultValue ? x.DefaultValue ?? (x.ParameterType.IsValueType && Nullable.GetUnderlyingType(x.ParameterType) is null ? Activator.CreateInstance(x.ParameterType) : null) : Type.Missing)];
        for (int i = 0; i < given.Count; i++)
        {
            int at = given[i].Name is { } name ? Array.FindIndex(p, x => x.Name!.Equals(name.Replace("_", ""), StringComparison.OrdinalIgnoreCase)) : i;
            if (at < 0 || at >= p.Length) throw new FormatException($"{f.DeclaringType!.Name}: no parameter {given[i].Name ?? i.ToString(CultureInfo.InvariantCulture)}");
            if (given[i].Value is JsonObject { Count: 1 } o && o.ContainsKey("n") && p[at].ParameterType.IsValueType && Nullable.GetUnderlyingType(p[at].ParameterType) is null) continue;
            values[at] = Convert(given[i].Value!, p[at].ParameterType, r, inputs);
        }
        int missing = Array.IndexOf(values, Type.Missing);
        return missing < 0 ? values : throw new FormatException($"{f.DeclaringType!.Name}: nothing for {p[missing].Name}");
    }

    static object? Convert(JsonNode v, Type to, Recorded r, Tensor[]? inputs)
    {
        (string kind, JsonNode? x) = v.AsObject().First();
        if (kind == "n") return null;
        Type t = Nullable.GetUnderlyingType(to) ?? to;
        if (t == typeof(Tensor)) return kind switch { "t" => r.Tensor(v), "input" => inputs![(int)x!], _ => throw new InvalidCastException() };
        if (t.IsGenericType && t.FullName!.StartsWith("System.ValueTuple", StringComparison.Ordinal))
        {
            object?[] parts = [.. x!.AsArray().Zip(t.GenericTypeArguments, (a, b) => Convert(a!, b, r, inputs))];
            return Activator.CreateInstance(t, parts);
        }
        if (t == typeof(Sizes) || t == typeof(Dims))
        {
            long[] n = kind == "l" ? [.. x!.AsArray().Select(i => (long?)i!["i"] ?? -1)] : kind == "i" ? [(long)x!] : throw new InvalidCastException();
            if (t == typeof(Dims)) return (Dims)n;
            return (Sizes)n;
        }
        if (t.IsEnum) return kind == "s" ? Enum.Parse(t, ((string)x!).Replace("_", ""), ignoreCase: true) : throw new InvalidCastException();
        if (t == typeof(string)) return kind == "s" ? (string)x! : throw new InvalidCastException();
        if (t == typeof(bool)) return kind == "b" ? (bool)x! : throw new InvalidCastException();
        if (t.GetMethod("op_Implicit", [typeof(string)]) is { } fromText && kind == "s") return fromText.Invoke(null, [(string)x!]);
        if (t.GetMethod("op_Implicit", [typeof(Sizes)]) is { } fromSizes && kind != "s") return fromSizes.Invoke(null, [Convert(v, typeof(Sizes), r, inputs)]);
        if (kind is not ("i" or "f")) throw new InvalidCastException($"{kind} to {to}");
        double number = x!.GetValueKind() == System.Text.Json.JsonValueKind.String ? double.Parse((string)x!, CultureInfo.InvariantCulture) : (double)x!;
        if (t == typeof(double)) return number;
        if (t == typeof(long)) return checked((long)number);
        if (t == typeof(int)) return checked((int)number);
        throw new InvalidCastException($"{kind} to {to}");
    }

    /// <summary>Null, or what is different.</summary>
    public static string? Difference(string what, Tensor expected, Tensor? actual, double tolerance = 1e-7)
    {
        if (actual is null) return $"{what}: nothing";
        if (expected.Shape != actual.Shape || expected.DType != actual.DType) return $"{what}: {expected.DType} {expected.Shape} expected, {actual.DType} {actual.Shape}";
        Complex[] e = expected.ToArray<Complex>(), a = actual.Detach().ToArray<Complex>();
        for (int i = 0; i < e.Length; i++)
            if (!(Complex.Abs(e[i] - a[i]) <= tolerance * (1 + Complex.Abs(e[i]))) && !e[i].Equals(a[i]) && !(double.IsNaN(e[i].Real) && double.IsNaN(a[i].Real)))
                return $"{what}, element {i} of {expected.Shape}: {e[i]} expected, {a[i]}";
        return null;
    }
}
