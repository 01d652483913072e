using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Dense;

/// <summary>
/// A = V diag(λ) Vᴴ from the lower triangle of A: A → λ ascending, V; without vectors, only λ. Reflections make A tridiagonal and real,
/// implicit QL steps make it diagonal.
/// </summary>
internal readonly unsafe record struct EighKernel(long N, bool Vectors) : IDense
{
    const int StepsPerValue = 60;

    public double Work => 4.0 * N * N * N;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        T* source = (T*)x[0], v = (T*)y[1];
        double* d = (double*)y[0];
        using Buffer<T> a = new(N * N), tau = new(N), vt = new(Vectors ? N * N : 0);
        using Buffer<double> e = new(N + 1, clear: true);
        for (long i = 0; i < N; i++)
            for (long j = 0; j <= i; j++)
            {
                T z = source[i * N + j];
                if (!double.IsFinite(Num<T>.Abs1(z))) throw new LinAlgException("linalg.eigh: the matrix has elements that are infinite or not a number. Check the input with IsFinite().");
                a.At[i * N + j] = i == j ? Num<T>.Of(Num<T>.Re(z)) : z;
                a.At[j * N + i] = Num<T>.Conj(a.At[i * N + j]);
            }
        Tridiagonal(a.At, tau.At, d, e.At);
        if (Vectors)
        {
            Rows.Identity(N, N, v);
            // The reflections' vectors begin one row below the diagonal.
            if (N > 1) Householder.Apply(a.At + N, N, N - 1, tau.At, adjoint: false, v + N, N - 1, N);
            Rows.Transpose(N, N, v, vt.At, conjugate: false);
        }
        Diagonalize(d, e.At, vt.At);
        for (long i = 0; i < N - 1; i++)
        {
            long best = i;
            for (long j = i + 1; j < N; j++) if (d[j] < d[best]) best = j;
            if (best == i) continue;
            (d[i], d[best]) = (d[best], d[i]);
            if (Vectors) Rows.Swap(N, vt.At + i * N, vt.At + best * N);
        }
        if (Vectors) Rows.Transpose(N, N, vt.At, v, conjugate: false);
    }

    // A ← Hᴴ A H column by column: A − v wᴴ − w vᴴ with w = τ A v − ½ |τ|² (vᴴ A v) v.
    void Tridiagonal<T>(T* a, T* tau, double* d, double* e) where T : unmanaged, INumberBase<T>
    {
        using Buffer<T> vb = new(N), wb = new(N), w = new(N);
        for (long j = 0; j < N; j++)
        {
            d[j] = Num<T>.Re(a[j * N + j]);
            long n = N - j - 1;
            if (n == 0) break;
            T* head = a + (j + 1) * N + j;
            T t = tau[j] = Householder.Make(ref *head, n - 1, head + N, N);
            e[j] = Num<T>.Re(*head);
            if (T.IsZero(t)) continue;
            vb.At[0] = T.One;
            for (long i = 1; i < n; i++) vb.At[i] = Num<T>.Conj(head[i * N]);
            T* b = head + 1;
            Threads.For(n, 1 + RowWork / n, new Products<T>(b, N, n, vb.At, w.At));
            double sum = 0;
            for (long i = 0; i < n; i++) sum += Num<T>.Re(vb.At[i] * w.At[i]);
            T half = Num<T>.Of(Num<T>.Norm(t) * sum / 2);
            for (long i = 0; i < n; i++)
            {
                w.At[i] = t * w.At[i] - half * Num<T>.Conj(vb.At[i]);
                wb.At[i] = Num<T>.Conj(w.At[i]);
            }
            Threads.For(n, 1 + RowWork / n, new RankTwo<T>(b, N, n, vb.At, w.At, wb.At));
        }
    }

    const long RowWork = 1 << 14;                      // elements worth a thread's while

    /// <summary>wᵢ = (A v)ᵢ</summary>
    readonly struct Products<T>(T* a, long ld, long n, T* vb, T* w) : IRangeBody where T : unmanaged, INumberBase<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++) w[i] = Rows.Dot(n, vb, a + i * ld);
        }
    }

    /// <summary>A −= v wᴴ + w vᴴ in one pass over A, which does not stay in cache.</summary>
    readonly struct RankTwo<T>(T* a, long ld, long n, T* vb, T* w, T* wb) : IRangeBody where T : unmanaged, INumberBase<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            for (long i = begin; i < end; i++) Rows.AddScaled(n, -Num<T>.Conj(vb[i]), wb, -w[i], vb, a + i * ld);
        }
    }

    void Diagonalize<T>(double* d, double* e, T* vt) where T : unmanaged, INumberBase<T>
    {
        const double eps = 1.1102230246251565e-16;
        for (long l = 0; l < N; l++)
            for (int step = 0; ; step++)
            {
                long m = l;
                while (m < N - 1 && Math.Abs(e[m]) > eps * (Math.Abs(d[m]) + Math.Abs(d[m + 1]))) m++;
                if (m == l) break;
                if (step == StepsPerValue) throw new LinAlgException("linalg.eigh: the iteration did not converge. The matrix is ill-conditioned or has too many equal eigenvalues.");
                double g = (d[l + 1] - d[l]) / (2 * e[l]), r = double.Hypot(g, 1);
                g = d[m] - d[l] + e[l] / (g + Math.CopySign(r, g));
                double s = 1, c = 1, p = 0;
                long i = m - 1;
                for (; i >= l; i--)
                {
                    double f = s * e[i], b = c * e[i];
                    e[i + 1] = r = double.Hypot(f, g);
                    if (r == 0)
                    {
                        d[i + 1] -= p;
                        e[m] = 0;
                        break;
                    }
                    (s, c) = (f / r, g / r);
                    g = d[i + 1] - p;
                    r = (d[i] - g) * s + 2 * c * b;
                    p = s * r;
                    d[i + 1] = g + p;
                    g = c * r - b;
                    if (Vectors) Rows.Rotate(N, vt + (i + 1) * N, vt + i * N, c, s);
                }
                if (r == 0 && i >= l) continue;
                d[l] -= p;
                e[l] = g;
                e[m] = 0;
            }
    }
}
