using System.Globalization;

namespace Flambeau.Training.Plots;

/// <summary>A mark on an axis; a minor one has no label.</summary>
internal readonly record struct Tick(double Value, string Label);

/// <summary>Maps values to places along an axis, 0 to 1, and says where the marks stand.</summary>
internal sealed record Scale(double Low, double High, bool IsLog, IReadOnlyList<Tick> Ticks)
{
    // Beyond these the arithmetic of steps would overflow.
    private const double Tiny = 1e-300, Huge = 1e300;

    /// <summary>Where a value stands; NaN if it has no place (such as zero on a logarithmic axis).</summary>
    public double Position(double value) => IsLog
        ? value > 0 ? (Math.Log(value) - Math.Log(Low)) / (Math.Log(High) - Math.Log(Low)) : double.NaN
        : (value - Low) / (High - Low);

    /// <summary>
    /// An axis with even steps of 1, 2, 2.5 or 5 times a power of ten, that covers the values with <paramref name="margin"/> to spare.
    /// </summary>
    public static Scale Linear(double low, double high, int mostSteps, bool integers = false, double margin = 0.04)
    {
        if (!(low < high))
        {
            double around = low == 0 || integers ? 1 : Math.Abs(low) * 0.1;
            (low, high) = (low - around, high + around);
        }
        (low, high) = (Math.Max(low, -Huge), Math.Min(high, Huge));
        double room = (high - low) * margin;
        (low, high) = (low - room, high + room);

        double step = NiceStep((high - low) / mostSteps, integers);
        List<Tick> ticks = [];
        double largest = Math.Max(Math.Abs(low), Math.Abs(high));
        for (double k = Math.Ceiling(low / step - 1e-9); k * step <= high + 1e-9 * step && ticks.Count <= mostSteps + 1; k++)
        {
            ticks.Add(new(k * step, Numbers.Format(k * step, step, largest)));
        }
        return new(low, high, IsLog: false, ticks);
    }

    /// <summary>An axis of powers of ten, with steps between them where there are few.</summary>
    public static Scale Logarithmic(double low, double high, int mostSteps)
    {
        if (!(low < high)) (low, high) = (low / 2, high * 2);
        (low, high) = (Math.Max(low, Tiny), Math.Min(high, Huge));
        double room = Math.Pow(high, 0.04) / Math.Pow(low, 0.04);
        (low, high) = (Math.Max(low / room, Tiny), Math.Min(high * room, Huge));

        int first = (int)Math.Floor(Math.Log10(low)), last = (int)Math.Ceiling(Math.Log10(high));
        double decades = (Math.Log10(high) - Math.Log10(low));
        if (decades < 0.7) return Linear(low, high, mostSteps, margin: 0) with { IsLog = true };

        int every = Math.Max(1, (int)Math.Ceiling(decades / mostSteps));
        int[] labelled = decades < 2.5 ? [1, 2, 5] : [1];
        List<Tick> ticks = [];
        for (int exponent = first; exponent <= last; exponent++)
        {
            for (int digit = 1; digit < (every > 1 ? 2 : 10); digit++)
            {
                double value = digit * Math.Pow(10, exponent);
                if (value < low || value > high) continue;
                bool named = labelled.Contains(digit) && exponent % every == 0;
                ticks.Add(new(value, named ? Numbers.FormatPower(digit, exponent) : ""));
            }
        }
        return new(low, high, IsLog: true, ticks);
    }

    /// <summary>An axis with one place for each name, at 0, 1, 2 …</summary>
    public static Scale Categories(IReadOnlyList<string> names) =>
        new(-0.5, Math.Max(1, names.Count) - 0.5, IsLog: false, [.. names.Select((name, i) => new Tick(i, name))]);

    private static double NiceStep(double atLeast, bool integers)
    {
        if (integers) atLeast = Math.Max(1, atLeast);
        double power = Math.Pow(10, Math.Floor(Math.Log10(atLeast)));
        foreach (double factor in (ReadOnlySpan<double>)[1, 2, 2.5, 5, 10])
        {
            double step = factor * power;
            if (step >= atLeast * (1 - 1e-9) && (!integers || step == Math.Floor(step))) return step;
        }
        return 10 * power;
    }

    private static class Numbers
    {
        private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

        public static string Format(double value, double step, double largest)
        {
            if (Math.Abs(value) < step * 1e-6) return "0";
            if (largest is >= 1e7 or < 1e-3)
            {
                int exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)) + 1e-9);
                return Sign((value / Math.Pow(10, exponent)).ToString("0.##", CultureInfo.InvariantCulture)) + "×10" + Raised(exponent);
            }
            int decimals = 0;
            for (double s = step; decimals < 8 && Math.Abs(s - Math.Round(s)) > 1e-6 * s; s *= 10) decimals++;
            return Sign(value.ToString((largest >= 10_000 ? "N" : "F") + decimals, CultureInfo.InvariantCulture));
        }

        public static string FormatPower(int digit, int exponent)
        {
            if (exponent is >= -3 and <= 3) return (digit * Math.Pow(10, exponent)).ToString("0.###", CultureInfo.InvariantCulture);
            return (digit == 1 ? "" : digit + "×") + "10" + Raised(exponent);
        }

        private static string Sign(string number) => number.Replace('-', '−');

        private static string Raised(int exponent) =>
            (exponent < 0 ? "⁻" : "") + string.Concat($"{Math.Abs(exponent)}".Select(digit => Superscripts[digit - '0']));
    }
}
