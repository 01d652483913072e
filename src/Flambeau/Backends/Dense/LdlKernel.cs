using System.Numerics;

namespace Flambeau.Backends.Dense;

/// <summary>
/// A = L D Lᵀ, or L D Lᴴ, from the lower triangle of A, D with blocks of size 1 and 2, pivots by Bunch and Kaufman (1977), stored as LAPACK's
/// sytrf and hetrf do: A → L and D, pivots (negative, and twice, for a block of size 2), the first block that is 0 or 0.
/// </summary>
internal readonly unsafe record struct LdlKernel(long N, bool Hermitian) : IDense
{
    public double Work => (double)N * N * N / 6;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        T* a = (T*)y[0];
        int* pivots = (int*)y[1];
        long n = N;
        bool h = Hermitian && Num<T>.IsComplex;
        int info = 0;
        double alpha = (1 + Math.Sqrt(17)) / 8;
        Rows.Copy(n * n, (T*)x[0], a);
        for (long i = 0; i < n; i++) Rows.Clear(n - i - 1, a + i * n + i + 1);
        for (long k = 0; k < n;)
        {
            if (h) a[k * n + k] = Num<T>.Of(Num<T>.Re(a[k * n + k]));
            double diagonal = Num<T>.Abs1(a[k * n + k]), most = 0;
            long row = k, kp = k, step = 1;
            for (long i = k + 1; i < n; i++) if (Num<T>.Abs1(a[i * n + k]) is var s && s > most) (most, row) = (s, i);
            if (Math.Max(diagonal, most) == 0 || double.IsNaN(diagonal))
            {
                if (info == 0) info = (int)k + 1;
                pivots[k] = (int)k + 1;
                k++;
                continue;
            }
            if (diagonal < alpha * most)
            {
                double across = 0;
                for (long j = k; j < row; j++) across = Math.Max(across, Num<T>.Abs1(a[row * n + j]));
                for (long i = row + 1; i < n; i++) across = Math.Max(across, Num<T>.Abs1(a[i * n + row]));
                if (diagonal >= alpha * most * (most / across)) kp = k;
                else
                {
                    kp = row;
                    if ((h ? Math.Abs(Num<T>.Re(a[row * n + row])) : Num<T>.Abs1(a[row * n + row])) < alpha * across) step = 2;
                }
            }
            long kk = k + step - 1;
            if (kp != kk) Interchange(a, n, k, kk, kp, step, h);
            if (h)
            {
                a[k * n + k] = Num<T>.Of(Num<T>.Re(a[k * n + k]));
                if (step == 2) a[(k + 1) * n + k + 1] = Num<T>.Of(Num<T>.Re(a[(k + 1) * n + k + 1]));
            }
            if (step == 1) Eliminate1(a, n, k, h);
            else Eliminate2(a, n, k, h);
            if (step == 1) pivots[k] = (int)kp + 1;
            else pivots[k] = pivots[k + 1] = -(int)kp - 1;
            k += step;
        }
        *(int*)y[2] = info;
    }

    // Rows and columns kk and kp of the remaining matrix change places; only its lower triangle is kept.
    static void Interchange<T>(T* a, long n, long k, long kk, long kp, long step, bool h) where T : unmanaged, INumberBase<T>
    {
        for (long i = kp + 1; i < n; i++) (a[i * n + kk], a[i * n + kp]) = (a[i * n + kp], a[i * n + kk]);
        for (long j = kk + 1; j < kp; j++)
            (a[j * n + kk], a[kp * n + j]) = h ? (Num<T>.Conj(a[kp * n + j]), Num<T>.Conj(a[j * n + kk])) : (a[kp * n + j], a[j * n + kk]);
        if (h) a[kp * n + kk] = Num<T>.Conj(a[kp * n + kk]);
        (a[kk * n + kk], a[kp * n + kp]) = (a[kp * n + kp], a[kk * n + kk]);
        if (step == 2) (a[(k + 1) * n + k], a[kp * n + k]) = (a[kp * n + k], a[(k + 1) * n + k]);
    }

    static void Eliminate1<T>(T* a, long n, long k, bool h) where T : unmanaged, INumberBase<T>
    {
        T r = T.One / a[k * n + k];
        for (long i = k + 1; i < n; i++)
        {
            T l = a[i * n + k] * r;
            for (long j = k + 1; j <= i; j++) a[i * n + j] -= l * (h ? Num<T>.Conj(a[j * n + k]) : a[j * n + k]);
        }
        for (long i = k + 1; i < n; i++) a[i * n + k] *= r;
    }

    // Columns k and k + 1 times the inverse of their block, scaled by its element below the diagonal so that nothing overflows.
    static void Eliminate2<T>(T* a, long n, long k, bool h) where T : unmanaged, INumberBase<T>
    {
        T off = a[(k + 1) * n + k], first = a[k * n + k], second = a[(k + 1) * n + k + 1], unit = T.One;
        if (h)
        {
            T size = Num<T>.Of(Num<T>.Abs(off));
            unit = off / size;
            off = size;
        }
        T d11 = second / off, d22 = first / off, t = T.One / (d11 * d22 - T.One) / off, bar = h ? Num<T>.Conj(unit) : unit;
        for (long j = k + 2; j < n; j++)
        {
            T p = a[j * n + k], q = a[j * n + k + 1];
            T u = t * (d11 * p - unit * q), v = t * (d22 * q - bar * p);
            T cu = h ? Num<T>.Conj(u) : u, cv = h ? Num<T>.Conj(v) : v;
            for (long i = j; i < n; i++) a[i * n + j] -= a[i * n + k] * cu + a[i * n + k + 1] * cv;
            (a[j * n + k], a[j * n + k + 1]) = (u, v);
        }
    }
}

/// <summary>A X = B by <see cref="LdlKernel"/>: L and D, pivots, B → X.</summary>
internal readonly unsafe record struct LdlSolveKernel(long N, long Columns, bool Hermitian) : IDense
{
    public double Work => (double)N * N * Columns;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        T* a = (T*)x[0], b = (T*)y[0];
        int* pivots = (int*)x[1];
        long n = N, c = Columns;
        bool h = Hermitian && Num<T>.IsComplex;
        Rows.Copy(n * c, (T*)x[2], b);
        for (long k = 0; k < n;)
        {
            bool two = pivots[k] < 0;
            long kp = Math.Abs(pivots[k]) - 1, at = two ? k + 1 : k;
            if (kp != at) Rows.Swap(c, b + at * c, b + kp * c);
            for (long i = at + 1; i < n; i++)
                for (long j = k; j <= at; j++) Rows.AddScaled(c, -a[i * n + j], b + j * c, b + i * c);
            if (two)
            {
                T off = a[(k + 1) * n + k], up = h ? Num<T>.Conj(off) : off, d1 = a[k * n + k] / up, d2 = a[(k + 1) * n + k + 1] / off, t = d1 * d2 - T.One;
                for (long j = 0; j < c; j++)
                {
                    T p = b[k * c + j] / up, q = b[(k + 1) * c + j] / off;
                    (b[k * c + j], b[(k + 1) * c + j]) = ((d2 * p - q) / t, (d1 * q - p) / t);
                }
            }
            else
                for (long j = 0; j < c; j++) b[k * c + j] /= a[k * n + k];
            k = at + 1;
        }
        for (long k = n - 1; k >= 0;)
        {
            bool two = pivots[k] < 0;
            long first = two ? k - 1 : k;
            for (long j = first; j <= k; j++)
                for (long i = k + 1; i < n; i++) Rows.AddScaled(c, -(h ? Num<T>.Conj(a[i * n + j]) : a[i * n + j]), b + i * c, b + j * c);
            long kp = Math.Abs(pivots[k]) - 1;
            if (kp != k) Rows.Swap(c, b + k * c, b + kp * c);
            k = first - 1;
        }
    }
}
