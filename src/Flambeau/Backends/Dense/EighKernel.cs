using System.Numerics;

namespace Flambeau.Backends.Dense;

/// <summary>
/// A = V diag(λ) Vᴴ from the lower triangle of A: A → λ ascending, V; without vectors, only λ. Reflections make A tridiagonal and real, whose
/// vectors are reflected back.
/// </summary>
internal readonly unsafe record struct EighKernel(long N, bool Vectors) : IDense
{
    public double Work => 4.0 * N * N * N;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        T* source = (T*)x[0], v = (T*)y[1];
        double* d = (double*)y[0];
        long ld = Rows.Apart(N);
        using Buffer<T> a = new(N * ld), tau = new(N);
        using Buffer<double> e = new(N), vectors = new(Vectors ? N * N : 0);
        for (long i = 0; i < N; i++)
            for (long j = 0; j <= i; j++)
                if (!double.IsFinite(Num<T>.Abs1(source[i * N + j]))) throw new LinAlgException("linalg.eigh: the matrix has elements that are infinite or not a number. Check the input with IsFinite().");
        Rows.TransposeLower(N, source, N, a.At, ld);
        for (long i = 0; i < N; i++) a.At[i * ld + i] = Num<T>.Of(Num<T>.Re(a.At[i * ld + i]));
        Tridiagonal.Reduce(a.At, ld, N, tau.At, d, e.At);
        TridiagonalEigen.Run(N, d, e.At, Vectors ? vectors.At : null);
        if (!Vectors) return;
        if (Num<T>.IsComplex)
            for (long i = 0; i < N; i++)
                for (long j = 0; j < N; j++) v[j * N + i] = Num<T>.Of(vectors.At[i * N + j]);
        else Rows.Transpose(N, N, vectors.At, (double*)v);
        // The reflections' vectors begin one right of the diagonal, and change rows from the second on.
        if (N > 1) Householder.Apply(a.At + 1, 1, ld, N - 1, tau.At, adjoint: false, v + N, N - 1, N);
    }
}
