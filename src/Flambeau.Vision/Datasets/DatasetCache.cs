namespace Flambeau.Vision.Datasets;

/// <summary>Where data sets that were downloaded are kept.</summary>
public static class DatasetCache
{
    /// <summary>
    /// The folder that the environment variable <c>FLAMBEAU_DATA</c> names; else <c>flambeau/datasets</c> in the user's cache folder
    /// (<c>XDG_CACHE_HOME</c> or <c>~/.cache</c>, on Windows the local application data).
    /// </summary>
    public static string Folder => Environment.GetEnvironmentVariable("FLAMBEAU_DATA") is { Length: > 0 } named
        ? named
        : Path.Combine(UserCache, "flambeau", "datasets");

    private static string UserCache => OperatingSystem.IsWindows()
        ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
}
