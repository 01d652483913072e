using System.Reflection;
using System.Text.Json.Nodes;
using Flambeau.Nn;
using Module = Flambeau.Nn.Module;

namespace Flambeau.Conformance;

/// <summary>Modules: built and called by PyTorch's names; outputs, gradients and states in eval and in train mode.</summary>
public sealed class ModulesSuite : ISuite
{
    static readonly Dictionary<string, Type> s_modules = typeof(Module).Assembly.GetExportedTypes()
        .Where(t => t.IsSubclassOf(typeof(Module)) && !t.IsAbstract && !t.IsGenericType).ToDictionary(t => t.Name, StringComparer.OrdinalIgnoreCase);

    // Where PyTorch has arguments between others that Flambeau leaves out: what `reduction` replaced, and the flag that asks for indices, a method here.
    static readonly Dictionary<string, string[]> s_legacy = new()
    {
        ["CrossEntropyLoss"] = ["weight", "size_average", "ignore_index", "reduce", "reduction"],
        ["NLLLoss"] = ["weight", "size_average", "ignore_index", "reduce", "reduction"],
        ["PoissonNLLLoss"] = ["log_input", "full", "size_average", "eps"],
        ["MaxPool1d"] = ["kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"],
        ["MaxPool2d"] = ["kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"],
        ["MaxPool3d"] = ["kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"],
        ["AdaptiveMaxPool1d"] = ["output_size", "return_indices"], ["AdaptiveMaxPool2d"] = ["output_size", "return_indices"], ["AdaptiveMaxPool3d"] = ["output_size", "return_indices"],
        ["FractionalMaxPool2d"] = ["kernel_size", "output_size", "output_ratio", "return_indices", "random_samples"],
        ["FractionalMaxPool3d"] = ["kernel_size", "output_size", "output_ratio", "return_indices", "random_samples"],
    };

    // Module, reason.
    static readonly Dictionary<string, string> s_gradientRefused = new()
    {
        ["CrossMapLRN2d"] = "PyTorch's derivative, written by hand, is not that of its result",
    };

    /// <inheritdoc/>
    public string Name => "modules";

    /// <inheritdoc/>
    public IEnumerable<Outcome> Run(Corpus corpus, string? filter = null)
    {
        foreach (string name in corpus.Names())
        {
            if (!name.EndsWith(".safetensors", StringComparison.Ordinal)) continue;
            Recorded r = corpus.Read(name);
            string module = (string)r.Case["module"]!;
            if (filter is null || module.Contains(filter, StringComparison.OrdinalIgnoreCase)) yield return Case(module, Path.GetFileNameWithoutExtension(name), r);
        }
    }

    static Outcome Case(string group, string which, Recorded r)
    {
        try
        {
            foreach (string mode in (string[])["eval", "train"])
                if (r.Case[mode] is JsonObject expected && Difference(r, mode, expected) is { } d) return new(group, which, Status.Failed, d);
            return new(group, which, Status.Passed);
        }
        catch (BindingException e) { return new(group, which, Status.Unsupported, e.Message); }
        catch (Exception e) { return new(group, which, Status.Failed, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}"); }
    }

    static string? Difference(Recorded r, string mode, JsonObject expected)
    {
        Module m = Loaded(r, mode);
        List<Tensor> inputs = [];
        object? result = Call(m, r, v =>
        {
            Tensor t = r.Tensor(v).Detach().Clone().SetRequiresGrad((bool?)v["rg"] ?? false);
            inputs.Add(t);
            return t;
        });
        object[] y = [.. Binder.Flat(result)];
        JsonObject[] outputs = [.. Tensors(expected["outputs"])];
        if (outputs.Length != y.Length) return $"{mode}: {outputs.Length} results expected, {y.Length} came";
        for (int i = 0; i < y.Length; i++)
            if (Comparison.Difference($"{mode}: result {i}", r.Tensor(outputs[i]), (Tensor)y[i]) is { } d) return d;

        if (expected["cotangents"] is JsonArray cotangents && GradientRefusal((string)r.Case["module"]!) is null)
        {
            Autograd.Backward([.. y.Cast<Tensor>().Where((_, i) => (bool?)outputs[i]["rg"] ?? false)], [.. cotangents.Select(c => r.Tensor(c))]);
            Tensor[] wanted = [.. inputs.Where(x => x.RequiresGrad)];
            JsonArray inputGrads = expected["input_grads"]!.AsArray();
            for (int i = 0; i < wanted.Length; i++)
                if (inputGrads[i]!["t"] is not null && Comparison.Difference($"{mode}: gradient of input {i}", r.Tensor(inputGrads[i]), wanted[i].Grad) is { } d) return d;
            Dictionary<string, Tensor?> parameters = m.NamedParameters().ToDictionary(p => p.Name, p => p.Value.Grad);
            foreach ((string key, JsonNode? g) in expected["param_grads"]!.AsObject())
                if (g!["t"] is not null && Comparison.Difference($"{mode}: gradient of {key}", r.Tensor(g), parameters.GetValueOrDefault(key)) is { } d) return d;
        }
        foreach ((string key, JsonNode? s) in expected["state_dict_after"] as JsonObject ?? [])
            if (Comparison.Difference($"{mode}: {key} after", r.Tensor(s), m.StateDict().GetValueOrDefault(key)) is { } d) return d;
        return null;
    }

    /// <summary>The recorded module with its recorded state.</summary>
    internal static Module Loaded(Recorded r, string mode)
    {
        Module m = Make(r).To(DType.Float64);
        m.LoadStateDict(r.Case["state_dict"]!.AsObject().ToDictionary(s => s.Key, s => r.Tensor(s.Value)), assign: true);
        m.Train(mode == "train");
        return m;
    }

    /// <summary>Why a module's recorded gradient is not asked for; null if it is.</summary>
    internal static string? GradientRefusal(string module) => s_gradientRefused.GetValueOrDefault(module);

    /// <summary>The tensors of a recorded call, in the order in which <see cref="Call"/> makes them.</summary>
    internal static IEnumerable<JsonObject> Inputs(Recorded r) => r.Case["inputs"]!.AsArray().Concat(r.Case["input_kwargs"]!.AsObject().Select(a => a.Value)).SelectMany(Tensors);

    static Module Make(Recorded r) => Make((string)r.Case["module"]!, Arguments(r), r.Tensor);

    static List<Argument> Arguments(Recorded r) =>
        [.. r.Case["ctor_args"]!.AsArray().Select((a, i) => new Argument(s_legacy.GetValueOrDefault((string)r.Case["module"]!)?[i], a!)), .. r.Case["ctor_kwargs"]!.AsObject().Select(a => new Argument(a.Key, a.Value!))];

    /// <summary>A new module, by PyTorch's name and arguments.</summary>
    /// <exception cref="BindingException">There is none, or not with such arguments.</exception>
    internal static Module Make(string name, List<Argument> arguments, Func<JsonNode, Tensor> tensor)
    {
        if (!s_modules.TryGetValue(name, out Type? type)) throw new BindingException($"Flambeau has no module {name}");
        arguments.RemoveAll(a => a.Name is "size_average" or "reduce" or "return_indices");
        return (Module)Binder.Call(type.GetConstructors(), arguments, tensor)!;
    }

    internal static object? Call(Module m, Recorded r, Func<JsonNode, Tensor> tensor)
    {
        // An input is made once, in the order in which the call names it, however often an overload is tried.
        Dictionary<JsonNode, Tensor> made = [];
        List<Argument> arguments = [.. r.Case["inputs"]!.AsArray().Select(a => new Argument(null, a!)), .. r.Case["input_kwargs"]!.AsObject().Select(a => new Argument(a.Key, a.Value!))];
        foreach (Argument a in arguments)
            foreach (JsonObject t in Tensors(a.Value)) made[t] = tensor(t);
        string method = Arguments(r).Any(a => a.Name == "return_indices" && (bool?)a.Value["b"] == true) ? "ForwardWithIndices" : "Forward";
        return Binder.Call(m.GetType().GetMethods().Where(f => f.Name == method), arguments, v => made[v], m);
    }

    internal static IEnumerable<JsonObject> Tensors(JsonNode? v) => v switch
    {
        JsonObject o when o["t"] is JsonValue => [o],
        JsonObject o => o.SelectMany(x => Tensors(x.Value)),
        JsonArray a => a.SelectMany(Tensors),
        _ => [],
    };
}
