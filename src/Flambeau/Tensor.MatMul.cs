using Flambeau.Ops;

namespace Flambeau;

// Products of matrices and vectors.
public partial class Tensor
{
    /// <summary>
    /// The matrix product over the last two axes; leading axes broadcast. A vector on the left is a row, on the right a column, and its
    /// axis disappears from the result.
    /// </summary>
    /// <exception cref="ArgumentException">Inner sizes or types differ, leading axes do not broadcast, or one is a scalar.</exception>
    public Tensor MatMul(Tensor other)
    {
        if (Rank == 0 || other.Rank == 0) throw new ArgumentException($"MatMul: {Shape} · {other.Shape}: a scalar is no matrix. Use * instead.");
        if (Rank == 1 && other.Rank == 1) return Unsqueeze(0).MatMul(other.Unsqueeze(1)).Reshape([]);
        if (Rank == 1) return Unsqueeze(0).MatMul(other).Squeeze(-2);
        if (other.Rank == 1) return MatMul(other.Unsqueeze(1)).Squeeze(-1);
        // Many matrices times one: one product of all their rows, so that the gradient of the one needs no sum over the batch.
        if (Rank > 2 && other.Rank == 2 && Shape[^1] == other.Shape[0] && Count > 0)
            return Op.Apply(Ops.MatMul.Instance, Reshape([-1, Shape[^1]]), other).Reshape([.. Shape.Span[..^1], other.Shape[1]]);
        return Op.Apply(Ops.MatMul.Instance, this, other);
    }

    /// <summary>The product of two matrices.</summary>
    /// <exception cref="ArgumentException">One is no matrix, or inner sizes differ.</exception>
    public Tensor Mm(Tensor other) => Rank == 2 && other.Rank == 2 ? MatMul(other) : throw new ArgumentException($"Mm: {Shape} · {other.Shape}: both must be matrices. MatMul takes more.");

    /// <summary>The products of two batches of matrices.</summary>
    /// <exception cref="ArgumentException">One is no batch of matrices, or sizes differ.</exception>
    public Tensor Bmm(Tensor other) => Rank == 3 && other.Rank == 3 && Shape[0] == other.Shape[0] ? MatMul(other)
        : throw new ArgumentException($"Bmm: {Shape} · {other.Shape}: both must have three axes, the first of one size. MatMul takes more.");

    /// <summary>The product of a matrix and a vector.</summary>
    public Tensor Mv(Tensor vector) => Rank == 2 && vector.Rank == 1 ? MatMul(vector) : throw new ArgumentException($"Mv: {Shape} · {vector.Shape}: a matrix and a vector are wanted.");

    /// <summary>The sum of the products of two vectors' elements.</summary>
    public Tensor Dot(Tensor other) => Rank == 1 && other.Rank == 1 ? MatMul(other) : throw new ArgumentException($"Dot: {Shape} · {other.Shape}: two vectors are wanted.");

    /// <summary>Every element of one vector times every element of the other.</summary>
    public Tensor Outer(Tensor other) => Rank == 1 && other.Rank == 1 ? Unsqueeze(1) * other.Unsqueeze(0) : throw new ArgumentException($"Outer: {Shape}, {other.Shape}: two vectors are wanted.");

    /// <summary>β · this + α · a · b.</summary>
    public Tensor AddMm(Tensor a, Tensor b, double beta = 1, double alpha = 1)
    {
        Tensor p = a.Mm(b);
        if (alpha != 1) p = p * alpha;
        return beta == 0 ? p : (beta == 1 ? this : this * beta) + p;
    }
}
