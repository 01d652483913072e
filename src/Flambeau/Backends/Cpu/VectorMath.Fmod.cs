using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

internal static unsafe partial class VectorMath
{
    /// <summary>
    /// C's fmod, exactly. Where the quotient is small, r = a − trunc(a/b)·b needs no more bits than b has, so that a fused multiply-add does not round it. Division rounds
    /// a quotient up to the next whole number at most: then r has the wrong sign and is one b too far. Other numbers go one by one.
    /// </summary>
    [MethodImpl(Inline)]
    public static T Fmod<T>(T a, T b) where T : struct, ILane<T>
    {
        T q = T.Trunc(a / b), size = T.Abs(b);
        T isFit = T.And(T.Less(T.Abs(q), Const<T>(4194304, 2251799813685248)), T.Less(size, T.Const(double.PositiveInfinity)));
        // What is near the subnormal numbers has no such bits to spare.
        isFit = T.And(isFit, T.Less(Const<T>(1e-30, 1e-280), size));
        if (T.MaskBits(isFit) != (T.Count == 64 ? ~0UL : (1UL << T.Count) - 1)) return FmodEach(a, b);
        T r = T.Fma(-q, b, a);
        T past = T.Or(T.And(T.Less(r, T.Zero), T.Less(T.Zero, a)), T.And(T.Less(T.Zero, r), T.Less(a, T.Zero)));
        return T.CopySign(T.Where(past, size - T.Abs(r), r), a);
    }

    /// <summary>Number by number.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static T FmodEach<T>(T a, T b) where T : struct, ILane<T>
    {
        byte* p = stackalloc byte[64], q = stackalloc byte[64];
        T.Store(a, p);
        T.Store(b, q);
        for (int i = 0; i < T.Count; i++)
            if (T.IsDouble) ((double*)p)[i] %= ((double*)q)[i];
            else ((float*)p)[i] %= ((float*)q)[i];
        return T.Load(p);
    }
}
