namespace Flambeau.Datasets;

/// <summary>How samples become a batch.</summary>
public static class Collate
{
    /// <summary>Stacks tensors, and tuples of tensors part by part.</summary>
    /// <exception cref="ArgumentException">There is no sample, shapes differ, or <typeparamref name="T"/> is no tensor, array or tuple of tensors.</exception>
    public static T Default<T>(IReadOnlyList<T> samples)
    {
        if (samples.Count == 0) throw new ArgumentException("Collate: there is no sample.", nameof(samples));
        object? batch = samples switch
        {
            IReadOnlyList<Tensor> s => Tensor.Stack(s),
            IReadOnlyList<(Tensor, Tensor)> s => (Stack(s, x => x.Item1), Stack(s, x => x.Item2)),
            IReadOnlyList<(Tensor, Tensor, Tensor)> s => (Stack(s, x => x.Item1), Stack(s, x => x.Item2), Stack(s, x => x.Item3)),
            IReadOnlyList<Tensor[]> s => s[0].Select((_, i) => Stack(s, x => x[i])).ToArray(),
            _ => null,
        };
        return batch is null ? throw new ArgumentException($"Collate: there is no rule to make a batch of {typeof(T).Name}. Pass a collate function to the DataLoader.") : (T)batch;
    }

    static Tensor Stack<T>(IReadOnlyList<T> samples, Func<T, Tensor> part) => Tensor.Stack([.. samples.Select(part)]);
}
