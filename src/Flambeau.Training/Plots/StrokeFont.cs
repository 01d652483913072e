using System.Globalization;

namespace Flambeau.Training.Plots;

/// <summary>A sans-serif typeface made of pen strokes, so that it is sharp at every size: ASCII and a few signs of mathematics.</summary>
internal static class StrokeFont
{
    /// <summary>Units of the drawing in one font size.</summary>
    public const double Em = 20;

    /// <summary>Heights of the strokes' middle lines above the baseline.</summary>
    public const double XHeight = 9.5, CapHeight = 13.5, Descent = -4;

    private const double Tracking = 0.25;
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", Normal = "0123456789−+";

    private static readonly Dictionary<char, Glyph> Glyphs = Load();

    /// <summary>The strokes of a character; a hollow box if the face lacks it.</summary>
    public static Glyph Find(char character) => Glyphs.TryGetValue(character, out Glyph? glyph) ? glyph : Glyphs['\uFFFD'];

    /// <summary>Pen strokes and dots in font units, y upwards from the baseline, and how far the pen moves on.</summary>
    public sealed record Glyph(double Advance, (double X, double Y)[][] Strokes, (double X, double Y)[] Dots);

    private static Dictionary<char, Glyph> Load()
    {
        Dictionary<char, Glyph> glyphs = [];
        foreach (string line in GlyphTable.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] fields = line.Split(' ', 3);
            string path = fields.Length > 2 ? fields[2] : "";
            Glyph glyph = Parse(double.Parse(fields[1], CultureInfo.InvariantCulture) + Tracking, path);
            string characters = fields[0] switch { "space" => " \u00A0", "box" => "\uFFFD", string same => same };
            foreach (char character in characters) glyphs[character] = glyph;
        }
        for (int i = 0; i < Superscripts.Length; i++) glyphs[Superscripts[i]] = Raise(glyphs[Normal[i]]);
        return glyphs;
    }

    private static Glyph Raise(Glyph glyph)
    {
        const double scale = 0.68, lift = 6.2;
        return new(glyph.Advance * scale, [.. glyph.Strokes.Select(stroke => stroke.Select(Move).ToArray())], [.. glyph.Dots.Select(Move)]);

        static (double, double) Move((double X, double Y) point) => (point.X * scale, point.Y * scale + lift);
    }

    private static Glyph Parse(double advance, string path)
    {
        List<List<(double X, double Y)>> strokes = [];
        List<(double, double)> dots = [];
        int at = 0;
        while (at < path.Length)
        {
            char command = path[at++];
            switch (command)
            {
                case 'M': strokes.Add([Point()]); break;
                case 'L': strokes[^1].Add(Point()); break;
                case 'D': dots.Add(Point()); break;
                case 'Q':
                    (double X, double Y) control = Point();
                    Curve(strokes[^1], control, control, Point(), quadratic: true);
                    break;
                case 'h' or 'v':
                    const double roundness = 0.575;   // 0.552 would be a true ellipse
                    (double X, double Y) from = strokes[^1][^1], to = Point();
                    (double dx, double dy) = (to.X - from.X, to.Y - from.Y);
                    if (command == 'h') Curve(strokes[^1], (from.X + roundness * dx, from.Y), (to.X, to.Y - roundness * dy), to);
                    else Curve(strokes[^1], (from.X, from.Y + roundness * dy), (to.X - roundness * dx, to.Y), to);
                    break;
                default: throw new FormatException($"glyph command '{command}' in \"{path}\"");
            }
        }
        return new(advance, [.. strokes.Select(stroke => stroke.ToArray())], [.. dots]);

        (double X, double Y) Point() => (Number(), Number());

        double Number()
        {
            while (path[at] == ' ') at++;
            int start = at;
            while (at < path.Length && (char.IsAsciiDigit(path[at]) || path[at] is '.' or '-')) at++;
            double number = double.Parse(path.AsSpan(start, at - start), CultureInfo.InvariantCulture);
            while (at < path.Length && path[at] == ' ') at++;
            return number;
        }
    }

    private static void Curve(List<(double X, double Y)> stroke, (double X, double Y) a, (double X, double Y) b, (double X, double Y) to,
        bool quadratic = false)
    {
        const int pieces = 10;
        (double X, double Y) from = stroke[^1];
        if (quadratic)
        {
            a = (from.X + (a.X - from.X) * 2 / 3, from.Y + (a.Y - from.Y) * 2 / 3);
            b = (to.X + (b.X - to.X) * 2 / 3, to.Y + (b.Y - to.Y) * 2 / 3);
        }
        for (int i = 1; i <= pieces; i++)
        {
            double t = (double)i / pieces, s = 1 - t;
            double wf = s * s * s, wa = 3 * s * s * t, wb = 3 * s * t * t, wt = t * t * t;
            stroke.Add((wf * from.X + wa * a.X + wb * b.X + wt * to.X, wf * from.Y + wa * a.Y + wb * b.Y + wt * to.Y));
        }
    }
}
