namespace Flambeau.Backends;

public abstract partial class Backend
{
    /// <summary>
    /// y = the discrete Fourier transform of x along an axis, times scale: Σⱼ xⱼ e^{∓2πi jk/n}, with + where inverse. The types tell which:
    /// complex to complex; real to complex, y being the first n/2 + 1 coefficients; complex to real, x being those.
    /// </summary>
    internal abstract void Fourier(Tensor x, int axis, bool inverse, double scale, Tensor y);
}
