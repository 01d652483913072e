namespace Flambeau;

/// <summary>Where a tensor's numbers lie and are worked on.</summary>
/// <param name="Kind">The kind of device.</param>
/// <param name="Index">Which one of its kind, from 0.</param>
public readonly record struct Device(DeviceKind Kind, int Index = 0)
{
    [ThreadStatic] static Device t_default;

    /// <summary>The processor and its memory.</summary>
    public static Device Cpu => default;

    /// <summary>
    /// Nowhere: tensors there have shapes and types, but no numbers and no memory. Operations on them give the shapes of their results, and
    /// modules made under <c>Device.Meta.Use()</c> cost nothing until ToEmpty, or LoadStateDict with assign, gives them memory. PyTorch's <c>meta</c>.
    /// </summary>
    public static Device Meta => new(DeviceKind.Meta);

    /// <summary>Where this thread makes tensors for which no other place is asked: the processor, except within <see cref="Use"/>.</summary>
    public static Device Default => t_default;

    /// <summary>Makes this the <see cref="Default"/> until the scope is disposed. PyTorch's <c>with torch.device(…)</c>.</summary>
    /// <example><code>using (Device.Meta.Use()) model = new Gpt(settings);</code></example>
    public Scope Use() => new(this);

    /// <summary>The default where none was asked for.</summary>
    internal Device OrDefault => this == default ? t_default : this;

    internal bool IsMeta => Kind == DeviceKind.Meta;

    /// <summary>PyTorch's spelling: <c>cpu</c>, <c>meta</c>, <c>gpu:0</c>.</summary>
    public override string ToString() => Kind is DeviceKind.Cpu or DeviceKind.Meta ? Kind.ToString().ToLowerInvariant() : $"{Kind.ToString().ToLowerInvariant()}:{Index}";

    /// <summary>For how long a device is the default.</summary>
    public readonly ref struct Scope : IDisposable
    {
        readonly Device _previous;

        internal Scope(Device d) => (_previous, t_default) = (t_default, d);

        /// <summary>Brings the default of before back.</summary>
        public void Dispose() => t_default = _previous;
    }
}

/// <summary>The kinds of device.</summary>
public enum DeviceKind : byte
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>No memory at all: shapes only.</summary>
    Meta,
}
