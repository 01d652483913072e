namespace Flambeau.Optim;

/// <summary>Multiplies the rate by a function of the epoch. PyTorch's <c>MultiplicativeLR</c>.</summary>
public sealed class MultiplicativeLR : LRScheduler
{
    readonly Func<int, double>[] _lambdas;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="lrLambda">The function, or one for each group.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public MultiplicativeLR(Optimizer optimizer, PerGroup<Func<int, double>> lrLambda, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        _lambdas = lrLambda.For(optimizer, nameof(lrLambda));
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr) => LastEpoch == 0 ? lr : lr * _lambdas[group](LastEpoch);
}
