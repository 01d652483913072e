namespace Flambeau.Training.Plots;

/// <summary>How often values fall into each of a number of equal ranges, such as the distribution of weights.</summary>
public sealed class Histogram : Chart
{
    private readonly double _low, _width;
    private readonly long[] _counts;

    /// <summary>Counts the values.</summary>
    /// <param name="values">What is counted; NaN and infinity are left out.</param>
    /// <param name="bins">The number of ranges, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bins"/> is less than 1.</exception>
    public Histogram(ReadOnlySpan<double> values, int bins = 40)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (double value in values)
        {
            if (double.IsFinite(value)) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }
        if (low > high) (low, high) = (0, 1);
        if (low == high) (low, high) = (low - 0.5, high + 0.5);
        (_low, _width, _counts) = (low, (high - low) / bins, new long[bins]);
        foreach (double value in values)
        {
            if (double.IsFinite(value)) _counts[Math.Clamp((int)((value - low) / _width), 0, bins - 1)]++;
        }
    }

    /// <summary>How many values fell into each range, from the lowest.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>The bars' colour.</summary>
    public Rgba Color { get; set; } = Palette.ForSeries(0);

    /// <inheritdoc/>
    public override void Draw(Canvas canvas, Area area)
    {
        Axes axes = Axes.Draw(canvas, area, this,
            most => Scale.Linear(_low, _low + _counts.Length * _width, most, margin: 0.02),
            most => Scale.Linear(0, Math.Max(1, 1.05 * _counts.Max()), most, integers: true, margin: 0), [], verticalGrid: false);
        for (int i = 0; i < _counts.Length; i++)
        {
            double left = Math.Round(axes.MapX(_low + i * _width)), right = Math.Round(axes.MapX(_low + (i + 1) * _width));
            double top = axes.MapY(_counts[i]);
            canvas.FillRectangle(new(left, top, Math.Max(1, right - left - 1), axes.Plot.Bottom - top), Color);
        }
    }
}
