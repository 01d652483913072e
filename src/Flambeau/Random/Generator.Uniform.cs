using System.Numerics;

namespace Flambeau;

public sealed unsafe partial class Generator
{
    // Fills draw by so many words at a time, which the first cache holds.
    const int Chunk = 1024;

    /// <summary>
    /// Fills with numbers uniform in [<paramref name="from"/>, <paramref name="to"/>): one draw each, of which the lower bits, as
    /// many as the type's mantissa has, are the fraction.
    /// </summary>
    /// <typeparam name="TPrecision">The type of the numbers, which are held as floats.</typeparam>
    internal void Uniform<TPrecision>(float* destination, long count, double from, double to) where TPrecision : struct, IPrecision
    {
        float low = TPrecision.Round((float)from), span = TPrecision.Round(TPrecision.Round((float)to) - low);
        int mask = (1 << TPrecision.Bits) - 1;
        float unit = 1f / (1 << TPrecision.Bits);
        uint* words = stackalloc uint[Chunk];
        lock (_gate)
        {
            for (int n; count > 0; count -= n, destination += n)
            {
                n = (int)Math.Min(Chunk, count);
                _engine.Draw(words, n);
                int i = 0;
                for (; i + Vector<float>.Count <= n; i += Vector<float>.Count)
                {
                    Vector<float> x = Vector.ConvertToSingle(Vector.Load((int*)words + i) & new Vector<int>(mask)) * unit;
                    Vector.FusedMultiplyAdd(x, new Vector<float>(span), new Vector<float>(low)).Store(destination + i);
                }
                for (; i < n; i++) destination[i] = float.FusedMultiplyAdd((words[i] & (uint)mask) * unit, span, low);
                for (i = 0; i < n; i++) destination[i] = TPrecision.Round(destination[i]);
            }
        }
    }

    /// <summary>The same in doubles: two draws each, of whose 64 bits the lower 53 are the fraction.</summary>
    internal void Uniform(double* destination, long count, double from, double to)
    {
        double span = to - from;
        lock (_gate)
        {
            for (int n; count > 0; count -= n, destination += n)
            {
                n = (int)Math.Min(Chunk / 2, count);
                DrawUnit(destination, n);
                if (from == 0 && span == 1) continue;
                int i = 0;
                for (; i + Vector<double>.Count <= n; i += Vector<double>.Count)
                    Vector.FusedMultiplyAdd(Vector.Load(destination + i), new Vector<double>(span), new Vector<double>(from))
                        .Store(destination + i);
                for (; i < n; i++) destination[i] = double.FusedMultiplyAdd(destination[i], span, from);
            }
        }
    }

    double DrawUnit() => (_engine.Draw64() & (1L << 53) - 1) * (1.0 / (1L << 53));

    /// <summary>Up to <see cref="Chunk"/>/2 multiples of 2⁻⁵³ in [0, 1).</summary>
    void DrawUnit(double* destination, int count)
    {
        uint* words = stackalloc uint[Chunk];
        _engine.Draw(words, 2 * count);
        int i = 0;
        for (; i + Vector<ulong>.Count <= count; i += Vector<ulong>.Count)
        {
            // The upper half was drawn first, so it lies below the lower. Either half becomes a double by the exponent that is
            // or'ed to it: 2⁵² + lower and 2⁸⁴ + 2³² · upper.
            Vector<ulong> pair = Vector.Load((ulong*)words + i);
            Vector<ulong> upper = (pair & new Vector<ulong>((1UL << 21) - 1)) | new Vector<ulong>(0x4530000000000000);
            Vector<ulong> lower = (pair >>> 32) | new Vector<ulong>(0x4330000000000000);
            Vector<double> x = Vector.AsVectorDouble(upper) - new Vector<double>(19342813113834066795298816.0 + 4503599627370496.0);
            x += Vector.AsVectorDouble(lower);
            (x * new Vector<double>(1.0 / (1L << 53))).Store(destination + i);
        }
        for (; i < count; i++)
            destination[i] = (((ulong)words[2 * i] << 32 | words[2 * i + 1]) & (1L << 53) - 1) * (1.0 / (1L << 53));
    }
}
