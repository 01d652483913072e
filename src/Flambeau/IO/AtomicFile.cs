namespace Flambeau.IO;

/// <summary>
/// Writes a file so that a crash, a failure or a full disk at any moment leaves the old one whole: the new content goes to a temporary
/// file beside it, reaches the disk, and only then takes its name.
/// </summary>
public static class AtomicFile
{
    const string Extension = ".tmp";

    static readonly Lock Gate = new();

    /// <summary>Writes what <paramref name="write"/> puts into the stream. Folders are made as needed; a symbolic link is followed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Gets a stream that can seek. Whatever it throws, the old file stays.</param>
    /// <exception cref="IOException">The file cannot be written, because the disk is full for instance; the old one is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string? temporary = null;
        try
        {
            FileInfo info = new(path);
            string target = info.LinkTarget is null ? info.FullName : info.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using FileStream file = Create(target);
            temporary = file.Name;
            write(file);
            file.Flush(flushToDisk: true);
            File.Move(temporary, target, overwrite: true);                     // while open, so that no one takes it for a leftover
        }
        catch (Exception e)
        {
            if (temporary is not null) TryDelete(temporary);
            if (e is not (IOException or UnauthorizedAccessException)) throw;
            string old = File.Exists(path) ? "The old file is untouched" : "No file was made";
            throw new IOException($"'{path}' could not be written: {e.Message.TrimEnd('.')}. {old}.", e);
        }
    }

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    /// <param name="path">The file.</param>
    /// <param name="content">All that will be in it.</param>
    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, file => file.Write(content.Span));

    static FileStream Create(string target)
    {
        lock (Gate)
        {
            RemoveLeftovers(target);
            return new($"{target}.{Guid.NewGuid():N}{Extension}", FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, 1 << 16);
        }
    }

    /// <summary>Removes the temporary files of earlier writers that did not live to do it; those being written are locked.</summary>
    static void RemoveLeftovers(string target)
    {
        string prefix = Path.GetFileName(target) + ".";
        EnumerationOptions all = new() { AttributesToSkip = FileAttributes.Directory };
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(target)!, "*" + Extension, all))
        {
            ReadOnlySpan<char> name = Path.GetFileNameWithoutExtension(file.AsSpan());
            if (name.StartsWith(prefix, StringComparison.Ordinal) && Guid.TryParseExact(name[prefix.Length..], "N", out _)) TryDelete(file);
        }
    }

    static void TryDelete(string file)
    {
        try { new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
