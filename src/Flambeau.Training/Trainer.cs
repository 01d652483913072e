using Flambeau.Datasets;
using Flambeau.IO;
using Flambeau.Nn;
using Flambeau.Optim;

namespace Flambeau.Training;

/// <summary>
/// A training loop for models that map a batch of inputs to predictions: progress, validation, early stopping, gradient clipping and
/// accumulation, a CSV log, a picture of the curves, and checkpoints from which a run goes on bit for bit as if nothing had happened.
/// Nobody is forced to use it: it is the plain loop with what surrounds it.
/// </summary>
public sealed class Trainer
{
    readonly Module _model;
    readonly Func<Tensor, Tensor> _forward;
    readonly Func<Tensor, Tensor, Tensor> _loss;
    readonly Optimizer _optimizer;

    /// <summary>Sets up training.</summary>
    /// <param name="model">Whose parameters are learned and saved.</param>
    /// <param name="forward">Predictions for a batch of inputs; usually <c>model.Forward</c>.</param>
    /// <param name="loss">The mean loss of predictions and targets, a scalar.</param>
    /// <param name="optimizer">Moves the parameters.</param>
    public Trainer(Module model, Func<Tensor, Tensor> forward, Func<Tensor, Tensor, Tensor> loss, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        (_model, _forward, _loss, _optimizer) = (model, forward, loss, optimizer);
    }

    /// <summary>The last epoch; the first is 1.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>The learning rate's schedule, if any: an <see cref="LRScheduler"/> or a <see cref="ReduceLROnPlateau"/>.</summary>
    public IStateful? Scheduler { get; init; }

    /// <summary>Whether the schedule moves with each batch (else with each epoch).</summary>
    public bool StepSchedulerPerBatch { get; init; }

    /// <summary>Gradients are scaled so that their common norm is at most this; null leaves them.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Over how many batches gradients are added up before the optimizer steps.</summary>
    public int AccumulateBatches { get; init; } = 1;

    /// <summary>Training stops after so many epochs without a better validation (or, without one, training) loss; null never stops early.</summary>
    public int? Patience { get; init; }

    /// <summary>Where checkpoint.safetensors, best.safetensors, log.csv and curves.png go; null writes nothing.</summary>
    public string? RunFolder { get; init; }

    /// <summary>How often a checkpoint is saved within an epoch. One is saved after each epoch anyway.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Shows how training comes along; by default live on a terminal, in plain lines elsewhere.</summary>
    public ITrainingProgress? Progress { get; init; }

    /// <summary>Anything else to keep with checkpoints, such as the options of the run.</summary>
    public IReadOnlyDictionary<string, object?>? UserData { get; init; }

    /// <summary>The file that <see cref="Fit"/> saves to and resumes from.</summary>
    public string? CheckpointPath => RunFolder is null ? null : Path.Combine(RunFolder, "checkpoint.safetensors");

    /// <summary>The file with the weights of the best epoch.</summary>
    public string? BestPath => RunFolder is null ? null : Path.Combine(RunFolder, "best.safetensors");

    /// <summary>Trains.</summary>
    /// <param name="train">The batches to learn from, shuffled by seed and epoch.</param>
    /// <param name="validation">The batches to judge by after each epoch, if any.</param>
    /// <param name="resume">Whether to go on from <see cref="CheckpointPath"/>, where there is one.</param>
    /// <param name="cancellation">Ends training after the batch at hand; a checkpoint is saved first.</param>
    /// <exception cref="InvalidDataException">The checkpoint to go on from is damaged or of another model.</exception>
    /// <exception cref="ArithmeticException">The loss is no longer a number.</exception>
    public TrainingResult Fit(DataLoader<(Tensor Input, Tensor Target)> train, DataLoader<(Tensor Input, Tensor Target)>? validation = null, bool resume = false,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(AccumulateBatches);
        if (train.Count == 0) throw new ArgumentException("Fit: the training set has no batch.", nameof(train));

        TrainingState s = new();
        if (resume && CheckpointPath is { } path && File.Exists(path)) Load(path, s);
        bool goesOn = s.Epoch > 1 || s.Batch > 0;
        using ITrainingProgress progress = Progress ?? TrainingProgress.Create();
        using CsvLog? log = RunFolder is null ? null : goesOn
            ? CsvLog.Resume(Path.Combine(RunFolder, "log.csv"), s.Epoch - 1, Columns) : CsvLog.Create(Path.Combine(RunFolder, "log.csv"), Columns);
        progress.Start(new(Epochs, train.Count) { FirstEpoch = s.Epoch });
        if (goesOn) progress.Note($"Goes on in epoch {s.Epoch} after {s.Batch} of {train.Count} batches.");

        long saved = Environment.TickCount64;
        while (s.Epoch <= Epochs && !s.IsStopped)
        {
            _model.Train();
            foreach ((Tensor input, Tensor target) in train.Batches(s.Epoch, s.Batch, CancellationToken.None))
            {
                Learn(input, target, s, train.Count);
                progress.Step(new(s.Epoch, s.Batch, (int)input.Shape[0], s.Loss / s.Seen, s.Judged ? (double)s.Correct / s.Seen : double.NaN));
                if (s.Batch == train.Count) break;
                bool stops = cancellation.IsCancellationRequested;
                bool isDue = Environment.TickCount64 - saved > CheckpointInterval.TotalMilliseconds;
                if ((stops || isDue) && s.Batch % AccumulateBatches == 0)         // in between, gradients would be lost
                {
                    Save(s);
                    saved = Environment.TickCount64;
                    if (stops) return Stopped(s, progress);
                }
            }
            EpochReport report = Judge(validation, s);
            log?.Append(report.Epoch, report.Loss, report.Accuracy, report.ValidationLoss, report.ValidationAccuracy, LearningRate);
            if (!StepSchedulerPerBatch) StepScheduler(double.IsNaN(report.ValidationLoss) ? report.Loss : report.ValidationLoss);
            s.History.Add(report);
            if (report.IsBest && BestPath is { } best) SafeTensors.Save(best, _model.StateDict());
            s.NextEpoch(Patience);
            Save(s);
            saved = Environment.TickCount64;
            if (RunFolder is not null) Curves.Save(s.History, Path.Combine(RunFolder, "curves.png"));
            progress.Epoch(report);
            if (cancellation.IsCancellationRequested && s.Epoch <= Epochs) return Stopped(s, progress);
        }
        if (s.IsStopped) progress.Note($"Stopped early: no better epoch in the last {Patience}.");
        return new(s.History, WasCancelled: false);
    }

    static readonly string[] Columns = ["epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate"];

    double LearningRate => _optimizer.ParamGroups[0].Lr;

    TrainingResult Stopped(TrainingState s, ITrainingProgress progress)
    {
        if (CheckpointPath is { } path) progress.Note($"Stopped. Saved to {path}.");
        return new(s.History, WasCancelled: true);
    }

    void Learn(Tensor input, Tensor target, TrainingState s, int batches)
    {
        Tensor output = _forward(input), loss = _loss(output, target);
        double value = loss.Item<double>();
        if (!double.IsFinite(value))
            throw new ArithmeticException($"Training: the loss is {value} in batch {s.Batch + 1} of epoch {s.Epoch}. Lower the learning rate, clip gradients (ClipNorm), or look for NaN in the data.");
        (AccumulateBatches == 1 ? loss : loss / (double)AccumulateBatches).Backward();
        s.Batch++;
        if (s.Batch % AccumulateBatches == 0 || s.Batch == batches)
        {
            if (ClipNorm is { } norm) ClipGrad.NormInPlace(_model.Parameters(), norm);
            _optimizer.Step();
            _optimizer.ZeroGrad();
            if (StepSchedulerPerBatch) StepScheduler(value);
        }
        s.Count(value, output.Detach(), target);
    }

    void StepScheduler(double metric)
    {
        if (Scheduler is ReduceLROnPlateau plateau) plateau.Step(metric);
        else if (Scheduler is LRScheduler schedule) schedule.Step();
    }

    EpochReport Judge(DataLoader<(Tensor Input, Tensor Target)>? validation, TrainingState s)
    {
        TrainingState v = new();
        if (validation is not null)
        {
            _model.Eval();
            using var _ = Autograd.InferenceMode();
            foreach ((Tensor input, Tensor target) in validation.Batches(0))
            {
                Tensor output = _forward(input);
                v.Count(_loss(output, target).Item<double>(), output, target);
            }
            _model.Train();
        }
        double loss = s.Loss / s.Seen, judge = v.Seen > 0 ? v.Loss / v.Seen : loss;
        bool isBest = s.IsBetter(judge);
        return new(s.Epoch, loss, s.Judged ? (double)s.Correct / s.Seen : double.NaN, v.Seen > 0 ? v.Loss / v.Seen : double.NaN,
            v.Judged ? (double)v.Correct / v.Seen : double.NaN, isBest);
    }

    void Save(TrainingState s)
    {
        if (CheckpointPath is not { } path) return;
        Checkpoint c = new();
        c.SetTensors("model", _model.StateDict());
        c.SetState("optimizer", _optimizer.StateDict());
        if (Scheduler is not null) c.SetState("scheduler", Scheduler.StateDict());
        c.Set("training", s.ToDictionary());
        c.SetTensors("random", new Dictionary<string, Tensor> { ["default"] = Tensor.From(Generator.Default.GetState()) });
        if (UserData is not null) c.Set("user", UserData);
        c.Save(path);
    }

    void Load(string path, TrainingState s)
    {
        Checkpoint c = Checkpoint.Load(path);
        _model.LoadStateDict(c.GetTensors("model"));
        _optimizer.LoadStateDict(c.GetState("optimizer"));
        Scheduler?.LoadStateDict(c.GetState("scheduler"));
        s.Restore(c.Get("training"));
        Generator.Default.SetState(c.GetTensors("random")["default"].ToArray<byte>());
    }
}

/// <summary>What training brought.</summary>
/// <param name="History">One report an epoch, those before a resumed checkpoint included.</param>
/// <param name="WasCancelled">Whether it was ended before its last epoch by the caller.</param>
public sealed record TrainingResult(IReadOnlyList<EpochReport> History, bool WasCancelled);
