namespace Flambeau.Training.Plots;

/// <summary>
/// How much of each pixel a shape covers, 0 to 255. Parts of one shape may overlap: the larger coverage counts, so seams stay invisible.
/// </summary>
internal sealed class Coverage
{
    private readonly int _width, _height;
    private readonly byte[] _cells;
    private readonly float[] _row;
    private int _left, _top, _right, _bottom;

    public Coverage(int width, int height)
    {
        (_width, _height) = (width, height);
        (_left, _top) = (width, height);
        _cells = new byte[width * height];
        _row = new float[width + 2];
    }

    /// <summary>Adds a line with round ends.</summary>
    public void AddSegment(double x0, double y0, double x1, double y1, double thickness)
    {
        if (!double.IsFinite(x0 + y0 + x1 + y1)) return;
        double radius = Math.Max(thickness, 1) / 2, opacity = Math.Min(thickness, 1), reach = radius + 0.5;
        double dx = x1 - x0, dy = y1 - y0, lengthSquared = dx * dx + dy * dy;

        int top = Clamp(Math.Floor(Math.Min(y0, y1) - reach), _height), bottom = Clamp(Math.Ceiling(Math.Max(y0, y1) + reach), _height);
        for (int y = top; y < bottom; y++)
        {
            double cy = y + 0.5;
            (double near, double far) = RowExtent(x0, y0, dx, dy, cy - reach, cy + reach);
            int left = Clamp(Math.Floor(near - reach), _width), right = Clamp(Math.Ceiling(far + reach), _width);
            for (int x = left; x < right; x++)
            {
                double px = x + 0.5 - x0, py = cy - y0;
                double t = lengthSquared > 0 ? Math.Clamp((px * dx + py * dy) / lengthSquared, 0, 1) : 0;
                double ex = px - t * dx, ey = py - t * dy;
                double covered = Math.Clamp(reach - Math.Sqrt(ex * ex + ey * ey), 0, 1);
                if (covered > 0) Raise(x, y, covered * opacity);
            }
        }
    }

    /// <summary>Adds a ring, or a disc if <paramref name="thickness"/> is not less than the diameter.</summary>
    public void AddRing(double cx, double cy, double radius, double thickness)
    {
        double outer = radius + thickness / 2, inner = radius - thickness / 2;
        int top = Clamp(Math.Floor(cy - outer - 1), _height), bottom = Clamp(Math.Ceiling(cy + outer + 1), _height);
        int left = Clamp(Math.Floor(cx - outer - 1), _width), right = Clamp(Math.Ceiling(cx + outer + 1), _width);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                double ex = x + 0.5 - cx, ey = y + 0.5 - cy, distance = Math.Sqrt(ex * ex + ey * ey);
                double covered = Math.Clamp(outer + 0.5 - distance, 0, 1) - Math.Clamp(inner + 0.5 - distance, 0, 1);
                if (covered > 0) Raise(x, y, covered);
            }
        }
    }

    /// <summary>Adds the inside of a closed polygon that does not cross itself.</summary>
    // Each edge leaves its signed area in the pixels it passes; the running sum along a row is then the coverage.
    public void AddPolygon(ReadOnlySpan<(double X, double Y)> points)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity, near = low, far = high;
        foreach ((double x, double y) in points)
        {
            if (!double.IsFinite(x + y)) return;
            (near, far, low, high) = (Math.Min(near, x), Math.Max(far, x), Math.Min(low, y), Math.Max(high, y));
        }
        int top = Clamp(Math.Floor(low), _height), bottom = Clamp(Math.Ceiling(high), _height);
        int left = Clamp(Math.Floor(near), _width), right = Clamp(Math.Ceiling(far), _width);
        for (int y = top; y < bottom; y++)
        {
            for (int i = 0; i < points.Length; i++) AddEdge(points[i], points[(i + 1) % points.Length], y);
            double sum = 0;
            for (int x = left; x < right; x++)
            {
                sum += _row[x];
                if (Math.Abs(sum) > 1e-3) Raise(x, y, Math.Min(1, Math.Abs(sum)));
            }
            _row.AsSpan(left, right - left + 2).Clear();
        }
    }

    /// <summary>Hands every covered pixel to <paramref name="blend"/> and clears the mask.</summary>
    public void Flush(Action<int, int, byte> blend)
    {
        for (int y = _top; y < _bottom; y++)
        {
            Span<byte> row = _cells.AsSpan(y * _width, _width);
            for (int x = _left; x < _right; x++)
            {
                if (row[x] != 0) blend(x, y, row[x]);
            }
            row[_left.._right].Clear();
        }
        (_left, _top, _right, _bottom) = (_width, _height, 0, 0);
    }

    private void AddEdge((double X, double Y) a, (double X, double Y) b, int y)
    {
        double direction = 1;
        if (a.Y > b.Y) (a, b, direction) = (b, a, -1);
        double y0 = Math.Max(a.Y, y), y1 = Math.Min(b.Y, y + 1);
        if (y0 >= y1) return;

        double slope = (b.X - a.X) / (b.Y - a.Y);
        double start = Math.Clamp(a.X + (y0 - a.Y) * slope, 0, _width), end = Math.Clamp(a.X + (y1 - a.Y) * slope, 0, _width);
        AddTrapezoid(Math.Min(start, end), Math.Max(start, end), direction * (y1 - y0));
    }

    private void AddTrapezoid(double x0, double x1, double area)
    {
        int first = (int)x0;
        if (x1 <= first + 1)
        {
            double middle = (x0 + x1) / 2 - first;
            _row[first] += (float)(area * (1 - middle));
            _row[first + 1] += (float)(area * middle);
            return;
        }
        double perPixel = area / (x1 - x0), before = 0;
        for (int x = first; x < x1; x++)
        {
            double enter = Math.Max(x0, x), leave = Math.Min(x1, x + 1);
            double passed = perPixel * (leave - enter), middle = (enter + leave) / 2 - x;
            _row[x] += (float)(passed * (1 - middle) + before);
            before = passed * middle;
        }
        _row[(int)Math.Ceiling(x1)] += (float)before;
    }

    /// <summary>The x range of the segment's part that lies between two heights.</summary>
    private static (double Near, double Far) RowExtent(double x0, double y0, double dx, double dy, double low, double high)
    {
        double t0 = 0, t1 = 1;
        if (dy != 0)
        {
            double a = (low - y0) / dy, b = (high - y0) / dy;
            (t0, t1) = (Math.Clamp(Math.Min(a, b), 0, 1), Math.Clamp(Math.Max(a, b), 0, 1));
        }
        double xa = x0 + t0 * dx, xb = x0 + t1 * dx;
        return (Math.Min(xa, xb), Math.Max(xa, xb));
    }

    private void Raise(int x, int y, double covered)
    {
        byte value = (byte)(255 * covered + 0.5);
        ref byte cell = ref _cells[y * _width + x];
        if (value <= cell) return;
        cell = value;
        (_left, _right) = (Math.Min(_left, x), Math.Max(_right, x + 1));
        (_top, _bottom) = (Math.Min(_top, y), Math.Max(_bottom, y + 1));
    }

    private static int Clamp(double value, int limit) => (int)Math.Clamp(value, 0, limit);
}
