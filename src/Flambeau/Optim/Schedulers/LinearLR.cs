namespace Flambeau.Optim;

/// <summary>Multiplies the rate by a factor that moves along a line: a warm-up. PyTorch's <c>LinearLR</c>.</summary>
public sealed class LinearLR : LRScheduler
{
    readonly double _start, _end;
    readonly int _totalIters;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="startFactor">The factor at first.</param>
    /// <param name="endFactor">The factor in the end.</param>
    /// <param name="totalIters">When that is.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public LinearLR(Optimizer optimizer, double startFactor = 1.0 / 3, double endFactor = 1, int totalIters = 5, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        if (!(startFactor > 0 && startFactor <= 1)) throw new ArgumentOutOfRangeException(nameof(startFactor), startFactor, $"LinearLR: startFactor is {startFactor}; it must lie in (0, 1].");
        if (!(endFactor >= 0 && endFactor <= 1)) throw new ArgumentOutOfRangeException(nameof(endFactor), endFactor, $"LinearLR: endFactor is {endFactor}; it must lie in [0, 1].");
        (_start, _end, _totalIters) = (startFactor, endFactor, totalIters);
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr)
    {
        if (LastEpoch == 0) return lr * _start;
        if (LastEpoch > _totalIters) return lr;
        return lr * (1 + (_end - _start) / (_totalIters * _start + (LastEpoch - 1) * (_end - _start)));
    }
}
