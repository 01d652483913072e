using Flambeau.Distributions;
using Xunit;

namespace Flambeau.Tests.Distributions;

/// <summary>What holds for every distribution.</summary>
public class DistributionLaws
{
    public static TheoryData<string> Names => new(DistributionTable.Rows.Select(r => r.Name));

    static DistributionRow Find(string name) => DistributionTable.Find(name);

    static Generator Seeded(string name) => new(name.Aggregate(17L, (h, c) => h * 31 % 1_000_003 + c));

    // Null where the distribution says that it has no formula.
    static Tensor? Formula(Func<Tensor> f)
    {
        try { return f(); }
        catch (NotSupportedException) { return null; }
    }

    static bool IsContinuousNumber(Distribution d) => d.EventShape.Length == 0 && !d.Support.IsDiscrete;

    /// <summary>Kolmogorov and Smirnov: of 20,000 draws √n sup |Fₙ − F| exceeds 1.95 with probability 0.001; the seeds are fixed.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Draws_follow_the_distribution_function(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Of(r.P);
        if (!IsContinuousNumber(d)) return;
        const int n = 20_000;
        Tensor x = d.Sample([n], Seeded(name)).Sort(0).Values;
        Tensor f = Formula(() => d.Cdf(x)) ?? Integrated(d, x);
        Tensor i = Tensor.Arange(n, DType.Float64).Reshape([n, .. Enumerable.Repeat(1L, d.BatchShape.Length)]);
        double distance = (f - i / n).Maximum((i + 1) / n - f).Max().Item<double>();
        Assert.True(Math.Sqrt(n) * distance < 1.95, $"{name}: √n D = {Math.Sqrt(n) * distance}");
    }

    // Where there is no formula: the density's integral from the least draw on, by trapezoids.
    static Tensor Integrated(Distribution d, Tensor sorted)
    {
        const int points = 40_001;
        Tensor low = sorted.Select(0, 0), high = sorted.Select(0, -1), t = Tensor.Linspace(0, 1, points, DType.Float64).Unsqueeze(1);
        Tensor density = d.LogProb(low + (high - low) * t).Exp() * (high - low);
        Tensor f = Tensor.Cat([Tensor.Zeros([1, d.BatchShape[0]], DType.Float64), ((density.Narrow(0, 0, points - 1) + density.Narrow(0, 1, points - 1)) / (2.0 * (points - 1))).CumSum(0)]);
        Tensor total = f.Select(0, -1);
        Assert.True(((total - 1).Abs() < 2e-3).All().Item<bool>(), $"the density integrates to {total}");      // less what lies beyond the draws
        return f.Gather(0, ((sorted - low) / (high - low) * (points - 1)).Round().Long());
    }

    /// <summary>Means of 40,000 draws within 5 standard errors; variances within 6, their errors taken from fourth moments.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Moments_of_draws_are_those_of_the_formulas(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Of(r.P);
        if (!r.HasMoments || Formula(() => d.Mean) is not { } mean) return;
        const int n = 40_000;
        Tensor x = d.Sample([n], Seeded(name)), variance = d.Variance, centred = x - mean;
        Assert.Equal(new Dims([n, .. d.BatchShape, .. d.EventShape]), x.Shape);
        Near(mean, x.Mean(0), 5 * (variance / n).Sqrt(), "mean");
        Tensor fourth = centred.Pow(4).Mean(0);
        Near(variance, centred.Square().Mean(0), 6 * ((fourth - variance.Square()).Clamp(min: 0) / n).Sqrt(), "variance");
        Near(variance, d.StdDev.Square(), Tensor.Full([], 1e-12, DType.Float64) * variance.Abs().Max(), "stddev");

        void Near(Tensor expected, Tensor actual, Tensor error, string what) =>
            Assert.True(((expected - actual).Abs() <= error + 1e-12).All().Item<bool>(), $"{name}: {what} {expected}, of draws {actual}, ± {error}");
    }

    /// <summary>The mean of −log p over 20,000 draws within 5 standard errors.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Entropy_is_the_mean_of_minus_the_logarithm(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Of(r.P);
        if (Formula(d.Entropy) is not { } entropy) return;
        Assert.Equal(d.BatchShape, entropy.Shape);
        const int n = 20_000;
        Tensor log = -d.LogProb(d.Sample([n], Seeded(name)));
        Assert.True(((log.Mean(0) - entropy).Abs() <= 5 * log.Std([0]) / Math.Sqrt(n) + 1e-9).All().Item<bool>(), $"{name}: {entropy}, of draws {log.Mean(0)}");
    }

    [Theory, MemberData(nameof(Names))]
    public void The_density_is_the_derivative_of_the_distribution_function(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Of(r.P);
        if (!IsContinuousNumber(d)) return;
        Tensor x = d.Sample([50], Seeded(name)).SetRequiresGrad();
        if (Formula(() => d.Cdf(x)) is not { } f) return;
        Tensor slope = Autograd.Grad([f.Sum()], [x])[0]!, density = d.LogProb(x).Exp();
        Assert.True(((slope - density).Abs() <= 1e-6 * (1 + density)).All().Item<bool>(), $"{name}: {slope} against {density}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Quantiles_invert_the_distribution_function(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Of(r.P);
        if (!IsContinuousNumber(d)) return;
        Tensor p = Tensor.Linspace(0.01, 0.99, 50, DType.Float64).Unsqueeze(1).Expand(50, d.BatchShape.Count).Reshape([50, .. d.BatchShape]);
        if (Formula(() => d.Icdf(p)) is not { } x) return;
        Assert.True(((d.Cdf(x) - p).Abs() <= 1e-9).All().Item<bool>(), $"{name}: {d.Cdf(x) - p}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Probabilities_add_up_to_1(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Of(r.P);
        if (!d.Support.IsDiscrete) return;
        Tensor all = d.HasEnumerateSupport ? d.EnumerateSupport()
            : d is Multinomial ? Tensor.From([.. from a in Enumerable.Range(0, 7) from b in Enumerable.Range(0, 7 - a) from v in new double[] { a, b, 6 - a - b } select v]).Reshape(-1, 3)
            : Tensor.Arange(400, DType.Float64).Unsqueeze(1).Expand(400, 2);
        Tensor sum = d.LogProb(all).Exp().Sum(0);
        Assert.True(((sum - 1).Abs() < 1e-10).All().Item<bool>(), $"{name}: {sum}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Log_probabilities_have_derivatives(string name)
    {
        DistributionRow r = Find(name);
        Tensor x = r.Of(r.P).Sample([3], Seeded(name));
        // Probabilities are divided by their sum; others must not leave their constraint by a difference.
        Assert.Null(GradCheck.Run(p => [r.Make(p).LogProb(x)], r.Parameters(r.P, requiresGrad: true)));
    }

    [Theory, MemberData(nameof(Names))]
    public void Explicit_samples_have_the_derivatives_of_differences(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Of(r.P);
        if (!d.HasRSample) Assert.Throws<NotSupportedException>(() => d.RSample());
        else if (r.IsExplicit) Assert.Null(GradCheck.Run(p => [r.Make(p).RSample([4], new Generator(5))], r.Parameters(r.P, requiresGrad: true)));
    }

    /// <summary>E ∂x/∂θ = ∂E x/∂θ: means over 40 blocks of 500 draws, within 6 standard errors of them.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Derivatives_of_samples_are_in_the_mean_those_of_the_mean(string name)
    {
        DistributionRow r = Find(name);
        Tensor[] p = r.Parameters(r.P, requiresGrad: true);
        Distribution d = r.Make(p);
        if (!d.HasRSample || !r.HasMoments || Formula(() => d.Mean) is not { } mean) return;
        Tensor weights = Tensor.Rand(mean.Shape, DType.Float64, new Generator(3)) + 0.5;
        Tensor?[] expected = Autograd.Grad([(mean * weights).Sum()], p, allowUnused: true, retainGraph: true);
        Generator g = Seeded(name);
        List<Tensor?[]> blocks = [];
        for (int k = 0; k < 40; k++) blocks.Add(Autograd.Grad([(d.RSample([500], g).Mean(0) * weights).Sum()], p, allowUnused: true, retainGraph: true));
        for (int i = 0; i < p.Length; i++)
        {
            Tensor all = Tensor.Stack([.. blocks.Select(b => b[i] ?? Tensor.ZerosLike(p[i]))]).Detach(), error = all.Std([0]) / Math.Sqrt(40), e = expected[i] ?? Tensor.ZerosLike(p[i]);
            Assert.True(((all.Mean(0) - e).Abs() <= 6 * error + 1e-9).All().Item<bool>(), $"{name}: parameter {i}: {e} expected, of draws {all.Mean(0)} ± {error}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_larger_batch_gives_the_same_probabilities(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Of(r.P), wide = d.Expand([4, .. d.BatchShape]);
        Assert.Equal(d.GetType(), wide.GetType());
        Assert.Equal(new Dims([4, .. d.BatchShape]), wide.BatchShape);
        Assert.Equal(d.EventShape, wide.EventShape);
        Tensor x = wide.Sample([3], Seeded(name));
        Assert.Equal(new Dims([3, 4, .. d.BatchShape, .. d.EventShape]), x.Shape);
        Tensor a = wide.LogProb(x), b = d.LogProb(x);
        Assert.Equal(new Dims([3, 4, .. d.BatchShape]), a.Shape);
        Assert.True(((a - b).Abs() < 1e-9).All().Item<bool>());
    }

    [Theory, MemberData(nameof(Names))]
    public void Draws_lie_in_the_support_and_depend_on_the_seed_alone(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Of(r.P);
        Tensor x = d.Sample([200], new Generator(1)), y = d.Sample([200], new Generator(1));
        Assert.True(x.Eq(y).All().Item<bool>());
        Assert.False(x.RequiresGrad);
        Assert.True(d.Support.Check(x).All().Item<bool>(), name);
        Assert.Equal(new Dims([.. d.BatchShape, .. d.EventShape]), d.Sample().Shape);
    }

    [Theory, MemberData(nameof(Names))]
    public void What_is_no_parameter_or_no_value_is_refused(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Of(r.P);
        double[][] nan = [.. r.P.Select(p => p.Select(_ => double.NaN).ToArray())];
        Assert.ThrowsAny<ArgumentException>(() => r.Of(nan));
        Tensor x = d.Sample();
        Assert.ThrowsAny<ArgumentException>(() => d.LogProb(Tensor.Full(x.Shape, double.NaN, DType.Float64)));
        if (x.Rank > 0) Assert.ThrowsAny<ArgumentException>(() => d.LogProb(Tensor.Stack([x, x, x, x, x], -1)));
        Assert.NotEmpty(d.ToString());
    }

    [Theory, MemberData(nameof(Names))]
    public void Float32_parameters_give_float32(string name)
    {
        DistributionRow r = Find(name);
        Distribution d = r.Make([.. r.Parameters(r.P).Select(p => p.To(DType.Float32))]);
        Tensor x = d.Sample([5], Seeded(name));
        Assert.Equal(d is Categorical ? DType.Int64 : DType.Float32, x.DType);
        Assert.Equal(DType.Float32, d.LogProb(x).DType);
    }

    [Fact]
    public void Every_distribution_has_a_row()
    {
        IEnumerable<string> all = typeof(Distribution).Assembly.GetExportedTypes().Where(t => t.IsSubclassOf(typeof(Distribution)) && !t.IsAbstract).Select(t => t.Name);
        Assert.Equal(all.Order(), DistributionTable.Rows.Select(r => r.Name).Order());
        foreach (DistributionRow r in DistributionTable.Rows) Assert.Equal(r.Name, r.Of(r.P).GetType().Name);
    }
}
