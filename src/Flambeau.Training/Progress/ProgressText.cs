using System.Globalization;

namespace Flambeau.Training;

/// <summary>The words of progress lines.</summary>
internal static class ProgressText
{
    /// <summary>Such as "loss 0.4123  accuracy 85.3 %  2,314 images/s  1:05 left".</summary>
    public static string Step(ProgressMeter meter)
    {
        List<string> parts = [.. Scores("", meter.Last.Loss, meter.Last.Accuracy)];
        if (double.IsFinite(meter.Speed)) parts.Add($"{Number(meter.Speed, meter.Speed < 10 ? "0.0" : "N0")} {meter.Plan.Unit}/s");
        if (meter.Left is { } left) parts.Add($"{Duration(left)} left");
        return string.Join("  ", parts);
    }

    /// <summary>Such as "epoch  3/10".</summary>
    public static string Epoch(int epoch, int epochs) => $"epoch {$"{epoch}".PadLeft($"{epochs}".Length)}/{epochs}";

    /// <summary>
    /// Such as "epoch  3/10  loss 0.4123  accuracy 85.3 %  validation loss 0.4456  validation accuracy 84.0 %  12.3 s  best so far".
    /// </summary>
    public static string Epoch(EpochReport report, int epochs, TimeSpan took)
    {
        List<string> parts = [Epoch(report.Epoch, epochs), .. Scores("", report.Loss, report.Accuracy)];
        parts.AddRange(Scores("validation ", report.ValidationLoss, report.ValidationAccuracy));
        parts.Add(took < TimeSpan.FromMinutes(1) ? $"{Number(took.TotalSeconds, "0.0")} s" : Duration(took));
        if (report.IsBest) parts.Add("best so far");
        return string.Join("  ", parts);
    }

    /// <summary>Minutes and seconds, hours where there are any.</summary>
    public static string Duration(TimeSpan time)
    {
        time = TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds));
        return time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");
    }

    public static string Percent(double share) => Number(100 * share, "0.0") + " %";

    private static IEnumerable<string> Scores(string prefix, double loss, double accuracy)
    {
        string format = Math.Abs(loss) is < 1e-3 and > 0 or >= 1e6 ? "0.00e0" : "0.0000";
        if (!double.IsNaN(loss)) yield return $"{prefix}loss {Number(loss, format)}";
        if (!double.IsNaN(accuracy)) yield return $"{prefix}accuracy {Percent(accuracy)}";
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
