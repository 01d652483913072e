using System.Diagnostics;

namespace Flambeau.Benchmarks;

/// <summary>This program again, in a process of its own, for what happens once in each: the first result, the most memory.</summary>
static class Child
{
    /// <summary>What it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static string Run(params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Insert(0, Environment.GetCommandLineArgs()[0]);
        return Run(start);
    }

    public static string Run(ProcessStartInfo start)
    {
        using Process p = Process.Start(start)!;
        string said = p.StandardOutput.ReadToEnd();
        p.WaitForExit();
        return p.ExitCode == 0 ? said : throw new InvalidOperationException($"{Path.GetFileName(start.FileName)} {string.Join(' ', start.ArgumentList)} ended with {p.ExitCode}");
    }
}
