using Flambeau.Vision.Datasets;
using Xunit;

namespace Flambeau.Training.Tests;

public sealed class FashionMnistTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Sample
    {
        get
        {
            string? folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder!, "Flambeau.slnx"))) folder = Path.GetDirectoryName(folder);
            return Path.Combine(folder!, "samples", "FashionMnist", "data");
        }
    }

    [Fact]
    public void The_samples_files_hold_1200_and_200_images_of_each_class()
    {
        FashionMnist set = FashionMnist.Read(Sample);
        Assert.Equal((12_000, 2_000), (set.Train.Count, set.Test.Count));
        Assert.All(set.Train.Labels.GroupBy(l => l), g => Assert.Equal(1200, g.Count()));
        Assert.All(set.Test.Labels.GroupBy(l => l), g => Assert.Equal(200, g.Count()));
        Assert.Equal(10, FashionMnist.ClassNames.Count);
        Assert.Equal("Ankle boot", FashionMnist.ClassNames[set.Test.Labels[0]]);
        Assert.Equal(784, set.Test[1999].Length);
    }

    [Fact]
    public void Missing_and_mixed_up_files_are_named()
    {
        Assert.Contains("train-images-idx3-ubyte", Assert.Throws<FileNotFoundException>(() => FashionMnist.Read(_folder["."])).Message);
        foreach (string file in Directory.GetFiles(Sample, "*.gz")) File.Copy(file, _folder[Path.GetFileName(file)]);
        File.Copy(_folder["t10k-labels-idx1-ubyte.gz"], _folder["train-labels-idx1-ubyte.gz"], overwrite: true);
        Assert.Contains("12,000 images", Assert.Throws<InvalidDataException>(() => FashionMnist.Read(_folder["."])).Message);
        _folder.Write("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 1, 10]);
        _folder.Write("train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9]);
        Assert.Contains("label 0 is 10", Assert.Throws<InvalidDataException>(() => FashionMnist.Read(_folder["."])).Message);
        _folder.Write("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 1, 9]);
        Assert.Contains("1 × 1 pixels", Assert.Throws<InvalidDataException>(() => FashionMnist.Read(_folder["."])).Message);
    }

    [Fact]
    public async Task Without_files_and_network_the_error_says_what_to_do()
    {
        using FileServer gone = new([]) { Status = 404 };
        FashionMnistSource source = new() { Folders = [Sample, _folder["none"]], CacheFolder = _folder["cache"], Mirrors = [gone.Address] };
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string message = (await Assert.ThrowsAsync<IOException>(() => source.GetAsync(cancellation: cancellation))).Message;
        Assert.Contains("apt-get install dataset-fashion-mnist", message);
        Assert.Contains(_folder["cache"], message);
        Assert.Contains("12,000 training and 2,000 test images", message);
        Assert.Contains("404", message);
    }

    [Fact]
    public async Task Debians_copy_is_used_where_it_is_installed()
    {
        Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "dataset-fashion-mnist is not installed");
        FashionMnistSource source = new() { CacheFolder = _folder["cache"], Mirrors = [] };
        FashionMnist set = await source.GetAsync(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((60_000, 10_000), (set.Train.Count, set.Test.Count));
    }
}
