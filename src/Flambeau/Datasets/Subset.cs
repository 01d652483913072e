namespace Flambeau.Datasets;

/// <summary>Some of a dataset's samples.</summary>
/// <param name="dataset">The whole.</param>
/// <param name="indices">Which of its samples, in this order.</param>
public sealed class Subset<T>(IDataset<T> dataset, IReadOnlyList<int> indices) : IBatchDataset<T>
{
    /// <inheritdoc/>
    public int Count => indices.Count;

    /// <inheritdoc/>
    public T this[int index] => dataset[indices[index]];

    /// <inheritdoc/>
    public T Batch(ReadOnlySpan<int> indexes)
    {
        var at = new int[indexes.Length];
        for (int i = 0; i < at.Length; i++) at[i] = indices[indexes[i]];
        return dataset is IBatchDataset<T> whole ? whole.Batch(at) : Collate.Default(Array.ConvertAll(at, i => dataset[i]));
    }
}

/// <summary>Datasets one after another.</summary>
public sealed class ConcatDataset<T>(params IReadOnlyList<IDataset<T>> datasets) : IDataset<T>
{
    /// <inheritdoc/>
    public int Count => datasets.Sum(d => d.Count);

    /// <inheritdoc/>
    public T this[int index]
    {
        get
        {
            foreach (IDataset<T> d in datasets)
            {
                if (index < d.Count) return d[index];
                index -= d.Count;
            }
            throw new ArgumentOutOfRangeException(nameof(index));
        }
    }
}

/// <summary>Ways to part a dataset and to look at it.</summary>
public static class DatasetExtensions
{
    extension<T>(IDataset<T> dataset)
    {
        /// <summary>Parts the samples at random. PyTorch's <c>random_split</c>.</summary>
        /// <param name="lengths">How many samples each part gets; they add up to the whole.</param>
        /// <param name="generator">Where chance comes from.</param>
        /// <exception cref="ArgumentException">They do not add up.</exception>
        public Subset<T>[] RandomSplit(ReadOnlySpan<int> lengths, Generator? generator = null)
        {
            int sum = 0;
            foreach (int n in lengths) sum += n;
            if (sum != dataset.Count) throw new ArgumentException($"RandomSplit: the lengths add up to {sum}, the dataset has {dataset.Count} samples.");
            int[] order = Tensor.RandPerm(dataset.Count, generator: generator).ToArray<int>();
            var parts = new Subset<T>[lengths.Length];
            int at = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                parts[i] = new(dataset, order[at..(at + lengths[i])]);
                at += lengths[i];
            }
            return parts;
        }

        /// <summary>The samples as <paramref name="f"/> makes them, one by one when they are asked for.</summary>
        public IDataset<TResult> Map<TResult>(Func<T, TResult> f) => new Mapped<T, TResult>(dataset, f);
    }

    sealed class Mapped<T, TResult>(IDataset<T> dataset, Func<T, TResult> f) : IDataset<TResult>
    {
        public int Count => dataset.Count;

        public TResult this[int index] => f(dataset[index]);
    }
}
