using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flambeau.Conformance;

/// <summary>An argument of a recorded call; positional where it has no name.</summary>
public readonly record struct Argument(string? Name, JsonNode Value);

/// <summary>No overload takes these arguments: in C# the call would not compile.</summary>
public sealed class BindingException(string message) : Exception(message);

/// <summary>Chooses among overloads as the C# compiler would, and calls: recorded values in, objects out.</summary>
public static class Binder
{
    // Python says where and how to lay out; on the CPU there is one place and one layout, so these values say nothing.
    static bool IsSilent(Argument a) => a.Name switch
    {
        "device" => Is(a.Value, "s", "cpu") || Is(a.Value, "device", "cpu") || Is(a.Value, "n", null),
        "layout" => Is(a.Value, "layout", "strided"),
        "memory_format" => Is(a.Value, "memory_format", "contiguous_format") || Is(a.Value, "memory_format", "preserve_format"),
        "requires_grad" or "pin_memory" => Is(a.Value, "b", "false"),
        "sparse" => true,                                                      // how PyTorch keeps a gradient; Flambeau's are dense
        _ => false,
    };

    static bool Is(JsonNode v, string kind, string? text) => v is JsonObject { Count: 1 } o && o.First() is var (k, x) && k == kind && (text is null || x!.ToString() == text);

    /// <summary>Calls the best fit of <paramref name="candidates"/>. Instance methods take the first argument as their object.</summary>
    /// <param name="candidates">The overloads.</param>
    /// <param name="arguments">The call.</param>
    /// <param name="tensor">Gives the tensor of <c>{"t":"name"}</c>.</param>
    /// <param name="target">What stands before the arguments and is no recorded value: the object of an instance method, or a first parameter.</param>
    /// <exception cref="BindingException">None fits.</exception>
    public static object? Call(IEnumerable<MethodBase> candidates, IReadOnlyList<Argument> arguments, Func<JsonNode, Tensor> tensor, object? target = null)
    {
        (MethodBase Method, object?[] Values, int Cost)? best = null;
        string? why = null;
        Argument[] spoken = [.. arguments.Where(a => !IsSilent(a))];
        foreach (IReadOnlyList<Argument> given in spoken.Length == arguments.Count ? [spoken] : (IReadOnlyList<Argument>[])[arguments, spoken])
        {
            foreach (MethodBase m in candidates)
                if (TryBind(m, given, tensor, target, out object?[] values, out int cost, ref why) && (best is null || cost < best.Value.Cost)) best = (m, values, cost);
            if (best is not null) break;
        }
        if (best is null) throw new BindingException(why ?? "No such member.");
        return Thunks.Of(best.Value.Method)(best.Value.Values);
    }

    static bool TryBind(MethodBase m, IReadOnlyList<Argument> given, Func<JsonNode, Tensor> tensor, object? target, out object?[] values, out int cost, ref string? why)
    {
        ParameterInfo[] p = m.GetParameters();
        bool isInstance = !m.IsStatic && !m.IsConstructor;
        int shift = isInstance ? 1 : 0;
        values = new object?[p.Length + shift];
        var isGiven = new bool[values.Length];
        cost = p.Length;                                                       // of two that fit alike, the one with fewer parameters
        int first = target is null ? 0 : 1;
        if (target is not null) (values[0], isGiven[0]) = (target, true);
        List<Argument> positional = [.. given.Where(a => a.Name is null)];
        // `sum_to_size(x, 2, 3)`: numbers one by one go into a params list at the end.
        if (positional.Count + first - shift > p.Length && p.Length > 0 && IsParams(p[^1]))
        {
            int single = p.Length - 1 + shift - first;
            JsonArray rest = [.. positional.Skip(single).Select(a => a.Value.DeepClone())];
            positional = [.. positional.Take(single), new(null, new JsonObject { ["l"] = rest })];
        }
        for (int i = 0; i < positional.Count; i++) if (!Put(positional[i], i + first, values, isGiven, ref cost, ref why)) return false;
        foreach (Argument a in given)
        {
            if (a.Name is null) continue;
            string name = a.Name.Replace("_", "");
            int at = Array.FindIndex(p, x => x.Name!.Equals(name, StringComparison.OrdinalIgnoreCase));
            at = at >= 0 ? at + shift : isInstance && !isGiven[0] && name is "input" or "self" ? 0 : -1;
            if (at < 0 && a.Value is JsonObject { Count: 1 } o && o.ContainsKey("n")) continue;      // None for what does not exist is the default
            if (at < 0 || isGiven[at])
            {
                why ??= $"{Signature(m)} has no parameter for {a.Name}";
                return false;
            }
            // None for what is not nullable and has a default is the default: in C# one would leave it out.
            if (at >= shift && a.Value is JsonObject { Count: 1 } none && none.ContainsKey("n") && p[at - shift].HasDefaultValue && p[at - shift].ParameterType is { IsValueType: true, IsByRefLike: false } t && Nullable.GetUnderlyingType(t) is null) continue;
            if (!Put(a, at, values, isGiven, ref cost, ref why)) return false;
        }
        for (int i = 0; i < values.Length; i++)
        {
            if (isGiven[i]) continue;
            ParameterInfo? q = i < shift ? null : p[i - shift];
            if (q is null || !q.HasDefaultValue && !IsParams(q))
            {
                why ??= $"{Signature(m)}: nothing for {q?.Name ?? "this"}";
                return false;
            }
            Type t = q.ParameterType;
            values[i] = !q.HasDefaultValue || q.DefaultValue is null ? t.IsValueType && !t.IsByRefLike && Nullable.GetUnderlyingType(t) is null ? Activator.CreateInstance(t) : t.IsArray ? Array.CreateInstance(t.GetElementType()!, 0) : null
                : t.IsEnum ? Enum.ToObject(t, q.DefaultValue) : Nullable.GetUnderlyingType(t) is { IsEnum: true } e ? Enum.ToObject(e, q.DefaultValue) : q.DefaultValue;
        }
        return true;

        bool Put(Argument a, int at, object?[] values, bool[] isGiven, ref int cost, ref string? why)
        {
            if (at >= values.Length)
            {
                why ??= $"{Signature(m)} has no argument {at}";
                return false;
            }
            Type to = at < shift ? m.DeclaringType! : p[at - shift].ParameterType;
            if (at < shift && a.Value["t"] is null)                             // 2.Atan2(x) does not compile: no conversion before the dot
            {
                why = $"{Signature(m)} is called on a tensor, not on {a.Value.ToJsonString()}";
                return false;
            }
            if (a.Value is JsonObject { Count: 1 } none && none.ContainsKey("n") && !to.IsValueType && (at < shift || s_nullability.Create(p[at - shift]).WriteState != NullabilityState.Nullable))
            {
                why = $"{Signature(m)}: {(at < shift ? "this" : p[at - shift].Name)} is not null";
                return false;
            }
            if (!TryConvert(a.Value, to, tensor, out values[at], out int c))
            {
                why = $"{Signature(m)}: {(at < shift ? "this" : p[at - shift].Name)} does not take {a.Value.ToJsonString()}";
                return false;
            }
            isGiven[at] = true;
            cost += 16 * c;
            return true;
        }
    }

    static readonly NullabilityInfoContext s_nullability = new();

    static bool IsParams(ParameterInfo p) => p.IsDefined(typeof(ParamArrayAttribute)) || p.IsDefined(typeof(ParamCollectionAttribute));

    static string Signature(MethodBase m) => $"{m.DeclaringType!.Name}.{m.Name}({string.Join(", ", m.GetParameters().Select(p => p.Name))})";

    /// <summary>Makes a recorded value an object of a type. The cost is 0 where C# needs no conversion.</summary>
    public static bool TryConvert(JsonNode? v, Type to, Func<JsonNode, Tensor> tensor, out object? y, out int cost)
    {
        (y, cost) = (null, 0);
        if (v is not JsonObject o) return false;
        (string kind, JsonNode? x) = o.First();
        if (Nullable.GetUnderlyingType(to) is { } inner)
        {
            if (kind == "n") return true;
            return TryConvert(v, inner, tensor, out y, out cost);
        }
        if (kind == "n")
        {
            cost = to.IsByRefLike || to.IsValueType ? 3 : 1;                  // default: no list, no sizes
            if (!to.IsValueType) return true;
            if (to.IsByRefLike) return true;
            if (to != typeof(Dims) && to.Name is not ("Sizes" or "ConvPadding")) return false;
            y = Activator.CreateInstance(to);
            return true;
        }
        if (Element(to) is { } element)
        {
            JsonArray? list = kind == "l" ? x!.AsArray() : kind is "i" or "f" or "t" or "b" ? [v.DeepClone()] : null;
            if (list is null) return false;
            Array items = Array.CreateInstance(element, list.Count);
            for (int i = 0; i < list.Count; i++)
            {
                // C# has no None among numbers: −1 keeps a size.
                JsonNode? v1 = element == typeof(long) && list[i] is JsonObject { Count: 1 } none && none.ContainsKey("n") ? new JsonObject { ["i"] = -1L } : list[i];
                if (!TryConvert(v1, element, tensor, out object? item, out int c)) return false;
                items.SetValue(item, i);
                cost = Math.Max(cost, c);
            }
            if (kind != "l") cost += 4;
            y = items;
            return true;
        }
        if (to == typeof(Tensor) && kind == "t")
        {
            y = tensor(v);
            return true;
        }
        if (to.FullName!.StartsWith("System.ValueTuple", StringComparison.Ordinal))
        {
            if (kind != "l" || x!.AsArray().Count != to.GenericTypeArguments.Length) return false;
            var parts = new object?[to.GenericTypeArguments.Length];
            for (int i = 0; i < parts.Length; i++)
            {
                if (!TryConvert(x.AsArray()[i], to.GenericTypeArguments[i], tensor, out parts[i], out int c)) return false;
                cost += c;
            }
            y = Activator.CreateInstance(to, parts);
            return true;
        }
        if (to == typeof(Dims) || to.Name == "Sizes")
        {
            if (!TryConvert(v, typeof(long[]), tensor, out object? sizes, out cost)) return false;
            y = to == typeof(Dims) ? (object)(Dims)(long[])sizes! : (Nn.Sizes)(long[])sizes!;
            cost++;
            return true;
        }
        if (to.IsEnum)
        {
            if (kind is not ("s" or "dtype" or "memory_format")) return false;
            string name = ((string)x!).Replace("_", "");
            if (to == typeof(DType) && Enum.TryParse(name, ignoreCase: true, out DType type)) y = type;
            else if (to != typeof(DType) && Enum.TryParse(to, name, ignoreCase: true, out object? value)) y = value;
            return y is not null;
        }
        if (to == typeof(Device)) return kind is "s" or "device" && (string)x! == "cpu" && (y = Device.Cpu) is not null;
        if (to == typeof(string)) return kind == "s" && (y = (string)x!) is not null;
        if (to == typeof(bool)) return kind == "b" && (y = (bool)x!) is not null;
        object? number = kind switch { "i" => (object)(long)x!, "f" => Real(x!), "b" => (bool)x!, "c" => new Complex(Real(x![0]!), Real(x[1]!)), _ => null };
        if (number is null)
        {
            if (kind == "s" && to.GetMethod("op_Implicit", [typeof(string)]) is { } text) return (y = text.Invoke(null, [(string)x!])) is not null;
            if (kind == "l" && to.GetMethod("op_Implicit", [typeof(long[])]) is { } many && TryConvert(v, typeof(long[]), tensor, out object? n, out cost)) return (y = many.Invoke(null, [n])) is not null;
            return false;
        }
        (object? fit, cost) = number switch
        {
            long n when to == typeof(long) => (n, 0),
            long n when to == typeof(int) && n is >= int.MinValue and <= int.MaxValue => ((int)n, 0),
            long n when to == typeof(double) => ((double)n, 2),
            double d when to == typeof(double) => (d, 0),
            bool b when to == typeof(double) => (b ? 1.0 : 0.0, 6),
            bool b when to == typeof(long) => (b ? 1L : 0L, 6),
            Complex c when to == typeof(Complex) => (c, 0),
            _ => ((object?)null, 0),
        };
        y = fit;
        if (y is not null) return true;
        if (to.GetMethod("op_Implicit", [number.GetType()]) is null && number is long whole && to.GetMethod("op_Implicit", [typeof(double)]) is not null) number = (double)whole;
        if (to.GetMethod("op_Implicit", [number.GetType()]) is not { } convert || convert.ReturnType != to) return false;
        (y, cost) = (convert.Invoke(null, [number]), to == typeof(Scalar) ? 1 : 3);
        return true;
    }

    static double Real(JsonNode x) => x.GetValueKind() == JsonValueKind.String ? (string)x! switch { "inf" => double.PositiveInfinity, "-inf" => double.NegativeInfinity, "nan" => double.NaN, var s => double.Parse(s, CultureInfo.InvariantCulture) } : (double)x;

    static Type? Element(Type list) => list.IsArray ? list.GetElementType()
        : list.IsGenericType && (list.GetGenericTypeDefinition() == typeof(ReadOnlySpan<>) || list.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) || list.GetGenericTypeDefinition() == typeof(IEnumerable<>)) && list != typeof(Dims) ? list.GetGenericArguments()[0] : null;

    /// <summary>The tensors, numbers and truths of a result, in order; what is null is left out.</summary>
    public static IEnumerable<object> Flat(object? y) => y switch
    {
        null => [],
        Dims d => d.Select(n => (object)n),
        ITuple t => Enumerable.Range(0, t.Length).SelectMany(i => Flat(t[i])),
        string s => [s],
        System.Collections.IEnumerable e when y is not Tensor => e.Cast<object?>().SelectMany(Flat),
        _ => [y],
    };
}

/// <summary>Calls by reflection for methods that take spans, which <see cref="MethodBase.Invoke(object, object[])"/> cannot pass: arrays stand for them.</summary>
static class Thunks
{
    static readonly System.Collections.Concurrent.ConcurrentDictionary<MethodBase, Func<object?[], object?>> s_thunks = [];

    public static Func<object?[], object?> Of(MethodBase m) => s_thunks.GetOrAdd(m, Make);

    static Func<object?[], object?> Make(MethodBase m)
    {
        DynamicMethod thunk = new("call " + m.Name, typeof(object), [typeof(object[])], typeof(Thunks).Module, skipVisibility: true);
        ILGenerator il = thunk.GetILGenerator();
        bool isInstance = !m.IsStatic && !m.IsConstructor;
        List<Type> types = [.. m.GetParameters().Select(p => p.ParameterType)];
        if (isInstance) types.Insert(0, m.DeclaringType!);
        for (int i = 0; i < types.Count; i++)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldelem_Ref);
            Type t = types[i];
            if (t.IsByRefLike)
            {
                Type array = t.GetGenericArguments()[0].MakeArrayType();
                il.Emit(OpCodes.Castclass, array);
                il.Emit(OpCodes.Call, t.GetMethod("op_Implicit", [array])!);
            }
            else il.Emit(t.IsValueType ? OpCodes.Unbox_Any : OpCodes.Castclass, t);
        }
        Type result;
        if (m is ConstructorInfo c)
        {
            il.Emit(OpCodes.Newobj, c);
            result = c.DeclaringType!;
        }
        else
        {
            il.Emit(m.IsVirtual ? OpCodes.Callvirt : OpCodes.Call, (MethodInfo)m);
            result = ((MethodInfo)m).ReturnType;
        }
        if (result == typeof(void)) il.Emit(OpCodes.Ldnull);
        else if (result.IsValueType) il.Emit(OpCodes.Box, result);
        il.Emit(OpCodes.Ret);
        return thunk.CreateDelegate<Func<object?[], object?>>();
    }
}
