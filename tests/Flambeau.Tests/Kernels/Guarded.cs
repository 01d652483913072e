using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Flambeau.Tests.Kernels;

/// <summary>Memory for a kernel's test: the kernel sees the middle; what lies around it must not change.</summary>
internal sealed unsafe class Guarded<E> : IDisposable where E : unmanaged
{
    const int Fence = 64;
    readonly E* all;
    public readonly long Length;
    public E* P => all + Fence;
    public Span<E> Span => new(P, (int)Length);

    public Guarded(long length)
    {
        Length = length;
        all = (E*)NativeMemory.Alloc((nuint)((length + 2 * Fence) * sizeof(E)));
        new Span<byte>(all, (int)((length + 2 * Fence) * sizeof(E))).Fill(0xff);      // NaNs: what is read without right shows
    }

    /// <summary>Small random multiples of 1/8: products and sums of a few hundred are exact.</summary>
    public Guarded<E> Randomize(Random random, int range = 16)
    {
        foreach (ref E x in Span) x = To(random.Next(-range, range + 1) / 8.0);
        return this;
    }

    public static E To(double v) => typeof(E) == typeof(float) ? Unsafe.BitCast<float, E>((float)v) : Unsafe.BitCast<double, E>(v);

    public static double From(E v) => typeof(E) == typeof(float) ? Unsafe.BitCast<E, float>(v) : Unsafe.BitCast<E, double>(v);

    public double this[long i] => From(P[i]);

    public double[] Values
    {
        get
        {
            var values = new double[Length];
            for (long i = 0; i < Length; i++) values[i] = this[i];
            return values;
        }
    }

    public bool FencesStand
    {
        get
        {
            ReadOnlySpan<byte> front = new(all, Fence * sizeof(E)), back = new(P + Length, Fence * sizeof(E));
            return front.IndexOfAnyExcept((byte)0xff) < 0 && back.IndexOfAnyExcept((byte)0xff) < 0;
        }
    }

    public void Dispose() => NativeMemory.Free(all);
}
