using System.Text.Json.Nodes;
using Flambeau.Optim;

namespace Flambeau.Conformance;

/// <summary>Optimizers: the parameters after some steps on a small problem.</summary>
public sealed class OptimSuite : ISuite
{
    static readonly Dictionary<string, Type> s_optimizers = typeof(Optimizer).Assembly.GetExportedTypes()
        .Where(t => t.IsSubclassOf(typeof(Optimizer)) && !t.IsAbstract && !t.IsGenericType).ToDictionary(t => t.Name, StringComparer.OrdinalIgnoreCase);

    // Pairs that have two parameters here.
    static readonly Dictionary<string, string[]> s_pairs = new() { ["betas"] = ["beta1", "beta2"], ["etas"] = ["eta_minus", "eta_plus"], ["step_sizes"] = ["min_step_size", "max_step_size"] };

    // How PyTorch computes, not what.
    static readonly string[] s_silent = ["foreach", "fused", "capturable", "differentiable"];

    /// <inheritdoc/>
    public string Name => "optim";

    /// <inheritdoc/>
    public IEnumerable<Outcome> Run(Corpus corpus, string? filter = null)
    {
        foreach (string name in corpus.Names())
        {
            if (!name.EndsWith(".safetensors", StringComparison.Ordinal)) continue;
            Recorded r = corpus.Read(name);
            string optimizer = (string)r.Case["optimizer"]!;
            if (filter is null || optimizer.Contains(filter, StringComparison.OrdinalIgnoreCase)) yield return Case(optimizer, Path.GetFileNameWithoutExtension(name), r);
        }
    }

    /// <summary>Runs one case.</summary>
    /// <param name="group">The optimizer.</param>
    /// <param name="which">The case.</param>
    /// <param name="r">What was recorded.</param>
    /// <param name="between">Whether to replace the optimizer between the recorded steps by a new one that takes over its state.</param>
    public static Outcome Case(string group, string which, Recorded r, Action<Optimizer, Optimizer>? between = null)
    {
        try
        {
            // loss = mean((tanh(x p₀ᵀ + p₁) p₂ᵀ − y)²)
            Tensor[] p = [.. r.Case["initial"]!.AsArray().Select(t => r.Tensor(t).Detach().Clone().SetRequiresGrad())];
            Tensor x = r.Tensor(r.Case["x"]), y = r.Tensor(r.Case["y"]);
            Optimizer optimizer = Make(group, p, r.Case["options"]!.AsObject());
            int done = 0;
            foreach (JsonNode? step in r.Case["steps"]!.AsArray())
            {
                for (; done < (int)step!["step"]!; done++)
                    optimizer.Step(() =>
                    {
                        optimizer.ZeroGrad();
                        Tensor loss = ((x.MatMul(p[0].T) + p[1]).Tanh().MatMul(p[2].T) - y).Square().Mean();
                        loss.Backward();
                        return loss;
                    });
                double tolerance = Tolerance(group, done);
                for (int i = 0; i < p.Length; i++)
                    if (Comparison.Difference($"parameter {i} after step {done}", r.Tensor(step["params"]![i]), p[i], (tolerance, tolerance)) is { } d) return new(group, which, Status.Failed, d);
                if (between is null) continue;
                Optimizer next = Make(group, p, r.Case["options"]!.AsObject());
                between(optimizer, next);
                optimizer = next;
            }
            return new(group, which, Status.Passed);
        }
        catch (BindingException e) { return new(group, which, Status.Unsupported, e.Message); }
        catch (Exception e) { return new(group, which, Status.Failed, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}"); }
    }

    // PyTorch keeps some numbers of ASGD and NAdam in float32. LBFGS amplifies the last bits: PyTorch itself, begun 1e-15 away, ends 1e-3 away.
    static double Tolerance(string name, int step) => name switch { "LBFGS" => step <= 3 ? 1e-9 : 1e-2, "ASGD" or "NAdam" => 1e-7, _ => 1e-12 };

    static Optimizer Make(string name, Tensor[] parameters, JsonObject options)
    {
        if (!s_optimizers.TryGetValue(name, out Type? type)) throw new BindingException($"Flambeau has no optimizer {name}");
        List<Argument> arguments = [new(null, new JsonObject { ["l"] = new JsonArray([.. parameters.Select((_, i) => (JsonNode)new JsonObject { ["t"] = $"{i}" })]) })];
        foreach ((string key, JsonNode? v) in options)
        {
            if (s_silent.Contains(key)) continue;
            if (s_pairs.TryGetValue(key, out string[]? names)) for (int i = 0; i < names.Length; i++) arguments.Add(new(names[i], v!["l"]![i]!));
            else arguments.Add(new(key, v!));
        }
        return (Optimizer)Binder.Call(type.GetConstructors(), arguments, t => parameters[int.Parse((string)t["t"]!)])!;
    }
}
