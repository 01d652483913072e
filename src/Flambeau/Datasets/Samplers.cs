namespace Flambeau.Datasets;

/// <summary>In which order samples are visited. The order is a function of the epoch, so that a run can be resumed in the middle of one.</summary>
public interface ISampler
{
    /// <summary>How many samples an epoch visits.</summary>
    int Count { get; }

    /// <summary>The samples of an epoch, in order.</summary>
    int[] Order(int epoch);
}

/// <summary>0, 1, 2, …</summary>
/// <param name="count">How many samples there are.</param>
public sealed class SequentialSampler(int count) : ISampler
{
    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public int[] Order(int epoch) => [.. Enumerable.Range(0, count)];
}

/// <summary>All samples in an order shuffled anew each epoch, by a generator seeded with <paramref name="seed"/> + epoch.</summary>
/// <param name="count">How many samples there are.</param>
/// <param name="seed">Where chance begins.</param>
/// <param name="replacement">Whether samples are drawn with replacement.</param>
public sealed class RandomSampler(int count, long seed, bool replacement = false) : ISampler
{
    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public int[] Order(int epoch)
    {
        Generator g = new(unchecked(seed + epoch));
        return (replacement && count > 0 ? Tensor.RandInt(count, [count], generator: g) : Tensor.RandPerm(count, generator: g)).ToArray<int>();
    }
}

/// <summary>Samples drawn by their weights, seeded with <paramref name="seed"/> + epoch.</summary>
/// <param name="weights">One weight for each sample, not negative.</param>
/// <param name="count">How many are drawn in an epoch.</param>
/// <param name="seed">Where chance begins.</param>
/// <param name="replacement">Whether a sample can be drawn twice.</param>
public sealed class WeightedRandomSampler(IReadOnlyList<double> weights, int count, long seed, bool replacement = true) : ISampler
{
    readonly Tensor _weights = Tensor.From<double>([.. weights]);

    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public int[] Order(int epoch) => _weights.Multinomial(count, replacement, new Generator(unchecked(seed + epoch))).ToArray<int>();
}

/// <summary>Some of the samples, in an order shuffled anew each epoch. PyTorch's <c>SubsetRandomSampler</c>.</summary>
/// <param name="indices">Which samples.</param>
/// <param name="seed">Where chance begins.</param>
public sealed class SubsetRandomSampler(IReadOnlyList<int> indices, long seed) : ISampler
{
    /// <inheritdoc/>
    public int Count => indices.Count;

    /// <inheritdoc/>
    public int[] Order(int epoch) => Array.ConvertAll(Tensor.RandPerm(indices.Count, generator: new Generator(unchecked(seed + epoch))).ToArray<int>(), i => indices[i]);
}
