using System.Numerics;

namespace Flambeau.Backends.Dense;

/// <summary>
/// A = L Lᴴ from the lower triangle of A: A → L with zeros above, the first leading minor that is not positive, from 1, or 0. Computed is U = Lᴴ, whose rows are
/// what loops run along: from above to below, blocks of rows and in them groups of four, each less what the rows above contribute.
/// </summary>
internal readonly unsafe record struct CholeskyKernel(long N) : ILaneDense
{
    const long Block = 48, Group = 4, Small = 32;

    public double Work => (double)N * N * N / 6;

    public bool IsTiny => N <= Tiny.Order;

    public void Run<L>(Lanes<L>* x, Lanes<L>* y) where L : struct, Cpu.ILane<L> => y[1][0] = Tiny.Cholesky(N, x[0], y[0]);

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        T* a = (T*)x[0], l = (T*)y[0];
        int* info = (int*)y[1];
        if (N <= Small)                                // what fits into the first cache is turned where it lies
        {
            for (long i = 0; i < N; i++)
                for (long j = 0; j <= i; j++) l[j * N + i] = Num<T>.Conj(a[i * N + j]);
            *info = (int)Corner(l, N, N);
            for (long i = 0; i < N; i++)
                for (long j = 0; j < i; j++) (l[i * N + j], l[j * N + i]) = (Num<T>.Conj(l[j * N + i]), T.Zero);
            return;
        }
        long ld = Rows.Apart(N);
        using Buffer<T> u = new(N * ld);
        Rows.TransposeLower(N, a, N, u.At, ld);
        *info = (int)Factor(u.At, ld);
        for (long i = 0; i < N; i += Block) Rows.Transpose(Math.Min(Block, N - i), N - i, u.At + i * ld + i, ld, l + i * N + i, N);
        for (long i = 0; i < N; i++) Rows.Clear(N - i - 1, l + i * N + i + 1);
    }

    long Factor<T>(T* u, long ld) where T : unmanaged, INumberBase<T>
    {
        using Buffer<T> l = new(Block * Block);
        for (long j = 0; j < N; j += Block)
        {
            long w = Math.Min(Block, N - j), rest = N - j - w;
            T* corner = u + j * ld + j;
            Rows.Subtract(w, N - j, j, u + j, 1, ld, u + j, ld, corner, ld, conjugateA: true);
            if (Corner(corner, ld, w) is var bad and > 0) return j + bad;
            if (rest == 0) break;
            Rows.Transpose(w, w, corner, ld, l.At, w);
            Triangle.Solve(l.At, w, w, upper: false, unit: false, corner + w, rest, ld);
        }
        return 0;
    }

    static long Corner<T>(T* u, long ld, long n) where T : unmanaged, INumberBase<T>
    {
        for (long i = 0; i < n; i += Group)
        {
            long end = Math.Min(i + Group, n);
            Rows.Subtract(end - i, n - i, i, u + i, 1, ld, u + i, ld, u + i * ld + i, ld, conjugateA: true);
            for (long j = i; j < end; j++)
            {
                T* row = u + j * ld;
                double d = Num<T>.Re(row[j]);
                if (!(d > 0)) return j + 1;
                d = Math.Sqrt(d);
                row[j] = Num<T>.Of(d);
                Rows.Divide(n - j - 1, row + j + 1, Num<T>.Of(d));
                for (long q = j + 1; q < end; q++) Rows.AddScaled(n - q, -Num<T>.Conj(row[q]), row + q, u + q * ld + q);
            }
        }
        return 0;
    }
}

/// <summary>L Lᴴ X = B: B, L → X.</summary>
internal readonly unsafe record struct CholeskySolveKernel(long N, long Columns) : ILaneDense
{
    public double Work => (double)N * N * Columns;

    public bool IsTiny => N <= Tiny.Order && Columns <= Tiny.Sides;

    public void Run<L>(Lanes<L>* x, Lanes<L>* y) where L : struct, Cpu.ILane<L>
    {
        Tiny.Copy(N * Columns, x[0], y[0]);
        Tiny.Triangle(N, Columns, x[1], N, 1, upper: false, unit: false, y[0]);
        Tiny.Triangle(N, Columns, x[1], 1, N, upper: true, unit: false, y[0]);
    }

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        using Buffer<T> h = new(N * N);
        Rows.Copy(N * Columns, (T*)x[0], (T*)y[0]);
        Rows.Transpose(N, N, (T*)x[1], N, h.At, N);
        Triangle.Solve((T*)x[1], N, N, upper: false, unit: false, (T*)y[0], Columns, Columns);
        Triangle.Solve(h.At, N, N, upper: true, unit: false, (T*)y[0], Columns, Columns);
    }
}
