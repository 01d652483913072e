using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// One plane by one filter, results side by side: depthwise convolutions of stride 1. Four rows by two vectors of results stay in registers, and what is loaded serves all rows that meet it.
/// </summary>
internal unsafe partial struct Correlation<E, T>
{
    const int RowsTogether = 4;

    /// <summary>Whether a lattice is a plane of rows that are no shorter than a vector, whose filter meets consecutive rows.</summary>
    readonly bool IsPlane(Lattice<E>* lattice) => Rows == 1 && Channels == 1 && LatticeCount == 1 && Kernel.D == 1 && lattice->K == Kernel.Volume && lattice->Count.D == 1
        && lattice->Count.W >= T.Count && lattice->Step.W == 1 && (Kernel.H == 1 || Math.Abs(lattice->Offsets[Kernel.W] - lattice->Offsets[0]) == Frame.W.Pitch);

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
                Filter = filter, From = frame + first, To = to + lattice->To, Height = (nint)Kernel.H, Width = (nint)Kernel.W, Count = (nint)lattice->Count.W,
                Step = Kernel.W == 1 ? 1 : Math.Abs(lattice->Offsets[1] - lattice->Offsets[0]), Pitch = (nint)Frame.W.Pitch, RsTo = (nint)lattice->Step.H, Bias = Bias == null ? E.Zero : Bias[group],
            });
    }

    struct RowsBody : IRangeBody
    {
        public E* Filter, From, To;
        public nint Height, Width, Count, Step, Pitch, RsTo;
        public E Bias;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            for (nint y = (nint)begin; y < end; y += RowsTogether)
                for (nint x = 0; x < Count; x += 2 * T.Count)
                {
                    // The last vectors may overlap those before.
                    nint l = Math.Min(x, Count - T.Count), r = Math.Min(x + T.Count, Count - T.Count);
                    Four((int)Math.Min(RowsTogether, end - y), From + y * Pitch + l, r - l, To + y * RsTo + l);
                }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        readonly void Four(int rows, E* from, nint apart, E* to)
        {
            E bias = Bias;
            nint height = Height, width = Width, step = Step;
            T l0 = T.Broadcast(&bias), r0 = l0, l1 = l0, r1 = l0, l2 = l0, r2 = l0, l3 = l0, r3 = l0;
            E* w0 = Filter;
            for (nint i = 0; i < height + rows - 1; i++, from += Pitch, w0 += width)
            {
                bool b0 = i < height, b1 = i >= 1 && rows > 1 && i - 1 < height, b2 = i >= 2 && rows > 2 && i - 2 < height, b3 = i >= 3 && rows > 3 && i - 3 < height;
                E* p = from;
                for (nint q = 0; q < width; q++, p += step)
                {
                    T l = T.Load(p), r = T.Load(p + apart);
                    if (b0)
                    {
                        T w = T.Broadcast(w0 + q);
                        l0 = T.MulAdd(w, l, l0);
                        r0 = T.MulAdd(w, r, r0);
                    }
                    if (b1)
                    {
                        T w = T.Broadcast(w0 - width + q);
                        l1 = T.MulAdd(w, l, l1);
                        r1 = T.MulAdd(w, r, r1);
                    }
                    if (b2)
                    {
                        T w = T.Broadcast(w0 - 2 * width + q);
                        l2 = T.MulAdd(w, l, l2);
                        r2 = T.MulAdd(w, r, r2);
                    }
                    if (b3)
                    {
                        T w = T.Broadcast(w0 - 3 * width + q);
                        l3 = T.MulAdd(w, l, l3);
                        r3 = T.MulAdd(w, r, r3);
                    }
                }
            }
            T.Store(l0, to);
            T.Store(r0, to + apart);
            if (rows > 1) T.Store(l1, to + RsTo);
            if (rows > 1) T.Store(r1, to + RsTo + apart);
            if (rows > 2) T.Store(l2, to + 2 * RsTo);
            if (rows > 2) T.Store(r2, to + 2 * RsTo + apart);
            if (rows > 3) T.Store(l3, to + 3 * RsTo);
            if (rows > 3) T.Store(r3, to + 3 * RsTo + apart);
        }
    }
}
