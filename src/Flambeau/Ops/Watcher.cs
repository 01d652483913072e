namespace Flambeau.Ops;

/// <summary>
/// Sees every operation of every thread that is computed, before and after, and every step of a backward pass: a summary, a profiler. What a
/// transform carries out is seen as the operations that it is carried out by. While nobody watches, the waist does not look for anyone.
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
        lock (s_gate)
        {
            s_all = [.. s_all ?? [], this];
            Modes.WatchEverywhere(true);
        }
    }

    /// <summary>Watches no longer. What is under way on other threads may still be told.</summary>
    protected void Rest()
    {
        lock (s_gate)
        {
            Watcher[] left = [.. (s_all ?? []).Where(w => !ReferenceEquals(w, this))];
            s_all = left.Length == 0 ? null : left;
            Modes.WatchEverywhere(left.Length > 0);
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

    // ---- the waist while there may be watchers ----

    public static Tensor[] Execute(Op op, Args inputs)
    {
        Watcher[] all = s_all ?? [];
        foreach (Watcher w in all) w.Begin(op, inputs);
        Tensor[] y = [];
        try { return y = op is MultiOp m ? m.ExecuteAll(inputs) : [op.Execute(inputs)]; }
        finally { foreach (Watcher w in all) w.End(op, inputs, y); }
    }

    public static void Write(Op op, Args inputs, TensorSpec spec, Tensor self)
    {
        Watcher[] all = s_all ?? [];
        foreach (Watcher w in all) w.Begin(op, inputs);
        bool isDone = false;
        try
        {
            Op.Write(op, inputs, spec, self);
            isDone = true;
        }
        finally { foreach (Watcher w in all) w.End(op, inputs, isDone ? new(ref self) : default); }
    }

    /// <summary>Whether anyone watches.</summary>
    public static bool IsAnyone => s_all is not null;

    public static Tensor?[] Backward(Node n, Tensor?[] grads)
    {
        if (s_all is not { } all) return n.Op.BackwardAll(grads, n);
        foreach (Watcher w in all) w.BeginBackward(n);
        Tensor?[] y = [];
        try { return y = n.Op.BackwardAll(grads, n); }
        finally { foreach (Watcher w in all) w.EndBackward(n, y); }
    }
}
