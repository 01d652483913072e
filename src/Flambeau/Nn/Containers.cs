using System.Collections;
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

namespace Flambeau.Nn;

/// <summary>A list of modules, named "0", "1", …. PyTorch's <c>nn.ModuleList</c>.</summary>
/// <typeparam name="TModule">What the modules are.</typeparam>
public class ModuleList<TModule> : Module, IList<TModule>, IReadOnlyList<TModule> where TModule : Module
{
    readonly Collection<TModule> _modules = [];

    /// <summary>An empty list.</summary>
    public ModuleList() { }

    /// <summary>The modules in order.</summary>
    public ModuleList(IEnumerable<TModule> modules)
    {
        foreach (TModule m in modules) Add(m);
    }

    /// <inheritdoc cref="IList{T}.this"/>
    public TModule this[int index] { get => _modules[index]; set => _modules[index] = value; }

    /// <inheritdoc cref="ICollection{T}.Count"/>
    public int Count => _modules.Count;

    bool ICollection<TModule>.IsReadOnly => false;

    /// <inheritdoc/>
    public void Add(TModule item) => _modules.Add(item);

    /// <inheritdoc/>
    public void Insert(int index, TModule item) => _modules.Insert(index, item);

    /// <inheritdoc/>
    public bool Remove(TModule item) => _modules.Remove(item);

    /// <inheritdoc/>
    public void RemoveAt(int index) => _modules.RemoveAt(index);

    /// <inheritdoc/>
    public void Clear() => _modules.Clear();

    /// <inheritdoc/>
    public bool Contains(TModule item) => _modules.Contains(item);

    /// <inheritdoc/>
    public int IndexOf(TModule item) => _modules.IndexOf(item);

    /// <inheritdoc/>
    public void CopyTo(TModule[] array, int arrayIndex) => _modules.CopyTo(array, arrayIndex);

    /// <inheritdoc/>
    public IEnumerator<TModule> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override IEnumerable<(string Name, object Value)> Members => _modules.Select((m, i) => (ModuleNames.Of(i), (object)m));

    /// <summary>Equal neighbours share a line, <c>(0-5): 6 x Block(…)</c>.</summary>
    private protected override IEnumerable<(string Name, Module Value)> ReprChildren()
    {
        string[] texts = [.. _modules.Select(m => m.ToString())];
        for (int i = 0, j; i < texts.Length; i = j)
        {
            for (j = i + 1; j < texts.Length && texts[j] == texts[i]; j++) { }
            yield return j == i + 1 ? (ModuleNames.Of(i), _modules[i]) : ($"{i}-{j - 1}", new Repeated(j - i, texts[i]));
        }
    }

    sealed class Repeated(int count, string text) : Module
    {
        public override string ToString() => $"{count} x {text}";
    }
}

/// <summary>Modules by name. PyTorch's <c>nn.ModuleDict</c>.</summary>
/// <typeparam name="TModule">What the modules are.</typeparam>
public class ModuleDict<TModule> : Module, IReadOnlyDictionary<string, TModule> where TModule : Module
{
    readonly OrderedDictionary<string, TModule> _modules = [];

    /// <summary>The module of a name; assigning adds or replaces it.</summary>
    public TModule this[string key] { get => _modules[key]; set => _modules[ModuleNames.Check(key)] = value; }

    /// <inheritdoc/>
    public int Count => _modules.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _modules.Keys;

    /// <inheritdoc/>
    public IEnumerable<TModule> Values => _modules.Values;

    /// <summary>Adds a module.</summary>
    /// <exception cref="ArgumentException">The name is taken or contains a dot.</exception>
    public void Add(string key, TModule module) => _modules.Add(ModuleNames.Check(key), module);

    /// <summary>Removes a module.</summary>
    public bool Remove(string key) => _modules.Remove(key);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _modules.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out TModule value) => _modules.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, TModule>> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override IEnumerable<(string Name, object Value)> Members => _modules.Select(m => (m.Key, (object)m.Value));
}

/// <summary>A list of parameters, named "0", "1", …. PyTorch's <c>nn.ParameterList</c>.</summary>
public class ParameterList : Module, IReadOnlyList<Parameter>
{
    readonly List<Parameter> _parameters = [];

    /// <summary>The parameters in order.</summary>
    public ParameterList(params IEnumerable<Parameter> parameters) => _parameters.AddRange(parameters);

    /// <summary>The parameter at a place.</summary>
    public Parameter this[int index] { get => _parameters[index]; set => _parameters[index] = value; }

    /// <inheritdoc/>
    public int Count => _parameters.Count;

    /// <summary>Appends a parameter.</summary>
    public void Add(Parameter parameter) => _parameters.Add(parameter);

    /// <inheritdoc/>
    public IEnumerator<Parameter> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override IEnumerable<(string Name, object Value)> Members => _parameters.Select((p, i) => (ModuleNames.Of(i), (object)p));
}

/// <summary>Parameters by name. PyTorch's <c>nn.ParameterDict</c>.</summary>
public class ParameterDict : Module, IReadOnlyDictionary<string, Parameter>
{
    readonly OrderedDictionary<string, Parameter> _parameters = [];

    /// <summary>The parameter of a name; assigning adds or replaces it.</summary>
    public Parameter this[string key] { get => _parameters[key]; set => _parameters[ModuleNames.Check(key)] = value; }

    /// <inheritdoc/>
    public int Count => _parameters.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _parameters.Keys;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Values => _parameters.Values;

    /// <summary>Adds a parameter.</summary>
    /// <exception cref="ArgumentException">The name is taken or contains a dot.</exception>
    public void Add(string key, Parameter parameter) => _parameters.Add(ModuleNames.Check(key), parameter);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _parameters.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Parameter value) => _parameters.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Parameter>> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override IEnumerable<(string Name, object Value)> Members => _parameters.Select(p => (p.Key, (object)p.Value));
}
