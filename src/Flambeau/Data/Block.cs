using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Flambeau;

/// <summary>64 bytes.</summary>
[InlineArray(64)]
internal struct CacheLine { byte _0; }

/// <summary>
/// A piece of pinned memory, lent to one storage at a time. That the storage is dead shows in a weak reference, which is what makes Dispose unnecessary. What is idle can be cut in two,
/// and grows together with what was cut off once that is idle too.
/// </summary>
internal sealed class Block
{
    WeakGCHandle<Storage> _borrower = new(null!, trackResurrection: true);

    /// <summary>All of an array but for what its first line lacks.</summary>
    public unsafe Block(CacheLine[] memory) : this(memory, -(nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory)) & 63, (memory.Length - 1L) * 64) { }

    Block(CacheLine[] memory, nint start, long bytes) => (Memory, Start, Bytes) = (memory, start, bytes);

    public CacheLine[] Memory { get; }

    /// <summary>Where it begins, on a whole line, in bytes from the array's data.</summary>
    public nint Start { get; }

    public long Bytes { get; private set; }

    /// <summary>Its neighbours in the array.</summary>
    public Block? Before { get; private set; }

    /// <inheritdoc cref="Before"/>
    public Block? After { get; private set; }

    /// <summary>Whether the array has no other block.</summary>
    public bool IsWhole => Before is null && After is null;

    /// <summary>Where it stands in the list of what is lent; −1 if it is not.</summary>
    public int Place { get; set; } = -1;

    /// <summary>At which look it became idle.</summary>
    public int IdleSince { get; set; }

    /// <summary>Whether a span was handed out, which may outlive the storage: only the collector knows when such memory is free.</summary>
    public bool Escaped { get; set; }

    public bool IsIdle => Place < 0 && !Escaped;

    public bool IsDead => !_borrower.TryGetTarget(out _);

    public void LendTo(Storage borrower) => _borrower.SetTarget(borrower);

    /// <summary>Keeps so many bytes and returns the rest.</summary>
    public Block Cut(long bytes)
    {
        Block rest = new(Memory, Start + (nint)bytes, Bytes - bytes) { Before = this, After = After, IdleSince = IdleSince };
        After?.Before = rest;
        After = rest;
        Bytes = bytes;
        return rest;
    }

    /// <summary>Takes over the block after it, which ends.</summary>
    public void Join()
    {
        Block after = After!;
        Bytes += after.Bytes;
        IdleSince = Math.Max(IdleSince, after.IdleSince);
        After = after.After;
        After?.Before = this;
        after.Drop();
    }

    /// <summary>Of a block that the pool keeps no longer.</summary>
    public void Drop() => _borrower.Dispose();
}
