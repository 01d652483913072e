namespace Flambeau.Optim;

/// <summary>Multiplies the rate by a factor until an epoch. PyTorch's <c>ConstantLR</c>.</summary>
public sealed class ConstantLR : LRScheduler
{
    readonly double _factor;
    readonly int _totalIters;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="totalIters">When the rate is full again.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int totalIters = 5, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        if (!(factor > 0 && factor <= 1)) throw new ArgumentOutOfRangeException(nameof(factor), factor, $"ConstantLR: factor is {factor}; it must lie in (0, 1].");
        (_factor, _totalIters) = (factor, totalIters);
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr) => LastEpoch == 0 ? lr * _factor : LastEpoch == _totalIters ? lr * (1 / _factor) : lr;
}
