using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau;

/// <summary>Conversion between element types, as C converts: floats to integers toward zero, wrapping around; anything but 0 is true.</summary>
internal static class Element
{
    /// <summary>Every branch is decided when the pair is compiled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TTo Convert<TFrom, TTo>(TFrom x) where TFrom : unmanaged where TTo : unmanaged
    {
        if (typeof(TFrom) == typeof(TTo)) return (TTo)(object)x;
        if (typeof(TFrom) == typeof(Complex)) return FromComplex<TTo>((Complex)(object)x);
        if (typeof(TFrom) == typeof(Complex64)) return FromComplex<TTo>((Complex64)(object)x);
        if (typeof(TFrom) == typeof(double)) return FromDouble<TTo>((double)(object)x);
        if (typeof(TFrom) == typeof(float)) return FromFloat<TTo>((float)(object)x);
        if (typeof(TFrom) == typeof(Half)) return FromFloat<TTo>((float)(Half)(object)x);
        if (typeof(TFrom) == typeof(BFloat16)) return FromFloat<TTo>((BFloat16)(object)x);
        if (typeof(TFrom) == typeof(bool)) return FromLong<TTo>((bool)(object)x ? 1 : 0);
        if (typeof(TFrom) == typeof(byte)) return FromLong<TTo>((byte)(object)x);
        if (typeof(TFrom) == typeof(sbyte)) return FromLong<TTo>((sbyte)(object)x);
        if (typeof(TFrom) == typeof(short)) return FromLong<TTo>((short)(object)x);
        if (typeof(TFrom) == typeof(int)) return FromLong<TTo>((int)(object)x);
        return FromLong<TTo>((long)(object)x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TTo FromComplex<TTo>(Complex x) where TTo : unmanaged
    {
        if (typeof(TTo) == typeof(Complex)) return (TTo)(object)x;
        if (typeof(TTo) == typeof(Complex64)) return (TTo)(object)(Complex64)x;
        if (typeof(TTo) == typeof(bool)) return (TTo)(object)(x != Complex.Zero);
        return FromDouble<TTo>(x.Real);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TTo FromFloat<TTo>(float x) where TTo : unmanaged
    {
        if (typeof(TTo) == typeof(float)) return (TTo)(object)x;
        if (typeof(TTo) == typeof(Half)) return (TTo)(object)(Half)x;
        if (typeof(TTo) == typeof(BFloat16)) return (TTo)(object)(BFloat16)x;
        return FromDouble<TTo>(x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TTo FromDouble<TTo>(double x) where TTo : unmanaged
    {
        if (typeof(TTo) == typeof(double)) return (TTo)(object)x;
        if (typeof(TTo) == typeof(float)) return (TTo)(object)(float)x;
        if (typeof(TTo) == typeof(Half)) return (TTo)(object)(Half)x;
        if (typeof(TTo) == typeof(BFloat16)) return (TTo)(object)(BFloat16)x;
        if (typeof(TTo) == typeof(Complex64)) return (TTo)(object)new Complex64((float)x, 0);
        if (typeof(TTo) == typeof(Complex)) return (TTo)(object)new Complex(x, 0);
        if (typeof(TTo) == typeof(bool)) return (TTo)(object)(x != 0);
        return FromLong<TTo>((long)x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TTo FromLong<TTo>(long x) where TTo : unmanaged
    {
        if (typeof(TTo) == typeof(long)) return (TTo)(object)x;
        if (typeof(TTo) == typeof(int)) return (TTo)(object)(int)x;
        if (typeof(TTo) == typeof(short)) return (TTo)(object)(short)x;
        if (typeof(TTo) == typeof(sbyte)) return (TTo)(object)(sbyte)x;
        if (typeof(TTo) == typeof(byte)) return (TTo)(object)(byte)x;
        if (typeof(TTo) == typeof(bool)) return (TTo)(object)(x != 0);
        if (typeof(TTo) == typeof(float)) return (TTo)(object)(float)x;
        if (typeof(TTo) == typeof(double)) return (TTo)(object)(double)x;
        if (typeof(TTo) == typeof(Half)) return (TTo)(object)(Half)x;
        if (typeof(TTo) == typeof(BFloat16)) return (TTo)(object)(BFloat16)(float)x;
        if (typeof(TTo) == typeof(Complex64)) return (TTo)(object)new Complex64(x, 0);
        return (TTo)(object)new Complex(x, 0);
    }
}

/// <summary>Something to do for an element type that is known only at run time: the house's one switch over dtypes.</summary>
internal interface IElementVisitor
{
    void Visit<E>() where E : unmanaged;
}

internal static class ElementDispatch
{
    public static void Visit<TVisitor>(DType t, ref TVisitor v) where TVisitor : IElementVisitor, allows ref struct
    {
        switch (t)
        {
            case DType.Bool: v.Visit<bool>(); break;
            case DType.UInt8: v.Visit<byte>(); break;
            case DType.Int8: v.Visit<sbyte>(); break;
            case DType.Int16: v.Visit<short>(); break;
            case DType.Int32: v.Visit<int>(); break;
            case DType.Int64: v.Visit<long>(); break;
            case DType.Float16: v.Visit<Half>(); break;
            case DType.BFloat16: v.Visit<BFloat16>(); break;
            case DType.Float32: v.Visit<float>(); break;
            case DType.Float64: v.Visit<double>(); break;
            case DType.Complex64: v.Visit<Complex64>(); break;
            default: v.Visit<Complex>(); break;
        }
    }
}
