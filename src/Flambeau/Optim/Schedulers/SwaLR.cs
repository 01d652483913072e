namespace Flambeau.Optim;

/// <summary>Takes the rate to a constant, for averaging weights (Izmailov et al., 2018). PyTorch's <c>torch.optim.swa_utils.SWALR</c>.</summary>
public sealed class SwaLR : LRScheduler
{
    readonly double[] _swaLr;
    readonly int _annealEpochs;
    readonly bool _cos;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="swaLr">The constant, or one for each group.</param>
    /// <param name="annealEpochs">After how many epochs it is reached.</param>
    /// <param name="annealStrategy"><c>cos</c> or <c>linear</c>.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public SwaLR(Optimizer optimizer, PerGroup<double> swaLr, int annealEpochs = 10, string annealStrategy = "cos", int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(annealEpochs);
        _cos = annealStrategy switch
        {
            "cos" => true, "linear" => false,
            _ => throw new ArgumentException($"SwaLR: annealStrategy is \"cos\" or \"linear\", not \"{annealStrategy}\".", nameof(annealStrategy)),
        };
        (_swaLr, _annealEpochs) = (swaLr.For(optimizer, nameof(swaLr)), annealEpochs);
        Step();
    }

    /// <summary>Which part of the way is gone.</summary>
    double Way(int step)
    {
        double t = Math.Clamp(step / (double)Math.Max(1, _annealEpochs), 0, 1);
        return _cos ? (1 - Math.Cos(Math.PI * t)) / 2 : t;
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr)
    {
        int step = _annealEpochs == 0 ? Math.Max(1, LastEpoch) : LastEpoch;
        double to = _swaLr[group], gone = Way(step - 1), alpha = Way(step);
        double from = gone == 1 ? to : (lr - gone * to) / (1 - gone);
        return to * alpha + from * (1 - alpha);
    }
}
