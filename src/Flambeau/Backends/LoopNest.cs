using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends;

/// <summary>A value for each axis of a loop nest.</summary>
[InlineArray(Layout.MaxRank)]
internal struct PerAxis { long _0; }

/// <summary>
/// The loops over several operands of one shape: axes of size 1 dropped, sorted so that the first operand is walked forward, neighbours
/// merged where every operand allows. What remains innermost is long, and that is where kernels spend their time.
/// Operand 0 is the result; strides are in elements, 0 where an operand is broadcast.
/// </summary>
internal unsafe struct LoopNest
{
    /// <summary>The most operands: a result and four inputs.</summary>
    public const int MaxOperands = 5;

    public int Rank;
    public int Operands;
    public PerAxis Size;
    PerAxis _s0, _s1, _s2, _s3, _s4;

    [SkipLocalsInit]
    public LoopNest(Dims shape, params ReadOnlySpan<Layout> operands)
    {
        Operands = operands.Length;
        // Axes by descending stride of the result, ties by the first input's; stable, so that row-major stays as it is.
        int* order = stackalloc int[Layout.MaxRank];
        int n = 0;
        for (int d = 0; d < shape.Length; d++)
        {
            if (shape[d] == 1) continue;
            int k = n++;
            while (k > 0 && Before(operands, shape, d, order[k - 1])) { order[k] = order[k - 1]; k--; }
            order[k] = d;
        }
        for (int i = 0; i < n; i++)
        {
            int d = order[i];
            bool merges = Rank > 0;
            for (int o = 0; o < Operands && merges; o++) merges = Strides(o)[Rank - 1] == Stride(operands[o], shape, d) * shape[d];
            if (!merges) Rank++;
            Size[Rank - 1] = merges ? Size[Rank - 1] * shape[d] : shape[d];
            for (int o = 0; o < Operands; o++) Strides(o)[Rank - 1] = Stride(operands[o], shape, d);
        }
        if (Rank == 0) Size[Rank++] = 1;
    }

    [UnscopedRef]
    public ref PerAxis Strides(int operand)
    {
        switch (operand)
        {
            case 0: return ref _s0;
            case 1: return ref _s1;
            case 2: return ref _s2;
            case 3: return ref _s3;
            default: return ref _s4;
        }
    }

    /// <summary>The operand's stride along axis <paramref name="d"/> of the common shape; operands with fewer axes align at the last.</summary>
    static long Stride(Layout l, Dims shape, int d)
    {
        int k = d - shape.Length + l.Rank;
        return k < 0 || l.Shape[k] == 1 ? 0 : l.Strides[k];
    }

    static bool Before(ReadOnlySpan<Layout> operands, Dims shape, int a, int b)
    {
        for (int o = 0; o < operands.Length; o++)
        {
            long p = Math.Abs(Stride(operands[o], shape, a)), q = Math.Abs(Stride(operands[o], shape, b));
            if (p != q && p != 0 && q != 0) return p > q;
        }
        return false;
    }

    /// <summary>
    /// Where the result's elements are neighbours along the innermost axis, but operand <paramref name="o"/>'s along another: that axis, else −1. Then one of them
    /// would be walked across memory, and both are better walked block by block.
    /// </summary>
    public int TurnedAxis(int o)
    {
        int last = Rank - 1;
        if (Strides(0)[last] != 1 || Strides(o)[last] is 0 or 1) return -1;
        for (int d = last - 1; d >= 0; d--) if (Strides(o)[d] == 1 && Size[d] * Size[last] >= 64) return d;
        return -1;
    }

    public readonly long Count
    {
        get
        {
            long n = 1;
            for (int d = 0; d < Rank; d++) n *= Size[d];
            return n;
        }
    }

    /// <summary>Runs the elements [begin, end) in the nest's order: <paramref name="inner"/> gets each operand's offset and innermost stride.</summary>
    [SkipLocalsInit]
    public void Run<TInner>(ref TInner inner, long begin, long end) where TInner : struct, INestBody, allows ref struct
    {
        int last = Rank - 1, operands = Operands;
        long n = Size[last];
        long* offset = stackalloc long[MaxOperands];
        long* stride = stackalloc long[MaxOperands];
        long* index = stackalloc long[Layout.MaxRank];
        long* step = stackalloc long[Layout.MaxRank * MaxOperands];            // [axis, operand]: a step of the outer axes is some additions
        for (int o = 0; o < MaxOperands; o++) (offset[o], stride[o]) = (0, o < operands ? Strides(o)[last] : 0);
        long outer = begin / n, first = begin % n;
        for (int d = last - 1; d >= 0; d--)
        {
            index[d] = outer % Size[d];
            outer /= Size[d];
            for (int o = 0; o < operands; o++)
            {
                step[d * MaxOperands + o] = Strides(o)[d];
                offset[o] += index[d] * Strides(o)[d];
            }
        }
        for (int o = 0; o < operands; o++) offset[o] += first * stride[o];
        while (true)
        {
            long m = Math.Min(n - first, end - begin);
            inner.Invoke(offset, stride, m);
            if ((begin += m) == end) return;
            if (first != 0)
            {
                for (int o = 0; o < operands; o++) offset[o] -= first * stride[o];
                first = 0;
            }
            long* by = step + last * MaxOperands;
            for (int d = last - 1; d >= 0; d--)
            {
                by -= MaxOperands;
                for (int o = 0; o < operands; o++) offset[o] += by[o];
                if (++index[d] < Size[d]) break;
                for (int o = 0; o < operands; o++) offset[o] -= Size[d] * by[o];
                index[d] = 0;
            }
        }
    }

    /// <summary>Runs all elements on as many threads as are worth it. <paramref name="cost"/>: about how many nanoseconds 8 elements take.</summary>
    public void RunParallel<TInner>(ref TInner inner, int cost) where TInner : struct, INestBody => RunInRanges(ref inner, Math.Max(1024, 131072 / cost));

    /// <summary>Runs all elements on several threads, in ranges of at least <paramref name="grain"/> elements.</summary>
    public void RunInRanges<TInner>(ref TInner inner, long grain) where TInner : struct, INestBody
    {
        long count = Count;
        if (count == 0) return;
        if (count <= grain) Run(ref inner, 0, count);
        else
            fixed (LoopNest* nest = &this) Threads.For(count, grain, new Ranges<TInner>(nest, inner));
    }

    /// <summary>
    /// Whether the last two axes are better walked at once: all operands lie along the rows, or are broadcast, and a row of so few elements takes no longer than a
    /// nest's step and a body's call. A row's last lane lies over the one before it, which only a result apart from the inputs allows.
    /// </summary>
    public bool HasRows(long lane, bool isApart)
    {
        int last = Rank - 1;
        if (last < 1 || Strides(0)[last] != 1 || Size[last] < lane || Size[last] > 4096 || !isApart && Size[last] % lane != 0) return false;
        for (int o = 1; o < Operands; o++) if ((ulong)Strides(o)[last] > 1) return false;
        return true;
    }

    /// <summary>Runs all elements as <see cref="RunParallel"/>, where <see cref="HasRows"/>.</summary>
    public void RunRows<TInner>(ref TInner inner, int cost) where TInner : struct, IRowsBody
    {
        LoopNest outer = this;
        int last = --outer.Rank;
        Rows<TInner> rows = new(inner, Size[last]);
        for (int o = 0; o < Operands; o++) rows.Stride[o] = Strides(o)[last];
        outer.RunInRanges(ref rows, Math.Max(1, 131072 / cost / Size[last]));
    }

    [InlineArray(MaxOperands)]
    struct PerOperand { long _0; }

    struct Rows<TInner>(TInner inner, long n) : INestBody where TInner : struct, IRowsBody
    {
        public PerOperand Stride;

        public void Invoke(long* offset, long* stride, long rows)
        {
            fixed (long* along = &Stride[0]) inner.Invoke(offset, stride, rows, along, n);
        }
    }

    readonly struct Ranges<TInner>(void* nest, TInner inner) : IRangeBody where TInner : struct, INestBody
    {
        public void Run(long begin, long end)
        {
            TInner mine = inner;
            ((LoopNest*)nest)->Run(ref mine, begin, end);
        }
    }
}

/// <summary>The innermost loop of a nest.</summary>
internal unsafe interface INestBody
{
    /// <summary>Does <paramref name="n"/> elements. Offsets and strides are in elements, one for each operand.</summary>
    void Invoke(long* offset, long* stride, long n);
}

/// <summary>The two innermost loops of a nest.</summary>
internal unsafe interface IRowsBody : INestBody
{
    /// <summary>Does <paramref name="rows"/> rows of <paramref name="n"/> elements: <paramref name="down"/> from row to row, <paramref name="along"/> within one, 0 or 1.</summary>
    void Invoke(long* offset, long* down, long rows, long* along, long n);
}
