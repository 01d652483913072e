using System.Diagnostics;
using System.Globalization;

namespace Flambeau.Benchmarks;

/// <summary>
/// How much memory a workload's process holds at most, beyond what it held after its library's first result: weights, inputs, and what thirty calls leave.
/// The peer's tensors are disposed at once, ours never.
/// </summary>
static class Footprint
{
    public const string Argument = "--footprint";
    const int Calls = 30;

    /// <summary>What a process for one side does.</summary>
    public static void Measure(string side, string name, IEnumerable<Workload> all)
    {
        if (side == "peer") PeerLibrary.Load();
        Startup.Once(side);
        long before = Status("VmRSS:");
        Pair pair = all.Single(w => w.Name == name).Build();
        if (side == "peer")
        {
            before = Status("VmRSS:");                                             // our network and inputs, whose weights the peer's gets, do not count as its own
            Func<T> step = pair.Peer();
            for (int i = 0; i < Calls; i++) step().Dispose();
        }
        else for (int i = 0; i < Calls; i++) pair.Ours();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Status("VmHWM:") - before} {Status("VmHWM:")}"));
    }

    /// <summary>Both sides of each workload, as a table of megabytes.</summary>
    public static void Table(IEnumerable<Workload> chosen)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("Peak memory is read from /proc, which this system does not have.");
            return;
        }
        Console.WriteLine($"| {"peak memory, MB",-44} |   ours | peer's | ours/peer's | whole process, ours | peer's |");
        Console.WriteLine($"|{new string('-', 46)}|-------:|-------:|------------:|--------------------:|-------:|");
        foreach (Workload w in chosen)
        {
            (double own, double ownAll) = Once("ours", w.Name);
            (double peer, double peerAll) = Once("peer", w.Name);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {w.Name,-44} | {own,6:F1} | {peer,6:F1} | {own / peer,11:F2} | {ownAll,19:F0} | {peerAll,6:F0} |"));
        }
        Console.WriteLine();
    }

    static (double Own, double All) Once(string side, string name)
    {
        string[] said = Child.Run(Argument, side, name).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return (Megabytes(said[0]), Megabytes(said[1]));

        static double Megabytes(string kilobytes) => double.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    /// <summary>A figure of /proc/self/status, in kilobytes.</summary>
    static long Status(string key)
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(key.Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
