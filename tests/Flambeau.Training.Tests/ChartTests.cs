using Flambeau.Training.Plots;
using Xunit;

namespace Flambeau.Training.Tests;

public class ChartTests
{
    [Theory]
    [InlineData(0.23, 0.76, "0.3 0.4 0.5 0.6 0.7")]
    [InlineData(1, 10, "2 4 6 8 10")]
    [InlineData(-3, 3, "−3 −2 −1 0 1 2 3")]
    [InlineData(0, 20000, "0 5,000 10,000 15,000 20,000")]
    [InlineData(0, 6e-4, "0 1×10⁻⁴ 2×10⁻⁴ 3×10⁻⁴ 4×10⁻⁴ 5×10⁻⁴ 6×10⁻⁴")]
    [InlineData(0.5, 0.5, "0.46 0.48 0.50 0.52 0.54")]
    public void Linear_ticks_are_round(double low, double high, string labels) =>
        Assert.Equal(labels, string.Join(' ', Scale.Linear(low, high, 6, margin: 0).Ticks.Select(t => t.Label)));

    [Theory]
    [InlineData(1e-5, 2, "10⁻⁵ 10⁻⁴ 0.001 0.01 0.1 1")]
    [InlineData(0.05, 2, "0.05 0.1 0.2 0.5 1 2")]
    [InlineData(1e-30, 1, "10⁻³⁰ 10⁻²⁵ 10⁻²⁰ 10⁻¹⁵ 10⁻¹⁰ 10⁻⁵ 1")]
    public void Logarithmic_ticks_are_powers(double low, double high, string labels) =>
        Assert.Equal(labels, string.Join(' ', Scale.Logarithmic(low, high, 8).Ticks.Where(t => t.Label.Length > 0).Select(t => t.Label)));

    [Fact]
    public void Epochs_get_whole_numbers() =>
        Assert.All(Scale.Linear(1, 3, 12, integers: true).Ticks, tick => Assert.DoesNotContain('.', tick.Label));

    [Fact]
    public void Scales_place_values_and_refuse_what_has_no_place()
    {
        Assert.Equal(0.5, Scale.Logarithmic(0.01, 100, 8).Position(1), 6);
        Assert.True(double.IsNaN(Scale.Logarithmic(0.01, 100, 8).Position(0)));
        Assert.Equal(0.5, Scale.Linear(-1, 3, 8).Position(1), 6);
    }

    [Fact]
    public void Curves_appear_in_their_colours()
    {
        LineChart chart = new LineChart { Title = "Loss", XLabel = "epoch" }.Add("training", [3.0, 2, 1]).Add("test", [3.5, 2.5, 2]);
        Canvas canvas = chart.Render(600, 400);
        Assert.True(Count(canvas, Palette.ForSeries(0)) > 300);
        Assert.True(Count(canvas, Palette.ForSeries(1)) > 300);
        Assert.Equal(0, Count(canvas, Palette.ForSeries(2)));
    }

    [Fact]
    public void Odd_data_make_pictures_too()
    {
        double[][] odd =
        [
            [], [1], [double.NaN], [double.NaN, 1, double.NaN], [0, 0, 0], [-1, double.PositiveInfinity, 2], [1e300, -1e300],
            [1e-300, 1e300],
            [double.Epsilon, 1], [5e-324, 5e-324], [double.MaxValue, double.MinValue], [1e15, 1e15 + 1], [1e17, 1e17],
        ];
        foreach (double[] values in odd)
        {
            foreach (bool log in (bool[])[false, true])
            {
                new LineChart { LogY = log }.Add("", values).Render(300, 200);
                new LineChart { LogY = log }.Add("", values, values).Render(300, 200);
            }
            new Histogram(values, 5).Render(300, 200);
            new BarChart([.. values.Select(v => $"{v}")], values) { ValueFormat = "0.#" }.Render(300, 200);
        }
        new LineChart { Title = "tiny", XLabel = "x", YLabel = "y" }.Add("a", [1.0, 2]).Render(20, 10);
    }

    [Fact]
    public void Histogram_counts_every_value()
    {
        Histogram histogram = new([0, 0.1, 0.5, 0.99, 1, double.NaN], bins: 2);
        Assert.Equal([2, 3], histogram.Counts);
    }

    [Fact]
    public void Charts_stand_side_by_side()
    {
        Canvas canvas = Chart.Row("both", [new LineChart().Add("a", [1.0, 2]), new LineChart().Add("b", [1.0, 2])], 800, 300);
        Assert.Equal((800, 300), (canvas.Width, canvas.Height));
        Assert.Throws<ArgumentException>(() => Chart.Row("none", []));
    }

    [Fact]
    public void Confusion_matrix_is_coloured_by_the_share_of_the_row()
    {
        Canvas canvas = new ConfusionMatrix(new long[,] { { 10, 0 }, { 0, 1000 } }, ["a", "b"]).Render();
        Assert.True(Count(canvas, Palette.ForShare(1)) > 2 * 80 * 80);
        Assert.Throws<ArgumentException>(() => new ConfusionMatrix(new long[2, 3], ["a", "b"]));
        Assert.Throws<ArgumentException>(() => new ConfusionMatrix(new long[0, 0], []));
        new ConfusionMatrix(new ConfusionCounts(1), ["no example, and a name far too long for any picture to show in one piece"]).Render();
    }

    [Fact]
    public void Contact_sheet_grows_with_its_images()
    {
        ContactSheet sheet = new() { Title = "wrong", Columns = 3 };
        int empty = sheet.Render().Height;
        for (int i = 0; i < 4; i++) sheet.Add(new byte[28 * 28], 28, 28, 1, "true: Shirt", "said: Coat 87 %");
        sheet.Add(new byte[5 * 9 * 3], 5, 9, 3);
        Canvas canvas = sheet.Render();
        Assert.True(canvas.Height > empty + 300);
        Assert.Throws<ArgumentException>(() => sheet.Add(new byte[3], 28, 28, 1));
    }

    private static int Count(Canvas canvas, Rgba color)
    {
        int count = 0;
        for (int y = 0; y < canvas.Height; y++)
        {
            for (int x = 0; x < canvas.Width; x++) count += canvas[x, y] == color ? 1 : 0;
        }
        return count;
    }
}
