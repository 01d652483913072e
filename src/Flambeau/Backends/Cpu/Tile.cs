using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Flambeau.Backends.Cpu;

/// <summary>A small whole number as a type: a kernel with such a parameter is compiled for each number, unrolled.</summary>
internal interface INumber { static abstract int Value { get; } }

internal readonly struct N0 : INumber { public static int Value => 0; }
internal readonly struct N1 : INumber { public static int Value => 1; }
internal readonly struct N2 : INumber { public static int Value => 2; }
internal readonly struct N3 : INumber { public static int Value => 3; }
internal readonly struct N4 : INumber { public static int Value => 4; }
internal readonly struct N5 : INumber { public static int Value => 5; }
internal readonly struct N6 : INumber { public static int Value => 6; }
internal readonly struct N7 : INumber { public static int Value => 7; }
internal readonly struct N8 : INumber { public static int Value => 8; }
internal readonly struct N9 : INumber { public static int Value => 9; }
internal readonly struct N10 : INumber { public static int Value => 10; }
internal readonly struct N11 : INumber { public static int Value => 11; }
internal readonly struct N12 : INumber { public static int Value => 12; }

/// <summary>Where the rows of the right factor lie: row after row, k = 0, 1, …, and then those of the next panel.</summary>
internal unsafe interface IRows<E> where E : unmanaged
{
    /// <summary>The row; the first at first.</summary>
    E* At { get; }

    /// <summary>Goes on to the next row.</summary>
    void Next();

    /// <summary>Takes what was read of the row.</summary>
    void Took<T>(bool both, T l, T r) where T : struct, ILane<T>;

    /// <summary>Whether there may be several panels. If not, the loop over them is not compiled, and who calls asks for C's lines himself: short sums (convolutions of 64 channels) lose 3–5 % to it.</summary>
    static abstract bool ManyPanels { get; }

    /// <summary>Goes on to the next panel.</summary>
    void Turn();
}

/// <summary>Rows at a constant distance, of one panel.</summary>
internal unsafe struct EvenRows<E>(E* first, nint step) : IRows<E> where E : unmanaged
{
    E* p = first;
    readonly nint step = step;

    public static bool ManyPanels => false;

    public readonly E* At { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => p; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next() => p += step;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Turn() { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Took<T>(bool both, T l, T r) where T : struct, ILane<T> { }
}

/// <summary>Rows at a constant distance; the next panel begins <paramref name="turn"/> after the row after the last: at once, if panels are packed.</summary>
internal unsafe struct PanelRows<E>(E* first, nint step, nint turn) : IRows<E> where E : unmanaged
{
    E* p = first;
    readonly nint step = step, turn = turn;

    public static bool ManyPanels => true;

    public readonly E* At { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => p; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next() => p += step;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Turn() => p += turn;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Took<T>(bool both, T l, T r) where T : struct, ILane<T> { }
}

/// <summary>
/// Rows at a constant distance that are packed while they are read: <paramref name="to"/> gets panel after panel. The stores use slots that multiply-adds leave idle, and
/// what is far away is asked for sixteen rows ahead, the next panel's lines too: a tile takes half as much again, without the next panel's lines twice as long, packing beforehand
/// one and a half times a tile's time. A row that does not begin with a line has one more: with two asked for, every second row of 1,000 floats waited for its third.
/// </summary>
internal unsafe struct KeptRows<E>(E* first, nint step, nint turn, E* to) : IRows<E> where E : unmanaged
{
    const int Ahead = 16;

    public static bool ManyPanels => true;

    E* p = first;
    readonly nint step = step, turn = turn;
    E* to = to;

    public readonly E* At { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => p; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next()
    {
        p += step;
        E* later = p + Ahead * step;
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(later);
            Sse.Prefetch0((byte*)later + 64);
            Sse.Prefetch0((byte*)later + 128);
            Sse.Prefetch1((byte*)later + 192);
            Sse.Prefetch1((byte*)later + 255);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Took<T>(bool both, T l, T r) where T : struct, ILane<T>
    {
        T.Store(l, to);
        if (both) T.Store(r, to + T.Count);
        to += both ? 2 * T.Count : T.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Turn() => p += turn;
}

/// <summary>Rows at tabulated distances from an origin; of one panel.</summary>
internal unsafe struct TabledRows<E>(E* origin, nint* offsets) : IRows<E> where E : unmanaged
{
    readonly E* origin = origin;
    nint* offset = offsets;

    public static bool ManyPanels => false;

    public readonly E* At { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => origin + *offset; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next() => offset++;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Turn() { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Took<T>(bool both, T l, T r) where T : struct, ILane<T> { }
}

/// <summary>
/// The innermost part of matrix products and convolutions: C(h×w) = A(h×k)·B(k×w) with C in registers.
/// h is at most <see cref="MaxRows"/>, w is one or two vectors. Every element is one chain of multiply-adds in the order of k,
/// whatever h and w: how C is cut into tiles does not show in the result.
/// </summary>
internal static unsafe class Tile
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>2 vectors · 12 rows + 3 of 32 registers; where there are 16, 2 · 6 + 3.</summary>
    public static int MaxRows
    {
        [MethodImpl(Inline)]
        get => Vector512.IsHardwareAccelerated || AdvSimd.IsSupported ? 12 : 6;
    }

    /// <summary>Along k, so that C's lines, asked for at the beginning, are there at the end.</summary>
    public const nint LongEnough = 64;

    // Two vectors of a row. The JIT stops inlining when a method has some 500 locals: these bodies leave it few temporaries.
    struct Row<T> where T : struct, ILane<T>
    {
        public T L, R;

        [MethodImpl(Inline)]
        public void Add(bool both, void* a, T l, T r)
        {
            T x = T.Broadcast(a);
            T.AddProduct(ref L, x, l);
            if (both) T.AddProduct(ref R, x, r);
        }

        [MethodImpl(Inline)]
        public static void Ask<E>(bool both, E* c) where E : unmanaged
        {
            if (Sse.IsSupported) Sse.Prefetch0(c);
            if (Sse.IsSupported && both && T.Count * sizeof(E) == 64) Sse.Prefetch0((byte*)c + 64);
        }

        [MethodImpl(Inline)]
        public void Join<E>(bool both, E* c) where E : unmanaged
        {
            L += T.Load(c);
            if (both) R += T.Load(c + T.Count);
        }

        [MethodImpl(Inline)]
        public readonly void Store<E>(bool both, E* c) where E : unmanaged
        {
            T.Store(L, c);
            if (both) T.Store(R, c + T.Count);
        }
    }

    /// <summary>
    /// C = A·B [+ <paramref name="plus"/>] for <paramref name="panels"/> panels of W vectors side by side; A has any strides, rows of B, C and what is added are contiguous.
    /// The sum has <paramref name="parts"/> parts of <paramref name="k"/> terms; A jumps between them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Run<E, T, H, W, B>(nint panels, nint parts, nint k, E* a0, nint rsA, nint csA, nint jump, B b, E* c, nint rsC, E* plus, nint rsPlus)
        where E : unmanaged where T : struct, ILane<T> where H : INumber where W : INumber where B : struct, IRows<E>
    {
        bool both = W.Value == 2;
        nint rs2 = 2 * rsA;
        do
        {
            Row<T> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default;
            Row<T> r6 = default, r7 = default, r8 = default, r9 = default, r10 = default, r11 = default;
            E* a = a0, a3 = a + 3 * rsA, a6 = a + 6 * rsA, a9 = a + 9 * rsA;      // four bases and two distances reach all rows from few registers
            if (B.ManyPanels && k >= LongEnough)
            {
                Row<T>.Ask(both, c);
                if (H.Value > 1) Row<T>.Ask(both, c + rsC);
                if (H.Value > 2) Row<T>.Ask(both, c + 2 * rsC);
                if (H.Value > 3) Row<T>.Ask(both, c + 3 * rsC);
                if (H.Value > 4) Row<T>.Ask(both, c + 4 * rsC);
                if (H.Value > 5) Row<T>.Ask(both, c + 5 * rsC);
                if (H.Value > 6) Row<T>.Ask(both, c + 6 * rsC);
                if (H.Value > 7) Row<T>.Ask(both, c + 7 * rsC);
                if (H.Value > 8) Row<T>.Ask(both, c + 8 * rsC);
                if (H.Value > 9) Row<T>.Ask(both, c + 9 * rsC);
                if (H.Value > 10) Row<T>.Ask(both, c + 10 * rsC);
                if (H.Value > 11) Row<T>.Ask(both, c + 11 * rsC);
            }
            nint part = parts;
            do
            {
                for (nint q = k; q > 0; q--)
                {
                    E* p = b.At;
                    T l = T.Load(p), r = both ? T.Load(p + T.Count) : default;
                    b.Took(both, l, r);
                    r0.Add(both, a, l, r);
                    if (H.Value > 1) r1.Add(both, a + rsA, l, r);
                    if (H.Value > 2) r2.Add(both, a + rs2, l, r);
                    if (H.Value > 3) r3.Add(both, a3, l, r);
                    if (H.Value > 4) r4.Add(both, a3 + rsA, l, r);
                    if (H.Value > 5) r5.Add(both, a3 + rs2, l, r);
                    if (H.Value > 6) r6.Add(both, a6, l, r);
                    if (H.Value > 7) r7.Add(both, a6 + rsA, l, r);
                    if (H.Value > 8) r8.Add(both, a6 + rs2, l, r);
                    if (H.Value > 9) r9.Add(both, a9, l, r);
                    if (H.Value > 10) r10.Add(both, a9 + rsA, l, r);
                    if (H.Value > 11) r11.Add(both, a9 + rs2, l, r);
                    a += csA;
                    if (H.Value > 3) a3 += csA;
                    if (H.Value > 6) a6 += csA;
                    if (H.Value > 9) a9 += csA;
                    b.Next();
                }
                a += jump;
                a3 += jump;
                a6 += jump;
                a9 += jump;
            }
            while (--part > 0);
            if (plus != null)
            {
                r0.Join(both, plus);
                if (H.Value > 1) r1.Join(both, plus + rsPlus);
                if (H.Value > 2) r2.Join(both, plus + 2 * rsPlus);
                if (H.Value > 3) r3.Join(both, plus + 3 * rsPlus);
                if (H.Value > 4) r4.Join(both, plus + 4 * rsPlus);
                if (H.Value > 5) r5.Join(both, plus + 5 * rsPlus);
                if (H.Value > 6) r6.Join(both, plus + 6 * rsPlus);
                if (H.Value > 7) r7.Join(both, plus + 7 * rsPlus);
                if (H.Value > 8) r8.Join(both, plus + 8 * rsPlus);
                if (H.Value > 9) r9.Join(both, plus + 9 * rsPlus);
                if (H.Value > 10) r10.Join(both, plus + 10 * rsPlus);
                if (H.Value > 11) r11.Join(both, plus + 11 * rsPlus);
                plus += both ? 2 * T.Count : T.Count;
            }
            r0.Store(both, c);
            if (H.Value > 1) r1.Store(both, c + rsC);
            if (H.Value > 2) r2.Store(both, c + 2 * rsC);
            if (H.Value > 3) r3.Store(both, c + 3 * rsC);
            if (H.Value > 4) r4.Store(both, c + 4 * rsC);
            if (H.Value > 5) r5.Store(both, c + 5 * rsC);
            if (H.Value > 6) r6.Store(both, c + 6 * rsC);
            if (H.Value > 7) r7.Store(both, c + 7 * rsC);
            if (H.Value > 8) r8.Store(both, c + 8 * rsC);
            if (H.Value > 9) r9.Store(both, c + 9 * rsC);
            if (H.Value > 10) r10.Store(both, c + 10 * rsC);
            if (H.Value > 11) r11.Store(both, c + 11 * rsC);
            c += both ? 2 * T.Count : T.Count;
            b.Turn();
        }
        while (B.ManyPanels && --panels > 0);
    }

    /// <summary>C = A·B [+ C] of <paramref name="rows"/> ≤ <see cref="MaxRows"/> rows and <paramref name="vectors"/> ≤ 2 vectors, all written.</summary>
    [MethodImpl(Inline)]
    public static void Run<E, T, B>(int rows, int vectors, nint k, E* a, nint rsA, nint csA, B b, E* c, nint rsC, bool accumulate)
        where E : unmanaged where T : struct, ILane<T> where B : struct, IRows<E> =>
        Run<E, T, B>(rows, vectors, 1, 1, k, a, rsA, csA, 0, b, c, rsC, accumulate ? c : null, rsC);

    /// <summary>The same, summed over <paramref name="parts"/> parts of k terms; from one part's end to the next part's begin, A jumps.</summary>
    [MethodImpl(Inline)]
    public static void Run<E, T, B>(int rows, int vectors, nint parts, nint k,
        E* a, nint rsA, nint csA, nint jump, B b, E* c, nint rsC, bool accumulate)
        where E : unmanaged where T : struct, ILane<T> where B : struct, IRows<E> =>
        Run<E, T, B>(rows, vectors, 1, parts, k, a, rsA, csA, jump, b, c, rsC, accumulate ? c : null, rsC);

    /// <summary>C = A·B [+ plus] of several panels side by side; plus may be C itself, or one row for all, at distance 0.</summary>
    [MethodImpl(Inline)]
    public static void Run<E, T, B>(int rows, int vectors, nint panels, nint parts, nint k,
        E* a, nint rsA, nint csA, nint jump, B b, E* c, nint rsC, E* plus, nint rsPlus)
        where E : unmanaged where T : struct, ILane<T> where B : struct, IRows<E>
    {
        if (vectors == 1) Rows<E, T, N1, B>(rows, panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus);
        else Rows<E, T, N2, B>(rows, panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Rows<E, T, W, B>(int rows, nint panels, nint parts, nint k, E* a, nint rsA, nint csA, nint jump, B b, E* c, nint rsC, E* plus, nint rsPlus)
        where E : unmanaged where T : struct, ILane<T> where W : INumber where B : struct, IRows<E>
    {
        switch (rows)
        {
            case 1: Run<E, T, N1, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            case 2: Run<E, T, N2, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            case 3: Run<E, T, N3, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            case 4: Run<E, T, N4, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            case 5: Run<E, T, N5, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            case 6: Run<E, T, N6, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            case 7: Run<E, T, N7, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            case 8: Run<E, T, N8, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            case 9: Run<E, T, N9, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            case 10: Run<E, T, N10, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            case 11: Run<E, T, N11, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
            default: Run<E, T, N12, W, B>(panels, parts, k, a, rsA, csA, jump, b, c, rsC, plus, rsPlus); break;
        }
    }
}
