using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// When results are stored past the caches. An ordinary store reads a line before it writes it: a third of the traffic of an operation with one input. What is
/// larger than an eighth of the last cache would hardly be found there later, and with such stores takes 0.6 of the time (64 MB of ReLU: 55 against 35 GB/s
/// on one thread, 4 MB: 106 against 63). Smaller results are read from the cache by whoever comes next, which is worth more. Nothing asks ahead by instructions: that gained
/// nothing beside the processor's own prefetchers, and took a tenth of additions (64 MB: 5.2 against 4.6 ms).
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

    /// <summary>Copies memory that does not overlap; past the caches if <paramref name="streams"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(byte* from, byte* to, long bytes, bool streams)
    {
        if (streams && ((nint)to & (Line - 1)) == 0)
        {
            for (byte* end = from + (bytes & -Line); from != end; from += Line, to += Line)
            {
                Vector256<byte> a = Vector256.Load(from), b = Vector256.Load(from + Line / 2);
                a.StoreAlignedNonTemporal(to);
                b.StoreAlignedNonTemporal(to + Line / 2);
            }
            bytes &= Line - 1;
        }
        if (bytes <= 1 << 14) Short(from, to, (nint)bytes);                    // the library's copy begins slowly
        else Buffer.MemoryCopy(from, to, bytes, bytes);
    }

    /// <summary>Fills whole lines with one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(Vector512<byte> line, byte* to, long bytes)
    {
        for (byte* end = to + bytes; to != end; to += Line) line.StoreAlignedNonTemporal(to);
    }

    /// <summary>Copies rows, <paramref name="down"/> and <paramref name="step"/> bytes apart, without a call for each of those that are short.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(byte* from, long down, byte* to, long step, long bytes, long rows, bool streams)
    {
        if (bytes > 1024 || streams)
            for (; rows > 0; rows--, from += down, to += step) Copy(from, to, bytes, streams);
        else
            for (; rows > 0; rows--, from += down, to += step) Short(from, to, (nint)bytes);
    }

    const int Line = 64;

    /// <summary>Copies memory that does not overlap: lines by twos, the last one over the one before it; less than a line as two halves that overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Short(byte* from, byte* to, nint bytes)
    {
        if (bytes < Line)
        {
            if (bytes >= 32) Ends<Vector256<byte>>(from, to, bytes);
            else if (bytes >= 16) Ends<Vector128<byte>>(from, to, bytes);
            else if (bytes >= 8) Ends<long>(from, to, bytes);
            else if (bytes >= 4) Ends<int>(from, to, bytes);
            else for (nint k = 0; k < bytes; k++) to[k] = from[k];
            return;
        }
        nint i = 0;
        for (; i + 2 * Line < bytes; i += 2 * Line)
        {
            Vector512<byte> a = Vector512.Load(from + i), b = Vector512.Load(from + i + Line);
            a.Store(to + i);
            b.Store(to + i + Line);
        }
        if (i + Line < bytes) Vector512.Load(from + i).Store(to + i);
        Vector512.Load(from + bytes - Line).Store(to + bytes - Line);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Ends<V>(byte* from, byte* to, nint bytes) where V : unmanaged
    {
        V first = Unsafe.ReadUnaligned<V>(from), last = Unsafe.ReadUnaligned<V>(from + bytes - sizeof(V));
        Unsafe.WriteUnaligned(to, first);
        Unsafe.WriteUnaligned(to + bytes - sizeof(V), last);
    }

    /// <summary>Makes what was stored visible before what follows. Other threads' stores are, when they leave a parallel loop: that is interlocked.</summary>
    public static void End() => Interlocked.MemoryBarrier();
}
