using System.IO.Compression;
using System.Text.Json.Nodes;
using Flambeau.IO;

namespace Flambeau.Tests;

/// <summary>What PyTorch answered: a zip in Data of safetensors files, each with a case in its metadata.</summary>
sealed record Recorded(string Name, JsonObject Case, IReadOnlyDictionary<string, Tensor> Tensors)
{
    static ZipArchive Open(string file) => ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", file));

    public static IEnumerable<string> Names(string file)
    {
        using ZipArchive zip = Open(file);
        return [.. zip.Entries.Select(e => e.Name).Order()];
    }

    public static byte[] Bytes(string file, string name)
    {
        using ZipArchive zip = Open(file);
        using MemoryStream memory = new();
        using (Stream s = zip.GetEntry(name)!.Open()) s.CopyTo(memory);
        return memory.ToArray();
    }

    public static Recorded Read(string file, string name)
    {
        SafeTensorsFile content = SafeTensors.Load(new MemoryStream(Bytes(file, name)));
        return new(name, JsonNode.Parse(content.Metadata["case"])!.AsObject(), content.Tensors);
    }

    public Tensor Tensor(JsonNode? value) => Tensors[(string)value!["t"]!];

    /// <summary>A recorded value as plain JSON: <c>{"f":0.5}</c> as 0.5, <c>{"l":[…]}</c> as a list.</summary>
    public static JsonNode? Plain(JsonNode? value)
    {
        if (value is not JsonObject o || o.Count != 1) return value?.DeepClone();
        (string kind, JsonNode? v) = o.First();
        return kind switch { "n" => null, "l" => new JsonArray([.. v!.AsArray().Select(Plain)]), _ => v?.DeepClone() };
    }
}
