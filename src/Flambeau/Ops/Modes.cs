using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>
/// Everything that can be in force at the waist beside recording: who watches, which transforms run. One record, replaced as a whole by
/// scopes; null where all is plain, so that the hot path asks one question.
/// </summary>
internal sealed record Modes
{
    static readonly Modes s_plain = new();

    [ThreadStatic] static Modes? t_current;

    static Modes? s_everywhere;

    /// <summary>What is in force on this thread; null if nothing.</summary>
    public static Modes? Current => t_current ?? s_everywhere;

    /// <summary>Whether no thread is plain, because somebody watches all: see <see cref="Watcher"/>.</summary>
    internal static void WatchEverywhere(bool watched) => s_everywhere = watched ? s_plain : null;

    /// <summary>What is in force, to be changed by <c>with</c>.</summary>
    public static Modes Here => t_current ?? s_plain;

    /// <summary>Told of every operation.</summary>
    public Action<Op>? Observer { get; init; }

    /// <summary>The innermost transform that runs.</summary>
    public Transform? Transform { get; init; }

    /// <summary>Who keeps what backward passes will need, if not the nodes themselves.</summary>
    public TensorKeeper? SavedTensors { get; init; }

    /// <summary>Why nobody may set <see cref="SavedTensors"/>; null if anybody may.</summary>
    public string? NoSavedTensors { get; init; }

    /// <summary>Results that a checkpoint keeps.</summary>
    public KeptResults? Results { get; init; }

    /// <summary>What autocast is set to.</summary>
    public Amp.Casting? Autocast { get; init; }

    /// <summary>A scope that changes nothing.</summary>
    public static Scope Same => new(t_current);

    /// <summary>Puts modes in force until the scope is disposed.</summary>
    public static Scope Push(Modes modes)
    {
        Scope scope = new(t_current);
        Set(modes);
        return scope;
    }

    internal static void Set(Modes? modes) => t_current = modes is null || modes.Equals(s_plain) ? null : modes;

    /// <summary>What the waist does with an application while anything is in force, up to its results; recording them is the waist's.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="inputs">Its inputs, which autocast may replace.</param>
    /// <param name="by">The transform that carried it out, if any input is one of its tensors.</param>
    public Tensor[] Carry(Op op, ref Args inputs, out Transform? by)
    {
        if (Autocast is not null) inputs = Autocast.Cast(op, inputs);
        Tensor[]? y = Results?.Take(op);                                        // there already
        by = Enter(y is null ? op : null, inputs);
        y ??= by is null ? Watcher.Execute(op, inputs) : by.Apply(op, inputs);
        foreach (Tensor t in y) Made(op, inputs, t, by);
        Results?.Give(op, y);
        return y;
    }

    /// <summary>The transform that is to carry an application out, of which whoever watches is told.</summary>
    public Transform? Enter(Op? op, Args inputs)
    {
        if (op is not null) Observer?.Invoke(op);
        return Transform is null ? null : Transform.Of(inputs);
    }

    // A view of a transform's tensor is one at its depth too. What was made of nobody's tensors inside a transform's function may become the transform's own.
    void Made(Op op, Args inputs, Tensor y, Transform? by)
    {
        if (by is null)
        {
            if (Transform is not null && op is not ViewOp) y.Storage.MadeIn = Transform;
        }
        else if (op is ViewOp v && by.Owns(inputs[0]))
        {
            y.SetView(inputs[0], v);
            by.Viewed(y);
        }
    }

    /// <summary>Before random numbers are drawn in place of what a tensor holds.</summary>
    public void BeforeDraw(Op op, Tensor self)
    {
        for (Transform? t = Transform; t is not null; t = t.Outer)
            if (t is Batching b && b.BeforeDraw(op, self)) return;
    }

    public readonly struct Scope(Modes? before) : IDisposable
    {
        public void Dispose() => t_current = before;
    }
}
