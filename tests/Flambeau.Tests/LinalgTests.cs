using System.Numerics;
using Flambeau.Tests.Operators;
using Xunit;

namespace Flambeau.Tests;

/// <summary>Factorizations are what their definitions say; the operator table has their derivatives.</summary>
public class LinalgTests
{
    public static TheoryData<long, long, DType> Shapes
    {
        get
        {
            TheoryData<long, long, DType> data = [];
            foreach (DType t in (DType[])[DType.Float64, DType.Complex128, DType.Float32])
                foreach ((long m, long n) in ((long, long)[])[(0, 0), (0, 3), (3, 0), (1, 1), (2, 2), (5, 3), (3, 5), (33, 33), (70, 20), (20, 70), (97, 97), (130, 101)]) data.Add(m, n, t);
            return data;
        }
    }

    public static TheoryData<long, DType> Sizes
    {
        get
        {
            TheoryData<long, DType> data = [];
            foreach (DType t in (DType[])[DType.Float64, DType.Complex128, DType.Float32]) foreach (long n in (long[])[0, 1, 2, 3, 5, 8, 33, 64, 101]) data.Add(n, t);
            return data;
        }
    }

    static Tensor Random(DType t, params long[] shape) => new Arg(shape).Make(t, (int)shape.Sum() + 1);

    static Tensor H(Tensor x) => x.Conj().MT;

    static Tensor Row(Tensor s, DType t) => s.To(t).Unsqueeze(-2);

    static void Same(Tensor expected, Tensor actual, double scale = 1)
    {
        double tolerance = (expected.DType is DType.Float32 or DType.Complex64 ? 2e-5 : 1e-12) * scale * Math.Sqrt(expected.Shape.DefaultIfEmpty(1).Max() + 1);
        Laws.AssertClose([expected], [actual], tolerance, tolerance * 10, "reconstruction");
    }

    static void Orthonormal(Tensor q) => Same(Tensor.Eye(q.Shape[^1], dtype: q.DType).Expand([.. q.Shape.Span[..^2], q.Shape[^1], q.Shape[^1]]), H(q).MatMul(q));

    [Theory, MemberData(nameof(Shapes))]
    public void Matrices_are_the_products_of_their_factors(long m, long n, DType t)
    {
        Tensor a = Random(t, 2, m, n);
        (Tensor p, Tensor l, Tensor u) = Linalg.Lu(a);
        Same(a, p.MatMul(l).MatMul(u));
        Assert.True((l.Abs() <= 1 + 1e-6).All().Item<bool>() || t.IsComplex);
        (Tensor q, Tensor r) = Linalg.Qr(a);
        Same(a, q.MatMul(r));
        Orthonormal(q);
        Same(r, r.Triu());
        (q, r) = Linalg.Qr(a, "complete");
        Same(a, q.MatMul(r));
        Orthonormal(q);
        Same(Linalg.Qr(a).R, Linalg.Qr(a, "r").R);
        (Tensor v, Tensor tau) = a.Geqrf();
        if (m >= n) Same(Linalg.Qr(a).Q, Linalg.HouseholderProduct(v, tau));
        if (m > 0) Same(Linalg.Qr(a, "complete").R, v.Ormqr(tau, a, transpose: true));

        foreach (bool full in (bool[])[false, true])
        {
            (Tensor x, Tensor s, Tensor yh) = Linalg.Svd(a, full);
            long k = Math.Min(m, n);
            Orthonormal(x);
            Orthonormal(H(yh));
            Same(a, (x.Narrow(-1, 0, k) * Row(s, t)).MatMul(yh.Narrow(-2, 0, k)));
            Assert.True((s >= 0).All().Item<bool>() && (k < 2 || (s.Diff() <= 0).All().Item<bool>()));
            Same(s, Linalg.Svdvals(a));
        }
        if (m * n == 0) return;
        Tensor inverse = Linalg.Pinv(a);
        Same(a, a.MatMul(inverse).MatMul(a), 50);
        Tensor turn = inverse.MatMul(a);
        Same(turn, H(turn), 50);
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Square_matrices_are_the_products_of_their_factors(long n, DType t)
    {
        Tensor a = Random(t, 2, n, n), eye = Tensor.Eye(n, dtype: t), definite = a.MatMul(H(a)) + eye, hermitian = a + H(a);
        Tensor l = Linalg.Cholesky(definite);
        Same(definite, l.MatMul(H(l)), 10);
        Same(l, l.Tril());
        Tensor upper = Linalg.Cholesky(definite, upper: true);
        Same(H(l), upper, 10);

        (Tensor values, Tensor v) = Linalg.Eigh(hermitian);
        Orthonormal(v);
        Same(hermitian, (v * Row(values, t)).MatMul(H(v)), 10);
        Assert.True(n < 2 || (values.Diff() >= 0).All().Item<bool>());
        Same(values, Linalg.Eigvalsh(hermitian, "U"), 10);

        (Tensor lambda, Tensor w) = Linalg.Eig(a);
        Same(a.To(t.Complex).MatMul(w), w * lambda.Unsqueeze(-2), 10);
        Same(Tensor.Ones([2, n], t.Real), Linalg.VectorNorm(w, 2, [-2]));
        Same(a.Diagonal(0, -2, -1).Sum(-1).To(t.Complex), lambda.Sum(-1), 10);

        Tensor b = Random(t, 2, n, 3);
        foreach (bool h in t.IsComplex ? [false, true] : (bool[])[false])
        {
            Tensor symmetric = h ? hermitian : a + a.MT;
            (Tensor ld, Tensor pivots) = Linalg.LdlFactor(symmetric, h);
            Same(b, symmetric.MatMul(Linalg.LdlSolve(ld, pivots, b, h)), 1000);
        }
        Tensor regular = a * 0.1 + eye * 3;
        Same(b, regular.MatMul(Linalg.Solve(regular, b)), 10);
        Same(eye.ExpandAs(regular), regular.MatMul(Linalg.Inv(regular)), 10);
        Same(Linalg.Inv(definite), upper.CholeskyInverse(upper: true), 1000);
        if (n is 0 or > 10) return;
        Same(Linalg.Det(regular), lambda.Shape[^1] == 0 ? lambda : Product(Linalg.Eigvals(regular), t), 100);
        (Tensor sign, Tensor size) = Linalg.SlogDet(regular);
        Same(Linalg.Det(regular), sign * size.Exp().To(t), 100);
        Tensor half = Linalg.MatrixExp(a * 0.5);
        Same(Linalg.MatrixExp(a), half.MatMul(half), 100);
    }

    static Tensor Product(Tensor x, DType t)
    {
        Tensor p = x.Prod(-1);
        return t.IsComplex ? p : p.Real();
    }

    [Fact]
    public void Degenerate_matrices_have_factors_too()
    {
        foreach (Tensor a in (Tensor[])[Tensor.Zeros([4, 4], DType.Float64), Tensor.Eye(5, dtype: DType.Float64), Tensor.Ones([6, 3], DType.Float64), Tensor.Ones([3, 40], DType.Float64),
            Tensor.From(new double[,] { { 0, 1, 0 }, { 0, 0, 1 }, { 0, 0, 0 } }), Tensor.Eye(4, dtype: DType.Float64) * 1e-200, Tensor.Ones([4, 4], DType.Float64) * 1e150])
        {
            (Tensor u, Tensor s, Tensor vh) = Linalg.Svd(a, false);
            double scale = Math.Max(1e-250, a.Abs().Max().Item<double>());
            Same(a / scale, (u * (s / scale).Unsqueeze(-2)).MatMul(vh));
            Orthonormal(u);
            if (a.Shape[0] != a.Shape[1]) continue;
            (Tensor l, Tensor v) = Linalg.Eig(a);
            Same((a / scale).To(DType.Complex128).MatMul(v), v * (l / scale).Unsqueeze(-2));
        }
        Assert.Equal([1L, 0L], Linalg.MatrixRank(Tensor.Stack([Tensor.Ones([3, 3]), Tensor.Zeros(3, 3)])).ToArray<long>());
        Assert.True(double.IsPositiveInfinity(Linalg.Cond(Tensor.Zeros(2, 2), 1).Item<double>()));
        Tensor rotation = Tensor.From(new double[,] { { 0, -1 }, { 1, 0 } });
        Assert.Equal([new Complex(0, 1), new Complex(0, -1)], Linalg.Eigvals(rotation).ToArray<Complex>());
        Same(Tensor.From(new double[,] { { Math.Cos(1), -Math.Sin(1) }, { Math.Sin(1), Math.Cos(1) } }), Linalg.MatrixExp(rotation));
    }

    [Fact]
    public void Eigenvectors_of_matrices_with_many_zeros_are_right()
    {
        Tensor full = Random(DType.Float64, 6, 6), mask = Tensor.From(new double[,]
        {
            { 1, 0, 0, 0, 0, 0 }, { 1, 1, 0, 0, 0, 0 }, { 0, 1, 1, 0, 1, 0 }, { 0, 1, 0, 1, 0, 0 }, { 1, 0, 1, 0, 1, 1 }, { 0, 0, 0, 0, 0, 1 },
        });
        foreach (Tensor a in (Tensor[])[full.Tril(), full.Triu(), full * mask, full * mask.MT, full.Tril(-1) + full.Diagonal().DiagEmbed().Flip(1)])
            foreach (Tensor b in (Tensor[])[a, a.To(DType.Complex128) * new Complex(1, 2)])
            {
                (Tensor l, Tensor v) = Linalg.Eig(b);
                Same(b.To(DType.Complex128).MatMul(v), v * l.Unsqueeze(-2), 10);
                Assert.True((Linalg.Svdvals(v) > 1e-9).All().Item<bool>());
            }
    }

    [Fact]
    public void Nilpotent_and_cyclic_matrices_do_not_stop_the_iteration()
    {
        // A cyclic shift is what QR steps without exceptional shifts never leave.
        Tensor cyclic = Tensor.Eye(6, dtype: DType.Float64).Roll(1, 0);
        foreach (Tensor a in (Tensor[])[cyclic, cyclic.To(DType.Complex128)])
            Laws.AssertClose([Tensor.Ones([6], DType.Float64)], [Linalg.Eigvals(a).Abs()], 1e-12, 1e-12, "roots of one");
    }

    [Fact]
    public void Least_squares_answer_what_the_driver_answers()
    {
        Tensor a = Random(DType.Float64, 5, 3), b = Random(DType.Float64, 5, 2);
        foreach (string driver in (string[])["gels", "gelsy", "gelsd", "gelss"])
        {
            (Tensor x, Tensor residuals, Tensor rank, Tensor s) = Linalg.Lstsq(a, b, driver: driver);
            Same(Tensor.Zeros([3, 2], DType.Float64), a.MT.MatMul(a.MatMul(x) - b), 100);
            Assert.Equal(driver == "gels" ? [0] : [], rank.Shape.ToArray());
            Assert.Equal(driver is "gelsd" or "gelss" ? [3] : [0], s.Shape.ToArray());
            Assert.Equal(driver == "gelsy" ? [0] : [2], residuals.Shape.ToArray());
        }
    }

    [Fact]
    public void What_cannot_be_solved_says_which_matrix_and_why()
    {
        Tensor batch = Tensor.Stack([Tensor.Eye(3), Tensor.Zeros(3, 3)]);
        string Message(Action f) => Assert.Throws<LinAlgException>(f).Message;
        Assert.Contains("batch element 1", Message(() => Linalg.Solve(batch, Tensor.Ones(3))));
        Assert.Contains("pivot 1", Message(() => Linalg.Inv(batch)));
        Assert.Contains("order 2", Message(() => Linalg.Cholesky(Tensor.From(new float[,] { { 1, 2 }, { 2, 1 } }))));
        Assert.Contains("not a number", Message(() => Linalg.Svd(Tensor.Full([2, 2], double.NaN))));
        Assert.Contains("not a number", Message(() => Linalg.Eigh(Tensor.Full([2, 2], double.NaN))));
        Assert.Contains("not a number", Message(() => Linalg.Eig(Tensor.Full([2, 2], double.PositiveInfinity))));
        Assert.Equal([0, 1], Linalg.InvEx(batch).Info.ToArray<int>());
        Assert.Equal([0, 1], Linalg.SolveEx(batch, Tensor.Ones(3)).Info.ToArray<int>());
        Assert.Equal([0, 1], Linalg.LuFactorEx(batch).Info.ToArray<int>());
        Assert.Equal(2, Linalg.CholeskyEx(Tensor.From(new float[,] { { 1, 2 }, { 2, 1 } })).Info.Item<int>());
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Tensor a = Tensor.Ones(2, 3), s = Tensor.Eye(3), whole = Tensor.Ones([3, 3], DType.Int64);
        foreach (Action f in (Action[])
        [
            () => Linalg.Inv(a), () => Linalg.Inv(whole), () => Linalg.Inv(s.To(DType.BFloat16)), () => Linalg.Det(Tensor.Ones(3)), () => Linalg.Solve(s, Tensor.Ones(2, 3)),
            () => Linalg.Solve(s, Tensor.Ones([3], DType.Float64)), () => Linalg.Qr(a, "other"), () => Linalg.Eigh(s, "X"), () => Linalg.Norm(Tensor.Ones(2, 2, 2), 1),
            () => Linalg.Norm(Tensor.Ones(0), -1), () => Linalg.MatrixNorm(a, 3), () => Linalg.MatrixNorm(a, "fro", [0, -2]), () => Linalg.Cross(a, a.Narrow(1, 0, 2)),
            () => Linalg.LuSolve(s, Tensor.From(new int[] { 1, 2, 4 }), s), () => Linalg.LdlSolve(s, Tensor.From(new int[] { 1, -2, 3 }), s), () => Linalg.Vander(Tensor.Ones(3), 1),
            () => Linalg.MultiDot([a]), () => Linalg.MultiDot([a, a]), () => Linalg.TensorInv(a), () => Linalg.Lstsq(s, s, driver: "other"), () => Linalg.HouseholderProduct(a, Tensor.Ones(2)),
            () => s.SvdLowRank(4), () => Linalg.VectorNorm(whole),
        ])
            Assert.ThrowsAny<ArgumentException>(f);
    }
}
