using System.Numerics;

namespace Flambeau;

/// <summary>
/// Large memory, kept for reuse. Size classes are eight to the octave, so at most an eighth is lost. The pool asks the collector what is dead, and looks
/// through what it has lent, at two occasions: after each <see cref="s_nursery"/> bytes, or up to 16 MB where results are large, so that short-lived results come to lie in memory that is still in the last cache;
/// and before it grows past its budget. Only what is truly live raises the budget, to half as much again. Where the budget is used up, a request is cut out of a larger idle block before any is let go:
/// memory that is new costs a page fault every 4 kB, and sizes come in turns (32 pictures through a network of convolutions met 8,600 of them in each pass).
/// </summary>
internal static class Pool
{
    const int Classes = 8 * 60;
    const int Parts = 64;                               // how much larger a block may be from which a request is cut
    const int Waste = 5;                               // a block may serve a request of so many classes less one below its own: up to a half is lost
    const long Slack = 16L << 20;                       // what may be dead before anybody looks; 24 MB trained no faster and were a seventh of LeNet's memory
    const int Stale = 16;                              // looks after which what stayed idle makes room for other sizes; a training step has up to five
    static readonly Lock Gate = new();
    static readonly List<Block>[] Free = new List<Block>[Classes];         // taken from the end: what is not needed grows old at the beginning
    static readonly List<Block> Lent = [];
    /// <summary>
    /// Half of the last cache, of which 16 MB in turn take a seventh longer than 4 to 8; no more than 8 MB, for of a large one that other guests of the host use too, no more
    /// may be there: with 12 MB of 32 ReLU of 65,536 took 42 µs on such a machine and took 25. A collection, 20 to 60 µs, is then some 10 % of the time that writing takes.
    /// Where little dies young (a forward pass keeps nearly all), looking is put off.
    /// </summary>
    static readonly long s_nursery = Math.Clamp(Caches.L3 / 2, 4L << 20, 8L << 20);

    /// <summary>
    /// For results of some 100 kB and more, of which a look is a large part, three quarters of a last cache of up to 16 MB: 512 kB with two threads 12.6, 11.4 and 10.8 µs for 8, 12 and 16 MB, 1 MB with
    /// one 28.9, 27.9 and 31.4 (Zen 5). With 12 MB for all, the tree LSTM took 1.34 times the peer's memory instead of 1.21.
    /// </summary>
    static readonly long s_most = Caches.L3 > 16L << 20 ? s_nursery : Math.Max(Caches.L3 / 4 * 3, s_nursery);

    static long _budget = Slack, _nursery = s_nursery, _lentSince;
    static bool _diesYoung = true;                     // whether most of what was lent between the last two looks was dead at the second
    static int _sweeps;                                // how often Lent was looked through
    static int _looks;                                 // how often the youngest was to be looked at while little died young
    static int _collections;                           // of the youngest generation, when it last was

    /// <summary>Bytes in tensors, in the free lists, and the most ever in both.</summary>
    public static long Live, Idle, Peak;

    /// <summary>
    /// Whether the collector is at work for the pool. Threads that look for work go to sleep meanwhile.
    /// </summary>
    public static volatile bool Collecting;

    /// <summary>How often the collector was asked.</summary>
    public static int Collections;

    public static Block Rent(long bytes, Storage borrower)
    {
        int c = Class(bytes);
        long size = ClassBytes(c);
        lock (Gate)
        {
            if (_lentSince > Patience(size)) LookAtYoung();
            if ((TryTake(c) ?? (Fits(size) ? null : TryCut(c) ?? Grow(c, size))) is { } b) return Lend(b, borrower);
        }
        CacheLine[] fresh = Allocate(bytes, size);     // not under the lock: it may take long
        lock (Gate) return Lend(new(fresh), borrower);
    }

    public static void Return(Block b)
    {
        lock (Gate)
            if (b.Place >= 0) TakeBack(b);
    }

    /// <summary>Gives all idle memory back to the operating system.</summary>
    public static void Trim()
    {
        GC.Collect();
        lock (Gate)
        {
            Sweep();
            Join();
            for (int k = 0; k < Classes; k++)
                for (int i = 0; i < (Free[k]?.Count ?? 0);)
                    if (Free[k][i] is { IsWhole: true } b) LetGo(b);
                    else i++;
            _budget = Budget(Live);
        }
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>Finds out what is dead by collections that there were anyway.</summary>
    public static void Look()
    {
        lock (Gate)
            if (_collections != GC.CollectionCount(0)) Sweep();
    }

    // A few results of some MB go past the caches anyway; but more than 16 MB in turn are slower there too: adding a row to 16 MB took 0.73 ms with a look for each and 1.0 with one for four (1 thread, Zen 5).
    static long Patience(long size) => Math.Max(_nursery, Math.Max(Math.Min(64 * size, s_most), Math.Min(4 * size, Slack)));

    static bool Fits(long size) => Live + Idle + size <= _budget;

    // The last results are always still in use, and grow old by that: the first generation is asked too (25 µs instead of 20), unless much stays alive, which would
    // grow older yet; even then each eighth time, for with many collections of the youngest alone in a row, each takes longer than the one before it, up to 200 µs.
    static void LookAtYoung()
    {
        if (_collections == GC.CollectionCount(0)) Collect(_diesYoung || ++_looks % 8 == 0 ? 1 : 0);
        else Sweep();
    }

    // What died young is found by the cheapest collection that LookAtYoung would choose; an older generation is asked only where too much is still live.
    static Block? Grow(int c, long size)
    {
        long live = Live;
        bool room = false;
        for (int generation = _diesYoung ? 1 : 0; generation <= 2 && !room; generation++)
        {
            Collect(generation);
            room = Budget(Live + size) <= _budget;     // so that the next collection is worth its time
        }
        if (!room) _budget = Math.Max(_budget, Budget(Live + size));
        Block? b = TryTake(c) ?? TryCut(c);
        DropOthers(c, stale: true, s_nursery + 2 * size);
        // Where nothing died, the next requests must not lead here again.
        if (b is null) DropOthers(c, stale: false, live - Live < s_nursery / 4 ? Math.Max(size, s_nursery / 2) : size);
        return b;
    }

    static void Collect(int generation)
    {
        Collecting = true;
        Threads.LetSleep();
        GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
        Collecting = false;
        Collections++;
        Sweep();
    }

    static void Sweep()
    {
        _collections = GC.CollectionCount(0);
        _sweeps++;
        long live = Live;
        for (int i = Lent.Count - 1; i >= 0; i--)      // from the end: what is taken out is filled from there
            if (Lent[i].IsDead) TakeBack(Lent[i]);
        _diesYoung = 2 * (live - Live) >= _lentSince;
        _nursery = _diesYoung ? Math.Max(_nursery / 2, s_nursery) : Math.Min(2 * _nursery, Math.Max(Slack, Live / 2));
        _lentSince = 0;
    }

    static void TakeBack(Block b)
    {
        Lent[b.Place] = Lent[^1];
        Lent[b.Place].Place = b.Place;
        Lent.RemoveAt(Lent.Count - 1);
        b.Place = -1;
        Live -= b.Bytes;
        if (b.Escaped) { Retire(b); return; }          // a span may still look at it: the collector decides
        b.IdleSince = _sweeps;
        AddIdle(b);
    }

    // No block of that array is lent again.
    static void Retire(Block b)
    {
        b.Drop();
        while (b.Before is { } before) b = before;
        for (Block? part = b; part is not null; part = part.After)
        {
            if (part.IsIdle) LetGo(part);
            part.Escaped = true;
        }
    }

    static void AddIdle(Block b)
    {
        Idle += b.Bytes;
        (Free[Below(b.Bytes)] ??= []).Add(b);
    }

    static void TakeOut(Block b)
    {
        Idle -= b.Bytes;
        Free[Below(b.Bytes)].Remove(b);
    }

    static void LetGo(Block b)
    {
        TakeOut(b);
        b.Drop();
    }

    static Block Lend(Block b, Storage borrower)
    {
        b.LendTo(borrower);
        b.Place = Lent.Count;
        Lent.Add(b);
        Live += b.Bytes;
        _lentSince += b.Bytes;
        Peak = Math.Max(Peak, Live + Idle);
        return b;
    }

    /// <summary>What the pool may hold when so much is live.</summary>
    static long Budget(long live) => Math.Max(live + Slack, live / 2 * 3);

    /// <summary>A free block of the class, or of one up to a half larger.</summary>
    static Block? TryTake(int c) => Newest(c, c + Waste);

    /// <summary>As much as the class has, cut from a free block that is larger than <see cref="TryTake"/> takes; where there is none, free neighbours grow together first.</summary>
    static Block? TryCut(int c) => Cut(c) ?? (Join() ? TryTake(c) ?? Cut(c) : null);

    static Block? Cut(int c)
    {
        if (Newest(c + Waste, c + 1 + 8 * BitOperations.Log2(Parts)) is not { } b) return null;
        AddIdle(b.Cut(ClassBytes(c)));
        return b;
    }

    static Block? Newest(int from, int to)
    {
        for (int k = from; k < Math.Min(Classes, to); k++)
            if (Free[k] is { Count: > 0 } s)
            {
                Block b = s[^1];
                s.RemoveAt(s.Count - 1);
                Idle -= b.Bytes;
                return b;
            }
        return null;
    }

    // What was cut and is idle on both sides becomes one block again.
    static bool Join()
    {
        bool any = false;
        for (int k = 0; k < Classes; k++)
            for (int i = Free[k]?.Count ?? 0; --i >= 0;)
            {
                Block b = Free[k][i];
                if (b.After is not { IsIdle: true } || b.Before is { IsIdle: true }) continue;             // each run once, from its beginning
                TakeOut(b);
                while (b.After is { IsIdle: true } after)
                {
                    TakeOut(after);
                    b.Join();
                }
                AddIdle(b);
                any = true;
                i = Math.Min(i, Free[k].Count);
            }
        return any;
    }

    /// <summary>
    /// Lets go of idle arrays that are of no use for class <paramref name="c"/>, the largest first and of these the longest idle, until <paramref name="enough"/> can be lent to it.
    /// </summary>
    static void DropOthers(int c, bool stale, long enough)
    {
        long can = _budget - Live - Idle;
        for (int k = c; k < Math.Min(Classes, c + Waste); k++) can += Free[k] is { Count: > 0 and var n } s ? n * s[0].Bytes : 0;
        for (int k = Classes - 1; k >= 0 && can < enough; k--)
            for (int i = 0; (k < c || k >= c + Waste) && Free[k] is { } s && i < s.Count && can < enough;)
            {
                Block b = s[i];
                if (!b.IsWhole || stale && _sweeps - b.IdleSince <= Stale) i++;
                else
                {
                    can += b.Bytes;
                    LetGo(b);
                }
            }
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

    /// <summary>The largest class that so many bytes can serve.</summary>
    static int Below(long bytes) => Class(bytes) is var c && ClassBytes(c) == bytes ? c : c - 1;
}
