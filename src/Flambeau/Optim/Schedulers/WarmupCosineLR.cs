namespace Flambeau.Optim;

/// <summary>
/// Takes the rate up in a line, then down along half a cosine: the schedule of most transformers. It is stepped after every batch. As
/// PyTorch's <c>SequentialLR</c> of <c>LinearLR</c> and <c>CosineAnnealingLR</c>, in closed form.
/// </summary>
public sealed class WarmupCosineLR : LRScheduler
{
    readonly int _warmup, _total;
    readonly double _start, _min;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set; they are the highest.</param>
    /// <param name="warmupSteps">How many steps the rate rises.</param>
    /// <param name="totalSteps">The step at which it is lowest, and stays.</param>
    /// <param name="etaMin">The lowest rate.</param>
    /// <param name="startFactor">The first rate by the highest.</param>
    /// <param name="lastEpoch">At which step training stopped that goes on now; −1 begins.</param>
    /// <exception cref="ArgumentException">There are more steps of warming up than steps, or the factor lies outside [0, 1].</exception>
    public WarmupCosineLR(Optimizer optimizer, int warmupSteps, int totalSteps, double etaMin = 0, double startFactor = 0, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(totalSteps, warmupSteps);
        if (!(startFactor is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(startFactor), startFactor, $"WarmupCosineLR: startFactor is {startFactor}; it must lie in [0, 1].");
        (_warmup, _total, _min, _start) = (warmupSteps, totalSteps, etaMin, startFactor);
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr)
    {
        double high = BaseLrs[group];
        if (LastEpoch < _warmup) return high * (_start + (1 - _start) * LastEpoch / _warmup);
        double t = Math.Min(1, (LastEpoch - _warmup) / (double)(_total - _warmup));
        return _min + (high - _min) * (1 + Math.Cos(Math.PI * t)) / 2;
    }
}
