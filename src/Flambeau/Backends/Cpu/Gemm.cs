using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flambeau.Backends.Cpu;

/// <summary>C(m×n) = A(m×k)·B(k×n) [+ C] [+ bias(n) in every row]; rs and cs are the distances between rows and between columns.</summary>
internal unsafe struct Product<E> where E : unmanaged
{
    public long M, N, K;
    public E* A;
    public long RsA, CsA;
    public E* B;
    public long RsB, CsB;
    public E* C;
    public long RsC, CsC;
    public bool Accumulate;
    public E* Bias;

    /// <summary>Cᵀ = Bᵀ·Aᵀ; of a product without bias.</summary>
    public readonly Product<E> Transposed => new()
    {
        M = N, N = M, K = K,
        A = B, RsA = CsB, CsA = RsB,
        B = A, RsB = CsA, CsB = RsA,
        C = C, RsC = CsC, CsC = RsC,
        Accumulate = Accumulate,
    };
}

/// <summary>
/// Matrix products of floats and doubles. An element's bits depend on the shape and the strides, not on the number of threads:
/// threads share out elements of C, never the sum over k.
/// </summary>
internal static unsafe class Gemm
{
    const long Tiny = 200;                            // multiply-adds below which plain loops are fastest

    /// <summary>C(m×n) = A(m×k)·B(k×n) [+ C if <paramref name="accumulate"/>] [+ bias in every row, unless null]. C overlaps no input.</summary>
    public static void Run<E>(long m, long n, long k,
        E* a, long rsA, long csA, E* b, long rsB, long csB, E* c, long rsC, long csC, bool accumulate, E* bias) where E : unmanaged
    {
        var p = new Product<E>
        {
            M = m, N = n, K = k, A = a, RsA = rsA, CsA = csA, B = b, RsB = rsB, CsB = csB, C = c, RsC = rsC, CsC = csC,
            Accumulate = accumulate, Bias = bias,
        };
        long zero = 0;
        Run(in p, &zero, &zero, &zero, 1);
    }

    /// <summary><paramref name="batch"/> products of one shape at the given offsets (in elements) from a, b and c. The results do not overlap.</summary>
    public static void Batched<E>(long batch, long* offA, long* offB, long* offC, long m, long n, long k,
        E* a, long rsA, long csA, E* b, long rsB, long csB, E* c, long rsC, long csC, bool accumulate, E* bias) where E : unmanaged
    {
        var body = new BatchBody<E>
        {
            Product = new()
            {
                M = m, N = n, K = k, A = a, RsA = rsA, CsA = csA, B = b, RsB = rsB, CsB = csB, C = c, RsC = rsC, CsC = csC,
                Accumulate = accumulate, Bias = bias,
            },
            OffA = offA, OffB = offB, OffC = offC,
        };
        double work = Math.Max(1.0, (double)m * n * k);
        bool fewAndLarge = batch < 4L * Threads.Count && work > 8.0 * Threads.Count * Blocked.WorkPerClaim;
        if (fewAndLarge) body.Run(0, batch);          // one after the other, each on all threads
        else Threads.For(batch, (long)(Blocked.WorkPerClaim / work), body);
    }

    struct BatchBody<E> : IRangeBody where E : unmanaged
    {
        public Product<E> Product;
        public long* OffA, OffB, OffC;

        public readonly void Run(long begin, long end) => Gemm.Run(in Product, OffA + begin, OffB + begin, OffC + begin, end - begin);
    }

    static void Run<E>(in Product<E> p, long* offA, long* offB, long* offC, long count) where E : unmanaged
    {
        if (typeof(E) == typeof(float)) OnLanes(in Unsafe.As<Product<E>, Product<float>>(ref Unsafe.AsRef(in p)), offA, offB, offC, count);
        else if (typeof(E) == typeof(double)) OnLanes(in Unsafe.As<Product<E>, Product<double>>(ref Unsafe.AsRef(in p)), offA, offB, offC, count);
        else throw new NotSupportedException($"Gemm: no kernel for {typeof(E).Name}.");
    }

    static void OnLanes<E>(in Product<E> p, long* offA, long* offB, long* offC, long count) where E : unmanaged, INumberBase<E>
    {
        if (p.M <= 0 || p.N <= 0) return;
        if (Vector512.IsHardwareAccelerated) Each<E, V512<E>>(in p, offA, offB, offC, count);
        else if (Vector256.IsHardwareAccelerated) Each<E, V256<E>>(in p, offA, offB, offC, count);
        else Each<E, V128<E>>(in p, offA, offB, offC, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Each<E, T>(in Product<E> p, long* offA, long* offB, long* offC, long count) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        if (Small.Fits<E, T>(in p))
        {
            for (long i = 0; i < count; i++) Small.Run(in p, p.A + offA[i], p.B + offB[i], p.C + offC[i]);
            return;
        }
        for (long i = 0; i < count; i++)
        {
            var one = p;
            one.A += offA[i];
            one.B += offB[i];
            one.C += offC[i];
            Choose<E, T>(ref one);
        }
    }

    // The choice depends on shape and strides alone.
    static void Choose<E, T>(ref Product<E> p) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>
    {
        if (p.M == 1) p.RsA = p.RsC = 0;              // distances that are never walked say nothing
        if (p.N == 1) p.CsB = p.CsC = 1;
        if (p.K == 1) p.CsA = p.RsB = 1;
        if (p.K <= 0 || (double)p.M * p.N * p.K <= Tiny) { Plain(in p); return; }
        if (p.N == 1 || (p.RsC == 1 && p.CsC != 1))
        {
            Prepare(ref p);
            p = p.Transposed;
        }
        bool onRows = p.CsB == 1 && p.CsC == 1;
        if (Skinny.TakesColumns<E, T>(in p)) Skinny.Columns<E, T>(ref p);
        else if (onRows && (p.M == 1 || (p.M <= Skinny.MaxRowsOnRows && p.N * p.K * sizeof(E) > Skinny.LargeBytes))) Skinny.Rows<E, T>(ref p);
        else if (Small.Fits<E, T>(in p)) Small.Run(in p, p.A, p.B, p.C);
        else Blocked.Run<E, T>(in p);
    }

    /// <summary>Brings bias into C, so that the product need only be added.</summary>
    public static void Prepare<E>(ref Product<E> p) where E : unmanaged, INumberBase<E>
    {
        if (p.Bias == null) return;
        for (long i = 0; i < p.M; i++)
            for (long j = 0; j < p.N; j++)
            {
                E* c = p.C + i * p.RsC + j * p.CsC;
                *c = p.Accumulate ? *c + p.Bias[j] : p.Bias[j];
            }
        p.Bias = null;
        p.Accumulate = true;
    }

    static void Plain<E>(in Product<E> p) where E : unmanaged, INumberBase<E>
    {
        long k = p.K;
        for (long i = 0; i < p.M; i++)
            for (long j = 0; j < p.N; j++)
            {
                E* a = p.A + i * p.RsA, b = p.B + j * p.CsB, c = p.C + i * p.RsC + j * p.CsC;
                E s = E.Zero;
                for (long q = 0; q < k; q++, a += p.CsA, b += p.RsB) s = E.MultiplyAddEstimate(*a, *b, s);
                if (p.Accumulate) s += *c;
                if (p.Bias != null) s += p.Bias[j];
                *c = s;
            }
    }
}
