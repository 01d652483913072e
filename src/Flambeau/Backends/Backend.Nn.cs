using Flambeau.Ops;

namespace Flambeau.Backends;

// Networks' operations. All arguments are contiguous and float32 or float64 unless said otherwise.
public abstract partial class Backend
{
    /// <summary>y = eˣ / Σ eˣ along lines, or its logarithm.</summary>
    internal abstract void Softmax(Tensor x, Lines lines, bool log, Tensor y);

    /// <summary>dx = y (g − Σ g y), or of the logarithm g − e^y Σ g.</summary>
    internal abstract void SoftmaxBackward(Tensor g, Tensor y, Lines lines, bool log, Tensor dx);
}
