using System.Globalization;

namespace Flambeau.Training.Plots;

/// <summary>
/// A table of what examples are (rows) and what a classifier said (columns): counts, coloured by their share of the row,
/// with the accuracy of each class at the right.
/// </summary>
public sealed class ConfusionMatrix
{
    private const double Font = 22;

    private readonly long[,] _counts;
    private readonly IReadOnlyList<string> _names;
    private readonly int _classes;
    private readonly double _cell, _countSize;

    /// <summary>A picture of counts.</summary>
    /// <param name="counts">[true class, predicted class].</param>
    /// <param name="classNames">A name for each class.</param>
    /// <exception cref="ArgumentException">The table is empty or not square, or there are not as many names as classes.</exception>
    public ConfusionMatrix(long[,] counts, IReadOnlyList<string> classNames)
    {
        _classes = counts.GetLength(0);
        if (_classes == 0 || counts.GetLength(1) != _classes || classNames.Count != _classes)
        {
            throw new ArgumentException(
                $"Counts of {_classes} × {counts.GetLength(1)} classes with {classNames.Count} names: all must be equal, and not 0.");
        }
        _counts = (long[,])counts.Clone();
        _names = classNames;
        _cell = Math.Clamp(Math.Round(1000.0 / _classes), 12, 96);
        double widest = _counts.Cast<long>().Max(count => Canvas.MeasureText(count.ToString(CultureInfo.InvariantCulture), Font));
        _countSize = Math.Min(Font, 0.84 * _cell * Font / widest);
    }

    /// <summary>A picture of counts.</summary>
    /// <param name="counts">What was counted.</param>
    /// <param name="classNames">A name for each class.</param>
    /// <exception cref="ArgumentException">There are not as many names as classes.</exception>
    public ConfusionMatrix(ConfusionCounts counts, IReadOnlyList<string> classNames)
        : this(counts.ToArray(), classNames)
    {
    }

    /// <summary>Above the table; the overall accuracy is added to it.</summary>
    public string Title { get; set; } = "Confusion matrix";

    /// <summary>The picture; its size follows from the number of classes and the names' lengths.</summary>
    public Canvas Render()
    {
        const double margin = 24;
        double nameSize = Math.Clamp(0.75 * _cell, 9, Font);
        double longest = Math.Min(320, _names.Max(name => Canvas.MeasureText(name, nameSize)));
        bool upward = longest > 0.92 * _cell;
        double left = Math.Ceiling(margin + 1.6 * Font + longest + 12), top = Math.Ceiling(margin + 2.1 * Font + 16);
        double side = _cell * _classes, below = (upward ? longest : nameSize) + 14 + 1.6 * Font + margin;
        double shares = 14 + Math.Max(Canvas.MeasureText("accuracy", 0.85 * Font), Canvas.MeasureText("100.0 %", nameSize)), bar = 150;

        Canvas canvas = new((int)Math.Ceiling(left + side + shares + bar), (int)Math.Ceiling(top + side + below));
        Rgba ink = Rgba.Gray(40);
        long total = _counts.Cast<long>().Sum(), right = Enumerable.Range(0, _classes).Sum(i => _counts[i, i]);
        string count = total.ToString("N0", CultureInfo.InvariantCulture);
        string accuracy = total > 0 ? $"{Title}: {Percent((double)right / total)} of {count} right" : Title;
        canvas.DrawText(Canvas.FitText(accuracy, 1.3 * Font, canvas.Width - 2 * margin), canvas.Width / 2.0, margin,
            new(1.3 * Font, Rgba.Gray(20), TextAlign.Center, TextAnchor.Top, Bold: true));

        TextStyle columnStyle = upward
            ? new(nameSize, ink, TextAlign.End, TextAnchor.Middle, Upward: true)
            : new(nameSize, ink, TextAlign.Center, TextAnchor.Top);
        canvas.DrawText("accuracy", left + side + 14, top - 8, new(0.85 * Font, Rgba.Gray(90)));
        for (int row = 0; row < _classes; row++)
        {
            double middle = top + (row + 0.5) * _cell, column = left + (row + 0.5) * _cell;
            string name = Canvas.FitText(_names[row], nameSize, longest + 1);
            canvas.DrawText(name, left - 12, middle, new(nameSize, ink, TextAlign.End, TextAnchor.Middle));
            canvas.DrawText(name, column, top + side + 12, columnStyle);
            canvas.DrawText(Percent(Share(row, row)), left + side + 14, middle, new(nameSize, ink, Anchor: TextAnchor.Middle));
            DrawRow(canvas, row, left, top);
        }
        canvas.DrawRectangle(new(left, top, side, side), Rgba.Gray(150), 2);
        canvas.DrawText("what it is", margin + Font, top + side / 2, new(Font, ink, TextAlign.Center, Upward: true));
        canvas.DrawText("what the model said", left + side / 2, canvas.Height - margin, new(Font, ink, TextAlign.Center));
        DrawColorBar(canvas, new(Math.Round(left + side + shares + 30), top, 26, side));
        return canvas;
    }

    /// <summary>Saves the picture as a PNG file.</summary>
    public void SavePng(string path) => Render().SavePng(path);

    private void DrawRow(Canvas canvas, int row, double left, double top)
    {
        for (int column = 0; column < _classes; column++)
        {
            double share = Share(row, column);
            Rgba color = Palette.ForShare(share);
            double gap = _cell > 24 ? 1 : 0;
            canvas.FillRectangle(new(left + column * _cell, top + row * _cell, _cell - gap, _cell - gap), color);
            string count = _counts[row, column].ToString(CultureInfo.InvariantCulture);
            if (_countSize < 11 || (count == "0" && _cell < 40)) continue;
            Rgba ink = _counts[row, column] == 0 ? Rgba.Gray(170) : color.Luminance > 0.5 ? Rgba.Gray(25) : Rgba.White;
            TextStyle style = new(_countSize, ink, TextAlign.Center, TextAnchor.Middle, Bold: row == column);
            canvas.DrawText(count, left + (column + 0.5) * _cell, top + (row + 0.5) * _cell, style);
        }
    }

    private static void DrawColorBar(Canvas canvas, Area area)
    {
        for (double y = area.Y; y < area.Bottom; y++)
        {
            canvas.FillRectangle(new(area.X, y, area.Width, 1), Palette.ForShare((area.Bottom - y) / area.Height));
        }
        canvas.DrawRectangle(area, Rgba.Gray(150), 1);
        int steps = area.Height > 200 ? 4 : 1;
        for (int i = 0; i <= steps; i++)
        {
            double y = area.Bottom - area.Height * i / steps;
            canvas.DrawText($"{100 * i / steps} %", area.Right + 8, y, new(0.85 * Font, Rgba.Gray(90), Anchor: TextAnchor.Middle));
        }
    }

    private double Share(int row, int column)
    {
        long sum = 0;
        for (int i = 0; i < _classes; i++) sum += _counts[row, i];
        return sum == 0 ? double.NaN : (double)_counts[row, column] / sum;
    }

    private static string Percent(double share) =>
        double.IsNaN(share) ? "–" : (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
