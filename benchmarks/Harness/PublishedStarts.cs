using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Flambeau.Benchmarks;

/// <summary>From the first line of Main to the first result, of a program published in three ways: compiled when it runs, when it is published (ReadyToRun), or to native code.</summary>
static class PublishedStarts
{
    const int Runs = 11;

    public static void Table()
    {
        string project = Project(), folder = Directory.CreateTempSubdirectory("flambeau-start-").FullName;
        try
        {
            Console.WriteLine($"| {"first result after Main",-28} | median, ms | best, ms | files, MB |");
            Console.WriteLine($"|{new string('-', 30)}|-----------:|---------:|----------:|");
            foreach ((string kind, string option) in new[] { ("JIT", "-p:PublishReadyToRun=false"), ("ReadyToRun", "-p:PublishReadyToRun=true"), ("NativeAOT", "-p:PublishAot=true") })
            {
                string to = Path.Combine(folder, kind);
                string[] self = kind == "NativeAOT" ? [] : ["--self-contained", "false"];
                Child.Run(new ProcessStartInfo("dotnet", ["publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, option, .. self, "-o", to, "--artifacts-path", to + ".build", "-nologo", "-v", "q"])
                {
                    RedirectStandardOutput = true,
                });
                string program = Path.Combine(to, "FirstResult" + (OperatingSystem.IsWindows() ? ".exe" : ""));
                double[] times = [.. Enumerable.Range(0, Runs).Select(_ => double.Parse(Child.Run(new ProcessStartInfo(program) { RedirectStandardOutput = true }), CultureInfo.InvariantCulture)).Order()];
                double size = Directory.EnumerateFiles(to).Where(f => Path.GetExtension(f) is not (".pdb" or ".dbg" or ".xml")).Sum(f => new FileInfo(f).Length) / 1e6;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind,-28} | {times[Runs / 2],10:F2} | {times[0],8:F2} | {size,9:F1} |"));
            }
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    static string Project()
    {
        DirectoryInfo? d = new(AppContext.BaseDirectory);
        while (d is not null && !Directory.Exists(Path.Combine(d.FullName, "FirstResult"))) d = d.Parent;
        return Path.Combine(d?.FullName ?? throw new DirectoryNotFoundException("The benchmarks do not run inside the checkout."), "FirstResult");
    }
}
