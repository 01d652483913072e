namespace Flambeau.Vision;

/// <summary>A picture in memory: 8-bit pixels row by row, channels interleaved.</summary>
public sealed class Image
{
    /// <summary>Wraps pixels; they are not copied.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 gray, 2 gray and opacity, 3 RGB, 4 RGBA.</param>
    /// <param name="pixels">width · height · channels bytes.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape, or the shape is not allowed.</exception>
    public Image(int width, int height, int channels, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (width < 1 || height < 1 || channels is < 1 or > 4 || pixels.Length != (long)width * height * channels)
        {
            throw new ArgumentException(
                $"An image of {width} × {height} pixels and {channels} channels (1 to 4) cannot have {pixels.Length} bytes.");
        }
        (Width, Height, Channels, Pixels) = (width, height, channels, pixels);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>1 gray, 2 gray and opacity, 3 RGB, 4 RGBA (sRGB, opacity not premultiplied).</summary>
    public int Channels { get; }

    /// <summary>Row by row from the top, channels interleaved.</summary>
    public byte[] Pixels { get; }

    /// <summary>
    /// The picture in gray (Rec. 601 weights, as most image libraries do), without opacity: what is transparent shows the background.
    /// </summary>
    /// <param name="background">The gray below transparent pixels, 0 black to 255 white.</param>
    public Image ToGray(byte background = 255)
    {
        if (Channels == 1) return this;
        byte[] gray = new byte[Width * Height];
        for (int i = 0; i < gray.Length; i++)
        {
            ReadOnlySpan<byte> p = Pixels.AsSpan(i * Channels, Channels);
            int value = Channels < 3 ? p[0] : (299 * p[0] + 587 * p[1] + 114 * p[2] + 500) / 1000;
            gray[i] = (byte)(Channels % 2 == 1 ? value : Over(value, background, p[^1]));
        }
        return new(Width, Height, 1, gray);
    }

    /// <summary>The picture in red, green and blue, without opacity: what is transparent shows the background.</summary>
    /// <param name="background">The gray below transparent pixels, 0 black to 255 white.</param>
    public Image ToRgb(byte background = 255)
    {
        if (Channels == 3) return this;
        byte[] rgb = new byte[checked(3 * Width * Height)];
        for (int i = 0; i < Width * Height; i++)
        {
            ReadOnlySpan<byte> p = Pixels.AsSpan(i * Channels, Channels);
            for (int c = 0; c < 3; c++)
            {
                int value = p[Channels < 3 ? 0 : c];
                rgb[3 * i + c] = (byte)(Channels == 1 ? value : Over(value, background, p[^1]));
            }
        }
        return new(Width, Height, 3, rgb);
    }

    /// <summary>
    /// The picture in another size: the mean of the covered area where it shrinks, bilinear where it grows, each axis on its own.
    /// </summary>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is less than 1.</exception>
    public Image Resize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return width == Width && height == Height ? this : Resampling.Resize(this, width, height);
    }

    private static int Over(int value, byte background, byte opacity) => (value * opacity + background * (255 - opacity) + 127) / 255;
}
