namespace Flambeau.Training.Plots;

/// <summary>Which point of a text lies on the given x (along the text).</summary>
public enum TextAlign
{
    /// <summary>Its start.</summary>
    Start,

    /// <summary>Its middle.</summary>
    Center,

    /// <summary>Its end.</summary>
    End,
}

/// <summary>Which height of a text lies on the given y (across the text).</summary>
public enum TextAnchor
{
    /// <summary>The line the letters stand on.</summary>
    Baseline,

    /// <summary>The top of the capitals.</summary>
    Top,

    /// <summary>The middle of the capitals.</summary>
    Middle,
}

/// <summary>How a text is drawn.</summary>
/// <param name="Size">The font size in pixels; capitals are 0.72 of it high.</param>
/// <param name="Color">The ink.</param>
/// <param name="Align">What lies on x.</param>
/// <param name="Anchor">What lies on y.</param>
/// <param name="Bold">Thicker strokes.</param>
/// <param name="Upward">Turned by 90°, to be read from bottom to top.</param>
public readonly record struct TextStyle(
    double Size, Rgba Color, TextAlign Align = TextAlign.Start, TextAnchor Anchor = TextAnchor.Baseline,
    bool Bold = false, bool Upward = false);
