using System.Diagnostics;

namespace Flambeau;

/// <summary>
/// Keeps workers off their caller's processor. A thread that is woken stays where it fell asleep or comes to where it was woken from; to look farther, Linux asks which processors share a
/// last cache. Some virtual machines say that none do, and then worker and caller take turns on one processor while another idles, for seconds: 65,536 additions took 18 µs instead of 10,
/// and more than with one thread. Once that was seen of a worker, it may run on all processors but its caller's.
/// </summary>
internal static class Apart
{
    const int Bits = 64;                                                         // of a mask of processors
    static readonly long s_rest = Stopwatch.Frequency / 1000;                     // callers that take turns on several processors do not send the workers to and fro each time
    static readonly Lock Gate = new();
    static bool s_works = OperatingSystem.IsLinux() && Environment.ProcessorCount is > 1 and <= Bits;
    static Process[] s_workers = [];                                             // to the system a thread is what a process is
    static nint s_allowed;
    static int s_avoided = -1;
    static long s_moved;

    /// <summary>For a worker that was woken from that processor.</summary>
    public static void Avoid(int caller, ref bool isKnown)
    {
        if (isKnown || !s_works || !OperatingSystem.IsLinux() || Thread.GetCurrentProcessorId() != caller) return;
        isKnown = true;
        lock (Gate)
            try
            {
                string self = new FileInfo("/proc/thread-self").LinkTarget!;     // 123/task/456
                Process me = Process.GetProcessById(int.Parse(self.AsSpan(self.LastIndexOf('/') + 1)));
                if (s_workers.Length == 0) s_allowed = me.ProcessorAffinity;
                s_workers = [.. s_workers, me];
                Move(caller);
            }
            catch (Exception) { s_works = false; }                               // a sandbox may forbid it: then it is only slower
    }

    /// <summary>For who is about to wake workers from that processor.</summary>
    public static void Follow(int caller)
    {
        if (caller == s_avoided || s_workers.Length == 0 || !s_works || Stopwatch.GetTimestamp() - s_moved < s_rest) return;
        lock (Gate)
            try { Move(caller); }
            catch (Exception) { s_works = false; }
    }

    static void Move(int caller)
    {
        nint others = caller is >= 0 and < Bits ? s_allowed & ~((nint)1 << caller) : 0;
        if (others == 0) return;
        foreach (Process worker in s_workers)
            if (OperatingSystem.IsLinux()) worker.ProcessorAffinity = others;    // 2 µs
        (s_avoided, s_moved) = (caller, Stopwatch.GetTimestamp());
    }
}
