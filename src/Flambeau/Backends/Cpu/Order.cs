using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Flambeau.Backends.Cpu;

/// <summary>The order of elements: NaN after all numbers, −0 equal to 0.</summary>
internal static class Order
{
    /// <summary>An unsigned number of the element's size that orders as the element does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Key<E>(E x) where E : unmanaged
    {
        if (typeof(E) == typeof(float))
        {
            float f = (float)(object)x;
            if (float.IsNaN(f)) return uint.MaxValue;
            uint b = BitConverter.SingleToUInt32Bits(f + 0f);                   // −0 + 0 = 0
            return b ^ ((uint)((int)b >> 31) | 0x8000_0000);
        }
        if (typeof(E) == typeof(double))
        {
            double f = (double)(object)x;
            if (double.IsNaN(f)) return ulong.MaxValue;
            ulong b = BitConverter.DoubleToUInt64Bits(f + 0d);
            return b ^ ((ulong)((long)b >> 63) | 0x8000_0000_0000_0000);
        }
        if (typeof(E) == typeof(Half)) return Upper((float)(Half)(object)x, BitConverter.HalfToUInt16Bits((Half)(object)x));
        if (typeof(E) == typeof(BFloat16)) return Upper((BFloat16)(object)x, ((BFloat16)(object)x).Bits);
        if (typeof(E) == typeof(bool)) return (bool)(object)x ? 1u : 0;
        if (typeof(E) == typeof(byte)) return (byte)(object)x;
        if (typeof(E) == typeof(sbyte)) return (byte)((byte)(sbyte)(object)x ^ 0x80);
        if (typeof(E) == typeof(short)) return (ushort)((ushort)(short)(object)x ^ 0x8000);
        if (typeof(E) == typeof(int)) return (uint)(int)(object)x ^ 0x8000_0000;
        return (ulong)(long)(object)x ^ 0x8000_0000_0000_0000;

        static ulong Upper(float f, ushort b) => float.IsNaN(f) ? ushort.MaxValue : (ushort)(f == 0 ? 0x8000 : b ^ ((short)b >> 15 | 0x8000));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNan<E>(E x) where E : unmanaged
    {
        if (typeof(E) == typeof(float)) return float.IsNaN((float)(object)x);
        if (typeof(E) == typeof(double)) return double.IsNaN((double)(object)x);
        if (typeof(E) == typeof(Half)) return Half.IsNaN((Half)(object)x);
        if (typeof(E) == typeof(BFloat16)) return float.IsNaN((BFloat16)(object)x);
        return false;
    }

    /// <summary>a &lt; b; false where one is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Less<E>(E a, E b) where E : unmanaged
    {
        if (typeof(E) == typeof(float)) return (float)(object)a < (float)(object)b;
        if (typeof(E) == typeof(double)) return (double)(object)a < (double)(object)b;
        if (typeof(E) == typeof(Half)) return (Half)(object)a < (Half)(object)b;
        if (typeof(E) == typeof(BFloat16)) return (float)(BFloat16)(object)a < (BFloat16)(object)b;
        if (typeof(E) == typeof(bool)) return !(bool)(object)a & (bool)(object)b;
        if (typeof(E) == typeof(byte)) return (byte)(object)a < (byte)(object)b;
        if (typeof(E) == typeof(sbyte)) return (sbyte)(object)a < (sbyte)(object)b;
        if (typeof(E) == typeof(short)) return (short)(object)a < (short)(object)b;
        if (typeof(E) == typeof(int)) return (int)(object)a < (int)(object)b;
        return (long)(object)a < (long)(object)b;
    }

    /// <summary>a ≥ b; false where one is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AtLeast<E>(E a, E b) where E : unmanaged
    {
        if (typeof(E) == typeof(float)) return (float)(object)a >= (float)(object)b;
        if (typeof(E) == typeof(double)) return (double)(object)a >= (double)(object)b;
        if (typeof(E) == typeof(Half) || typeof(E) == typeof(BFloat16)) return !Less(a, b) && !IsNan(a) && !IsNan(b);
        return !Less(a, b);
    }
}

/// <summary>An element's key and its place in the line, ordered by both: sorting them is stable however it is done.</summary>
internal interface IPlaced<T> : IComparable<T> where T : unmanaged, IPlaced<T>
{
    static abstract T Make(ulong key, long index);
    static abstract bool Less(T a, T b);
    static abstract void Sort(Span<T> items);
    ulong Key { get; }
    long Index { get; }
}

/// <summary>Keys of up to 32 bits: one number.</summary>
internal readonly struct Placed32(ulong bits) : IPlaced<Placed32>
{
    readonly ulong _bits = bits;

    public static Placed32 Make(ulong key, long index) => new(key << 32 | (ulong)index);
    public static bool Less(Placed32 a, Placed32 b) => a._bits < b._bits;
    public static void Sort(Span<Placed32> items) => MemoryMarshal.Cast<Placed32, ulong>(items).Sort();
    public ulong Key => _bits >> 32;
    public long Index => (uint)_bits;
    public int CompareTo(Placed32 other) => _bits.CompareTo(other._bits);
}

internal readonly struct Placed64(ulong key, long index) : IPlaced<Placed64>
{
    public static Placed64 Make(ulong key, long index) => new(key, index);
    public static bool Less(Placed64 a, Placed64 b) => a.Key < b.Key || a.Key == b.Key && a.Index < b.Index;
    public static void Sort(Span<Placed64> items) => items.Sort();
    public ulong Key { get; } = key;
    public long Index { get; } = index;
    public int CompareTo(Placed64 other) => Key != other.Key ? Key.CompareTo(other.Key) : Index.CompareTo(other.Index);
}
