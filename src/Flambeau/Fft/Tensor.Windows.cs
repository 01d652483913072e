namespace Flambeau;

// Windows for frames of signals. A periodic window is a symmetric one of one sample more without the last.
public partial class Tensor
{
    /// <summary>The Hann window: ½ (1 − cos 2πk/(N − 1)). PyTorch's <c>torch.hann_window</c>.</summary>
    /// <param name="windowLength">How many samples.</param>
    /// <param name="periodic">Whether N is one more than that, as transforms of frames want it; else N is the length and the window symmetric.</param>
    /// <param name="dtype">A floating-point type; by default <see cref="DefaultDType"/>.</param>
    /// <param name="device">Where it lies.</param>
    /// <param name="requiresGrad">Whether gradients are wanted.</param>
    /// <exception cref="ArgumentException">A negative length, or a type that is not floating point.</exception>
    public static Tensor HannWindow(long windowLength, bool periodic = true, DType? dtype = null, Device device = default, bool requiresGrad = false) =>
        Cosines("HannWindow", windowLength, periodic, dtype, device, requiresGrad, 0.5, 0.5, 0);

    /// <summary>The Hamming window: α − β cos 2πk/(N − 1). PyTorch's <c>torch.hamming_window</c>.</summary>
    /// <param name="windowLength">How many samples.</param>
    /// <param name="periodic">Whether N is one more than that; else N is the length.</param>
    /// <param name="alpha">α.</param>
    /// <param name="beta">β.</param>
    /// <param name="dtype">A floating-point type; by default <see cref="DefaultDType"/>.</param>
    /// <param name="device">Where it lies.</param>
    /// <param name="requiresGrad">Whether gradients are wanted.</param>
    /// <exception cref="ArgumentException">A negative length, or a type that is not floating point.</exception>
    public static Tensor HammingWindow(long windowLength, bool periodic = true, double alpha = 0.54, double beta = 0.46, DType? dtype = null, Device device = default, bool requiresGrad = false) =>
        Cosines("HammingWindow", windowLength, periodic, dtype, device, requiresGrad, alpha, beta, 0);

    /// <summary>The Blackman window: 0.42 − ½ cos 2πk/(N − 1) + 0.08 cos 4πk/(N − 1). PyTorch's <c>torch.blackman_window</c>.</summary>
    /// <inheritdoc cref="HannWindow"/>
    public static Tensor BlackmanWindow(long windowLength, bool periodic = true, DType? dtype = null, Device device = default, bool requiresGrad = false) =>
        Cosines("BlackmanWindow", windowLength, periodic, dtype, device, requiresGrad, 0.42, 0.5, 0.08);

    /// <summary>The Bartlett window, a triangle: 1 − |2k/(N − 1) − 1|. PyTorch's <c>torch.bartlett_window</c>.</summary>
    /// <inheritdoc cref="HannWindow"/>
    public static Tensor BartlettWindow(long windowLength, bool periodic = true, DType? dtype = null, Device device = default, bool requiresGrad = false)
    {
        (double[] y, double n) = Samples("BartlettWindow", windowLength, periodic, dtype);
        for (int k = 0; k < y.Length; k++) y[k] = n == 0 ? 1 : 1 - Math.Abs(2 * k / n - 1);
        return Windowed(From(y), dtype, device, requiresGrad);
    }

    /// <summary>The Kaiser window: I₀(β √(1 − (2k/(N − 1) − 1)²)) / I₀(β). PyTorch's <c>torch.kaiser_window</c>.</summary>
    /// <param name="windowLength">How many samples.</param>
    /// <param name="periodic">Whether N is one more than that; else N is the length.</param>
    /// <param name="beta">The larger, the narrower.</param>
    /// <param name="dtype">A floating-point type; by default <see cref="DefaultDType"/>.</param>
    /// <param name="device">Where it lies.</param>
    /// <param name="requiresGrad">Whether gradients are wanted.</param>
    /// <exception cref="ArgumentException">A negative length, or a type that is not floating point.</exception>
    public static Tensor KaiserWindow(long windowLength, bool periodic = true, double beta = 12, DType? dtype = null, Device device = default, bool requiresGrad = false)
    {
        (double[] y, double n) = Samples("KaiserWindow", windowLength, periodic, dtype);
        for (int k = 0; k < y.Length; k++) y[k] = n == 0 ? beta : beta * Math.Sqrt(Math.Max(0, 1 - (2 * k / n - 1) * (2 * k / n - 1)));
        Tensor i0 = From(y).I0();
        return Windowed(i0 / FromScalar(beta, DType.Float64).I0(), dtype, device, requiresGrad);
    }

    static Tensor Cosines(string op, long length, bool periodic, DType? dtype, Device device, bool requiresGrad, double a, double b, double c)
    {
        (double[] y, double n) = Samples(op, length, periodic, dtype);
        for (int k = 0; k < y.Length; k++) y[k] = n == 0 ? 1 : a - b * Math.Cos(2 * Math.PI * k / n) + c * Math.Cos(4 * Math.PI * k / n);
        return Windowed(From(y), dtype, device, requiresGrad);
    }

    /// <summary>Room for the samples, and N − 1; 0 for a single sample, which is 1.</summary>
    static (double[] Samples, double Last) Samples(string op, long length, bool periodic, DType? dtype)
    {
        if (length < 0) throw new ArgumentOutOfRangeException(nameof(length), $"{op}: a window of {length} samples; there cannot be fewer than none.");
        if (dtype is { IsFloatingPoint: false } t) throw new ArgumentException($"{op}: the samples are fractions, which {t} cannot hold. Ask for a floating-point type.");
        return (new double[length], length == 1 ? 0 : periodic ? length : length - 1);
    }

    static Tensor Windowed(Tensor samples, DType? dtype, Device device, bool requiresGrad) => samples.To(dtype ?? DefaultDType).To(device.OrDefault).Requiring(requiresGrad);
}
