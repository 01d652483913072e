using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

// A line that is contiguous, of sm numbers, s 8 or 16: its phases side by side are transformed as lines of m, and then s by s across them.
internal static unsafe partial class FourierPasses<L, E> where L : struct, ILane<L> where E : unmanaged, IBinaryFloatingPointIeee754<E>
{
    /// <summary>y = the transform of x; a to c are for work, and a may be y, b may be x.</summary>
    [MethodImpl(Loop)]
    public static void Long<TX, TY>(FourierPlan<E> plan, TX x, TY y, Parts a, Parts b, Parts c) where TX : struct, IRows where TY : struct, IRows
    {
        FourierPlan<E>.Phases phases = plan.AsPhases;
        Run(phases.Plan, x, c, a, b, default, phases.Side);
        Across(phases, c, y);
    }

    /// <summary>As many phases as frequencies: the tile is turned, so that a vector has neighbouring frequencies.</summary>
    readonly struct Tile(E* re, E* im, E* turnsRe, E* turnsIm) : IRows
    {
        [MethodImpl(Inline)] public C Load(long at) => new C(L.Load(re + at), L.Load(im + at)) * new C(L.Load(turnsRe + at), L.Load(turnsIm + at));

        public void Store(C v, long at) => throw new NotSupportedException();
    }

    [SkipLocalsInit]
    [MethodImpl(Loop)]
    static void Across<TY>(FourierPlan<E>.Phases phases, Parts x, TY y) where TY : struct, IRows
    {
        const int Area = Turned.Side * Turned.Side;
        E* work = stackalloc E[4 * Area + 64 / sizeof(E)];
        work = Scratch.Aligned(work);
        Parts inner = new(work + 2 * Area, work + 3 * Area);
        int side = phases.Side;
        E* turns = phases.Turns;
        for (long t = 0, tiles = phases.Tiles; t < tiles; t++, turns += 2 * side * side)
        {
            long k = phases.First(t);
            Turned.Near(x.Re + k * side, work, side);
            Turned.Near(x.Im + k * side, work + Area, side);
            Tile tile = new(work, work + Area, turns, turns + side * side);
            for (int q = 0; q < side; q += L.Count)
            {
                Fours(phases.Last.Roots, side / 4, tile, q, side, inner);
                Ends(side / 4, inner, null, y, k + q, phases.Plan.N);
            }
        }
    }

    // Half of a real line: zₖ, whose parts are the numbers at even and odd places, and yₖ, the line's transform, are made of each other.
    // With S = aₖ + ā₍ₘ₋ₖ₎ and T = f (aₖ − ā₍ₘ₋ₖ₎) the results are gS + T and, at m − k, the conjugate of gS − T:
    // g = ½, f = −i/2 e^{−πi k/m} from z to y, g = 1, f = i e^{πi k/m} from y to z. All times the scale.

    [MethodImpl(Inline)]
    static void Mix(C a, C b, C f, L g, out C sum, out C product)
    {
        sum = new((a.Re + b.Re) * g, (a.Im - b.Im) * g);
        product = new C(a.Re - b.Re, a.Im + b.Im) * f;
    }

    /// <summary>Whether and how a transform of a real line mixes: the scale that g is, and the sign of the imaginary parts of y.</summary>
    internal readonly struct Mixing(E* turns, long m, E scale, E sign)
    {
        public readonly E* Turns = turns;
        public readonly long M = m;
        public readonly E Scale = scale, Sign = sign;
    }

    /// <summary>y from z, along a contiguous line.</summary>
    [MethodImpl(Loop)]
    public static void MixLong(Mixing mix, Parts z, E* y)
    {
        long m = mix.M;
        E g = mix.Scale, sign = mix.Sign;
        L half = L.Broadcast(&g), signs = L.Broadcast(&sign);
        E two = g + g;
        (E re, E im) = (z.Re[0] * two, z.Im[0] * two);
        (y[0], y[1], y[2 * m], y[2 * m + 1]) = (re + im, E.Zero, re - im, E.Zero);
        for (long k = 1; k <= m / 2; k += L.Count)
        {
            long mirror = m - k - L.Count + 1;
            C a = z.Load(k), b = Mirrored(z, mirror);
            C f = new(L.Load(mix.Turns + k) * half, L.Load(mix.Turns + m + 1 + k) * half);
            Mix(a, b, f, half, out C s, out C t);
            Put(s.Re + t.Re, (s.Im + t.Im) * signs, y + 2 * k);
            Put(L.Reverse(s.Re - t.Re), L.Reverse((t.Im - s.Im) * signs), y + 2 * mirror);
        }
    }

    /// <summary>z from y, along a contiguous line.</summary>
    [MethodImpl(Loop)]
    public static void UnmixLong(Mixing mix, E* y, Parts z)
    {
        long m = mix.M;
        E g = mix.Scale, sign = mix.Sign;
        L whole = L.Broadcast(&g), signs = L.Broadcast(&sign);
        (E first, E last) = (y[0] * g, y[2 * m] * g);
        (z.Re[0], z.Im[0]) = (first + last, first - last);
        for (long k = 1; k <= m / 2; k += L.Count)
        {
            long mirror = m - k - L.Count + 1;
            L.Unweave(L.Load(y + 2 * k), L.Load(y + 2 * k + L.Count), out L ar, out L ai);
            L.Unweave(L.Load(y + 2 * mirror), L.Load(y + 2 * mirror + L.Count), out L br, out L bi);
            C f = new(L.Load(mix.Turns + k) * whole, -(L.Load(mix.Turns + m + 1 + k) * whole));
            Mix(new(ar, ai * signs), new(L.Reverse(br), L.Reverse(bi) * signs), f, whole, out C s, out C t);
            z.Store(s + t, k);
            z.Store(new(L.Reverse(s.Re - t.Re), L.Reverse(t.Im - s.Im)), mirror);
        }
    }

    [MethodImpl(Inline)]
    static C Mirrored(Parts x, long at)
    {
        C v = x.Load(at);
        return new(L.Reverse(v.Re), L.Reverse(v.Im));
    }

    [MethodImpl(Inline)]
    static void Put(L re, L im, E* to)
    {
        L.Weave(re, im, out L a, out L b);
        L.Store(a, to);
        L.Store(b, to + L.Count);
    }

    /// <summary>The same for several lines, row by row: y from z.</summary>
    [MethodImpl(Loop)]
    public static void Mix<TY>(Mixing mix, Parts z, TY y, long s) where TY : struct, IRows
    {
        long m = mix.M;
        E g = mix.Scale, sign = mix.Sign;
        L half = L.Broadcast(&g), signs = L.Broadcast(&sign);
        for (long k = 0; k <= m; k++)
        {
            long i = (k == m ? 0 : k) * s, j = (k == 0 ? 0 : m - k) * s;
            C f = new(L.Broadcast(mix.Turns + k) * half, L.Broadcast(mix.Turns + m + 1 + k) * half);
            for (long q = 0; q < s; q = Next(q, s))
            {
                Mix(z.Load(i + q), z.Load(j + q), f, half, out C sum, out C t);
                y.Store(new(sum.Re + t.Re, k == 0 || k == m ? L.Zero : (sum.Im + t.Im) * signs), k * s + q);
            }
        }
    }

    /// <summary>The same for several lines: z from y.</summary>
    [MethodImpl(Loop)]
    public static void Unmix<TY>(Mixing mix, TY y, Parts z, long s) where TY : struct, IRows
    {
        long m = mix.M;
        E g = mix.Scale, sign = mix.Sign;
        L whole = L.Broadcast(&g), signs = L.Broadcast(&sign);
        for (long k = 0; k < m; k++)
        {
            C f = new(L.Broadcast(mix.Turns + k) * whole, -(L.Broadcast(mix.Turns + m + 1 + k) * whole));
            for (long q = 0; q < s; q = Next(q, s))
            {
                C a = y.Load(k * s + q), b = y.Load((m - k) * s + q);
                Mix(new(a.Re, k == 0 ? L.Zero : a.Im * signs), new(b.Re, k == 0 ? L.Zero : b.Im * signs), f, whole, out C sum, out C t);
                z.Store(sum + t, k * s + q);
            }
        }
    }

    // Real lines of odd length: as complex ones.

    /// <summary>The first half of a real line's transform, times the scale.</summary>
    [MethodImpl(Loop)]
    public static void Cut<TY>(Mixing mix, Parts x, TY y, long s) where TY : struct, IRows
    {
        E scale = mix.Scale, imaginary = mix.Scale * mix.Sign;
        for (long k = 0; k <= mix.M; k++)
            for (long q = 0; q < s; q = Next(q, s))
            {
                C v = x.Load(k * s + q);
                y.Store(new(v.Re * L.Broadcast(&scale), v.Im * L.Broadcast(&imaginary)), k * s + q);
            }
    }

    /// <summary>The whole of 2m + 1 coefficients of which the others are conjugates, times the scale.</summary>
    [MethodImpl(Loop)]
    public static void Fill<TX>(Mixing mix, TX x, Parts y, long s) where TX : struct, IRows
    {
        E scale = mix.Scale, imaginary = mix.Scale * mix.Sign;
        for (long k = 0, n = 2 * mix.M + 1; k < n; k++)
        {
            bool mirrored = k > mix.M;
            E factor = k == 0 ? E.Zero : mirrored ? -imaginary : imaginary;
            for (long q = 0; q < s; q = Next(q, s))
            {
                C v = x.Load((mirrored ? n - k : k) * s + q);
                y.Store(new(v.Re * L.Broadcast(&scale), k == 0 ? L.Zero : v.Im * L.Broadcast(&factor)), k * s + q);
            }
        }
    }
}
