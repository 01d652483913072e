using Flambeau.IO;

namespace Flambeau.Optim;

/// <summary>Takes the rate down along half a cosine again and again: Loshchilov and Hutter (2017). PyTorch's <c>CosineAnnealingWarmRestarts</c>.</summary>
public sealed class CosineAnnealingWarmRestarts : LRScheduler
{
    readonly int _t0, _tMult;
    readonly double _etaMin;
    double _cycle, _position;

    /// <summary>Begins.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="t0">The epochs of the first cycle.</param>
    /// <param name="tMult">By what each cycle is longer than the one before.</param>
    /// <param name="etaMin">The lowest rate.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    public CosineAnnealingWarmRestarts(Optimizer optimizer, int t0, int tMult = 1, double etaMin = 0, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(t0);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tMult);
        (_t0, _tMult, _etaMin) = (t0, tMult, etaMin);
        if (lastEpoch < 0) Step(0.0);
        else
        {
            (_cycle, _position) = (t0, lastEpoch);
            Step();
        }
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr) => _etaMin + (BaseLrs[group] - _etaMin) * (1 + Math.Cos(Math.PI * _position / _cycle)) / 2;

    /// <inheritdoc/>
    public override void Step()
    {
        if (LastEpoch < 0) { Step(0.0); return; }
        if (++_position >= _cycle)
        {
            _position -= _cycle;
            _cycle *= _tMult;
        }
        base.Step();
    }

    /// <summary>Sets the rates of a moment within an epoch: <c>Step(epoch + i / (double)batches)</c>.</summary>
    public void Step(double epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        (_cycle, _position) = (_t0, epoch);
        if (epoch >= _t0 && _tMult == 1) _position = epoch % _t0;
        else if (epoch >= _t0)
        {
            int n = (int)Math.Log(epoch / _t0 * (_tMult - 1) + 1, _tMult);
            _position = epoch - _t0 * (Math.Pow(_tMult, n) - 1) / (_tMult - 1);
            _cycle = _t0 * Math.Pow(_tMult, n);
        }
        LastEpoch = (int)epoch;
        SetRates();
    }

    internal override void Restart() => Step(0.0);

    /// <inheritdoc/>
    public override State StateDict()
    {
        State s = base.StateDict();
        s.Values["t_cur"] = _position;
        s.Values["t_i"] = _cycle;
        return s;
    }

    /// <inheritdoc/>
    public override Action PrepareLoad(State state)
    {
        double position = state.Number("t_cur"), cycle = state.Number("t_i");
        return base.PrepareLoad(state) + (() => (_position, _cycle) = (position, cycle));
    }
}
