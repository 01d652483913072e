namespace Flambeau.Backends;

public abstract partial class Backend
{
    /// <summary>
    /// y = the discrete Fourier transform of x along some axes, times scale: Σⱼ xⱼ e^{∓2πi jk/n}, with + where inverse. The types tell which:
    /// complex to complex; real to complex, y being all coefficients or the first n/2 + 1 of the last axis; complex to real, x being those of one axis.
    /// </summary>
    internal abstract void Fourier(Tensor x, Dims axes, bool inverse, double scale, Tensor y);
}
