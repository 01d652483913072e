using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flambeau.Nn;

namespace Flambeau.IO;

/// <summary>
/// Everything that training needs to go on after an interruption, in one safetensors file: a model, optimizers, schedulers, data loaders,
/// the random generator, counters, and data of the user's. A checksum guards it: a file that was cut or altered is refused, and nothing
/// is loaded by halves.
/// </summary>
/// <example><code>
/// Checkpoint c = new() { Model = net, States = { ["optimizer"] = adam, ["scheduler"] = cosine } };
/// c.Load("last.safetensors");                                   // after an interruption
/// …
/// c.Epoch++;
/// c.Save("last.safetensors");
/// </code></example>
public sealed class Checkpoint
{
    const string Format = "flambeau-checkpoint", Version = "1";

    /// <summary>The model.</summary>
    public Module? Model { get; init; }

    /// <summary>Optimizers, schedulers and the like, by names of your choice.</summary>
    public OrderedDictionary<string, IStateful> States { get; init; } = [];

    /// <summary>The generator whose state is kept; null for none.</summary>
    public Generator? Generator { get; init; } = Generator.Default;

    /// <summary>How many epochs are done.</summary>
    public long Epoch { get; set; }

    /// <summary>How many steps are done.</summary>
    public long Step { get; set; }

    /// <summary>Whatever else should be kept: metrics, options, the vocabulary.</summary>
    public JsonObject User { get; set; } = [];

    // ---- writing ----

    /// <summary>Writes the file; a crash on the way leaves the old one whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        OrderedDictionary<string, Tensor> tensors = [];
        JsonObject states = [], values = new() { ["epoch"] = Epoch, ["step"] = Step, ["user"] = User.DeepClone(), ["states"] = states };
        if (Model is not null)
            foreach ((string name, Tensor t) in Model.StateDict()) tensors.Add($"model.{name}", t);
        foreach ((string key, IStateful stateful) in States)
        {
            if (key.Contains('.')) throw new ArgumentException($"'{key}' cannot name a state: it contains a dot.");
            State s = stateful.StateDict();
            states[key] = s.Values;
            foreach ((string name, Tensor t) in s.Tensors) tensors.Add($"states.{key}.{name}", t);
        }
        if (Generator is not null) tensors.Add("generator", Tensor.From<byte>(Generator.GetState()));

        OrderedDictionary<string, string> metadata = new() { ["format"] = Format, ["version"] = Version, ["values"] = values.ToJsonString() };
        SafeTensorEntry[] entries = SafeTensorsWriter.Place(tensors);
        using IncrementalHash hash = HashOf(entries, metadata);
        foreach (SafeTensorEntry e in entries.OrderBy(e => e.Begin)) SafeTensorsWriter.WriteElements(tensors[e.Name], bytes => hash.AppendData(bytes));
        metadata.Add("sha256", System.Convert.ToHexStringLower(hash.GetHashAndReset()));
        SafeTensors.Save(path, tensors, metadata);
    }

    /// <summary>A hash that has seen metadata, names, types, shapes and places; the elements follow.</summary>
    static IncrementalHash HashOf(IEnumerable<SafeTensorEntry> entries, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        StringBuilder text = new();
        foreach ((string key, string value) in metadata.Where(m => m.Key != "sha256")) text.Append($"{key.Length}:{key}{value.Length}:{value}\n");
        foreach (SafeTensorEntry e in entries) text.Append($"{e.Name.Length}:{e.Name} {e.DType} {e.Shape} {e.Begin} {e.End}\n");
        hash.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
        return hash;
    }

    // ---- reading ----

    /// <summary>
    /// Reads a file into the model, the states, the generator and the counters. What the file holds beyond them is passed over; what it
    /// lacks is an error. If anything does not fit, nothing is changed.
    /// </summary>
    /// <exception cref="InvalidDataException">It is no checkpoint, or was cut or altered.</exception>
    /// <exception cref="ArgumentException">It is a checkpoint of another model or other states.</exception>
    public void Load(string path)
    {
        (OrderedDictionary<string, Tensor> tensors, JsonObject values) = Read(path);
        try { Prepare(tensors, values)(); }
        catch (ArgumentException e) { throw new ArgumentException($"'{path}' does not fit: {e.Message}", e); }
    }

    Action Prepare(OrderedDictionary<string, Tensor> tensors, JsonObject values)
    {
        State counters = new() { Values = values };
        long epoch = counters.Integer("epoch"), step = counters.Integer("step");
        JsonObject user = values["user"] as JsonObject ?? [];
        Action load = () => (Epoch, Step, User) = (epoch, step, (JsonObject)user.DeepClone());
        if (Model is not null) load += Model.PrepareLoad(Under("model.")).Load;
        foreach ((string key, IStateful stateful) in States)
            load += stateful.PrepareLoad(new()
            {
                Tensors = Under($"states.{key}."),
                Values = values["states"]?[key]?.DeepClone() as JsonObject ?? throw new ArgumentException($"it holds no state '{key}'."),
            });
        if (Generator is { } g)
        {
            byte[] state = tensors.TryGetValue("generator", out Tensor? t) && t.DType == DType.UInt8 ? t.ToArray<byte>() : throw new ArgumentException("it holds no state of a generator.");
            new Generator().SetState(state);                                    // refuses what is no state
            load += () => g.SetState(state);
        }
        return load;

        OrderedDictionary<string, Tensor> Under(string prefix)
        {
            OrderedDictionary<string, Tensor> part = [];
            foreach ((string name, Tensor t) in tensors) if (name.StartsWith(prefix, StringComparison.Ordinal)) part.Add(name[prefix.Length..], t);
            return part;
        }
    }

    static (OrderedDictionary<string, Tensor> Tensors, JsonObject Values) Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        SafeTensorsReader reader = new(file, path);
        if (reader.Metadata.GetValueOrDefault("format") != Format || !reader.Metadata.TryGetValue("sha256", out string? sum))
            throw new InvalidDataException($"'{path}' is a safetensors file, but no checkpoint. SafeTensors.Load reads it.");
        if (reader.Metadata.GetValueOrDefault("version") != Version)
            throw new InvalidDataException($"'{path}' is a checkpoint of version {reader.Metadata.GetValueOrDefault("version")}; this Flambeau reads version {Version}.");
        using IncrementalHash hash = HashOf(reader.Entries, reader.Metadata);
        OrderedDictionary<string, Tensor> tensors = reader.ReadAll(bytes => hash.AppendData(bytes));
        if (System.Convert.ToHexStringLower(hash.GetHashAndReset()) != sum)
            throw new InvalidDataException($"'{path}' was altered or damaged since it was written: its checksum is wrong.");
        try
        {
            return (tensors, JsonNode.Parse(reader.Metadata.GetValueOrDefault("values") ?? "") as JsonObject ?? throw new JsonException("no object"));
        }
        catch (JsonException e) { throw new InvalidDataException($"'{path}' is no intact checkpoint: its values are no valid JSON: {e.Message}"); }
    }
}
