using System.Globalization;

namespace Flambeau;

/// <summary>How much memory tensors take. Nobody has to call anything here.</summary>
public static class Memory
{
    /// <summary>The figures of this moment.</summary>
    public static MemoryStats Stats()
    {
        Pool.Look();
        return new(Pool.Live, Pool.Idle, Pool.Peak, Pool.Collections);
    }

    /// <summary>Collects what is dead and gives all idle memory back to the operating system. Blocks for some milliseconds.</summary>
    public static void Trim() => Pool.Trim();

    /// <summary>12.3 MB.</summary>
    internal static string Format(double bytes)
    {
        string[] units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];
        int u = 0;
        for (; bytes >= 1000 && u < units.Length - 1; u++) bytes /= 1000;
        return bytes.ToString(u == 0 ? "0" : "0.#", CultureInfo.InvariantCulture) + " " + units[u];
    }
}

/// <summary>What large tensors (over 32 kB) take; smaller ones are ordinary objects of the garbage collector's.</summary>
/// <param name="LiveBytes">In tensors that are in use, or that the collector has not yet looked at.</param>
/// <param name="IdleBytes">Kept for the next tensors.</param>
/// <param name="PeakBytes">The most that both ever were.</param>
/// <param name="Collections">How often the pool asked the collector before growing.</param>
public readonly record struct MemoryStats(long LiveBytes, long IdleBytes, long PeakBytes, int Collections)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Memory.Format(LiveBytes)} live, {Memory.Format(IdleBytes)} idle, {Memory.Format(PeakBytes)} at the peak";
}
