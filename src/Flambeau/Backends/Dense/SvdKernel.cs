using System.Numerics;

namespace Flambeau.Backends.Dense;

/// <summary>
/// A = U S Vᴴ: A (m×n) → U (m×u), S descending, Vᴴ (v×n); without vectors, only S. Reflections make A bidiagonal and real, implicit QR
/// steps make it diagonal (Golub and Reinsch 1970).
/// </summary>
internal readonly unsafe record struct SvdKernel(long M, long N, bool Full, bool Vectors) : IDense
{
    const int StepsPerValue = 60;

    public double Work => 8.0 * M * N * Math.Min(M, N);

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        T* a = (T*)x[0], u = (T*)y[0], vh = (T*)y[2];
        double* s = (double*)y[1];
        long m = Math.Max(M, N), n = Math.Min(M, N), wide = Full ? m : n;
        using Buffer<T> b = new(m * n), ut = new(Vectors ? m * wide : 0), vt = new(Vectors ? n * n : 0);
        if (M >= N) Rows.Copy(m * n, a, b.At);
        else Rows.Transpose(M, N, a, b.At);
        for (long i = 0; i < m * n; i++)
            if (!double.IsFinite(Num<T>.Abs1(b.At[i]))) throw new LinAlgException("linalg.svd: the matrix has elements that are infinite or not a number. Check the input with IsFinite().");
        using Buffer<double> e = new(n + 1, clear: true);
        // Much longer than wide: R first, and its columns; as LAPACK decides, so that the added columns of a full U are its.
        if (m > n && m >= (long)(n * (Num<T>.IsComplex ? 17.0 / 9 : 11.0 / 6)))
        {
            using Buffer<T> r = new(n * n), tau = new(n), part = new(Vectors ? n * n : 0), q = new(Vectors ? m * wide : 0);
            Householder.Factor(b.At, m, n, tau.At);
            for (long i = 0; i < n; i++)
                for (long j = 0; j < n; j++) r.At[i * n + j] = i <= j ? b.At[i * n + j] : T.Zero;
            Bidiagonal(r.At, n, n, n, s, e.At, part.At, vt.At);
            if (Vectors)
            {
                // Q (U 0; 0 1)
                Rows.Clear(m * wide, q.At);
                for (long i = 0; i < n; i++)
                    for (long j = 0; j < n; j++) q.At[i * wide + j] = part.At[j * n + i];
                for (long i = n; i < wide; i++) q.At[i * wide + i] = T.One;
                Householder.Apply(b.At, n, 1, n, tau.At, adjoint: false, q.At, m, wide);
                Rows.Transpose(m, wide, q.At, ut.At, conjugate: false);
            }
        }
        else Bidiagonal(b.At, m, n, wide, s, e.At, ut.At, vt.At);
        Diagonalize(s, e.At, n, ut.At, m, vt.At);
        Sort(s, n, ut.At, m, vt.At);
        if (!Vectors) return;
        // Rows of ut and vt are columns of U and V, or of V and U where A was turned.
        if (M >= N)
        {
            Rows.Transpose(wide, m, ut.At, u, conjugate: false);
            for (long i = 0; i < n * n; i++) vh[i] = Num<T>.Conj(vt.At[i]);
        }
        else
        {
            Rows.Transpose(n, n, vt.At, u, conjugate: false);
            for (long i = 0; i < wide * m; i++) vh[i] = Num<T>.Conj(ut.At[i]);
        }
    }

    // a = Q B Pᴴ with B real: diagonal d, above it e. Qᵀ and Pᵀ are formed if wanted.
    void Bidiagonal<T>(T* a, long m, long n, long wide, double* d, double* e, T* qt, T* pt) where T : unmanaged, INumberBase<T>
    {
        using Buffer<T> tauQ = new(n), tauP = new(n), work = new(Math.Max(m, n));
        for (long j = 0; j < n; j++)
        {
            T* corner = a + j * n + j, row = corner + 1;
            long rest = n - j - 1;
            T tauLeft = tauQ.At[j] = Householder.Make(ref *corner, m - j - 1, corner + n, n), tau = tauP.At[j] = T.Zero;
            d[j] = Num<T>.Re(*corner);
            if (rest == 0) continue;
            // vᴴ A, and then what it does to this row; to those below it does it when they are reflected themselves.
            tauLeft = -Num<T>.Conj(tauLeft);
            T* above = work.At;
            Rows.Copy(rest, row, above);
            long below = j + 1;
            for (; below + 2 <= m; below += 2)
                Rows.AddScaled(rest, Num<T>.Conj(a[below * n + j]), a + below * n + j + 1, Num<T>.Conj(a[(below + 1) * n + j]), a + (below + 1) * n + j + 1, above);
            if (below < m) Rows.AddScaled(rest, Num<T>.Conj(a[below * n + j]), a + below * n + j + 1, above);
            Rows.AddScaled(rest, tauLeft, above, row);
            // The row's conjugate is reflected; what stays in the row is v̄ with its 1 at first.
            for (long i = 0; i < rest; i++) row[i] = Num<T>.Conj(row[i]);
            tau = tauP.At[j] = Householder.Make(ref row[0], rest - 1, row + 1, 1);
            e[j] = Num<T>.Re(row[0]);
            row[0] = T.One;
            for (long i = 0; i < rest; i++) row[i] = Num<T>.Conj(row[i]);
            for (long i = j + 1; i < m; i++)
            {
                T* r = a + i * n + j + 1;
                Rows.AddScaled(rest, -Rows.AddScaledDot(rest, tauLeft * r[-1], above, r, row) * tau, row, r);
            }
        }
        if (!Vectors) return;
        using Buffer<T> q = new(m * wide), p = new(n * n);
        Rows.Identity(m, wide, q.At);
        Householder.Apply(a, n, 1, n, tauQ.At, adjoint: false, q.At, m, wide, isIdentity: true);
        Rows.Transpose(m, wide, q.At, qt, conjugate: false);
        Rows.Identity(n, n, p.At);
        for (long j = 0; j < n && Num<T>.IsComplex; j++)
            for (long i = j + 1; i < n; i++) a[j * n + i] = Num<T>.Conj(a[j * n + i]);
        if (n > 1) Householder.Apply(a + 1, 1, n, n - 1, tauP.At, adjoint: false, p.At + n, n - 1, n);
        Rows.Transpose(n, n, p.At, pt, conjugate: false);
    }

    // The diagonal d and, above it, e, of which the first n − 1 count, by implicit QR steps with Wilkinson's shift.
    void Diagonalize<T>(double* d, double* e, long n, T* ut, long m, T* vt) where T : unmanaged, INumberBase<T>
    {
        const double eps = 2.220446049250313e-16, tiny = 1e-300;
        double most = 0;
        for (long i = 0; i < n; i++) most = Math.Max(most, Math.Max(Math.Abs(d[i]), i < n - 1 ? Math.Abs(e[i]) : 0));
        long steps = 0, p = n;
        while (p > 0)
        {
            long k = p - 2;
            for (; k >= 0; k--)
                if (Math.Abs(e[k]) <= tiny + eps * (Math.Abs(d[k]) + Math.Abs(d[k + 1])))
                {
                    e[k] = 0;
                    break;
                }
            if (k == p - 2)
            {
                p--;
                continue;
            }
            if (++steps > StepsPerValue * n) throw new LinAlgException("linalg.svd: the iteration did not converge. The matrix is ill-conditioned or has too many equal singular values.");
            k++;                                                               // the block k…p−1 hangs together
            long zero = -1;
            for (long i = p - 1; i >= k && zero < 0; i--) if (Math.Abs(d[i]) <= tiny + eps * eps * most) zero = i;
            if (zero == p - 1) ClearColumn(k, p, d, e, vt, n);
            else if (zero >= 0) ClearRow(zero, p, d, e, ut, m);
            else Step(k, p, d, e, ut, m, vt, n);
        }
        for (long i = 0; i < n; i++)
            if (d[i] < 0)
            {
                d[i] = -d[i];
                if (Vectors) Rows.Scale(n, -T.One, vt + i * n);
            }
    }

    // The last diagonal element is 0: what stands above it is rotated away to the left.
    void ClearColumn<T>(long k, long p, double* d, double* e, T* vt, long n) where T : unmanaged, INumberBase<T>
    {
        double f = e[p - 2];
        (d[p - 1], e[p - 2]) = (0, 0);
        for (long j = p - 2; j >= k; j--)
        {
            double t = Turn(d[j], f, out double c, out double s);
            d[j] = t;
            if (j > k) (f, e[j - 1]) = (-s * e[j - 1], c * e[j - 1]);
            if (Vectors) Rows.Rotate(n, vt + j * n, vt + (p - 1) * n, c, s);
        }
    }

    // A diagonal element is 0: what stands right of it is rotated away downwards.
    void ClearRow<T>(long zero, long p, double* d, double* e, T* ut, long m) where T : unmanaged, INumberBase<T>
    {
        double f = e[zero];
        (d[zero], e[zero]) = (0, 0);
        for (long j = zero + 1; j < p; j++)
        {
            double t = Turn(d[j], f, out double c, out double s);
            d[j] = t;
            if (j < p - 1) (f, e[j]) = (-s * e[j], c * e[j]);
            if (Vectors) Rows.Rotate(m, ut + j * m, ut + zero * m, c, s);
        }
    }

    void Step<T>(long k, long p, double* d, double* e, T* ut, long m, T* vt, long n) where T : unmanaged, INumberBase<T>
    {
        double scale = Math.Max(Math.Max(Math.Abs(d[p - 1]), Math.Abs(d[p - 2])), Math.Max(Math.Abs(e[p - 2]), Math.Max(Math.Abs(d[k]), Math.Abs(e[k]))));
        double last = d[p - 1] / scale, before = d[p - 2] / scale, between = e[p - 2] / scale, first = d[k] / scale, next = e[k] / scale;
        double b = ((before + last) * (before - last) + between * between) / 2, c2 = last * between * (last * between), shift = 0;
        if (b != 0 || c2 != 0) shift = c2 / (b + Math.CopySign(Math.Sqrt(b * b + c2), b));
        double f = (first + last) * (first - last) + shift, g = first * next;
        for (long j = k; j < p - 1; j++)
        {
            double t = Turn(f, g, out double c, out double s);
            if (j > k) e[j - 1] = t;
            (f, e[j]) = (c * d[j] + s * e[j], c * e[j] - s * d[j]);
            (g, d[j + 1]) = (s * d[j + 1], c * d[j + 1]);
            if (Vectors) Rows.Rotate(n, vt + j * n, vt + (j + 1) * n, c, s);
            d[j] = Turn(f, g, out c, out s);
            (f, d[j + 1]) = (c * e[j] + s * d[j + 1], c * d[j + 1] - s * e[j]);
            if (j < p - 2) (g, e[j + 1]) = (s * e[j + 1], c * e[j + 1]);
            if (Vectors) Rows.Rotate(m, ut + j * m, ut + (j + 1) * m, c, s);
        }
        e[p - 2] = f;
    }

    static double Turn(double f, double g, out double c, out double s)
    {
        double t = Rows.Hypot(f, g);
        (c, s) = t == 0 ? (1, 0) : (f / t, g / t);
        return t;
    }

    void Sort<T>(double* d, long n, T* ut, long m, T* vt) where T : unmanaged
    {
        for (long i = 0; i < n - 1; i++)
        {
            long best = i;
            for (long j = i + 1; j < n; j++) if (d[j] > d[best]) best = j;
            if (best == i) continue;
            (d[i], d[best]) = (d[best], d[i]);
            if (!Vectors) continue;
            Rows.Swap(m, ut + i * m, ut + best * m);
            Rows.Swap(n, vt + i * n, vt + best * n);
        }
    }
}
