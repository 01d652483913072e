using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Flambeau;

/// <summary>The sizes of the processor's caches, in bytes. Some virtual machines hide them, or all but the core's own: then they are those of a small processor with vectors of this width.</summary>
internal static class Caches
{
    /// <summary>The last one, which cores share.</summary>
    public static readonly long L3 = Read(3)?.Bytes ?? (Vector512.IsHardwareAccelerated ? 16 << 20 : 8 << 20);

    /// <summary>A core's second one.</summary>
    public static readonly long L2 = Read(2)?.Bytes ?? (Vector512.IsHardwareAccelerated ? 1 << 20 : 512 << 10);

    /// <summary>A core's first one for data, and how many lines of it may lie at one distance modulo <see cref="L1Way"/>.</summary>
    public static readonly long L1 = Read(1)?.Bytes ?? 32 << 10, L1Ways = Read(1)?.Ways ?? 8;

    /// <summary>Bytes after which lines fall into the same set of the first one again.</summary>
    public static readonly long L1Way = L1 / L1Ways;

    // The leaves that enumerate caches are 4 (Intel) and 8000001Dh (AMD), of one form: EAX 4..0 type (0: no more, 2: instructions),
    // 7..5 level; EBX 31..22 ways, 21..12 partitions, 11..0 line; ECX sets, each less one.
    static (long Bytes, long Ways)? Read(int level)
    {
        if (!X86Base.IsSupported) return null;
        bool amd = (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax >= 0x8000001D;
        for (int i = 0; i < 8; i++)
        {
            (int a, int b, int c, _) = X86Base.CpuId(amd ? unchecked((int)0x8000001D) : 4, i);
            if ((a & 31) == 0) break;
            long ways = ((uint)b >> 22) + 1L;
            if ((a & 31) != 2 && (a >> 5 & 7) == level) return (ways * (((uint)b >> 12 & 0x3ff) + 1) * (((uint)b & 0xfff) + 1) * ((uint)c + 1L), ways);
        }
        return level < 3 && amd ? ReadOld(level) : null;
    }

    // The older leaves have ECX 31..24 kB, 23..16 ways (80000005h, first level), 31..16 kB (80000006h, second level); the last level's is the whole machine's there.
    static (long Bytes, long Ways)? ReadOld(int level)
    {
        uint c = (uint)X86Base.CpuId(unchecked((int)0x80000004) + level, 0).Ecx;
        (long Bytes, long Ways) r = level == 1 ? (c >> 24, c >> 16 & 255) : (c >> 16, 8);
        return r is { Bytes: > 0, Ways: > 0 } ? (r.Bytes << 10, r.Ways) : null;
    }
}
