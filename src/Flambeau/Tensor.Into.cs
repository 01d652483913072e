using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau;

// The into: forms of operations of hot loops, PyTorch's out=: the result is written to a tensor that one already has, of the result's shape and of its type or
// a wider one, with any strides; it may be an input. Nothing is recorded: where a gradient is wanted, they throw. They answer that tensor.
public partial class Tensor
{
    Tensor MapInto<TOp>(Tensor into) where TOp : struct, IUnaryOp => Op.ApplyInto(Unary<TOp>.Default, into, this);

    Tensor ZipInto<TOp>(Tensor other, Tensor into) where TOp : struct, IBinaryOp => Op.ApplyInto(Binary<TOp>.Default, into, this, other);

    // ---- one argument ----

    /// <summary>As <see cref="Neg()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Neg(Tensor into) => MapInto<Neg>(into);

    /// <summary>As <see cref="Exp()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Exp(Tensor into) => MapInto<Exp>(into);

    /// <summary>As <see cref="Log()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Log(Tensor into) => MapInto<Log>(into);

    /// <summary>As <see cref="Sqrt()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Sqrt(Tensor into) => MapInto<Sqrt>(into);

    /// <summary>As <see cref="Rsqrt()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Rsqrt(Tensor into) => MapInto<Rsqrt>(into);

    /// <summary>As <see cref="Reciprocal()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Reciprocal(Tensor into) => MapInto<Reciprocal>(into);

    /// <summary>As <see cref="Square()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Square(Tensor into) => MapInto<Square>(into);

    /// <summary>As <see cref="Sin()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Sin(Tensor into) => MapInto<Sin>(into);

    /// <summary>As <see cref="Cos()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Cos(Tensor into) => MapInto<Cos>(into);

    /// <summary>As <see cref="Tanh()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Tanh(Tensor into) => MapInto<Tanh>(into);

    /// <summary>As <see cref="Sigmoid()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Sigmoid(Tensor into) => MapInto<Sigmoid>(into);

    /// <summary>As <see cref="Erf()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Erf(Tensor into) => MapInto<Erf>(into);

    /// <summary>As <see cref="Abs()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Abs(Tensor into) => MapInto<Abs>(into);

    /// <summary>As <see cref="Floor()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Floor(Tensor into) => MapInto<Floor>(into);

    /// <summary>As <see cref="Ceil()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Ceil(Tensor into) => MapInto<Ceil>(into);

    /// <summary>As <see cref="Round()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Round(Tensor into) => MapInto<Round>(into);

    /// <summary>As <see cref="Relu()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Relu(Tensor into) => MapInto<Relu>(into);

    /// <summary>As <see cref="Silu()"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Silu(Tensor into) => MapInto<Silu>(into);

    /// <summary>As <see cref="Gelu(string)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Gelu(Tensor into) => MapInto<Gelu>(into);

    /// <summary>As <see cref="Clamp(double?, double?)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Clamp(double? min, double? max, Tensor into) => Op.ApplyInto(new Unary<Clamp>(new(min ?? double.NegativeInfinity, max ?? double.PositiveInfinity)), into, this);

    // ---- two and three arguments, which broadcast ----

    /// <summary>As <see cref="Add(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    [OverloadResolutionPriority(-1)]                                                // Add(x, 2) means alpha
    public Tensor Add(Tensor other, Tensor into) => ZipInto<Add>(other, into);

    /// <summary>As <see cref="Sub(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    [OverloadResolutionPriority(-1)]                                                // Sub(x, 2) means alpha
    public Tensor Sub(Tensor other, Tensor into) => ZipInto<Sub>(other, into);

    /// <summary>As <see cref="Mul(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Mul(Tensor other, Tensor into) => ZipInto<Mul>(other, into);

    /// <summary>As <see cref="Div(Tensor, string?)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Div(Tensor other, Tensor into) => ZipInto<Div>(other, into);

    /// <summary>As <see cref="Pow(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Pow(Tensor other, Tensor into) => ZipInto<Pow>(other, into);

    /// <summary>As <see cref="Maximum(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Maximum(Tensor other, Tensor into) => ZipInto<Maximum>(other, into);

    /// <summary>As <see cref="Minimum(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Minimum(Tensor other, Tensor into) => ZipInto<Minimum>(other, into);

    /// <summary>As <see cref="Eq(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Eq(Tensor other, Tensor into) => ZipInto<Eq>(other, into);

    /// <summary>As <see cref="Ne(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Ne(Tensor other, Tensor into) => ZipInto<Ne>(other, into);

    /// <summary>As <see cref="Lt(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Lt(Tensor other, Tensor into) => ZipInto<Lt>(other, into);

    /// <summary>As <see cref="Le(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Le(Tensor other, Tensor into) => ZipInto<Le>(other, into);

    /// <summary>As <see cref="Gt(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Gt(Tensor other, Tensor into) => ZipInto<Gt>(other, into);

    /// <summary>As <see cref="Ge(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Ge(Tensor other, Tensor into) => ZipInto<Ge>(other, into);

    /// <summary>As <see cref="Lerp(Tensor, Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Lerp(Tensor end, Tensor weight, Tensor into) => Op.ApplyInto(Ternary<Lerp>.Default, into, this, end, weight);

    /// <summary>this + value · tensor1 · tensor2, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor AddCMul(Tensor tensor1, Tensor tensor2, double value, Tensor into) => Op.ApplyInto(new Ternary<AddCMul>(new(value)), into, this, tensor1, tensor2);

    /// <summary>As <see cref="Where(Tensor, Tensor, Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public static Tensor Where(Tensor condition, Tensor a, Tensor b, Tensor into) => Op.ApplyInto(Ops.Where.Instance, into, condition, a, b);

    // ---- products ----

    /// <summary>As <see cref="MatMul(Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <returns>The tensor that was written to.</returns>
    /// <exception cref="ArgumentException">The tensor has not the result's shape, cannot hold its type, or is expanded; or the inputs do not fit each other.</exception>
    /// <exception cref="InvalidOperationException">One of the tensors requires grad while gradients are recorded.</exception>
    public Tensor MatMul(Tensor other, Tensor into)
    {
        if (Rank == 0 || other.Rank == 0) throw new ArgumentException($"MatMul: {Shape} · {other.Shape}: a scalar is no matrix. Use * instead.");
        Tensor a = Rank == 1 ? Unsqueeze(0) : this, b = other.Rank == 1 ? other.Unsqueeze(1) : other, y = into;
        if (other.Rank == 1) y = y.Unsqueeze(-1);
        if (Rank == 1) y = y.Unsqueeze(-2);
        Op.ApplyInto(Ops.MatMul.Instance, y, a, b);
        return into;
    }

    // ---- along axes ----

    /// <summary>As <see cref="Sum(int, bool, DType?)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Sum(int dim, Tensor into, bool keepDim = false) =>
        Op.ApplyInto(new Sum(Axes.Of("Sum", [dim], Rank), keepDim), into, DType.IsDifferentiable ? this : To(DType.Int64));

    /// <summary>As <see cref="Mean(int, bool, DType?)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Mean(int dim, Tensor into, bool keepDim = false)
    {
        if (!DType.IsDifferentiable) throw new ArgumentException($"Mean: the mean of {DType} numbers is none. Convert first.");
        return Sum(dim, into, keepDim).DivInPlace((double)Shape[Layout.Axis(dim, Rank, "Mean")]);
    }

    /// <summary>As <see cref="Softmax(int, DType?)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Softmax(int dim, Tensor into) => Op.ApplyInto(new Softmax(Layout.Axis(dim, Rank, "Softmax"), false), into, this);

    /// <summary>As <see cref="LogSoftmax(int, DType?)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor LogSoftmax(int dim, Tensor into) => Op.ApplyInto(new Softmax(Layout.Axis(dim, Rank, "LogSoftmax"), true), into, this);

    /// <summary>As <see cref="CumSum(int, DType?)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor CumSum(int dim, Tensor into) => Op.ApplyInto(new CumSum(Layout.Axis(dim, Rank, "CumSum")), into, DType.IsDifferentiable ? this : To(DType.Int64));

    /// <summary>As <see cref="IndexSelect(int, Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor IndexSelect(int dim, Tensor index, Tensor into) =>
        Op.ApplyInto(new IndexOp(Layout.Axis(dim, Rank, "IndexSelect"), 1, "index_select", false), into, this, IndexVector("IndexSelect", index));

    /// <summary>As <see cref="Gather(int, Tensor)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public Tensor Gather(int dim, Tensor index, Tensor into) => Op.ApplyInto(new Gather(Layout.Axis(dim, Rank, "Gather")), into, this, index);

    /// <summary>As <see cref="Cat(IReadOnlyList{Tensor}, int)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public static Tensor Cat(IReadOnlyList<Tensor> tensors, int dim, Tensor into)
    {
        if (tensors.Count == 0) throw new ArgumentException("Cat: there is no tensor to join.", nameof(tensors));
        return Op.ApplyInto(new Cat(Layout.Axis(dim, tensors.Max(t => t.Rank), "Cat")), into, [.. tensors]);
    }

    /// <summary>As <see cref="Stack(IReadOnlyList{Tensor}, int)"/>, written to <paramref name="into"/>.</summary>
    /// <inheritdoc cref="MatMul(Tensor, Tensor)" path="/*[not(self::summary)]"/>
    public static Tensor Stack(IReadOnlyList<Tensor> tensors, int dim, Tensor into)
    {
        if (tensors.Count == 0) throw new ArgumentException("Stack: there is no tensor to join.", nameof(tensors));
        int a = Layout.Axis(dim, tensors[0].Rank + 1, "Stack");
        return Cat([.. tensors.Select(t => t.Unsqueeze(a))], a, into);
    }
}
