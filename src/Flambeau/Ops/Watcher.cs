namespace Flambeau.Ops;

/// <summary>
/// Sees every operation of every thread as it passes the waist, before and after, and every step of a backward pass: a summary, a profiler.
/// While there is none, the waist does not look for one.
/// </summary>
internal abstract class Watcher
{
    static readonly Lock s_gate = new();
    static Watcher[]? s_all;

    /// <summary>Those that watch now; null if none does.</summary>
    public static Watcher[]? All => s_all;

    /// <summary>Begins to watch.</summary>
    protected void Watch()
    {
        lock (s_gate) s_all = [.. s_all ?? [], this];
    }

    /// <summary>Watches no longer. What is under way on other threads may still be told.</summary>
    protected void Rest()
    {
        lock (s_gate)
        {
            Watcher[] left = [.. (s_all ?? []).Where(w => !ReferenceEquals(w, this))];
            s_all = left.Length == 0 ? null : left;
        }
    }

    /// <summary>An operation begins.</summary>
    public abstract void Begin(Op op, Args inputs);

    /// <summary>The operation that began last on this thread is over; there are no results if it failed.</summary>
    public abstract void End(Op op, Args inputs, ReadOnlySpan<Tensor> results);

    /// <summary>The derivative of an operation begins.</summary>
    public virtual void BeginBackward(Node n) { }

    /// <summary>The derivative that began last on this thread is over.</summary>
    public virtual void EndBackward(Node n, Tensor?[] grads) { }

    // ---- the waist while there are watchers ----

    public static Tensor Execute(Watcher[] all, Op op, Args inputs)
    {
        foreach (Watcher w in all) w.Begin(op, inputs);
        Tensor? y = null;
        try { return y = op.Execute(inputs); }
        finally { foreach (Watcher w in all) w.End(op, inputs, y is null ? default : new(ref y!)); }
    }

    public static Tensor[] ExecuteAll(Watcher[] all, MultiOp op, Args inputs)
    {
        foreach (Watcher w in all) w.Begin(op, inputs);
        Tensor[] y = [];
        try { return y = op.ExecuteAll(inputs); }
        finally { foreach (Watcher w in all) w.End(op, inputs, y); }
    }

    public static Tensor?[] Backward(Watcher[] all, Node n, Tensor?[] grads)
    {
        foreach (Watcher w in all) w.BeginBackward(n);
        Tensor?[] y = [];
        try { return y = n.Op.BackwardAll(grads, n); }
        finally { foreach (Watcher w in all) w.EndBackward(n, y); }
    }
}
