namespace Flambeau.Training.Plots;

/// <summary>What a legend says of one series.</summary>
internal readonly record struct LegendEntry(string Name, Rgba Color, LineStyle Style, bool IsBlock = false);

/// <summary>A chart's frame: title, legend, labels, marks and grid. It leaves the plot area to the chart.</summary>
internal sealed class Axes
{
    private static readonly Rgba Ink = Rgba.Gray(50), Faint = Rgba.Gray(228), Fainter = Rgba.Gray(243), Spine = Rgba.Gray(110);

    private Axes(Area plot, Scale x, Scale y) => (Plot, X, Y) = (plot, x, y);

    public Area Plot { get; }

    public Scale X { get; }

    public Scale Y { get; }

    public double MapX(double value) => Plot.X + Plot.Width * X.Position(value);

    public double MapY(double value) => Plot.Bottom - Plot.Height * Y.Position(value);

    /// <summary>Draws the frame; the scales are made for the number of marks that fit.</summary>
    public static Axes Draw(Canvas canvas, Area outer, Chart chart, Func<int, Scale> makeX, Func<int, Scale> makeY,
        IReadOnlyList<LegendEntry> legend, bool verticalGrid = true)
    {
        double font = chart.FontSize, gap = 0.5 * font;
        double top = outer.Y + gap;
        if (chart.Title.Length > 0)
        {
            double size = 1.2 * font;
            string title = Canvas.FitText(chart.Title, size, outer.Width - 2 * gap);
            canvas.DrawText(title, outer.Center.X, top, new(size, Rgba.Gray(20), TextAlign.Center, TextAnchor.Top, Bold: true));
            top += size + 1.2 * gap;
        }
        top = DrawLegend(canvas, legend, outer, top, font);

        double bottom = outer.Bottom - gap;
        if (chart.XLabel.Length > 0) bottom -= 1.15 * font + 0.5 * gap;
        double labelFloor = bottom;
        bottom -= font + 0.7 * gap;

        Scale y = makeY(Math.Max(2, (int)((bottom - top) / (2.6 * font))));
        double widest = y.Ticks.Max(tick => (double?)Canvas.MeasureText(tick.Label, font)) ?? 0;
        double left = outer.X + gap + (chart.YLabel.Length > 0 ? 1.5 * font : 0) + widest + gap, right = outer.Right - 1.4 * font;

        Scale x = FitX(makeX, right - left, font);
        double slot = (right - left) / Math.Max(1, x.Ticks.Count);
        double widestX = x.Ticks.Max(tick => (double?)Canvas.MeasureText(tick.Label, font)) ?? 0;
        bool upward = widestX > 0.95 * slot;
        double upwardRoom = Math.Min(widestX, 0.35 * (bottom - top));
        if (upward) bottom -= upwardRoom - 0.6 * font;

        Axes axes = new(new(left, top, right - left, Math.Max(1, bottom - top)), x, y);
        axes.DrawGrid(canvas, font, gap, verticalGrid, upward, upwardRoom);
        if (chart.XLabel.Length > 0)
        {
            canvas.DrawText(chart.XLabel, axes.Plot.Center.X, labelFloor + 0.6 * gap, new(font, Ink, TextAlign.Center, TextAnchor.Top));
        }
        if (chart.YLabel.Length > 0)
        {
            canvas.DrawText(chart.YLabel, outer.X + gap + 0.75 * font, axes.Plot.Center.Y, new(font, Ink, TextAlign.Center, Upward: true));
        }
        return axes;
    }

    private static Scale FitX(Func<int, Scale> make, double width, double font)
    {
        for (int most = Math.Max(2, (int)(width / (2.5 * font))); ; most--)
        {
            Scale scale = make(most);
            double needed = scale.Ticks.Sum(tick => Canvas.MeasureText(tick.Label, font) + 1.2 * font);
            if (needed <= width || most <= 2) return scale;
        }
    }

    /// <summary>Above the plot, where it hides no curve; goes on in another row where one is full.</summary>
    private static double DrawLegend(Canvas canvas, IReadOnlyList<LegendEntry> legend, Area outer, double top, double font)
    {
        if (legend.Count == 0) return top;
        double sample = 1.8 * font, gap = 0.4 * font, between = 1.2 * font, room = outer.Width - 2 * font;
        List<List<(LegendEntry Entry, string Name, double Width)>> rows = [[]];
        foreach (LegendEntry entry in legend)
        {
            string name = Canvas.FitText(entry.Name, font, room - sample - gap);
            double width = sample + gap + Canvas.MeasureText(name, font);
            if (rows[^1].Count > 0 && rows[^1].Sum(item => item.Width + between) + width > room) rows.Add([]);
            rows[^1].Add((entry, name, width));
        }
        foreach (var row in rows)
        {
            double x = outer.Center.X - (row.Sum(item => item.Width + between) - between) / 2, middle = top + 0.4 * font;
            foreach ((LegendEntry entry, string name, double width) in row)
            {
                if (entry.IsBlock) canvas.FillRectangle(new(x + 0.5 * sample, middle - 0.35 * font, 0.5 * sample, 0.7 * font), entry.Color);
                else canvas.DrawPolyline([(x, middle), (x + sample, middle)], entry.Color, 0.16 * font, entry.Style);
                canvas.DrawText(name, x + sample + gap, middle, new(font, Ink, Anchor: TextAnchor.Middle));
                x += width + between;
            }
            top += 1.5 * font;
        }
        return top + 0.2 * font;
    }

    private void DrawGrid(Canvas canvas, double font, double gap, bool vertical, bool upward, double upwardRoom)
    {
        foreach (Tick tick in Y.Ticks)
        {
            double y = Math.Round(MapY(tick.Value));
            canvas.FillRectangle(new(Plot.X, y, Plot.Width, 1), tick.Label.Length > 0 ? Faint : Fainter);
            canvas.DrawText(tick.Label, Plot.X - 0.8 * gap, y, new(font, Ink, TextAlign.End, TextAnchor.Middle));
        }
        foreach (Tick tick in X.Ticks)
        {
            double x = Math.Round(MapX(tick.Value));
            if (vertical) canvas.FillRectangle(new(x, Plot.Y, 1, Plot.Height), Faint);
            TextStyle style = upward
                ? new(font, Ink, TextAlign.End, TextAnchor.Middle, Upward: true)
                : new(font, Ink, TextAlign.Center, TextAnchor.Top);
            canvas.DrawText(upward ? Canvas.FitText(tick.Label, font, upwardRoom) : tick.Label, x, Plot.Bottom + 0.9 * gap, style);
        }
        canvas.FillRectangle(new(Plot.X - 1, Plot.Bottom, Plot.Width + 1, 2), Spine);
        canvas.FillRectangle(new(Plot.X - 1, Plot.Y, 2, Plot.Height), Spine);
    }
}
