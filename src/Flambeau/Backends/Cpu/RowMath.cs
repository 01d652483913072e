namespace Flambeau.Backends.Cpu;

/// <summary>What kernels compute of a contiguous row.</summary>
internal static unsafe class RowMath<L> where L : struct, ILane<L>
{
    /// <summary>Sums in float lanes go into a double after this many elements.</summary>
    public const long Stretch = 4096;

    /// <summary>The largest of a row. A NaN may be passed over: it will show in the sum.</summary>
    public static double Max(byte* x, long n)
    {
        int w = L.Count, e = Tail<L>.Size;
        L a = L.Const(double.NegativeInfinity), b = a;
        long i = 0;
        for (; i + 2 * w <= n; i += 2 * w)
        {
            a = L.MaxNative(a, L.Load(x + i * e));
            b = L.MaxNative(b, L.Load(x + (i + w) * e));
        }
        for (; i + w <= n; i += w) a = L.MaxNative(a, L.Load(x + i * e));
        if (i < n) b = L.MaxNative(b, Tail<L>.Load(x + i * e, (int)(n - i), b));
        return Tail<L>.Max(L.MaxNative(a, b));
    }

    /// <summary>Σ e^{x − max}; the terms go to y unless it is null.</summary>
    public static double ExpSum(byte* x, long n, double max, byte* y)
    {
        int w = L.Count, e = Tail<L>.Size;
        L m = L.Const(max);
        double total = 0;
        long i = 0;
        while (i + w <= n)
        {
            L sum = L.Zero;
            for (long stop = Math.Min(n, i + Stretch); i + w <= stop; i += w)
            {
                L t = L.Exp(L.Load(x + i * e) - m);
                if (y != null) L.Store(t, y + i * e);
                sum += t;
            }
            total += Tail<L>.Sum(sum);
        }
        if (i < n)
        {
            L t = L.Exp(Tail<L>.Load(x + i * e, (int)(n - i), L.Const(double.NegativeInfinity)) - m);
            if (y != null) Tail<L>.Store(t, y + i * e, (int)(n - i));
            total += Tail<L>.Sum(t);
        }
        return total;
    }
}
