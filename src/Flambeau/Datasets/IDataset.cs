namespace Flambeau.Datasets;

/// <summary>Samples by number. PyTorch's map-style <c>torch.utils.data.Dataset</c>. Read from several threads at once.</summary>
/// <typeparam name="T">One sample: a tensor, a tuple of tensors, or any other type with a collate function of its own.</typeparam>
public interface IDataset<out T>
{
    /// <summary>How many samples there are.</summary>
    int Count { get; }

    /// <summary>Sample <paramref name="index"/>.</summary>
    T this[int index] { get; }
}

/// <summary>A dataset whose samples depend on chance, as augmented images do. The generator is seeded by epoch and index, so that a sample is the same whoever loads it.</summary>
public interface IRandomDataset<out T> : IDataset<T>
{
    /// <summary>Sample <paramref name="index"/>, varied by numbers drawn from <paramref name="generator"/>.</summary>
    T Get(int index, Generator generator);
}

/// <summary>A dataset that can bring a whole batch at once, faster than sample by sample.</summary>
public interface IBatchDataset<out T> : IDataset<T>
{
    /// <summary>What collating the samples of these indices gives.</summary>
    T Batch(ReadOnlySpan<int> indices);
}
