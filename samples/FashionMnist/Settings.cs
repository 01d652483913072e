namespace Flambeau.Samples.FashionMnist;

/// <summary>The options of a run.</summary>
sealed record Settings(string Data, int Epochs, int BatchSize, double Rate, long Seed, int Threads, int Workers, string Output, string? Resume, double CheckpointEvery)
{
    /// <summary>What decides the weights: kept in the checkpoint, and taken from there when a run goes on.</summary>
    public Dictionary<string, object?> ToDictionary() => new()
    {
        ["data"] = Data, ["epochs"] = (long)Epochs, ["batch_size"] = (long)BatchSize, ["lr"] = Rate, ["seed"] = Seed,
    };

    public Settings With(IReadOnlyDictionary<string, object?> d) => this with
    {
        Data = (string)d["data"]!, Epochs = (int)(long)d["epochs"]!, BatchSize = (int)(long)d["batch_size"]!, Rate = (double)d["lr"]!, Seed = (long)d["seed"]!,
    };
}
