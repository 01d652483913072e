namespace Flambeau.Ops;

/// <summary>Which element of a line.</summary>
internal enum RankKind
{
    /// <summary>The K-th smallest, from 1.</summary>
    Kth,
    /// <summary>The middle, of two the lower; the first NaN if there is one.</summary>
    Median,
    /// <summary>As <see cref="Median"/>, without regard to NaNs.</summary>
    NanMedian,
    /// <summary>The most frequent, of several the smallest; its last occurrence.</summary>
    Mode,
}

/// <summary>A place in the order of a line.</summary>
internal readonly record struct Rank(RankKind Kind, long K = 0);
