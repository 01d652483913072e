namespace Flambeau.Backends.Cpu;

/// <summary>
/// One axis of a <see cref="PixelCorrelation{E, T}"/>: with tap m result t meets source element <c>Origin + t·Stride + m·Dilation</c>, if there is one.
/// Tap m is number <c>FirstTap + m·TapStep</c> of the filter.
/// </summary>
internal readonly record struct PixelAxis(long Size, long Results, long Taps, long Origin, long Stride, long Dilation, long FirstTap = 0, long TapStep = 1)
{
    /// <summary>The taps with which a result meets an element.</summary>
    public (long First, long End) TapsOf(long result) => Inside(Origin + result * Stride, Dilation, Taps);

    /// <summary>The results that meet an element with a tap.</summary>
    public (long First, long End) ResultsOf(long tap) => Inside(Origin + tap * Dilation, Stride, Results);

    (long First, long End) Inside(long origin, long step, long count)
    {
        long first = Math.Clamp(FrameAxis.Ceiling(-origin, step), 0, count);
        return (first, Math.Clamp(FrameAxis.Ceiling(Size - origin, step), first, count));
    }

    /// <summary>How many pairs of a result and a tap meet an element.</summary>
    public long Meetings
    {
        get
        {
            long sum = 0;
            for (long m = 0; m < Taps; m++)
            {
                var (first, end) = ResultsOf(m);
                sum += end - first;
            }
            return sum;
        }
    }

    /// <summary>The part of the elements that some tap meets.</summary>
    public double Met => Math.Min(1, ((Taps - 1) * Dilation + 1) / (double)Stride);

    /// <summary>Zeros before and after the source, with which every result meets an element with every tap.</summary>
    public (long Before, long After) Padding => Results * Taps == 0 ? default :
        (Math.Max(0, -Origin), Math.Max(0, Origin + (Results - 1) * Stride + (Taps - 1) * Dilation + 1 - Size));

    /// <summary>Whether each result meets the element of its own number.</summary>
    public bool IsPointwise => Taps == 1 && Stride == 1 && Origin == 0 && Results == Size;
}
