using Flambeau.Ops;

namespace Flambeau;

/// <summary>
/// Linear algebra on matrices in the last two axes of tensors, leading axes being a batch. PyTorch's <c>torch.linalg</c>. Unless said
/// otherwise, functions take float32, float64, complex64 and complex128, and throw <see cref="ArgumentException"/> for other types and for
/// what is no (square) matrix.
/// </summary>
public static partial class Linalg
{
    static Tensor Matrix(string op, Tensor a, bool square = false, bool low = false)
    {
        ArgumentNullException.ThrowIfNull(a);
        if (a.Rank < 2) throw new ArgumentException($"linalg.{op}: a matrix or a batch of matrices is wanted, with at least two axes, but the shape is {a.Shape}.");
        Field(op, a, low);
        return !square || a.Shape[^1] == a.Shape[^2] ? a : throw new ArgumentException($"linalg.{op}: matrices must be square, but the shape is {a.Shape}.");
    }

    static Tensor Field(string op, Tensor a, bool low = false)
    {
        if (!a.DType.IsDifferentiable) throw new ArgumentException($"linalg.{op} is defined for floating-point and complex tensors, not for {a.DType}. Convert with To(DType.Float32).");
        if (a.DType.IsLowPrecision && !low) throw new ArgumentException($"linalg.{op} is not defined for {a.DType}, whose precision is too low for it. Convert with To(DType.Float32).");
        return a;
    }

    static void SameType(string op, Tensor a, Tensor b)
    {
        if (a.DType != b.DType) throw new ArgumentException($"linalg.{op}: one tensor is {a.DType}, the other {b.DType}; they must be of one type. Convert one with To(dtype).");
    }

    /// <summary>Both with the leading axes that they broadcast to.</summary>
    static (Tensor A, Tensor B) Broadcast(string op, Tensor a, Tensor b)
    {
        Dims batch = Shapes.Broadcast("linalg." + op, a.Shape[..^2], b.Shape[..^2]);
        return (WithBatch(a, batch, 2), WithBatch(b, batch, 2));
    }

    static Tensor WithBatch(Tensor a, Dims batch, int axes) => a.Expand([.. batch.Span, .. a.Shape.Span[^axes..]]);

    /// <summary>Throws for the first matrix of a batch whose info is not 0.</summary>
    static void CheckInfo(string op, Tensor info, Func<int, string> what)
    {
        int[] all = info.Behind.ToArray<int>();
        for (int i = 0; i < all.Length; i++)
            if (all[i] != 0) throw new LinAlgException($"linalg.{op}: {(all.Length > 1 || info.Rank > 0 ? $"(batch element {i}) " : "")}{what(all[i])}");
    }

    static string Singular(int i) => $"the matrix is singular: pivot {i} of its LU factorization is 0. Use Pinv or Lstsq for such matrices.";

    static string NotPositive(int i) => $"the matrix is not positive-definite: its leading minor of order {i} is not positive.";

    // ---- solutions, for use in derivatives too: arguments are right ----

    internal static Tensor Triangular(Tensor a, Tensor b, bool upper, bool unitriangular)
    {
        if (a.Shape[..^2] != b.Shape[..^2]) (a, b) = Broadcast("solve_triangular", a, b);
        return Op.ApplyAll(new SolveTriangular(upper, unitriangular), a, b)[0];
    }

    /// <summary>A⁻¹ b, or A⁻ᴴ b, for A = P L U.</summary>
    internal static Tensor LuSolved(Tensor lu, Tensor pivots, Tensor b, bool adjoint)
    {
        if (lu.Shape[..^2] != b.Shape[..^2])
        {
            (lu, b) = Broadcast("lu_solve", lu, b);
            pivots = WithBatch(pivots, lu.Shape[..^2], 1);
        }
        if (!adjoint) return Triangular(lu, Triangular(lu, Op.ApplyAll(new PivotRows(false), b, pivots)[0], false, true), true, false);
        Tensor h = lu.Adjoint;
        return Op.ApplyAll(new PivotRows(true), Triangular(h, Triangular(h, b, false, false), true, true), pivots)[0];
    }

    /// <summary>1 or −1: the determinant of P.</summary>
    internal static Tensor Sign(Tensor pivots, DType dtype)
    {
        Tensor moved = pivots.Ne(Tensor.Arange(1, pivots.Shape[^1] + 1, null, DType.Int32)).Sum(-1);
        return (1 - moved % 2 * 2).To(dtype);
    }
}
