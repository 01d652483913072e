namespace Flambeau;

// Where the frequencies lie.
public static partial class Fft
{
    /// <summary>The frequencies of <see cref="FFT"/>'s n coefficients: 0, 1, …, then the negative ones, each divided by n · d. <c>torch.fft.fftfreq</c>.</summary>
    /// <param name="n">The length of the transform.</param>
    /// <param name="d">The time from sample to sample.</param>
    /// <param name="dtype">A floating-point or complex type; by default <see cref="Tensor.DefaultDType"/>.</param>
    /// <exception cref="ArgumentException">n is negative, or the type cannot hold fractions.</exception>
    public static Tensor Fftfreq(long n, double d = 1, DType? dtype = null) => Frequencies("fftfreq", n, d, dtype, n, k => k < n - n / 2 ? k : k - n);

    /// <summary>The frequencies of <see cref="Rfft"/>'s n/2 + 1 coefficients. <c>torch.fft.rfftfreq</c>.</summary>
    /// <inheritdoc cref="Fftfreq"/>
    public static Tensor Rfftfreq(long n, double d = 1, DType? dtype = null) => Frequencies("rfftfreq", n, d, dtype, n / 2 + 1, k => k);

    static Tensor Frequencies(string op, long n, double d, DType? dtype, long count, Func<long, long> at)
    {
        DType t = dtype ?? Tensor.DefaultDType;
        if (n < 0) throw new ArgumentOutOfRangeException(nameof(n), $"{op}: a length of {n}; it cannot be negative.");
        if (!t.IsDifferentiable) throw new ArgumentException($"{op}: frequencies are fractions, which {t} cannot hold. Ask for a floating-point type.", nameof(dtype));
        var values = new double[count];
        for (long k = 0; k < count; k++) values[k] = at(k) * (1 / (n * d));
        return Tensor.From(values).To(t);
    }

    /// <summary>The frequency 0 in the middle of each axis, where <see cref="FFT"/> puts it first. <c>torch.fft.fftshift</c>.</summary>
    /// <param name="input">Of any type.</param>
    /// <param name="dim">The axes; by default all.</param>
    /// <exception cref="ArgumentException">No such axis.</exception>
    public static Tensor Fftshift(Tensor input, ReadOnlySpan<long> dim = default) => Shifted("fftshift", input, dim, 0);

    /// <summary>The inverse of <see cref="Fftshift"/>. <c>torch.fft.ifftshift</c>.</summary>
    /// <inheritdoc cref="Fftshift"/>
    public static Tensor Ifftshift(Tensor input, ReadOnlySpan<long> dim = default) => Shifted("ifftshift", input, dim, 1);

    static Tensor Shifted(string op, Tensor input, ReadOnlySpan<long> dim, long extra)
    {
        ArgumentNullException.ThrowIfNull(input);
        var axes = new long[dim.IsEmpty ? input.Rank : dim.Length];
        var shifts = new long[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            axes[i] = dim.IsEmpty ? i : Layout.Axis(dim[i], input.Rank, op);
            shifts[i] = input.Rank == 0 ? 0 : (input.Shape[(int)axes[i]] + extra) / 2;
        }
        return input.Rank == 0 ? input.Clone() : input.Roll(shifts, axes);
    }
}
