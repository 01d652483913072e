using System.Collections.Concurrent;
using Spectre.Console;

namespace Flambeau.Training;

/// <summary>A bar at the bottom of a terminal that moves on while lines about finished epochs stay above it.</summary>
// Spectre's live display must be written to by one thread: a loop of its own, which takes the lines from a queue.
public sealed class LiveProgress : ITrainingProgress
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _clock;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private ProgressMeter? _meter;
    private Task _display = Task.CompletedTask;

    /// <summary>A display on a terminal.</summary>
    /// <param name="console">The terminal; by default the process's.</param>
    /// <param name="clock">The time; the system's by default.</param>
    public LiveProgress(IAnsiConsole? console = null, TimeProvider? clock = null) =>
        (_console, _clock) = (console ?? AnsiConsole.Console, clock ?? TimeProvider.System);

    /// <inheritdoc/>
    public void Start(TrainingPlan plan)
    {
        if (_meter is not null) throw new InvalidOperationException("This display was started already.");
        _meter = new(plan, _clock);
        _display = Task.Run(ShowAsync);
    }

    /// <inheritdoc/>
    public void Step(StepReport report)
    {
        lock (_lock) Meter.Step(report);
    }

    /// <inheritdoc/>
    public void Epoch(EpochReport report)
    {
        lock (_lock)
        {
            string line = Markup.Escape(ProgressText.Epoch(report, Meter.Plan.Epochs, Meter.EndEpoch(report.Epoch)));
            _lines.Enqueue(report.IsBest ? line.Replace("best so far", "[green]best so far[/]") : line);
        }
    }

    /// <inheritdoc/>
    public void Note(string message)
    {
        string line = $"[grey]{Markup.Escape(message)}[/]";
        if (_meter is null || _stop.IsCancellationRequested) _console.MarkupLine(line);
        else _lines.Enqueue(line);
    }

    /// <summary>Removes the bar; what stands above it stays.</summary>
    public void Dispose()
    {
        if (_stop.IsCancellationRequested) return;
        _stop.Cancel();
        _display.Wait();
        WriteLines();
    }

    /// <summary>The bar's line for a terminal of this width.</summary>
    internal static string Line(ProgressMeter meter, int width, bool unicode)
    {
        string start = ProgressText.Epoch(meter.Last.Epoch, meter.Plan.Epochs), end = ProgressText.Step(meter);
        string share = $"{Math.Floor(100 * meter.EpochShare),3:0} %";
        // The last column stays free: some terminals break the line there.
        int room = width - 1 - start.Length - share.Length - end.Length - 6, length = Math.Min(room, 40);
        if (length < 8) return Markup.Escape(Cut($"{start}  {share}  {end}", width - 1));
        int done = (int)(meter.EpochShare * length);
        (char full, char empty) = unicode ? ('━', '─') : ('#', '-');
        string bar = $"[blue]{new string(full, done)}[/][grey]{new string(empty, length - done)}[/]";
        return $"[bold]{start}[/]  {bar}  {share}  {Markup.Escape(end)}";
    }

    private ProgressMeter Meter => _meter ?? throw new InvalidOperationException("Start comes before Step and Epoch.");

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..Math.Max(0, width)];

    private Task ShowAsync() => _console.Live(new Markup("")).AutoClear(true).StartAsync(async live =>
    {
        while (!_stop.IsCancellationRequested)
        {
            WriteLines();
            string line;
            lock (_lock) line = Line(Meter, _console.Profile.Width, _console.Profile.Capabilities.Unicode);
            live.UpdateTarget(new Markup(line));
            await Task.Delay(Refresh, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    });

    private void WriteLines()
    {
        while (_lines.TryDequeue(out string? line)) _console.MarkupLine(line);
    }
}
