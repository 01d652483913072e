using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>Tests that set the number of threads run one after the other.</summary>
[CollectionDefinition(nameof(ThreadCount), DisableParallelization = true)]
public sealed class ThreadCount;

[Collection(nameof(ThreadCount))]
public unsafe class ThreadsTests
{
    readonly struct Mark(int[] visits, long grain) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            Assert.Equal(0, begin % grain);
            for (long i = begin; i < end; i++) Interlocked.Increment(ref visits[i]);
        }
    }

    [Fact]
    public void Every_item_is_done_once()
    {
        using var _ = new Using(0);
        foreach (int threads in new[] { 1, 2, 3, 8 })
        {
            Threads.Count = threads;
            foreach (int n in new[] { 0, 1, 2, 3, 7, 64, 1000, 4099 })
                foreach (int grain in new[] { 1, 2, 16, 100 })
                    for (int repeat = 0; repeat < 20; repeat++)
                    {
                        var visits = new int[n];
                        Threads.For(n, grain, new Mark(visits, grain));
                        Assert.All(visits, v => Assert.Equal(1, v));
                    }
        }
    }

    readonly struct Nest(long[] sum) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++) Threads.For(10, 1, new Count(sum));
        }
    }

    readonly struct Count(long[] sum) : IRangeBody
    {
        public void Run(long begin, long end) => Interlocked.Add(ref sum[0], end - begin);
    }

    [Fact]
    public void Loops_nest()
    {
        using var _ = new Using(4);
        var sum = new long[1];
        Threads.For(1000, 1, new Nest(sum));
        Assert.Equal(10_000, sum[0]);
    }

    [Fact]
    public void Loops_of_several_user_threads_run_beside_each_other()
    {
        using var _ = new Using(3);
        var sums = Enumerable.Range(0, 4).Select(i => new long[1]).ToArray();
        var users = sums.Select(sum => new Thread(() =>
        {
            for (int i = 0; i < 500; i++) Threads.For(100, 1, new Nest(sum));
        })).ToArray();
        foreach (var t in users) t.Start();
        foreach (var t in users) t.Join();
        Assert.All(sums, s => Assert.Equal(500_000, s[0]));
    }

    readonly struct Throw(long at) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            if (begin <= at && at < end) throw new InvalidOperationException("at " + at);
        }
    }

    [Fact]
    public void Exceptions_reach_the_caller_and_leave_the_pool_whole()
    {
        using var _ = new Using(3);
        for (int at = 0; at < 100; at++)
            Assert.Equal("at " + at, Assert.Throws<InvalidOperationException>(() => Threads.For(100, 1, new Throw(at))).Message);
        var sum = new long[1];
        Threads.For(1000, 1, new Count(sum));
        Assert.Equal(1000, sum[0]);
    }

    [Fact]
    public void Loops_allocate_nothing()
    {
        using var _ = new Using(2);
        var sum = new long[1];
        for (int i = 0; i < 10; i++) Threads.For(1000, 1, new Count(sum));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Threads.For(1000, 1, new Count(sum));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Sleepers_wake()
    {
        using var _ = new Using(4);
        var sum = new long[1];
        for (int i = 1; i <= 20; i++)
        {
            Thread.Sleep(2);
            Threads.For(1000, 1, new Count(sum));
            Assert.Equal(1000 * i, sum[0]);
        }
    }

    [Fact]
    public void A_worker_leaves_its_callers_processor_and_follows_its_moves()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.ProcessorCount is > 1 and <= 64, "other systems look for an idle processor themselves; masks have 64 bits");
        int[] at = [-1, -1, -1];
        using var first = new ManualResetEvent(false);
        using var second = new ManualResetEvent(false);
        using var third = new ManualResetEvent(false);
        new Thread(() =>
        {
            bool isKnown = false;
            at[0] = Thread.GetCurrentProcessorId();
            Apart.Avoid(at[0], ref isKnown);
            at[1] = OtherThan(at[0]);
            first.Set();
            second.WaitOne();
            at[2] = OtherThan(at[1]);
            third.Set();
            Thread.Sleep(Timeout.Infinite);                                    // workers never end
        }) { IsBackground = true }.Start();
        Assert.True(first.WaitOne(10_000));
        Assert.NotEqual(at[0], at[1]);
        Thread.Sleep(5);
        Apart.Follow(at[1]);
        second.Set();
        Assert.True(third.WaitOne(10_000));
        Assert.NotEqual(at[1], at[2]);

        static int OtherThan(int processor)                                     // the number may be remembered for a while
        {
            SpinWait.SpinUntil(() => Thread.GetCurrentProcessorId() != processor, 2000);
            return Thread.GetCurrentProcessorId();
        }
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(100_000)]
    public void Senseless_counts_are_refused(int count) => Assert.Throws<ArgumentOutOfRangeException>(() => Threads.Count = count);
}

/// <summary>A number of threads for the length of a test (0: as it is).</summary>
internal readonly struct Using : IDisposable
{
    readonly int before = Threads.Count;

    public Using(int threads)
    {
        if (threads > 0) Threads.Count = threads;
    }

    public void Dispose() => Threads.Count = before;
}
