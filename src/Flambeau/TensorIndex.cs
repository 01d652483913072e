namespace Flambeau;

/// <summary>
/// What may stand between the brackets of <c>x[…]</c>: a number, a range, a mask, indices, <see cref="Ellipsis"/>, <see cref="NewAxis"/>.
/// All but the last two arise by implicit conversion; <c>..</c> is one whole axis, as Python's <c>:</c>.
/// </summary>
public readonly struct TensorIndex
{
    internal enum Kind : byte
    {
        /// <summary>One axis as it is.</summary>
        All,
        Integer,
        Slice,
        Ellipsis,
        NewAxis,
        /// <summary>A C# bool: a mask without axes.</summary>
        Flag,
        Tensor,
    }

    readonly long _start, _step;
    readonly long? _stop;

    TensorIndex(Kind type, long start = 0, long? stop = null, long step = 1, Tensor? tensor = null) =>
        (Type, _start, _stop, _step, Indices) = (type, start, stop, step, tensor);

    internal Kind Type { get; }

    internal Tensor? Indices { get; }

    internal long Integer => _start;

    internal bool Flag => _start != 0;

    /// <summary>All remaining axes as they are: Python's <c>...</c>.</summary>
    public static TensorIndex Ellipsis => new(Kind.Ellipsis);

    /// <summary>A new axis of size 1: Python's <c>None</c>.</summary>
    public static TensorIndex NewAxis => new(Kind.NewAxis);

    /// <summary>One axis as it is: Python's <c>:</c>.</summary>
    public static TensorIndex All => default;

    /// <summary>Every <paramref name="step"/>-th element from start on, before stop: Python's <c>start:stop:step</c>. Negative positions count from
    /// the end; those past an end stand for the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is not positive.</exception>
    public static TensorIndex Slice(long? start = null, long? stop = null, long step = 1)
    {
        if (step <= 0) throw new ArgumentOutOfRangeException(nameof(step), step, $"Slice: the step is {step}, but must be positive. Use Flip to reverse an axis.");
        return new(Kind.Slice, start ?? 0, stop, step);
    }

    /// <summary>The slice of an axis of n elements.</summary>
    internal (long Start, long Stop, long Step) Resolve(long n)
    {
        long start = Inside(_start), stop = Inside(_stop ?? n);
        return (start, Math.Max(start, stop), _step);

        long Inside(long i) => Math.Clamp(i < 0 ? i + n : i, 0, n);
    }

    /// <summary>One index, which makes the axis disappear; negative ones count from the end.</summary>
    public static implicit operator TensorIndex(int index) => new(Kind.Integer, index);

    /// <inheritdoc cref="op_Implicit(int)"/>
    public static implicit operator TensorIndex(long index) => new(Kind.Integer, index);

    /// <inheritdoc cref="op_Implicit(int)"/>
    public static implicit operator TensorIndex(Index index) => index is { IsFromEnd: true, Value: 0 }
        ? throw new ArgumentOutOfRangeException(nameof(index), "^0 is past the end of every axis. The last element is ^1.")
        : new(Kind.Integer, index.IsFromEnd ? -index.Value : index.Value);

    /// <summary>A part of an axis; <c>..</c> is all of it.</summary>
    public static implicit operator TensorIndex(Range range) => Slice(
        range.Start is { IsFromEnd: true, Value: 0 } ? long.MaxValue : range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
        !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value);

    /// <summary>A new axis of size 1 if true, of size 0 if false.</summary>
    public static implicit operator TensorIndex(bool flag) => new(Kind.Flag, flag ? 1 : 0);

    /// <summary>Indices (int64 or int32; negative ones count from the end), or a mask (bool; uint8 too) over as many axes as it has.</summary>
    public static implicit operator TensorIndex(Tensor indices) => new(Kind.Tensor, tensor: indices ?? throw new ArgumentNullException(nameof(indices)));

    /// <summary>Indices.</summary>
    public static implicit operator TensorIndex(int[] indices) => Tensor.From(indices).Long();

    /// <summary>Indices.</summary>
    public static implicit operator TensorIndex(long[] indices) => Tensor.From(indices);
}

/// <summary>Lets <c>x[.., Index.NewAxis]</c> and <c>x[Index.Ellipsis, 0]</c> be written.</summary>
public static class IndexExtensions
{
    extension(Index)
    {
        /// <inheritdoc cref="TensorIndex.NewAxis"/>
        public static TensorIndex NewAxis => TensorIndex.NewAxis;

        /// <inheritdoc cref="TensorIndex.Ellipsis"/>
        public static TensorIndex Ellipsis => TensorIndex.Ellipsis;
    }
}
