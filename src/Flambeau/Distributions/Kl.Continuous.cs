using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

// Distributions of different families: expectations of log q under p.
public static partial class Kl
{
    static Tensor XLogX(Tensor x) => x.Xlogy(x);

    static void RegisterContinuous()
    {
        RegisterKl<Bernoulli, Poisson>((p, q) => -p.Entropy() - (p.Probs * q.Rate.Log() - q.Rate));

        RegisterKl<Beta, ContinuousBernoulli>((p, q) => -p.Entropy() - p.Mean * q.Logits - (-q.Probs).Log1p() - q.LogNorm);
        RegisterKl<Beta, Exponential>((p, q) => -p.Entropy() - q.Rate.Log() + q.Rate * p.Mean);
        RegisterKl<Beta, Gamma>((p, q) =>
        {
            Tensor log = p.Concentration1.Digamma() - (p.Concentration1 + p.Concentration0).Digamma();       // E log x
            return -p.Entropy() + q.Concentration.Lgamma() - q.Concentration * q.Rate.Log() - (q.Concentration - 1) * log + q.Rate * p.Mean;
        });
        RegisterKl<Beta, Normal>((p, q) => -p.Entropy() + CrossNormal(p.Mean, p.Variance, q));
        RegisterKl<Beta, Uniform>((p, q) => InfiniteWhere((q.Low > 0) | (q.High < 1), -p.Entropy() + (q.High - q.Low).Log()));

        RegisterKl<ContinuousBernoulli, Exponential>((p, q) => -p.Entropy() - q.Rate.Log() + q.Rate * p.Mean);
        RegisterKl<ContinuousBernoulli, Normal>((p, q) => -p.Entropy() + CrossNormal(p.Mean, p.Variance, q));
        RegisterKl<ContinuousBernoulli, Uniform>((p, q) => InfiniteWhere((q.Low > 0) | (q.High < 1), -p.Entropy() + (q.High - q.Low).Log()));

        RegisterKl<Exponential, Gamma>((p, q) =>
        {
            Tensor r = q.Rate / p.Rate;
            return r - q.Concentration * r.Log() + q.Concentration.Lgamma() + q.Concentration * EulerGamma - (1 + EulerGamma);
        });
        RegisterKl<Exponential, Gumbel>((p, q) =>
        {
            Tensor s = p.Rate * q.Scale, d = q.Loc / q.Scale;
            return s.Log() - 1 - d + d.Exp() * s / (s + 1) + s.Reciprocal();
        });
        RegisterKl<Exponential, Normal>((p, q) => -p.Entropy() + CrossNormal(p.Mean, p.Variance, q));

        RegisterKl<Gamma, Exponential>((p, q) => -p.Entropy() - q.Rate.Log() + q.Rate * p.Mean);
        RegisterKl<Gamma, Gumbel>((p, q) =>
        {
            Tensor s = p.Rate * q.Scale, d = q.Loc / q.Scale;
            return (p.Concentration - 1) * p.Concentration.Digamma() - p.Concentration.Lgamma() - p.Concentration
                + s.Log() + p.Concentration / s + d.Exp() * (1 + s.Reciprocal()).Pow(-p.Concentration) - d;
        });
        RegisterKl<Gamma, Normal>((p, q) => -p.Entropy() + CrossNormal(p.Mean, p.Variance, q));

        RegisterKl<Gumbel, Normal>((p, q) => -p.Entropy() + CrossNormal(p.Mean, p.Variance, q));

        RegisterKl<Laplace, Normal>((p, q) => -p.Entropy() + CrossNormal(p.Mean, p.Variance, q));

        RegisterKl<Normal, Gumbel>((p, q) =>
        {
            Tensor m = (p.Loc - q.Loc) / q.Scale, v = Sq(p.Scale / q.Scale);
            return m - 0.5 * v.Log() + (0.5 * v - m).Exp() - 0.5 * (1 + LogTwoPi);
        });
        RegisterKl<Normal, Laplace>((p, q) =>
        {
            Tensor d = p.Loc - q.Loc, z = d / p.Scale;                                                      // E|x − μ| of a folded normal
            Tensor distance = Math.Sqrt(2 / Math.PI) * p.Scale * (-0.5 * Sq(z)).Exp() + d * (Math.Sqrt(0.5) * z).Erf();
            return distance / q.Scale - (p.Scale / q.Scale).Log() - 0.5 * (1 + Math.Log(0.5 * Math.PI));
        });

        RegisterKl<Pareto, Exponential>((p, q) =>
        {
            Tensor s = p.Scale * q.Rate;
            return InfiniteWhere(p.Alpha <= 1, (p.Alpha / s).Log() - p.Alpha.Reciprocal() + p.Alpha * s / (p.Alpha - 1) - 1);
        });
        RegisterKl<Pareto, Gamma>((p, q) =>
        {
            Tensor log = p.Scale.Log() + p.Alpha.Reciprocal();                                              // E log x
            return InfiniteWhere(p.Alpha <= 1, p.Alpha.Log() - log + q.Concentration.Lgamma() - q.Concentration * q.Rate.Log()
                + (1 - q.Concentration) * log + q.Rate * p.Alpha * p.Scale / (p.Alpha - 1) - 1);
        });
        RegisterKl<Pareto, Normal>((p, q) =>
        {
            Tensor mean = p.Alpha * p.Scale / (p.Alpha - 1), variance = p.Alpha * Sq(p.Scale / (p.Alpha - 1)) / (p.Alpha - 2);
            return InfiniteWhere(p.Alpha <= 2, -p.Entropy() + CrossNormal(mean, variance, q));
        });

        RegisterKl<Uniform, Beta>((p, q) =>
        {
            Tensor w = p.High - p.Low, a = (XLogX(p.High) - XLogX(p.Low) - w) / w, b = -(XLogX(1 - p.High) - XLogX(1 - p.Low) + w) / w;  // E log x, E log (1 − x)
            Tensor kl = q.Concentration1.Lgamma() + q.Concentration0.Lgamma() - (q.Concentration1 + q.Concentration0).Lgamma() - w.Log() - (q.Concentration1 - 1) * a - (q.Concentration0 - 1) * b;
            return InfiniteWhere((p.High > 1) | (p.Low < 0), kl);
        });
        RegisterKl<Uniform, ContinuousBernoulli>((p, q) => InfiniteWhere((p.High > 1) | (p.Low < 0), -p.Entropy() - p.Mean * q.Logits - (-q.Probs).Log1p() - q.LogNorm));
        RegisterKl<Uniform, Exponential>((p, q) => InfiniteWhere(p.Low < 0, q.Rate * p.Mean - ((p.High - p.Low) * q.Rate).Log()));
        RegisterKl<Uniform, Gamma>((p, q) =>
        {
            Tensor w = p.High - p.Low, log = (XLogX(p.High) - XLogX(p.Low) - w) / w;
            return InfiniteWhere(p.Low < 0, q.Concentration.Lgamma() - q.Concentration * q.Rate.Log() + (1 - q.Concentration) * log + q.Rate * p.Mean - w.Log());
        });
        RegisterKl<Uniform, Gumbel>((p, q) =>
        {
            Tensor s = q.Scale / (p.High - p.Low), high = (p.High - q.Loc) / q.Scale, low = (p.Low - q.Loc) / q.Scale;
            return s.Log() + 0.5 * (high + low) - s * ((-high).Exp() - (-low).Exp());
        });
        RegisterKl<Uniform, Normal>((p, q) => -p.Entropy() + CrossNormal(p.Mean, p.Variance, q));
        RegisterKl<Uniform, Pareto>((p, q) =>
        {
            Tensor w = p.High - p.Low, log = (XLogX(p.High) - XLogX(p.Low) - w) / w;
            return InfiniteWhere(p.Low < q.Scale, (q.Alpha + 1) * log - (q.Alpha * q.Scale.Pow(q.Alpha) * w).Log());
        });
    }

    // −E log q for a normal q: by mean and variance alone.
    static Tensor CrossNormal(Tensor mean, Tensor variance, Normal q) => 0.5 * LogTwoPi + q.Scale.Log() + (variance + Sq(mean - q.Loc)) / (2 * Sq(q.Scale));

    static void RegisterInfinite()
    {
        // Where p has values outside the support of q.
        Infinite<Beta, Pareto>();
        Infinite<ContinuousBernoulli, Pareto>();
        Infinite<Exponential, Beta>();
        Infinite<Exponential, ContinuousBernoulli>();
        Infinite<Exponential, Pareto>();
        Infinite<Exponential, Uniform>();
        Infinite<Gamma, Beta>();
        Infinite<Gamma, ContinuousBernoulli>();
        Infinite<Gamma, Pareto>();
        Infinite<Gamma, Uniform>();
        OnTheWholeLine<Gumbel>();
        OnTheWholeLine<Laplace>();
        OnTheWholeLine<Normal>();
        Infinite<Pareto, Beta>();
        Infinite<Pareto, ContinuousBernoulli>();
        Infinite<Pareto, Uniform>();
        Infinite<Poisson, Bernoulli>();
        Infinite<Poisson, Binomial>();

        static void OnTheWholeLine<TP>() where TP : Distribution
        {
            Infinite<TP, Beta>();
            Infinite<TP, ContinuousBernoulli>();
            Infinite<TP, Exponential>();
            Infinite<TP, Gamma>();
            Infinite<TP, Pareto>();
            Infinite<TP, Uniform>();
        }

        static void Infinite<TP, TQ>() where TP : Distribution where TQ : Distribution =>
            RegisterKl<TP, TQ>((p, q) => Tensor.Full(Ops.Shapes.Broadcast(nameof(KlDivergence), p.BatchShape, q.BatchShape), double.PositiveInfinity, p.Mean.DType));
    }
}
