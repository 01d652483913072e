namespace Flambeau.Training.Plots;

/// <summary>The colours charts use.</summary>
public static class Palette
{
    private static readonly Rgba[] Series =
    [
        new(0, 114, 178), new(213, 94, 0), new(0, 158, 115), new(204, 121, 167), new(230, 159, 0), new(86, 180, 233), new(70, 70, 70),
    ];

    // Lightness falls evenly, so that the scale also reads in gray.
    private static readonly Rgba[] Blues =
    [
        new(247, 251, 255), new(222, 235, 247), new(198, 219, 239), new(158, 202, 225), new(107, 174, 214),
        new(66, 146, 198), new(33, 113, 181), new(8, 81, 156), new(8, 48, 107),
    ];

    /// <summary>
    /// The colour of the <paramref name="index"/>-th series: seven that colour-blind people can tell apart (Okabe and Ito), then again.
    /// </summary>
    public static Rgba ForSeries(int index) => Series[index % Series.Length];

    /// <summary>How many series <see cref="ForSeries"/> keeps apart.</summary>
    public static int Count => Series.Length;

    /// <summary>A colour for a share: 0 is nearly white, 1 dark blue.</summary>
    public static Rgba ForShare(double share)
    {
        if (double.IsNaN(share)) return Rgba.White;
        double position = Math.Clamp(share, 0, 1) * (Blues.Length - 1);
        int lower = Math.Min((int)position, Blues.Length - 2);
        return Rgba.Mix(Blues[lower], Blues[lower + 1], position - lower);
    }
}
