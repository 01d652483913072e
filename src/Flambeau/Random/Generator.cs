using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Flambeau;

/// <summary>
/// A source of random numbers with PyTorch's streams: after the same seed, the same calls give the numbers that PyTorch's CPU
/// generator gives: bit for bit where no logarithm, sine or cosine is involved, else to the accuracy of the type.
/// </summary>
/// <remarks>
/// <para>The engine is the Mersenne Twister mt19937. Which distribution takes which bits is stated with each.</para>
/// <para>A generator may be used from several threads; a tensor is filled by one thread at a time and without interruption.</para>
/// <para>As <see href="https://pytorch.org/docs/stable/generated/torch.Generator.html">torch.Generator</see>.</para>
/// </remarks>
[SkipLocalsInit]
public sealed partial class Generator
{
    /// <summary>The seed of a generator that was given none, as in PyTorch.</summary>
    public const long DefaultSeed = 67280421310721;

    readonly Lock _gate = new();
    MersenneTwister _engine;

    // Box and Muller's transformation makes normal numbers by two: the second of a pair waits here. The float is PyTorch's for
    // a distribution that no CPU kernel uses; it is kept for the sake of saved states.
    double? _nextNormal;
    float? _nextFloatNormal;

    /// <summary>A generator that starts from <paramref name="seed"/>, of which the lower 32 bits matter.</summary>
    public Generator(long seed = DefaultSeed) => _engine = new MersenneTwister(unchecked((ulong)seed));

    /// <summary>What is used where no generator is given. It starts from a seed of the operating system's.</summary>
    public static Generator Default { get; } = new(NondeterministicSeed());

    /// <summary>Seeds <see cref="Default"/>, as <c>torch.manual_seed</c> does, and returns it.</summary>
    public static Generator ManualSeed(long seed) => Default.Seed(seed);

    /// <summary>The seed that the stream started from, as <c>initial_seed</c> gives it.</summary>
    public long InitialSeed
    {
        get { lock (_gate) return unchecked((long)_engine.Seed); }
    }

    /// <summary>Starts the stream of <paramref name="seed"/>, as <c>Generator.manual_seed</c> does, and returns this generator.</summary>
    public Generator Seed(long seed)
    {
        lock (_gate)
        {
            _engine = new MersenneTwister(unchecked((ulong)seed));
            (_nextNormal, _nextFloatNormal) = (null, null);
        }
        return this;
    }

    /// <summary>Seeds from the operating system's randomness and returns the seed, as <c>Generator.seed</c> does.</summary>
    public long Seed()
    {
        long seed = NondeterministicSeed();
        Seed(seed);
        return seed;
    }

    /// <summary>Another generator in the same state.</summary>
    public Generator Clone()
    {
        var clone = new Generator();
        clone.SetState(GetState());
        return clone;
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt32()
    {
        lock (_gate) return _engine.Draw();
    }

    /// <summary>The next 64 random bits: two draws, the upper half first.</summary>
    public ulong NextUInt64()
    {
        lock (_gate) return _engine.Draw64();
    }

    /// <summary>The next number in [0, 1), a multiple of 2⁻⁵³: the lower bits of <see cref="NextUInt64"/>.</summary>
    public double NextDouble()
    {
        lock (_gate) return DrawUnit();
    }

    /// <summary>Keeps other threads out while several fills belong together; those inside may be called.</summary>
    internal Lock.Scope Hold() => _gate.EnterScope();

    static long NondeterministicSeed() => BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) & ((1L << 53) - 1);

    // The layout of PyTorch's state of a CPU generator, little-endian, every word of the engine in 64 bits:
    // seed 0, left 8, seeded 12, next 16, words 24, (unused 5016), normal 5024, (unused 5032), has normal 5040,
    // float normal 5048, has float normal 5052.
    const int StateSize = 5056, WordsOffset = 24, NormalOffset = 5024, HasNormalOffset = 5040;
    const int FloatNormalOffset = 5048, HasFloatNormalOffset = 5052;

    /// <summary>The state of the stream: the 5,056 bytes that PyTorch's <c>get_rng_state</c> gives.</summary>
    public byte[] GetState()
    {
        var state = new byte[StateSize];
        Span<byte> s = state;
        lock (_gate)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(s, _engine.Seed);
            BinaryPrimitives.WriteInt32LittleEndian(s[8..], _engine.Left);
            BinaryPrimitives.WriteInt32LittleEndian(s[12..], 1);
            BinaryPrimitives.WriteInt64LittleEndian(s[16..], _engine.Next);
            for (int i = 0; i < MersenneTwister.Words; i++)
                BinaryPrimitives.WriteUInt64LittleEndian(s[(WordsOffset + 8 * i)..], _engine.State[i]);
            BinaryPrimitives.WriteDoubleLittleEndian(s[NormalOffset..], _nextNormal ?? 0);
            BinaryPrimitives.WriteInt32LittleEndian(s[HasNormalOffset..], _nextNormal.HasValue ? 1 : 0);
            BinaryPrimitives.WriteSingleLittleEndian(s[FloatNormalOffset..], _nextFloatNormal ?? 0);
            s[HasFloatNormalOffset] = _nextFloatNormal.HasValue ? (byte)1 : (byte)0;
        }
        return state;
    }

    /// <summary>Continues the stream from a state that <see cref="GetState"/> or PyTorch's <c>get_rng_state</c> gave.</summary>
    /// <exception cref="ArgumentException">These are not the 5,056 bytes of a state.</exception>
    public void SetState(ReadOnlySpan<byte> state)
    {
        if (state.Length != StateSize)
            throw new ArgumentException($"SetState: the state of a generator has {StateSize} bytes, not {state.Length}.", nameof(state));
        int left = BinaryPrimitives.ReadInt32LittleEndian(state[8..]);
        long next = BinaryPrimitives.ReadInt64LittleEndian(state[16..]);
        bool isFresh = left == 1 && next == 0;
        if (BinaryPrimitives.ReadInt32LittleEndian(state[12..]) == 0 || left < 1 || !isFresh && left + next != MersenneTwister.Words + 1)
            throw new ArgumentException("SetState: these bytes are not the state of a CPU generator.", nameof(state));

        Span<uint> words = stackalloc uint[MersenneTwister.Words];
        for (int i = 0; i < words.Length; i++) words[i] = (uint)BinaryPrimitives.ReadUInt64LittleEndian(state[(WordsOffset + 8 * i)..]);
        lock (_gate)
        {
            _engine = new MersenneTwister(BinaryPrimitives.ReadUInt64LittleEndian(state), left, (int)next, words);
            bool hasNormal = BinaryPrimitives.ReadInt32LittleEndian(state[HasNormalOffset..]) != 0;
            _nextNormal = hasNormal ? BinaryPrimitives.ReadDoubleLittleEndian(state[NormalOffset..]) : null;
            bool hasFloatNormal = state[HasFloatNormalOffset] != 0;
            _nextFloatNormal = hasFloatNormal ? BinaryPrimitives.ReadSingleLittleEndian(state[FloatNormalOffset..]) : null;
        }
    }
}
