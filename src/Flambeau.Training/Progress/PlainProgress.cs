namespace Flambeau.Training;

/// <summary>Writes plain lines: one an epoch, and within long epochs one from time to time. For files, pipes and build servers.</summary>
/// <param name="output">Where the lines go.</param>
/// <param name="clock">The time; the system's by default.</param>
public sealed class PlainProgress(TextWriter output, TimeProvider? clock = null) : ITrainingProgress
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private ProgressMeter? _meter;
    private long _lastLine;

    /// <summary>How often a line within an epoch is written.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public void Start(TrainingPlan plan)
    {
        _meter = new(plan, _clock);
        _lastLine = _clock.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Step(StepReport report)
    {
        ProgressMeter meter = Meter;
        meter.Step(report);
        if (_clock.GetElapsedTime(_lastLine) < Interval || meter.EpochShare >= 1) return;
        string epoch = ProgressText.Epoch(report.Epoch, meter.Plan.Epochs);
        Write($"{epoch}  {Math.Floor(100 * meter.EpochShare),3:0} %  {ProgressText.Step(meter)}");
    }

    /// <inheritdoc/>
    public void Epoch(EpochReport report) => Write(ProgressText.Epoch(report, Meter.Plan.Epochs, Meter.EndEpoch(report.Epoch)));

    /// <inheritdoc/>
    public void Note(string message) => Write(message);

    /// <summary>Flushes; the writer stays open.</summary>
    public void Dispose() => output.Flush();

    private ProgressMeter Meter => _meter ?? throw new InvalidOperationException("Start comes before Step and Epoch.");

    private void Write(string line)
    {
        output.WriteLine(line);
        output.Flush();
        _lastLine = _clock.GetTimestamp();
    }
}
