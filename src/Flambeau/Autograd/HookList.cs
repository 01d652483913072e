namespace Flambeau;

/// <summary>Hooks in the order of their registration. May be changed while other threads run those that were there.</summary>
internal sealed class HookList<T> where T : Delegate
{
    readonly Lock _gate = new();
    volatile T[] _hooks = [];

    /// <summary>A list that is made when it is first needed.</summary>
    public static HookList<T> In(ref HookList<T>? list) => list ?? Interlocked.CompareExchange(ref list, new(), null) ?? list;

    /// <summary>Those that are registered just now; nobody changes this array.</summary>
    public T[] Current => _hooks;

    /// <summary>Registers a hook, last.</summary>
    /// <returns>Removes it when disposed.</returns>
    public IDisposable Add(T hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        lock (_gate) _hooks = [.. _hooks, hook];
        return new Removal(() =>
        {
            lock (_gate)
            {
                int i = Array.IndexOf(_hooks, hook);
                if (i >= 0) _hooks = [.. _hooks[..i], .. _hooks[(i + 1)..]];
            }
        });
    }
}

/// <summary>Undoes something, once.</summary>
internal sealed class Removal(Action remove) : IDisposable
{
    Action? _remove = remove;

    public void Dispose() => Interlocked.Exchange(ref _remove, null)?.Invoke();
}
