using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Flambeau;

/// <summary>The threads that kernels run on.</summary>
public static unsafe class Threads
{
    const int MaxCount = 1024;
    const int ClaimsPerShare = 8;                     // a claim takes such a part of what is left: towards the end all come to little, and nobody waits long for another
    const int Line = 16;                              // longs between counters: two cache lines, which are fetched together

    // A worker that finds nothing to do looks for this long before it sleeps: training calls kernels a few microseconds apart.
    static readonly long spinTicks = Environment.ProcessorCount == 1 ? 0 : Stopwatch.Frequency / 20_000;

    static int threads = Environment.ProcessorCount;
    static int workers;                               // started so far
    static int busy;                                  // 1 while a loop owns the fields below

    // The running loop.
    static void* loopBody;                            // on the stack of the caller, who waits until all have left
    static delegate*<void*, long, long, void> loopRun;
    static long loopCount, loopGrain;
    static int loopShares;
    static long[] claimed = [];                       // [share · Line]: the first item of the share that nobody has claimed
    static Exception? failure;

    // How workers enter: Place · (workers that may still enter) + (workers inside).
    const int Place = 1 << 16;
    static int gate;

    static int sleepers;
    static int waker;                                 // the processor of who woke them last
    static readonly long fallingAsleep = Stopwatch.Frequency / 300_000;   // who counts itself among the sleepers takes some 3 µs until the system has taken it off its core
    static readonly Semaphore bed = new(0, MaxCount);   // the system's: the slim one would look for some 50 µs more before it sleeps

    /// <summary>How many threads a kernel may use, the caller included; between 1 and 1024. Results do not depend on it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not between 1 and 1024.</exception>
    public static int Count
    {
        get => threads;
        set
        {
            if (value is < 1 or > MaxCount)
                throw new ArgumentOutOfRangeException(nameof(value), value, $"Threads.Count: {value} is not between 1 and {MaxCount}.");
            threads = value;
        }
    }

    /// <summary>
    /// Runs <paramref name="body"/> over [0, <paramref name="count"/>) in ranges that begin at multiples of <paramref name="grain"/>.
    /// A loop of one range, a loop inside a loop, and a loop beside another user thread's loop run on the caller, in one range.
    /// What the body computes must not depend on how the ranges are cut. If it throws, the rest is skipped and the caller gets the exception.
    /// </summary>
    internal static void For<TBody>(long count, long grain, TBody body) where TBody : struct, IRangeBody
    {
        if (count <= 0) return;
        grain = Math.Max(grain, 1);
        int n = threads;
        if (count <= grain || n == 1 || Volatile.Read(ref busy) != 0 || Interlocked.CompareExchange(ref busy, 1, 0) != 0) body.Run(0, count);
        else RunShared(count, grain, (int)Math.Min(n, (count + grain - 1) / grain), Unsafe.AsPointer(ref body), &Invoke<TBody>);
    }

    static void Invoke<TBody>(void* body, long begin, long end) where TBody : struct, IRangeBody => Unsafe.AsRef<TBody>(body).Run(begin, end);

    static void RunShared(long count, long grain, int shares, void* body, delegate*<void*, long, long, void> run)
    {
        StartWorkers(shares - 1);
        if (claimed.Length < shares * Line) claimed = new long[shares * Line];
        for (int s = 0; s < shares; s++) claimed[s * Line] = ShareBegin(s, shares, count, grain);
        loopBody = body;
        loopRun = run;
        loopCount = count;
        loopGrain = grain;
        loopShares = shares;

        Interlocked.Exchange(ref gate, (shares - 1) * Place);
        Wake(shares - 1);
        Participate(0);
        SpinWait wait = default;
        while (Volatile.Read(ref gate) != 0) wait.SpinOnce(sleep1Threshold: -1);

        Exception? e = failure;
        failure = null;
        loopBody = null;
        Volatile.Write(ref busy, 0);
        if (e is not null) ExceptionDispatchInfo.Throw(e);
    }

    // Contiguous shares, so that a thread finds in its cache what it wrote in the loop before; cut at multiples of the grain.
    static long ShareBegin(int share, int shares, long count, long grain)
    {
        long grains = (count + grain - 1) / grain;
        return Math.Min(count, (grains / shares * share + Math.Min(share, grains % shares)) * grain);
    }

    // Takes ranges from its own share, then from the others', until none is left.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Participate(int me)
    {
        long count = loopCount, grain = loopGrain;
        int shares = loopShares;
        try
        {
            for (int i = 0; i < shares; i++)
            {
                int share = (me + i) % shares;
                ref long next = ref claimed[share * Line];
                long end = ShareBegin(share + 1, shares, count, grain);
                for (long begin = Volatile.Read(ref next); begin < end; begin = Volatile.Read(ref next))
                {
                    long chunk = Math.Max(1, (end - begin) / grain / ClaimsPerShare) * grain;
                    if (Interlocked.CompareExchange(ref next, begin + chunk, begin) == begin) loopRun(loopBody, begin, Math.Min(begin + chunk, end));
                }
            }
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, e, null);
            for (int s = 0; s < shares; s++) Volatile.Write(ref claimed[s * Line], count);
        }
        Interlocked.And(ref gate, Place - 1);         // nothing is left: nobody need enter
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Work(object? number)
    {
        int me = (int)number!;
        bool isApart = false;
        while (true)
        {
            long start = Stopwatch.GetTimestamp();
            while (!TryEnter())
            {
                if (!Pool.Collecting && Stopwatch.GetTimestamp() - start < spinTicks) Thread.SpinWait(4);
                else { Sleep(); Apart.Avoid(Volatile.Read(ref waker), ref isApart); start = Stopwatch.GetTimestamp(); }
            }
            Participate(me);
            Interlocked.Decrement(ref gate);
        }
    }

    static bool TryEnter()
    {
        int g = Volatile.Read(ref gate);
        return g >= Place && Interlocked.CompareExchange(ref gate, g - Place + 1, g) == g;
    }

    // Who goes to sleep counts itself first and looks at the gate after; who opens the gate looks at the count after: one of them sees the other.
    // A counted sleeper that cannot uncount itself has been released already and takes its token.
    static void Sleep()
    {
        Interlocked.Increment(ref sleepers);
        if (Volatile.Read(ref gate) >= Place && TakeSleepers(1) == 1) return;
        bed.WaitOne();
    }

    /// <summary>
    /// Waits until who looks for work sleeps, as <see cref="Pool.Collecting"/> tells it to, or shortly. A collection interrupts each core that runs a thread of the process; where the
    /// machine is a virtual one, that takes 50 µs instead of 1, twice the collection itself. To wake a thread that has just gone to sleep takes 6 µs.
    /// With less of a pause after the last one has said so, the interrupt still found it there: looks took 70 µs instead of 40.
    /// </summary>
    internal static void LetSleep()
    {
        if (Volatile.Read(ref sleepers) >= workers) return;
        long begin = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref sleepers) < workers && Stopwatch.GetTimestamp() - begin < Stopwatch.Frequency / 100_000) Thread.SpinWait(4);
        begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetTimestamp() - begin < fallingAsleep) Thread.SpinWait(4);
    }

    static void Wake(int atMost)
    {
        int n = TakeSleepers(atMost);
        if (n == 0) return;
        int here = Thread.GetCurrentProcessorId();
        Apart.Follow(here);
        Volatile.Write(ref waker, here);
        bed.Release(n);
    }

    static int TakeSleepers(int atMost)
    {
        while (true)
        {
            int s = Volatile.Read(ref sleepers), n = Math.Min(s, atMost);
            if (n == 0 || Interlocked.CompareExchange(ref sleepers, s - n, s) == s) return n;
        }
    }

    static void StartWorkers(int needed)
    {
        while (workers < needed)
        {
            var t = new Thread(Work) { IsBackground = true, Name = $"Flambeau {workers + 1}" };
            try { t.UnsafeStart(workers + 1); }
            catch (OutOfMemoryException) { return; }  // the system gives no more threads: those there are do all shares
            workers++;
        }
    }
}

/// <summary>The body of a parallel loop.</summary>
internal interface IRangeBody
{
    /// <summary>Does the items [begin, end).</summary>
    void Run(long begin, long end);
}
