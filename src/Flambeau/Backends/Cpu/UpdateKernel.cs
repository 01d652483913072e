using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void Update<TRule>(TRule rule, Tensor p, Tensor g, ReadOnlySpan<Tensor> state)
    {
        int n = state.Length;
        Tensor a = n > 0 ? state[0] : p, b = n > 1 ? state[1] : p, c = n > 2 ? state[2] : p;
        fixed (byte* pp = p.Storage, pg = g.Storage, pa = a.Storage, pb = b.Storage, pc = c.Storage)
        {
            int e = p.DType.ItemSize;
            UpdateVisitor<TRule> v = new(rule, p.Count, pp + p.Layout.Offset * e, pg + g.Layout.Offset * e, pa + a.Layout.Offset * e, pb + b.Layout.Offset * e, pc + c.Layout.Offset * e);
            LaneDispatch.Visit(p.DType, ref v);
        }
    }

    readonly struct UpdateVisitor<TRule>(TRule rule, long count, byte* p, byte* g, byte* a, byte* b, byte* c) : ILaneVisitor where TRule : struct, IUpdate
    {
        // A step reads and writes 12 to 32 bytes a number: from 16 kB of parameters on, a thread more is worth its waking.
        const long Grain = 4096;

        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L> => Threads.For(count, Grain, new UpdateRange<TRule, L, C>(rule, p, g, a, b, c));
    }

    readonly struct UpdateRange<TRule, L, C>(TRule rule, byte* p, byte* g, byte* a, byte* b, byte* c) : IRangeBody
        where TRule : struct, IUpdate where L : struct, ILane<L> where C : struct, ICodec<L>
    {
        public void Run(long begin, long end)
        {
            TRule r = rule;                                                     // its constants stay in registers
            int states = r.States, w = L.Count;
            byte* x = p, d = g, s = a, t = b, u = c;
            long i = begin;
            for (; i + w <= end; i += w)
            {
                long at = i * C.Size;
                Step(ref r, states, x + at, d + at, s + at, t + at, u + at);
            }
            if (i == end) return;
            // The tail goes through the same body in a lane's worth of memory.
            byte* buffer = stackalloc byte[5 * 64];
            new Span<byte>(buffer, 5 * 64).Clear();
            long from = i * C.Size, bytes = (end - i) * C.Size;
            Copy(x + from, buffer, bytes);
            Copy(d + from, buffer + 64, bytes);
            if (states > 0) Copy(s + from, buffer + 128, bytes);
            if (states > 1) Copy(t + from, buffer + 192, bytes);
            if (states > 2) Copy(u + from, buffer + 256, bytes);
            Step(ref r, states, buffer, buffer + 64, buffer + 128, buffer + 192, buffer + 256);
            Copy(buffer, x + from, bytes);
            if (states > 0) Copy(buffer + 128, s + from, bytes);
            if (states > 1) Copy(buffer + 192, t + from, bytes);
            if (states > 2) Copy(buffer + 256, u + from, bytes);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Step(ref TRule r, int states, byte* x, byte* d, byte* s, byte* t, byte* u)
        {
            L p = C.Load(x), g = C.Load(d);
            L a = states > 0 ? C.Load(s) : L.Zero, b = states > 1 ? C.Load(t) : L.Zero, c = states > 2 ? C.Load(u) : L.Zero;
            r.Apply(ref p, g, ref a, ref b, ref c);
            C.Store(p, x);
            if (states > 0) C.Store(a, s);
            if (states > 1) C.Store(b, t);
            if (states > 2) C.Store(c, u);
        }

        static void Copy(byte* from, byte* to, long bytes) => System.Buffer.MemoryCopy(from, to, bytes, bytes);
    }
}
