using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau;

/// <summary>
/// Reductions and normalizations in which a mask says which elements count. PyTorch's <c>torch.masked</c>. A mask is true where an element
/// counts; it has at most as many axes as the input and broadcasts to it; null means that all count. An element that does not count gets
/// no gradient.
/// </summary>
public static partial class Masked
{
    // What is read in place of an element that does not count: the operation's identity.
    enum Fill { Zero, One, Least, Greatest, Nan }

    static Tensor Apply(string op, Tensor input, Tensor? mask, Fill fill) => mask is null ? input : Tensor.Where(Fit(op, input, mask), input, Identity(op, input.DType, fill));

    static Tensor Fit(string op, Tensor input, Tensor mask)
    {
        if (mask.Rank > input.Rank || Shapes.Broadcast(op, mask.Shape, input.Shape) != input.Shape)
            throw new ArgumentException($"{op}: a mask of shape {mask.Shape} does not broadcast to the input's shape, {input.Shape}.", nameof(mask));
        return mask.Bool().Expand(input.Shape);
    }

    static Tensor Identity(string op, DType type, Fill fill)
    {
        if (fill is Fill.Zero or Fill.One) return Tensor.Full([], fill == Fill.One ? 1 : 0, type);
        if (type.IsFloatingPoint) return Tensor.Full([], fill switch { Fill.Least => double.NegativeInfinity, Fill.Greatest => double.PositiveInfinity, _ => double.NaN }, type);
        bool least = fill == Fill.Least;
        long bound = type switch
        {
            DType.UInt8 => least ? byte.MinValue : byte.MaxValue, DType.Int8 => least ? sbyte.MinValue : sbyte.MaxValue,
            DType.Int16 => least ? short.MinValue : short.MaxValue, DType.Int32 => least ? int.MinValue : int.MaxValue,
            DType.Int64 => least ? long.MinValue : long.MaxValue,
            _ => throw new ArgumentException($"{op}: {type} has no order."),
        };
        return Tensor.From([bound]).Reshape().To(type);
    }

    static DType Summed(DType type) => type.IsDifferentiable ? type : DType.Int64;

    /// <summary>The sum over the axes named. PyTorch's <c>masked.sum</c>.</summary>
    /// <param name="input">Any shape and type.</param>
    /// <param name="dim">The axes; none means all.</param>
    /// <param name="keepDim">Whether they stay, with size 1.</param>
    /// <param name="dtype">In which type to add and answer; by default the input's, of integers and bools int64.</param>
    /// <param name="mask">Which elements count.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast to the input, or there are no such axes.</exception>
    public static Tensor Sum(Tensor input, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null, Tensor? mask = null) =>
        Apply("Masked.Sum", input, mask, Fill.Zero).Sum(dim, keepDim, dtype ?? Summed(input.DType));

    /// <summary>The product over the axes named. PyTorch's <c>masked.prod</c>.</summary>
    /// <inheritdoc cref="Sum"/>
    public static Tensor Prod(Tensor input, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null, Tensor? mask = null)
    {
        Axes axes = Axes.Of("Masked.Prod", dim, input.Rank);
        Tensor y = Apply("Masked.Prod", input, mask, Fill.One).To(dtype ?? Summed(input.DType));
        for (int d = input.Rank - 1; d >= 0; d--) if (axes.Has(d)) y = y.Prod(d, keepDim, y.DType);
        return ReferenceEquals(y, input) ? y.Clone() : y;
    }

    /// <summary>Running sums along an axis; elements that do not count add nothing. PyTorch's <c>masked.cumsum</c>.</summary>
    /// <param name="input">Any shape and type.</param>
    /// <param name="dim">The axis.</param>
    /// <param name="dtype">In which type to compute and answer; by default the input's.</param>
    /// <param name="mask">Which elements count.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast to the input, or there is no such axis.</exception>
    public static Tensor CumSum(Tensor input, int dim, DType? dtype = null, Tensor? mask = null) =>
        Apply("Masked.CumSum", input, mask, Fill.Zero).CumSum(dim, dtype ?? input.DType);

    /// <summary>Running products along an axis; elements that do not count leave them. PyTorch's <c>masked.cumprod</c>.</summary>
    /// <inheritdoc cref="CumSum"/>
    public static Tensor CumProd(Tensor input, int dim, DType? dtype = null, Tensor? mask = null) =>
        Apply("Masked.CumProd", input, mask, Fill.One).CumProd(dim, dtype ?? input.DType);

    /// <summary>The largest element that counts; −∞, or the least integer, where none does. PyTorch's <c>masked.amax</c>.</summary>
    /// <param name="input">Any shape, a type with an order.</param>
    /// <param name="dim">The axes; none means all.</param>
    /// <param name="keepDim">Whether they stay, with size 1.</param>
    /// <param name="dtype">The type of the answer; by default the input's.</param>
    /// <param name="mask">Which elements count.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast to the input, or there are no such axes.</exception>
    public static Tensor Amax(Tensor input, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null, Tensor? mask = null) =>
        Apply("Masked.Amax", input, mask, Fill.Least).Amax(dim, keepDim).To(dtype ?? input.DType);

    /// <summary>The smallest element that counts; +∞, or the greatest integer, where none does. PyTorch's <c>masked.amin</c>.</summary>
    /// <inheritdoc cref="Amax"/>
    public static Tensor Amin(Tensor input, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null, Tensor? mask = null) =>
        Apply("Masked.Amin", input, mask, Fill.Greatest).Amin(dim, keepDim).To(dtype ?? input.DType);

    /// <summary>Where the largest element that counts stands, along one axis or in the whole tensor. PyTorch's <c>masked.argmax</c>.</summary>
    /// <param name="input">Any shape, a type with an order.</param>
    /// <param name="dim">The axis; null means all, as one.</param>
    /// <param name="keepDim">Whether it stays, with size 1.</param>
    /// <param name="dtype">The type of the answer; as in PyTorch, by default the input's and not int64.</param>
    /// <param name="mask">Which elements count.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast to the input, or there is no such axis.</exception>
    public static Tensor ArgMax(Tensor input, int? dim = null, bool keepDim = false, DType? dtype = null, Tensor? mask = null) =>
        Apply("Masked.ArgMax", input, mask, Fill.Least).ArgMax(dim, keepDim).To(dtype ?? input.DType);

    /// <summary>Where the smallest element that counts stands, along one axis or in the whole tensor. PyTorch's <c>masked.argmin</c>.</summary>
    /// <inheritdoc cref="ArgMax"/>
    public static Tensor ArgMin(Tensor input, int? dim = null, bool keepDim = false, DType? dtype = null, Tensor? mask = null) =>
        Apply("Masked.ArgMin", input, mask, Fill.Greatest).ArgMin(dim, keepDim).To(dtype ?? input.DType);

    // How many elements count, as int64.
    static Tensor Count(Tensor input, ReadOnlySpan<long> dim, bool keepDim, Tensor? mask) => Sum(Tensor.Ones(input.Shape, DType.Int64), dim, keepDim, mask: mask);

    /// <summary>The mean of the elements that count; NaN where none does. PyTorch's <c>masked.mean</c>.</summary>
    /// <param name="input">Any shape and type.</param>
    /// <param name="dim">The axes; none means all.</param>
    /// <param name="keepDim">Whether they stay, with size 1.</param>
    /// <param name="dtype">In which type to add; by default the input's. The mean of integers is of the default floating-point type.</param>
    /// <param name="mask">Which elements count.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast to the input, or there are no such axes.</exception>
    public static Tensor Mean(Tensor input, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null, Tensor? mask = null) =>
        Sum(input, dim, keepDim, dtype ?? input.DType, mask) / Count(input, dim, keepDim, mask);

    /// <summary>The median of the elements that count along an axis, of two middle ones the lower; NaN where none counts. PyTorch's <c>masked.median</c>.</summary>
    /// <param name="input">Any shape, a real type. NaN does not count.</param>
    /// <param name="dim">The axis.</param>
    /// <param name="keepDim">Whether it stays, with size 1.</param>
    /// <param name="dtype">Of integers, the type of the answer.</param>
    /// <param name="mask">Which elements count.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast to the input, there is no such axis, or of integers none counts.</exception>
    public static Tensor Median(Tensor input, int dim = -1, bool keepDim = false, DType? dtype = null, Tensor? mask = null)
    {
        bool isFloat = input.DType.IsFloatingPoint;
        Tensor y = Apply("Masked.Median", isFloat ? input : input.Float(), mask, Fill.Nan).NanMedian(dim, keepDim).Values;
        if (isFloat) return y;
        if (y.IsNan().Any().Item<bool>()) throw new ArgumentException("Masked.Median: of some integers none counts, and there is no integer to say so. Convert the input to floating point.", nameof(mask));
        return y.To(dtype ?? input.DType);
    }

    /// <summary>ln Σ eˣ of the elements that count; −∞ where none does. PyTorch's <c>masked.logsumexp</c>.</summary>
    /// <inheritdoc cref="Amax"/>
    public static Tensor LogSumExp(Tensor input, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null, Tensor? mask = null)
    {
        Tensor x = Apply("Masked.LogSumExp", input, mask, Fill.Least);
        return (x.DType.IsDifferentiable ? x : x.To(Tensor.DefaultDType)).LogSumExp(dim, keepDim).To(dtype ?? input.DType);
    }

    /// <summary>ln(eˣ + eʸ) of two tensors with a mask each; an element that does not count is −∞. PyTorch's <c>masked.logaddexp</c>.</summary>
    /// <param name="input">x.</param>
    /// <param name="other">y; the two broadcast.</param>
    /// <param name="dtype">The type of the answer; by default x's.</param>
    /// <param name="inputMask">Which elements of x count.</param>
    /// <param name="otherMask">Which elements of y count.</param>
    /// <exception cref="ArgumentException">A mask does not broadcast to its tensor.</exception>
    public static Tensor LogAddExp(Tensor input, Tensor other, DType? dtype = null, Tensor? inputMask = null, Tensor? otherMask = null)
    {
        Tensor a = Apply("Masked.LogAddExp", input, inputMask, Fill.Least), b = Apply("Masked.LogAddExp", other, otherMask, Fill.Least);
        if (a.DType.IsLowPrecision && b.DType.IsLowPrecision) (a, b) = (a.Float(), b.Float());
        // Equal infinities stand aside: their difference is no number.
        Tensor same = a.Detach().Eq(b.Detach()) & a.Detach().IsInf();
        Tensor y = Tensor.Where(same, a, 0.0);
        (a, b) = (Tensor.Where(same, 0.0, a), Tensor.Where(same, 0.0, b));
        Tensor top = a.Maximum(b).Detach();
        return Tensor.Where(same, y, top + ((a - top).Exp() + (b - top).Exp()).Log()).To(dtype ?? input.DType);
    }

    /// <summary>The vector norm of the elements that count. PyTorch's <c>masked.norm</c>.</summary>
    /// <param name="input">Floating point or complex.</param>
    /// <param name="ord">The norm's exponent; ±∞ and 0 as in <c>linalg.vector_norm</c>.</param>
    /// <param name="dim">The axes; none means all.</param>
    /// <param name="keepDim">Whether they stay, with size 1.</param>
    /// <param name="dtype">In which type to compute; by default the input's.</param>
    /// <param name="mask">Which elements count.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast to the input, or there are no such axes.</exception>
    public static Tensor Norm(Tensor input, double ord = 2, ReadOnlySpan<long> dim = default, bool keepDim = false, DType? dtype = null, Tensor? mask = null)
    {
        if (!input.DType.IsDifferentiable) throw new ArgumentException($"Masked.Norm: the input is {input.DType}; it must be floating point or complex.");
        return VectorNorms.Along(Apply("Masked.Norm", input, mask, double.IsNegativeInfinity(ord) ? Fill.Greatest : Fill.Zero).To(dtype ?? input.DType), ord, dim, keepDim);
    }

    /// <summary>The variance of the elements that count; NaN where none does. PyTorch's <c>masked.var</c>.</summary>
    /// <param name="input">Any shape and type.</param>
    /// <param name="dim">The axes; none means all.</param>
    /// <param name="unbiased">Whether to divide by one less than their number.</param>
    /// <param name="keepDim">Whether axes stay, with size 1.</param>
    /// <param name="dtype">In which type to compute and answer; by default the input's, of integers float32.</param>
    /// <param name="mask">Which elements count.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast to the input, or there are no such axes.</exception>
    public static Tensor Var(Tensor input, ReadOnlySpan<long> dim = default, bool unbiased = false, bool keepDim = false, DType? dtype = null, Tensor? mask = null)
    {
        DType type = dtype ?? (input.DType.IsDifferentiable ? input.DType : DType.Float32), compute = type.IsDifferentiable ? type : DType.Float32;
        Tensor away = input - Sum(input, dim, true, type, mask) / Count(input, dim, true, mask), count = Count(input, dim, keepDim, mask);
        Tensor total = Sum(away * away.Conj(), dim, keepDim, compute, mask);
        return (total / (unbiased ? (count - 1).Clamp(min: 0) : count)).To(type);
    }

    /// <summary>The standard deviation of the elements that count. PyTorch's <c>masked.std</c>.</summary>
    /// <inheritdoc cref="Var"/>
    public static Tensor Std(Tensor input, ReadOnlySpan<long> dim = default, bool unbiased = false, bool keepDim = false, DType? dtype = null, Tensor? mask = null) =>
        Var(input, dim, unbiased, keepDim, dtype, mask).Sqrt();

    /// <summary>eˣ / Σ eˣ along an axis over the elements that count; others are 0. PyTorch's <c>masked.softmax</c>.</summary>
    /// <param name="input">Floating point, unless a type is given.</param>
    /// <param name="dim">The axis.</param>
    /// <param name="dtype">In which type to compute and answer; by default the input's.</param>
    /// <param name="mask">Which elements count.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast to the input, or there is no such axis.</exception>
    public static Tensor Softmax(Tensor input, int dim, DType? dtype = null, Tensor? mask = null) => Apply("Masked.Softmax", input, mask, Fill.Least).Softmax(dim, dtype);

    /// <summary>The logarithm of <see cref="Softmax"/>; −∞ where an element does not count. PyTorch's <c>masked.log_softmax</c>.</summary>
    /// <inheritdoc cref="Softmax"/>
    public static Tensor LogSoftmax(Tensor input, int dim, DType? dtype = null, Tensor? mask = null) => Apply("Masked.LogSoftmax", input, mask, Fill.Least).LogSoftmax(dim, dtype);

    /// <summary><see cref="Softmax"/> of −x. PyTorch's <c>masked.softmin</c>.</summary>
    /// <inheritdoc cref="Softmax"/>
    public static Tensor Softmin(Tensor input, int dim, DType? dtype = null, Tensor? mask = null) => F.Softmin(Apply("Masked.Softmin", input, mask, Fill.Greatest), dim, dtype);

    /// <summary>x over its norm along an axis, or over ε if that is greater; elements that do not count are 0. PyTorch's <c>masked.normalize</c>.</summary>
    /// <param name="input">Floating point or complex.</param>
    /// <param name="ord">The norm's exponent.</param>
    /// <param name="dim">The axis.</param>
    /// <param name="eps">ε.</param>
    /// <param name="dtype">In which type to compute the norm; by default the input's.</param>
    /// <param name="mask">Which elements count.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast to the input, or there is no such axis.</exception>
    public static Tensor Normalize(Tensor input, double ord, int dim, double eps = 1e-12, DType? dtype = null, Tensor? mask = null)
    {
        Tensor norm = Norm(input, ord, [dim], true, dtype, mask);
        return Apply("Masked.Normalize", input, mask, Fill.Zero) / norm.Maximum(Tensor.Full([], eps, norm.DType));
    }
}
