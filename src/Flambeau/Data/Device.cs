namespace Flambeau;

/// <summary>Where a tensor's numbers lie and are worked on.</summary>
/// <param name="Kind">The kind of device.</param>
/// <param name="Index">Which one of its kind, from 0.</param>
public readonly record struct Device(DeviceKind Kind, int Index = 0)
{
    /// <summary>The processor and its memory.</summary>
    public static Device Cpu => default;

    /// <summary>PyTorch's spelling: <c>cpu</c>, <c>gpu:0</c>.</summary>
    public override string ToString() => Kind == DeviceKind.Cpu ? "cpu" : $"{Kind.ToString().ToLowerInvariant()}:{Index}";
}

/// <summary>The kinds of device.</summary>
public enum DeviceKind : byte
{
    /// <summary>The processor.</summary>
    Cpu,
}
