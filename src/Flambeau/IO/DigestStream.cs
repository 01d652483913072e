using System.Security.Cryptography;

namespace Flambeau.IO;

/// <summary>Passes bytes through, one way, and takes the SHA-256 of all but a gap, where the digest itself stands.</summary>
internal sealed class DigestStream(Stream inner, int gapStart, int gapLength) : Stream
{
    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    long _position;

    /// <summary>The digest of what has passed, in lower-case hexadecimal.</summary>
    public string Digest => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public override int Read(Span<byte> buffer)
    {
        int n = inner.Read(buffer);
        Append(buffer[..n]);
        return n;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Append(buffer);
        inner.Write(buffer);
    }

    void Append(ReadOnlySpan<byte> bytes)
    {
        int before = (int)Math.Clamp(gapStart - _position, 0, bytes.Length), after = (int)Math.Clamp(gapStart + gapLength - _position, 0, bytes.Length);
        _hash.AppendData(bytes[..before]);
        _hash.AppendData(bytes[after..]);
        _position += bytes.Length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override bool CanRead => inner.CanRead;

    public override bool CanWrite => inner.CanWrite;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
