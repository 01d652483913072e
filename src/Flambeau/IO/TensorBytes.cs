using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Flambeau.IO;

/// <summary>The elements of tensors, row by row and little-endian, from and to streams, straight from and to the tensor's memory.</summary>
internal static class TensorBytes
{
    /// <summary>What goes at a time: small enough that a digest and the system's copy find it in the cache.</summary>
    const int RunBytes = 1 << 18;

    /// <summary>Views up to this size are copied whole before they are written, larger ones in parts.</summary>
    const long CopyBytes = 4 << 20;

    public static long ByteLength(Tensor t) => checked(t.Count * t.DType.ItemSize);

    public static void Write(Stream to, Tensor t)
    {
        if (!t.IsContiguous)
        {
            if (ByteLength(t) > CopyBytes) WriteParts(to, t);
            else
            {
                using Tensor copy = t.MakeContiguous();
                Write(to, copy);
            }
            return;
        }
        long length = ByteLength(t);
        for (long at = 0; at < length; at += RunBytes) to.Write(Run(t, at, length));
        GC.KeepAlive(t);
    }

    /// <summary>The halves of a view, along its first axis of more than one element.</summary>
    static void WriteParts(Stream to, Tensor t)
    {
        Layout l = t.Layout;
        int axis = 0;
        while (l.Shape[axis] == 1) axis++;
        ReadOnlySpan<long> shape = l.Shape.Span[axis..];
        long[] strides = l.Strides[axis..].ToArray();
        long half = shape[0] / 2;
        Write(to, t.Window(new([half, .. shape[1..]], strides, l.Offset)));
        Write(to, t.Window(new([shape[0] - half, .. shape[1..]], strides, l.Offset + half * strides[0])));
        GC.KeepAlive(t);
    }

    /// <summary>Fills a contiguous tensor.</summary>
    /// <exception cref="EndOfStreamException">The stream ended before.</exception>
    /// <exception cref="InvalidDataException">A bool is neither 0 nor 1.</exception>
    public static void Read(Stream from, Tensor t)
    {
        long length = ByteLength(t);
        for (long at = 0; at < length; at += RunBytes)
        {
            Span<byte> run = Run(t, at, length);
            from.ReadExactly(run);
            if (t.DType == DType.Bool && run.ContainsAnyExceptInRange((byte)0, (byte)1)) throw new InvalidDataException("holds bytes that are no bool");
        }
        GC.KeepAlive(t);
    }

    static Span<byte> Run(Tensor t, long at, long length) => MemoryMarshal.CreateSpan(
        ref Unsafe.AddByteOffset(ref t.Storage.GetPinnableReference(), (nint)(t.Layout.Offset * t.DType.ItemSize + at)), (int)Math.Min(RunBytes, length - at));
}
