namespace Flambeau.Nn;

/// <summary>Calls and hooks. Every call of a module goes through <see cref="Invoke{T}"/>; <c>Forward</c> called directly passes the hooks by, as in PyTorch.</summary>
public abstract partial class Module
{
    static readonly Lock s_gate = new();
    static Hooks? s_hooks;
    Hooks? _hooks;

    /// <summary>Whether a hook, of this module or of all, wants to see its calls. Where not, a <c>Call</c> may run Forward straight away.</summary>
    protected bool IsWatched => _hooks is not null || s_hooks is not null;

    /// <summary>
    /// A call: <paramref name="forward"/> with the hooks around it. A module whose Forward is not that of <see cref="UnaryModule"/> or
    /// <see cref="BinaryModule"/> has its <c>Call</c> run by this, so that hooks, summaries and profilers see it.
    /// </summary>
    /// <param name="inputs">The tensors among Forward's arguments, in order; null where one was not given. Hooks see these.</param>
    /// <param name="forward">Runs Forward, with the tensors that it gets in the inputs' places.</param>
    /// <example><code>
    /// public Tensor Call(Tensor query, Tensor? mask = null) => Invoke([query, mask], x => Forward(x[0]!, x[1]));
    /// </code></example>
    /// <exception cref="InvalidOperationException">A hook answers another number of tensors than it was given.</exception>
    protected Tensor Invoke(Tensor?[] inputs, Func<Tensor?[], Tensor> forward) => Invoke(inputs, forward, static y => [y], static (_, t) => t[0]!);

    /// <inheritdoc cref="Invoke(Tensor[], Func{Tensor[], Tensor})"/>
    protected (Tensor First, Tensor Second) Invoke(Tensor?[] inputs, Func<Tensor?[], (Tensor First, Tensor Second)> forward) =>
        Invoke(inputs, forward, static y => [y.First, y.Second], static (_, t) => (t[0]!, t[1]!));

    /// <inheritdoc cref="Invoke(Tensor[], Func{Tensor[], Tensor})"/>
    /// <param name="inputs">The tensors among Forward's arguments, in order; null where one was not given. Hooks see these.</param>
    /// <param name="forward">Runs Forward, with the tensors that it gets in the inputs' places.</param>
    /// <param name="tensors">The tensors in the result, for the hooks.</param>
    /// <param name="with">The result with other tensors in it.</param>
    /// <typeparam name="T">What Forward answers.</typeparam>
    protected T Invoke<T>(Tensor?[] inputs, Func<Tensor?[], T> forward, Func<T, Tensor?[]> tensors, Func<T, Tensor?[], T> with)
    {
        ArgumentNullException.ThrowIfNull(forward);
        Hooks all = s_hooks ?? Hooks.None, own = _hooks ?? Hooks.None;
        if (all.IsEmpty && own.IsEmpty) return forward(inputs);
        int told = 0;                                                           // how many of the forward hooks were called
        try
        {
            foreach (var hook in (BeforeHook[])[.. all.Before, .. own.Before]) inputs = Checked(hook(this, inputs), inputs, "forward pre-hook");
            ModuleTape? tape = Autograd.IsGradEnabled ? ModuleTape.Of(this, [.. all.BeforeBackward, .. own.BeforeBackward], [.. all.Backward, .. own.Backward]) : null;
            inputs = tape?.Enter(inputs) ?? inputs;
            T y = forward(inputs);
            Tensor?[] first = tensors(y), results = first;
            foreach ((AfterHook hook, _) in (AfterEntry[])[.. all.After, .. own.After])
            {
                told++;
                results = Checked(hook(this, inputs, results), results, "forward hook");
            }
            results = tape?.Leave(results) ?? results;
            return ReferenceEquals(results, first) ? y : with(y, results);
        }
        catch
        {
            foreach ((AfterHook hook, bool always) in ((AfterEntry[])[.. all.After, .. own.After]).Skip(told))
                if (always)
                    try { hook(this, inputs, []); }
                    catch (Exception e) when (e is not OutOfMemoryException) { }  // the first failure is the one to be told
            throw;
        }
    }

    internal Tensor?[] Checked(Tensor?[]? answer, Tensor?[] given, string what) => answer is null ? given : answer.Length == given.Length ? answer
        : throw new InvalidOperationException($"{GetType().Name}: a {what} answers {answer.Length} tensors in the place of {given.Length}. Answer as many, or null to change nothing.");

    // ---- hooks of this module ----

    /// <summary>
    /// Calls <paramref name="hook"/> with the module and its inputs before each call; what it answers, if not null, takes the inputs' place.
    /// Inputs stand in the order of Forward's tensors, null where one was not given. PyTorch's <c>register_forward_pre_hook</c>.
    /// </summary>
    /// <param name="hook">What is called.</param>
    /// <param name="prepend">Whether it is called before the hooks that are there.</param>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterForwardPreHook(Func<Module, Tensor?[], Tensor?[]?> hook, bool prepend = false) => Add(this, hook, prepend, Hooks.BeforeList);

    /// <summary>
    /// Calls <paramref name="hook"/> with the module, its inputs and its results after each call; what it answers, if not null, takes the results'
    /// place. PyTorch's <c>register_forward_hook</c>.
    /// </summary>
    /// <param name="hook">What is called.</param>
    /// <param name="prepend">Whether it is called before the hooks that are there.</param>
    /// <param name="alwaysCall">Whether it is called, without results, also when the call fails.</param>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterForwardHook(Func<Module, Tensor?[], Tensor?[], Tensor?[]?> hook, bool prepend = false, bool alwaysCall = false) =>
        Add(this, new AfterEntry(NotNull(hook), alwaysCall), prepend, Hooks.AfterList);

    /// <summary>
    /// Calls <paramref name="hook"/> in each backward pass with the gradients of the module's results, before any of its own are computed; what
    /// it answers, if not null, takes their place. PyTorch's <c>register_full_backward_pre_hook</c>.
    /// </summary>
    /// <param name="hook">What is called; a gradient is null where none flows.</param>
    /// <param name="prepend">Whether it is called before the hooks that are there.</param>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterFullBackwardPreHook(Func<Module, Tensor?[], Tensor?[]?> hook, bool prepend = false) => Add(this, hook, prepend, Hooks.BeforeBackwardList);

    /// <summary>
    /// Calls <paramref name="hook"/> in each backward pass with the gradients of the module's inputs and of its results; what it answers, if not
    /// null, takes the place of the inputs' gradients. If no input requires a gradient, it is called as soon as the results' are there.
    /// PyTorch's <c>register_full_backward_hook</c>.
    /// </summary>
    /// <param name="hook">What is called; a gradient is null where none flows.</param>
    /// <param name="prepend">Whether it is called before the hooks that are there.</param>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterFullBackwardHook(Func<Module, Tensor?[], Tensor?[], Tensor?[]?> hook, bool prepend = false) => Add(this, hook, prepend, Hooks.BackwardList);

    // ---- hooks of all modules ----

    /// <summary>As <see cref="RegisterForwardPreHook"/>, for the calls of all modules on all threads; called before each module's own hooks. PyTorch's <c>register_module_forward_pre_hook</c>.</summary>
    /// <param name="hook">What is called.</param>
    /// <returns>Dispose it to remove the hook.</returns>
    public static IDisposable RegisterModuleForwardPreHook(Func<Module, Tensor?[], Tensor?[]?> hook) => Add(null, hook, false, Hooks.BeforeList);

    /// <summary>As <see cref="RegisterForwardHook"/>, for the calls of all modules on all threads; called before each module's own hooks. PyTorch's <c>register_module_forward_hook</c>.</summary>
    /// <param name="hook">What is called.</param>
    /// <param name="alwaysCall">Whether it is called, without results, also when the call fails.</param>
    /// <returns>Dispose it to remove the hook.</returns>
    public static IDisposable RegisterModuleForwardHook(Func<Module, Tensor?[], Tensor?[], Tensor?[]?> hook, bool alwaysCall = false) =>
        Add(null, new AfterEntry(NotNull(hook), alwaysCall), false, Hooks.AfterList);

    /// <summary>As <see cref="RegisterFullBackwardPreHook"/>, for all modules called from now on. PyTorch's <c>register_module_full_backward_pre_hook</c>.</summary>
    /// <param name="hook">What is called.</param>
    /// <returns>Dispose it to remove the hook.</returns>
    public static IDisposable RegisterModuleFullBackwardPreHook(Func<Module, Tensor?[], Tensor?[]?> hook) => Add(null, hook, false, Hooks.BeforeBackwardList);

    /// <summary>As <see cref="RegisterFullBackwardHook"/>, for all modules called from now on. PyTorch's <c>register_module_full_backward_hook</c>.</summary>
    /// <param name="hook">What is called.</param>
    /// <returns>Dispose it to remove the hook.</returns>
    public static IDisposable RegisterModuleFullBackwardHook(Func<Module, Tensor?[], Tensor?[], Tensor?[]?> hook) => Add(null, hook, false, Hooks.BackwardList);

    // ---- the lists ----

    static T NotNull<T>(T hook) where T : class
    {
        ArgumentNullException.ThrowIfNull(hook);
        return hook;
    }

    static Registered Add(Module? owner, BeforeHook hook, bool prepend, HookList<BeforeHook> list) => Add<BeforeHook>(owner, NotNull(hook), prepend, list);

    static Registered Add(Module? owner, AfterHook hook, bool prepend, HookList<AfterHook> list) => Add<AfterHook>(owner, NotNull(hook), prepend, list);

    static Registered Add<T>(Module? owner, T hook, bool prepend, HookList<T> list)
    {
        Change(owner, h => list.With(h, prepend ? [hook, .. list.Of(h)] : [.. list.Of(h), hook]));
        return new(() => Change(owner, h => list.With(h, Without(list.Of(h), hook))));
    }

    static T[] Without<T>(T[] hooks, T hook)
    {
        int i = Array.IndexOf(hooks, hook);
        return i < 0 ? hooks : [.. hooks[..i], .. hooks[(i + 1)..]];
    }

    /// <summary>Lists are replaced, never changed: a call that is under way keeps those it began with.</summary>
    static void Change(Module? owner, Func<Hooks, Hooks> change)
    {
        lock (s_gate)
        {
            ref Hooks? hooks = ref owner is null ? ref s_hooks : ref owner._hooks;
            Hooks now = change(hooks ?? Hooks.None);
            hooks = now.IsEmpty ? null : now;
        }
    }

    sealed class Registered(Action remove) : IDisposable
    {
        Action? _remove = remove;

        public void Dispose() => Interlocked.Exchange(ref _remove, null)?.Invoke();
    }

    readonly record struct AfterEntry(AfterHook Hook, bool Always);

    sealed record HookList<T>(Func<Hooks, T[]> Of, Func<Hooks, T[], Hooks> With);

    sealed record Hooks(BeforeHook[] Before, AfterEntry[] After, BeforeHook[] BeforeBackward, AfterHook[] Backward)
    {
        public static readonly Hooks None = new([], [], [], []);
        public static readonly HookList<BeforeHook> BeforeList = new(h => h.Before, (h, l) => h with { Before = l });
        public static readonly HookList<AfterEntry> AfterList = new(h => h.After, (h, l) => h with { After = l });
        public static readonly HookList<BeforeHook> BeforeBackwardList = new(h => h.BeforeBackward, (h, l) => h with { BeforeBackward = l });
        public static readonly HookList<AfterHook> BackwardList = new(h => h.Backward, (h, l) => h with { Backward = l });

        public bool IsEmpty => Before.Length + After.Length + BeforeBackward.Length + Backward.Length == 0;
    }
}
