using static Flambeau.Distributions.Common;

namespace Flambeau.Distributions;

// Both distributions of one family. M. Gil, F. Alajaji and T. Linder, Rényi divergence measures for commonly used univariate continuous
// distributions, 2013, has many of the formulas; Cauchy's is of F. Chyzak and F. Nielsen, 2019, arXiv:1905.10965.
public static partial class Kl
{
    static void RegisterSameFamilies()
    {
        RegisterKl<Bernoulli, Bernoulli>((p, q) =>
        {
            Tensor one = p.Probs * (p.Logits.LogSigmoid() - q.Logits.LogSigmoid()), zero = (1 - p.Probs) * ((-p.Logits).LogSigmoid() - (-q.Logits).LogSigmoid());
            return Tensor.Where(p.Probs.Eq(0), 0.0, InfiniteWhere(q.Probs.Eq(0), one)) + Tensor.Where(p.Probs.Eq(1), 0.0, InfiniteWhere(q.Probs.Eq(1), zero));
        });
        RegisterKl<Beta, Beta>((p, q) =>
        {
            Tensor sp = p.Concentration1 + p.Concentration0, sq = q.Concentration1 + q.Concentration0;
            return q.Concentration1.Lgamma() + q.Concentration0.Lgamma() + sp.Lgamma() - p.Concentration1.Lgamma() - p.Concentration0.Lgamma() - sq.Lgamma()
                + (p.Concentration1 - q.Concentration1) * p.Concentration1.Digamma() + (p.Concentration0 - q.Concentration0) * p.Concentration0.Digamma() + (sq - sp) * sp.Digamma();
        });
        RegisterKl<Binomial, Binomial>((p, q) =>
        {
            if ((p.TotalCount < q.TotalCount).Any().Item<bool>()) throw new NotSupportedException("KlDivergence: there is no formula for a Binomial with fewer trials than the other has.");
            Tensor kl = p.TotalCount * (p.Probs * (p.Logits - q.Logits) + (-p.Probs).Log1p() - (-q.Probs).Log1p());
            return InfiniteWhere(p.TotalCount > q.TotalCount, kl);
        });
        RegisterKl<Categorical, Categorical>((p, q) =>
            Tensor.Where(p.Probs.Eq(0), 0.0, InfiniteWhere(q.Probs.Eq(0), p.Probs * (p.Logits - q.Logits))).Sum(-1));
        RegisterKl<OneHotCategorical, OneHotCategorical>((p, q) => KlDivergence(p.Categorical, q.Categorical));
        RegisterKl<Cauchy, Cauchy>((p, q) => (Sq(p.Scale + q.Scale) + Sq(p.Loc - q.Loc)).Log() - (4 * p.Scale * q.Scale).Log());
        RegisterKl<ContinuousBernoulli, ContinuousBernoulli>((p, q) =>
            p.Mean * (p.Logits - q.Logits) + p.LogNorm + (-p.Probs).Log1p() - q.LogNorm - (-q.Probs).Log1p());
        RegisterKl<Dirichlet, Dirichlet>((p, q) =>
        {
            Tensor a = p.Concentration, b = q.Concentration, sa = a.Sum(-1);
            return sa.Lgamma() - b.Sum(-1).Lgamma() - (a.Lgamma() - b.Lgamma()).Sum(-1) + ((a - b) * (a.Digamma() - sa.Digamma().Unsqueeze(-1))).Sum(-1);
        });
        RegisterKl<Exponential, Exponential>((p, q) =>
        {
            Tensor r = q.Rate / p.Rate;
            return r - 1 - r.Log();
        });
        RegisterKl<ExponentialFamily, ExponentialFamily>(Bregman);
        RegisterKl<Gamma, Gamma>((p, q) =>
            q.Concentration * (p.Rate / q.Rate).Log() + q.Concentration.Lgamma() - p.Concentration.Lgamma()
            + (p.Concentration - q.Concentration) * p.Concentration.Digamma() + (q.Rate - p.Rate) * (p.Concentration / p.Rate));
        RegisterKl<Geometric, Geometric>((p, q) => -p.Entropy() - (-q.Probs).Log1p() / p.Probs - q.Logits);
        RegisterKl<Gumbel, Gumbel>((p, q) =>
        {
            Tensor r = p.Scale / q.Scale, d = (p.Loc - q.Loc) / q.Scale;
            return d - r.Log() + r * EulerGamma + ((1 + r).Lgamma() - d).Exp() - (1 + EulerGamma);
        });
        RegisterKl<HalfNormal, HalfNormal>((p, q) => KlDivergence(p.BaseDist, q.BaseDist));
        RegisterKl<Independent, Independent>((p, q) => p.ReinterpretedBatchNDims == q.ReinterpretedBatchNDims ? SumRightmost(KlDivergence(p.BaseDist, q.BaseDist), p.ReinterpretedBatchNDims)
            : throw new NotSupportedException($"KlDivergence: one distribution has {p.ReinterpretedBatchNDims} batch axes in its event, the other {q.ReinterpretedBatchNDims}."));
        RegisterKl<Laplace, Laplace>((p, q) =>
        {
            Tensor r = p.Scale / q.Scale, d = (p.Loc - q.Loc).Abs();
            return d / q.Scale + r * (-d / p.Scale).Exp() - r.Log() - 1;
        });
        RegisterKl<Normal, Normal>((p, q) =>
        {
            Tensor r = Sq(p.Scale / q.Scale);
            return 0.5 * (r + Sq((p.Loc - q.Loc) / q.Scale) - 1 - r.Log());
        });
        RegisterKl<Pareto, Pareto>((p, q) =>
        {
            Tensor r = q.Alpha / p.Alpha;
            return InfiniteWhere(p.Scale < q.Scale, q.Alpha * (p.Scale / q.Scale).Log() - r.Log() + r - 1);
        });
        RegisterKl<Poisson, Poisson>((p, q) => p.Rate * (p.Rate.Log() - q.Rate.Log()) - (p.Rate - q.Rate));
        RegisterKl<TransformedDistribution, TransformedDistribution>((p, q) =>
        {
            if (!p.Transforms.SequenceEqual(q.Transforms) || p.EventShape != q.EventShape)
                throw new NotSupportedException("KlDivergence: transformed distributions can be compared only if they have the same transforms.");
            return KlDivergence(p.BaseDist, q.BaseDist);
        });
        RegisterKl<Uniform, Uniform>((p, q) => InfiniteWhere((q.Low > p.Low) | (q.High < p.High), ((q.High - q.Low) / (p.High - p.Low)).Log()));
        RegisterKl<MultivariateNormal, MultivariateNormal>((p, q) =>
        {
            CheckEvents(p, q);
            Tensor trace = Sq(Solve(q.L, p.L)).Sum([-2, -1]);
            return HalfLogDet(q.L) - HalfLogDet(p.L) + 0.5 * (trace + Mahalanobis(q.L, q.Loc - p.Loc) - p.EventShape[0]);
        });
        RegisterKl<LowRankMultivariateNormal, LowRankMultivariateNormal>((p, q) =>
        {
            // tr[(D + WWᵀ)⁻¹ (E + VVᵀ)], the inverse by Woodbury's identity: D⁻¹ − AᵀA.
            CheckEvents(p, q);
            Tensor a = Solve(q.CapacitanceTril, q.WtDInv);
            Tensor trace = (p.D / q.D).Sum(-1) + Sq(p.W * q.D.Rsqrt().Unsqueeze(-1)).Sum([-2, -1]) - Sq(a * p.D.Sqrt().Unsqueeze(-2)).Sum([-2, -1]) - Sq(a.MatMul(p.W)).Sum([-2, -1]);
            return 0.5 * (q.LogDet - p.LogDet + trace + q.SquaredDistance(q.Loc - p.Loc) - p.EventShape[0]);
        });
        RegisterKl<MultivariateNormal, LowRankMultivariateNormal>((p, q) =>
        {
            CheckEvents(p, q);
            Tensor a = Solve(q.CapacitanceTril, q.WtDInv);
            Tensor trace = Sq(p.L * q.D.Rsqrt().Unsqueeze(-1)).Sum([-2, -1]) - Sq(a.MatMul(p.L)).Sum([-2, -1]);
            return 0.5 * (q.LogDet - 2 * HalfLogDet(p.L) + trace + q.SquaredDistance(q.Loc - p.Loc) - p.EventShape[0]);
        });
        RegisterKl<LowRankMultivariateNormal, MultivariateNormal>((p, q) =>
        {
            CheckEvents(p, q);
            Tensor trace = Sq(Solve(q.L, p.W)).Sum([-2, -1]) + Sq(Solve(q.L, p.D.Sqrt().DiagEmbed())).Sum([-2, -1]);
            return 0.5 * (2 * HalfLogDet(q.L) - p.LogDet + trace + Mahalanobis(q.L, q.Loc - p.Loc) - p.EventShape[0]);
        });
    }

    static Tensor Solve(Tensor l, Tensor b) => Linalg.SolveTriangular(l, b, upper: false);

    static Tensor Bregman(ExponentialFamily p, ExponentialFamily q)
    {
        if (p.GetType() != q.GetType()) throw new NotSupportedException($"KlDivergence: no formula is known for {p.GetType().Name} and {q.GetType().Name}.");
        (Tensor[] np, Tensor a, Tensor[] g) = p.Differentiated();
        Tensor[] nq = q.NaturalParams;
        Tensor y = q.LogNormalizer(nq) - a;
        for (int i = 0; i < np.Length; i++) y -= SumRightmost((nq[i] - np[i]) * g[i], np[i].Rank - p.BatchShape.Length);
        return y;
    }
}
