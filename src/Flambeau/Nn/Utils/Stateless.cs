namespace Flambeau.Nn;

/// <summary>Modules as functions of their parameters. PyTorch's <c>torch.func.functional_call</c> and <c>torch.nn.utils.stateless</c>.</summary>
public static class Stateless
{
    /// <summary>
    /// Calls a module with other tensors in the place of its parameters and buffers. Gradients flow to these tensors. The module stays as it is,
    /// but for buffers that the call changes in place: a buffer that is replaced is not changed.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="parametersAndBuffers">The tensors by name; those without one are the module's own.</param>
    /// <param name="call">Calls it.</param>
    /// <param name="strict">Whether every parameter and buffer must be named.</param>
    /// <exception cref="ArgumentException">A name or shape does not fit: the message lists all.</exception>
    public static TResult FunctionalCall<TModule, TResult>(TModule module, IReadOnlyDictionary<string, Tensor> parametersAndBuffers, Func<TModule, TResult> call, bool strict = false) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(parametersAndBuffers);
        ArgumentNullException.ThrowIfNull(call);
        Dictionary<string, Tensor> mine = [];
        foreach ((string name, Parameter p) in module.NamedParameters()) mine.Add(name, p);
        foreach ((string name, Module.Buffer b) in module.NamedBuffers()) mine.Add(name, b);
        List<string> errors = [];
        foreach ((string name, Tensor t) in parametersAndBuffers)
            if (!mine.TryGetValue(name, out Tensor? own)) errors.Add($"unexpected: {name}");
            else if (own.Shape != t.Shape) errors.Add($"mismatched: {name} has shape {t.Shape}, {own.Shape} in the module");
        if (strict) errors.AddRange(mine.Keys.Where(k => !parametersAndBuffers.ContainsKey(k)).Select(k => $"missing: {k}"));
        if (errors.Count > 0) throw new ArgumentException($"FunctionalCall: the tensors do not fit {module.GetType().Name}:\n  {string.Join("\n  ", errors)}", nameof(parametersAndBuffers));

        Dictionary<Tensor, Tensor>? outer = Tensor.StandIns;
        Dictionary<Tensor, Tensor> replaced = new(outer ?? [], ReferenceEqualityComparer.Instance);
        foreach ((string name, Tensor t) in parametersAndBuffers)
            if (!ReferenceEquals(mine[name], t)) replaced[mine[name]] = t;
        Tensor.StandIns = replaced;                                             // of this thread only
        try { return call(module); }
        finally { Tensor.StandIns = outer; }
    }

    /// <inheritdoc cref="FunctionalCall{TModule, TResult}"/>
    public static Tensor FunctionalCall(UnaryModule module, IReadOnlyDictionary<string, Tensor> parametersAndBuffers, Tensor input, bool strict = false) =>
        FunctionalCall(module, parametersAndBuffers, m => m.Call(input), strict);
}
