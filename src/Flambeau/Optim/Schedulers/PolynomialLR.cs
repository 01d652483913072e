namespace Flambeau.Optim;

/// <summary>Takes the rate down to 0 as a power of the time left. PyTorch's <c>PolynomialLR</c>.</summary>
public sealed class PolynomialLR : LRScheduler
{
    readonly int _totalIters;
    readonly double _power;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="totalIters">When the rate is 0.</param>
    /// <param name="power">The power.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public PolynomialLR(Optimizer optimizer, int totalIters = 5, double power = 1, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        (_totalIters, _power) = (totalIters, power);
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr)
    {
        if (LastEpoch == 0 || LastEpoch > _totalIters) return lr;
        return lr * Math.Pow((1.0 - (double)LastEpoch / _totalIters) / (1.0 - (double)(LastEpoch - 1) / _totalIters), _power);
    }
}
