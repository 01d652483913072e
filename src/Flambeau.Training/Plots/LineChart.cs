namespace Flambeau.Training.Plots;

/// <summary>Curves over a common horizontal axis, such as training and validation loss over epochs.</summary>
public sealed class LineChart : Chart
{
    private const int MostPointsWithMarkers = 40;

    private readonly List<Series> _series = [];

    /// <summary>Whether the vertical axis is logarithmic; values that are not positive then leave gaps.</summary>
    public bool LogY { get; set; }

    /// <summary>Adds a curve.</summary>
    /// <param name="name">What the legend calls it; empty leaves it out of the legend.</param>
    /// <param name="x">Horizontal places, in the order they are joined.</param>
    /// <param name="y">As many values; NaN and infinity leave gaps.</param>
    /// <param name="style">How the line is broken up.</param>
    /// <param name="color">By default the next of <see cref="Palette.ForSeries"/>.</param>
    /// <exception cref="ArgumentException">There are not as many places as values.</exception>
    public LineChart Add(string name, ReadOnlySpan<double> x, ReadOnlySpan<double> y, LineStyle style = LineStyle.Solid, Rgba? color = null)
    {
        if (x.Length != y.Length) throw new ArgumentException($"Series \"{name}\" has {x.Length} places but {y.Length} values.", nameof(y));
        // After the last colour they start again, with another stroke.
        if (style == LineStyle.Solid && _series.Count >= Palette.Count) style = (LineStyle)(_series.Count / Palette.Count % 3);
        _series.Add(new(name, x.ToArray(), y.ToArray(), style, color ?? Palette.ForSeries(_series.Count)));
        return this;
    }

    /// <summary>Adds a curve over 1, 2, 3 …</summary>
    public LineChart Add(string name, ReadOnlySpan<double> y, LineStyle style = LineStyle.Solid, Rgba? color = null) =>
        Add(name, [.. Enumerable.Range(1, y.Length).Select(i => (double)i)], y, style, color);

    /// <inheritdoc/>
    public override void Draw(Canvas canvas, Area area)
    {
        (double X, double Y)[] all = [.. _series.SelectMany(s => s.X.Zip(s.Y))];
        (double X, double Y)[] visible = [.. all.Where(p => double.IsFinite(p.X) && HasPlace(p.Y))];
        bool none = visible.Length == 0;
        (double x0, double x1) = none ? (0, 1) : (visible.Min(p => p.X), visible.Max(p => p.X));
        (double y0, double y1) = none ? (LogY ? (0.1, 1) : (0, 1)) : (visible.Min(p => p.Y), visible.Max(p => p.Y));
        bool integers = visible.All(p => p.X == Math.Floor(p.X));

        Axes axes = Axes.Draw(canvas, area, this,
            most => Scale.Linear(x0, x1, most, integers, margin: 0.02),
            most => LogY ? Scale.Logarithmic(y0, y1, most) : Scale.Linear(y0, y1, most),
            [.. _series.Where(s => s.Name.Length > 0).Select(s => new LegendEntry(s.Name, s.Color, s.Style))]);
        if (none)
        {
            TextStyle style = new(FontSize, Rgba.Gray(150), TextAlign.Center, TextAnchor.Middle);
            canvas.DrawText("no data", axes.Plot.Center.X, axes.Plot.Center.Y, style);
        }
        double thickness = 0.13 * FontSize;
        foreach (Series series in _series) DrawSeries(canvas, axes, series, thickness);
    }

    private void DrawSeries(Canvas canvas, Axes axes, Series series, double thickness)
    {
        (double X, double Y)[] points = [.. series.X.Zip(series.Y, (x, y) => (axes.MapX(x), HasPlace(y) ? axes.MapY(y) : double.NaN))];
        canvas.Clip = axes.Plot.Inset(-2 * thickness, -2 * thickness, -2 * thickness, -2 * thickness);
        canvas.DrawPolyline(points, series.Color, thickness, series.Style);
        for (int i = 0; i < points.Length; i++)
        {
            bool marked = points.Length <= MostPointsWithMarkers || (!Exists(i - 1) && !Exists(i + 1));
            if (marked && Exists(i)) canvas.FillCircle(points[i].X, points[i].Y, 1.7 * thickness, series.Color);
        }
        canvas.Clip = null;

        bool Exists(int i) => i >= 0 && i < points.Length && double.IsFinite(points[i].X + points[i].Y);
    }

    private bool HasPlace(double value) => double.IsFinite(value) && (!LogY || value > 0);

    private sealed record Series(string Name, double[] X, double[] Y, LineStyle Style, Rgba Color);
}
