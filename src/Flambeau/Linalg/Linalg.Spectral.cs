using System.Numerics;
using Flambeau.Ops;

namespace Flambeau;

// Eigenvalues, singular values, functions of matrices.
public static partial class Linalg
{
    /// <summary>A = U diag(S) Vᴴ with UᴴU = 1 and VᴴV = 1. PyTorch's <c>linalg.svd</c>.</summary>
    /// <param name="a">Matrices: (…, m, n).</param>
    /// <param name="fullMatrices">Whether U and V are square, (…, m, m) and (…, n, n), not only (…, m, k) and (…, n, k), k = min(m, n).</param>
    /// <returns>U; S, real, descending: (…, k); Vᴴ. Vectors are defined up to a common sign or phase, and so are derivatives only of what does
    /// not depend on it; the added columns of full matrices have none.</returns>
    /// <exception cref="LinAlgException">A has elements that are not finite.</exception>
    public static (Tensor U, Tensor S, Tensor Vh) Svd(Tensor a, bool fullMatrices = true)
    {
        Tensor[] y = Op.ApplyAll(new Svd(fullMatrices, true), Matrix("svd", a));
        return (y[0], y[1], y[2]);
    }

    /// <summary>Singular values, descending: (…, m, n) → (…, min(m, n)). PyTorch's <c>linalg.svdvals</c>.</summary>
    /// <param name="a">Matrices.</param>
    /// <exception cref="LinAlgException">A has elements that are not finite.</exception>
    public static Tensor Svdvals(Tensor a) => Op.ApplyAll(new Svd(false, a.IsTracked), Matrix("svdvals", a))[1];   // derivatives of values need vectors

    /// <summary>A = V diag(L) Vᴴ of a Hermitian A, with VᴴV = 1. PyTorch's <c>linalg.eigh</c>.</summary>
    /// <param name="a">Matrices, of which one triangle is read: (…, n, n).</param>
    /// <param name="uplo">L: the lower triangle; U: the upper.</param>
    /// <returns>Eigenvalues, real, ascending: (…, n); vectors in columns: (…, n, n), defined up to sign or phase.</returns>
    /// <exception cref="ArgumentException">Another triangle.</exception>
    /// <exception cref="LinAlgException">A has elements that are not finite.</exception>
    public static (Tensor Eigenvalues, Tensor Eigenvectors) Eigh(Tensor a, string uplo = "L")
    {
        Tensor[] y = Op.ApplyAll(new Eigh(true), Triangle("eigh", a, uplo));
        return (y[0], y[1]);
    }

    /// <summary>The eigenvalues of a Hermitian A, ascending: (…, n, n) → (…, n). PyTorch's <c>linalg.eigvalsh</c>.</summary>
    /// <param name="a">Matrices, of which one triangle is read.</param>
    /// <param name="uplo">L: the lower triangle; U: the upper.</param>
    /// <exception cref="ArgumentException">Another triangle.</exception>
    /// <exception cref="LinAlgException">A has elements that are not finite.</exception>
    public static Tensor Eigvalsh(Tensor a, string uplo = "L") => Op.ApplyAll(new Eigh(a.IsTracked), Triangle("eigvalsh", a, uplo))[0];

    static Tensor Triangle(string op, Tensor a, string uplo)
    {
        Matrix(op, a, square: true);
        return uplo is "L" or "l" ? a : uplo is "U" or "u" ? a.Adjoint : throw new ArgumentException($"linalg.{op}: uplo is \"L\" or \"U\", not \"{uplo}\".");
    }

    /// <summary>A V = V diag(L). PyTorch's <c>linalg.eig</c>.</summary>
    /// <param name="a">Matrices: (…, n, n).</param>
    /// <returns>Eigenvalues, complex, in no order: (…, n); vectors in columns, complex, of norm 1: (…, n, n), defined up to phase.</returns>
    /// <exception cref="LinAlgException">A has elements that are not finite.</exception>
    public static (Tensor Eigenvalues, Tensor Eigenvectors) Eig(Tensor a)
    {
        Tensor[] y = Op.ApplyAll(new Eig(true), Matrix("eig", a, square: true));
        return (y[0], y[1]);
    }

    /// <summary>Eigenvalues, complex, in no order: (…, n, n) → (…, n). PyTorch's <c>linalg.eigvals</c>.</summary>
    /// <param name="a">Matrices.</param>
    /// <exception cref="LinAlgException">A has elements that are not finite.</exception>
    public static Tensor Eigvals(Tensor a) => Op.ApplyAll(new Eig(a.IsTracked), Matrix("eigvals", a, square: true))[0];

    /// <summary>eᴬ = 1 + A + A²/2 + … (Higham 2005). PyTorch's <c>linalg.matrix_exp</c>.</summary>
    /// <param name="a">Matrices: (…, n, n); also float16 and bfloat16.</param>
    public static Tensor MatrixExp(Tensor a) => Op.ApplyAll(Ops.MatrixExp.Instance, Matrix("matrix_exp", a, square: true, low: true))[0];

    /// <summary>How much A X = B can enlarge relative errors: ‖A‖ ‖A⁻¹‖. PyTorch's <c>linalg.cond</c>.</summary>
    /// <param name="a">Matrices: (…, m, n); square except for norms 2 and −2.</param>
    /// <param name="p">Which norm: 2 if null, −2, 1, −1, ∞, −∞, <c>fro</c>, <c>nuc</c>.</param>
    /// <returns>(…); ∞ for singular matrices, 0 for those without elements.</returns>
    /// <exception cref="ArgumentException">There is no such norm.</exception>
    public static Tensor Cond(Tensor a, NormOrder? p = null)
    {
        Matrix("cond", a);
        NormOrder order = p ?? 2;
        order.CheckMatrix("linalg.cond");
        if (order.Number is not (2 or -2)) Matrix("cond", a, square: true);
        if (a.Count == 0) return Tensor.Zeros(a.Shape[..^2], a.DType.Real);
        if (order.Number is 2 or -2)
        {
            Tensor s = Svdvals(a), first = s.Select(-1, 0), last = s.Select(-1, -1);
            return order.Number == 2 ? first / last : last / first;
        }
        (Tensor inverse, Tensor info) = InvEx(a);
        Tensor singular = info.Ne(0);
        inverse = Tensor.Where(singular.Unsqueeze(-1).Unsqueeze(-1), Tensor.Zeros([], a.DType), inverse);
        return Tensor.Where(singular, Tensor.Full([], double.PositiveInfinity, a.DType.Real), MatrixNorm(a, order) * MatrixNorm(inverse, order));
    }
}
