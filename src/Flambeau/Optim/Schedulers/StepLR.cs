namespace Flambeau.Optim;

/// <summary>Multiplies the rate by a factor at regular distances. PyTorch's <c>StepLR</c>.</summary>
public sealed class StepLR : LRScheduler
{
    readonly int _stepSize;
    readonly double _gamma;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="stepSize">The distance.</param>
    /// <param name="gamma">The factor.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public StepLR(Optimizer optimizer, int stepSize, double gamma = 0.1, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepSize);
        (_stepSize, _gamma) = (stepSize, gamma);
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr) => LastEpoch == 0 || LastEpoch % _stepSize != 0 ? lr : lr * _gamma;
}
