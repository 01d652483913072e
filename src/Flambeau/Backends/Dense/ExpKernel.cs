using System.Numerics;

namespace Flambeau.Backends.Dense;

/// <summary>eᴬ by scaling, Padé's approximant of order 13, and squaring (Higham 2005).</summary>
internal readonly unsafe record struct ExpKernel(long N) : IDense
{
    const double Theta = 5.371920351148152;            // up to which 1-norm the approximant is exact to rounding

    static ReadOnlySpan<double> B =>
    [
        64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800, 33522128640, 1323241920, 40840800,
        960960, 16380, 182, 1,
    ];

    public double Work => 12.0 * N * N * N;

    public void Run<T>(void** x, void** y) where T : unmanaged, INumberBase<T>
    {
        long n = N, size = n * n;
        T* result = (T*)y[0];
        using Buffer<T> buffer = new(7 * size);
        T* a = buffer.At, a2 = a + size, a4 = a2 + size, a6 = a4 + size, u = a6 + size, v = u + size, w = v + size;
        using Buffer<int> pivots = new(n);
        double norm = 0;
        for (long j = 0; j < n; j++)
        {
            double sum = 0;
            for (long i = 0; i < n; i++) sum += Num<T>.Abs(((T*)x[0])[i * n + j]);
            norm = Math.Max(norm, sum);
            if (!double.IsFinite(sum))
            {
                for (long i = 0; i < size; i++) result[i] = Num<T>.Of(double.NaN, double.NaN);
                return;
            }
        }
        int squarings = norm > Theta ? Math.Min(1000, (int)Math.Ceiling(Math.Log2(norm / Theta))) : 0;
        double scale = Math.ScaleB(1, -squarings);
        for (long i = 0; i < size; i++) a[i] = Num<T>.Scale(((T*)x[0])[i], scale);
        Multiply(n, a, a, a2);
        Multiply(n, a2, a2, a4);
        Multiply(n, a4, a2, a6);
        // u = A (A⁶ (b₁₃ A⁶ + b₁₁ A⁴ + b₉ A²) + b₇ A⁶ + b₅ A⁴ + b₃ A² + b₁), v the same with even coefficients and without the A.
        Odd(13, w, v);
        Multiply(n, a, v, u);
        Odd(12, w, v);
        for (long i = 0; i < size; i++)
        {
            result[i] = v[i] + u[i];
            v[i] -= u[i];
        }
        LuKernel.Factor(v, n, n, pivots.At);
        SolveKernel.Solve(v, pivots.At, n, result, n);
        for (int s = 0; s < squarings; s++)
        {
            Rows.Copy(size, result, w);
            Multiply(n, w, w, result);
        }

        void Odd(int k, T* inner, T* outer)
        {
            ReadOnlySpan<double> b = B;
            for (long i = 0; i < size; i++) inner[i] = Num<T>.Scale(a6[i], b[k]) + Num<T>.Scale(a4[i], b[k - 2]) + Num<T>.Scale(a2[i], b[k - 4]);
            Multiply(n, a6, inner, outer);
            for (long i = 0; i < size; i++) outer[i] += Num<T>.Scale(a6[i], b[k - 6]) + Num<T>.Scale(a4[i], b[k - 8]) + Num<T>.Scale(a2[i], b[k - 10]);
            for (long i = 0; i < n; i++) outer[i * n + i] += Num<T>.Of(b[k - 12]);
        }
    }

    static void Multiply<T>(long n, T* a, T* b, T* c) where T : unmanaged, INumberBase<T>
    {
        Rows.Clear(n * n, c);
        Rows.Subtract(n, n, n, a, n, 1, b, n, c, n);
        for (long i = 0; i < n * n; i++) c[i] = -c[i];
    }
}
