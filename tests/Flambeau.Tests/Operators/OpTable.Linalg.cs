using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    // Far from singular; symmetric or Hermitian and positive; Hermitian with eigenvalues far apart.
    static Tensor Regular(Tensor x) => x * 0.3 + Tensor.Eye(x.Shape[^2], x.Shape[^1], x.DType) * 2;
    static Tensor Definite(Tensor x) => x.MatMul(x.Conj().MT) * 0.2 + Tensor.Eye(x.Shape[^2], dtype: x.DType);
    static Tensor Apart(Tensor x) => (x + x.Conj().MT) * 0.2 + (Tensor.Arange(x.Shape[^1]) * 3).To(x.DType).DiagEmbed();

    static Tensor Spread(Tensor x)
    {
        (long m, long n) = (x.Shape[^2], x.Shape[^1]);
        return x * 0.2 + Tensor.Eye(m, n, x.DType) * (Tensor.Arange(n) * 3 + 2).To(x.DType);
    }

    // Factorizations magnify the roundings of their input by condition numbers up to about 50.
    static Row Dense(string name, Func<Tensor[], Tensor[]> f, params Arg[][] samples) =>
        new(name, f, samples) { LowPrecision = false, DTypes = [DType.Complex128, DType.Complex64], Tolerance = 5e-5, Tolerance64 = 1e-11 };

    static Row Dense(string name, Func<Tensor, Tensor> f, params Arg[][] samples) => Dense(name, x => [f(x[0])], samples);

    static IEnumerable<Row> LinearAlgebra()
    {
        yield return Dense("lu_factor", x => Linalg.LuFactor(Regular(x)).LU, [Real(4, 4)], [Real(2, 3, 5)], [Real(5, 3)], [Real(0, 2, 2)], [Real(70, 61)]);
        yield return Dense("lu", x => { (Tensor p, Tensor l, Tensor u) = Linalg.Lu(Regular(x[0]).Flip(-2)); return [p.MatMul(l), u]; }, [Real(3, 3)], [Real(2, 4, 2)], [Real(2, 0)]);
        yield return Dense("lu_solve", x => Solved(x[0], x[1]), [Real(3, 3), Real(3, 2)], [Real(2, 3, 3), Real(3, 1)], [Real(3, 3), Real(2, 3, 2)], [Real(0, 0), Real(0, 3)]);
        yield return Dense("solve", x => [Linalg.Solve(Regular(x[0]), x[1])], [Real(3, 3), Real(3, 2)], [Real(2, 3, 3), Real(2, 3)], [Real(3, 3), Real(3)], [Real(2, 1, 3, 3), Real(2, 3, 1)],
            [Real(3, 3), Real(2, 3, 2)], [Real(0, 0), Real(0, 2)], [Real(2, 0, 0), Real(2, 0)], [Real(66, 66), Real(66, 2)]);
        yield return Dense("solve from the right", x => [Linalg.Solve(Regular(x[0]), x[1], left: false)], [Real(3, 3), Real(2, 3)], [Real(2, 3, 3), Real(2, 2, 3)]);
        yield return Dense("inv", x => Linalg.Inv(Regular(x)), [Real(3, 3)], [Real(2, 4, 4)], [Real(0, 3, 3)], [Real(0, 0)]);
        yield return Dense("det", x => Linalg.Det(Regular(x)), [Real(3, 3)], [Real(2, 4, 4)], [Real(0, 3, 3)], [Real(2, 0, 0)]);
        yield return Dense("det singular", x => Linalg.Det(x.Unsqueeze(-1) * x.Unsqueeze(-2)), [Real(2)], [Real(2, 2)]) with
        {
            TwiceDifferentiable = false,                                       // PyTorch's neither: it is that of a neighbour whose inverse is huge
        };
        yield return Dense("slogdet", x => { (Tensor sign, Tensor size) = Linalg.SlogDet(Regular(x[0])); return [sign, size]; }, [Real(3, 3)], [Real(2, 4, 4)], [Real(2, 0, 0)]);
        yield return Dense("logdet", x => Definite(x).LogDet(), [Real(3, 3)], [Real(2, 4, 4)]);
        yield return Dense("solve_triangular", x => [Linalg.SolveTriangular(Regular(x[0]), x[1], upper: true), Linalg.SolveTriangular(Regular(x[0]), x[1], upper: false, unitriangular: true)],
            [Real(3, 3), Real(3, 2)], [Real(2, 3, 3), Real(3, 2)], [Real(80, 80), Real(80, 3)]);
        yield return Dense("solve_triangular right", x => [Linalg.SolveTriangular(Regular(x[0]), x[1], upper: true, left: false), Linalg.SolveTriangular(Regular(x[0]), x[1], upper: false, left: false)],
            [Real(3, 3), Real(2, 3)], [Real(3, 3), Real(2, 2, 3)]);
        yield return Two("triangular_solve", (b, a) => b.TriangularSolve(Regular(a), transpose: true).Solution, [[Real(3, 2), Real(3, 3)]]) with { LowPrecision = false, DTypes = Complexes, Tolerance = 1e-5 };
        yield return Dense("cholesky", x => [Linalg.Cholesky(Definite(x[0])), Linalg.Cholesky(Definite(x[0]), upper: true)], [Real(3, 3)], [Real(2, 4, 4)], [Real(0, 0)], [Real(60, 60)]);
        yield return Dense("cholesky_solve", x => [x[1].CholeskySolve(Regular(x[0]).Tril())], [Real(3, 3), Real(3, 2)], [Real(2, 3, 3), Real(3, 2)]) with
        {
            Differentiable = false,                                            // as PyTorch's, the derivative is that of L Lᴴ for any L: next row
        };
        yield return Dense("cholesky_solve of a factor", x => [x[1].CholeskySolve(Definite(x[0]).Cholesky()), Definite(x[0]).Cholesky(upper: true).CholeskyInverse(upper: true)],
            [Real(3, 3), Real(3, 2)], [Real(2, 2, 2), Real(2, 2, 1)]);
        yield return Dense("ldl_solve", x =>
        {
            // A fixed matrix, for as with PyTorch there is no derivative for it; linear in B, nothing is left twice.
            Tensor z = x[0].DType.IsComplex ? (Tensor)new System.Numerics.Complex(0.3, 1) : 0.7;
            Tensor a = Apart((Tensor.Arange(16, DType.Float64).Reshape(4, 4).Sin() * 2).To(x[0].DType) * z) - 2 * Tensor.Eye(4, dtype: x[0].DType);
            (Tensor ld, Tensor p) = Linalg.LdlFactor(a, hermitian: true);
            (Tensor symmetric, Tensor q) = Linalg.LdlFactor(a + a.MT);
            return [Linalg.LdlSolve(ld, p, x[0], hermitian: true), Linalg.LdlSolve(symmetric, q, x[0])];
        }, [Real(4, 2)], [Real(2, 4, 1)]);
        yield return Dense("tensorinv", x => Linalg.TensorInv(Regular(x.Reshape(6, 6)).Reshape(2, 3, 6)), [Real(2, 3, 6)]);
        yield return Dense("tensorsolve", x => [Linalg.TensorSolve(Regular(x[0].Reshape(6, 6)).Reshape(2, 3, 6), x[1])], [Real(2, 3, 6), Real(2, 3)]);
        yield return Dense("matrix_power", x => [Linalg.MatrixPower(Regular(x[0]), 5), Linalg.MatrixPower(Regular(x[0]), -3), Linalg.MatrixPower(x[0], 0)], [Real(3, 3)], [Real(2, 2, 2)]) with { Tolerance = 1e-4 };
        yield return Dense("lstsq", x => [Linalg.Lstsq(Regular(x[0]), x[1]).Solution], [Real(4, 3), Real(4, 2)], [Real(2, 2, 3), Real(2, 2, 1)], [Real(2, 3, 3), Real(2, 3)]);
        yield return Dense("pinv", x => Linalg.Pinv(Regular(x)), [Real(4, 3)], [Real(2, 2, 3)], [Real(3, 3)], [Real(0, 3)]);
        yield return Dense("pinv hermitian", x => Linalg.Pinv(Definite(x), hermitian: true), [Real(3, 3)], [Real(2, 2, 2)]);
        yield return Dense("multi_dot", x => [Linalg.MultiDot(x)], [Real(2, 3), Real(3, 4), Real(4, 2)], [Real(3), Real(3, 4), Real(4, 2), Real(2)]);
    }

    static Tensor[] Solved(Tensor a, Tensor b)
    {
        (Tensor lu, Tensor pivots) = Linalg.LuFactor(Regular(a));
        return [Linalg.LuSolve(lu, pivots, b), Linalg.LuSolve(lu, pivots, b, adjoint: true), Linalg.LuSolve(lu, pivots, b.MT, left: false)];
    }

    static IEnumerable<Row> Decompositions()
    {
        yield return Dense("qr", x => { (Tensor q, Tensor r) = Linalg.Qr(Regular(x[0])); return [q, r]; }, [Real(3, 3)], [Real(2, 4, 2)], [Real(2, 3)], [Real(0, 2)], [Real(70, 65)]);
        yield return Dense("qr complete", x => { (Tensor q, Tensor r) = Linalg.Qr(Regular(x[0]), "complete"); return [q, r]; }, [Real(3, 3)], [Real(2, 2, 4)]);
        yield return Dense("geqrf", x => { (Tensor a, Tensor tau) = Regular(x[0]).Geqrf(); return [a, tau, a.Ormqr(tau, x[0], transpose: true)]; }, [Real(4, 4)], [Real(2, 5, 3)]) with { Differentiable = false };
        yield return Dense("householder_product", x => [Linalg.HouseholderProduct(x[0], x[1])], [Real(4, 3), Real(3)], [Real(2, 3, 3), Real(2, 2)]);
        yield return Dense("householder_product of none", x => [Linalg.HouseholderProduct(x[0], x[1])], [Real(3, 2), Real(0)]) with { TwiceDifferentiable = false };     // it is constant
        yield return Dense("ormqr", x => [x[0].Ormqr(x[1], x[2], transpose: true), x[0].Ormqr(x[1], x[2].MT, left: false)], [Real(3, 2), Real(2), Real(3, 2)], [Real(2, 3, 3), Real(2, 3), Real(2, 3, 1)]);
        // Of vectors that are defined up to sign or phase, what does not depend on it.
        yield return Dense("svd", x => { (Tensor u, Tensor s, Tensor vh) = Linalg.Svd(Spread(x[0]), false); return [(u * s.Sqrt().To(u.DType).Unsqueeze(-2)).MatMul(vh), s]; },
            [Real(3, 3)], [Real(2, 4, 2)], [Real(2, 3)], [Real(2, 0)], [Real(40, 12)]);
        yield return Dense("svd of left vectors", x => { (Tensor u, Tensor s, _) = Linalg.Svd(Spread(x[0])); u = u.Narrow(-1, 0, s.Shape[^1]); return [(u * s.Log().To(u.DType).Unsqueeze(-2)).MatMul(u.Conj().MT)]; },
            [Real(3, 3)], [Real(4, 2)]);
        yield return Dense("svdvals", x => Linalg.Svdvals(Spread(x)), [Real(3, 3)], [Real(2, 2, 4)], [Real(3, 2)]);
        yield return Dense("eigh", x => { (Tensor l, Tensor v) = Linalg.Eigh(Apart(x[0])); return [l, (v * l.Sin().To(v.DType).Unsqueeze(-2)).MatMul(v.Conj().MT)]; }, [Real(3, 3)], [Real(2, 4, 4)], [Real(0, 0)], [Real(40, 40)]);
        yield return Dense("eigvalsh", x => Linalg.Eigvalsh(Apart(x), "U"), [Real(3, 3)], [Real(2, 2, 2)]);
        yield return Dense("eig", x => { (Tensor l, Tensor v) = Linalg.Eig(Spread(x[0])); return [l, (v * l.Sin().Unsqueeze(-2)).MatMul(Linalg.Inv(v))]; }, [Real(3, 3)], [Real(2, 4, 4)]) with { DTypes = [DType.Complex128] };
        yield return Dense("eig of lengths", x => { Tensor v = Linalg.Eig(Spread(x[0])).Eigenvectors; return [v.Abs().Square()]; }, [Real(3, 3)]) with { DTypes = [DType.Complex128] };
        yield return Dense("eigvals", x => Linalg.Eigvals(Spread(x)), [Real(3, 3)], [Real(2, 2, 2)]);
        yield return Dense("matrix_exp", x => Linalg.MatrixExp(x * 0.5), [Real(3, 3)], [Real(2, 2, 2)], [Real(0, 0)]);
        yield return Dense("cond", x => [Linalg.Cond(Spread(x[0])), Linalg.Cond(Spread(x[0]), -2), Linalg.Cond(Spread(x[0]), 1), Linalg.Cond(Spread(x[0]), "fro")], [Real(3, 3)], [Real(2, 2, 2)]);
        yield return Dense("svd_lowrank", x => { (Tensor u, Tensor s, Tensor v) = Spread(x[0]).SvdLowRank(2, generator: new Generator(1)); return [(u * s.To(u.DType).Unsqueeze(-2)).MatMul(v.Conj().MT)]; }, [Real(4, 2)], [Real(2, 3)]) with { DTypes = [] };
    }

    static IEnumerable<Row> MatrixNorms()
    {
        foreach (double p in (double[])[0, 0.5, 1, 2, 3, double.PositiveInfinity, double.NegativeInfinity, -1])
            yield return One($"vector_norm {p}", x => Linalg.VectorNorm(x, p, [-1], keepDim: true), [[Real(3, 5)], [Real(2, 3, 4)]]) with { DTypes = Complexes, Tolerance = 1e-5 };
        foreach (string p in (string[])["fro", "inf", "-inf"])
            yield return One($"matrix_norm {p}", x => Linalg.MatrixNorm(x, p, [-1, 0]), [[Real(3, 5)], [Real(2, 3, 4)]]) with { DTypes = Complexes, Tolerance = 1e-5 };
        foreach (int p in (int[])[1, -1]) yield return One($"matrix_norm {p}", x => Linalg.Norm(x, p), [[Real(3, 5)]]) with { DTypes = Complexes, Tolerance = 1e-5 };
        yield return Dense("matrix_norm nuc", x => [Linalg.MatrixNorm(Spread(x[0]), "nuc"), Linalg.MatrixNorm(Spread(x[0]), 2, keepDim: true), Spread(x[0]).Norm("nuc", [-2, -1])], [Real(3, 4)], [Real(2, 2, 2)]);
        yield return One("norm", x => x.Norm(3, 0), [[Real(3, 5)], [Real(4)]]) with { DTypes = Complexes, Tolerance = 1e-5 };
        yield return Two("linalg.cross", (a, b) => Linalg.Cross(a, b), [[Real(4, 3), Real(4, 3)], [Real(1, 3), Real(2, 3)]]) with { DTypes = Numbers };
        yield return Two("vecdot", (a, b) => Linalg.VecDot(a, b), [[Real(4, 3), Real(4, 3)], [Real(1, 3), Real(2, 3)]]) with { DTypes = Complexes };
        yield return One("vander", x => Linalg.Vander(x, 4), [[Real(3)], [Real(2, 2)]]) with { DTypes = Complexes, Tolerance = 1e-5 };
    }
}
