using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// A right factor laid out once for products with many left factors: panels of two vectors of columns, one after the other, each in the order in which <see cref="Tile"/> reads it.
/// </summary>
internal static unsafe class Panels<E, T> where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
{
    const long PartBytes = 32 << 10;                  // of a panel, which stays in L1 while it meets all rows

    /// <summary>How many columns a panel holds.</summary>
    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * T.Count;
    }

    /// <summary>Lays <paramref name="columns"/> ≤ <see cref="Width"/> columns out, k numbers each: column j begins at b + j · csB.</summary>
    public static void Pack(E* b, long rsB, long csB, int columns, long k, E* to) => Cpu.Pack.Panel<E, T>(b, csB, rsB, columns, Vectors(columns) * T.Count, k, to);

    static int Vectors(int columns) => columns <= T.Count ? 1 : 2;

    /// <summary>C (rows × columns, rows rsC apart) += A (rows × k, rows rsA apart) · the panel.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(long rows, int columns, long k, E* a, long rsA, E* panel, E* c, long rsC)
    {
        E* edge = stackalloc E[Tile.MaxRows * Width];
        int vectors = Vectors(columns), room = vectors * T.Count;
        long tiles = Partition.Count(rows, Tile.MaxRows), part = tiles == 1 ? k : Partition.Even(k, PartBytes / (room * sizeof(E)));
        for (long q = 0; q < k; q += part)
        {
            nint n = (nint)Math.Min(part, k - q);
            EvenRows<E> b = new(panel + q * room, room);
            for (long i = 0; i < tiles; i++)
            {
                long row = Partition.Begin(rows, tiles, i);
                int h = (int)(Partition.Begin(rows, tiles, i + 1) - row);
                E* to = c + row * rsC;
                if (columns == room) Tile.Run<E, T, EvenRows<E>>(h, vectors, n, a + row * rsA + q, (nint)rsA, 1, b, to, (nint)rsC, true);
                else
                {
                    Tile.Run<E, T, EvenRows<E>>(h, vectors, n, a + row * rsA + q, (nint)rsA, 1, b, edge, room, false);
                    for (int r = 0; r < h; r++)
                        for (int j = 0; j < columns; j++) to[r * rsC + j] += edge[r * room + j];
                }
            }
        }
    }

    /// <summary>How many whole panels <see cref="AddRow"/> takes.</summary>
    public const int Together = 4;

    /// <summary>
    /// One row by four panels that follow each other, each added to its own c: eight sums hide the latency that two would wait for, and four streams are read side by side.
    /// To the same bits as <see cref="Add"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddRow(nint k, E* a, E* panels, E* c0, E* c1, E* c2, E* c3)
    {
        E* p0 = panels, p1 = p0 + k * Width, p2 = p1 + k * Width, p3 = p2 + k * Width;
        T s0 = T.Zero, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        for (nint at = 0, end = k * Width; at < end; at += Width, a++)
        {
            T x = T.Broadcast(a);
            s0 = T.MulAdd(x, T.Load(p0 + at), s0);
            s1 = T.MulAdd(x, T.Load(p0 + at + T.Count), s1);
            s2 = T.MulAdd(x, T.Load(p1 + at), s2);
            s3 = T.MulAdd(x, T.Load(p1 + at + T.Count), s3);
            s4 = T.MulAdd(x, T.Load(p2 + at), s4);
            s5 = T.MulAdd(x, T.Load(p2 + at + T.Count), s5);
            s6 = T.MulAdd(x, T.Load(p3 + at), s6);
            s7 = T.MulAdd(x, T.Load(p3 + at + T.Count), s7);
        }
        Join(s0, s1, c0);
        Join(s2, s3, c1);
        Join(s4, s5, c2);
        Join(s6, s7, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Join(T l, T r, E* c)
    {
        T.Store(l + T.Load(c), c);
        T.Store(r + T.Load(c + T.Count), c + T.Count);
    }
}
