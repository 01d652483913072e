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
    /// <summary>Rows that are gathered at once.</summary>
    const int Rows = 16;

    /// <summary>Numbers that a lane takes before it goes into the totals; of rows that are combined in columns, fours.</summary>
    const int Deepest = 64;

    /// <summary>Bytes from which on a run is read from four places at a time.</summary>
    const int LongRun = 1 << 16;

    /// <summary>The most columns that are gathered at once.</summary>
    public const int Gathered = 64;

    /// <summary>Runs that <see cref="RunsInto"/> may combine in lanes.</summary>
    public const int Runs = 64;

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
        get => (IsPlain ? 256 : MostApplied) * L.Count;
    }

    /// <summary>Lanes of results that a function leaves in L1 before they are combined.</summary>
    const int MostApplied = 64;

    [MethodImpl(Inline)]
    static L And(L s, byte* a) => typeof(TOp) == typeof(SumOp) && typeof(C) == typeof(Direct<L>) ? L.Plus(s, a) : TOp.Real(s, C.Load(a));

    [MethodImpl(Inline)]
    static L Of(TFn fn, byte* a, byte* b) => fn.Real(C.Load(a), TFn.Arity > 1 ? C.Load(b) : default, default, default);

    /// <summary>A stretch of at least one lane; <paramref name="sb"/>: 0 where b is one lane for all.</summary>
    [MethodImpl(Inline)]
    static L Lanes(TFn fn, byte* a, byte* b, long sb, long n) => IsPlain ? Plain(a, n) : Applied(fn, a, b, sb, n);

    [MethodImpl(Inline)]
    public static L Plain(byte* a, long n)
    {
        int w = L.Count, e = C.Size;
        long i = 0;
        L p = L.Const(TOp.Identity), q = p, r = p, s = p;
        int rest = (int)(n % w);
        if (rest > 0) q = L.Where(Tail<L>.Last(rest), C.Load(a + (n - w) * e), q);
        for (; i + 4 * w <= n; i += 4 * w)
        {
            p = And(p, a + i * e);
            q = And(q, a + (i + w) * e);
            r = And(r, a + (i + 2 * w) * e);
            s = And(s, a + (i + 3 * w) * e);
        }
        for (; i + w <= n; i += w) p = TOp.Real(p, C.Load(a + i * e));
        return TOp.Real(TOp.Real(p, q), TOp.Real(r, s));
    }

    /// <summary>
    /// <see cref="Deepest"/> lanes of each of four parts that are so many bytes apart. The processor asks ahead along each stream, to the end of a page: 2²⁴ floats come
    /// at 26 GB/s in one stream and at 32 in four of 16 kB or more (Zen 4); asking by instructions gains nothing. Rows of 4 to 16 kB by fours lose: 264 → 317 µs.
    /// </summary>
    [MethodImpl(Inline)]
    static L Quarters(byte* a, long apart)
    {
        L p = L.Const(TOp.Identity), q = p, r = p, s = p;
        byte* b = a + apart, c = b + apart, d = c + apart;
        nint size = C.Size * L.Count;
        for (nint i = 0; i != Deepest * size; i += size)
        {
            p = And(p, a + i);
            q = And(q, b + i);
            r = And(r, c + i);
            s = And(s, d + i);
        }
        return TOp.Real(TOp.Real(p, q), TOp.Real(r, s));
    }

    /// <summary>
    /// What the function makes of a stretch, by the loop of elementwise operations, stays in L1 and is combined from there; the last lane ends where the stretch does.
    /// In loops of this class bodies with two logarithms or exponentials were not inlined whole, and even their additions were calls (binary cross entropy: 1.6 ms for
    /// 131,072 numbers): how much the JIT inlines grows with the method that it begins with, and that loop is long.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    static L Applied(TFn fn, byte* a, byte* b, long sb, long n)
    {
        byte* space = stackalloc byte[(MostApplied + 2) * 64], to = Scratch.Aligned(space);
        nint w = L.Count, rest = (nint)n % w, whole = (nint)n - rest;
        byte* end = to + whole * Tail<L>.Size;
        CpuBackend.Floats<TFn, L, C, Direct<L>> f = new(fn, default);
        if (whole > 0) f.Lanes<N0>(to, a, b, a, a, 1, (nint)sb, 1, 1, whole);
        if (rest > 0)
        {
            f.Lanes<N0>(end, a + (n - w) * C.Size, b + (n - w) * sb * C.Size, a, a, 1, (nint)sb, 1, 1, w);
            L.Store(L.Where(Tail<L>.Last((int)rest), L.Load(end), L.Const(TOp.Identity)), end);
            end += w * Tail<L>.Size;
        }
        return ReduceLanes<Itself, TOp, L, Direct<L>>.Plain(to, (end - to) / Tail<L>.Size);
    }

    /// <summary>A run of <paramref name="n"/> elements.</summary>
    [MethodImpl(Hot)]
    public static double Run(TFn fn, byte* a, long sa, byte* b, long sb, long n) =>
        sa == 1 && (ulong)sb <= 1 && n >= L.Count && n <= Stretch ? L.Fold<TOp>(Lanes(fn, a, b, sb, n))
        : IsPlain && typeof(C) == typeof(Direct<L>) && sa == 1 && n < L.Count ? L.Fold<TOp>(Tail<L>.Load(a, (int)n, L.Const(TOp.Identity)))
        : RunInParts(fn, a, sa, b, sb, n);

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    static double RunInParts(TFn fn, byte* a, long sa, byte* b, long sb, long n)
    {
        double* space = stackalloc double[24], totals = Scratch.Aligned(space);
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
        if (IsPlain && n * e >= LongRun)
        {
            long m = Deepest * w, quarter = n / 4 / m * m;
            for (long i = 0; i < quarter; i += m) L.Accumulate<TOp>(Quarters(a + i * e, quarter * e), totals);
            a += 4 * quarter * e;
            n -= 4 * quarter;
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
        byte* space = stackalloc byte[2 * 8 * Gathered + 64], x = Scratch.Aligned(space), y = x + 8 * Gathered;
        for (long i = 0; i < n; i += Gathered)
        {
            int m = (int)Math.Min(Gathered, n - i);
            Copy(a + i * sa * e, sa, x, m);
            if (TFn.Arity > 1) Copy(b + i * sb * e, sb, y, m);
            if (m >= w) L.Accumulate<TOp>(Lanes(fn, x, y, 1, m), totals);
            else L.Accumulate<TOp>(L.Where(Tail<L>.First(m), Lanes(fn, x, y, 1, w), L.Const(TOp.Identity)), totals);
        }
    }

    /// <summary>
    /// A run of each of <paramref name="n"/> neighbouring results, into a lane of each: runs that are too short to be worth a widening of their own. All are
    /// <paramref name="first"/> or follow others.
    /// </summary>
    [MethodImpl(Hot)]
    public static void RunsInto(TFn fn, byte* a, long stepA, byte* b, long stepB, int n, long run, byte* lanes, bool first)
    {
        for (int k = 0; k < n; k++, a += stepA, b += stepB, lanes += L.Count * Tail<L>.Size)
        {
            L s = Lanes(fn, a, b, 1, run);
            L.Store(first ? s : TOp.Real(L.Load(lanes), s), lanes);
        }
    }

    /// <summary>Whether a run is short enough for <see cref="RunsInto"/>.</summary>
    public static bool IsShort(long sa, long sb, long run) => sa == 1 && sb == 1 && run >= L.Count && run <= Stretch;

    /// <summary>
    /// <paramref name="rows"/> rows of neighbouring columns, into the totals of each lane of columns. The last lane ends where the columns do and so
    /// overlaps the one before; see <see cref="Column"/>. <paramref name="lanes"/>: room for as many numbers as there are totals.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(Hot)]
    public static void Columns(TFn fn, byte* a, long stepA, long sa, byte* b, long stepB, long sb, long rows, int width, double* totals, byte* lanes)
    {
        if (IsDirect(sa, sb, width))
        {
            for (; rows > 0; rows -= 4 * Deepest, a += 4 * Deepest * stepA, b += 4 * Deepest * stepB)
            {
                Deep(fn, a, stepA, b, stepB, (int)Math.Min(4 * Deepest, rows), width, lanes);
                Widen(lanes, totals, width);
            }
            return;
        }
        byte* space = stackalloc byte[2 * 8 * Rows * Gathered + 64], x = Scratch.Aligned(space), y = x + 8 * Rows * Gathered;
        int e = C.Size, wide = (width + L.Count - 1) / L.Count * L.Count;
        for (; rows > 0; rows -= Rows, a += Rows * stepA, b += Rows * stepB)
        {
            int m = (int)Math.Min(Rows, rows);
            for (int r = 0; r < m; r++)
            {
                Copy(a + r * stepA, sa, x + r * Gathered * e, width);
                if (TFn.Arity > 1) Copy(b + r * stepB, sb, y + r * Gathered * e, width);
            }
            Deep(fn, x, Gathered * e, y, Gathered * e, m, wide, lanes);
            Widen(lanes, totals, wide);
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

    /// <summary>Rows into the lanes of their columns, which stay in the first-level cache.</summary>
    static void Deep(TFn fn, byte* a, long stepA, byte* b, long stepB, int rows, int width, byte* lanes)
    {
        int r = Math.Min(4, rows), whole = IsPlain ? width & -L.Count : 0;
        Group(fn, a, stepA, b, stepB, r, 0, width, lanes, true);
        int fours = (rows - r) / 4;
        if (whole > 0) Fours(a + r * stepA, stepA, fours, whole, lanes);
        for (; r < rows; r += 4)
            if (whole < width || rows - r < 4) Group(fn, a + r * stepA, stepA, b + r * stepB, stepB, Math.Min(4, rows - r), rows - r < 4 ? 0 : whole, width, lanes, false);
    }

    /// <summary>Up to four rows of the columns from <paramref name="c"/> on.</summary>
    [MethodImpl(Hot)]
    static void Group(TFn fn, byte* a, long stepA, byte* b, long stepB, int rows, int c, int width, byte* lanes, bool first)
    {
        int w = L.Count, e = C.Size;
        for (; c < width; c += w)
        {
            long at = (long)Math.Min(c, width - w) * e;
            byte* p = a + at, q = b + at, to = lanes + c * Tail<L>.Size;
            L s = first ? L.Const(TOp.Identity) : L.Load(to);
            for (int r = 0; r < rows; r++, p += stepA, q += stepB) s = TOp.Real(s, Of(fn, p, q));
            L.Store(s, to);
        }
    }

    /// <summary>
    /// Four times so many rows, one of each quarter at once, of columns that are whole lanes. Few instructions matter although memory is the bound: the more lines the
    /// processor sees ahead, the faster it reads (4096² floats: 2.5 ms with a test for each lane, 1.6 without). Four streams as in <see cref="Quarters"/>: 4096² 3.1 → 2.4 ms,
    /// the middle of 256³ 3.9 → 2.7 (Zen 4). Four neighbouring rows are one stream out of order where they are short: 256³ took 7.0.
    /// </summary>
    [MethodImpl(Hot)]
    static void Fours(byte* a, long step, int times, int width, byte* lanes)
    {
        nint size = C.Size * L.Count, end = width / L.Count * size;
        long apart = times * step;
        for (; times > 0; times--, a += step)
        {
            byte* b = a + apart, c = b + apart, d = c + apart, to = lanes;
            for (nint i = 0; i != end; i += size, to += L.Count * Tail<L>.Size)
                L.Store(TOp.Real(And(L.Load(to), a + i), TOp.Real(And(C.Load(b + i), c + i), C.Load(d + i))), to);
        }
    }

    /// <summary>Lanes into their totals.</summary>
    [MethodImpl(Hot)]
    public static void Widen(byte* lanes, double* totals, int n)
    {
        for (int c = 0; c < n; c += L.Count) L.Accumulate<TOp>(L.Load(lanes + c * Tail<L>.Size), totals + c);
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
