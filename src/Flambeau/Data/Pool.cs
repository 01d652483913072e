using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Flambeau;

/// <summary>A rented piece of pinned memory. Its finalizer brings it back, which is what makes Dispose unnecessary.</summary>
internal sealed class PooledBlock(CacheLine[] memory, int sizeClass)
{
    int _returned;

    public CacheLine[] Memory => memory;
    public int SizeClass => sizeClass;
    public long Bytes => (long)memory.Length * 64;
    public bool Escaped { get; set; }

    /// <summary>The first 64-byte boundary inside the array, in bytes from its data.</summary>
    public unsafe nint AlignedStart => -(nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory)) & 63;

    public void Return()
    {
        if (Interlocked.Exchange(ref _returned, 1) == 0) Pool.Return(this);
        GC.SuppressFinalize(this);
    }

    ~PooledBlock()
    {
        if (Interlocked.Exchange(ref _returned, 1) == 0) Pool.Return(this);
    }
}

/// <summary>64 bytes.</summary>
[InlineArray(64)]
internal struct CacheLine { byte _0; }

/// <summary>
/// Large memory, kept for reuse. Size classes are eight to the octave, so at most an eighth is lost. Before the pool grows past its
/// budget it asks the collector what is dead: first the young generations, then all; only what is truly live raises the budget, to half
/// as much again.
/// </summary>
internal static class Pool
{
    const int Classes = 8 * 60;
    const long Slack = 24L << 20;                      // what may be dead before anybody looks: a collection each 24 MB costs about 1 %
    static readonly Lock Gate = new();
    static readonly Stack<CacheLine[]>[] Free = new Stack<CacheLine[]>[Classes];
    static long _budget = Slack;

    /// <summary>Bytes in tensors, in the free lists, and the most ever in both.</summary>
    public static long Live, Idle, Peak;

    /// <summary>How often the collector was asked.</summary>
    public static int Collections;

    public static PooledBlock Rent(long bytes)
    {
        int c = Class(bytes);
        long size = ClassBytes(c);
        bool fits;
        lock (Gate)
        {
            if (TryTake(c, out var m)) return Lend(m);
            fits = Live + Idle + size <= _budget;
        }
        bool grows = !fits;
        // What died young is found by the cheapest collection; an older generation is asked only where too much is still live.
        for (int generation = 0; generation <= 2 && !fits; generation++)
        {
            GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
            GC.WaitForPendingFinalizers();
            lock (Gate)
            {
                Collections++;
                fits = Budget(Live + size) <= _budget;                         // so that the next collection is worth its time
            }
        }
        if (grows)
            lock (Gate)
            {
                if (TryTake(c, out var m))
                {
                    if (!fits) Raise();
                    return Lend(m);
                }
                DropOthers(size);
            }
        CacheLine[] fresh = Allocate(bytes, size);                             // not under the lock: it may wait for finalizers, which want it
        lock (Gate)
        {
            if (!fits) Raise();
            return Lend(fresh);
        }

        void Raise() => _budget = Math.Max(_budget, Budget(Live + size));
    }

    public static void Return(PooledBlock b)
    {
        lock (Gate)
        {
            Live -= b.Bytes;
            if (b.Escaped) return;                                             // a span may still look at it: the collector decides
            Idle += b.Bytes;
            (Free[b.SizeClass] ??= new()).Push(b.Memory);
        }
    }

    /// <summary>Gives all idle memory back to the operating system.</summary>
    public static void Trim()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        lock (Gate)
        {
            foreach (var s in Free) s?.Clear();
            Idle = 0;
            _budget = Budget(Live);
        }
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>What the pool may hold when so much is live.</summary>
    static long Budget(long live) => Math.Max(live + Slack, live / 2 * 3);

    /// <summary>A free block of the class, or of one up to a half larger.</summary>
    static bool TryTake(int c, out CacheLine[] m)
    {
        for (int k = c; k < Math.Min(Classes, c + 5); k++)
            if (Free[k] is { Count: > 0 } s)
            {
                m = s.Pop();
                Idle -= (long)m.Length * 64;
                return true;
            }
        m = null!;
        return false;
    }

    /// <summary>Lets go of idle blocks of other sizes, the largest first, until <paramref name="size"/> more fit the budget.</summary>
    static void DropOthers(long size)
    {
        for (int k = Classes - 1; k >= 0 && Live + Idle + size > _budget; k--)
            while (Free[k] is { Count: > 0 } s && Live + Idle + size > _budget) Idle -= (long)s.Pop().Length * 64;
    }

    static PooledBlock Lend(CacheLine[] m)
    {
        lock (Gate)
        {
            Live += (long)m.Length * 64;
            Peak = Math.Max(Peak, Live + Idle);
        }
        return new(m, Class((long)(m.Length - 1) * 64));
    }

    static CacheLine[] Allocate(long bytes, long size)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (size <= available)
            for (int attempt = 0; attempt < 2; attempt++)
            {
                try { return GC.AllocateUninitializedArray<CacheLine>(checked((int)(size / 64 + 1)), pinned: true); }
                catch (OutOfMemoryException) { Trim(); }
            }
        throw new OutOfMemoryException($"A tensor of {Memory.Format(bytes)} does not fit: {Memory.Stats()}, of {Memory.Format(available)} that this process may use. " +
            "Use smaller batches, or drop references to tensors that are no longer needed.");
    }

    /// <summary>Class 8e + m holds up to (m + 9)·2ᵉ bytes, m = 0…7.</summary>
    static int Class(long bytes)
    {
        long n = bytes - 1;
        int e = 60 - BitOperations.LeadingZeroCount((ulong)n);                 // n has e + 4 bits
        return e * 8 + (int)(n >> e) - 8;
    }

    static long ClassBytes(int c) => (c % 8 + 9L) << (c / 8);
}
