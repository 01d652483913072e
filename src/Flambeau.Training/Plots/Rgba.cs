namespace Flambeau.Training.Plots;

/// <summary>A colour: red, green, blue and opacity, each 0 to 255 (sRGB, not premultiplied).</summary>
public readonly record struct Rgba(byte R, byte G, byte B, byte A = 255)
{
    /// <summary>White.</summary>
    public static Rgba White => new(255, 255, 255);

    /// <summary>Black.</summary>
    public static Rgba Black => new(0, 0, 0);

    /// <summary>A gray of the given lightness, 0 (black) to 255 (white).</summary>
    public static Rgba Gray(byte lightness) => new(lightness, lightness, lightness);

    /// <summary>This colour with another opacity, 0 (invisible) to 1 (opaque).</summary>
    public Rgba WithOpacity(double opacity) => this with { A = (byte)Math.Round(255 * Math.Clamp(opacity, 0, 1)) };

    /// <summary>The colour <paramref name="t"/> of the way (0 to 1) from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public static Rgba Mix(Rgba from, Rgba to, double t)
    {
        return new(Mix(from.R, to.R), Mix(from.G, to.G), Mix(from.B, to.B), Mix(from.A, to.A));

        byte Mix(byte a, byte b) => (byte)Math.Round(a + (b - a) * Math.Clamp(t, 0, 1));
    }

    /// <summary>Perceived lightness, 0 to 1 (Rec. 709 weights).</summary>
    internal double Luminance => (0.2126 * R + 0.7152 * G + 0.0722 * B) / 255;
}
