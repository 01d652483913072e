namespace Flambeau.Optim;

/// <summary>Takes the rate down along half a cosine, and up again: Loshchilov and Hutter (2017). PyTorch's <c>CosineAnnealingLR</c>.</summary>
public sealed class CosineAnnealingLR : LRScheduler
{
    readonly int _tMax;
    readonly double _etaMin;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="tMax">When the rate is lowest.</param>
    /// <param name="etaMin">The lowest rate.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public CosineAnnealingLR(Optimizer optimizer, int tMax, double etaMin = 0, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tMax);
        (_tMax, _etaMin) = (tMax, etaMin);
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr)
    {
        if (LastEpoch == 0) return lr;
        if ((LastEpoch - 1 - _tMax) % (2 * _tMax) == 0) return lr + (BaseLrs[group] - _etaMin) * (1 - Math.Cos(Math.PI / _tMax)) / 2;
        return (1 + Math.Cos(Math.PI * LastEpoch / _tMax)) / (1 + Math.Cos(Math.PI * (LastEpoch - 1) / _tMax)) * (lr - _etaMin) + _etaMin;
    }
}
