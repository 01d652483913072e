using System.Numerics;

namespace Flambeau.Backends.Dense;

/// <summary>A real Hessenberg matrix made quasi-triangular by Francis' double-shift QR steps, with LAPACK's shifts and tests for small elements.</summary>
internal static unsafe class RealSchur
{
    const double Eps = 2.220446049250313e-16, Tiny = 2.2250738585072014e-308;

    /// <summary>h ← Zᵀ h Z, q ← q Z; blocks of size 2 on the diagonal belong to conjugate pairs and have equal diagonal elements. False where it does not converge.</summary>
    public static bool Run(double* h, double* q, long n)
    {
        double small = Tiny * (n / Eps);
        double* v = stackalloc double[3];
        long budget = 30 * Math.Max(10, n);
        for (long i = n - 1; i >= 0;)
        {
            long l = 0;
            bool done = false;
            for (long step = 0; step <= budget; step++)
            {
                long k = i;
                for (; k > l; k--) if (IsSmall(h, n, k, l, i, small)) break;
                l = k;
                if (l > 0) h[l * n + l - 1] = 0;
                if (l >= i - 1)
                {
                    done = true;
                    break;
                }
                Shifts(h, n, l, i, step, out double r1, out double i1, out double r2, out double i2);
                long m = Start(h, n, l, i, r1, i1, r2, i2, v);
                for (k = m; k < i; k++) Chase(h, q, n, k, m, l, i, v);
            }
            if (!done) return false;
            if (l == i - 1) Standardize(h, q, n, i - 1);
            i = l - 1;
        }
        return true;
    }

    // Whether h[k, k−1] may be called 0 (Ahues and Tisseur 1997).
    static bool IsSmall(double* h, long n, long k, long l, long i, double small)
    {
        double below = Math.Abs(h[k * n + k - 1]), above = Math.Abs(h[(k - 1) * n + k]), a = h[(k - 1) * n + k - 1], b = h[k * n + k], size = Math.Abs(a) + Math.Abs(b);
        if (below <= small) return true;
        if (size == 0)
        {
            if (k - 2 >= 0) size += Math.Abs(h[(k - 1) * n + k - 2]);
            if (k + 1 < n) size += Math.Abs(h[(k + 1) * n + k]);
        }
        if (below > Eps * size) return false;
        double most = Math.Max(below, above), least = Math.Min(below, above), high = Math.Max(Math.Abs(b), Math.Abs(a - b)), low = Math.Min(Math.Abs(b), Math.Abs(a - b)), s = high + most;
        return least * (most / s) <= Math.Max(small, Eps * (low * (high / s)));
    }

    // The eigenvalues of the last block of two; of two real ones twice the one nearer to the last element.
    static void Shifts(double* h, long n, long l, long i, long step, out double r1, out double i1, out double r2, out double i2)
    {
        double h11, h12, h21, h22;
        if (step % 20 == 10)
        {
            double s = Math.Abs(h[(l + 1) * n + l]) + Math.Abs(h[(l + 2) * n + l + 1]);
            h11 = h22 = 0.75 * s + h[l * n + l];
            (h12, h21) = (-0.4375 * s, s);
        }
        else if (step % 20 == 0 && step > 0)
        {
            double s = Math.Abs(h[i * n + i - 1]) + Math.Abs(h[(i - 1) * n + i - 2]);
            h11 = h22 = 0.75 * s + h[i * n + i];
            (h12, h21) = (-0.4375 * s, s);
        }
        else (h11, h12, h21, h22) = (h[(i - 1) * n + i - 1], h[(i - 1) * n + i], h[i * n + i - 1], h[i * n + i]);
        double scale = Math.Abs(h11) + Math.Abs(h12) + Math.Abs(h21) + Math.Abs(h22);
        (r1, i1, r2, i2) = (0, 0, 0, 0);
        if (scale == 0) return;
        (h11, h12, h21, h22) = (h11 / scale, h12 / scale, h21 / scale, h22 / scale);
        double mean = (h11 + h22) / 2, det = (h11 - mean) * (h22 - mean) - h12 * h21, root = Math.Sqrt(Math.Abs(det));
        if (det >= 0)
        {
            r1 = r2 = mean * scale;
            (i1, i2) = (root * scale, -root * scale);
        }
        else r1 = r2 = scale * (Math.Abs(mean + root - h22) <= Math.Abs(mean - root - h22) ? mean + root : mean - root);
    }

    // Where the step may begin: two consecutive small subdiagonal elements; v is the first column of the shifted product there.
    static long Start(double* h, long n, long l, long i, double r1, double i1, double r2, double i2, double* v)
    {
        long m = i - 2;
        for (; ; m--)
        {
            double a = h[m * n + m], b = h[(m + 1) * n + m + 1], below = h[(m + 1) * n + m];
            double s = Math.Abs(a - r2) + Math.Abs(i2) + Math.Abs(below), f = below / s;
            v[0] = f * h[m * n + m + 1] + (a - r1) * ((a - r2) / s) - i1 * (i2 / s);
            v[1] = f * (a + b - r1 - r2);
            v[2] = f * h[(m + 2) * n + m + 1];
            s = Math.Abs(v[0]) + Math.Abs(v[1]) + Math.Abs(v[2]);
            (v[0], v[1], v[2]) = (v[0] / s, v[1] / s, v[2] / s);
            if (m == l) return m;
            if (Math.Abs(h[m * n + m - 1]) * (Math.Abs(v[1]) + Math.Abs(v[2])) <= Eps * Math.Abs(v[0]) * (Math.Abs(h[(m - 1) * n + m - 1]) + Math.Abs(a) + Math.Abs(b))) return m;
        }
    }

    static void Chase(double* h, double* q, long n, long k, long m, long l, long i, double* v)
    {
        long size = Math.Min(3, i - k + 1);
        if (k > m) for (long r = 0; r < size; r++) v[r] = h[(k + r) * n + k - 1];
        double tau = Householder.Make(ref v[0], size - 1, v + 1, 1);
        if (k > m)
        {
            h[k * n + k - 1] = v[0];
            for (long r = 1; r < size; r++) h[(k + r) * n + k - 1] = 0;
        }
        else if (m > l) h[k * n + k - 1] *= 1 - tau;
        double v2 = v[1], v3 = size == 3 ? v[2] : 0, t2 = tau * v2, t3 = tau * v3;
        double* a = h + k * n, b = a + n, c = size == 3 ? b + n : b;
        for (long j = k; j < n; j++)
        {
            double sum = a[j] + v2 * b[j] + (size == 3 ? v3 * c[j] : 0);
            a[j] -= sum * tau;
            b[j] -= sum * t2;
            if (size == 3) c[j] -= sum * t3;
        }
        for (long j = 0; j <= Math.Min(k + 3, i); j++) Column(h + j * n + k);
        if (q != null) for (long j = 0; j < n; j++) Column(q + j * n + k);

        void Column(double* r)
        {
            double sum = r[0] + v2 * r[1] + (size == 3 ? v3 * r[2] : 0);
            r[0] -= sum * tau;
            r[1] -= sum * t2;
            if (size == 3) r[2] -= sum * t3;
        }
    }

    // The block at (k, k): triangular if its eigenvalues are real, else with equal diagonal elements.
    static void Standardize(double* h, double* q, long n, long k)
    {
        ref double a = ref h[k * n + k], b = ref h[k * n + k + 1], c = ref h[(k + 1) * n + k], d = ref h[(k + 1) * n + k + 1];
        double cs = 1, sn = 0;
        if (c == 0) return;
        if (b == 0)
        {
            (cs, sn) = (0, 1);
            (a, d) = (d, a);
            (b, c) = (-c, 0);
        }
        else if (a - d != 0 || Math.Sign(b) == Math.Sign(c))
        {
            double difference = a - d, p = 0.5 * difference, most = Math.Max(Math.Abs(b), Math.Abs(c)), least = Math.Min(Math.Abs(b), Math.Abs(c)) * Math.Sign(b) * Math.Sign(c);
            double scale = Math.Max(Math.Abs(p), most), z = p / scale * p + most / scale * least;
            if (z >= 4 * Eps)
            {
                z = p + Math.CopySign(Math.Sqrt(scale) * Math.Sqrt(z), p);
                a = d + z;
                d -= most / z * least;
                double tau = double.Hypot(c, z);
                (cs, sn) = (z / tau, c / tau);
                (b, c) = (b - c, 0);
            }
            else
            {
                double sigma = b + c, tau = double.Hypot(sigma, difference);
                cs = Math.Sqrt(0.5 * (1 + Math.Abs(sigma) / tau));
                sn = -(p / (tau * cs)) * Math.CopySign(1, sigma);
                double aa = a * cs + b * sn, bb = b * cs - a * sn, cc = c * cs + d * sn, dd = d * cs - c * sn;
                (a, b, c, d) = (aa * cs + cc * sn, bb * cs + dd * sn, cc * cs - aa * sn, dd * cs - bb * sn);
                double mean = 0.5 * (a + d);
                a = d = mean;
                if (c != 0 && b == 0)
                {
                    (b, c) = (-c, 0);
                    (cs, sn) = (-sn, cs);
                }
                else if (c != 0 && Math.Sign(b) == Math.Sign(c))
                {
                    double rb = Math.Sqrt(Math.Abs(b)), rc = Math.Sqrt(Math.Abs(c)), shift = Math.CopySign(rb * rc, c), t = 1 / Math.Sqrt(Math.Abs(b + c));
                    (a, d, b, c) = (mean + shift, mean - shift, b - c, 0);
                    double c1 = rb * t, s1 = rc * t;
                    (cs, sn) = (cs * c1 - sn * s1, cs * s1 + sn * c1);
                }
            }
        }
        else return;
        Rows.Rotate(n - k - 2, h + k * n + k + 2, h + (k + 1) * n + k + 2, cs, sn);
        for (long j = 0; j < k; j++) Turn(h + j * n + k);
        if (q != null) for (long j = 0; j < n; j++) Turn(q + j * n + k);

        void Turn(double* r) => (r[0], r[1]) = (cs * r[0] + sn * r[1], cs * r[1] - sn * r[0]);
    }

    /// <summary>A quasi-triangular t ← Gᴴ t G triangular, z ← z G; of a pair, the eigenvalue with positive imaginary part comes first.</summary>
    public static void Split(Complex* t, Complex* z, long n)
    {
        for (long k = 0; k + 1 < n; k++)
        {
            double low = t[(k + 1) * n + k].Real, up = t[k * n + k + 1].Real, mean = t[k * n + k].Real;
            if (low == 0) continue;
            double w = Math.Sqrt(Math.Abs(up)) * Math.Sqrt(Math.Abs(low)), r = double.Hypot(w, low), s = low / r;
            Complex c = new(0, w / r);                                         // (c, s): the vector to mean + i w
            for (long j = k; j < n; j++)
            {
                Complex a = t[k * n + j], b = t[(k + 1) * n + j];
                (t[k * n + j], t[(k + 1) * n + j]) = (Complex.Conjugate(c) * a + s * b, c * b - s * a);
            }
            for (long j = 0; j <= k + 1; j++) Column(t + j * n + k);
            if (z != null) for (long j = 0; j < n; j++) Column(z + j * n + k);
            t[k * n + k] = new(mean, w);
            t[(k + 1) * n + k + 1] = new(mean, -w);
            t[(k + 1) * n + k] = 0;

            void Column(Complex* x) => (x[0], x[1]) = (c * x[0] + s * x[1], Complex.Conjugate(c) * x[1] - s * x[0]);
        }
    }
}

/// <summary>A complex Hessenberg matrix made triangular by QR steps with Wilkinson's shift.</summary>
internal static unsafe class ComplexSchur
{
    const double Eps = 2.220446049250313e-16, Tiny = 2.2250738585072014e-308;

    /// <summary>h ← Zᴴ h Z, q ← q Z. False where it does not converge.</summary>
    public static bool Run(Complex* h, Complex* q, long n)
    {
        double small = Tiny * (n / Eps);
        long budget = 30 * Math.Max(10, n);
        for (long i = n - 1; i >= 0;)
        {
            long l = 0;
            bool done = false;
            for (long step = 0; step <= budget; step++)
            {
                long k = i;
                for (; k > l; k--) if (IsSmall(h, n, k, small)) break;
                l = k;
                if (l > 0) h[l * n + l - 1] = 0;
                if (l >= i)
                {
                    done = true;
                    break;
                }
                Complex shift = Shift(h, n, l, i, step);
                long m = Start(h, n, l, i, shift, out Complex v0, out Complex v1);
                for (k = m; k < i; k++)
                {
                    if (k > m) (v0, v1) = (h[k * n + k - 1], h[(k + 1) * n + k - 1]);
                    Complex alpha = v0, x = v1, tau = Householder.Make(ref alpha, 1, &x, 1), bar = Complex.Conjugate(tau);
                    if (k > m) (h[k * n + k - 1], h[(k + 1) * n + k - 1]) = (alpha, 0);
                    else if (m > l) h[k * n + k - 1] *= 1 - bar;
                    Complex* a = h + k * n, b = a + n;
                    for (long j = k; j < n; j++)
                    {
                        Complex sum = bar * (a[j] + Complex.Conjugate(x) * b[j]);
                        a[j] -= sum;
                        b[j] -= sum * x;
                    }
                    for (long j = 0; j <= Math.Min(k + 2, i); j++) Column(h + j * n + k, tau, x);
                    if (q != null) for (long j = 0; j < n; j++) Column(q + j * n + k, tau, x);
                }
            }
            if (!done) return false;
            i = l - 1;
        }
        return true;

        static void Column(Complex* r, Complex tau, Complex x)
        {
            Complex sum = tau * (r[0] + x * r[1]);
            r[0] -= sum;
            r[1] -= sum * Complex.Conjugate(x);
        }
    }

    static bool IsSmall(Complex* h, long n, long k, double small)
    {
        double below = Num<Complex>.Abs1(h[k * n + k - 1]), above = Num<Complex>.Abs1(h[(k - 1) * n + k]);
        Complex a = h[(k - 1) * n + k - 1], b = h[k * n + k];
        if (below <= small) return true;
        double size = Num<Complex>.Abs1(a) + Num<Complex>.Abs1(b);
        if (size == 0)
        {
            if (k - 2 >= 0) size += Num<Complex>.Abs1(h[(k - 1) * n + k - 2]);
            if (k + 1 < n) size += Num<Complex>.Abs1(h[(k + 1) * n + k]);
        }
        if (Complex.Abs(h[k * n + k - 1]) > Eps * size) return false;
        double most = Math.Max(below, above), least = Math.Min(below, above), high = Math.Max(Num<Complex>.Abs1(b), Num<Complex>.Abs1(a - b)),
            low = Math.Min(Num<Complex>.Abs1(b), Num<Complex>.Abs1(a - b)), s = high + most;
        return least * (most / s) <= Math.Max(small, Eps * (low * (high / s)));
    }

    // The eigenvalue of the last block of two that is nearer to the last element.
    static Complex Shift(Complex* h, long n, long l, long i, long step)
    {
        if (step % 20 == 10) return 0.75 * Complex.Abs(h[(l + 1) * n + l]) + h[l * n + l];
        if (step % 20 == 0 && step > 0) return 0.75 * Complex.Abs(h[i * n + i - 1]) + h[i * n + i];
        Complex t = h[i * n + i], u = Complex.Sqrt(h[(i - 1) * n + i]) * Complex.Sqrt(h[i * n + i - 1]);
        double s = Num<Complex>.Abs1(u);
        if (s == 0) return t;
        Complex x = 0.5 * (h[(i - 1) * n + i - 1] - t);
        double sx = Num<Complex>.Abs1(x);
        s = Math.Max(s, sx);
        Complex y = s * Complex.Sqrt(x / s * (x / s) + u / s * (u / s));
        if (sx > 0 && x.Real / sx * y.Real + x.Imaginary / sx * y.Imaginary < 0) y = -y;
        return t - u * (u / (x + y));
    }

    static long Start(Complex* h, long n, long l, long i, Complex shift, out Complex v0, out Complex v1)
    {
        for (long m = i - 1; ; m--)
        {
            Complex a = h[m * n + m], b = h[(m + 1) * n + m + 1], d = a - shift, below = h[(m + 1) * n + m];
            double s = Num<Complex>.Abs1(d) + Complex.Abs(below);
            (v0, v1) = s == 0 ? (1, 0) : (d / s, below / s);
            if (m == l || Complex.Abs(h[m * n + m - 1]) * Complex.Abs(v1) <= Eps * (Num<Complex>.Abs1(v0) * (Num<Complex>.Abs1(a) + Num<Complex>.Abs1(b)))) return m;
        }
    }
}
