namespace Flambeau.IO;

/// <summary>Where the bytes of the storages come from that a pickle names.</summary>
internal abstract class StorageSource
{
    readonly HashSet<Storage> _bools = [];

    /// <summary>A storage, as a tensor of one axis; the same memory each time it is named.</summary>
    /// <param name="type">The class of the storage.</param>
    /// <param name="key">Its name in the file.</param>
    /// <param name="location">The device it lay on.</param>
    /// <param name="count">How many elements it has.</param>
    /// <param name="view">In old files, which part of another storage it is.</param>
    public Tensor Get(PythonName type, string key, string location, long count, object? view)
    {
        if (location == "meta") throw new InvalidDataException("a tensor lies on the meta device, and has no elements");
        DType dtype = TorchTypes.ElementsOf(type);
        if (count < 0 || count > long.MaxValue / dtype.ItemSize) throw new InvalidDataException($"the storage '{key}' has {count} elements");
        Storage s = Bytes(key, count * dtype.ItemSize);
        if (dtype == DType.Bool) CheckBools(s);
        Tensor whole = new(s, Layout.Contiguous([count]), dtype);
        if (view is null) return whole;
        if (view is not (object?[] and [_, long offset, long size]) || offset < 0 || size < 0 || offset > count - size) throw new InvalidDataException($"the storage '{key}' is a wrong part of another");
        return whole.Alias(new([size], [1], offset));
    }

    /// <summary>The memory of that name, of that size.</summary>
    protected abstract Storage Bytes(string key, long bytes);

    /// <summary>Notes that a storage is seen as bools, which must be 0 or 1.</summary>
    public void CheckBools(Storage s) => _bools.Add(s);

    /// <summary>Called when the pickle is read: all memory must be filled then.</summary>
    public virtual void Finish()
    {
        foreach (Storage s in _bools)
        {
            Tensor all = new(s, Layout.Contiguous([s.ByteLength]), DType.UInt8);
            for (long at = 0; at < s.ByteLength; at += 1 << 30)
                if (Part(all, at).ContainsAnyExceptInRange((byte)0, (byte)1)) throw new InvalidDataException("a tensor of bools holds bytes that are no bool");
            GC.KeepAlive(all);
        }

        static ReadOnlySpan<byte> Part(Tensor t, long at)
        {
            long n = Math.Min(1 << 30, t.Count - at);
            return t.Window(new([n], [1], at)).Elements<byte>();
        }
    }
}

/// <summary>The files that <c>torch.save</c> wrote before PyTorch 1.6: pickles one after the other, then the storages.</summary>
internal sealed class LegacyStorages(long length) : StorageSource
{
    readonly Dictionary<string, Storage> _all = [];
    long _left = length;                                                        // all storages lie in the file, one after the other

    protected override Storage Bytes(string key, long bytes)
    {
        if (_all.TryGetValue(key, out Storage? s)) return s.ByteLength == bytes ? s : throw new InvalidDataException($"the storage '{key}' has two sizes");
        if ((_left -= bytes) < 0) throw new InvalidDataException($"the storage '{key}' would have {bytes} bytes, more than the file");
        _all.Add(key, s = new(bytes));
        return s;
    }

    /// <summary>Fills the storages, which follow in this order.</summary>
    public void Read(PickleReader source, object? keys)
    {
        if (keys is not List<object?> order) throw new InvalidDataException("the list of its storages is missing");
        HashSet<string> filled = [];
        foreach (object? k in order)
        {
            if (k is not string key || !_all.TryGetValue(key, out Storage? s) || !filled.Add(key)) throw new InvalidDataException("its storages are not those that its tensors name");
            ulong count = source.UInt64();
            if (count > (ulong)s.ByteLength || count == 0 != (s.ByteLength == 0) || count != 0 && (ulong)s.ByteLength % count != 0 || count != 0 && (ulong)s.ByteLength / count > 16)
                throw new InvalidDataException($"the storage '{key}' has {count} elements where {s.ByteLength} bytes are expected");
            Tensor all = new(s, Layout.Contiguous([s.ByteLength]), DType.UInt8);
            for (long at = 0; at < s.ByteLength; at += 1 << 20)
                source.Read(all.Window(new([Math.Min(1 << 20, s.ByteLength - at)], [1], at)).Elements<byte>());
            GC.KeepAlive(all);
        }
        if (filled.Count != _all.Count) throw new InvalidDataException("it lacks storages that its tensors name");
    }
}
