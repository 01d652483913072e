using Flambeau.IO;

namespace Flambeau.Training.Plots;

/// <summary>
/// A picture one draws on: anti-aliased shapes, text in an embedded typeface and images, saved as PNG.
/// Coordinates are pixels from the top left corner; what lies outside is cut off, what is not finite is left out.
/// </summary>
public sealed partial class Canvas
{
    private const int LargestSide = 16384;

    private readonly byte[] _pixels;
    private readonly Coverage _coverage;

    /// <summary>An empty canvas.</summary>
    /// <param name="width">Width in pixels, 1 to 16384.</param>
    /// <param name="height">Height in pixels, 1 to 16384.</param>
    /// <param name="background">The colour it is filled with; white by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is outside its range.</exception>
    public Canvas(int width, int height, Rgba? background = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, LargestSide);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, LargestSide);
        (Width, Height) = (width, height);
        _pixels = new byte[3 * width * height];
        _coverage = new(width, height);
        Rgba fill = background ?? Rgba.White;
        for (int i = 0; i < _pixels.Length; i += 3) (_pixels[i], _pixels[i + 1], _pixels[i + 2]) = (fill.R, fill.G, fill.B);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Red, green and blue of each pixel, row by row.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>Where drawing has an effect; everywhere by default.</summary>
    public Area? Clip { get; set; }

    /// <summary>The colour of one pixel.</summary>
    public Rgba this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
            int i = 3 * (y * Width + x);
            return new(_pixels[i], _pixels[i + 1], _pixels[i + 2]);
        }
    }

    /// <summary>Fills a rectangle.</summary>
    public void FillRectangle(Area area, Rgba color)
    {
        _coverage.AddPolygon([(area.X, area.Y), (area.Right, area.Y), (area.Right, area.Bottom), (area.X, area.Bottom)]);
        Ink(color);
    }

    /// <summary>Draws a rectangle's border, centred on its edges.</summary>
    public void DrawRectangle(Area area, Rgba color, double thickness = 1)
    {
        double h = thickness / 2;
        AddBox(area.X - h, area.Y - h, area.Right + h, area.Y + h);
        AddBox(area.X - h, area.Bottom - h, area.Right + h, area.Bottom + h);
        AddBox(area.X - h, area.Y - h, area.X + h, area.Bottom + h);
        AddBox(area.Right - h, area.Y - h, area.Right + h, area.Bottom + h);
        Ink(color);

        void AddBox(double left, double top, double right, double bottom) =>
            _coverage.AddPolygon([(left, top), (right, top), (right, bottom), (left, bottom)]);
    }

    /// <summary>Fills a circle.</summary>
    public void FillCircle(double x, double y, double radius, Rgba color)
    {
        _coverage.AddRing(x, y, radius / 2, radius);
        Ink(color);
    }

    /// <summary>Draws a circle's border.</summary>
    public void DrawCircle(double x, double y, double radius, Rgba color, double thickness = 1)
    {
        _coverage.AddRing(x, y, radius, thickness);
        Ink(color);
    }

    /// <summary>Draws a line with round ends.</summary>
    public void DrawLine(double x0, double y0, double x1, double y1, Rgba color, double thickness = 1)
    {
        _coverage.AddSegment(x0, y0, x1, y1, thickness);
        Ink(color);
    }

    /// <summary>Draws a line through points; a point that is not finite leaves a gap.</summary>
    public void DrawPolyline(ReadOnlySpan<(double X, double Y)> points, Rgba color, double thickness = 1, LineStyle style = LineStyle.Solid)
    {
        (double on, double off) = style switch
        {
            LineStyle.Dashed => (5 * thickness, 3.5 * thickness),
            LineStyle.Dotted => (0.01, 2.4 * thickness),
            _ => (double.PositiveInfinity, 0),
        };
        double travelled = 0;
        for (int i = 1; i < points.Length; i++)
        {
            (double ax, double ay) = points[i - 1];
            (double bx, double by) = points[i];
            if (style == LineStyle.Solid) _coverage.AddSegment(ax, ay, bx, by, thickness);
            else AddDashes(ax, ay, bx, by, thickness, on, off, ref travelled);
        }
        Ink(color);
    }

    /// <summary>Fills a polygon that does not cross itself, such as the area under a curve.</summary>
    public void FillPolygon(ReadOnlySpan<(double X, double Y)> points, Rgba color)
    {
        _coverage.AddPolygon(points);
        Ink(color);
    }

    /// <summary>The canvas as a PNG file's content.</summary>
    public byte[] ToPng() => Png.Encode(_pixels, Width, Height);

    /// <summary>Saves a PNG file; a crash meanwhile leaves an older file of that name whole. Folders are made as needed.</summary>
    public void SavePng(string path) => AtomicFile.Write(path, ToPng());

    private void AddDashes(double ax, double ay, double bx, double by, double thickness, double on, double off, ref double travelled)
    {
        double length = Math.Sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay));
        // Far outside the canvas a line could have billions of dashes.
        if (!(length > 0 && length < 100_000)) return;
        for (double at = 0; at < length;)
        {
            double phase = travelled % (on + off), step = Math.Min(length - at, phase < on ? on - phase : on + off - phase);
            double next = at + step;
            if (phase < on) _coverage.AddSegment(Lerp(ax, bx, at), Lerp(ay, by, at), Lerp(ax, bx, next), Lerp(ay, by, next), thickness);
            step = Math.Max(step, 1e-6);
            (at, travelled) = (at + step, travelled + step);
        }

        double Lerp(double a, double b, double distance) => a + (b - a) * distance / length;
    }

    private void Ink(Rgba color)
    {
        Area clip = Clip ?? new(0, 0, Width, Height);
        double left = Math.Round(clip.X), top = Math.Round(clip.Y), right = Math.Round(clip.Right), bottom = Math.Round(clip.Bottom);
        _coverage.Flush((x, y, covered) =>
        {
            if (x >= left && x < right && y >= top && y < bottom) Blend(3 * (y * Width + x), color, covered * color.A);
        });
    }

    /// <summary>Lays a colour over a pixel; <paramref name="opacity"/> is 0 to 255².</summary>
    private void Blend(int index, Rgba color, int opacity)
    {
        _pixels[index] = Mix(_pixels[index], color.R);
        _pixels[index + 1] = Mix(_pixels[index + 1], color.G);
        _pixels[index + 2] = Mix(_pixels[index + 2], color.B);

        byte Mix(byte below, byte above) => (byte)((below * (65025 - opacity) + above * opacity + 32512) / 65025);
    }
}
