using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>Four vectors.</summary>
internal readonly struct Four<T>(T a, T b, T c, T d) where T : struct
{
    public readonly T A = a, B = b, C = c, D = d;
}

/// <summary>
/// F(2×2, 3×3) of Lavin and Gray, 2015: two by two results of a 3×3 filter w from a 4×4 window d by 16 multiplications instead of 36.
/// <code>
/// y = Aᵀ[(G w Gᵀ) ⊙ (Bᵀ d B)]A      Bᵀ = 1  0 -1  0     G = 1   0   0     Aᵀ = 1  1  1  0
///                                        0  1  1  0         ½   ½   ½          0  1 -1 -1
///                                        0 -1  1  0         ½  -½   ½
///                                        0  1  0 -1         0   0   1
/// </code>
/// The 16 numbers of a window, its points, are multiplied and summed over the channels: a matrix product for each point. Sums are a ninth as
/// long as the direct way's, which outweighs the additions before and after: the error is about 0.6 of the direct way's, in float and double.
/// F(4×4, 3×3) would need 36 multiplications instead of 144, but its error is 2 to 5 times that.
/// </summary>
internal static unsafe class Winograd
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Multiplications of a window.</summary>
    public const int Points = 16;

    /// <summary>
    /// Whether planes are convolved so, from c channels to r; from the shape alone. Measured: with 16 channels both ways cost the same, with 8 the direct way half;
    /// from 16 windows on the points of the filters, which are nearly twice as many numbers as these, are used often enough.
    /// </summary>
    public static bool Pays(in ConvShape s, long c, long r, Size3 results)
    {
        var one = new Size3(1, 1, 1);
        return s.Kernel == new Size3(1, 3, 3) && s.Stride == one && s.Dilation == one && s.Pad.D == 0 && s.Input.D == 1 && s.Output.D == 1
            && Math.Min(c, r) >= 16 && s.N * Partition.Count(results.H, 2) * Partition.Count(results.W, 2) >= 16;
    }

    /// <summary>Bᵀ of a column.</summary>
    [MethodImpl(Inline)]
    public static Four<T> Data<T>(T a, T b, T c, T d) where T : struct, ILane<T> => new(a - c, b + c, c - b, b - d);

    /// <summary>G of a column.</summary>
    [MethodImpl(Inline)]
    public static Four<T> Filter<T>(T a, T b, T c) where T : struct, ILane<T>
    {
        T half = T.Const(0.5), even = (a + c) * half, odd = b * half;
        return new(a, even + odd, even - odd, c);
    }

    /// <summary>A of a column.</summary>
    [MethodImpl(Inline)]
    public static Four<T> Gradient<T>(T a, T b) where T : struct, ILane<T> => new(a, a + b, a - b, -b);

    /// <summary>16 vectors, a point apart, from four rows of transformed columns: those rows times B.</summary>
    [MethodImpl(Inline)]
    public static void StorePoints<E, T>(Four<T> row, E* to, nint point) where E : unmanaged where T : struct, ILane<T>
    {
        T.Store(row.A, to);
        T.Store(row.B, to + point);
        T.Store(row.C, to + 2 * point);
        T.Store(row.D, to + 3 * point);
    }

    /// <summary>Asks for 16 vectors, a point apart: without it, each store waits for its cache line.</summary>
    [MethodImpl(Inline)]
    static void PrefetchPoints<E>(E* p, nint point) where E : unmanaged
    {
        for (int i = 0; i < Points; i++, p += point) Pack.Prefetch(p, 1);
    }

    /// <summary>The points of the filters w[0 … 8], each <paramref name="step"/> from the last: G w Gᵀ. Others will go to <paramref name="next"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Filters<E, T>(E* w, nint step, E* to, E* next, nint point) where E : unmanaged where T : struct, ILane<T>
    {
        PrefetchPoints(next, point);
        Four<T> a = Filter(T.Load(w), T.Load(w + 3 * step), T.Load(w + 6 * step));
        Four<T> b = Filter(T.Load(w + step), T.Load(w + 4 * step), T.Load(w + 7 * step));
        Four<T> c = Filter(T.Load(w + 2 * step), T.Load(w + 5 * step), T.Load(w + 8 * step));
        StorePoints(Filter(a.A, b.A, c.A), to, point);
        StorePoints(Filter(a.B, b.B, c.B), to + 4 * point, point);
        StorePoints(Filter(a.C, b.C, c.C), to + 8 * point, point);
        StorePoints(Filter(a.D, b.D, c.D), to + 12 * point, point);
    }

    /// <summary>The gradients of filters from those of their points u: Gᵀ u G; the nine lie <paramref name="step"/> apart. True if all are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool FilterGradients<E, T>(E* u, nint point, E* to, nint step) where E : unmanaged where T : struct, ILane<T>
    {
        nint row = 4 * point;
        Four<T> a = FilterGradient<E, T>(u, row), b = FilterGradient<E, T>(u + point, row);
        Four<T> c = FilterGradient<E, T>(u + 2 * point, row), d = FilterGradient<E, T>(u + 3 * point, row);
        T rest = StoreThree(FilterGradient(a.A, b.A, c.A, d.A), to, step, T.Zero);
        rest = StoreThree(FilterGradient(a.B, b.B, c.B, d.B), to + 3 * step, step, rest);
        return IsZero(StoreThree(FilterGradient(a.C, b.C, c.C, d.C), to + 6 * step, step, rest));
    }

    [MethodImpl(Inline)]
    static Four<T> FilterGradient<E, T>(E* u, nint step) where E : unmanaged where T : struct, ILane<T> =>
        FilterGradient(T.Load(u), T.Load(u + step), T.Load(u + 2 * step), T.Load(u + 3 * step));

    /// <summary>Gᵀ of a column; three numbers.</summary>
    [MethodImpl(Inline)]
    static Four<T> FilterGradient<T>(T a, T b, T c, T d) where T : struct, ILane<T>
    {
        T half = T.Const(0.5), even = (b + c) * half;
        return new(a + even, (b - c) * half, d + even, even);
    }

    [MethodImpl(Inline)]
    static T StoreThree<E, T>(Four<T> x, E* to, nint step, T rest) where E : unmanaged where T : struct, ILane<T>
    {
        T.Store(x.A, to);
        T.Store(x.B, to + step);
        T.Store(x.C, to + 2 * step);
        return T.MulAdd(x.A, T.Zero, T.MulAdd(x.B, T.Zero, T.MulAdd(x.C, T.Zero, rest)));
    }

    /// <summary>Whether sums of numbers times zero are zero: all were finite.</summary>
    [MethodImpl(Inline)]
    static bool IsZero<T>(T rest) where T : struct, ILane<T> => T.MaskBits(T.Equal(rest, T.Zero)) == (1UL << T.Count) - 1;

    /// <summary>
    /// The results of n windows, lanes side by side, from their points m, one window after the other: Aᵀ m A + bias. Two rows of them,
    /// <paramref name="lanes"/> from column to column. True if all are finite.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Results<E, T>(E* m, nint point, nint lanes, T bias, E* upper, E* lower, nint n) where E : unmanaged where T : struct, ILane<T>
    {
        T zero = T.Zero, rest = T.Zero;
        nint row = 4 * point;
        for (; n > 0; n--, m += lanes, upper += 2 * lanes, lower += 2 * lanes)
        {
            T u0 = zero, u1 = zero, l0 = zero, l1 = zero;
            E* p = m;
            T b = T.Load(p + row), c = T.Load(p + 2 * row);
            u0 = T.Load(p) + b + c;
            l0 = b - c - T.Load(p + 3 * row);
            p += point;
            b = T.Load(p + row) + bias;               // this point is added to every result
            c = T.Load(p + 2 * row);
            u1 = T.Load(p) + b + c;
            l1 = b - c - T.Load(p + 3 * row);
            u0 += u1;
            l0 += l1;
            p += point;
            b = T.Load(p + row);
            c = T.Load(p + 2 * row);
            T u = T.Load(p) + b + c, l = b - c - T.Load(p + 3 * row);
            u0 += u;
            u1 -= u;
            l0 += l;
            l1 -= l;
            p += point;
            b = T.Load(p + row);
            c = T.Load(p + 2 * row);
            u1 -= T.Load(p) + b + c;
            l1 -= b - c - T.Load(p + 3 * row);
            rest = T.MulAdd(u0, zero, T.MulAdd(u1, zero, T.MulAdd(l0, zero, T.MulAdd(l1, zero, rest))));
            T.Store(u0, upper);
            T.Store(u1, upper + lanes);
            T.Store(l0, lower);
            T.Store(l1, lower + lanes);
        }
        return IsZero(rest);
    }

    /// <summary>
    /// The points of n windows side by side, two columns apart: Bᵀ d B. The four rows of d have their columns <paramref name="step"/> apart; the points go
    /// <paramref name="window"/> from window to window and <paramref name="point"/> from point to point.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Windows<E, T>(E* d0, E* d1, E* d2, E* d3, nint step, E* to, nint window, nint point, nint n) where E : unmanaged where T : struct, ILane<T>
    {
        Four<T> a = Column<E, T>(d0, d1, d2, d3), b = Column<E, T>(d0 + step, d1 + step, d2 + step, d3 + step);
        for (; n > 0; n--, to += window)
        {
            d0 += 2 * step;
            d1 += 2 * step;
            d2 += 2 * step;
            d3 += 2 * step;
            PrefetchPoints(to + 2 * window, point);
            Four<T> c = Column<E, T>(d0, d1, d2, d3), d = Column<E, T>(d0 + step, d1 + step, d2 + step, d3 + step);
            E* p = to;
            StorePoints(Data(a.A, b.A, c.A, d.A), p, point);
            p += 4 * point;
            StorePoints(Data(a.B, b.B, c.B, d.B), p, point);
            p += 4 * point;
            StorePoints(Data(a.C, b.C, c.C, d.C), p, point);
            p += 4 * point;
            StorePoints(Data(a.D, b.D, c.D, d.D), p, point);
            (a, b) = (c, d);
        }
    }

    [MethodImpl(Inline)]
    static Four<T> Column<E, T>(E* d0, E* d1, E* d2, E* d3) where E : unmanaged where T : struct, ILane<T> =>
        Data(T.Load(d0), T.Load(d1), T.Load(d2), T.Load(d3));

    /// <summary>The points of n squares of gradients side by side: A g Aᵀ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Squares<E, T>(E* g0, E* g1, nint step, E* to, nint window, nint point, nint n) where E : unmanaged where T : struct, ILane<T>
    {
        for (; n > 0; n--, to += window, g0 += 2 * step, g1 += 2 * step)
        {
            PrefetchPoints(to + 2 * window, point);
            Four<T> a = Gradient(T.Load(g0), T.Load(g1)), b = Gradient(T.Load(g0 + step), T.Load(g1 + step));
            StorePoints(Gradient(a.A, b.A), to, point);
            StorePoints(Gradient(a.B, b.B), to + 4 * point, point);
            StorePoints(Gradient(a.C, b.C), to + 8 * point, point);
            StorePoints(Gradient(a.D, b.D), to + 12 * point, point);
        }
    }
}
