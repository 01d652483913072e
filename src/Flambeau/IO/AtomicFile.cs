namespace Flambeau.IO;

/// <summary>Writes files so that a crash, a full disk or a kill at any moment leaves the old one whole.</summary>
public static class AtomicFile
{
    /// <summary>Writes <c>path.tmp</c>, flushes it to the disk, and renames it. Folders are made as needed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">It cannot be written; the old file is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path), temporary = full + ".tmp";
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        FileStream file = new(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        try
        {
            using (file)
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">The content.</param>
    /// <exception cref="IOException">It cannot be written; the old file is as it was.</exception>
    public static void Write(string path, byte[] content) => Write(path, stream => stream.Write(content));
}
