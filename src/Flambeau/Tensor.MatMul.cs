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

    /// <summary>The product of two matrices of int8, summed in int32: exact as long as the sums fit, which 2¹⁷ terms do. PyTorch's <c>torch._int_mm</c>.</summary>
    /// <exception cref="ArgumentException">One is no matrix or not of int8, or inner sizes differ.</exception>
    public Tensor IntMm(Tensor other) => Op.Apply(Ops.IntMm.Instance, this, other);

    /// <summary>The products of two batches of matrices.</summary>
    /// <exception cref="ArgumentException">One is no batch of matrices, or sizes differ.</exception>
    public Tensor Bmm(Tensor other) => Rank == 3 && other.Rank == 3 && Shape[0] == other.Shape[0] ? MatMul(other)
        : throw new ArgumentException($"Bmm: {Shape} · {other.Shape}: both must have three axes, the first of one size. MatMul takes more.");

    /// <summary>The product of a matrix and a vector.</summary>
    public Tensor Mv(Tensor vector)
    {
        using var autocast = Amp.Leave("mv");
        return Rank == 2 && vector.Rank == 1 ? MatMul(vector) : throw new ArgumentException($"Mv: {Shape} · {vector.Shape}: a matrix and a vector are wanted.");
    }

    /// <summary>The sum of the products of two vectors' elements.</summary>
    public Tensor Dot(Tensor other)
    {
        using var autocast = Amp.Leave("dot");
        return Rank == 1 && other.Rank == 1 ? MatMul(other) : throw new ArgumentException($"Dot: {Shape} · {other.Shape}: two vectors are wanted.");
    }

    /// <summary>Every element of one vector times every element of the other.</summary>
    public Tensor Outer(Tensor other) => Rank == 1 && other.Rank == 1 ? Unsqueeze(1) * other.Unsqueeze(0) : throw new ArgumentException($"Outer: {Shape}, {other.Shape}: two vectors are wanted.");

    /// <summary>β · this + α · mat1 · mat2; what is multiplied by β = 0 counts as 0, also NaN. PyTorch's <c>addmm</c>.</summary>
    /// <exception cref="ArgumentException">Shapes do not fit, types differ, or a factor is no number of the type.</exception>
    public Tensor AddMm(Tensor mat1, Tensor mat2, Scalar? beta = null, Scalar? alpha = null)
    {
        Tensor self = this;
        using var autocast = Amp.Enter("addmm", ref self, ref mat1, ref mat2);
        return self.Plus("AddMm", mat1.Mm(mat2), beta, alpha);
    }

    /// <summary>β · this + α · mat · vec. PyTorch's <c>addmv</c>.</summary>
    /// <inheritdoc cref="AddMm"/>
    public Tensor AddMv(Tensor mat, Tensor vec, Scalar? beta = null, Scalar? alpha = null) => Plus("AddMv", mat.Mv(vec), beta, alpha);

    /// <summary>β · this + α · vec1 ⊗ vec2. PyTorch's <c>addr</c>.</summary>
    /// <inheritdoc cref="AddMm"/>
    public Tensor AddR(Tensor vec1, Tensor vec2, Scalar? beta = null, Scalar? alpha = null) => Plus("AddR", vec1.Outer(vec2), beta, alpha);

    /// <summary>β · this + α · Σ batch1ᵢ · batch2ᵢ. PyTorch's <c>addbmm</c>.</summary>
    /// <inheritdoc cref="AddMm"/>
    public Tensor AddBmm(Tensor batch1, Tensor batch2, Scalar? beta = null, Scalar? alpha = null)
    {
        Tensor self = this;
        using var autocast = Amp.Enter("addbmm", ref self, ref batch1, ref batch2);
        Tensor p = batch1.Bmm(batch2);
        return self.Plus("AddBmm", p.Sum(0, dtype: p.DType), beta, alpha);
    }

    /// <summary>β · this + α · batch1 · batch2, matrix by matrix. PyTorch's <c>baddbmm</c>.</summary>
    /// <inheritdoc cref="AddMm"/>
    public Tensor BaddBmm(Tensor batch1, Tensor batch2, Scalar? beta = null, Scalar? alpha = null)
    {
        Tensor self = this;
        using var autocast = Amp.Enter("baddbmm", ref self, ref batch1, ref batch2);
        return self.Plus("BaddBmm", batch1.Bmm(batch2), beta, alpha);
    }

    Tensor Plus(string op, Tensor product, Scalar? beta, Scalar? alpha)
    {
        if (Ops.Shapes.Broadcast(op, Shape, product.Shape) != product.Shape) throw new ArgumentException($"{op}: {Shape} does not broadcast to the product's {product.Shape}.");
        if (DType != product.DType) throw new ArgumentException($"{op}: the tensor to add to is {DType}, the product {product.DType}; one type is wanted. Convert with To(dtype) first.");
        Scalar b = beta ?? 1, a = alpha ?? 1;
        Tensor scaled = a.Value == 1 ? product : product * Number(op, a);
        return b.Value == 0 ? scaled : (b.Value == 1 ? this : this * Number(op, b)) + scaled;
    }

    Tensor Number(string op, Scalar factor)
    {
        System.Numerics.Complex z = Factor(op, factor, this);
        if (DType == DType.Bool) return z != 0;
        if (!DType.IsDifferentiable) return (long)z.Real;
        if (z.Imaginary != 0) return z;
        return z.Real;
    }

    /// <summary>Sums of products over the last axis of both: (…, N) and (…, N). PyTorch's <c>inner</c>.</summary>
    /// <exception cref="ArgumentException">The last sizes differ.</exception>
    public Tensor Inner(Tensor other)
    {
        if (Rank == 0 || other.Rank == 0) return this * other;
        if (Shape[^1] != other.Shape[^1]) throw new ArgumentException($"Inner: the last axes of {Shape} and {other.Shape} have sizes {Shape[^1]} and {other.Shape[^1]}; they must be equal.");
        return Tensordot(other, [-1], [-1]);
    }

    /// <summary>The sum of the products of conj(this) and other, two vectors. PyTorch's <c>vdot</c>.</summary>
    /// <exception cref="ArgumentException">They are no vectors of one size.</exception>
    public Tensor Vdot(Tensor other) => Conj().Dot(other);

    /// <summary>Sums of products over the last <paramref name="dims"/> axes of this and the first of other. PyTorch's <c>tensordot</c>.</summary>
    /// <exception cref="ArgumentException">There are not so many axes, or sizes differ.</exception>
    public Tensor Tensordot(Tensor other, int dims = 2)
    {
        if (dims < 0 || dims > Rank || dims > other.Rank) throw new ArgumentException($"Tensordot: {dims} axes cannot be contracted of {Shape} and {other.Shape}.");
        long[] a = new long[dims], b = new long[dims];
        for (int i = 0; i < dims; i++) (a[i], b[i]) = (Rank - dims + i, i);
        return Tensordot(other, a, b);
    }

    /// <summary>Sums of products over the axes <paramref name="dimsSelf"/> of this and <paramref name="dimsOther"/> of other, pair by pair.</summary>
    /// <exception cref="ArgumentException">Not as many axes of one as of the other, an axis twice, or sizes that differ.</exception>
    public Tensor Tensordot(Tensor other, ReadOnlySpan<long> dimsSelf, ReadOnlySpan<long> dimsOther)
    {
        if (dimsSelf.Length != dimsOther.Length) throw new ArgumentException($"Tensordot: {dimsSelf.Length} axes of one tensor cannot be paired with {dimsOther.Length} of the other.");
        Axes a = Axes.Of("Tensordot", dimsSelf, Rank, noneIsAll: false), b = Axes.Of("Tensordot", dimsOther, other.Rank, noneIsAll: false);
        List<long> left = [], right = [], order = [], inner = [], to = [];
        long k = 1;
        for (int d = 0; d < Rank; d++) if (!a.Has(d)) { left.Add(d); to.Add(Shape[d]); }
        for (int d = 0; d < other.Rank; d++) if (!b.Has(d)) { right.Add(d); to.Add(other.Shape[d]); }
        for (int i = 0; i < dimsSelf.Length; i++)
        {
            int p = Layout.Axis(dimsSelf[i], Rank, "Tensordot"), q = Layout.Axis(dimsOther[i], other.Rank, "Tensordot");
            if (Shape[p] != other.Shape[q]) throw new ArgumentException($"Tensordot: axis {p} of {Shape} and axis {q} of {other.Shape} have different sizes.");
            order.Add(p);
            inner.Add(q);
            k *= Shape[p];
        }
        long m = left.Aggregate(1L, (n, d) => n * Shape[(int)d]), w = right.Aggregate(1L, (n, d) => n * other.Shape[(int)d]);
        return Permute([.. left, .. order]).Reshape(m, k).Mm(other.Permute([.. inner, .. right]).Reshape(k, w)).Reshape(to.ToArray());
    }
}
