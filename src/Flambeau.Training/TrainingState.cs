namespace Flambeau.Training;

/// <summary>Where a run stands: all that a checkpoint holds beside the model, the optimizer and chance.</summary>
sealed class TrainingState
{
    public int Epoch = 1, Batch;
    public double Loss;
    public long Seen, Correct;
    public bool Judged;                             // targets are classes: accuracy means something
    public double Best = double.PositiveInfinity;
    public int EpochsSinceBest;
    public bool IsStopped;
    public readonly List<EpochReport> History = [];

    public void Count(double loss, Tensor output, Tensor target)
    {
        long n = target.Rank > 0 ? target.Shape[0] : 1;
        Loss += loss * n;
        Seen += n;
        if (target.DType != DType.Int64 || target.Rank != 1 || output.Rank != 2) return;
        Judged = true;
        Correct += output.ArgMax(1).Eq(target).Sum().Item<long>();
    }

    public bool IsBetter(double loss)
    {
        bool better = loss < Best;
        if (better) (Best, EpochsSinceBest) = (loss, 0);
        else EpochsSinceBest++;
        return better;
    }

    public void NextEpoch(int? patience)
    {
        Epoch++;
        (Batch, Loss, Seen, Correct, Judged) = (0, 0, 0, 0, false);
        IsStopped = patience is { } p && EpochsSinceBest >= p;
    }

    public Dictionary<string, object?> ToDictionary() => new()
    {
        ["epoch"] = (long)Epoch, ["batch"] = (long)Batch, ["loss"] = Loss, ["seen"] = Seen, ["correct"] = Correct, ["judged"] = Judged, ["best"] = Best,
        ["epochs_since_best"] = (long)EpochsSinceBest, ["is_stopped"] = IsStopped,
        ["history"] = History.Select(r => (object?)new List<object?> { (long)r.Epoch, r.Loss, r.Accuracy, r.ValidationLoss, r.ValidationAccuracy, r.IsBest }).ToList(),
    };

    public void Restore(IReadOnlyDictionary<string, object?> d)
    {
        (Epoch, Batch, EpochsSinceBest) = ((int)(long)d["epoch"]!, (int)(long)d["batch"]!, (int)(long)d["epochs_since_best"]!);
        (Loss, Seen, Correct, Judged, Best, IsStopped) = ((double)d["loss"]!, (long)d["seen"]!, (long)d["correct"]!, (bool)d["judged"]!, (double)d["best"]!, (bool)d["is_stopped"]!);
        foreach (object? row in (IReadOnlyList<object?>)d["history"]!)
        {
            var r = (IReadOnlyList<object?>)row!;
            History.Add(new((int)(long)r[0]!, (double)r[1]!, (double)r[2]!, (double)r[3]!, (double)r[4]!, (bool)r[5]!));
        }
    }
}
