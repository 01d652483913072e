using System.Text.Json.Nodes;
using Flambeau.Nn;
using Module = Flambeau.Nn.Module;

namespace Flambeau.Conformance;

/// <summary>The modules' recorded calls as functions of inputs and parameters, under transforms.</summary>
public sealed class ModuleTransformsSuite : ISuite
{
    /// <inheritdoc/>
    public string Name => "module-transforms";

    /// <inheritdoc/>
    public string Corpus => "modules";

    // Module in train mode, reason.
    static readonly Dictionary<string, string> s_state = new[] { "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d" }
        .ToDictionary(m => m, _ => "statistics that all examples share cannot be updated by each of them, as in PyTorch");

    /// <inheritdoc/>
    public IEnumerable<Outcome> Run(Corpus corpus, string? filter = null)
    {
        foreach (string name in corpus.Names())
        {
            if (!name.EndsWith(".safetensors", StringComparison.Ordinal)) continue;
            Recorded r = corpus.Read(name);
            string module = (string)r.Case["module"]!;
            if (filter is not null && !module.Contains(filter, StringComparison.OrdinalIgnoreCase)) continue;
            foreach (string mode in (string[])["eval", "train"])
                if (r.Case[mode] is JsonObject { } expected && expected["cotangents"] is JsonArray)
                    foreach (var (transform, check) in TransformChecks.All) yield return Case(module, $"{transform} {Path.GetFileNameWithoutExtension(name)} {mode}", r, mode, expected, check);
        }
    }

    static Outcome Case(string group, string which, Recorded r, string mode, JsonObject expected, Func<RecordedFunction, string?> check)
    {
        if (ModulesSuite.GradientRefusal(group) is { } refusal && !which.StartsWith("Vmap ", StringComparison.Ordinal)) return new(group, which, Status.Refused, $"{which}): {refusal}");
        try { return check(Point(r, mode, expected)) is { } difference ? new(group, which, Status.Failed, difference) : new(group, which, Status.Passed); }
        catch (BindingException e) { return new(group, which, Status.Unsupported, e.Message); }
        catch (InvalidOperationException e) when (s_state.TryGetValue(group, out string? reason) && mode == "train" && e.Message.Contains("in place: inside Vmap", StringComparison.Ordinal))
        {
            return new(group, which, Status.Refused, $"{which}): {reason}");
        }
        catch (Exception e) { return new(group, which, Status.Failed, OpsSuite.Brief(e)); }
    }

    static RecordedFunction Point(Recorded r, string mode, JsonObject expected)
    {
        Module m = ModulesSuite.Loaded(r, mode);
        JsonObject[] inputs = [.. ModulesSuite.Inputs(r)], outputs = [.. ModulesSuite.Tensors(expected["outputs"])];
        JsonArray inputGrads = expected["input_grads"]!.AsArray();
        List<Tensor> leaves = [], gradients = [];
        List<int> at = [];
        int wanted = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!((bool?)inputs[i]["rg"] ?? false)) continue;
            JsonNode g = inputGrads[wanted++]!;
            if (g["t"] is null) continue;
            at.Add(i);
            leaves.Add(r.Tensor(inputs[i]));
            gradients.Add(r.Tensor(g));
        }
        List<string> names = [];
        foreach ((string key, JsonNode? g) in expected["param_grads"]!.AsObject())
        {
            if (g!["t"] is null) continue;
            names.Add(key);
            leaves.Add(m.GetParameter(key).Detach().Clone());
            gradients.Add(r.Tensor(g));
        }
        return new()
        {
            Leaves = [.. leaves], Gradients = [.. gradients],
            Expected = [.. outputs.Where(IsDifferentiable).Select(o => r.Tensor(o))],
            Cotangents = [.. expected["cotangents"]!.AsArray().Select(c => r.Tensor(c))],
            Call = x =>
            {
                Dictionary<string, Tensor> parameters = names.Select((n, i) => (n, x[at.Count + i])).ToDictionary(p => p.n, p => p.Item2);
                int next = 0;
                object? result = Stateless.FunctionalCall(m, parameters, n => ModulesSuite.Call(n, r, v => at.IndexOf(next++) is >= 0 and var k ? x[k] : r.Tensor(v).Detach().Clone()));
                return [.. outputs.Zip(Binder.Flat(result)).Where(p => IsDifferentiable(p.First)).Select(p => (Tensor)p.Second)];
            },
        };
    }

    static bool IsDifferentiable(JsonObject output) => (bool?)output["rg"] ?? false;
}
