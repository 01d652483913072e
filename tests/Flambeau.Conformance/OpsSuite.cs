using System.Reflection;
using System.Text.Json.Nodes;

namespace Flambeau.Conformance;

/// <summary>Operators: results, gradients and refusals. Names in the corpus are bound to public members of Flambeau.</summary>
public sealed class OpsSuite : ISuite
{
    /// <inheritdoc/>
    public string Name => "ops";

    /// <inheritdoc/>
    public IEnumerable<Outcome> Run(Corpus corpus, string? filter = null)
    {
        foreach (string name in corpus.Names())
        {
            if (!name.EndsWith(".safetensors", StringComparison.Ordinal)) continue;
            string op = Path.GetFileName(name)[..^".safetensors".Length];
            if (filter is not null && !op.Contains(filter, StringComparison.Ordinal)) continue;
            Recorded r = corpus.Read(name);
            int i = 0;
            foreach (JsonNode? c in r.Json("cases").AsArray()) yield return Case(op, $"case {i++} ({c!["dtype"]})", r, c);
            i = 0;
            foreach (JsonNode? e in r.Json("errors").AsArray()) yield return Error(op, $"error {i++}", r, e!);
        }
    }

    // A variant that the database calls in a way of its own has an idiom of its own.
    static string Operator(Recorded r) => r.Texts["op"] is var op && r.Texts["variant"] is { Length: > 0 } v && Idioms.All.ContainsKey($"{op}.{v}") ? $"{op}.{v}" : op;

    static Outcome Case(string group, string which, Recorded r, JsonNode c)
    {
        Outcome End(Status s, string? detail = null) => new(group, which, s, detail is null ? null : $"{Spell(r, c)}: {detail}");
        if (OpsTolerances.Refusal(group, which, r, c) is { } reason) return End(Status.Refused, reason);
        try
        {
            List<Tensor> leaves = [];
            object? y = Call(r, c, leaves);
            object[] results = [.. Binder.Flat(y)];
            JsonObject[] expected = [.. Leaves(c["outputs"])];
            if (results.Length != expected.Length) return End(Status.Failed, $"{expected.Length} results expected, {results.Length} came");
            string? compare = (string?)c["compare"];
            var tolerance = OpsTolerances.Of(group, (string)c["dtype"]!);
            for (int i = 0; i < expected.Length; i++)
                if (Difference($"result {i}", r, expected[i], results[i], tolerance, compare) is { } d) return End(Status.Failed, d);
            if (c["cotangents"] is not JsonArray cotangents) return End(Status.Passed);

            Tensor[] outputs = [.. expected.Zip(results).Where(p => (bool?)p.First["rg"] ?? false).Select(p => (Tensor)p.Second)];
            if (outputs.FirstOrDefault(t => !t.RequiresGrad) is not null) return End(Status.Failed, "a result does not require a gradient, PyTorch's does");
            Tensor?[] grads = Autograd.Grad(outputs, leaves, [.. cotangents.Select(t => r.Tensor(t))], allowUnused: true);
            JsonArray wanted = c["grads"]!.AsArray();
            for (int i = 0; i < wanted.Count; i++)
            {
                if (wanted[i]!["t"] is null)
                {
                    if (grads[i] is { } g && g.Ne(0).Any().Item<bool>()) return End(Status.Failed, $"gradient {i}: none expected, {g} came");
                    continue;
                }
                Tensor e = r.Tensor(wanted[i]);
                // Where nothing flows, PyTorch says zeros or nothing, as the operation happens to be written.
                if (Comparison.Difference($"gradient {i}", e, grads[i] ?? Tensor.ZerosLike(e), tolerance) is { } d) return End(Status.Failed, d);
            }
            return End(Status.Passed);
        }
        catch (BindingException e) { return End(Status.Unsupported, e.Message); }
        catch (Exception e) { return End(Status.Failed, Brief(e)); }
    }

    static Outcome Error(string group, string which, Recorded r, JsonNode c)
    {
        Outcome End(Status s, string? detail = null) => new(group, which, s, detail is null ? null : $"{Spell(r, c)}: {detail}");
        if (OpsTolerances.Refusal(group, which, r, c) is { } reason) return End(Status.Refused, reason);
        try
        {
            Call(r, c, []);
            return End(Status.Failed, $"PyTorch refuses this ({c["error"]}), Flambeau does not");
        }
        // What does not bind would not compile: refused even earlier. But there must be a member of that name.
        catch (BindingException e) { return Names.HasMember(Operator(r)) ? End(Status.Passed) : End(Status.Unsupported, e.Message); }
        catch (Exception e) when ((e is TargetInvocationException ? e.InnerException : e) is ArgumentException or InvalidOperationException or NotSupportedException) { return End(Status.Passed); }
        catch (Exception e) { return End(Status.Failed, $"refused, but by {Brief(e)}"); }
    }

    internal static string Brief(Exception e) => e is TargetInvocationException { InnerException: { } inner } ? Brief(inner) : $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";

    /// <summary>Makes the recorded call.</summary>
    /// <param name="r">The file.</param>
    /// <param name="c">The case.</param>
    /// <param name="leaves">Gets the tensors that require grad.</param>
    /// <param name="given">Other tensors in the place of some, by their keys.</param>
    internal static object? Call(Recorded r, JsonNode c, List<Tensor> leaves, IReadOnlyDictionary<string, Tensor>? given = null)
    {
        Dictionary<string, Tensor> made = [];
        Tensor Make(JsonNode v)
        {
            string key = (string)v["t"]!;
            if (given is not null && given.TryGetValue(key, out Tensor? other)) return other;
            if (made.TryGetValue(key, out Tensor? t)) return t;
            t = r.Tensor(v);
            bool strided = v["strides"] is not null;
            if (!strided) t = t.Clone();
            return made[key] = t.SetRequiresGrad((bool?)v["rg"] ?? false);
        }
        List<Argument> arguments = [.. c["args"]!.AsArray().Select(a => new Argument(null, a!)), .. c["kwargs"]!.AsObject().Select(a => new Argument(a.Key, a.Value!))];
        foreach (Argument a in arguments)
            foreach (JsonObject t in Leaves(a.Value))
                if (t["t"] is not null && ((bool?)t["rg"] ?? false)) leaves.Add(Make(t));
        if ((bool?)c["random"] ?? false) Generator.ManualSeed(42);   // PyTorch's databases seed so themselves, whatever was seeded before
        return Names.Call(Operator(r), arguments, Make);
    }

    static string? Difference(string what, Recorded r, JsonObject expected, object actual, (double, double)? tolerance, string? compare) => expected.First() switch
    {
        ("t", _) => actual is Tensor y ? Comparison.Difference(what, r.Tensor(expected), y, tolerance, compare == "shape", compare == "magnitude") : $"{what}: a tensor expected, {actual} came",
        var (_, v) when compare == "shape" => null,
        ("i" or "f", var v) => actual is IConvertible n && Convert.ToDouble(n) == (double)v! ? null : $"{what}: {v} expected, {actual} came",
        ("b", var v) => actual is bool b && b == (bool)v! ? null : $"{what}: {v} expected, {actual} came",
        ("dtype", var v) => string.Equals(actual.ToString(), v!.ToString(), StringComparison.OrdinalIgnoreCase) ? null : $"{what}: {v} expected, {actual} came",
        var (_, v) => $"{what}: {v} expected, {actual} came",
    };

    /// <summary>The values of nested lists, in order, without None.</summary>
    internal static IEnumerable<JsonObject> Leaves(JsonNode? v) => v switch
    {
        JsonObject o when o["l"] is JsonArray list => list.SelectMany(Leaves),
        JsonObject o when o.ContainsKey("n") => [],
        JsonObject o => [o],
        _ => [],
    };

    /// <summary>What was called, for people.</summary>
    internal static string Spell(Recorded r, JsonNode c) => $"{Operator(r)}({string.Join(", ", c["args"]!.AsArray().Select(a => Text(r, a)).Concat(c["kwargs"]!.AsObject().Select(a => $"{a.Key}={Text(r, a.Value)}")))})";

    static string Text(Recorded r, JsonNode? v) => v!.AsObject().First() switch
    {
        ("t", var name) => r.Tensors[(string)name!] is var t && t.Count <= 4 && !v.AsObject().ContainsKey("strides") ? $"{t.DType}{t.Shape}[{string.Join(", ", t.ToArray<System.Numerics.Complex>().Select(z => z.Imaginary == 0 ? $"{z.Real}" : $"{z}"))}]"
            : $"{t.DType}{t.Shape}{(v["strides"] is { } s ? "/" + s.ToJsonString() : "")}",
        ("l", var list) => $"[{string.Join(", ", list!.AsArray().Select(x => Text(r, x)))}]",
        ("n", _) => "None",
        ("slice", var s) => string.Join(":", s!.AsArray().Select(x => Text(r, x))).Replace("None", ""),
        (_, var x) => x!.ToString(),
    };
}
