using System.Numerics;

namespace Flambeau;

public sealed unsafe partial class Generator
{
    /// <summary>
    /// Fills with whole numbers <paramref name="from"/> + bits mod <paramref name="range"/>, the bits being one draw, or two where
    /// the range is at least 2³² and <paramref name="isWide"/>: the dtype is int64, float64, float32 or bfloat16. A range of 0
    /// stands for 2⁶⁴. PyTorch's <c>random_()</c> without bounds is this from 0 with the range 2 for bool, the largest number + 1
    /// for integers, and 2 to the number of mantissa bits, + 1, for floating-point types.
    /// </summary>
    internal void RandomFromTo<T>(T* destination, long count, long from, ulong range, bool isWide) where T : unmanaged, INumberBase<T>
    {
        uint* words = stackalloc uint[Chunk];
        bool isPair = isWide && (range == 0 || range >= 1UL << 32);
        lock (_gate)
        {
            for (int n; count > 0; count -= n, destination += n)
            {
                n = (int)Math.Min(isPair ? Chunk / 2 : Chunk, count);
                _engine.Draw(words, isPair ? 2 * n : n);
                if (isPair)
                    for (int i = 0; i < n; i++)
                    {
                        ulong bits = (ulong)words[2 * i] << 32 | words[2 * i + 1];
                        destination[i] = T.CreateTruncating((long)(range == 0 ? bits : bits % range) + from);
                    }
                else if (range <= uint.MaxValue)
                {
                    uint r = (uint)range;
                    for (int i = 0; i < n; i++) destination[i] = T.CreateTruncating(words[i] % r + from);
                }
                else
                    for (int i = 0; i < n; i++) destination[i] = T.CreateTruncating(words[i] + from);
            }
        }
    }

    /// <summary>
    /// The range of <see cref="RandomFromTo"/> that a type of so many mantissa bits can hold without rounding out of it: the ends
    /// move inward to numbers of the type, as PyTorch's <c>random_</c> moves them.
    /// </summary>
    internal static (long From, long To) ClampToPrecision(long from, long to, int bits)
    {
        long Round(long value) => (long)Math.ScaleB(Math.Round(Math.ScaleB(value, -Shift(value)), MidpointRounding.ToEven), Shift(value));
        int Shift(long value) => Math.Max(0, BitOperations.Log2((ulong)Math.Abs(value)) - bits + 1);
        if (Round(from + 1) < from) from = Round(from + 1) + (1L << Shift(from + 1));
        if (Round(to - 1) >= to) to = Round(to - 1) - (1L << Shift(to - 1));
        return (from, to);
    }

    /// <summary>
    /// A permutation of 0 … <paramref name="count"/> − 1 by R. Durstenfeld's exchanges (1964), one draw each. From 2³²/20 numbers on,
    /// where the remainder of 32 bits would show a bias: from the inside out, two draws each.
    /// </summary>
    internal void RandPerm<T>(T* destination, long count) where T : unmanaged, INumberBase<T>
    {
        lock (_gate)
        {
            if (count >= uint.MaxValue / 20)
            {
                for (long i = 0; i < count; i++)
                {
                    long k = (long)(_engine.Draw64() % (ulong)(i + 1));
                    destination[i] = destination[k];
                    destination[k] = T.CreateTruncating(i);
                }
                return;
            }
            for (long i = 0; i < count; i++) destination[i] = T.CreateTruncating(i);
            for (long i = 0; i < count - 1; i++)
            {
                long k = i + _engine.Draw() % (uint)(count - i);
                (destination[i], destination[k]) = (destination[k], destination[i]);
            }
        }
    }
}
