namespace Flambeau.Ops;

/// <summary>Hurwitz's zeta function ζ(s, q) = Σ_{k ≥ 0} (q + k)⁻ˢ; for s = 1 and where a term is infinite ∞, NaN for s &lt; 1 and for powers that are not real</summary>
internal readonly record struct Zeta : IBinaryOp, IScalarFunction
{
    public static string Name => "special_zeta";
    public static Traits Traits => Traits.Float | Traits.InDouble;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Each(this, a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => -grad * a * T.Map(this, a + T.One, b);

    // B₂ⱼ / (2j)!
    static ReadOnlySpan<double> Bernoulli =>
    [
        0.08333333333333333, -0.001388888888888889, 3.306878306878307e-05, -8.267195767195768e-07, 2.08767569878681e-08,
        -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13, 8.586062056277845e-15, -2.174868698558062e-16,
        5.5090028283602295e-18, -1.3954464685812522e-19, 3.534707039629467e-21
    ];

    public double Value(double s, double q) => Of(s, q);

    /// <summary>ζ(s, q).</summary>
    public static double Of(double s, double q)
    {
        if (Trivial(s, q) is { } y) return y;
        if (q > -30) return Sum(s, q);
        // The sum over all whole steps from q in both directions, less what lies below q: no further from 0 than 1 but for the last.
        double f = q - Math.Floor(q), sign = s % 2 == 0 ? 1 : -1;
        return Sum(s, f) + sign * (Sum(s, 1 - f) - Sum(s, 1 - q));
    }

    static double? Trivial(double s, double q)
    {
        if (s == 1) return double.PositiveInfinity;
        if (!(s > 1) || double.IsNaN(q)) return double.NaN;
        if (q <= 0 && q == Math.Floor(q)) return double.IsNegativeInfinity(q) ? double.NaN : double.PositiveInfinity;
        if (q <= 0 && s != Math.Floor(s)) return double.NaN;
        if (double.IsInfinity(s)) return q == 1 ? 1 : q > 1 ? 0 : q is < 0 and > -1 or > 0 ? double.PositiveInfinity : double.NaN;
        return double.IsPositiveInfinity(q) ? 0 : null;
    }

    /// <summary>The first terms, and Euler and Maclaurin's formula for the rest once q + k exceeds both 12 and s.</summary>
    static double Sum(double s, double q)
    {
        double sum = 0, w = q;
        for (double end = Math.Max(12, s); w < end; w++)
        {
            double term = Math.Pow(w, -s);
            sum += term;
            if (w > 0 && term * w <= Math.Abs(sum) * 1e-17 || double.IsInfinity(sum)) return sum;
        }
        double p = Math.Pow(w, -s), rest = p * (w / (s - 1) + 0.5), rising = s, i2 = 1 / (w * w);     // s(s + 1)…(s + 2j − 2)/w²ʲ⁻¹
        rising /= w;
        for (int j = 0; j < Bernoulli.Length; j++)
        {
            double term = p * Bernoulli[j] * rising;
            rest += term;
            if (Math.Abs(term) <= 1e-17 * rest) break;
            rising *= (s + 2 * j + 1) * (s + 2 * j + 2) * i2;
        }
        return sum + rest;
    }

    /// <summary>Ten thousand terms, the rest as an integral.</summary>
    public double Definition(double s, double q)
    {
        if (Trivial(s, q) is { } y) return y;
        double sum = 0, w = q;
        for (int k = 0; k < 10000 || w < 1; k++, w++) sum += Math.Pow(w, -s);
        return sum + Math.Pow(w, 1 - s) / (s - 1) + Math.Pow(w, -s) / 2 + s * Math.Pow(w, -s - 1) / 12;
    }
}
