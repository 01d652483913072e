using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Backends.Cpu;

namespace Flambeau.Backends.Dense;

/// <summary>
/// Hᴴ A H = T, tridiagonal and real, for a Hermitian A of which the upper triangle is kept, by reflections that stay in its rows. A reflection changes A by
/// v wᴴ + w vᴴ; some dozens of these are collected and subtracted as one product (Dongarra, Sorensen, Hammarling 1989), so that the only thing which passes over
/// all of A for each column is one product with a vector, and that reads half of A.
/// </summary>
internal static unsafe class Tridiagonal
{
    const long Panel = 32, Strip = 64, MaxChunks = 16, LargeProduct = 1 << 16, LargeUpdate = 1 << 14;

    /// <summary>A (n×n, rows ld apart) → d, e and τ; row j has the vector of reflection j right of its diagonal, without its 1.</summary>
    public static void Reduce<T>(T* a, long ld, long n, T* tau, double* d, double* e) where T : unmanaged, INumberBase<T>
    {
        // Conjugates of v and w as rows, v₀, w₀, v₁ …, and with each pair turned round, w₀, v₀, w₁ …: A − ΣᵢLᵢᴴ Rᵢ is what A has become.
        long apart = Rows.Apart(n), most = 2 * Math.Min(Panel, n);
        using Buffer<T> l = new(most * apart), r = new(most * apart), factors = new(most), sums = new(Chunks(n) * apart);
        for (long first = 0; first < n; first += Panel)
        {
            long end = Math.Min(first + Panel, n);
            for (long j = first; j < end; j++)
            {
                long done = 2 * (j - first), m = n - j - 1, at = j + 1;
                T* row = a + j * ld, v = row + at;
                for (long q = 0; q < done; q++) factors.At[q] = -Num<T>.Conj(l.At[q * apart + j]);
                Rows.Combine(done, n - j, factors.At, r.At + j, apart, row + j);
                d[j] = Num<T>.Re(row[j]);
                if (m == 0) break;
                if (Num<T>.IsComplex) for (long i = 0; i < m; i++) v[i] = Num<T>.Conj(v[i]);
                T t = tau[j] = Householder.Make(ref v[0], m - 1, v + 1, 1);
                e[j] = Num<T>.Re(v[0]);

                T* vb = l.At + done * apart + at, wb = vb + apart, wr = r.At + done * apart + at, vr = wr + apart;
                if (T.IsZero(t))
                {
                    foreach (nint x in (ReadOnlySpan<nint>)[(nint)vb, (nint)wb, (nint)wr, (nint)vr]) Rows.Clear(m, (T*)x);
                    continue;
                }
                vb[0] = T.One;
                for (long i = 1; i < m; i++) vb[i] = Num<T>.Conj(v[i]);
                Multiply(row + ld + at, ld, m, vb, wb, sums.At, apart);
                Rows.Dots(done, m, vb, r.At + at, apart, factors.At);
                for (long q = 0; q < done; q++) factors.At[q] = -Num<T>.Conj(factors.At[q]);
                Rows.Combine(done, m, factors.At, l.At + at, apart, wb);
                // w = τ A v − ½ |τ|² (vᴴ A v) v
                T half = Num<T>.Of(Num<T>.Norm(t) * Num<T>.Re(Rows.Dot(m, wb, vb)) / 2), tb = Num<T>.Conj(t);
                for (long i = 0; i < m; i++) wr[i] = wb[i] = tb * wb[i] - half * vb[i];
                Rows.Copy(m, vb, vr);
            }
            long rest = n - end, strips = (rest + Strip - 1) / Strip, depth = 2 * (end - first);
            Threads.For(strips, rest * rest < LargeUpdate ? strips : 1, new Update<T>(a + end * ld + end, ld, rest, depth, l.At + end, r.At + end, apart));
        }
    }

    /// <summary>The upper triangle of A (n×n) less Lᴴ R, strips of rows from the diagonal on.</summary>
    readonly struct Update<T>(T* a, long ld, long n, long depth, T* l, T* r, long apart) : IRangeBody where T : unmanaged, INumberBase<T>
    {
        public void Run(long begin, long end)
        {
            for (long i = begin * Strip; i < Math.Min(end * Strip, n); i += Strip)
                Rows.Subtract(Math.Min(Strip, n - i), n - i, depth, l + i, 1, apart, r + i, apart, a + i * ld + i, ld, conjugateA: true);
        }
    }

    // So many parts has a product, whatever the number of threads, each with sums of its own.
    static long Chunks(long n) => Math.Clamp(n / 64, 1, MaxChunks);

    // The conjugate of A v, given that of v.
    static void Multiply<T>(T* a, long ld, long n, T* v, T* y, T* sums, long apart) where T : unmanaged, INumberBase<T>
    {
        if (typeof(T) == typeof(double))
        {
            if (Vector512.IsHardwareAccelerated) Multiply<V512<double>>((double*)a, ld, n, (double*)v, (double*)y, (double*)sums, apart);
            else if (Vector256.IsHardwareAccelerated) Multiply<V256<double>>((double*)a, ld, n, (double*)v, (double*)y, (double*)sums, apart);
            else Multiply<V128<double>>((double*)a, ld, n, (double*)v, (double*)y, (double*)sums, apart);
            return;
        }
        Rows.Clear(n, y);
        for (long i = 0; i < n; i++)
        {
            T* row = a + i * ld;
            y[i] += Rows.Dot(n - i, row + i, v + i);
            Rows.AddScaled(n - i - 1, v[i], row + i + 1, y + i + 1);
        }
    }

    static void Multiply<L>(double* a, long ld, long n, double* v, double* y, double* sums, long apart) where L : struct, ILane<L>
    {
        long chunks = Chunks(n);
        Part<L> part = new(a, ld, n, v, chunks == 1 ? y : sums, apart, chunks);
        Threads.For(chunks, n * n < LargeProduct ? chunks : 1, part);
        if (chunks == 1) return;
        Rows.Copy(n, sums, y);
        for (long c = 1; c < chunks; c++)
        {
            long first = part.First(c);
            Rows.AddScaled(n - first, 1.0, sums + c * apart + first, y + first);
        }
    }

    /// <summary>Rows of A whose elements are about as many in each part: a row adds its dot with v to one sum, and itself to all sums right of it.</summary>
    readonly struct Part<L>(double* a, long ld, long n, double* v, double* sums, long apart, long chunks) : IRangeBody where L : struct, ILane<L>
    {
        public long First(long c) => c == chunks ? n : (long)(n - n * Math.Sqrt(1 - (double)c / chunks)) / 4 * 4;

        public void Run(long begin, long end)
        {
            for (long c = begin; c < end; c++)
            {
                double* y = sums + c * apart;
                long i = First(c), last = First(c + 1);
                Rows.Clear(n - i, y + i);
                for (; i + 4 <= last; i += 4) Four(a + i * ld + i, ld, n - i, v + i, y + i);
                for (; i < last; i++)
                {
                    double* row = a + i * ld;
                    y[i] += Rows.Dot(n - i, row + i, v + i);
                    Rows.AddScaled(n - i - 1, v[i], row + i + 1, y + i + 1);
                }
            }
        }

        // Eight multiply-adds for the four loads of A, which are what this waits for.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Four(double* a0, long ld, long n, double* v, double* y)
        {
            double* a1 = a0 + ld, a2 = a1 + ld, a3 = a2 + ld;
            double v0 = v[0], v1 = v[1], v2 = v[2], v3 = v[3];
            double t0 = a0[0] * v0 + a0[1] * v1 + a0[2] * v2 + a0[3] * v3, t1 = a0[1] * v0 + a1[1] * v1 + a1[2] * v2 + a1[3] * v3;
            double t2 = a0[2] * v0 + a1[2] * v1 + a2[2] * v2 + a2[3] * v3, t3 = a0[3] * v0 + a1[3] * v1 + a2[3] * v2 + a3[3] * v3;
            L s0 = L.Zero, s1 = L.Zero, s2 = L.Zero, s3 = L.Zero, f0 = L.Broadcast(v), f1 = L.Broadcast(v + 1), f2 = L.Broadcast(v + 2), f3 = L.Broadcast(v + 3);
            long k = 4;
            for (; k + L.Count <= n; k += L.Count)
            {
                L x = L.Load(v + k), sum = L.Load(y + k), b = L.Load(a0 + k);
                s0 = L.MulAdd(b, x, s0);
                sum = L.MulAdd(b, f0, sum);
                b = L.Load(a1 + k);
                s1 = L.MulAdd(b, x, s1);
                sum = L.MulAdd(b, f1, sum);
                b = L.Load(a2 + k);
                s2 = L.MulAdd(b, x, s2);
                sum = L.MulAdd(b, f2, sum);
                b = L.Load(a3 + k);
                s3 = L.MulAdd(b, x, s3);
                sum = L.MulAdd(b, f3, sum);
                L.Store(sum, y + k);
            }
            for (; k < n; k++)
            {
                double x = v[k];
                t0 += a0[k] * x;
                t1 += a1[k] * x;
                t2 += a2[k] * x;
                t3 += a3[k] * x;
                y[k] += a0[k] * v0 + a1[k] * v1 + a2[k] * v2 + a3[k] * v3;
            }
            double* lanes = stackalloc double[4 * L.Count];
            L.Store(s0, lanes);
            L.Store(s1, lanes + L.Count);
            L.Store(s2, lanes + 2 * L.Count);
            L.Store(s3, lanes + 3 * L.Count);
            for (long i = 0; i < L.Count; i++)
            {
                t0 += lanes[i];
                t1 += lanes[L.Count + i];
                t2 += lanes[2 * L.Count + i];
                t3 += lanes[3 * L.Count + i];
            }
            y[0] += t0;
            y[1] += t1;
            y[2] += t2;
            y[3] += t3;
        }
    }
}
