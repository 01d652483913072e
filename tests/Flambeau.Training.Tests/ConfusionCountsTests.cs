using Xunit;

namespace Flambeau.Training.Tests;

public class ConfusionCountsTests
{
    [Fact]
    public void Scores_follow_their_definitions()
    {
        ConfusionCounts counts = new(3);
        counts.Add([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 0, 2]);
        Assert.Equal((6, 4), (counts.Total, counts.Correct));
        Assert.Equal(4 / 6.0, counts.Accuracy);
        Assert.Equal(2 / 3.0, counts.Recall(0), 12);
        Assert.Equal(2 / 3.0, counts.Precision(0), 12);
        Assert.Equal(0.5, counts.Recall(1));
        Assert.Equal(2 / 3.0, counts.F1(0), 12);
        Assert.Equal((2 / 3.0 + 0.5 + 1) / 3, counts.BalancedAccuracy, 12);
        Assert.Equal((2 / 3.0 + 0.5 + 1) / 3, counts.MacroF1, 12);
        Assert.Equal(new long[,] { { 2, 1, 0 }, { 1, 1, 0 }, { 0, 0, 1 } }, counts.ToArray());
        Assert.Equal(3, counts.Support(0));
        counts.Clear();
        Assert.Equal(0, counts.Total);
        Assert.Equal(0, counts[0, 0]);
    }

    [Fact]
    public void What_is_undefined_is_NaN_and_left_out_of_means()
    {
        ConfusionCounts counts = new(3);
        Assert.True(double.IsNaN(counts.Accuracy) && double.IsNaN(counts.BalancedAccuracy));
        counts.Add(0, 0);
        Assert.True(double.IsNaN(counts.Recall(1)) && double.IsNaN(counts.Precision(1)) && double.IsNaN(counts.F1(1)));
        Assert.Equal(1, counts.BalancedAccuracy);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        ConfusionCounts counts = new(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionCounts(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => counts.Add(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => counts.Add(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => counts.Add([1L << 33], [0]));
        Assert.Throws<ArgumentException>(() => counts.Add([0], []));
        Assert.Equal(0, counts.Total);
    }
}
