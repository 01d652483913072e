using Spectre.Console;

namespace Flambeau.Training;

/// <summary>Chooses how progress is shown.</summary>
public static class TrainingProgress
{
    /// <summary>
    /// A live display on a terminal; plain lines if output is redirected, the terminal is dumb or the variable <c>CI</c> is set.
    /// Where <c>NO_COLOR</c> is set, the live display has no colours.
    /// </summary>
    public static ITrainingProgress Create()
    {
        if (!WantsLive(Console.IsOutputRedirected, Environment.GetEnvironmentVariable)) return new PlainProgress(Console.Out);
        bool noColor = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        ColorSystemSupport colors = noColor ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect;
        return new LiveProgress(AnsiConsole.Create(new() { ColorSystem = colors }));
    }

    internal static bool WantsLive(bool redirected, Func<string, string?> variable) =>
        !redirected && variable("CI") is null or "" or "false" or "0" && variable("TERM") != "dumb";
}
