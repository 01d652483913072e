namespace Flambeau.Nn;

public static partial class F
{
    /// <summary>A differentiable draw of a class: softmax of (logits + Gumbel noise)/τ. PyTorch's <c>gumbel_softmax</c> (Jang, Gu, Poole 2017; Maddison, Mnih, Teh 2017).</summary>
    /// <param name="logits">(…, classes): unnormalized log-probabilities.</param>
    /// <param name="tau">The temperature τ: toward 0, results become one-hot.</param>
    /// <param name="hard">Whether the result is one-hot, with the gradient of the soft one.</param>
    /// <param name="dim">The axis of the classes.</param>
    /// <param name="generator">Where the noise comes from.</param>
    /// <exception cref="ArgumentException">The logits are not floating point, or there is no such axis.</exception>
    public static Tensor GumbelSoftmax(Tensor logits, double tau = 1, bool hard = false, int dim = -1, Generator? generator = null)
    {
        if (!logits.DType.IsFloatingPoint) throw new ArgumentException($"GumbelSoftmax: logits are {logits.DType}; they must be floating point.");
        Tensor noise = -Tensor.Empty(logits.Shape, logits.DType, logits.Device).ExponentialInPlace(generator: generator).Log();
        Tensor soft = ((logits + noise) / tau).Softmax(dim);
        if (!hard) return soft;
        Tensor largest = soft.Detach().Max(dim, keepDim: true).Indices;
        Tensor picked = Tensor.ZerosLike(soft).Scatter(dim, largest, Tensor.Ones(largest.Shape, soft.DType));
        return picked - soft.Detach() + soft;
    }
}
