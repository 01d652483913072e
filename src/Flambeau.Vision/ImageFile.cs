using System.Diagnostics.CodeAnalysis;
using StbImageSharp;

namespace Flambeau.Vision;

/// <summary>Reads pictures from files: PNG, JPEG, BMP and GIF (its first frame).</summary>
public static class ImageFile
{
    /// <summary>The most pixels a picture may have; larger ones are refused before memory is taken for them.</summary>
    public const long MostPixels = 100_000_000;

    private const long LargestFile = 512L << 20;

    /// <summary>Reads a picture.</summary>
    /// <param name="path">The file; what it is follows from its content, not from its name.</param>
    /// <returns>The picture, with as many channels as the file has; palettes are looked up, 16-bit samples shortened to 8 bits.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is empty, truncated, altered, too large or not a picture; the message names it and
    /// says which.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static Image Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path) && !Directory.Exists(path)) throw new FileNotFoundException($"There is no image file '{path}'.", path);
        using FileStream file = File.OpenRead(path);
        if (file.Length > LargestFile)
        {
            throw new InvalidDataException($"Image '{path}' has {file.Length:N0} bytes; at most {LargestFile:N0} are read.");
        }
        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return Decode(content, $"Image '{path}'");
    }

    /// <summary>Reads a picture from a file's content in memory.</summary>
    /// <param name="content">The whole file.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Read"/>.</exception>
    public static Image Decode(byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return Decode(content, "The image");
    }

    /// <summary>Throws if a picture of this size would be empty or too large.</summary>
    internal static void CheckSize(long width, long height)
    {
        if (width < 1 || height < 1) throw new InvalidDataException($"its size of {width} × {height} pixels is empty");
        if (width * height > MostPixels)
        {
            throw new InvalidDataException($"its size of {width} × {height} pixels is more than {MostPixels:N0} pixels");
        }
    }

    private static Image Decode(byte[] content, string name)
    {
        ReadOnlySpan<byte> start = content;
        if (start.IsEmpty) throw new InvalidDataException($"{name} cannot be read: it is empty.");
        bool png = start.StartsWith(PngReader.Signature), known = start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
            || start.StartsWith("BM"u8) || start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8);
        if (!png && !known) throw new InvalidDataException($"{name} cannot be read: it is not a PNG, JPEG, BMP or GIF file.");
        try
        {
            return png ? PngReader.Read(content) : ReadOther(content);
        }
        // The content is in memory: what fails otherwise is the decompression.
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new InvalidDataException($"{name} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    // The library reports damage by whatever exception it runs into.
    [SuppressMessage("Design", "CA1031", Justification = "Every failure of the decoder means the same: the file is damaged.")]
    private static Image ReadOther(byte[] content)
    {
        try
        {
            using EndGuard stream = new(content);
            ImageInfo info = ImageInfo.FromStream(stream) ?? throw new InvalidDataException("its header is damaged");
            CheckSize(info.Width, info.Height);
            stream.Position = 0;
            ImageResult result = ImageResult.FromStream(stream, ColorComponents.Default);
            return new(result.Width, result.Height, (int)result.Comp, result.Data);
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException("it ends too early");
        }
        catch (Exception e) when (e is not (InvalidDataException or OutOfMemoryException))
        {
            throw new InvalidDataException($"its data are damaged ({e.Message})", e);
        }
    }

    /// <summary>
    /// A stream that throws when a reader goes on beyond the end: StbImageSharp waits for ever for a truncated JPEG's next marker.
    /// </summary>
    private sealed class EndGuard(byte[] content) : MemoryStream(content, writable: false)
    {
        public override int ReadByte()
        {
            int value = base.ReadByte();
            return value >= 0 ? value : throw new EndOfStreamException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int read = base.Read(buffer);
            return read > 0 || buffer.IsEmpty ? read : throw new EndOfStreamException();
        }
    }
}
