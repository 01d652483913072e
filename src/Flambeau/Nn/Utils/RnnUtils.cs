namespace Flambeau.Nn;

/// <summary>Sequences of different lengths, padded and packed. PyTorch's <c>torch.nn.utils.rnn</c>.</summary>
public static class RnnUtils
{
    /// <summary>Packs a padded batch.</summary>
    /// <inheritdoc cref="PackedSequence.Pack"/>
    public static PackedSequence PackPaddedSequence(Tensor input, ReadOnlySpan<long> lengths, bool batchFirst = false, bool enforceSorted = true) => PackedSequence.Pack(input, lengths, batchFirst, enforceSorted);

    /// <summary>Packs sequences.</summary>
    /// <param name="sequences">(length, …) each.</param>
    /// <param name="enforceSorted">Whether the longest must come first already.</param>
    /// <exception cref="ArgumentException">There are none, or they are not sorted although they should be.</exception>
    public static PackedSequence PackSequence(IReadOnlyList<Tensor> sequences, bool enforceSorted = true) =>
        PackedSequence.Pack(PadSequence(sequences), [.. sequences.Select(s => s.Size(0))], enforceSorted: enforceSorted);

    /// <summary>Pads a packed batch again.</summary>
    /// <param name="sequence">The packed batch.</param>
    /// <param name="batchFirst">Whether the batch is to be the first axis.</param>
    /// <param name="paddingValue">What stands after the ends.</param>
    /// <param name="totalLength">The length to pad to, if not that of the longest.</param>
    /// <returns>(T, N, …), or (N, T, …), and the lengths.</returns>
    /// <exception cref="ArgumentException">A sequence is longer than the total length.</exception>
    public static (Tensor Padded, long[] Lengths) PadPackedSequence(PackedSequence sequence, bool batchFirst = false, double paddingValue = 0, long? totalLength = null)
    {
        (Tensor y, long[] lengths) = sequence.Pad(batchFirst, paddingValue);
        int time = batchFirst ? 1 : 0;
        if (totalLength is not { } total || total == y.Shape[time]) return (y, lengths);
        if (total < y.Shape[time]) throw new ArgumentException($"PadPackedSequence: the longest sequence has {y.Shape[time]} elements, more than {total}.", nameof(totalLength));
        long[] more = y.Shape.ToArray();
        more[time] = total - more[time];
        return (Tensor.Cat([y, Tensor.Full(more, paddingValue, y.DType)], time), lengths);
    }

    /// <summary>Sequences side by side, the shorter ones padded.</summary>
    /// <param name="sequences">(length, …) each, alike but for the length.</param>
    /// <param name="batchFirst">Whether the batch is to be the first axis.</param>
    /// <param name="paddingValue">What stands in the place of elements that are not there.</param>
    /// <param name="paddingSide"><c>right</c> or <c>left</c>.</param>
    /// <returns>(T, N, …), or (N, T, …).</returns>
    /// <exception cref="ArgumentException">There are none, or they differ in more than the length.</exception>
    public static Tensor PadSequence(IReadOnlyList<Tensor> sequences, bool batchFirst = false, double paddingValue = 0, string paddingSide = "right")
    {
        if (sequences.Count == 0) throw new ArgumentException("PadSequence: there are no sequences.", nameof(sequences));
        if (paddingSide is not ("right" or "left")) throw new ArgumentException($"PadSequence: paddingSide is \"right\" or \"left\", not \"{paddingSide}\".", nameof(paddingSide));
        Dims rest = sequences[0].Shape[1..];
        if (sequences.FirstOrDefault(s => s.Rank == 0 || s.Shape[1..] != rest) is { } other) throw new ArgumentException($"PadSequence: {other.Shape} beside {sequences[0].Shape}: all axes but the first must be alike.", nameof(sequences));
        long longest = sequences.Max(s => s.Shape[0]);
        Tensor[] padded = new Tensor[sequences.Count];
        for (int i = 0; i < padded.Length; i++)
        {
            Tensor s = sequences[i];
            if (s.Shape[0] == longest) { padded[i] = s; continue; }
            Tensor more = Tensor.Full([longest - s.Shape[0], .. rest.Span], paddingValue, s.DType);
            padded[i] = Tensor.Cat(paddingSide == "right" ? [s, more] : [more, s]);
        }
        return Tensor.Stack(padded, batchFirst ? 0 : 1);
    }

    /// <summary>The sequences of a padded batch, each of its length.</summary>
    /// <param name="paddedSequences">(T, N, …), or (N, T, …) with batchFirst.</param>
    /// <param name="lengths">The length of each.</param>
    /// <param name="batchFirst">Whether the batch is the first axis.</param>
    /// <exception cref="ArgumentException">Lengths do not fit.</exception>
    public static Tensor[] UnpadSequence(Tensor paddedSequences, ReadOnlySpan<long> lengths, bool batchFirst = false)
    {
        if (paddedSequences.Rank < 2) throw new ArgumentException($"UnpadSequence: {paddedSequences.Shape} is no batch of sequences.", nameof(paddedSequences));
        Tensor x = batchFirst ? paddedSequences : paddedSequences.Transpose(0, 1);
        if (lengths.Length != x.Shape[0]) throw new ArgumentException($"UnpadSequence: {lengths.Length} lengths for {x.Shape[0]} sequences.", nameof(lengths));
        Tensor[] y = new Tensor[lengths.Length];
        for (int i = 0; i < y.Length; i++)
            y[i] = lengths[i] >= 0 && lengths[i] <= x.Shape[1] ? x.Select(0, i).Narrow(0, 0, lengths[i])
                : throw new ArgumentException($"UnpadSequence: a length of {lengths[i]} where there are {x.Shape[1]} elements.", nameof(lengths));
        return y;
    }

    /// <summary>The sequences of a packed batch.</summary>
    public static Tensor[] UnpackSequence(PackedSequence packedSequences)
    {
        (Tensor padded, long[] lengths) = packedSequences.Pad(batchFirst: true);
        return UnpadSequence(padded, lengths, batchFirst: true);
    }
}
