using System.Collections.Concurrent;
using System.Diagnostics;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau;

/// <summary>
/// Measures where time and memory go: each operation, forward and backward, on all threads, from <see cref="Start"/> until <see cref="Stop"/>.
/// PyTorch's <c>torch.profiler.profile</c> and <c>torch.autograd.profiler.profile</c>.
/// </summary>
/// <remarks>While none runs, operations are not slower. There can be one at a time.</remarks>
/// <example><code>
/// using Profiler p = Profiler.Start(recordShapes: true);
/// using (Profiler.RecordFunction("forward")) loss = net.Call(x).Sum();
/// loss.Backward();
/// p.Stop();
/// Console.WriteLine(p.KeyAverages().Table(sortBy: "self_cpu_time_total", rowLimit: 10));
/// p.ExportChromeTrace("trace.json");                                          // for chrome://tracing and ui.perfetto.dev
/// </code></example>
public sealed class Profiler : IDisposable
{
    static Profiler? s_running;

    readonly bool _recordShapes, _profileMemory;
    readonly Func<int, ProfilerAction>? _schedule;
    readonly Action<Profiler>? _onTraceReady;
    readonly Recorder _recorder;
    readonly List<IDisposable> _hooks = [];
    ProfilerAction _action;
    EventScope _step;
    ProfilerEvent[]? _saved;

    Profiler(bool recordShapes, bool profileMemory, Func<int, ProfilerAction>? schedule, Action<Profiler>? onTraceReady)
    {
        (_recordShapes, _profileMemory, _schedule, _onTraceReady) = (recordShapes, profileMemory, schedule, onTraceReady);
        _recorder = new(this);
    }

    /// <summary>Begins to measure.</summary>
    /// <param name="recordShapes">Whether the shapes of inputs are recorded.</param>
    /// <param name="profileMemory">Whether the memory that tensors ask for is counted.</param>
    /// <param name="withModules">Whether calls of modules are events too.</param>
    /// <param name="schedule">In which steps to record, as <see cref="Schedule"/> makes it; always, if none is given.</param>
    /// <param name="onTraceReady">Called when a recording is complete: at the end of a cycle of the schedule, and at the end.</param>
    /// <returns>Dispose it, or <see cref="Stop"/> it, to end.</returns>
    /// <exception cref="InvalidOperationException">Another profiler runs.</exception>
    public static Profiler Start(bool recordShapes = false, bool profileMemory = false, bool withModules = false, Func<int, ProfilerAction>? schedule = null, Action<Profiler>? onTraceReady = null)
    {
        Profiler p = new(recordShapes, profileMemory, schedule, onTraceReady);
        if (Interlocked.CompareExchange(ref s_running, p, null) is not null) throw new InvalidOperationException("Profiler: another one is running. Stop it first.");
        if (withModules)
        {
            p._hooks.Add(Module.RegisterModuleForwardPreHook((m, _) => { if (p.IsRecording) p._recorder.Open(ProfilerEventKind.Module, m.GetType().Name.Split('`')[0], m); return null; }));
            p._hooks.Add(Module.RegisterModuleForwardHook((m, _, _) => { p._recorder.Close(m); return null; }, alwaysCall: true));
        }
        if (profileMemory) Storage.CountRequests(true);
        p.Begin(schedule?.Invoke(0) ?? ProfilerAction.Record);
        return p;
    }

    /// <summary>Names what happens until the scope is disposed: <c>using (Profiler.RecordFunction("forward")) { … }</c>. Costs nothing while no profiler runs. PyTorch's <c>record_function</c>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="args">More words, for the trace.</param>
    public static EventScope RecordFunction(string name, string? args = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        return s_running is { IsRecording: true } p ? p._recorder.Scope(ProfilerEventKind.Function, name, args) : default;
    }

    /// <summary>Waiting, warming up, recording, in turns. PyTorch's <c>torch.profiler.schedule</c>.</summary>
    /// <param name="wait">For how many steps nothing is done.</param>
    /// <param name="warmup">For how many steps after these it measures, and forgets.</param>
    /// <param name="active">For how many steps after these it records.</param>
    /// <param name="repeat">How often all this; 0 for without end.</param>
    /// <param name="skipFirst">How many steps are waited for before all.</param>
    /// <exception cref="ArgumentException">A number is negative, or no step is active.</exception>
    public static Func<int, ProfilerAction> Schedule(int wait, int warmup, int active, int repeat = 0, int skipFirst = 0)
    {
        if (wait < 0 || warmup < 0 || active <= 0 || repeat < 0 || skipFirst < 0)
            throw new ArgumentException($"Profiler.Schedule: wait {wait}, warmup {warmup}, active {active}, repeat {repeat}, skipFirst {skipFirst}: none may be negative, and active must be positive.");
        int cycle = wait + warmup + active;
        return step =>
        {
            step -= skipFirst;
            if (step < 0 || repeat > 0 && step / cycle >= repeat) return ProfilerAction.None;
            int at = step % cycle;
            return at < wait ? ProfilerAction.None : at < wait + warmup ? ProfilerAction.Warmup : at < cycle - 1 ? ProfilerAction.Record : ProfilerAction.RecordAndSave;
        };
    }

    /// <summary>Which step it is, from 0.</summary>
    public int StepNumber { get; private set; }

    bool IsRecording => _action != ProfilerAction.None;

    /// <summary>Ends a step: what the schedule counts. Recorded steps are events named <c>ProfilerStep#</c> and their number.</summary>
    /// <exception cref="InvalidOperationException">The profiler was stopped.</exception>
    public void Step()
    {
        if (!ReferenceEquals(s_running, this)) throw new InvalidOperationException("Profiler.Step: it was stopped.");
        ProfilerAction next = _schedule?.Invoke(StepNumber + 1) ?? ProfilerAction.Record;
        End(isLast: false);
        StepNumber++;
        Begin(next);
    }

    void Begin(ProfilerAction action)
    {
        bool keeps = _action == ProfilerAction.Record && action is (ProfilerAction.Record or ProfilerAction.RecordAndSave);
        if (action == ProfilerAction.None) _recorder.Stop();
        else if (!keeps)
        {
            _recorder.Restart();
            if (action != ProfilerAction.Warmup) _saved = null;
        }
        _action = action;
        if (_schedule is not null && IsRecording) _step = _recorder.Scope(ProfilerEventKind.Step, $"ProfilerStep#{StepNumber}", null);
    }

    void End(bool isLast)
    {
        _step.Dispose();
        _step = default;
        if (_action == ProfilerAction.RecordAndSave || isLast && _action == ProfilerAction.Record)
        {
            _recorder.Stop();
            _saved = _recorder.Events();
            _onTraceReady?.Invoke(this);
        }
        else if (isLast)
        {
            _recorder.Stop();
            _saved ??= [];
        }
    }

    /// <summary>Ends measuring. What was recorded remains.</summary>
    public void Stop()
    {
        if (!ReferenceEquals(s_running, this)) return;
        try { End(isLast: true); }
        finally
        {
            _action = ProfilerAction.None;
            foreach (IDisposable hook in _hooks) hook.Dispose();
            if (_profileMemory) Storage.CountRequests(false);
            Interlocked.Exchange(ref s_running, null);
        }
    }

    /// <summary><see cref="Stop"/>.</summary>
    public void Dispose() => Stop();

    /// <summary>What was recorded and is over, in the order of beginning.</summary>
    public IReadOnlyList<ProfilerEvent> Events => _saved ?? (_action == ProfilerAction.Warmup ? [] : _recorder.Events());

    /// <summary>The events summed up by name.</summary>
    /// <param name="groupByInputShape">Whether those of other input shapes stand apart; needs recordShapes.</param>
    /// <exception cref="InvalidOperationException">Shapes were not recorded.</exception>
    public ProfilerAverages KeyAverages(bool groupByInputShape = false)
    {
        if (groupByInputShape && !_recordShapes) throw new InvalidOperationException("Profiler.KeyAverages: shapes were not recorded. Start it with recordShapes: true.");
        return ProfilerAverages.Of(Events, groupByInputShape, _profileMemory);
    }

    /// <summary>Writes the events as a file that <c>chrome://tracing</c> and <c>ui.perfetto.dev</c> show. An old file is replaced when the new one is complete. PyTorch's <c>export_chrome_trace</c>.</summary>
    /// <param name="path">The file, by custom with the extension <c>.json</c>.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void ExportChromeTrace(string path) => ChromeTrace.Write(path, Events);

    /// <summary>Ends an event when disposed.</summary>
    public readonly struct EventScope : IDisposable
    {
        readonly Recorder? _recorder;
        readonly object? _key;
        readonly Recorder.Line? _line;

        internal EventScope(Recorder recorder, object key, Recorder.Line line) => (_recorder, _key, _line) = (recorder, key, line);

        /// <summary>Ends the event, on whichever thread.</summary>
        public void Dispose() => _recorder?.Close(_key!, _line!);
    }

    /// <summary>Takes down what happens, thread by thread.</summary>
    internal sealed class Recorder(Profiler profiler) : Watcher
    {
        /// <summary>What one thread does.</summary>
        internal sealed class Line
        {
            public readonly Lock Gate = new();
            public readonly int ThreadId = Environment.CurrentManagedThreadId;
            public readonly List<(object Key, ProfilerEvent Event, long Start, long Requested)> Open = [];
            public readonly List<ProfilerEvent> Done = [];
            public long[] Inside = new long[16], BytesInside = new long[16];    // what the events inside the open one at each depth took
        }

        static readonly ConcurrentDictionary<string, string> s_backward = [];

        ThreadLocal<Line> _lines = new(() => new(), trackAllValues: true);
        long _begin;
        bool _watches;

        public void Restart()
        {
            _lines = new(() => new(), trackAllValues: true);
            _begin = Stopwatch.GetTimestamp();
            if (!_watches) Watch();
            _watches = true;
        }

        public void Stop()
        {
            if (_watches) Rest();
            _watches = false;
        }

        public ProfilerEvent[] Events()
        {
            List<ProfilerEvent> all = [];
            foreach (Line line in _lines.Values)
                lock (line.Gate) all.AddRange(line.Done);
            return [.. all.OrderBy(e => e.Start).ThenByDescending(e => e.Duration)];
        }

        public EventScope Scope(ProfilerEventKind kind, string name, string? args)
        {
            object key = new();
            return new(this, key, Open(kind, name, key, args: args));
        }

        public override void Begin(Op op, Args inputs) => Open(ProfilerEventKind.Operation, op.Name, op, profiler._recordShapes ? Shapes(inputs) : null);

        public override void End(Op op, Args inputs, ReadOnlySpan<Tensor> results) => Close(op, multiplyAdds: results.IsEmpty ? 0 : op.MultiplyAdds(inputs, results));

        public override void BeginBackward(Node n) => Open(ProfilerEventKind.Backward, s_backward.GetOrAdd(n.Name, Backward), n,
            profiler._recordShapes ? [.. n.Results.Select(r => r.Layout.Shape)] : null);

        public override void EndBackward(Node n, Tensor?[] grads) => Close(n);

        /// <summary>log_softmax → LogSoftmaxBackward</summary>
        static string Backward(string op) => string.Concat(op.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(w => char.ToUpperInvariant(w[0]) + w[1..])) + "Backward";

        static Dims[] Shapes(Args inputs)
        {
            var y = new Dims[inputs.Length];
            for (int i = 0; i < y.Length; i++) y[i] = inputs[i].Shape;
            return y;
        }

        public Line Open(ProfilerEventKind kind, string name, object key, Dims[]? shapes = null, string? args = null)
        {
            Line line = _lines.Value!;
            lock (line.Gate)
            {
                int depth = line.Open.Count;
                if (depth == line.Inside.Length)
                {
                    Array.Resize(ref line.Inside, 2 * depth);
                    Array.Resize(ref line.BytesInside, 2 * depth);
                }
                (line.Inside[depth], line.BytesInside[depth]) = (0, 0);
                ProfilerEvent e = new(kind, name) { Args = args, ThreadId = line.ThreadId, Parent = depth > 0 ? line.Open[^1].Event : null, InputShapes = shapes ?? [] };
                line.Open.Add((key, e, Stopwatch.GetTimestamp(), Storage.Requested));
            }
            return line;
        }

        public void Close(object key, Line? line = null, long multiplyAdds = 0)
        {
            long now = Stopwatch.GetTimestamp();
            line ??= _lines.Value!;
            lock (line.Gate)
            {
                int at = line.Open.FindLastIndex(o => ReferenceEquals(o.Key, key));
                if (at < 0) return;                                             // it began before the profiler did
                bool isHere = line.ThreadId == Environment.CurrentManagedThreadId;
                for (int i = line.Open.Count - 1; i >= at; i--)                 // what failed inside is over too
                {
                    (_, ProfilerEvent e, long start, long requested) = line.Open[i];
                    line.Open.RemoveAt(i);
                    long ticks = now - start, bytes = profiler._profileMemory && isHere ? Storage.Requested - requested : 0;
                    (e.Start, e.Duration, e.SelfTime) = (Stopwatch.GetElapsedTime(_begin, start), Stopwatch.GetElapsedTime(0, ticks), Stopwatch.GetElapsedTime(0, Math.Max(0, ticks - line.Inside[i])));
                    (e.Bytes, e.SelfBytes) = (bytes, bytes - line.BytesInside[i]);
                    if (i == at) e.MultiplyAdds = multiplyAdds;
                    if (i > 0)
                    {
                        line.Inside[i - 1] += ticks;
                        line.BytesInside[i - 1] += bytes;
                    }
                    line.Done.Add(e);
                }
            }
        }
    }
}

/// <summary>What a profiler does in a step.</summary>
public enum ProfilerAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It measures, and forgets: so that what happens only once is over.</summary>
    Warmup,

    /// <summary>It records.</summary>
    Record,

    /// <summary>It records, and the recording is complete at the end of the step.</summary>
    RecordAndSave,
}
