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
}
