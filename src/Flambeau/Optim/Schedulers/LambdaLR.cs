namespace Flambeau.Optim;

/// <summary>The base rate times a function of the epoch. PyTorch's <c>LambdaLR</c>.</summary>
public sealed class LambdaLR : LRScheduler
{
    readonly Func<int, double>[] _lambdas;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="lrLambda">The function, or one for each group.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public LambdaLR(Optimizer optimizer, PerGroup<Func<int, double>> lrLambda, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        _lambdas = lrLambda.For(optimizer, nameof(lrLambda));
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr) => BaseLrs[group] * _lambdas[group](LastEpoch);
}
