namespace Flambeau.Optim;

/// <summary>Takes the rate up and down between two bounds: Smith (2017). It is stepped after every batch. PyTorch's <c>CyclicLR</c>.</summary>
public sealed class CyclicLR : LRScheduler
{
    readonly double[] _baseLr, _maxLr;
    readonly double _total, _ratio, _baseMomentum, _maxMomentum;
    readonly bool _perCycle, _cycleMomentum;
    readonly Func<double, double> _scale;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="baseLr">The lower bound, or one for each group.</param>
    /// <param name="maxLr">The upper bound, or one for each group.</param>
    /// <param name="stepSizeUp">How many steps the rate rises.</param>
    /// <param name="stepSizeDown">How many it falls; as many if not given.</param>
    /// <param name="mode"><c>triangular</c>; <c>triangular2</c>, which halves the height in each cycle; <c>exp_range</c>, which multiplies it by gamma in each step.</param>
    /// <param name="gamma">For <c>exp_range</c>.</param>
    /// <param name="scaleFn">A function of the cycle (from 1) or step that takes the mode's place.</param>
    /// <param name="scaleMode">Of what <paramref name="scaleFn"/> is a function: <c>cycle</c> or <c>iterations</c>.</param>
    /// <param name="cycleMomentum">Whether the momentum moves the other way.</param>
    /// <param name="baseMomentum">The lower bound of the momentum.</param>
    /// <param name="maxMomentum">The upper.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public CyclicLR(Optimizer optimizer, PerGroup<double> baseLr, PerGroup<double> maxLr, int stepSizeUp = 2000, int? stepSizeDown = null, string mode = "triangular", double gamma = 1,
        Func<double, double>? scaleFn = null, string scaleMode = "cycle", bool cycleMomentum = true, double baseMomentum = 0.8, double maxMomentum = 0.9, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepSizeUp);
        _baseLr = baseLr.For(optimizer, nameof(baseLr));
        _maxLr = maxLr.For(optimizer, nameof(maxLr));
        _total = stepSizeUp + (stepSizeDown ?? stepSizeUp);
        _ratio = stepSizeUp / _total;
        (_cycleMomentum, _baseMomentum, _maxMomentum) = (cycleMomentum, baseMomentum, maxMomentum);
        if (scaleMode is not ("cycle" or "iterations")) throw new ArgumentException($"CyclicLR: scaleMode is \"cycle\" or \"iterations\", not \"{scaleMode}\".", nameof(scaleMode));
        (_scale, _perCycle) = scaleFn is not null ? (scaleFn, scaleMode == "cycle") : mode switch
        {
            "triangular" => (_ => 1.0, true),
            "triangular2" => (x => 1 / Math.Pow(2, x - 1), true),
            "exp_range" => (x => Math.Pow(gamma, x), false),
            _ => throw new ArgumentException($"CyclicLR: mode is \"triangular\", \"triangular2\" or \"exp_range\", not \"{mode}\".", nameof(mode)),
        };
        if (cycleMomentum) RequireMomentum("CyclicLR");
        Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr)
    {
        double cycle = Math.Floor(1 + LastEpoch / _total), x = 1 + LastEpoch / _total - cycle;
        double height = x <= _ratio ? x / _ratio : (x - 1) / (_ratio - 1), scale = _scale(_perCycle ? cycle : LastEpoch);
        if (_cycleMomentum) Momentum(Optimizer.ParamGroups[group], _maxMomentum - (_maxMomentum - _baseMomentum) * height * scale);
        return _baseLr[group] + (_maxLr[group] - _baseLr[group]) * height * scale;
    }
}
