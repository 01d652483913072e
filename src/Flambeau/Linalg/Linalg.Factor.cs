using Flambeau.Ops;

namespace Flambeau;

// Factorizations without eigenvalues.
public static partial class Linalg
{
    /// <summary>A = L Lᴴ with L lower triangular; of A only one triangle is read. PyTorch's <c>linalg.cholesky</c>.</summary>
    /// <param name="a">Hermitian positive-definite matrices: (…, n, n).</param>
    /// <param name="upper">Whether to answer Lᴴ, reading the upper triangle.</param>
    /// <exception cref="LinAlgException">A matrix is not positive-definite.</exception>
    public static Tensor Cholesky(Tensor a, bool upper = false)
    {
        (Tensor l, Tensor info) = CholeskyFactor("cholesky", a, upper);
        CheckInfo("cholesky", info, NotPositive);
        return l;
    }

    /// <summary>As <see cref="Cholesky"/>, with the order of the first leading minor that is not positive, or 0, in place of an exception.</summary>
    /// <param name="a">Hermitian matrices: (…, n, n).</param>
    /// <param name="upper">Whether to answer Lᴴ, reading the upper triangle.</param>
    /// <param name="checkErrors">Whether to throw all the same.</param>
    /// <returns>The factor, and int32 numbers of shape (…).</returns>
    /// <exception cref="LinAlgException">A matrix is not positive-definite, and errors are checked.</exception>
    public static (Tensor L, Tensor Info) CholeskyEx(Tensor a, bool upper = false, bool checkErrors = false)
    {
        (Tensor l, Tensor info) = CholeskyFactor("cholesky_ex", a, upper);
        if (checkErrors) CheckInfo("cholesky_ex", info, NotPositive);
        return (l, info);
    }

    static (Tensor L, Tensor Info) CholeskyFactor(string op, Tensor a, bool upper)
    {
        Matrix(op, a, square: true);
        Tensor[] y = Op.ApplyAll(new Cholesky(upper), a);
        return (y[0], y[1]);
    }

    /// <summary>A = P L U with partial pivoting, L and U in one matrix. PyTorch's <c>linalg.lu_factor</c>.</summary>
    /// <param name="a">Matrices: (…, m, n).</param>
    /// <param name="pivot">Whether rows are exchanged; without it the factorization may not exist and is less accurate.</param>
    /// <returns>U, and below its diagonal L without its ones: (…, m, n); and the rows exchanged, counted from 1, in int32: (…, min(m, n)).</returns>
    /// <exception cref="LinAlgException">A matrix is singular.</exception>
    public static (Tensor LU, Tensor Pivots) LuFactor(Tensor a, bool pivot = true)
    {
        Tensor[] y = Op.ApplyAll(new LuFactor(pivot), Matrix("lu_factor", a));
        CheckInfo("lu_factor", y[2], i => $"pivot {i} of the factorization is 0: L U is right, but cannot be used to solve systems. Use LuFactorEx if that is not wanted.");
        return (y[0], y[1]);
    }

    /// <summary>As <see cref="LuFactor"/>, with the number of the first pivot that is 0, from 1, or 0, in place of an exception.</summary>
    /// <param name="a">Matrices: (…, m, n).</param>
    /// <param name="pivot">Whether rows are exchanged.</param>
    /// <param name="checkErrors">Whether to throw all the same.</param>
    /// <exception cref="LinAlgException">A matrix is singular, and errors are checked.</exception>
    public static (Tensor LU, Tensor Pivots, Tensor Info) LuFactorEx(Tensor a, bool pivot = true, bool checkErrors = false)
    {
        Tensor[] y = Op.ApplyAll(new LuFactor(pivot), Matrix("lu_factor_ex", a));
        if (checkErrors) CheckInfo("lu_factor_ex", y[2], Singular);
        return (y[0], y[1], y[2]);
    }

    /// <summary>A = P L U. PyTorch's <c>linalg.lu</c>.</summary>
    /// <param name="a">Matrices: (…, m, n).</param>
    /// <param name="pivot">Whether rows are exchanged; if not, P is empty.</param>
    /// <returns>P: (…, m, m); L: (…, m, k); U: (…, k, n), with k = min(m, n).</returns>
    public static (Tensor P, Tensor L, Tensor U) Lu(Tensor a, bool pivot = true)
    {
        Tensor[] y = Op.ApplyAll(new LuFactor(pivot), Matrix("lu", a));
        (Tensor p, Tensor l, Tensor u) = Tensor.LuUnpack(y[0], y[1], unpackPivots: pivot);
        return (p, l, u);
    }

    /// <summary>A = Q R with QᴴQ = 1 and R upper triangular, by reflections. PyTorch's <c>linalg.qr</c>.</summary>
    /// <param name="a">Matrices: (…, m, n).</param>
    /// <param name="mode"><c>reduced</c>: Q (…, m, k), R (…, k, n) with k = min(m, n); <c>complete</c>: Q (…, m, m), R (…, m, n); <c>r</c>: Q empty, R as
    /// reduced, without a derivative.</param>
    /// <exception cref="ArgumentException">Another mode.</exception>
    public static (Tensor Q, Tensor R) Qr(Tensor a, string mode = "reduced")
    {
        if (mode is not ("reduced" or "complete" or "r")) throw new ArgumentException($"linalg.qr: the mode is \"reduced\", \"complete\" or \"r\", not \"{mode}\".");
        Matrix("qr", a);
        if (mode == "r") return (Tensor.Empty([0], a.DType), Op.ApplyAll(Ops.Geqrf.Instance, a)[0].Narrow(-2, 0, Math.Min(a.Shape[^2], a.Shape[^1])).Triu());
        Tensor[] y = Op.ApplyAll(new Qr(mode == "complete"), a);
        return (y[0], y[1]);
    }

    /// <summary>The first columns of H₁ H₂ … H_k, Hᵢ = 1 − τᵢ vᵢ vᵢᴴ. PyTorch's <c>linalg.householder_product</c>.</summary>
    /// <param name="a">Vectors vᵢ below the diagonal, their ones left out: (…, m, n), m ≥ n.</param>
    /// <param name="tau">(…, k), k ≤ n.</param>
    /// <returns>(…, m, n).</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public static Tensor HouseholderProduct(Tensor a, Tensor tau)
    {
        CheckReflections("householder_product", a, tau);
        long m = a.Shape[^2], n = a.Shape[^1];
        Tensor c = Tensor.Eye(m, n, a.DType).Expand([.. a.Shape.Span[..^2], m, n]);
        return Op.ApplyAll(new Reflect(false), a, tau, c)[0];
    }

    internal static void CheckReflections(string op, Tensor a, Tensor tau)
    {
        Matrix(op, a);
        SameType(op, a, tau);
        long m = a.Shape[^2], n = a.Shape[^1];
        if (m < n) throw new ArgumentException($"linalg.{op}: the vectors are columns of a tensor with at least as many rows as columns, not of one of shape {a.Shape}.");
        if (tau.Rank != a.Rank - 1 || tau.Shape[..^1] != a.Shape[..^2] || tau.Shape[^1] > n)
            throw new ArgumentException($"linalg.{op}: tau of shape {tau.Shape} does not fit vectors of shape {a.Shape}: it has their leading axes and at most {n} elements for each matrix.");
    }

    /// <summary>A = L D Lᵀ, or L D Lᴴ, with D of blocks of size 1 and 2 (Bunch and Kaufman 1977). PyTorch's <c>linalg.ldl_factor</c>.</summary>
    /// <param name="a">Symmetric or Hermitian matrices, of which the lower triangle is read: (…, n, n).</param>
    /// <param name="hermitian">Whether a complex A is Hermitian, not symmetric.</param>
    /// <returns>D, and below it L without its ones: (…, n, n); and pivots in int32, counted from 1, negative for blocks of size 2: (…, n).</returns>
    /// <exception cref="LinAlgException">A block of D is 0.</exception>
    public static (Tensor LD, Tensor Pivots) LdlFactor(Tensor a, bool hermitian = false)
    {
        Tensor[] y = Op.ApplyAll(new LdlFactor(hermitian), Matrix("ldl_factor", a, square: true));
        CheckInfo("ldl_factor", y[2], Singular);
        return (y[0], y[1]);
    }

    /// <summary>As <see cref="LdlFactor"/>, with the number of the first block that is 0, from 1, or 0, in place of an exception.</summary>
    /// <param name="a">Symmetric or Hermitian matrices: (…, n, n).</param>
    /// <param name="hermitian">Whether a complex A is Hermitian.</param>
    /// <param name="checkErrors">Whether to throw all the same.</param>
    /// <exception cref="LinAlgException">A block of D is 0, and errors are checked.</exception>
    public static (Tensor LD, Tensor Pivots, Tensor Info) LdlFactorEx(Tensor a, bool hermitian = false, bool checkErrors = false)
    {
        Tensor[] y = Op.ApplyAll(new LdlFactor(hermitian), Matrix("ldl_factor_ex", a, square: true));
        if (checkErrors) CheckInfo("ldl_factor_ex", y[2], Singular);
        return (y[0], y[1], y[2]);
    }

    /// <summary>X with A X = B, from what <see cref="LdlFactor"/> answered for A. PyTorch's <c>linalg.ldl_solve</c>.</summary>
    /// <param name="ld">D and L: (…, n, n).</param>
    /// <param name="pivots">(…, n), int32 or int64.</param>
    /// <param name="b">(…, n, k); leading axes broadcast.</param>
    /// <param name="hermitian">What was said to <see cref="LdlFactor"/>.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public static Tensor LdlSolve(Tensor ld, Tensor pivots, Tensor b, bool hermitian = false)
    {
        Matrix("ldl_solve", ld, square: true);
        Matrix("ldl_solve", b);
        SameType("ldl_solve", ld, b);
        CheckPivots("ldl_solve", ld, pivots, true);
        if (b.Shape[^2] != ld.Shape[^1]) throw new ArgumentException($"linalg.ldl_solve: a right side of shape {b.Shape} does not fit matrices of shape {ld.Shape}: it must have {ld.Shape[^1]} rows.");
        (ld, b) = Broadcast("ldl_solve", ld, b);
        return Op.ApplyAll(new LdlSolve(hermitian), ld, WithBatch(pivots.To(DType.Int32), ld.Shape[..^2], 1), b)[0];
    }

    /// <summary>Pivots have the factors' leading axes and name rows that there are.</summary>
    internal static void CheckPivots(string op, Tensor lu, Tensor pivots, bool signed = false)
    {
        if (!pivots.DType.IsInteger) throw new ArgumentException($"linalg.{op}: pivots are int32 numbers, not {pivots.DType}.");
        long k = Math.Min(lu.Shape[^2], lu.Shape[^1]), m = lu.Shape[^2];
        if (pivots.Rank != lu.Rank - 1 || pivots.Shape[..^1] != lu.Shape[..^2] || pivots.Shape[^1] != k)
            throw new ArgumentException($"linalg.{op}: pivots of shape {pivots.Shape} do not fit factors of shape {lu.Shape}: they must have the shape {new Dims([.. lu.Shape.Span[..^2], k])}.");
        int[] all = pivots.Behind.MakeContiguous().ToArray<int>();
        for (int i = 0; i < all.Length; i++)
        {
            long p = signed ? Math.Abs((long)all[i]) : all[i];
            if (p < 1 || p > m) throw new ArgumentException($"linalg.{op}: pivot {all[i]} names no row: rows are counted from 1 to {m}.");
            if (signed && all[i] < 0 && !IsPaired(all, i, k)) throw new ArgumentException($"linalg.{op}: a negative pivot stands alone; those of a block of two are equal and next to each other.");
        }

        static bool IsPaired(int[] all, int i, long k)
        {
            int run = 0;
            for (int j = i; j >= i / k * k && all[j] < 0; j--) run++;
            return run % 2 == 0 || i % k < k - 1 && all[i + 1] < 0;
        }
    }
}
