using System.IO.Compression;
using System.Text.Json.Nodes;
using Flambeau.IO;

namespace Flambeau.Conformance;

/// <summary>What PyTorch answered: the files of a zip or of a folder.</summary>
public sealed class Corpus
{
    readonly string _path;

    /// <summary>A zip or a folder.</summary>
    /// <exception cref="FileNotFoundException">There is neither.</exception>
    public Corpus(string path) => _path = File.Exists(path) || Directory.Exists(path) ? path : throw new FileNotFoundException($"There is neither a zip nor a folder '{path}'.");

    /// <summary>A part of the corpus that comes with the project: <c>ops</c>, <c>modules</c> …</summary>
    public static Corpus OfProject(string suite)
    {
        string data = Path.Combine(AppContext.BaseDirectory, "Data");
        return new(File.Exists(Path.Combine(data, suite + ".zip")) ? Path.Combine(data, suite + ".zip") : Path.Combine(data, suite));
    }

    /// <summary>The files' names, in order.</summary>
    public IReadOnlyList<string> Names()
    {
        if (Directory.Exists(_path)) return [.. Directory.EnumerateFiles(_path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_path, f)).Order(StringComparer.Ordinal)];
        using ZipArchive zip = ZipFile.OpenRead(_path);
        return [.. zip.Entries.Where(e => e.Name != "").Select(e => e.FullName).Order(StringComparer.Ordinal)];
    }

    /// <summary>A file's bytes.</summary>
    public byte[] Bytes(string name)
    {
        if (Directory.Exists(_path)) return File.ReadAllBytes(Path.Combine(_path, name));
        using ZipArchive zip = ZipFile.OpenRead(_path);
        using MemoryStream memory = new();
        using (Stream s = zip.GetEntry(name)!.Open()) s.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>A safetensors file with JSON in its metadata.</summary>
    public Recorded Read(string name)
    {
        SafeTensorsFile file = SafeTensors.Load(new MemoryStream(Bytes(name)));
        return new(Path.GetFileName(name), file.Tensors, file.Metadata.ToDictionary(m => m.Key, m => m.Value));
    }
}

/// <summary>A safetensors file with JSON in its metadata.</summary>
public sealed record Recorded(string Name, IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Texts)
{
    JsonObject? _case;

    /// <summary>The JSON of <c>case</c>.</summary>
    public JsonObject Case => _case ??= Json("case").AsObject();

    /// <summary>A text that is JSON; an empty list if there is none.</summary>
    public JsonNode Json(string key) => JsonNode.Parse(Texts.GetValueOrDefault(key, "[]"))!;

    /// <summary>The tensor that <c>{"t":"name"}</c> names, in the layout that PyTorch's had.</summary>
    public Tensor Tensor(JsonNode? value)
    {
        Tensor t = Tensors[(string)value!["t"]!];
        return value["strides"] is JsonArray strides ? Strided.Copy(t, [.. strides.Select(s => (long)s!)]) : t;
    }
}
