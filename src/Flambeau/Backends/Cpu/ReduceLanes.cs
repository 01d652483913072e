using System.Runtime.CompilerServices;
using Flambeau.Backends.Reference;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// The numbers f(a, b) of stretches of memory, combined. Lanes take at most 64 numbers before they go into doubles, so that rounding errors do not
/// grow with the length. Strides are in elements, steps in bytes.
/// </summary>
internal static unsafe class ReduceLanes<TFn, TOp, L, C>
    where TFn : struct, IFn where TOp : struct, IReduceOp where L : struct, ILane<L> where C : struct, ICodec<L>
{
    /// <summary>Rows that are combined in lanes before they go into the columns' totals: as many streams from memory.</summary>
    public const int Rows = 16;

    /// <summary>The most columns that are gathered at once.</summary>
    public const int Gathered = 64;

    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining, Hot = MethodImplOptions.AggressiveOptimization;

    /// <summary>Without a function there is room for four accumulators, which hide the latency of the addition.</summary>
    static bool IsPlain
    {
        [MethodImpl(Inline)]
        get => typeof(TFn) == typeof(Itself);
    }

    /// <summary>Elements that lanes take at once.</summary>
    static long Stretch
    {
        [MethodImpl(Inline)]
        get => (IsPlain ? 256 : 64) * L.Count;
    }

    [MethodImpl(Inline)]
    static L Of(TFn fn, byte* a, byte* b) => fn.Real(C.Load(a), TFn.Arity > 1 ? C.Load(b) : default, default, default);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static L One(TFn fn, byte* a, byte* b) => Of(fn, a, b);

    /// <summary>A stretch of at least one lane; <paramref name="sb"/>: 0 where b is one lane for all.</summary>
    [MethodImpl(Inline)]
    static L Lanes(TFn fn, byte* a, byte* b, long sb, long n)
    {
        int w = L.Count, e = C.Size;
        long i = 0, eb = sb * e;
        L q = L.Const(TOp.Identity);
        // The rest first: sums that live across a call would be kept in memory.
        int rest = (int)(n % w);
        if (rest > 0)
        {
            byte* x = a + (n - w) * e, y = b + (n - w) * eb;
            q = L.Where(Tail<L>.Last(rest), IsPlain ? C.Load(x) : One(fn, x, y), q);
        }
        L p = L.Const(TOp.Identity), r = p, s = p;
        if (IsPlain)
            for (; i + 4 * w <= n; i += 4 * w)
            {
                p = TOp.Real(p, C.Load(a + i * e));
                q = TOp.Real(q, C.Load(a + (i + w) * e));
                r = TOp.Real(r, C.Load(a + (i + 2 * w) * e));
                s = TOp.Real(s, C.Load(a + (i + 3 * w) * e));
            }
        for (; i + w <= n; i += w) p = TOp.Real(p, Of(fn, a + i * e, b + i * eb));
        return TOp.Real(TOp.Real(p, q), TOp.Real(r, s));
    }

    /// <summary>A run of <paramref name="n"/> elements.</summary>
    [MethodImpl(Hot)]
    public static double Run(TFn fn, byte* a, long sa, byte* b, long sb, long n) =>
        sa == 1 && sb == 1 && n >= L.Count && n <= Stretch ? L.Fold<TOp>(Lanes(fn, a, b, 1, n)) : LongRun(fn, a, sa, b, sb, n);

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    static double LongRun(TFn fn, byte* a, long sa, byte* b, long sb, long n)
    {
        double* totals = stackalloc double[16];
        Clear(totals, L.Count);
        RunInto(fn, a, sa, b, sb, n, totals);
        return Fold(totals);
    }

    /// <summary>A run of <paramref name="n"/> elements, into a lane's totals.</summary>
    [SkipLocalsInit]
    [MethodImpl(Hot)]
    public static void RunInto(TFn fn, byte* a, long sa, byte* b, long sb, long n, double* totals)
    {
        int w = L.Count, e = C.Size;
        if (n < w || sa != 1 || (ulong)sb > 1) { Gather(fn, a, sa, b, sb, n, totals); return; }
        byte* same = stackalloc byte[64];
        if (sb == 0)
        {
            Copy(b, 0, same, w);
            b = same;
        }
        for (long i = 0; i < n;)
        {
            long m = Math.Min(n - i, Stretch);
            if (n - i - m < w) m = n - i;                                       // no rest shorter than a lane
            L.Accumulate<TOp>(Lanes(fn, a + i * e, b + i * sb * e, sb, m), totals);
            i += m;
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Gather(TFn fn, byte* a, long sa, byte* b, long sb, long n, double* totals)
    {
        int w = L.Count, e = C.Size;
        byte* x = stackalloc byte[8 * Gathered], y = stackalloc byte[8 * Gathered];
        for (long i = 0; i < n; i += Gathered)
        {
            int m = (int)Math.Min(Gathered, n - i);
            Copy(a + i * sa * e, sa, x, m);
            if (TFn.Arity > 1) Copy(b + i * sb * e, sb, y, m);
            if (m >= w) L.Accumulate<TOp>(Lanes(fn, x, y, 1, m), totals);
            else L.Accumulate<TOp>(L.Where(Tail<L>.First(m), One(fn, x, y), L.Const(TOp.Identity)), totals);
        }
    }

    /// <summary>
    /// <paramref name="rows"/> rows of neighbouring columns, into the totals of each lane of columns. The last lane ends where the columns do and so
    /// overlaps the one before; see <see cref="Column"/>.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(Hot)]
    public static void Columns(TFn fn, byte* a, long stepA, long sa, byte* b, long stepB, long sb, long rows, int width, double* totals)
    {
        byte* x = stackalloc byte[8 * Rows * Gathered], y = stackalloc byte[8 * Rows * Gathered];
        bool direct = IsDirect(sa, sb, width);
        int e = C.Size;
        for (; rows > 0; rows -= Rows, a += Rows * stepA, b += Rows * stepB)
        {
            int m = (int)Math.Min(Rows, rows);
            if (direct) Group(fn, a, stepA, b, stepB, m, width, totals);
            else
            {
                for (int r = 0; r < m; r++)
                {
                    Copy(a + r * stepA, sa, x + r * Gathered * e, width);
                    if (TFn.Arity > 1) Copy(b + r * stepB, sb, y + r * Gathered * e, width);
                }
                Group(fn, x, Gathered * e, y, Gathered * e, m, (width + L.Count - 1) / L.Count * L.Count, totals);
            }
        }
    }

    /// <summary>Whether columns are combined where they lie, not gathered first.</summary>
    public static bool IsDirect(long sa, long sb, int width) => width >= L.Count && sa == 1 && sb == 1;

    /// <summary>Where a column's total is.</summary>
    public static int Column(int i, int width, bool direct)
    {
        int w = L.Count, whole = width / w * w;
        return i < whole || !direct ? i : i + whole + w - width;
    }

    [MethodImpl(Hot)]
    static void Group(TFn fn, byte* a, long stepA, byte* b, long stepB, int rows, int width, double* totals)
    {
        int w = L.Count, e = C.Size;
        for (int c = 0; c < width; c += w)
        {
            long at = (long)Math.Min(c, width - w) * e;
            byte* p = a + at, q = b + at;
            int r = 0;
            L s = L.Const(TOp.Identity);
            if (IsPlain)
                for (; r + 8 <= rows; r += 8, p += 8 * stepA) s = TOp.Real(s, Eight(p, stepA));
            for (; r < rows; r++, p += stepA, q += stepB) s = TOp.Real(s, Of(fn, p, q));
            L.Accumulate<TOp>(s, totals + c);
        }
    }

    [MethodImpl(Inline)]
    static L Eight(byte* p, long step)
    {
        byte* q = p + 4 * step;
        return TOp.Real(TOp.Real(TOp.Real(C.Load(p), C.Load(p + step)), TOp.Real(C.Load(p + 2 * step), C.Load(p + 3 * step))),
            TOp.Real(TOp.Real(C.Load(q), C.Load(q + step)), TOp.Real(C.Load(q + 2 * step), C.Load(q + 3 * step))));
    }

    public static void Clear(double* totals, int n) => new Span<double>(totals, n).Fill(TOp.Identity);

    /// <summary>A lane's totals combined.</summary>
    public static double Fold(double* totals)
    {
        Ref even = new(totals[0]), odd = new(totals[1]);
        for (int i = 2; i < L.Count; i += 2) (even, odd) = (TOp.Real(even, new Ref(totals[i])), TOp.Real(odd, new Ref(totals[i + 1])));
        return TOp.Real(even, odd).Value;
    }

    [MethodImpl(Inline)]
    static void Copy(byte* from, long stride, byte* to, int n)
    {
        if (C.Size == 4) for (int i = 0; i < n; i++) ((int*)to)[i] = ((int*)from)[i * stride];
        else if (C.Size == 8) for (int i = 0; i < n; i++) ((long*)to)[i] = ((long*)from)[i * stride];
        else for (int i = 0; i < n; i++) ((short*)to)[i] = ((short*)from)[i * stride];
    }
}
