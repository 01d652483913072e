using System.Security.Cryptography;
using Flambeau.Vision.Datasets;
using Xunit;

namespace Flambeau.Training.Tests;

public sealed class FileDownloadTests : IDisposable
{
    private static readonly byte[] Content = MakeContent();
    private static readonly string Md5 = Convert.ToHexString(MD5.HashData(Content)).ToLowerInvariant();

    private readonly TemporaryFolder _folder = new();

    private string Target => _folder["cache/file.gz"];

    public void Dispose() => _folder.Dispose();

    private static byte[] MakeContent()
    {
        byte[] content = new byte[300_000];
        new Random(1).NextBytes(content);
        return content;
    }

    private FileDownload Make(params Uri[] addresses) =>
        new(addresses, Target, Md5) { Pause = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromSeconds(5) };

    private static Task Fetch(FileDownload download, IProgress<DownloadProgress>? progress = null) =>
        download.FetchAsync(progress, TestContext.Current.CancellationToken);

    private void CheckArrived()
    {
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Target + ".part"));
    }

    [Fact]
    public async Task Downloads_reports_and_does_not_download_again()
    {
        using FileServer server = new(Content);
        Reports reports = new();
        await Fetch(Make(server.Address), reports);
        CheckArrived();
        Assert.Equal(new DownloadProgress("file.gz", Content.Length, Content.Length), reports.Last);
        await Fetch(Make(server.Address));
        Assert.Single(server.Starts);
    }

    [Fact]
    public async Task Goes_on_where_the_connection_broke_off()
    {
        using FileServer server = new(Content) { Breaks = 2, BreakAfter = 50_000 };
        await Fetch(Make(server.Address));
        CheckArrived();
        Assert.Equal(3, server.Starts.Count);
        Assert.True(server.Starts[0] == 0 && server.Starts[1] > 0 && server.Starts[2] > server.Starts[1]);
    }

    [Fact]
    public async Task Goes_on_with_the_part_that_a_killed_run_left()
    {
        using FileServer server = new(Content);
        Reports reports = new();
        Leave(Content[..123_456]);
        await Fetch(Make(server.Address), reports);
        CheckArrived();
        Assert.Equal([123_456L], server.Starts);
        Assert.Equal(Content.Length, reports.Last.Received);
    }

    [Fact]
    public async Task Takes_a_part_that_is_whole_already()
    {
        using FileServer server = new(Content);
        Leave(Content);
        await Fetch(Make(server.Address));
        CheckArrived();
        Assert.Empty(server.Starts);
    }

    [Fact]
    public async Task Starts_anew_if_the_server_ignores_ranges()
    {
        using FileServer server = new(Content) { KnowsRanges = false, Breaks = 1, BreakAfter = 50_000 };
        await Fetch(Make(server.Address));
        CheckArrived();
        Assert.Equal([0L, 0L], server.Starts);
    }

    [Fact]
    public async Task Starts_anew_if_the_part_belongs_to_another_file()
    {
        using FileServer server = new(Content);
        Leave(new byte[1000]);
        await Fetch(Make(server.Address));
        CheckArrived();
        Assert.Equal([1000L, 0L], server.Starts);
        Leave(new byte[400_000]);
        File.Delete(Target);
        await Fetch(Make(server.Address));
        CheckArrived();
    }

    [Fact]
    public async Task Tries_the_next_address_and_replaces_a_damaged_file()
    {
        using FileServer gone = new(Content) { Status = 404 }, altered = new([.. Content[..^1], 0x55]), good = new(Content);
        Directory.CreateDirectory(_folder["cache"]);
        File.WriteAllBytes(Target, [1, 2, 3]);
        await Fetch(Make(gone.Address, altered.Address, good.Address));
        CheckArrived();
    }

    [Fact]
    public async Task Says_why_every_address_failed_and_leaves_no_wrong_file()
    {
        using FileServer gone = new(Content) { Status = 404 }, broken = new(Content) { Status = 503 };
        using FileServer altered = new(new byte[5]), silent = new(Content) { Silent = true };
        FileServer off = new(Content);
        off.Dispose();
        FileDownload download = new([gone.Address, broken.Address, altered.Address, silent.Address, off.Address], Target, Md5)
        {
            Pause = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromMilliseconds(100),
        };
        string message = (await Assert.ThrowsAsync<IOException>(() => Fetch(download))).Message;
        Assert.Contains("'file.gz'", message);
        Assert.Contains($"{gone.Address}: the server answered 404 NotFound", message);
        Assert.Contains("503", message);
        Assert.Contains($"{altered.Address}: its checksum is wrong", message);
        Assert.Contains($"{silent.Address}: the server was silent", message);
        Assert.Contains($"{off.Address}: Connection refused", message);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task Gives_up_a_server_that_sends_too_much()
    {
        using FileServer server = new(Content);
        FileDownload download = new([server.Address], Target, Md5) { MostBytes = 1000 };
        Assert.Contains("more than 1,000 bytes", (await Assert.ThrowsAsync<IOException>(() => Fetch(download))).Message);
    }

    [Fact]
    public async Task Cancelling_keeps_what_has_come()
    {
        using FileServer server = new(Content) { Breaks = 99, BreakAfter = 50_000 };
        using CancellationTokenSource cancellation = new();
        FileDownload download = new([server.Address], Target, Md5) { Pause = TimeSpan.FromMinutes(1) };
        Task task = download.FetchAsync(new Reports(_ => cancellation.Cancel()), cancellation.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        Assert.InRange(new FileInfo(Target + ".part").Length, 1, 50_000);
    }

    private void Leave(byte[] part)
    {
        Directory.CreateDirectory(_folder["cache"]);
        File.WriteAllBytes(Target + ".part", part);
    }

    private sealed class Reports(Action<DownloadProgress>? then = null) : IProgress<DownloadProgress>
    {
        public DownloadProgress Last { get; private set; }

        public void Report(DownloadProgress value)
        {
            Last = value;
            then?.Invoke(value);
        }
    }
}
