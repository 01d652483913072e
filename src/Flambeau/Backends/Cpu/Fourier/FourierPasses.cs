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
internal static unsafe class FourierPasses<L, E> where L : struct, ILane<L> where E : unmanaged, IBinaryFloatingPointIeee754<E>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Real and imaginary parts.</summary>
    internal readonly struct Parts(E* re, E* im)
    {
        public readonly E* Re = re, Im = im;

        public Parts Swapped => new(Im, Re);
    }

    readonly struct C(L re, L im)
    {
        public readonly L Re = re, Im = im;

        [MethodImpl(Inline)] public static C operator +(C a, C b) => new(a.Re + b.Re, a.Im + b.Im);
        [MethodImpl(Inline)] public static C operator -(C a, C b) => new(a.Re - b.Re, a.Im - b.Im);
        [MethodImpl(Inline)] public static C operator *(C a, L f) => new(a.Re * f, a.Im * f);
        [MethodImpl(Inline)] public static C operator *(C a, C b) => new(L.MulAdd(a.Re, b.Re, -(a.Im * b.Im)), L.MulAdd(a.Re, b.Im, a.Im * b.Re));

        /// <summary>−i times it.</summary>
        public C Turned { [MethodImpl(Inline)] get => new(Im, -Re); }
    }

    [MethodImpl(Inline)] static C Load(Parts x, long at) => new(L.Load(x.Re + at), L.Load(x.Im + at));

    [MethodImpl(Inline)]
    static void Store(C v, Parts y, long at)
    {
        L.Store(v.Re, y.Re + at);
        L.Store(v.Im, y.Im + at);
    }

    [MethodImpl(Inline)] static C Root(E* t, long i) => new(L.Broadcast(t + 2 * i), L.Broadcast(t + 2 * i + 1));

    /// <summary>Transforms lines in <paramref name="x"/>; the other areas are for work. Answers the area in which the result is.</summary>
    public static Parts Run(FourierPlan<E> plan, Parts x, Parts y, Parts z, long lines)
    {
        if (plan.Inner is not null) return Convolve(plan, x, y, z, lines);
        long s = lines;
        foreach (FourierPlan<E>.Pass pass in plan.Passes)
        {
            switch (pass.Radix)
            {
                case 2: Two(pass, x, y, s); break;
                case 3: Three(pass, x, y, s); break;
                case 4: Four(pass, x, y, s); break;
                case 5: Five(pass, x, y, s); break;
                default: Other(pass, x, y, s); break;
            }
            (x, y) = (y, x);
            s *= pass.Radix;
        }
        return x;
    }

    /// <summary>The next place after <paramref name="q"/> among <paramref name="s"/>; the last lane overlaps the one before it.</summary>
    [MethodImpl(Inline)]
    static long Next(long q, long s) => q + 2 * L.Count <= s || q + L.Count >= s ? q + L.Count : s - L.Count;

    static void Two(FourierPlan<E>.Pass pass, Parts x, Parts y, long s)
    {
        long half = pass.M * s;
        for (long p = 0; p < pass.M; p++)
        {
            C w = Root(pass.Twiddles, p);
            for (long q = 0; q < s; q = Next(q, s))
            {
                long from = p * s + q, to = 2 * p * s + q;
                C a = Load(x, from), b = Load(x, from + half), d = a - b;
                Store(a + b, y, to);
                Store(p == 0 ? d : d * w, y, to + s);
            }
        }
    }

    static void Three(FourierPlan<E>.Pass pass, Parts x, Parts y, long s)
    {
        long third = pass.M * s;
        for (long p = 0; p < pass.M; p++)
        {
            C w1 = Root(pass.Twiddles, 2 * p), w2 = Root(pass.Twiddles, 2 * p + 1);
            for (long q = 0; q < s; q = Next(q, s))
            {
                long from = p * s + q, to = 3 * p * s + q;
                C a = Load(x, from), b = Load(x, from + third), c = Load(x, from + 2 * third);
                C sum = b + c, middle = a - sum * L.Const(0.5), side = ((b - c) * L.Const(0.86602540378443864676)).Turned;
                C y1 = middle + side, y2 = middle - side;
                Store(a + sum, y, to);
                Store(p == 0 ? y1 : y1 * w1, y, to + s);
                Store(p == 0 ? y2 : y2 * w2, y, to + 2 * s);
            }
        }
    }

    static void Four(FourierPlan<E>.Pass pass, Parts x, Parts y, long s)
    {
        long quarter = pass.M * s;
        for (long p = 0; p < pass.M; p++)
        {
            C w1 = Root(pass.Twiddles, 3 * p), w2 = Root(pass.Twiddles, 3 * p + 1), w3 = Root(pass.Twiddles, 3 * p + 2);
            for (long q = 0; q < s; q = Next(q, s))
            {
                long from = p * s + q, to = 4 * p * s + q;
                C a = Load(x, from), b = Load(x, from + quarter), c = Load(x, from + 2 * quarter), d = Load(x, from + 3 * quarter);
                C even = a + c, odd = b + d, difference = a - c, side = (b - d).Turned;
                C y1 = difference + side, y2 = even - odd, y3 = difference - side;
                Store(even + odd, y, to);
                Store(p == 0 ? y1 : y1 * w1, y, to + s);
                Store(p == 0 ? y2 : y2 * w2, y, to + 2 * s);
                Store(p == 0 ? y3 : y3 * w3, y, to + 3 * s);
            }
        }
    }

    static void Five(FourierPlan<E>.Pass pass, Parts x, Parts y, long s)
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
                C a = Load(x, from), b = Load(x, from + fifth), c = Load(x, from + 2 * fifth), d = Load(x, from + 3 * fifth), e = Load(x, from + 4 * fifth);
                C sum1 = b + e, sum2 = c + d, difference1 = b - e, difference2 = c - d;
                C middle1 = a + sum1 * L.Const(C1) + sum2 * L.Const(C2), middle2 = a + sum1 * L.Const(C2) + sum2 * L.Const(C1);
                C side1 = (difference1 * L.Const(S1) + difference2 * L.Const(S2)).Turned, side2 = (difference1 * L.Const(S2) - difference2 * L.Const(S1)).Turned;
                C y1 = middle1 + side1, y2 = middle2 + side2, y3 = middle2 - side2, y4 = middle1 - side1;
                Store(a + sum1 + sum2, y, to);
                Store(p == 0 ? y1 : y1 * w1, y, to + s);
                Store(p == 0 ? y2 : y2 * w2, y, to + 2 * s);
                Store(p == 0 ? y3 : y3 * w3, y, to + 3 * s);
                Store(p == 0 ? y4 : y4 * w4, y, to + 4 * s);
            }
        }
    }

    /// <summary>Other small primes by the definition.</summary>
    static void Other(FourierPlan<E>.Pass pass, Parts x, Parts y, long s)
    {
        int r = pass.Radix;
        long part = pass.M * s;
        for (long p = 0; p < pass.M; p++)
            for (long q = 0; q < s; q = Next(q, s))
            {
                long from = p * s + q, to = r * p * s + q;
                for (int j = 0; j < r; j++)
                {
                    C sum = Load(x, from);
                    for (int k = 1, turn = j; k < r; k++, turn = turn + j < r ? turn + j : turn + j - r)
                        sum += turn == 0 ? Load(x, from + k * part) : Load(x, from + k * part) * Root(pass.Roots, turn);
                    Store(p == 0 || j == 0 ? sum : sum * Root(pass.Twiddles, p * (r - 1) + j - 1), y, to + j * s);
                }
            }
    }

    /// <summary>Bluestein: jk = (j² + k² − (k − j)²)/2 makes the transform a convolution with a chirp, between two products with one.</summary>
    static Parts Convolve(FourierPlan<E> plan, Parts x, Parts y, Parts z, long lines)
    {
        FourierPlan<E> inner = plan.Inner!;
        Times(plan.Chirp, x, y, plan.N, lines);
        new Span<E>(y.Re + plan.N * lines, checked((int)((inner.N - plan.N) * lines))).Clear();
        new Span<E>(y.Im + plan.N * lines, checked((int)((inner.N - plan.N) * lines))).Clear();
        Parts u = Run(inner, y, z, default, lines), v = u.Re == y.Re ? z : y;
        Times(plan.Spectrum, u, v, inner.N, lines);
        Parts w = Run(inner, v.Swapped, u.Swapped, default, lines).Swapped;    // backwards: real and imaginary parts change places
        Times(plan.Chirp, w, x, plan.N, lines);
        return x;
    }

    static void Times(E* factors, Parts x, Parts y, long n, long lines)
    {
        for (long k = 0; k < n; k++)
        {
            E a = factors[2 * k], b = factors[2 * k + 1];
            for (long q = k * lines; q < (k + 1) * lines; q++) (y.Re[q], y.Im[q]) = (x.Re[q] * a - x.Im[q] * b, x.Re[q] * b + x.Im[q] * a);
        }
    }
}
