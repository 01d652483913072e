using System.Diagnostics;
using System.Runtime;

namespace Flambeau.Benchmarks;

/// <summary>
/// Measures workloads. Both sides must first give the same answer. Each is then called until its code is compiled for good, and samples of
/// a few milliseconds alternate: ours, the peer's, ours …, each after a pause in which the other's threads go to sleep, and one call that is not timed.
/// </summary>
sealed class Bench(Options options, Peaks peaks)
{
    readonly double _warmUp = options.Quick ? 0.1 : 0.6;                           // seconds a side, and at least…
    readonly int _warmCalls = options.Quick ? 3 : 8;
    const double Quiet = 0.3, MostWarmUp = 3;                                       // seconds
    readonly double _sample = options.Quick ? 0.003 : 0.008;                       // seconds a sample
    readonly int _fewest = options.Quick ? 3 : 7, _most = options.Quick ? 5 : 31;
    readonly double _budget = options.Quick ? 0.4 : 5;                             // seconds for all samples of both sides

    /// <summary>Asks to stop after the sample that is running.</summary>
    public volatile bool Stopped;

    public Row Run(Workload w, int threads)
    {
        Row row = new(w.Group, w.Name, threads);
        try
        {
            Threads.Count = threads;
            if (options.Peer) SetPeerThreads(threads);
            long compiled = JitInfo.GetCompiledMethodCount();
            Pair pair = w.Build();
            Ours ours = new(pair.Ours);
            Side? peer = options.Peer ? Peer(pair.Peer) : null;
            double? difference = peer is null ? null : Compare(w, ours, peer);
            Measured a = new(), b = new();
            List<double> possible = [];
            WarmUp(ours, a, compiled);
            if (peer is not null) WarmUp(peer, b, compiled);
            GC.Collect();
            long begin = Stopwatch.GetTimestamp();
            while (!Stopped && a.Samples.Count < _most && (a.Samples.Count < _fewest || Stopwatch.GetElapsedTime(begin).TotalSeconds < _budget))
            {
                peaks.Settle(threads);
                Sample(ours, a);
                if (peer is not null) Sample(peer, b);
                if (Possible(w, threads) is { } now) possible.Add(now);
            }
            if (a.Samples.Count == 0 || peer is not null && b.Samples.Count == 0) return row with { Trouble = "stopped" };
            double median = Median(a.Samples);
            double? flops = w.Flops > 0 ? w.Flops / median / 1e9 : null, bytes = w.Bytes > 0 ? w.Bytes / median / 1e9 : null;
            double peak = possible.Count > 0 ? Median(possible) : peaks.At(threads).GigaBytes;
            return row with
            {
                OursMedian = median, OursBest = a.Samples.Min(), Samples = a.Samples.Count, Calls = a.Calls,
                PeerMedian = peer is null ? null : Median(b.Samples), PeerBest = peer is null ? null : b.Samples.Min(),
                GigaFlops = flops, GigaBytes = bytes, OfPeak = flops * w.NumberBytes / 4 / peak ?? bytes / peak,
                AllocatedBytes = ours.Allocated / (double)ours.Counted, Gen2 = ours.Gen2 / (double)ours.Counted,
                Difference = difference, Trouble = difference is { } d && !(d <= w.Tolerance) ? $"answers differ by {d:G2} of the greatest number" : null,
            };
        }
        catch (Exception e)
        {
            return row with { Trouble = $"{e.GetType().Name}: {e.Message.Split('\n')[0]}" };
        }
        finally
        {
            GC.Collect();                                                          // the peer's inputs are freed by finalizers
            GC.WaitForPendingFinalizers();
        }
    }

    // What the machine can do in these moments. A copy would empty the caches for a workload that lives in them, which meets the first figure instead.
    double? Possible(Workload w, int threads) => w.Flops > 0 ? Peaks.MultiplyAdds(threads, 3) : w.Bytes >= 1 << 25 ? peaks.Copies(threads, 8) : null;        // new threads may begin on one processor

    static void SetPeerThreads(int threads) => torch.set_num_threads(threads);

    static Side Peer(Func<Func<T>> make) => new Peers(make());

    static double Compare(Workload w, Ours ours, Side peer)
    {
        double worst = 0;
        for (int i = 0; i < w.Checks; i++)
        {
            Generator.ManualSeed(1);
            double[] a = ours.Answer();
            double[] b = peer.Answer();                                            // seeds its own generator
            if (a.Length != b.Length) throw new InvalidOperationException($"We answer with {a.Length} numbers, the peer with {b.Length}.");
            double scale = 1e-30, distance = 0;
            for (int k = 0; k < a.Length; k++)
            {
                if (a[k].Equals(b[k])) continue;                                   // infinities too
                distance = Math.Max(distance, double.IsNaN(a[k] - b[k]) ? double.PositiveInfinity : Math.Abs(a[k] - b[k]));
                scale = Math.Max(scale, Math.Abs(b[k]));
            }
            worst = Math.Max(worst, distance / scale);
        }
        return worst;
    }

    // Calls until the time is over and, where code is new, nothing was compiled for longer than the runtime waits before it compiles for good, some 0.25 s; the number
    // of calls that make a sample follows from the fastest of them.
    void WarmUp(Side side, Measured m, long compiled)
    {
        long begin = Stopwatch.GetTimestamp(), quiet = JitInfo.GetCompiledMethodCount() == compiled ? 0 : begin;
        double once = double.PositiveInfinity, at = 0;
        for (long n = 1, done = 0; !Stopped && (at < _warmUp || done < _warmCalls || at < MostWarmUp && Stopwatch.GetElapsedTime(quiet).TotalSeconds < Quiet); done += n)
        {
            double t = side.Run(n);
            once = Math.Min(once, t / n);
            if (t < 0.001) n *= 2;
            at = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            if (JitInfo.GetCompiledMethodCount() is var now && now != compiled) (compiled, quiet) = (now, Stopwatch.GetTimestamp());
        }
        m.Calls = Math.Max(1, (long)Math.Ceiling(_sample / once));
    }

    static void Sample(Side side, Measured m)
    {
        Thread.Sleep(12);                                                          // threads of OpenMP look for work for some milliseconds
        side.Run(1);
        m.Samples.Add(side.Count(m.Calls) / m.Calls);
    }

    static double Median(List<double> values)
    {
        double[] v = [.. values.Order()];
        return (v[(v.Length - 1) / 2] + v[v.Length / 2]) / 2;
    }

    sealed class Measured
    {
        public List<double> Samples { get; } = [];
        public long Calls { get; set; } = 1;
    }

    abstract class Side
    {
        /// <summary>Seconds for so many calls.</summary>
        public abstract double Run(long calls);

        /// <summary>As <see cref="Run"/>, while counting what it allocates.</summary>
        public virtual double Count(long calls) => Run(calls);

        /// <summary>The answer of one call.</summary>
        public abstract double[] Answer();
    }

    sealed class Ours(Func<Tensor> body) : Side
    {
        public long Allocated, Gen2, Counted;

        public override double Run(long calls)
        {
            long begin = Stopwatch.GetTimestamp();
            for (long i = 0; i < calls; i++) body();
            return Stopwatch.GetElapsedTime(begin).TotalSeconds;
        }

        public override double Count(long calls)
        {
            long bytes = GC.GetTotalAllocatedBytes(precise: true);
            int gen2 = GC.CollectionCount(2);
            double t = Run(calls);
            Allocated += GC.GetTotalAllocatedBytes(precise: true) - bytes;
            Gen2 += GC.CollectionCount(2) - gen2;
            Counted += calls;
            return t;
        }

        public override double[] Answer() => body().Detach().To(DType.Float64).ToArray<double>();
    }

    sealed class Peers(Func<T> body) : Side
    {
        public override double Run(long calls)
        {
            long begin = Stopwatch.GetTimestamp();
            for (long i = 0; i < calls; i++) body().Dispose();
            return Stopwatch.GetElapsedTime(begin).TotalSeconds;
        }

        public override double[] Answer()
        {
            torch.random.manual_seed(1);
            using T y = body(), d = y.detach(), f = d.to_type(torch.ScalarType.Float64), c = f.contiguous();
            return c.data<double>().ToArray();
        }
    }
}
