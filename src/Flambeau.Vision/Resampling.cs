namespace Flambeau.Vision;

/// <summary>Changes an image's size, first along rows, then along columns.</summary>
internal static class Resampling
{
    public static Image Resize(Image image, int width, int height)
    {
        int channels = image.Channels;
        byte[] result = new byte[checked(width * height * channels)];
        Taps[] across = MakeTaps(image.Width, width), down = MakeTaps(image.Height, height);
        // The rows that one result row mixes are few; none is kept longer than it is needed.
        Dictionary<int, float[]> rows = [];
        float[] mixed = new float[width * channels];
        for (int y = 0; y < height; y++)
        {
            Taps taps = down[y];
            foreach (int old in rows.Keys.Where(row => row < taps.First).ToArray()) rows.Remove(old);
            Array.Clear(mixed);
            for (int k = 0; k < taps.Weights.Length; k++)
            {
                int source = taps.First + k;
                if (!rows.TryGetValue(source, out float[]? row)) rows[source] = row = ResizeRow(image, source, across);
                for (int i = 0; i < mixed.Length; i++) mixed[i] += taps.Weights[k] * row[i];
            }
            Span<byte> target = result.AsSpan(y * mixed.Length, mixed.Length);
            for (int i = 0; i < mixed.Length; i++) target[i] = (byte)Math.Clamp(mixed[i] + 0.5f, 0, 255);
        }
        return new(width, height, channels, result);
    }

    private static float[] ResizeRow(Image image, int y, Taps[] across)
    {
        int channels = image.Channels;
        ReadOnlySpan<byte> source = image.Pixels.AsSpan(y * image.Width * channels, image.Width * channels);
        float[] row = new float[across.Length * channels];
        for (int x = 0; x < across.Length; x++)
        {
            Taps taps = across[x];
            for (int k = 0; k < taps.Weights.Length; k++)
            {
                for (int c = 0; c < channels; c++) row[x * channels + c] += taps.Weights[k] * source[(taps.First + k) * channels + c];
            }
        }
        return row;
    }

    private static Taps[] MakeTaps(int from, int to)
    {
        Taps[] taps = new Taps[to];
        double ratio = (double)from / to;
        for (int i = 0; i < to; i++)
        {
            taps[i] = ratio > 1 ? Mean(i * ratio, Math.Min((i + 1) * ratio, from)) : Between((i + 0.5) * ratio - 0.5, from);
        }
        return taps;
    }

    private static Taps Mean(double start, double end)
    {
        int first = (int)start, count = (int)Math.Ceiling(end - 1e-9) - first;
        float[] weights = new float[count];
        for (int k = 0; k < count; k++)
        {
            weights[k] = (float)((Math.Min(end, first + k + 1) - Math.Max(start, first + k)) / (end - start));
        }
        return new(first, weights);
    }

    private static Taps Between(double at, int size)
    {
        at = Math.Clamp(at, 0, size - 1);
        int first = Math.Min((int)at, Math.Max(0, size - 2));
        float part = (float)(at - first);
        return size == 1 ? new(0, [1]) : new(first, [1 - part, part]);
    }

    /// <summary>Which source pixels make one result pixel, and how much each counts.</summary>
    private readonly record struct Taps(int First, float[] Weights);
}
