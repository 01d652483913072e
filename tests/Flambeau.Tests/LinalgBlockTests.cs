using System.Numerics;
using Flambeau.Tests.Operators;
using Xunit;

namespace Flambeau.Tests;

/// <summary>Factorizations work in blocks, groups and vectors: what they say must hold for sizes on both sides of every boundary.</summary>
public class LinalgBlockTests
{
    static readonly long[] sizes = [.. Enumerable.Range(1, 70).Select(n => (long)n), 95, 96, 97, 127, 128, 129, 130, 193, 300];

    static readonly DType[] types = [DType.Float64, DType.Complex128];

    static Tensor Random(DType t, params long[] shape) => new Arg(shape).Make(t, (int)shape.Sum() + 1);

    static Tensor H(Tensor x) => x.Conj().MT;

    static void Same(Tensor expected, Tensor actual, double scale = 1)
    {
        double tolerance = 1e-13 * scale * (expected.Shape.Max() + 10);
        Laws.AssertClose([expected], [actual], tolerance, tolerance, $"size {expected.Shape}");
    }

    [Fact]
    public void Triangular_factors_of_every_size()
    {
        foreach (DType t in types)
            foreach (long n in sizes)
            {
                if (t.IsComplex && n > 130) continue;
                Tensor a = Random(t, n, n), eye = Tensor.Eye(n, dtype: t), definite = a.MatMul(H(a)) + eye;
                Tensor l = Linalg.Cholesky(definite);
                Same(definite, l.MatMul(H(l)), n);
                Same(l, l.Tril());
                foreach (Tensor x in (Tensor[])[a, Random(t, n, n + 37), Random(t, n + 41, n)])
                {
                    (Tensor p, Tensor lower, Tensor u) = Linalg.Lu(x);
                    Same(x, p.MatMul(lower).MatMul(u), n);
                    Assert.True(t.IsComplex || (lower.Abs() <= 1).All().Item<bool>());
                }
                Tensor triangle = Random(t, n, n).Tril(-1) / (double)n + eye * 2, b = Random(t, n, n % 19 + 1);
                Same(b, triangle.MatMul(Linalg.SolveTriangular(triangle, b, upper: false)), 10);
                Same(b, H(triangle).MatMul(Linalg.SolveTriangular(H(triangle), b, upper: true)), 10);
                Tensor unit = triangle.Tril(-1) + eye;
                Same(b, unit.MatMul(Linalg.SolveTriangular(triangle, b, upper: false, unitriangular: true)), 10);
                Same(b, unit.MT.MatMul(Linalg.SolveTriangular(triangle.MT, b, upper: true, unitriangular: true)), 10);
                Same(b, definite.MatMul(b.CholeskySolve(l)), 100 * n);
            }
    }

    [Fact]
    public void Pivots_are_the_first_of_the_largest_elements()
    {
        foreach (long n in (long[])[3, 40, 100])
        {
            (_, Tensor pivots) = Linalg.LuFactor(Tensor.Ones([n, n], DType.Float64) + Tensor.Eye(n, dtype: DType.Float64));
            Assert.Equal(Enumerable.Range(1, (int)n), pivots.ToArray<int>());
            (_, pivots) = Linalg.LuFactor(Tensor.Eye(n, dtype: DType.Float64).Flip(0));
            Assert.Equal(Enumerable.Range(1, (int)n).Select(i => Math.Max(i, (int)n + 1 - i)), pivots.ToArray<int>());
        }
    }

    [Fact]
    public void What_has_no_factor_says_where()
    {
        foreach (long n in (long[])[5, 50, 64, 150])
            foreach (long at in (long[])[0, n / 2, n - 1])
            {
                Tensor bad = Tensor.Eye(n, dtype: DType.Float64);
                bad[at, at] = -1;
                Assert.Equal((int)at + 1, Linalg.CholeskyEx(bad).Info.Item<int>());
                bad[at, at] = double.NaN;
                Assert.Equal((int)at + 1, Linalg.CholeskyEx(bad).Info.Item<int>());
                bad[at, at] = 0;
                Assert.Equal((int)at + 1, Linalg.LuFactorEx(bad).Info.Item<int>());
                Assert.Equal(0, Linalg.Det(bad).Item<double>());
            }
        Tensor low = Random(DType.Float64, 150, 7).MatMul(Random(DType.Float64, 7, 150));
        (Tensor p, Tensor l, Tensor u) = Linalg.Lu(low);
        Same(low, p.MatMul(l).MatMul(u), 100);
        Assert.True(Linalg.Solve(Tensor.Full([80, 80], double.NaN, DType.Float64), Tensor.Ones([80, 3], DType.Float64)).IsNan().All().Item<bool>());
    }

    [Fact]
    public void Orthogonal_factors_of_every_size()
    {
        foreach (DType t in types)
            foreach (long n in sizes)
            {
                if (t.IsComplex && n > 100) continue;
                Tensor eye = Tensor.Eye(n, dtype: t);
                foreach (Tensor x in (Tensor[])[Random(t, n, n), Random(t, n, n + 37), Random(t, n + 41, n)])
                {
                    (Tensor q, Tensor r) = Linalg.Qr(x, "complete");
                    Same(x, q.MatMul(r));
                    Same(r, r.Triu());
                    Same(Tensor.Eye(q.Shape[0], dtype: t), H(q).MatMul(q));
                    Same(q.Narrow(-1, 0, n), Linalg.Qr(x).Q);
                }
                Tensor hermitian = Random(t, n, n);
                hermitian = hermitian + H(hermitian);
                IsEigh(hermitian);
                Tensor lower = hermitian.Tril() + Random(t, n, n).Triu(1);                     // what is above the diagonal, and imaginary on it, does not count
                Same(Linalg.Eigvalsh(hermitian), Linalg.Eigvalsh(t.IsComplex ? lower + eye * new Complex(0, 3) : lower), 2);
                if (n % 3 > 0) continue;
                (Tensor u, Tensor s, Tensor vh) = Linalg.Svd(hermitian, false);
                Same(hermitian, (u * s.To(t).Unsqueeze(-2)).MatMul(vh), 10);
                Same(eye, H(u).MatMul(u));
                Same(eye, vh.MatMul(H(vh)));
            }
    }

    static void IsEigh(Tensor a)
    {
        long n = a.Shape[0];
        (Tensor values, Tensor v) = Linalg.Eigh(a);
        double size = Math.Max(1e-300, a.Abs().Max().Item<double>());
        Same(a.MatMul(v) / size, v * (values / size).To(a.DType).Unsqueeze(-2), 2);
        Same(Tensor.Eye(n, dtype: a.DType), H(v).MatMul(v));
        Assert.True(n < 2 || (values.Diff() >= 0).All().Item<bool>());
        Same(values / size, Linalg.Eigvalsh(a) / size, 2);
    }

    [Fact]
    public void Eigenvectors_are_orthogonal_however_close_their_values_are()
    {
        foreach (long n in (long[])[40, 64, 100, 200])
        {
            DType t = DType.Float64;
            Tensor eye = Tensor.Eye(n, dtype: t), q = Linalg.Qr(Random(t, n, n)).Q, index = Tensor.Arange(0, n).To(t);
            Tensor neighbours = eye.Roll(1, 0).Tril();
            neighbours = neighbours + neighbours.MT;
            foreach (Tensor values in (Tensor[])[Tensor.Zeros([n], t), Tensor.Ones([n], t), index.Eq(3).To(t), (index > n / 2).To(t), 1 + index * 1e-16, 1 + index * 1e-13, (index * -1).Exp(), (index - 20).Exp(), index.Floor() % 7])
            {
                IsEigh(values.DiagEmbed());
                Tensor a = (q * values.Unsqueeze(-2)).MatMul(q.MT);
                IsEigh((a + a.MT) / 2);
                IsEigh((a + a.MT) * 1e150);
                IsEigh((a + a.MT) * 1e-150);
            }
            IsEigh(neighbours);                                                               // the second difference, but for its diagonal
            IsEigh(neighbours * 1e-9 + eye);
            IsEigh((index - n / 2).Abs().DiagEmbed() + neighbours);                           // Wilkinson's: pairs that agree to the last bit
            IsEigh(Tensor.Ones([n, n], t));
            IsEigh(Tensor.Full([n, n], 1e-17, t) + index.DiagEmbed());
        }
    }

    [Fact]
    public void Threads_do_not_change_a_factor()
    {
        Tensor a = Random(DType.Float64, 260, 260), definite = a.MatMul(a.MT) + Tensor.Eye(260, dtype: DType.Float64);
        Tensor[] All() => [Linalg.Cholesky(definite), Linalg.Solve(a, definite), Linalg.Qr(a).Q, Linalg.Eigh(definite).Eigenvectors, Linalg.Svd(a).U];
        int threads = Threads.Count;
        Tensor[] several = All();
        try
        {
            Threads.Count = 1;
            foreach ((Tensor one, Tensor other) in All().Zip(several)) Assert.True(one.Equal(other));
        }
        finally { Threads.Count = threads; }
    }

    [Fact]
    public void Numbers_that_are_none_do_not_stop_anything()
    {
        foreach (long n in (long[])[3, 50, 130])
            foreach (double x in (double[])[double.NaN, double.PositiveInfinity])
            {
                Tensor bad = Tensor.Eye(n, dtype: DType.Float64);
                bad[n / 2, n / 3] = x;
                Linalg.Qr(bad);
                Linalg.LuFactorEx(bad);
                Assert.Throws<LinAlgException>(() => Linalg.Eigh(bad));
                Assert.Throws<LinAlgException>(() => Linalg.Svd(bad));
            }
    }
}
