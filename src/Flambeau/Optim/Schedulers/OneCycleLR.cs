namespace Flambeau.Optim;

/// <summary>
/// Takes the rate up to a maximum and then far down, and the momentum the other way: Smith and Topin (2018). It is stepped after every
/// batch. PyTorch's <c>OneCycleLR</c>.
/// </summary>
public sealed class OneCycleLR : LRScheduler
{
    readonly double[] _maxLr;
    readonly int _totalSteps;
    readonly bool _cos, _cycleMomentum;
    readonly double _divFactor, _finalDivFactor;
    readonly (double End, Rate From, Rate To, double MomentumFrom, double MomentumTo)[] _phases;

    enum Rate { Initial, Max, Min }

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="maxLr">The highest rate, or one for each group.</param>
    /// <param name="totalSteps">How many steps there will be; or</param>
    /// <param name="epochs">how many epochs</param>
    /// <param name="stepsPerEpoch">of how many steps.</param>
    /// <param name="pctStart">During what part of them the rate rises.</param>
    /// <param name="annealStrategy"><c>cos</c> or <c>linear</c>.</param>
    /// <param name="cycleMomentum">Whether the momentum moves too.</param>
    /// <param name="baseMomentum">The lowest momentum.</param>
    /// <param name="maxMomentum">The highest.</param>
    /// <param name="divFactor">The highest rate by the first.</param>
    /// <param name="finalDivFactor">The first rate by the last.</param>
    /// <param name="threePhase">Whether the rate falls to the first one, as fast as it rose, before it falls to the last.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public OneCycleLR(Optimizer optimizer, PerGroup<double> maxLr, int? totalSteps = null, int? epochs = null, int? stepsPerEpoch = null, double pctStart = 0.3, string annealStrategy = "cos", bool cycleMomentum = true,
        double baseMomentum = 0.85, double maxMomentum = 0.95, double divFactor = 25, double finalDivFactor = 1e4, bool threePhase = false, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        int steps = totalSteps ?? epochs * stepsPerEpoch ?? throw new ArgumentException("OneCycleLR: pass totalSteps, or epochs and stepsPerEpoch.", nameof(totalSteps));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps, nameof(totalSteps));
        if (!(pctStart is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(pctStart), pctStart, $"OneCycleLR: pctStart is {pctStart}; it must lie in [0, 1].");
        _cos = annealStrategy switch
        {
            "cos" => true, "linear" => false,
            _ => throw new ArgumentException($"OneCycleLR: annealStrategy is \"cos\" or \"linear\", not \"{annealStrategy}\".", nameof(annealStrategy)),
        };
        _maxLr = maxLr.For(optimizer, nameof(maxLr));
        (_totalSteps, _cycleMomentum, _divFactor, _finalDivFactor) = (steps, cycleMomentum, divFactor, finalDivFactor);
        if (cycleMomentum) RequireMomentum("OneCycleLR");
        _phases = threePhase
            ?
            [
                (pctStart * steps - 1, Rate.Initial, Rate.Max, maxMomentum, baseMomentum),
                (2 * pctStart * steps - 2, Rate.Max, Rate.Initial, baseMomentum, maxMomentum),
                (steps - 1, Rate.Initial, Rate.Min, maxMomentum, maxMomentum),
            ]
            :
            [
                (pctStart * steps - 1, Rate.Initial, Rate.Max, maxMomentum, baseMomentum),
                (steps - 1, Rate.Max, Rate.Min, baseMomentum, maxMomentum),
            ];
        Step();
    }

    double Of(Rate rate, int group)
    {
        double initial = _maxLr[group] / _divFactor;
        return rate switch { Rate.Initial => initial, Rate.Max => _maxLr[group], _ => initial / _finalDivFactor };
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There were as many steps as announced.</exception>
    public override void Step()
    {
        if (LastEpoch >= _totalSteps) throw new InvalidOperationException($"OneCycleLR: step {LastEpoch + 1} of {_totalSteps}. It was made for that many.");
        base.Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr)
    {
        double start = 0;
        for (int i = 0; ; start = _phases[i++].End)
        {
            var p = _phases[i];
            if (LastEpoch > p.End && i < _phases.Length - 1) continue;
            double pct = (LastEpoch - start) / (p.End - start);
            if (_cycleMomentum) Momentum(Optimizer.ParamGroups[group], Between(p.MomentumFrom, p.MomentumTo, pct));
            return Between(Of(p.From, group), Of(p.To, group), pct);
        }
    }

    double Between(double from, double to, double pct) => _cos ? to + (from - to) / 2 * (Math.Cos(Math.PI * pct) + 1) : (to - from) * pct + from;
}
