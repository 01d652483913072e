using System.Buffers.Binary;

namespace Flambeau.IO;

/// <summary>The checksum of zip archives: CRC-32 with the reflected polynomial 0xEDB88320, eight bytes at a time.</summary>
internal static class Crc32
{
    // Row k: what a byte does to the checksum when k more bytes follow it.
    static readonly uint[] s_table = MakeTable();

    static uint[] MakeTable()
    {
        uint[] t = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint c = i;
            for (int bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? 0xEDB88320 ^ c >> 1 : c >> 1;
            t[i] = c;
        }
        for (int i = 256; i < t.Length; i++) t[i] = t[t[i - 256] & 0xff] ^ t[i - 256] >> 8;
        return t;
    }

    /// <summary>The checksum of what <paramref name="crc"/> is the checksum of (0 for nothing), followed by <paramref name="bytes"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] t = s_table;
        crc = ~crc;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint a = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc, b = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = t[7 * 256 + (a & 0xff)] ^ t[6 * 256 + (a >> 8 & 0xff)] ^ t[5 * 256 + (a >> 16 & 0xff)] ^ t[4 * 256 + (a >> 24)]
                ^ t[3 * 256 + (b & 0xff)] ^ t[2 * 256 + (b >> 8 & 0xff)] ^ t[256 + (b >> 16 & 0xff)] ^ t[b >> 24];
        }
        foreach (byte x in bytes) crc = t[(crc ^ x) & 0xff] ^ crc >> 8;
        return ~crc;
    }
}
