namespace Flambeau.Training.Plots;

/// <summary>A chart with two axes; draws itself into any area of a canvas.</summary>
public abstract class Chart
{
    /// <summary>Above the chart; none if empty.</summary>
    public string Title { get; set; } = "";

    /// <summary>Below the horizontal axis; none if empty.</summary>
    public string XLabel { get; set; } = "";

    /// <summary>Left of the vertical axis, upwards; none if empty.</summary>
    public string YLabel { get; set; } = "";

    /// <summary>Size of labels in pixels; the title is a fifth larger.</summary>
    public double FontSize { get; set; } = 24;

    /// <summary>Draws the chart.</summary>
    public abstract void Draw(Canvas canvas, Area area);

    /// <summary>The chart as a picture of its own.</summary>
    public Canvas Render(int width = 1200, int height = 800)
    {
        Canvas canvas = new(width, height);
        Draw(canvas, new(0, 0, width, height));
        return canvas;
    }

    /// <summary>Saves the chart as a PNG file.</summary>
    public void SavePng(string path, int width = 1200, int height = 800) => Render(width, height).SavePng(path);

    /// <summary>Charts side by side under one title, such as loss and accuracy.</summary>
    /// <param name="title">Above all; none if empty.</param>
    /// <param name="charts">From left to right.</param>
    /// <param name="width">Width of the whole picture in pixels.</param>
    /// <param name="height">Height of the whole picture in pixels.</param>
    /// <exception cref="ArgumentException">There is no chart.</exception>
    public static Canvas Row(string title, IReadOnlyList<Chart> charts, int width = 2000, int height = 800)
    {
        if (charts.Count == 0) throw new ArgumentException("A row needs at least one chart.", nameof(charts));
        Canvas canvas = new(width, height);
        double top = 0, margin = 16;
        if (title.Length > 0)
        {
            double size = 1.35 * charts[0].FontSize;
            TextStyle style = new(size, Rgba.Gray(20), TextAlign.Center, TextAnchor.Top, Bold: true);
            canvas.DrawText(Canvas.FitText(title, size, width - 2 * margin), width / 2.0, margin, style);
            top = margin + 1.3 * size;
        }
        double each = (width - 2 * margin) / charts.Count;
        for (int i = 0; i < charts.Count; i++) charts[i].Draw(canvas, new(margin + i * each, top, each, height - top));
        return canvas;
    }
}
