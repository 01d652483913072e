using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// The product of two factors that both lie contiguous along k: C(h×w)[i, j] += Σ a[i][k] · b[j][k], lanes along k, summed at the end.
/// Every element is summed in one order, whatever h and w.
/// </summary>
internal static unsafe class Dot
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>4·6 sums + 4 + 1 of 32 registers; of 16: 3·3 + 3 + 1.</summary>
    public static int MaxRows
    {
        [MethodImpl(Inline)]
        get => Vector512.IsHardwareAccelerated || AdvSimd.IsSupported ? 4 : 3;
    }

    public static int MaxColumns
    {
        [MethodImpl(Inline)]
        get => Vector512.IsHardwareAccelerated || AdvSimd.IsSupported ? 6 : 3;
    }

    struct Column<T> where T : struct, ILane<T>
    {
        public T S0, S1, S2, S3;

        [MethodImpl(Inline)]
        public void Add(int rows, T a0, T a1, T a2, T a3, void* b)
        {
            T x = T.Load(b);
            S0 = T.MulAdd(a0, x, S0);
            if (rows > 1) S1 = T.MulAdd(a1, x, S1);
            if (rows > 2) S2 = T.MulAdd(a2, x, S2);
            if (rows > 3) S3 = T.MulAdd(a3, x, S3);
        }

        [MethodImpl(Inline)]
        public readonly void Store<E>(int rows, E* to) where E : unmanaged
        {
            T.Store(S0, to);
            if (rows > 1) T.Store(S1, to + T.Count);
            if (rows > 2) T.Store(S2, to + 2 * T.Count);
            if (rows > 3) T.Store(S3, to + 3 * T.Count);
        }
    }

    /// <summary>Lane sums of whole vectors: to[j][i] (a vector each) = Σ over parts and k &lt; ⌊k/lanes⌋·lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Lanes<E, T, H, W>(nint parts, nint partA, nint partB, nint k, E* a, nint rsA, E* b, nint* rowsB, E* to)
        where E : unmanaged where T : struct, ILane<T> where H : INumber where W : INumber
    {
        Column<T> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
        E* a1 = a + rsA, a2 = a + 2 * rsA, a3 = a + 3 * rsA;
        E* b0 = b + rowsB[0], b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
        if (W.Value > 1) b1 = b + rowsB[1];
        if (W.Value > 2) b2 = b + rowsB[2];
        if (W.Value > 3) b3 = b + rowsB[3];
        if (W.Value > 4) b4 = b + rowsB[4];
        if (W.Value > 5) b5 = b + rowsB[5];
        for (; parts > 0; parts--)
        {
            for (nint q = 0; q <= k - T.Count; q += T.Count)
            {
                T x0 = T.Load(a + q), x1 = default, x2 = default, x3 = default;
                if (H.Value > 1) x1 = T.Load(a1 + q);
                if (H.Value > 2) x2 = T.Load(a2 + q);
                if (H.Value > 3) x3 = T.Load(a3 + q);
                s0.Add(H.Value, x0, x1, x2, x3, b0 + q);
                if (W.Value > 1) s1.Add(H.Value, x0, x1, x2, x3, b1 + q);
                if (W.Value > 2) s2.Add(H.Value, x0, x1, x2, x3, b2 + q);
                if (W.Value > 3) s3.Add(H.Value, x0, x1, x2, x3, b3 + q);
                if (W.Value > 4) s4.Add(H.Value, x0, x1, x2, x3, b4 + q);
                if (W.Value > 5) s5.Add(H.Value, x0, x1, x2, x3, b5 + q);
            }
            a += partA; a1 += partA; a2 += partA; a3 += partA;
            b0 += partB; b1 += partB; b2 += partB; b3 += partB; b4 += partB; b5 += partB;
        }
        int column = H.Value * T.Count;
        s0.Store(H.Value, to);
        if (W.Value > 1) s1.Store(H.Value, to + column);
        if (W.Value > 2) s2.Store(H.Value, to + 2 * column);
        if (W.Value > 3) s3.Store(H.Value, to + 3 * column);
        if (W.Value > 4) s4.Store(H.Value, to + 4 * column);
        if (W.Value > 5) s5.Store(H.Value, to + 5 * column);
    }

    /// <summary>
    /// c[i·rsC + j·csC] += Σ over parts p and κ &lt; k of a[p·partA + i·rsA + κ] · b[p·partB + rowsB[j] + κ],
    /// i &lt; rows ≤ <see cref="MaxRows"/>, j &lt; columns ≤ <see cref="MaxColumns"/>.
    /// If there are several parts, k is a multiple of the lanes; if one, it is no less than the lanes.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<E, T>(int rows, int columns, nint parts, nint partA, nint partB, nint k,
        E* a, nint rsA, E* b, nint* rowsB, E* c, nint rsC, nint csC)
        where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        E* sums = stackalloc E[24 * T.Count];
        Rows<E, T>(rows, columns, parts, partA, partB, k, a, rsA, b, rowsB, sums);
        int tail = (int)(k % T.Count);
        if (tail > 0)
        {
            // The last, partial vectors of all rows as a product of their own: the lanes that are done already are zero.
            E* ends = stackalloc E[(10 + 24) * T.Count], endsB = ends + 4 * T.Count, more = ends + 10 * T.Count;
            nint* endRows = stackalloc nint[6];
            T mask = Tail<T>.Last(tail);
            for (int i = 0; i < rows; i++) T.Store(T.And(mask, T.Load(a + i * rsA + k - T.Count)), ends + i * T.Count);
            for (int j = 0; j < columns; j++)
            {
                endRows[j] = j * T.Count;
                T.Store(T.And(mask, T.Load(b + rowsB[j] + k - T.Count)), endsB + j * T.Count);
            }
            Rows<E, T>(rows, columns, 1, 0, 0, T.Count, ends, T.Count, endsB, endRows, more);
            for (int i = 0; i < rows * columns * T.Count; i += T.Count) T.Store(T.Load(sums + i) + T.Load(more + i), sums + i);
        }
        for (int j = 0; j < columns; j++)
            for (int i = 0; i < rows; i++, sums += T.Count) c[i * rsC + j * csC] += Sum<E, T>(sums);
    }

    /// <summary>Σ a[κ] · b[κ], κ &lt; k, in four chains of lanes.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static E Line<E, T>(nint k, E* a, E* b) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        E* sums = stackalloc E[T.Count];
        T s0 = T.Zero, s1 = s0, s2 = s0, s3 = s0;
        nint q = 0;
        for (; q + 4 * T.Count <= k; q += 4 * T.Count)
        {
            s0 = T.MulAdd(T.Load(a + q), T.Load(b + q), s0);
            s1 = T.MulAdd(T.Load(a + q + T.Count), T.Load(b + q + T.Count), s1);
            s2 = T.MulAdd(T.Load(a + q + 2 * T.Count), T.Load(b + q + 2 * T.Count), s2);
            s3 = T.MulAdd(T.Load(a + q + 3 * T.Count), T.Load(b + q + 3 * T.Count), s3);
        }
        for (; q + T.Count <= k; q += T.Count) s0 = T.MulAdd(T.Load(a + q), T.Load(b + q), s0);
        T.Store((s0 + s1) + (s2 + s3), sums);
        E sum = Sum<E, T>(sums);
        for (; q < k; q++) sum = E.MultiplyAddEstimate(a[q], b[q], sum);
        return sum;
    }

    /// <summary>
    /// c[j · csC] (+)= Σ a[κ] · b[j · rsB + κ], j &lt; n: one row by many columns, eight at a time and without a call for each, to the same bits as <see cref="Run"/>.
    /// k is no less than the lanes. From the last group to the first if <paramref name="backward"/>.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Vector<E, T>(nint k, E* a, E* b, nint rsB, E* c, nint csC, nint n, bool backward, bool accumulate)
        where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        const int Group = 8;
        E* sums = stackalloc E[Group * T.Count];
        int tail = (int)(k % T.Count);
        nint whole = k - tail, groups = (n + Group - 1) / Group;
        T mask = Tail<T>.Last(tail);
        for (nint g = 0; g < groups; g++)
        {
            nint j = (backward ? groups - 1 - g : g) * Group;
            int m = (int)Math.Min(Group, n - j);
            E* b0 = b + j * rsB, b1 = m > 1 ? b0 + rsB : b0, b2 = m > 2 ? b1 + rsB : b0, b3 = m > 3 ? b2 + rsB : b0, b4 = m > 4 ? b3 + rsB : b0,
                b5 = m > 5 ? b4 + rsB : b0, b6 = m > 6 ? b5 + rsB : b0, b7 = m > 7 ? b6 + rsB : b0;
            T s0 = T.Zero, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
            for (nint q = 0; q < whole; q += T.Count)
            {
                T x = T.Load(a + q);
                s0 = T.MulAdd(x, T.Load(b0 + q), s0);
                s1 = T.MulAdd(x, T.Load(b1 + q), s1);
                s2 = T.MulAdd(x, T.Load(b2 + q), s2);
                s3 = T.MulAdd(x, T.Load(b3 + q), s3);
                s4 = T.MulAdd(x, T.Load(b4 + q), s4);
                s5 = T.MulAdd(x, T.Load(b5 + q), s5);
                s6 = T.MulAdd(x, T.Load(b6 + q), s6);
                s7 = T.MulAdd(x, T.Load(b7 + q), s7);
            }
            if (tail > 0)
            {
                nint q = k - T.Count;
                T x = T.And(mask, T.Load(a + q));
                s0 += T.MulAdd(x, T.And(mask, T.Load(b0 + q)), T.Zero);
                s1 += T.MulAdd(x, T.And(mask, T.Load(b1 + q)), T.Zero);
                s2 += T.MulAdd(x, T.And(mask, T.Load(b2 + q)), T.Zero);
                s3 += T.MulAdd(x, T.And(mask, T.Load(b3 + q)), T.Zero);
                s4 += T.MulAdd(x, T.And(mask, T.Load(b4 + q)), T.Zero);
                s5 += T.MulAdd(x, T.And(mask, T.Load(b5 + q)), T.Zero);
                s6 += T.MulAdd(x, T.And(mask, T.Load(b6 + q)), T.Zero);
                s7 += T.MulAdd(x, T.And(mask, T.Load(b7 + q)), T.Zero);
            }
            T.Store(s0, sums);
            T.Store(s1, sums + T.Count);
            T.Store(s2, sums + 2 * T.Count);
            T.Store(s3, sums + 3 * T.Count);
            T.Store(s4, sums + 4 * T.Count);
            T.Store(s5, sums + 5 * T.Count);
            T.Store(s6, sums + 6 * T.Count);
            T.Store(s7, sums + 7 * T.Count);
            E* to = c + j * csC;
            for (int i = 0; i < m; i++) to[i * csC] = (accumulate ? to[i * csC] : E.Zero) + Sum<E, T>(sums + i * T.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Rows<E, T>(int rows, int columns, nint parts, nint partA, nint partB, nint k, E* a, nint rsA, E* b, nint* rowsB, E* to)
        where E : unmanaged where T : struct, ILane<T>
    {
        switch (rows)
        {
            case 1: Columns<E, T, N1>(columns, parts, partA, partB, k, a, rsA, b, rowsB, to); break;
            case 2: Columns<E, T, N2>(columns, parts, partA, partB, k, a, rsA, b, rowsB, to); break;
            case 3: Columns<E, T, N3>(columns, parts, partA, partB, k, a, rsA, b, rowsB, to); break;
            default: Columns<E, T, N4>(columns, parts, partA, partB, k, a, rsA, b, rowsB, to); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Columns<E, T, H>(int columns, nint parts, nint partA, nint partB, nint k, E* a, nint rsA, E* b, nint* rowsB, E* to)
        where E : unmanaged where T : struct, ILane<T> where H : INumber
    {
        switch (columns)
        {
            case 1: Lanes<E, T, H, N1>(parts, partA, partB, k, a, rsA, b, rowsB, to); break;
            case 2: Lanes<E, T, H, N2>(parts, partA, partB, k, a, rsA, b, rowsB, to); break;
            case 3: Lanes<E, T, H, N3>(parts, partA, partB, k, a, rsA, b, rowsB, to); break;
            case 4: Lanes<E, T, H, N4>(parts, partA, partB, k, a, rsA, b, rowsB, to); break;
            case 5: Lanes<E, T, H, N5>(parts, partA, partB, k, a, rsA, b, rowsB, to); break;
            default: Lanes<E, T, H, N6>(parts, partA, partB, k, a, rsA, b, rowsB, to); break;
        }
    }

    /// <summary>The sum of one vector's lanes.</summary>
    [MethodImpl(Inline)]
    static E Sum<E, T>(E* lanes) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        var s = V128<E>.Load(lanes);
        for (int i = V128<E>.Count; i < T.Count; i += V128<E>.Count) s += V128<E>.Load(lanes + i);
        return Vector128.Sum(s.V);
    }
}
