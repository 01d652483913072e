using System.Collections;
using System.Globalization;

namespace Flambeau;

/// <summary>A profiler's events, summed up by name and perhaps by input shapes, in the order of their first ends. PyTorch's <c>key_averages()</c>.</summary>
public sealed class ProfilerAverages : IReadOnlyList<ProfilerAverages.Row>
{
    /// <summary>All events of one name.</summary>
    /// <param name="Name">The name.</param>
    /// <param name="Kind">What they stand for.</param>
    /// <param name="InputShapes">The shapes of their inputs, if they are grouped by these.</param>
    /// <param name="Count">How many there were.</param>
    /// <param name="SelfTime">The time spent in them, without the events inside.</param>
    /// <param name="TotalTime">The time spent in them; that of an event inside another of the same name counts once.</param>
    /// <param name="SelfBytes">The bytes that tensors asked for in them, without the events inside.</param>
    /// <param name="TotalBytes">The bytes that tensors asked for in them.</param>
    /// <param name="MultiplyAdds">The products they added up.</param>
    public sealed record Row(string Name, ProfilerEventKind Kind, IReadOnlyList<Dims> InputShapes, int Count, TimeSpan SelfTime, TimeSpan TotalTime, long SelfBytes, long TotalBytes, long MultiplyAdds)
    {
        /// <summary>The time of one event, on average.</summary>
        public TimeSpan AverageTime => TotalTime / Count;
    }

    readonly Row[] _rows;
    readonly bool _hasShapes, _hasBytes;

    ProfilerAverages(Row[] rows, bool hasShapes, bool hasBytes) => (_rows, _hasShapes, _hasBytes) = (rows, hasShapes, hasBytes);

    internal static ProfilerAverages Of(IReadOnlyList<ProfilerEvent> events, bool byShape, bool hasBytes)
    {
        OrderedDictionary<(string, ProfilerEventKind, string), Row> rows = [];
        foreach (ProfilerEvent e in events)
        {
            (string, ProfilerEventKind, string) key = (e.Name, e.Kind, byShape ? string.Join(", ", e.InputShapes) : "");
            Row r = rows.TryGetValue(key, out Row? old) ? old : new(e.Name, e.Kind, byShape ? e.InputShapes : [], 0, TimeSpan.Zero, TimeSpan.Zero, 0, 0, 0);
            bool isOuter = true;
            for (ProfilerEvent? p = e.Parent; p is not null; p = p.Parent) isOuter &= p.Name != e.Name || p.Kind != e.Kind;
            rows[key] = r with
            {
                Count = r.Count + 1, SelfTime = r.SelfTime + e.SelfTime, SelfBytes = r.SelfBytes + e.SelfBytes, MultiplyAdds = r.MultiplyAdds + e.MultiplyAdds,
                TotalTime = r.TotalTime + (isOuter ? e.Duration : TimeSpan.Zero), TotalBytes = r.TotalBytes + (isOuter ? e.Bytes : 0),
            };
        }
        return new([.. rows.Values], byShape, hasBytes);
    }

    /// <inheritdoc/>
    public int Count => _rows.Length;

    /// <inheritdoc/>
    public Row this[int index] => _rows[index];

    /// <summary>The time spent in all events: the sum of their self times, over all threads.</summary>
    public TimeSpan SelfTimeTotal => new(_rows.Sum(r => r.SelfTime.Ticks));

    /// <inheritdoc/>
    public IEnumerator<Row> GetEnumerator() => ((IEnumerable<Row>)_rows).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A table of the rows.</summary>
    /// <param name="sortBy">
    /// By what, the largest first: <c>self_cpu_time_total</c>, <c>cpu_time_total</c>, <c>cpu_time</c> (the average), <c>self_cpu_memory_usage</c>,
    /// <c>cpu_memory_usage</c>, <c>flops</c> or <c>count</c>. As they came, if none is given.
    /// </param>
    /// <param name="rowLimit">At most so many rows.</param>
    /// <param name="header">A line above the table.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public string Table(string? sortBy = null, int rowLimit = 100, string? header = null)
    {
        Func<Row, double>? by = sortBy switch
        {
            null => null,
            "self_cpu_time_total" => r => r.SelfTime.Ticks,
            "cpu_time_total" => r => r.TotalTime.Ticks,
            "cpu_time" => r => r.AverageTime.Ticks,
            "self_cpu_memory_usage" => r => r.SelfBytes,
            "cpu_memory_usage" => r => r.TotalBytes,
            "flops" => r => r.MultiplyAdds,
            "count" => r => r.Count,
            _ => throw new ArgumentException($"Table: there is no column \"{sortBy}\" to sort by; there are self_cpu_time_total, cpu_time_total, cpu_time, self_cpu_memory_usage, cpu_memory_usage, flops and count.", nameof(sortBy)),
        };
        ArgumentOutOfRangeException.ThrowIfNegative(rowLimit);
        TimeSpan all = SelfTimeTotal;
        bool hasProducts = _rows.Any(r => r.MultiplyAdds > 0);
        List<string[]> cells = [["Name", "Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg", "# of Calls", .. _hasBytes ? ["CPU Mem", "Self CPU Mem"] : (string[])[],
            .. hasProducts ? ["Multiply-adds"] : (string[])[], .. _hasShapes ? ["Input Shapes"] : (string[])[]]];
        foreach (Row r in (by is null ? _rows.AsEnumerable() : _rows.OrderByDescending(by)).Take(rowLimit))
            cells.Add([r.Name, Percent(r.SelfTime, all), Time(r.SelfTime), Percent(r.TotalTime, all), Time(r.TotalTime), Time(r.AverageTime), r.Count.ToString("N0", CultureInfo.InvariantCulture),
                .. _hasBytes ? [Memory.Format(r.TotalBytes), Memory.Format(r.SelfBytes)] : (string[])[],
                .. hasProducts ? [r.MultiplyAdds == 0 ? "–" : r.MultiplyAdds.ToString("N0", CultureInfo.InvariantCulture)] : (string[])[],
                .. _hasShapes ? [$"[{string.Join(", ", r.InputShapes)}]"] : (string[])[]]);
        return (header is null ? "" : header + "\n") + TextTable.Of(cells, rightFrom: 1) + $"Self CPU time total: {Time(all)}\n";
    }

    /// <summary>The table, those that took most time first.</summary>
    public override string ToString() => Table("self_cpu_time_total");

    static string Percent(TimeSpan part, TimeSpan all) => (all == TimeSpan.Zero ? 0 : part / all).ToString("0.0%", CultureInfo.InvariantCulture);

    /// <summary>12.3us, 4.56ms, 7.89s, as PyTorch writes it.</summary>
    internal static string Time(TimeSpan t)
    {
        (double value, string unit) = t.TotalSeconds >= 1 ? (t.TotalSeconds, "s") : t.TotalMilliseconds >= 1 ? (t.TotalMilliseconds, "ms") : (t.TotalMicroseconds, "us");
        return value.ToString("0.000", CultureInfo.InvariantCulture) + unit;
    }
}
