namespace Flambeau.Training.Plots;

public sealed partial class Canvas
{
    /// <summary>The width in pixels of a line of text.</summary>
    public static double MeasureText(string text, double size)
    {
        double advance = 0;
        foreach (char character in text) advance += StrokeFont.Find(character).Advance;
        return advance * size / StrokeFont.Em;
    }

    /// <summary>The text, cut with an ellipsis if it is wider than <paramref name="width"/> pixels.</summary>
    public static string FitText(string text, double size, double width)
    {
        if (MeasureText(text, size) <= width) return text;
        int keep = text.Length;
        while (keep > 0 && MeasureText(text[..keep].TrimEnd() + "…", size) > width) keep--;
        return text[..keep].TrimEnd() + "…";
    }

    /// <summary>The height in pixels of a capital letter.</summary>
    public static double CapitalHeight(double size) => new Hinting(size, bold: false).CapitalTop;

    /// <summary>Draws a line of text. Characters that the typeface lacks (beyond ASCII and signs of mathematics) show as boxes.</summary>
    public void DrawText(string text, double x, double y, TextStyle style)
    {
        Hinting hinting = new(style.Size, style.Bold);
        double pen = style.Align switch
        {
            TextAlign.Center => -MeasureText(text, style.Size) / 2,
            TextAlign.End => -MeasureText(text, style.Size),
            _ => 0,
        };
        double drop = style.Anchor switch
        {
            TextAnchor.Top => hinting.CapitalTop,
            TextAnchor.Middle => hinting.CapitalTop / 2,
            _ => 0,
        };
        double across = Math.Round((style.Upward ? x : y) + drop), along = Math.Round((style.Upward ? y : x) + (style.Upward ? -pen : pen));
        double advance = 0;
        foreach (char character in text)
        {
            StrokeFont.Glyph glyph = StrokeFont.Find(character);
            foreach ((double, double)[] stroke in glyph.Strokes)
            {
                (double X, double Y) from = Place(stroke[0]);
                for (int i = 1; i < stroke.Length; i++)
                {
                    (double X, double Y) to = Place(stroke[i]);
                    _coverage.AddSegment(from.X, from.Y, to.X, to.Y, hinting.Thickness);
                    from = to;
                }
            }
            foreach ((double, double) dot in glyph.Dots)
            {
                (double X, double Y) at = Place(dot);
                _coverage.AddSegment(at.X, at.Y, at.X, at.Y, 1.25 * hinting.Thickness);
            }
            advance += glyph.Advance * hinting.Scale;
        }
        Ink(style.Color);

        (double X, double Y) Place((double X, double Y) point)
        {
            double u = advance + point.X * hinting.Scale, v = hinting.Height(point.Y);
            return style.Upward ? (across - v, along - u) : (along + u, across - v);
        }
    }

    /// <summary>Moves the strokes' heights so that the lines at baseline, small and capital letters' tops fill whole pixel rows.</summary>
    private readonly struct Hinting
    {
        private readonly double _small, _capital, _descent;

        public Hinting(double size, bool bold)
        {
            Scale = size / StrokeFont.Em;
            Thickness = Math.Max(1, Scale * (bold ? 2.4 : 1.8));
            CapitalTop = Math.Round((StrokeFont.CapHeight + 0.9) * Scale);
            _small = Math.Round((StrokeFont.XHeight + 0.9) * Scale) - Thickness / 2;
            _capital = CapitalTop - Thickness / 2;
            _descent = -Math.Round((0.6 - StrokeFont.Descent) * Scale) + Thickness / 2;
        }

        public double Scale { get; }

        public double Thickness { get; }

        public double CapitalTop { get; }

        /// <summary>Pixels above the baseline of a height in font units.</summary>
        public double Height(double y)
        {
            double foot = Thickness / 2;
            return y switch
            {
                < 0 => foot + (_descent - foot) * y / StrokeFont.Descent,
                <= StrokeFont.XHeight => foot + (_small - foot) * y / StrokeFont.XHeight,
                _ => _small + (_capital - _small) * (y - StrokeFont.XHeight) / (StrokeFont.CapHeight - StrokeFont.XHeight),
            };
        }
    }
}
