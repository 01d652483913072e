namespace Flambeau.IO;

/// <summary>
/// Files of named tensors in the safetensors format (<see href="https://github.com/huggingface/safetensors"/>): eight bytes with the
/// length of the header, the header in JSON, the elements. Nothing in a file is executed, and none can make the reader take more memory
/// than the file is long.
/// </summary>
public static class SafeTensors
{
    /// <summary>Writes tensors to a file; a crash on the way leaves the old one whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors; each is written in full, row by row.</param>
    /// <param name="metadata">Texts to keep with them.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, stream => SafeTensorsWriter.Write(stream, tensors, metadata));

    /// <summary>Reads all tensors of a file, in the header's order.</summary>
    /// <exception cref="InvalidDataException">It is no safetensors file, or damaged; the message says where.</exception>
    public static OrderedDictionary<string, Tensor> Load(string path) => Load(path, out _);

    /// <summary>Reads all tensors of a file, in the header's order, and its metadata.</summary>
    /// <exception cref="InvalidDataException">It is no safetensors file, or damaged; the message says where.</exception>
    public static OrderedDictionary<string, Tensor> Load(string path, out IReadOnlyDictionary<string, string> metadata)
    {
        using FileStream file = File.OpenRead(path);
        SafeTensorsReader reader = new(file, path);
        metadata = reader.Metadata;
        return reader.ReadAll();
    }
}
