using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Flambeau.Backends.Cpu;

/// <summary>Memory that a thread keeps from call to call, one block for each purpose. Freed some time after the thread has ended.</summary>
internal sealed unsafe class Scratch
{
    /// <summary>What a block is for. Kernels that run inside one another never share a purpose.</summary>
    public enum Use { A, B, C, Vector, Image, Gradient, Weight, Table, Lattices, Line, Spare, Fourier, Turned, Partial, Steps, Count }

    const int Align = 64, Slack = 256;                // a vector may be loaded, not stored, past the end

    [ThreadStatic] static Scratch? mine;

    readonly nint[] blocks = new nint[(int)Use.Count];
    readonly long[] sizes = new long[(int)Use.Count];
    readonly long[] contents = new long[(int)Use.Count];

    /// <summary>Room for <paramref name="count"/> elements with any content, valid until the thread's next call for the same use.</summary>
    public static E* Get<E>(Use use, long count) where E : unmanaged => (E*)(mine ??= new()).Get((int)use, checked(count * sizeof(E)));

    /// <summary>The same, and whether the block still holds what <paramref name="content"/> (not 0) was the name of at the thread's last call for this use; from now on it is.</summary>
    public static E* Get<E>(Use use, long count, long content, out bool held) where E : unmanaged
    {
        Scratch s = mine ??= new();
        held = s.contents[(int)use] == content;
        E* p = (E*)s.Get((int)use, checked(count * sizeof(E)));
        s.contents[(int)use] = content;
        return p;
    }

    /// <summary>
    /// The first whole line at p or after it, for buffers on the stack, which need 64 bytes more than their size. A vector that lies across two lines takes two
    /// loads: 2²⁴ numbers plus one that was read from such a place took 2.7 ms instead of 1.9.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static E* Aligned<E>(E* p) where E : unmanaged => (E*)((nint)p + (Align - 1) & -Align);

    void* Get(int use, long bytes)
    {
        contents[use] = 0;
        if (sizes[use] < bytes)
        {
            NativeMemory.AlignedFree((void*)blocks[use]);
            (blocks[use], sizes[use]) = (0, 0);
            blocks[use] = (nint)NativeMemory.AlignedAlloc((nuint)(bytes + Slack), Align);
            sizes[use] = bytes;
        }
        return (void*)blocks[use];
    }

    ~Scratch()
    {
        foreach (nint p in blocks) NativeMemory.AlignedFree((void*)p);
    }
}
