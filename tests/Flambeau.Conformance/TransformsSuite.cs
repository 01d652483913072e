using System.Text.Json.Nodes;

namespace Flambeau.Conformance;

/// <summary>
/// The operators' recorded calls as functions under transforms: forward mode must agree with PyTorch's recorded gradients, and Vmap, of the function and of
/// its derivative, with its recorded results and gradients, for each of two examples.
/// </summary>
public sealed class TransformsSuite : ISuite
{
    /// <inheritdoc/>
    public string Name => "transforms";

    /// <inheritdoc/>
    public string Corpus => "ops";

    /// <inheritdoc/>
    public IEnumerable<Outcome> Run(Corpus corpus, string? filter = null)
    {
        Action<string> before = Func.OnVmapFallback;
        Func.OnVmapFallback = _ => { };
        try
        {
            foreach (string name in corpus.Names())
            {
                if (!name.EndsWith(".safetensors", StringComparison.Ordinal)) continue;
                string op = Path.GetFileName(name)[..^".safetensors".Length];
                if (filter is not null && !op.Contains(filter, StringComparison.Ordinal)) continue;
                Recorded r = corpus.Read(name);
                int i = 0;
                foreach (JsonNode? c in r.Json("cases").AsArray())
                {
                    string which = $"case {i++} ({c!["dtype"]})";
                    if (c["cotangents"] is not JsonArray || (string)c["dtype"]! is "bfloat16" or "float16") continue;   // these are float32 behind a cast
                    foreach (var (transform, check) in TransformChecks.All) yield return Case(op, which, r, c, transform, check);
                }
            }
        }
        finally { Func.OnVmapFallback = before; }
    }

    // Where forward mode gives the derivative, and PyTorch's gradient is another number; reason.
    static readonly (string Op, string Reason)[] s_otherGradient =
        [.. new[] { "nn.functional.max_unpool1d", "nn.functional.max_unpool2d", "nn.functional.max_unpool3d" }.Select(op =>
            (op, "where several elements are brought to one place only the last stays, yet PyTorch's gradient goes to each of them"))];

    static Outcome Case(string group, string which, Recorded r, JsonNode c, string transform, Func<RecordedFunction, string?> check)
    {
        Outcome End(Status s, string? detail = null) => new(group, $"{transform} {which}", s, detail is null ? null : $"{OpsSuite.Spell(r, c)}: {detail}");
        if (OpsTolerances.Refusal(group, which, r, c) is { } reason) return End(Status.Refused, reason);
        if (transform == "Jvp")
            foreach ((string op, string why) in s_otherGradient) if (op == group) return End(Status.Refused, why);
        try { return check(Point(group, r, c)) is { } difference ? End(Status.Failed, difference) : End(Status.Passed); }
        catch (BindingException e) { return End(Status.Unsupported, e.Message); }
        catch (Exception e) { return End(Status.Failed, OpsSuite.Brief(e)); }
    }

    static RecordedFunction Point(string group, Recorded r, JsonNode c)
    {
        List<string> keys = [];
        List<Tensor> leaves = [];
        foreach (JsonObject t in c["args"]!.AsArray().Concat(c["kwargs"]!.AsObject().Select(a => a.Value)).SelectMany(OpsSuite.Leaves))
            if (t["t"] is { } key && ((bool?)t["rg"] ?? false))
            {
                keys.Add((string)key!);
                leaves.Add(r.Tensor(t).Clone());
            }
        JsonObject[] all = [.. OpsSuite.Leaves(c["outputs"])];
        JsonArray wanted = c["grads"]!.AsArray();
        return new()
        {
            Leaves = [.. leaves],
            Expected = [.. all.Where(IsDifferentiable).Select(o => r.Tensor(o))],
            Cotangents = [.. c["cotangents"]!.AsArray().Select(t => r.Tensor(t))],
            Gradients = [.. leaves.Select((x, i) => wanted[i]!["t"] is null ? Tensor.ZerosLike(x) : r.Tensor(wanted[i]))],
            Tolerance = OpsTolerances.Of(group, (string)c["dtype"]!),
            Compare = (string?)c["compare"],
            Call = at =>
            {
                Dictionary<string, Tensor> given = [];
                for (int i = 0; i < at.Length; i++) given[keys[i]] = at[i];
                object[] y = [.. Binder.Flat(OpsSuite.Call(r, c, [], given))];
                return [.. all.Zip(y).Where(p => IsDifferentiable(p.First)).Select(p => (Tensor)p.Second)];
            },
        };
    }

    static bool IsDifferentiable(JsonObject output) => (bool?)output["rg"] ?? false;
}
