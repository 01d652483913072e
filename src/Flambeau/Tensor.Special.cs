using Flambeau.Ops;

namespace Flambeau;

// Special functions that PyTorch has on tensors too; Special has all of them.
public partial class Tensor
{
    /// <summary>The x of which this is the error function; ±∞ at ±1, NaN beyond. Integers are converted to floating point. PyTorch's <c>torch.erfinv</c>.</summary>
    public Tensor Erfinv() => Map<Erfinv>();

    /// <summary>The modified Bessel function of the first kind of order 0. PyTorch's <c>torch.i0</c>.</summary>
    public Tensor I0() => Map<I0>();

    /// <summary>
    /// The regularized lower incomplete gamma function P(this, other) = γ(a, x)/Γ(a), of floating-point tensors that broadcast; NaN where one
    /// is negative. Only <paramref name="other"/> has a derivative. PyTorch's <c>torch.igamma</c>.
    /// </summary>
    /// <exception cref="ArgumentException">A number, or a tensor that is not of floating point; or shapes that do not broadcast.</exception>
    public Tensor Igamma(Tensor other) => Zip(new Igamma(), OfFloats("igamma", this, other));

    /// <summary>The regularized upper incomplete gamma function Q = 1 − P; else as <see cref="Igamma"/>. PyTorch's <c>torch.igammac</c>.</summary>
    /// <inheritdoc cref="Igamma"/>
    public Tensor Igammac(Tensor other) => Zip(new Igammac(), OfFloats("igammac", this, other));

    /// <summary>this · ln other; 0 where this is 0, unless other is NaN. PyTorch's <c>torch.xlogy</c>.</summary>
    /// <exception cref="ArgumentException">Both are numbers, or shapes do not broadcast.</exception>
    public Tensor Xlogy(Tensor other) => Zip(new Xlogy(), OneTensor("xlogy", this, other));

    /// <summary>Refuses two C# numbers, which no tensor gives a type and a shape; answers <paramref name="b"/>.</summary>
    internal static Tensor OneTensor(string op, Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(b);
        if (a.IsWrappedNumber && b.IsWrappedNumber) throw new ArgumentException($"{op}: both arguments are numbers; at least one must be a tensor. Make one with Tensor.FromScalar.");
        return b;
    }

    /// <summary>Refuses C# numbers and types other than floating point, as PyTorch does here; answers <paramref name="b"/>.</summary>
    internal static Tensor OfFloats(string op, Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(b);
        if (a.IsWrappedNumber || b.IsWrappedNumber) throw new ArgumentException($"{op}: both arguments must be tensors, not numbers. Make one with Tensor.FromScalar.");
        foreach (Tensor t in (ReadOnlySpan<Tensor>)[a, b])
            if (!t.DType.IsFloatingPoint) throw new ArgumentException($"{op} is not defined for {t.DType} tensors. Convert with To(DType.Float32) first.");
        return b;
    }
}
