using System.Text.Json.Nodes;
using Flambeau.Nn;
using Flambeau.Optim;

namespace Flambeau.Conformance;

/// <summary>Learning-rate schedulers: rates and momenta after each step.</summary>
public sealed class SchedSuite : ISuite
{
    static readonly Dictionary<string, Type> s_schedulers = typeof(LRScheduler).Assembly.GetExportedTypes()
        .Where(t => t.Namespace == typeof(LRScheduler).Namespace && !t.IsAbstract && t.IsClass).ToDictionary(t => t.Name, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public string Name => "sched";

    /// <inheritdoc/>
    public IEnumerable<Outcome> Run(Corpus corpus, string? filter = null)
    {
        foreach (string name in corpus.Names())
        {
            if (!name.EndsWith(".json", StringComparison.Ordinal)) continue;
            JsonObject c = JsonNode.Parse(corpus.Bytes(name))!.AsObject();
            string scheduler = (string)c["scheduler"]!;
            if (filter is null || scheduler.Contains(filter, StringComparison.OrdinalIgnoreCase)) yield return Case(scheduler, Path.GetFileNameWithoutExtension(name), c);
        }
    }

    /// <summary>Runs one case.</summary>
    /// <param name="group">The scheduler.</param>
    /// <param name="which">The case.</param>
    /// <param name="c">What was recorded.</param>
    /// <param name="between">Called before each step with both and a way to make new ones; answers those to go on with.</param>
    public static Outcome Case(string group, string which, JsonObject c, Func<Sgd, object, Func<Sgd, object>, (Sgd, object)>? between = null)
    {
        try
        {
            object Make(Sgd s) => Build(group, c["options"]!.AsObject(), s);
            Sgd sgd = Optimizer();
            object scheduler = Make(sgd);
            int steps = c["lr"]!.AsArray().Count;
            for (int i = 0; i < steps; i++)
            {
                if (Differs(c["lr"]![i], sgd.ParamGroups[0].Lr)) return new(group, which, Status.Failed, $"rate after step {i}: {c["lr"]![i]} expected, {sgd.ParamGroups[0].Lr:R} came");
                if (c["momentum"] is JsonArray m && Differs(m[i], sgd.ParamGroups[0].Options.Momentum)) return new(group, which, Status.Failed, $"momentum after step {i}: {m[i]} expected, {sgd.ParamGroups[0].Options.Momentum:R} came");
                if (i == steps - 1) break;
                if (between is not null) (sgd, scheduler) = between(sgd, scheduler, Make);
                if (scheduler is ReduceLROnPlateau plateau) plateau.Step((double)c["metrics"]![i]!);
                else ((LRScheduler)scheduler).Step();
            }
            return new(group, which, Status.Passed);
        }
        catch (BindingException e) { return new(group, which, Status.Unsupported, e.Message); }
        catch (Exception e) { return new(group, which, Status.Failed, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}"); }
    }

    /// <summary>The optimizer whose rate was recorded.</summary>
    public static Sgd Optimizer() => new([new Parameter(Tensor.Zeros(1))], 0.1, 0.9);

    static bool Differs(JsonNode? expected, double actual) => !(Math.Abs((double)expected! - actual) <= 1e-15 * (1 + Math.Abs(actual)));

    static object Build(string name, JsonObject options, Sgd optimizer)
    {
        if (!s_schedulers.TryGetValue(name, out Type? type)) throw new BindingException($"Flambeau has no scheduler {name}");
        // The optimizer is no recorded value: it stands in front of the others.
        return Binder.Call(type.GetConstructors().Where(k => k.GetParameters() is [{ ParameterType.Name: "Optimizer" }, ..]), [.. options.Select(o => new Argument(o.Key, Value(o.Value)))], _ => throw new BindingException("no tensors here"), optimizer)!;
    }

    static JsonNode Value(JsonNode? v) => v switch
    {
        null => new JsonObject { ["n"] = 0L },
        JsonArray a => new JsonObject { ["l"] = new JsonArray([.. a.Select(Value)]) },
        _ => v.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => new JsonObject { ["b"] = v.DeepClone() },
            System.Text.Json.JsonValueKind.String => new JsonObject { ["s"] = v.DeepClone() },
            _ => new JsonObject { [v.ToJsonString().AsSpan().ContainsAny('.', 'e', 'E') ? "f" : "i"] = v.DeepClone() },
        },
    };
}
