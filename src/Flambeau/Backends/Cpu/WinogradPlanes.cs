using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>What <see cref="WinogradPlanes{E}"/> makes of a row of windows.</summary>
internal unsafe interface IWinogradWindow
{
    /// <summary>The rows and columns of a window.</summary>
    static abstract int Size { get; }

    /// <summary>The points of n windows side by side; row i of the windows lies at rows + (top + i) mod 4 · row.</summary>
    static abstract void Transform<E, T>(E* rows, nint row, long top, nint step, E* to, nint window, nint point, nint n) where E : unmanaged where T : struct, ILane<T>;
}

/// <summary>4×4 elements, of which 2×2 results are made.</summary>
internal readonly unsafe struct DataWindow : IWinogradWindow
{
    public static int Size => 4;

    public static void Transform<E, T>(E* rows, nint row, long top, nint step, E* to, nint window, nint point, nint n) where E : unmanaged where T : struct, ILane<T> =>
        Winograd.Windows<E, T>(rows + (nint)(top & 3) * row, rows + (nint)(top + 1 & 3) * row, rows + (nint)(top + 2 & 3) * row, rows + (nint)(top + 3 & 3) * row,
            step, to, window, point, n);
}

/// <summary>The gradients of 2×2 results.</summary>
internal readonly unsafe struct GradientWindow : IWinogradWindow
{
    public static int Size => 2;

    public static void Transform<E, T>(E* rows, nint row, long top, nint step, E* to, nint window, nint point, nint n) where E : unmanaged where T : struct, ILane<T> =>
        Winograd.Squares<E, T>(rows + (nint)(top & 3) * row, rows + (nint)(top + 1 & 3) * row, step, to, window, point, n);
}

/// <summary>
/// The planes of images, cut into windows: window (i, j) begins at element (2i − PadH, 2j − PadW); outside there are zeros. Windows are numbered
/// through all images. Channels are the lanes: pixels are turned for it, so that no size of plane leaves lanes idle.
/// </summary>
internal unsafe struct WinogradPlanes<E> where E : unmanaged
{
    public E* From;                                   // (images, Channels of ImageSize, H, W)
    public long ImageSize, Channels, H, W, PadH, PadW;
    public long Images, Rows, Columns;                // of windows

    /// <summary>The planes of the first group, for results of the given size.</summary>
    public static WinogradPlanes<E> Of(E* from, long images, long channels, long groups, Size3 size, Size3 pad, Size3 results) => new()
    {
        From = from, ImageSize = channels * size.Volume, Channels = channels / groups, H = size.H, W = size.W, PadH = pad.H, PadW = pad.W,
        Images = images, Rows = Partition.Count(results.H, 2), Columns = Partition.Count(results.W, 2),
    };

    public readonly long Count => Images * Rows * Columns;

    /// <summary>Channels, rounded up to whole vectors, to an odd number of cache lines: so windows spread over the sets of the cache.</summary>
    public readonly nint Window => (nint)ConvFrame.Odd(Channels, 64 / sizeof(E));

    /// <summary>From a point of some windows to the next.</summary>
    public readonly nint Point(long windows) => (nint)ConvFrame.Odd(windows * Window, 64 / sizeof(E));

    /// <summary>The points of windows [first, end) for the channels of a strip, two vectors: to[point][window][channel].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Fill<T, TWindow>(long strip, long first, long end, E* to, nint point) where T : struct, ILane<T> where TWindow : IWinogradWindow
    {
        int width = 2 * T.Count, size = TWindow.Size, more = size - 2;
        long channel = strip * width;
        int channels = (int)Math.Min(width, Channels - channel);
        nint window = Window, row = (nint)(2 * Math.Min(Columns, end - first) + more) * width;
        E* rows = Scratch.Get<E>(Scratch.Use.Line, 4 * row);
        to += channel;
        long known = 0;                               // rows that the windows above have, too
        for (long t = first, n; t < end; t += n, to += n * window)
        {
            long image = t / (Rows * Columns), i = t / Columns % Rows, j = t % Columns, top = 2 * i;
            n = Math.Min(Columns - j, end - t);
            for (long r = i == 0 ? 0 : known; r < size; r++)
                Row<T>(image, channel, channels, top + r - PadH, 2 * j - PadW, 2 * n + more, rows + (nint)(top + r & 3) * row);
            known = j == 0 ? more : 0;
            TWindow.Transform<E, T>(rows, row, top, width, to, window, point, (nint)n);
            if (channels > T.Count) TWindow.Transform<E, T>(rows + T.Count, row, top, width, to + T.Count, window, point, (nint)n);
        }
    }

    // Columns [x, x + n) of row y: to[column][channel].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Row<T>(long image, long channel, int channels, long y, long x, long n, E* to) where T : struct, ILane<T>
    {
        int width = 2 * T.Count;
        long begin = Math.Clamp(-x, 0, n), end = y < 0 || y >= H ? begin : Math.Clamp(W - x, begin, n);
        Clear(to, begin * width);
        Clear(to + end * width, (n - end) * width);
        if (begin == end) return;
        Pack.TurnRows(From + image * ImageSize + (channel * H + y) * W + x + begin, (nint)(H * W), channels, to + begin * width, width, (nint)(end - begin));
        if (channels < width)
            for (long j = begin; j < end; j++) Clear(to + j * width + channels, width - channels);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Clear(E* p, long n) => new Span<E>(p, (int)n).Clear();
}
