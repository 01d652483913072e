using System.IO.Compression;

namespace Flambeau.IO;

/// <summary>The entries of a zip archive as <c>torch.save</c> and <c>torch.jit.save</c> write it.</summary>
internal sealed class ZipStorages : StorageSource
{
    /// <summary>PyTorch does not compress; who packed a file again may have, but no weights shrink to less than this.</summary>
    const int MostRatio = 64;

    const string Pickle = "data.pkl";

    readonly Dictionary<string, ZipArchiveEntry> _entries = [];
    readonly Dictionary<string, Storage> _all = [];
    readonly string _root;
    readonly bool _checkCrc;
    long _left;                                                                 // entries do not overlap

    public ZipStorages(ZipArchive zip, long length, bool checkCrc)
    {
        (_left, _checkCrc) = (length, checkCrc);
        string? root = null;
        foreach (ZipArchiveEntry e in zip.Entries)
        {
            if (!_entries.TryAdd(e.FullName, e)) throw new InvalidDataException($"the archive has two entries '{e.FullName}'");
            if (e.FullName.EndsWith(Pickle, StringComparison.Ordinal) && e.FullName[..^Pickle.Length] is var r && (r.Length == 0 || r.IndexOf('/') == r.Length - 1)) root ??= r;
        }
        _root = root ?? throw new InvalidDataException($"the archive has no {Pickle}, as PyTorch's have");
        if (_entries.TryGetValue(_root + "byteorder", out ZipArchiveEntry? order) && !Read(order).AsSpan().SequenceEqual("little"u8))
            throw new InvalidDataException("it was written by a big-endian machine, whose numbers Flambeau does not read");
    }

    /// <summary>The main pickle.</summary>
    public byte[] Main => Read(_entries[_root + Pickle]);

    byte[] Read(ZipArchiveEntry e)
    {
        byte[] bytes = new byte[Checked(e) <= Array.MaxLength ? e.Length : throw new InvalidDataException($"'{e.FullName}' has {e.Length} bytes")];
        using Stream s = e.Open();
        s.ReadExactly(bytes);
        CheckEnd(e, s, Crc32.Append(0, bytes));
        return bytes;
    }

    /// <summary>The length of an entry, if the file is long enough for it.</summary>
    long Checked(ZipArchiveEntry e)
    {
        if ((_left -= e.CompressedLength) < 0 || e.Length < 0 || e.Length > MostRatio * e.CompressedLength)
            throw new InvalidDataException($"'{e.FullName}' has {e.Length} bytes, more than the file is worth");
        return e.Length;
    }

    void CheckEnd(ZipArchiveEntry e, Stream s, uint crc)
    {
        if (s.ReadByte() >= 0) throw new InvalidDataException($"'{e.FullName}' is longer than it says");
        if (_checkCrc && crc != e.Crc32) throw new InvalidDataException($"'{e.FullName}' was altered: its content does not have the checksum it was saved with");
    }

    protected override Storage Bytes(string key, long bytes)
    {
        if (_all.TryGetValue(key, out Storage? s)) return s.ByteLength == bytes ? s : throw new InvalidDataException($"the storage '{key}' has two sizes");
        string name = $"{_root}data/{key}";
        if (!_entries.TryGetValue(name, out ZipArchiveEntry? e)) throw new InvalidDataException($"the archive has no entry '{name}'");
        if (e.Length != bytes) throw new InvalidDataException($"'{name}' has {e.Length} bytes where {bytes} are expected");
        Checked(e);
        s = new(bytes);
        Tensor all = new(s, Layout.Contiguous([bytes]), DType.UInt8);
        using Stream from = e.Open();
        uint crc = 0;
        for (long at = 0; at < bytes; at += 1 << 18)
        {
            Span<byte> run = all.Window(new([Math.Min(1 << 18, bytes - at)], [1], at)).Elements<byte>();
            from.ReadExactly(run);
            crc = Crc32.Append(crc, run);
        }
        GC.KeepAlive(all);
        CheckEnd(e, from, crc);
        _all.Add(key, s);
        return s;
    }
}
