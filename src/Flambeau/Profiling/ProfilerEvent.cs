namespace Flambeau;

/// <summary>What a <see cref="ProfilerEvent"/> stands for.</summary>
public enum ProfilerEventKind
{
    /// <summary>An operation.</summary>
    Operation,

    /// <summary>The derivative of an operation, in a backward pass.</summary>
    Backward,

    /// <summary>The call of a module.</summary>
    Module,

    /// <summary>What <see cref="Profiler.RecordFunction"/> named.</summary>
    Function,

    /// <summary>A step of a scheduled profiler.</summary>
    Step,
}

/// <summary>Something that took time while a profiler ran. PyTorch's <c>FunctionEvent</c>.</summary>
public sealed class ProfilerEvent
{
    internal ProfilerEvent(ProfilerEventKind kind, string name) => (Kind, Name) = (kind, name);

    /// <summary>What it stands for.</summary>
    public ProfilerEventKind Kind { get; }

    /// <summary>The operation's name, with <c>Backward</c> behind it for a derivative; or what the user called it.</summary>
    public string Name { get; }

    /// <summary>More words, from <see cref="Profiler.RecordFunction"/>.</summary>
    public string? Args { get; internal init; }

    /// <summary>The managed thread it ran on.</summary>
    public int ThreadId { get; internal init; }

    /// <summary>When it began, since the profiler did.</summary>
    public TimeSpan Start { get; internal set; }

    /// <summary>How long it took, with all inside.</summary>
    public TimeSpan Duration { get; internal set; }

    /// <summary>How long it took without the events inside it.</summary>
    public TimeSpan SelfTime { get; internal set; }

    /// <summary>The shapes of the inputs, if they are recorded; of a derivative, those of the operation's results.</summary>
    public IReadOnlyList<Dims> InputShapes { get; internal set; } = [];

    /// <summary>The bytes of memory that tensors asked for meanwhile, if memory is profiled. What became free again is not taken off.</summary>
    public long Bytes { get; internal set; }

    /// <summary>The same without the events inside it.</summary>
    public long SelfBytes { get; internal set; }

    /// <summary>The products it added up, without the events inside it: of matrix products, convolutions and attention.</summary>
    public long MultiplyAdds { get; internal set; }

    /// <summary>The event that it lies in on its thread; null if in none.</summary>
    public ProfilerEvent? Parent { get; internal init; }

    /// <summary>Name and duration.</summary>
    public override string ToString() => $"{Name} {ProfilerAverages.Time(Duration)}";
}
