using System.Collections;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Flambeau.Datasets;

/// <summary>
/// Batches of a dataset, shuffled anew each epoch, loaded ahead by workers. The order depends on seed and epoch only: neither on the number
/// of workers nor on how far an earlier pass went. PyTorch's <c>torch.utils.data.DataLoader</c>.
/// </summary>
/// <typeparam name="TSample">One sample.</typeparam>
/// <typeparam name="TBatch">What <see cref="DataLoader{TSample, TBatch}.CollateFn"/> makes of several.</typeparam>
public class DataLoader<TSample, TBatch> : IEnumerable<TBatch>
{
    readonly IDataset<TSample> _dataset;
    readonly ISampler _sampler;

    /// <summary>Sets up the loader; nothing is loaded before it is enumerated.</summary>
    /// <param name="dataset">The samples.</param>
    /// <param name="collate">How samples become a batch.</param>
    /// <param name="batchSize">How many samples a batch has; the last may have fewer.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own.</param>
    /// <param name="sampler">The order, if it is to be another one; then <paramref name="shuffle"/> must be false.</param>
    /// <param name="dropLast">Whether a last batch with fewer samples is left out.</param>
    /// <param name="numWorkers">How many batches are loaded at once on other threads; 0 loads on the consumer's.</param>
    /// <param name="prefetchFactor">How many batches each worker is ahead.</param>
    /// <param name="seed">Where chance begins; by default drawn from <see cref="Generator.Default"/>.</param>
    /// <exception cref="ArgumentException">Both shuffle and a sampler are given, or a number is out of range.</exception>
    public DataLoader(IDataset<TSample> dataset, Func<IReadOnlyList<TSample>, TBatch> collate, int batchSize = 1, bool shuffle = false, ISampler? sampler = null,
        bool dropLast = false, int numWorkers = 0, int prefetchFactor = 2, long? seed = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(collate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegative(numWorkers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(prefetchFactor);
        if (shuffle && sampler is not null) throw new ArgumentException("DataLoader: a sampler states the order; shuffle must be false beside it.");
        (_dataset, CollateFn, BatchSize, DropLast, NumWorkers, PrefetchFactor) = (dataset, collate, batchSize, dropLast, numWorkers, prefetchFactor);
        Seed = seed ?? (shuffle ? unchecked((long)(Generator.Default.NextUInt64() >> 1)) : 0);
        _sampler = sampler ?? (shuffle ? new RandomSampler(dataset.Count, Seed) : new SequentialSampler(dataset.Count));
    }

    /// <summary>How samples become a batch.</summary>
    public Func<IReadOnlyList<TSample>, TBatch> CollateFn { get; }

    /// <summary>How many samples a batch has.</summary>
    public int BatchSize { get; }

    /// <summary>Whether a last batch with fewer samples is left out.</summary>
    public bool DropLast { get; }

    /// <summary>How many batches are loaded at once on other threads.</summary>
    public int NumWorkers { get; }

    /// <summary>How many batches each worker is ahead.</summary>
    public int PrefetchFactor { get; }

    /// <summary>Where chance begins.</summary>
    public long Seed { get; }

    /// <summary>The epoch that the next enumeration will visit; each enumeration begun moves it on.</summary>
    public int Epoch { get; set; }

    /// <summary>How many batches an epoch has.</summary>
    public int Count => DropLast ? _sampler.Count / BatchSize : (_sampler.Count + BatchSize - 1) / BatchSize;

    /// <summary>How many samples an epoch visits.</summary>
    public int SampleCount => DropLast ? Count * BatchSize : _sampler.Count;

    /// <summary>The batches of an epoch from number <paramref name="first"/> on: how an interrupted epoch goes on.</summary>
    public IEnumerable<TBatch> Batches(int epoch, int first = 0, CancellationToken cancellation = default)
    {
        int[][] plan = Plan(epoch, first);
        return NumWorkers == 0 ? Direct(plan, epoch, cancellation) : Prefetched(plan, epoch, cancellation);
    }

    /// <summary>As <see cref="Batches"/>, without blocking the consumer's thread while it waits. (The loader itself is no IAsyncEnumerable: LINQ's names would be ambiguous.)</summary>
    public async IAsyncEnumerable<TBatch> BatchesAsync(int epoch, int first = 0, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            await foreach (Task<TBatch> batch in Start(Plan(epoch, first), epoch, stop.Token).ReadAllAsync(cancellation).ConfigureAwait(false))
                yield return await batch.ConfigureAwait(false);
        }
        finally { await stop.CancelAsync().ConfigureAwait(false); }
    }

    /// <inheritdoc/>
    public IEnumerator<TBatch> GetEnumerator() => Batches(Epoch++).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    int[][] Plan(int epoch, int first)
    {
        int[] order = _sampler.Order(epoch);
        return [.. order.Chunk(BatchSize).Take(Count).Skip(first)];
    }

    IEnumerable<TBatch> Direct(int[][] plan, int epoch, CancellationToken cancellation)
    {
        foreach (int[] indices in plan) yield return Load(indices, epoch, cancellation);
    }

    IEnumerable<TBatch> Prefetched(int[][] plan, int epoch, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            ChannelReader<Task<TBatch>> batches = Start(plan, epoch, stop.Token);
            while (batches.WaitToReadAsync(cancellation).AsTask().GetAwaiter().GetResult())
                while (batches.TryRead(out Task<TBatch>? batch)) yield return batch.GetAwaiter().GetResult();
        }
        finally { stop.Cancel(); }                                             // the consumer left early: workers stop at their next sample
    }

    /// <summary>Loads ahead: the channel holds the batches in order, finished or not, as many as workers may be ahead.</summary>
    ChannelReader<Task<TBatch>> Start(int[][] plan, int epoch, CancellationToken stop)
    {
        int workers = Math.Max(1, NumWorkers);
        Channel<Task<TBatch>> channel = Channel.CreateBounded<Task<TBatch>>(workers * PrefetchFactor);
        SemaphoreSlim busy = new(workers);
        _ = Task.Run(async () =>
        {
            try
            {
                foreach (int[] indices in plan)
                {
                    await busy.WaitAsync(stop).ConfigureAwait(false);
                    Task<TBatch> batch = Task.Run(() =>
                    {
                        try { return Load(indices, epoch, stop); }
                        finally { busy.Release(); }
                    }, CancellationToken.None);
                    await channel.Writer.WriteAsync(batch, stop).ConfigureAwait(false);
                }
                channel.Writer.Complete();
            }
            catch (OperationCanceledException e) { channel.Writer.TryComplete(e); }
        }, CancellationToken.None);
        return channel.Reader;
    }

    TBatch Load(int[] indices, int epoch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_dataset is IBatchDataset<TBatch> whole && typeof(TSample) == typeof(TBatch)) return whole.Batch(indices);
        var samples = new TSample[indices.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            samples[i] = _dataset is IRandomDataset<TSample> random ? random.Get(indices[i], new Generator(Mix(Seed, epoch, indices[i]))) : _dataset[indices[i]];
        }
        return CollateFn(samples);
    }

    /// <summary>A seed for each sample of each epoch: SplitMix64 over their numbers (Steele, Lea and Flood, 2014).</summary>
    static long Mix(long seed, int epoch, int index)
    {
        unchecked
        {
            ulong z = (ulong)seed + 0x9E3779B97F4A7C15UL * (((ulong)(uint)epoch << 32 | (uint)index) + 1);
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ z >> 27) * 0x94D049BB133111EBUL;
            return (long)((z ^ z >> 31) >> 1);
        }
    }
}

/// <summary>A loader whose batches are of the samples' own type, stacked: tensors, or tuples of tensors.</summary>
/// <typeparam name="T">A tensor, an array of tensors, or a tuple of two or three tensors.</typeparam>
public sealed class DataLoader<T> : DataLoader<T, T>
{
    /// <inheritdoc cref="DataLoader{TSample, TBatch}(IDataset{TSample}, Func{IReadOnlyList{TSample}, TBatch}, int, bool, ISampler, bool, int, int, long?)"/>
    public DataLoader(IDataset<T> dataset, int batchSize = 1, bool shuffle = false, ISampler? sampler = null, bool dropLast = false, int numWorkers = 0,
        int prefetchFactor = 2, long? seed = null) : base(dataset, Collate.Default, batchSize, shuffle, sampler, dropLast, numWorkers, prefetchFactor, seed)
    {
    }
}

/// <summary>Makes loaders without naming their types.</summary>
public static class DataLoader
{
    /// <inheritdoc cref="DataLoader{TSample, TBatch}(IDataset{TSample}, Func{IReadOnlyList{TSample}, TBatch}, int, bool, ISampler, bool, int, int, long?)"/>
    public static DataLoader<T> Of<T>(IDataset<T> dataset, int batchSize = 1, bool shuffle = false, ISampler? sampler = null, bool dropLast = false, int numWorkers = 0,
        int prefetchFactor = 2, long? seed = null) => new(dataset, batchSize, shuffle, sampler, dropLast, numWorkers, prefetchFactor, seed);
}
