namespace Flambeau.Training.Plots;

/// <summary>How an image is enlarged or reduced.</summary>
public enum Scaling
{
    /// <summary>Each pixel becomes a block: what the network sees.</summary>
    Nearest,

    /// <summary>Smooth between pixels.</summary>
    Bilinear,
}

public sealed partial class Canvas
{
    /// <summary>Draws an image, stretched to <paramref name="destination"/>.</summary>
    /// <param name="pixels">Row by row, channels interleaved: gray, gray + opacity, RGB or RGBA.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    /// <param name="channels">1 to 4.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="scaling">How pixels between the image's are found.</param>
    /// <exception cref="ArgumentException">The number of bytes is not width · height · channels, or the image is empty.</exception>
    public void DrawImage(ReadOnlySpan<byte> pixels, int width, int height, int channels, Area destination,
        Scaling scaling = Scaling.Nearest)
    {
        CheckImage(pixels.Length, width, height, channels);
        Area clip = Clip ?? new(0, 0, Width, Height);
        (int left, int right) = Common((destination.X, destination.Right), (clip.X, clip.Right), Width);
        (int top, int bottom) = Common((destination.Y, destination.Bottom), (clip.Y, clip.Bottom), Height);
        for (int y = top; y < bottom; y++)
        {
            double v = (y + 0.5 - destination.Y) * height / destination.Height;
            for (int x = left; x < right; x++)
            {
                double u = (x + 0.5 - destination.X) * width / destination.Width;
                Rgba color = scaling == Scaling.Nearest
                    ? Pixel(pixels, width, height, channels, (int)u, (int)v)
                    : Between(pixels, width, height, channels, u - 0.5, v - 0.5);
                Blend(3 * (y * Width + x), color, 255 * color.A);
            }
        }
    }

    private static (int From, int To) Common((double From, double To) a, (double From, double To) b, int limit) =>
        ((int)Math.Round(Math.Clamp(Math.Max(a.From, b.From), 0, limit)), (int)Math.Round(Math.Clamp(Math.Min(a.To, b.To), 0, limit)));

    /// <summary>Throws unless an image of this shape has this many bytes.</summary>
    internal static void CheckImage(int length, int width, int height, int channels)
    {
        if (width < 1 || height < 1 || channels is < 1 or > 4 || length != (long)width * height * channels)
        {
            throw new ArgumentException(
                $"An image of {width} × {height} pixels and {channels} channels (1 to 4) cannot have {length} bytes.");
        }
    }

    private static Rgba Pixel(ReadOnlySpan<byte> pixels, int width, int height, int channels, int x, int y)
    {
        ReadOnlySpan<byte> p = pixels[((Math.Clamp(y, 0, height - 1) * width + Math.Clamp(x, 0, width - 1)) * channels)..];
        return channels switch
        {
            1 => new(p[0], p[0], p[0]),
            2 => new(p[0], p[0], p[0], p[1]),
            3 => new(p[0], p[1], p[2]),
            _ => new(p[0], p[1], p[2], p[3]),
        };
    }

    private static Rgba Between(ReadOnlySpan<byte> pixels, int width, int height, int channels, double u, double v)
    {
        int x = (int)Math.Floor(u), y = (int)Math.Floor(v);
        Rgba upper = Rgba.Mix(At(pixels, x, y), At(pixels, x + 1, y), u - x);
        Rgba lower = Rgba.Mix(At(pixels, x, y + 1), At(pixels, x + 1, y + 1), u - x);
        return Rgba.Mix(upper, lower, v - y);

        Rgba At(ReadOnlySpan<byte> p, int column, int row) => Pixel(p, width, height, channels, column, row);
    }
}
