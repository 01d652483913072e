namespace Flambeau.Optim;

/// <summary>A step length that fulfils the strong Wolfe conditions: Nocedal and Wright (2006), algorithms 3.5 and 3.6.</summary>
static class LineSearch
{
    const double C1 = 1e-4, C2 = 0.9, ToleranceChange = 1e-9;
    const int MaxSteps = 25;

    readonly record struct Point(double At, double Loss, Tensor Grad, double Slope);

    public static (double Loss, Tensor Grad, double Step, int Evaluations) StrongWolfe(Func<double, (double Loss, Tensor Grad)> evaluate, double t, Tensor d, double loss, Tensor grad, double slope)
    {
        double size = d.Abs().Max().Item<double>();
        int evaluations = 0, steps = 0;
        Point start = new(0, loss, grad.Clone(), slope), previous = start, now = Evaluate(t);
        Point low = default, high = default;
        bool done = false, bracketed = false;
        while (steps < MaxSteps)
        {
            if (IsTooHigh(now) || steps > 1 && now.Loss >= previous.Loss || Math.Abs(now.Slope) > -C2 * slope && now.Slope >= 0)
            {
                (low, high, bracketed) = (previous, now, true);
                break;
            }
            if (Math.Abs(now.Slope) <= -C2 * slope)
            {
                (low, high, done, bracketed) = (now, now, true, true);
                break;
            }
            double next = Cubic(previous, now, now.At + 0.01 * (now.At - previous.At), now.At * 10);
            previous = now;
            now = Evaluate(next);
            steps++;
        }
        if (!bracketed) (low, high) = (start, now);

        bool stalled = false;
        // The bracket's first and second point; either may be the lower.
        Point[] bracket = [low, high];
        int lowest = low.Loss <= high.Loss ? 0 : 1;
        while (!done && steps < MaxSteps && Math.Abs(bracket[1].At - bracket[0].At) * size >= ToleranceChange)
        {
            double left = Math.Min(bracket[0].At, bracket[1].At), right = Math.Max(bracket[0].At, bracket[1].At), margin = 0.1 * (right - left);
            t = Cubic(bracket[0], bracket[1], left, right);
            if (Math.Min(right - t, t - left) < margin)
            {
                if (stalled || t >= right || t <= left)
                {
                    t = Math.Abs(t - right) < Math.Abs(t - left) ? right - margin : left + margin;
                    stalled = false;
                }
                else stalled = true;
            }
            else stalled = false;
            now = Evaluate(t);
            steps++;
            if (IsTooHigh(now) || now.Loss >= bracket[lowest].Loss)
            {
                bracket[1 - lowest] = now;
                lowest = bracket[0].Loss <= bracket[1].Loss ? 0 : 1;
                continue;
            }
            if (Math.Abs(now.Slope) <= -C2 * slope) done = true;
            else if (now.Slope * (bracket[1 - lowest].At - bracket[lowest].At) >= 0) bracket[1 - lowest] = bracket[lowest];
            bracket[lowest] = now;
        }
        Point best = bracket[lowest];
        return (best.Loss, best.Grad, best.At, evaluations);

        Point Evaluate(double at)
        {
            evaluations++;
            (double f, Tensor g) = evaluate(at);
            return new(at, f, g, g.Dot(d).Item<double>());
        }

        bool IsTooHigh(Point p) => p.Loss > loss + C1 * p.At * slope;
    }

    /// <summary>Where the cubic through two points with their slopes is lowest, within bounds.</summary>
    static double Cubic(Point a, Point b, double min, double max)
    {
        double d1 = a.Slope + b.Slope - 3 * (a.Loss - b.Loss) / (a.At - b.At), square = d1 * d1 - a.Slope * b.Slope;
        if (!(square >= 0)) return (min + max) / 2;
        double d2 = Math.Sqrt(square);
        double at = a.At <= b.At
            ? b.At - (b.At - a.At) * ((b.Slope + d2 - d1) / (b.Slope - a.Slope + 2 * d2))
            : a.At - (a.At - b.At) * ((a.Slope + d2 - d1) / (a.Slope - b.Slope + 2 * d2));
        return Math.Min(Math.Max(at, min), max);
    }
}
