using System.Numerics;

namespace Flambeau.Backends.Dense;

/// <summary>A = P L U with partial pivoting, as LAPACK's getrf: A → L below the diagonal and U, pivots counted from 1, the first zero pivot or 0.</summary>
internal readonly unsafe record struct LuKernel(long M, long N, bool Pivot) : IDense
{
    const long Panel = 48;

    public double Work => (double)M * N * Math.Min(M, N) / 2;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        Rows.Copy(M * N, (T*)x[0], (T*)y[0]);
        *(int*)y[2] = Factor((T*)y[0], M, N, (int*)y[1], Pivot);
    }

    /// <summary>In place; answers the number of the first pivot that is 0, from 1, or 0.</summary>
    public static int Factor<T>(T* a, long m, long n, int* pivots, bool pivot = true) where T : unmanaged, INumberBase<T>
    {
        int info = 0;
        long k = Math.Min(m, n);
        for (long p = 0; p < k; p += Panel)
        {
            long end = Math.Min(p + Panel, k);
            for (long j = p; j < end; j++)
            {
                long best = j;
                if (pivot)
                {
                    double most = Num<T>.Abs1(a[j * n + j]);
                    for (long i = j + 1; i < m; i++)
                        if (Num<T>.Abs1(a[i * n + j]) is var size && size > most) (most, best) = (size, i);
                }
                pivots[j] = (int)best + 1;
                if (best != j) Rows.Swap(n, a + j * n, a + best * n);
                T diagonal = a[j * n + j];
                if (T.IsZero(diagonal))
                {
                    if (info == 0) info = (int)j + 1;
                    continue;
                }
                for (long i = j + 1; i < m; i++)
                {
                    T* row = a + i * n;
                    row[j] /= diagonal;
                    Rows.AddScaled(end - j - 1, -row[j], a + j * n + j + 1, row + j + 1);
                }
            }
            if (end == n) continue;
            // The panel's rows of U, then everything below and to the right.
            for (long i = p + 1; i < end; i++)
                for (long q = p; q < i; q++) Rows.AddScaled(n - end, -a[i * n + q], a + q * n + end, a + i * n + end);
            Rows.Subtract(m - end, n - end, end - p, a + end * n + p, n, 1, a + p * n + end, n, 1, a + end * n + end, n);
        }
        return info;
    }

    /// <summary>The rows of b (m×n) swapped as a factorization swapped them, or back.</summary>
    public static void SwapRows<T>(T* b, long n, int* pivots, long count, bool back) where T : unmanaged
    {
        for (long i = 0; i < count; i++)
        {
            long at = back ? count - 1 - i : i, other = pivots[at] - 1;
            if (other != at) Rows.Swap(n, b + at * n, b + other * n);
        }
    }
}

/// <summary>B with its rows swapped as a factorization of pivots says, or back: y = Pᵀ b, or P b.</summary>
internal readonly unsafe record struct SwapKernel(long M, long N, long Count, bool Back) : IDense
{
    public double Work => M * N;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        Rows.Copy(M * N, (T*)x[0], (T*)y[0]);
        LuKernel.SwapRows((T*)y[0], N, (int*)x[1], Count, Back);
    }
}

/// <summary>A X = B by LU: A, B → X, L and U, pivots, the first zero pivot or 0.</summary>
internal readonly unsafe record struct SolveKernel(long N, long Columns) : IDense
{
    public double Work => (double)N * N * (N / 3.0 + Columns);

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        T* lu = (T*)y[1], b = (T*)y[0];
        int* pivots = (int*)y[2];
        Rows.Copy(N * N, (T*)x[0], lu);
        *(int*)y[3] = LuKernel.Factor(lu, N, N, pivots);
        Rows.Copy(N * Columns, (T*)x[1], b);
        Solve(lu, pivots, N, b, Columns);
    }

    public static void Solve<T>(T* lu, int* pivots, long n, T* b, long columns) where T : unmanaged, INumberBase<T>
    {
        LuKernel.SwapRows(b, columns, pivots, n, back: false);
        Triangle.Solve(lu, n, n, upper: false, unit: true, b, columns);
        Triangle.Solve(lu, n, n, upper: true, unit: false, b, columns);
    }
}

/// <summary>A⁻¹ by LU: A → A⁻¹, the first zero pivot or 0.</summary>
internal readonly unsafe record struct InverseKernel(long N) : IDense
{
    public double Work => (double)N * N * N;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        using Buffer<T> lu = new(N * N);
        using Buffer<int> pivots = new(N);
        Rows.Copy(N * N, (T*)x[0], lu.At);
        *(int*)y[1] = LuKernel.Factor(lu.At, N, N, pivots.At);
        Rows.Identity(N, N, (T*)y[0]);
        SolveKernel.Solve(lu.At, pivots.At, N, (T*)y[0], N);
    }
}

/// <summary>The determinant by LU: A → its determinant, L and U, pivots.</summary>
internal readonly unsafe record struct DetKernel(long N) : IDense
{
    public double Work => (double)N * N * N / 3;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        T* lu = (T*)y[1];
        int* pivots = (int*)y[2];
        Rows.Copy(N * N, (T*)x[0], lu);
        LuKernel.Factor(lu, N, N, pivots);
        T det = T.One;
        for (long i = 0; i < N; i++) det *= pivots[i] == i + 1 ? lu[i * N + i] : -lu[i * N + i];
        *(T*)y[0] = det;
    }
}
