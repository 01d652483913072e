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
            double[] tolerances = Tolerances(group, r);
            int k = 0;
            foreach ((int step, Tensor[] p) in Run(group, r, 0, between))
            {
                JsonNode expected = r.Case["steps"]![k]!["params"]!;
                for (int i = 0; i < p.Length; i++)
                    if (Comparison.Difference($"parameter {i} after step {step}", r.Tensor(expected[i]), p[i], (tolerances[k], tolerances[k])) is { } d) return new(group, which, Status.Failed, d);
                k++;
            }
            return new(group, which, Status.Passed);
        }
        catch (BindingException e) { return new(group, which, Status.Unsupported, e.Message); }
        catch (Exception e) { return new(group, which, Status.Failed, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}"); }
    }

    /// <summary>The parameters after each of the recorded steps, begun at the recorded values times 1 + <paramref name="shift"/>.</summary>
    static IEnumerable<(int Step, Tensor[] Parameters)> Run(string group, Recorded r, double shift, Action<Optimizer, Optimizer>? between)
    {
        // loss = mean((tanh(x p₀ᵀ + p₁) p₂ᵀ − y)²)
        Tensor[] p = [.. r.Case["initial"]!.AsArray().Select(t => (r.Tensor(t).Detach() * (1 + shift)).SetRequiresGrad())];
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
            yield return (done, p);
            if (between is null) continue;
            Optimizer next = Make(group, p, r.Case["options"]!.AsObject());
            between(optimizer, next);
            optimizer = next;
        }
    }

    // PyTorch keeps some numbers of ASGD and NAdam in float32. LBFGS amplifies the last bits, PyTorch's like ours: begun 1e-15 away, it ends up to
    // 0.2 away. It may be as far from PyTorch as ten times as far as it goes from itself when begun so.
    static double[] Tolerances(string name, Recorded r)
    {
        var y = new double[r.Case["steps"]!.AsArray().Count];
        y.AsSpan().Fill(name switch { "LBFGS" => 1e-9, "ASGD" or "NAdam" => 1e-7, _ => 1e-12 });
        if (name != "LBFGS") return y;
        Tensor[][] own = [.. Run(name, r, 0, null).Select(s => s.Parameters.Select(p => p.Detach().Clone()).ToArray())];
        foreach (double shift in (double[])[1e-15, 3e-15, -2e-15])
        {
            int k = 0;
            foreach ((_, Tensor[] p) in Run(name, r, shift, null))
            {
                for (int i = 0; i < p.Length; i++) y[k] = Math.Max(y[k], 10 * ((p[i].Detach() - own[k][i]).Abs() / (own[k][i].Abs() + 1)).Max().Item<double>());
                k++;
            }
        }
        return y;
    }

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
