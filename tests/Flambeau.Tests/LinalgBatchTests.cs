using Flambeau.Tests.Operators;
using Xunit;

namespace Flambeau.Tests;

/// <summary>Tiny matrices of a batch are factorized side by side: what comes out must be what each alone has, however many there are, and whatever is wrong with one of them.</summary>
public class LinalgBatchTests
{
    static Tensor Random(DType t, params long[] shape) => new Arg(shape).Make(t, (int)shape.Sum() + 1);

    static void Same(Tensor[] alone, Tensor together)
    {
        double tolerance = together.DType == DType.Float64 ? 1e-9 : 1e-3;
        Laws.AssertClose([Tensor.Stack(alone)], [together], tolerance, tolerance, $"{together.Shape}");
    }

    static Tensor[] Each(Tensor a, Func<Tensor, Tensor> f) => [.. Enumerable.Range(0, (int)a.Shape[0]).Select(i => f(a[i]))];

    [Theory]
    [InlineData(2), InlineData(3), InlineData(7), InlineData(8), InlineData(9), InlineData(21)]
    public void A_batch_is_its_matrices(int batch)
    {
        foreach (DType t in (DType[])[DType.Float64, DType.Float32])
            for (long n = 1; n <= 9; n++)
            {
                Tensor a = Random(t, batch, n, n) + Tensor.Eye(n, dtype: t) * 3, b = Random(t, batch, n, 3), definite = a.MatMul(a.MT) + Tensor.Eye(n, dtype: t);
                Same([.. Enumerable.Range(0, batch).Select(i => Linalg.Solve(a[i], b[i]))], Linalg.Solve(a, b));
                Same(Each(a, Linalg.Inv), Linalg.Inv(a));
                Same(Each(a, Linalg.Det), Linalg.Det(a));
                Same(Each(definite, m => Linalg.Cholesky(m)), Linalg.Cholesky(definite));
                Tensor wide = Random(t, batch, n, 10 - n);
                Same(Each(wide, m => Linalg.LuFactor(m).LU), Linalg.LuFactor(wide).LU);
                Same(Each(wide, m => Linalg.LuFactor(m).Pivots), Linalg.LuFactor(wide).Pivots);
                Same([.. Enumerable.Range(0, batch).Select(i => Linalg.SolveTriangular(a[i], b[i], upper: true))], Linalg.SolveTriangular(a, b, upper: true));
            }
    }

    [Fact]
    public void One_matrix_that_is_singular_or_no_number_among_others()
    {
        for (long n = 1; n <= 8; n++)
        {
            Tensor a = Random(DType.Float64, 11, n, n) + Tensor.Eye(n, dtype: DType.Float64) * 3;
            a[5] = Tensor.Zeros([n, n], DType.Float64);
            Assert.Contains("5", Assert.Throws<LinAlgException>(() => Linalg.Inv(a)).Message);
            Assert.Throws<LinAlgException>(() => Linalg.Solve(a, a));
            Assert.Throws<LinAlgException>(() => Linalg.Cholesky(a));
            Assert.Equal(0, Linalg.Det(a)[5].Item<double>());
            a[5] = Tensor.Full([n, n], double.NaN, DType.Float64);
            Tensor det = Linalg.Det(a);
            Assert.True(double.IsNaN(det[5].Item<double>()));
            Assert.True(det[..5].IsFinite().All().Item<bool>() && det[6..].IsFinite().All().Item<bool>());
        }
    }
}
