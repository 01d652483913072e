using System.Numerics;

namespace Flambeau.Backends.Dense;

/// <summary>
/// A V = V diag(λ): A (real or complex) → λ and V, complex, columns of norm 1 with their largest element real; without vectors only λ.
/// Reflections make A a Hessenberg matrix, QR steps with the shifts of LAPACK's lahqr a triangular one, so that eigenvalues come in its order.
/// </summary>
internal readonly unsafe record struct EigKernel(long N, bool Real, bool Vectors) : IDense
{
    const double Eps = 2.220446049250313e-16;

    public double Work => 10.0 * N * N * N;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        if (N == 0) return;
        Complex* values = (Complex*)y[0], v = (Complex*)y[1];
        using Buffer<Complex> t = new(N * N), z = new(Vectors ? N * N : 0);
        using Buffer<double> scale = new(N);
        using Buffer<long> place = new(N);
        if (Real)
        {
            // What comes with complex results is double where the input is real.
            using Buffer<double> h = new(N * N), q = new(Vectors ? N * N : 0);
            Rows.Copy(N * N, (double*)x[0], h.At);
            Hessenberg(h.At, q.At, scale.At, place.At);
            if (!RealSchur.Run(h.At, Vectors ? q.At : null, N)) throw Diverged();
            for (long i = 0; i < N * N; i++)
            {
                t.At[i] = h.At[i];
                if (Vectors) z.At[i] = q.At[i];
            }
            RealSchur.Split(t.At, Vectors ? z.At : null, N);
        }
        else
        {
            Rows.Copy(N * N, (Complex*)x[0], t.At);
            Hessenberg(t.At, z.At, scale.At, place.At);
            if (!ComplexSchur.Run(t.At, Vectors ? z.At : null, N)) throw Diverged();
        }
        for (long i = 0; i < N; i++) values[i] = t.At[i * N + i];
        if (!Vectors) return;
        double size = 0;
        for (long i = 0; i < N; i++) for (long j = i; j < N; j++) size = Math.Max(size, Num<Complex>.Abs1(t.At[i * N + j]));
        for (long k = 0; k < N; k++)
        {
            Vector(t.At, z.At, scale.At, place.At, size, k, v);
            if (!Real) continue;
            // Real vectors to real values, and conjugate pairs.
            if (values[k].Imaginary == 0) for (long i = 0; i < N; i++) v[i * N + k] = v[i * N + k].Real;
            else if (values[k].Imaginary > 0 && k + 1 < N)
            {
                for (long i = 0; i < N; i++) v[i * N + k + 1] = Complex.Conjugate(v[i * N + k]);
                k++;
            }
        }
    }

    static LinAlgException Diverged() => new("linalg.eig: the iteration did not converge. The matrix is ill-conditioned or has too many equal eigenvalues.");

    // h ← Qᴴ D⁻¹ Pᵀ A P D Q, zero below the first subdiagonal; P, exchanges, and D, of powers of 2, balance A.
    void Hessenberg<T>(T* h, T* q, double* scale, long* place) where T : unmanaged, INumberBase<T>
    {
        long n = N;
        for (long i = 0; i < n * n; i++)
            if (!double.IsFinite(Num<T>.Abs1(h[i]))) throw new LinAlgException("linalg.eig: the matrix has elements that are infinite or not a number. Check the input with IsFinite().");
        Balance(h, scale, place);
        using Buffer<T> tau = new(n), work = new(n), vb = new(n);
        for (long j = 0; j < n - 2; j++)
        {
            long rest = n - j - 1;
            T* head = h + (j + 1) * n + j;
            T t = tau.At[j] = Householder.Make(ref *head, rest - 1, head + n, n);
            Householder.Left(Num<T>.Conj(t), head, n, head + 1, rest, rest, n, work.At);
            vb.At[0] = T.One;
            for (long i = 1; i < rest; i++) vb.At[i] = Num<T>.Conj(head[i * n]);
            for (long i = 0; i < n; i++)
            {
                T* row = h + i * n + j + 1;
                Rows.AddScaled(rest, -t * Rows.Dot(rest, vb.At, row), vb.At, row);
            }
        }
        if (Vectors)
        {
            Rows.Identity(n, n, q);
            if (n > 2) Householder.Apply(h + n, n, 1, n - 2, tau.At, adjoint: false, q + n, n - 1, n);
        }
        for (long i = 2; i < n; i++) Rows.Clear(i - 1, h + i * n);
    }

    // As LAPACK's gebal: rows that are 0 but for the diagonal move to the end and columns to the front, so that their eigenvalues stand there;
    // what is left gets rows and columns of like size. place[i]: with which line i changed its place.
    void Balance<T>(T* a, double* scale, long* place) where T : unmanaged, INumberBase<T>
    {
        long n = N, low = 0, high = n - 1;
        for (long i = 0; i < n; i++) (scale[i], place[i]) = (1, i);
        for (long j = high; j >= 0; j--)
        {
            bool alone = true;
            for (long i = 0; i <= high && alone; i++) alone = i == j || T.IsZero(a[j * n + i]);
            if (!alone) continue;
            Exchange(a, place, j, high--);
            if (high < 0) return;
            j = high + 1;
        }
        for (long j = low; j <= high; j++)
        {
            bool alone = true;
            for (long i = low; i <= high && alone; i++) alone = i == j || T.IsZero(a[i * n + j]);
            if (!alone) continue;
            Exchange(a, place, j, low++);
            j = low - 1;
        }
        bool again = true;
        while (again)
        {
            again = false;
            for (long i = low; i <= high; i++)
            {
                double c = 0, r = 0;
                for (long j = low; j <= high; j++)
                {
                    c += Num<T>.Norm(a[j * n + i]);
                    r += Num<T>.Norm(a[i * n + j]);
                }
                (c, r) = (Math.Sqrt(c), Math.Sqrt(r));
                if (c == 0 || r == 0) continue;
                double f = 1, sum = c + r;
                while (c < r / 2) { c *= 2; r /= 2; f *= 2; }
                while (c >= r * 2) { c /= 2; r *= 2; f /= 2; }
                if (c + r >= 0.95 * sum || f == 1 || scale[i] * f is > 1e150 or < 1e-150) continue;
                again = true;
                scale[i] *= f;
                for (long j = 0; j < n; j++)
                {
                    a[i * n + j] = Num<T>.Scale(a[i * n + j], 1 / f);
                    a[j * n + i] = Num<T>.Scale(a[j * n + i], f);
                }
            }
        }
    }

    void Exchange<T>(T* a, long* place, long i, long j) where T : unmanaged, INumberBase<T>
    {
        place[j] = i;
        if (i == j) return;
        Rows.Swap(N, a + i * N, a + j * N);
        for (long r = 0; r < N; r++) (a[r * N + i], a[r * N + j]) = (a[r * N + j], a[r * N + i]);
    }

    // Undoes the exchanges, the last first: those with places behind brought columns to the front, after the others.
    static void Restore(Complex* w, long* place, long n)
    {
        for (long i = n - 1; i >= 0; i--) if (place[i] > i) (w[i], w[place[i]]) = (w[place[i]], w[i]);
        for (long i = 0; i < n; i++) if (place[i] < i) (w[i], w[place[i]]) = (w[place[i]], w[i]);
    }

    // Solves (T − λ) x = 0 upwards from x_k = 1, and brings it back.
    void Vector(Complex* t, Complex* z, double* scale, long* place, double size, long k, Complex* v)
    {
        long n = N;
        using Buffer<Complex> x = new(n, clear: true);
        Complex lambda = t[k * n + k];
        double least = Math.Max(Eps * size, 1e-290);
        x.At[k] = 1;
        for (long i = k - 1; i >= 0; i--)
        {
            Complex sum = 0, d = t[i * n + i] - lambda;
            for (long j = i + 1; j <= k; j++) sum += t[i * n + j] * x.At[j];
            if (Num<Complex>.Abs1(d) < least) d = least;
            x.At[i] = -sum / d;
            if (Num<Complex>.Abs1(x.At[i]) > 1e100)
                for (long j = i; j <= k; j++) x.At[j] *= 1e-100;
        }
        double most = 0, norm = 0;
        using Buffer<Complex> w = new(n);
        for (long i = 0; i < n; i++)
        {
            Complex sum = 0;
            for (long j = 0; j <= k; j++) sum += z[i * n + j] * x.At[j];
            w.At[i] = sum * scale[i];
            most = Math.Max(most, Num<Complex>.Abs1(w.At[i]));
        }
        Restore(w.At, place, n);
        long at = 0;
        double largest = -1;
        for (long i = 0; i < n; i++)
        {
            w.At[i] /= most;
            norm += Num<Complex>.Norm(w.At[i]);
            if (Num<Complex>.Norm(w.At[i]) > largest) (largest, at) = (Num<Complex>.Norm(w.At[i]), i);
        }
        Complex factor = Complex.Conjugate(w.At[at]) / (Complex.Abs(w.At[at]) * Math.Sqrt(norm));
        for (long i = 0; i < n; i++) v[i * n + k] = i == at ? Math.Sqrt(largest / norm) : w.At[i] * factor;
    }
}
