using System.Runtime.CompilerServices;

namespace Flambeau.Nn;

/// <summary>The padding of a convolution: numbers as for <see cref="Sizes"/>, or <c>"same"</c> (the result is as large as the input) or <c>"valid"</c> (none).</summary>
[CollectionBuilder(typeof(ConvPadding), nameof(Create))]
public readonly struct ConvPadding
{
    ConvPadding(Sizes sizes, string? name) => (Sizes, Name) = (sizes, name);

    /// <summary>One number for all axes.</summary>
    public static implicit operator ConvPadding(long n) => new(n, null);

    /// <summary>One number for each of two axes.</summary>
    public static implicit operator ConvPadding((long, long) n) => new(n, null);

    /// <summary>One number for each of three axes.</summary>
    public static implicit operator ConvPadding((long, long, long) n) => new(n, null);

    /// <summary>One number for each axis.</summary>
    public static implicit operator ConvPadding(long[] n) => new(n, null);

    /// <summary>Numbers as they stand.</summary>
    public static implicit operator ConvPadding(Sizes n) => new(n, null);

    /// <summary>One number for each axis.</summary>
    public static implicit operator ConvPadding(Dims n) => new(n, null);

    /// <summary>One number for each axis.</summary>
    public static ConvPadding Create(ReadOnlySpan<long> n) => new(Sizes.Create(n), null);

    /// <summary>The numbers as they were given; none of a name.</summary>
    public IEnumerator<long> GetEnumerator() => Sizes.GetEnumerator();

    /// <summary>By name.</summary>
    /// <exception cref="ArgumentException">Neither <c>same</c> nor <c>valid</c>.</exception>
    public static implicit operator ConvPadding(string name) => name is "same" or "valid" ? new(default, name)
        : throw new ArgumentException($"A padding is \"same\", \"valid\" or numbers, not \"{name}\".", nameof(name));

    internal Sizes Sizes { get; }
    internal string? Name { get; }

    /// <summary>How many elements are added before and after each axis.</summary>
    internal (Dims Before, Dims After) For(Dims kernel, Dims stride, Dims dilation)
    {
        if (Name != "same") return (Sizes.For(kernel.Length, 0), Sizes.For(kernel.Length, 0));
        if (stride.Any(s => s != 1)) throw new ArgumentException($"A padding \"same\" needs strides of 1, not {stride}.");
        long[] before = new long[kernel.Length], after = new long[kernel.Length];
        for (int d = 0; d < before.Length; d++)
        {
            long total = dilation[d] * (kernel[d] - 1);
            (before[d], after[d]) = (total / 2, total - total / 2);
        }
        return (before, after);
    }
}
