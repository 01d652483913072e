using System.Numerics;

namespace Flambeau.Backends.Dense;

/// <summary>Triangular systems.</summary>
internal static unsafe class Triangle
{
    const long Base = 32;

    /// <summary>B (n × columns) ← A⁻¹ B, in place; of A only the triangle is read, and with <paramref name="unit"/> not its diagonal.</summary>
    public static void Solve<T>(T* a, long ld, long n, bool upper, bool unit, T* b, long columns) where T : unmanaged, INumberBase<T>
    {
        if (n == 0 || columns == 0) return;
        if (n > Base)
        {
            long h = n / 2 / 8 * 8, rest = n - h;
            T* low = a + h * ld + h;
            if (upper)
            {
                Solve(low, ld, rest, upper, unit, b + h * columns, columns);
                Rows.Subtract(h, columns, rest, a + h, ld, 1, b + h * columns, columns, 1, b, columns);
                Solve(a, ld, h, upper, unit, b, columns);
            }
            else
            {
                Solve(a, ld, h, upper, unit, b, columns);
                Rows.Subtract(rest, columns, h, a + h * ld, ld, 1, b, columns, 1, b + h * columns, columns);
                Solve(low, ld, rest, upper, unit, b + h * columns, columns);
            }
            return;
        }
        for (long s = 0; s < n; s++)
        {
            long i = upper ? n - 1 - s : s;
            T* row = b + i * columns;
            for (long k = upper ? i + 1 : 0, end = upper ? n : i; k < end; k++) Rows.AddScaled(columns, -a[i * ld + k], b + k * columns, row);
            if (unit) continue;
            T d = a[i * ld + i];
            for (long j = 0; j < columns; j++) row[j] /= d;
        }
    }
}

/// <summary>A X = B for a triangular A: A, B → X.</summary>
internal readonly unsafe record struct TriangleKernel(long N, long Columns, bool Upper, bool Unit) : IDense
{
    public double Work => (double)N * N * Columns / 2;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        Rows.Copy(N * Columns, (T*)x[1], (T*)y[0]);
        Triangle.Solve((T*)x[0], N, N, Upper, Unit, (T*)y[0], Columns);
    }
}

/// <summary>A = L Lᴴ from the lower triangle of A: A → L with zeros above, the first leading minor that is not positive, from 1, or 0.</summary>
internal readonly unsafe record struct CholeskyKernel(long N) : IDense
{
    const long Base = 48;

    public double Work => (double)N * N * N / 6;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        T* l = (T*)y[0];
        Rows.Copy(N * N, (T*)x[0], l);
        *(int*)y[1] = (int)Factor(l, N, N);
        for (long i = 0; i < N; i++) Rows.Clear(N - i - 1, l + i * N + i + 1);
    }

    static long Factor<T>(T* a, long ld, long n) where T : unmanaged, INumberBase<T>
    {
        if (n > Base)
        {
            long h = n / 2 / 8 * 8, rest = n - h;
            long info = Factor(a, ld, h);
            if (info != 0) return info;
            for (long i = h; i < n; i++) Forward(a, ld, h, a + i * ld);
            T* left = a + h * ld;
            Rows.Subtract(rest, rest, h, left, ld, 1, left, 1, ld, left + h, ld, conjugateB: true);
            info = Factor(left + h, ld, rest);
            return info == 0 ? 0 : h + info;
        }
        for (long i = 0; i < n; i++)
        {
            T* row = a + i * ld;
            Forward(a, ld, i, row);
            double d = Num<T>.Re(row[i]) - Num<T>.Re(Rows.Dot(i, row, row));
            if (!(d > 0)) return i + 1;
            row[i] = Num<T>.Of(Math.Sqrt(d));
        }
        return 0;
    }

    // The first n elements of a row of L, from those of A: L₁₁ known, row L₁₁ᴴ = row.
    static void Forward<T>(T* l, long ld, long n, T* row) where T : unmanaged, INumberBase<T>
    {
        for (long j = 0; j < n; j++) row[j] = (row[j] - Rows.Dot(j, l + j * ld, row)) / l[j * ld + j];
    }
}

/// <summary>L Lᴴ X = B: B, L → X.</summary>
internal readonly unsafe record struct CholeskySolveKernel(long N, long Columns) : IDense
{
    public double Work => (double)N * N * Columns;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        using Buffer<T> h = new(N * N);
        Rows.Copy(N * Columns, (T*)x[0], (T*)y[0]);
        Rows.Transpose(N, N, (T*)x[1], h.At);
        Triangle.Solve((T*)x[1], N, N, upper: false, unit: false, (T*)y[0], Columns);
        Triangle.Solve(h.At, N, N, upper: true, unit: false, (T*)y[0], Columns);
    }
}
