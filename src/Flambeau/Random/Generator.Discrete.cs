using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau;

public sealed unsafe partial class Generator
{
    /// <summary>Fills with 1 where a uniform double is below <paramref name="probability"/>, else 0.</summary>
    internal void Bernoulli<T>(T* destination, long count, double probability) where T : unmanaged, INumberBase<T>
    {
        double* u = stackalloc double[Chunk / 2];
        T* outcomes = stackalloc T[] { T.Zero, T.One };
        lock (_gate)
            for (int n; count > 0; count -= n, destination += n)
            {
                n = (int)Math.Min(Chunk / 2, count);
                DrawUnit(u, n);
                for (int i = 0; i < n; i++) destination[i] = outcomes[IsBelow(u[i], probability)];
            }
    }

    /// <summary>Fills with 1 where a uniform double is below the probability at the same place, else 0.</summary>
    internal void Bernoulli<T>(T* destination, long count, double* probabilities) where T : unmanaged, INumberBase<T>
    {
        double* u = stackalloc double[Chunk / 2];
        T* outcomes = stackalloc T[] { T.Zero, T.One };
        lock (_gate)
            for (int n; count > 0; count -= n, destination += n, probabilities += n)
            {
                n = (int)Math.Min(Chunk / 2, count);
                DrawUnit(u, n);
                for (int i = 0; i < n; i++) destination[i] = outcomes[IsBelow(u[i], probabilities[i])];
            }
    }

    /// <summary>The same by uniform floats; for the probabilities of every type but float64.</summary>
    internal void Bernoulli<T>(T* destination, long count, float* probabilities) where T : unmanaged, INumberBase<T>
    {
        float* u = stackalloc float[Chunk];
        T* outcomes = stackalloc T[] { T.Zero, T.One };
        lock (_gate)
            for (int n; count > 0; count -= n, destination += n, probabilities += n)
            {
                n = (int)Math.Min(Chunk, count);
                Uniform<AsSingle>(u, n, 0, 1);
                for (int i = 0; i < n; i++) destination[i] = outcomes[IsBelow(u[i], probabilities[i])];
            }
    }

    // 1 if u < p, else 0, by the sign of the difference: a branch would go wrong as often as the coin does.
    static int IsBelow(double u, double p) => (int)(BitConverter.DoubleToUInt64Bits(u - p) >> 63);

    static int IsBelow(float u, float p) => (int)(BitConverter.SingleToUInt32Bits(u - p) >> 31);

    /// <summary>
    /// For each row of weights, which are not negative and not all 0, draws <paramref name="samples"/> categories with replacement: by bisection of their running sums,
    /// kept in the type of the weights (float for float32, float16 and bfloat16), with a uniform double each.
    /// </summary>
    internal void Multinomial<T>(T* weights, long rows, long categories, long* destination, long samples)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double* u = stackalloc double[Chunk / 2];
        var all = new T[categories];
        fixed (T* sums = all)
            lock (_gate)
                for (long row = 0; row < rows; row++, weights += categories)
                {
                    RunningShares(weights, categories, sums);
                    for (long k = 0, n; k < samples; k += n, destination += n)
                    {
                        n = Math.Min(Chunk / 2, samples - k);
                        DrawUnit(u, (int)n);
                        if (typeof(T) == typeof(double)) Bisect((long*)sums, categories, u, destination, n);
                        else Bisect((int*)sums, categories, u, destination, n);
                    }
                }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    static void RunningShares<T>(T* weights, long n, T* sums) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        for (long k = 0; k < n; k++) sums[k] = sum += weights[k];
        // Without a sign also ∞/∞, of weights that are finite and their sum is not, is larger than any number.
        long i = 0;
        for (; i + Vector<T>.Count <= n; i += Vector<T>.Count) Vector.Abs(Vector.Load(sums + i) / new Vector<T>(sum)).Store(sums + i);
        for (; i < n; i++) sums[i] = T.Abs(sums[i] / sum);
        sums[n - 1] = T.One;
    }

    /// <summary>
    /// For each u the first of ascending numbers that is not less. Numbers are bits here, which are in the same order from 0 on: the sign of a difference takes the place of a branch,
    /// which would go wrong every other time. Four at a time, as each step of one waits for the last.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    static void Bisect<TBits>(TBits* sums, long n, double* u, long* first, long count) where TBits : unmanaged, IBinaryInteger<TBits>
    {
        long i = 0;
        for (; i + 4 <= count; i += 4)
        {
            TBits a = AtLeast<TBits>(u[i]), b = AtLeast<TBits>(u[i + 1]), c = AtLeast<TBits>(u[i + 2]), d = AtLeast<TBits>(u[i + 3]);
            long p = 0, q = 0, r = 0, s = 0;
            for (long rest = n, half; rest > 1; rest -= half)
            {
                half = rest / 2;
                TBits* middle = sums + half - 1;
                p += half & Below(middle[p], a);
                q += half & Below(middle[q], b);
                r += half & Below(middle[r], c);
                s += half & Below(middle[s], d);
            }
            (first[i], first[i + 1], first[i + 2], first[i + 3]) = (p, q, r, s);
        }
        for (; i < count; i++)
        {
            TBits a = AtLeast<TBits>(u[i]);
            long p = 0;
            for (long rest = n, half; rest > 1; rest -= half)
            {
                half = rest / 2;
                p += half & Below(sums[p + half - 1], a);
            }
            first[i] = p;
        }
    }

    // All bits if x < y, else none; neither is negative.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static long Below<TBits>(TBits x, TBits y) where TBits : unmanaged, IBinaryInteger<TBits> => long.CreateTruncating(x - y >> 8 * sizeof(TBits) - 1);

    /// <summary>The bits of the least double or float that is not below u: the same are less than it as are less than u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TBits AtLeast<TBits>(double u) where TBits : unmanaged, IBinaryInteger<TBits>
    {
        if (typeof(TBits) == typeof(long)) return TBits.CreateTruncating(BitConverter.DoubleToInt64Bits(u));
        float t = (float)u;
        return TBits.CreateTruncating(BitConverter.SingleToInt32Bits(t) + (t < u ? 1 : 0));
    }
}
