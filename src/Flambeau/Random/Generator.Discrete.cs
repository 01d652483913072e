using System.Numerics;

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
    /// For each row of weights, draws <paramref name="samples"/> categories with replacement: by bisection of their running sums,
    /// kept in the type of the weights (float for float32, float16 and bfloat16), with a uniform double each.
    /// </summary>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or a row has none above 0.</exception>
    internal void Multinomial<T>(T* weights, long rows, long categories, long* destination, long samples)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var sums = new T[categories];
        double u;
        lock (_gate)
            for (long row = 0; row < rows; row++, weights += categories)
            {
                T sum = T.Zero;
                for (long i = 0; i < categories; i++) sums[i] = sum += CheckedWeight(weights[i]);
                RequirePositive(sum);
                for (long i = 0; i < categories; i++) sums[i] /= sum;
                sums[categories - 1] = T.One;
                for (long k = 0; k < samples; k++)
                {
                    u = DrawUnit();
                    long left = 0;
                    for (long rest = categories; rest > 1; rest -= rest / 2)    // without a branch, which would go wrong every other time
                    {
                        long half = rest / 2;
                        left += double.CreateTruncating(sums[left + half - 1]) < u ? half : 0;
                    }
                    *destination++ = left;
                }
            }
    }

    static T CheckedWeight<T>(T weight) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        weight >= T.Zero && T.IsFinite(weight) ? weight
        : throw new ArgumentException($"Multinomial: the probability {weight} is negative, infinite or NaN.");

    static void RequirePositive<T>(T sum) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!(sum > T.Zero)) throw new ArgumentException("Multinomial: the probabilities of a row are all 0.");
    }
}
