using Flambeau.IO;

namespace Flambeau.Optim;

/// <summary>
/// Changes the learning rates of an optimizer step by step. A scheduler sets the first rates when it is made; several on one optimizer
/// multiply. PyTorch's <c>torch.optim.lr_scheduler.LRScheduler</c>.
/// </summary>
public abstract class LRScheduler : IStateful
{
    double[] _baseLrs;

    /// <summary>For an optimizer, whose present rates become the base rates, unless an earlier scheduler noted them.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="lastEpoch">
    /// At which epoch training stopped that goes on now; −1 begins. The optimizer's present rates must be those of that epoch, and its groups must know
    /// their first rates, as they do after its state is loaded.
    /// </param>
    /// <exception cref="ArgumentException">Training shall go on, but the first rate of a group is not known.</exception>
    protected LRScheduler(Optimizer optimizer, int lastEpoch = -1)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(lastEpoch, -1);
        (Optimizer, LastEpoch) = (optimizer, lastEpoch);
        if (lastEpoch >= 0 && optimizer.ParamGroups.FirstOrDefault(g => g.Options.InitialLr is null) is not null)
            throw new ArgumentException($"{GetType().Name}: to go on at epoch {lastEpoch}, every group of the optimizer must know its first rate. Load the optimizer's state first, or set Options.InitialLr.", nameof(optimizer));
        foreach (ParamGroup g in optimizer.ParamGroups) g.Options.InitialLr ??= g.Lr;
        _baseLrs = [.. optimizer.ParamGroups.Select(g => g.Options.InitialLr!.Value)];
    }

    /// <summary>The optimizer whose rates it sets.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>How often <see cref="Step"/> was called; −1 before the first rates are set.</summary>
    public int LastEpoch { get; private protected set; } = -1;

    /// <summary>The rates of the groups before any scheduler changed them.</summary>
    protected IReadOnlyList<double> BaseLrs => _baseLrs;

    /// <summary>The rate of a group at <see cref="LastEpoch"/>.</summary>
    /// <param name="group">Which group.</param>
    /// <param name="lr">Its rate now, at the step before.</param>
    protected abstract double GetLr(int group, double lr);

    /// <summary>Sets the rates of the next step or epoch.</summary>
    public virtual void Step()
    {
        LastEpoch++;
        SetRates();
    }

    private protected void SetRates()
    {
        for (int i = 0; i < _baseLrs.Length; i++) Optimizer.ParamGroups[i].Lr = GetLr(i, Optimizer.ParamGroups[i].Lr);
    }

    /// <summary>Takes back the step that the constructor did; another scheduler decides when this one begins.</summary>
    internal virtual void Undo() => LastEpoch--;

    /// <summary>Begins from the base rates.</summary>
    internal virtual void Restart()
    {
        LastEpoch = 0;
        for (int i = 0; i < _baseLrs.Length; i++) Optimizer.ParamGroups[i].Lr = _baseLrs[i];
        SetRates();
    }

    /// <summary>The rates that are set now.</summary>
    public IReadOnlyList<double> GetLastLr() => [.. Optimizer.ParamGroups.Select(g => g.Lr)];

    private protected static void Momentum(ParamGroup group, double value) => group.Options.CycledMomentum = value;

    private protected void RequireMomentum(string name)
    {
        foreach (ParamGroup g in Optimizer.ParamGroups)
            if (g.Options.CycledMomentum is null || g.Options is SgdOptions { Momentum: 0 })
                throw new ArgumentException($"{name}: the optimizer has no momentum to cycle. Pass cycleMomentum: false, or give it one.");
    }

    /// <inheritdoc/>
    public virtual State StateDict() => new() { Values = { ["last_epoch"] = LastEpoch, ["base_lrs"] = State.Numbers(_baseLrs) } };

    /// <inheritdoc/>
    public virtual Action PrepareLoad(State state)
    {
        int epoch = checked((int)state.Integer("last_epoch"));
        double[] rates = state.Numbers("base_lrs");
        if (rates.Length != _baseLrs.Length) throw new ArgumentException($"LoadStateDict: the state has rates of {rates.Length} groups, the optimizer has {_baseLrs.Length}.", nameof(state));
        return () => (LastEpoch, _baseLrs) = (epoch, rates);
    }
}
