using Flambeau.Ops;

namespace Flambeau.Nn;

// Products with weights, and rows of tables.
public static partial class F
{
    /// <summary>x · wᵀ + b. PyTorch's <c>linear</c>.</summary>
    /// <param name="input">(…, in).</param>
    /// <param name="weight">(out, in), or (in,).</param>
    /// <param name="bias">(out,), or ().</param>
    /// <returns>(…, out), or (…).</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    public static Tensor Linear(Tensor input, Tensor weight, Tensor? bias = null)
    {
        if (weight.Rank != 1) return bias is null ? Op.Apply(Ops.Linear.Instance, input, weight) : Op.Apply(Ops.Linear.Instance, input, weight, bias);
        Tensor y = input.MatMul(weight);
        return bias is null ? y : y + bias;
    }

    /// <summary>Σᵢⱼ x₁ᵢ wₒᵢⱼ x₂ⱼ + bₒ. PyTorch's <c>bilinear</c>.</summary>
    /// <param name="input1">(…, in1).</param>
    /// <param name="input2">(…, in2), with the same leading axes.</param>
    /// <param name="weight">(out, in1, in2).</param>
    /// <param name="bias">(out,).</param>
    /// <returns>(…, out).</returns>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public static Tensor Bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias = null)
    {
        using var autocast = Amp.Enter("bilinear", ref input1, ref input2, ref weight);
        if (weight.Rank != 3 || input1.Rank == 0 || input1.Rank != input2.Rank || input1.Shape[..^1] != input2.Shape[..^1]
            || input1.Shape[^1] != weight.Shape[1] || input2.Shape[^1] != weight.Shape[2])
            throw new ArgumentException($"Bilinear: inputs of shapes {input1.Shape} and {input2.Shape} do not fit a weight of shape {weight.Shape}: they are (…, in1), (…, in2) and (out, in1, in2).");
        (long o, long n, long m) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        Tensor rows = input1.Reshape(-1, n).MatMul(weight.Permute(1, 0, 2).Reshape(n, o * m)).Reshape(-1, o, m);        // (rows, out, in2)
        Tensor y = rows.MatMul(input2.Reshape(-1, m, 1)).Reshape([.. input1.Shape.Span[..^1], o]);
        return bias is null ? y : y + bias;
    }

    /// <summary>The rows of a table that indices name. PyTorch's <c>embedding</c>.</summary>
    /// <param name="input">Indices: integers of any shape (…).</param>
    /// <param name="weight">The table: (V, D).</param>
    /// <param name="paddingIdx">A row that gets no gradient; negative ones count from the end.</param>
    /// <param name="maxNorm">If given, the rows named are first scaled, in place, to at most this norm.</param>
    /// <param name="normType">The norm's exponent.</param>
    /// <param name="scaleGradByFreq">Whether a row's gradient is divided by how often it is named.</param>
    /// <returns>(…, D).</returns>
    /// <exception cref="ArgumentException">Indices are no integers or out of range, or paddingIdx is.</exception>
    public static Tensor Embedding(Tensor input, Tensor weight, long? paddingIdx = null, double? maxNorm = null, double normType = 2,
        bool scaleGradByFreq = false)
    {
        long rows = weight.Rank == 0 ? 0 : weight.Shape[0];
        if (paddingIdx is { } p && (p < -rows || p >= rows))
            throw new ArgumentOutOfRangeException(nameof(paddingIdx), $"Embedding: paddingIdx {p} is no row of a table of {rows}.");
        if (maxNorm is { } most) Renormalize(input, weight, most, normType);
        return Op.Apply(new Ops.Embedding(paddingIdx is { } i ? i < 0 ? i + rows : i : -1, scaleGradByFreq), input, weight);
    }

    static void Renormalize(Tensor input, Tensor weight, double maxNorm, double normType)
    {
        using var _ = Autograd.NoGrad();
        foreach (long i in input.ToArray<long>().Distinct())
        {
            EmbeddingBackward.CheckIndex(i, weight.Shape[0]);
            Tensor row = weight.Detach().Select(0, i);
            double norm = NormAlong(row, normType, 0, false).Item<double>();
            if (norm > maxNorm) row.MulInPlace(maxNorm / (norm + 1e-7));
        }
    }
}
