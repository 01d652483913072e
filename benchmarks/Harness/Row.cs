namespace Flambeau.Benchmarks;

/// <summary>What was measured of a workload. Times are seconds a call.</summary>
sealed record Row(string Group, string Workload, int Threads)
{
    public double OursMedian { get; init; }
    public double OursBest { get; init; }
    public double? PeerMedian { get; init; }
    public double? PeerBest { get; init; }

    /// <summary>Over 1: we are faster.</summary>
    public double? Ratio => PeerMedian / OursMedian;

    /// <summary>Of our median; null if operations are not what bounds the workload.</summary>
    public double? GigaFlops { get; init; }

    /// <summary>Of our median; null if memory is not what bounds the workload.</summary>
    public double? GigaBytes { get; init; }

    /// <summary>How much that is of what the machine can: of the peak in registers, or of the bandwidth of a copy.</summary>
    public double? OfPeak { get; init; }

    /// <summary>Managed bytes that a call of ours allocates: memory that the pool has already is not among them.</summary>
    public double AllocatedBytes { get; init; }

    /// <summary>Full collections a call of ours.</summary>
    public double Gen2 { get; init; }

    /// <summary>Timed samples of each side, and calls in one of ours.</summary>
    public int Samples { get; init; }
    public long Calls { get; init; }

    /// <summary>The greatest difference of the two answers, as a fraction of the greatest number.</summary>
    public double? Difference { get; init; }

    /// <summary>Why there are no figures, or why they do not count.</summary>
    public string? Trouble { get; init; }
}
