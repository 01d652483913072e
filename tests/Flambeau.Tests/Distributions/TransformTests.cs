using Flambeau.Distributions;
using Xunit;

namespace Flambeau.Tests.Distributions;

/// <summary>What holds for every transform.</summary>
public class TransformTests
{
    /// <param name="Name">What it is.</param>
    /// <param name="Make">Makes one.</param>
    /// <param name="Shape">The shape of an argument.</param>
    /// <param name="Positive">Whether arguments must be positive.</param>
    /// <param name="Free">Which entries of a result, flattened, are free: as many as the argument has. Null: all.</param>
    public sealed record Row(string Name, Func<int, Transform> Make, long[] Shape, bool Positive = false, int[]? Free = null)
    {
        public override string ToString() => Name;
    }

    static readonly Row[] s_rows =
    [
        new("AbsTransform", c => new AbsTransform(c), [4]),
        new("AffineTransform", c => new AffineTransform(0.5, Tensor.From([2.0, -1.5, 3]), cacheSize: c), [2, 3]),
        new("AffineTransform of vectors", c => new AffineTransform(0.5, Tensor.From([2.0, -1.5, 3]), 1, c), [2, 3]),
        new("CatTransform", c => new CatTransform([new ExpTransform(), new TanhTransform()], -1, [2, 1], c), [2, 3]),
        new("CatTransform of vectors", c => new CatTransform([new IndependentTransform(new ExpTransform(), 1), new IndependentTransform(new TanhTransform(), 1)], -1, [2, 1], c), [2, 3]),
        new("ComposeTransform", c => new ComposeTransform([new AffineTransform(0.5, -2.0), new TanhTransform(), new AffineTransform(1, 3)], c), [4]),
        new("ComposeTransform of vectors", c => new ComposeTransform([new ExpTransform(), new AffineTransform(Tensor.From([0.0, 1]), 2.0, 1), new ReshapeTransform([2], [2, 1])], c), [3, 2]),
        new("CorrCholeskyTransform", c => new CorrCholeskyTransform(c), [6], Free: [4, 8, 9, 12, 13, 14]),
        new("CorrCholeskyTransform of one number", c => new CorrCholeskyTransform(c), [1], Free: [2]),
        new("CumulativeDistributionTransform", c => new CumulativeDistributionTransform(new Normal(0.5, 2.0), c), [4]),
        new("ExpTransform", c => new ExpTransform(c), [4]),
        new("IdentityTransform", c => new IdentityTransform(c), [4]),
        new("IndependentTransform", c => new IndependentTransform(new ExpTransform(), 2, c), [3, 2, 2]),
        new("LowerCholeskyTransform", c => new LowerCholeskyTransform(c), [2, 3, 3]),
        new("PositiveDefiniteTransform", c => new PositiveDefiniteTransform(c), [2, 3, 3]),
        new("PowerTransform", c => new PowerTransform(2.5, c), [4], true),
        new("PowerTransform that decreases", c => new PowerTransform(Tensor.From([-1.0, -0.5]), c), [3, 2], true),
        new("ReshapeTransform", c => new ReshapeTransform([2, 3], [6], c), [4, 2, 3]),
        new("SigmoidTransform", c => new SigmoidTransform(c), [4]),
        new("SoftmaxTransform", c => new SoftmaxTransform(c), [2, 3]),
        new("SoftplusTransform", c => new SoftplusTransform(c), [4]),
        new("StackTransform", c => new StackTransform([new ExpTransform(), new IdentityTransform(), new TanhTransform()], 1, c), [2, 3]),
        new("StickBreakingTransform", c => new StickBreakingTransform(c), [3], Free: [0, 1, 2]),
        new("TanhTransform", c => new TanhTransform(c), [4]),
    ];

    public static TheoryData<string> Names => new(s_rows.SelectMany(r => (string[])[r.Name, r.Name + ", inverse"]));

    static (Transform T, Tensor X, Row Row) Find(string name, int cache = 0)
    {
        Row r = s_rows.Single(r => r.Name == name.Replace(", inverse", ""));
        Tensor x = 0.8 * Tensor.Randn(r.Shape, DType.Float64, new Generator(r.Name.Length));
        if (r.Positive) x = x.Abs() + 0.1;
        Transform t = r.Make(cache);
        return name.EndsWith(", inverse", StringComparison.Ordinal) ? (t.Inv, t.Forward(x), r) : (t, x, r);
    }

    static void Near(Tensor a, Tensor b, double tolerance = 1e-9)
    {
        Assert.Equal(a.Shape, b.Shape);
        Assert.True(((a - b).Abs() <= tolerance).All().Item<bool>(), $"{a} and {b}");
    }

    [Theory, MemberData(nameof(Names))]
    public void The_inverse_undoes_the_transform(string name)
    {
        (Transform t, Tensor x, _) = Find(name);
        Tensor y = t.Forward(x);
        Near(y, t.Forward(t.Inverse(y)));
        if (t.Bijective) Near(x, t.Inverse(y));
        Near(t.Inverse(y), t.Inv.Forward(y));
        Assert.Same(t, t.Inv.Inv);
    }

    [Theory, MemberData(nameof(Names))]
    public void Results_lie_in_the_codomain_and_have_the_shape_that_was_said(string name)
    {
        (Transform t, Tensor x, _) = Find(name);
        Tensor y = t.Forward(x);
        Assert.True(t.Codomain.Check(y).All().Item<bool>());
        Assert.True(t.Domain.Check(t.Inverse(y)).All().Item<bool>());
        Assert.Equal(y.Shape, t.ForwardShape(x.Shape));
        Assert.Equal(x.Shape, t.InverseShape(y.Shape));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_log_determinant_is_that_of_the_Jacobian(string name)
    {
        (Transform t, Tensor x, Row r) = Find(name);
        if (!t.Bijective)
        {
            Assert.Throws<NotSupportedException>(() => t.LogAbsDetJacobian(x, t.Forward(x)));
            return;
        }
        bool isInverse = name.EndsWith(", inverse", StringComparison.Ordinal);
        Tensor start = isInverse ? t.Forward(x) : x;                                                       // the determinant of the inverse is the other's, negative
        start = start.Detach().SetRequiresGrad();
        Transform forward = isInverse ? t.Inv : t;
        Tensor y = forward.Forward(start), flat = y.Flatten();
        long n = start.Count;
        Tensor jacobian = Tensor.Stack([.. Enumerable.Range(0, (int)n).Select(i => Autograd.Grad([flat.Select(0, r.Free?[i] ?? i)], [start], retainGraph: true)[0]!.Flatten())]);
        Tensor expected = Linalg.SlogDet(jacobian).LogAbsDet, log = forward.LogAbsDetJacobian(start, y);
        Near(expected.Detach(), log.Sum().Detach(), 1e-8);                                                   // events are independent: the sum is all that is needed
        int eventDim = forward is CatTransform or StackTransform ? 0 : forward.Domain.EventDim;
        if (forward is not CatTransform) Assert.Equal(start.Rank - eventDim, log.Rank);
        if (isInverse) Near(t.LogAbsDetJacobian(y, start).Detach(), -log.Detach());
    }

    [Theory, MemberData(nameof(Names))]
    public void The_sign_is_that_of_the_derivative(string name)
    {
        (Transform t, Tensor x, _) = Find(name);
        Tensor sign;
        try { sign = t.Sign; }
        catch (NotSupportedException) { return; }
        x = x.Detach().SetRequiresGrad();
        Tensor slope = Autograd.Grad([t.Forward(x).Sum()], [x])[0]!;
        if (t.ForwardShape(x.Shape) == x.Shape) Assert.True(slope.Sign().Eq(sign).All().Item<bool>());
    }

    [Theory, MemberData(nameof(Names))]
    public void A_cache_gives_the_very_argument_back(string name)
    {
        (Transform t, Tensor x, Row r) = Find(name, cache: 1);
        Assert.Same(t, t.WithCache(1));
        Assert.NotSame(t, t.WithCache(0));
        Tensor y = t.Forward(x);
        if (t is IdentityTransform || t.Inv is IdentityTransform) return;
        Assert.Same(y, t.Forward(x));
        Assert.Same(x, t.Inverse(y));
        if (t.Bijective) Near(y, Find(name).T.Forward(x));
    }

    [Theory, MemberData(nameof(Names))]
    public void Equal_transforms_are_equal(string name)
    {
        (Transform t, _, Row r) = Find(name);
        Transform same = t.WithCache(1);
        Assert.Equal(t, same);
        Assert.Equal(t.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(t, new PowerTransform(77.0));
        Assert.NotEqual((object)t, new AffineTransform(77.0, 1.0));
        Assert.NotEmpty(t.ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => r.Make(2));
    }

    [Fact]
    public void Every_transform_has_a_row()
    {
        IEnumerable<string> all = typeof(Transform).Assembly.GetExportedTypes().Where(t => t.IsSubclassOf(typeof(Transform)) && !t.IsAbstract).Select(t => t.Name);
        Assert.Empty(all.Except(s_rows.Select(r => r.Make(0).GetType().Name)));
    }

    public static TheoryData<string> Regions => new(s_regions.Keys);

    static readonly Dictionary<string, (Constraint C, long[] Shape)> s_regions = new()
    {
        ["real"] = (Constraints.Real, [3]), ["real vector"] = (Constraints.RealVector, [3]), ["positive"] = (Constraints.Positive, [3]), ["non-negative"] = (Constraints.NonNegative, [3]),
        ["greater than"] = (Constraints.GreaterThan(2.0), [3]), ["at least"] = (Constraints.GreaterThanEq(Tensor.From([1.0, 2, 3])), [3]), ["less than"] = (Constraints.LessThan(-1.0), [3]),
        ["unit interval"] = (Constraints.UnitInterval, [3]), ["interval"] = (Constraints.Interval(-2.0, 5.0), [3]), ["half-open interval"] = (Constraints.HalfOpenInterval(-2.0, 5.0), [3]),
        ["simplex"] = (Constraints.Simplex, [3]), ["correlations"] = (Constraints.CorrCholesky, [6]), ["positive rows"] = (Constraints.Independent(Constraints.Positive, 1), [2, 3]),
        ["cat"] = (Constraints.Cat([Constraints.Positive, Constraints.UnitInterval], 0, [1, 2]), [3]), ["stack"] = (Constraints.Stack([Constraints.Positive, Constraints.UnitInterval], 0), [2, 3]),
        ["lower Cholesky"] = (Constraints.LowerCholesky, [3, 3]), ["positive definite"] = (Constraints.PositiveDefinite, [3, 3]), ["positive semidefinite"] = (Constraints.PositiveSemidefinite, [3, 3]),
    };

    [Theory, MemberData(nameof(Regions))]
    public void Registered_transforms_reach_the_region(string name)
    {
        (Constraint c, long[] shape) = s_regions[name];
        Tensor x = Tensor.Randn(shape, DType.Float64, new Generator(1));
        Assert.True(c.Check(ConstraintRegistry.TransformTo(c).Forward(x)).All().Item<bool>());
        if (name is "lower Cholesky" or "positive definite" or "positive semidefinite")
        {
            Assert.Throws<NotSupportedException>(() => ConstraintRegistry.BijectTo(c));
            return;
        }
        Transform t = ConstraintRegistry.BijectTo(c);
        Assert.True(t.Bijective);
        Assert.True(c.Check(t.Forward(x)).All().Item<bool>());
        Near(x, t.Inverse(t.Forward(x)));
    }

    [Fact]
    public void Constraints_judge_values()
    {
        (Constraint C, double[] Good, double[] Bad)[] all =
        [
            (Constraints.Boolean, [0, 1], [0.5, -1]), (Constraints.PositiveInteger, [1, 2], [0, 1.5]), (Constraints.NonNegativeInteger, [0, 7], [-1, 0.5]),
            (Constraints.IntegerInterval(1, 3), [1, 3], [0, 4]), (Constraints.Interval(1, 3), [1, 2.5], [0.9, 3.1]), (Constraints.HalfOpenInterval(1, 3), [1, 2.9], [3, 0]),
            (Constraints.GreaterThan(1), [1.1, 5], [1, double.NaN]), (Constraints.LessThan(1), [0, -5], [1, double.NaN]), (Constraints.Real, [0, double.PositiveInfinity], [double.NaN, double.NaN]),
            (Constraints.OneHot, [0, 1], [1, 1]), (Constraints.Simplex, [0.25, 0.75], [0.5, 0.6]), (Constraints.Multinomial(3), [1, 2], [2, 2]),
        ];
        foreach (var (c, good, bad) in all)
        {
            Assert.True(c.Check(Tensor.From(good)).All().Item<bool>(), c.ToString());
            Assert.False(c.Check(Tensor.From(bad)).Any().Item<bool>(), c.ToString());
            Assert.NotEmpty(c.ToString());
        }
        Tensor m = Tensor.From(new double[,] { { 2, 1 }, { 1, 2 } }), l = m.Tril(), indefinite = Tensor.From(new double[,] { { 1, 2 }, { 2, 1 } });
        (Constraint C, Tensor Good, Tensor Bad)[] matrices =
        [
            (Constraints.Square, m, Tensor.Ones([2, 3], DType.Float64)), (Constraints.Symmetric, m, l), (Constraints.LowerTriangular, l, m), (Constraints.LowerCholesky, l, -l),
            (Constraints.PositiveDefinite, m, indefinite), (Constraints.PositiveSemidefinite, Tensor.Ones([2, 2], DType.Float64) + 1e-12 * m, indefinite), (Constraints.CorrCholesky, Tensor.Eye(2, dtype: DType.Float64), l),
        ];
        foreach (var (c, good, bad) in matrices)
        {
            Assert.True(c.Check(good).Item<bool>(), c.ToString());
            Assert.False(c.Check(bad).Item<bool>(), c.ToString());
        }
    }

    [Fact]
    public void Wrong_shapes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ReshapeTransform([2, 3], [5]));
        Assert.Throws<ArgumentException>(() => new ReshapeTransform([2, 3], [6]).Forward(Tensor.Ones(3, 2)));
        Assert.Throws<ArgumentException>(() => new CorrCholeskyTransform().Forward(Tensor.Ones(4)));
        Assert.Throws<ArgumentException>(() => new CatTransform([new ExpTransform()], 0, [1, 2]));
        Assert.Throws<ArgumentException>(() => new CatTransform([new ExpTransform()], 0, [2]).Forward(Tensor.Ones(3)));
        Assert.Throws<ArgumentException>(() => new StackTransform([new ExpTransform()]).Forward(Tensor.Ones(3)));
        Assert.Throws<ArgumentException>(() => new TransformedDistribution(new Normal(0.0, 1.0), new StickBreakingTransform()));
        Assert.Throws<ArgumentException>(() => new Independent(new Normal(0.0, 1.0), 1));
    }
}
