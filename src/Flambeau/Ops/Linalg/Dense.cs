using Flambeau.Backends;
using Flambeau.Backends.Dense;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>What operations on batches of matrices share. They are given matrices; leading axes are already those of the result.</summary>
internal abstract record DenseOp : MultiOp
{
    public override string Name => "linalg." + base.Name;

    /// <summary>A result: the leading axes of <paramref name="a"/> and these.</summary>
    protected static TensorSpec Spec(Tensor a, DType dtype, params ReadOnlySpan<long> axes) => new(new Dims([.. a.Shape.Span[..^2], .. axes]), dtype, a.Device);

    /// <summary>How many matrices there are.</summary>
    protected static long Batch(Tensor a) => a.Shape[..^2].Count;

    /// <summary>Refuses what is no square matrix.</summary>
    protected long Square(Tensor a) => a.Rank >= 2 && a.Shape[^1] == a.Shape[^2] ? a.Shape[^1]
        : throw new ArgumentException($"{Name}: matrices must be square, but the shape is {a.Shape}.");

    protected internal override Tensor[] BatchAll(in Batched b) => ApplyAll(this, b.Full());
}

/// <summary>Conventions of derivatives here.</summary>
internal static class MatrixExtensions
{
    extension(Tensor a)
    {
        /// <summary>The conjugate transpose of the last two axes.</summary>
        public Tensor Adjoint => a.MT.Conj();

        /// <summary>The main diagonals of the last two axes.</summary>
        public Tensor Diagonals => a.Diagonal(0, -2, -1);
    }
}

/// <summary>A → L and U in one matrix, pivots, first zero pivot: P L U = A.</summary>
internal sealed record LuFactor(bool Pivot) : DenseOp
{
    protected internal override TensorSpec[] InferAll(Args x) =>
        [Spec(x[0], x[0].DType, x[0].Shape[^2], x[0].Shape[^1]), Spec(x[0], DType.Int32, Math.Min(x[0].Shape[^2], x[0].Shape[^1])), Spec(x[0], DType.Int32)];

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => LaneBatch.Run(new LuKernel(x[0].Shape[^2], x[0].Shape[^1], Pivot), Batch(x[0]), x, y);

    protected internal override Saved Saves(uint needs) => new(0, 3);

    // With C = L⁻¹ Pᵀ dA U⁻¹ of the square part: dL = L tril(C, −1), dU = triu(C) U. Columns beyond are U₂ = L⁻¹ Pᵀ A₂, rows beyond L₂ = A₂ U⁻¹.
    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor lu = n.Output(0), pivots = n.Output(1), grad = g[0]!;
        long rows = lu.Shape[^2], columns = lu.Shape[^1], k = Math.Min(rows, columns);
        Tensor square = lu.Narrow(-2, 0, k).Narrow(-1, 0, k), l = square.Tril(-1) + Tensor.Eye(k, dtype: lu.DType), u = square.Triu();
        Tensor top = grad.Narrow(-2, 0, k).Narrow(-1, 0, k), gl = top.Tril(-1), gu = top.Triu();
        Tensor? beyond = null;
        if (columns > k)
        {
            beyond = Flambeau.Linalg.Triangular(square.Adjoint, grad.Narrow(-1, k, columns - k), true, true);           // L⁻ᴴ gU₂
            gl = gl - (beyond.MatMul(lu.Narrow(-1, k, columns - k).Adjoint)).Tril(-1);
        }
        else if (rows > k)
        {
            Tensor gl2 = grad.Narrow(-2, k, rows - k);
            beyond = Flambeau.Linalg.Triangular(square, gl2.Adjoint, true, false).Adjoint;                            // gL₂ U⁻ᴴ
            gu = gu - lu.Narrow(-2, k, rows - k).Adjoint.MatMul(beyond).Triu();
        }
        Tensor c = l.Adjoint.MatMul(gl).Tril(-1) + gu.MatMul(u.Adjoint).Triu();
        Tensor left = Flambeau.Linalg.Triangular(square.Adjoint, c, true, true);
        Tensor ga = Flambeau.Linalg.Triangular(square, left.Adjoint, true, false).Adjoint;                           // L⁻ᴴ gC U⁻ᴴ
        if (beyond is not null) ga = Tensor.Cat([ga, beyond], columns > k ? -1 : -2);
        return [ApplyAll(new PivotRows(true), ga, pivots)[0]];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor lu = y[0], d = ApplyAll(new PivotRows(false), t[0]!, y[1])[0];                                        // Pᵀ dA
        long rows = lu.Shape[^2], columns = lu.Shape[^1], k = Math.Min(rows, columns);
        Tensor square = lu.Narrow(-2, 0, k).Narrow(-1, 0, k), l = square.Tril(-1) + Tensor.Eye(k, dtype: lu.DType), u = square.Triu();
        Tensor c = Flambeau.Linalg.Triangular(square, d.Narrow(-2, 0, k).Narrow(-1, 0, k), false, true);
        c = Flambeau.Linalg.Triangular(u.MT, c.MT, false, false).MT;                                                   // L⁻¹ Pᵀ dA U⁻¹
        Tensor dl = l.MatMul(c.Tril(-1)), du = c.Triu().MatMul(u), both = dl + du;
        if (columns > k)
        {
            Tensor right = d.Narrow(-1, k, columns - k) - dl.MatMul(lu.Narrow(-1, k, columns - k));
            both = Tensor.Cat([both, Flambeau.Linalg.Triangular(square, right, false, true)], -1);
        }
        else if (rows > k)
        {
            Tensor below = d.Narrow(-2, k, rows - k) - lu.Narrow(-2, k, rows - k).MatMul(du);
            both = Tensor.Cat([both, Flambeau.Linalg.Triangular(u.MT, below.MT, false, false).MT], -2);
        }
        return [both, null, null];
    }
}

/// <summary>B, pivots → Pᵀ B, or P B if <c>Back</c>.</summary>
internal sealed record PivotRows(bool Back) : DenseOp
{
    protected internal override TensorSpec[] InferAll(Args x) => [Spec(x[0], x[0].DType, x[0].Shape[^2], x[0].Shape[^1])];

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        DenseBatch.Run(new SwapKernel(x[0].Shape[^2], x[0].Shape[^1], x[1].Shape[^1], Back), Batch(x[0]), x, y);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n) => [ApplyAll(new PivotRows(!Back), g[0]!, n.Input(1))[0], null];

    protected internal override Saved Saves(uint needs) => new(2, 0);

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) => ApplyAll(this, t[0]!, x[1]);
}

/// <summary>A, B → X with A X = B, and what was found on the way: L and U, pivots, first zero pivot.</summary>
internal sealed record Solve : DenseOp
{
    public static readonly Solve Instance = new();

    protected internal override TensorSpec[] InferAll(Args x)
    {
        long n = Square(x[0]);
        return [Spec(x[1], x[1].DType, n, x[1].Shape[^1]), Spec(x[0], x[0].DType, n, n), Spec(x[0], DType.Int32, n), Spec(x[0], DType.Int32)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => LaneBatch.Run(new SolveKernel(x[0].Shape[^1], x[1].Shape[^1]), Batch(x[0]), x, y);

    protected internal override bool IsResultDifferentiable(int i) => i == 0;

    protected internal override Saved Saves(uint needs) => new(1, 7);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor gb = Autograd.IsComposing ? ApplyAll(Instance, n.Input(0).Adjoint, g[0]!)[0] : Flambeau.Linalg.LuSolved(n.Output(1), n.Output(2), g[0]!, true);
        return [n.Needs(0) ? -gb.MatMul(n.Output(0).Adjoint) : null, n.Needs(1) ? gb : null];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor? right = Plus(t[1], t[0] is { } da ? -da.MatMul(y[0]) : null);
        return [ApplyAll(Instance, x[0], right!)[0], null, null, null];
    }
}

/// <summary>A → A⁻¹, first zero pivot.</summary>
internal sealed record Inverse : DenseOp
{
    public static readonly Inverse Instance = new();

    protected internal override TensorSpec[] InferAll(Args x)
    {
        long n = Square(x[0]);
        return [Spec(x[0], x[0].DType, n, n), Spec(x[0], DType.Int32)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => LaneBatch.Run(new InverseKernel(x[0].Shape[^1]), Batch(x[0]), x, y);

    protected internal override Saved Saves(uint needs) => new(0, 1);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor h = n.Output(0).Adjoint;
        return [-h.MatMul(g[0]!).MatMul(h)];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) => [-y[0].MatMul(t[0]!).MatMul(y[0]), null];
}

/// <summary>A → its determinant, L and U, pivots.</summary>
internal sealed record Determinant : DenseOp
{
    public static readonly Determinant Instance = new();

    protected internal override TensorSpec[] InferAll(Args x)
    {
        long n = Square(x[0]);
        return [Spec(x[0], x[0].DType), Spec(x[0], x[0].DType, n, n), Spec(x[0], DType.Int32, n)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => LaneBatch.Run(new DetKernel(x[0].Shape[^1]), Batch(x[0]), x, y);

    protected internal override bool IsResultDifferentiable(int i) => i == 0;

    protected internal override Saved Saves(uint needs) => new(1, 7);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n) => [Gradient(g[0]!, n.Input(0), n.Output(0), n.Output(1), n.Output(2))];

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) =>
        [(Gradient(Tensor.OnesLike(y[0]), x[0], y[0], y[1], y[2]).Conj() * t[0]!).Sum([-2, -1]), null, null];

    // ḡ adj(A)ᴴ. Where a pivot is 0 it is replaced by a tiny one: of that neighbour, det · A⁻¹ is the adjugate to rounding.
    static Tensor Gradient(Tensor grad, Tensor a, Tensor det, Tensor lu, Tensor pivots)
    {
        long size = a.Shape[^1];
        bool isSingular = false;
        using (Autograd.NoGrad())
        {
            Tensor zero = lu.Diagonals.Eq(0);
            if (zero.MayHold)
            {
                isSingular = true;
                Tensor most = lu.Abs().Amax([-2, -1], true).Squeeze(-1);
                Tensor nudge = (zero.To(lu.DType) * (Tensor.Where(most.Eq(0), 1.0, most) * lu.DType.Epsilon)).DiagEmbed();
                Tensor unit = lu.Tril(-1) + Tensor.Eye(size, dtype: lu.DType);
                lu = lu + nudge;
                Tensor shift = ApplyAll(new PivotRows(true), unit.MatMul(nudge), pivots)[0];
                using (Autograd.EnableGrad()) a = a + shift;
            }
        }
        // Determinant and inverse come of the same factors: where a pivot is but rounding, it is in one what it is in the other, and cancels.
        if (Autograd.IsComposing && ApplyAll(new LuFactor(true), a) is var f) (lu, pivots) = (f[0], f[1]);
        if (Autograd.IsComposing || isSingular) det = Flambeau.Linalg.Sign(pivots, lu.DType) * lu.Diagonals.Prod(-1);
        Tensor right = (grad * det.Conj()).Unsqueeze(-1).Unsqueeze(-1) * Tensor.Eye(size, dtype: lu.DType);
        return Flambeau.Linalg.LuSolved(lu, pivots, right, true);
    }
}

/// <summary>A, B → X with A X = B; of A only a triangle is read.</summary>
internal sealed record SolveTriangular(bool Upper, bool Unitriangular) : DenseOp
{
    protected internal override TensorSpec[] InferAll(Args x)
    {
        Square(x[0]);
        return [Spec(x[1], x[1].DType, x[1].Shape[^2], x[1].Shape[^1])];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        LaneBatch.Run(new TriangleKernel(x[0].Shape[^1], x[1].Shape[^1], Upper, Unitriangular), Batch(x[0]), x, y);

    protected internal override Saved Saves(uint needs) => new(1, 1);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor gb = Flambeau.Linalg.Triangular(n.Input(0).Adjoint, g[0]!, !Upper, Unitriangular);
        if (!n.Needs(0)) return [null, gb];
        Tensor ga = -gb.MatMul(n.Output(0).Adjoint);
        int off = Unitriangular ? 1 : 0;
        return [Upper ? ga.Triu(off) : ga.Tril(-off), n.Needs(1) ? gb : null];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        int off = Unitriangular ? 1 : 0;
        Tensor? right = Plus(t[1], t[0] is { } da ? -(Upper ? da.Triu(off) : da.Tril(-off)).MatMul(y[0]) : null);
        return [Flambeau.Linalg.Triangular(x[0], right!, Upper, Unitriangular)];
    }
}

/// <summary>A → L with L Lᴴ = A from its lower triangle, or Lᴴ from its upper; the first leading minor that is not positive.</summary>
internal sealed record Cholesky(bool Upper) : DenseOp
{
    protected internal override TensorSpec[] InferAll(Args x)
    {
        long n = Square(x[0]);
        return [Spec(x[0], x[0].DType, n, n), Spec(x[0], DType.Int32)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y)
    {
        CholeskyKernel kernel = new(x[0].Shape[^1]);
        if (!Upper)
        {
            LaneBatch.Run(kernel, Batch(x[0]), x, y);
            return;
        }
        using var _ = Autograd.NoGrad();
        Tensor l = Tensor.Empty(new TensorSpec(y[0].Shape, y[0].DType));
        LaneBatch.Run(kernel, Batch(x[0]), [x[0].Adjoint], [l, y[1]]);
        d.Copy(l.Adjoint, y[0]);
    }

    protected internal override Saved Saves(uint needs) => new(0, 1);

    // L⁻ᴴ (Φ + Φᴴ)/2 L⁻¹ with Φ the lower triangle of Lᴴ gL: the gradient among Hermitian matrices. (As PyTorch, of Φ's diagonal the imaginary part stays.)
    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor y = n.Output(0), l = Upper ? y.Adjoint : y, h = l.Adjoint, phi = h.MatMul(Upper ? g[0]!.Adjoint : g[0]!);
        Tensor s = (phi.Tril() + phi.Tril(-1).Adjoint) * 0.5;
        Tensor left = Flambeau.Linalg.Triangular(h, s, true, false);
        return [Flambeau.Linalg.Triangular(h, left.Adjoint, true, false).Adjoint];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)                         // dL = L Φ(L⁻¹ dA L⁻ᴴ), Φ the lower triangle with half the diagonal
    {
        Tensor l = Upper ? y[0].Adjoint : y[0], c = Flambeau.Linalg.Triangular(l, t[0]!, false, false);
        c = Flambeau.Linalg.Triangular(l, c.Adjoint, false, false).Adjoint;
        Tensor dl = l.MatMul((c.Tril() + c.Adjoint.Tril(-1)) * 0.5);              // of a tangent that is not Hermitian, what the gradient above is adjoint to
        return [Upper ? dl.Adjoint : dl, null];
    }
}

/// <summary>B, L → X with L Lᴴ X = B. The derivative is that of L Lᴴ for any L, triangular or not, as PyTorch's.</summary>
internal sealed record CholeskySolve : DenseOp
{
    public static readonly CholeskySolve Instance = new();

    protected internal override TensorSpec[] InferAll(Args x) => [Spec(x[0], x[0].DType, x[0].Shape[^2], x[0].Shape[^1])];

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => LaneBatch.Run(new CholeskySolveKernel(x[1].Shape[^1], x[0].Shape[^1]), Batch(x[0]), x, y);

    protected internal override Saved Saves(uint needs) => new(2, 1);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor gb = ApplyAll(Instance, g[0]!, n.Input(1))[0];
        if (!n.Needs(1)) return [gb, null];
        Tensor c = gb.MatMul(n.Output(0).Adjoint);
        return [n.Needs(0) ? gb : null, -(c + c.Adjoint).MatMul(n.Input(1))];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor l = x[1];
        Tensor? right = t[0];
        if (t[1] is { } dl) right = Plus(right, -(dl.MatMul(l.Adjoint.MatMul(y[0])) + l.MatMul(dl.Adjoint.MatMul(y[0]))));
        return ApplyAll(Instance, right!, l);
    }
}
