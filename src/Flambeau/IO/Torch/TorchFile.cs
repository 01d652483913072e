using System.Buffers;
using System.IO.Compression;
using System.Numerics;

namespace Flambeau.IO;

/// <summary>
/// Reads and writes the files of <c>torch.save</c> and <c>torch.load</c> (<c>.pt</c>, <c>.pth</c>, <c>.ckpt</c>, <c>.bin</c>), and reads the
/// weights of TorchScript archives. Nothing in a file is executed: of the classes and functions that a pickle can name, those on a closed
/// list are read, as plain data; any other is refused by name.
/// https://pytorch.org/docs/stable/generated/torch.load.html, https://pytorch.org/docs/stable/notes/serialization.html
/// </summary>
/// <remarks>
/// What a file's objects become: None, bool, int, float, complex, str, bytes → null, bool, long (or BigInteger), double, Complex, string, byte[];
/// dict, OrderedDict, defaultdict, Counter → <c>OrderedDictionary&lt;object, object?&gt;</c>; list, deque → <c>List&lt;object?&gt;</c>; tuple →
/// <c>object?[]</c>; set, frozenset → <c>HashSet&lt;object?&gt;</c>; torch.Size → <see cref="Dims"/>; torch.dtype → <see cref="DType"/>; torch.device →
/// <see cref="TorchDevice"/>; slice, range → <see cref="PythonSlice"/>, <see cref="PythonRange"/>; tensors and storages → <see cref="Tensor"/>, on the CPU, with
/// their strides, those of one storage sharing memory; Parameter → <see cref="Nn.Parameter"/>; arrays and scalars of NumPy → tensors and
/// numbers; modules of a TorchScript archive → <see cref="TorchScriptObject"/>; constants such as torch.strided → <see cref="PythonName"/>.
/// Quantized, sparse and nested tensors, element types that <see cref="DType"/> lacks, and big-endian files are refused with what to do in Python.
/// </remarks>
public static class TorchFile
{
    const int MostDepth = 100;

    static readonly BigInteger LegacyMagic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Where programs keep the weights in a dictionary of several things.</summary>
    static readonly string[] s_sections = ["state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "weights", "params"];

    /// <summary>Reads a file of <c>torch.save</c>, zip or legacy, or the state of a TorchScript archive.</summary>
    /// <param name="path">The file.</param>
    /// <param name="checkCrc">Whether a zip's checksums must be right. Turn it off for files that were saved without.</param>
    /// <returns>What was saved; see the remarks on <see cref="TorchFile"/>.</returns>
    /// <exception cref="InvalidDataException">It is no such file, is damaged, or holds what is not on the list: the message says what.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static object? Load(string path, bool checkCrc = true)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        return Load(file, file.Length, $"'{path}'", checkCrc);
    }

    /// <summary>Reads a stream from where it stands to its end.</summary>
    /// <param name="stream">It is left open. One that cannot seek, or of which a part is already read, is copied to a temporary file first.</param>
    /// <param name="checkCrc">Whether a zip's checksums must be right.</param>
    /// <returns>What was saved; see the remarks on <see cref="TorchFile"/>.</returns>
    /// <exception cref="InvalidDataException">It is no such file, is damaged, or holds what is not on the list: the message says what.</exception>
    public static object? Load(Stream stream, bool checkCrc = true)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.CanSeek && stream.Position == 0) return Load(stream, stream.Length, "The stream", checkCrc);
        using FileStream copy = new(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        stream.CopyTo(copy);
        copy.Position = 0;
        return Load(copy, copy.Length, "The stream", checkCrc);
    }

    static object? Load(Stream file, long length, string source, bool checkCrc)
    {
        try
        {
            Span<byte> start = stackalloc byte[2];
            int n = file.ReadAtLeast(start, 2, throwOnEndOfStream: false);
            file.Position = 0;
            return n < 2 ? throw new InvalidDataException($"it has only {n} bytes")
                : start.SequenceEqual("PK"u8) ? LoadZip(file, length, checkCrc)
                : start[0] == 0x80 ? LoadLegacy(file, length)
                : throw new InvalidDataException("it is neither a zip archive nor a pickle");
        }
        catch (InvalidDataException e) { throw new InvalidDataException($"{source} is no PyTorch file that Flambeau reads: {e.Message.TrimEnd('.')}.", e); }
        catch (EndOfStreamException e) { throw new InvalidDataException($"{source} is no PyTorch file that Flambeau reads: it ends early.", e); }
    }

    static object? LoadZip(Stream file, long length, bool checkCrc)
    {
        ZipArchive zip;
        ZipStorages storages;
        byte[] pickle;
        try
        {
            zip = new(file, ZipArchiveMode.Read, leaveOpen: true);
            storages = new(zip, length, checkCrc);
            pickle = storages.Main;
        }
        // What the archive's reader says to lengths and positions that no archive has.
        catch (Exception e) when (e is ArgumentException or OverflowException or NotSupportedException or IOException and not EndOfStreamException and not FileNotFoundException)
        {
            throw new InvalidDataException($"its archive is damaged: {e.Message}", e);
        }
        using (zip)
        {
            object? root;
            try { root = new Unpickler(new(new MemoryStream(pickle), pickle.Length), new(storages, pickle.Length)).Load(); }
            catch (Exception e) when (e is ArgumentException or OverflowException or NotSupportedException) { throw new InvalidDataException($"its archive is damaged: {e.Message}", e); }
            storages.Finish();
            return root;
        }
    }

    /// <summary>The form before PyTorch 1.6: magic number, version, machine, object, names of the storages; then the storages.</summary>
    static object? LoadLegacy(Stream file, long length)
    {
        PickleReader source = new(file, length);
        LegacyStorages storages = new(length);
        Unpickler unpickler = new(source, new(storages, length));
        if (unpickler.Load() is not BigInteger magic || magic != LegacyMagic)
            throw new InvalidDataException("it is a pickle, but not of torch.save");
        if (unpickler.Load() is not 1001L) throw new InvalidDataException("it has an unknown version");
        if (unpickler.Load() is not OrderedDictionary<object, object?> machine) throw new InvalidDataException("it does not describe the machine that wrote it");
        if (machine.TryGetValue("little_endian", out object? little) && little is not true)
            throw new InvalidDataException("it was written by a big-endian machine, whose numbers Flambeau does not read");
        object? root = unpickler.Load();
        storages.Read(source, unpickler.Load());
        storages.Finish();
        return root;
    }

    // ---- state dicts ----

    /// <summary>
    /// The tensors of a file by name, as <c>Module.LoadStateDict</c> takes them: names of dictionaries and lists inside one another, and of a
    /// TorchScript archive's modules, are joined by points (<c>conv1.weight</c>); what is no tensor is left out.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="section">
    /// The entry of the file's dictionary to take, such as <c>optimizer</c>. By default the file's dictionary itself, or, where it holds no tensors of its
    /// own, the entry that programs call <c>state_dict</c>, <c>model_state_dict</c>, <c>model</c> or alike.
    /// </param>
    /// <param name="checkCrc">Whether a zip's checksums must be right.</param>
    /// <exception cref="InvalidDataException">It cannot be read, or has no such entry, or no tensors at all.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static OrderedDictionary<string, Tensor> LoadStateDict(string path, string? section = null, bool checkCrc = true) =>
        StateDictOf(Load(path, checkCrc), section, $"'{path}'", new FileInfo(path).Length);

    /// <inheritdoc cref="LoadStateDict(string, string, bool)"/>
    /// <param name="stream">It is left open. One that cannot seek, or of which a part is already read, is copied to a temporary file first.</param>
    /// <param name="section">The entry of the file's dictionary to take.</param>
    /// <param name="checkCrc">Whether a zip's checksums must be right.</param>
    public static OrderedDictionary<string, Tensor> LoadStateDict(Stream stream, string? section = null, bool checkCrc = true) =>
        StateDictOf(Load(stream, checkCrc), section, "The stream", stream.CanSeek ? stream.Length : long.MaxValue / 32);

    static OrderedDictionary<string, Tensor> StateDictOf(object? root, string? section, string source, long length)
    {
        var dictionary = root as OrderedDictionary<object, object?>;
        if (section is not null)
            root = dictionary is not null && dictionary.TryGetValue(section, out object? part) ? part
                : throw new InvalidDataException($"{source} has no section '{section}'" + (dictionary is null ? "." : $"; it has: {string.Join(", ", dictionary.Keys.Take(50))}."));
        else if (dictionary is not null && !dictionary.Values.Any(v => v is Tensor))
            foreach (string name in s_sections)
                if (dictionary.TryGetValue(name, out object? part) && part is OrderedDictionary<object, object?>)
                {
                    root = part;
                    break;
                }
        OrderedDictionary<string, Tensor> state = [];
        // Parts may stand in several places: a small file could hold a tree without end.
        long letters = 16 * length + (1 << 20);
        Flatten("", root, 0);
        return state.Count > 0 ? state : throw new InvalidDataException($"{source} holds no tensors" + (section is null ? "." : $" in '{section}'."));

        void Flatten(string name, object? value, int depth)
        {
            if (depth > MostDepth || (letters -= name.Length + 1) < 0) throw new InvalidDataException($"{source} nests its dictionaries too deeply. Does one contain itself?");
            switch (value)
            {
                case Tensor t:
                    if (!state.TryAdd(name, t)) throw new InvalidDataException($"{source} has two tensors '{name}'.");
                    break;
                case OrderedDictionary<object, object?> d:
                    foreach ((object key, object? v) in d)
                        if (v is Tensor or OrderedDictionary<object, object?> or IReadOnlyList<object?> or TorchScriptObject)
                            Flatten(Join(name, key is string s ? s : Convert.ToString(key, System.Globalization.CultureInfo.InvariantCulture)!), v, depth + 1);
                    break;
                case TorchScriptObject o: Flatten(name, o.Attributes, depth + 1); break;
                case IReadOnlyList<object?> list:
                    for (int i = 0; i < list.Count; i++)
                        if (list[i] is Tensor or OrderedDictionary<object, object?> or IReadOnlyList<object?> or TorchScriptObject)
                            Flatten(Join(name, i.ToString(System.Globalization.CultureInfo.InvariantCulture)), list[i], depth + 1);
                    break;
            }
        }

        static string Join(string name, string key) => name.Length == 0 ? key : $"{name}.{key}";
    }

    /// <summary>
    /// Writes what <c>torch.load</c> reads, in the zip form: a state dict, or any tree of what <see cref="Load(string, bool)"/> gives. Tensors that share memory
    /// still do when loaded. A failure or a crash meanwhile leaves an older file of that name whole; folders are made as needed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="content">
    /// Tensors, bool, int, long, float, double, Complex, BigInteger, string, byte[], null, <see cref="Dims"/>, <see cref="DType"/>, <see cref="TorchDevice"/>, and dictionaries,
    /// lists, arrays (as tuples) and sets of these.
    /// </param>
    /// <exception cref="ArgumentException">Something else is in it, or it contains itself.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is as it was.</exception>
    public static void Save(string path, object? content)
    {
        TorchWriter writer = new(content);
        AtomicFile.Write(path, writer.Write);
    }

    /// <summary>Writes to a stream.</summary>
    /// <inheritdoc cref="Save(string, object)"/>
    /// <param name="stream">Where to; it must be able to seek and is left open.</param>
    /// <param name="content">A state dict, or a tree.</param>
    public static void Save(Stream stream, object? content)
    {
        ArgumentNullException.ThrowIfNull(stream);
        new TorchWriter(content).Write(stream);
    }
}
