using Flambeau.Training.Plots;
using Flambeau.Vision;
using Xunit;

namespace Flambeau.Training.Tests;

public class CanvasTests
{
    [Fact]
    public void Png_holds_the_pixels()
    {
        Canvas canvas = new(31, 17);
        Random random = new(1);
        for (int i = 0; i < 20; i++)
        {
            canvas.FillCircle(random.Next(31), random.Next(17), random.Next(1, 9), Palette.ForSeries(i));
        }
        Image image = ImageFile.Decode(canvas.ToPng());
        Assert.Equal((31, 17, 3), (image.Width, image.Height, image.Channels));
        Assert.Equal(canvas.Pixels, image.Pixels);
    }

    [Fact]
    public void SavePng_makes_folders_replaces_the_file_and_leaves_nothing_else()
    {
        using TemporaryFolder folder = new();
        string path = folder["deep/er/a.png"];
        new Canvas(2, 2).SavePng(path);
        new Canvas(3, 2).SavePng(path);
        Assert.Equal(3, ImageFile.Read(path).Width);
        Assert.Single(Directory.GetFiles(folder["deep/er"]));
    }

    [Fact]
    public void Rectangle_covers_fractions_of_pixels()
    {
        Canvas canvas = new(4, 4, Rgba.Black);
        canvas.FillRectangle(new(0.5, 1, 2, 1.25), Rgba.White);
        Assert.Equal([128, 255, 128, 0], Enumerable.Range(0, 4).Select(x => (int)canvas[x, 1].R));
        Assert.Equal([32, 64, 32, 0], Enumerable.Range(0, 4).Select(x => (int)canvas[x, 2].R));
        Assert.All(Enumerable.Range(0, 4), x => Assert.Equal(0, canvas[x, 0].R));
    }

    [Fact]
    public void Polygon_has_its_area()
    {
        Canvas canvas = new(50, 50, Rgba.Black);
        canvas.FillPolygon([(3.3, 4.1), (46.2, 12.7), (20.9, 44.4)], Rgba.White);
        double area = canvas.Pixels.ToArray().Sum(v => v / 255.0) / 3;
        double exact = Math.Abs((46.2 - 3.3) * (44.4 - 4.1) - (20.9 - 3.3) * (12.7 - 4.1)) / 2;
        Assert.Equal(exact, area, tolerance: 1.0);
    }

    [Fact]
    public void Line_has_its_thickness_and_is_symmetric()
    {
        Canvas canvas = new(41, 41, Rgba.Black);
        canvas.DrawLine(20.5, 5, 20.5, 36, Rgba.White, thickness: 3);
        Assert.Equal(3, Enumerable.Range(0, 41).Sum(x => canvas[x, 20].R / 255.0), tolerance: 0.02);
        Assert.All(Enumerable.Range(0, 20), x => Assert.Equal(canvas[x, 20], canvas[40 - x, 20]));
    }

    [Fact]
    public void Overlapping_parts_of_a_transparent_line_are_not_darker()
    {
        Canvas canvas = new(60, 20);
        canvas.DrawPolyline([(5, 10), (30, 10), (55, 10)], Rgba.Black.WithOpacity(0.5), 6);
        Assert.Equal(canvas[15, 10], canvas[30, 10]);
    }

    [Fact]
    public void Drawing_outside_or_at_no_place_does_nothing()
    {
        Canvas canvas = new(20, 20);
        byte[] before = canvas.Pixels.ToArray();
        canvas.DrawLine(-100, -100, -5, 1e9, Rgba.Black, 4);
        canvas.DrawPolyline([(double.NaN, 3), (4, 4), (double.PositiveInfinity, 3)], Rgba.Black, 2);
        canvas.DrawPolyline([(-1e12, -5), (1e12, -5)], Rgba.Black, 2, LineStyle.Dashed);
        canvas.FillPolygon([(0, double.NaN), (5, 5), (0, 5)], Rgba.Black);
        canvas.FillRectangle(new(-10, -10, 5, 5), Rgba.Black);
        canvas.FillRectangle(new(30, 2, 5, 5), Rgba.Black);
        canvas.FillCircle(1e6, 5, 3, Rgba.Black);
        canvas.DrawText("outside", 200, -200, new(20, Rgba.Black));
        canvas.DrawImage(new byte[4], 2, 2, 1, new(50, 50, 10, 10));
        Assert.Equal(before, canvas.Pixels);
    }

    [Fact]
    public void Shapes_that_reach_beyond_the_edges_are_cut()
    {
        Canvas canvas = new(10, 10);
        canvas.FillRectangle(new(-50, -50, 200, 200), Rgba.Black);
        Assert.All(canvas.Pixels.ToArray(), v => Assert.Equal(0, v));
    }

    [Fact]
    public void Clip_limits_drawing()
    {
        Canvas canvas = new(10, 10) { Clip = new(2, 3, 4, 5) };
        canvas.FillRectangle(new(0, 0, 10, 10), Rgba.Black);
        int inked = 0;
        for (int y = 0; y < 10; y++)
        {
            for (int x = 0; x < 10; x++) inked += canvas[x, y] == Rgba.Black ? 1 : 0;
        }
        Assert.Equal(20, inked);
    }

    [Fact]
    public void Every_printable_character_has_a_glyph_of_its_own_inside_its_advance()
    {
        HashSet<string> seen = [];
        foreach (char character in Enumerable.Range(32, 95).Select(i => (char)i).Concat("×−°µ±…≤≥⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        {
            StrokeFont.Glyph glyph = StrokeFont.Find(character);
            Assert.True(glyph.Advance > 2);
            string drawing = string.Join(";", glyph.Strokes.Select(s => string.Join(",", s))) + string.Join(",", glyph.Dots);
            Assert.True(seen.Add(drawing), $"'{character}' looks like another");
            foreach ((double x, double y) in glyph.Strokes.SelectMany(s => s).Concat(glyph.Dots))
            {
                Assert.True(x >= 0 && x <= glyph.Advance && y is >= -5 and <= 16, $"'{character}'");
            }
        }
        Assert.Same(StrokeFont.Find('\u4e2d'), StrokeFont.Find('\uFFFD'));
    }

    [Fact]
    public void Upward_text_is_the_text_turned()
    {
        Canvas flat = new(100, 100), upward = new(100, 100);
        flat.DrawText("Flambeau 7", 10, 50, new(16, Rgba.Black));
        upward.DrawText("Flambeau 7", 50, 90, new(16, Rgba.Black, Upward: true));
        for (int y = 0; y < 100; y++)
        {
            for (int x = 0; x < 100; x++) Assert.InRange(upward[y, 99 - x].R - flat[x, y].R, -1, 1);
        }
    }

    [Fact]
    public void FitText_cuts_to_the_width()
    {
        Assert.Equal("short", Canvas.FitText("short", 20, 500));
        string cut = Canvas.FitText("a rather long caption", 20, 100);
        Assert.EndsWith("…", cut);
        Assert.True(Canvas.MeasureText(cut, 20) <= 100);
        Assert.Equal("…", Canvas.FitText("a rather long caption", 20, 0));
    }

    [Fact]
    public void Nearest_image_makes_blocks_and_bilinear_a_ramp()
    {
        Canvas canvas = new(8, 8);
        canvas.DrawImage([0, 255, 255, 0], 2, 2, 1, new(0, 0, 8, 8));
        Assert.Equal([0, 0, 0, 0, 255, 255, 255, 255], Enumerable.Range(0, 8).Select(x => (int)canvas[x, 0].R));
        canvas.DrawImage([0, 255], 2, 1, 1, new(0, 0, 8, 8), Scaling.Bilinear);
        Assert.Equal([0, 0, 32, 96, 159, 223, 255, 255], Enumerable.Range(0, 8).Select(x => (int)canvas[x, 4].R));
    }

    [Fact]
    public void Wrong_shapes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Canvas(0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Canvas(5, 100_000));
        Assert.Throws<ArgumentException>(() => new Canvas(5, 5).DrawImage(new byte[5], 2, 2, 1, new(0, 0, 5, 5)));
    }
}
