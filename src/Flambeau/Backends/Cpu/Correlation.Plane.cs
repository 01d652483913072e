using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// One plane by one filter, results side by side: depthwise convolutions of stride 1. Four rows by two vectors of results stay in registers while the filter passes.
/// </summary>
internal unsafe partial struct Correlation<E, T>
{
    const int RowsTogether = 4;

    /// <summary>Whether a lattice is a plane of rows that are no shorter than a vector, whose filter meets consecutive rows.</summary>
    readonly bool IsPlane(Lattice<E>* lattice) => Rows == 1 && Channels == 1 && LatticeCount == 1 && Kernel.D == 1 && lattice->K == Kernel.Volume && lattice->Count.D == 1
        && lattice->Count.W >= T.Count && lattice->Count.H >= RowsTogether && lattice->Step.W == 1 && IsEven(lattice->Offsets);

    /// <summary>Whether taps lie at one distance along a row, and rows of them a row of the frame apart, all forward or all backward: strides and dilations together may leave other patterns.</summary>
    readonly bool IsEven(nint* offsets)
    {
        nint w = (nint)Kernel.W, k = (nint)Kernel.Volume, x = w > 1 ? offsets[1] - offsets[0] : 0, y = k > w ? offsets[w] - offsets[0] : 0;
        if (k > w && Math.Abs(y) != Frame.W.Pitch || Math.Sign(x) * Math.Sign(y) < 0) return false;
        for (nint i = 1; i < k; i++)
            if (offsets[i] - offsets[0] != i / w * y + i % w * x) return false;
        return true;
    }

    void Plane(Lattice<E>* lattice, long group, E* frame, E* to)
    {
        nint k = lattice->K;
        E* filter = lattice->Weights + group * k;
        nint first = lattice->Offsets[0];
        if (k > 1 && lattice->Offsets[k - 1] < first)
        {
            // The gradient of the input meets the filter from its end: turned around.
            first = lattice->Offsets[k - 1];
            E* turned = Scratch.Get<E>(Scratch.Use.Line, k);
            for (nint i = 0; i < k; i++) turned[i] = filter[k - 1 - i];
            filter = turned;
        }
        fixed (Correlation<E, T>* self = &this)
            Threads.For(lattice->Count.H, RowsTogether * (Blocked.WorkPerClaim / (RowsTogether * k * lattice->Count.W) + 1), new RowsBody
            {
                Filter = filter, From = frame + first, To = to + lattice->To, Height = (nint)Kernel.H, Width = (nint)Kernel.W, Count = (nint)lattice->Count.W, Rows = (nint)lattice->Count.H,
                Step = Kernel.W == 1 ? 1 : Math.Abs(lattice->Offsets[1] - lattice->Offsets[0]), Pitch = (nint)Frame.W.Pitch, RsTo = (nint)lattice->Step.H, Bias = Bias == null ? E.Zero : Bias[group],
            });
    }

    struct RowsBody : IRangeBody
    {
        public E* Filter, From, To;
        public nint Height, Width, Count, Rows, Step, Pitch, RsTo;
        public E Bias;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (nint y = (nint)begin; y < end; y += RowsTogether)
            {
                // The last rows and vectors may overlap those before, which are then computed again, to the same bits.
                nint top = Math.Min(y, Rows - RowsTogether);
                for (nint x = 0; x < Count; x += 2 * T.Count)
                {
                    nint l = Math.Min(x, Count - T.Count), r = Math.Min(x + T.Count, Count - T.Count);
                    Four(From + top * Pitch + l, From + top * Pitch + r, To + top * RsTo + l, r - l);
                }
            }
        }

        // Each tap for eight vectors: loading what rows share but once saves loads, but took a branch for each row and tap, and was slower (1.1 and 0.8 ms for 16×96×28×28, 5×5).
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        readonly void Four(E* left, E* right, E* to, nint apart)
        {
            E bias = Bias;
            nint height = Height, width = Width, step = Step, pitch = Pitch;
            T l0 = T.Broadcast(&bias), r0 = l0, l1 = l0, r1 = l0, l2 = l0, r2 = l0, l3 = l0, r3 = l0;
            E* w = Filter;
            for (; height > 0; height--, left += pitch, right += pitch)
            {
                E* l = left, r = right, below = left + 3 * pitch, beside = right + 3 * pitch;
                for (nint q = width; q > 0; q--, w++, l += step, r += step, below += step, beside += step)
                {
                    T x = T.Broadcast(w);
                    l0 = T.MulAdd(x, T.Load(l), l0);
                    r0 = T.MulAdd(x, T.Load(r), r0);
                    l1 = T.MulAdd(x, T.Load(l + pitch), l1);
                    r1 = T.MulAdd(x, T.Load(r + pitch), r1);
                    l2 = T.MulAdd(x, T.Load(l + 2 * pitch), l2);
                    r2 = T.MulAdd(x, T.Load(r + 2 * pitch), r2);
                    l3 = T.MulAdd(x, T.Load(below), l3);
                    r3 = T.MulAdd(x, T.Load(beside), r3);
                }
            }
            T.Store(l0, to);
            T.Store(r0, to + apart);
            T.Store(l1, to + RsTo);
            T.Store(r1, to + RsTo + apart);
            T.Store(l2, to + 2 * RsTo);
            T.Store(r2, to + 2 * RsTo + apart);
            T.Store(l3, to + 3 * RsTo);
            T.Store(r3, to + 3 * RsTo + apart);
        }
    }
}
