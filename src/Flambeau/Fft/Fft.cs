using Flambeau.Ops;

namespace Flambeau;

/// <summary>
/// Discrete Fourier transforms: PyTorch's <c>torch.fft</c>. Float32 gives complex64, float64 complex128; integers and bools are converted to
/// the default floating-point type; float16 and bfloat16 are refused, as PyTorch does on the CPU. Every length is fast: O(n log n), for primes too.
/// </summary>
/// <remarks>
/// <c>norm</c> says how results are scaled: <c>"backward"</c> (the default) divides the inverse transform by n, <c>"forward"</c> the forward
/// one, <c>"ortho"</c> both by √n. Along an axis, <c>n</c> cuts or pads the input with zeros first. C# gives no member the name of its type:
/// <c>torch.fft.fft</c> is <see cref="FFT"/>.
/// </remarks>
public static partial class Fft
{
    /// <summary>The transform of one axis: yₖ = Σⱼ xⱼ e^{−2πi jk/n}. <c>torch.fft.fft</c>.</summary>
    /// <param name="input">Real or complex; the result has its shape, with size <paramref name="n"/> along <paramref name="dim"/>.</param>
    /// <param name="n">How many elements of the axis are taken, missing ones as zeros; by default all.</param>
    /// <param name="dim">The axis.</param>
    /// <param name="norm">Null or <c>"backward"</c>, <c>"ortho"</c>, <c>"forward"</c>.</param>
    /// <returns>A complex tensor.</returns>
    /// <exception cref="ArgumentException">No such axis or norm, a length below 1, or a type that has no transform.</exception>
    public static Tensor FFT(Tensor input, long? n = null, long dim = -1, string? norm = null) => OneC2C("fft", input, n, dim, norm, inverse: false);

    /// <summary>The inverse of <see cref="FFT"/>: xⱼ = 1/n Σₖ yₖ e^{2πi jk/n}. <c>torch.fft.ifft</c>.</summary>
    /// <inheritdoc cref="FFT"/>
    public static Tensor Ifft(Tensor input, long? n = null, long dim = -1, string? norm = null) => OneC2C("ifft", input, n, dim, norm, inverse: true);

    /// <summary>The transform of a real axis: its first n/2 + 1 coefficients, of which the others are the conjugates. <c>torch.fft.rfft</c>.</summary>
    /// <inheritdoc cref="FFT"/>
    public static Tensor Rfft(Tensor input, long? n = null, long dim = -1, string? norm = null) => OneR2C("rfft", input, n, dim, norm, inverse: false);

    /// <summary>The inverse of <see cref="Rfft"/>: n real numbers from n/2 + 1 coefficients. <c>torch.fft.irfft</c>.</summary>
    /// <param name="input">The coefficients; real ones count as complex.</param>
    /// <param name="n">The length of the result; by default 2(m − 1) for m coefficients.</param>
    /// <param name="dim">The axis.</param>
    /// <param name="norm">Null or <c>"backward"</c>, <c>"ortho"</c>, <c>"forward"</c>.</param>
    /// <returns>A real tensor.</returns>
    /// <exception cref="ArgumentException">No such axis or norm, a length below 1, or a type that has no transform.</exception>
    public static Tensor Irfft(Tensor input, long? n = null, long dim = -1, string? norm = null) => OneC2R("irfft", input, n, dim, norm, inverse: true);

    /// <summary>The transform of an axis whose other half is the conjugate of the one given: real. <c>torch.fft.hfft</c>.</summary>
    /// <inheritdoc cref="Irfft"/>
    public static Tensor Hfft(Tensor input, long? n = null, long dim = -1, string? norm = null) => OneC2R("hfft", input, n, dim, norm, inverse: false);

    /// <summary>The inverse of <see cref="Hfft"/>: n/2 + 1 numbers from n real ones. <c>torch.fft.ihfft</c>.</summary>
    /// <inheritdoc cref="FFT"/>
    public static Tensor Ihfft(Tensor input, long? n = null, long dim = -1, string? norm = null) => OneR2C("ihfft", input, n, dim, norm, inverse: true);

    static Tensor OneC2C(string op, Tensor input, long? n, long dim, string? norm, bool inverse)
    {
        Tensor x = Floating(op, input);
        int axis = Axis(op, x, dim);
        x = Sized(op, x, axis, n ?? x.Shape[axis]);
        return Whole(x, [axis], inverse, Scale(op, norm, x.Shape[axis], inverse));
    }

    static Tensor OneR2C(string op, Tensor input, long? n, long dim, string? norm, bool inverse)
    {
        Tensor x = Real(op, input);
        int axis = Axis(op, x, dim);
        x = Sized(op, x, axis, n ?? x.Shape[axis]);
        return Op.Apply(new FourierR2C([axis], inverse, Scale(op, norm, x.Shape[axis], inverse), Half: true), x);
    }

    static Tensor OneC2R(string op, Tensor input, long? n, long dim, string? norm, bool inverse)
    {
        Tensor x = Complex(op, input);
        int axis = Axis(op, x, dim);
        long size = Positive(op, n ?? 2 * (x.Shape[axis] - 1));
        return Op.Apply(new FourierC2R([axis], inverse, Scale(op, norm, size, inverse), size), Sized(op, x, axis, size / 2 + 1));
    }

    // ---- what all share ----

    static Tensor Whole(Tensor x, Dims axes, bool inverse, double scale) =>
        Op.Apply(x.DType.IsComplex ? new FourierC2C(axes, inverse, scale) : new FourierR2C(axes, inverse, scale, Half: false), x);

    static Tensor Floating(string op, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x, "input");
        using var autocast = Amp.Enter("fft", ref x);
        if (x.DType.IsLowPrecision) throw new ArgumentException($"{op}: there is no transform of {x.DType} tensors, as in PyTorch on the CPU. Convert with To(DType.Float32) first.");
        return x.DType.IsDifferentiable ? x : x.To(Tensor.DefaultDType);
    }

    static Tensor Complex(string op, Tensor x)
    {
        x = Floating(op, x);
        return x.To(x.DType.Complex);
    }

    static Tensor Real(string op, Tensor x)
    {
        x = Floating(op, x);
        return x.DType.IsComplex ? throw new ArgumentException($"{op}: the input must be real, not {x.DType}. Use {(op[0] == 'i' ? "Ifft" : "FFT")} for complex numbers, or Real() for their real parts.") : x;
    }

    static int Axis(string op, Tensor x, long dim) =>
        x.Rank == 0 ? throw new ArgumentException($"{op}: a scalar has no axis to transform. Reshape it to (1,) first.") : Layout.Axis(dim, x.Rank, op);

    static long Positive(string op, long n) => n >= 1 ? n : throw new ArgumentException($"{op}: a transform of {n} numbers; there must be at least one.");

    /// <summary>The first n elements of an axis; zeros where there are fewer.</summary>
    static Tensor Sized(string op, Tensor x, int axis, long n)
    {
        long size = x.Shape[axis];
        if (Positive(op, n) <= size) return n == size ? x : x.Narrow(axis, 0, n);
        long[] before = new long[x.Rank], after = new long[x.Rank];
        after[axis] = n - size;
        return Op.Apply(new ConstantPad(new(before), new(after), 0), x);
    }

    static double Scale(string op, string? norm, double count, bool inverse) => norm switch
    {
        null or "backward" => inverse ? 1 / count : 1,
        "forward" => inverse ? 1 : 1 / count,
        "ortho" => 1 / Math.Sqrt(count),
        _ => throw new ArgumentException($"{op}: norm is \"backward\", \"ortho\" or \"forward\", not \"{norm}\"."),
    };
}
