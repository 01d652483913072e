using static System.Math;

namespace Flambeau;

public sealed partial class Generator
{
    /// <summary>A Poisson number by multiplying uniform doubles (D. E. Knuth), from a rate of 10 on by W. Hörmann's transformed rejection PTRS (1993).</summary>
    internal double DrawPoisson(double rate)
    {
        if (rate == 0) return 0;
        if (rate < 10)
        {
            double limit = Exp(-rate), product = DrawUnit();
            int k = 0;
            for (; product > limit; k++) product *= DrawUnit();
            return k;
        }
        double root = Sqrt(rate), log = Log(rate), b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
        double inverseAlpha = 1.1239 + 1.1328 / (b - 3.4), fast = 0.9277 - 3.6224 / (b - 2);
        while (true)
        {
            double u = DrawUnit() - 0.5, v = DrawUnit(), us = 0.5 - Abs(u), k = Floor((2 * a / us + b) * u + rate + 0.43);
            if (us >= 0.07 && v <= fast) return k;
            if (k < 0 || us < 0.013 && v > us) continue;
            if (Log(v) + Log(inverseAlpha) - Log(a / (us * us) + b) <= k * log - rate - LogGamma(k + 1)) return k;
        }
    }

    /// <summary>A binomial number by geometric steps, from 10 expected successes (or failures) on by W. Hörmann's transformed rejection BTRS (1993).</summary>
    internal double DrawBinomial(double count, double probability)
    {
        if (count <= 0 || probability <= 0) return 0;
        if (probability >= 1) return count;
        if (double.IsNaN(probability) || double.IsNaN(count)) return double.NaN;
        return probability <= 0.5 ? Rarer(count, probability) : count - Rarer(count, 1 - probability);

        double Rarer(double n, double p) => n * p >= 10 ? ByRejection(n, p) : BySteps(n, p);
    }

    double BySteps(double n, double p)
    {
        double log = double.LogP1(-p), sum = 0;
        for (int k = 0; ; k++)
        {
            sum += Ceiling(Log(DrawUnit()) / log);
            if (sum > n) return k;
        }
    }

    double ByRejection(double n, double p)
    {
        double deviation = Sqrt(n * p * (1 - p)), b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p, c = n * p + 0.5;
        double fast = 0.92 - 4.2 / b, odds = p / (1 - p), alpha = (2.83 + 5.1 / b) * deviation, mode = Floor((n + 1) * p);
        while (true)
        {
            double u = DrawUnit() - 0.5, v = DrawUnit(), us = 0.5 - Abs(u), k = Floor((2 * a / us + b) * u + c);
            if (us >= 0.07 && v <= fast) return k;
            if (k < 0 || k > n) continue;
            v = Log(v * alpha / (a / (us * us) + b));
            double bound = (mode + 0.5) * Log((mode + 1) / (odds * (n - mode + 1))) + (n + 1) * Log((n - mode + 1) / (n - k + 1)) + (k + 0.5) * Log(odds * (n - k + 1) / (k + 1))
                + StirlingRest(mode) + StirlingRest(n - mode) - StirlingRest(k) - StirlingRest(n - k);
            if (v <= bound) return k;
        }
    }

    // log k! less Stirling's (k + ½) log (k + 1) − (k + 1) + ½ log 2π, for k = 0 … 9.
    static ReadOnlySpan<double> StirlingRests =>
    [
        0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
        0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287,
    ];

    static double StirlingRest(double k)
    {
        if (k <= 9) return StirlingRests[(int)k];
        double q = 1 / ((k + 1) * (k + 1));
        return (1 / 12.0 - (1 / 360.0 - q / 1260) * q) / (k + 1);
    }

    // log Γ(x) for x ≥ 1: Stirling's series from 10 on, reached by Γ(x + 1) = x Γ(x).
    static double LogGamma(double x)
    {
        double below = 1;
        for (; x < 10; x++) below *= x;
        double i = 1 / x, q = i * i;
        double series = i * (1 / 12.0 - q * (1 / 360.0 - q * (1 / 1260.0 - q * (1 / 1680.0 - q * (1 / 1188.0 - q * (691 / 360360.0 - q / 156))))));
        return (x - 0.5) * Log(x) - x + 0.91893853320467274178 + series - Log(below);
    }

    /// <summary>
    /// A gamma number of rate 1 by G. Marsaglia and W. W. Tsang's <i>A simple method for generating gamma variables</i> (2000); below a
    /// concentration of 1, by one of a larger concentration times a power of a uniform number.
    /// </summary>
    internal double DrawGamma(double concentration)
    {
        double scale = 1;
        if (concentration < 1)
        {
            if (concentration == 0) return 0;
            scale = Pow(1 - DrawUnit(), 1 / concentration);
            concentration++;
        }
        double d = concentration - 1f / 3f, c = 1 / Sqrt(9 * d);                                            // floats, as PyTorch has them
        while (true)
        {
            double x, y;
            do
            {
                x = DrawNormal();
                y = 1 + c * x;
            }
            while (y <= 0);
            double v = y * y * y, u = 1 - DrawUnit(), q = x * x;
            if (u < 1 - 0.0331f * q * q || Log(u) < 0.5 * q + d * (1 - v + Log(v))) return scale * d * v;
        }
    }
}
