namespace Flambeau.Tests.IO;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("flambeau-").FullName;

    public string this[string name] => Path.Combine(Root, name);

    public string[] Files => [.. Directory.GetFiles(Root).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
