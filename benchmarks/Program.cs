// Ours and the peer's times side by side: dotnet run -c Release --project benchmarks -- --peer
using System.Diagnostics;
using Flambeau.Benchmarks;
using Flambeau.Benchmarks.Workloads;

long begin = Stopwatch.GetTimestamp();
if (args is [Startup.Argument, { } side])
{
    Startup.FirstResult(side, begin);
    return 0;
}
if (args is [Footprint.Argument, { } of, { } name])
{
    Footprint.Measure(of, name, All.Workloads);
    return 0;
}
if (args is ["--help" or "-h"])
{
    Console.WriteLine(Options.Usage);
    return 0;
}
Options options;
try
{
    options = Options.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n{Options.Usage}");
    return 2;
}
Workload[] chosen = [.. All.Workloads.Where(w => options.Filter.IsMatch($"{w.Group}: {w.Name}"))];
bool start = options.Filter.IsMatch(Startup.Name);
if (options.OnlyList)
{
    foreach (Workload w in chosen) Console.WriteLine($"{w.Group}: {w.Name}");
    if (start) Console.WriteLine(Startup.Name);
    return 0;
}

if (chosen.Length == 0 && !start && !options.OnlyPeaks && !options.OnlyStart)
{
    Console.Error.WriteLine($"No workload's \"group: name\" matches {options.Filter}; --list prints them.");
    return 2;
}
if (options.OnlyStart)
{
    PublishedStarts.Table();
    return 0;
}
if (options.OnlyMemory)
{
    Footprint.Table(chosen);
    return 0;
}

Machine machine = Machine.This;
Peaks peaks = new();
foreach (int n in options.Threads) peaks.At(n);
Report.Head(machine, peaks.All);
if (options.OnlyPeaks) return 0;
if (options.Peer) PeerLibrary.Load();

Bench bench = new(options, peaks);
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = !bench.Stopped;                        // a second time ends it at once
    bench.Stopped = true;
};
List<Row> rows = [];
if (start) rows.Add(Startup.Run(options));
Report.TableHead();
foreach (Row r in rows) Report.Line(r);
foreach (Workload w in chosen)
    foreach (int n in options.Threads)
    {
        if (bench.Stopped) break;
        rows.Add(bench.Run(w, n));
        Report.Line(rows[^1]);
    }
if (options.Sort)
{
    Console.WriteLine();
    Report.TableHead();
    foreach (Row r in rows.OrderBy(r => r.Ratio ?? double.MaxValue)) Report.Line(r);
}
Report.Summary(rows);
if (options.Json is { } path) Report.Save(path, machine, peaks.All, rows, options.Quick);
return rows.Any(r => r.Trouble is not null && r.Trouble != "stopped") ? 1 : 0;
