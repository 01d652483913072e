using System.Buffers.Binary;

namespace Flambeau.IO;

/// <summary>
/// Reads and writes files of the safetensors format (https://huggingface.co/docs/safetensors): named tensors and texts, nothing that
/// could be executed.
/// </summary>
public static class SafeTensors
{
    /// <summary>Writes tensors to a file. A failure or a crash meanwhile leaves an older file of that name whole. Folders are made as needed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors by name, of any dtype and layout; memory they share is written for each.</param>
    /// <param name="metadata">Texts by name.</param>
    /// <exception cref="ArgumentException">A tensor is null or named <c>__metadata__</c>, a text is not valid Unicode, or all texts exceed 100 MB.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is as it was.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, file => Save(file, tensors, metadata));

    /// <summary>Writes tensors to a stream.</summary>
    /// <inheritdoc cref="Save(string, IReadOnlyDictionary{string, Tensor}, IReadOnlyDictionary{string, string})"/>
    /// <param name="stream">Where to; it need not be able to seek and is left open.</param>
    /// <param name="tensors">The tensors by name, of any dtype and layout; memory they share is written for each.</param>
    /// <param name="metadata">Texts by name.</param>
    public static void Save(Stream stream, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        KeyValuePair<string, Tensor>[] all = [.. tensors];
        SafeTensorsHeader header = SafeTensorsHeader.Of(all, metadata);
        ReadOnlySpan<byte> json = header.ToJson();
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        stream.Write(length);
        stream.Write(json);
        foreach (int i in header.ByData()) TensorBytes.Write(stream, all[i].Value);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It breaks a rule of the format: the message names the file, the tensor and the rule.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static SafeTensorsFile Load(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        return Load(file, file.Length, $"'{path}'");
    }

    /// <summary>Reads a stream from where it stands to its end.</summary>
    /// <param name="stream">It is left open. One that cannot seek is copied to a temporary file first.</param>
    /// <exception cref="InvalidDataException">It breaks a rule of the format: the message names the tensor and the rule.</exception>
    public static SafeTensorsFile Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.CanSeek) return Load(stream, stream.Length - stream.Position, "The stream");
        // How much a header may promise is known only once all of the stream is there.
        using FileStream copy = new(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        stream.CopyTo(copy);
        copy.Position = 0;
        return Load(copy, copy.Length, "The stream");
    }

    /// <summary>Reads <paramref name="length"/> bytes, front to back; allocates no more than a small multiple of them.</summary>
    internal static SafeTensorsFile Load(Stream stream, long length, string source)
    {
        try
        {
            SafeTensorsHeader header = ReadHeader(stream, length);
            OrderedDictionary<string, Tensor> tensors = new(header.Entries.Count);
            foreach (SafeTensorsEntry e in header.Entries) tensors.Add(e.Name, Tensor.Empty(new TensorSpec(e.Shape, e.DType)));
            foreach (int i in header.ByData())
            {
                try { TensorBytes.Read(stream, tensors.GetAt(i).Value); }
                catch (InvalidDataException e) { throw new InvalidDataException($"tensor '{tensors.GetAt(i).Key}' {e.Message}", e); }
            }
            return new(tensors, header.Metadata);
        }
        catch (InvalidDataException e) { throw new InvalidDataException($"{source} is no valid safetensors file: {e.Message}.", e); }
        catch (EndOfStreamException e) { throw new InvalidDataException($"{source} is no valid safetensors file: it ends early.", e); }
    }

    static SafeTensorsHeader ReadHeader(Stream stream, long length)
    {
        if (length < sizeof(ulong)) throw new InvalidDataException($"it has only {length} bytes");
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(prefix);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        length -= sizeof(ulong);
        if (size > SafeTensorsHeader.MostBytes)
            throw new InvalidDataException($"its header would have {size} bytes, where at most {SafeTensorsHeader.MostBytes} are allowed");
        if ((long)size > length) throw new InvalidDataException($"its header would have {size} bytes, but only {length} follow");
        byte[] json = new byte[size];
        stream.ReadExactly(json);
        return new SafeTensorsHeaderReader(json, length - json.Length).Read();
    }
}
