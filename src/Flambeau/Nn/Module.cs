using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Flambeau.Nn;

/// <summary>
/// A part of a network: parameters, buffers, child modules, and a Forward method of any signature. Public properties that hold a
/// <see cref="Parameter"/>, a <see cref="Buffer"/>, a module, or a list or dictionary of these <em>are</em> the registration; their
/// names are the properties' in snake case (<c>QProj</c> → <c>q_proj</c>) unless a <see cref="NameAttribute"/> says otherwise. Assigning
/// another value to such a property just works. PyTorch's <c>nn.Module</c>.
/// </summary>
[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)]
public abstract partial class Module
{
    /// <summary>Whether it is in training mode, in which dropout drops and batch norm looks at the batch; true at first.</summary>
    public bool IsTraining { get; private set; } = true;

    // ---- what it is made of ----

    /// <summary>The tensors and modules registered, by name. Collections list their entries instead of properties.</summary>
    private protected virtual IEnumerable<(string Name, object Value)> Members => Registration.Of(GetType()).Read(this);

    IEnumerable<(string Name, T Value)> Own<T>() where T : class
    {
        foreach ((string name, object value) in AllMembers)
            if (value is T t) yield return (name, t);
            else if (value is not (Module or Parameter or Buffer))
                throw new NotSupportedException($"{GetType().Name}: '{name}' holds a {value.GetType().Name}, which is no Parameter, Buffer or Module.");
    }

    /// <summary>The modules directly inside, each once, with their names.</summary>
    public IEnumerable<(string Name, Module Value)> NamedChildren()
    {
        HashSet<Module> seen = new(ReferenceEqualityComparer.Instance);
        foreach (var child in Own<Module>()) if (seen.Add(child.Value)) yield return child;
    }

    /// <summary>The modules directly inside, each once.</summary>
    public IEnumerable<Module> Children() => NamedChildren().Select(c => c.Value);

    /// <summary>This module, named "", and all inside it, each once: parents before children.</summary>
    public IEnumerable<(string Name, Module Value)> NamedModules() => Walk("", new(ReferenceEqualityComparer.Instance));

    IEnumerable<(string Name, Module Value)> Walk(string name, HashSet<Module>? seen)
    {
        if (seen is not null && !seen.Add(this)) yield break;
        yield return (name, this);
        foreach ((string child, Module value) in Own<Module>())
            foreach (var inner in value.Walk(Prefix(name) + child, seen)) yield return inner;
    }

    static string Prefix(string name) => name.Length == 0 ? "" : name + ".";

    /// <summary>This module and all inside it, each once: parents before children.</summary>
    public IEnumerable<Module> Modules() => NamedModules().Select(m => m.Value);

    IEnumerable<(string Name, T Value)> Tensors<T>(bool recurse) where T : Tensor
    {
        HashSet<T> seen = new(ReferenceEqualityComparer.Instance);
        foreach ((string prefix, Module m) in recurse ? NamedModules() : [("", this)])
            foreach ((string name, T value) in m.Own<T>())
                if (seen.Add(value)) yield return (Prefix(prefix) + name, value);
    }

    /// <summary>The parameters with their names, a shared one once, under its first name.</summary>
    /// <param name="recurse">Whether those of the modules inside are among them.</param>
    public IEnumerable<(string Name, Parameter Value)> NamedParameters(bool recurse = true) => Tensors<Parameter>(recurse);

    /// <summary>The parameters, a shared one once.</summary>
    /// <param name="recurse">Whether those of the modules inside are among them.</param>
    public IEnumerable<Parameter> Parameters(bool recurse = true) => NamedParameters(recurse).Select(p => p.Value);

    /// <summary>The buffers with their names, each once.</summary>
    /// <param name="recurse">Whether those of the modules inside are among them.</param>
    public IEnumerable<(string Name, Buffer Value)> NamedBuffers(bool recurse = true) => Tensors<Buffer>(recurse);

    /// <summary>The buffers, each once.</summary>
    /// <param name="recurse">Whether those of the modules inside are among them.</param>
    public IEnumerable<Buffer> Buffers(bool recurse = true) => NamedBuffers(recurse).Select(b => b.Value);

    /// <summary>The module inside of that name, such as <c>encoder.layers.0</c>; this one for "".</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Module GetSubmodule(string target) => Walk("", seen: null).FirstOrDefault(m => m.Name == target).Value ?? throw None(target, "module");

    /// <summary>The parameter of that name, such as <c>encoder.layers.0.weight</c>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Parameter GetParameter(string target) => Named<Parameter>(target) ?? throw None(target, "parameter");

    /// <summary>The buffer of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Buffer GetBuffer(string target) => Named<Buffer>(target) ?? throw None(target, "buffer");

    /// <summary>Whether there is a parameter of that name.</summary>
    public bool HasParameter(string target) => Named<Parameter>(target) is not null;

    /// <summary>Whether there is a buffer of that name.</summary>
    public bool HasBuffer(string target) => Named<Buffer>(target) is not null;

    T? Named<T>(string target) where T : Tensor
    {
        foreach ((string prefix, Module m) in Walk("", seen: null))
            foreach ((string name, T value) in m.Own<T>())
                if (Prefix(prefix) + name == target) return value;
        return null;
    }

    ArgumentException None(string target, string what) => new($"{GetType().Name} has no {what} '{target}'.", nameof(target));

    // ---- its state ----

    /// <summary>Parameters and persistent buffers under all their names, shared ones under each.</summary>
    OrderedDictionary<string, Tensor> StateTensors()
    {
        OrderedDictionary<string, Tensor> state = [];
        foreach ((string prefix, Module m) in Walk("", seen: null))
        {
            foreach ((string name, Parameter p) in m.Own<Parameter>()) state.Add(Prefix(prefix) + name, p);
            foreach ((string name, Buffer b) in m.Own<Buffer>()) if (b.IsPersistent) state.Add(Prefix(prefix) + name, b);
        }
        return state;
    }

    /// <summary>Parameters and persistent buffers by name, in PyTorch's order: without history, and sharing the module's memory.</summary>
    public OrderedDictionary<string, Tensor> StateDict()
    {
        OrderedDictionary<string, Tensor> state = [];
        foreach ((string name, Tensor t) in StateTensors()) state.Add(name, t.Detach());
        return state;
    }

    /// <summary>Takes over the values of a state dict, by name. If anything does not fit, nothing is changed.</summary>
    /// <param name="state">The values; they are converted to the module's types.</param>
    /// <param name="strict">Whether missing and unexpected names are an error.</param>
    /// <param name="assign">Whether the module takes the tensors' memory and types as they are, instead of copying.</param>
    /// <returns>The names that only one side has.</returns>
    /// <exception cref="ArgumentException">Shapes differ, or, if strict, names: the message lists all of them.</exception>
    public LoadResult LoadStateDict(IReadOnlyDictionary<string, Tensor> state, bool strict = true, bool assign = false)
    {
        (LoadResult result, Action load) = PrepareLoad(state, strict, assign);
        load();
        return result;
    }

    /// <summary>Checks that a state dict fits; loading it then cannot fail.</summary>
    internal (LoadResult Result, Action Load) PrepareLoad(IReadOnlyDictionary<string, Tensor> state, bool strict = true, bool assign = false)
    {
        foreach ((string prefix, Module m) in NamedModules())                   // lazy ones take their sizes from the state
            foreach ((string name, object value) in m is ILazy { IsReady: false } ? m.Members : [])
                if (value is Tensor && m is ILazy { IsReady: false } lazy && state.TryGetValue(Prefix(prefix) + name, out Tensor? s)) lazy.Infer(name, s.Shape);
        OrderedDictionary<string, Tensor> mine = StateTensors();
        string[] missing = [.. mine.Keys.Where(k => !state.ContainsKey(k))], unexpected = [.. state.Keys.Where(k => !mine.ContainsKey(k))];
        StringBuilder errors = new();
        string? meta = null;
        if (strict && missing.Length > 0) errors.Append($"\n  missing: {string.Join(", ", missing)}");
        if (strict && unexpected.Length > 0) errors.Append($"\n  unexpected: {string.Join(", ", unexpected)}");
        foreach ((string name, Tensor t) in mine)
        {
            if (!state.TryGetValue(name, out Tensor? s)) continue;
            if (s.Shape != t.Shape) errors.Append($"\n  mismatched: {name} has shape {s.Shape} in the state dict, {t.Shape} in the module");
            else if (t.Device.IsMeta && !s.Device.IsMeta && !assign) meta ??= name;
            else if (t.DType.IsDifferentiable != s.DType.IsDifferentiable || s.DType.IsComplex && !t.DType.IsComplex)
                errors.Append($"\n  mismatched: {name} is {s.DType} in the state dict, {t.DType} in the module");
        }
        if (meta is not null) errors.Append($"\n  {meta} lies on the meta device, where values cannot be copied to. Pass assign: true, or call ToEmpty(Device.Cpu) first");
        if (errors.Length > 0) throw new ArgumentException($"LoadStateDict: the state dict does not fit {GetType().Name}:{errors}", nameof(state));
        return (new(missing, unexpected), () =>
        {
            using var _ = Autograd.NoGrad();
            foreach ((string name, Tensor t) in mine)
                if (!state.TryGetValue(name, out Tensor? s)) continue;
                else if (assign) Replace(t, s.Detach());
                else t.CopyInPlace(s);
        });
    }

    static void Replace(Tensor t, Tensor data)
    {
        if (t.Grad is { } g && g.DType != data.DType) t.Grad = null;
        t.SetData(data);
    }

    /// <summary>Converts floating-point parameters and buffers, and gradients with them.</summary>
    internal void Convert(DType dtype)
    {
        if (!dtype.IsDifferentiable) throw new ArgumentException($"To: a module's type must be floating point or complex, not {dtype}.", nameof(dtype));
        foreach (Module m in Modules())
            foreach (Tensor t in m.Own<Tensor>().Select(x => x.Value))
            {
                if (!t.DType.IsDifferentiable || t.DType == dtype) continue;
                Tensor? g = t.Grad;
                Replace(t, t.CastTo(dtype));
                t.Grad = g?.CastTo(dtype);
            }
    }

    /// <summary>Brings parameters, buffers and gradients to a device; where there is nothing to bring, gives them memory.</summary>
    internal void Move(Device device, bool empty)
    {
        HashSet<Tensor> seen = new(ReferenceEqualityComparer.Instance);
        using var _ = Autograd.NoGrad();
        foreach (Module m in Modules())
            foreach (Tensor t in m.Own<Tensor>().Select(x => x.Value))
            {
                if (!seen.Add(t) || t.Device == device && !empty) continue;
                Tensor? g = t.Grad;
                t.Grad = null;
                Replace(t, empty ? Tensor.Empty(new TensorSpec(t.Shape, t.DType, device)) : t.Detach().To(device));
                if (!empty) t.Grad = g?.To(device);
            }
    }

    // ---- its mode ----

    /// <summary>Sets the mode of this module and all inside. Override it to keep a part, such as a frozen batch norm, in one mode.</summary>
    /// <param name="mode">Whether to train.</param>
    protected internal virtual void SetTraining(bool mode)
    {
        IsTraining = mode;
        foreach (Module m in Children()) m.SetTraining(mode);
    }

    /// <summary>Forgets the gradients of all parameters.</summary>
    /// <param name="setToNull">Whether <see cref="Tensor.Grad"/> becomes null, which saves memory and time, or zero.</param>
    public void ZeroGrad(bool setToNull = true)
    {
        foreach (Parameter p in Parameters()) p.ForgetGrad(setToNull);
    }

    /// <summary>Sets the mode of this module alone.</summary>
    internal void Mode(bool training) => IsTraining = training;

    // ---- its picture ----

    /// <summary>What <see cref="ToString"/> shows in parentheses: the sizes and options, in PyTorch's words.</summary>
    protected virtual string ExtraRepr => "";

    /// <summary>The name and children in a tree, as PyTorch prints it.</summary>
    public override string ToString()
    {
        string name = GetType().Name.Split('`')[0];
        List<string> lines = [];
        foreach ((string child, Module m) in ReprChildren()) lines.Add($"({child}): {m.ToString().ReplaceLineEndings("\n  ")}");
        if (lines.Count == 0) return $"{name}({ExtraRepr})";
        if (ExtraRepr.Length > 0) lines.Insert(0, ExtraRepr);
        return $"{name}(\n  {string.Join("\n  ", lines)}\n)";
    }

    private protected virtual IEnumerable<(string Name, Module Value)> ReprChildren() => Own<Module>();
}

/// <summary>The names that only one side had when a state dict was loaded.</summary>
/// <param name="MissingKeys">Those of the module that the state dict lacks.</param>
/// <param name="UnexpectedKeys">Those of the state dict that the module lacks.</param>
public sealed record LoadResult(IReadOnlyList<string> MissingKeys, IReadOnlyList<string> UnexpectedKeys);
