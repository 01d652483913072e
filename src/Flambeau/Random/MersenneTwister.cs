using System.Numerics;

namespace Flambeau;

/// <summary>
/// mt19937: M. Matsumoto and T. Nishimura, «Mersenne Twister: a 623-dimensionally equidistributed uniform pseudorandom number
/// generator» (1998), seeded by their recurrence of 2002. Not safe for threads.
/// </summary>
internal sealed unsafe class MersenneTwister
{
    /// <summary>The words of the state, of which each block of outputs uses all.</summary>
    public const int Words = 624;

    const int Middle = 397;
    const uint UpperMask = 0x80000000, LowerMask = 0x7fffffff, Matrix = 0x9908b0df;

    readonly uint[] _state = new uint[Words];

    public MersenneTwister(ulong seed)
    {
        Seed = seed;
        _state[0] = (uint)seed;
        for (int i = 1; i < Words; i++) _state[i] = 1812433253u * (_state[i - 1] ^ (_state[i - 1] >> 30)) + (uint)i;
        Left = 1;
    }

    /// <summary>A state that was saved.</summary>
    public MersenneTwister(ulong seed, int left, int next, ReadOnlySpan<uint> state)
    {
        (Seed, Left, Next) = (seed, left, next);
        state.CopyTo(_state);
    }

    /// <summary>What it was seeded with; only the lower 32 bits matter.</summary>
    public ulong Seed { get; }

    /// <summary>One more than the words of the block that are not used yet.</summary>
    public int Left { get; private set; }

    /// <summary>The index of the next word of the block.</summary>
    public int Next { get; private set; }

    public ReadOnlySpan<uint> State => _state;

    /// <summary>32 random bits.</summary>
    public uint Draw()
    {
        if (Left == 1) Advance();
        Left--;
        return Temper(_state[Next++]);
    }

    /// <summary>64 random bits, the upper half drawn first.</summary>
    public ulong Draw64()
    {
        ulong upper = Draw();
        return upper << 32 | Draw();
    }

    /// <summary>Draws <paramref name="count"/> times.</summary>
    public void Draw(uint* destination, int count)
    {
        while (count > 0)
        {
            if (Left == 1) Advance();
            int n = Math.Min(count, Left - 1);
            fixed (uint* block = _state) Temper(block + Next, destination, n);
            Left -= n;
            Next += n;
            destination += n;
            count -= n;
        }
    }

    static uint Temper(uint y)
    {
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c5680;
        y ^= y << 15 & 0xefc60000;
        return y ^ y >> 18;
    }

    static void Temper(uint* source, uint* destination, int count)
    {
        int i = 0;
        for (; i + Vector<uint>.Count <= count; i += Vector<uint>.Count)
        {
            Vector<uint> y = Vector.Load(source + i);
            y ^= y >>> 11;
            y ^= (y << 7) & new Vector<uint>(0x9d2c5680);
            y ^= (y << 15) & new Vector<uint>(0xefc60000);
            (y ^ (y >>> 18)).Store(destination + i);
        }
        for (; i < count; i++) destination[i] = Temper(source[i]);
    }

    void Advance()
    {
        fixed (uint* s = _state)
        {
            // In place: a vector reads words at most one past those that it replaces, and replaced ones only 227 before.
            Advance(s, 0, Words - Middle, Middle);
            Advance(s, Words - Middle, Words - 1, Middle - Words);
            s[Words - 1] = s[Middle - 1] ^ Twist(s[Words - 1], s[0]);
        }
        Left = Words + 1;
        Next = 0;
    }

    static void Advance(uint* s, int begin, int end, int distance)
    {
        int i = begin;
        for (; i + Vector<uint>.Count <= end; i += Vector<uint>.Count)
        {
            Vector<uint> v = Vector.Load(s + i + 1);
            Vector<uint> mixed = (Vector.Load(s + i) & new Vector<uint>(UpperMask)) | (v & new Vector<uint>(LowerMask));
            Vector<uint> odd = Vector<uint>.Zero - (v & Vector<uint>.One);
            (Vector.Load(s + i + distance) ^ (mixed >>> 1) ^ (odd & new Vector<uint>(Matrix))).Store(s + i);
        }
        for (; i < end; i++) s[i] = s[i + distance] ^ Twist(s[i], s[i + 1]);
    }

    static uint Twist(uint u, uint v) => ((u & UpperMask | v & LowerMask) >> 1) ^ ((v & 1) != 0 ? Matrix : 0);
}
