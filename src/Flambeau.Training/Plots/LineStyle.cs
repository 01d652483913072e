namespace Flambeau.Training.Plots;

/// <summary>How a line is broken up.</summary>
public enum LineStyle
{
    /// <summary>Without gaps.</summary>
    Solid,

    /// <summary>Long strokes.</summary>
    Dashed,

    /// <summary>Short strokes.</summary>
    Dotted,
}
