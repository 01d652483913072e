namespace Flambeau.Optim;

/// <summary>Bounds for gradients, in place. PyTorch's <c>torch.nn.utils.clip_grad</c>.</summary>
public static class ClipGrad
{
    /// <summary>Scales all gradients by one factor, so that their norm, taken as of one vector, is at most <paramref name="maxNorm"/>.</summary>
    /// <param name="parameters">Whose gradients to scale; those without one are passed over.</param>
    /// <param name="maxNorm">The largest norm allowed.</param>
    /// <param name="normType">The p of the norm; infinity for the largest size.</param>
    /// <param name="errorIfNonfinite">Whether a norm that is infinite or NaN is an error.</param>
    /// <returns>The norm before, a scalar.</returns>
    /// <exception cref="InvalidOperationException">The norm is not finite, and that is to be an error.</exception>
    public static Tensor NormInPlace(IEnumerable<Tensor> parameters, double maxNorm, double normType = 2, bool errorIfNonfinite = false)
    {
        Tensor[] grads = [.. parameters.Select(p => p.Grad).OfType<Tensor>()];
        if (grads.Length == 0) return Tensor.FromScalar(0.0);
        using var _ = Autograd.NoGrad();
        Tensor norm = Norm(Tensor.Stack([.. grads.Select(g => Norm(g, normType))]), normType);
        if (errorIfNonfinite && !double.IsFinite(norm.Item<double>()))
            throw new InvalidOperationException($"ClipGrad.NormInPlace: the norm of the gradients is {norm.Item<double>()}. The loss or the learning rate is too large, or a division by zero happened.");
        Tensor factor = (maxNorm / (norm + 1e-6)).Clamp(max: 1);                // stays a tensor: NaN reaches the gradients, as it should
        foreach (Tensor g in grads) g.MulInPlace(factor);
        return norm;
    }

    static Tensor Norm(Tensor x, double p)
    {
        Tensor size = x.Abs();
        if (double.IsPositiveInfinity(p)) return size.Count == 0 ? size.Sum() : size.Max();
        return p == 2 ? (size * size).Sum().Sqrt() : p == 1 ? size.Sum() : size.Pow(p).Sum().Pow(1 / p);
    }

    /// <summary>Bounds each gradient's elements to [−<paramref name="clipValue"/>, <paramref name="clipValue"/>].</summary>
    public static void ValueInPlace(IEnumerable<Tensor> parameters, double clipValue)
    {
        using var _ = Autograd.NoGrad();
        foreach (Tensor p in parameters) p.Grad?.ClampInPlace(-clipValue, clipValue);
    }
}
