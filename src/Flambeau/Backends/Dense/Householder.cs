using System.Numerics;
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

    /// <summary>A (m×n) ← R above, the vectors v below the diagonal; τ: min(m, n).</summary>
    public static void Factor<T>(T* a, long m, long n, T* tau) where T : unmanaged, INumberBase<T>
    {
        using Buffer<T> work = new(n);
        long k = Math.Min(m, n), most = InBlocks<T>(n, k) ? Together : k;
        for (long first = 0; first < k; first += most)
        {
            long end = Math.Min(k, first + most), columns = end == k && most == k ? n : end;
            for (long j = first; j < end; j++)
            {
                T* corner = a + j * n + j;
                tau[j] = Make(ref *corner, m - j - 1, corner + n, n);
                Left(Num<T>.Conj(tau[j]), corner, n, corner + 1, m - j, columns - j - 1, n, work.At);
            }
            if (columns < n) Block((double*)(a + first * n + first), n, end - first, (double*)(tau + first), adjoint: true, (double*)(a + first * n + end), m - first, n - end, n);
        }
    }

    /// <summary>C (m×n) ← Q C, or Qᴴ C, for Q = H₁ … H_k with vectors in the columns of A, whose rows have <paramref name="ld"/> elements.</summary>
    public static void Apply<T>(T* a, long ld, long k, T* tau, bool adjoint, T* c, long m, long n) where T : unmanaged, INumberBase<T>
    {
        if (InBlocks<T>(n, k))
        {
            long blocks = (k + Together - 1) / Together;
            for (long s = 0; s < blocks; s++)
            {
                long j = (adjoint ? s : blocks - 1 - s) * Together;
                Block((double*)(a + j * ld + j), ld, Math.Min(Together, k - j), (double*)(tau + j), adjoint, (double*)(c + j * n), m - j, n, n);
            }
            return;
        }
        using Buffer<T> work = new(n);
        for (long s = 0; s < k; s++)
        {
            long j = adjoint ? s : k - 1 - s;
            Left(adjoint ? Num<T>.Conj(tau[j]) : tau[j], a + j * ld + j, ld, c + j * n, m - j, n, n, work.At);
        }
    }

    /// <summary>
    /// C (m×n, rows ldc apart) ← Q C, or Qᵀ C, for Q = H₁ … H_k = I − V T Vᵀ, T upper triangular (Schreiber, Van Loan 1989): four matrix products instead of 2k passes over C.
    /// </summary>
    static void Block(double* a, long ld, long k, double* tau, bool adjoint, double* c, long m, long n, long ldc)
    {
        using Buffer<double> v = new(m * k), gram = new(k * k), t = new(k * k, clear: true), w = new(2 * k * n);
        for (long i = 0; i < m; i++)
            for (long j = 0; j < k; j++) v.At[i * k + j] = i > j ? a[i * ld + j] : i == j ? 1 : 0;
        MatrixProduct.Run(k, k, m, v.At, 1, k, v.At, k, 1, gram.At, k, 1, accumulate: false, null);
        // −T column by column: T_jj = τ_j, and above it −τ_j T (Vᵀ v_j)
        for (long j = 0; j < k; j++)
        {
            t.At[j * k + j] = -tau[j];
            for (long i = 0; i < j; i++)
            {
                double sum = 0;
                for (long l = i; l < j; l++) sum += t.At[i * k + l] * gram.At[l * k + j];
                t.At[i * k + j] = -tau[j] * sum;
            }
        }
        double* z = w.At + k * n;
        MatrixProduct.Run(k, n, m, v.At, 1, k, c, ldc, 1, w.At, n, 1, accumulate: false, null);
        MatrixProduct.Run(k, n, k, t.At, adjoint ? 1 : k, adjoint ? k : 1, w.At, n, 1, z, n, 1, accumulate: false, null);
        MatrixProduct.Run(m, n, k, v.At, k, 1, z, n, 1, c, ldc, 1, accumulate: true, null);
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
        Householder.Apply((T*)x[0], Columns, K, (T*)x[1], Adjoint, (T*)y[0], M, N);
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
        Householder.Apply(a.At, N, k, tau.At, adjoint: false, (T*)y[0], M, Q);
        T* r = (T*)y[1];
        for (long i = 0; i < Q; i++)
            for (long j = 0; j < N; j++) r[i * N + j] = i <= j && i < M ? a.At[i * N + j] : T.Zero;
    }
}
