namespace Flambeau;

/// <summary>The threads that kernels run on.</summary>
public static class Threads
{
    /// <summary>How many threads a kernel may use, the caller included. Results do not depend on it.</summary>
    public static int Count { get; set; } = Environment.ProcessorCount;

    /// <summary>Runs <paramref name="body"/> over [0, <paramref name="count"/>) in ranges of at least <paramref name="grain"/>.</summary>
    internal static void For<TBody>(long count, long grain, TBody body) where TBody : struct, IRangeBody => body.Run(0, count);
}

/// <summary>The body of a parallel loop.</summary>
internal interface IRangeBody
{
    /// <summary>Does the items [begin, end).</summary>
    void Run(long begin, long end);
}
