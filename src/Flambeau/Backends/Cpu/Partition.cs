using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>Cutting n things into parts.</summary>
internal static class Partition
{
    /// <summary>The size of parts of at most <paramref name="most"/> that are as equal as multiples of <paramref name="unit"/> allow.</summary>
    public static long Even(long n, long most, long unit = 1)
    {
        long parts = (n + most - 1) / most;
        return ((n + parts - 1) / parts + unit - 1) / unit * unit;
    }

    /// <summary>Where part <paramref name="i"/> begins if n things are cut into parts as equal as can be, the larger first; n for i = parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Begin(long n, long parts, long i) => n / parts * i + Math.Min(i, n % parts);
}
