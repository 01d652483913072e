using System.Buffers.Binary;
using System.IO.Compression;

namespace Flambeau.Vision;

/// <summary>
/// Decodes PNG files: every colour type, bit depth and interlacing of the standard. Ancillary chunks but tRNS are skipped.
/// </summary>
// StbImageSharp takes gigabytes for a PNG whose chunk lengths were altered, and does not give them back.
internal sealed class PngReader
{
    private int _width, _height, _depth, _colorType;
    private bool _interlaced;
    private byte[] _palette = [];
    private byte[] _transparency = [];
    private readonly List<ReadOnlyMemory<byte>> _data = [];

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    private int Samples => _colorType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    private int BitsPerPixel => Samples * _depth;

    public static Image Read(byte[] file)
    {
        PngReader reader = new();
        reader.ReadChunks(file);
        return reader.ReadPixels();
    }

    private void ReadChunks(byte[] file)
    {
        int at = Signature.Length;
        bool first = true;
        while (true)
        {
            if (file.Length - at < 12) throw new InvalidDataException("it ends too early");
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12) throw new InvalidDataException("it ends too early");
            ReadOnlyMemory<byte> typed = file.AsMemory(at + 4, (int)length + 4), body = typed[4..];
            ReadOnlySpan<byte> type = typed.Span[..4];
            if (Crc32.Of(typed.Span) != BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + (int)length)))
            {
                throw new InvalidDataException("its data are damaged (a checksum differs)");
            }
            if (first != type.SequenceEqual("IHDR"u8)) throw new InvalidDataException("its header is damaged");
            first = false;
            at += 12 + (int)length;

            if (type.SequenceEqual("IHDR"u8)) ReadHeader(body.Span);
            else if (type.SequenceEqual("PLTE"u8)) _palette = body.ToArray();
            else if (type.SequenceEqual("tRNS"u8)) _transparency = body.ToArray();
            else if (type.SequenceEqual("IDAT"u8)) _data.Add(body);
            else if (type.SequenceEqual("IEND"u8)) return;
        }
    }

    private void ReadHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length != 13) throw new InvalidDataException("its header is damaged");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(header), height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        ImageFile.CheckSize(width, height);
        (_width, _height, _depth, _colorType, _interlaced) = ((int)width, (int)height, header[8], header[9], header[12] == 1);
        bool allowed = _colorType switch
        {
            0 => _depth is 1 or 2 or 4 or 8 or 16,
            2 or 4 or 6 => _depth is 8 or 16,
            3 => _depth is 1 or 2 or 4 or 8,
            _ => false,
        };
        if (!allowed || header[10] != 0 || header[11] != 0 || header[12] > 1) throw new InvalidDataException("its header is damaged");
    }

    private Image ReadPixels()
    {
        if (_colorType == 3 && (_palette.Length == 0 || _palette.Length % 3 != 0))
        {
            throw new InvalidDataException("its palette is missing or damaged");
        }
        bool opacity = _colorType is 0 or 2 or 3 && _transparency.Length > 0;
        int channels = (_colorType == 3 ? 3 : Samples) + (opacity ? 1 : 0);
        // Deflate shrinks data to no less than about a thousandth, so a header cannot ask for memory that the file does not back.
        if ((long)_width * _height * BitsPerPixel / 8 > 1032 * _data.Sum(chunk => (long)chunk.Length) + 1024)
        {
            throw new InvalidDataException("it ends too early");
        }
        byte[] pixels = new byte[(long)_width * _height * channels];

        using ZLibStream data = new(new ChunkStream(_data), CompressionMode.Decompress);
        // Each pass of interlacing fills a grid: first column and row, and the steps between them.
        ReadOnlySpan<(int X, int Y, int StepX, int StepY)> passes = _interlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        foreach ((int x0, int y0, int stepX, int stepY) in passes)
        {
            int columns = (_width - x0 + stepX - 1) / stepX, rows = (_height - y0 + stepY - 1) / stepY;
            if (columns <= 0 || rows <= 0) continue;
            int stride = (int)(((long)columns * BitsPerPixel + 7) / 8);
            byte[] above = new byte[stride], row = new byte[stride];
            for (int r = 0; r < rows; r++)
            {
                int filter = data.ReadByte();
                if (filter < 0 || data.ReadAtLeast(row, stride, throwOnEndOfStream: false) < stride)
                {
                    throw new InvalidDataException("it ends too early");
                }
                Unfilter(filter, row, above, Math.Max(1, BitsPerPixel / 8));
                for (int c = 0; c < columns; c++)
                {
                    int target = ((y0 + r * stepY) * _width + x0 + c * stepX) * channels;
                    WritePixel(row, c, pixels.AsSpan(target, channels), opacity);
                }
                (above, row) = (row, above);
            }
        }
        return new(_width, _height, channels, pixels);
    }

    private static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0, up = above[i], corner = i >= step ? above[i - step] : 0;
            row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                4 => Paeth(left, up, corner),
                _ => throw new InvalidDataException("its data are damaged (an unknown filter)"),
            });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int estimate = left + up - corner;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private void WritePixel(ReadOnlySpan<byte> row, int column, Span<byte> target, bool opacity)
    {
        if (_colorType == 3)
        {
            int index = Sample(row, column);
            if (3 * index + 2 >= _palette.Length) throw new InvalidDataException("its data are damaged (a colour beyond the palette)");
            _palette.AsSpan(3 * index, 3).CopyTo(target);
            if (opacity) target[3] = index < _transparency.Length ? _transparency[index] : (byte)255;
            return;
        }
        int samples = Samples, largest = (1 << _depth) - 1;
        bool transparent = opacity && _transparency.Length >= 2 * samples;
        for (int s = 0; s < samples; s++)
        {
            int value = Sample(row, column * samples + s);
            if (transparent && value != BinaryPrimitives.ReadUInt16BigEndian(_transparency.AsSpan(2 * s))) transparent = false;
            target[s] = (byte)(_depth == 16 ? value >> 8 : value * 255 / largest);
        }
        if (opacity) target[samples] = transparent ? (byte)0 : (byte)255;
    }

    private int Sample(ReadOnlySpan<byte> row, int index)
    {
        if (_depth == 8) return row[index];
        if (_depth == 16) return BinaryPrimitives.ReadUInt16BigEndian(row[(2 * index)..]);
        int bit = index * _depth;
        return (row[bit / 8] >> (8 - _depth - bit % 8)) & ((1 << _depth) - 1);
    }

    /// <summary>The IDAT chunks one after the other.</summary>
    private sealed class ChunkStream(List<ReadOnlyMemory<byte>> chunks) : Stream
    {
        private int _chunk, _offset;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            while (_chunk < chunks.Count && _offset == chunks[_chunk].Length) (_chunk, _offset) = (_chunk + 1, 0);
            if (_chunk == chunks.Count) return 0;
            int count = Math.Min(buffer.Length, chunks[_chunk].Length - _offset);
            chunks[_chunk].Span.Slice(_offset, count).CopyTo(buffer);
            _offset += count;
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
