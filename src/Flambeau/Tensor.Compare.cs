namespace Flambeau;

// Whether tensors are the same, nearly.
public partial class Tensor
{
    /// <summary>Whether both have one shape and the same elements.</summary>
    /// <exception cref="ArgumentException">The types differ.</exception>
    public bool Equal(Tensor other)
    {
        if (Shape != other.Shape) return false;
        if (DType != other.DType) throw new ArgumentException($"Equal: {DType} meets {other.DType}; one type is wanted. Convert with To(dtype) first.");
        return Count == 0 || Eq(other).All().Item<bool>();
    }

    /// <summary>Where |this − other| ≤ atol + rtol · |other|; infinities only equal themselves. PyTorch's <c>isclose</c>.</summary>
    /// <param name="other">What to compare with, of the same type; it broadcasts.</param>
    /// <param name="rtol">The relative tolerance.</param>
    /// <param name="atol">The absolute tolerance.</param>
    /// <param name="equalNan">Whether NaN is close to NaN.</param>
    /// <exception cref="ArgumentException">The types differ, or a tolerance is negative.</exception>
    public Tensor IsClose(Tensor other, double rtol = 1e-5, double atol = 1e-8, bool equalNan = false)
    {
        if (DType != other.DType) throw new ArgumentException($"IsClose: {DType} meets {other.DType}; one type is wanted. Convert with To(dtype) first.");
        if (rtol < 0 || atol < 0) throw new ArgumentException($"IsClose: tolerances must not be negative; rtol is {rtol}, atol {atol}.");
        using var _ = Autograd.NoGrad();
        Tensor same = Eq(other);
        if (equalNan && DType.IsDifferentiable) same = same.LogicalOr(IsNan().LogicalAnd(other.IsNan()));
        if (rtol == 0 && atol == 0) return same;
        // Differences of integers would wrap around.
        Tensor a = DType.IsDifferentiable ? this : Double(), b = DType.IsDifferentiable ? other : other.Double();
        Tensor distance = (a - b).Abs();
        return same.LogicalOr(distance.IsFinite().LogicalAnd(distance.Le(b.Abs() * rtol + atol)));
    }

    /// <summary>Whether all elements are close, as <see cref="IsClose"/> says. PyTorch's <c>allclose</c>.</summary>
    /// <inheritdoc cref="IsClose"/>
    public bool AllClose(Tensor other, double rtol = 1e-5, double atol = 1e-8, bool equalNan = false) => IsClose(other, rtol, atol, equalNan).All().Item<bool>();

    /// <summary>The shape that all expand to. PyTorch's <c>broadcast_shapes</c>.</summary>
    /// <exception cref="ArgumentException">They do not broadcast.</exception>
    public static Dims BroadcastShapes(params ReadOnlySpan<Dims> shapes)
    {
        Dims y = default;
        foreach (Dims s in shapes)
        {
            foreach (long n in s) if (n < 0) throw new ArgumentException($"BroadcastShapes: {s} has a negative size.");
            y = Ops.Shapes.Broadcast("BroadcastShapes", y, s);
        }
        return y;
    }
}
