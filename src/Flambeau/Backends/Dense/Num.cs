using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Backends.Cpu;
using MatrixProduct = Flambeau.Backends.Cpu.Gemm;

namespace Flambeau.Backends.Dense;

/// <summary>What factorizations need of a scalar beyond its arithmetic: double, or <see cref="Complex"/>. Every branch is decided when a T is compiled.</summary>
internal static class Num<T> where T : unmanaged, INumberBase<T>
{
    public static bool IsComplex
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(Complex);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Conj(T x) => typeof(T) == typeof(Complex) ? (T)(object)Complex.Conjugate((Complex)(object)x) : x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Re(T x) => typeof(T) == typeof(Complex) ? ((Complex)(object)x).Real : (double)(object)x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Im(T x) => typeof(T) == typeof(Complex) ? ((Complex)(object)x).Imaginary : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Abs(T x) => typeof(T) == typeof(Complex) ? Complex.Abs((Complex)(object)x) : Math.Abs((double)(object)x);

    /// <summary>|re| + |im|: how LAPACK compares candidates for a pivot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Abs1(T x) => typeof(T) == typeof(Complex) ? Math.Abs(((Complex)(object)x).Real) + Math.Abs(((Complex)(object)x).Imaginary) : Math.Abs((double)(object)x);

    /// <summary>|x|².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Norm(T x) => Re(x) * Re(x) + Im(x) * Im(x);

    /// <summary>A real number; the imaginary part is dropped where T is real.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of(double re, double im = 0) => typeof(T) == typeof(Complex) ? (T)(object)new Complex(re, im) : (T)(object)re;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Scale(T x, double s) => typeof(T) == typeof(Complex) ? (T)(object)new Complex(((Complex)(object)x).Real * s, ((Complex)(object)x).Imaginary * s) : (T)(object)((double)(object)x * s);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNan(T x) => double.IsNaN(Re(x)) || double.IsNaN(Im(x));
}

/// <summary>Loops over rows, which everything here is made of.</summary>
internal static unsafe class Rows
{
    const long Few = 512;                              // below this, plain loops beat the way to a product
    const long Small = 64;                             // below this, plain loops beat the packing of a large product

    /// <summary>y += a · x</summary>
    public static void AddScaled<T>(long n, T a, T* x, T* y) where T : unmanaged, INumberBase<T>
    {
        long i = 0;
        if (typeof(T) == typeof(double))
        {
            if (Vector512.IsHardwareAccelerated) i = AddScaled<V512<double>>(i, n, (double)(object)a, (double*)x, (double*)y);
            if (Vector256.IsHardwareAccelerated) i = AddScaled<V256<double>>(i, n, (double)(object)a, (double*)x, (double*)y);
            i = AddScaled<V128<double>>(i, n, (double)(object)a, (double*)x, (double*)y);
        }
        for (; i < n; i++) y[i] += a * x[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static long AddScaled<L>(long i, long n, double a, double* x, double* y) where L : struct, ILane<L>
    {
        L v = L.Broadcast(&a);
        for (; i <= n - L.Count; i += L.Count) L.Store(L.Load(y + i) + v * L.Load(x + i), y + i);
        return i;
    }

    /// <summary>y += a · x, and then Σ z̄ᵢ yᵢ.</summary>
    public static T AddScaledDot<T>(long n, T a, T* x, T* y, T* z) where T : unmanaged, INumberBase<T>
    {
        long i = 0;
        T sum = T.Zero;
        if (typeof(T) == typeof(double))
        {
            double total = 0;
            if (Vector512.IsHardwareAccelerated) i = AddScaledDot<V512<double>>(n, (double)(object)a, (double*)x, (double*)y, (double*)z, out total);
            else if (Vector256.IsHardwareAccelerated) i = AddScaledDot<V256<double>>(n, (double)(object)a, (double*)x, (double*)y, (double*)z, out total);
            else i = AddScaledDot<V128<double>>(n, (double)(object)a, (double*)x, (double*)y, (double*)z, out total);
            sum = (T)(object)total;
        }
        for (; i < n; i++)
        {
            y[i] += a * x[i];
            sum += Num<T>.Conj(z[i]) * y[i];
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static long AddScaledDot<L>(long n, double a, double* x, double* y, double* z, out double sum) where L : struct, ILane<L>
    {
        long i = 0;
        L v = L.Broadcast(&a), s = L.Zero, s1 = L.Zero;
        for (; i <= n - 2 * L.Count; i += 2 * L.Count)
        {
            L y0 = L.MulAdd(v, L.Load(x + i), L.Load(y + i)), y1 = L.MulAdd(v, L.Load(x + i + L.Count), L.Load(y + i + L.Count));
            L.Store(y0, y + i);
            L.Store(y1, y + i + L.Count);
            s = L.MulAdd(L.Load(z + i), y0, s);
            s1 = L.MulAdd(L.Load(z + i + L.Count), y1, s1);
        }
        sum = Tail<L>.Sum(s + s1);
        return i;
    }

    /// <summary>z += a · x + b · y</summary>
    public static void AddScaled<T>(long n, T a, T* x, T b, T* y, T* z) where T : unmanaged, INumberBase<T>
    {
        long i = 0;
        if (typeof(T) == typeof(double))
        {
            if (Vector512.IsHardwareAccelerated) i = AddScaled<V512<double>>(i, n, (double)(object)a, (double*)x, (double)(object)b, (double*)y, (double*)z);
            if (Vector256.IsHardwareAccelerated) i = AddScaled<V256<double>>(i, n, (double)(object)a, (double*)x, (double)(object)b, (double*)y, (double*)z);
            i = AddScaled<V128<double>>(i, n, (double)(object)a, (double*)x, (double)(object)b, (double*)y, (double*)z);
        }
        for (; i < n; i++) z[i] = z[i] + a * x[i] + b * y[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static long AddScaled<L>(long i, long n, double a, double* x, double b, double* y, double* z) where L : struct, ILane<L>
    {
        L u = L.Broadcast(&a), v = L.Broadcast(&b);
        for (; i <= n - L.Count; i += L.Count) L.Store(L.Load(z + i) + u * L.Load(x + i) + v * L.Load(y + i), z + i);
        return i;
    }

    /// <summary>Σ x̄ᵢ yᵢ</summary>
    public static T Dot<T>(long n, T* x, T* y) where T : unmanaged, INumberBase<T>
    {
        long i = 0;
        T sum = T.Zero;
        if (typeof(T) == typeof(double))
        {
            double total = 0;
            if (Vector512.IsHardwareAccelerated) i = Dot<V512<double>>(n, (double*)x, (double*)y, out total);
            else if (Vector256.IsHardwareAccelerated) i = Dot<V256<double>>(n, (double*)x, (double*)y, out total);
            else i = Dot<V128<double>>(n, (double*)x, (double*)y, out total);
            sum = (T)(object)total;
        }
        for (; i < n; i++) sum += Num<T>.Conj(x[i]) * y[i];
        return sum;
    }

    // Four sums, as one would wait for itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static long Dot<L>(long n, double* x, double* y, out double sum) where L : struct, ILane<L>
    {
        L s = L.Zero, s1 = L.Zero, s2 = L.Zero, s3 = L.Zero;
        long w = L.Count, i = 0;
        sum = 0;
        if (n < w) return 0;
        for (; i <= n - 4 * w; i += 4 * w)
        {
            s = L.MulAdd(L.Load(x + i), L.Load(y + i), s);
            s1 = L.MulAdd(L.Load(x + i + w), L.Load(y + i + w), s1);
            s2 = L.MulAdd(L.Load(x + i + 2 * w), L.Load(y + i + 2 * w), s2);
            s3 = L.MulAdd(L.Load(x + i + 3 * w), L.Load(y + i + 3 * w), s3);
        }
        s += s1 + (s2 + s3);
        for (; i <= n - w; i += w) s = L.MulAdd(L.Load(x + i), L.Load(y + i), s);
        sum = Tail<L>.Sum(s);
        return i;
    }

    /// <summary>√(x² + y²), by a root alone where squares are far from the ends of the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Hypot(double x, double y) => x * x + y * y is > 1e-280 and < 1e280 and var square ? Math.Sqrt(square) : double.Hypot(x, y);

    /// <summary>(x, y) ← (c x + s y, c y − s x)</summary>
    public static void Rotate<T>(long n, T* x, T* y, double c, double s) where T : unmanaged, INumberBase<T>
    {
        // Complex numbers under real factors are pairs of doubles.
        double* p = (double*)x, q = (double*)y;
        long m = n * (sizeof(T) / sizeof(double)), i = 0;
        if (Vector512.IsHardwareAccelerated) i = Rotate<V512<double>>(i, m, p, q, c, s);
        if (Vector256.IsHardwareAccelerated) i = Rotate<V256<double>>(i, m, p, q, c, s);
        i = Rotate<V128<double>>(i, m, p, q, c, s);
        for (; i < m; i++) (p[i], q[i]) = (c * p[i] + s * q[i], c * q[i] - s * p[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static long Rotate<L>(long i, long n, double* x, double* y, double c, double s) where L : struct, ILane<L>
    {
        L vc = L.Broadcast(&c), vs = L.Broadcast(&s);
        for (; i <= n - L.Count; i += L.Count)
        {
            L a = L.Load(x + i), b = L.Load(y + i);
            L.Store(L.MulAdd(vc, a, vs * b), x + i);
            L.Store(L.MulSub(vc, b, vs * a), y + i);
        }
        return i;
    }

    public static void Scale<T>(long n, T a, T* x) where T : unmanaged, INumberBase<T>
    {
        for (long i = 0; i < n; i++) x[i] *= a;
    }

    public static void Divide<T>(long n, T* x, T d) where T : unmanaged, INumberBase<T>
    {
        long i = 0;
        if (typeof(T) == typeof(double))
        {
            var v = new Vector<double>((double)(object)d);
            for (; i <= n - Vector<double>.Count; i += Vector<double>.Count) (Vector.Load((double*)x + i) / v).Store((double*)x + i);
        }
        for (; i < n; i++) x[i] /= d;
    }

    public static void Swap<T>(long n, T* x, T* y) where T : unmanaged
    {
        double* p = (double*)x, q = (double*)y;
        long m = n * (sizeof(T) / sizeof(double)), i = 0;
        for (; i <= m - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector<double> a = Vector.Load(p + i), b = Vector.Load(q + i);
            b.Store(p + i);
            a.Store(q + i);
        }
        for (; i < m; i++) (p[i], q[i]) = (q[i], p[i]);
    }

    /// <summary>Where the largest element is by |re| + |im|, the first among equals; 0 if the first is not a number.</summary>
    public static long Largest<T>(long n, T* x) where T : unmanaged, INumberBase<T>
    {
        double most = Num<T>.Abs1(x[0]);
        long at = 0, i = 1;
        if (typeof(T) == typeof(double) && n >= 4 * Vector<double>.Count && !double.IsNaN(most))
        {
            var v = new Vector<double>(most);
            for (i = 0; i <= n - Vector<double>.Count; i += Vector<double>.Count)
            {
                Vector<double> a = Vector.Abs(Vector.Load((double*)x + i));
                v = Vector.ConditionalSelect(Vector.GreaterThan(a, v), a, v);
            }
            for (int k = 0; k < Vector<double>.Count; k++) most = Math.Max(most, v[k]);
            while (at < i && Num<T>.Abs1(x[at]) != most) at++;
        }
        for (; i < n; i++) if (Num<T>.Abs1(x[i]) is var size && size > most) (most, at) = (size, i);
        return at;
    }

    public static void Copy<T>(long n, T* x, T* y) where T : unmanaged => new ReadOnlySpan<T>(x, checked((int)n)).CopyTo(new Span<T>(y, (int)n));

    public static void Clear<T>(long n, T* x) where T : unmanaged => new Span<T>(x, checked((int)n)).Clear();

    /// <summary>Ones on the diagonal of a cleared matrix.</summary>
    public static void Identity<T>(long m, long n, T* a) where T : unmanaged, INumberBase<T>
    {
        Clear(m * n, a);
        for (long i = 0; i < Math.Min(m, n); i++) a[i * n + i] = T.One;
    }

    /// <summary>y (n×m) = xᴴ, or xᵀ, of x (m×n).</summary>
    public static void Transpose<T>(long m, long n, T* x, T* y, bool conjugate = true) where T : unmanaged, INumberBase<T> => Transpose(m, n, x, n, y, m, conjugate);

    /// <summary>y (n×m, rows ldy apart) = xᴴ, or xᵀ, of x (m×n, rows ldx apart).</summary>
    public static void Transpose<T>(long m, long n, T* x, long ldx, T* y, long ldy, bool conjugate = true) where T : unmanaged, INumberBase<T>
    {
        if (typeof(T) == typeof(double)) { Turned.Copy((long*)x, ldx, (long*)y, ldy, n, m); return; }
        for (long i = 0; i < m; i++)
            for (long j = 0; j < n; j++) y[j * ldy + i] = conjugate ? Num<T>.Conj(x[i * ldx + j]) : x[i * ldx + j];
    }

    /// <summary>The upper triangle of y (rows ldy apart) = that of xᴴ, of x (n×n): of x only the lower triangle counts, and what else comes into y does not.</summary>
    public static void TransposeLower<T>(long n, T* x, long ldx, T* y, long ldy) where T : unmanaged, INumberBase<T>
    {
        const long Block = 48;
        for (long i = 0; i < n; i += Block) Transpose(Math.Min(Block, n - i), Math.Min(n, i + Block), x + i * ldx, ldx, y + i, ldy);
    }

    /// <summary>y += Σ factors[i] · row i, of k rows of n elements, ld apart.</summary>
    public static void Combine<T>(long k, long n, T* factors, T* rows, long ld, T* y) where T : unmanaged, INumberBase<T>
    {
        if (typeof(T) == typeof(double) && k * n > Few) MatrixProduct.Run(1, n, k, (double*)factors, k, 1, (double*)rows, ld, 1, (double*)y, n, 1, accumulate: true, null);
        else for (long i = 0; i < k; i++) AddScaled(n, factors[i], rows + i * ld, y);
    }

    /// <summary>sums[i] = Σ x̄ⱼ · element j of row i, of k rows of n elements, ld apart.</summary>
    public static void Dots<T>(long k, long n, T* x, T* rows, long ld, T* sums) where T : unmanaged, INumberBase<T>
    {
        if (typeof(T) == typeof(double) && k * n > Few) MatrixProduct.Run(1, k, n, (double*)x, n, 1, (double*)rows, 1, ld, (double*)sums, k, 1, accumulate: false, null);
        else for (long i = 0; i < k; i++) sums[i] = Dot(n, x, rows + i * ld);
    }

    /// <summary>How far apart rows of n elements are put so that neighbours share no set of a cache: an odd number of lines.</summary>
    public static long Apart(long n) => n <= 32 ? n : (n + 7) / 8 / 2 * 16 + 8;

    /// <summary>C (m×n) −= A (m×k) · B (k×n), or of the conjugate of A. Elements of a row of B and of C are neighbours; A has any strides.</summary>
    public static void Subtract<T>(long m, long n, long k, T* a, long rsA, long csA, T* b, long ldb, T* c, long ldc, bool conjugateA = false) where T : unmanaged, INumberBase<T>
    {
        if (m == 0 || n == 0 || k == 0) return;
        if (typeof(T) == typeof(double))
        {
            if (m * n * k <= Small * Small * Small) { SmallProduct.Subtract(m, n, k, (double*)a, rsA, csA, (double*)b, ldb, (double*)c, ldc); return; }
            // −A, in the order in which it lies
            long outer = csA == 1 ? m : k, inner = csA == 1 ? k : m, rs = csA == 1 ? rsA : csA, cs = csA == 1 ? 1 : rsA;
            using Buffer<double> minus = new(m * k);
            for (long i = 0; i < outer; i++) Negate(inner, (double*)a + i * rs, cs, minus.At + i * inner);
            MatrixProduct.Run(m, n, k, minus.At, csA == 1 ? k : 1, csA == 1 ? 1 : m, (double*)b, ldb, 1, (double*)c, ldc, 1, accumulate: true, null);
            return;
        }
        for (long i = 0; i < m; i++)
            for (long q = 0; q < k; q++) AddScaled(n, -(conjugateA ? Num<T>.Conj(a[i * rsA + q * csA]) : a[i * rsA + q * csA]), b + q * ldb, c + i * ldc);
    }

    static void Negate(long n, double* x, long step, double* y)
    {
        long i = 0;
        if (step == 1) for (; i <= n - Vector<double>.Count; i += Vector<double>.Count) (-Vector.Load(x + i)).Store(y + i);
        for (; i < n; i++) y[i] = -x[i * step];
    }
}
