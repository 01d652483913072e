namespace Flambeau.Optim;

/// <summary>Multiplies the rate by a factor at each milestone. PyTorch's <c>MultiStepLR</c>.</summary>
public sealed class MultiStepLR : LRScheduler
{
    readonly int[] _milestones;
    readonly double _gamma;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="milestones">The epochs; one named twice counts twice.</param>
    /// <param name="gamma">The factor.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public MultiStepLR(Optimizer optimizer, IEnumerable<int> milestones, double gamma = 0.1, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        (_milestones, _gamma) = ([.. milestones], gamma);
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr) => _milestones.Count(m => m == LastEpoch) is var n && n == 0 ? lr : lr * Math.Pow(_gamma, n);
}
