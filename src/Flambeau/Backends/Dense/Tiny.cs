using System.Runtime.CompilerServices;
using Flambeau.Backends.Cpu;

namespace Flambeau.Backends.Dense;

/// <summary>Factorizations of tiny matrices in lanes: what depends on numbers, a pivot's place or a zero, is a choice in each lane instead of a branch.</summary>
internal static unsafe class Tiny
{
    /// <summary>Up to this order lanes are faster.</summary>
    public const long Order = 8;

    /// <summary>Up to so many right sides; of more, rows are long enough.</summary>
    public const long Sides = 16;

    public static void Copy<L>(long count, Lanes<L> x, Lanes<L> y) where L : struct, ILane<L>
    {
        for (long i = 0; i < count; i++) y[i] = x[i];
    }

    public static void Identity<L>(long n, Lanes<L> a) where L : struct, ILane<L>
    {
        for (long i = 0; i < n * n; i++) a[i] = i % (n + 1) == 0 ? L.One : L.Zero;
    }

    /// <summary>As <see cref="LuKernel.Factor{T}(T*, long, long, int*, bool)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static L Lu<L>(long m, long n, Lanes<L> a, Lanes<L> pivots, bool pivot = true) where L : struct, ILane<L>
    {
        L info = L.Zero;
        for (long j = 0, k = Math.Min(m, n); j < k; j++)
        {
            L best = L.Const(j), most = L.Abs(a[j * n + j]);
            for (long i = j + 1; pivot && i < m; i++)
            {
                L size = L.Abs(a[i * n + j]), more = L.Less(most, size);
                (most, best) = (L.Where(more, size, most), L.Where(more, L.Const(i), best));
            }
            pivots[j] = best + L.One;
            if (pivot) Swap(m, n, j, best, a);
            L diagonal = a[j * n + j], isZero = L.Equal(diagonal, L.Zero);
            info = L.Where(L.And(isZero, L.Equal(info, L.Zero)), L.Const(j + 1), info);
            for (long i = j + 1; i < m; i++)
            {
                L head = a[i * n + j], factor = L.Where(isZero, head, head / diagonal);
                a[i * n + j] = factor;
                for (long q = j + 1; q < n; q++)
                {
                    L x = a[i * n + q];
                    a[i * n + q] = L.Where(isZero, x, x - factor * a[j * n + q]);
                }
            }
        }
        return info;
    }

    // Row j of m with that which each lane names, below it or itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Swap<L>(long m, long n, long j, L other, Lanes<L> a) where L : struct, ILane<L>
    {
        for (long i = j + 1; i < m; i++)
        {
            L here = L.Equal(other, L.Const(i));
            for (long q = 0; q < n; q++)
            {
                L x = a[j * n + q], y = a[i * n + q];
                (a[j * n + q], a[i * n + q]) = (L.Where(here, y, x), L.Where(here, x, y));
            }
        }
    }

    /// <summary>B (n × columns) ← A⁻¹ B of what <see cref="Lu"/> made of A.</summary>
    public static void Solve<L>(long n, long columns, Lanes<L> lu, Lanes<L> pivots, Lanes<L> b) where L : struct, ILane<L>
    {
        for (long j = 0; j < n - 1; j++) Swap(n, columns, j, pivots[j] - L.One, b);
        Triangle(n, columns, lu, n, 1, upper: false, unit: true, b);
        Triangle(n, columns, lu, n, 1, upper: true, unit: false, b);
    }

    /// <summary>B (n × columns) ← A⁻¹ B for a triangular A with elements so far apart in columns and in rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Triangle<L>(long n, long columns, Lanes<L> a, long down, long along, bool upper, bool unit, Lanes<L> b) where L : struct, ILane<L>
    {
        for (long s = 0; s < n; s++)
        {
            long i = upper ? n - 1 - s : s, begin = upper ? i + 1 : 0, end = upper ? n : i;
            for (long j = 0; j < columns; j++)
            {
                L sum = b[i * columns + j];
                for (long k = begin; k < end; k++) sum -= a[i * down + k * along] * b[k * columns + j];
                b[i * columns + j] = unit ? sum : sum / a[i * (down + along)];
            }
        }
    }

    /// <summary>As <see cref="CholeskyKernel"/>: row by row; in a lane whose matrix has turned out not to be positive, rows stay as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static L Cholesky<L>(long n, Lanes<L> a, Lanes<L> l) where L : struct, ILane<L>
    {
        L info = L.Zero;
        for (long i = 0; i < n; i++)
        {
            L going = L.Equal(info, L.Zero);
            for (long j = 0; j < i; j++)
            {
                L sum = a[i * n + j];
                for (long k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
                l[i * n + j] = L.Where(going, sum / l[j * n + j], a[i * n + j]);
            }
            L d = a[i * n + i];
            for (long k = 0; k < i; k++) d -= l[i * n + k] * l[i * n + k];
            L positive = L.Less(L.Zero, d);
            info = L.Where(L.And(going, L.Not(positive)), L.Const(i + 1), info);
            l[i * n + i] = L.Where(going, L.Where(positive, L.Sqrt(d), d), a[i * n + i]);
            for (long j = i + 1; j < n; j++) l[i * n + j] = L.Zero;
        }
        return info;
    }
}
