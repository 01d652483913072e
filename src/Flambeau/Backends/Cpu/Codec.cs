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
    public static int Size => L.IsDouble ? 8 : 4;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static L Load(void* p) => L.Load(p);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(L x, void* p) => L.Store(x, p);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Stream(L x, void* p) => L.Stream(x, p);
}

/// <summary>Half precision in memory, float in the lane.</summary>
internal readonly unsafe struct Halves<L> : ICodec<L> where L : struct, ILane<L>
{
    public static int Size => 2;

    public static L Load(void* p)
    {
        float* t = stackalloc float[16];
        for (int i = 0; i < L.Count; i++) t[i] = (float)((Half*)p)[i];
        return L.Load(t);
    }

    public static void Store(L x, void* p)
    {
        float* t = stackalloc float[16];
        L.Store(x, t);
        for (int i = 0; i < L.Count; i++) ((Half*)p)[i] = (Half)t[i];
    }
}

/// <summary>bfloat16 in memory, float in the lane.</summary>
internal readonly unsafe struct BFloats<L> : ICodec<L> where L : struct, ILane<L>
{
    public static int Size => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Load(void* p)
    {
        float* t = stackalloc float[16];
        for (int i = 0; i < L.Count; i++) t[i] = ((BFloat16*)p)[i];
        return L.Load(t);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(L x, void* p)
    {
        float* t = stackalloc float[16];
        L.Store(x, t);
        for (int i = 0; i < L.Count; i++) ((BFloat16*)p)[i] = (BFloat16)t[i];
    }
}

/// <summary>A mask in the lane, bools in memory. Results only.</summary>
internal readonly unsafe struct Bools<L> : ICodec<L> where L : struct, ILane<L>
{
    public static int Size => 1;

    public static L Load(void* p) => throw new NotSupportedException();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(L x, void* p)
    {
        ulong m = L.MaskBits(x);
        for (int i = 0; i < L.Count; i++) ((byte*)p)[i] = (byte)(m >> i & 1);
    }
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
