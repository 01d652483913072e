using System.Text.Json.Nodes;

namespace Flambeau.Conformance;

/// <summary>Random streams: each recorded call, made twice after <c>manual_seed</c>.</summary>
public sealed class RngSuite : ISuite
{
    // What passes through log, cos or exp is PyTorch's to float accuracy; the rest bit for bit.
    static readonly string[] s_transcendental = ["randn", "normal", "exponential", "cauchy", "geometric", "orthogonal", "trunc_normal", "Embedding"];

    /// <inheritdoc/>
    public string Name => "rng";

    /// <inheritdoc/>
    public IEnumerable<Outcome> Run(Corpus corpus, string? filter = null)
    {
        foreach (string name in corpus.Names())
        {
            if (!name.EndsWith(".safetensors", StringComparison.Ordinal)) continue;
            Recorded r = corpus.Read(name);
            string seed = Path.GetFileNameWithoutExtension(name);
            foreach (JsonNode? row in r.Json("rows").AsArray())
            {
                string call = (string)row!["call"]!;
                if (filter is null || call.Contains(filter, StringComparison.Ordinal)) yield return Row(call, seed, long.Parse(seed["seed".Length..]), r, row);
            }
        }
    }

    static Outcome Row(string call, string which, long seed, Recorded r, JsonNode row)
    {
        try
        {
            Generator.ManualSeed(seed);
            foreach (string time in (string[])["first", "second"])
            {
                object? y = PythonCall.Evaluate(call, name => r.Tensors.GetValueOrDefault(name));
                Tensor expected = r.Tensor(row[time]), actual = y as Tensor ?? throw new BindingException($"{call} answers no tensor");
                (double, double) tolerance = s_transcendental.Any(call.Contains) ? (1e-6, 1e-6) : (0, 0);
                if (Comparison.Difference(time, expected, actual, tolerance) is { } d) return new(call, which, Status.Failed, d);
            }
            return new(call, which, Status.Passed);
        }
        catch (BindingException e) { return new(call, which, Status.Unsupported, e.Message); }
        catch (Exception e) { return new(call, which, Status.Failed, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}"); }
    }
}
