namespace Flambeau.Ops;

/// <summary>
/// The N-th derivative of ψ, N ≥ 1: (−1)ᴺ⁺¹ N! ζ(N + 1, x), the Hurwitz zeta function by its first terms and Euler and Maclaurin's formula
/// for the rest.
/// </summary>
internal readonly record struct Polygamma(int N) : IUnaryOp
{
    const int Terms = 20;                                                      // after which the first omitted term is below 1e-17 for x > 0

    // B₂ⱼ / (2j)!
    static ReadOnlySpan<double> Bernoulli => [1 / 12.0, -1 / 720.0, 1 / 30240.0, -1 / 1209600.0, 1 / 47900160.0, -691 / 1307674368000.0];

    public static string Name => "polygamma";

    public T Forward<T>(T x) where T : IReal<T>
    {
        if (N > 1) return OfPositive(x);
        // ψ′(x) = π²/sin²(πx) − ψ′(1 − x)
        T negative = T.Less(x, T.Zero), pole = T.Const(Math.PI) / T.Sin(T.Const(Math.PI) * (x - T.Round(x)));
        T y = OfPositive(T.Where(negative, T.One - x, x));
        return T.Where(negative, pole * pole - y, y);
    }

    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Map(new Polygamma(N + 1), x);

    T OfPositive<T>(T x) where T : IReal<T>
    {
        int s = N + 1;
        T sum = T.Zero;
        for (int k = 0; k < Terms; k++) sum += Power(T.One / (x + T.Const(k)), s);
        T i = T.One / (x + T.Const(Terms)), p = Power(i, s - 1);
        sum += p / T.Const(s - 1) + p * i * T.Const(0.5);
        double rising = s;                                                     // s(s + 1)…(s + 2j − 2)
        p = p * i * i;
        for (int j = 0; j < Bernoulli.Length; j++)
        {
            sum += p * T.Const(Bernoulli[j] * rising);
            rising *= (s + 2 * j + 1.0) * (s + 2 * j + 2.0);
            p = p * i * i;
        }
        double factorial = N % 2 == 1 ? 1 : -1;
        for (int k = 2; k <= N; k++) factorial *= k;
        return sum * T.Const(factorial);
    }

    static T Power<T>(T x, int n) where T : IReal<T>
    {
        T y = x;
        for (int k = 1; k < n; k++) y *= x;
        return y;
    }
}
