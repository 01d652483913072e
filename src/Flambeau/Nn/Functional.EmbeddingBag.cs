using Flambeau.Ops;

namespace Flambeau.Nn;

public static partial class F
{
    /// <summary>Sums, means or maxima over bags of a table's rows. PyTorch's <c>embedding_bag</c>.</summary>
    /// <param name="input">(bags, n): a row of indices for each bag; or (indices,), parted by <paramref name="offsets"/>.</param>
    /// <param name="weight">The table, (rows, D).</param>
    /// <param name="offsets">Where each bag begins among the indices; the first at 0.</param>
    /// <param name="maxNorm">Rows looked up are scaled down to this norm, in place.</param>
    /// <param name="normType">The p of that norm.</param>
    /// <param name="scaleGradByFreq">Whether a row's gradient is divided by how often it is named.</param>
    /// <param name="mode"><c>sum</c>, <c>mean</c> or <c>max</c>. An empty bag answers 0.</param>
    /// <param name="perSampleWeights">A factor for each index; for sums only.</param>
    /// <param name="includeLastOffset">Whether the offsets end with the number of indices.</param>
    /// <param name="paddingIdx">The row that does not count and is not learned; negative ones count from the end.</param>
    /// <returns>(bags, D).</returns>
    /// <exception cref="ArgumentException">Shapes do not fit, offsets are missing, wrong or too many, or the mode is none.</exception>
    public static Tensor EmbeddingBag(Tensor input, Tensor weight, Tensor? offsets = null, double? maxNorm = null, double normType = 2, bool scaleGradByFreq = false,
        string mode = "mean", Tensor? perSampleWeights = null, bool includeLastOffset = false, long? paddingIdx = null)
    {
        if (mode is not ("sum" or "mean" or "max")) throw new ArgumentException($"EmbeddingBag: mode is \"sum\", \"mean\" or \"max\", not \"{mode}\".", nameof(mode));
        if (input.Rank is not (1 or 2)) throw new ArgumentException($"EmbeddingBag: indices of shape {input.Shape}; (bags, n) or (indices,) are wanted.", nameof(input));
        if (input.Rank == 2 == offsets is not null) throw new ArgumentException("EmbeddingBag: offsets belong to indices of one axis, and only to them.", nameof(offsets));
        if (perSampleWeights is not null && (mode != "sum" || perSampleWeights.Shape != input.Shape))
            throw new ArgumentException($"EmbeddingBag: weights of shape {perSampleWeights.Shape} need indices of that shape (these have {input.Shape}) and the mode \"sum\".", nameof(perSampleWeights));

        if (input.Rank == 2 && input.Shape[1] > 0 && paddingIdx is null)           // bags of one size lie along an axis
        {
            if (mode != "max" && perSampleWeights is null && maxNorm is null && weight.Rank == 2 && input.DType.IsInteger) return Op.Apply(new Ops.EmbeddingBag(mode == "mean", scaleGradByFreq), input, weight);
            Tensor bags = Embedding(input, weight, null, maxNorm, normType, scaleGradByFreq);
            if (perSampleWeights is not null) bags = bags * perSampleWeights.Unsqueeze(-1);
            return mode switch { "sum" => bags.Sum(1), "mean" => bags.Mean(1), _ => bags.Amax([1]) };
        }

        long[] begins = offsets is null ? [.. Enumerable.Range(0, (int)input.Shape[0]).Select(i => i * input.Shape[1])] : offsets.ToArray<long>();
        if (includeLastOffset && offsets is not null) begins = begins[..^1];
        Tensor indices = input.Reshape(-1);
        if (begins is [not 0, ..] || begins.Any(b => b < 0 || b > indices.Count) || begins.Zip(begins.Skip(1)).Any(b => b.First > b.Second))
            throw new ArgumentException("EmbeddingBag: offsets must begin with 0, rise, and stay within the indices.", nameof(offsets));

        if (paddingIdx < 0 && weight.Rank > 0) paddingIdx += weight.Shape[0];
        long[] bag = new long[indices.Count], named = indices.ToArray<long>();
        for (long i = 0, b = -1; i < bag.Length; i++)
        {
            while (b + 1 < begins.Length && begins[b + 1] <= i) b++;
            bag[i] = b;
        }
        Tensor rows = Embedding(indices, weight, paddingIdx, maxNorm, normType, scaleGradByFreq), factors = Tensor.Ones([bag.Length], weight.DType);
        if (perSampleWeights is not null) rows = rows * perSampleWeights.Reshape(-1, 1);
        if (paddingIdx is { } skip)
        {
            Tensor counts = Tensor.From([.. Enumerable.Range(0, bag.Length).Where(i => named[i] != skip).Select(i => (long)i)]);
            (rows, factors) = (rows.IndexSelect(0, counts), factors.IndexSelect(0, counts));
            bag = [.. bag.Where((_, i) => named[i] != skip)];
        }
        Tensor to = Tensor.From(bag), zero = Tensor.Zeros([begins.Length, weight.Shape[1]], weight.DType);
        if (mode == "max") return zero.IndexReduce(0, to, rows, "amax", includeSelf: false);
        Tensor sum = zero.IndexAdd(0, to, rows);
        return mode == "sum" ? sum : sum / Tensor.Zeros([begins.Length], weight.DType).IndexAdd(0, to, factors).Clamp(min: 1).Unsqueeze(1);
    }
}
