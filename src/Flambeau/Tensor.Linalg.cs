using Flambeau.Ops;

namespace Flambeau;

// Linear algebra under the names of torch itself; most of it is in Linalg.
public partial class Tensor
{
    /// <summary>See <see cref="Linalg.Cholesky"/>.</summary>
    public Tensor Cholesky(bool upper = false) => Linalg.Cholesky(this, upper);

    /// <summary>(L Lᴴ)⁻¹ for a factor as <see cref="Cholesky"/> answers it.</summary>
    /// <param name="upper">Whether it is Lᴴ.</param>
    /// <exception cref="ArgumentException">The tensor holds no square matrices.</exception>
    public Tensor CholeskyInverse(bool upper = false)
    {
        CheckFactor("cholesky_inverse", this);
        return Eye(Shape[^1], dtype: DType).Expand(Shape).CholeskySolve(this, upper);
    }

    /// <summary>X with L Lᴴ X = this, for a factor as <see cref="Cholesky"/> answers it. PyTorch's <c>cholesky_solve</c>.</summary>
    /// <param name="input2">The factor: (…, n, n); leading axes broadcast.</param>
    /// <param name="upper">Whether it is Lᴴ.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public Tensor CholeskySolve(Tensor input2, bool upper = false)
    {
        CheckFactor("cholesky_solve", input2);
        return Linalg.CholeskySolved(this, upper ? input2.Adjoint : input2);
    }

    static void CheckFactor(string op, Tensor l)
    {
        if (l.Rank < 2 || l.Shape[^1] != l.Shape[^2]) throw new ArgumentException($"{op}: factors are square matrices, but the shape is {l.Shape}.");
    }

    /// <summary>Vector products in three dimensions; see <see cref="Linalg.Cross"/>.</summary>
    /// <param name="other">With as many axes.</param>
    /// <param name="dim">The axis of three elements; by default the first that has three.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public Tensor Cross(Tensor other, int? dim = null)
    {
        int first = Array.IndexOf(Shape.ToArray(), 3);
        if (dim is null && first < 0) throw new ArgumentException($"cross: the shape {Shape} has no axis of three elements.");
        return Linalg.Cross(this, other, dim ?? first);
    }

    /// <summary>See <see cref="Linalg.Det"/>.</summary>
    public Tensor Det() => Linalg.Det(this);

    /// <summary>ln det of matrices: (…, n, n) → (…); NaN where a real determinant is negative, −∞ where it is 0.</summary>
    public Tensor LogDet()
    {
        (Tensor sign, Tensor size) = Linalg.SlogDet(this);
        return DType.IsComplex ? sign.Log() + size.To(DType) : Where(sign < 0, Full([], double.NaN, DType), size);
    }

    /// <summary>See <see cref="Linalg.SlogDet"/>.</summary>
    public (Tensor Sign, Tensor LogAbsDet) SlogDet() => Linalg.SlogDet(this);

    /// <summary>See <see cref="Linalg.Inv"/>.</summary>
    public Tensor Inverse() => Linalg.Inv(this);

    /// <summary>See <see cref="Linalg.Pinv(Tensor, double, bool)"/>.</summary>
    public Tensor Pinverse(double rcond = 1e-15) => Linalg.Pinv(this, rcond);

    /// <summary>See <see cref="Linalg.MatrixExp"/>.</summary>
    public Tensor MatrixExp() => Linalg.MatrixExp(this);

    /// <summary>See <see cref="Linalg.MatrixPower"/>.</summary>
    public Tensor MatrixPower(long n) => Linalg.MatrixPower(this, n);

    /// <summary>See <see cref="Linalg.MultiDot"/>.</summary>
    public static Tensor ChainMatMul(params IReadOnlyList<Tensor> matrices) => matrices.Count == 1 ? matrices[0] : Linalg.MultiDot(matrices);

    /// <summary>See <see cref="Linalg.LuFactorEx"/>; PyTorch's <c>lu</c>.</summary>
    /// <param name="pivot">Whether rows are exchanged.</param>
    /// <param name="getInfos">Whether to answer the number of the first pivot that is 0; if not, there must be none.</param>
    /// <exception cref="LinAlgException">A matrix is singular, and infos are not wanted.</exception>
    public (Tensor LU, Tensor Pivots, Tensor? Infos) Lu(bool pivot = true, bool getInfos = false)
    {
        (Tensor lu, Tensor pivots, Tensor info) = Linalg.LuFactorEx(this, pivot, checkErrors: !getInfos);
        return (lu, pivots, getInfos ? info : null);
    }

    /// <summary>X with A X = this, from L, U and pivots of A. PyTorch's <c>lu_solve</c>; see <see cref="Linalg.LuSolve"/>.</summary>
    /// <param name="luData">(…, n, n).</param>
    /// <param name="luPivots">(…, n), int32.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public Tensor LuSolve(Tensor luData, Tensor luPivots) => Linalg.LuSolve(luData, luPivots, this);

    /// <summary>P, L and U from what <see cref="Linalg.LuFactor"/> answered. PyTorch's <c>lu_unpack</c>.</summary>
    /// <param name="luData">(…, m, n).</param>
    /// <param name="luPivots">(…, min(m, n)), int32.</param>
    /// <param name="unpackData">Whether L and U are wanted; if not they are empty.</param>
    /// <param name="unpackPivots">Whether P is wanted; if not it is empty.</param>
    /// <returns>P: (…, m, m); L: (…, m, k); U: (…, k, n), with k = min(m, n).</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public static (Tensor P, Tensor L, Tensor U) LuUnpack(Tensor luData, Tensor luPivots, bool unpackData = true, bool unpackPivots = true)
    {
        if (luData.Rank < 2) throw new ArgumentException($"lu_unpack: factors are matrices, but the shape is {luData.Shape}.");
        if (unpackPivots) Linalg.CheckPivots("lu_unpack", luData, luPivots);
        long m = luData.Shape[^2], n = luData.Shape[^1], k = Math.Min(m, n);
        Tensor p = Empty([0], luData.DType), l = p, u = p;
        if (unpackPivots) p = Op.ApplyAll(new PivotRows(true), Eye(m, dtype: luData.DType).Expand([.. luData.Shape.Span[..^2], m, m]), luPivots.To(DType.Int32))[0];
        if (unpackData)
        {
            l = luData.Narrow(-1, 0, k).Tril(-1) + Eye(m, k, luData.DType);
            u = luData.Narrow(-2, 0, k).Triu();
        }
        return (p, l, u);
    }

    /// <summary>See <see cref="Linalg.Qr"/>.</summary>
    /// <param name="some">Whether Q is reduced to as many columns as are needed.</param>
    public (Tensor Q, Tensor R) Qr(bool some = true) => Linalg.Qr(this, some ? "reduced" : "complete");

    /// <summary>The QR factorization as LAPACK leaves it: R, below it the vectors of reflections, and their factors τ; see <see cref="Linalg.HouseholderProduct"/>.</summary>
    /// <exception cref="ArgumentException">The tensor holds no matrices of floating-point or complex numbers.</exception>
    public (Tensor A, Tensor Tau) Geqrf()
    {
        if (Rank < 2 || !DType.IsDifferentiable || DType.IsLowPrecision) throw new ArgumentException($"geqrf: matrices of float32, float64 or complex numbers are wanted, not {DType} of shape {Shape}.");
        Tensor[] y = Op.ApplyAll(Ops.Geqrf.Instance, this);
        return (y[0], y[1]);
    }

    /// <summary>See <see cref="Linalg.HouseholderProduct"/>.</summary>
    public Tensor Orgqr(Tensor tau) => Linalg.HouseholderProduct(this, tau);

    /// <summary>A product with the whole Q of <see cref="Geqrf"/>, which is not formed. PyTorch's <c>ormqr</c>.</summary>
    /// <param name="tau">(…, k).</param>
    /// <param name="other">(…, m, n): what is multiplied.</param>
    /// <param name="left">Whether Q stands on the left.</param>
    /// <param name="transpose">Whether it is Qᴴ.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public Tensor Ormqr(Tensor tau, Tensor other, bool left = true, bool transpose = false)
    {
        if (Rank < 2 || other.Rank < 2) throw new ArgumentException($"ormqr: matrices are wanted, but the shapes are {Shape} and {other.Shape}.");
        if (DType != other.DType || DType != tau.DType || !DType.IsDifferentiable || DType.IsLowPrecision)
            throw new ArgumentException($"ormqr: vectors are {DType}, tau is {tau.DType}, the other matrix {other.DType}; all must be one of float32, float64, complex64 and complex128.");
        long size = other.Shape[left ? ^2 : ^1];
        if (Shape[^2] != size) throw new ArgumentException($"ormqr: vectors of shape {Shape} do not fit a matrix of shape {other.Shape} on the {(left ? "right" : "left")}: Q has {Shape[^2]} rows, the matrix {size} {(left ? "rows" : "columns")}.");
        if (tau.Rank != Rank - 1 || tau.Shape[..^1] != Shape[..^2] || tau.Shape[^1] > Math.Min(Shape[^2], Shape[^1]) || other.Shape[..^2] != Shape[..^2])
            throw new ArgumentException($"ormqr: shapes {Shape}, {tau.Shape} and {other.Shape} do not fit: leading axes must be the same, and tau have at most {Math.Min(Shape[^2], Shape[^1])} elements for each matrix.");
        return left ? Op.ApplyAll(new Reflect(transpose), this, tau, other)[0] : Op.ApplyAll(new Reflect(!transpose), this, tau, other.Adjoint)[0].Adjoint;
    }

    /// <summary>See <see cref="Linalg.Svd"/>; PyTorch's <c>svd</c>, which answers V, not Vᴴ.</summary>
    /// <param name="some">Whether U and V are reduced to as many columns as there are singular values.</param>
    /// <param name="computeUv">Whether vectors are wanted; if not they are zeros.</param>
    public (Tensor U, Tensor S, Tensor V) Svd(bool some = true, bool computeUv = true)
    {
        if (computeUv)
        {
            (Tensor u, Tensor s, Tensor vh) = Linalg.Svd(this, fullMatrices: !some);
            return (u, s, vh.Adjoint);
        }
        Tensor values = Linalg.Svdvals(this);
        return (Zeros([.. Shape.Span[..^2], Shape[^2], Shape[^2]], DType), values, Zeros([.. Shape.Span[..^2], Shape[^1], Shape[^1]], DType));
    }

    /// <summary>An approximation U diag(S) Vᴴ of rank q of this, or of this − M, by random projections (Halko, Martinsson and Tropp 2009, algorithm 5.1).
    /// PyTorch's <c>svd_lowrank</c>.</summary>
    /// <param name="q">The rank, a little more than what is wanted; at most min(m, n).</param>
    /// <param name="niter">How often the subspace is refined.</param>
    /// <param name="m">What is subtracted: (…, m, n).</param>
    /// <param name="generator">Where random numbers come from.</param>
    /// <returns>U: (…, m, q); S: (…, q); V: (…, n, q).</returns>
    /// <exception cref="ArgumentException">The tensor holds no matrices, or q is out of range.</exception>
    public (Tensor U, Tensor S, Tensor V) SvdLowRank(long q = 6, int niter = 2, Tensor? m = null, Generator? generator = null)
    {
        if (Rank < 2 || !DType.IsDifferentiable || DType.IsLowPrecision) throw new ArgumentException($"svd_lowrank: matrices of float32, float64 or complex numbers are wanted, not {DType} of shape {Shape}.");
        long rows = Shape[^2], columns = Shape[^1];
        if (q < 0 || q > Math.Min(rows, columns)) throw new ArgumentException($"svd_lowrank: q is {q}, but must lie in [0, {Math.Min(rows, columns)}] for matrices of shape {Shape}.");
        if (niter < 0) throw new ArgumentException($"svd_lowrank: niter is {niter}, but cannot be negative.");
        if (m is not null && m.Shape[^2..] != Shape[^2..]) throw new ArgumentException($"svd_lowrank: M of shape {m.Shape} cannot be subtracted from matrices of shape {Shape}.");
        Tensor a = m is null ? this : this - m;
        bool turned = rows < columns || columns > q;                           // the smaller of the matrices B below
        if (turned) a = a.Adjoint;
        Tensor basis = Linalg.Qr(a.MatMul(Randn([a.Shape[^1], q], DType, generator: generator))).Q;
        for (int i = 0; i < niter; i++)
        {
            basis = Linalg.Qr(a.Adjoint.MatMul(basis)).Q;
            basis = Linalg.Qr(a.MatMul(basis)).Q;
        }
        if (turned)
        {
            (Tensor u, Tensor s, Tensor vh) = Linalg.Svd(a.Adjoint.MatMul(basis), fullMatrices: false);
            return (u, s, basis.MatMul(vh.Adjoint));
        }
        else
        {
            (Tensor u, Tensor s, Tensor vh) = Linalg.Svd(basis.Adjoint.MatMul(a), fullMatrices: false);
            return (basis.MatMul(u), s, vh.Adjoint);
        }
    }

    /// <summary><see cref="SvdLowRank"/> of a matrix whose columns have mean 0: the principal components of its rows. PyTorch's <c>pca_lowrank</c>.</summary>
    /// <param name="q">The rank, at most min(m, n); by default 6 or that.</param>
    /// <param name="center">Whether the columns' means are subtracted first.</param>
    /// <param name="niter">How often the subspace is refined.</param>
    /// <param name="generator">Where random numbers come from.</param>
    /// <exception cref="ArgumentException">The tensor holds no matrices, or q is out of range.</exception>
    public (Tensor U, Tensor S, Tensor V) PcaLowRank(long? q = null, bool center = true, int niter = 2, Generator? generator = null)
    {
        if (Rank < 2) throw new ArgumentException($"pca_lowrank: matrices are wanted, but the shape is {Shape}.");
        return (center ? this - Mean(-2, keepDim: true) : this).SvdLowRank(q ?? Math.Min(6, Math.Min(Shape[^2], Shape[^1])), niter, generator: generator);
    }

    /// <summary>See <see cref="Linalg.Eigh"/>; PyTorch's <c>symeig</c>.</summary>
    /// <param name="eigenvectors">Whether vectors are wanted; if not they are empty.</param>
    /// <param name="upper">Whether the upper triangle is read.</param>
    public (Tensor Eigenvalues, Tensor Eigenvectors) Symeig(bool eigenvectors = false, bool upper = true) =>
        eigenvectors ? Linalg.Eigh(this, upper ? "U" : "L") : (Linalg.Eigvalsh(this, upper ? "U" : "L"), Empty([0], DType));

    /// <summary>X with A X = this for triangular A. PyTorch's <c>triangular_solve</c>; see <see cref="Linalg.SolveTriangular"/>.</summary>
    /// <param name="a">(…, n, n); leading axes broadcast.</param>
    /// <param name="upper">Whether the upper triangle is read.</param>
    /// <param name="transpose">Whether Aᵀ stands in A's place.</param>
    /// <param name="unitriangular">Whether the diagonal is taken for ones.</param>
    /// <returns>X, and a copy of A.</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public (Tensor Solution, Tensor ClonedCoefficient) TriangularSolve(Tensor a, bool upper = true, bool transpose = false, bool unitriangular = false)
    {
        Tensor x = Linalg.SolveTriangular(transpose ? a.MT : a, this, upper != transpose, unitriangular: unitriangular);
        return (x, a.Expand([.. x.Shape.Span[..^2], .. a.Shape.Span[^2..]]).Clone());
    }

    /// <summary>Norms of all elements, of vectors along an axis, or of matrices. PyTorch's <c>norm</c>; the newer functions are in <see cref="Linalg"/>.</summary>
    /// <param name="p">A number for (Σ |x|ᵖ)^{1/p}; <c>fro</c> as 2; <c>nuc</c> for the sum of singular values.</param>
    /// <param name="dim">Over which axes; all if none are named.</param>
    /// <param name="keepDim">Whether they stay, with size 1.</param>
    /// <param name="dtype">To what type the tensor is converted first.</param>
    /// <exception cref="ArgumentException">The tensor holds integers, or <c>nuc</c> is wanted of what is no matrix.</exception>
    public Tensor Norm(NormOrder? p = null, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null)
    {
        NormOrder order = p ?? "fro";
        if (order.Name == "nuc") return Linalg.MatrixNorm(this, order, dim.IsEmpty && Rank == 2 ? [0, 1] : dim, keepDim, dtype);
        return Linalg.VectorNorm(this, order.Number ?? 2, dim, keepDim, dtype);
    }

    /// <inheritdoc cref="Norm(NormOrder?, ReadOnlySpan{long}, bool, DType?)"/>
    public Tensor Norm(NormOrder? p, int dim, bool keepDim = false, DType? dtype = null) => Norm(p, [dim], keepDim, dtype);
}
