using Flambeau.Ops;

namespace Flambeau.Transforms;

/// <summary>
/// A transform of programs that runs just now: the tensors it hands to the user's function are <see cref="Lift">lifted</see>, the waist gives
/// it every operation on them, and it says what that means for what is behind them. Transforms nest: what is behind a lifted tensor may be
/// lifted itself, by a transform farther out. (Reverse mode is none of these: it is the tape, which each depth has to itself.)
/// </summary>
internal abstract class Transform : IDisposable
{
    Modes.Scope _scope;

    /// <summary>How many transforms are around it, itself included. Plain tensors have depth 0.</summary>
    public int Depth { get; private set; }

    /// <summary>The next transform farther out.</summary>
    public Transform? Outer { get; private set; }

    /// <summary>Whether the function has returned.</summary>
    public bool HasEnded { get; private set; } = true;

    /// <summary>The transform's name, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>Makes it the innermost one of this thread until it is disposed.</summary>
    public void Begin()
    {
        Outer = Current;
        Depth = (Outer?.Depth ?? 0) + 1;
        if (Depth > 63) throw new InvalidOperationException($"{Name}: transforms are nested more than 63 deep.");
        HasEnded = false;
        _scope = Modes.Push(Modes.Here with { Transform = this });
    }

    public virtual void Dispose()
    {
        HasEnded = true;
        _scope.Dispose();
    }

    /// <summary>The innermost transform of this thread.</summary>
    public static Transform? Current => Modes.Current?.Transform;

    /// <summary>The innermost transform that one of the tensors belongs to.</summary>
    public static Transform? Of(Args x)
    {
        Transform? top = null;
        foreach (Tensor t in x)
            if (t.Lift?.By is { } by && (top is null || by.Depth > top.Depth)) top = by;
        return top is { HasEnded: true } ? throw top.Ended() : top;
    }

    /// <summary>For a tensor that outlived its transform.</summary>
    public InvalidOperationException Ended() =>
        new($"{Name} has ended, and a tensor of its function is still in use. Return what is wanted from the function, instead of keeping it in a variable.");

    /// <summary>Whether another transform is this one, or runs inside its function.</summary>
    public bool IsAround(Transform? other)
    {
        while (other is not null && !ReferenceEquals(other, this)) other = other.Outer;
        return other is not null;
    }

    /// <summary>Whether a tensor belongs to this transform.</summary>
    public bool Owns(Tensor x) => x.Lift is { } l && ReferenceEquals(l.By, this);

    /// <summary>What is behind a tensor of this transform; the tensor itself if it is none.</summary>
    public Tensor Behind(Tensor x) => Owns(x) ? x.Lift!.Value : x;

    /// <summary>As <see cref="Behind(Tensor)"/>, of each.</summary>
    public Tensor[] Behind(Args x)
    {
        Tensor[] y = x.ToArray();
        for (int i = 0; i < y.Length; i++) y[i] = Behind(y[i]);
        return y;
    }

    /// <summary>How a tensor of it is printed.</summary>
    public abstract string Text(Tensor x, Lift lift);

    /// <summary>A tensor of this transform that stands for something that the transform does not vary.</summary>
    public abstract Tensor Constant(Tensor value);

    /// <summary>The same tensor without what the tape of this depth knows of it.</summary>
    public abstract Tensor Again(Tensor x);

    /// <summary>Applies an operation to tensors of which one at least is this transform's. What that means is done as if this transform were not there.</summary>
    public Tensor[] Apply(Op op, Args inputs)
    {
        using var _ = Step();
        return Carry(op, inputs);
    }

    /// <summary>Steps out of this transform, into the one around it.</summary>
    public Modes.Scope Step() => Modes.Push(Modes.Here with { Transform = Outer });

    protected abstract Tensor[] Carry(Op op, Args inputs);

    /// <summary>After a view of one of its tensors was made.</summary>
    public virtual void Viewed(Tensor y) { }

    /// <summary>Makes a tensor this transform's, which a tensor of this transform is about to be written into.</summary>
    public abstract void Adopt(Tensor self, string op);

    /// <summary>Writes what is behind <paramref name="y"/> into what is behind <paramref name="self"/>.</summary>
    public abstract void Write(Tensor self, Tensor y, string op);

    /// <summary>The lower level's application, whatever the number of results.</summary>
    protected static Tensor[] Below(Op op, Args x) => op is MultiOp m ? Op.ApplyAll(m, x) : [Op.Apply(op, x)];
}

/// <summary>What is behind a tensor that a transform handed out.</summary>
/// <param name="by">The transform.</param>
/// <param name="value">For <see cref="Batching"/>, all examples along axis 0; for <see cref="Forward"/>, the tensor whose derivative is carried along.</param>
internal sealed class Lift(Transform by, Tensor value)
{
    public Transform By => by;
    public Tensor Value => value;

    /// <summary>Of <see cref="Batching"/>: whether axis 0 of the value are the examples. If not, all examples are the value.</summary>
    public bool IsMapped { get; init; }

    /// <summary>Of <see cref="Forward"/>: the derivative along the direction; null for 0.</summary>
    public Tensor? Tangent { get; set; }

    /// <summary>Of <see cref="Forward"/>: for a view, the tangent of what it is a view of when <see cref="Tangent"/> was taken.</summary>
    public Tensor? TangentOfRoot { get; set; }
}
