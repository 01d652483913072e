using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// When results are stored past the caches. An ordinary store reads a line before it writes it: a third of the traffic of an operation with one input. What is
/// larger than an eighth of the last cache would hardly be found there later, and with such stores takes 0.6 of the time (64 MB of ReLU: 55 against 35 GB/s
/// on one thread, 4 MB: 106 against 63). Smaller results are read from the cache by whoever comes next, which is worth more.
/// </summary>
internal static unsafe class Streaming
{
    static readonly long s_bytes = Caches.L3 / 8, s_again = Caches.L3 / 8 * 3;

    /// <summary>Whether a new result of so many bytes, none of which is an input's, is stored so.</summary>
    public static bool Pays(long bytes) => bytes >= s_bytes;

    /// <summary>
    /// Whether a tensor is stored so. One that was written before is the caller's and may still be in the cache, which such stores would empty of it: written
    /// again and again, 4 MB took 0.19 ms past the caches and take 0.09 (two threads), 16 MB are faster past them.
    /// </summary>
    public static bool Pays(Tensor y) => Pays(y.Storage, y.Count * y.DType.ItemSize);

    /// <summary>Whether so many bytes of a storage are stored so.</summary>
    public static bool Pays(Storage y, long bytes) => bytes >= (y.Version == 0 ? s_bytes : s_again);

    /// <summary>Whether p lies on a whole vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Fits<L>(byte* p) where L : struct, ILane<L> => ((nint)p & (L.Count * Tail<L>.Size - 1)) == 0;

    /// <summary>Stores a lane, past the caches if <paramref name="streams"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<L>(L x, byte* p, bool streams) where L : struct, ILane<L>
    {
        if (streams) L.Stream(x, p);
        else L.Store(x, p);
    }

    /// <summary>
    /// Asks for what will be read half a page later: a long body leaves the processor no room to see far ahead by itself, and its own prefetchers stop
    /// at the end of a page.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ahead(byte* p)
    {
        if (Sse.IsSupported) Sse.Prefetch0(p + 2048);
    }

    /// <summary>Copies memory that does not overlap; past the caches if <paramref name="streams"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(byte* from, byte* to, long bytes, bool streams)
    {
        const int Line = 64;
        nint i = 0, whole = (nint)bytes & -Line;
        if (streams && ((nint)to & (Line - 1)) == 0)
            for (; i != whole; i += Line)
            {
                Vector256<byte> a = Vector256.Load(from + i), b = Vector256.Load(from + i + Line / 2);
                a.StoreAlignedNonTemporal(to + i);
                b.StoreAlignedNonTemporal(to + i + Line / 2);
            }
        else if (bytes <= 1 << 14)                     // the library's copy begins slowly
            for (; i != whole; i += Line) Vector512.Load(from + i).Store(to + i);
        if (i < bytes) Buffer.MemoryCopy(from + i, to + i, bytes - i, bytes - i);
    }

    /// <summary>Makes what was stored visible before what follows. Other threads' stores are, when they leave a parallel loop: that is interlocked.</summary>
    public static void End() => Interlocked.MemoryBarrier();
}
