using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Flambeau;

/// <summary>
/// The bytes behind one or several tensors. Small ones are plain managed arrays; large ones are pinned arrays rented from the
/// <see cref="Pool"/>, 64-byte aligned, and come back to it when the last tensor is collected. Both are memory the garbage
/// collector knows, so a span or a reference into them keeps them alive.
/// </summary>
public sealed class Storage
{
    /// <summary>Above this size, memory comes from the pool. Up to it, a fresh array is cheaper: of 8, 32 and 64 kB, 32 trained small networks fastest.</summary>
    internal const int SmallBytes = 32768;

    byte[]? _data;
    readonly nint _start;
    Block? _block;
    int _version;
    object? _changedBy;
    string? _changedHow;

    /// <summary>Memory for <paramref name="bytes"/> bytes, with whatever it held before.</summary>
    /// <exception cref="OutOfMemoryException">It is not to be had; the message says what is live.</exception>
    internal Storage(long bytes)
    {
        ByteLength = bytes;
        if (s_counts) t_requested += bytes;
        if (bytes <= SmallBytes)
        {
            _data = GC.AllocateUninitializedArray<byte>((int)bytes + 16);      // room for a bit of slack keeps length 0 addressable
            return;
        }
        _block = Pool.Rent(bytes, this);
        Held.Note(this);
        _data = Unsafe.As<byte[]>(_block.Memory);                              // only ever used for its data reference
        _start = _block.Start;
    }

    static volatile bool s_counts;
    [ThreadStatic] static long t_requested;

    /// <summary>Whether what is asked for is added up, for a profiler.</summary>
    internal static void CountRequests(bool counts) => s_counts = counts;

    /// <summary>How many bytes this thread has asked for while that was counted.</summary>
    internal static long Requested => t_requested;

    Storage(long bytes, bool isMeta)
    {
        (ByteLength, IsMeta) = (bytes, isMeta);
        AnyMeta |= isMeta;
    }

    /// <summary>That of a tensor which stands for many: it has no numbers of its own, and counts changes.</summary>
    internal static Storage Behind(Tensor value, Transforms.Transform by) => new(value.Storage.ByteLength, isMeta: false) { IsShared = true, StandsForThoseOf = by };

    /// <summary>The transform inside whose function a tensor of constants was made here, if so: that transform may take it over.</summary>
    internal Transforms.Transform? MadeIn { get; set; }

    /// <summary>Set if its tensor stands for all the examples of a Vmap.</summary>
    Transforms.Transform? StandsForThoseOf { get; init; }

    /// <summary>Whether there ever was a storage of the meta device: the waist looks for them only then.</summary>
    internal static bool AnyMeta { get; private set; }

    /// <summary>A storage of the meta device: a size without memory.</summary>
    internal static Storage Meta(long bytes) => new(bytes, isMeta: true);

    /// <summary>Whether there is no memory behind it, because it lies on the meta device.</summary>
    internal bool IsMeta { get; }

    /// <summary>The size in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>How often its contents were changed in place: what autograd compares to notice that a saved tensor is not what it was.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Who changed it last, and how: an operation or its name, for the error message, which is worded only when it is wanted.</summary>
    internal (object By, string? How)? LastChange => _changedBy is { } by ? (by, _changedHow) : null;

    internal void BumpVersion(object by, string? how = null)
    {
        Interlocked.Increment(ref _version);
        (_changedBy, _changedHow) = (by, how);
    }

    /// <summary>Whether anyone besides the one tensor that made it may reach it: a view, a graph, a span. Then <see cref="Free"/> does nothing.</summary>
    internal bool IsShared { get; set; }

    /// <summary>Makes <c>fixed (byte* p = storage)</c> work.</summary>
    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    /// <exception cref="InvalidOperationException">The tensor lies on the meta device.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte GetPinnableReference() => ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(_data ?? NoData()), _start);

    byte[] NoData() => throw (
        StandsForThoseOf is { HasEnded: true } by ? by.Ended()
        : StandsForThoseOf is not null ? new InvalidOperationException(
            "Inside Vmap, a tensor stands for all examples and has no numbers of its own: what is done may depend on its shape, not on its values. Use Tensor.Where, Gather or masks.")
        : IsMeta ? new InvalidOperationException(
            "A tensor on the meta device has a shape, but no numbers. Give a module memory by ToEmpty(Device.Cpu), or by LoadStateDict with assign: true.")
        : new ObjectDisposedException(nameof(Tensor), "The tensor was disposed. Drop the `using`: Flambeau frees memory by itself."));

    /// <summary>The block stays out of the pool for good once a span into it was handed out: the span may outlive the tensor.</summary>
    internal void Escape()
    {
        IsShared = true;
        _block?.Escaped = true;
    }

    /// <summary>Returns the memory at once if nobody else can reach it.</summary>
    internal void Free()
    {
        if (IsShared || IsMeta) return;
        _data = null;
        if (Interlocked.Exchange(ref _block, null) is { } b) Pool.Return(b);
    }
}
