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

        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            switch (rule.States)
            {
                case 0: Run<N0, L, C>(); break;
                case 1: Run<N1, L, C>(); break;
                case 2: Run<N2, L, C>(); break;
                default: Run<N3, L, C>(); break;
            }
        }

        void Run<S, L, C>() where S : INumber where L : struct, ILane<L> where C : struct, ICodec<L> => Threads.For(count, Grain, new UpdateRange<TRule, S, L, C>(rule, p, g, a, b, c));
    }

    /// <summary>One loop for each rule and number of states: instructions that only decide what there is would leave the processor less room to see ahead in memory.</summary>
    readonly struct UpdateRange<TRule, S, L, C>(TRule rule, byte* p, byte* g, byte* a, byte* b, byte* c) : IRangeBody
        where TRule : struct, IUpdate where S : INumber where L : struct, ILane<L> where C : struct, ICodec<L>
    {
        public void Run(long begin, long end)
        {
            long whole = begin + (end - begin & -L.Count);
            Lanes(p, g, a, b, c, (nint)begin * C.Size, (nint)whole * C.Size);
            if (whole == end) return;
            // The tail goes through the same body in a lane's worth of memory.
            byte* buffer = stackalloc byte[5 * 64];
            new Span<byte>(buffer, 5 * 64).Clear();
            long from = whole * C.Size, bytes = (end - whole) * C.Size;
            Copy(p + from, buffer, bytes);
            Copy(g + from, buffer + 64, bytes);
            if (S.Value > 0) Copy(a + from, buffer + 128, bytes);
            if (S.Value > 1) Copy(b + from, buffer + 192, bytes);
            if (S.Value > 2) Copy(c + from, buffer + 256, bytes);
            Lanes(buffer, buffer + 64, buffer + 128, buffer + 192, buffer + 256, 0, L.Count * C.Size);
            Copy(buffer, p + from, bytes);
            if (S.Value > 0) Copy(buffer + 128, a + from, bytes);
            if (S.Value > 1) Copy(buffer + 192, b + from, bytes);
            if (S.Value > 2) Copy(buffer + 256, c + from, bytes);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        void Lanes(byte* p, byte* g, byte* a, byte* b, byte* c, nint begin, nint end)
        {
            TRule r = rule;                           // a copy: its constants stay in registers
            for (nint i = begin; i < end; i += L.Count * C.Size)
            {
                L x = C.Load(p + i), s = S.Value > 0 ? C.Load(a + i) : default, t = S.Value > 1 ? C.Load(b + i) : default, u = S.Value > 2 ? C.Load(c + i) : default;
                r.Apply(ref x, C.Load(g + i), ref s, ref t, ref u);
                C.Store(x, p + i);
                if (S.Value > 0) C.Store(s, a + i);
                if (S.Value > 1) C.Store(t, b + i);
                if (S.Value > 2) C.Store(u, c + i);
            }
        }

        static void Copy(byte* from, byte* to, long bytes) => System.Buffer.MemoryCopy(from, to, bytes, bytes);
    }
}
