using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flambeau.IO;

/// <summary>
/// All that is needed to go on where one stopped: named sections (model, optimizer, scheduler, random, …), each a tree of tensors,
/// numbers, texts and bytes, in one file. PyTorch's <c>torch.save</c> of a dictionary of state dicts.
/// </summary>
/// <remarks>
/// The file is a safetensors file that other programs read too: tensors are named <c>section/name</c>, or <c>section/name/0/name</c> where
/// dictionaries and lists are nested (a <c>/</c> or <c>~</c> in a name is written <c>~1</c> or <c>~0</c>, as in JSON Pointer), and
/// everything else is JSON in the metadata <c>sections</c>. The metadata <c>sha256</c> is that of all other bytes of the file. It is taken
/// while the file is written and put in at the end, so that saving and loading go over the data once.
/// </remarks>
public sealed class Checkpoint
{
    const string DigestKey = "sha256", FormatKey = "format", Format = "flambeau.checkpoint/1", SectionsKey = "sections";

    /// <summary>How every checkpoint begins after the header's length, up to the digest.</summary>
    const string Prefix = $"{{\"{SafeTensorsHeader.MetadataKey}\":{{\"{DigestKey}\":\"";

    const int DigestLength = 64;

    static readonly int DigestStart = sizeof(ulong) + Prefix.Length;

    readonly OrderedDictionary<string, OrderedDictionary<string, object?>> _sections = [];

    /// <summary>The names of the sections, in the order in which they were set.</summary>
    public IReadOnlyList<string> Sections => _sections.Keys;

    /// <summary>Whether there is a section of that name.</summary>
    public bool Contains(string section) => _sections.ContainsKey(section);

    /// <summary>Puts a state in: an optimizer's, a scheduler's, or any of one's own. It replaces an older one of that name.</summary>
    /// <param name="section">Its name.</param>
    /// <param name="state">
    /// Tensors, numbers (int, long, float, double), bools, strings, byte arrays, nulls, and dictionaries by string and lists of them.
    /// Tensors and byte arrays are not copied: what is saved is what they hold then.
    /// </param>
    /// <exception cref="ArgumentException">Something else is in it, or is nested deeper than 24 dictionaries and lists; the message says where.</exception>
    public void Set(string section, IReadOnlyDictionary<string, object?> state)
    {
        ArgumentException.ThrowIfNullOrEmpty(section);
        ArgumentNullException.ThrowIfNull(state);
        _sections[section] = StateTree.Normalize(section, state);
    }

    /// <summary>Puts tensors in, of a module's state dict for instance. They replace an older section of that name.</summary>
    /// <inheritdoc cref="Set"/>
    /// <param name="section">Its name.</param>
    /// <param name="tensors">The tensors by name. They are not copied: what is saved is what they hold then.</param>
    public void SetTensors(string section, IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        OrderedDictionary<string, object?> state = new(tensors.Count);
        foreach (var (name, t) in tensors) state.Add(name, t ?? throw new ArgumentException($"The tensor '{name}' is null.", nameof(tensors)));
        Set(section, state);
    }

    /// <summary>
    /// A section as it was set, in its order. Dictionaries are <c>OrderedDictionary&lt;string, object?&gt;</c>, lists and arrays are
    /// <c>List&lt;object?&gt;</c>, an int is a long, a float a double; a double has the same bits, those of NaN included.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such section; the message says which there are.</exception>
    public OrderedDictionary<string, object?> Get(string section) => _sections.TryGetValue(section, out var state) ? state
        : throw new KeyNotFoundException($"The checkpoint has no section '{section}'. It has: {string.Join(", ", _sections.Keys)}.");

    /// <summary>A section that holds tensors only, by name, in its order.</summary>
    /// <exception cref="KeyNotFoundException">There is no such section; the message says which there are.</exception>
    /// <exception cref="InvalidDataException">There is something else in it.</exception>
    public OrderedDictionary<string, Tensor> GetTensors(string section)
    {
        OrderedDictionary<string, Tensor> tensors = [];
        foreach (var (name, value) in Get(section))
        {
            if (value is not Tensor t) throw new InvalidDataException($"'{name}' in the section '{section}' of the checkpoint is no tensor. Use Get.");
            tensors.Add(name, t);
        }
        return tensors;
    }

    /// <summary>Keeps what an optimizer, a scheduler or a loader must remember as a section.</summary>
    /// <exception cref="ArgumentException">There is such a section already.</exception>
    public void SetState(string section, State state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Set(section, new Dictionary<string, object?>
        {
            ["values"] = state.Values.ToJsonString(),
            ["tensors"] = state.Tensors.ToDictionary(t => t.Key, t => (object?)t.Value),
        });
    }

    /// <summary>What <see cref="SetState"/> kept.</summary>
    /// <exception cref="KeyNotFoundException">There is no such section; the message lists those there are.</exception>
    /// <exception cref="InvalidDataException">The section holds something else.</exception>
    public State GetState(string section)
    {
        OrderedDictionary<string, object?> content = Get(section);
        if (content.GetValueOrDefault("values") is not string json || content.GetValueOrDefault("tensors") is not OrderedDictionary<string, object?> tensors)
            throw new InvalidDataException($"The section '{section}' of the checkpoint is no state of an optimizer, scheduler or loader.");
        OrderedDictionary<string, Tensor> named = [];
        foreach ((string name, object? value) in tensors)
            named.Add(name, value as Tensor ?? throw new InvalidDataException($"'{name}' in the section '{section}' of the checkpoint is no tensor."));
        return new() { Values = JsonNode.Parse(json)!.AsObject(), Tensors = named };
    }

    /// <summary>Writes it to a file. A failure or a crash meanwhile leaves an older file of that name whole. Folders are made as needed.</summary>
    /// <exception cref="ArgumentException">A text is not valid Unicode, or all but the tensors exceeds 100 MB.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is as it was.</exception>
    public void Save(string path)
    {
        OrderedDictionary<string, Tensor> tensors = [];
        string sections = StateTree.ToJson(_sections, tensors);
        OrderedDictionary<string, string> metadata = new()
        {
            [DigestKey] = new('0', DigestLength), [FormatKey] = Format, [SectionsKey] = sections,
        };
        AtomicFile.Write(path, file =>
        {
            using DigestStream through = new(file, DigestStart, DigestLength);
            SafeTensors.Save(through, tensors, metadata);
            file.Position = DigestStart;
            file.Write(Encoding.ASCII.GetBytes(through.Digest));
        });
    }

    /// <summary>Reads a file, and refuses it as a whole unless every byte is as it was written.</summary>
    /// <exception cref="InvalidDataException">It is no checkpoint, or was truncated or altered.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static Checkpoint Load(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        return Load(file, $"'{path}'");
    }

    internal static Checkpoint Load(Stream file, string source)
    {
        using DigestStream through = new(file, DigestStart, DigestLength);
        SafeTensorsFile content;
        try { content = SafeTensors.Load(through, file.Length, source); }
        catch (InvalidDataException e) { throw new InvalidDataException($"The checkpoint {source} was truncated or altered, or is none. {e.Message}", e); }

        OrderedDictionary<string, string> metadata = content.Metadata;
        if (!metadata.TryGetValue(FormatKey, out string? format) || !metadata.TryGetValue(SectionsKey, out string? sections))
            throw new InvalidDataException($"{source} is no checkpoint, but a plain safetensors file, or was altered. SafeTensors.Load reads such files.");
        if (metadata.GetValueOrDefault(DigestKey) != through.Digest)
            throw new InvalidDataException($"The checkpoint {source} was altered: its content does not have the SHA-256 that it was saved with.");
        if (format != Format)
            throw new InvalidDataException($"The checkpoint {source} has the format {format}; this version of Flambeau reads {Format}.");

        Checkpoint checkpoint = new();
        try { StateTree.FromJson(sections, content.Tensors, checkpoint._sections); }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new InvalidDataException($"The checkpoint {source} is not as Flambeau writes them: {e.Message}", e);
        }
        return checkpoint;
    }
}
