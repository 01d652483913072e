using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Backends.Cpu;

namespace Flambeau.Backends.Dense;

/// <summary>
/// C −= A · B where packing the factors, as large products do, would cost as much as the product. Four rows of C and two vectors of each are summed in registers:
/// six loads for eight multiply-adds.
/// </summary>
internal static unsafe class SmallProduct
{
    /// <summary>C (m×n) −= A (m×k) · B (k×n); rows of B and C lie together, A has any strides.</summary>
    public static void Subtract(long m, long n, long k, double* a, long rsA, long csA, double* b, long ldb, double* c, long ldc)
    {
        if (m <= 0 || n <= 0 || k <= 0) return;
        long j = 0;
        if (Vector512.IsHardwareAccelerated) Columns<V512<double>>(ref j, m, n, k, a, rsA, csA, b, ldb, c, ldc);
        if (Vector256.IsHardwareAccelerated) Columns<V256<double>>(ref j, m, n, k, a, rsA, csA, b, ldb, c, ldc);
        Columns<V128<double>>(ref j, m, n, k, a, rsA, csA, b, ldb, c, ldc);
        if (j == n) return;
        for (long i = 0; i < m; i++)
        {
            double s = 0;
            for (long q = 0; q < k; q++) s = double.MultiplyAddEstimate(a[i * rsA + q * csA], b[q * ldb + j], s);
            c[i * ldc + j] -= s;
        }
    }

    static void Columns<T>(ref long j, long m, long n, long k, double* a, long rsA, long csA, double* b, long ldb, double* c, long ldc) where T : struct, ILane<T>
    {
        for (; j + 2 * T.Count <= n; j += 2 * T.Count) Strip<T>(m, k, a, rsA, csA, b + j, ldb, c + j, ldc);
        for (; j + T.Count <= n; j += T.Count)
            for (long i = 0; i < m; i++) One<T>(k, a + i * rsA, csA, b + j, ldb, c + i * ldc + j);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Strip<T>(long m, long k, double* a, long rsA, long csA, double* b, long ldb, double* c, long ldc) where T : struct, ILane<T>
    {
        long i = 0;
        for (; i + 4 <= m; i += 4)
        {
            double* a0 = a + i * rsA, a1 = a0 + rsA, a2 = a1 + rsA, a3 = a2 + rsA, x = b;
            T s00 = T.Zero, s01 = T.Zero, s10 = T.Zero, s11 = T.Zero, s20 = T.Zero, s21 = T.Zero, s30 = T.Zero, s31 = T.Zero;
            for (long q = 0; q < k; q++, x += ldb)
            {
                T x0 = T.Load(x), x1 = T.Load(x + T.Count), f = T.Broadcast(a0);
                s00 = T.MulAdd(f, x0, s00);
                s01 = T.MulAdd(f, x1, s01);
                f = T.Broadcast(a1);
                s10 = T.MulAdd(f, x0, s10);
                s11 = T.MulAdd(f, x1, s11);
                f = T.Broadcast(a2);
                s20 = T.MulAdd(f, x0, s20);
                s21 = T.MulAdd(f, x1, s21);
                f = T.Broadcast(a3);
                s30 = T.MulAdd(f, x0, s30);
                s31 = T.MulAdd(f, x1, s31);
                a0 += csA;
                a1 += csA;
                a2 += csA;
                a3 += csA;
            }
            double* y = c + i * ldc;
            Less(y, s00, s01);
            Less(y + ldc, s10, s11);
            Less(y + 2 * ldc, s20, s21);
            Less(y + 3 * ldc, s30, s31);
        }
        for (; i < m; i++)
        {
            One<T>(k, a + i * rsA, csA, b, ldb, c + i * ldc);
            One<T>(k, a + i * rsA, csA, b + T.Count, ldb, c + i * ldc + T.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Less<T>(double* y, T s, T t) where T : struct, ILane<T>
    {
        T.Store(T.Load(y) - s, y);
        T.Store(T.Load(y + T.Count) - t, y + T.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void One<T>(long k, double* a, long csA, double* b, long ldb, double* c) where T : struct, ILane<T>
    {
        T s = T.Zero;
        for (long q = 0; q < k; q++, a += csA, b += ldb) s = T.MulAdd(T.Broadcast(a), T.Load(b), s);
        T.Store(T.Load(c) - s, c);
    }
}
