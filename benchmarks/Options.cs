using System.Text.RegularExpressions;

namespace Flambeau.Benchmarks;

/// <summary>The command line.</summary>
sealed record Options
{
    public const string Usage = """
        usage: dotnet run -c Release --project benchmarks -- [options]
          --peer             measure TorchSharp (libtorch) beside us, in turns, and print ratios
          --filter REGEX     only workloads whose group or name matches
          --threads 1,2      numbers of threads (1 and the number of cores)
          --json FILE        write all figures there
          --sort             print the table once more at the end, worst ratio first
          --quick            few and short samples: does everything run and agree?
          --peaks            only measure what the machine can do
          --start            only measure how long a program takes to its first result: with the JIT, ReadyToRun and NativeAOT
          --memory           only measure how much memory the workloads need at most, ours and the peer's, each in a process of its own
          --list             only print names
        """;

    public bool Peer { get; init; }
    public bool Quick { get; init; }
    public bool Sort { get; init; }
    public bool OnlyPeaks { get; init; }
    public bool OnlyMemory { get; init; }
    public bool OnlyStart { get; init; }
    public bool OnlyList { get; init; }
    public string? Json { get; init; }
    public Regex Filter { get; init; } = new("");
    public int[] Threads { get; init; } = [.. new[] { 1, Environment.ProcessorCount }.Distinct()];

    /// <exception cref="FormatException">An argument is not understood.</exception>
    public static Options Parse(string[] args)
    {
        Options o = new();
        for (int i = 0; i < args.Length; i++)
        {
            string Value() => i + 1 < args.Length ? args[++i] : throw new FormatException($"{args[i]}: a value is missing.");
            o = args[i] switch
            {
                "--peer" => o with { Peer = true },
                "--quick" => o with { Quick = true },
                "--sort" => o with { Sort = true },
                "--peaks" => o with { OnlyPeaks = true },
                "--start" => o with { OnlyStart = true },
                "--memory" => o with { OnlyMemory = true },
                "--list" => o with { OnlyList = true },
                "--json" => o with { Json = Value() },
                "--filter" => o with { Filter = Pattern(Value()) },
                "--threads" => o with { Threads = Counts(Value()) },
                _ => throw new FormatException($"{args[i]}: there is no such option."),
            };
        }
        return o;
    }

    static Regex Pattern(string text)
    {
        try { return new(text, RegexOptions.IgnoreCase); }
        catch (ArgumentException e) { throw new FormatException(e.Message); }
    }

    static int[] Counts(string text) => [.. text.Split(',').Select(t => int.TryParse(t, out int n) && n is > 0 and <= 1024 ? n : throw new FormatException($"--threads: '{t}' is no number of threads."))];
}
