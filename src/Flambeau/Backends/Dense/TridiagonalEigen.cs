using System.Numerics;
using MatrixProduct = Flambeau.Backends.Cpu.Gemm;

namespace Flambeau.Backends.Dense;

/// <summary>
/// Eigenvalues and vectors of a tridiagonal real matrix, by divide and conquer (Cuppen 1981): of T = (T₁ 0; 0 T₂) + ρ z zᵀ the eigenvalues are the roots of
/// 1 + ρ Σ zᵢ²/(dᵢ − λ), the vectors those of the parts times ẑᵢ/(dᵢ − λ), a matrix product. ẑ is the vector to which the computed roots belong exactly (Gu and
/// Eisenstat 1994), so that vectors are orthogonal however close roots are. Where z has a zero, or d equal neighbours, nothing is to be done: less than half of
/// the vectors of most matrices come into the last products.
/// </summary>
internal static unsafe class TridiagonalEigen
{
    const long Leaf = 32;
    const int StepsPerValue = 60, StepsPerRoot = 100;
    const int Patience = 20;                          // steps after which an error in relation to the largest eigenvalue, which is about 1, is small enough
    const double Eps = 1.1102230246251565e-16;

    /// <summary>Diagonal d, beside it e (n − 1, and room for one more): d becomes the eigenvalues, ascending. Rows of v (n×n), if it is not null, become the vectors.</summary>
    public static void Run(long n, double* d, double* e, double* v)
    {
        double most = 0;
        for (long i = 0; i < n; i++) most = Math.Max(most, Math.Max(Math.Abs(d[i]), i < n - 1 ? Math.Abs(e[i]) : 0));
        double scale = most == 0 ? 1 : Math.ScaleB(1, -Math.Clamp(Math.ILogB(most), -1000, 1000));
        for (long i = 0; i < n; i++) (d[i], e[i]) = (d[i] * scale, i < n - 1 ? e[i] * scale : 0);
        if (v == null || n <= Leaf)
        {
            if (v != null) Rows.Identity(n, n, v);
            Steps(n, d, e, v, n);
            Sort(n, d, v);
        }
        else Divide(n, d, e, v);
        for (long i = 0; i < n; i++) d[i] /= scale;
    }

    static void Sort(long n, double* d, double* v)
    {
        for (long i = 0; i < n - 1; i++)
        {
            long best = i;
            for (long j = i + 1; j < n; j++) if (d[j] < d[best]) best = j;
            if (best == i) continue;
            (d[i], d[best]) = (d[best], d[i]);
            if (v != null) Rows.Swap(n, v + i * n, v + best * n);
        }
    }

    static void Divide(long n, double* d, double* e, double* v)
    {
        long leaves = 2;
        while (n > leaves * Leaf) leaves *= 2;
        using Buffer<double> rows = new(n * n), u = new(n * n);
        using Buffer<int> order = new(n);
        Rows.Clear(n * n, v);
        for (long s = 1; s < leaves; s++)
        {
            long cut = s * n / leaves;
            double beta = Math.Abs(e[cut - 1]);
            d[cut - 1] -= beta;
            d[cut] -= beta;
        }
        Threads.For(leaves, 1, new Leaves(n, leaves, d, e, v, order.At));
        for (long parts = leaves / 2; parts > 0; parts /= 2) Threads.For(parts, 1, new Merges(n, parts, d, e, v, rows.At, u.At, order.At));
        Rows.Copy(n, d, u.At);
        for (long i = 0; i < n; i++)
        {
            d[i] = u.At[order.At[i]];
            Rows.Copy(n, v + order.At[i] * n, rows.At + i * n);
        }
        Rows.Copy(n * n, rows.At, v);
    }

    readonly struct Leaves(long n, long leaves, double* d, double* e, double* v, int* order) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            using Buffer<double> beside = new(Leaf + 1);
            for (long s = begin; s < end; s++)
            {
                long first = s * n / leaves, size = (s + 1) * n / leaves - first;
                Rows.Copy(size - 1, e + first, beside.At);
                for (long i = first; i < first + size; i++) v[i * n + i] = 1;
                Steps(size, d + first, beside.At, v + first * n + first, n);
                Order(size, d + first, order + first);
            }
        }
    }

    readonly struct Merges(long n, long parts, double* d, double* e, double* v, double* rows, double* u, int* order) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            for (long s = begin; s < end; s++)
            {
                long first = 2 * s * n / (2 * parts), cut = (2 * s + 1) * n / (2 * parts), size = (2 * s + 2) * n / (2 * parts) - first, at = first * n;
                new RankOne(cut - first, size, n, d + first, e[cut - 1], v + at + first, rows + at, u + at, order + first).Run();
            }
        }
    }

    /// <summary>order: the numbers of d's elements, as they ascend.</summary>
    public static void Order(long n, double* d, int* order)
    {
        using Buffer<double> keys = new(n);
        Rows.Copy(n, d, keys.At);
        for (int i = 0; i < n; i++) order[i] = i;
        new Span<double>(keys.At, (int)n).Sort(new Span<int>(order, (int)n));
    }

    /// <summary>Implicit QL steps, their rotations applied to the rows of v (n long, ld apart) if it is not null. e is overwritten, and has n elements. Not sorted.</summary>
    static void Steps(long n, double* d, double* e, double* v, long ld)
    {
        for (long l = 0; l < n; l++)
            for (int step = 0; ; step++)
            {
                long m = l;
                while (m < n - 1 && Math.Abs(e[m]) > Eps * (Math.Abs(d[m]) + Math.Abs(d[m + 1]) + (step < Patience ? 0 : 1))) m++;
                if (m == l) break;
                if (step == StepsPerValue) throw new LinAlgException("linalg.eigh: the iteration did not converge. The matrix is ill-conditioned or has too many equal eigenvalues.");
                double g = (d[l + 1] - d[l]) / (2 * e[l]), r = Rows.Hypot(g, 1);
                g = d[m] - d[l] + e[l] / (g + Math.CopySign(r, g));
                double s = 1, c = 1, p = 0;
                long i = m - 1;
                for (; i >= l; i--)
                {
                    double f = s * e[i], b = c * e[i];
                    e[i + 1] = r = Rows.Hypot(f, g);
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
                    if (v != null) Rows.Rotate(n, v + (i + 1) * ld, v + i * ld, c, s);
                }
                if (r == 0 && i >= l) continue;
                d[l] -= p;
                e[l] = g;
                e[m] = 0;
            }
    }

    /// <summary>
    /// Two solved parts, n₁ of n, become one: rows of v (ld apart) are their vectors, zero where the other part is; order sorts d within each. Afterwards, it sorts all.
    /// rows and u have room for n × n.
    /// </summary>
    readonly struct RankOne(long n1, long n, long ld, double* d, double beta, double* v, double* rows, double* u, int* order)
    {
        public void Run()
        {
            double rho = 2 * Math.Abs(beta);
            using Buffer<double> room = new(7 * n);
            using Buffer<int> numbers = new(5 * n);
            double* z = room.At, kept = z + n, zs = kept + n, poles = zs + n, zh = poles + n, origins = zh + n, shifts = origins + n;
            int* sorted = numbers.At, live = sorted + n, gone = live + n, kind = gone + n, place = kind + n;
            double most = 0;
            for (long i = 0; i < n; i++)
            {
                z[i] = Math.Sqrt(0.5) * (i < n1 ? v[i * ld + n1 - 1] : Math.CopySign(1, beta) * v[i * ld + n1]);
                kind[i] = i < n1 ? 0 : 2;
                most = Math.Max(most, Math.Max(Math.Abs(d[i]), Math.Abs(z[i])));
            }
            for (long i = 0, a = 0, b = n1; i < n; i++) sorted[i] = b == n || (a < n1 && d[order[a]] <= d[n1 + order[b]]) ? order[a++] : (int)n1 + order[b++];
            long k = Deflate(rho, 8 * Eps * most, z, sorted, kind, live, gone);
            long* counts = stackalloc long[] { 0, 0, 0 };
            for (long i = 0, p = 0; p < 3; p++)
                for (long j = 0; j < k; j++)
                    if (kind[live[j]] == p)
                    {
                        (poles[i], zh[i], place[j]) = (d[live[j]], z[live[j]], (int)i);
                        i++;
                        counts[p]++;
                    }
            for (long j = 0; j < k; j++) (kept[j], zs[j]) = (d[live[j]], z[live[j]]);
            Threads.For(k, 8, new Secular(k, kept, zs, rho, origins, shifts));
            Threads.For(k, 32, new Weights(k, poles, zh, kept, place, origins, shifts));
            Threads.For(k, 8, new Vectors(k, poles, zh, origins, shifts, u));

            // Rows by kind: of the first part, of both, of the second; then those that stay.
            long top = counts[0] + counts[1], n2 = n - n1;
            double* low = rows + top * n1, rest = low + (counts[1] + counts[2]) * n2;
            for (long j = 0; j < k; j++)
            {
                double* row = v + live[j] * ld;
                if (place[j] < top) Rows.Copy(n1, row, rows + place[j] * n1);
                if (place[j] >= counts[0]) Rows.Copy(n2, row + n1, low + (place[j] - counts[0]) * n2);
            }
            for (long j = 0; j < n - k; j++)
            {
                Rows.Copy(n, v + gone[j] * ld, rest + j * n);
                kept[k + j] = d[gone[j]];
            }
            MatrixProduct.Run(k, n1, top, u, k, 1, rows, n1, 1, v, ld, 1, accumulate: false, null);
            MatrixProduct.Run(k, n2, k - counts[0], u + counts[0], k, 1, low, n2, 1, v + n1, ld, 1, accumulate: false, null);
            for (long j = 0; j < n - k; j++) Rows.Copy(n, rest + j * n, v + (k + j) * ld);
            for (long j = 0; j < k; j++) kept[j] = origins[j] + shifts[j];
            Rows.Copy(n, kept, d);
            Order(n, d, order);
        }

        // Whose z is negligible is an eigenvector already; of two whose d are equal, a rotation makes one such. Answers how many live.
        long Deflate(double rho, double tolerance, double* z, int* sorted, int* kind, int* live, int* gone)
        {
            long k = 0, dead = 0;
            int last = -1;
            for (long i = 0; i < n; i++)
            {
                int j = sorted[i];
                if (rho * Math.Abs(z[j]) <= tolerance)
                {
                    gone[dead++] = j;
                    continue;
                }
                if (last >= 0)
                {
                    double r = Rows.Hypot(z[j], z[last]), c = z[j] / r, s = -z[last] / r;
                    if (Math.Abs((d[j] - d[last]) * c * s) <= tolerance)
                    {
                        (z[j], z[last]) = (r, 0);
                        if (kind[j] != kind[last]) kind[j] = kind[last] = 1;
                        Rows.Rotate(n, v + last * ld, v + j * ld, c, s);
                        (d[last], d[j]) = (d[last] * c * c + d[j] * s * s, d[last] * s * s + d[j] * c * c);
                        gone[dead++] = last;
                    }
                    else live[k++] = last;
                }
                last = j;
            }
            if (last >= 0) live[k++] = last;
            return k;
        }
    }

    /// <summary>The roots, each as the nearest pole and the distance from it: differences from poles are then exact to a few bits.</summary>
    readonly struct Secular(long k, double* d, double* z, double rho, double* origins, double* shifts) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            for (long j = begin; j < end; j++) shifts[j] = Root(j, out origins[j]);
        }

        // Between two poles by a rational function that has these, as LAPACK's laed4 (Li 1994), inside a bracket that halves where it would leave it.
        double Root(long j, out double origin)
        {
            origin = d[j];
            if (k == 1) return rho * z[0] * z[0];
            bool isLast = j == k - 1;
            long p = isLast ? k - 2 : j, q = p + 1;
            double inverse = 1 / rho, gap = isLast ? rho * Rows.Dot(k, z, z) : d[q] - d[p], middle = gap / 2;
            Sums(p, q, origin, middle, out double psi, out double dpsi, out double phi, out double dphi);
            double f = inverse + psi + phi, low = 0, high = middle, t = middle / 2;
            double zp = z[p] * z[p], zq = z[q] * z[q], c, a, b, root;
            bool isRight = f < 0;
            if (isLast)
            {
                if (isRight) (low, high) = (middle, gap);
                t = (low + high) / 2;
            }
            else
            {
                c = f + (zp - zq) / middle;                // the other poles' share stays what it is in the middle
                if (isRight)
                {
                    (origin, low, high) = (d[q], -middle, 0);
                    (a, b) = (c * gap - zp - zq, zq * gap);
                    root = Math.Sqrt(Math.Abs(a * a + 4 * b * c));
                    t = a < 0 ? 2 * b / (a - root) : -(a + root) / (2 * c);
                }
                else
                {
                    (a, b) = (c * gap + zp + zq, zp * gap);
                    root = Math.Sqrt(Math.Abs(a * a - 4 * b * c));
                    t = a > 0 ? 2 * b / (a + root) : (a - root) / (2 * c);
                }
                if (!(t > low && t < high)) t = (low + high) / 2;
            }
            double before = double.PositiveInfinity;
            bool isOther = isLast;
            for (int step = 0; step < StepsPerRoot; step++)
            {
                Sums(p, q, origin, t, out psi, out dpsi, out phi, out dphi);
                f = inverse + psi + phi;
                double df = dpsi + dphi;
                if (Math.Abs(f) <= Eps * (8 * (Math.Abs(psi) + Math.Abs(phi)) + inverse + Math.Abs(t) * df)) break;
                if (f < 0) low = t;
                else high = t;
                if (high - low <= 2 * Eps * Math.Max(Math.Abs(low), Math.Abs(high))) break;
                double dp = d[p] - origin - t, dq = d[q] - origin - t;
                if (!isLast && Math.Abs(f) > before / 10) isOther = !isOther;
                before = Math.Abs(f);
                if (isOther) c = f - dp * dpsi - dq * dphi;
                else if (isRight) c = f - dp * df - (d[q] - d[p]) * (zq / (dq * dq));
                else c = f - dq * df + (d[q] - d[p]) * (zp / (dp * dp));
                (a, b) = ((dp + dq) * f - dp * dq * df, dp * dq * f);
                if (isLast) c = Math.Abs(c);
                root = Math.Sqrt(Math.Abs(a * a - 4 * b * c));
                double eta = isLast ? a >= 0 ? (a + root) / (2 * c) : 2 * b / (a - root) : a <= 0 ? (a - root) / (2 * c) : 2 * b / (a + root);
                if (!(f * eta < 0)) eta = -f / df;
                double next = t + eta;
                if (!(next > low && next < high)) next = (low + high) / 2;
                if (next == t) break;
                t = next;
            }
            return t;
        }

        // Σ zᵢ²/(dᵢ − λ) and its derivative, of the poles up to p and from q on.
        void Sums(long p, long q, double origin, double t, out double psi, out double dpsi, out double phi, out double dphi)
        {
            Sum(0, p + 1, origin, t, out psi, out dpsi);
            Sum(q, k, origin, t, out phi, out dphi);
        }

        void Sum(long i, long end, double origin, double t, out double sum, out double slope)
        {
            Vector<double> o = new(origin), shift = new(t), s = default, ds = default;
            for (; i <= end - Vector<double>.Count; i += Vector<double>.Count)
            {
                Vector<double> x = Vector.Load(z + i), r = x / (Vector.Load(d + i) - o - shift);
                s += x * r;
                ds += r * r;
            }
            (sum, slope) = (Vector.Sum(s), Vector.Sum(ds));
            for (; i < end; i++)
            {
                double r = z[i] / (d[i] - origin - t);
                sum += z[i] * r;
                slope += r * r;
            }
        }
    }

    /// <summary>ẑᵢ² = Πⱼ (λⱼ − dᵢ) / Π (dⱼ − dᵢ), j ≠ i below, with the sign of zᵢ; poles stand in the order of rows, their roots in that of numbers.</summary>
    readonly struct Weights(long k, double* poles, double* z, double* d, int* place, double* origins, double* shifts) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            using Buffer<double> product = new(end - begin);
            double* w = product.At - begin;
            for (long i = begin; i < end; i++) w[i] = 1;
            for (long j = 0; j < k; j++)
            {
                long own = place[j];
                if (own < begin || own >= end) Multiply(begin, end, w, j);
                else
                {
                    Multiply(begin, own, w, j);
                    w[own] *= poles[own] - origins[j] - shifts[j];
                    Multiply(own + 1, end, w, j);
                }
            }
            for (long i = begin; i < end; i++) z[i] = Math.CopySign(Math.Sqrt(Math.Abs(w[i])), z[i]);
        }

        void Multiply(long i, long end, double* w, long j)
        {
            Vector<double> origin = new(origins[j]), shift = new(shifts[j]), pole = new(d[j]);
            for (; i <= end - Vector<double>.Count; i += Vector<double>.Count)
            {
                Vector<double> x = Vector.Load(poles + i);
                (Vector.Load(w + i) * ((x - origin - shift) / (x - pole))).Store(w + i);
            }
            for (; i < end; i++) w[i] *= (poles[i] - origins[j] - shifts[j]) / (poles[i] - d[j]);
        }
    }

    /// <summary>Rows of u: ẑᵢ/(dᵢ − λⱼ), of length 1.</summary>
    readonly struct Vectors(long k, double* poles, double* z, double* origins, double* shifts, double* u) : IRangeBody
    {
        public void Run(long begin, long end)
        {
            for (long j = begin; j < end; j++)
            {
                Vector<double> origin = new(origins[j]), shift = new(shifts[j]);
                double* row = u + j * k;
                long i = 0;
                for (; i <= k - Vector<double>.Count; i += Vector<double>.Count) (Vector.Load(z + i) / (Vector.Load(poles + i) - origin - shift)).Store(row + i);
                for (; i < k; i++) row[i] = z[i] / (poles[i] - origins[j] - shifts[j]);
                Rows.Divide(k, row, Math.Sqrt(Rows.Dot(k, row, row)));
            }
        }
    }
}
