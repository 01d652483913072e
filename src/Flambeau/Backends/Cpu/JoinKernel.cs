using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    /// <summary>What is small and lies in order: a view of y and a nest for each input would take longer than its copy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override bool TryJoin(Args x, long outer, Tensor y)
    {
        int size = y.DType.ItemSize;
        if (y.Count * size > 1 << 16 || !y.IsContiguous) return false;
        foreach (Tensor t in x) if (t.DType != y.DType || !t.IsContiguous) return false;
        if (y.Count == 0) return true;
        long part = y.Count / outer * size;
        fixed (byte* py = y.Storage)
        {
            byte* to = Start(py, y);
            foreach (Tensor t in x)
            {
                if (t.Count == 0) continue;
                long bytes = t.Count / outer * size;
                fixed (byte* px = t.Storage)
                {
                    byte* from = Start(px, t);
                    for (long o = 0; o < outer; o++) Streaming.Copy(from + o * bytes, to + o * part, bytes, false);
                }
                to += bytes;
            }
        }
        return true;
    }
}
