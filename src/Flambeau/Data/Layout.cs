namespace Flambeau;

/// <summary>
/// Where the elements of a tensor lie in its storage: element (i, j, …) at Offset + i·Strides[0] + j·Strides[1] + … .
/// Immutable, so that tensors of the same shape share one.
/// </summary>
public sealed class Layout
{
    /// <summary>The most axes a tensor can have.</summary>
    public const int MaxRank = 16;

    /// <summary>A scalar's.</summary>
    internal static readonly Layout Scalar = new(default, [], 0);

    readonly long[] _strides;

    internal Layout(Dims shape, long[] strides, long offset)
    {
        if (shape.Length > MaxRank) throw new ArgumentException($"A tensor has at most {MaxRank} axes; the shape {shape} has {shape.Length}.");
        (Shape, _strides, Offset) = (shape, strides, offset);
        long n = 1;
        bool contiguous = true;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            if (shape[d] != 1 && strides[d] != n) contiguous = false;
            n *= shape[d];
        }
        Count = n;
        IsContiguous = contiguous || n == 0;
    }

    /// <summary>The row-major layout of <paramref name="shape"/>, from the start of a storage.</summary>
    /// <exception cref="ArgumentException">A size is negative, there are too many axes, or more elements than 2⁶³.</exception>
    public static Layout Contiguous(Dims shape) => Contiguous(shape, 0);

    /// <summary>The same, from an offset in elements on.</summary>
    internal static Layout Contiguous(Dims shape, long offset)
    {
        if (shape.Length == 0 && offset == 0) return Scalar;
        var strides = new long[shape.Length];
        long n = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            if (shape[d] < 0) throw new ArgumentException($"A size cannot be negative: the shape {shape}.");
            strides[d] = n;
            if (shape[d] > 0 && n > long.MaxValue / shape[d]) throw new ArgumentException($"The shape {shape} has more than 2⁶³ elements.");
            n *= Math.Max(1, shape[d]);
        }
        return new(shape, strides, offset);
    }

    /// <summary>The sizes.</summary>
    public Dims Shape { get; }

    /// <summary>The distance from one index to the next along each axis, in elements; 0 where an axis is expanded.</summary>
    public ReadOnlySpan<long> Strides => _strides;

    /// <summary>Where the first element lies, in elements.</summary>
    public long Offset { get; }

    /// <summary>The number of axes.</summary>
    public int Rank => _strides.Length;

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    /// <summary>Whether the elements lie row by row without gaps.</summary>
    public bool IsContiguous { get; }

    /// <summary>Whether two indices can reach one element: an axis is expanded.</summary>
    internal bool IsOverlapping
    {
        get
        {
            for (int d = 0; d < Rank; d++) if (_strides[d] == 0 && Shape[d] > 1) return true;
            return false;
        }
    }

    /// <summary>The bounds [Lo, Hi] of the elements reached, in elements from the storage's start; (0, −1) for none.</summary>
    internal (long Lo, long Hi) Extent
    {
        get
        {
            if (Count == 0) return (0, -1);
            long lo = Offset, hi = Offset;
            for (int d = 0; d < Rank; d++)
            {
                long reach = (Shape[d] - 1) * _strides[d];
                if (reach < 0) lo += reach; else hi += reach;
            }
            return (lo, hi);
        }
    }

    /// <summary>Whether two layouts reach the same elements in the same order.</summary>
    internal static bool Same(Layout a, Layout b) => a.Shape == b.Shape && a.Offset == b.Offset && a.Strides.SequenceEqual(b.Strides);

    /// <summary>The same elements' axis numbered <paramref name="dim"/>, which may be negative, from 0.</summary>
    internal static int Axis(long dim, int rank, string op)
    {
        int n = Math.Max(rank, 1);                                             // a scalar takes dim 0 and −1
        if (dim < -n || dim >= n)
            throw new ArgumentOutOfRangeException(nameof(dim), $"{op}: dim {dim} of a tensor with {rank} axes; it must lie in [{-n}, {n - 1}].");
        return (int)(dim < 0 ? dim + n : dim);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Shape} strides ({string.Join(", ", _strides)}) offset {Offset}";
}
