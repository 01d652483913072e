namespace Flambeau.Ops;

/// <summary>The N-th derivative of ψ, N ≥ 1: (−1)ᴺ⁺¹ N! ζ(N + 1, x)</summary>
internal readonly record struct Polygamma(int N) : IUnaryOp, IScalarFunction
{
    public static string Name => "polygamma";
    public static Traits Traits => Traits.Float | Traits.InDouble;
    public T Forward<T>(T x) where T : IReal<T> => T.Each(this, x, x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Map(new Polygamma(N + 1), x);

    public double Value(double a, double b) => Factor * Zeta.Of(N + 1, a);

    public double Definition(double a, double b) => Factor * new Zeta().Definition(N + 1, a);

    double Factor
    {
        get
        {
            double f = N % 2 == 1 ? 1 : -1;
            for (int k = 2; k <= N; k++) f *= k;
            return f;
        }
    }
}
