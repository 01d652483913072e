namespace Flambeau.Vision.Datasets;

/// <summary>Where all 70,000 images of Fashion-MNIST come from: a folder of the system, else a download that is kept.</summary>
public sealed record FashionMnistSource
{
    private const int TrainCount = 60_000, TestCount = 10_000;
    private const long LargestFile = 64 << 20;

    // MD5 sums as Zalando publishes them.
    private static readonly (string Name, string Md5)[] Files =
    [
        ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
        ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ];

    /// <summary>
    /// Folders that may hold the four files already; the first that does is used. By default that of Debian's package
    /// dataset-fashion-mnist.
    /// </summary>
    public IReadOnlyList<string> Folders { get; init; } = ["/usr/share/datasets/fashion-mnist"];

    /// <summary>Where downloads are kept; by default in the user's cache folder, or below <c>FLAMBEAU_DATA</c> if that is set.</summary>
    public string CacheFolder { get; init; } = Path.Combine(DatasetCache.Folder, "fashion-mnist");

    /// <summary>Addresses that the files' names are appended to, tried in turn.</summary>
    public IReadOnlyList<Uri> Mirrors { get; init; } =
    [
        new("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
        new("https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"),
    ];

    /// <summary>Finds or downloads the files and reads them. A download that broke off goes on where it stopped.</summary>
    /// <param name="progress">Is told of bytes as they come.</param>
    /// <param name="cancellation">Stops the download; what has come is kept.</param>
    /// <exception cref="IOException">The files are nowhere and no mirror gave them; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<FashionMnist> GetAsync(IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        List<string> problems = [];
        foreach (string folder in Folders.Where(Directory.Exists))
        {
            if (TryRead(folder, problems) is { } found) return found;
        }
        try
        {
            foreach ((string name, string md5) in Files)
            {
                Uri[] addresses = [.. Mirrors.Select(mirror => new Uri(mirror, name))];
                FileDownload download = new(addresses, Path.Combine(CacheFolder, name), md5) { MostBytes = LargestFile };
                await download.FetchAsync(progress, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                "Fashion-MNIST's 70,000 images could not be found or downloaded. "
                + "Install Debian's package with 'apt-get install dataset-fashion-mnist', "
                + $"or put {string.Join(", ", Files.Select(file => file.Name))} into '{CacheFolder}'. "
                + string.Join(' ', [.. problems, e.Message]), e);
        }
        return TryRead(CacheFolder, problems) ?? throw new InvalidDataException(problems[^1]);
    }

    private static FashionMnist? TryRead(string folder, List<string> problems)
    {
        try
        {
            FashionMnist set = FashionMnist.Read(folder);
            if ((set.Train.Count, set.Test.Count) == (TrainCount, TestCount)) return set;
            problems.Add($"'{folder}' holds {set.Train.Count:N0} training and {set.Test.Count:N0} test images, not all of them.");
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            problems.Add(e.Message);
        }
        return null;
    }
}
