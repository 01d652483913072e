using Flambeau.Ops;

namespace Flambeau;

// Systems of equations, inverses, determinants.
public static partial class Linalg
{
    /// <summary>X with A X = B. PyTorch's <c>linalg.solve</c>.</summary>
    /// <param name="a">Matrices: (…, n, n).</param>
    /// <param name="b">(…, n, k), or vectors: (n,), or of A's shape without its last axis. Leading axes broadcast.</param>
    /// <param name="left">Whether A stands on the left; if not, X A = B.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    /// <exception cref="LinAlgException">A matrix is singular.</exception>
    public static Tensor Solve(Tensor a, Tensor b, bool left = true)
    {
        (Tensor x, Tensor info) = Solved("solve", a, b, left);
        CheckInfo("solve", info, Singular);
        return x;
    }

    /// <summary>As <see cref="Solve"/>, with the number of the first pivot that is 0, from 1, or 0, in place of an exception.</summary>
    /// <param name="a">Matrices: (…, n, n).</param>
    /// <param name="b">(…, n, k), or vectors.</param>
    /// <param name="left">Whether A stands on the left.</param>
    /// <param name="checkErrors">Whether to throw all the same.</param>
    /// <exception cref="LinAlgException">A matrix is singular, and errors are checked.</exception>
    public static (Tensor Result, Tensor Info) SolveEx(Tensor a, Tensor b, bool left = true, bool checkErrors = false)
    {
        (Tensor x, Tensor info) = Solved("solve_ex", a, b, left);
        if (checkErrors) CheckInfo("solve_ex", info, Singular);
        return (x, info);
    }

    static (Tensor X, Tensor Info) Solved(string op, Tensor a, Tensor b, bool left)
    {
        Matrix(op, a, square: true);
        SameType(op, a, b);
        bool vector = b.Rank == 1 || b.Rank == a.Rank - 1 && b.Shape == a.Shape[..^1];
        if (vector && !left) throw new ArgumentException($"linalg.{op}: with left: false the right side must be a matrix, but its shape is {b.Shape}. Use b.Unsqueeze(-2).");
        if (b.Rank == 0) throw new ArgumentException($"linalg.{op}: the right side is a scalar; it must have at least one axis.");
        if (vector) b = b.Unsqueeze(-1);
        if (b.Shape[left ? ^2 : ^1] != a.Shape[^1])
            throw new ArgumentException($"linalg.{op}: a right side of shape {b.Shape} does not fit matrices of shape {a.Shape}: it must have {a.Shape[^1]} {(left ? "rows" : "columns")}.");
        if (!left) (a, b) = (a.MT, b.MT);
        Dims batch = Shapes.Broadcast("linalg." + op, a.Shape[..^2], b.Shape[..^2]);
        Tensor x, info;
        if (batch == a.Shape[..^2])
        {
            Tensor[] y = Op.ApplyAll(Ops.Solve.Instance, a, WithBatch(b, batch, 2));
            (x, info) = (y[0], y[3]);
        }
        else
        {
            Tensor[] y = Op.ApplyAll(new LuFactor(true), a);
            (x, info) = (LuSolved(y[0], y[1], b, false), y[2]);
        }
        return (vector ? x.Squeeze(-1) : left ? x : x.MT, info);
    }

    /// <summary>X with A X = B for triangular A. PyTorch's <c>linalg.solve_triangular</c>.</summary>
    /// <param name="a">Matrices, of which one triangle is read: (…, n, n).</param>
    /// <param name="b">(…, n, k); leading axes broadcast.</param>
    /// <param name="upper">Whether it is the upper triangle.</param>
    /// <param name="left">Whether A stands on the left; if not, X A = B.</param>
    /// <param name="unitriangular">Whether the diagonal is taken for ones and not read.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public static Tensor SolveTriangular(Tensor a, Tensor b, bool upper, bool left = true, bool unitriangular = false)
    {
        const string op = "solve_triangular";
        Matrix(op, a, square: true);
        Matrix(op, b);
        SameType(op, a, b);
        if (b.Shape[left ? ^2 : ^1] != a.Shape[^1])
            throw new ArgumentException($"linalg.{op}: a right side of shape {b.Shape} does not fit matrices of shape {a.Shape}: it must have {a.Shape[^1]} {(left ? "rows" : "columns")}.");
        (a, b) = Broadcast(op, a, b);
        return left ? Triangular(a, b, upper, unitriangular) : Triangular(a.MT, b.MT, !upper, unitriangular).MT;
    }

    /// <summary>X with A X = B, from what <see cref="LuFactor"/> answered for A. PyTorch's <c>linalg.lu_solve</c>.</summary>
    /// <param name="lu">L and U: (…, n, n).</param>
    /// <param name="pivots">(…, n), int32.</param>
    /// <param name="b">(…, n, k); leading axes broadcast.</param>
    /// <param name="left">Whether A stands on the left; if not, X A = B.</param>
    /// <param name="adjoint">Whether Aᴴ stands in A's place.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public static Tensor LuSolve(Tensor lu, Tensor pivots, Tensor b, bool left = true, bool adjoint = false)
    {
        Matrix("lu_solve", lu, square: true);
        Matrix("lu_solve", b);
        SameType("lu_solve", lu, b);
        CheckPivots("lu_solve", lu, pivots);
        if (b.Shape[left ? ^2 : ^1] != lu.Shape[^1])
            throw new ArgumentException($"linalg.lu_solve: a right side of shape {b.Shape} does not fit matrices of shape {lu.Shape}: it must have {lu.Shape[^1]} {(left ? "rows" : "columns")}.");
        (lu, b) = Broadcast("lu_solve", lu, b);
        pivots = WithBatch(pivots.To(DType.Int32), lu.Shape[..^2], 1);
        return left ? LuSolved(lu, pivots, b, adjoint) : LuSolved(lu, pivots, b.Adjoint, !adjoint).Adjoint;         // X A = B is Aᴴ Xᴴ = Bᴴ
    }

    /// <summary>X with L Lᴴ X = B.</summary>
    internal static Tensor CholeskySolved(Tensor b, Tensor l)
    {
        Matrix("cholesky_solve", b);
        Matrix("cholesky_solve", l, square: true);
        SameType("cholesky_solve", b, l);
        if (b.Shape[^2] != l.Shape[^1]) throw new ArgumentException($"cholesky_solve: a right side of shape {b.Shape} does not fit factors of shape {l.Shape}: it must have {l.Shape[^1]} rows.");
        (b, l) = Broadcast("cholesky_solve", b, l);
        return Op.ApplyAll(CholeskySolve.Instance, b, l)[0];
    }

    /// <summary>A⁻¹. PyTorch's <c>linalg.inv</c>. To solve systems, <see cref="Solve"/> is faster and more accurate.</summary>
    /// <param name="a">Matrices: (…, n, n).</param>
    /// <exception cref="LinAlgException">A matrix is singular.</exception>
    public static Tensor Inv(Tensor a)
    {
        Tensor[] y = Op.ApplyAll(Inverse.Instance, Matrix("inv", a, square: true));
        CheckInfo("inv", y[1], Singular);
        return y[0];
    }

    /// <summary>As <see cref="Inv"/>, with the number of the first pivot that is 0, from 1, or 0, in place of an exception.</summary>
    /// <param name="a">Matrices: (…, n, n).</param>
    /// <param name="checkErrors">Whether to throw all the same.</param>
    /// <exception cref="LinAlgException">A matrix is singular, and errors are checked.</exception>
    public static (Tensor Inverse, Tensor Info) InvEx(Tensor a, bool checkErrors = false)
    {
        Tensor[] y = Op.ApplyAll(Inverse.Instance, Matrix("inv_ex", a, square: true));
        if (checkErrors) CheckInfo("inv_ex", y[1], Singular);
        return (y[0], y[1]);
    }

    /// <summary>Determinants: (…, n, n) → (…). PyTorch's <c>linalg.det</c>.</summary>
    /// <param name="a">Matrices; singular ones too have a derivative.</param>
    public static Tensor Det(Tensor a) => Op.ApplyAll(Determinant.Instance, Matrix("det", a, square: true))[0];

    /// <summary>The sign, or phase, of determinants and the logarithm of their size: (…, n, n) → (…). PyTorch's <c>linalg.slogdet</c>.</summary>
    /// <param name="a">Matrices.</param>
    /// <returns>The sign in A's type, 0 for a singular matrix, and ln |det A|, −∞ for one.</returns>
    public static (Tensor Sign, Tensor LogAbsDet) SlogDet(Tensor a)
    {
        Tensor[] y = Op.ApplyAll(new LuFactor(true), Matrix("slogdet", a, square: true));
        Tensor diagonal = y[0].Diagonals;
        return (Sign(y[1], a.DType) * diagonal.Sign().Prod(-1), diagonal.Abs().Log().Sum(-1));
    }

    /// <summary>The pseudo-inverse A⁺ of Moore and Penrose: (…, m, n) → (…, n, m). PyTorch's <c>linalg.pinv</c>.</summary>
    /// <param name="a">Matrices, of a rank that does not change nearby if a derivative is wanted.</param>
    /// <param name="atol">Singular values up to this are taken for 0: (…) or a number; by default 0.</param>
    /// <param name="rtol">Singular values up to this times the largest are taken for 0: (…) or a number; by default max(m, n) ε, or 0 where atol is positive.</param>
    /// <param name="hermitian">Whether A is Hermitian: then its lower triangle suffices.</param>
    public static Tensor Pinv(Tensor a, Tensor? atol = null, Tensor? rtol = null, bool hermitian = false)
    {
        Matrix("pinv", a, square: hermitian);
        (Tensor absolute, Tensor relative) = Tolerances(a, atol, rtol);
        return Op.ApplyAll(new PseudoInverse(hermitian), a, absolute, relative)[0];
    }

    /// <inheritdoc cref="Pinv(Tensor, Tensor?, Tensor?, bool)"/>
    /// <param name="a">Matrices.</param>
    /// <param name="rcond">What is now called rtol.</param>
    /// <param name="hermitian">Whether A is Hermitian.</param>
    public static Tensor Pinv(Tensor a, double rcond, bool hermitian = false) => Pinv(a, null, rcond, hermitian);

    // As (…, 1), to be compared with singular values.
    static (Tensor Absolute, Tensor Relative) Tolerances(Tensor a, Tensor? atol, Tensor? rtol)
    {
        DType real = a.DType.Real;
        double usual = real.Epsilon * Math.Max(a.Shape[^2], a.Shape[^1]);
        Tensor absolute = (atol ?? 0.0).Detach().To(real).Unsqueeze(-1);
        Tensor relative = rtol is not null ? rtol.Detach().To(real).Unsqueeze(-1) : Tensor.Where(absolute > 0, Tensor.Zeros([], real), Tensor.Full([], usual, real));
        return (absolute, relative);
    }

    /// <summary>How many singular values of A are not taken for 0: (…, m, n) → (…), int64. PyTorch's <c>linalg.matrix_rank</c>.</summary>
    /// <param name="a">Matrices.</param>
    /// <param name="atol">Singular values up to this are taken for 0: (…) or a number; by default 0.</param>
    /// <param name="rtol">Singular values up to this times the largest are taken for 0: (…) or a number; by default max(m, n) ε, or 0 where atol is positive.</param>
    /// <param name="hermitian">Whether A is Hermitian: then its lower triangle suffices.</param>
    public static Tensor MatrixRank(Tensor a, Tensor? atol = null, Tensor? rtol = null, bool hermitian = false)
    {
        Matrix("matrix_rank", a, square: hermitian);
        using var _ = Autograd.NoGrad();
        (Tensor absolute, Tensor relative) = Tolerances(a, atol, rtol);
        Tensor s = hermitian ? Eigvalsh(a).Abs() : Svdvals(a);
        if (s.Shape[^1] == 0) return Tensor.Zeros(Shapes.Broadcast("linalg.matrix_rank", s.Shape[..^1], Shapes.Broadcast("linalg.matrix_rank", absolute.Shape, relative.Shape)[..^1]), DType.Int64);
        return (s > absolute.Maximum(relative * s.Amax([-1], true))).Sum(-1);
    }

    /// <inheritdoc cref="MatrixRank(Tensor, Tensor?, Tensor?, bool)"/>
    /// <param name="a">Matrices.</param>
    /// <param name="tol">What is now called atol.</param>
    /// <param name="hermitian">Whether A is Hermitian.</param>
    public static Tensor MatrixRank(Tensor a, double tol, bool hermitian = false) => MatrixRank(a, tol, 0.0, hermitian);

    /// <summary>X for which ‖A X − B‖ is least, and of such X, where there are many, the least. PyTorch's <c>linalg.lstsq</c>.</summary>
    /// <param name="a">Matrices: (…, m, n).</param>
    /// <param name="b">(…, m, k), or vectors of A's shape without its last axis; leading axes broadcast.</param>
    /// <param name="rcond">Singular values up to this times the largest are taken for 0; by default max(m, n) ε. Driver gels does not look at it.</param>
    /// <param name="driver"><c>gels</c> for matrices of full rank, <c>gelsy</c> (as if none were given), <c>gelsd</c> or <c>gelss</c>: they differ in what they answer beside X.</param>
    /// <returns>X: (…, n, k). ‖A X − B‖² column by column, where m > n and the rank is full, else empty. The ranks, except from gels. The singular
    /// values, from gelsd and gelss.</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit, or the driver has another name.</exception>
    public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) Lstsq(Tensor a, Tensor b, double? rcond = null, string? driver = null)
    {
        Matrix("lstsq", a);
        SameType("lstsq", a, b);
        driver ??= "gelsy";
        if (driver is not ("gels" or "gelsy" or "gelsd" or "gelss")) throw new ArgumentException($"linalg.lstsq: the driver is \"gels\", \"gelsy\", \"gelsd\" or \"gelss\", not \"{driver}\".");
        bool vector = b.Rank == a.Rank - 1 && b.Shape == a.Shape[..^1];
        if (vector) b = b.Unsqueeze(-1);
        if (b.Rank < 2 || b.Shape[^2] != a.Shape[^2]) throw new ArgumentException($"linalg.lstsq: a right side of shape {b.Shape} does not fit matrices of shape {a.Shape}: it must have {a.Shape[^2]} rows.");
        long m = a.Shape[^2], n = a.Shape[^1];
        Dims batch = Shapes.Broadcast("linalg.lstsq", a.Shape[..^2], b.Shape[..^2]);
        double limit = rcond ?? a.DType.Epsilon * Math.Max(m, n);
        Tensor x = Pinv(a, null, driver == "gels" ? 0.0 : limit).MatMul(b), none = Tensor.Empty([0], a.DType.Real), residuals = none, rank = Tensor.Empty([0], DType.Int64), s = none;
        using (Autograd.NoGrad())
        {
            bool full = true;
            if (driver != "gels")
            {
                Tensor values = WithBatch(Svdvals(a), batch, 1);
                rank = values.Shape[^1] == 0 ? Tensor.Zeros(batch, DType.Int64) : (values > values.Amax([-1], true) * limit).Sum(-1);
                full = m > n && !rank.Ne(n).MayHold;
                if (driver is "gelsd" or "gelss") s = values;
            }
            if (m > n && full && driver != "gelsy") residuals = (a.MatMul(x) - b).Abs().Square().Sum(-2);
        }
        if (vector) x = x.Squeeze(-1);
        return (x, residuals, rank, s);
    }

    /// <summary>The tensor whose product with A over <paramref name="ind"/> axes is the identity. PyTorch's <c>linalg.tensorinv</c>.</summary>
    /// <param name="a">A tensor the product of whose first <paramref name="ind"/> sizes is that of the others.</param>
    /// <param name="ind">How many axes come first.</param>
    /// <returns>Of A's shape with the first axes at the end.</returns>
    /// <exception cref="ArgumentException">The products differ, or ind is not positive.</exception>
    /// <exception cref="LinAlgException">A, as a matrix, is singular.</exception>
    public static Tensor TensorInv(Tensor a, int ind = 2)
    {
        if (ind <= 0 || ind > a.Rank) throw new ArgumentException($"linalg.tensorinv: ind is {ind}, but must lie in [1, {a.Rank}] for a tensor of shape {a.Shape}.");
        Dims first = a.Shape[..ind], rest = a.Shape[ind..];
        if (first.Count != rest.Count) throw new ArgumentException($"linalg.tensorinv: the sizes {first} have the product {first.Count}, but the sizes {rest} {rest.Count}; they must be equal.");
        Field("tensorinv", a);
        return Inv(a.Reshape(first.Count, rest.Count)).Reshape([.. rest.Span, .. first.Span]);
    }

    /// <summary>X whose product with A over all of X's axes is B. PyTorch's <c>linalg.tensorsolve</c>.</summary>
    /// <param name="a">Of B's sizes, then X's.</param>
    /// <param name="b">Any tensor.</param>
    /// <param name="dims">Axes of A that are moved to its end first.</param>
    /// <exception cref="ArgumentException">A's sizes do not fit.</exception>
    /// <exception cref="LinAlgException">A, as a matrix, is singular.</exception>
    public static Tensor TensorSolve(Tensor a, Tensor b, ReadOnlySpan<long> dims = default)
    {
        Field("tensorsolve", a);
        SameType("tensorsolve", a, b);
        if (!dims.IsEmpty)
        {
            List<long> order = [], last = [];
            foreach (long d in dims) last.Add(Layout.Axis(d, a.Rank, "linalg.tensorsolve"));
            for (int d = 0; d < a.Rank; d++) if (!last.Contains(d)) order.Add(d);
            a = a.Permute([.. order, .. last]);
        }
        Dims x = a.Shape[Math.Min(b.Rank, a.Rank)..];
        if (x.Count * b.Count != a.Count || x.Count != b.Count)
            throw new ArgumentException($"linalg.tensorsolve: a tensor of shape {a.Shape} is no square system for one of shape {b.Shape}: the sizes behind the first {b.Rank} must have the product {b.Count}.");
        return Solve(a.Reshape(b.Count, x.Count), b.Reshape(-1)).Reshape(x);
    }

    /// <summary>Aⁿ. PyTorch's <c>linalg.matrix_power</c>.</summary>
    /// <param name="a">Matrices: (…, m, m).</param>
    /// <param name="n">The exponent; a negative one takes powers of the inverse.</param>
    /// <exception cref="LinAlgException">n is negative, and a matrix is singular.</exception>
    public static Tensor MatrixPower(Tensor a, long n)
    {
        if (a.Rank < 2 || a.Shape[^1] != a.Shape[^2]) throw new ArgumentException($"linalg.matrix_power: matrices must be square, but the shape is {a.Shape}.");
        if (n == 0) return Tensor.Where(Tensor.Eye(a.Shape[^1], dtype: DType.Bool), Tensor.Ones([], a.DType), a * 0.0);
        if (n < 0) (a, n) = (Inv(a), -n);
        Tensor? y = null;
        for (; n > 0; n >>= 1, a = n > 0 ? a.MatMul(a) : a)
            if ((n & 1) != 0) y = y is null ? a : y.MatMul(a);
        return y!;
    }
}
