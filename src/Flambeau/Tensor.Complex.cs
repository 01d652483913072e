using Flambeau.Ops;

namespace Flambeau;

// Complex numbers and their parts.
public partial class Tensor
{
    /// <summary>The real part, a view; the tensor itself if it is real.</summary>
    public Tensor Real() => DType.IsComplex ? ViewAsReal().Select(-1, 0) : this;

    /// <summary>The imaginary part, a view.</summary>
    /// <exception cref="ArgumentException">The tensor is real.</exception>
    public Tensor Imag() => DType.IsComplex ? ViewAsReal().Select(-1, 1) : throw new ArgumentException($"Imag: a {DType} tensor has no imaginary part.");

    /// <summary>Complex numbers as pairs along a new last axis, a view: (…) → (…, 2). PyTorch's <c>view_as_real</c>.</summary>
    /// <exception cref="ArgumentException">The tensor is real.</exception>
    public Tensor ViewAsReal() => DType.IsComplex ? Op.Apply(Ops.ViewAsReal.Instance, this) : throw new ArgumentException($"ViewAsReal: the tensor is {DType}, not complex.");

    /// <summary>Pairs along the last axis as complex numbers, a view: (…, 2) → (…). PyTorch's <c>view_as_complex</c>.</summary>
    /// <exception cref="ArgumentException">The last axis has not 2 elements next to each other, or the type is not float32 or float64.</exception>
    public Tensor ViewAsComplex()
    {
        Tensor self = this;
        using var autocast = Amp.Enter("view_as_complex", ref self);
        return self.DType is DType.Float32 or DType.Float64 ? Op.Apply(Ops.ViewAsComplex.Instance, self)
            : throw new ArgumentException($"ViewAsComplex: float32 or float64 is wanted, not {DType}.");
    }

    /// <summary>real + i · imag, broadcast. PyTorch's <c>torch.complex</c>.</summary>
    /// <exception cref="ArgumentException">The parts are not both float32 or both float64.</exception>
    public static Tensor Complex(Tensor real, Tensor imag) => real.DType == imag.DType && real.DType is DType.Float32 or DType.Float64
        ? Stack(BroadcastTensors(real, imag), -1).ViewAsComplex()
        : throw new ArgumentException($"Complex: both parts must be float32, or both float64, not {real.DType} and {imag.DType}.");

    /// <summary>abs · (cos angle + i · sin angle). PyTorch's <c>torch.polar</c>.</summary>
    /// <exception cref="ArgumentException">The parts are not both float32 or both float64.</exception>
    public static Tensor Polar(Tensor abs, Tensor angle)
    {
        using var autocast = Amp.Enter("polar", ref abs, ref angle);
        return abs.DType == angle.DType && abs.DType is DType.Float32 or DType.Float64
            ? Complex(abs * angle.Cos(), abs * angle.Sin())
            : throw new ArgumentException($"Polar: both arguments must be float32, or both float64, not {abs.DType} and {angle.DType}.");
    }

    /// <summary>The angle in radians, in (−π, π]; of real numbers 0, or π where negative.</summary>
    public Tensor Angle() => DType.IsComplex ? Imag().Atan2(Real()) : Map<RealAngle>();

    /// <summary>The complex conjugate, computed; PyTorch's <c>conj_physical</c>.</summary>
    public Tensor ConjPhysical() => Conj();

    /// <summary>The tensor itself: conjugates are always computed here, never noted. PyTorch's <c>resolve_conj</c>.</summary>
    public Tensor ResolveConj() => this;

    /// <summary>The tensor itself: negatives are always computed here, never noted. PyTorch's <c>resolve_neg</c>.</summary>
    public Tensor ResolveNeg() => this;

    /// <summary>Whether the imaginary part is 0.</summary>
    public Tensor IsReal() => DType.IsComplex ? Imag().Eq(0) : Ones(Shape, DType.Bool);

    /// <summary>x/|x|, and 0 for 0; the sign of real numbers.</summary>
    public Tensor Sgn() => Sign();

    /// <summary>The conjugate transpose of a matrix. PyTorch's <c>H</c>.</summary>
    public Tensor H => Rank is 0 or 2 ? T.Conj() : throw new ArgumentException($"H: {Shape} is no matrix. Use MH for the last two axes.");

    /// <summary>The last two axes swapped, and conjugated. PyTorch's <c>mH</c>.</summary>
    public Tensor MH => MT.Conj();
}
