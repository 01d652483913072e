namespace Flambeau.Training;

/// <summary>Measures speed and guesses the time left.</summary>
internal sealed class ProgressMeter(TrainingPlan plan, TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();
    private long _epochStart = clock.GetTimestamp();
    private long _stepsDone, _epochSamples;

    public TrainingPlan Plan => plan;

    public StepReport Last { get; private set; } = new(plan.FirstEpoch, 0, 0, double.NaN);

    public TimeSpan Elapsed => clock.GetElapsedTime(_start);

    public TimeSpan EpochElapsed => clock.GetElapsedTime(_epochStart);

    /// <summary>The share of the epoch's batches that is done.</summary>
    public double EpochShare => Math.Clamp((double)Last.Step / Math.Max(1, plan.StepsPerEpoch), 0, 1);

    /// <summary>Samples a second in this epoch so far; NaN before its first.</summary>
    public double Speed => _epochSamples > 0 && EpochElapsed > TimeSpan.Zero ? _epochSamples / EpochElapsed.TotalSeconds : double.NaN;

    /// <summary>Until the end of the last epoch, if all goes on as in this run so far; null before the first batch.</summary>
    public TimeSpan? Left
    {
        get
        {
            if (_stepsDone == 0) return null;
            long steps = (long)(plan.Epochs - Last.Epoch) * plan.StepsPerEpoch + plan.StepsPerEpoch - Last.Step;
            return Elapsed * (Math.Max(0, steps) / (double)_stepsDone);
        }
    }

    public void Step(StepReport report)
    {
        _stepsDone++;
        _epochSamples += report.Samples;
        Last = report;
    }

    /// <summary>Starts the next epoch and tells how long this one took.</summary>
    public TimeSpan EndEpoch(int epoch)
    {
        TimeSpan took = EpochElapsed;
        (_epochStart, _epochSamples) = (clock.GetTimestamp(), 0);
        if (epoch < plan.Epochs) Last = new(epoch + 1, 0, 0, double.NaN);
        return took;
    }
}
