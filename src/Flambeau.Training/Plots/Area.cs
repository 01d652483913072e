namespace Flambeau.Training.Plots;

/// <summary>A rectangle on a canvas, in pixels; y grows downwards.</summary>
public readonly record struct Area(double X, double Y, double Width, double Height)
{
    /// <summary>The right edge.</summary>
    public double Right => X + Width;

    /// <summary>The bottom edge.</summary>
    public double Bottom => Y + Height;

    /// <summary>The middle.</summary>
    public (double X, double Y) Center => (X + Width / 2, Y + Height / 2);

    /// <summary>The rectangle that is left when its edges move inwards.</summary>
    public Area Inset(double left, double top, double right, double bottom) =>
        new(X + left, Y + top, Width - left - right, Height - top - bottom);
}
