using Flambeau.Nn;

namespace Flambeau.Optim;

/// <summary>Parameters that share options.</summary>
public abstract class ParamGroup
{
    private protected ParamGroup(IEnumerable<Tensor> parameters, IEnumerable<string>? names)
    {
        Parameters = [.. parameters];
        Names = names?.ToArray();
        if (Names is not null && Names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new ArgumentException($"Two parameters of the group are named '{twice.Key}'.", nameof(names));
    }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>Their names, if they were given.</summary>
    public IReadOnlyList<string>? Names { get; }

    /// <summary>The options common to all optimizers.</summary>
    public abstract OptimizerOptions Options { get; }

    /// <summary>The learning rate.</summary>
    public double Lr { get => Options.Lr; set => Options.Lr = value; }
}

/// <summary>Parameters that share the options of one kind of optimizer.</summary>
/// <typeparam name="TOptions">The optimizer's options.</typeparam>
public sealed class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
{
    /// <summary>The parameters with their options, of which the group keeps a copy.</summary>
    public ParamGroup(IEnumerable<Tensor> parameters, TOptions options) : base(parameters, null) => Options = options with { };

    /// <summary>The same, with names, as <c>module.NamedParameters()</c> gives them. State dicts then carry the names, and are loaded by name instead of order.</summary>
    /// <exception cref="ArgumentException">A name stands twice.</exception>
    public ParamGroup(IEnumerable<(string Name, Parameter Value)> parameters, TOptions options) : this([.. parameters], options) { }

    ParamGroup((string Name, Parameter Value)[] parameters, TOptions options) : base(parameters.Select(p => p.Value), parameters.Select(p => p.Name)) =>
        Options = options with { };

    /// <inheritdoc/>
    public override TOptions Options { get; }
}
