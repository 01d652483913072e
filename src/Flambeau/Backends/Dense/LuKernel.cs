using System.Numerics;

namespace Flambeau.Backends.Dense;

/// <summary>A = P L U with partial pivoting, as LAPACK's getrf: A → L below the diagonal and U, pivots counted from 1, the first zero pivot or 0.</summary>
internal readonly unsafe record struct LuKernel(long M, long N, bool Pivot) : ILaneDense
{
    const long Panel = 48, Group = 4, Small = 32 * 32;

    public double Work => (double)M * N * Math.Min(M, N) / 2;

    public bool IsTiny => Math.Max(M, N) <= Tiny.Order;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        Rows.Copy(M * N, (T*)x[0], (T*)y[0]);
        *(int*)y[2] = Factor((T*)y[0], M, N, (int*)y[1], Pivot);
    }

    public void Run<L>(Lanes<L>* x, Lanes<L>* y) where L : struct, Cpu.ILane<L>
    {
        Tiny.Copy(M * N, x[0], y[0]);
        y[2][0] = Tiny.Lu(M, N, y[0], y[1], Pivot);
    }

    /// <summary>In place; answers the number of the first pivot that is 0, from 1, or 0.</summary>
    public static int Factor<T>(T* a, long m, long n, int* pivots, bool pivot = true) where T : unmanaged, INumberBase<T> => Factor(a, n, m, n, pivots, pivot);

    // The left half, what it does to the right half, and the rest of that (Toledo 1997): all but columns of panels is matrix products.
    static int Factor<T>(T* a, long ld, long m, long n, int* pivots, bool pivot) where T : unmanaged, INumberBase<T>
    {
        if (m == 0) return 0;
        if (m * n <= Small) return Whole(a, ld, m, n, pivots, pivot);
        if (n <= Panel) return Columns(a, ld, m, n, pivots, pivot);
        long h = Math.Min(m, n / 2 / 8 * 8), k = Math.Min(m, n);
        T* right = a + h, low = a + h * ld;
        int info = Factor(a, ld, m, h, pivots, pivot);
        SwapRows(right, ld, n - h, pivots, h, back: false);
        Triangle.Solve(a, ld, h, upper: false, unit: true, right, n - h, ld);
        Rows.Subtract(m - h, n - h, h, low, ld, 1, right, ld, low + h, ld);
        int below = Factor(low + h, ld, m - h, n - h, pivots + h, pivot);
        SwapRows(low, ld, h, pivots + h, k - h, back: false);
        for (long i = h; i < k; i++) pivots[i] += (int)h;
        return info == 0 && below != 0 ? below + (int)h : info;
    }

    // What fits into the first cache.
    static int Whole<T>(T* a, long ld, long m, long n, int* pivots, bool pivot) where T : unmanaged, INumberBase<T>
    {
        int info = 0;
        for (long j = 0, k = Math.Min(m, n); j < k; j++)
        {
            long best = j;
            if (pivot)
            {
                double most = Num<T>.Abs1(a[j * ld + j]);
                for (long i = j + 1; i < m; i++)
                    if (Num<T>.Abs1(a[i * ld + j]) is var size && size > most) (most, best) = (size, i);
            }
            pivots[j] = (int)best + 1;
            if (best != j) Rows.Swap(n, a + j * ld, a + best * ld);
            T diagonal = a[j * ld + j];
            if (T.IsZero(diagonal))
            {
                if (info == 0) info = (int)j + 1;
                continue;
            }
            for (long i = j + 1; i < m; i++)
            {
                T* row = a + i * ld;
                row[j] /= diagonal;
                Rows.AddScaled(n - j - 1, -row[j], a + j * ld + j + 1, row + j + 1);
            }
        }
        return info;
    }

    // A few columns, which lie as rows meanwhile; four at a time, so that what is done with each alone stays in the first cache.
    static int Columns<T>(T* a, long ld, long m, long n, int* pivots, bool pivot) where T : unmanaged, INumberBase<T>
    {
        int info = 0;
        long k = Math.Min(m, n), apart = Rows.Apart(m);
        using Buffer<T> columns = new(n * apart);
        T* p = columns.At;
        Rows.Transpose(m, n, a, ld, p, apart, conjugate: false);
        for (long i = 0; i < n; i += Group)
        {
            long end = Math.Min(i + Group, n), done = Math.Min(i, k);
            for (long q = 0; q < done; q++)
                for (long r = i; r < end; r++) Rows.AddScaled(done - q - 1, -p[r * apart + q], p + q * apart + q + 1, p + r * apart + q + 1);
            Rows.Subtract(end - i, m - done, done, p + i * apart, apart, 1, p + done, apart, p + i * apart + done, apart);
            for (long j = i; j < Math.Min(end, k); j++)
            {
                T* column = p + j * apart;
                long best = pivot ? j + Rows.Largest(m - j, column + j) : j;
                pivots[j] = (int)best + 1;
                if (best != j)
                    for (long r = 0; r < n; r++) (p[r * apart + j], p[r * apart + best]) = (p[r * apart + best], p[r * apart + j]);
                T diagonal = column[j];
                if (T.IsZero(diagonal))
                {
                    if (info == 0) info = (int)j + 1;
                    continue;
                }
                Rows.Divide(m - j - 1, column + j + 1, diagonal);
                for (long r = j + 1; r < end; r++) Rows.AddScaled(m - j - 1, -p[r * apart + j], column + j + 1, p + r * apart + j + 1);
            }
        }
        Rows.Transpose(n, m, p, apart, a, ld, conjugate: false);
        return info;
    }

    /// <summary>The rows of b (m×n, ld apart) swapped as a factorization swapped them, or back.</summary>
    public static void SwapRows<T>(T* b, long ld, long n, int* pivots, long count, bool back) where T : unmanaged
    {
        for (long i = 0; i < count; i++)
        {
            long at = back ? count - 1 - i : i, other = pivots[at] - 1;
            if (other != at) Rows.Swap(n, b + at * ld, b + other * ld);
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
        LuKernel.SwapRows((T*)y[0], N, N, (int*)x[1], Count, Back);
    }
}

/// <summary>A X = B by LU: A, B → X, L and U, pivots, the first zero pivot or 0.</summary>
internal readonly unsafe record struct SolveKernel(long N, long Columns) : ILaneDense
{
    public double Work => (double)N * N * (N / 3.0 + Columns);

    public bool IsTiny => N <= Tiny.Order && Columns <= Tiny.Sides;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        T* lu = (T*)y[1], b = (T*)y[0];
        int* pivots = (int*)y[2];
        Rows.Copy(N * N, (T*)x[0], lu);
        *(int*)y[3] = LuKernel.Factor(lu, N, N, pivots);
        Rows.Copy(N * Columns, (T*)x[1], b);
        Solve(lu, pivots, N, b, Columns);
    }

    public void Run<L>(Lanes<L>* x, Lanes<L>* y) where L : struct, Cpu.ILane<L>
    {
        Tiny.Copy(N * N, x[0], y[1]);
        y[3][0] = Tiny.Lu(N, N, y[1], y[2]);
        Tiny.Copy(N * Columns, x[1], y[0]);
        Tiny.Solve(N, Columns, y[1], y[2], y[0]);
    }

    public static void Solve<T>(T* lu, int* pivots, long n, T* b, long columns) where T : unmanaged, INumberBase<T>
    {
        LuKernel.SwapRows(b, columns, columns, pivots, n, back: false);
        Triangle.Solve(lu, n, n, upper: false, unit: true, b, columns, columns);
        Triangle.Solve(lu, n, n, upper: true, unit: false, b, columns, columns);
    }
}

/// <summary>A⁻¹ by LU: A → A⁻¹, the first zero pivot or 0.</summary>
internal readonly unsafe record struct InverseKernel(long N) : ILaneDense
{
    public double Work => (double)N * N * N;

    public bool IsTiny => N <= Tiny.Order;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        using Buffer<T> lu = new(N * N);
        using Buffer<int> pivots = new(N);
        Rows.Copy(N * N, (T*)x[0], lu.At);
        *(int*)y[1] = LuKernel.Factor(lu.At, N, N, pivots.At);
        Rows.Identity(N, N, (T*)y[0]);
        SolveKernel.Solve(lu.At, pivots.At, N, (T*)y[0], N);
    }

    public void Run<L>(Lanes<L>* x, Lanes<L>* y) where L : struct, Cpu.ILane<L>
    {
        using Buffer<double> pivots = new(N * L.Count);
        y[1][0] = Tiny.Lu(N, N, x[0], new(pivots.At));             // where it lies: in lanes, A is a copy
        Tiny.Identity(N, y[0]);
        Tiny.Solve(N, N, x[0], new(pivots.At), y[0]);
    }
}

/// <summary>The determinant by LU: A → its determinant, L and U, pivots.</summary>
internal readonly unsafe record struct DetKernel(long N) : ILaneDense
{
    public double Work => (double)N * N * N / 3;

    public bool IsTiny => N <= Tiny.Order;

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

    public void Run<L>(Lanes<L>* x, Lanes<L>* y) where L : struct, Cpu.ILane<L>
    {
        Tiny.Copy(N * N, x[0], y[1]);
        Tiny.Lu(N, N, y[1], y[2]);
        L det = L.One;
        for (long i = 0; i < N; i++) det *= L.Where(L.Equal(y[2][i], L.Const(i + 1)), y[1][i * N + i], -y[1][i * N + i]);
        y[0][0] = det;
    }
}
