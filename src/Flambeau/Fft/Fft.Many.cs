using Flambeau.Ops;

namespace Flambeau;

// Several axes: a transform along each, one after the other.
public static partial class Fft
{
    /// <summary><see cref="FFT"/> along several axes. <c>torch.fft.fftn</c>.</summary>
    /// <param name="input">Real or complex.</param>
    /// <param name="s">The size to which each axis is cut or padded with zeros, −1 for its own; without <paramref name="dim"/>, of the last axes.</param>
    /// <param name="dim">The axes; by default all, or as many of the last as <paramref name="s"/> has sizes.</param>
    /// <param name="norm">Null or <c>"backward"</c>, <c>"ortho"</c>, <c>"forward"</c>; n is the product of the sizes.</param>
    /// <returns>A complex tensor.</returns>
    /// <exception cref="ArgumentException">No such axis or one named twice, another number of sizes than of axes, a size below 1, no such norm, or a type that has no transform.</exception>
    public static Tensor Fftn(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => C2C("fftn", input, s, dim, norm, inverse: false);

    /// <summary>The inverse of <see cref="Fftn"/>. <c>torch.fft.ifftn</c>.</summary>
    /// <inheritdoc cref="Fftn"/>
    public static Tensor Ifftn(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => C2C("ifftn", input, s, dim, norm, inverse: true);

    /// <summary><see cref="Fftn"/> of the last two axes, or of those named. <c>torch.fft.fft2</c>.</summary>
    /// <inheritdoc cref="Fftn"/>
    public static Tensor Fft2(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => C2C("fft2", input, s, LastTwo(dim), norm, inverse: false);

    /// <summary>The inverse of <see cref="Fft2"/>. <c>torch.fft.ifft2</c>.</summary>
    /// <inheritdoc cref="Fftn"/>
    public static Tensor Ifft2(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => C2C("ifft2", input, s, LastTwo(dim), norm, inverse: true);

    /// <summary><see cref="Rfft"/> along the last of several axes, then <see cref="FFT"/> along the others. <c>torch.fft.rfftn</c>.</summary>
    /// <inheritdoc cref="Fftn"/>
    public static Tensor Rfftn(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => R2C("rfftn", input, s, dim, norm, inverse: false);

    /// <summary><see cref="Rfftn"/> of the last two axes, or of those named. <c>torch.fft.rfft2</c>.</summary>
    /// <inheritdoc cref="Fftn"/>
    public static Tensor Rfft2(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => R2C("rfft2", input, s, LastTwo(dim), norm, inverse: false);

    /// <summary>The inverse of <see cref="Rfftn"/>: real; the last size of <paramref name="s"/> is that of the result. <c>torch.fft.irfftn</c>.</summary>
    /// <param name="input">The coefficients; real ones count as complex.</param>
    /// <param name="s">The sizes of the result along the axes; by default the input's, and 2(m − 1) for the last.</param>
    /// <param name="dim">The axes; by default all, or as many of the last as <paramref name="s"/> has sizes.</param>
    /// <param name="norm">Null or <c>"backward"</c>, <c>"ortho"</c>, <c>"forward"</c>; n is the product of the sizes.</param>
    /// <returns>A real tensor.</returns>
    /// <exception cref="ArgumentException">No such axis or one named twice, another number of sizes than of axes, a size below 1, no such norm, or a type that has no transform.</exception>
    public static Tensor Irfftn(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => C2R("irfftn", input, s, dim, norm, inverse: true);

    /// <summary><see cref="Irfftn"/> of the last two axes, or of those named. <c>torch.fft.irfft2</c>.</summary>
    /// <inheritdoc cref="Irfftn"/>
    public static Tensor Irfft2(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => C2R("irfft2", input, s, LastTwo(dim), norm, inverse: true);

    /// <summary><see cref="FFT"/> along all but the last axis, then <see cref="Hfft"/> along that. <c>torch.fft.hfftn</c>.</summary>
    /// <inheritdoc cref="Irfftn"/>
    public static Tensor Hfftn(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => C2R("hfftn", input, s, dim, norm, inverse: false);

    /// <summary><see cref="Hfftn"/> of the last two axes, or of those named. <c>torch.fft.hfft2</c>.</summary>
    /// <inheritdoc cref="Irfftn"/>
    public static Tensor Hfft2(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => C2R("hfft2", input, s, LastTwo(dim), norm, inverse: false);

    /// <summary>The inverse of <see cref="Hfftn"/>. <c>torch.fft.ihfftn</c>.</summary>
    /// <inheritdoc cref="Fftn"/>
    public static Tensor Ihfftn(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => R2C("ihfftn", input, s, dim, norm, inverse: true);

    /// <summary>The inverse of <see cref="Hfft2"/>. <c>torch.fft.ihfft2</c>.</summary>
    /// <inheritdoc cref="Fftn"/>
    public static Tensor Ihfft2(Tensor input, ReadOnlySpan<long> s = default, ReadOnlySpan<long> dim = default, string? norm = null) => R2C("ihfft2", input, s, LastTwo(dim), norm, inverse: true);

    static ReadOnlySpan<long> LastTwo(ReadOnlySpan<long> dim) => dim.IsEmpty ? [-2, -1] : dim;

    static Tensor C2C(string op, Tensor input, ReadOnlySpan<long> s, ReadOnlySpan<long> dim, string? norm, bool inverse)
    {
        Tensor x = Floating(op, input);
        (int[] axes, long[] sizes) = Named(op, x, s, dim, halves: false);
        double scale = Scale(op, norm, Product(sizes), inverse);
        return axes.Length == 0 ? Complex(op, x) : Whole(Sized(op, x, axes, sizes), Axes(axes), inverse, scale);
    }

    static Tensor R2C(string op, Tensor input, ReadOnlySpan<long> s, ReadOnlySpan<long> dim, string? norm, bool inverse)
    {
        Tensor x = Real(op, input);
        (int[] axes, long[] sizes) = Named(op, x, s, dim, halves: false);
        AtLeastOne(op, axes);
        return Op.Apply(new FourierR2C(Axes(axes), inverse, Scale(op, norm, Product(sizes), inverse), Half: true), Sized(op, x, axes, sizes));
    }

    static Tensor C2R(string op, Tensor input, ReadOnlySpan<long> s, ReadOnlySpan<long> dim, string? norm, bool inverse)
    {
        Tensor x = Complex(op, input);
        (int[] axes, long[] sizes) = Named(op, x, s, dim, halves: true);
        AtLeastOne(op, axes);
        double scale = Scale(op, norm, Product(sizes), inverse);
        long last = sizes[^1];
        sizes[^1] = last / 2 + 1;
        x = Sized(op, x, axes, sizes);
        if (axes.Length > 1) x = Op.Apply(new FourierC2C(Axes(axes[..^1]), inverse, 1), x);
        return Op.Apply(new FourierC2R([axes[^1]], inverse, scale, last), x);
    }

    static Dims Axes(int[] axes) => new(Array.ConvertAll(axes, a => (long)a));

    static Tensor Sized(string op, Tensor x, int[] axes, long[] sizes)
    {
        for (int i = 0; i < axes.Length; i++) x = Sized(op, x, axes[i], sizes[i]);
        return x;
    }

    /// <summary>The axes and the sizes of what is transformed along them; <paramref name="halves"/>: the last is given by its first half.</summary>
    static (int[] Axes, long[] Sizes) Named(string op, Tensor x, ReadOnlySpan<long> s, ReadOnlySpan<long> dim, bool halves)
    {
        if (!s.IsEmpty && !dim.IsEmpty && s.Length != dim.Length) throw new ArgumentException($"{op}: {s.Length} sizes for {dim.Length} axes; there must be one for each.");
        if (s.Length > x.Rank) throw new ArgumentException($"{op}: {s.Length} sizes for an input of shape {x.Shape}, which has {x.Rank} axes.");
        var axes = new int[!dim.IsEmpty ? dim.Length : !s.IsEmpty ? s.Length : x.Rank];
        var sizes = new long[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            axes[i] = dim.IsEmpty ? x.Rank - axes.Length + i : Axis(op, x, dim[i]);
            if (axes.AsSpan(0, i).Contains(axes[i])) throw new ArgumentException($"{op}: axis {axes[i]} is named twice.");
            bool isHalf = halves && i == axes.Length - 1;
            sizes[i] = Positive(op, !s.IsEmpty && s[i] != -1 ? s[i] : isHalf ? 2 * (x.Shape[axes[i]] - 1) : x.Shape[axes[i]]);
        }
        return (axes, sizes);
    }

    static void AtLeastOne(string op, int[] axes)
    {
        if (axes.Length == 0) throw new ArgumentException($"{op}: at least one axis must be transformed, and a scalar has none.");
    }

    static double Product(long[] sizes)
    {
        double n = 1;
        foreach (long size in sizes) n *= size;
        return n;
    }
}
