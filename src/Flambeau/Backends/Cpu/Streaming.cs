using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// When results are stored past the caches. An ordinary store reads a line before it writes it: a third of the traffic of an operation with one input. What is
/// larger than a quarter of the last cache would hardly be found there later, and with such stores takes 0.6 of the time (64 MB of ReLU: 55 against 35 GB/s
/// on one thread, 8 MB: 110 against 60). Smaller results are read from the cache by whoever comes next, which is worth more.
/// </summary>
internal static unsafe class Streaming
{
    static readonly long s_bytes = Caches.L3 / 4;

    /// <summary>Whether a result of so many bytes, none of which is an input's, is stored so.</summary>
    public static bool Pays(long bytes) => bytes >= s_bytes;

    /// <summary>Whether p lies on a whole vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Fits<L>(byte* p) where L : struct, ILane<L> => ((nint)p & (L.Count * Tail<L>.Size - 1)) == 0;

    /// <summary>Makes what was stored visible before what follows. Other threads' stores are, when they leave a parallel loop: that is interlocked.</summary>
    public static void End() => Interlocked.MemoryBarrier();
}
