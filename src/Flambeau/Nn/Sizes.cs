using System.Runtime.CompilerServices;

namespace Flambeau.Nn;

/// <summary>One number for all axes, or one for each: <c>3</c>, <c>(3, 5)</c>, <c>[1, 2, 3]</c>.</summary>
[CollectionBuilder(typeof(Sizes), nameof(Create))]
public readonly struct Sizes
{
    readonly Dims _values;

    Sizes(Dims values) => _values = values;

    /// <summary>One number for all axes.</summary>
    public static implicit operator Sizes(long n) => new([n]);

    /// <summary>One number for each of two axes.</summary>
    public static implicit operator Sizes((long, long) n) => new([n.Item1, n.Item2]);

    /// <summary>One number for each of three axes.</summary>
    public static implicit operator Sizes((long, long, long) n) => new([n.Item1, n.Item2, n.Item3]);

    /// <summary>One number for each axis.</summary>
    public static implicit operator Sizes(long[] n) => new(n);

    /// <summary>One number for each axis.</summary>
    public static implicit operator Sizes(Dims n) => new(n);

    /// <summary>One number for each axis.</summary>
    public static Sizes Create(ReadOnlySpan<long> n) => new(Dims.Create(n));

    /// <summary>The numbers as they were given.</summary>
    public IEnumerator<long> GetEnumerator() => _values.GetEnumerator();

    /// <summary>One number for each of so many axes.</summary>
    /// <exception cref="ArgumentException">There are neither one nor as many numbers.</exception>
    internal Dims For(int axes, long fallback)
    {
        var y = new long[axes];
        if (_values.Length > 1 && _values.Length != axes) throw new ArgumentException($"{_values} has {_values.Length} numbers; one, or one for each of the {axes} spatial axes, are wanted.");
        for (int d = 0; d < axes; d++) y[d] = _values.Length == 0 ? fallback : _values[_values.Length == 1 ? 0 : d];
        return new Dims(y);
    }

    /// <summary>The numbers as they were given; none if none were.</summary>
    internal Dims Values => _values;
}
