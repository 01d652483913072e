using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// How products of bytes are summed: words of 32 bits hold <see cref="Depth"/> neighbours along k, four bytes or two widened ones; a vector holds the words of as many columns.
/// </summary>
internal unsafe interface IByteWords<V> where V : struct
{
    static abstract int Columns { get; }
    static abstract int Depth { get; }

    /// <summary>What is added to the left factor's bytes, 128 where they must be unsigned.</summary>
    static abstract int Bias { get; }

    static abstract V Load(int* p);
    static abstract V Broadcast(int* p);
    static abstract void Store(V x, int* p);

    /// <summary>sum + the products of each word's parts.</summary>
    static abstract V MultiplyAdd(V sum, V a, V b);
}

/// <summary>Four bytes a word, the left ones unsigned: <c>vpdpbusd</c>.</summary>
internal readonly unsafe struct UnsignedBySigned : IByteWords<Vector256<int>>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public static int Columns { [MethodImpl(Inline)] get => 8; }
    public static int Depth { [MethodImpl(Inline)] get => 4; }
    public static int Bias { [MethodImpl(Inline)] get => 128; }
    [MethodImpl(Inline)] public static Vector256<int> Load(int* p) => Vector256.Load(p);
    [MethodImpl(Inline)] public static Vector256<int> Broadcast(int* p) => Vector256.Create(*p);
    [MethodImpl(Inline)] public static void Store(Vector256<int> x, int* p) => x.Store(p);
    [MethodImpl(Inline)] public static Vector256<int> MultiplyAdd(Vector256<int> sum, Vector256<int> a, Vector256<int> b) => AvxVnni.MultiplyWideningAndAdd(sum, a.AsByte(), b.AsSByte());
}

/// <summary>Four signed bytes a word: <c>vpdpbssd</c>.</summary>
internal readonly unsafe struct SignedBySigned : IByteWords<Vector256<int>>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public static int Columns { [MethodImpl(Inline)] get => 8; }
    public static int Depth { [MethodImpl(Inline)] get => 4; }
    public static int Bias { [MethodImpl(Inline)] get => 0; }
    [MethodImpl(Inline)] public static Vector256<int> Load(int* p) => Vector256.Load(p);
    [MethodImpl(Inline)] public static Vector256<int> Broadcast(int* p) => Vector256.Create(*p);
    [MethodImpl(Inline)] public static void Store(Vector256<int> x, int* p) => x.Store(p);
    [MethodImpl(Inline)] public static Vector256<int> MultiplyAdd(Vector256<int> sum, Vector256<int> a, Vector256<int> b) => AvxVnniInt8.MultiplyWideningAndAdd(sum, a.AsSByte(), b.AsSByte());
}

/// <summary>Two widened bytes a word, 512 bits: <c>vpmaddwd</c>.</summary>
internal readonly unsafe struct Pairs512 : IByteWords<Vector512<int>>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public static int Columns { [MethodImpl(Inline)] get => 16; }
    public static int Depth { [MethodImpl(Inline)] get => 2; }
    public static int Bias { [MethodImpl(Inline)] get => 0; }
    [MethodImpl(Inline)] public static Vector512<int> Load(int* p) => Vector512.Load(p);
    [MethodImpl(Inline)] public static Vector512<int> Broadcast(int* p) => Vector512.Create(*p);
    [MethodImpl(Inline)] public static void Store(Vector512<int> x, int* p) => x.Store(p);
    [MethodImpl(Inline)] public static Vector512<int> MultiplyAdd(Vector512<int> sum, Vector512<int> a, Vector512<int> b) => sum + Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16());
}

/// <summary>Two widened bytes a word, 256 bits.</summary>
internal readonly unsafe struct Pairs256 : IByteWords<Vector256<int>>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public static int Columns { [MethodImpl(Inline)] get => 8; }
    public static int Depth { [MethodImpl(Inline)] get => 2; }
    public static int Bias { [MethodImpl(Inline)] get => 0; }
    [MethodImpl(Inline)] public static Vector256<int> Load(int* p) => Vector256.Load(p);
    [MethodImpl(Inline)] public static Vector256<int> Broadcast(int* p) => Vector256.Create(*p);
    [MethodImpl(Inline)] public static void Store(Vector256<int> x, int* p) => x.Store(p);
    [MethodImpl(Inline)] public static Vector256<int> MultiplyAdd(Vector256<int> sum, Vector256<int> a, Vector256<int> b) => sum + Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16());
}

/// <summary>Two widened bytes a word, 128 bits, on every machine.</summary>
internal readonly unsafe struct Pairs128 : IByteWords<Vector128<int>>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public static int Columns { [MethodImpl(Inline)] get => 4; }
    public static int Depth { [MethodImpl(Inline)] get => 2; }
    public static int Bias { [MethodImpl(Inline)] get => 0; }
    [MethodImpl(Inline)] public static Vector128<int> Load(int* p) => Vector128.Load(p);
    [MethodImpl(Inline)] public static Vector128<int> Broadcast(int* p) => Vector128.Create(*p);
    [MethodImpl(Inline)] public static void Store(Vector128<int> x, int* p) => x.Store(p);

    [MethodImpl(Inline)]
    public static Vector128<int> MultiplyAdd(Vector128<int> sum, Vector128<int> a, Vector128<int> b) => sum + (Sse2.IsSupported
        ? Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())
        : ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16));
}
