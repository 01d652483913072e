using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// Products of which a thread does thousands in a millisecond, as a batch: nothing is packed, and nothing is set up. What is left of C beside whole panels is one vector or two that
/// end with the row and overlap what is there already, to the same bits; a row shorter than a vector takes a narrower one.
/// </summary>
internal static unsafe class Small
{
    /// <summary>Whether a product is small, and lies so that it needs no other way.</summary>
    public static bool Fits<E, T>(in Product<E> p) where E : unmanaged where T : struct, ILane<T> =>
        p.M > 1 && p.CsC == 1 && !p.Accumulate && p.N >= V128<E>.Count && p.K > 0 && (p.CsB == 1 || (p.RsB == 1 && !Skinny.TakesColumns<E, T>(in p))) &&
        p.N * p.K * sizeof(E) <= Blocked.SmallBytes && p.M * p.N * p.K <= Blocked.WorkPerClaim;

    /// <summary>The product <paramref name="p"/> of other matrices that lie alike.</summary>
    public static void Run<E>(in Product<E> p, E* a, E* b, E* c) where E : unmanaged, INumberBase<E>
    {
        if (Vector512.IsHardwareAccelerated && p.N >= V512<E>.Count) Run<E, V512<E>>(in p, a, b, c);
        else if (Vector256.IsHardwareAccelerated && p.N >= V256<E>.Count) Run<E, V256<E>>(in p, a, b, c);
        else Run<E, V128<E>>(in p, a, b, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Run<E, T>(in Product<E> p, E* a, E* b, E* c) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        nint n = (nint)p.N, k = (nint)p.K, w = 2 * T.Count, panels = n / w, rest = n % w;
        nint rsA = (nint)p.RsA, csA = (nint)p.CsA, rsB = (nint)p.RsB, rsC = (nint)p.RsC;
        E* bias = p.Bias;
        if (p.CsB != 1)
        {
            E* columns = b;
            b = Scratch.Get<E>(Scratch.Use.B, n * k);
            Pack.TurnRows(columns, (nint)p.CsB, n, b, n, k);
            rsB = n;
        }
        // What is left: two vectors, or one, or, where they are all there is, one at the beginning and one at the end.
        int vectors = panels > 0 && rest > T.Count ? 2 : 1;
        nint last = n - vectors * T.Count;
        for (nint m = (nint)p.M, tiles = (m + Tile.MaxRows - 1) / Tile.MaxRows; tiles > 0; tiles--)
        {
            int h = (int)((m + tiles - 1) / tiles);
            // C's next rows, or the next product's: a result is not in the first caches, and lines that a short sum's tile asks for by itself come too late.
            if (k < Tile.LongEnough && n > T.Count)
                for (int i = h; i < 2 * h; i++) Pack.Prefetch(c + i * rsC, (int)n);
            if (panels > 0) Tile.Run<E, T, PanelRows<E>>(h, 2, panels, 1, k, a, rsA, csA, 0, new(b, rsB, w - k * rsB), c, rsC, bias, 0);
            else if (rest > T.Count) Tile.Run<E, T, EvenRows<E>>(h, 1, 1, 1, k, a, rsA, csA, 0, new(b, rsB), c, rsC, bias, 0);
            if (rest > 0) Tile.Run<E, T, EvenRows<E>>(h, vectors, 1, 1, k, a, rsA, csA, 0, new(b + last, rsB), c + last, rsC, bias == null ? null : bias + last, 0);
            a += h * rsA;
            c += h * rsC;
            m -= h;
        }
    }
}
