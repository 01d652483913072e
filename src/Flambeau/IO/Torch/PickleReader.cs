using System.Buffers.Binary;
using System.Text;

namespace Flambeau.IO;

/// <summary>Bytes of a pickle, from a stream of known length. No length that the bytes state is believed before it is compared with what is left.</summary>
internal sealed class PickleReader
{
    const int MostLine = 1 << 16;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly Stream _stream;
    readonly byte[] _buffer;
    int _at, _end;
    long _unread;                                                               // in the stream, beyond the buffer

    public PickleReader(Stream stream, long length)
    {
        (_stream, Length, _unread) = (stream, length, length);
        _buffer = new byte[Math.Clamp(length, 1, 1 << 14)];
    }

    /// <summary>How many bytes are still to come.</summary>
    public long Left => _unread + _end - _at;

    /// <summary>How many there were in all.</summary>
    public long Length { get; }

    public byte Byte()
    {
        if (_at == _end) Fill();
        return _buffer[_at++];
    }

    void Fill()
    {
        int n = _stream.Read(_buffer, 0, (int)Math.Min(_buffer.Length, _unread));
        if (n == 0) throw new InvalidDataException("it ends early");
        (_at, _end, _unread) = (0, n, _unread - n);
    }

    public void Read(Span<byte> to)
    {
        if (to.Length > Left) throw new InvalidDataException("it ends early");
        int n = Math.Min(to.Length, _end - _at);
        _buffer.AsSpan(_at, n).CopyTo(to);
        _at += n;
        _stream.ReadExactly(to[n..]);
        _unread -= to.Length - n;
    }

    public byte[] Bytes(ulong count)
    {
        if (count > (ulong)Left || count > (ulong)Array.MaxLength) throw new InvalidDataException($"a value of {count} bytes is announced where {Left} follow");
        byte[] bytes = new byte[count];
        Read(bytes);
        return bytes;
    }

    public ushort UInt16()
    {
        Span<byte> b = stackalloc byte[2];
        Read(b);
        return BinaryPrimitives.ReadUInt16LittleEndian(b);
    }

    public uint UInt32()
    {
        Span<byte> b = stackalloc byte[4];
        Read(b);
        return BinaryPrimitives.ReadUInt32LittleEndian(b);
    }

    public ulong UInt64()
    {
        Span<byte> b = stackalloc byte[8];
        Read(b);
        return BinaryPrimitives.ReadUInt64LittleEndian(b);
    }

    public double DoubleBigEndian()
    {
        Span<byte> b = stackalloc byte[8];
        Read(b);
        return BinaryPrimitives.ReadDoubleBigEndian(b);
    }

    /// <summary>A text of so many bytes of UTF-8.</summary>
    public string Text(ulong count) => Decode(Bytes(count));

    /// <summary>The bytes up to the end of the line, which is dropped.</summary>
    public byte[] Line()
    {
        List<byte> line = [];
        for (byte b; (b = Byte()) != '\n'; line.Add(b))
            if (line.Count == MostLine) throw new InvalidDataException("a line is too long");
        return [.. line is [.., (byte)'\r'] ? line[..^1] : line];
    }

    /// <summary>A line of text.</summary>
    public string LineText() => Decode(Line());

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try { return Strict.GetString(bytes); }
        catch (DecoderFallbackException e) { throw new InvalidDataException("a text is not valid Unicode", e); }
    }
}
