namespace Flambeau.Nn;

/// <summary>Sequences of different lengths, step by step, without padding: in each step those that are not over, the longest first. PyTorch's <c>PackedSequence</c>.</summary>
/// <param name="Data">(sum of lengths, …): all first elements, all second elements, ….</param>
/// <param name="BatchSizes">How many sequences each step has.</param>
/// <param name="SortedIndices">Which sequence of the batch stands at each place; null if they came sorted.</param>
/// <param name="UnsortedIndices">The inverse.</param>
public sealed record PackedSequence(Tensor Data, long[] BatchSizes, Tensor? SortedIndices = null, Tensor? UnsortedIndices = null)
{
    /// <summary>Packs a padded batch. PyTorch's <c>pack_padded_sequence</c>.</summary>
    /// <param name="input">(T, N, …), or (N, T, …) with batchFirst.</param>
    /// <param name="lengths">The length of each sequence, from 1 to T.</param>
    /// <param name="batchFirst">Whether the batch is the first axis.</param>
    /// <param name="enforceSorted">Whether the longest must come first already.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, or are not sorted although they should be.</exception>
    public static PackedSequence Pack(Tensor input, ReadOnlySpan<long> lengths, bool batchFirst = false, bool enforceSorted = true)
    {
        if (input.Rank < 2) throw new ArgumentException($"Pack: {input.Shape} is no batch of sequences.", nameof(input));
        if (batchFirst) input = input.Transpose(0, 1);
        long[] n = lengths.ToArray();
        if (n.Length != input.Shape[1] || n.Length == 0 || n.Any(l => l < 1 || l > input.Shape[0]))
            throw new ArgumentException($"Pack: lengths {new Dims(n)} do not fit {input.Shape[1]} sequences of at most {input.Shape[0]} elements; each must be at least 1.", nameof(lengths));
        int[] order = [.. Enumerable.Range(0, n.Length).OrderByDescending(i => n[i])];
        bool sorted = n.Zip(n.Skip(1)).All(p => p.First >= p.Second);
        if (!sorted && enforceSorted) throw new ArgumentException("Pack: the longest sequence must come first. Pass enforceSorted: false to have them sorted.", nameof(lengths));
        Tensor? indices = null, inverse = null;
        if (!enforceSorted)
        {
            long[] back = new long[n.Length];
            for (int i = 0; i < order.Length; i++) back[order[i]] = i;
            (indices, inverse) = (Tensor.From([.. order.Select(i => (long)i)]), Tensor.From(back));
            input = input.IndexSelect(1, indices);
            n = [.. order.Select(i => n[i])];
        }
        long[] sizes = [.. Enumerable.Range(0, (int)n[0]).Select(t => (long)n.Count(l => l > t))];
        return new(Tensor.Cat([.. sizes.Select((s, t) => input.Select(0, t).Narrow(0, 0, s))]), sizes, indices, inverse);
    }

    /// <summary>Pads again. PyTorch's <c>pad_packed_sequence</c>.</summary>
    /// <param name="batchFirst">Whether the batch is to be the first axis.</param>
    /// <param name="paddingValue">What stands after the ends.</param>
    /// <returns>(T, N, …), or (N, T, …), and the lengths, in the order they were packed in.</returns>
    public (Tensor Padded, long[] Lengths) Pad(bool batchFirst = false, double paddingValue = 0)
    {
        long batch = BatchSizes[0];
        Tensor[] steps = [.. Data.Split(BatchSizes).Select(x => F.Pad(x, [.. new long[2 * (x.Rank - 1)], 0, batch - x.Shape[0]], value: paddingValue))];
        Tensor y = Tensor.Stack(steps);
        long[] lengths = [.. Enumerable.Range(0, (int)batch).Select(i => (long)BatchSizes.Count(s => s > i))];
        if (UnsortedIndices is not null)
        {
            y = y.IndexSelect(1, UnsortedIndices);
            lengths = [.. UnsortedIndices.ToArray<long>().Select(i => lengths[i])];
        }
        return (batchFirst ? y.Transpose(0, 1) : y, lengths);
    }
}
