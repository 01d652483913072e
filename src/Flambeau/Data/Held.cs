namespace Flambeau;

/// <summary>
/// The large storages that a thread rents while it carries out an operation, temporaries included: they live until the operation has ended. Kernels see pointers,
/// which keep nothing alive; a temporary that no variable names any more would be found dead when another thread makes the pool look, and lent anew while it is read.
/// </summary>
internal sealed class Held
{
    [ThreadStatic] static Held? t_mine;

    Storage?[] _all = new Storage?[8];
    int _count, _depth;

    /// <summary>An operation begins, perhaps inside another.</summary>
    public static Held Begin()
    {
        Held h = t_mine ??= new();
        h._depth++;
        return h;
    }

    /// <summary>It has ended, or failed.</summary>
    public void End()
    {
        if (--_depth > 0 || _count == 0) return;
        Array.Clear(_all, 0, _count);
        _count = 0;
    }

    public static void Note(Storage rented)
    {
        if (t_mine is not { _depth: > 0 } h) return;
        if (h._count == h._all.Length) Array.Resize(ref h._all, 2 * h._count);
        h._all[h._count++] = rented;
    }
}
