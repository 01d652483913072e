using System.Runtime.InteropServices;

namespace Flambeau.Backends.Dense;

/// <summary>Memory for the duration of a kernel, given back by the thread that took it, the last first: what <c>using</c> does.</summary>
internal readonly unsafe struct Buffer<T> : IDisposable where T : unmanaged
{
    public readonly T* At;
    readonly int _chunk;
    readonly long _before;

    /// <param name="count">How many elements.</param>
    /// <param name="clear">Whether they are 0 at first.</param>
    public Buffer(long count, bool clear = false)
    {
        At = (T*)BufferStack.Mine.Take(checked(count * sizeof(T)), out _chunk, out _before);
        if (clear) Rows.Clear(count, At);
    }

    public void Dispose() => BufferStack.Mine.GiveBack(_chunk, _before);
}

/// <summary>
/// A thread's stack of buffers, which it keeps from call to call up to some size: memory fresh from the system costs a page fault for every 4 kB, a fifth of the time
/// that eigenvectors of 512² take; and the pool, which learns sizes, learns none of those that change from block to block.
/// </summary>
internal sealed unsafe class BufferStack
{
    const long Kept = 16L << 20, Least = 64 << 10, Align = 64;

    [ThreadStatic] static BufferStack? t_mine;

    readonly List<(nint Start, long Bytes)> _chunks = [];
    int _chunk = -1;                                   // the last that is in use
    long _used;                                        // bytes of it

    public static BufferStack Mine => t_mine ??= new();

    /// <summary>Room for so many bytes, on a whole line; and what to give back.</summary>
    public void* Take(long bytes, out int chunk, out long before)
    {
        (chunk, before) = (_chunk, _used);
        bytes = (bytes + Align - 1) & -Align;
        if (_chunk < 0 || _used + bytes > _chunks[_chunk].Bytes)
        {
            _chunk++;
            if (_chunk < _chunks.Count && _chunks[_chunk].Bytes < bytes) Free(_chunk);
            if (_chunk == _chunks.Count)
            {
                long size = Math.Max(bytes, Math.Max(Least, Total));           // twice what there was
                _chunks.Add(((nint)NativeMemory.AlignedAlloc((nuint)size, (nuint)Align), size));
            }
            _used = 0;
        }
        void* p = (void*)(_chunks[_chunk].Start + (nint)_used);
        _used += bytes;
        return p;
    }

    public void GiveBack(int chunk, long before)
    {
        (_chunk, _used) = (chunk, before);
        if (_chunk < 0 && _chunks.Count > 1)           // next time, one piece for all
        {
            long total = Total;
            Free(0);
            if (total <= Kept) _chunks.Add(((nint)NativeMemory.AlignedAlloc((nuint)total, (nuint)Align), total));
        }
        else if (_chunk < 0 && _chunks[0].Bytes > Kept) Free(0);
    }

    long Total
    {
        get
        {
            long sum = 0;
            foreach ((_, long bytes) in _chunks) sum += bytes;
            return sum;
        }
    }

    // From this chunk on.
    void Free(int from)
    {
        for (int i = from; i < _chunks.Count; i++) NativeMemory.AlignedFree((void*)_chunks[i].Start);
        _chunks.RemoveRange(from, _chunks.Count - from);
    }

    ~BufferStack() => Free(0);
}
