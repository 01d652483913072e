using System.Numerics;
using System.Runtime.CompilerServices;
using MatrixProduct = Flambeau.Backends.Cpu.Gemm;

namespace Flambeau.Backends.Dense;

/// <summary>
/// Reflections H = 1 − τ v vᴴ with v₀ = 1, by LAPACK's convention: Hᴴ (α, x) = (β, 0), β real with the sign opposite to Re α.
/// </summary>
internal static unsafe class Householder
{
    /// <summary>Makes (α, x) into (β, v without its 1) and answers τ; x has n elements, <paramref name="step"/> apart.</summary>
    public static T Make<T>(ref T alpha, long n, T* x, long step) where T : unmanaged, INumberBase<T>
    {
        if (typeof(T) == typeof(double) && step == 1) return (T)(object)Make(ref Unsafe.As<T, double>(ref alpha), n, (double*)x);
        double most = 0;
        for (long i = 0; i < n; i++) most = Math.Max(most, Num<T>.Abs1(x[i * step]));
        double ar = Num<T>.Re(alpha), ai = Num<T>.Im(alpha);
        if (most == 0 && ai == 0) return T.Zero;
        double scale = Math.Max(most, Num<T>.Abs1(alpha)), sum = 0;
        for (long i = 0; i < n; i++) sum += Num<T>.Norm(Num<T>.Scale(x[i * step], 1 / scale));
        sum += ar / scale * (ar / scale) + ai / scale * (ai / scale);
        double beta = -Math.CopySign(scale * Math.Sqrt(sum), ar);
        T tau = Num<T>.Of((beta - ar) / beta, -ai / beta), factor = T.One / (alpha - Num<T>.Of(beta));
        for (long i = 0; i < n; i++) x[i * step] *= factor;
        alpha = Num<T>.Of(beta);
        return tau;
    }

    // By the sum of squares as it is, unless it is near the ends of the range.
    static double Make(ref double alpha, long n, double* x)
    {
        double sum = Rows.Dot(n, x, x), scale = 1;
        if (sum is not (> 1e-280 and < 1e280))
        {
            double most = 0;
            for (long i = 0; i < n; i++) most = Math.Max(most, Math.Abs(x[i]));
            if (most == 0) return 0;
            scale = most;
            sum = 0;
            for (long i = 0; i < n; i++) sum += x[i] / most * (x[i] / most);
        }
        double beta = -Math.CopySign(Rows.Hypot(alpha, scale * Math.Sqrt(sum)), alpha), tau = (beta - alpha) / beta;
        Rows.Divide(n, x, alpha - beta);
        alpha = beta;
        return tau;
    }

    /// <summary>C ← (1 − τ v vᴴ) C for C (m×n) with rows <paramref name="ld"/> apart; v has elements <paramref name="step"/> apart, the first not read but taken as 1.</summary>
    public static void Left<T>(T tau, T* v, long step, T* c, long m, long n, long ld, T* work) where T : unmanaged, INumberBase<T>
    {
        if (T.IsZero(tau) || n == 0) return;
        Rows.Copy(n, c, work);
        for (long i = 1; i < m; i++) Rows.AddScaled(n, Num<T>.Conj(v[i * step]), c + i * ld, work);           // vᴴ C
        Rows.AddScaled(n, -tau, work, c);
        for (long i = 1; i < m; i++) Rows.AddScaled(n, -tau * v[i * step], work, c + i * ld);
    }

    const long Together = 32;                         // reflections that are applied as one matrix product, where numbers are real

    static bool InBlocks<T>(long n, long k) => typeof(T) == typeof(double) && n >= Together && k >= 2 * Together;

    /// <summary>A (m×n) ← R above, the vectors v below the diagonal; τ: min(m, n). Columns of a panel lie as rows meanwhile.</summary>
    public static void Factor<T>(T* a, long m, long n, T* tau) where T : unmanaged, INumberBase<T>
    {
        long k = Math.Min(m, n), most = InBlocks<T>(n, k) ? Together : k, apart = Rows.Apart(m);
        using Buffer<T> panel = new((most < k ? most : n) * apart);
        for (long first = 0; first < k; first += most)
        {
            long end = Math.Min(k, first + most), columns = most < k ? end - first : n, rows = m - first;
            T* corner = a + first * n + first, p = panel.At;
            Rows.Transpose(rows, columns, corner, n, p, apart, conjugate: false);
            for (long j = 0; j < end - first; j++)
            {
                T* v = p + j * apart + j;
                T t = tau[first + j] = Make(ref *v, rows - j - 1, v + 1, 1);
                if (T.IsZero(t)) continue;
                T beta = *v;
                *v = T.One;
                for (long c = j + 1; c < columns; c++)
                    Rows.AddScaled(rows - j, -Num<T>.Conj(t) * Rows.Dot(rows - j, v, p + c * apart + j), v, p + c * apart + j);
                *v = beta;
            }
            Rows.Transpose(columns, rows, p, apart, corner, n, conjugate: false);
            if (first + columns < n) Block((double*)p, 1, apart, end - first, (double*)(tau + first), adjoint: true, (double*)(corner + columns), rows, n - end, n);
        }
    }

    /// <summary>
    /// C (m×n) ← Q C, or Qᴴ C, for Q = H₁ … H_k; element i of vector j is a[i · step + j · next], and of each those before its own 1 do not count. In the columns of a
    /// matrix, next is 1. An identity stays one left of and above what a reflection changes.
    /// </summary>
    public static void Apply<T>(T* a, long step, long next, long k, T* tau, bool adjoint, T* c, long m, long n, bool isIdentity = false) where T : unmanaged, INumberBase<T>
    {
        long size = InBlocks<T>(n, k) ? Together : 1, blocks = (k + size - 1) / size;
        using Buffer<T> work = new(n);
        for (long s = 0; s < blocks; s++)
        {
            long j = (adjoint ? s : blocks - 1 - s) * size, left = isIdentity ? j : 0;
            T* v = a + j * (step + next), corner = c + j * n + left;
            if (size > 1) Block((double*)v, step, next, Math.Min(size, k - j), (double*)(tau + j), adjoint, (double*)corner, m - j, n - left, n);
            else Left(adjoint ? Num<T>.Conj(tau[j]) : tau[j], v, step, corner, m - j, n - left, n, work.At);
        }
    }

    /// <summary>
    /// C (m×n, rows ldc apart) ← Q C, or Qᵀ C, for Q = H₁ … H_k = I − V T Vᵀ, T⁻¹ upper triangular with the products of vectors above a diagonal 1/τ (Puglisi 1992):
    /// two matrix products and a triangular system instead of 2k passes over C.
    /// </summary>
    static void Block(double* a, long step, long next, long k, double* tau, bool adjoint, double* c, long m, long n, long ldc)
    {
        long apart = Rows.Apart(m);
        using Buffer<double> v = new(k * apart), t = new(k * k), w = new(k * n);
        if (step == 1) for (long j = 0; j < k; j++) Rows.Copy(m, a + j * next, v.At + j * apart);
        else Rows.Transpose(m, k, a, step, v.At, apart);
        for (long j = 0; j < k; j++)
        {
            Rows.Clear(j, v.At + j * apart);
            v.At[j * apart + j] = 1;
        }
        MatrixProduct.Run(k, k, m, v.At, apart, 1, v.At, 1, apart, t.At, k, 1, accumulate: false, null);
        for (long i = 0; i < k; i++)
        {
            for (long j = 0; j < k; j++) t.At[i * k + j] = -t.At[i * k + j];
            t.At[i * k + i] = -1 / tau[i];             // of no reflection −∞, and what is divided by it 0
        }
        MatrixProduct.Run(k, n, m, v.At, apart, 1, c, ldc, 1, w.At, n, 1, accumulate: false, null);
        Triangle.Solve(t.At, k, k, upper: !adjoint, unit: false, w.At, n, n);
        MatrixProduct.Run(m, n, k, v.At, 1, apart, w.At, n, 1, c, ldc, 1, accumulate: true, null);
    }
}

/// <summary>LAPACK's geqrf: A → R and vectors, τ.</summary>
internal readonly unsafe record struct GeqrfKernel(long M, long N) : IDense
{
    public double Work => 2.0 * M * N * Math.Min(M, N);

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        Rows.Copy(M * N, (T*)x[0], (T*)y[0]);
        Householder.Factor((T*)y[0], M, N, (T*)y[1]);
    }
}

/// <summary>Q C or Qᴴ C for Q given by reflections: A (m×columns), τ (k), C (m×n) → (m×n).</summary>
internal readonly unsafe record struct ReflectKernel(long M, long Columns, long K, long N, bool Adjoint) : IDense
{
    public double Work => 2.0 * M * N * K;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        Rows.Copy(M * N, (T*)x[2], (T*)y[0]);
        Householder.Apply((T*)x[0], Columns, 1, K, (T*)x[1], Adjoint, (T*)y[0], M, N);
    }
}

/// <summary>A = Q R: A → Q (m×q), R (q×n).</summary>
internal readonly unsafe record struct QrKernel(long M, long N, long Q) : IDense
{
    public double Work => 4.0 * M * N * Math.Min(M, N);

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        long k = Math.Min(M, N);
        using Buffer<T> a = new(M * N), tau = new(k);
        Rows.Copy(M * N, (T*)x[0], a.At);
        Householder.Factor(a.At, M, N, tau.At);
        Rows.Identity(M, Q, (T*)y[0]);
        Householder.Apply(a.At, N, 1, k, tau.At, adjoint: false, (T*)y[0], M, Q, isIdentity: true);
        T* r = (T*)y[1];
        for (long i = 0; i < Q; i++)
            for (long j = 0; j < N; j++) r[i * N + j] = i <= j && i < M ? a.At[i * N + j] : T.Zero;
    }
}
