namespace Flambeau.Nn;

/// <summary>
/// A parameter that is computed from others each time it is used. The property that held it still does, so that the module's Forward needs
/// no change; operations take what is computed in its place, and the module's parameters are those it is computed from.
/// </summary>
/// <param name="Name">The name the parameter is registered under.</param>
/// <param name="Target">The parameter.</param>
/// <param name="Kind">What made it so: the methods that undo it look for this.</param>
/// <param name="Members">The tensors and modules that are registered instead.</param>
/// <param name="Compute">Computes it.</param>
internal sealed record Derived(string Name, Parameter Target, object Kind, IReadOnlyList<(string Name, object Value)> Members, Func<Tensor> Compute)
{
    [ThreadStatic] static Dictionary<Derived, Tensor>? t_cache;

    Tensor Value()
    {
        if (t_cache is null) return Refresh();
        if (!t_cache.TryGetValue(this, out Tensor? y)) t_cache.Add(this, y = Refresh());
        return y;
    }

    /// <summary>Computes it, and lets whoever looks at the parameter itself see it.</summary>
    Tensor Refresh(bool isNew = false)
    {
        Tensor y = Compute();
        if (isNew && (y.Shape != Target.Shape || y.DType != Target.DType))
            throw new InvalidOperationException($"'{Name}' was {Target.DType} {Target.Shape}, and would be computed as {y.DType} {y.Shape}.");
        Target.SetData(y.Detach());
        return y;
    }

    /// <summary>Begins to compute it.</summary>
    public Derived Start()
    {
        Target.Substitute = Value;
        Update(isNew: true);
        return this;
    }

    /// <summary>Computes it now, without recording.</summary>
    /// <param name="isNew">Whether the way it is computed is new: then shape and type must stay.</param>
    /// <exception cref="InvalidOperationException">They do not.</exception>
    public void Update(bool isNew = false)
    {
        using var _ = Autograd.NoGrad();
        Refresh(isNew);
    }

    public bool Equals(Derived? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    /// <summary>Within it, each computed parameter is computed once.</summary>
    public sealed class Cache : IDisposable
    {
        readonly Dictionary<Derived, Tensor>? _outer = t_cache;

        public Cache() => t_cache ??= [];

        public void Dispose() => t_cache = _outer;
    }
}

public abstract partial class Module
{
    List<Derived>? _derived;

    /// <summary>What is registered: the properties, less the parameters that are computed, and what these are computed from.</summary>
    IEnumerable<(string Name, object Value)> AllMembers => _derived is null ? Members
        : Members.Where(m => !_derived.Exists(d => ReferenceEquals(d.Target, m.Value))).Concat(_derived.SelectMany(d => d.Members));

    internal IReadOnlyList<Derived> DerivedParameters => _derived ?? [];

    /// <summary>The parameter registered under a name, computed or not.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal Parameter ParameterOf(string name) => Members.FirstOrDefault(m => m.Name == name).Value as Parameter
        ?? throw new ArgumentException($"{GetType().Name} has no parameter '{name}'. It has: {string.Join(", ", Members.Where(m => m.Value is Parameter).Select(m => m.Name))}.", nameof(name));

    /// <summary>Lets a parameter be computed.</summary>
    internal void Derive(Derived d)
    {
        if (_derived?.Find(o => o.Name == d.Name) is { } other) throw new ArgumentException($"{GetType().Name}: '{d.Name}' is computed already, by {other.Kind}. Undo that first.", nameof(d));
        (_derived ??= []).Add(d);
        try { d.Start(); }
        catch
        {
            Underive(d);
            throw;
        }
    }

    /// <summary>Replaces how a parameter is computed.</summary>
    internal void Rederive(Derived old, Derived d)
    {
        Underive(old);
        Derive(d);
    }

    /// <summary>Makes a computed parameter a plain one again, with its present values.</summary>
    internal void Underive(Derived d)
    {
        d.Target.Substitute = null;
        _derived!.Remove(d);
        if (_derived.Count == 0) _derived = null;
    }
}
