using System.Numerics;
using Flambeau.Ops;
using Flambeau.Tests.Operators;
using Xunit;

namespace Flambeau.Tests.Transforms;

/// <summary>What holds for every operation under every transform: they agree with each other, with loops and with finite differences.</summary>
[Collection(nameof(Tests.Nn.DefaultGenerator))]
public class TransformLaws
{
    // The one list of what is left out: rows to which a law does not apply, each with the reason.

    const string Sizes = "the shape of the result depends on values, which differ from example to example", Host = "drawn or sought on the host, number by number";

    /// <summary>Of forward mode against differences; against reverse mode they are held.</summary>
    static readonly Dictionary<string, string> s_noDifferences = new()
    {
        ["standard_gamma"] = "the derivative is that at a fixed value of the distribution function; a draw at a neighbouring parameter is another draw",
        ["sample_dirichlet"] = "the derivative is that at a fixed value of the distribution function; a draw at a neighbouring parameter is another draw",
    };

    /// <summary>Of second derivatives.</summary>
    static readonly Dictionary<string, string> s_noSecond = new()
    {
        ["scatter_reduce prod zeros"] = "where several zeros meet there is none, nor has PyTorch one",
        ["det singular"] = "it is that of a neighbour whose inverse is huge; PyTorch's neither",
        ["householder_product of none"] = "the result is constant",
        ["standard_gamma"] = "the derivative of a draw has none, as in PyTorch",
        ["sample_dirichlet"] = "the derivative of a draw has none, as in PyTorch",
    };

    /// <summary>Of Vmap.</summary>
    static readonly Dictionary<string, string> s_noBatch = new()
    {
        ["index mask"] = Sizes, ["masked_select"] = Sizes, ["nonzero"] = Sizes, ["unique"] = Sizes, ["unique dim"] = Sizes, ["unique_consecutive"] = Sizes,
        ["bincount"] = Sizes, ["masked_scatter"] = Sizes, ["histc"] = Sizes,
        ["poisson"] = Host, ["binomial"] = Host, ["standard_gamma"] = Host, ["sample_dirichlet"] = Host, ["fractional_max_pool2d"] = Host, ["fractional_max_pool3d"] = Host,
    };

    static TheoryData<string> Data(Func<Row, bool> which) => new(OpTable.Rows.Where(which).Select(r => r.Name));

    public static TheoryData<string> Differentiable => Data(r => r.Differentiable || s_noDifferences.ContainsKey(r.Name));

    public static TheoryData<string> TwiceDifferentiable => Data(r => r.Differentiable && !s_noSecond.ContainsKey(r.Name));

    public static TheoryData<string> Batchable => Data(r => !s_noBatch.ContainsKey(r.Name));

    public static TheoryData<string> BatchableGradients => Data(r => r.Differentiable && !s_noBatch.ContainsKey(r.Name));

    [Fact]
    public void What_is_left_out_is_in_the_table_and_no_more_than_the_table_says()
    {
        Assert.Empty(s_noDifferences.Keys.Concat(s_noSecond.Keys).Concat(s_noBatch.Keys).Except(OpTable.Rows.Select(r => r.Name)));
        Assert.Equal(OpTable.Rows.Where(r => !r.TwiceDifferentiable).Select(r => r.Name).Order(), s_noSecond.Keys.Order());
    }

    static Row Find(string name) => OpTable.Rows.Single(r => r.Name == name);

    static IEnumerable<(Row Row, Arg[] Sample, DType Type)> Cases(string name)
    {
        Row r = Find(name);
        long smallest = r.Samples.Min(Elements);
        foreach (DType t in (DType[])[DType.Float64, .. r.DTypes.Where(d => d == DType.Complex128)])
            foreach (Arg[] sample in r.Samples)
                if (Elements(sample) <= Math.Max(1000, smallest)) yield return (r, sample, t);                    // the small samples say it

        static long Elements(Arg[] sample) => sample.Sum(a => a.Shape.Aggregate(1L, (p, s) => p * s));
    }

    static Tensor[] Make(Arg[] sample, DType dtype, int seed = 100) => [.. sample.Select((a, i) => a.Make(dtype, seed + i))];

    static Tensor Random(Tensor like, int seed) => new Arg(like.Shape.ToArray()).Make(like.DType, seed);

    /// <summary>The row as a function of its differentiable inputs, and where these stand.</summary>
    static (Func<Tensor[], Tensor[]> F, int[] At) Smooth(Row r, Tensor[] x)
    {
        int[] at = [.. Enumerable.Range(0, x.Length).Where(i => x[i].DType.IsDifferentiable)];
        return (p =>
        {
            Tensor[] all = [.. x];
            for (int k = 0; k < at.Length; k++) all[at[k]] = p[k];
            return [.. r.Call(all).Where(y => y.DType.IsDifferentiable)];
        }, at);
    }

    static double Dot(IEnumerable<Tensor> a, IEnumerable<Tensor> b)
    {
        double sum = 0;
        foreach ((Tensor p, Tensor q) in a.Zip(b))
        {
            Complex[] u = p.ToArray<Complex>(), v = q.ToArray<Complex>();
            for (int i = 0; i < u.Length; i++) sum += (Complex.Conjugate(u[i]) * v[i]).Real;
        }
        return sum;
    }

    static double Size(IEnumerable<Tensor> a) => Math.Sqrt(Dot(a, a));

    static void AssertClose(IReadOnlyList<Tensor> expected, IReadOnlyList<Tensor> actual, double tolerance, string what) =>
        Laws.AssertClose([.. expected], [.. actual], tolerance, tolerance * Math.Max(1, Size(expected)), what);

    [Theory, MemberData(nameof(Differentiable))]
    public void Forward_mode_agrees_with_reverse_mode_and_with_differences(string name)
    {
        foreach ((Row r, Arg[] sample, DType t) in Cases(name))
        {
            Tensor[] x = Make(sample, t);
            (var f, int[] at) = Smooth(r, x);
            f = Seeded(f);
            Tensor[] p = [.. at.Select(i => x[i])], v = [.. p.Select((a, i) => Random(a, 300 + i))];
            (Tensor[] y, Tensor[] jv) = Func.Jvp(f, p, v);
            AssertClose(f(p), y, 1e-12, $"{name} {t} value");
            Assert.All(jv.Zip(y), z => Assert.True(z.First.Shape == z.Second.Shape && z.First.DType == z.Second.DType));
            Tensor[] u = [.. y.Select((a, i) => Random(a, 400 + i))];
            (_, var vjp) = Func.Vjp(f, p);
            double forward = Dot(u, jv), reverse = Dot(vjp(u), v), scale = Math.Max(1, Size(u) * Size(jv));
            Assert.True(Math.Abs(forward - reverse) <= 1e-9 * scale || double.IsNaN(forward) && double.IsNaN(reverse), $"{name} {t}: forward mode {forward}, reverse mode {reverse}");

            if (s_noDifferences.ContainsKey(name)) continue;
            const double h = 1e-6;
            Tensor[] up = f([.. p.Zip(v, (a, d) => a + d * h)]), down = f([.. p.Zip(v, (a, d) => a - d * h)]);
            double difference = (Dot(u, up) - Dot(u, down)) / (2 * h);
            Assert.True(Math.Abs(forward - difference) <= 1e-4 * scale || double.IsNaN(forward) && double.IsNaN(difference), $"{name} {t}: forward mode {forward}, differences {difference}");
        }
    }

    [Theory, MemberData(nameof(TwiceDifferentiable))]
    public void Forward_over_reverse_agrees_with_reverse_over_reverse(string name)
    {
        foreach ((Row r, Arg[] sample, DType t) in Cases(name))
        {
            Tensor[] x = Make(sample, t);
            (var f, int[] at) = Smooth(r, x);
            Tensor[] p = [.. at.Select(i => x[i])], v = [.. p.Select((a, i) => Random(a, 300 + i))];
            // A number that is not linear in the results, so that the second derivative is seen whole.
            Tensor Loss(Tensor[] q) => f(q).Select((y, i) => { Tensor z = (y * Random(y, 500 + i)).Sum(); return z.DType.IsComplex ? z.Real() : z; }).Aggregate(Tensor.Zeros([], DType.Float64), (a, b) => a + b);
            (Tensor[] g, Tensor[] forward) = Func.Hvp(Loss, p, v);
            Tensor[] reverse = Func.Grad<Tensor[]>(q => Func.Grad<Tensor[]>(Loss)(q).Zip(v, (a, b) => { Tensor z = (a * b.Conj()).Sum(); return z.DType.IsComplex ? z.Real() : z; }).Aggregate((a, b) => a + b))(p);
            AssertClose(reverse, forward, 1e-8, $"{name} {t}");
        }
    }

    const int Examples = 3;

    /// <summary>For each choice of inputs that differ from example to example: the function of these, and the examples.</summary>
    static IEnumerable<(Func<Tensor[], Tensor[]> F, Tensor[][] Examples)> Batches(Row r, Arg[] sample, DType t)
    {
        Tensor[] shared = Make(sample, t);
        List<int[]> choices = [[.. Enumerable.Range(0, sample.Length)]];
        if (sample.Length > 1) for (int i = 0; i < sample.Length; i++) choices.Add([i]);
        foreach (int[] at in choices)
            yield return (p =>
            {
                Tensor[] all = [.. shared];
                for (int k = 0; k < at.Length; k++) all[at[k]] = p[k];
                return r.Call(all);
            }, [.. Enumerable.Range(0, Examples).Select(e => Make(sample, t, 100 + 1000 * e)).Select(x => at.Select(i => x[i]).ToArray())]);
    }

    /// <summary>Where a row draws random numbers, every example draws the same.</summary>
    static Func<Tensor[], Tensor[]> Seeded(Func<Tensor[], Tensor[]> f) => p =>
    {
        Generator.ManualSeed(7);
        return f(p);
    };

    static Tensor[] Stacked(Tensor[][] examples) => [.. Enumerable.Range(0, examples[0].Length).Select(k => Tensor.Stack([.. examples.Select(e => e[k])]))];

    [Theory, MemberData(nameof(Batchable))]
    public void Vmap_agrees_with_a_loop(string name)
    {
        foreach ((Row r, Arg[] sample, DType t) in Cases(name))
            foreach ((var f, Tensor[][] examples) in Batches(r, sample, t))
            {
                Tensor[] expected = Stacked([.. examples.Select(Seeded(f))]);
                AssertClose(expected, Func.Vmap<Tensor[], Tensor[]>(Seeded(f), randomness: Randomness.Same)(Stacked(examples)), Math.Max(1e-11, r.Tolerance64), $"{name} {t}");
            }
    }

    [Theory, MemberData(nameof(BatchableGradients))]
    public void Gradients_of_each_example_agree_with_a_loop(string name)
    {
        foreach ((Row r, Arg[] sample, DType t) in Cases(name))
        {
            Tensor[][] x = [.. Enumerable.Range(0, Examples).Select(e => Make(sample, t, 100 + 1000 * e))];
            int[] at = [.. Enumerable.Range(0, sample.Length).Where(i => x[0][i].DType.IsDifferentiable)];
            Tensor[] Gradients(Tensor[] all)
            {
                Tensor Loss(Tensor[] p)
                {
                    Tensor[] q = [.. all];
                    for (int k = 0; k < at.Length; k++) q[at[k]] = p[k];
                    return r.Call(q).Where(y => y.DType.IsDifferentiable).Select((y, i) => { Tensor z = (y * Random(y, 500 + i)).Sum(); return z.DType.IsComplex ? z.Real() : z; }).Aggregate(Tensor.Zeros([], DType.Float64), (a, b) => a + b);
                }
                return Func.Grad<Tensor[]>(Loss)([.. at.Select(i => all[i])]);
            }
            AssertClose(Stacked([.. x.Select(Seeded(Gradients))]), Func.Vmap<Tensor[], Tensor[]>(Seeded(Gradients), randomness: Randomness.Same)(Stacked(x)), 1e-9, $"{name} {t}");
            // And along a direction, forward mode inside and outside.
            Func<Tensor[], Tensor[]> f;
            Tensor[][] p = [.. x.Select(e => at.Select(i => e[i]).ToArray())], v = [.. p.Select((e, k) => e.Select((a, i) => Random(a, 300 + i + 50 * k)).ToArray())];
            f = Seeded(Smooth(r, x[0]).F);
            Tensor[] loop = Stacked([.. p.Zip(v, (a, d) => Func.Jvp(f, a, d).Jvp)]);
            AssertClose(loop, Func.Vmap<Tensor[], Tensor[], Tensor[]>((a, d) => Func.Jvp(f, a, d).Jvp, randomness: Randomness.Same)(Stacked(p), Stacked(v)), 1e-9, $"{name} {t} Vmap(Jvp)");
            AssertClose(loop, Func.Jvp(Func.Vmap(f, randomness: Randomness.Same), Stacked(p), Stacked(v)).Jvp, 1e-9, $"{name} {t} Jvp(Vmap)");
        }
    }
}
