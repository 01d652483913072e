namespace Flambeau.Training.Plots;

/// <summary>A sheet of small images with captions, such as the test images a classifier got wrong.</summary>
public sealed class ContactSheet
{
    private const double Margin = 24, Gap = 20;

    private readonly List<Tile> _tiles = [];

    /// <summary>Above the images; none if empty.</summary>
    public string Title { get; set; } = "";

    /// <summary>Images in a row.</summary>
    public int Columns { get; set; } = 8;

    /// <summary>Width and height in pixels that each image is fitted into.</summary>
    public int TileSize { get; set; } = 168;

    /// <summary>Size of the captions in pixels; a caption that is too wide is written smaller, at most by a third.</summary>
    public double FontSize { get; set; } = 19;

    /// <summary>How small images are enlarged.</summary>
    public Scaling Scaling { get; set; } = Scaling.Nearest;

    /// <summary>How many images there are.</summary>
    public int Count => _tiles.Count;

    /// <summary>Adds an image.</summary>
    /// <param name="pixels">Row by row, channels interleaved: gray, gray + opacity, RGB or RGBA.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    /// <param name="channels">1 to 4.</param>
    /// <param name="captionLines">What stands under it; the first line is darker.</param>
    /// <exception cref="ArgumentException">The number of bytes is not width · height · channels, or the image is empty.</exception>
    public ContactSheet Add(ReadOnlySpan<byte> pixels, int width, int height, int channels, params ReadOnlySpan<string> captionLines)
    {
        Canvas.CheckImage(pixels.Length, width, height, channels);
        _tiles.Add(new(pixels.ToArray(), width, height, channels, captionLines.ToArray()));
        return this;
    }

    /// <summary>The picture; its size follows from the number of images.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are so many images that the picture would be higher than 16384
    /// pixels.</exception>
    public Canvas Render()
    {
        int columns = Math.Max(1, Math.Min(Columns, _tiles.Count)), rows = (_tiles.Count + columns - 1) / columns;
        int lines = _tiles.Count == 0 ? 0 : _tiles.Max(tile => tile.Caption.Length);
        double head = Title.Length > 0 ? 2.4 * FontSize : 0;
        double pitchX = TileSize + Gap, pitchY = TileSize + lines * 1.3 * FontSize + Gap + (lines > 0 ? 6 : 0);
        double width = Math.Max(2 * Margin + columns * pitchX - Gap, 2 * Margin + Math.Min(900, Canvas.MeasureText(Title, 1.4 * FontSize)));
        double body = _tiles.Count == 0 ? 3 * FontSize : rows * pitchY - Gap;

        Canvas canvas = new((int)Math.Ceiling(width), (int)Math.Ceiling(2 * Margin + head + body));
        string title = Canvas.FitText(Title, 1.4 * FontSize, width - 2 * Margin);
        canvas.DrawText(title, width / 2, Margin, new(1.4 * FontSize, Rgba.Gray(20), TextAlign.Center, TextAnchor.Top, Bold: true));
        if (_tiles.Count == 0)
        {
            canvas.DrawText("no images", width / 2, Margin + head, new(FontSize, Rgba.Gray(120), TextAlign.Center, TextAnchor.Top));
        }

        double left = (width - columns * pitchX + Gap) / 2;
        for (int i = 0; i < _tiles.Count; i++)
        {
            DrawTile(canvas, _tiles[i], Math.Round(left + i % columns * pitchX), Math.Round(Margin + head + i / columns * pitchY));
        }
        return canvas;
    }

    /// <summary>Saves the picture as a PNG file.</summary>
    public void SavePng(string path) => Render().SavePng(path);

    private void DrawTile(Canvas canvas, Tile tile, double x, double y)
    {
        double zoom = Math.Min((double)TileSize / tile.Width, (double)TileSize / tile.Height);
        double width = Math.Max(1, Math.Round(tile.Width * zoom)), height = Math.Max(1, Math.Round(tile.Height * zoom));
        Area area = new(x + Math.Floor((TileSize - width) / 2), y + Math.Floor((TileSize - height) / 2), width, height);
        canvas.DrawImage(tile.Pixels, tile.Width, tile.Height, tile.Channels, area, Scaling);
        canvas.DrawRectangle(area, Rgba.Gray(170), 1);
        for (int i = 0; i < tile.Caption.Length; i++)
        {
            double room = TileSize + Gap / 4, size = FontSize * Math.Clamp(room / Canvas.MeasureText(tile.Caption[i], FontSize), 0.66, 1);
            TextStyle style = new(size, Rgba.Gray((byte)(i == 0 ? 25 : 95)), TextAlign.Center, TextAnchor.Top);
            canvas.DrawText(Canvas.FitText(tile.Caption[i], size, room), x + TileSize / 2.0, y + TileSize + 10 + i * 1.3 * FontSize, style);
        }
    }

    private sealed record Tile(byte[] Pixels, int Width, int Height, int Channels, string[] Caption);
}
