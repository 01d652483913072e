using System.Text.Json.Nodes;
using Flambeau.IO;

namespace Flambeau.Optim;

/// <summary>Schedulers one after another: a warm-up, then a decay. PyTorch's <c>SequentialLR</c>.</summary>
public sealed class SequentialLR : LRScheduler
{
    readonly LRScheduler[] _schedulers;
    readonly int[] _milestones;

    /// <summary>Begins with the first.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="schedulers">The schedulers, all of this optimizer.</param>
    /// <param name="milestones">The epochs at which the second, third, … begin.</param>
    /// <param name="lastEpoch">At which epoch training stopped that goes on now; −1 begins.</param>
    /// <exception cref="ArgumentException">There is not one milestone less than schedulers, or one is of another optimizer.</exception>
    public SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int lastEpoch = -1) : base(optimizer, lastEpoch)
    {
        (_schedulers, _milestones) = ([.. schedulers], [.. milestones]);
        if (_milestones.Length != _schedulers.Length - 1)
            throw new ArgumentException($"SequentialLR: {_schedulers.Length} schedulers have {_schedulers.Length - 1} milestones between them, not {_milestones.Length}.", nameof(milestones));
        if (_schedulers.Any(s => !ReferenceEquals(s.Optimizer, optimizer))) throw new ArgumentException("SequentialLR: a scheduler is of another optimizer.", nameof(schedulers));
        LastEpoch = lastEpoch + 1;
        foreach (LRScheduler s in _schedulers) s.Undo();
        _schedulers[0].Restart();
    }

    /// <inheritdoc/>
    public override void Step()
    {
        LastEpoch++;
        int i = _milestones.Count(m => m <= LastEpoch);
        if (i > 0 && _milestones[i - 1] == LastEpoch) _schedulers[i].Restart();
        else _schedulers[i].Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr) => lr;

    /// <inheritdoc/>
    public override State StateDict() => Several.Save(base.StateDict(), _schedulers);

    /// <inheritdoc/>
    public override Action PrepareLoad(State state) => base.PrepareLoad(state) + Several.Prepare(state, _schedulers);
}

/// <summary>Several schedulers at once; their factors multiply. PyTorch's <c>ChainedScheduler</c>.</summary>
public sealed class ChainedScheduler : LRScheduler
{
    readonly LRScheduler[] _schedulers;

    /// <summary>Goes on with schedulers, all of one optimizer, which have set their first rates.</summary>
    /// <exception cref="ArgumentException">There is none, or they are of several optimizers.</exception>
    public ChainedScheduler(params IEnumerable<LRScheduler> schedulers) : base(schedulers.FirstOrDefault()?.Optimizer ?? throw new ArgumentException("ChainedScheduler: there is no scheduler.", nameof(schedulers)))
    {
        _schedulers = [.. schedulers];
        if (_schedulers.Any(s => !ReferenceEquals(s.Optimizer, Optimizer))) throw new ArgumentException("ChainedScheduler: the schedulers are of several optimizers.", nameof(schedulers));
        LastEpoch = 0;
    }

    /// <inheritdoc/>
    public override void Step()
    {
        LastEpoch++;
        foreach (LRScheduler s in _schedulers) s.Step();
    }

    /// <inheritdoc/>
    protected override double GetLr(int group, double lr) => lr;

    /// <inheritdoc/>
    public override State StateDict() => Several.Save(base.StateDict(), _schedulers);

    /// <inheritdoc/>
    public override Action PrepareLoad(State state) => base.PrepareLoad(state) + Several.Prepare(state, _schedulers);
}

/// <summary>The states of several schedulers in one.</summary>
static class Several
{
    public static State Save(State s, LRScheduler[] schedulers)
    {
        s.Values["schedulers"] = new JsonArray([.. schedulers.Select(x => (JsonNode)x.StateDict().Values)]);
        return s;
    }

    public static Action Prepare(State s, LRScheduler[] schedulers)
    {
        if (s.Values["schedulers"] is not JsonArray a || a.Count != schedulers.Length)
            throw new ArgumentException($"LoadStateDict: the state has {(s.Values["schedulers"] as JsonArray)?.Count ?? 0} schedulers inside, this one {schedulers.Length}.");
        Action load = () => { };
        for (int i = 0; i < a.Count; i++) load += schedulers[i].PrepareLoad(new() { Values = a[i] as JsonObject ?? throw State.Wrong("schedulers", "a list of states") });
        return load;
    }
}
