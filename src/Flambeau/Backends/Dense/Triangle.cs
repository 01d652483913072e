using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Backends.Cpu;

namespace Flambeau.Backends.Dense;

/// <summary>Triangular systems.</summary>
internal static unsafe class Triangle
{
    const long Base = 128, WorkPerClaim = 1 << 17;

    /// <summary>B (n × columns, rows ldb apart) ← A⁻¹ B, in place; of A only the triangle is read, and with <paramref name="unit"/> not its diagonal.</summary>
    public static void Solve<T>(T* a, long ld, long n, bool upper, bool unit, T* b, long columns, long ldb) where T : unmanaged, INumberBase<T>
    {
        if (n == 0 || columns == 0) return;
        if (n > Base)
        {
            long h = n / 2 / 8 * 8, rest = n - h;
            T* low = a + h * ld + h;
            if (upper)
            {
                Solve(low, ld, rest, upper, unit, b + h * ldb, columns, ldb);
                Rows.Subtract(h, columns, rest, a + h, ld, 1, b + h * ldb, ldb, b, ldb);
                Solve(a, ld, h, upper, unit, b, columns, ldb);
            }
            else
            {
                Solve(a, ld, h, upper, unit, b, columns, ldb);
                Rows.Subtract(rest, columns, h, a + h * ld, ld, 1, b, ldb, b + h * ldb, ldb);
                Solve(low, ld, rest, upper, unit, b + h * ldb, columns, ldb);
            }
            return;
        }
        if (typeof(T) == typeof(double) && n > 4)
        {
            if (Vector512.IsHardwareAccelerated) Strips<V512<double>>((double*)a, ld, n, upper, unit, (double*)b, columns, ldb);
            else if (Vector256.IsHardwareAccelerated) Strips<V256<double>>((double*)a, ld, n, upper, unit, (double*)b, columns, ldb);
            else Strips<V128<double>>((double*)a, ld, n, upper, unit, (double*)b, columns, ldb);
            return;
        }
        for (long s = 0; s < n; s++)
        {
            long i = upper ? n - 1 - s : s;
            T* row = b + i * ldb;
            for (long k = upper ? i + 1 : 0, end = upper ? n : i; k < end; k++) Rows.AddScaled(columns, -a[i * ld + k], b + k * ldb, row);
            if (!unit) Rows.Divide(columns, row, a[i * ld + i]);
        }
    }

    static void Strips<L>(double* a, long ld, long n, bool upper, bool unit, double* b, long columns, long ldb) where L : struct, ILane<L>
    {
        long strips = (columns + 2 * L.Count - 1) / (2 * L.Count);
        Threads.For(strips, WorkPerClaim / (n * n * L.Count) + 1, new StripBody<L>(a, ld, n, upper, unit, b, columns, ldb));
    }

    /// <summary>Two vectors of each row of B, which for the time being lie together: where they are, rows some kilobytes apart would share a set of the first cache.</summary>
    readonly struct StripBody<L>(double* a, long ld, long n, bool upper, bool unit, double* b, long columns, long ldb) : IRangeBody where L : struct, ILane<L>
    {
        [SkipLocalsInit]
        public void Run(long begin, long end)
        {
            double* room = stackalloc double[(int)(Base * 2 * L.Count) + 8], x = Scratch.Aligned(room);
            long width = 2 * L.Count;
            for (long s = begin; s < end; s++)
            {
                double* from = b + s * width;
                long w = Math.Min(width, columns - s * width);
                if (w < width) Rows.Clear(n * width, x);
                for (long i = 0; i < n; i++) Move(from + i * ldb, x + i * width, w);
                if (upper) Up(a, ld, n, unit, x);
                else Down(a, ld, n, unit, x);
                for (long i = 0; i < n; i++) Move(x + i * width, from + i * ldb, w);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Move(double* x, double* y, long w)
        {
            if (w == 2 * L.Count)
            {
                L first = L.Load(x), second = L.Load(x + L.Count);
                L.Store(first, y);
                L.Store(second, y + L.Count);
            }
            else for (long j = 0; j < w; j++) y[j] = x[j];
        }

        static void Down(double* a, long ld, long n, bool unit, double* x)
        {
            long i = 0, w = 2 * L.Count;
            for (; i + 4 <= n; i += 4) Four(a + i * ld, ld, 0, i, i, 1, unit, x, x + i * w, w);
            for (; i < n; i++) One(a + i * ld, 0, i, unit ? 1 : a[i * ld + i], x, x + i * w);
        }

        static void Up(double* a, long ld, long n, bool unit, double* x)
        {
            long i = n - 1, w = 2 * L.Count;
            for (; i >= 3; i -= 4) Four(a + i * ld, -ld, i + 1, n, i, -1, unit, x, x + i * w, -w);
            for (; i >= 0; i--) One(a + i * ld, i + 1, n, unit ? 1 : a[i * ld + i], x, x + i * w);
        }

        // Rows y, y + step, …: less what rows begin … end − 1 of x, solved already, contribute, and then solved among themselves.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Four(double* a0, long ld, long begin, long end, long diagonal, long next, bool unit, double* x, double* y, long step)
        {
            double* a1 = a0 + ld, a2 = a1 + ld, a3 = a2 + ld;
            L s00 = L.Zero, s01 = L.Zero, s10 = L.Zero, s11 = L.Zero, s20 = L.Zero, s21 = L.Zero, s30 = L.Zero, s31 = L.Zero;
            for (long q = begin; q < end; q++)
            {
                L x0 = L.Load(x + q * 2 * L.Count), x1 = L.Load(x + q * 2 * L.Count + L.Count), f = L.Broadcast(a0 + q);
                s00 = L.MulAdd(f, x0, s00);
                s01 = L.MulAdd(f, x1, s01);
                f = L.Broadcast(a1 + q);
                s10 = L.MulAdd(f, x0, s10);
                s11 = L.MulAdd(f, x1, s11);
                f = L.Broadcast(a2 + q);
                s20 = L.MulAdd(f, x0, s20);
                s21 = L.MulAdd(f, x1, s21);
                f = L.Broadcast(a3 + q);
                s30 = L.MulAdd(f, x0, s30);
                s31 = L.MulAdd(f, x1, s31);
            }
            long d0 = diagonal, d1 = d0 + next, d2 = d1 + next, d3 = d2 + next;
            L y00 = L.Load(y) - s00, y01 = L.Load(y + L.Count) - s01;
            Solved(a0 + d0, unit, y, ref y00, ref y01);
            y += step;
            L f10 = L.Broadcast(a1 + d0), y10 = L.Load(y) - L.MulAdd(f10, y00, s10), y11 = L.Load(y + L.Count) - L.MulAdd(f10, y01, s11);
            Solved(a1 + d1, unit, y, ref y10, ref y11);
            y += step;
            L f20 = L.Broadcast(a2 + d0), f21 = L.Broadcast(a2 + d1);
            L y20 = L.Load(y) - L.MulAdd(f21, y10, L.MulAdd(f20, y00, s20)), y21 = L.Load(y + L.Count) - L.MulAdd(f21, y11, L.MulAdd(f20, y01, s21));
            Solved(a2 + d2, unit, y, ref y20, ref y21);
            y += step;
            L f30 = L.Broadcast(a3 + d0), f31 = L.Broadcast(a3 + d1), f32 = L.Broadcast(a3 + d2);
            L y30 = L.Load(y) - L.MulAdd(f32, y20, L.MulAdd(f31, y10, L.MulAdd(f30, y00, s30)));
            L y31 = L.Load(y + L.Count) - L.MulAdd(f32, y21, L.MulAdd(f31, y11, L.MulAdd(f30, y01, s31)));
            Solved(a3 + d3, unit, y, ref y30, ref y31);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Solved(double* diagonal, bool unit, double* y, ref L y0, ref L y1)
        {
            if (!unit)
            {
                L d = L.Broadcast(diagonal);
                y0 /= d;
                y1 /= d;
            }
            L.Store(y0, y);
            L.Store(y1, y + L.Count);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void One(double* a, long begin, long end, double diagonal, double* x, double* y)
        {
            L s0 = L.Zero, s1 = L.Zero;
            for (long q = begin; q < end; q++)
            {
                L f = L.Broadcast(a + q);
                s0 = L.MulAdd(f, L.Load(x + q * 2 * L.Count), s0);
                s1 = L.MulAdd(f, L.Load(x + q * 2 * L.Count + L.Count), s1);
            }
            L y0 = L.Load(y) - s0, y1 = L.Load(y + L.Count) - s1;
            Solved(&diagonal, false, y, ref y0, ref y1);
        }
    }
}

/// <summary>A X = B for a triangular A: A, B → X.</summary>
internal readonly unsafe record struct TriangleKernel(long N, long Columns, bool Upper, bool Unit) : ILaneDense
{
    public double Work => (double)N * N * Columns / 2;

    public bool IsTiny => N <= Tiny.Order && Columns <= Tiny.Sides;

    public void Run<L>(Lanes<L>* x, Lanes<L>* y) where L : struct, ILane<L>
    {
        Tiny.Copy(N * Columns, x[1], y[0]);
        Tiny.Triangle(N, Columns, x[0], N, 1, Upper, Unit, y[0]);
    }

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        Rows.Copy(N * Columns, (T*)x[1], (T*)y[0]);
        Triangle.Solve((T*)x[0], N, N, Upper, Unit, (T*)y[0], Columns, Columns);
    }
}
