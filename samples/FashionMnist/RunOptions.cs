using Flambeau.IO;

namespace Flambeau.Samples.FashionMnist;

/// <summary>The options a run was started with, in its folder from the first moment on.</summary>
static class RunOptions
{
    const string Name = "options.safetensors";

    public static void Save(string folder, Dictionary<string, object?> options)
    {
        Directory.CreateDirectory(folder);
        Checkpoint c = new();
        c.Set("options", options);
        c.Save(Path.Combine(folder, Name));
    }

    public static IReadOnlyDictionary<string, object?> Load(string folder) => Checkpoint.Load(Path.Combine(folder, Name)).Get("options");
}
