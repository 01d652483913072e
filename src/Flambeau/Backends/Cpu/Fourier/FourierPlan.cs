using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// How a transform of one length is done: passes of radix 16, 8, 4, 2, 3, 5 and of other small primes (Stockham's order, which needs no bit
/// reversal), or for lengths with a large prime factor Bluestein's convolution with a chirp, in a length that has none. With the roots of unity that are needed.
/// </summary>
internal sealed unsafe class FourierPlan<E> where E : unmanaged, IBinaryFloatingPointIeee754<E>
{
    public const int LargestRadix = 61;
    const long MostHeld = 1 << 22;                                             // elements of all plans that are kept
    static readonly ConcurrentDictionary<long, FourierPlan<E>> s_plans = [];
    static long s_held;

    readonly List<E[]> _pinned = [];

    /// <summary>One step of length r · M.</summary>
    internal readonly struct Pass(int radix, long m, E* twiddles, E* roots)
    {
        public readonly int Radix = radix;

        /// <summary>How many groups of <see cref="Radix"/> elements.</summary>
        public readonly long M = m;

        /// <summary>e^{−2πi pj/(rM)} for group p, element j ≥ 1.</summary>
        public readonly E* Twiddles = twiddles;

        /// <summary>e^{−2πi j/r}.</summary>
        public readonly E* Roots = roots;
    }

    /// <summary>The number of elements.</summary>
    public long N { get; }

    /// <summary>In this order; empty for Bluestein's way.</summary>
    public Pass[] Passes { get; } = [];

    /// <summary>The convolution's plan, of length at least 2n − 1; null where there are passes.</summary>
    public FourierPlan<E>? Inner { get; }

    /// <summary>e^{−πi j²/n}.</summary>
    public E* Chirp { get; }

    /// <summary>The transform of the conjugate chirp in the inner length, divided by it.</summary>
    public E* Spectrum { get; }

    /// <summary>The numbers that one line takes in each work area.</summary>
    public long Room => Inner?.N ?? N;

    nint _turns;

    /// <summary>−i e^{−πi k/n} for k ≤ n, all real parts and then all imaginary ones: what a real transform of length 2n does to this one.</summary>
    public E* Turns
    {
        get
        {
            if (Volatile.Read(ref _turns) == 0)
                lock (_pinned)
                {
                    E* t = Allocate(2 * (N + 1));
                    for (long k = 0; k <= N; k++)
                    {
                        (double re, double im) = Root(k, 2 * N);
                        (t[k], t[N + 1 + k]) = (E.CreateTruncating(im), E.CreateTruncating(-re));
                    }
                    Volatile.Write(ref _turns, (nint)t);
                }
            return (E*)_turns;
        }
    }

    Phases? _phases;

    /// <summary>The length as phases, where there are.</summary>
    public Phases AsPhases => Volatile.Read(ref _phases) ?? Interlocked.CompareExchange(ref _phases, new(this), null) ?? _phases;

    /// <summary>As how many phases side by side a contiguous line is transformed: whole vectors, and at least as many numbers each; 0: it is not.</summary>
    public int Sides => Inner is not null ? 0 : N % (Most * Most) == 0 ? Most : N % Least == 0 && N >= Least * Least && Least * sizeof(E) % (Vector512.IsHardwareAccelerated ? 64 : 32) == 0 ? Least : 0;

    const int Most = Turned.Side, Least = 8;

    /// <summary>A line of sm numbers as s of m.</summary>
    internal sealed class Phases
    {
        /// <summary>s, 8 or 16.</summary>
        public readonly int Side;

        /// <summary>That of m.</summary>
        public readonly FourierPlan<E> Plan;

        /// <summary>Across the phases.</summary>
        public readonly Pass Last;

        /// <summary>e^{−2πi jk/sm} for phase j and frequency k, in tiles of s frequencies: s × s real parts, and as many imaginary ones. The last tile may overlap the one before.</summary>
        public readonly E* Turns;

        /// <summary>The first frequency of tile t.</summary>
        public long First(long t) => Math.Min(t * Side, Plan.N - Side);

        public long Tiles => Partition.Count(Plan.N, Side);

        internal Phases(FourierPlan<E> whole)
        {
            Side = whole.Sides;
            Plan = Of(whole.N / Side);
            lock (whole._pinned)
            {
                Last = whole.Step(Side, Side);
                Turns = whole.Allocate(2 * Tiles * Side * Side);
            }
            E* to = Turns;
            for (long t = 0; t < Tiles; t++, to += Side * Side)
                for (long j = 0; j < Side; j++)
                    for (long k = 0; k < Side; k++, to++)
                    {
                        (double re, double im) = Root(j * (First(t) + k), whole.N);
                        (to[0], to[Side * Side]) = (E.CreateTruncating(re), E.CreateTruncating(im));
                    }
        }
    }

    /// <summary>The plan of a length; the latest are kept.</summary>
    public static FourierPlan<E> Of(long n)
    {
        if (s_plans.TryGetValue(n, out FourierPlan<E>? plan)) return plan;
        plan = new(n);
        if (Interlocked.Add(ref s_held, plan.Room) > MostHeld)
        {
            s_plans.Clear();
            Interlocked.Exchange(ref s_held, plan.Room);
        }
        return s_plans[n] = plan;
    }

    FourierPlan(long n)
    {
        N = n;
        if (Radices(n) is { } radices)
        {
            Passes = new Pass[radices.Count];
            for (int i = 0; i < Passes.Length; n /= radices[i], i++) Passes[i] = Step(radices[i], n);
            return;
        }
        Inner = Of((long)BitOperations.RoundUpToPowerOf2((ulong)(2 * n - 1)));
        Chirp = Allocate(2 * n);
        Spectrum = Allocate(2 * Inner.N);
        long m = Inner.N;
        var spectrum = new Complex[m];
        for (long j = 0; j < n; j++)
        {
            (double re, double im) = Root((long)((Int128)j * j % (2 * n)), 2 * n);
            Put(Chirp, j, (re, im));
            spectrum[j] = spectrum[(m - j) % m] = new Complex(re, -im) / m;
        }
        DoubleTransform.Run(spectrum);
        for (long j = 0; j < m; j++) Put(Spectrum, j, (spectrum[j].Real, spectrum[j].Imaginary));
    }

    // As few passes as there may be, each of them reads and writes all: powers of two in equal parts of 16 at most.
    static List<int>? Radices(long n)
    {
        List<int> y = [];
        int twos = BitOperations.TrailingZeroCount(n);
        n >>= twos;
        for (int passes = (twos + 3) / 4; passes > 0; passes--)
        {
            int part = (twos + passes - 1) / passes;
            y.Add(1 << part);
            twos -= part;
        }
        for (int r = 3; r <= LargestRadix; r += 2)
            for (; n % r == 0; n /= r) y.Add(r);
        return n == 1 ? y : null;
    }

    Pass Step(int r, long n)
    {
        long m = n / r;
        E* twiddles = Allocate(2 * m * (r - 1)), roots = Allocate(2 * r);
        for (long p = 0, at = 0; p < m; p++)
            for (int j = 1; j < r; j++) Put(twiddles, at++, Root(p * j, n));
        for (int j = 0; j < r; j++) Put(roots, j, Root(j, r));
        return new(r, m, twiddles, roots);
    }

    E* Allocate(long count)
    {
        E[] a = GC.AllocateUninitializedArray<E>(checked((int)count + 64 / sizeof(E)), pinned: true);
        _pinned.Add(a);
        return Scratch.Aligned((E*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(a)));
    }

    static void Put(E* t, long i, (double Re, double Im) v) => (t[2 * i], t[2 * i + 1]) = (E.CreateTruncating(v.Re), E.CreateTruncating(v.Im));

    /// <summary>e^{−2πi k/n}: the angle is brought into the first eighth of the circle in whole numbers, so that the error is that of sine and cosine alone.</summary>
    internal static (double Re, double Im) Root(long k, long n)
    {
        k %= n;
        long eighth = 8 * k / n, rest = 8 * k - eighth * n;
        (double s, double c) = Math.SinCos(Math.PI / 4 * (eighth % 2 == 0 ? rest : n - rest) / n);
        if (eighth % 2 != 0) (s, c) = (c, s);
        return (eighth / 2) switch { 0 => (c, -s), 1 => (-s, -c), 2 => (-c, s), _ => (s, c) };
    }
}

/// <summary>A transform of a power of two in place, for the tables of plans.</summary>
internal static class DoubleTransform
{
    public static void Run(Complex[] x)
    {
        int n = x.Length;
        for (int i = 1, j = 0; i < n; i++)
        {
            int bit = n >> 1;
            for (; (j & bit) != 0; bit >>= 1) j ^= bit;
            j ^= bit;
            if (i < j) (x[i], x[j]) = (x[j], x[i]);
        }
        for (int length = 2; length <= n; length <<= 1)
            for (int k = 0; k < length / 2; k++)
            {
                (double re, double im) = FourierPlan<double>.Root(k, length);
                Complex w = new(re, im);
                for (int i = k; i < n; i += length)
                {
                    Complex u = x[i], v = x[i + length / 2] * w;
                    (x[i], x[i + length / 2]) = (u + v, u - v);
                }
            }
    }
}
