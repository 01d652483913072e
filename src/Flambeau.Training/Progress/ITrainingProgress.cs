namespace Flambeau.Training;

/// <summary>
/// Shows how training comes along. Calls come from one thread, in the order Start, then Step and Epoch by turns; Dispose ends the
/// display.
/// </summary>
public interface ITrainingProgress : IDisposable
{
    /// <summary>Training begins.</summary>
    void Start(TrainingPlan plan);

    /// <summary>A batch was learned.</summary>
    void Step(StepReport report);

    /// <summary>An epoch is over, its validation included.</summary>
    void Epoch(EpochReport report);

    /// <summary>Says something else, such as where a checkpoint was saved.</summary>
    void Note(string message);
}

/// <summary>What training is going to do.</summary>
/// <param name="Epochs">The number of the last epoch; the first is 1.</param>
/// <param name="StepsPerEpoch">Batches in an epoch.</param>
public sealed record TrainingPlan(int Epochs, int StepsPerEpoch)
{
    /// <summary>The first epoch of this run: more than 1 if an earlier run goes on.</summary>
    public int FirstEpoch { get; init; } = 1;

    /// <summary>What samples are called, for "images/s".</summary>
    public string Unit { get; init; } = "images";
}

/// <summary>How things stand after a batch.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">The batch within the epoch, from 1.</param>
/// <param name="Samples">Samples in this batch.</param>
/// <param name="Loss">The loss to show, such as the epoch's mean so far; NaN shows none.</param>
/// <param name="Accuracy">The accuracy to show, 0 to 1; NaN shows none.</param>
public readonly record struct StepReport(int Epoch, int Step, int Samples, double Loss, double Accuracy = double.NaN);

/// <summary>What an epoch brought. NaN values are not shown.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The mean loss over the training set.</param>
/// <param name="Accuracy">The accuracy on the training set, 0 to 1.</param>
/// <param name="ValidationLoss">The mean loss over the validation set.</param>
/// <param name="ValidationAccuracy">The accuracy on the validation set, 0 to 1.</param>
/// <param name="IsBest">Whether it is the best epoch so far.</param>
public readonly record struct EpochReport(
    int Epoch, double Loss, double Accuracy = double.NaN, double ValidationLoss = double.NaN,
    double ValidationAccuracy = double.NaN, bool IsBest = false);
