namespace Flambeau.Training;

/// <summary>Counts what a classifier says of examples whose class is known.</summary>
/// <param name="classes">The number of classes, at least 1.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is less than 1.</exception>
public sealed class ConfusionCounts(int classes)
{
    private readonly long[,] _counts = classes >= 1
        ? new long[classes, classes]
        : throw new ArgumentOutOfRangeException(nameof(classes), classes, "There must be at least one class.");

    /// <summary>The number of classes.</summary>
    public int Classes => classes;

    /// <summary>How many examples were counted.</summary>
    public long Total { get; private set; }

    /// <summary>How many of them were classified rightly.</summary>
    public long Correct { get; private set; }

    /// <summary>The share that was classified rightly, 0 to 1; NaN before the first example.</summary>
    public double Accuracy => (double)Correct / Total;

    /// <summary>The mean of the classes' recalls, which weighs rare classes like frequent ones; NaN before the first example.</summary>
    public double BalancedAccuracy => Mean(Recall);

    /// <summary>The mean of the classes' F1 scores; NaN before the first example.</summary>
    public double MacroF1 => Mean(F1);

    /// <summary>How many examples of class <paramref name="truth"/> were taken for class <paramref name="prediction"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public long this[int truth, int prediction]
    {
        get
        {
            Check(truth, nameof(truth));
            Check(prediction, nameof(prediction));
            return _counts[truth, prediction];
        }
    }

    /// <summary>Counts one example.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public void Add(int truth, int prediction)
    {
        Check(truth, nameof(truth));
        Check(prediction, nameof(prediction));
        _counts[truth, prediction]++;
        Total++;
        if (truth == prediction) Correct++;
    }

    /// <summary>Counts a batch.</summary>
    /// <exception cref="ArgumentException">There are not as many predictions as truths.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class; the examples before it are counted.</exception>
    public void Add(ReadOnlySpan<long> truths, ReadOnlySpan<long> predictions)
    {
        if (truths.Length != predictions.Length)
        {
            throw new ArgumentException($"There are {truths.Length} truths but {predictions.Length} predictions.");
        }
        for (int i = 0; i < truths.Length; i++) Add(ToClass(truths[i]), ToClass(predictions[i]));

        static int ToClass(long value) => value is >= 0 and <= int.MaxValue ? (int)value : -1;
    }

    /// <summary>How many examples are of this class.</summary>
    public long Support(int truth) => Enumerable.Range(0, classes).Sum(prediction => this[truth, prediction]);

    /// <summary>The share of this class's examples that was found, which is the class's accuracy; NaN if it has none.</summary>
    public double Recall(int label) => (double)this[label, label] / Support(label);

    /// <summary>The share of examples taken for this class that are of it; NaN if none was.</summary>
    public double Precision(int label) => (double)this[label, label] / Enumerable.Range(0, classes).Sum(truth => this[truth, label]);

    /// <summary>The harmonic mean of precision and recall; NaN if the class neither occurs nor was predicted.</summary>
    public double F1(int label) =>
        2.0 * this[label, label] / (Support(label) + Enumerable.Range(0, classes).Sum(truth => this[truth, label]));

    /// <summary>The counts as a table of [truth, prediction].</summary>
    public long[,] ToArray() => (long[,])_counts.Clone();

    /// <summary>Starts again from nothing.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        (Total, Correct) = (0, 0);
    }

    private double Mean(Func<int, double> score) =>
        Enumerable.Range(0, classes).Select(score).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    private void Check(int label, string name)
    {
        if ((uint)label >= (uint)classes) throw new ArgumentOutOfRangeException(name, label, $"There are classes 0 to {classes - 1}.");
    }
}
