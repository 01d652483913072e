using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Flambeau.Benchmarks;

/// <summary>What the machine can do with so many threads.</summary>
/// <param name="GigaFlops">Multiply-adds on registers, two operations each.</param>
/// <param name="GigaBytes">A copy of 2²⁴ floats, read and written bytes together.</param>
sealed record Peak(int Threads, double GigaFlops, double GigaBytes);

/// <summary>
/// Measures what bounds every kernel: the multiply-add loop in registers, and memory. On a machine that is shared both move by a half within minutes, so that workloads are
/// compared with what was possible in the same moments.
/// </summary>
sealed class Peaks
{
    const int Floats = 1 << 24;
    readonly Dictionary<int, Peak> _all = [];
    readonly Dictionary<int, double> _usual = [];      // GFLOP/s
    unsafe float* _from, _to;                          // as long as the process lives

    public IEnumerable<Peak> All => _all.Values;

    /// <summary>What was measured first.</summary>
    public Peak At(int threads)
    {
        if (!_all.TryGetValue(threads, out Peak? peak)) _all[threads] = peak = new(threads, MultiplyAdds(threads, 12), Copies(threads, 12));
        return peak;
    }

    /// <summary>
    /// Waits while the machine is not itself, half a minute at most. On a shared one, two processors may be the halves of one core for minutes: 222 instead of 430 GFLOP/s.
    /// What lasts longer is what the machine is.
    /// </summary>
    public void Settle(int threads)
    {
        double usual = _usual.GetValueOrDefault(threads), now = 0;
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < 30; Thread.Sleep(200))
            if ((now = MultiplyAdds(threads, 2)) > 0.8 * usual) break;
        _usual[threads] = now > 0.8 * usual ? Math.Max(now, usual) : now;
    }

    /// <summary>The width of the multiply-add loop's vectors, in bits.</summary>
    public static int Bits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>The best of some rounds now, in GFLOP/s.</summary>
    public static double MultiplyAdds(int threads, int tries)
    {
        const long rounds = 2_000_000;
        double seconds = Fastest(threads, tries, _ =>
        {
            if (Bits == 512) Loop(new W512(Vector512.Create(0.5f)), rounds);
            else if (Bits == 256) Loop(new W256(Vector256.Create(0.5f)), rounds);
            else Loop(new W128(Vector128.Create(0.5f)), rounds);
        });
        return threads * rounds * 12.0 * 2 * (Bits / 32) / seconds / 1e9;
    }

    /// <summary>The best of some copies now, in GB/s.</summary>
    public unsafe double Copies(int threads, int tries)
    {
        if (_from == null)
        {
            _from = (float*)NativeMemory.AlignedAlloc(Floats * 4, 4096);
            _to = (float*)NativeMemory.AlignedAlloc(Floats * 4, 4096);
            new Span<float>(_from, Floats).Fill(1);
            new Span<float>(_to, Floats).Fill(2);
        }
        int share = Floats / threads;
        double seconds = Fastest(threads, tries, t => new Span<float>(_from + (long)t * share, share).CopyTo(new(_to + (long)t * share, share)));
        return 2.0 * 4 * share * threads / seconds / 1e9;
    }

    // The best of some rounds, each begun by all threads at once and ended by the last.
    static double Fastest(int threads, int rounds, Action<int> body)
    {
        double best = double.PositiveInfinity;
        Meeting meeting = new(threads);
        Thread[] others = new Thread[threads - 1];
        for (int i = 0; i < others.Length; i++)
        {
            int me = i + 1;
            others[i] = new(() =>
            {
                for (int r = 0; r < rounds; r++)
                {
                    meeting.Wait();
                    body(me);
                    meeting.Wait();
                }
            });
            others[i].Start();
        }
        for (int r = 0; r < rounds; r++)
        {
            meeting.Wait();
            long begin = Stopwatch.GetTimestamp();
            body(0);
            meeting.Wait();
            best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        foreach (Thread t in others) t.Join();
        return best;
    }

    // Threads look for each other without sleeping: who wakes another may get it onto its own processor, where they would share what one can do.
    sealed class Meeting(int threads)
    {
        volatile int _arrived;

        public void Wait()
        {
            int end = (Interlocked.Increment(ref _arrived) + threads - 1) / threads * threads;
            for (int looks = 0; _arrived < end; looks++)
                if (looks < 1_000_000) Thread.SpinWait(1);
                else Thread.Yield();
        }
    }

    static float s_sink;

    // Twelve chains: two units with a latency of four or five cycles are busy, and narrow machines have registers for them.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    static void Loop<W>(W a, long rounds) where W : struct, IWide<W>
    {
        W x0 = a, x1 = a, x2 = a, x3 = a, x4 = a, x5 = a, x6 = a, x7 = a, x8 = a, x9 = a, xa = a, xb = a;
        for (long i = 0; i < rounds; i++)
        {
            x0 = W.Fma(x0, a); x1 = W.Fma(x1, a); x2 = W.Fma(x2, a); x3 = W.Fma(x3, a); x4 = W.Fma(x4, a); x5 = W.Fma(x5, a);
            x6 = W.Fma(x6, a); x7 = W.Fma(x7, a); x8 = W.Fma(x8, a); x9 = W.Fma(x9, a); xa = W.Fma(xa, a); xb = W.Fma(xb, a);
        }
        s_sink = x0.First + x1.First + x2.First + x3.First + x4.First + x5.First + x6.First + x7.First + x8.First + x9.First + xa.First + xb.First;
    }

    interface IWide<W>
    {
        /// <summary>x · a + a; two instructions where there is none for both.</summary>
        static abstract W Fma(W x, W a);
        float First { get; }
    }

    readonly struct W512(Vector512<float> v) : IWide<W512>
    {
        readonly Vector512<float> _v = v;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static W512 Fma(W512 x, W512 a) => new(Vector512.MultiplyAddEstimate(x._v, a._v, a._v));
        public float First => _v[0];
    }

    readonly struct W256(Vector256<float> v) : IWide<W256>
    {
        readonly Vector256<float> _v = v;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static W256 Fma(W256 x, W256 a) => new(Vector256.MultiplyAddEstimate(x._v, a._v, a._v));
        public float First => _v[0];
    }

    readonly struct W128(Vector128<float> v) : IWide<W128>
    {
        readonly Vector128<float> _v = v;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static W128 Fma(W128 x, W128 a) => new(Vector128.MultiplyAddEstimate(x._v, a._v, a._v));
        public float First => _v[0];
    }
}
