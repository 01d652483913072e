using System.Buffers.Binary;
using System.IO.Compression;

namespace Flambeau.Vision;

/// <summary>Bytes with a shape, as an IDX file holds them.</summary>
/// <param name="Shape">The sizes of the axes, such as (images, rows, columns) or (labels).</param>
/// <param name="Data">As many bytes as the product of the sizes; the last axis varies fastest.</param>
public sealed record IdxArray(IReadOnlyList<int> Shape, byte[] Data);

/// <summary>Reads the format of MNIST and its relatives: a magic number, sizes, then unsigned bytes; plain or compressed by gzip.</summary>
public static class IdxFile
{
    private const int MostAxes = 8, Piece = 1 << 20;

    /// <summary>Reads a file. Memory is taken as data arrive, never on the word of the header.</summary>
    /// <param name="path">The file; whether it is compressed follows from its content, not from its name.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not an IDX file of unsigned bytes, or is truncated, too long or damaged; the
    /// message names it and says which.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IdxArray Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path) && !Directory.Exists(path)) throw new FileNotFoundException($"There is no IDX file '{path}'.", path);
        using FileStream file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[2];
        bool compressed = file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start is [0x1F, 0x8B];
        file.Position = 0;
        try
        {
            if (!compressed) return Read(file);
            using GZipStream unpacked = new(file, CompressionMode.Decompress);
            return Read(unpacked);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"IDX file '{path}' cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static IdxArray Read(Stream stream)
    {
        Span<byte> word = stackalloc byte[4];
        Fill(stream, word, "the header");
        if (word[0] != 0 || word[1] != 0)
        {
            throw new InvalidDataException($"it starts with 0x{Convert.ToHexString(word)}, not with an IDX magic number (0x0000…)");
        }
        if (word[2] != 0x08)
        {
            throw new InvalidDataException($"its elements are of type 0x{word[2]:X2}; only unsigned bytes (0x08) are read");
        }
        int axes = word[3];
        if (axes is < 1 or > MostAxes) throw new InvalidDataException($"it has {axes} axes, not 1 to {MostAxes}");

        int[] shape = new int[axes];
        long count = 1;
        for (int i = 0; i < axes; i++)
        {
            Fill(stream, word, "the header");
            uint size = BinaryPrimitives.ReadUInt32BigEndian(word);
            if (size > int.MaxValue || (count *= size) > Array.MaxLength)
            {
                throw new InvalidDataException($"its header claims axis {i} to have {size:N0} elements");
            }
            shape[i] = (int)size;
        }
        if (stream.CanSeek && stream.Length - stream.Position != count)
        {
            long follow = stream.Length - stream.Position;
            throw new InvalidDataException($"its header ({string.Join(" × ", shape)}) claims {count:N0} bytes, but {follow:N0} follow");
        }
        byte[] data = ReadData(stream, (int)count, shape);
        if (stream.ReadByte() >= 0)
        {
            throw new InvalidDataException($"it goes on after the {count:N0} bytes that its header ({string.Join(" × ", shape)}) claims");
        }
        return new(shape, data);
    }

    private static byte[] ReadData(Stream stream, int count, int[] shape)
    {
        byte[] data = new byte[Math.Min(count, Piece)];
        int have = 0;
        while (have < count)
        {
            if (have == data.Length) Array.Resize(ref data, (int)Math.Min(count, 2L * data.Length));
            int read = stream.Read(data, have, data.Length - have);
            if (read == 0)
            {
                throw new InvalidDataException(
                    $"its header ({string.Join(" × ", shape)}) claims {count:N0} bytes, but it ends after {have:N0}");
            }
            have += read;
        }
        return data;
    }

    private static void Fill(Stream stream, Span<byte> buffer, string part)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
        {
            throw new InvalidDataException($"it ends within {part}");
        }
    }
}
