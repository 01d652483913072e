using System.Buffers.Binary;
using System.Text;

namespace Flambeau.IO;

/// <summary>
/// Writes a zip archive without compression in which the content of every entry begins at a multiple of 64 bytes, so that it can be mapped
/// into memory, as PyTorch's archives do. Beyond 4 GB in the zip64 form (APPNOTE.TXT 6.3, 4.3 and 4.5).
/// </summary>
internal sealed class StoredZip(Stream stream)
{
    const int Alignment = 64, Version = 45;
    const ushort Zip64 = 1, Padding = 0x4246;                                   // the padding's mark is PyTorch's
    const ushort FirstDay = 0x21;                                               // 1 January 1980: the same content gives the same file

    readonly long _start = stream.Position;
    readonly List<(byte[] Name, long At, long Length, uint Crc)> _entries = [];

    /// <summary>Writes an entry.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">Its length.</param>
    /// <param name="write">Writes that many bytes.</param>
    public void Add(string name, long length, Action<Stream> write)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        long at = stream.Position - _start;
        bool isLarge = length >= uint.MaxValue;
        int head = 30 + utf8.Length + (isLarge ? 20 : 0) + 4, padding = (int)(-(at + head) & Alignment - 1);
        byte[] header = new byte[head + padding];
        Header(header, 0, utf8, isLarge ? uint.MaxValue : (uint)length, 0, (ushort)(header.Length - 30 - utf8.Length));
        Span<byte> extra = header.AsSpan(30 + utf8.Length);
        if (isLarge)
        {
            Put(extra, Zip64, 16);
            BinaryPrimitives.WriteInt64LittleEndian(extra[4..], length);
            BinaryPrimitives.WriteInt64LittleEndian(extra[12..], length);
            extra = extra[20..];
        }
        Put(extra, Padding, (ushort)padding);
        extra[4..].Fill((byte)'Z');
        stream.Write(header);
        long from = stream.Position;
        Crc32Stream through = new(stream);
        write(through);
        long end = stream.Position;
        if (end - from != length) throw new InvalidOperationException($"The entry '{name}' has {end - from} bytes where {length} were announced.");
        stream.Position = _start + at + 14;
        Span<byte> crc = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(crc, through.Crc);
        stream.Write(crc);
        stream.Position = end;
        _entries.Add((utf8, at, length, through.Crc));
    }

    /// <summary>Writes an entry.</summary>
    public void Add(string name, byte[] content) => Add(name, content.LongLength, s => s.Write(content));

    /// <summary>Writes the list of the entries, which ends the archive.</summary>
    public void Finish()
    {
        long at = stream.Position - _start;
        foreach ((byte[] name, long entry, long length, uint crc) in _entries)
        {
            bool isLarge = length >= uint.MaxValue || entry >= uint.MaxValue;
            byte[] record = new byte[46 + name.Length + (isLarge ? 28 : 0)];
            Header(record, 2, name, isLarge ? uint.MaxValue : (uint)length, crc, (ushort)(isLarge ? 28 : 0));
            BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(42), isLarge ? uint.MaxValue : (uint)entry);
            if (isLarge)
            {
                Span<byte> extra = record.AsSpan(46 + name.Length);
                Put(extra, Zip64, 24);
                BinaryPrimitives.WriteInt64LittleEndian(extra[4..], length);
                BinaryPrimitives.WriteInt64LittleEndian(extra[12..], length);
                BinaryPrimitives.WriteInt64LittleEndian(extra[20..], entry);
            }
            stream.Write(record);
        }
        long size = stream.Position - _start - at;
        if (_entries.Count >= ushort.MaxValue || at + size >= uint.MaxValue)
        {
            byte[] large = new byte[56 + 20];
            BinaryPrimitives.WriteUInt32LittleEndian(large, 0x06064b50);
            BinaryPrimitives.WriteInt64LittleEndian(large.AsSpan(4), 44);
            Put(large.AsSpan(12), Version, Version);
            BinaryPrimitives.WriteInt64LittleEndian(large.AsSpan(24), _entries.Count);
            BinaryPrimitives.WriteInt64LittleEndian(large.AsSpan(32), _entries.Count);
            BinaryPrimitives.WriteInt64LittleEndian(large.AsSpan(40), size);
            BinaryPrimitives.WriteInt64LittleEndian(large.AsSpan(48), at);
            BinaryPrimitives.WriteUInt32LittleEndian(large.AsSpan(56), 0x07064b50);
            BinaryPrimitives.WriteInt64LittleEndian(large.AsSpan(64), at + size);
            BinaryPrimitives.WriteInt32LittleEndian(large.AsSpan(72), 1);
            stream.Write(large);
        }
        byte[] end = new byte[22];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        ushort count = (ushort)Math.Min(_entries.Count, ushort.MaxValue);
        Put(end.AsSpan(8), count, count);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), (uint)Math.Min(size, uint.MaxValue));
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), (uint)Math.Min(at, uint.MaxValue));
        stream.Write(end);
    }

    /// <summary>What a local header and a record of the list have in common; the list's has two bytes more in front, the writer's version.</summary>
    static void Header(Span<byte> h, int more, byte[] name, uint length, uint crc, ushort extra)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(h, more == 0 ? 0x04034b50u : 0x02014b50u);
        BinaryPrimitives.WriteUInt16LittleEndian(h[4..], Version);
        h = h[(4 + more)..];
        BinaryPrimitives.WriteUInt16LittleEndian(h, Version);
        BinaryPrimitives.WriteUInt16LittleEndian(h[2..], 1 << 11);             // names are UTF-8
        BinaryPrimitives.WriteUInt16LittleEndian(h[8..], FirstDay);
        BinaryPrimitives.WriteUInt32LittleEndian(h[10..], crc);
        BinaryPrimitives.WriteUInt32LittleEndian(h[14..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(h[18..], length);
        Put(h[22..], (ushort)name.Length, extra);
        name.CopyTo(h[(more == 0 ? 26 : 40)..]);
    }

    static void Put(Span<byte> at, ushort a, ushort b)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(at, a);
        BinaryPrimitives.WriteUInt16LittleEndian(at[2..], b);
    }

    /// <summary>Passes bytes on and takes their checksum.</summary>
    sealed class Crc32Stream(Stream to) : Stream
    {
        public uint Crc { get; private set; }

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            Crc = Crc32.Append(Crc, bytes);
            to.Write(bytes);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => to.Flush();

        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
