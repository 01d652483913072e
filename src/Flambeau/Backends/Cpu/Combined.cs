using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Backends.Reference;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A reducing operation on two numbers of any element type; floats go through double, whose result rounds to what they would give.</summary>
internal static unsafe class Combined<TOp> where TOp : struct, IReduceOp
{
    /// <summary>Every branch is decided when the type is compiled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static E Of<E>(E a, E b) where E : unmanaged
    {
        if (typeof(TOp) == typeof(LastOp)) return b;
        if (typeof(E) == typeof(float) && typeof(TOp) == typeof(SumOp)) return (E)(object)((float)(object)a + (float)(object)b);
        if (typeof(E) == typeof(float)) return (E)(object)(float)TOp.Real(new Ref((float)(object)a), new Ref((float)(object)b)).Value;
        if (typeof(E) == typeof(double)) return (E)(object)TOp.Real(new Ref((double)(object)a), new Ref((double)(object)b)).Value;
        if (typeof(E) == typeof(Half)) return (E)(object)(Half)TOp.Real(new Ref((double)(Half)(object)a), new Ref((double)(Half)(object)b)).Value;
        if (typeof(E) == typeof(BFloat16)) return (E)(object)(BFloat16)TOp.Real(new Ref((BFloat16)(object)a), new Ref((BFloat16)(object)b)).Value;
        if (typeof(E) == typeof(long)) return (E)(object)TOp.Integer(new Int<long>((long)(object)a), new Int<long>((long)(object)b)).Value;
        if (typeof(E) == typeof(int)) return (E)(object)TOp.Integer(new Int<int>((int)(object)a), new Int<int>((int)(object)b)).Value;
        if (typeof(E) == typeof(short)) return (E)(object)TOp.Integer(new Int<short>((short)(object)a), new Int<short>((short)(object)b)).Value;
        if (typeof(E) == typeof(sbyte)) return (E)(object)TOp.Integer(new Int<sbyte>((sbyte)(object)a), new Int<sbyte>((sbyte)(object)b)).Value;
        if (typeof(E) == typeof(byte)) return (E)(object)TOp.Integer(new Int<byte>((byte)(object)a), new Int<byte>((byte)(object)b)).Value;
        if (typeof(E) == typeof(bool)) return (E)(object)TOp.Integer(new Bit((bool)(object)a), new Bit((bool)(object)b)).Value;
        if (typeof(E) == typeof(Complex)) return (E)(object)TOp.Complex(new Cx((Complex)(object)a), new Cx((Complex)(object)b)).Value;
        return (E)(object)(Complex64)TOp.Complex(new Cx((Complex64)(object)a), new Cx((Complex64)(object)b)).Value;
    }

    /// <summary>to[i · st] ∘= from[i · sf]</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row<E>(E* to, long st, E* from, long sf, long n) where E : unmanaged
    {
        long i = 0;
        if (st == 1 && sf == 1)
        {
            if (typeof(TOp) == typeof(LastOp))
            {
                Buffer.MemoryCopy(from, to, n * sizeof(E), n * sizeof(E));
                return;
            }
            if (Vector<E>.IsSupported && typeof(E) != typeof(bool))
                for (int w = Vector<E>.Count; i + w <= n; i += w) Vector.Store(Lanes(Vector.Load(to + i), Vector.Load(from + i)), to + i);
        }
        for (; i < n; i++) to[i * st] = Of(to[i * st], from[i * sf]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<E> Lanes<E>(Vector<E> a, Vector<E> b) =>
        typeof(TOp) == typeof(SumOp) ? a + b : typeof(TOp) == typeof(ProdOp) ? a * b : typeof(TOp) == typeof(MaxOp) ? Vector.Max(a, b) : Vector.Min(a, b);
}
