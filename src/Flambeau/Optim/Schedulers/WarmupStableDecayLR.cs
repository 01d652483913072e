namespace Flambeau.Optim;

/// <summary>
/// Takes the rate up in a line, keeps it, and takes it down at the end (Hu et al., 2024), so that training can go on from before the
/// decay. It is stepped after every batch.
/// </summary>
public sealed class WarmupStableDecayLR : LRScheduler
{
    readonly int _warmup, _stable, _decay;
    readonly double _start, _end;
    readonly Func<double, double> _shape;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set; they are the highest.</param>
    /// <param name="warmupSteps">How many steps the rate rises.</param>
    /// <param name="stableSteps">How many steps it stays.</param>
    /// <param name="decaySteps">How many steps it falls; then it stays.</param>
    /// <param name="endFactor">The last rate by the highest.</param>
    /// <param name="decay">How it falls: <c>linear</c>, <c>cos</c>, or <c>sqrt</c>: as 1 − √t.</param>
    /// <param name="startFactor">The first rate by the highest.</param>
    /// <param name="lastEpoch">At which step training stopped that goes on now; −1 begins.</param>
    /// <exception cref="ArgumentException">A number is out of range, or the way of falling has another name.</exception>
    public WarmupStableDecayLR(Optimizer optimizer, int warmupSteps, int stableSteps, int decaySteps, double endFactor = 0, string decay = "linear", double startFactor = 0, int lastEpoch = -1)
        : base(optimizer, lastEpoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(stableSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(decaySteps);
        if (!(startFactor is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(startFactor), startFactor, $"WarmupStableDecayLR: startFactor is {startFactor}; it must lie in [0, 1].");
        if (!(endFactor is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(endFactor), endFactor, $"WarmupStableDecayLR: endFactor is {endFactor}; it must lie in [0, 1].");
        _shape = decay switch
        {
            "linear" => static t => 1 - t,
            "cos" => static t => (1 + Math.Cos(Math.PI * t)) / 2,
            "sqrt" => static t => 1 - Math.Sqrt(t),
            _ => throw new ArgumentException($"WarmupStableDecayLR: decay is \"linear\", \"cos\" or \"sqrt\", not \"{decay}\".", nameof(decay)),
        };
        (_warmup, _stable, _decay, _start, _end) = (warmupSteps, stableSteps, decaySteps, startFactor, endFactor);
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr)
    {
        double high = BaseLrs[group];
        if (LastEpoch < _warmup) return high * (_start + (1 - _start) * LastEpoch / _warmup);
        int falling = LastEpoch - _warmup - _stable;
        if (falling <= 0) return high;
        return high * (_end + (1 - _end) * _shape(falling >= _decay ? 1 : falling / (double)_decay));
    }
}
