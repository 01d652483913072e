using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flambeau.Backends.Cpu;

/// <summary>How the elements of a tensor become a lane and a lane becomes elements.</summary>
internal unsafe interface ICodec<L> where L : struct, ILane<L>
{
    /// <summary>Bytes an element takes in memory.</summary>
    static abstract int Size { get; }
    static abstract L Load(void* p);
    static abstract void Store(L x, void* p);

    /// <summary>Stores past the caches, where that is possible; p lies on a whole vector.</summary>
    static virtual void Stream(L x, void* p) => throw new NotSupportedException();
}

/// <summary>Floats as floats, doubles as doubles.</summary>
internal readonly unsafe struct Direct<L> : ICodec<L> where L : struct, ILane<L>
{
    public static int Size { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => L.IsDouble ? 8 : 4; }
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static L Load(void* p) => L.Load(p);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(L x, void* p) => L.Store(x, p);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Stream(L x, void* p) => L.Stream(x, p);
}

/// <summary>Half precision in memory, float in the lane.</summary>
internal readonly unsafe struct Halves<L> : ICodec<L> where L : struct, ILane<L>
{
    public static int Size { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 2; }
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static L Load(void* p) => L.LoadHalf(p);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(L x, void* p) => L.StoreHalf(x, p);
}

/// <summary>bfloat16 in memory, float in the lane.</summary>
internal readonly unsafe struct BFloats<L> : ICodec<L> where L : struct, ILane<L>
{
    public static int Size { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 2; }
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static L Load(void* p) => L.LoadBFloat16(p);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(L x, void* p) => L.StoreBFloat16(x, p);
}

/// <summary>A mask in the lane, bools in memory. Results only.</summary>
internal readonly unsafe struct Bools<L> : ICodec<L> where L : struct, ILane<L>
{
    public static int Size { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 1; }

    public static L Load(void* p) => throw new NotSupportedException();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(L x, void* p)
    {
        ulong m = L.MaskBits(x);
        if (L.Count == 2) *(ushort*)p = (ushort)Spread(m);
        else if (L.Count == 4) *(uint*)p = (uint)Spread(m);
        else for (int i = 0; i < L.Count; i += 8) *(ulong*)((byte*)p + i) = Spread(m >> i & 0xff);
    }

    /// <summary>Eight bits to eight bytes: byte n keeps bit n, and what is not 0 becomes 1 by a carry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Spread(ulong bits) => ((bits * 0x0101010101010101 & 0x8040201008040201) + 0x7f7f7f7f7f7f7f7f) >> 7 & 0x0101010101010101;
}

/// <summary>Something to do with the lane and the codec of a floating-point dtype: the house's one switch over these.</summary>
internal interface ILaneVisitor
{
    void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>;
}

internal static class LaneDispatch
{
    public static void Visit<TVisitor>(DType t, ref TVisitor v) where TVisitor : struct, ILaneVisitor, allows ref struct
    {
        if (t == DType.Float64)
        {
            if (Vector512.IsHardwareAccelerated) v.Visit<V512<double>, Direct<V512<double>>>();
            else if (Vector256.IsHardwareAccelerated) v.Visit<V256<double>, Direct<V256<double>>>();
            else v.Visit<V128<double>, Direct<V128<double>>>();
        }
        else if (Vector512.IsHardwareAccelerated) Visit<TVisitor, V512<float>>(t, ref v);
        else if (Vector256.IsHardwareAccelerated) Visit<TVisitor, V256<float>>(t, ref v);
        else Visit<TVisitor, V128<float>>(t, ref v);
    }

    static void Visit<TVisitor, L>(DType t, ref TVisitor v) where TVisitor : struct, ILaneVisitor, allows ref struct where L : struct, ILane<L>
    {
        switch (t)
        {
            case DType.Float32: v.Visit<L, Direct<L>>(); break;
            case DType.Float16: v.Visit<L, Halves<L>>(); break;
            case DType.BFloat16: v.Visit<L, BFloats<L>>(); break;
            default: throw new NotSupportedException($"No lanes for {t}.");
        }
    }
}
