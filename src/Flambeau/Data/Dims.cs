using System.Collections;
using System.Runtime.CompilerServices;

namespace Flambeau;

/// <summary>A shape, or another short list of sizes: immutable, equal by value, written <c>[2, 3]</c>, printed <c>(2, 3)</c>.</summary>
[CollectionBuilder(typeof(Dims), nameof(Create))]
public readonly struct Dims : IEquatable<Dims>, IReadOnlyList<long>
{
    readonly long[]? _sizes;

    /// <summary>Takes the array over: nobody may write to it any more.</summary>
    internal Dims(long[] sizes) => _sizes = sizes;

    /// <summary>A copy of <paramref name="sizes"/>.</summary>
    public static Dims Create(ReadOnlySpan<long> sizes) => sizes.IsEmpty ? default : new(sizes.ToArray());

    /// <summary>How many sizes there are.</summary>
    public int Length => _sizes?.Length ?? 0;

    int IReadOnlyCollection<long>.Count => Length;

    /// <summary>The size of axis <paramref name="i"/>; <c>^1</c> is the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public long this[Index i] => this[i.GetOffset(Length)];

    /// <summary>The size of axis <paramref name="i"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public long this[int i] => (uint)i < (uint)Length ? _sizes![i]
        : throw new ArgumentOutOfRangeException(nameof(i), $"Axis {i} of the shape {this}, which has {Length} axes.");

    /// <summary>A part of the shape.</summary>
    public Dims this[Range range] => Create(Span[range]);

    /// <summary>The sizes.</summary>
    public ReadOnlySpan<long> Span => _sizes;

    /// <summary>The product of the sizes; 1 for a scalar.</summary>
    /// <exception cref="OverflowException">The product exceeds 2⁶³ − 1.</exception>
    public long Count
    {
        get
        {
            long n = 1;
            foreach (long s in Span) n = checked(n * s);
            return n;
        }
    }

    /// <summary>A shape serves where sizes are asked for.</summary>
    public static implicit operator ReadOnlySpan<long>(Dims d) => d.Span;

    /// <summary>An array serves where a shape is asked for; it is copied.</summary>
    public static implicit operator Dims(long[] sizes) => Create(sizes);

    /// <summary>The sizes as a new array.</summary>
    public long[] ToArray() => Span.ToArray();

    /// <inheritdoc/>
    public bool Equals(Dims other) => ReferenceEquals(_sizes, other._sizes) || Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Dims d && Equals(d);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode h = new();
        foreach (long s in Span) h.Add(s);
        return h.ToHashCode();
    }

    /// <summary>Same sizes.</summary>
    public static bool operator ==(Dims a, Dims b) => a.Equals(b);

    /// <summary>Other sizes.</summary>
    public static bool operator !=(Dims a, Dims b) => !a.Equals(b);

    /// <summary>(2, 3); (5,) for one axis; () for a scalar.</summary>
    public override string ToString() => Length == 1 ? $"({_sizes![0]},)" : $"({string.Join(", ", _sizes ?? [])})";

    /// <inheritdoc/>
    public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)(_sizes ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
