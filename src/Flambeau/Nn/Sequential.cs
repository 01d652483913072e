using System.Collections;

namespace Flambeau.Nn;

/// <summary>Modules one after another; each gets the result of the one before. PyTorch's <c>nn.Sequential</c>.</summary>
public class Sequential : UnaryModule, IReadOnlyList<UnaryModule>
{
    readonly OrderedDictionary<string, UnaryModule> _modules = [];

    /// <summary>No module yet.</summary>
    public Sequential() { }

    /// <summary>The modules in order, named "0", "1", ….</summary>
    public Sequential(params ReadOnlySpan<UnaryModule> modules)
    {
        foreach (UnaryModule m in modules) Add(m);
    }

    /// <summary>The modules in order, with names.</summary>
    public Sequential(params ReadOnlySpan<(string Name, UnaryModule Value)> modules)
    {
        foreach ((string name, UnaryModule m) in modules) Add(name, m);
    }

    /// <summary>How many modules there are.</summary>
    public int Count => _modules.Count;

    /// <summary>The module at a place; assigning replaces it under the same name.</summary>
    public UnaryModule this[int index]
    {
        get => _modules.GetAt(index).Value;
        set => _modules.SetAt(index, value);
    }

    /// <summary>Appends a module, named by its place.</summary>
    public void Add(UnaryModule module) => Add(ModuleNames.Of(Count), module);

    /// <summary>Appends a module.</summary>
    /// <exception cref="ArgumentException">The name is taken or contains a dot.</exception>
    public void Add(string name, UnaryModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        _modules.Add(ModuleNames.Check(name), module);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        foreach (UnaryModule m in _modules.Values) input = m.Call(input);
        return input;
    }

    /// <inheritdoc/>
    public IEnumerator<UnaryModule> GetEnumerator() => _modules.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override IEnumerable<(string Name, object Value)> Members => [.. base.Members, .. _modules.Select(m => (m.Key, (object)m.Value))];
}

internal static class ModuleNames
{
    public static string Of(int index) => index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static string Check(string name) => name.Length > 0 && !name.Contains('.') ? name
        : throw new ArgumentException($"'{name}' cannot name a member of a module: it is empty or contains a dot.", nameof(name));
}
