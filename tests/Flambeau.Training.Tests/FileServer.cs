using System.Net;
using System.Net.Sockets;

namespace Flambeau.Training.Tests;

/// <summary>A web server on this machine that sends one content, in the ways servers do.</summary>
internal sealed class FileServer : IDisposable
{
    private readonly HttpListener _listener = new();

    public FileServer(byte[] content)
    {
        Content = content;
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        Address = new($"http://127.0.0.1:{port}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Address { get; }

    public byte[] Content { get; set; }

    public bool KnowsRanges { get; init; } = true;

    public int? Status { get; init; }

    /// <summary>How many answers break off after how many bytes.</summary>
    public int Breaks { get; set; }

    public int BreakAfter { get; init; }

    public bool Silent { get; init; }

    /// <summary>Where each answer started.</summary>
    public List<long> Starts { get; } = [];

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            if (!Silent) await AnswerAsync(context.Request, context.Response);
        }
    }

    private async Task AnswerAsync(HttpListenerRequest request, HttpListenerResponse response)
    {
        if (Status is { } status)
        {
            response.StatusCode = status;
            response.Close();
            return;
        }
        int start = 0;
        if (KnowsRanges && request.Headers["Range"] is { } range)
        {
            start = int.Parse(range["bytes=".Length..^1]);
            if (start >= Content.Length)
            {
                response.StatusCode = 416;
                response.Close();
                return;
            }
            response.StatusCode = 206;
            response.Headers["Content-Range"] = $"bytes {start}-{Content.Length - 1}/{Content.Length}";
        }
        Starts.Add(start);
        response.ContentLength64 = Content.Length - start;
        if (Breaks-- > 0)
        {
            await response.OutputStream.WriteAsync(Content.AsMemory(start, BreakAfter));
            await response.OutputStream.FlushAsync();
            response.Abort();
            return;
        }
        await response.OutputStream.WriteAsync(Content.AsMemory(start));
        response.Close();
    }
}
