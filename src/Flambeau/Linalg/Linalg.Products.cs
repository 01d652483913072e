using Flambeau.Ops;

namespace Flambeau;

// Products and arrangements.
public static partial class Linalg
{
    /// <summary>The matrix product. PyTorch's <c>linalg.matmul</c>; see <see cref="Tensor.MatMul(Tensor)"/>.</summary>
    public static Tensor MatMul(Tensor input, Tensor other) => input.MatMul(other);

    /// <summary>The diagonals of the last two axes, as the last axis. PyTorch's <c>linalg.diagonal</c>; see <see cref="Tensor.Diagonal"/>.</summary>
    public static Tensor Diagonal(Tensor a, long offset = 0, int dim1 = -2, int dim2 = -1) => a.Diagonal(offset, dim1, dim2);

    /// <summary>Vector products in three dimensions. PyTorch's <c>linalg.cross</c>.</summary>
    /// <param name="input">Any numbers, with size 3 along <paramref name="dim"/>.</param>
    /// <param name="other">With as many axes, and size 3 there too; other sizes broadcast.</param>
    /// <param name="dim">The axis.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public static Tensor Cross(Tensor input, Tensor other, int dim = -1)
    {
        if (input.Rank != other.Rank || input.Rank == 0) throw new ArgumentException($"linalg.cross: vectors of shapes {input.Shape} and {other.Shape} must have equally many axes, at least one.");
        int d = Layout.Axis(dim, input.Rank, "linalg.cross");
        if (input.Shape[d] != 3 || other.Shape[d] != 3)
            throw new ArgumentException($"linalg.cross: vectors have three elements, but along axis {d} the shapes {input.Shape} and {other.Shape} have {input.Shape[d]} and {other.Shape[d]}. Name another axis with dim.");
        Dims shape = Shapes.Broadcast("linalg.cross", input.Shape, other.Shape);
        (Tensor a, Tensor b) = (input.Expand(shape), other.Expand(shape));
        return a.Roll(-1, d) * b.Roll(-2, d) - a.Roll(-2, d) * b.Roll(-1, d);
    }

    /// <summary>Σ x̄ y along an axis. PyTorch's <c>linalg.vecdot</c>.</summary>
    /// <param name="x">Floating point or complex vectors.</param>
    /// <param name="y">Vectors; both broadcast.</param>
    /// <param name="dim">The axis.</param>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public static Tensor VecDot(Tensor x, Tensor y, int dim = -1)
    {
        using var autocast = Amp.Enter("linalg_vecdot", ref x, ref y);
        Field("vecdot", x, low: true);
        SameType("vecdot", x, y);
        DType t = x.DType;
        if (t.IsLowPrecision) (x, y) = (x.To(DType.Float32), y.To(DType.Float32));
        return (x.Conj() * y).Sum(dim).To(t);
    }

    /// <summary>Powers of each number: (…, n) → (…, n, N), 1, x, x², …. PyTorch's <c>linalg.vander</c>.</summary>
    /// <param name="x">Any numbers; integers give int64.</param>
    /// <param name="n">How many powers; by default as many as numbers.</param>
    /// <exception cref="ArgumentException">n is less than 2, or x holds bools.</exception>
    public static Tensor Vander(Tensor x, long? n = null)
    {
        if (x.DType == DType.Bool) throw new ArgumentException("linalg.vander is not defined for bools. Convert with To(dtype).");
        if (x.Rank == 0) x = x.Unsqueeze(0);
        long count = n ?? x.Shape[^1];
        if (count <= 1) throw new ArgumentException($"linalg.vander: {count} powers are wanted, but there must be at least 2.");
        Tensor powers = x.Unsqueeze(-1).Expand([.. x.Shape.Span, count - 1]).CumProd(-1);
        return Tensor.Cat([Tensor.Ones([.. x.Shape.Span, 1], powers.DType), powers], -1);
    }

    /// <summary>The product of several matrices, in the order that takes least work. PyTorch's <c>linalg.multi_dot</c>.</summary>
    /// <param name="tensors">At least two matrices; the first and the last may be vectors.</param>
    /// <exception cref="ArgumentException">There are fewer, or shapes do not fit.</exception>
    public static Tensor MultiDot(IReadOnlyList<Tensor> tensors)
    {
        int count = tensors.Count;
        if (count < 2) throw new ArgumentException($"linalg.multi_dot: at least two matrices are wanted, not {count}.");
        Tensor[] x = [.. tensors];
        bool row = x[0].Rank == 1, column = x[^1].Rank == 1;
        if (row) x[0] = x[0].Unsqueeze(0);
        if (column) x[^1] = x[^1].Unsqueeze(1);
        for (int i = 0; i < count; i++)
        {
            if (x[i].Rank != 2) throw new ArgumentException($"linalg.multi_dot: tensor {i} has shape {tensors[i].Shape}; all must be matrices, the first and the last matrices or vectors.");
            SameType("multi_dot", x[0], x[i]);
            if (i > 0 && x[i - 1].Shape[1] != x[i].Shape[0])
                throw new ArgumentException($"linalg.multi_dot: tensors {i - 1} and {i} of shapes {x[i - 1].Shape} and {x[i].Shape} cannot be multiplied: inner sizes {x[i - 1].Shape[1]} and {x[i].Shape[0]} differ.");
        }
        // cost[i, j]: of the product of i … j, split after at[i, j].
        double[,] cost = new double[count, count];
        int[,] at = new int[count, count];
        for (int length = 1; length < count; length++)
            for (int i = 0; i + length < count; i++)
            {
                int j = i + length;
                cost[i, j] = double.PositiveInfinity;
                for (int k = i; k < j; k++)
                {
                    double c = cost[i, k] + cost[k + 1, j] + (double)x[i].Shape[0] * x[k].Shape[1] * x[j].Shape[1];
                    if (c < cost[i, j]) (cost[i, j], at[i, j]) = (c, k);
                }
            }
        Tensor y = Product(0, count - 1);
        return row && column ? y.Reshape([]) : row ? y.Squeeze(0) : column ? y.Squeeze(1) : y;

        Tensor Product(int i, int j) => i == j ? x[i] : Product(i, at[i, j]).MatMul(Product(at[i, j] + 1, j));
    }
}
