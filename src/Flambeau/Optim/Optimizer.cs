using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Flambeau.Backends;
using Flambeau.IO;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>Changes parameters by their gradients. PyTorch's <c>torch.optim.Optimizer</c>.</summary>
public abstract class Optimizer : IStateful
{
    readonly Dictionary<Tensor, ParameterState> _state = new(ReferenceEqualityComparer.Instance);

    /// <summary>The groups of parameters with their options.</summary>
    public abstract IReadOnlyList<ParamGroup> ParamGroups { get; }

    IEnumerable<Tensor> Parameters => ParamGroups.SelectMany(g => g.Parameters);

    /// <summary>What is remembered of a parameter.</summary>
    protected ParameterState StateOf(Tensor parameter)
    {
        if (!_state.TryGetValue(parameter, out ParameterState? s)) _state.Add(parameter, s = new());
        return s;
    }

    /// <summary>Changes every parameter that has a gradient.</summary>
    public abstract void Step();

    /// <summary>Computes the loss and its gradients by <paramref name="closure"/>, then steps.</summary>
    /// <param name="closure">Clears the gradients, computes the loss, calls Backward, answers the loss.</param>
    /// <returns>The loss.</returns>
    public virtual Tensor Step(Func<Tensor> closure)
    {
        Tensor loss;
        using (Autograd.EnableGrad()) loss = closure();
        Step();
        return loss;
    }

    /// <summary>Forgets the gradients of all parameters.</summary>
    /// <param name="setToNull">Whether <see cref="Tensor.Grad"/> becomes null, which saves memory and time, or zero.</param>
    public void ZeroGrad(bool setToNull = true)
    {
        foreach (Tensor p in Parameters) p.ForgetGrad(setToNull);
    }

    /// <summary>Applies a rule to a parameter, its gradient and its state in one pass over memory.</summary>
    private protected static void Run<TRule>(string name, TRule rule, Tensor p, Tensor g, params ReadOnlySpan<Tensor> state) where TRule : struct, IUpdate
    {
        Tensor target = Plain(p), gradient = Plain(g);
        Tensor[] plain = new Tensor[state.Length];
        for (int i = 0; i < plain.Length; i++) plain[i] = Plain(state[i]);
        Backend.For(p.Device).Update(rule, target, gradient, plain);
        if (!ReferenceEquals(target.Storage, p.Storage)) Backend.For(p.Device).Copy(p.DType.IsComplex ? target.Alias(Layout.Contiguous(p.Shape), p.DType) : target, p);
        p.Storage.BumpVersion(name);
        GC.KeepAlive(gradient);
        GC.KeepAlive(plain);
    }

    /// <summary>Row by row; a complex number as two real ones.</summary>
    static Tensor Plain(Tensor t)
    {
        t = t.MakeContiguous();
        return t.DType.IsComplex ? t.Alias(new Layout(new Dims([t.Count * 2]), [1], t.Layout.Offset * 2), t.DType.Real) : t;
    }

    // ---- state dict ----

    /// <summary>The options of the groups and what is remembered of the parameters, which are numbered in order. Shares memory.</summary>
    public State StateDict()
    {
        State s = new() { Values = { ["optimizer"] = GetType().Name } };
        JsonArray groups = [];
        JsonObject numbers = [];
        int n = 0;
        foreach (ParamGroup g in ParamGroups)
        {
            JsonObject o = g.Options.ToJson();
            o["params"] = new JsonArray([.. Enumerable.Range(n, g.Parameters.Count).Select(i => (JsonNode)i)]);
            if (g.Names is { } names) o["param_names"] = new JsonArray([.. names.Select(x => (JsonNode)x)]);
            groups.Add((JsonNode)o);
            foreach (Tensor p in g.Parameters)
            {
                string key = n++.ToString(CultureInfo.InvariantCulture);
                if (!_state.TryGetValue(p, out ParameterState? state)) continue;
                numbers[key] = new JsonObject(state.Values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)State.Number(v.Value))));
                foreach ((string name, Tensor t) in state.Tensors) s.Tensors.Add($"{key}.{name}", t.Detach());
            }
        }
        s.Values["param_groups"] = groups;
        s.Values["state"] = numbers;
        return s;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">It is another optimizer's, or of other groups or shapes.</exception>
    public Action PrepareLoad(State state)
    {
        string kind = state.Values["optimizer"] is JsonValue k && k.TryGetValue(out string? name) ? name : "unknown";
        if (kind != GetType().Name) throw new ArgumentException($"LoadStateDict: this is the state of an optimizer {kind}, not of {GetType().Name}.", nameof(state));
        if (state.Values["param_groups"] is not JsonArray groups || groups.Count != ParamGroups.Count)
            throw new ArgumentException($"LoadStateDict: the state has {(state.Values["param_groups"] as JsonArray)?.Count ?? 0} groups of parameters, the optimizer {ParamGroups.Count}.", nameof(state));
        Action load = _state.Clear;
        for (int i = 0; i < groups.Count; i++)
        {
            OptimizerOptions mine = ParamGroups[i].Options, trial = mine with { };
            JsonObject o = groups[i] as JsonObject ?? throw State.Wrong("param_groups", "a list of groups");
            int count = (o["params"] as JsonArray)?.Count ?? 0;
            if (count != ParamGroups[i].Parameters.Count && !HasNames(o, i))
                throw new ArgumentException($"LoadStateDict: group {i} has {count} parameters in the state, {ParamGroups[i].Parameters.Count} in the optimizer.", nameof(state));
            trial.Load(o);
            load += () => mine.Load(o);
        }
        Tensor[] parameters = InOrderOf(groups);
        foreach ((string key, JsonNode? values) in state.Values["state"] as JsonObject ?? [])
        {
            Tensor p = parameters[Number(key)];
            if (values is not JsonObject o) throw State.Wrong($"state.{key}", "an object");
            foreach ((string field, JsonNode? v) in o)
            {
                double x = State.ToNumber(field, v);
                load += () => StateOf(p).Values[field] = x;
            }
        }
        foreach ((string key, Tensor t) in state.Tensors)
        {
            int dot = key.IndexOf('.');
            Tensor p = parameters[Number(dot < 0 ? key : key[..dot])];
            CheckStateShape(key, t, p);
            Tensor copy = t.DType.IsDifferentiable ? t.CastTo(p.DType) : t;
            if (ReferenceEquals(copy, t)) copy = t.Detach().Clone();
            load += () => StateOf(p).Tensors[key[(dot + 1)..]] = copy;
        }
        return load;

        int Number(string key) => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n < parameters.Length ? n
            : throw new ArgumentException($"LoadStateDict: the state speaks of a parameter '{key}'; the optimizer has {parameters.Length}.", nameof(state));
    }

    bool HasNames(JsonObject group, int i) => group["param_names"] is JsonArray && ParamGroups[i].Names is not null;

    /// <summary>The parameters as the state numbers them: where both have names, by name, group by group; else in order.</summary>
    Tensor[] InOrderOf(JsonArray groups)
    {
        List<Tensor> parameters = [];
        StringBuilder errors = new();
        for (int i = 0; i < groups.Count; i++)
        {
            ParamGroup mine = ParamGroups[i];
            if (!HasNames((JsonObject)groups[i]!, i))
            {
                parameters.AddRange(mine.Parameters);
                continue;
            }
            string[] names = [.. groups[i]!["param_names"]!.AsArray().Select(n => n is JsonValue v && v.TryGetValue(out string? s) ? s : throw State.Wrong("param_names", "a list of names"))];
            Dictionary<string, Tensor> byName = new(mine.Names!.Zip(mine.Parameters, KeyValuePair.Create));
            string where = groups.Count > 1 ? $" in group {i}" : "";
            if (mine.Names!.Except(names).ToArray() is { Length: > 0 } missing) errors.Append($"\n  missing{where}: {string.Join(", ", missing)}");
            if (names.Where(n => !byName.ContainsKey(n)).ToArray() is { Length: > 0 } unexpected) errors.Append($"\n  unexpected{where}: {string.Join(", ", unexpected)}");
            if (names.Distinct().Count() != names.Length) errors.Append($"\n  a name stands twice{where}");
            if (errors.Length == 0) parameters.AddRange(names.Select(n => byName[n]));
        }
        if (errors.Length > 0) throw new ArgumentException($"LoadStateDict: the state does not fit {GetType().Name}:{errors}");
        return [.. parameters];
    }

    /// <summary>Refuses parameters that the rule is not made for.</summary>
    private protected virtual void Check(Tensor parameter) { }

    private protected virtual void CheckStateShape(string key, Tensor state, Tensor parameter)
    {
        if (state.Shape != parameter.Shape)
            throw new ArgumentException($"LoadStateDict: {key} has shape {state.Shape}, its parameter {parameter.Shape}.", nameof(state));
    }
}

/// <summary>An optimizer whose groups have options of one kind.</summary>
/// <typeparam name="TOptions">Its options.</typeparam>
public abstract class Optimizer<TOptions> : Optimizer where TOptions : OptimizerOptions
{
    readonly List<ParamGroup<TOptions>> _groups = [];

    /// <summary>For the groups of parameters.</summary>
    /// <exception cref="ArgumentException">There is no parameter, one stands in two groups, or one is no leaf.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    protected Optimizer(IEnumerable<ParamGroup<TOptions>> groups)
    {
        foreach (var g in groups) AddParamGroup(g);
        if (_groups.Count == 0) throw new ArgumentException($"{GetType().Name}: there is no parameter to optimize.", nameof(groups));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParamGroup<TOptions>> ParamGroups => _groups;

    /// <summary>Adds a group of parameters, as when layers are unfrozen during training.</summary>
    /// <exception cref="ArgumentException">It is empty, a parameter stands in another group already, or is no leaf.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public void AddParamGroup(ParamGroup<TOptions> group)
    {
        if (group.Parameters.Count == 0) throw new ArgumentException($"{GetType().Name}: there is no parameter to optimize.", nameof(group));
        HashSet<Tensor> seen = new(_groups.SelectMany(g => g.Parameters), ReferenceEqualityComparer.Instance);
        foreach (Tensor p in group.Parameters)
        {
            if (!seen.Add(p)) throw new ArgumentException($"{GetType().Name}: a parameter of shape {p.Shape} stands in more than one place.", nameof(group));
            Check(p);
            if (!p.IsLeaf) throw new ArgumentException($"{GetType().Name}: a tensor of shape {p.Shape} is the result of an operation; only leaves can be optimized.", nameof(group));
        }
        group.Options.Check();
        _groups.Add(group);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        using var _ = Autograd.NoGrad();
        foreach (var group in _groups)
            foreach (Tensor p in group.Parameters)
                if (p.Grad is { } g) Update(p, g, group.Options, StateOf(p));
    }

    /// <summary>Changes one parameter. Nothing is recorded here.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Its gradient; not to be changed.</param>
    /// <param name="options">The group's options.</param>
    /// <param name="state">What is remembered of the parameter.</param>
    protected abstract void Update(Tensor parameter, Tensor gradient, TOptions options, ParameterState state);
}
