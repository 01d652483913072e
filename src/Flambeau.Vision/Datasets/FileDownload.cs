using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Flambeau.Vision.Datasets;

/// <summary>How far a download has come.</summary>
/// <param name="FileName">The file's name.</param>
/// <param name="Received">Bytes that are there, those of an earlier attempt included.</param>
/// <param name="Total">Bytes of the whole file; null if the server does not say.</param>
public readonly record struct DownloadProgress(string FileName, long Received, long? Total);

/// <summary>
/// Downloads one file of known checksum. Data go to <c>PATH.part</c>, from where a later attempt goes on; only when the checksum is right
/// does the file get its name.
/// </summary>
/// <param name="addresses">Where the file may be had, tried in turn.</param>
/// <param name="path">Where it goes; folders are made as needed.</param>
/// <param name="md5">Its MD5 sum in hexadecimal.</param>
public sealed class FileDownload(IReadOnlyList<Uri> addresses, string path, string md5)
{
    private const int AttemptsPerAddress = 4;

    private static readonly HttpClient Client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15) });

    private readonly string _part = path + ".part";

    /// <summary>A server that sends more than this is given up.</summary>
    public long MostBytes { get; init; } = 16L << 30;

    /// <summary>How long a server may send nothing before the attempt is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait before the second attempt at an address; longer before later ones.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Downloads the file unless it is there already with the right checksum.</summary>
    /// <param name="progress">Is told of bytes as they come.</param>
    /// <param name="cancellation">Stops the download; what has come is kept.</param>
    /// <exception cref="IOException">No address gave the file; the message says why for each.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task FetchAsync(IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (File.Exists(path) && await HasRightSumAsync(path, cancellation).ConfigureAwait(false)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        List<string> failures = [];
        foreach (Uri address in addresses)
        {
            if (await TryAddressAsync(address, failures, progress, cancellation).ConfigureAwait(false)) return;
        }
        throw new IOException($"'{Path.GetFileName(path)}' could not be downloaded: {string.Join("; ", failures)}.");
    }

    private async Task<bool> TryAddressAsync(Uri address, List<string> failures, IProgress<DownloadProgress>? progress,
        CancellationToken cancellation)
    {
        string reason = "";
        for (int attempt = 0; attempt < AttemptsPerAddress; attempt++)
        {
            if (attempt > 0) await Task.Delay(attempt * Pause, cancellation).ConfigureAwait(false);
            bool resumed = File.Exists(_part) && new FileInfo(_part).Length > 0;
            try
            {
                await ReceiveAsync(address, progress, cancellation).ConfigureAwait(false);
                if (await HasRightSumAsync(_part, cancellation).ConfigureAwait(false))
                {
                    File.Move(_part, path, overwrite: true);
                    return true;
                }
                File.Delete(_part);
                reason = "its checksum is wrong";
                if (!resumed) break;
            }
            catch (HttpRequestException e) when (e.StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError)
            {
                reason = $"the server answered {(int)e.StatusCode} {e.StatusCode}";
                break;
            }
            catch (TooLongException)
            {
                File.Delete(_part);
                reason = $"the server sent more than {MostBytes:N0} bytes";
                break;
            }
            catch (HttpRequestException e)
            {
                reason = e.Message.TrimEnd('.');
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                reason = $"the server was silent for {Patience.TotalSeconds:0.#} s";
            }
        }
        failures.Add($"{address}: {reason}");
        return false;
    }

    private async Task ReceiveAsync(Uri address, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using FileStream part = new(_part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        if (part.Length > 0) request.Headers.Range = new RangeHeaderValue(part.Length, null);

        patience.CancelAfter(Patience);
        using HttpResponseMessage response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token)
            .ConfigureAwait(false);
        // What is there is already the whole file, or no part of it: the checksum will tell.
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && part.Length > 0) return;
        response.EnsureSuccessStatusCode();

        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        bool continues = response.StatusCode == HttpStatusCode.PartialContent && range?.From == part.Length;
        if (!continues)
        {
            part.SetLength(0);
            if (response.StatusCode == HttpStatusCode.PartialContent)
            {
                throw new HttpRequestException("the server sent another part than was asked for");
            }
        }
        part.Position = part.Length;
        long? total = continues ? range?.Length : response.Content.Headers.ContentLength;

        using Stream body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        byte[] buffer = new byte[1 << 16];
        while (true)
        {
            patience.CancelAfter(Patience);
            int count = await ReadAsync(body, buffer, patience.Token).ConfigureAwait(false);
            if (count == 0) return;
            if (part.Length + count > MostBytes) throw new TooLongException();
            await part.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            progress?.Report(new(Path.GetFileName(path), part.Position, total));
        }
    }

    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new HttpRequestException("the connection broke off", e);
        }
    }

    // The sum guards against damage, not against forgery; it is the one that the data sets' authors publish.
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5351", Justification = "MD5 is what the data sets' authors publish.")]
    private async Task<bool> HasRightSumAsync(string file, CancellationToken cancellation)
    {
        using FileStream stream = File.OpenRead(file);
        byte[] sum = await MD5.HashDataAsync(stream, cancellation).ConfigureAwait(false);
        return string.Equals(Convert.ToHexString(sum), md5, StringComparison.OrdinalIgnoreCase);
    }

    private sealed class TooLongException : Exception;
}
