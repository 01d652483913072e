using System.Buffers.Binary;
using System.IO.Compression;

namespace Flambeau.Training.Plots;

/// <summary>Encodes 8-bit RGB pixels as a PNG file (RFC 2083).</summary>
// ScottPlot, OxyPlot and Skia draw through native libraries and the system's fonts, which a fresh machine lacks; hence this folder.
internal static class Png
{
    private static readonly uint[] CrcTable = MakeCrcTable();

    public static byte[] Encode(ReadOnlySpan<byte> rgb, int width, int height)
    {
        using MemoryStream png = new();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);

        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8;   // bits a sample
        header[9] = 2;   // RGB
        WriteChunk(png, "IHDR"u8, header);
        WriteChunk(png, "IDAT"u8, Compress(rgb, width, height));
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> rgb, int width, int height)
    {
        const byte filterUp = 2;   // charts and upscaled pictures repeat from row to row
        MemoryStream data = new();
        using (ZLibStream zlib = new(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            int stride = 3 * width;
            byte[] row = new byte[1 + stride];
            row[0] = filterUp;
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> above = y == 0 ? new byte[stride] : rgb.Slice((y - 1) * stride, stride);
                ReadOnlySpan<byte> here = rgb.Slice(y * stride, stride);
                for (int i = 0; i < stride; i++) row[1 + i] = (byte)(here[i] - above[i]);
                zlib.Write(row);
            }
        }
        return data.GetBuffer().AsSpan(0, (int)data.Length);
    }

    private static void WriteChunk(Stream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        png.Write(word);
        png.Write(type);
        png.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, ~Crc(Crc(uint.MaxValue, type), data));
        png.Write(word);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (byte b in data) crc = CrcTable[(byte)(crc ^ b)] ^ (crc >> 8);
        return crc;
    }

    private static uint[] MakeCrcTable()
    {
        uint[] table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            uint c = n;
            for (int k = 0; k < 8; k++) c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            table[n] = c;
        }
        return table;
    }
}
