using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// The passes of a transform over several lines at once: element k of line q lies at k · s + q, real and imaginary parts apart. A pass of
/// radix r reads elements p + Mk of its length and writes rp + j, and what was s becomes rs, so that single lines become wide too.
/// </summary>
/// <remarks>
/// Where s is less than a lane, lanes are read and written whole all the same: what a store spills over is stored after it, for addresses
/// only grow; behind the last there is room.
/// </remarks>
internal static unsafe partial class FourierPasses<L, E> where L : struct, ILane<L> where E : unmanaged, IBinaryFloatingPointIeee754<E>
{
    [MethodImpl(Inline)] static C Root(E* t, long i) => new(L.Broadcast(t + 2 * i), L.Broadcast(t + 2 * i + 1));

    /// <summary>
    /// y = the transform of x, which may be y. Of the work areas, <paramref name="b"/> may be x and <paramref name="c"/> may be y.
    /// </summary>
    [MethodImpl(Loop)]
    public static void Run<TX, TY>(FourierPlan<E> plan, TX x, TY y, Parts a, Parts b, Parts c, long s) where TX : struct, IRows where TY : struct, IRows
    {
        FourierPlan<E>.Pass[] passes = plan.Passes;
        if (plan.Inner is not null) Convolve(plan, x, y, a, b, c, s);
        else if (passes.Length == 0) Copy(x, y, s);
        else if (passes.Length == 1) Step(passes[0], x, y, s);
        else
        {
            Step(passes[0], x, a, s);
            for (int i = 1; i < passes.Length - 1; i++)
            {
                Step(passes[i], a, b, s *= passes[i - 1].Radix);
                (a, b) = (b, a);
            }
            Step(passes[^1], a, y, s * passes[^2].Radix);
        }
    }

    [MethodImpl(Loop)]
    static void Copy<TX, TY>(TX x, TY y, long s) where TX : struct, IRows where TY : struct, IRows
    {
        for (long q = 0; q < s; q = Next(q, s)) y.Store(x.Load(q), q);
    }

    [MethodImpl(Loop)]
    static void Step<TX, TY>(FourierPlan<E>.Pass pass, TX x, TY y, long s) where TX : struct, IRows where TY : struct, IRows
    {
        switch (pass.Radix)
        {
            case 2: Two(pass, x, y, s); break;
            case 3: Three(pass, x, y, s); break;
            case 4: Four(pass, x, y, s); break;
            case 5: Five(pass, x, y, s); break;
            case 8 or 16: Composite(pass, x, y, s); break;
            default: Other(pass, x, y, s); break;
        }
    }

    /// <summary>The next place after <paramref name="q"/> among <paramref name="s"/>; the last lane overlaps the one before it.</summary>
    [MethodImpl(Inline)]
    static long Next(long q, long s) => q + 2 * L.Count <= s || q + L.Count >= s ? q + L.Count : s - L.Count;

    [MethodImpl(Loop)]
    static void Two<TX, TY>(FourierPlan<E>.Pass pass, TX x, TY y, long s) where TX : struct, IRows where TY : struct, IRows
    {
        long half = pass.M * s;
        for (long p = 0; p < pass.M; p++)
        {
            C w = Root(pass.Twiddles, p);
            for (long q = 0; q < s; q = Next(q, s))
            {
                long from = p * s + q, to = 2 * p * s + q;
                C a = x.Load(from), b = x.Load(from + half), d = a - b;
                y.Store(a + b, to);
                y.Store(p == 0 ? d : d * w, to + s);
            }
        }
    }

    [MethodImpl(Loop)]
    static void Three<TX, TY>(FourierPlan<E>.Pass pass, TX x, TY y, long s) where TX : struct, IRows where TY : struct, IRows
    {
        long third = pass.M * s;
        for (long p = 0; p < pass.M; p++)
        {
            C w1 = Root(pass.Twiddles, 2 * p), w2 = Root(pass.Twiddles, 2 * p + 1);
            for (long q = 0; q < s; q = Next(q, s))
            {
                long from = p * s + q, to = 3 * p * s + q;
                C a = x.Load(from), b = x.Load(from + third), c = x.Load(from + 2 * third);
                C sum = b + c, middle = a - sum * L.Const(0.5), side = (b - c) * L.Const(0.86602540378443864676);
                C y1 = C.Right(middle, side), y2 = C.Left(middle, side);
                y.Store(a + sum, to);
                y.Store(p == 0 ? y1 : y1 * w1, to + s);
                y.Store(p == 0 ? y2 : y2 * w2, to + 2 * s);
            }
        }
    }

    [MethodImpl(Loop)]
    static void Four<TX, TY>(FourierPlan<E>.Pass pass, TX x, TY y, long s) where TX : struct, IRows where TY : struct, IRows
    {
        long quarter = pass.M * s;
        for (long p = 0; p < pass.M; p++)
        {
            C w1 = Root(pass.Twiddles, 3 * p), w2 = Root(pass.Twiddles, 3 * p + 1), w3 = Root(pass.Twiddles, 3 * p + 2);
            for (long q = 0; q < s; q = Next(q, s))
            {
                long from = p * s + q, to = 4 * p * s + q;
                C a = x.Load(from), b = x.Load(from + quarter), c = x.Load(from + 2 * quarter), d = x.Load(from + 3 * quarter);
                C even = a + c, odd = b + d, difference = a - c, side = b - d;
                C y1 = C.Right(difference, side), y2 = even - odd, y3 = C.Left(difference, side);
                y.Store(even + odd, to);
                y.Store(p == 0 ? y1 : y1 * w1, to + s);
                y.Store(p == 0 ? y2 : y2 * w2, to + 2 * s);
                y.Store(p == 0 ? y3 : y3 * w3, to + 3 * s);
            }
        }
    }

    [MethodImpl(Loop)]
    static void Five<TX, TY>(FourierPlan<E>.Pass pass, TX x, TY y, long s) where TX : struct, IRows where TY : struct, IRows
    {
        // cos and sin of a fifth and two fifths of the circle
        const double C1 = 0.30901699437494742410, C2 = -0.80901699437494742410, S1 = 0.95105651629515357212, S2 = 0.58778525229247312917;
        long fifth = pass.M * s;
        for (long p = 0; p < pass.M; p++)
        {
            C w1 = Root(pass.Twiddles, 4 * p), w2 = Root(pass.Twiddles, 4 * p + 1), w3 = Root(pass.Twiddles, 4 * p + 2), w4 = Root(pass.Twiddles, 4 * p + 3);
            for (long q = 0; q < s; q = Next(q, s))
            {
                long from = p * s + q, to = 5 * p * s + q;
                C a = x.Load(from), b = x.Load(from + fifth), c = x.Load(from + 2 * fifth), d = x.Load(from + 3 * fifth), e = x.Load(from + 4 * fifth);
                C sum1 = b + e, sum2 = c + d, difference1 = b - e, difference2 = c - d;
                C middle1 = a + sum1 * L.Const(C1) + sum2 * L.Const(C2), middle2 = a + sum1 * L.Const(C2) + sum2 * L.Const(C1);
                C side1 = difference1 * L.Const(S1) + difference2 * L.Const(S2), side2 = difference1 * L.Const(S2) - difference2 * L.Const(S1);
                C y1 = C.Right(middle1, side1), y2 = C.Right(middle2, side2), y3 = C.Left(middle2, side2), y4 = C.Left(middle1, side1);
                y.Store(a + sum1 + sum2, to);
                y.Store(p == 0 ? y1 : y1 * w1, to + s);
                y.Store(p == 0 ? y2 : y2 * w2, to + 2 * s);
                y.Store(p == 0 ? y3 : y3 * w3, to + 3 * s);
                y.Store(p == 0 ? y4 : y4 * w4, to + 4 * s);
            }
        }
    }

    /// <summary>Other small primes by the definition. All that a sum reads is read before any is written: x may be y.</summary>
    [SkipLocalsInit]
    [MethodImpl(Loop)]
    static void Other<TX, TY>(FourierPlan<E>.Pass pass, TX x, TY y, long s) where TX : struct, IRows where TY : struct, IRows
    {
        int r = pass.Radix, room = r * L.Count;
        long part = pass.M * s;
        E* work = stackalloc E[2 * FourierPlan<E>.LargestRadix * 16 + 64 / sizeof(E)];
        work = Scratch.Aligned(work);
        Parts inner = new(work, work + room);
        for (long p = 0; p < pass.M; p++)
            for (long q = 0; q < s; q = Next(q, s))
            {
                long from = p * s + q, to = r * p * s + q;
                for (int k = 0; k < r; k++) inner.Store(x.Load(from + k * part), k * L.Count);
                for (int j = 0; j < r; j++)
                {
                    C sum = inner.Load(0);
                    for (int k = 1, turn = j; k < r; k++, turn = turn + j < r ? turn + j : turn + j - r)
                        sum += turn == 0 ? inner.Load(k * L.Count) : inner.Load(k * L.Count) * Root(pass.Roots, turn);
                    y.Store(p == 0 || j == 0 ? sum : sum * Root(pass.Twiddles, p * (r - 1) + j - 1), to + j * s);
                }
            }
    }

    /// <summary>Radix 8 or 16, in steps of 4 and of 2 or 4 between which numbers stay in the first cache.</summary>
    [SkipLocalsInit]
    [MethodImpl(Loop)]
    static void Composite<TX, TY>(FourierPlan<E>.Pass pass, TX x, TY y, long s) where TX : struct, IRows where TY : struct, IRows
    {
        int r = pass.Radix, room = r * L.Count;
        E* work = stackalloc E[4 * 16 * 16 + 64 / sizeof(E)];
        work = Scratch.Aligned(work);
        Parts inner = new(work, work + room), last = new(work + 2 * room, work + 3 * room);
        for (long p = 0; p < pass.M; p++)
        {
            E* twiddles = p == 0 ? null : pass.Twiddles + 2 * p * (r - 1);
            for (long q = 0; q < s; q = Next(q, s))
            {
                long to = r * p * s + q;
                Fours(pass.Roots, r / 4, x, p * s + q, pass.M * s, inner);
                if (s < L.Count)                                               // the second step's order is not that of addresses
                {
                    Ends(r / 4, inner, twiddles, last, 0, L.Count);
                    for (int j = 0; j < r; j++) y.Store(last.Load(j * L.Count), to + j * s);
                }
                else Ends(r / 4, inner, twiddles, y, to, s);
            }
        }
    }

    /// <summary>The first step of radix 4n: element i + nk of x, k = 0 to 3, for all i; the results times e^{−2πi ij/4n}.</summary>
    [MethodImpl(Loop)]
    static void Fours<TX>(E* roots, int n, TX x, long from, long part, Parts y) where TX : struct, IRows
    {
        for (int i = 0; i < n; i++, from += part)
        {
            C a = x.Load(from), b = x.Load(from + n * part), c = x.Load(from + 2 * n * part), d = x.Load(from + 3 * n * part);
            C even = a + c, odd = b + d, difference = a - c, side = b - d;
            C y1 = C.Right(difference, side), y2 = even - odd, y3 = C.Left(difference, side);
            y.Store(even + odd, i * L.Count);
            y.Store(i == 0 ? y1 : y1 * Root(roots, i), (n + i) * L.Count);
            y.Store(i == 0 ? y2 : y2 * Root(roots, 2 * i), (2 * n + i) * L.Count);
            y.Store(i == 0 ? y3 : y3 * Root(roots, 3 * i), (3 * n + i) * L.Count);
        }
    }

    /// <summary>The second step: element nj + i of x, i &lt; n, for all j; the results times the pass's twiddles, if there are.</summary>
    [MethodImpl(Loop)]
    static void Ends<TY>(int n, Parts x, E* twiddles, TY y, long to, long s) where TY : struct, IRows
    {
        for (int j = 0; j < 4; j++, to += s)
        {
            C a = x.Load(j * n * L.Count), b = x.Load((j * n + 1) * L.Count);
            if (n == 2)
            {
                y.Store(Twiddled(a + b, twiddles, j), to);
                y.Store(Twiddled(a - b, twiddles, j + 4), to + 4 * s);
                continue;
            }
            C c = x.Load((j * n + 2) * L.Count), d = x.Load((j * n + 3) * L.Count);
            C even = a + c, odd = b + d, difference = a - c, side = b - d;
            y.Store(Twiddled(even + odd, twiddles, j), to);
            y.Store(Twiddled(C.Right(difference, side), twiddles, j + 4), to + 4 * s);
            y.Store(Twiddled(even - odd, twiddles, j + 8), to + 8 * s);
            y.Store(Twiddled(C.Left(difference, side), twiddles, j + 12), to + 12 * s);
        }
    }

    [MethodImpl(Inline)]
    static C Twiddled(C v, E* twiddles, int j) => twiddles == null || j == 0 ? v : v * Root(twiddles, j - 1);

    /// <summary>Bluestein: jk = (j² + k² − (k − j)²)/2 makes the transform a convolution with a chirp, between two products with one.</summary>
    [MethodImpl(Loop)]
    static void Convolve<TX, TY>(FourierPlan<E> plan, TX x, TY y, Parts a, Parts b, Parts c, long s) where TX : struct, IRows where TY : struct, IRows
    {
        FourierPlan<E> inner = plan.Inner!;
        Times(plan.Chirp, x, a, plan.N, s);
        new Span<E>(a.Re + plan.N * s, checked((int)((inner.N - plan.N) * s))).Clear();
        new Span<E>(a.Im + plan.N * s, checked((int)((inner.N - plan.N) * s))).Clear();
        Run(inner, a, b, c, a, default, s);
        Times(plan.Spectrum, b, a, inner.N, s);
        Run(inner, a.Swapped, b.Swapped, c, a, default, s);                    // backwards: real and imaginary parts change places
        Times(plan.Chirp, b, y, plan.N, s);
    }

    [MethodImpl(Loop)]
    static void Times<TX, TY>(E* factors, TX x, TY y, long n, long s) where TX : struct, IRows where TY : struct, IRows
    {
        for (long k = 0; k < n; k++)
        {
            C f = Root(factors, k);
            for (long q = 0; q < s; q = Next(q, s)) y.Store(x.Load(k * s + q) * f, k * s + q);
        }
    }
}
