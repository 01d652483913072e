using Flambeau.Datasets;
using Xunit;

namespace Flambeau.Tests.Datasets;

public class DataLoaderTests
{
    sealed class Numbers(int count, Action<int>? onLoad = null) : IDataset<Tensor>
    {
        public int Count => count;

        public Tensor this[int index]
        {
            get
            {
                onLoad?.Invoke(index);
                return Tensor.FromScalar(index);
            }
        }
    }

    sealed class Noisy(int count) : IRandomDataset<Tensor>
    {
        public int Count => count;

        public Tensor this[int index] => throw new InvalidOperationException();

        public Tensor Get(int index, Generator generator) => Tensor.FromScalar(index + generator.NextDouble());
    }

    static List<long[]> All(DataLoader<Tensor> loader, int epoch = 0, int first = 0) => [.. loader.Batches(epoch, first).Select(b => b.ToArray<long>())];

    [Fact]
    public void Batches_come_in_order_and_the_last_may_be_small()
    {
        Assert.Equal([[0, 1, 2], [3, 4, 5], [6]], All(DataLoader.Of(new Numbers(7), 3)));
        Assert.Equal([[0, 1, 2], [3, 4, 5]], All(DataLoader.Of(new Numbers(7), 3, dropLast: true)));
        Assert.Empty(All(DataLoader.Of(new Numbers(0), 3, shuffle: true, seed: 1)));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public void The_order_does_not_depend_on_the_number_of_workers(int workers)
    {
        var direct = All(DataLoader.Of(new Numbers(101), 7, shuffle: true, seed: 5));
        var random = new Random(1);
        var ahead = All(DataLoader.Of(new Numbers(101, _ => Thread.SpinWait(random.Next(2000))), 7, shuffle: true, numWorkers: workers, seed: 5));
        Assert.Equal(direct, ahead);
        Assert.Equal(Enumerable.Range(0, 101).Select(i => (long)i), direct.SelectMany(b => b).Order());
    }

    [Fact]
    public void Chance_in_samples_does_not_depend_on_the_number_of_workers()
    {
        double[] Draw(int workers) => [.. DataLoader.Of<Tensor>(new Noisy(20), 3, shuffle: true, numWorkers: workers, seed: 5).SelectMany(b => b.ToArray<double>())];
        Assert.Equal(Draw(0), Draw(3));
    }

    [Fact]
    public void Epochs_differ_and_can_be_visited_again_from_the_middle()
    {
        var loader = DataLoader.Of(new Numbers(50), 8, shuffle: true, numWorkers: 2, seed: 3);
        var first = loader.Select(b => b.ToArray<long>()).ToList();
        var second = loader.Select(b => b.ToArray<long>()).ToList();
        Assert.NotEqual(first, second);
        Assert.Equal(second[2..], All(loader, epoch: 1, first: 2));
    }

    [Fact]
    public void Leaving_early_stops_the_workers()
    {
        int loaded = 0;
        foreach (Tensor _ in DataLoader.Of(new Numbers(100_000, _ => Interlocked.Increment(ref loaded)), 10, numWorkers: 2)) break;
        Thread.Sleep(50);
        int then = loaded;
        Thread.Sleep(50);
        Assert.Equal(then, loaded);
        Assert.True(loaded < 1000);
    }

    [Fact]
    public void A_sample_that_fails_reaches_the_consumer_after_those_before_it()
    {
        var loader = DataLoader.Of(new Numbers(20, i => { if (i == 9) throw new FormatException("sample 9"); }), 4, numWorkers: 3);
        List<long> seen = [];
        var e = Assert.Throws<FormatException>(() => { foreach (Tensor b in loader) seen.AddRange(b.ToArray<long>()); });
        Assert.Equal("sample 9", e.Message);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], seen);
    }

    [Fact]
    public async Task Loaders_can_be_awaited_and_cancelled()
    {
        List<long> seen = [];
        await foreach (Tensor b in DataLoader.Of(new Numbers(7), 3, numWorkers: 2).BatchesAsync(0, cancellation: TestContext.Current.CancellationToken)) seen.AddRange(b.ToArray<long>());
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], seen);
        using CancellationTokenSource stop = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (Tensor _ in DataLoader.Of(new Numbers(7000), 3, numWorkers: 2).BatchesAsync(0, 0, stop.Token)) stop.Cancel();
        });
    }

    [Fact]
    public void Tensor_datasets_bring_pairs()
    {
        Tensor x = Tensor.Arange(12.0).Reshape(6, 2), y = Tensor.Arange(6);
        foreach ((Tensor input, Tensor target) in DataLoader.Of(new TensorDataset(x, y), 4, shuffle: true, seed: 1))
            Assert.Equal(target.ToArray<double>().Select(t => 2 * t), input.Select(1, 0).ToArray<double>());
        var parts = new TensorDataset(x, y).RandomSplit([4, 2], new Generator(1));
        Assert.Equal(6, parts.Sum(p => p.Count));
        Assert.Equal([2, 2], parts[1].Batch([0, 1]).Input.Shape);
        Assert.Throws<ArgumentException>(() => new TensorDataset(x, y.Narrow(0, 0, 3)));
    }
}
