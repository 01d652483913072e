using System.Reflection;
using System.Text.Json.Nodes;
using Flambeau.Distributions;

namespace Flambeau.Conformance;

/// <summary>Distributions: log-probabilities with their gradients, moments, entropy, distribution functions, supports; and divergences.</summary>
public sealed class DistributionsSuite : ISuite
{
    /// <inheritdoc/>
    public string Name => "distributions";

    /// <inheritdoc/>
    public IEnumerable<Outcome> Run(Corpus corpus, string? filter = null)
    {
        foreach (string name in corpus.Names())
        {
            if (!name.EndsWith(".safetensors", StringComparison.Ordinal)) continue;
            Recorded r = corpus.Read(name);
            if (r.Texts.ContainsKey("case"))
            {
                string group = (string)r.Case["distribution"]!;
                if (filter is null || group.Contains(filter, StringComparison.OrdinalIgnoreCase))
                    foreach (Outcome o in Case(group, Path.GetFileNameWithoutExtension(name), r)) yield return o;
                continue;
            }
            int i = 0;
            foreach (JsonNode? c in r.Json("cases").AsArray())
            {
                string group = $"kl {(string)c!["p"]!} {(string)c["q"]!}", which = $"{Path.GetFileNameWithoutExtension(name)} {i++}";
                if (filter is null || group.Contains(filter, StringComparison.OrdinalIgnoreCase))
                    yield return Check(group, which, () => Comparison.Difference("kl", r.Tensor(c["kl"]), Kl.KlDivergence(Make(r, c, "p", "p_params", []), Make(r, c, "q", "q_params", []))));
            }
        }
    }

    static IEnumerable<Outcome> Case(string group, string which, Recorded r)
    {
        List<Tensor> leaves = [];
        Distribution? d = null;
        JsonObject c = r.Case;
        Outcome made = Check(group, which, () =>
        {
            d = Make(r, c, "distribution", "params", leaves);
            long[] batch = Sizes(c["batch_shape"]), events = Sizes(c["event_shape"]);
            return d.BatchShape != batch ? $"batch shape ({string.Join(", ", batch)}) expected, {d.BatchShape} came"
                : d.EventShape != events ? $"event shape ({string.Join(", ", events)}) expected, {d.EventShape} came"
                : c["has_rsample"] is { } has && d.HasRSample != (bool)has ? $"has_rsample {has} expected, {d.HasRSample} came" : null;
        });
        yield return made;
        if (made.Status != Status.Passed) yield break;
        foreach ((string what, JsonNode? expected) in c["values"]!.AsObject())
        {
            Tensor e = r.Tensor(expected);
            yield return Check(group, $"{which} {what}", () => Comparison.Difference(what, e, Ask(d!, what, c["value"] is { } v ? r.Tensor(v) : null)));
        }
        if (c["log_prob_sum_grads"] is not JsonArray wanted) yield break;
        yield return Check(group, $"{which} gradients of log_prob", () =>
        {
            Tensor?[] grads = Autograd.Grad([d!.LogProb(r.Tensor(c["value"])).Sum()], leaves, allowUnused: true);
            for (int i = 0; i < wanted.Count; i++)
            {
                if (wanted[i]?["t"] is null) continue;
                Tensor e = r.Tensor(wanted[i]);
                if (Comparison.Difference($"gradient {i}", e, grads[i] ?? Tensor.ZerosLike(e)) is { } difference) return difference;
            }
            return null;
        });
    }

    static Tensor Ask(Distribution d, string what, Tensor? value) => what switch
    {
        "log_prob" => d.LogProb(value!),
        "cdf" => d.Cdf(value!),
        "icdf(cdf)" => d.Icdf(d.Cdf(value!)),
        "icdf" => d.Icdf(value!),
        "entropy" => d.Entropy(),
        "perplexity" => d.Perplexity(),
        "enumerate_support" => d.EnumerateSupport(),
        "mean" => d.Mean,
        "mode" => d.Mode,
        "variance" => d.Variance,
        "stddev" => d.StdDev,
        _ => throw new BindingException($"Flambeau's distributions have no {what}"),
    };

    static long[] Sizes(JsonNode? v) => [.. v!.AsArray().Select(n => (long)n!)];

    static Distribution Make(Recorded r, JsonNode c, string name, string parameters, List<Tensor> leaves)
    {
        string wanted = (string)c[name]!;
        Type type = typeof(Distribution).Assembly.GetExportedTypes().FirstOrDefault(t => t.IsSubclassOf(typeof(Distribution)) && t.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw new BindingException($"Flambeau has no distribution {wanted}");
        List<Argument> arguments = [.. c[parameters]!.AsObject().Select(a => new Argument(a.Key, a.Value!))];
        return (Distribution)Binder.Call(type.GetConstructors(), arguments, v =>
        {
            Tensor t = r.Tensor(v).Clone();
            if ((bool?)v["rg"] ?? false) leaves.Add(t.SetRequiresGrad());
            return t;
        })!;
    }

    static Outcome Check(string group, string which, Func<string?> difference)
    {
        try { return difference() is { } d ? new(group, which, Status.Failed, d) : new(group, which, Status.Passed); }
        catch (BindingException e) { return new(group, which, Status.Unsupported, e.Message); }
        catch (Exception e)
        {
            if (e is TargetInvocationException { InnerException: { } inner }) e = inner;
            return new(group, which, Status.Failed, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
