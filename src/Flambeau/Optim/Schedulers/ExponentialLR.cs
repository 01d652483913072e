namespace Flambeau.Optim;

/// <summary>Multiplies the rate by a factor in every epoch. PyTorch's <c>ExponentialLR</c>.</summary>
public sealed class ExponentialLR : LRScheduler
{
    readonly double _gamma;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="gamma">The factor.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public ExponentialLR(Optimizer optimizer, double gamma, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        _gamma = gamma;
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr) => LastEpoch == 0 ? lr : lr * _gamma;
}
