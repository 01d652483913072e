using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>What kernels compute of a contiguous row.</summary>
internal static unsafe class RowMath<L> where L : struct, ILane<L>
{
    const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    /// <summary>Sums in float lanes go into a double after this many elements.</summary>
    public const long Stretch = 4096;

    /// <summary>The largest of a row. A NaN may be passed over: it will show in the sum.</summary>
    [MethodImpl(Hot)]
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
    [MethodImpl(Hot)]
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

    /// <summary>Σ x</summary>
    [MethodImpl(Hot)]
    public static double Sum(byte* x, long n)
    {
        int w = L.Count, e = Tail<L>.Size;
        double total = 0;
        long i = 0;
        while (i + w <= n)
        {
            L a = L.Zero, b = a, c = a, d = a;
            long stop = Math.Min(n, i + Stretch);
            for (; i + 4 * w <= stop; i += 4 * w)
            {
                a += L.Load(x + i * e);
                b += L.Load(x + (i + w) * e);
                c += L.Load(x + (i + 2 * w) * e);
                d += L.Load(x + (i + 3 * w) * e);
            }
            for (; i + w <= stop; i += w) a += L.Load(x + i * e);
            total += Tail<L>.Sum(a + b + (c + d));
        }
        for (; i < n; i++) total += Tail<L>.Get(x, i);
        return total;
    }

    /// <summary>Σ (x − mean)²</summary>
    [MethodImpl(Hot)]
    public static double Spread(byte* x, long n, double mean)
    {
        int w = L.Count, e = Tail<L>.Size;
        L m = L.Const(mean);
        double total = 0;
        long i = 0;
        while (i + w <= n)
        {
            L a = L.Zero, b = a, c = a, d = a;
            long stop = Math.Min(n, i + Stretch);
            for (; i + 4 * w <= stop; i += 4 * w)
            {
                L p = L.Load(x + i * e) - m, q = L.Load(x + (i + w) * e) - m, r = L.Load(x + (i + 2 * w) * e) - m, s = L.Load(x + (i + 3 * w) * e) - m;
                (a, b, c, d) = (L.Fma(p, p, a), L.Fma(q, q, b), L.Fma(r, r, c), L.Fma(s, s, d));
            }
            for (; i + w <= stop; i += w)
            {
                L p = L.Load(x + i * e) - m;
                a = L.Fma(p, p, a);
            }
            total += Tail<L>.Sum(a + b + (c + d));
        }
        for (; i < n; i++) total += (Tail<L>.Get(x, i) - mean) * (Tail<L>.Get(x, i) - mean);
        return total;
    }

    /// <summary>Σ a², Σ a b and Σ b²</summary>
    [MethodImpl(Hot)]
    public static (double AA, double AB, double BB) Squares(byte* a, byte* b, long n)
    {
        int w = L.Count, e = Tail<L>.Size;
        double aa = 0, ab = 0, bb = 0;
        long i = 0;
        while (i + w <= n)
        {
            L p = L.Zero, q = p, r = p, s = p, t = p, u = p;
            long stop = Math.Min(n, i + Stretch);
            for (; i + 2 * w <= stop; i += 2 * w)
            {
                L x = L.Load(a + i * e), y = L.Load(b + i * e), v = L.Load(a + (i + w) * e), z = L.Load(b + (i + w) * e);
                (p, q, r) = (L.Fma(x, x, p), L.Fma(x, y, q), L.Fma(y, y, r));
                (s, t, u) = (L.Fma(v, v, s), L.Fma(v, z, t), L.Fma(z, z, u));
            }
            for (; i + w <= stop; i += w)
            {
                L x = L.Load(a + i * e), y = L.Load(b + i * e);
                (p, q, r) = (L.Fma(x, x, p), L.Fma(x, y, q), L.Fma(y, y, r));
            }
            aa += Tail<L>.Sum(p + s);
            ab += Tail<L>.Sum(q + t);
            bb += Tail<L>.Sum(r + u);
        }
        for (; i < n; i++)
        {
            double x = Tail<L>.Get(a, i), y = Tail<L>.Get(b, i);
            aa += x * x;
            ab += x * y;
            bb += y * y;
        }
        return (aa, ab, bb);
    }

    /// <summary>y = (x − mean) · scale [· weight] [+ shift]; weight and shift hold a number for each element, unless null.</summary>
    [MethodImpl(Hot)]
    public static void Affine(byte* x, long n, double mean, double scale, byte* weight, byte* shift, double constant, byte* y, bool streams = false)
    {
        int w = L.Count, e = Tail<L>.Size;
        L m = L.Const(mean), s = L.Const(scale), c = L.Const(constant);
        long i = 0;
        streams = streams && Streaming.Fits<L>(y);
        if (weight != null && shift != null)
            for (; i + w <= n; i += w) Streaming.Store(L.Fma((L.Load(x + i * e) - m) * s, L.Load(weight + i * e), L.Load(shift + i * e)), y + i * e, streams);
        else if (weight == null && shift == null)
            for (; i + w <= n; i += w) Streaming.Store(L.Fma(L.Load(x + i * e) - m, s, c), y + i * e, streams);
        for (; i + w <= n; i += w)
            Streaming.Store(L.Fma((L.Load(x + i * e) - m) * s, weight == null ? L.One : L.Load(weight + i * e), shift == null ? c : L.Load(shift + i * e)), y + i * e, streams);
        int rest = (int)(n - i);
        if (rest > 0)
            Tail<L>.Store(L.Fma((Tail<L>.Load(x + i * e, rest, m) - m) * s, weight == null ? L.One : Tail<L>.Load(weight + i * e, rest, m),
                shift == null ? c : Tail<L>.Load(shift + i * e, rest, m)), y + i * e, rest);
    }

    /// <summary>Σ g [w] and Σ g [w] (x − mean)</summary>
    [MethodImpl(Hot)]
    public static (double G, double GX) Products(byte* g, byte* weight, byte* x, long n, double mean)
    {
        int w = L.Count, e = Tail<L>.Size;
        L m = L.Const(mean);
        double sum = 0, product = 0;
        long i = 0;
        while (i + w <= n)
        {
            L a = L.Zero, b = a, c = a, d = a;
            long stop = Math.Min(n, i + Stretch);
            for (; i + 2 * w <= stop; i += 2 * w)
            {
                L u = L.Load(g + i * e), v = L.Load(g + (i + w) * e);
                if (weight != null)
                {
                    u *= L.Load(weight + i * e);
                    v *= L.Load(weight + (i + w) * e);
                }
                a += u;
                c += v;
                b = L.Fma(u, L.Load(x + i * e) - m, b);
                d = L.Fma(v, L.Load(x + (i + w) * e) - m, d);
            }
            for (; i + w <= stop; i += w)
            {
                L u = L.Load(g + i * e);
                if (weight != null) u *= L.Load(weight + i * e);
                a += u;
                b = L.Fma(u, L.Load(x + i * e) - m, b);
            }
            sum += Tail<L>.Sum(a + c);
            product += Tail<L>.Sum(b + d);
        }
        for (; i < n; i++)
        {
            double u = Tail<L>.Get(g, i) * (weight == null ? 1 : Tail<L>.Get(weight, i));
            sum += u;
            product += u * (Tail<L>.Get(x, i) - mean);
        }
        return (sum, product);
    }

    /// <summary>y = g [w] · a + (x − mean) · b + c</summary>
    [MethodImpl(Hot)]
    public static void Combine(byte* g, byte* weight, byte* x, long n, double mean, double a, double b, double c, byte* y, bool streams = false)
    {
        int w = L.Count, e = Tail<L>.Size;
        L m = L.Const(mean), ka = L.Const(a), kb = L.Const(b), kc = L.Const(c);
        long i = 0;
        streams = streams && Streaming.Fits<L>(y);
        for (; i + w <= n; i += w)
        {
            L u = L.Load(g + i * e);
            if (weight != null) u *= L.Load(weight + i * e);
            Streaming.Store(L.Fma(u, ka, L.Fma(L.Load(x + i * e) - m, kb, kc)), y + i * e, streams);
        }
        int rest = (int)(n - i);
        if (rest > 0)
        {
            L u = Tail<L>.Load(g + i * e, rest, L.Zero);
            if (weight != null) u *= Tail<L>.Load(weight + i * e, rest, L.Zero);
            Tail<L>.Store(L.Fma(u, ka, L.Fma(Tail<L>.Load(x + i * e, rest, m) - m, kb, kc)), y + i * e, rest);
        }
    }

    /// <summary><see cref="Combine"/>, and gx += g · (x − mean) · scale, gs += g: element by element.</summary>
    [MethodImpl(Hot)]
    public static void CombineInto(byte* g, byte* weight, byte* x, long n, double mean, double a, double b, double c, byte* y, double scale, byte* gx, byte* gs, bool streams)
    {
        int w = L.Count, e = Tail<L>.Size;
        L m = L.Const(mean), ka = L.Const(a), kb = L.Const(b), kc = L.Const(c), s = L.Const(scale);
        long i = 0;
        streams = streams && Streaming.Fits<L>(y);
        for (; i + w <= n; i += w)
        {
            L u = L.Load(g + i * e), d = L.Load(x + i * e) - m;
            L.Store(L.Fma(u, d * s, L.Load(gx + i * e)), gx + i * e);
            L.Store(L.Load(gs + i * e) + u, gs + i * e);
            if (weight != null) u *= L.Load(weight + i * e);
            Streaming.Store(L.Fma(u, ka, L.Fma(d, kb, kc)), y + i * e, streams);
        }
        if (i == n) return;
        Combine(g + i * e, weight == null ? null : weight + i * e, x + i * e, n - i, mean, a, b, c, y + i * e);
        for (; i < n; i++)
        {
            double u = Tail<L>.Get(g, i);
            Tail<L>.Set(gx, i, Tail<L>.Get(gx, i) + u * (Tail<L>.Get(x, i) - mean) * scale);
            Tail<L>.Set(gs, i, Tail<L>.Get(gs, i) + u);
        }
    }

    /// <summary>y += x · scale</summary>
    public static void Add(byte* x, long n, double scale, byte* y)
    {
        int w = L.Count, e = Tail<L>.Size;
        L s = L.Const(scale);
        long i = 0;
        for (; i + w <= n; i += w) L.Store(L.Fma(L.Load(x + i * e), s, L.Load(y + i * e)), y + i * e);
        for (; i < n; i++) Tail<L>.Set(y, i, Tail<L>.Get(y, i) + Tail<L>.Get(x, i) * scale);
    }

    /// <summary>y = x (y − mean) · scale</summary>
    public static void Centered(byte* x, byte* y, long n, double mean, double scale)
    {
        int w = L.Count, e = Tail<L>.Size;
        L m = L.Const(mean), s = L.Const(scale);
        long i = 0;
        for (; i + w <= n; i += w) L.Store(L.Load(x + i * e) * (L.Load(y + i * e) - m) * s, y + i * e);
        for (; i < n; i++) Tail<L>.Set(y, i, Tail<L>.Get(x, i) * (Tail<L>.Get(y, i) - mean) * scale);
    }
}
