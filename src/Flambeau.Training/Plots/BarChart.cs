namespace Flambeau.Training.Plots;

/// <summary>One bar for each name, such as accuracy for each class.</summary>
/// <param name="names">What stands below the bars.</param>
/// <param name="values">As many heights; NaN leaves a bar out.</param>
/// <exception cref="ArgumentException">There are not as many names as values.</exception>
public sealed class BarChart(IReadOnlyList<string> names, IReadOnlyList<double> values) : Chart
{
    private readonly double[] _values = names.Count == values.Count
        ? [.. values]
        : throw new ArgumentException($"There are {names.Count} names but {values.Count} values.", nameof(values));

    /// <summary>The bars' colour.</summary>
    public Rgba Color { get; set; } = Palette.ForSeries(0);

    /// <summary>A .NET number format for the value above each bar, such as <c>0.0</c>; none if empty.</summary>
    public string ValueFormat { get; set; } = "";

    /// <inheritdoc/>
    public override void Draw(Canvas canvas, Area area)
    {
        double[] finite = [.. _values.Where(double.IsFinite), 0];
        (double low, double high) = (finite.Min(), finite.Max());
        if (low == high) high = 1;
        Axes axes = Axes.Draw(canvas, area, this, _ => Scale.Categories(names),
            most => Scale.Linear(low, high + 0.06 * (high - low), most, margin: 0), [], verticalGrid: false);

        double zero = axes.MapY(0), width = 0.72 * axes.Plot.Width / Math.Max(1, _values.Length);
        for (int i = 0; i < _values.Length; i++)
        {
            if (!double.IsFinite(_values[i])) continue;
            double x = axes.MapX(i), y = axes.MapY(_values[i]);
            canvas.FillRectangle(new(Math.Round(x - width / 2), Math.Min(y, zero), Math.Round(width), Math.Abs(zero - y)), Color);
            if (ValueFormat.Length > 0)
            {
                string text = _values[i].ToString(ValueFormat, System.Globalization.CultureInfo.InvariantCulture);
                double size = Math.Min(0.85 * FontSize, 0.85 * FontSize * 1.2 * width / Canvas.MeasureText(text, 0.85 * FontSize));
                canvas.DrawText(text, x, Math.Min(y, zero) - 0.3 * size, new(size, Rgba.Gray(50), TextAlign.Center));
            }
        }
    }
}
