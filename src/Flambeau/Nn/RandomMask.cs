namespace Flambeau.Nn;

/// <summary>What dropout draws: the seam to the generator of random numbers.</summary>
internal static class RandomMask
{
    static readonly Random s_random = new();

    /// <summary>1 with a probability, else 0.</summary>
    public static Tensor Bernoulli(double probability, Dims shape, DType dtype)
    {
        var y = new float[shape.Count];
        lock (s_random)
            for (int i = 0; i < y.Length; i++) y[i] = s_random.NextDouble() < probability ? 1 : 0;
        return Tensor.From<float>(y).To(dtype).Reshape(shape);
    }

    /// <summary>Numbers evenly spread over [low, high).</summary>
    public static double[] Uniform(int count, double low, double high)
    {
        var y = new double[count];
        lock (s_random)
            for (int i = 0; i < y.Length; i++) y[i] = low + (high - low) * s_random.NextDouble();
        return y;
    }
}
