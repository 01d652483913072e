using Flambeau.IO;

namespace Flambeau.Optim;

/// <summary>Multiplies the rate by a factor when a metric has stopped improving. PyTorch's <c>ReduceLROnPlateau</c>.</summary>
public sealed class ReduceLROnPlateau : IStateful
{
    readonly bool _min, _relative;
    readonly double _factor, _threshold, _eps;
    readonly int _patience, _cooldown;
    readonly double[] _minLr;
    double _best;
    int _bad, _cooling, _epoch;

    /// <summary>Begins; the rates stay as they are.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="mode"><c>min</c> if the metric should fall, <c>max</c> if it should rise.</param>
    /// <param name="factor">The factor, below 1.</param>
    /// <param name="patience">How many epochs without improvement are borne.</param>
    /// <param name="threshold">What counts as an improvement.</param>
    /// <param name="thresholdMode"><c>rel</c>: a fraction of the best; <c>abs</c>: a difference.</param>
    /// <param name="cooldown">How many epochs after a change do not count.</param>
    /// <param name="minLr">The lowest rate, or one for each group.</param>
    /// <param name="eps">Smaller changes of the rate are not made.</param>
    public ReduceLROnPlateau(Optimizer optimizer, string mode = "min", double factor = 0.1, int patience = 10, double threshold = 1e-4, string thresholdMode = "rel", int cooldown = 0,
        PerGroup<double>? minLr = null, double eps = 1e-8)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (!(factor < 1)) throw new ArgumentOutOfRangeException(nameof(factor), factor, $"ReduceLROnPlateau: factor is {factor}; it must be below 1.");
        if (mode is not ("min" or "max")) throw new ArgumentException($"ReduceLROnPlateau: mode is \"min\" or \"max\", not \"{mode}\".", nameof(mode));
        if (thresholdMode is not ("rel" or "abs")) throw new ArgumentException($"ReduceLROnPlateau: thresholdMode is \"rel\" or \"abs\", not \"{thresholdMode}\".", nameof(thresholdMode));
        Optimizer = optimizer;
        (_min, _factor, _patience, _threshold, _relative, _cooldown, _eps) = (mode == "min", factor, patience, threshold, thresholdMode == "rel", cooldown, eps);
        _minLr = (minLr ?? 0.0).For(optimizer, nameof(minLr));
        _best = _min ? double.PositiveInfinity : double.NegativeInfinity;
    }

    /// <summary>The optimizer whose rates it sets.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Looks at the metric of an epoch, and lowers the rates if there was no improvement for too long.</summary>
    public void Step(double metric)
    {
        _epoch++;
        if (IsBetter(metric)) (_best, _bad) = (metric, 0);
        else _bad++;
        if (_cooling > 0)
        {
            _cooling--;
            _bad = 0;
        }
        if (_bad <= _patience) return;
        for (int i = 0; i < _minLr.Length; i++)
        {
            ParamGroup g = Optimizer.ParamGroups[i];
            double lr = Math.Max(g.Lr * _factor, _minLr[i]);
            if (g.Lr - lr > _eps) g.Lr = lr;
        }
        (_cooling, _bad) = (_cooldown, 0);
    }

    bool IsBetter(double x) => (_min, _relative) switch
    {
        (true, true) => x < _best * (1 - _threshold),
        (true, false) => x < _best - _threshold,
        (false, true) => x > _best * (1 + _threshold),
        _ => x > _best + _threshold,
    };

    /// <inheritdoc/>
    public State StateDict() => new() { Values = { ["best"] = State.Number(_best), ["num_bad_epochs"] = _bad, ["cooldown_counter"] = _cooling, ["last_epoch"] = _epoch } };

    /// <inheritdoc/>
    public Action PrepareLoad(State state)
    {
        double best = state.Number("best");
        int bad = checked((int)state.Integer("num_bad_epochs")), cooling = checked((int)state.Integer("cooldown_counter")), epoch = checked((int)state.Integer("last_epoch"));
        return () => (_best, _bad, _cooling, _epoch) = (best, bad, cooling, epoch);
    }
}
