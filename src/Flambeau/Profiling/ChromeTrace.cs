using System.Globalization;
using System.Text.Json;
using Flambeau.IO;

namespace Flambeau;

/// <summary>
/// Events in the Trace Event Format of Chrome, which Perfetto reads too: complete events ("ph": "X"), times in microseconds; names of processes
/// and threads as metadata ("M").
/// </summary>
static class ChromeTrace
{
    public static void Write(string path, IReadOnlyList<ProfilerEvent> events) => AtomicFile.Write(path, file =>
    {
        using Utf8JsonWriter w = new(file);
        int process = Environment.ProcessId;
        w.WriteStartObject();
        w.WriteNumber("schemaVersion", 1);
        w.WriteString("displayTimeUnit", "ms");
        w.WriteStartArray("traceEvents");
        Name("process_name", 0, "Flambeau");
        foreach (int thread in events.Select(e => e.ThreadId).Distinct().Order()) Name("thread_name", thread, $"thread {thread.ToString(CultureInfo.InvariantCulture)}");
        foreach (ProfilerEvent e in events)
        {
            w.WriteStartObject();
            w.WriteString("ph", "X");
            w.WriteString("cat", e.Kind switch { ProfilerEventKind.Operation => "cpu_op", ProfilerEventKind.Backward => "backward", ProfilerEventKind.Module => "module", _ => "user_annotation" });
            w.WriteString("name", e.Name);
            w.WriteNumber("pid", process);
            w.WriteNumber("tid", e.ThreadId);
            w.WriteNumber("ts", e.Start.TotalMicroseconds);
            w.WriteNumber("dur", e.Duration.TotalMicroseconds);
            w.WriteStartObject("args");
            if (e.InputShapes.Count > 0)
            {
                w.WriteStartArray("Input Dims");
                foreach (Dims d in e.InputShapes)
                {
                    w.WriteStartArray();
                    foreach (long n in d.Span) w.WriteNumberValue(n);
                    w.WriteEndArray();
                }
                w.WriteEndArray();
            }
            if (e.Bytes != 0) w.WriteNumber("Bytes", e.Bytes);
            if (e.MultiplyAdds != 0) w.WriteNumber("Multiply-adds", e.MultiplyAdds);
            if (e.Args is not null) w.WriteString("Args", e.Args);
            w.WriteEndObject();
            w.WriteEndObject();
            if (w.BytesPending > 1 << 16) w.Flush();
        }
        w.WriteEndArray();
        w.WriteEndObject();

        void Name(string what, int thread, string name)
        {
            w.WriteStartObject();
            w.WriteString("ph", "M");
            w.WriteString("name", what);
            w.WriteNumber("pid", process);
            w.WriteNumber("tid", thread);
            w.WriteStartObject("args");
            w.WriteString("name", name);
            w.WriteEndObject();
            w.WriteEndObject();
        }
    });
}
