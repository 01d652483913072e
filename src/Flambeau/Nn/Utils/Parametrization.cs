namespace Flambeau.Nn;

/// <summary>A way to compute a parameter from others, which are learned in its place; see <see cref="Parametrize"/>.</summary>
public abstract class Parametrization : Module
{
    /// <summary>The parameter, from what it is computed from.</summary>
    public abstract Tensor Forward(IReadOnlyList<Tensor> originals);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(IReadOnlyList<Tensor> originals) => IsWatched ? Invoke([.. originals], x => Forward(x!)) : Forward(originals);

    /// <summary>From what the parameter would be computed to have this value, as nearly as can be; by default the value itself.</summary>
    public virtual IReadOnlyList<Tensor> RightInverse(Tensor value) => [value];
}

/// <summary>A module from one tensor to one tensor as a parametrization.</summary>
sealed class ModuleParametrization(UnaryModule module) : Parametrization
{
    [NotRegistered] public UnaryModule Module => module;

    public override Tensor Forward(IReadOnlyList<Tensor> originals) => module.Call(originals[0]);
}

/// <summary>What a parametrized tensor is computed from, and the steps. PyTorch's <c>torch.nn.utils.parametrize.ParametrizationList</c>.</summary>
public sealed class ParametrizationList : Module
{
    readonly List<Parametrization> _steps = [];

    internal ParametrizationList(Tensor value, Parametrization first)
    {
        _steps.Add(first);
        using var _ = Autograd.NoGrad();
        Originals = [.. first.RightInverse(value.Detach()).Select(t => new Parameter(t.Clone(), t.DType.IsDifferentiable))];
    }

    /// <summary>The parameters that are learned: <c>original</c>, or <c>original0</c>, <c>original1</c>, … where there are several.</summary>
    [NotRegistered] public IReadOnlyList<Parameter> Originals { get; }

    /// <summary>The steps, in order.</summary>
    [NotRegistered] public IReadOnlyList<Parametrization> Steps => _steps;

    internal void Add(Parametrization step) => _steps.Add(step);

    internal void RemoveLast() => _steps.RemoveAt(_steps.Count - 1);

    private protected override IEnumerable<(string Name, object Value)> Members
    {
        get
        {
            for (int i = 0; i < Originals.Count; i++) yield return (Originals.Count == 1 ? "original" : $"original{i}", Originals[i]);
            for (int i = 0; i < _steps.Count; i++) yield return (ModuleNames.Of(i), _steps[i] is ModuleParametrization m ? m.Module : _steps[i]);
        }
    }

    /// <summary>The tensor.</summary>
    public Tensor Forward()
    {
        Tensor y = _steps[0].Call(Originals);
        for (int i = 1; i < _steps.Count; i++) y = _steps[i].Call([y]);
        return y;
    }
}

/// <summary>Parameters that are computed from others: symmetric, orthogonal, bounded. PyTorch's <c>torch.nn.utils.parametrize</c>.</summary>
public static class Parametrize
{
    const string Kind = "a parametrization";

    /// <summary>Lets a parameter be computed. What it is computed from is learned in its place, and begins so that the parameter keeps its value where that can be.</summary>
    /// <param name="module">The module.</param>
    /// <param name="tensorName">The name its parameter is registered under, such as <c>weight</c>.</param>
    /// <param name="parametrization">How. Several on one parameter are steps one after another.</param>
    /// <returns>The module.</returns>
    /// <exception cref="ArgumentException">There is no such parameter, or it is computed in another way.</exception>
    /// <exception cref="InvalidOperationException">The shape or type would change.</exception>
    public static TModule RegisterParametrization<TModule>(TModule module, string tensorName, Parametrization parametrization) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(parametrization);
        parametrization.Train(module.IsTraining);
        if (Find(module, tensorName) is { } old)
        {
            ParametrizationList list = ListOf(old);
            list.Add(parametrization);
            try { old.Update(isNew: true); }
            catch
            {
                list.RemoveLast();
                throw;
            }
            return module;
        }
        Parameter target = module.ParameterOf(tensorName);
        ParametrizationList made = new(target, parametrization);
        module.Derive(new(tensorName, target, Kind, [($"parametrizations.{tensorName}", made)], made.Forward));
        return module;
    }

    /// <inheritdoc cref="RegisterParametrization{TModule}(TModule, string, Parametrization)"/>
    public static TModule RegisterParametrization<TModule>(TModule module, string tensorName, UnaryModule parametrization) where TModule : Module =>
        RegisterParametrization(module, tensorName, new ModuleParametrization(parametrization));

    /// <summary>Makes a computed parameter a plain one again.</summary>
    /// <param name="module">The module.</param>
    /// <param name="tensorName">The name of the parameter.</param>
    /// <param name="leaveParametrized">Whether it keeps its present value, or becomes what it was computed from.</param>
    /// <exception cref="ArgumentException">It is not parametrized; or is computed from several parameters, and shall become them.</exception>
    public static TModule RemoveParametrizations<TModule>(TModule module, string tensorName, bool leaveParametrized = true) where TModule : Module
    {
        Derived d = Find(module, tensorName) ?? throw new ArgumentException($"{module.GetType().Name}: '{tensorName}' is not parametrized.", nameof(tensorName));
        ParametrizationList list = ListOf(d);
        if (!leaveParametrized && list.Originals.Count != 1)
            throw new ArgumentException($"{module.GetType().Name}: '{tensorName}' is computed from {list.Originals.Count} parameters and cannot become them. Pass leaveParametrized: true.", nameof(leaveParametrized));
        d.Update();
        module.Underive(d);
        d.Target.SetData(leaveParametrized ? d.Target.Detach().Clone() : list.Originals[0].Detach());
        return module;
    }

    /// <summary>Whether a parameter of the module, or any, is parametrized.</summary>
    public static bool IsParametrized(Module module, string? tensorName = null) => module.DerivedParameters.Any(d => (string)d.Kind == Kind && (tensorName is null || d.Name == tensorName));

    /// <summary>Until it is disposed, each parametrized tensor is computed once on this thread: for networks that use one several times.</summary>
    public static IDisposable Cached() => new Derived.Cache();

    static Derived? Find(Module module, string name) => module.DerivedParameters.FirstOrDefault(d => d.Name == name && (string)d.Kind == Kind);

    internal static ParametrizationList ListOf(Derived d) => (ParametrizationList)d.Members[0].Value;
}
