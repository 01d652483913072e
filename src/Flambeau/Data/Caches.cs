using System.Runtime.Intrinsics.X86;

namespace Flambeau;

/// <summary>The sizes of the processor's caches, in bytes.</summary>
internal static class Caches
{
    /// <summary>The last one, which cores share. Where the processor does not say, what a small one has.</summary>
    public static readonly long L3 = Size(3) ?? 8 << 20;

    // The leaves that enumerate caches are 4 (Intel) and 8000001Dh (AMD), of one form: EAX 4..0 type (0: no more, 2: instructions),
    // 7..5 level; EBX 31..22 ways, 21..12 partitions, 11..0 line; ECX sets, each less one.
    static long? Size(int level)
    {
        if (!X86Base.IsSupported) return null;
        bool amd = (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax >= 0x8000001D;
        for (int i = 0; i < 8; i++)
        {
            (int a, int b, int c, _) = X86Base.CpuId(amd ? unchecked((int)0x8000001D) : 4, i);
            if ((a & 31) == 0) break;
            if ((a & 31) != 2 && (a >> 5 & 7) == level)
                return (((uint)b >> 22) + 1L) * (((uint)b >> 12 & 0x3ff) + 1) * (((uint)b & 0xfff) + 1) * ((uint)c + 1L);
        }
        return null;
    }
}
