using Flambeau.Ops;

namespace Flambeau;

// Norms.
public static partial class Linalg
{
    /// <summary>(Σ |x|ᵖ)^{1/p}; for p = ±∞ the largest or smallest |x|, for p = 0 the number of elements that are not 0. PyTorch's <c>linalg.vector_norm</c>.</summary>
    /// <param name="x">Floating point or complex, of any shape.</param>
    /// <param name="ord">p.</param>
    /// <param name="dim">Over which axes; all if none are named.</param>
    /// <param name="keepDim">Whether they stay, with size 1.</param>
    /// <param name="dtype">To what type x is converted first.</param>
    /// <returns>Real. Its derivative at 0 is 0; of several equal extremes each has the same share.</returns>
    /// <exception cref="ArgumentException">x holds integers, or is empty and the norm has no value there.</exception>
    public static Tensor VectorNorm(Tensor x, double ord = 2, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null)
    {
        Field("vector_norm", x, low: true);
        x = Converted("vector_norm", x, dtype);
        Axes axes = Axes.Of("linalg.vector_norm", dim, x.Rank);
        if ((ord < 0 || double.IsPositiveInfinity(ord)) && axes.Count(x.Shape) == 0)
            throw new ArgumentException($"linalg.vector_norm: the norm of order {ord} of no elements has no value; the shape is {x.Shape}.");
        DType result = x.DType.Real;
        if (x.DType.IsLowPrecision) x = x.To(DType.Float32);
        if (axes.Mask == 0) dim = [];
        if (ord == 2 && x.DType.IsFloatingPoint) return VectorNorms.Along(x, 2, dim, keepDim).To(result);
        Tensor a = x.Abs();
        return Norm(a, ord, dim, keepDim).To(result);
    }

    /// <inheritdoc cref="VectorNorm(Tensor, double, ReadOnlySpan{long}, bool, DType?)"/>
    public static Tensor VectorNorm(Tensor x, double ord, int dim, bool keepDim = false, DType? dtype = null) => VectorNorm(x, ord, [dim], keepDim, dtype);

    static Tensor Norm(Tensor a, double p, ReadOnlySpan<long> dim, bool keepDim)
    {
        if (double.IsPositiveInfinity(p)) return a.Amax(dim, keepDim);
        if (double.IsNegativeInfinity(p)) return a.Amin(dim, keepDim);
        if (p == 0) return (a * 0.0 + a.Ne(0).To(a.DType)).Sum(dim, keepDim);
        if (p == 1) return a.Sum(dim, keepDim);
        // Where a power is 0 or infinite its derivative is not to be formed.
        Tensor s = (p == 2 ? a.Square() : p > 1 ? a.Pow(p) : Guarded(a, p)).Sum(dim, keepDim);
        return Guarded(s, p == 2 ? 0.5 : 1 / p);

        static Tensor Guarded(Tensor a, double p)
        {
            Tensor zero = a.Eq(0), b = Tensor.Where(zero, 1.0, a);
            return Tensor.Where(zero, p < 0 ? double.PositiveInfinity : 0.0, p == 0.5 ? b.Sqrt() : b.Pow(p));
        }
    }

    static Tensor Converted(string op, Tensor x, DType? dtype)
    {
        if (dtype is not { } t) return x;
        if (!t.IsDifferentiable || x.DType.IsComplex && !t.IsComplex) throw new ArgumentException($"linalg.{op}: a {x.DType} tensor cannot be converted to {t} for a norm: the type must be floating point, or complex where the tensor is.");
        return x.To(t);
    }

    /// <summary>Norms of matrices: <c>fro</c>, the root of the sum of squares; <c>nuc</c>, the sum of singular values; 2 and −2, the largest and least of
    /// them; 1 and −1, the largest and least sum of a column's |a|; ∞ and −∞, of a row's. PyTorch's <c>linalg.matrix_norm</c>.</summary>
    /// <param name="a">Floating point or complex, with at least two axes.</param>
    /// <param name="ord">Which; <c>fro</c> if null.</param>
    /// <param name="dim">Rows' and columns' axis; the last two if none are named.</param>
    /// <param name="keepDim">Whether they stay, with size 1.</param>
    /// <param name="dtype">To what type A is converted first.</param>
    /// <exception cref="ArgumentException">There is no such norm, A has fewer than two axes, or not two different ones are named.</exception>
    public static Tensor MatrixNorm(Tensor a, NormOrder? ord = null, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null)
    {
        NormOrder order = ord ?? "fro";
        order.CheckMatrix("linalg.matrix_norm");
        bool spectral = order.Name == "nuc" || order.Number is 2 or -2;
        if (a.Rank < 2) throw new ArgumentException($"linalg.matrix_norm: a matrix or a batch of matrices is wanted, with at least two axes, but the shape is {a.Shape}.");
        Field("matrix_norm", a, low: !spectral);
        if (dim.IsEmpty) dim = [-2, -1];
        if (dim.Length != 2) throw new ArgumentException($"linalg.matrix_norm: two axes are a matrix, but {dim.Length} are named.");
        int rows = Layout.Axis(dim[0], a.Rank, "linalg.matrix_norm"), columns = Layout.Axis(dim[1], a.Rank, "linalg.matrix_norm");
        if (rows == columns) throw new ArgumentException($"linalg.matrix_norm: both axes are {rows}.");
        a = Converted("matrix_norm", a, dtype);
        if (order.Name == "fro") return VectorNorm(a, 2, dim, keepDim);
        DType result = a.DType.Real;
        Tensor y;
        if (spectral)
        {
            Tensor s = Svdvals(a.MoveDim([rows, columns], [-2, -1]));
            if (s.Shape[^1] == 0 && order.Name != "nuc") throw Empty(a.Shape);
            y = order.Name == "nuc" ? s.Sum(-1) : order.Number == 2 ? s.Amax([-1]) : s.Amin([-1]);
            if (keepDim) y = y.Unsqueeze(Math.Min(rows, columns)).Unsqueeze(Math.Max(rows, columns));
            return y;
        }
        (int summed, int chosen) = Math.Abs(order.Number!.Value) == 1 ? (rows, columns) : (columns, rows);
        if (a.Shape[chosen] == 0) throw Empty(a.Shape);
        Tensor sums = (a.DType.IsLowPrecision ? a.To(DType.Float32) : a).Abs().Sum(summed, keepDim: true);
        y = order.Number > 0 ? sums.Amax([chosen], true) : sums.Amin([chosen], true);
        return (keepDim ? y : y.Squeeze(Math.Max(rows, columns)).Squeeze(Math.Min(rows, columns))).To(result);

        ArgumentException Empty(Dims shape) => new($"linalg.matrix_norm: the norm of order {order} of a matrix without elements has no value; the shape is {shape}.");
    }

    /// <summary><see cref="VectorNorm(Tensor, double, ReadOnlySpan{long}, bool, DType?)"/> of vectors, <see cref="MatrixNorm"/> of matrices. PyTorch's <c>linalg.norm</c>.</summary>
    /// <param name="a">Floating point or complex.</param>
    /// <param name="ord">Which norm; if null, that of order 2 of all elements over the axes.</param>
    /// <param name="dim">One axis for vectors, two for matrices; if none are named and a norm is, A must be one or the other.</param>
    /// <param name="keepDim">Whether they stay, with size 1.</param>
    /// <param name="dtype">To what type A is converted first.</param>
    /// <exception cref="ArgumentException">There is no such norm, or it cannot be said of what.</exception>
    public static Tensor Norm(Tensor a, NormOrder? ord = null, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null)
    {
        if (ord is not { } order) return VectorNorm(a, 2, dim, keepDim, dtype);
        if (dim.IsEmpty && a.Rank is not (1 or 2))
            throw new ArgumentException($"linalg.norm: of a tensor of shape {a.Shape} it must be said over which axes the norm of order {order} is taken. Pass dim, or use VectorNorm.");
        if (dim.Length > 2) throw new ArgumentException($"linalg.norm: one axis is a vector, two are a matrix, but {dim.Length} are named.");
        bool vector = dim.IsEmpty ? a.Rank == 1 : dim.Length == 1;
        if (!vector) return MatrixNorm(a, order, dim, keepDim, dtype);
        return VectorNorm(a, order.Number ?? throw new ArgumentException($"linalg.norm: \"{order}\" is a norm of matrices, not of vectors."), dim, keepDim, dtype);
    }

    /// <inheritdoc cref="Norm(Tensor, NormOrder?, ReadOnlySpan{long}, bool, DType?)"/>
    public static Tensor Norm(Tensor a, NormOrder? ord, int dim, bool keepDim = false, DType? dtype = null) => Norm(a, ord, [dim], keepDim, dtype);
}
