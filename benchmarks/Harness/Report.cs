using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flambeau.Benchmarks;

/// <summary>The table, its summary and the file of figures.</summary>
static class Report
{
    public static void Head(Machine machine, IEnumerable<Peak> peaks)
    {
        Console.WriteLine(machine);
        foreach (Peak p in peaks) Console.WriteLine(Invariant($"{p.Threads} thread{(p.Threads == 1 ? "" : "s")}: {p.GigaFlops:F0} GFLOP/s of multiply-adds in registers, {p.GigaBytes:F1} GB/s of a copy of 2^24 floats"));
        Console.WriteLine();
    }

    public static void TableHead()
    {
        Console.WriteLine($"| {"workload",-44} | thr |      ours |      best |      peer |      best | ratio |        rate | peak |    bytes |   gen 2 |");
        Console.WriteLine($"|{new string('-', 46)}|----:|----------:|----------:|----------:|----------:|------:|------------:|-----:|---------:|--------:|");
    }

    public static void Line(Row r)
    {
        string rate = r.GigaFlops is { } f ? Invariant($"{f:F0} GFLOP/s") : r.GigaBytes is { } b ? Invariant($"{b:F1} GB/s") : "";
        string figures = r.OursMedian == 0 ? "" : Invariant($" {Time(r.OursMedian),9} | {Time(r.OursBest),9} | {Time(r.PeerMedian),9} | {Time(r.PeerBest),9} | {r.Ratio,5:F2} | {rate,11} | {r.OfPeak,4:P0} | {Size(r.AllocatedBytes),8} | {r.Gen2,7:0.####} |");
        Console.WriteLine($"| {r.Workload,-44} | {r.Threads,3} |{figures}{(r.Trouble is null ? "" : $" **{r.Trouble}** |")}");
    }

    /// <summary>How we stand, for each number of threads.</summary>
    public static void Summary(IReadOnlyList<Row> rows)
    {
        Console.WriteLine();
        foreach (IGrouping<int, Row> g in rows.Where(r => r.Group != Startup.Group).GroupBy(r => r.Threads))
        {
            Row[] all = [.. g.Where(r => r.Ratio is not null && r.Trouble is null)], slower = [.. all.Where(r => r.Ratio < 1).OrderBy(r => r.Ratio)];
            int troubled = g.Count(r => r.Trouble is not null);
            Console.WriteLine(Invariant($"{g.Key} thread{(g.Key == 1 ? "" : "s")}: {g.Count()} workloads") + (troubled == 0 ? "" : $", {troubled} of them without figures that count")
                + (all.Length == 0 ? "" : Invariant($"; geometric mean {Mean(all):F2}, below 1.0: {slower.Length} of {all.Length}")));
        }
    }

    public static double Mean(IEnumerable<Row> rows) => Math.Exp(rows.Average(r => Math.Log(r.Ratio!.Value)));

    public static void Save(string path, Machine machine, IEnumerable<Peak> peaks, IReadOnlyList<Row> rows, bool quick)
    {
        using FileStream file = File.Create(path);
        JsonSerializer.Serialize(file, new { date = DateTime.UtcNow, quick, machine, peaks, rows },
            new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals });
    }

    static string Time(double? seconds) => seconds switch
    {
        null => "",
        < 1e-6 => Invariant($"{seconds * 1e9:F0} ns"),
        < 1e-4 => Invariant($"{seconds * 1e6:F2} us"),
        < 1e-3 => Invariant($"{seconds * 1e6:F0} us"),
        < 0.1 => Invariant($"{seconds * 1e3:F2} ms"),
        _ => Invariant($"{seconds * 1e3:F0} ms"),
    };

    static string Size(double bytes) => bytes switch
    {
        < 10_000 => Invariant($"{bytes:F0}"),
        < 10_000_000 => Invariant($"{bytes / 1e3:F0} k"),
        _ => Invariant($"{bytes / 1e6:F0} M"),
    };

    static string Invariant(FormattableString s) => s.ToString(CultureInfo.InvariantCulture);
}
