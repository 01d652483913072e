using Flambeau.Training.Plots;

namespace Flambeau.Training;

/// <summary>The curves of a run: loss and, where there is one, accuracy.</summary>
public static class Curves
{
    /// <summary>Draws the curves as a PNG picture.</summary>
    /// <param name="history">One report an epoch.</param>
    /// <param name="path">The file.</param>
    public static void Save(IReadOnlyList<EpochReport> history, string path)
    {
        double[] epochs = [.. history.Select(r => (double)r.Epoch)];
        LineChart loss = new() { Title = "Loss", XLabel = "epoch" };
        Add(loss, "training", r => r.Loss);
        Add(loss, "validation", r => r.ValidationLoss);
        List<Chart> charts = [loss];
        if (history.Any(r => !double.IsNaN(r.Accuracy)))
        {
            LineChart accuracy = new() { Title = "Accuracy", XLabel = "epoch", YLabel = "%" };
            Add(accuracy, "training", r => 100 * r.Accuracy);
            Add(accuracy, "validation", r => 100 * r.ValidationAccuracy);
            charts.Add(accuracy);
        }
        Chart.Row("", charts).SavePng(path);

        void Add(LineChart chart, string name, Func<EpochReport, double> value)
        {
            double[] y = [.. history.Select(value)];
            if (y.Any(double.IsFinite)) chart.Add(name, epochs, y);
        }
    }
}
